"""The music model as an estimator: from pieces to probabilities of the notes to come."""

from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Any, Literal, Self

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from ostinato._core.random import derive
from ostinato.nn import pack, unpack
from ostinato.tasks.estimator import Estimator
from ostinato.tasks.held_out import hold_out, share
from ostinato.tasks.music import fitting, writing
from ostinato.tasks.music.measuring import summary
from ostinato.tasks.music.network import MusicNetwork, begun
from ostinato.tasks.music.rolls import Roll, check_pitches, roll_of, rolls_of
from ostinato.train import History, threads

_READ = 64  # pieces read together


class MusicModel(Estimator):
    """Learns from pieces which notes sound next: measures music, and writes it.

    Use it on polyphonic music, or any steps at which several of P things are on at once. A piece is a list of steps, a
    step the MIDI pitches that sound. Given all steps before, each note is on or off independently of the others of its
    step: the model knows what may follow, not which of two chords was meant.

    Args:
        cell: name in `ostinato.cells.CELLS`.
        hidden_size: H, units of a layer.
        num_layers: L, layers.
        pitches: the lowest and the highest pitch of MIDI; 21,108 are a piano's 88 keys.
        transpose: in each epoch each piece is moved up or down by so many semitones at most, drawn anew; 0 for none.
        input_dropout: probability of dropping a note of the input, at all steps of a piece.
        dropout: probability of dropping a feature between layers, likewise.
        output_dropout: probability of dropping a feature behind the last layer, likewise.
        recurrent_dropout: probability of dropping a feature of the state, likewise.
        weight_drop: probability of dropping a recurrent weight.
        bias: one bias vector a gate (single, as Keras) or two (double, as torch).
        init: first weights: orthogonal (Saxe et al. 2014) or torch's.
        forget_bias: first bias of the forget gate, in cells that have one (1: Jozefowicz et al. 2015).
        epochs: passes over the training part at most.
        batch_size: pieces a batch.
        optimizer: adam, adamw, sgd or rmsprop.
        lr: learning rate.
        weight_decay: decay of the matrices.
        clip_norm: greatest norm of the gradients; none for no limit.
        schedule: of the learning rate: cosine, linear, step, plateau or one_cycle; none for a constant one.
        warmup: share of the steps over which the learning rate grows from 0.
        average: of the weights: a decay (0.999) or a number of epochs; none for none.
        patience: epochs without a lower held-out loss before training stops; none trains all epochs.
        validation_fraction: share of the pieces that is held out to keep the best epoch; 0 or none for none.
        random_state: seed of everything drawn; none draws a fresh one, kept as `seed_`.
        device: where to train, as torch names it.
        n_threads: threads to compute with; none leaves torch's setting.
        backend: of `ostinato.kernels.BACKENDS`, to demand one; none takes the best that can run.
        verbose: 1 shows progress.
        log: path of a metrics.jsonl, a line an epoch.
        checkpoint: folder that keeps the state of training after each epoch and on Ctrl-C.
        resume: go on from the checkpoint; with the same pieces and arguments the result is as if never interrupted.

    Attributes:
        network_: the `MusicNetwork`.
        history_: the epochs' records; losses are nats a step.
        metrics_: pieces, parameters, seconds and the best epoch's numbers.

    Source: Boulanger-Lewandowski et al. 2012, "Modeling Temporal Dependencies in High-Dimensional Sequences".

    Example:
        >>> scale = [[60], [62], [64], [65, 72], []] * 4
        >>> model = MusicModel(hidden_size=16, transpose=0, output_dropout=0.0, epochs=60, lr=0.03,
        ...                    validation_fraction=None, random_state=0).fit([scale] * 8)
        >>> model.sample(5, temperature=0)
        [[60], [62], [64], [65, 72], []]
    """

    task = "music"
    network_: MusicNetwork
    history_: History

    def __init__(
        self,
        *,
        cell: str = "lstm",
        hidden_size: int = 200,
        num_layers: int = 1,
        pitches: tuple[int, int] = (21, 108),
        transpose: int = 5,
        input_dropout: float = 0.0,
        dropout: float = 0.3,
        output_dropout: float = 0.3,
        recurrent_dropout: float = 0.0,
        weight_drop: float = 0.0,
        bias: Literal["double", "single"] = "single",
        init: Literal["orthogonal", "torch"] = "orthogonal",
        forget_bias: float | None = 1.0,
        epochs: int = 150,
        batch_size: int = 16,
        optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = "adam",
        lr: float = 1e-2,
        weight_decay: float = 0.0,
        clip_norm: float | None = 1.0,
        schedule: Literal["cosine", "linear", "step", "plateau", "one_cycle"] | None = "one_cycle",
        warmup: float = 0.0,
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
        self.num_layers = num_layers
        self.pitches = pitches
        self.transpose = transpose
        self.input_dropout = input_dropout
        self.dropout = dropout
        self.output_dropout = output_dropout
        self.recurrent_dropout = recurrent_dropout
        self.weight_drop = weight_drop
        self.bias = bias
        self.init = init
        self.forget_bias = forget_bias
        self.epochs = epochs
        self.batch_size = batch_size
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

    def fit(self, pieces: Iterable[Any], valid: Iterable[Any] | None = None) -> Self:
        """Learn from pieces.

        Args:
            pieces: each a list of steps, each a list of MIDI pitches (silence: an empty one); or each a (T, P) array of
                0 and 1, a column a pitch from the lowest up.
            valid: held-out pieces, in place of `validation_fraction`.

        Returns:
            The estimator.

        Raises:
            InputError: no piece, an empty one, a pitch out of range (piece and step are named), or an argument that
                does not do.
            TrainingError: the loss became NaN.
            KeyboardInterrupt: Ctrl-C; the checkpoint was saved, if there is one.
        """
        began = perf_counter()
        self._range = check_pitches(self.pitches)
        rolls = rolls_of(pieces, self._range)
        held = [] if valid is None else rolls_of(valid, self._range, "valid")
        self.seed_ = fitting.seed_of(self)
        if valid is None:
            fraction = share(self.validation_fraction)
            kept, out = hold_out(np.zeros(len(rolls), np.int64), fraction, derive(self.seed_, fitting.HELD))
            rolls, held = [rolls[i] for i in kept], [rolls[i] for i in out]
        self.network_ = fitting.first_network(self, rolls)
        self.history_ = fitting.train(self, self.network_, rolls, held)
        self.metrics_ = {
            "train_pieces": len(rolls),
            "train_steps": sum(map(len, rolls)),
            "valid_pieces": len(held),
            "train_seconds": perf_counter() - began,
            "parameters": self.parameters_,
            "best_epoch": self.history_.best_epoch,
            **fitting.best_record(self.history_),
            "history": list(self.history_),
        }
        return self

    @property
    def parameters_(self) -> int:
        """Number of weights and biases."""
        return sum(parameter.numel() for parameter in self.network_.parameters())

    def evaluate(self, pieces: Iterable[Any]) -> dict[str, Any]:
        """Measure how well each step of pieces is foreseen from all that stand before it.

        Args:
            pieces: as of `fit`.

        Returns:
            JSON-able: pieces, steps, notes, loss_nats (a step: the cross-entropies of all P notes summed, the first
            step counted) and accuracy (of notes taken as foreseen from a half up: those that do sound, among all that
            sound or were foreseen).
        """
        check_is_fitted(self)
        rolls = rolls_of(pieces, self._range)
        return summary(self._logits(rolls), rolls)

    def score(self, pieces: Iterable[Any]) -> float:
        """Minus the nats a step: the higher the better; see `evaluate`."""
        return -float(self.evaluate(pieces)["loss_nats"])

    def predict_proba(self, pieces: Iterable[Any]) -> list[np.ndarray]:
        """How probable each note is at each step, given all steps before it.

        Args:
            pieces: as of `fit`.

        Returns:
            Of each piece (T, P), float64; the first row knows nothing of the piece.
        """
        check_is_fitted(self)
        return [1 / (1 + np.exp(-logits)) for logits in self._logits(rolls_of(pieces, self._range))]

    def sample(
        self,
        length: int = 64,
        *,
        prompt: Sequence[Sequence[int]] | np.ndarray = (),
        temperature: float = 1.0,
        seed: int | None = None,
    ) -> list[list[int]]:
        """Write a piece.

        Args:
            length: steps to write.
            prompt: how it begins, a piece as of `fit`; () begins anew.
            temperature: what log-odds are divided by; 0 takes the notes that are likelier on than off.
            seed: of the draws; none draws a fresh one.

        Returns:
            The piece, the prompt included: a list of steps, each a list of pitches, low to high.

        Raises:
            InputError: a length or temperature below 0, or a pitch of the prompt out of range.
        """
        check_is_fitted(self)
        begin = roll_of(prompt, self._range, "prompt", empty=True)
        with threads(self.n_threads):
            return writing.sample(self.network_, begin, self._range[0], length, temperature, seed)

    @torch.no_grad()
    def _logits(self, rolls: list[Roll]) -> list[np.ndarray]:
        """Log-odds of each note at each step, float64 (T, P) a piece."""
        found: list[np.ndarray] = []
        device = self.network_.output.weight.device
        with threads(self.n_threads):
            for begin in range(0, len(rolls), _READ):
                some = pack([begun(torch.from_numpy(roll))[:-1] for roll in rolls[begin : begin + _READ]])
                logits, _ = self.network_(some.to(device))  # type: ignore[arg-type]  # torch's annotation forgets devices
                found += [part.double().numpy() for part in unpack(some._replace(data=logits.cpu()))]
        return found

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        state = self.network_.state_dict()
        tensors = {f"network.{name}": value.detach().cpu().numpy() for name, value in state.items()}
        return {"network": self.network_.settings, "pitches": list(self._range)}, tensors, None

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        self._range = check_pitches(tuple(learned["pitches"]))
        self.network_ = fitting.network_from(learned["network"], tensors)
        self.history_ = History(self.metrics_.get("history", []))
        self.history_.best_epoch = self.metrics_.get("best_epoch")
