"""Nothing from later ever reaches earlier: features, scales, gaps, intervals."""

from typing import Any

import numpy as np
import pytest

from ostinato import BaselineForecaster, Forecaster

MODELS: dict[str, tuple[Any, dict[str, Any]]] = {
    "direct": (Forecaster, {}),
    "recursive": (Forecaster, {"strategy": "recursive"}),
    "encoder_decoder": (Forecaster, {"strategy": "encoder_decoder"}),
    "segments": (Forecaster, {"strategy": "segments", "segment": 4}),
    "level": (Forecaster, {"level": "mean", "highway": True}),
    "linear": (BaselineForecaster, {"method": "linear"}),
    "seasonal_naive": (BaselineForecaster, {"method": "seasonal_naive", "season": 7}),
    "drift": (BaselineForecaster, {"method": "drift"}),
}


def _fitted(name: str, series: np.ndarray, past: np.ndarray | None, small: dict[str, Any]) -> Any:
    make, own = MODELS[name]
    known = make().get_params()
    arguments = {key: value for key, value in {**small, **own}.items() if key in known}
    return make(**arguments).fit(series, past=past)


@pytest.mark.parametrize("name", MODELS)
def test_future_values_cannot_change_a_forecast(name: str, small: dict[str, Any], wave: np.ndarray) -> None:
    past = None if name == "segments" else np.cos(np.arange(len(wave)) / 3)
    model = _fitted(name, wave[:200], None if past is None else past[:200], small)
    before = model.backtest(wave, past=past, start=205)
    spoilt, spoilt_past = wave.copy(), None if past is None else past.copy()
    spoilt[220:] = 1e6
    spoilt[230] = np.nan
    if spoilt_past is not None:
        spoilt_past[220:] = -1e6
    after = model.backtest(spoilt, past=spoilt_past, start=205)
    same = before.origins <= 220  # the forecast from row 220 on has read the rows before it
    np.testing.assert_array_equal(after.mean[same], before.mean[same])
    np.testing.assert_array_equal(after.lower[same], before.lower[same])
    assert not np.array_equal(after.mean[~same], before.mean[~same])


def test_scale_is_learned_on_the_training_part_alone(small: dict[str, Any], wave: np.ndarray) -> None:
    ends = wave[:200].copy()
    ends[170:] = 1e7  # the held-out part: 15 % of 200 rows
    for make in (Forecaster, BaselineForecaster):
        known = {key: value for key, value in small.items() if key in make().get_params()}
        model = make(**known, refit=False).fit(ends)
        scale = model.preparation_.scales["series 0"]
        np.testing.assert_allclose(scale.shift, [wave[:170].mean()])
        np.testing.assert_allclose(scale.unit, [wave[:170].std()])


def test_scales_of_covariates_are_learned_on_the_training_part_alone(small: dict[str, Any], wave: np.ndarray) -> None:
    past, known = np.cos(np.arange(200.0)), np.sin(np.arange(203.0))
    spoilt, spoilt_known = past.copy(), known.copy()
    spoilt[170:], spoilt_known[170:] = 1e7, -1e7
    learned = [
        Forecaster(**{**small, "epochs": 1}, refit=False).fit(wave[:200], past=behind, future=ahead).preparation_
        for behind, ahead in ((past, known), (spoilt, spoilt_known))
    ]
    for one in learned:
        np.testing.assert_allclose(one.behind["series 0"].shift, [past[:170].mean()])
        np.testing.assert_allclose(one.behind["series 0"].unit, [past[:170].std()])
        np.testing.assert_allclose(one.ahead.mean, [known[:170].mean()])
        np.testing.assert_allclose(one.ahead.scale, [known[:170].std()])


def test_held_out_rows_are_not_learned_from(small: dict[str, Any], wave: np.ndarray) -> None:
    other = wave[:200].copy()
    other[170:] = wave[20:50]
    models = [Forecaster(**small, refit=False).fit(series) for series in (wave[:200], other)]
    np.testing.assert_array_equal(models[0].predict(wave[:60]), models[1].predict(wave[:60]))
    again = [Forecaster(**small).fit(series) for series in (wave[:200], other)]
    assert not np.array_equal(again[0].predict(wave[:60]), again[1].predict(wave[:60]))  # refit does


def test_what_was_filled_is_not_measured(small: dict[str, Any], wave: np.ndarray) -> None:
    model = Forecaster(**small).fit(wave[:200])
    gaps = wave.copy()
    gaps[210:215] = np.nan
    found = model.backtest(gaps, start=200)
    assert np.isnan(found.truth).sum() == 5 * 3
    assert np.isfinite(found.mean).all() and np.isfinite(found.metrics["mae"])


def test_filled_targets_are_not_learned(small: dict[str, Any], wave: np.ndarray) -> None:
    """A gap's windows read the value that was carried on, but never aim at it."""
    from ostinato.tasks.forecasting.fitting import _loss
    from ostinato.tasks.forecasting.outputs import OUTPUTS
    from ostinato.tasks.forecasting.windows import WindowBatches

    gaps = wave[:100].copy()
    gaps[50:53] = np.nan
    model = Forecaster(**small).fit(gaps)
    whole = model._read(gaps, None, None, None, None)
    flat, _ = model.preparation_.flat(whole.series, whole.observed, 3, [100], False)
    origins = flat.origins(12, np.array([50]), np.array([50]))  # its three targets were all filled
    (batch,) = WindowBatches(flat, origins, look_back=12, horizon=3, batch_size=8).epoch(0)
    assert _loss(OUTPUTS["point"])(model.networks_[0], batch) == 0


@pytest.mark.parametrize("name", ["direct", "recursive", "encoder_decoder", "segments", "level", "linear"])
def test_shuffled_targets_score_no_better_than_naive(name: str, small: dict[str, Any], wave: np.ndarray) -> None:
    noise = np.random.default_rng(3).permutation(np.concatenate([wave, wave + 7]))
    model = _fitted(name, noise[:400], None, {**small, "horizon": 1})
    assert model.backtest(noise, start=400).metrics["r2"] < 0.1
    assert _fitted(name, wave[:200], None, {**small, "horizon": 1}).backtest(wave, start=200).metrics["r2"] > 0.7


def test_a_series_that_training_has_not_seen_is_scaled_by_rows_before_the_first_forecast(
    small: dict[str, Any], wave: np.ndarray
) -> None:
    model = Forecaster(**small).fit({"known": wave})
    before = model.backtest({"new": wave * 3}, start=100)
    spoilt = wave * 3
    spoilt[150:] = 1e6
    after = model.backtest({"new": spoilt}, start=100)
    np.testing.assert_array_equal(after.mean[after.origins <= 150], before.mean[before.origins <= 150])


def test_a_row_says_what_is_known_of_the_next_step(small: dict[str, Any], wave: np.ndarray) -> None:
    known = np.arange(203.0)
    model = Forecaster(**{**small, "epochs": 1}).fit(wave[:200], future=known)
    read = model._read(wave[:200], None, known, None, None)
    flat, _ = model.preparation_.flat(read.series, read.observed, 3, [200], False)
    np.testing.assert_allclose(flat.inputs[:200, 1].numpy(), flat.known[1:201, 0].numpy())
