"""The transcriber: learns, is stored, and says what is wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from tests.tasks.speech.conftest import RATE, SMALL, recordings, spoken, write_wav

from ostinato import load
from ostinato._core.errors import DataError, InputError
from ostinato.data import LogMel
from ostinato.tasks import SequenceClassifier, Transcriber


def test_learns_what_is_said(fitted: Transcriber) -> None:
    sounds, texts = recordings(40, 1)
    written = fitted.transcribe(sounds)
    assert np.mean([one == two for one, two in zip(written, texts, strict=True)]) > 0.9
    greedy = fitted.transcribe(sounds, beam=1)
    assert np.mean([one == two for one, two in zip(greedy, texts, strict=True)]) > 0.85


def test_measures_errors(fitted: Transcriber) -> None:
    pytest.importorskip("jiwer")
    sounds, texts = recordings(20, 2)
    found = fitted.evaluate(sounds, texts)
    assert found["character_error_rate"] < 0.1
    assert fitted.score(sounds, texts) == 1 - found["word_error_rate"]
    assert fitted.evaluate(sounds, [text.upper() for text in texts]) == found  # folded as in training


def test_recordings_do_not_see_each_other(fitted: Transcriber) -> None:
    sounds, _ = recordings(10, 3)
    together = fitted.log_probabilities(sounds)
    for sound, one in zip(sounds, together, strict=True):
        alone = fitted.log_probabilities([sound])[0]
        finite = np.isfinite(one)
        np.testing.assert_allclose(alone[finite], one[finite], rtol=1e-4, atol=1e-4)


def test_a_language_model_may_forbid(fitted: Transcriber) -> None:
    sounds, _ = recordings(20, 4)
    b = fitted.tokenizer_.vocabulary["b"]

    def without_b(prefix: tuple[int, ...]) -> np.ndarray:
        said = np.zeros(fitted.tokenizer_.size)
        said[b] = -1000.0
        return said

    assert any("b" in text for text in fitted.transcribe(sounds))
    assert not any("b" in text for text in fitted.transcribe(sounds, language_model=without_b))


def test_stored_and_read_again(fitted: Transcriber, tmp_path: Path) -> None:
    sounds, _ = recordings(5, 5)
    again = load(fitted.save(tmp_path / "m"))
    for one, two in zip(again.log_probabilities(sounds), fitted.log_probabilities(sounds), strict=True):
        np.testing.assert_array_equal(one, two)
    assert again.get_params() == fitted.get_params()


def test_same_seed_same_model_and_resumed(tmp_path: Path) -> None:
    part = recordings(16, 6)
    settings = {**SMALL, "schedule": None, "dropout": 0.2}
    whole = Transcriber(**{**settings, "epochs": 4}).fit(*part)
    folder = str(tmp_path / "c")
    Transcriber(**{**settings, "epochs": 2}, checkpoint=folder).fit(*part)
    rest = Transcriber(**{**settings, "epochs": 4}, checkpoint=folder, resume=True).fit(*part)
    np.testing.assert_array_equal(rest.log_probabilities(part[0])[0], whole.log_probabilities(part[0])[0])


def test_scaling_is_learned_on_the_training_part_alone() -> None:
    sounds, texts = recordings(12, 7)
    loud = [100 * sound for sound in sounds]
    model = Transcriber(**{**SMALL, "epochs": 1}).fit(sounds, texts, valid=(loud, texts))
    heard = np.concatenate([model.log_mel_(sound) for sound in sounds]).astype(np.float64)
    np.testing.assert_allclose(model.standardiser_.mean, heard.mean(axis=0), rtol=1e-9)


def test_silence_and_words(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    texts = ["a", "", "b a", "a  b"] * 4
    sounds = [spoken(text.replace(" ", ""), draw) for text in texts]
    model = Transcriber(**{**SMALL, "tokenizer": "word", "epochs": 30}).fit(sounds, texts)
    assert model.transcribe(sounds[:4]) == ["a", "", "b a", "a b"]


def test_files_of_any_rate(fitted: Transcriber, tmp_path: Path) -> None:
    pytest.importorskip("soundfile")
    rate, sound = 2 * RATE, []
    for pitch in (300.0, 900.0):
        sound.append(np.pad(0.3 * np.sin(2 * np.pi * pitch * np.arange(800) / rate), (300, 300)))
    noisy = np.concatenate(sound) + np.random.default_rng(0).normal(0, 0.01, 2800)
    assert fitted.transcribe([write_wav(tmp_path / "ab.wav", noisy, rate)]) == ["ab"]
    with pytest.raises(DataError, match=r"none\.wav: zero length"):
        fitted.transcribe([tmp_path / "ab.wav", write_wav(tmp_path / "none.wav", np.zeros(0), rate)])


@pytest.mark.parametrize(
    ("sounds", "texts", "said"),
    [
        ([[0.1] * 800], ["a", "b"], "1 recordings, 2 texts"),
        ([[0.1] * 800], [3], r"texts\[0\] is a int"),
        ([[0.1] * 200], ["abcabcabcabc"], "recording 0 has 2 frames for 12 tokens"),
        ([[0.1] * 800, []], ["a", "b"], r"recordings\[1\].*at least one"),
        ([[0.1] * 800, [0.1, float("nan")]], ["a", "b"], r"recordings\[1\]: sample 1"),
        ([[[0.1, 0.2]] * 800], ["a"], "one channel"),
        ([], [], "0 recordings"),
        ([None], ["a"], r"recordings\[0\]"),
    ],
)
def test_wrong_recordings_are_named(sounds: Any, texts: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Transcriber(**SMALL).fit(sounds, texts)


def test_wrong_arguments_are_named(fitted: Transcriber) -> None:
    for settings, said in (({"kernel_size": 2}, "odd"), ({"bands": 900}, "bands=900"), ({"jitter": -1.0}, "jitter")):
        with pytest.raises(InputError, match=said):
            Transcriber(**{**SMALL, **settings}).fit(*recordings(4, 0))
    with pytest.raises(InputError, match="put it into a list"):
        fitted.transcribe("one.wav")
    with pytest.raises(InputError, match="beam=0"):
        fitted.transcribe(recordings(1, 0)[0], beam=0)


def test_as_scikit_learn_has_it() -> None:
    model = Transcriber(hidden_size=7)
    assert clone(model).get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        model.transcribe([np.zeros(800)])


def test_spoken_commands_by_the_classifier() -> None:
    draw, hear = np.random.default_rng(0), LogMel(RATE, bands=12)
    texts = [["abc", "cba"][number % 2] for number in range(40)]  # the same sounds in another order
    X = [hear(spoken(text, draw)) for text in texts]
    model = SequenceClassifier.from_preset("signals", hidden_size=8, epochs=15, lr=0.02, random_state=0)
    model.fit(X[:30], texts[:30])
    assert model.score(X[30:], texts[30:]) == 1.0
