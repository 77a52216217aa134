"""Series, dates and gaps: what is taken, what is filled, and what is refused in which words."""

from typing import Any

import numpy as np
import pytest

from ostinato import BaselineForecaster, Forecaster, InputError
from ostinato._core.errors import NotFiniteError, ShapeError
from ostinato.tasks.forecasting.calendar import CALENDAR, calendar_features
from ostinato.tasks.forecasting.dates import Steps, read_dates
from ostinato.tasks.forecasting.filling import regular
from ostinato.tasks.forecasting.panel import read_panel
from ostinato.tasks.forecasting.table import Layout, panel_of


def days(*texts: str) -> np.ndarray:
    return np.array(texts, "datetime64[s]")


@pytest.mark.parametrize(
    ("dates", "expected", "coming"),
    [
        (("2024-01-01", "2024-01-02", "2024-01-04"), Steps("seconds", 86_400), "2024-01-05"),
        (("2024-01-01T00:30", "2024-01-01T01:00", "2024-01-01T01:30"), Steps("seconds", 1800), "2024-01-01T02:00"),
        (("2023-12-01", "2024-01-01", "2024-02-01"), Steps("months", 1), "2024-03-01"),
        (("2023-12-31", "2024-01-31", "2024-02-29"), Steps("month_ends", 1), "2024-03-31"),
        (("2022-01-01", "2023-01-01", "2024-01-01"), Steps("months", 12), "2025-01-01"),
        (("2024-01-01", "2024-01-08", "2024-01-15"), Steps("seconds", 604_800), "2024-01-22"),
    ],
)
def test_steps_are_found(dates: tuple[str, ...], expected: Steps, coming: str) -> None:
    found = Steps.of(days(*dates), "a")
    assert found == expected
    assert found.after(days(*dates), 1)[0] == np.datetime64(coming, "s")


def test_business_days() -> None:
    dates = days("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-05", "2024-01-08", "2024-01-09", "2024-01-12")
    found = Steps.of(dates, "a")
    assert found == Steps("business")
    assert found.after(dates, 2).tolist() == days("2024-01-15", "2024-01-16").tolist()
    assert len(found.between(dates)) == 10  # the 4th, the 10th and the 11th come in


