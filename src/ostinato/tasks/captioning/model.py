"""The captioner as an estimator: from vectors of numbers to texts."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any, Literal, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ostinato._core.errors import InputError
from ostinato._core.random import derive, seeded
from ostinato.tasks.captioning.network import CaptioningNetwork
from ostinato.tasks.captioning.vectors import vectors_of
from ostinato.tasks.held_out import hold_out
from ostinato.tasks.standardise import Standardiser
from ostinato.tasks.translation import corpus, fitting
from ostinato.tasks.translation.answering import Answering
from ostinato.tasks.translation.scores import scores
from ostinato.tasks.translation.writing import Candidate
from ostinato.text import Tokenizer


class Captioner(Answering):
    """Learns to write a text about a vector of numbers: features of an image or a sound, readings, a row of a table.

    Use it where one thing of a fixed size is answered by a sequence (one-to-many). The vector becomes the decoder's
    first state, is read at each step, or both; the decoder and its search are the `Translator`'s.

    Args:
        cell: name in `ostinato.cells.CELLS`.
        hidden_size: units of the layer that reads the vector.
        decoder_size: H, units of a decoder layer.
        decoder_layers: layers of the decoder.
        embedding_size: features E of a token's vector.
        place: where the vector goes in: state (the first state), steps (read at each step) or both.
        scheduled_sampling: probability, in the last epoch, of reading a token that the model drew in place of the known
            one; grows from 0 epoch by epoch; trains step by step.
        label_smoothing: share of the target that is spread over all tokens.
        tied: whether the output's weights are the embedding's.
        embedding_dropout: probability of dropping a token's vector wherever it stands in a batch.
        input_dropout: probability of dropping a feature of a token's vector, at all steps of a text alike.
        dropout: the same, behind the layer that reads the vector, and behind and between recurrent layers.
        output_dropout: the same, of the vectors that score the tokens.
        bias: one bias vector a gate (single, as Keras) or two (double, as torch).
        init: first weights: orthogonal (Saxe et al. 2014) or torch's.
        forget_bias: first bias of the forget gate, in cells that have one.
        tokenizer: word, space (text that was tokenized before), char, bpe, or a Tokenizer (a fitted one is used as it
            is).
        lowercase: fold capitals.
        max_vocabulary: tokens of the vocabulary, the most frequent ones; none for all.
        min_frequency: how often a token has to be seen to be in the vocabulary.
        standardise: whether each number is brought to mean 0 and deviation 1 over the training rows.
        beam: beginnings kept in the search; 1 takes the likeliest token always.
        length_penalty: how far long texts are excused for being less probable; 0 for not at all.
        epochs: passes over the training part at most.
        batch_size: rows a batch, where `max_tokens` is none.
        max_tokens: tokens of captions a batch at most; none cuts by rows.
        optimizer: adam, adamw, sgd or rmsprop.
        lr: learning rate.
        weight_decay: decay of the matrices.
        clip_norm: greatest norm of the gradients; none for no limit.
        schedule: of the learning rate: cosine, linear, step, plateau or one_cycle; none for a constant one.
        warmup: share of the steps over which the learning rate grows from 0.
        precision: of the recurrent products and those with the vocabulary while training: float32 or bfloat16.
        average: of the weights: a decay (0.999), or a number of epochs whose ends are averaged; none for none.
        patience: epochs without a lower held-out loss before training stops; none trains all epochs.
        validation_fraction: share of the rows that is held out; 0 or none for none.
        random_state: seed of everything drawn; none draws a fresh one, kept as `seed_`.
        device: where to train, as torch names it.
        n_threads: threads to compute with; none leaves torch's setting.
        backend: of `ostinato.kernels.BACKENDS`, to demand one; none takes the best that can run.
        verbose: 1 shows progress.
        log: path of a metrics.jsonl, a line an epoch.
        checkpoint: folder that keeps the state of training after each epoch and on Ctrl-C.
        resume: go on from the checkpoint; with the same rows and arguments the result is as if never interrupted.

    Attributes:
        n_features_in_: F, numbers a row.
        target_tokenizer_: of the texts.
        network_: the `CaptioningNetwork`.
        history_: the epochs' records; losses are nats a token.
        metrics_: rows, tokens, parameters, seconds and the best epoch's numbers.

    Source: Vinyals et al. 2015, "Show and Tell"; Mao et al. 2015, "Deep Captioning with Multimodal RNNs".

    Example:
        >>> model = Captioner(tokenizer="char", embedding_size=8, hidden_size=8, decoder_size=16, dropout=0.0, beam=2,
        ...                   epochs=60, lr=0.02, batch_size=4, validation_fraction=None, random_state=0)
        >>> model.fit([[0.0, 1.0], [1.0, 0.0]] * 8, ["up", "right"] * 8).caption([[1.0, 0.0], [0.1, 0.9]])
        ['right', 'up']
    """

    task = "caption"
    network_: CaptioningNetwork

    def __init__(
        self,
        *,
        cell: str = "lstm",
        hidden_size: int = 128,
        decoder_size: int = 128,
        decoder_layers: int = 1,
        embedding_size: int = 64,
        place: Literal["state", "steps", "both"] = "both",
        scheduled_sampling: float = 0.0,
        label_smoothing: float = 0.0,
        tied: bool = True,
        embedding_dropout: float = 0.0,
        input_dropout: float = 0.0,
        dropout: float = 0.2,
        output_dropout: float = 0.0,
        bias: Literal["double", "single"] = "single",
        init: Literal["orthogonal", "torch"] = "orthogonal",
        forget_bias: float | None = 1.0,
        tokenizer: Literal["word", "space", "char", "bpe"] | Tokenizer = "word",
        lowercase: bool = False,
        max_vocabulary: int | None = 10_000,
        min_frequency: int = 1,
        standardise: bool = True,
        beam: int = 5,
        length_penalty: float = 1.0,
        epochs: int = 30,
        batch_size: int = 32,
        max_tokens: int | None = None,
        optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = "adam",
        lr: float = 3e-3,
        weight_decay: float = 0.0,
        clip_norm: float | None = 1.0,
        schedule: Literal["cosine", "linear", "step", "plateau", "one_cycle"] | None = "one_cycle",
        warmup: float = 0.0,
        precision: Literal["float32", "bfloat16"] = "float32",
        average: float | int | None = None,
        patience: int | None = None,
        validation_fraction: float | None = 0.1,
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
        self.decoder_size = decoder_size
        self.decoder_layers = decoder_layers
        self.embedding_size = embedding_size
        self.place = place
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
        self.lowercase = lowercase
        self.max_vocabulary = max_vocabulary
        self.min_frequency = min_frequency
        self.standardise = standardise
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

    def fit(self, features: Any, texts: Sequence[str], valid: tuple[Any, Sequence[str]] | None = None) -> Self:
        """Learn from vectors and their texts.

        Args:
            features: (B, F) numbers, or B rows of any one shape, which are laid flat.
            texts: B texts.
            valid: held-out features and texts, in place of `validation_fraction`.

        Returns:
            The estimator.

        Raises:
            InputError: other numbers of rows than of texts (both are said), an empty text, or an argument that does
                not do.
            NotFiniteError: NaN or infinity; names row and place.
            TrainingError: the loss became NaN.
            KeyboardInterrupt: Ctrl-C; the checkpoint was saved, if there is one.
        """
        began = perf_counter()
        self._beam()
        self.seed_ = fitting.seed_of(self)
        X, written = _pairs(features, texts)
        self.n_features_in_ = X.shape[1]
        held: tuple[np.ndarray, list[str]] | None = None
        if valid is not None:
            held = _pairs(*valid, expected=X.shape[1])
        else:
            share = fitting.held_share(self.validation_fraction)
            kept, out = hold_out(np.zeros(len(X), np.int64), share, derive(self.seed_, fitting.HELD))
            if len(out):
                held = X[out], [written[i] for i in out]
                X, written = X[kept], [written[i] for i in kept]
        self._scale = Standardiser.fit([X]) if self.standardise else None
        self.target_tokenizer_, _ = corpus.fit_tokenizers(
            self.tokenizer,
            corpus.Parallel(written, []),
            shared=True,
            lowercase=self.lowercase,
            max_vocabulary=self.max_vocabulary,
            min_frequency=self.min_frequency,
        )
        self.network_ = self._first_network()
        known = None if held is None else (self._scaled(held[0]), corpus.encode(self.target_tokenizer_, held[1]))
        trained = self._train(self._scaled(X), corpus.encode(self.target_tokenizer_, written), known)
        self.metrics_ = {
            "train_rows": len(X),
            "valid_rows": 0 if held is None else len(held[1]),
            "longest": max(len(ids) for ids in corpus.encode(self.target_tokenizer_, written)),
            "train_seconds": perf_counter() - began,
            **trained,
        }
        return self

    def caption(
        self,
        features: Any,
        *,
        beam: int | None = None,
        length_penalty: float | None = None,
        max_length: int | None = None,
    ) -> list[str]:
        """Write a text about each vector.

        Args:
            features: B rows, as in `fit`.
            beam: in place of the constructor's.
            length_penalty: likewise.
            max_length: tokens of a text at most; none for twice those of the longest one learned from and ten more.

        Returns:
            B texts. Each is what it would be alone, whatever is written beside it.

        Raises:
            InputError: rows of another length than in `fit`, or a beam wider than the vocabulary.
        """
        found = self.candidates(features, beam=beam, length_penalty=length_penalty, max_length=max_length)
        return [best[0].text for best in found]

    predict = caption

    def candidates(
        self,
        features: Any,
        *,
        beam: int | None = None,
        length_penalty: float | None = None,
        max_length: int | None = None,
    ) -> list[list[Candidate]]:
        """The texts that the beam found for each vector (n-best), the best first; arguments as of `caption`."""
        check_is_fitted(self)
        X = self._scaled(vectors_of(features, self.n_features_in_))
        limits = [2 * self.metrics_["longest"] + 10] * len(X)
        return self._answers(X, limits, self._beam(beam, length_penalty), max_length)

    def evaluate(self, features: Any, texts: Sequence[str], *, beam: int | None = None) -> dict[str, Any]:
        """Write about vectors and compare with texts.

        Args:
            features: B rows, as in `fit`.
            texts: B texts.
            beam: in place of the constructor's.

        Returns:
            JSON-able: rows, exact (share of the texts written as they are), tokens, loss_nats (a token) and perplexity;
            bleu, chrf and their signatures.
        """
        check_is_fitted(self)
        X, known = _pairs(features, texts, expected=self.n_features_in_)
        tokens, nats = self._nats(self._scaled(X), corpus.encode(self.target_tokenizer_, known))
        written = self.caption(X, beam=beam)
        return {
            "rows": len(known),
            "exact": sum(map(str.__eq__, written, known)) / len(known),
            "tokens": tokens,
            "loss_nats": nats / tokens,
            "perplexity": float(np.exp(min(nats / tokens, 700.0))),
            **scores(written, known),
        }

    def score(self, features: Any, texts: Sequence[str]) -> float:
        """Share of the texts that are written to the letter; see `evaluate`."""
        return float(self.evaluate(features, texts)["exact"])

    def _first_network(self) -> CaptioningNetwork:
        settings = {
            "features": self.n_features_in_,
            "vocabulary": self.target_tokenizer_.size,
            "place": self.place,
            **fitting.decoder_settings(self),
        }
        with seeded(derive(self.seed_, fitting.FIRST_WEIGHTS)):
            network = CaptioningNetwork(**settings)
        network.settings = settings
        return network

    def _scaled(self, X: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(X if self._scale is None else self._scale(X), dtype=np.float32)

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        learned, tensors, tokenizer = self._stored()
        scale = {} if self._scale is None else {"mean": self._scale.mean, "scale": self._scale.scale}
        return {**learned, "features": self.n_features_in_}, {**tensors, **scale}, tokenizer

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        self._restored(CaptioningNetwork, learned, tensors, tokenizer)
        self.n_features_in_ = learned["features"]
        self._scale = Standardiser(tensors["mean"], tensors["scale"]) if "mean" in tensors else None


def _pairs(features: Any, texts: Sequence[str], expected: int | None = None) -> tuple[np.ndarray, list[str]]:
    """Checked rows and their texts."""
    X, found = vectors_of(features, expected), corpus.sentences(texts, "texts")
    if len(X) != len(found):
        raise InputError(f"{len(X):,} rows of features and {len(found):,} texts, expected one text a row; correct it")
    for number, text in enumerate(found):
        if not text.strip():
            raise InputError(f"texts[{number}] is empty, expected a text; leave the row out or write one")
    return X, found
