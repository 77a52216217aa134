"""What all forecasters share: series are read, filled and scaled alike, forecasts are given back and back-tested."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ostinato._core.errors import InputError
from ostinato.tasks.estimator import Estimator
from ostinato.tasks.forecasting import stored
from ostinato.tasks.forecasting.backtesting import backtest
from ostinato.tasks.forecasting.checks import (
    check_columns,
    check_lengths,
    check_reaches,
    check_sizes,
    row_of,
    steps_of,
    warn_constant,
)
from ostinato.tasks.forecasting.conformal import Conformal
from ostinato.tasks.forecasting.dates import Steps
from ostinato.tasks.forecasting.filling import regular
from ostinato.tasks.forecasting.intervals import Raw
from ostinato.tasks.forecasting.metrics import naive_errors
from ostinato.tasks.forecasting.outputs import Output
from ostinato.tasks.forecasting.panel import Series, read_panel
from ostinato.tasks.forecasting.prepare import Preparation
from ostinato.tasks.forecasting.results import Backtest, Forecast
from ostinato.tasks.forecasting.scaling import Scale, unscaled
from ostinato.tasks.forecasting.windows import Flat, Origins
from ostinato.tasks.held_out import share


@dataclass(frozen=True)
class Read:
    """Series to forecast from.

    Args:
        series: without gaps.
        observed: bool (T, K) of each, which targets are real.
        single: whether one series was given and not a list.
    """

    series: list[Series]
    observed: list[np.ndarray]
    single: bool


class ForecastingTask(Estimator):
    """Base of the forecasters. A subclass writes `_fit_windows`, `_raw`, `_learned` and `_restore`.

    Attributes:
        filled_: a dict for each column of the training series that had to be filled: series, column, how many, how.
        targets_: names of the K targets.
        memory_: the last rows of each training series, from which `predict` goes on.
        conformal_: the scores of the held-out forecasts, which intervals are made from.
        naive_errors_: of each series, the error of the naive forecast in training, which MASE is measured by.
        metrics_: rows, seconds and, as `held_out`, the metrics of the held-out part before it was learned from.
    """

    # constructor arguments of the subclasses
    look_back: int
    horizon: int
    season: int | None
    calendar: tuple[str, ...]
    scaling: str
    transform: str
    fill: Any
    frequency: str | None
    validation_fraction: float | None
    refit: bool

    filled_: list[dict[str, Any]]
    targets_: tuple[str, ...]
    memory_: list[Series]
    preparation_: Preparation
    conformal_: Conformal | None
    naive_errors_: dict[str, np.ndarray]
    single_: bool
    flat_: bool

    def fit(self, series: Any, past: Any = None, future: Any = None, static: Any = None, dates: Any = None) -> Self:
        """Learn from series.

        Args:
            series: one series, an array (T,) or (T, K) or a data frame with dates as its index; a list or a dict of
                them, of unequal length; or a `Panel`. NaN is a missing value.
            past: covariates that are known up to now, (T, P); for several series a list or a dict, as all that follows.
            future: covariates that are known ahead, (T or more, Q).
            static: what does not change, (S,).
            dates: (T,); of a data frame they are its index.

        Returns:
            The forecaster.

        Raises:
            InputError: series or arguments that do not do; names the series and the row.
            TrainingError: the loss became NaN.
        """
        began = perf_counter()
        check_sizes(self)
        panel = read_panel(series, past=past, future=future, static=static, dates=dates)
        steps = steps_of(panel, self.frequency)
        read = [regular(one, steps, self.fill) for one in panel.series]
        whole, observed = [one for one, _, _ in read], [seen for _, seen, _ in read]
        self.filled_ = [line for _, _, report in read for line in report]
        self.targets_, self.single_, self.flat_ = panel.targets, panel.single, panel.flat
        warn_constant(whole)
        self.seed_ = self._first_seed()
        fraction = share(self.validation_fraction)
        rows = np.array([len(one) for one in whole])
        cuts = rows - np.round(rows * fraction).astype(np.int64)
        flat, train = self._prepared(whole, observed, cuts, steps)
        valid = flat.origins(self._reach(), cuts, flat.lengths - self.horizon) if fraction else None
        if valid is not None and not len(valid):
            raise InputError(
                f"validation_fraction={self.validation_fraction!r} holds out {(rows - cuts).max()} rows of the longest "
                f"series, expected at least horizon={self.horizon}; raise it, lower horizon, or give None"
            )
        self.naive_errors_ = {
            one.name: naive_errors(one.targets, seen, self.season or 1)
            for one, seen in zip(whole, observed, strict=True)
        }
        found = self._fit_windows(flat, train, valid)
        self.conformal_ = None
        if valid is not None:
            found["held_out"] = backtest(self, whole, observed, cuts.tolist()).metrics
            self.conformal_ = Conformal.fit(self._scores(flat, valid))
            if self.refit:
                flat, train = self._prepared(whole, observed, rows, steps)
                self._refit_windows(flat, train)
        keep = self._kept_rows()
        self.memory_ = [stored.tail(one, len(one) if keep is None else keep) for one in whole]
        self.metrics_ = {
            "series": len(whole),
            "rows": int(rows.sum()),
            "windows": len(train),
            "valid_windows": 0 if valid is None else len(valid),
            "filled": sum(line["missing"] for line in self.filled_),
            "train_seconds": perf_counter() - began,
            "parameters": self.parameters_,
            **found,
        }
        return self

    def predict(
        self, series: Any = None, past: Any = None, future: Any = None, static: Any = None, dates: Any = None
    ) -> Any:
        """Forecast the rows after the end.

        Args:
            series: as in `fit`; by default the training series. Those that training has seen, by name or place, keep
                their scale, others have that of their own rows.
            past: covariates known up to now, as in `fit`.
            future: covariates known ahead, as in `fit`, and `horizon` rows beyond the series; with the training
                series it may be these rows alone.
            static: as in `fit`.
            dates: as in `fit`.

        Returns:
            (H,) or (H, K) of one series, else a list of them.
        """
        read = self._read(series, past, future, static, dates)
        raw, scales = self._foretold(read)
        return self._shaped(list(unscaled(scales, raw.mean, np.arange(len(scales)))), read.single)

    def predict_interval(
        self,
        series: Any = None,
        past: Any = None,
        future: Any = None,
        static: Any = None,
        dates: Any = None,
        level: float = 0.9,
    ) -> tuple[Any, Any]:
        """Forecast in which interval the next rows will lie.

        Args:
            series: as in `predict`.
            past: covariates known up to now, as in `fit`.
            future: covariates known ahead, as in `fit`, as `predict` needs it.
            static: as in `fit`.
            dates: as in `fit`.
            level: the share of truths that is to lie in the interval.

        Returns:
            Its lower and upper end, each as `predict` returns.

        Raises:
            InputError: there is neither a distribution nor a held-out part to measure errors on.
        """
        read = self._read(series, past, future, static, dates)
        found = self._forecasts(read, level)
        if found[0].lower is None:
            raise InputError(
                "this forecaster has no distribution and held no part out, expected one of them to say how wide an "
                "interval is; fit with output='gaussian' or validation_fraction=0.15"
            )
        lower, upper = ([getattr(one, end) for one in found] for end in ("lower", "upper"))
        return self._shaped(lower, read.single), self._shaped(upper, read.single)

    def forecast(
        self,
        series: Any = None,
        past: Any = None,
        future: Any = None,
        static: Any = None,
        dates: Any = None,
        level: float = 0.9,
    ) -> list[Forecast]:
        """Forecast with dates, intervals and what was read: what pictures and files are made of.

        Args:
            series: as in `predict`.
            past: covariates known up to now, as in `fit`.
            future: covariates known ahead, as in `fit`, as `predict` needs it.
            static: as in `fit`.
            dates: as in `fit`.
            level: of the intervals, where there are any.

        Returns:
            A forecast a series.
        """
        return self._forecasts(self._read(series, past, future, static, dates), level)

    def backtest(
        self,
        series: Any,
        past: Any = None,
        future: Any = None,
        static: Any = None,
        dates: Any = None,
        *,
        start: Any = None,
        stride: int = 1,
        level: float = 0.9,
        adapt: float = 0.0,
    ) -> Backtest:
        """Forecast from every origin of a range and compare with what came; nothing is learned anew.

        Args:
            series: as in `fit`; with the rows before `start`, which are read, not measured.
            past: covariates known up to now, as in `fit`.
            future: covariates known ahead, as in `fit`, at least as long as the series.
            static: as in `fit`.
            dates: as in `fit`.
            start: the first row that is forecast: its number, its date, or a share of the rows as 0.8; none for the
                first one that has `look_back` rows before it.
            stride: rows from one origin to the next.
            level: of the intervals, where there are any.
            adapt: rate at which conformal intervals learn from their misses on the way, as 0.02; 0 keeps their width.

        Returns:
            All forecasts of `horizon` rows that end within the series, and the metrics over all of them.

        Raises:
            InputError: no origin has enough rows before and behind it.
        """
        if series is None:
            raise InputError("series is None, expected series with the rows that are to be forecast; give them")
        read = self._read(series, past, future, static, dates)
        first = [row_of(start, one, self._reach()) for one in read.series]
        return backtest(self, read.series, read.observed, first, stride=stride, level=level, adapt=adapt)

    @abstractmethod
    def _fit_windows(self, flat: Flat, train: Origins, valid: Origins | None) -> dict[str, Any]:
        """Learn from windows, and return what was measured."""

    def _refit_windows(self, flat: Flat, train: Origins) -> None:
        """Learn again, from all windows."""
        self._fit_windows(flat, train, None)

    @abstractmethod
    def _raw(self, flat: Flat, origins: Origins) -> np.ndarray:
        """Forecast from origins: float64 (W, H, K, P)."""

    @abstractmethod
    def _output(self) -> Output:
        """How these P numbers are read."""

    def _first_seed(self) -> int:
        return self._seed()

    def _scaling(self) -> str:
        return self.scaling

    def _with_past(self) -> bool:
        """Whether the past covariates are forecast too."""
        return False

    def _kept_rows(self) -> int | None:
        """How many of the last rows `predict` needs; `None` for all."""
        return self._reach()

    def _reach(self) -> int:
        """Rows that there have to be before an origin."""
        return self.look_back

    def _prepared(
        self, whole: list[Series], observed: list[np.ndarray], cuts: np.ndarray, steps: Steps
    ) -> tuple[Flat, Origins]:
        """Learn scales from the rows before the cuts; the arrays, and the windows that end before the cuts."""
        self.preparation_ = Preparation.fit(
            [one.until(cut) for one, cut in zip(whole, cuts, strict=True)],
            scaling=self._scaling(),
            transform=self.transform,
            calendar=tuple(self.calendar),
            steps=steps,
        )
        flat, _ = self.preparation_.flat(whole, observed, self.horizon, cuts.tolist(), self._with_past())
        L, H = self._reach(), self.horizon
        train = flat.origins(L, np.full(len(whole), L), cuts - H)
        if not len(train):
            longest = max(whole, key=len)
            raise InputError(
                f"the longest series, {longest.name!r}, has {len(longest)} rows, {cuts.max()} of them to learn from, "
                f"expected at least look_back + horizon = {L + H}; give more rows, or lower one of them"
            )
        return flat, train

    def _foretold(self, read: Read) -> tuple[Raw, list[Scale]]:
        """The raw forecasts after the end of each series, and the series' units."""
        for one in read.series:
            check_reaches(one, self.horizon)
        rows = [len(one) for one in read.series]
        flat, scales = self.preparation_.flat(read.series, read.observed, self.horizon, rows, self._with_past())
        origins = flat.origins(self._reach(), flat.lengths, flat.lengths)
        units = np.stack([scale.unit for scale in scales])[:, None]
        return Raw(self._raw(flat, origins), units, self._output(), self.conformal_), scales

    def _forecasts(self, read: Read, level: float) -> list[Forecast]:
        raw, scales = self._foretold(read)
        ends = raw.interval(raw.width(level)) if raw.has_interval else (None, None)
        each = np.arange(len(scales))
        mean = unscaled(scales, raw.mean, each)
        lower, upper = (None if end is None else unscaled(scales, end, each) for end in ends)
        found = []
        for number, one in enumerate(read.series):
            coming = None if one.dates is None else self.preparation_.steps.after(one.dates, self.horizon)
            low, high = (None if end is None else end[number] for end in (lower, upper))
            found.append(Forecast(one.name, coming, mean[number], low, high, level, one.targets, one.dates))
        return found

    def _scores(self, flat: Flat, valid: Origins) -> np.ndarray:
        """How far the truth of held-out windows was from the forecast, (W, H, K)."""
        K = len(self.targets_)
        rows = valid.rows[:, None] + np.arange(self.horizon)
        truth = flat.targets.numpy()[rows][..., :K].astype(np.float64)
        units = flat.units.numpy()[valid.series][:, None, :K].astype(np.float64)
        found = Raw(self._raw(flat, valid), units, self._output(), None).scores(truth)
        return np.asarray(np.where(flat.observed.numpy()[rows][..., :K], found, np.nan))

    def _read(self, series: Any, past: Any, future: Any, static: Any, dates: Any) -> Read:
        """Check series to forecast from; none are those of training."""
        if not hasattr(self, "memory_"):
            check_is_fitted(self)  # which looks through all that a class has: a third of a short forecast
        if series is None:
            if past is not None or static is not None or dates is not None:
                raise InputError("past, static or dates are given without series, expected both; give series")
            memory = self.memory_ if future is None else stored.continued(self.memory_, future, self.single_)
            return Read(memory, [np.ones_like(one.targets, bool) for one in memory], self.single_)
        panel = read_panel(series, past=past, future=future, static=static, dates=dates)
        check_columns(panel, self.memory_[0])
        filled = [regular(one, self.preparation_.steps, self.fill) for one in panel.series]
        check_lengths([one for one, _, _ in filled], self._reach())
        return Read([one for one, _, _ in filled], [seen for _, seen, _ in filled], panel.single)

    def _shaped(self, found: Sequence[Any], single: bool) -> Any:
        """A forecast a series, as the user gave series."""
        plain = [one[:, 0] if self.flat_ else one for one in found]
        return plain[0] if single else plain

    def _common(self) -> dict[str, Any]:
        return stored.to_json(self)

    def _restore_common(self, learned: dict[str, Any]) -> None:
        stored.from_json(self, learned)
