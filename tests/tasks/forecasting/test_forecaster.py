"""Every strategy and output learns, is saved, goes on from its memory, and says how sure it is."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone

from ostinato import Forecaster, InputError, load
from ostinato.tasks.forecasting.network import ForecastNetwork

WAYS: dict[str, dict[str, Any]] = {
    "direct": {},
    "lstm, two layers": {"cell": "lstm", "num_layers": 2, "dropout": 0.1},
    "recursive": {"strategy": "recursive"},
    "encoder_decoder": {"strategy": "encoder_decoder", "epochs": 25},
    "segments": {"strategy": "segments", "segment": 4, "level": "last", "epochs": 25},
    "highway": {"highway": True, "level": "last"},
    "absolute": {"output": "absolute"},
    "gaussian": {"output": "gaussian", "epochs": 20},
    "student_t": {"output": "student_t", "epochs": 30},
    "quantiles": {"output": "quantiles"},
    "recursive gaussian": {"strategy": "recursive", "output": "gaussian", "epochs": 20},
    "two members": {"members": 2},
    "log": {"transform": "log"},
}


@pytest.mark.parametrize("way", WAYS)
def test_learns_saves_and_goes_on(way: str, small: dict[str, Any], wave: np.ndarray, tmp_path: Path) -> None:
    model = Forecaster(**{**small, **WAYS[way]}).fit(wave[:200])
    found = model.backtest(wave, start=200)
    assert len(found) == 58 and found.mean.shape == (58, 3, 1)
    assert found.metrics["r2"] > 0.7 and found.metrics["mase"] < 1
    assert 0.6 < found.metrics["coverage"] <= 1 and 0 < found.metrics["crps"] < found.metrics["mae"] * 1.1
    lower, upper = model.predict_interval(level=0.9)
    assert model.predict().shape == (3,) and (lower < upper).all()
    narrow = model.predict_interval(level=0.5)
    assert (narrow[1] - narrow[0] < upper - lower).all()
    np.testing.assert_array_equal(model.predict(), model.predict(wave[:200]))
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert repr(loaded) == repr(model) and loaded.parameters_ == model.parameters_
    np.testing.assert_array_equal(loaded.predict(), model.predict())
    np.testing.assert_array_equal(loaded.predict_interval(), model.predict_interval())
    again = loaded.backtest(wave, start=200)
    np.testing.assert_array_equal(again.mean, found.mean)
    assert again.metrics == found.metrics


def test_counts(small: dict[str, Any]) -> None:
    counts = np.random.default_rng(0).poisson(6 + 5 * np.sin(np.arange(400) / 4))
    model = Forecaster(**{**small, "output": "negative_binomial", "epochs": 20}).fit(counts[:300])
    found = model.backtest(counts, start=300)
    assert found.metrics["r2"] > 0.3 and found.metrics["coverage"] > 0.8
    assert found.lower is not None and (found.lower >= 0).all()
    np.testing.assert_allclose(found.upper, np.round(found.upper), atol=1e-9)  # type: ignore[arg-type,type-var]
    with pytest.raises(InputError, match="counts have no level"):
        Forecaster(**small, output="negative_binomial", level="last").fit(counts)


def test_many_series_of_unequal_length(small: dict[str, Any], wave: np.ndarray) -> None:
    series = {"long": wave, "short": wave[:90] * 0.01, "tiny": wave[:14]}
    model = Forecaster(**small).fit(series)
    assert model.metrics_["series"] == 3
    forecasts = model.predict()
    assert [len(forecast) for forecast in forecasts] == [3, 3, 3]
    assert 40 < forecasts[1].mean() < 60 and 4000 < forecasts[0].mean() < 6000
    found = model.backtest(series, start=60)
    assert set(found.series) == {"long", "short"} and len(found.by_series()) == 2


def test_several_targets_and_all_covariates(small: dict[str, Any], wave: np.ndarray) -> None:
    T = 200
    known = np.stack([np.cos(np.arange(260) / 3), np.arange(260) % 7], axis=1)
    both = np.stack([wave, -wave * 1e-3], axis=1)
    dates = np.datetime64("2024-01-01") + np.arange(260)
    model = Forecaster(**small, calendar=("day_of_week", "month_cycle"))
    model.fit([both[:T], both[:150]], [wave[:T], wave[:150]], [known, known], [[1.0], [2.0]], [dates[:T], dates[:150]])
    assert model.predict()[0].shape == (3, 2)
    whole = model.backtest([both], [wave], [known], [[1.0]], [dates], start="2024-07-19")
    assert whole.dates is not None and whole.dates[0] == np.datetime64("2024-07-19") and whole.metrics["r2"] > 0.8
    assert whole.origins[0] == T


def test_known_ahead_tells_what_the_past_cannot(small: dict[str, Any]) -> None:
    draw = np.random.default_rng(0)
    known = draw.integers(0, 2, 403).astype(float)
    series = 10 * known[:400] + draw.normal(0, 0.5, 400)
    blind = Forecaster(**small).fit(series[:300]).backtest(series, start=300)
    seeing = Forecaster(**small).fit(series[:300], future=known).backtest(series, future=known, start=300)
    assert seeing.metrics["r2"] > 0.9 > 0.1 > blind.metrics["r2"]


def test_recursion_is_one_step_again_and_again(small: dict[str, Any], wave: np.ndarray) -> None:
    model = Forecaster(**{**small, "strategy": "recursive"}).fit(wave[:200])
    whole, expected = wave[:200], []
    one = clone(model).set_params(horizon=1)
    one.__dict__.update({name: value for name, value in vars(model).items() if name.endswith("_")})
    for _ in range(3):
        expected.append(float(one.predict(whole)[0]))
        whole = np.append(whole, expected[-1])
    np.testing.assert_allclose(model.predict(), expected, rtol=1e-5)


def test_recursion_reads_what_is_known_of_each_step(small: dict[str, Any], wave: np.ndarray) -> None:
    """A forecast row, read as if it had happened, says of the next step what a real row says of it."""
    known = np.stack([np.arange(260) % 5, np.cos(np.arange(260))], axis=1)
    series = wave + 400 * known[:, 0]
    model = Forecaster(**{**small, "strategy": "recursive", "epochs": 5}).fit(series[:200], future=known[:203])
    whole, expected = series[:200], []
    one = clone(model).set_params(horizon=1)
    one.__dict__.update({name: value for name, value in vars(model).items() if name.endswith("_")})
    for _ in range(3):
        expected.append(float(one.predict(whole, future=known[: len(whole) + 1])[0]))
        whole = np.append(whole, expected[-1])
    np.testing.assert_allclose(model.predict(), expected, rtol=1e-5)
    np.testing.assert_allclose(model.predict(series[:200], future=known), expected, rtol=1e-5)


def test_members_are_averaged(small: dict[str, Any], wave: np.ndarray) -> None:
    pair = Forecaster(**{**small, "members": 2}).fit(wave[:200])
    first = Forecaster(**small).fit(wave[:200])
    np.testing.assert_array_equal(first.predict(), _alone(pair, 0).predict())
    np.testing.assert_allclose((_alone(pair, 0).predict() + _alone(pair, 1).predict()) / 2, pair.predict(), rtol=1e-9)


def _alone(model: Forecaster, member: int) -> Forecaster:
    alone = clone(model)
    alone.__dict__.update(vars(model))
    alone.networks_ = [model.networks_[member]]
    return alone


def test_same_seed_same_forecast(small: dict[str, Any], wave: np.ndarray) -> None:
    state = torch.random.get_rng_state()
    first, second = (Forecaster(**small).fit(wave).predict() for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert torch.equal(state, torch.random.get_rng_state()), "torch's generator was drawn from"


def test_resume_is_exact(small: dict[str, Any], wave: np.ndarray, tmp_path: Path) -> None:
    plain = {**small, "schedule": None, "refit": False, "epochs": 4}
    whole = Forecaster(**plain).fit(wave)
    kept = {**plain, "checkpoint": str(tmp_path / "kept")}
    Forecaster(**{**kept, "epochs": 2}).fit(wave)
    np.testing.assert_array_equal(Forecaster(**kept, resume=True).fit(wave).predict(), whole.predict())


def test_held_out_metrics_are_those_of_a_backtest_of_the_held_out_part(small: dict[str, Any], wave: np.ndarray) -> None:
    model = Forecaster(**small, refit=False).fit(wave[:200])
    found = model.backtest(wave[:200], start=170)
    for name in ("r2", "mae", "mase", "mse_scaled"):
        assert model.metrics_["held_out"][name] == pytest.approx(found.metrics[name])
    assert model.history_[-1]["valid_loss"] == pytest.approx(found.metrics["mse_scaled"], rel=1e-4)


def test_units_do_not_matter(small: dict[str, Any], wave: np.ndarray) -> None:
    plain = Forecaster(**small).fit(wave).predict()
    moved = Forecaster(**small).fit(wave * 1e-6 - 3).predict()
    np.testing.assert_allclose((moved + 3) * 1e6, plain, rtol=1e-3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"strategy": "guess"}, "strategy='guess', expected one of direct"),
        ({"output": "normal"}, "output='normal', expected one of"),
        ({"level": "first"}, "level='first', expected one of last, mean"),
        ({"look_back": 0}, "look_back=0, expected a number of rows"),
        ({"horizon": 2.5}, "horizon=2.5, expected a number of rows"),
        ({"scaling": "max"}, "scaling='max', expected one of"),
        ({"transform": "sqrt"}, "transform='sqrt', expected one of"),
        ({"fill": "zero"}, "fill='zero', expected one of"),
        ({"members": 0}, "members=0, expected a number of networks"),
        ({"strategy": "segments", "segment": 5}, "look_back=12 with segment=5, expected a multiple"),
        ({"calendar": ("hour",)}, r"calendar=\('hour',\) and series 'series 0' has no dates"),
        ({"validation_fraction": 1.5}, "validation_fraction=1.5, expected a share"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], words: str, small: dict[str, Any], wave: np.ndarray) -> None:
    with pytest.raises(InputError, match=words):
        Forecaster(**{**small, **arguments}).fit(wave)


def test_wrong_questions(small: dict[str, Any], wave: np.ndarray) -> None:
    model = Forecaster(**small, validation_fraction=None).fit(wave)
    with pytest.raises(InputError, match="no distribution and held no part out"):
        model.predict_interval()
    for arguments, words in (
        ({"start": 300}, "no origin from row 300 on"),
        ({"start": "2024-01-01"}, "has no dates, expected a row number"),
        ({"stride": 0}, "stride=0"),
        ({"adapt": 2.0}, "adapt=2.0"),
    ):
        with pytest.raises(InputError, match=words):
            model.backtest(wave, **arguments)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="series 'series 0' holds -1, expected numbers above 0"):
        Forecaster(**small, transform="log").fit(np.append(wave, -1.0))
    with pytest.raises(InputError, match="segments' with 1 covariates"):
        Forecaster(**{**small, "strategy": "segments"}).fit(wave, past=wave)


def test_errors_are_not_divided_by_the_unit_of_logarithms(small: dict[str, Any], wave: np.ndarray) -> None:
    plain, logs = (
        Forecaster(**small, transform=how).fit(wave[:200]).backtest(wave, start=200) for how in ("none", "log")
    )  # type: ignore[arg-type]
    assert plain.metrics["mae_scaled"] == pytest.approx(plain.metrics["mae"] / wave[:200].std(), rel=1e-6)
    assert not {"mse_scaled", "mae_scaled"} & set(logs.metrics)


def test_stride_skips_origins(small: dict[str, Any], wave: np.ndarray) -> None:
    model = Forecaster(**small).fit(wave[:200])
    every, some = model.backtest(wave, start=200), model.backtest(wave, start=200, stride=10)
    np.testing.assert_allclose(some.mean, every.mean[::10], rtol=1e-5)
    assert model.backtest(wave, start=0.5).origins[0] == 130 and model.backtest(wave, start=-20).origins[0] == 240


def test_no_warning_is_shown(small: dict[str, Any], wave: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Forecaster(**small).fit(wave).predict()


def test_segments_are_read_as_steps() -> None:
    """One segment more is one step of the recurrent network more, and each target is read by itself."""
    network = ForecastNetwork(
        strategy="segments", inputs=2, targets=2, known=0, look_back=12, horizon=6, segment=4, cell="gru", hidden_size=4
    )
    window = torch.randn(12, 3, 2)
    packed = torch.nn.utils.rnn.PackedSequence(window.reshape(36, 2), torch.full((12,), 3))
    before = network(packed, torch.zeros(3, 6, 0))
    assert before.shape == (3, 6, 2, 1)
    window[:, :, 1] = 9.0
    packed = torch.nn.utils.rnn.PackedSequence(window.reshape(36, 2), torch.full((12,), 3))
    after = network(packed, torch.zeros(3, 6, 0))
    torch.testing.assert_close(after[:, :, 0], before[:, :, 0])
    assert not torch.allclose(after[:, :, 1], before[:, :, 1])
