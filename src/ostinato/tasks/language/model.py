"""The language model as an estimator: from a text to probabilities of what comes next."""

import os
from time import perf_counter
from typing import Any, Literal, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ostinato._core.errors import InputError
from ostinato.tasks.held_out import share
from ostinato.tasks.language import corpus, fitting
from ostinato.tasks.language.corpus import Text
from ostinato.tasks.language.presets import preset
from ostinato.tasks.language.speaker import Speaker
from ostinato.text import Tokenizer
from ostinato.train import History


class LanguageModel(Speaker):
    """Learns from a text which token comes next: measures texts, writes them, and lends its layers to classifiers.

    Use it on one long text or on many, by words, characters or byte pairs. The recurrent state is carried over the
    whole text, in training as in measuring. The output's bias begins with the tokens' frequencies, so that no training
    is spent on them; an adaptive softmax begins as torch's does.

    Args:
        cell: name in `ostinato.cells.CELLS`.
        hidden_size: H, units of a layer; with `tied` the last layer has `embedding_size` units.
        num_layers: L, layers.
        embedding_size: features E of a token's vector.
        tied: whether the output's weights are the embedding's, which halves a word model.
        cutoffs: of an adaptive softmax for vocabularies of many ten thousand, as 4000,20000; needs tied off; none for a
            full softmax.
        embedding_dropout: probability of dropping a word wherever it stands in a batch.
        input_dropout: probability of dropping a feature of the embedding, at all steps of a piece.
        dropout: probability of dropping a feature between layers, likewise.
        output_dropout: probability of dropping a feature behind the last layer, likewise.
        weight_drop: probability of dropping a recurrent weight.
        ar: penalty on large outputs (AR).
        tar: penalty on outputs that change from step to step (TAR).
        bias: one bias vector a gate (single, as Keras) or two (double, as torch).
        init: first weights: orthogonal (Saxe et al. 2014) or torch's.
        forget_bias: first bias of the forget gate, in cells that have one (1: Jozefowicz et al. 2015).
        tokenizer: word, space (text that was tokenized before), char or bpe, or a Tokenizer (a fitted one is used as
            it is).
        lowercase: fold capitals; none folds them for words alone.
        max_vocabulary: tokens of the vocabulary, the most frequent ones of the training text; none for all.
        min_frequency: how often a token has to be seen to be in the vocabulary.
        lines: whether each line ends with the end mark (sentences), or each text alone; none for lines with words.
        epochs: passes over the training part at most.
        streams: B, places of the text that are read side by side.
        length: T, steps of a piece: gradients reach back so far.
        vary_length: draw each piece's length around `length` and scale the learning rate to match.
        optimizer: adam, adamw, sgd or rmsprop.
        lr: learning rate.
        weight_decay: decay of the matrices.
        clip_norm: greatest norm of the gradients; none for no limit.
        schedule: of the learning rate: cosine, linear, step, plateau or one_cycle; none for a constant one.
        warmup: share of the steps over which the learning rate grows from 0.
        precision: of the products while training; bfloat16 is about twice as fast where the processor has it, and
            everything else stays float32, as does everything that is measured.
        average: of the weights: a decay (0.999), a number of epochs, or triggered (NT-ASGD); none for none.
        patience: epochs without a lower held-out loss before training stops; none trains all epochs.
        validation_fraction: share of the text, its end, that is held out to keep the best epoch; 0 or none for none.
        random_state: seed of everything drawn; none draws a fresh one, kept as `seed_`.
        device: where to train, as torch names it.
        n_threads: threads to compute with; none leaves torch's setting.
        backend: of `ostinato.kernels.BACKENDS`, to demand one; none takes the best that can run.
        verbose: 1 shows progress.
        log: path of a metrics.jsonl, a line an epoch.
        checkpoint: folder that keeps the state of training after each epoch and on Ctrl-C.
        resume: go on from the checkpoint; with the same text and arguments the result is as if never interrupted.
        warm_start: whether `fit` goes on from the weights and the vocabulary there are.

    Attributes:
        tokenizer_: the fitted tokenizer.
        network_: the `LanguageNetwork`.
        history_: the epochs' records; losses are nats a token.
        metrics_: tokens, parameters, seconds and the best epoch's numbers.

    Source: Merity et al. 2018, "Regularizing and Optimizing LSTM Language Models".

    Example:
        >>> model = LanguageModel(tokenizer="char", hidden_size=16, embedding_size=8, num_layers=1, streams=4,
        ...                       length=12, epochs=30, lr=0.02, dropout=0.0, validation_fraction=None, random_state=0)
        >>> model = model.fit("abcabcabc" * 40)
        >>> model.sample("ab", length=4, temperature=0)
        'abcabc'
        >>> model.log_probability("abc") > model.log_probability("acb")
        True
    """

    task = "lm"
    history_: History

    def __init__(
        self,
        *,
        cell: str = "lstm",
        hidden_size: int = 512,
        num_layers: int = 2,
        embedding_size: int = 256,
        tied: bool = True,
        cutoffs: tuple[int, ...] | None = None,
        embedding_dropout: float = 0.0,
        input_dropout: float = 0.2,
        dropout: float = 0.3,
        output_dropout: float = 0.3,
        weight_drop: float = 0.0,
        ar: float = 0.0,
        tar: float = 0.0,
        bias: Literal["double", "single"] = "single",
        init: Literal["orthogonal", "torch"] = "orthogonal",
        forget_bias: float | None = 1.0,
        tokenizer: Literal["word", "space", "char", "bpe"] | Tokenizer = "word",
        lowercase: bool | None = None,
        max_vocabulary: int | None = None,
        min_frequency: int = 1,
        lines: bool | None = None,
        epochs: int = 12,
        streams: int = 32,
        length: int = 35,
        vary_length: bool = False,
        optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = "adam",
        lr: float = 3e-3,
        weight_decay: float = 0.0,
        clip_norm: float | None = 0.5,
        schedule: Literal["cosine", "linear", "step", "plateau", "one_cycle"] | None = "one_cycle",
        warmup: float = 0.0,
        precision: Literal["float32", "bfloat16"] = "float32",
        average: float | int | Literal["triggered"] | None = None,
        patience: int | None = None,
        validation_fraction: float | None = 0.05,
        random_state: int | None = None,
        device: str = "cpu",
        n_threads: int | None = None,
        backend: str | None = None,
        verbose: int = 0,
        log: str | None = None,
        checkpoint: str | None = None,
        resume: bool = False,
        warm_start: bool = False,
    ) -> None:
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.embedding_size = embedding_size
        self.tied = tied
        self.cutoffs = cutoffs
        self.embedding_dropout = embedding_dropout
        self.input_dropout = input_dropout
        self.dropout = dropout
        self.output_dropout = output_dropout
        self.weight_drop = weight_drop
        self.ar = ar
        self.tar = tar
        self.bias = bias
        self.init = init
        self.forget_bias = forget_bias
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.max_vocabulary = max_vocabulary
        self.min_frequency = min_frequency
        self.lines = lines
        self.epochs = epochs
        self.streams = streams
        self.length = length
        self.vary_length = vary_length
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
        self.warm_start = warm_start

    @classmethod
    def from_preset(cls, name: str, **overrides: Any) -> Self:
        """Make a model from a row of `language.presets.PRESETS`.

        Args:
            name: "small", "awd" or "characters".
            **overrides: constructor arguments that differ from the preset.

        Returns:
            The estimator, not fitted.

        Raises:
            InputError: an unknown name.
        """
        return cls(**{**preset(name), **overrides})

    def fit(self, text: Text, valid: Text | None = None) -> Self:
        """Learn from a text.

        Args:
            text: one text, or a list of texts.
            valid: held-out text, in place of `validation_fraction`.

        Returns:
            The estimator.

        Raises:
            InputError: no text in it, or an argument that does not do.
            TrainingError: the loss became NaN.
            KeyboardInterrupt: Ctrl-C; the checkpoint was saved, if there is one.
        """
        began = perf_counter()
        goes_on = self.warm_start and hasattr(self, "network_")
        texts, held = self.parts(text, valid)
        self.lines_ = self._by_lines()
        self.seed_ = fitting.seed_of(self)
        parts = corpus.pieces(texts, self.lines_)
        if not goes_on:
            self.tokenizer_ = corpus.fit_tokenizer(
                self.tokenizer,
                parts,
                lowercase=self.lowercase,
                max_vocabulary=self.max_vocabulary,
                min_frequency=self.min_frequency,
            )
            self.network_ = fitting.first_network(self, self.tokenizer_.size)
        train = np.concatenate(corpus.encode(self.tokenizer_, parts))
        if not goes_on:
            fitting.begin_with_frequencies(self.network_, train)
        valid_ids = np.concatenate(self._encode(held)) if held else None
        self.history_ = fitting.train(self, self.network_, train, valid_ids)
        self.metrics_ = {
            "train_tokens": len(train),
            "valid_tokens": 0 if valid_ids is None else len(valid_ids),
            "vocabulary": self.tokenizer_.size,
            "train_seconds": perf_counter() - began,
            "parameters": self.parameters_,
            "best_epoch": self.history_.best_epoch,
            **fitting.best_record(self.history_),
            "history": list(self.history_),
        }
        return self

    def parts(self, text: Text, valid: Text | None = None) -> tuple[list[str], list[str]]:
        """Say what `fit` would learn from and what it would hold out.

        Args:
            text: one text, or a list of texts.
            valid: held-out text, or `None`.

        Returns:
            the texts to learn from, and the held-out ones, of which there may be none.

        Raises:
            InputError: no text, or too little to hold a share out.
        """
        texts = corpus.texts_of(text)
        if valid is not None:
            return texts, corpus.texts_of(valid, "valid")
        return corpus.split(texts, self._by_lines(), share(self.validation_fraction))

    def _by_lines(self) -> bool:
        kind = self.tokenizer.kind if isinstance(self.tokenizer, Tokenizer) else self.tokenizer
        return kind in ("word", "space") if self.lines is None else self.lines

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        state = self.network_.state_dict()
        if self.tied:
            del state["output.weight"]  # it is the embedding's
        tensors = {f"network.{name}": value.detach().cpu().numpy() for name, value in state.items()}
        return {"network": self.network_.settings, "lines": self.lines_}, tensors, self.tokenizer_.to_json()

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        self.tokenizer_ = Tokenizer.from_json(tokenizer or "")
        self.lines_ = bool(learned["lines"])
        self.network_ = fitting.network_from(learned["network"], tensors)
        self.history_ = History(self.metrics_.get("history", []))
        self.history_.best_epoch = self.metrics_.get("best_epoch")


def opened(model: "LanguageModel | str | os.PathLike[str]") -> LanguageModel:
    """A language model, or the one that a folder holds.

    Raises:
        InputError: neither.
    """
    if isinstance(model, str | os.PathLike):
        return LanguageModel.load(model)
    if not isinstance(model, LanguageModel):
        raise InputError(f"pretrained is a {type(model).__name__}, expected a LanguageModel or its folder; give one")
    check_is_fitted(model)
    return model
