"""Distributions: losses are negative log-likelihoods as scipy has them; quantiles undo shares."""

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.special import expit
from sklearn.metrics import mean_pinball_loss

from ostinato._core.errors import InputError
from ostinato.tasks.forecasting.outputs import OUTPUTS, output_of

RAW = np.random.default_rng(0).normal(size=(5, 2, 1, 3))
UNIT = np.full((5, 1, 1), 7.0)


def _loss(name: str, raw: np.ndarray, y: np.ndarray) -> np.ndarray:
    found = output_of(name, (0.1, 0.5, 0.9)).loss(torch.from_numpy(raw), torch.from_numpy(y), torch.from_numpy(UNIT))
    return found.numpy()


def _softplus(x: np.ndarray) -> np.ndarray:
    return np.log1p(np.exp(x))


def test_gaussian() -> None:
    y = np.random.default_rng(1).normal(size=(5, 2, 1))
    theirs = stats.norm(RAW[..., 0], _softplus(RAW[..., 1]) + 1e-3)
    np.testing.assert_allclose(_loss("gaussian", RAW, y), -theirs.logpdf(y), rtol=1e-10)


def test_student_t() -> None:
    y = np.random.default_rng(1).normal(size=(5, 2, 1))
    theirs = stats.t(2 + _softplus(RAW[..., 2]), RAW[..., 0], _softplus(RAW[..., 1]) + 1e-3)
    np.testing.assert_allclose(_loss("student_t", RAW, y), -theirs.logpdf(y), rtol=1e-10)


def test_negative_binomial() -> None:
    counts = np.random.default_rng(1).integers(0, 20, (5, 2, 1))
    mean, alpha = 7 * (_softplus(RAW[..., 0]) + 1e-3), _softplus(RAW[..., 1]) + 1e-3
    theirs = stats.nbinom(1 / alpha, 1 / (1 + alpha * mean))
    np.testing.assert_allclose(theirs.mean(), mean, rtol=1e-10)
    np.testing.assert_allclose(theirs.var(), mean + alpha * mean**2, rtol=1e-10)
    np.testing.assert_allclose(_loss("negative_binomial", RAW, counts / 7), -theirs.logpmf(counts), rtol=1e-9)
    np.testing.assert_allclose(OUTPUTS["negative_binomial"].mean(RAW, UNIT), mean / 7)
    quantile = OUTPUTS["negative_binomial"].quantile
    assert quantile is not None
    np.testing.assert_allclose(quantile(RAW, UNIT, 0.7) * 7, theirs.ppf(0.7))


def test_quantiles() -> None:
    y = np.random.default_rng(1).normal(size=(5, 2, 1))
    levels = (0.1, 0.5, 0.9)
    expected = [2 * mean_pinball_loss(y.ravel(), RAW[..., n].ravel(), alpha=q) for n, q in enumerate(levels)]
    assert _loss("quantiles", RAW, y).mean() == pytest.approx(np.mean(expected))
    output = output_of("quantiles", levels)
    assert output.quantile is not None and output.share is not None
    rising = np.sort(RAW, axis=-1)
    for number, level in enumerate(levels):
        np.testing.assert_allclose(output.quantile(RAW, UNIT, level), rising[..., number])
    beyond = output.quantile(RAW, UNIT, 0.95)  # the last line goes on
    np.testing.assert_allclose(beyond, rising[..., 2] + (rising[..., 2] - rising[..., 1]) * 0.05 / 0.4)


@pytest.mark.parametrize("name", ["gaussian", "student_t", "quantiles"])
def test_quantile_undoes_share(name: str) -> None:
    output = output_of(name, (0.1, 0.5, 0.9))
    assert output.quantile is not None and output.share is not None
    for level in (0.05, 0.3, 0.8):
        value = output.quantile(RAW, UNIT, level)
        np.testing.assert_allclose(output.share(RAW, UNIT, value), level, rtol=1e-6)


def test_wrong_names() -> None:
    with pytest.raises(InputError, match="output='normal', expected one of point"):
        output_of("normal", ())
    with pytest.raises(InputError, match="expected rising shares"):
        output_of("quantiles", (0.9, 0.1))


def test_softplus_of_large_numbers() -> None:
    raw = np.array([[[[0.0, 800.0]]]])
    assert np.isfinite(OUTPUTS["gaussian"].quantile(raw, UNIT[:1], expit(1.0)))  # type: ignore[misc]