def test_uneven_dates_are_refused_unless_rows_are_steps() -> None:
    dates = days("2024-01-01", "2024-01-02", "2024-02-11", "2024-02-12", "2024-05-01", "2024-06-30")
    with pytest.raises(InputError, match=r"uneven distances.*frequency='rows'"):
        Steps.of(dates, "a")
    BaselineForecaster(method="naive", frequency="rows", validation_fraction=None).fit(np.arange(6.0), dates=dates)


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (["2024-01-02", "2024-01-01"], r"dates\[1\] .*comes after.*sort the rows"),
        (["2024-01-01", "2024-01-01"], r"dates\[1\] .*repeats the one before"),
        (["2024-01-01", "NaT"], r"dates\[1\] .*missing"),
        (["a day", "2024-01-01"], r"begin with 'a day', expected dates as 2024-01-31"),
    ],
)
def test_wrong_dates(dates: list[str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_dates(dates, "a")


def test_calendar() -> None:
    sunday, monday = days("2024-06-02T06:00"), days("2024-06-03T18:00")
    assert calendar_features(("day_of_week",), sunday, "a").argmax() == 6
    assert calendar_features(("day_of_week",), monday, "a").argmax() == 0
    assert calendar_features(("month",), monday, "a").argmax() == 5
    np.testing.assert_allclose(calendar_features(("hour",), sunday, "a"), [[1, 0]], atol=1e-12)
    assert calendar_features(tuple(CALENDAR), monday, "a").shape[0] == 1
    with pytest.raises(InputError, match="calendar names 'tide'"):
        calendar_features(("tide",), monday, "a")
    with pytest.raises(InputError, match="series 'a' has no dates"):
        calendar_features(("hour",), None, "a")


def test_gaps_are_filled_from_the_past_and_reported() -> None:
    panel = read_panel(
        [1.0, np.nan, 3.0, 7.0], dates=["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-05"], past=[1.0, 2, 3, 4]
    )
    one, observed, report = regular(panel.series[0], Steps("seconds", 86_400), "previous")
    assert one.targets[:, 0].tolist() == [1, 1, 3, 3, 7]
    assert one.past[:, 0].tolist() == [1, 2, 3, 3, 4]
    assert observed[:, 0].tolist() == [True, False, True, False, True]
    assert [(line["column"], line["missing"]) for line in report] == [("dates", 1), ("targets 0", 2), ("past 0", 1)]
    linear, _, _ = regular(panel.series[0], Steps("seconds", 86_400), "linear")
    assert linear.targets[:, 0].tolist() == [1, 2, 3, 5, 7]
    with pytest.raises(InputError, match="lacks 1 values"):
        regular(panel.series[0], Steps("seconds", 86_400), "error")


def test_a_late_beginning_is_cut_off() -> None:
    panel = read_panel(np.array([[np.nan, 1], [2, np.nan], [3, 4.0], [np.nan, 5]]))
    one, observed, report = regular(panel.series[0], Steps("none"), "previous")
    assert one.targets.tolist() == [[2, 1], [3, 4], [3, 5]]  # the 1 before the cut is carried on, not the 4 back
    assert report[0] == {"series": "series 0", "column": "all", "missing": 1, "filled": "cut off at the beginning"}
    assert observed.tolist() == [[True, False], [True, True], [False, True]]
    late = read_panel(np.arange(4.0), past=[np.nan, np.nan, 1, 2])
    assert regular(late.series[0], Steps("none"), "previous")[0].targets[:, 0].tolist() == [2, 3]
    with pytest.raises(InputError, match="past of series 'series 0', column 0, is missing altogether"):
        regular(read_panel([1.0, 2.0], past=[np.nan, np.nan]).series[0], Steps("none"), "previous")


def test_forms_of_series() -> None:
    assert read_panel(np.zeros(5)).single and read_panel(np.zeros(5)).flat
    assert read_panel(np.zeros((5, 2))).series[0].targets.shape == (5, 2)
    assert not read_panel([np.zeros(5), np.zeros(3)]).single
    assert len(read_panel(np.zeros((4, 5, 1)))) == 4
    named = read_panel({"b": [1.0, 2.0], "a": [3.0]}, static={"a": [1], "b": [2]})
    assert [(one.name, one.static.tolist()) for one in named.series] == [("b", [2.0]), ("a", [1.0])]


def test_data_frames() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]}, index=pandas.to_datetime(["2024-01-01", "2024-01-02"]))
    panel = read_panel(frame)
    assert panel.targets == ("x", "y") and panel.series[0].dates is not None


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"series": []}, InputError, "empty list"),
        ({"series": [[], [1.0]]}, InputError, "'series 0' has 0 rows"),
        ({"series": [1.0, np.inf]}, NotFiniteError, "infinity at row 1"),
        ({"series": [np.nan, np.nan]}, InputError, "missing values alone"),
        ({"series": ["a", "b"]}, InputError, "no numbers"),
        ({"series": [1.0, 2.0], "past": [1.0]}, ShapeError, "past of series 'series 0' has 1 rows.*ends early"),
        ({"series": [1.0, 2.0], "future": [1.0]}, ShapeError, "future of series 'series 0' ends early, after 1 rows"),
        ({"series": [1.0, 2.0], "dates": ["2024-01-01"]}, ShapeError, "has 1 dates, expected 2"),
        ({"series": [[1.0], [2.0, 3.0]], "past": [[1.0]]}, InputError, "past has 1 parts, expected 2"),
        ({"series": {"a": [1.0], "b": [2.0]}, "past": {"a": [1.0]}}, InputError, "past has no 'b'"),
        ({"series": [np.zeros((3, 1)), np.zeros((3, 2))]}, ShapeError, "2 columns of targets, expected 1"),
        ({"series": [1.0, 2.0], "static": [np.nan]}, InputError, "static of series"),
    ],
)
def test_wrong_series(given: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        read_panel(**given)


def test_horizon_longer_than_the_data() -> None:
    with pytest.raises(InputError, match=r"has 20 rows, 20 of them to learn from, expected at least .* = 33"):
        Forecaster(look_back=3, horizon=30, validation_fraction=None).fit(np.arange(20.0))
    with pytest.raises(InputError, match=r"holds out 2 rows of the longest series, expected at least horizon=5"):
        Forecaster(look_back=3, horizon=5, validation_fraction=0.1).fit(np.arange(20.0))


def test_a_constant_series_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="'series 0' never changes"):
        model = BaselineForecaster(look_back=2, validation_fraction=None).fit(np.full(30, 4.0))
    assert model.predict() == [4.0]


