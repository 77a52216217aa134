"""The recurrent forecaster as an estimator."""

from typing import Any, Literal

import numpy as np
import torch
from sklearn.base import clone

from ostinato._core.errors import InputError
from ostinato._core.random import derive
from ostinato.tasks.fitting import best_record, resumed_seed
from ostinato.tasks.forecasting import fitting, recursion
from ostinato.tasks.forecasting.conformal import Conformal
from ostinato.tasks.forecasting.forecasting_task import ForecastingTask
from ostinato.tasks.forecasting.network import ForecastNetwork
from ostinato.tasks.forecasting.outputs import Output, output_of
from ostinato.tasks.forecasting.stored import conformal_tensors
from ostinato.tasks.forecasting.windows import Flat, Origins, WindowBatches
from ostinato.train import History, threads
from ostinato.train import predict as applied
from ostinato.train.batch import device_of

_MEMBER = 3  # what a seed is derived for


class Forecaster(ForecastingTask):
    """Forecasts one or many series with a recurrent network: numbers, distributions of them, intervals that cover.

    One network learns from the windows of all series; each is scaled by its own training part, and forecasts come back
    in its own unit. Fit a `BaselineForecaster` beside it: where that does as well, recurrence is not worth it.

    Args:
        look_back: L, rows that are read before a forecast ("lags").
        horizon: H, rows that are forecast.
        strategy: direct (all steps from the last state), recursive (one step, which is then read as if it had
            happened; past covariates are forecast too), encoder_decoder, or segments (SegRNN, for long horizons: each
            target by itself, `segment` rows a step).
        cell: name in `ostinato.cells.CELLS`.
        hidden_size: H, units of a layer.
        num_layers: layers.
        segment: rows of a segment, of the strategy segments.
        output: point, absolute (point, by absolute error), gaussian, student_t, negative_binomial (counts) or
            quantiles.
        quantiles: shares, of the output quantiles.
        calendar: features of the dates that are known for all time: hour, day_of_week, weekend, week_cycle,
            day_of_month, day_of_year, month, month_cycle.
        season: rows of a season, which MASE is measured by.
        level: what each window is read relative to, its last value or its mean, for series that wander; none for their
            own zero.
        highway: add a linear map of the whole window, so that the network learns what that leaves (LSTNet).
        scaling: of each series: standard (mean 0, deviation 1), mean (divided by its mean size) or none.
        transform: log takes the logarithm first, for growth; none does not.
        fill: of missing values: previous (the last value, from the past alone), linear (to the next value) or error.
        frequency: rows takes each row as a step whatever its date; none finds the steps and fills missing dates.
        members: networks that are trained, each from its own first weights, and averaged.
        dropout: probability of dropping a feature between layers and before the last one.
        recurrent_dropout: probability of dropping a state's feature before the recurrent product, at all steps alike.
        weight_drop: probability of dropping a recurrent weight.
        zoneout: probability that a state keeps its old value.
        layer_norm: normalise the products in the cell.
        bias: one bias vector a gate (single, as Keras) or two (double, as torch).
        init: first weights: orthogonal (Saxe et al. 2014) or torch's.
        forget_bias: first bias of the forget gate, in cells that have one.
        epochs: passes over the training windows at most; none for 10, or more where they are few, until 1,500 batches
            were seen, 200 at most.
        batch_size: windows a batch.
        optimizer: adam, adamw, sgd or rmsprop.
        lr: learning rate.
        weight_decay: decay of the matrices.
        clip_norm: greatest norm of the gradients; none for no limit.
        schedule: of the learning rate: cosine, linear, step, plateau or one_cycle; none for a constant one.
        warmup: share of the steps over which the learning rate grows from 0.
        average: moving average of the weights, by its decay (0.999); none for none.
        patience: epochs without a lower held-out loss before training stops and goes back to the best epoch; none
            trains all epochs and keeps the last weights.
        validation_fraction: share of each series, its end, that is held out: to measure by, to calibrate the intervals
            on, and to stop early where `patience` is given; 0 or none trains on all rows.
        refit: learn again, from all rows, once the held-out part has been measured.
        truncate: steps that gradients reach back; none for all.
        random_state: seed of everything drawn; none draws a fresh one, kept as `seed_`.
        device: where to train, as torch names it.
        n_threads: threads to compute with; none leaves torch's setting.
        backend: of `ostinato.kernels.BACKENDS`, to demand one; none takes the best that can run.
        verbose: 1 shows progress.
        log: path of a metrics.jsonl, a line an epoch.
        checkpoint: folder that keeps the state of training after each epoch and on Ctrl-C; of one member alone.
        resume: go on from the checkpoint.

    Attributes:
        networks_: the `ForecastNetwork`s, one a member.
        history_: the first member's epochs' records.
        filled_: what was missing in the training series, and how it was filled.
        conformal_: the held-out scores that intervals are made from.
        metrics_: rows, windows, parameters, seconds and the kept epoch's numbers.

    Example:
        >>> wave = np.sin(np.arange(200) / 5)
        >>> model = Forecaster(look_back=20, horizon=5, hidden_size=8, epochs=20, lr=0.02, random_state=0)
        >>> forecast = model.fit(wave).predict()
        >>> forecast.shape, bool(np.abs(forecast - np.sin(np.arange(200, 205) / 5)).max() < 0.2)
        ((5,), True)
    """

    task = "forecast"
    networks_: list[ForecastNetwork]
    history_: History

    def __init__(
        self,
        *,
        look_back: int = 24,
        horizon: int = 1,
        strategy: Literal["direct", "recursive", "encoder_decoder", "segments"] = "direct",
        cell: str = "gru",
        hidden_size: int = 32,
        num_layers: int = 1,
        segment: int = 12,
        output: Literal["point", "absolute", "gaussian", "student_t", "negative_binomial", "quantiles"] = "point",
        quantiles: tuple[float, ...] = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95),
        calendar: tuple[str, ...] = (),
        season: int | None = None,
        level: Literal["last", "mean"] | None = None,
        highway: bool = False,
        scaling: Literal["standard", "mean", "none"] = "standard",
        transform: Literal["none", "log"] = "none",
        fill: Literal["previous", "linear", "error"] = "previous",
        frequency: Literal["rows"] | None = None,
        members: int = 1,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        weight_drop: float = 0.0,
        zoneout: float = 0.0,
        layer_norm: bool = False,
        bias: Literal["double", "single"] = "double",
        init: Literal["orthogonal", "torch"] = "orthogonal",
        forget_bias: float | None = 1.0,
        epochs: int | None = None,
        batch_size: int = 64,
        optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = "adam",
        lr: float = 4e-3,
        weight_decay: float = 0.0,
        clip_norm: float | None = 1.0,
        schedule: Literal["cosine", "linear", "step", "plateau", "one_cycle"] | None = "one_cycle",
        warmup: float = 0.0,
        average: float | None = None,
        patience: int | None = None,
        validation_fraction: float | None = 0.15,
        refit: bool = True,
        truncate: int | None = None,
        random_state: int | None = None,
        device: str = "cpu",
        n_threads: int | None = None,
        backend: str | None = None,
        verbose: int = 0,
        log: str | None = None,
        checkpoint: str | None = None,
        resume: bool = False,
    ) -> None:
        self.look_back = look_back
        self.horizon = horizon
        self.strategy = strategy
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.segment = segment
        self.output = output
        self.quantiles = quantiles
        self.calendar = calendar
        self.season = season
        self.level = level
        self.highway = highway
        self.scaling = scaling
        self.transform = transform
        self.fill = fill
        self.frequency = frequency
        self.members = members
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout
        self.weight_drop = weight_drop
        self.zoneout = zoneout
        self.layer_norm = layer_norm
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
        self.refit = refit
        self.truncate = truncate
        self.random_state = random_state
        self.device = device
        self.n_threads = n_threads
        self.backend = backend
        self.verbose = verbose
        self.log = log
        self.checkpoint = checkpoint
        self.resume = resume

    @property
    def bidirectional(self) -> bool:
        """No direction but forward: a forecaster reads what comes before alone."""
        return False

    @property
    def parameters_(self) -> int:
        """Number of weights and biases, of all members."""
        return sum(parameter.numel() for network in self.networks_ for parameter in network.parameters())

    def steps_ahead(self) -> int:
        """How many steps a network forecasts at once."""
        return 1 if self.strategy == "recursive" else self.horizon

    def _fit_windows(self, flat: Flat, train: Origins, valid: Origins | None) -> dict[str, Any]:
        if self.members < 1:
            raise InputError(f"members={self.members!r}, expected a number of networks from 1 up; correct it")
        if self.members > 1 and self.checkpoint is not None:
            raise InputError(f"members={self.members} with a checkpoint, expected one member; set one of them to None")
        if self._step_output().counts and self.level is not None:
            raise InputError(f"level={self.level!r} with output={self.output!r}, expected None: counts have no level")
        self.networks_, self.history_ = self._trained(flat, train, valid)
        return {
            "best_epoch": self.history_.best_epoch,
            **best_record(self.history_),
            "history": list(self.history_),
        }

    def _refit_windows(self, flat: Flat, train: Origins) -> None:
        """As many epochs again, from new first weights and all windows; the history stays that of the first time."""
        epochs = len(self.history_) if self.patience is None else self.history_.best_epoch
        again: Forecaster = clone(self).set_params(
            epochs=epochs, patience=None, checkpoint=None, resume=False, log=None
        )
        again.seed_ = self.seed_
        self.networks_, _ = again._trained(flat, train, None)

    def _trained(self, flat: Flat, train: Origins, valid: Origins | None) -> tuple[list[ForecastNetwork], History]:
        """All members, and the first one's history."""
        output, networks, histories = self._step_output(), [], []
        for member in range(self.members):
            seed = self.seed_ if member == 0 else derive(self.seed_, _MEMBER, member)
            network = fitting.first_network(self, flat, output, seed)
            histories.append(fitting.train(self, network, flat, output, (train, valid), seed))
            networks.append(network)
        return networks, histories[0]

    def _raw(self, flat: Flat, origins: Origins) -> np.ndarray:
        size = {"look_back": self.look_back, "horizon": self.horizon}
        if self.strategy == "recursive":
            K = len(self.targets_)
            with threads(self.n_threads), torch.no_grad():
                found = recursion.recursive(
                    self._averaged, flat, origins, self.look_back, self.horizon, self._step_output(), self.seed_
                )
            return np.asarray(found[:, :, :K])
        batches = WindowBatches(flat, origins, batch_size=256, shuffle=False, **size)
        with threads(self.n_threads):
            parts = [applied(n, batches, lambda m, batch: m(batch.inputs, batch.known)) for n in self.networks_]
        return np.asarray(np.mean([np.asarray(part, np.float64) for part in parts], axis=0))

    def _averaged(self, inputs: Any, known: torch.Tensor) -> torch.Tensor:
        device = device_of(self.networks_[0])
        inputs, known = inputs.to(device), known.to(device)
        return torch.stack([network(inputs, known) for network in self.networks_]).mean(dim=0).cpu()

    def _step_output(self) -> Output:
        """How the network's numbers are read."""
        return output_of(self.output, tuple(self.quantiles))

    def _output(self) -> Output:
        step = self._step_output()
        if self.strategy == "recursive" and step.quantile is not None:
            return output_of("quantiles", tuple(recursion.LEVELS))
        return step

    def _scaling(self) -> str:
        counts = self._step_output().counts
        return "mean" if counts and self.scaling == "standard" else self.scaling

    def _with_past(self) -> bool:
        return self.strategy == "recursive"

    def _first_seed(self) -> int:
        kept = resumed_seed(self.checkpoint) if self.resume else None
        return self._seed() if kept is None else kept

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        tensors = conformal_tensors(self.conformal_)
        for member, network in enumerate(self.networks_):
            state = network.state_dict()
            tensors |= {f"network.{member}.{name}": value.detach().cpu().numpy() for name, value in state.items()}
        return {"network": self.networks_[0].settings, "members": len(self.networks_)}, tensors, None

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        self.networks_ = fitting.networks_from(learned["network"], tensors, learned["members"])
        self.conformal_ = Conformal(tensors["conformal"]) if "conformal" in tensors else None
        self.history_ = History(self.metrics_.get("history", []))
        self.history_.best_epoch = self.metrics_.get("best_epoch")
