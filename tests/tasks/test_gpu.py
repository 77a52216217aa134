"""Every estimator that trains a network does so on a GPU too, and its model gives the same answers on the CPU."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from ostinato import (
    Captioner,
    Forecaster,
    LanguageModel,
    MusicModel,
    SequenceClassifier,
    SequenceRegressor,
    SequenceTagger,
    Transcriber,
    Translator,
    load,
)

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")

WORDS = ["a good film", "a bad film", "good", "bad bad acting by a good actor"] * 6
SENTENCES = [text.split() for text in WORDS]
MIRRORED = [" ".join(reversed(words)) for words in SENTENCES]
SIGNALS = [np.random.default_rng(n).normal(size=(5 + n % 4, 3)) for n in range(24)]
WAVE = 50 + 9 * np.sin(np.arange(160) / 3)
SOUNDS = [np.random.default_rng(n).normal(size=2_000 + 300 * (n % 3)) for n in range(12)]
SMALL: dict[str, Any] = {"hidden_size": 8, "epochs": 2, "random_state": 0, "validation_fraction": None}
TEXTS: dict[str, Any] = {**SMALL, "embedding_size": 8}


class Case(NamedTuple):
    """A task, and what is asked of its model: numbers, so that they can be compared."""

    make: Callable[..., Any]
    settings: dict[str, Any]
    taught: tuple[Any, ...]
    ask: Callable[[Any], Any]


def forecast(**settings: Any) -> Case:
    return Case(Forecaster, {**SMALL, "look_back": 12, "horizon": 3, **settings}, (WAVE,), _forecast)


def _forecast(model: Any) -> Any:
    return [*np.ravel(model.predict(WAVE)), *np.ravel(model.predict(WAVE[:60]))]


def chances(questions: Any) -> Callable[[Any], Any]:
    return lambda model: [answers[0].log_probability for answers in model.candidates(questions)]


def tagged(**settings: Any) -> Case:
    tags = [["B-X" if word == "good" else "O" for word in words] for words in SENTENCES]
    return Case(
        SequenceTagger, {**TEXTS, **settings}, (SENTENCES, tags), lambda m: np.concatenate(m.predict_proba(SENTENCES))
    )


CASES = {
    "texts": Case(SequenceClassifier, TEXTS, (WORDS, [0, 1, 0, 1] * 6), lambda m: m.predict_proba(WORDS)),
    "texts, recurrent dropout": Case(
        SequenceClassifier,
        {**TEXTS, "recurrent_dropout": 0.2, "zoneout": 0.1, "layer_norm": True},
        (WORDS, [0, 1, 0, 1] * 6),
        lambda m: m.predict_proba(WORDS),
    ),
    "signals": Case(
        SequenceClassifier,
        {**SMALL, "convolutions": 1},
        (SIGNALS, [0, 1] * 12),
        lambda m: m.predict_proba(SIGNALS),
    ),
    "numbers": Case(SequenceRegressor, SMALL, (SIGNALS, np.arange(24.0)), lambda m: m.predict(SIGNALS)),
    "tags, CRF": tagged(),
    "tags, softmax": tagged(crf=False),
    "language": Case(
        LanguageModel,
        {**TEXTS, "weight_drop": 0.2, "ar": 1.0, "tar": 1.0, "streams": 4, "length": 5},
        (WORDS,),
        lambda m: m.log_probability(WORDS[:4]),
    ),
    "language, adaptive softmax": Case(
        LanguageModel,
        {**TEXTS, "tied": False, "cutoffs": (4,), "streams": 4, "length": 5},
        (WORDS,),
        lambda m: m.log_probability(WORDS[:4]),
    ),
    "translation, luong": Case(Translator, TEXTS, (WORDS, MIRRORED), chances(WORDS[:4])),
    "translation, input feeding": Case(
        Translator,
        {**TEXTS, "attention": "bahdanau", "input_feeding": True, "scheduled_sampling": 0.2},
        (WORDS, MIRRORED),
        chances(WORDS[:4]),
    ),
    "captions": Case(
        Captioner,
        {**TEXTS, "tokenizer": "char"},
        (np.eye(4).repeat(6, 0), ["one", "two", "three", "four"] * 6),
        chances(np.eye(4)),
    ),
    "notes": Case(
        MusicModel,
        {**SMALL, "transpose": 0},
        ([[[60], [62, 65], []]] * 8,),
        lambda m: m.predict_proba([[[60], [62]]])[0],
    ),
    "forecast": forecast(),
    "forecast, several at once": forecast(strategy="encoder_decoder", output="quantiles", members=2),
    "forecast, segments": forecast(strategy="segments", segment=3),
    "forecast, step by step": forecast(strategy="recursive"),
    "forecast, drawn paths": forecast(strategy="recursive", output="gaussian"),
    "speech": Case(
        Transcriber,
        {**SMALL, "sample_rate_hz": 4000, "bands": 8, "convolution_size": 8},
        (SOUNDS, ["ab", "b", "a"] * 4),
        lambda m: np.exp(np.concatenate(m.log_probabilities(SOUNDS))),  # marks that are no speech have none
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_model_learns_on_a_gpu_and_answers_on_the_cpu(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    model = case.make(**case.settings, device="cuda").fit(*case.taught)
    networks = getattr(model, "networks_", None) or [model.network_]
    assert {p.device.type for network in networks for p in network.parameters()} == {"cuda"}
    there = np.asarray(case.ask(model), dtype=float)
    assert np.isfinite(there).all()
    model.save(tmp_path / "model")
    here = np.asarray(case.ask(load(tmp_path / "model")), dtype=float)
    np.testing.assert_allclose(there, here, rtol=2e-3, atol=1e-4)  # a GPU multiplies with 10 bits by default
