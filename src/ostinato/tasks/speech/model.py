"""The transcriber as an estimator: from recordings and what is said in them to texts."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any, Literal, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ostinato._core.errors import InputError
from ostinato.data import Batches, LogMel
from ostinato.tasks.estimator import Estimator
from ostinato.tasks.language import LanguageModel, NGram
from ostinato.tasks.speech import fitting
from ostinato.tasks.speech.alignments import Scorer, best_path, prefix_beam
from ostinato.tasks.speech.error_rates import error_rates
from ostinato.tasks.speech.network import TranscriberNetwork
from ostinato.tasks.speech.scorers import scorer_of
from ostinato.tasks.speech.sounds import features
from ostinato.tasks.standardise import Standardiser
from ostinato.tasks.translation.fitting import seed_of, summary
from ostinato.tasks.translation.storing import network_from, tensors_of
from ostinato.text import Tokenizer
from ostinato.train import History, predict, threads


class Transcriber(Estimator):
    """Learns to write what is said: from recordings and their texts, without knowing which sound is when.

    Use it for a vocabulary or a language of your own, from an hour of recordings up. For one word out of a few a
    recording, `SequenceClassifier` on `data.LogMel` features is simpler and needs less.

    Args:
        sample_rate_hz: of the sound that the network hears; files of another rate are resampled.
        bands: log-mel features of a frame.
        window_ms: length of a frame.
        step_ms: from a frame to the next.
        cell: name in `ostinato.cells.CELLS`.
        hidden_size: H, units of a layer and direction.
        num_layers: L, layers.
        bidirectional: whether a second direction reads each recording from its end.
        convolutions: layers of convolution in front of the recurrent ones; 0 for none.
        convolution_size: features of each.
        kernel_size: frames that each reads at once, odd.
        stride: each keeps every so many-th frame; a text needs a frame a token.
        dropout: probability of dropping a feature behind a layer, at all frames of a recording alike.
        input_dropout: the same, of the log-mel features.
        recurrent_dropout: probability of dropping a state's feature before the recurrent product.
        weight_drop: probability of dropping a recurrent weight.
        zoneout: probability that a state keeps its old value.
        layer_norm: normalise the products in the cell.
        jitter: noise on the features while training, in standard deviations of their band.
        time_warp: how much the speed varies while training; 0.2 is moderate.
        amplitude: how much the features grow or shrink together while training.
        bias: one bias vector a gate (single, as Keras) or two (double, as torch).
        init: first weights: orthogonal (Saxe et al. 2014) or torch's.
        forget_bias: first bias of the forget gate, in cells that have one.
        tokenizer: what a text is made of: char, word, space or bpe, or a fitted Tokenizer.
        lowercase: fold capitals.
        max_vocabulary: tokens of the vocabulary; none for all.
        beam: beginnings kept in the search; 1 takes each frame's likeliest token.
        epochs: passes over the training part at most.
        batch_size: recordings a batch.
        max_tokens: draw batches of at most this many frames instead of `batch_size` recordings.
        optimizer: adam, adamw, sgd or rmsprop.
        lr: learning rate.
        weight_decay: decay of the matrices.
        clip_norm: greatest norm of the gradients; none for no limit.
        schedule: of the learning rate: cosine, linear, step, plateau or one_cycle; none for a constant one.
        warmup: share of the steps over which the learning rate grows from 0.
        average: moving average of the weights, by its decay (0.999); none for none.
        patience: epochs without a lower held-out loss before training stops; none trains all epochs.
        validation_fraction: share of the recordings that is held out; 0 or none for none.
        random_state: seed of everything drawn; none draws a fresh one, kept as `seed_`.
        device: where to train, as torch names it.
        n_threads: threads to compute with; none leaves torch's setting.
        backend: of `ostinato.kernels.BACKENDS`, to demand one; none takes the best that can run.
        verbose: 1 shows progress.
        log: path of a metrics.jsonl, a line an epoch.
        checkpoint: folder that keeps the state of training after each epoch and on Ctrl-C.
        resume: go on from the checkpoint; with the same recordings and arguments the result is as if never interrupted.

    Attributes:
        tokenizer_: of the texts; its `<pad>` is CTC's blank.
        standardiser_: mean and scale of each band, of the training part.
        network_: the `TranscriberNetwork`.
        history_: the epochs' records; losses are nats a token.
        metrics_: recordings, seconds of sound, parameters, seconds and the best epoch's numbers.

    Source: Graves et al. 2006 (CTC), Graves et al. 2013 (deep bidirectional networks).

    Example:
        >>> draw, texts = np.random.default_rng(0), ["ab", "ba", "a", "b"] * 8
        >>> pitch = {"a": 300.0, "b": 900.0}    # each letter a tone of a tenth of a second, then silence
        >>> tone = {c: np.sin(2 * np.pi * hz * np.arange(400) / 4000) for c, hz in pitch.items()}
        >>> sounds = [np.concatenate([np.pad(tone[c], (200, 200)) for c in text]) for text in texts]
        >>> model = Transcriber(sample_rate_hz=4000, bands=12, hidden_size=12, num_layers=1, convolution_size=12,
        ...                     dropout=0.0, epochs=30, lr=0.02, batch_size=8, validation_fraction=None, random_state=0)
        >>> model.fit(sounds, texts).transcribe(sounds[:2])
        ['ab', 'ba']
    """

    task = "transcribe"
    truncate = None  # `recurrent_settings` asks for it
    tokenizer_: Tokenizer
    standardiser_: Standardiser
    network_: TranscriberNetwork
    history_: History

    def __init__(
        self,
        *,
        sample_rate_hz: int = 16_000,
        bands: int = 40,
        window_ms: float = 25.0,
        step_ms: float = 10.0,
        cell: str = "lstm",
        hidden_size: int = 128,
        num_layers: int = 2,
        bidirectional: bool = True,
        convolutions: int = 1,
        convolution_size: int = 128,
        kernel_size: int = 5,
        stride: int = 2,
        dropout: float = 0.3,
        input_dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        weight_drop: float = 0.0,
        zoneout: float = 0.0,
        layer_norm: bool = False,
        jitter: float = 0.1,
        time_warp: float = 0.1,
        amplitude: float = 0.05,
        bias: Literal["double", "single"] = "double",
        init: Literal["orthogonal", "torch"] = "orthogonal",
        forget_bias: float | None = 1.0,
        tokenizer: Literal["char", "word", "space", "bpe"] | Tokenizer = "char",
        lowercase: bool = True,
        max_vocabulary: int | None = 1_000,
        beam: int = 10,
        epochs: int = 30,
        batch_size: int = 16,
        max_tokens: int | None = None,
        optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = "adam",
        lr: float = 3e-3,
        weight_decay: float = 0.0,
        clip_norm: float | None = 1.0,
        schedule: Literal["cosine", "linear", "step", "plateau", "one_cycle"] | None = "one_cycle",
        warmup: float = 0.0,
        average: float | None = None,
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
    ) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.bands = bands
        self.window_ms = window_ms
        self.step_ms = step_ms
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.convolutions = convolutions
        self.convolution_size = convolution_size
        self.kernel_size = kernel_size
        self.stride = stride
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.recurrent_dropout = recurrent_dropout
        self.weight_drop = weight_drop
        self.zoneout = zoneout
        self.layer_norm = layer_norm
        self.jitter = jitter
        self.time_warp = time_warp
        self.amplitude = amplitude
        self.bias = bias
        self.init = init
        self.forget_bias = forget_bias
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.max_vocabulary = max_vocabulary
        self.beam = beam
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
        self.random_state = random_state
        self.device = device
        self.n_threads = n_threads
        self.backend = backend
        self.verbose = verbose
        self.log = log
        self.checkpoint = checkpoint
        self.resume = resume

    @property
    def log_mel_(self) -> LogMel:
        """What turns sound into features."""
        return LogMel(self.sample_rate_hz, self.bands, self.window_ms, self.step_ms)

    @property
    def parameters_(self) -> int:
        """Number of weights and biases."""
        return sum(parameter.numel() for parameter in self.network_.parameters())

    def fit(self, recordings: Any, texts: Sequence[str], valid: tuple[Any, Sequence[str]] | None = None) -> Self:
        """Learn from recordings and what is said in them.

        Args:
            recordings: B paths of files (any rate), or B arrays of samples (n,) at `sample_rate_hz`.
            texts: B texts; an empty one says that nothing is said.
            valid: held-out recordings and texts, in place of `validation_fraction`.

        Returns:
            The estimator.

        Raises:
            InputError: other numbers of recordings than of texts, a recording that is too short for its text, or an
                argument that does not do.
            DataError: a file that cannot be read, or of zero length; names it.
            TrainingError: the loss became NaN.
            KeyboardInterrupt: Ctrl-C; the checkpoint was saved, if there is one.
        """
        began = perf_counter()
        fitting.check_texts(recordings, texts)
        if valid is not None:
            fitting.check_texts(*valid, name="valid")
        self.seed_ = seed_of(self)
        heard, held = features(recordings, self.log_mel_), None
        if valid is not None:
            held = features(valid[0], self.log_mel_), list(valid[1])
            learn = heard, list(texts)
        else:
            learn, held = fitting.parts(heard, list(texts), self.validation_fraction, self.seed_)
        self.standardiser_ = Standardiser.fit([one.astype(np.float64) for one in learn[0]])
        self.tokenizer_ = fitting.tokenizer_for(self, learn[1])
        self.network_ = fitting.first_network(self, self.bands, self.tokenizer_.size)
        self.history_ = fitting.train(self, self._encoded(*learn), None if held is None else self._encoded(*held))
        self.metrics_ = {
            "train_recordings": len(learn[0]),
            "valid_recordings": 0 if held is None else len(held[0]),
            "train_audio_seconds": sum(len(one) for one in learn[0]) * self.step_ms / 1000,
            "vocabulary": self.tokenizer_.size,
            "parameters": self.parameters_,
            "train_seconds": perf_counter() - began,
            **summary(self.history_),
        }
        return self

    def transcribe(
        self,
        recordings: Any,
        *,
        beam: int | None = None,
        language_model: LanguageModel | NGram | Scorer | None = None,
        language_weight: float = 0.5,
        token_bonus: float = 0.0,
    ) -> list[str]:
        """Write what is said.

        Args:
            recordings: B, as in `fit`.
            beam: in place of the constructor's; 1 takes each frame's likeliest token.
            language_model: a fitted `LanguageModel` or `NGram` of the same kind of tokens that has its say in the
                search; or a function from the tokens so far (a tuple) to log-probabilities (V,) of the next one.
            language_weight: of the language model beside the network.
            token_bonus: nats for each token, against the language model's wish for short texts.

        Returns:
            B texts.

        Raises:
            InputError: recordings that are none; names the first.
            DataError: a file that cannot be read, or of zero length; names it.
        """
        check_is_fitted(self)
        size = self.beam if beam is None else beam
        if size < 1:
            raise InputError(f"beam={size!r}, expected a number from 1 up; 1 keeps one beginning")
        scorer = None if language_model is None else scorer_of(language_model, self.tokenizer_)
        how: dict[str, Any] = {"scorer": scorer, "weight": language_weight, "bonus": token_bonus}
        written = []
        for said in self.log_probabilities(recordings):
            if size == 1 and scorer is None:
                tokens = best_path(said)
            else:
                tokens = list(prefix_beam(said, size, **how)[0][0])
            written.append(self.tokenizer_.decode(tokens))
        return written

    predict = transcribe

    def log_probabilities(self, recordings: Any) -> list[np.ndarray]:
        """What the network says of each frame, log-probabilities of the tokens.

        Args:
            recordings: B, as in `fit`.

        Returns:
            B arrays (T, V) in nats, T the frames that `stride` leaves; token 0 is the blank.
        """
        check_is_fitted(self)
        heard = [self._scaled(one) for one in features(recordings, self.log_mel_)]
        batches = Batches(heard, batch_size=max(self.batch_size, 32), shuffle=False)
        with threads(self.n_threads):
            said = [np.asarray(one, np.float64) for one in predict(self.network_, batches)]
        for one in said:  # the tokenizer's marks are no speech
            one[:, [self.tokenizer_.unk_id, self.tokenizer_.eos_id]] = -np.inf
        return said

    def evaluate(self, recordings: Any, texts: Sequence[str], **how: Any) -> dict[str, Any]:
        """Transcribe recordings and count the errors; see `error_rates`, whose result this is.

        Texts are compared as the tokenizer has them: folded where `lowercase`, white space as single spaces.

        Args:
            recordings: B, as in `fit`.
            texts: B, what is said.
            **how: `beam`, `language_model`, ... of `transcribe`.
        """
        fitting.check_texts(recordings, texts)
        known = [" ".join((text.lower() if self.lowercase else text).split()) for text in texts]
        return error_rates(known, [" ".join(text.split()) for text in self.transcribe(recordings, **how)])

    def score(self, recordings: Any, texts: Sequence[str]) -> float:
        """1 - word error rate: greater is better, as scikit-learn wants a score."""
        return 1.0 - float(self.evaluate(recordings, texts)["word_error_rate"] or 0.0)

    def _scaled(self, heard: np.ndarray) -> np.ndarray:
        return self.standardiser_(heard).astype(np.float32)

    def _encoded(self, heard: list[np.ndarray], texts: list[str]) -> fitting.Part:
        return [self._scaled(one) for one in heard], fitting.tokens_of(self.tokenizer_, texts)

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        scale = {"mean": self.standardiser_.mean, "scale": self.standardiser_.scale}
        return {"network": self.network_.settings}, {**tensors_of(self.network_), **scale}, self.tokenizer_.to_json()

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        self.standardiser_ = Standardiser(tensors["mean"], tensors["scale"])
        self.tokenizer_ = Tokenizer.from_json(tokenizer or "")
        self.network_ = network_from(TranscriberNetwork, learned["network"], tensors)
        self.history_ = History(self.metrics_.get("history", []))
        self.history_.best_epoch = self.metrics_.get("best_epoch")
