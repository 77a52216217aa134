"""The forecasts that a network has to beat: the last value, last season's, a line, a linear regression on the past."""

from typing import Any, Literal

import numpy as np
from sklearn.neural_network import MLPRegressor

from ostinato._core.errors import InputError
from ostinato.tasks.dense import Dense
from ostinato.tasks.forecasting.conformal import Conformal
from ostinato.tasks.forecasting.forecasting_task import ForecastingTask
from ostinato.tasks.forecasting.outputs import OUTPUTS, Output
from ostinato.tasks.forecasting.stored import conformal_tensors
from ostinato.tasks.forecasting.windows import Flat, Origins

METHODS = ("naive", "seasonal_naive", "drift", "linear", "network")
_EPOCHS = 60  # of the network


class BaselineForecaster(ForecastingTask):
    """Forecasts as one would without recurrence; reads, fills, scales, saves and back-tests as `Forecaster` does.

    Args:
        method: naive (the last value), seasonal_naive (the value a season ago), drift (the line from the first value to
            the last), linear (autoregression: least squares on the `look_back` rows of targets and covariates and on
            what is known ahead), or network (two small layers of ReLU units on the same).
        look_back: L, rows that linear and network read.
        horizon: H, rows that are forecast.
        season: rows of a season.
        calendar: features of the dates, as of `Forecaster`.
        hidden: units of the network's layers.
        scaling: of each series: standard, mean or none.
        transform: log takes the logarithm first; none does not.
        fill: of missing values: previous, linear or error.
        frequency: rows takes each row as a step whatever its date; none finds the steps.
        validation_fraction: share of each series, its end, that is held out to calibrate the intervals on.
        refit: learn again, from all rows, once the held-out part has been measured.
        random_state: seed of the network.

    Example:
        >>> model = BaselineForecaster(method="seasonal_naive", season=4, horizon=3, validation_fraction=None)
        >>> model.fit([1.0, 2.0, 3.0, 4.0, 1.5, 2.5, 3.5, 4.5]).predict().round(9)
        array([1.5, 2.5, 3.5])
    """

    task = "forecast-baseline"
    dense_: Dense

    def __init__(
        self,
        *,
        method: Literal["naive", "seasonal_naive", "drift", "linear", "network"] = "linear",
        look_back: int = 1,
        horizon: int = 1,
        season: int | None = None,
        calendar: tuple[str, ...] = (),
        hidden: tuple[int, ...] = (16, 16),
        scaling: Literal["standard", "mean", "none"] = "standard",
        transform: Literal["none", "log"] = "none",
        fill: Literal["previous", "linear", "error"] = "previous",
        frequency: Literal["rows"] | None = None,
        validation_fraction: float | None = 0.15,
        refit: bool = True,
        random_state: int | None = None,
    ) -> None:
        self.method = method
        self.look_back = look_back
        self.horizon = horizon
        self.season = season
        self.calendar = calendar
        self.hidden = hidden
        self.scaling = scaling
        self.transform = transform
        self.fill = fill
        self.frequency = frequency
        self.validation_fraction = validation_fraction
        self.refit = refit
        self.random_state = random_state

    @property
    def parameters_(self) -> int:
        """Number of weights and biases; 0 of those that learn nothing."""
        return self.dense_.parameters if self.method in ("linear", "network") else 0

    def _fit_windows(self, flat: Flat, train: Origins, valid: Origins | None) -> dict[str, Any]:
        if self.method not in METHODS:
            raise InputError(f"method={self.method!r}, expected one of {', '.join(METHODS)}; choose one")
        if self.method not in ("linear", "network"):
            return {}
        features, targets = self._features(flat, train), self._targets(flat, train)
        if self.method == "linear":
            centre, mean = features.mean(axis=0), targets.mean(axis=0)
            weight = np.linalg.lstsq(features - centre, targets - mean, rcond=None)[0]
            self.dense_ = Dense((weight,), (mean - centre @ weight,))
            return {}
        network = MLPRegressor(hidden_layer_sizes=self.hidden, random_state=self.seed_)
        network.set_params(batch_size=min(128, len(features)))
        for _ in range(_EPOCHS):  # epoch by epoch: `fit` would warn where it has not converged
            network.partial_fit(features, targets if targets.shape[1] > 1 else targets[:, 0])
        self.dense_ = Dense(tuple(network.coefs_), tuple(network.intercepts_))
        return {"epochs": _EPOCHS}

    def _raw(self, flat: Flat, origins: Origins) -> np.ndarray:
        H, K = self.horizon, flat.targets.shape[1]
        targets, ahead = flat.targets.numpy().astype(np.float64), np.arange(H)
        if self.method in ("linear", "network"):
            return self.dense_(self._features(flat, origins)).reshape(-1, H, K, 1)
        rows = origins.rows[:, None]
        last = targets[rows - 1]  # (W, 1, K)
        if self.method == "seasonal_naive":
            m = self.season or 1
            return np.asarray(targets[rows - m + ahead % m][..., None])
        if self.method == "drift":
            begins = flat.begins[origins.series][:, None]
            slope = (last - targets[begins]) / np.maximum(rows - 1 - begins, 1)[..., None]
            return np.asarray((last + slope * (ahead + 1)[:, None])[..., None])
        return np.repeat(last, H, axis=1)[..., None]

    def _features(self, flat: Flat, origins: Origins) -> np.ndarray:
        """The rows before an origin and what is known ahead of it, side by side, (W, F)."""
        Q = flat.known.shape[1]
        inputs, known = flat.inputs.numpy().astype(np.float64), flat.known.numpy().astype(np.float64)
        own = np.delete(inputs, np.s_[self._behind : self._behind + Q], axis=1)  # what is known stands once, below
        before = own[origins.rows[:, None] + np.arange(-self.look_back, 0)]
        ahead = known[origins.rows[:, None] + np.arange(self.horizon)]
        return np.concatenate([before.reshape(len(origins), -1), ahead.reshape(len(origins), -1)], axis=1)

    @property
    def _behind(self) -> int:
        """Columns of a window that are targets or past covariates."""
        return len(self.targets_) + len(next(iter(self.preparation_.behind.values())).shift)

    def _targets(self, flat: Flat, origins: Origins) -> np.ndarray:
        rows = origins.rows[:, None] + np.arange(self.horizon)
        return flat.targets.numpy()[rows].astype(np.float64).reshape(len(origins), -1)

    def _output(self) -> Output:
        return OUTPUTS["point"]

    def _reach(self) -> int:
        return max(self.look_back, self.season or 1) if self.method == "seasonal_naive" else self.look_back

    def _kept_rows(self) -> int | None:
        return None if self.method == "drift" else self._reach()

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        tensors = conformal_tensors(self.conformal_)
        return {}, tensors | (self.dense_.tensors() if self.parameters_ else {}), None

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        self.conformal_ = Conformal(tensors["conformal"]) if "conformal" in tensors else None
        if self.method in ("linear", "network"):
            self.dense_ = Dense.from_tensors({n: v for n, v in tensors.items() if n != "conformal"}, one_vs_rest=False)
