"""A language model's say in the search is its own probability."""

import numpy as np
import pytest
from tests.tasks.speech.conftest import recordings

from ostinato._core.errors import InputError
from ostinato.tasks import LanguageModel, Transcriber
from ostinato.tasks.language import NGram
from ostinato.tasks.speech.scorers import scorer_of
from ostinato.text import Tokenizer

TEXTS = ["abab", "abba", "baba", "cab", "abc"] * 6


def test_counts() -> None:
    tokenizer = Tokenizer("char").fit(["cba"])  # another order of tokens than the language model's
    model = NGram(3, tokenizer="char", lines=True).fit(TEXTS)
    score, own = scorer_of(model, tokenizer), model.tokenizer_
    for text in ("", "a", "ab", "abab", "ccc"):
        prefix = tuple(int(token) for token in tokenizer.encode([text])[0]) if text else ()
        found = score(prefix)
        for letter in "abc":
            ids = np.array([own.vocabulary[one] for one in text + letter])
            assert found[tokenizer.vocabulary[letter]] == pytest.approx(np.log(model.probabilities(ids)[-1]), rel=1e-9)


def test_network() -> None:
    tokenizer = Tokenizer("char").fit(["cba"])
    settings = {"hidden_size": 8, "embedding_size": 8, "epochs": 2, "random_state": 0, "validation_fraction": None}
    model = LanguageModel(tokenizer="char", **settings).fit(TEXTS)
    score = scorer_of(model, tokenizer)
    for text in ("", "a", "abab"):
        prefix = tuple(int(token) for token in tokenizer.encode([text])[0]) if text else ()
        for letter in "abc":
            before = model.log_probability(text, end=False) if text else 0.0
            expected = model.log_probability(text + letter, end=False) - before
            assert score(prefix)[tokenizer.vocabulary[letter]] == pytest.approx(expected, abs=1e-4)


def test_it_has_its_say(fitted: Transcriber) -> None:
    sounds, _ = recordings(20, 4)
    alone = "".join(fitted.transcribe(sounds))
    a_only = NGram(2, tokenizer="char", lines=True).fit(["aaaa"] * 50)
    led = "".join(fitted.transcribe(sounds, language_model=a_only, language_weight=20.0))
    assert led.count("a") > 0 and led.count("b") + led.count("c") < 0.7 * (alone.count("b") + alone.count("c"))
    unheard = fitted.transcribe(sounds, language_model=a_only, language_weight=0.0)
    assert "".join(unheard) == alone


def test_wrong_models_are_named(fitted: Transcriber) -> None:
    with pytest.raises(InputError, match="'word' tokens, expected 'char'"):
        fitted.transcribe([np.zeros(800)], language_model=NGram(2).fit(["one two"]))
    with pytest.raises(InputError, match="language_model is a int"):
        fitted.transcribe([np.zeros(800)], language_model=3)
    for model in (NGram(2, tokenizer="char"), LanguageModel(tokenizer="char")):
        with pytest.raises(InputError, match="is not fitted"):
            fitted.transcribe([np.zeros(800)], language_model=model)