def test_a_covariate_that_ends_early(small: dict[str, Any]) -> None:
    known = np.arange(102.0)
    model = Forecaster(**small).fit(np.sin(np.arange(100)), future=known)
    with pytest.raises(InputError, match="future of series 'series 0' ends early, 2 rows beyond the series"):
        model.predict()
    assert model.predict(future=[100.0, 101.0, 102.0]).shape == (3,)
    with pytest.raises(InputError, match="expected finite numbers"):
        model.predict(future=[100.0, np.nan, 102.0])


def test_a_covariate_that_is_empty_at_the_end_is_not_carried_on(small: dict[str, Any]) -> None:
    """In a file, the rows to come are there and the value is missing."""
    series, known = np.sin(np.arange(100)), np.cos(np.arange(103.0))
    gap, early = known.copy(), known.copy()
    gap[101], early[102] = np.nan, np.nan  # a gap has a value behind it
    model = Forecaster(**{**small, "epochs": 1}).fit(series, future=known)
    assert model.predict(series, future=gap).shape == (3,)
    with pytest.raises(InputError, match="future of series 'series 0' ends early, 2 rows beyond the series"):
        model.predict(series, future=early)
    with pytest.raises(InputError, match="ends early, 2 rows beyond"):
        Forecaster(**{**small, "epochs": 1}).fit(series, future=early).predict()


def test_a_constant_series_is_forecast_as_it_is(small: dict[str, Any]) -> None:
    with pytest.warns(UserWarning, match="'series 0' never changes"):
        model = Forecaster(**{**small, "epochs": 2}).fit(np.full(60, 4.0))
    np.testing.assert_allclose(model.predict(), 4.0, atol=0.5)
    assert np.isnan(model.metrics_["held_out"]["r2"])  # there is nothing to explain


def test_other_columns_than_in_fit(small: dict[str, Any]) -> None:
    model = Forecaster(**small).fit(np.sin(np.arange(100)))
    with pytest.raises(InputError, match="has 2 columns of targets, expected 1 as in fit"):
        model.predict(np.zeros((50, 2)))
    with pytest.raises(InputError, match="has 5 rows, expected 12 or more"):
        model.predict(np.arange(5.0))


def test_long_table() -> None:
    columns = {
        "shop": ["b", "a", "b", "a", "b"],
        "day": ["2024-01-01", "2024-01-01", "2024-01-02", "2024-01-02", "2024-01-03"],
        "sold": ["1", "10", "", "20", ""],
        "price": ["5", "6", "5", "6", "4"],
    }
    panel = panel_of(columns, Layout(("sold",), date="day", series="shop", future=("price",)))
    b, a = panel.series
    assert (b.name, a.name) == ("b", "a")
    assert b.targets.tolist() == [[1.0]] and b.future.tolist() == [[5.0], [5.0], [4.0]]  # two rows are to come
    assert a.targets.tolist() == [[10.0], [20.0]] and len(a.dates) == 2
