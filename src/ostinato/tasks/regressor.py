"""The recurrent regressor as a scikit-learn estimator."""

from time import perf_counter
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import RegressorMixin
from torch import Tensor, nn

from ostinato._core.errors import InputError
from ostinato.data import Batch
from ostinato.tasks import fitting
from ostinato.tasks.held_out import hold_out, share
from ostinato.tasks.labels import check_lengths
from ostinato.tasks.language.model import LanguageModel
from ostinato.tasks.recurrent_rows import RecurrentRows
from ostinato.tasks.targets import Targets, read_targets
from ostinato.tasks.weights import checked_weights
from ostinato.text import Tokenizer
from ostinato.train import squared_error


class SequenceRegressor(RegressorMixin, RecurrentRows):
    """Predicts numbers from sequences with a recurrent network: a rating from a text, a load from a recording.

    Use it wherever scikit-learn has a regressor and the rows are sequences. One target a row or several; they are
    standardised by what the training part says and given back in their own unit. `score` is R².

    Args:
        cell: name in `ostinato.cells.CELLS`: lstm, gru, rnn_tanh, rnn_relu, rnn_identity, lstm_peephole,
            gru_reset_before or gru_simple.
        hidden_size: H, units of a layer and direction.
        num_layers: L, layers.
        bidirectional: whether a second direction reads each row from its end.
        pooling: how the outputs of all steps become one vector: last, max, mean or attention, or several of them side
            by side.
        embedding_size: features of a token's vector.
        embedding: vectors to begin with: for texts a dict of word to (E,) vector, for token sequences an array (V, E).
        pretrained: a fitted `LanguageModel`, or its folder, whose vocabulary, embedding and recurrent layers are the
            first ones here, and learn on with labels; for texts.
        freeze_embedding: whether the vectors of `embedding` stay as they are.
        gradual_unfreezing: train only the new layer at first and let those of `pretrained` learn from the top down,
            an epoch each, the lower the more slowly (Howard & Ruder 2018); else all learn from the start, slowly.
        dropout: probability of dropping a feature between layers and before the last one.
        input_dropout: probability of dropping a feature of the input, or of the embedding, at all steps of a row.
        embedding_dropout: probability of dropping a word wherever it stands in a batch.
        word_dropout: probability of reading a token as unknown, which teaches the network what unknown means.
        recurrent_dropout: probability of dropping a state's feature before the recurrent product, at all steps alike.
        weight_drop: probability of dropping a recurrent weight.
        zoneout: probability that a state keeps its old value.
        layer_norm: normalise the products in the cell.
        convolutions: layers of convolution in front of the recurrent ones, for signals; 0 for none.
        convolution_size: features of each.
        kernel_size: steps that each reads at once, odd.
        stride: each leaves every so many-th step for the layers above.
        jitter: noise added to numbers while training, in standard deviations of their channel.
        crop: share of a row of numbers that may be cut from its ends while training.
        time_warp: how much the speed of a row of numbers varies while training; 0.2 is moderate.
        amplitude: how much a row of numbers grows or shrinks while training; 0.1 is moderate.
        bias: one bias vector a gate (single, as Keras) or two (double, as torch).
        init: first weights: orthogonal (Saxe et al. 2014) or torch's.
        forget_bias: first bias of the forget gate, in cells that have one (1: Jozefowicz et al. 2015).
        tokenizer: of texts: word, char or bpe, or a Tokenizer (a fitted one is used as it is); dna for letters A, C, G,
            T and the ambiguity codes (N, R, Y, ...), each read as the shares of the four bases.
        lowercase: fold capitals; none folds them for words alone.
        max_vocabulary: tokens of the vocabulary, the most frequent ones of the training texts; none for all.
        max_length: tokens of a text or token sequence that are read; none for all. Numbers are always read whole.
        keep: which tokens of a longer one are read, the last or the first.
        epochs: passes over the training part at most; none for 7, or more where the rows are few, until 1,500 batches
            were seen.
        batch_size: rows a batch.
        max_tokens: draw batches of at most this many steps instead of `batch_size` rows.
        optimizer: adam, adamw, sgd or rmsprop.
        lr: learning rate.
        weight_decay: decay of the matrices.
        clip_norm: greatest norm of the gradients; none for no limit.
        schedule: of the learning rate: cosine, linear, step, plateau or one_cycle; none for a constant one.
        warmup: share of the steps over which the learning rate grows from 0.
        average: moving average of the weights, by its decay (0.999); none for none.
        patience: epochs without a lower held-out loss before training stops and goes back to the best epoch; none
            trains all epochs and keeps the last weights, those at the end of `schedule`.
        validation_fraction: share of the rows held out to measure each epoch by, and to stop early where `patience` is
            given; 0 or none trains on all rows.
        truncate: steps that gradients reach back; none for all.
        random_state: seed of everything drawn; none draws a fresh one, kept as `seed_`.
        device: where to train, as torch names it.
        n_threads: threads to compute with; none leaves torch's setting.
        backend: of `ostinato.kernels.BACKENDS`, to demand one; none takes the best that can run.
        verbose: 1 shows progress.
        log: path of a metrics.jsonl, a line an epoch.
        checkpoint: folder that keeps the state of training after each epoch and on Ctrl-C.
        resume: go on from the checkpoint; with the same rows and arguments the result is as if never interrupted.
        warm_start: whether `fit` goes on from the weights there are, rather than from new ones.

    Attributes:
        targets_: mean and scale of each target in the training part.
        history_: the epochs' records; losses are mean squared errors of the standardised targets.
        network_: the network.
        tokenizer_: the fitted tokenizer, of texts.
        metrics_: rows, parameters, seconds and the kept epoch's numbers.

    Example:
        >>> rows = [np.full((3 + number % 3, 1), number / 10) for number in range(20)]
        >>> model = SequenceRegressor(hidden_size=8, epochs=60, lr=0.02, validation_fraction=None, random_state=0)
        >>> model.fit(rows, [100 + row[0, 0] for row in rows]).score(rows, [100 + row[0, 0] for row in rows]) > 0.9
        True
    """

    task = "regress"
    inputs = ("text", "tokens", "numeric")
    targets_: Targets

    def __init__(
        self,
        *,
        cell: str = "lstm",
        hidden_size: int = 64,
        num_layers: int = 1,
        bidirectional: bool = True,
        pooling: str | tuple[str, ...] = ("last", "max", "mean"),
        embedding_size: int = 64,
        embedding: Any = None,
        pretrained: "str | LanguageModel | None" = None,
        freeze_embedding: bool = False,
        gradual_unfreezing: bool = False,
        dropout: float = 0.1,
        input_dropout: float = 0.0,
        embedding_dropout: float = 0.1,
        word_dropout: float = 0.05,
        recurrent_dropout: float = 0.0,
        weight_drop: float = 0.0,
        zoneout: float = 0.0,
        layer_norm: bool = False,
        convolutions: int = 0,
        convolution_size: int = 64,
        kernel_size: int = 5,
        stride: int = 1,
        jitter: float = 0.0,
        crop: float = 0.0,
        time_warp: float = 0.0,
        amplitude: float = 0.0,
        bias: Literal["double", "single"] = "double",
        init: Literal["orthogonal", "torch"] = "orthogonal",
        forget_bias: float | None = 1.0,
        tokenizer: Literal["word", "char", "bpe", "dna"] | Tokenizer = "word",
        lowercase: bool | None = None,
        max_vocabulary: int | None = 10_000,
        max_length: int | None = 400,
        keep: Literal["last", "first"] = "last",
        epochs: int | None = None,
        batch_size: int = 64,
        max_tokens: int | None = None,
        optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = "adam",
        lr: float = 4e-3,
        weight_decay: float = 0.0,
        clip_norm: float | None = 1.0,
        schedule: Literal["cosine", "linear", "step", "plateau", "one_cycle"] | None = "one_cycle",
        warmup: float = 0.0,
        average: float | None = None,
        patience: int | None = None,
        validation_fraction: float | None = 0.1,
        truncate: int | None = None,
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
        self.bidirectional = bidirectional
        self.pooling = pooling
        self.embedding_size = embedding_size
        self.embedding = embedding
        self.pretrained = pretrained
        self.freeze_embedding = freeze_embedding
        self.gradual_unfreezing = gradual_unfreezing
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.embedding_dropout = embedding_dropout
        self.word_dropout = word_dropout
        self.recurrent_dropout = recurrent_dropout
        self.weight_drop = weight_drop
        self.zoneout = zoneout
        self.layer_norm = layer_norm
        self.convolutions = convolutions
        self.convolution_size = convolution_size
        self.kernel_size = kernel_size
        self.stride = stride
        self.jitter = jitter
        self.crop = crop
        self.time_warp = time_warp
        self.amplitude = amplitude
        self.bias = bias
        self.init = init
        self.forget_bias = forget_bias
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.max_vocabulary = max_vocabulary
        self.max_length = max_length
        self.keep = keep
        self.epochs = epochs
        self.batch_size = batch_size
        self.max_tokens = max_tokens
        self.optimizer = optimizer
        self.lr = lr
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.schedule = schedule
        self.warmup = warmup
        self.average = average
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.truncate = truncate
        self.random_state = random_state
        self.device = device
        self.n_threads = n_threads
        self.backend = backend
        self.verbose = verbose
        self.log = log
        self.checkpoint = checkpoint
        self.resume = resume
        self.warm_start = warm_start

    def fit(self, X: Any, y: Any, sample_weight: Any = None, X_valid: Any = None, y_valid: Any = None) -> Self:
        """Learn from rows and their numbers.

        Args:
            X: B rows: texts; integer token sequences; (T,) or (T, I) numbers of unequal length; or one array, (B, T) of
                scalars or (B, T, I).
            y: (B,) numbers, or (B, K) of K targets.
            sample_weight: B weights from 0 up, or `None`.
            X_valid: rows to stop early by, in place of `validation_fraction`.
            y_valid: their numbers.

        Returns:
            The estimator.

        Raises:
            InputError: rows, numbers, weights or arguments that do not do; names the place.
            TrainingError: the loss became NaN.
            KeyboardInterrupt: Ctrl-C; the checkpoint was saved, if there is one.
        """
        began = perf_counter()
        goes_on = self.warm_start and hasattr(self, "network_")
        if (X_valid is None) != (y_valid is None):
            raise InputError("X_valid and y_valid: one of them is None, expected both or neither; give both")
        if y is None:
            raise InputError("y is None (requires y to be passed, but the target y is None), expected numbers; give y")
        read, columns = self._read(X, reset=not goes_on), read_targets(y)
        check_lengths(len(read), y)
        weights = None if sample_weight is None else checked_weights(sample_weight, len(read))
        seed = fitting.resumed_seed(self.checkpoint) if self.resume else None
        self.seed_ = self._seed() if seed is None else seed
        rows = len(read)
        held: tuple[Any, np.ndarray, np.ndarray | None] | None = None
        self.input_ = read.kind
        if X_valid is not None:
            valid_rows = self._read(X_valid, check=False)
            check_lengths(len(valid_rows), y_valid, "y_valid")
            held = valid_rows, read_targets(y_valid, "y_valid", columns.shape[1]), None
        else:
            first, rest = hold_out(np.zeros(rows, np.int64), share(self.validation_fraction), self.seed_)
            if len(rest):
                held = read.take(rest), columns[rest], None if weights is None else weights[rest]
                read, columns = read.take(first), columns[first]
                weights = None if weights is None else weights[first]
        if not goes_on:
            self.targets_ = Targets.fit(columns, flat=np.asarray(y).ndim == 1, weights=weights)
            self._begin(read, columns.shape[1])
        elif columns.shape[1] != len(self.targets_.mean):
            raise InputError(
                f"y has {columns.shape[1]} targets, expected {len(self.targets_.mean)} as before; set warm_start=False"
            )
        valid = None if held is None else (held[0], self.targets_.scaled(held[1]), held[2])
        train = read, self.targets_.scaled(columns), weights
        self.history_ = fitting.train(
            self, self.network_, self.encoder_, _loss, {}, train, valid, self.epochs, self.seed_
        )
        self.metrics_ = self._measured(began, rows, len(read), 0 if held is None else len(held[0]))
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the numbers of each row.

        Args:
            X: B rows, as in `fit`.

        Returns:
            Float64 (B,), or (B, K) where `fit` was given (B, K).
        """
        outputs = self._outputs(self._read(X))
        return self.targets_.given_back(outputs)

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        learned, tensors, tokenizer = super()._learned()
        stored, arrays = self.targets_.stored()
        return {**learned, **stored}, {**tensors, **arrays}, tokenizer

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        super()._restore(learned, tensors, tokenizer)
        self.targets_ = Targets.restore(learned, tensors)


def _loss(model: nn.Module, batch: Batch) -> Tensor:
    """Mean squared error of the standardised targets."""
    assert batch.targets is not None
    return squared_error(model(batch.inputs), batch.targets, batch.weights)
