"""The translator as an estimator: from pairs of sentences to sentences."""

from time import perf_counter
from typing import Any, Literal, Self

import numpy as np

from ostinato._core.errors import InputError
from ostinato._core.random import derive
from ostinato.tasks.translation import corpus, fitting
from ostinato.tasks.translation.corpus import Pairs, Parallel, Sentences
from ostinato.tasks.translation.interpreter import Interpreter
from ostinato.tasks.translation.network import TranslationNetwork
from ostinato.tasks.translation.presets import preset
from ostinato.text import Tokenizer


class Translator(Interpreter):
    """Learns from pairs of sentences to write the second from the first: translation, or any rewriting of sequences.

    Use it where the answer is a sequence of another length or order than the question. An encoder reads the sentence
    from both ends, a decoder writes token by token and looks back at what was read by attention.

    Args:
        cell: name in `ostinato.cells.CELLS`, of both halves.
        hidden_size: units of an encoder layer and direction.
        num_layers: layers of the encoder.
        bidirectional: whether the encoder reads from the end too.
        decoder_size: H, units of a decoder layer.
        decoder_layers: layers of the decoder.
        embedding_size: features E of a token's vector.
        attention: bahdanau (additive), luong (a product), or none for the encoder's last state alone.
        input_feeding: whether a step reads what attention made of the last one; trains step by step, several times
            slower.
        scheduled_sampling: probability, in the last epoch, of reading a token that the model drew in place of the known
            one; grows from 0 epoch by epoch; trains step by step.
        label_smoothing: share of the target that is spread over all tokens.
        tied: whether the output's weights are the target embedding's.
        embedding_dropout: probability of dropping a token's vector wherever it stands in a batch.
        input_dropout: probability of dropping a feature of a token's vector, at all steps of a sentence alike.
        dropout: the same, behind and between recurrent layers.
        output_dropout: the same, of the vectors that score the tokens.
        bias: one bias vector a gate (single, as Keras) or two (double, as torch).
        init: first weights: orthogonal (Saxe et al. 2014) or torch's.
        forget_bias: first bias of the forget gate, in cells that have one.
        tokenizer: bpe (byte pairs, no unknown words), word, space (text that was tokenized before), char, or a
            Tokenizer (a fitted one is used as it is).
        shared: whether both languages have one vocabulary and one table of vectors.
        lowercase: fold capitals.
        max_vocabulary: tokens of a vocabulary, the most frequent ones; none for all.
        min_frequency: how often a token (of bpe: a pair) has to be seen to be in the vocabulary.
        max_length: tokens of a sentence; longer pairs are not learned from; none for no limit.
        beam: beginnings kept in the search; 1 takes the likeliest token always.
        length_penalty: how far long translations are excused for being less probable; 0 for not at all.
        epochs: passes over the training part at most.
        batch_size: pairs a batch, where `max_tokens` is none.
        max_tokens: target tokens a batch at most; none cuts by pairs.
        optimizer: adam, adamw, sgd or rmsprop.
        lr: learning rate.
        weight_decay: decay of the matrices.
        clip_norm: greatest norm of the gradients; none for no limit.
        schedule: of the learning rate: cosine, linear, step, plateau or one_cycle; none for a constant one.
        warmup: share of the steps over which the learning rate grows from 0.
        precision: of the recurrent products and those with the vocabulary while training; bfloat16 is about twice as
            fast where the processor has it, and everything else stays float32.
        average: of the weights: a decay (0.999), or a number of epochs whose ends are averaged; none for none.
        patience: epochs without a lower held-out loss before training stops; none trains all epochs.
        validation_fraction: share of the pairs that is held out; 0 or none for none.
        random_state: seed of everything drawn; none draws a fresh one, kept as `seed_`.
        device: where to train, as torch names it.
        n_threads: threads to compute with; none leaves torch's setting.
        backend: of `ostinato.kernels.BACKENDS`, to demand one; none takes the best that can run.
        verbose: 1 shows progress.
        log: path of a metrics.jsonl, a line an epoch.
        checkpoint: folder that keeps the state of training after each epoch and on Ctrl-C.
        resume: go on from the checkpoint; with the same pairs and arguments the result is as if never interrupted.

    Attributes:
        source_tokenizer_: of the sentences read.
        target_tokenizer_: of the sentences written; the same object where they share a vocabulary.
        network_: the `TranslationNetwork`.
        history_: the epochs' records; losses are nats a target token.
        metrics_: pairs, tokens, parameters, seconds and the best epoch's numbers.

    Source: Bahdanau et al. 2015; Luong et al. 2015; byte pairs: Sennrich et al. 2016.

    Example:
        >>> sources = ["a b", "b a", "a a b", "b b a", "a", "b"] * 10
        >>> targets = [" ".join(reversed(source.split())) for source in sources]
        >>> model = Translator(tokenizer="space", embedding_size=16, hidden_size=16, decoder_size=16, dropout=0.0,
        ...                    input_dropout=0.0, output_dropout=0.0, label_smoothing=0.0, batch_size=10,
        ...                    max_tokens=None, beam=2, epochs=25, lr=0.02, validation_fraction=None, random_state=0)
        >>> model.fit(sources, targets).translate(["a a b", "b"])
        ['b a a', 'b']
    """

    task = "translate"
    network_: TranslationNetwork

    def __init__(
        self,
        *,
        cell: str = "lstm",
        hidden_size: int = 256,
        num_layers: int = 1,
        bidirectional: bool = True,
        decoder_size: int = 512,
        decoder_layers: int = 1,
        embedding_size: int = 256,
        attention: Literal["bahdanau", "luong"] | None = "luong",
        input_feeding: bool = False,
        scheduled_sampling: float = 0.0,
        label_smoothing: float = 0.1,
        tied: bool = True,
        embedding_dropout: float = 0.0,
        input_dropout: float = 0.3,
        dropout: float = 0.3,
        output_dropout: float = 0.3,
        bias: Literal["double", "single"] = "single",
        init: Literal["orthogonal", "torch"] = "orthogonal",
        forget_bias: float | None = 1.0,
        tokenizer: Literal["bpe", "word", "space", "char"] | Tokenizer = "bpe",
        shared: bool = True,
        lowercase: bool = False,
        max_vocabulary: int | None = 8_000,
        min_frequency: int = 1,
        max_length: int | None = 200,
        beam: int = 5,
        length_penalty: float = 1.0,
        epochs: int = 20,
        batch_size: int = 64,
        max_tokens: int | None = 4_000,
        optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = "adam",
        lr: float = 2e-3,
        weight_decay: float = 0.0,
        clip_norm: float | None = 1.0,
        schedule: Literal["cosine", "linear", "step", "plateau", "one_cycle"] | None = "one_cycle",
        warmup: float = 0.0,
        precision: Literal["float32", "bfloat16"] = "float32",
        average: float | int | None = None,
        patience: int | None = None,
        validation_fraction: float | None = 0.02,
        random_state: int | None = None,
        device: str = "cpu",
        n_threads: int | None = None,
        backend: str | None = None,
        verbose: int = 0,
        log: str | None = None,
        checkpoint: str | None = None,
        resume: bool = False,
    ) -> None:
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.decoder_size = decoder_size
        self.decoder_layers = decoder_layers
        self.embedding_size = embedding_size
        self.attention = attention
        self.input_feeding = input_feeding
        self.scheduled_sampling = scheduled_sampling
        self.label_smoothing = label_smoothing
        self.tied = tied
        self.embedding_dropout = embedding_dropout
        self.input_dropout = input_dropout
        self.dropout = dropout
        self.output_dropout = output_dropout
        self.bias = bias
        self.init = init
        self.forget_bias = forget_bias
        self.tokenizer = tokenizer
        self.shared = shared
        self.lowercase = lowercase
        self.max_vocabulary = max_vocabulary
        self.min_frequency = min_frequency
        self.max_length = max_length
        self.beam = beam
        self.length_penalty = length_penalty
        self.epochs = epochs
        self.batch_size = batch_size
        self.max_tokens = max_tokens
        self.optimizer = optimizer
        self.lr = lr
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.schedule = schedule
        self.warmup = warmup
        self.precision = precision
        self.average = average
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.device = device
        self.n_threads = n_threads
        self.backend = backend
        self.verbose = verbose
        self.log = log
        self.checkpoint = checkpoint
        self.resume = resume

    @classmethod
    def from_preset(cls, name: str, **overrides: Any) -> Self:
        """Make a translator from a row of `translation.presets.PRESETS`.

        Args:
            name: "sentences" or "small".
            **overrides: constructor arguments that differ from the preset.

        Returns:
            The estimator, not fitted.

        Raises:
            InputError: an unknown name.
        """
        return cls(**{**preset(name), **overrides})

    def fit(
        self,
        sources: Sentences | Pairs,
        targets: Sentences | None = None,
        valid: tuple[Sentences, Sentences] | None = None,
    ) -> Self:
        """Learn from sentences and their translations.

        Args:
            sources: B texts, or pairs (source, target).
            targets: B texts; `None` where `sources` are pairs.
            valid: held-out sources and targets, in place of `validation_fraction`.

        Returns:
            The estimator.

        Raises:
            InputError: other numbers of sources than of targets (both are said), an empty sentence, or an argument
                that does not do.
            TrainingError: the loss became NaN.
            KeyboardInterrupt: Ctrl-C; the checkpoint was saved, if there is one.
        """
        began = perf_counter()
        self._beam()
        self.seed_ = fitting.seed_of(self)
        learn, held = self.parts(sources, targets, valid)
        self.source_tokenizer_, self.target_tokenizer_ = corpus.fit_tokenizers(
            self.tokenizer,
            learn,
            shared=self.shared,
            lowercase=self.lowercase,
            max_vocabulary=self.max_vocabulary,
            min_frequency=self.min_frequency,
        )
        read, written = self._encode(learn)
        kept = corpus.within(self.max_length, read, written)
        if not kept:
            raise InputError(
                f"max_length={self.max_length!r}, all {len(read):,} pairs have more tokens; raise it or give others"
            )
        source_vocabulary = None if self.shared else self.source_tokenizer_.size
        self.network_ = fitting.first_network(self, source_vocabulary, self.target_tokenizer_.size)
        trained = self._train(
            [read[i] for i in kept], [written[i] for i in kept], None if held is None else self._encode(held)
        )
        self.metrics_ = {
            "train_pairs": len(kept),
            "too_long_pairs": len(read) - len(kept),
            "valid_pairs": 0 if held is None else len(held.sources),
            "source_vocabulary": self.source_tokenizer_.size,
            "train_seconds": perf_counter() - began,
            **trained,
        }
        return self

    def parts(
        self,
        sources: Sentences | Pairs,
        targets: Sentences | None = None,
        valid: tuple[Sentences, Sentences] | None = None,
    ) -> tuple[Parallel, Parallel | None]:
        """Say what `fit` would learn from and what it would hold out; arguments and errors as of `fit`."""
        pairs = corpus.parallel(sources, targets)
        if valid is not None:
            return pairs, corpus.parallel(valid[0], valid[1], "valid")
        share = fitting.held_share(self.validation_fraction)
        seed = self.seed_ if hasattr(self, "seed_") else fitting.seed_of(self)
        return corpus.split(pairs, share, derive(seed, fitting.HELD))

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        learned, tensors, tokenizer = self._stored()
        source = None if self.shared else self.source_tokenizer_.to_json()
        return {**learned, "source_tokenizer": source}, tensors, tokenizer

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        self._restored(TranslationNetwork, learned, tensors, tokenizer)
        source = learned["source_tokenizer"]
        self.source_tokenizer_ = self.target_tokenizer_ if source is None else Tokenizer.from_json(source)
