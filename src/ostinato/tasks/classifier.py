"""The recurrent classifier as a scikit-learn estimator."""

from time import perf_counter
from typing import Any, Literal, Self

import numpy as np

from ostinato._core.errors import InputError
from ostinato.tasks import fitting
from ostinato.tasks.held_out import hold_out, share
from ostinato.tasks.inputs import Sequences
from ostinato.tasks.labels import Labels, check_lengths, read_labels
from ostinato.tasks.language.model import LanguageModel
from ostinato.tasks.presets import preset
from ostinato.tasks.recurrent_rows import RecurrentRows
from ostinato.tasks.task import Task
from ostinato.tasks.weights import row_weights
from ostinato.text import Tokenizer
from ostinato.train import History


class SequenceClassifier(Task, RecurrentRows):
    """Classifies sequences with a recurrent network: texts, token sequences, or numbers of unequal length.

    Use it wherever scikit-learn has a classifier and the rows are sequences: it clones, cross-validates, searches and
    stands in a pipeline like any of them. Two classes, more, or several labels a row (y a 0/1 indicator).

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
        label_smoothing: share of each target that is spread over all classes (Szegedy et al. 2016).
        average: moving average of the weights, by its decay (0.999); none for none.
        patience: epochs without a lower held-out loss before training stops and goes back to the best epoch; none
            trains all epochs and keeps the last weights, those at the end of `schedule`.
        validation_fraction: share of the rows held out, classes in proportion, to measure each epoch by, and to stop
            early where `patience` is given; 0 or none trains on all rows.
        truncate: steps that gradients reach back; none for all.
        class_weight: none, balanced, or a dict of class to weight.
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
        classes_: (C,) labels, sorted.
        embedding_coverage_: with `embedding`, the share of the vocabulary that began with its vector.
        history_: the epochs' records.
        network_: the `ClassifierNetwork`.
        tokenizer_: the fitted tokenizer, of texts.
        metrics_: rows, parameters, seconds and the kept epoch's numbers.

    Example:
        >>> model = SequenceClassifier(hidden_size=8, epochs=40, lr=0.02, validation_fraction=None, random_state=0)
        >>> model.fit(["so good", "so bad", "good fun", "bad bore"] * 4, ["pos", "neg", "pos", "neg"] * 4)
        SequenceClassifier(epochs=40, hidden_size=8, lr=0.02, random_state=0,
                           validation_fraction=None)
        >>> model.predict(["good"])
        array(['pos'], dtype='<U3')
    """

    task = "classify"
    inputs = ("text", "tokens", "numeric")

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
        dropout: float = 0.6,
        input_dropout: float = 0.0,
        embedding_dropout: float = 0.3,
        word_dropout: float = 0.2,
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
        label_smoothing: float = 0.0,
        average: float | None = None,
        patience: int | None = None,
        validation_fraction: float | None = 0.1,
        truncate: int | None = None,
        class_weight: dict[str, float] | Literal["balanced"] | None = None,
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
        self.label_smoothing = label_smoothing
        self.average = average
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.truncate = truncate
        self.class_weight = class_weight
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
        """Make a classifier from a row of `PRESETS`.

        Args:
            name: "default", "characters", "names", "signals", "dna", "lecture-rnn" or "lecture-lstm".
            **overrides: constructor arguments that differ from the preset.

        Returns:
            The estimator, not fitted.

        Raises:
            InputError: an unknown name.
        """
        return cls(**{**preset(name), **overrides})

    def fit(self, X: Any, y: Any, sample_weight: Any = None, X_valid: Any = None, y_valid: Any = None) -> Self:
        """Learn from rows and their labels.

        Args:
            X: B rows: texts; integer token sequences; (T,) or (T, I) numbers of unequal length; or one array, (B, T) of
                scalars (integers too: give tokens as a list) or (B, T, I).
            y: B labels (texts, integers, booleans), or a 0/1 indicator (B, C) of several labels a row.
            sample_weight: B weights from 0 up, or `None`.
            X_valid: rows to stop early by, in place of `validation_fraction`.
            y_valid: their labels.

        Returns:
            The estimator.

        Raises:
            InputError: rows, labels, weights or arguments that do not do; names the place.
            TrainingError: the loss became NaN.
            KeyboardInterrupt: Ctrl-C; the checkpoint was saved, if there is one.
        """
        began = perf_counter()
        goes_on = self.warm_start and hasattr(self, "network_")
        read, labels = self._read(X, reset=not goes_on), self._read_y(y, None, goes_on)
        check_lengths(len(read), y)
        codes = labels.encode(y)
        weights = row_weights(codes, labels, self.class_weight, sample_weight, len(read))
        seed = fitting.resumed_seed(self.checkpoint) if self.resume else None
        self.seed_ = self._seed() if seed is None else seed
        rows = len(read)
        valid = None
        if X_valid is not None or y_valid is not None:
            valid = self._given_valid(X_valid, y_valid, labels, read.kind)
        else:
            train, held = hold_out(codes, share(self.validation_fraction), self.seed_)
            if len(held):
                valid = read.take(held), codes[held], None if weights is None else weights[held]
                read, codes, weights = read.take(train), codes[train], None if weights is None else weights[train]
        self.input_, self.form_, self.classes_ = read.kind, labels.form, labels.classes
        if not goes_on:
            self._begin(read, labels.outputs)
        self.history_ = self._train((read, codes, weights), valid, self.epochs, self.seed_)
        self.metrics_ = self._measured(began, rows, len(read), 0 if valid is None else len(valid[0]))
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Take one pass over some rows, going on from what was learned.

        For data that come in parts. The first call learns the vocabulary, or each channel's mean and scale, from its
        rows; give a fitted `tokenizer=` where they are few. No row is held out; each call starts its optimiser anew.

        Args:
            X: B rows, as in `fit`.
            y: B labels.
            classes: all classes there will be; needed in the first call, unless y is an indicator.
            sample_weight: B weights from 0 up, or `None`.

        Returns:
            The estimator.

        Raises:
            InputError: as `fit`; and a first call without `classes`.
        """
        began = perf_counter()
        goes_on = hasattr(self, "network_")
        if not goes_on and classes is None and np.ndim(y) == 1:
            raise InputError("classes=None in the first partial_fit, expected all classes to come; give classes=[...]")
        read, labels = self._read(X, reset=not goes_on), self._read_y(y, classes, goes_on)
        check_lengths(len(read), y)
        codes = labels.encode(y)
        weights = row_weights(codes, labels, self.class_weight, sample_weight, len(read))
        if not goes_on:
            self.seed_ = self._seed()
            self.input_, self.form_, self.classes_ = read.kind, labels.form, labels.classes
            self.history_, self.metrics_ = History(), {"rows": 0, "train_seconds": 0.0, "parameters": 0}
            self._begin(read, labels.outputs)
        # a seed of its own for each pass, else all passes would draw the same dropout
        self.history_ += self._train((read, codes, weights), None, 1, self.seed_ + len(self.history_))
        for number, record in enumerate(self.history_, start=1):
            record["epoch"] = number
        self.metrics_["rows"] += len(read)
        self.metrics_["train_seconds"] += perf_counter() - began
        self.metrics_["parameters"] = self.parameters_
        return self

    def _read_y(self, y: Any, classes: Any, goes_on: bool) -> Labels:
        if goes_on:
            return self._labels
        return read_labels(y, type(self).__name__, classes)

    def _given_valid(self, X: Any, y: Any, labels: Labels, kind: Any) -> fitting.Part:
        if X is None or y is None:
            raise InputError("X_valid and y_valid: one of them is None, expected both or neither; give both")
        self.input_ = kind
        read = self._read(X, check=False)
        check_lengths(len(read), y, "y_valid")
        codes = labels.encode(y, "y_valid")
        return read, codes, row_weights(codes, labels, self.class_weight, None, len(read))

    def _train(self, train: fitting.Part, valid: fitting.Part | None, epochs: int | None, seed: int) -> History:
        loss, metrics = fitting.class_loss(self._labels, self.label_smoothing), fitting.class_metrics(self._labels)
        return fitting.train(self, self.network_, self.encoder_, loss, metrics, train, valid, epochs, seed)

    def _logits(self, read: Sequences) -> np.ndarray:
        logits = self._outputs(read)
        return logits[:, 0] if self.form_ == "binary" else logits
