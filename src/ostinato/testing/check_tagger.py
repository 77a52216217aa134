"""The contract of a tagger: answers aligned with their tokens, schemes kept, and all that holds for every task."""

import copy
import pickle
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from ostinato._core.errors import InputError
from ostinato.data.tags import SCHEMES, convert, spans
from ostinato.tasks import load
from ostinato.testing.trial import Trial, raises

_B = 60
_ROUNDING = 1e-5  # a float32 product's last digits depend on how many rows it has; a leak between rows is far larger


@dataclass(frozen=True)
class TaggedRows:
    """B easy sentences: what a token is can be read from it and from the one before.

    Args:
        X: lists of tokens.
        y: lists of tags.
    """

    X: list[list[str]]
    y: list[list[str]]


def _entities() -> TaggedRows:
    draw = np.random.default_rng(0)
    names = {"PER": ["Kelly", "Blackburn", "Žižek"], "LOC": ["Paris", "東京", "Rome"], "ORG": ["Acme", "UNO"]}
    X, y = [], []
    for _ in range(_B):
        tokens, tags = [], []
        for _ in range(draw.integers(1, 4)):
            filling = draw.choice(["saw", "in", "and", "was", "the"], draw.integers(0, 3)).tolist()
            type = str(draw.choice(list(names)))
            found = draw.choice(names[type], draw.integers(1, 3)).tolist()
            tokens += [*filling, *found, "."]
            tags += ["O"] * len(filling) + [f"B-{type}", *[f"I-{type}"] * (len(found) - 1), "O"]
        X.append(tokens)
        y.append(tags)
    return TaggedRows(X, y)


def _labels() -> TaggedRows:
    draw = np.random.default_rng(1)
    kinds = {"dog": "NOUN", "cat": "NOUN", "runs": "VERB", "sees": "VERB", "the": "DET", ".": "PUNCT"}
    X = [draw.choice(list(kinds), draw.integers(1, 9)).tolist() for _ in range(_B)]
    return TaggedRows(X, [[kinds[token] for token in row] for row in X])


TAGGED_ROWS: dict[str, Callable[[], TaggedRows]] = {"entities": _entities, "labels": _labels}


def _clone_keeps_arguments(t: Trial) -> None:
    assert repr(clone(t.estimator).get_params()) == repr(t.estimator.get_params())
    assert repr(t.fitted.get_params()) == repr(t.fresh().get_params()), "fit changed an argument"


def _fit_returns_self(t: Trial) -> None:
    estimator = t.fresh()
    assert estimator.fit(t.rows.X, t.rows.y) is estimator


def _aligned(t: Trial) -> None:
    C = len(t.fitted.classes_)
    for tokens, tags, chance in zip(t.rows.X, *t.fitted.decide(t.rows.X), strict=True):
        assert len(tags) == len(tokens) and chance.shape == (len(tokens), C)
        assert all(isinstance(tag, str) for tag in tags)
        np.testing.assert_allclose(chance.sum(axis=1), 1.0, rtol=1e-12)
    assert t.fitted.parameters_ > 0


def _learns(t: Trial) -> None:
    found = t.fitted.evaluate(t.rows.X, t.rows.y)
    assert found.accuracy > 0.9 and t.fitted.score(t.rows.X, t.rows.y) > 0.9, found


def _classes_sorted(t: Trial) -> None:
    assert t.fitted.classes_.tolist() == sorted(set(t.fitted.classes_.tolist()))


def _scheme_is_kept(t: Trial) -> None:
    if t.fitted.scheme_ is None:
        return
    truth = [spans(row) for row in t.rows.y]
    for scheme in SCHEMES:
        estimator = t.fresh().fit(t.rows.X, [convert(row, scheme) for row in t.rows.y])
        guess = estimator.predict(t.rows.X)
        assert all(convert(row, scheme) == row for row in guess), f"broken {scheme}"
        share = sum(spans(row) == found for row, found in zip(guess, truth, strict=True)) / len(truth)
        assert share > 0.8, f"{scheme}: {share} of the sentences right"
        assert estimator.score(t.rows.X, t.rows.y) > 0.9, "the true tags' scheme matters to the score"


def _broken_tags_are_repaired(t: Trial) -> None:
    if t.fitted.scheme_ is not None:
        y = [list(row) for row in t.rows.y]
        y[0] = ["I-PER" if tag == "B-PER" else tag for tag in y[0]]
        expected = sum(a != b for a, b in zip(t.rows.y[0], y[0], strict=True))
        assert t.fresh().fit(t.rows.X, y).metrics_["repaired_tags"] == expected


def _no_rows(t: Trial) -> None:
    raises(InputError, "0 rows", lambda: t.fresh().fit([], []))
    raises(InputError, "0 rows", lambda: t.fitted.predict([]))


def _empty_sentences(t: Trial) -> None:
    tags, chances = t.fitted.decide([[], t.rows.X[0], []])
    assert [len(row) for row in tags] == [len(row) for row in chances] == [0, len(t.rows.X[0]), 0]
    raises(InputError, "X[1] has no token", lambda: t.fresh().fit([t.rows.X[0], []], [t.rows.y[0], []]))


def _batch_mates_do_not_matter(t: Trial) -> None:
    together = t.fitted.predict_proba(t.rows.X)
    for row, chance in zip(t.rows.X[:20], together, strict=False):
        np.testing.assert_allclose(t.fitted.predict_proba([row])[0], chance, rtol=_ROUNDING, atol=_ROUNDING)


def _row_order_does_not_matter(t: Trial) -> None:
    order = np.random.default_rng(0).permutation(len(t.rows.X))
    moved = t.fitted.predict_proba([t.rows.X[row] for row in order])
    together = t.fitted.predict_proba(t.rows.X)
    for row, chance in zip(order, moved, strict=True):
        np.testing.assert_allclose(chance, together[row], rtol=_ROUNDING, atol=_ROUNDING)


def _equal(one: list[np.ndarray], other: list[np.ndarray]) -> None:
    np.testing.assert_array_equal(np.concatenate(one), np.concatenate(other))


def _same_seed_same_result(t: Trial) -> None:
    again = t.fresh().fit(t.rows.X, t.rows.y)
    _equal(again.predict_proba(t.rows.X), t.fitted.predict_proba(t.rows.X))


def _saved_is_loaded(t: Trial) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        t.fitted.save(path)
        for loaded in (load(path), type(t.fitted).load(path)):
            assert type(loaded) is type(t.fitted)
            assert repr(loaded.get_params()) == repr(t.fitted.get_params())
            _equal(loaded.predict_proba(t.rows.X), t.fitted.predict_proba(t.rows.X))
            assert loaded.predict(t.rows.X) == t.fitted.predict(t.rows.X)
            assert loaded.parameters_ == t.fitted.parameters_


def _pickles(t: Trial) -> None:
    for copied in (pickle.loads(pickle.dumps(t.fitted)), copy.deepcopy(t.fitted)):
        _equal(copied.predict_proba(t.rows.X), t.fitted.predict_proba(t.rows.X))


def _not_fitted(t: Trial) -> None:
    estimator = t.fresh()
    for ask in (estimator.predict, estimator.predict_proba, estimator.entities):
        raises(NotFittedError, "not fitted", lambda ask=ask: ask(t.rows.X))  # type: ignore[misc]


def _bad_row_is_named(t: Trial) -> None:
    for row, place in ((None, "X[3] is None"), (["a", None], "X[3][1] is None"), ("a text", "X[3] is the text")):
        spoilt = [*t.rows.X[:3], row, *t.rows.X[4:]]
        raises(InputError, place, lambda spoilt=spoilt: t.fresh().fit(spoilt, t.rows.y))  # type: ignore[misc]
        raises(InputError, place, lambda spoilt=spoilt: t.fitted.predict(spoilt))  # type: ignore[misc]


def _tags_do_not_fit(t: Trial) -> None:
    short = [*t.rows.y[:2], t.rows.y[2][:-1], *t.rows.y[3:]]
    raises(InputError, "y[2] has", lambda: t.fresh().fit(t.rows.X, short))
    raises(InputError, "y has 59 rows, expected 60", lambda: t.fresh().fit(t.rows.X, t.rows.y[:-1]))
    raises(InputError, "y is None", lambda: t.fresh().fit(t.rows.X, None))
    raises(InputError, "1 tag", lambda: t.fresh().fit(t.rows.X, [["O"] * len(row) for row in t.rows.X]))


def _entities_have_places(t: Trial) -> None:
    if t.fitted.scheme_ is None:
        raises(InputError, "plain labels", lambda: t.fitted.entities("Kelly saw Rome ."))
        return
    text = "  Kelly saw\tRome ."
    for found in t.fitted.entities(text):
        assert text[found.start : found.stop] == found.text and 0 < found.probability <= 1
    for row, found in zip(t.rows.X, t.fitted.entities(t.rows.X), strict=True):
        assert [" ".join(row[entity.start : entity.stop]) for entity in found] == [entity.text for entity in found]
    assert t.fitted.entities("") == [] and t.fitted.entities(["", "a b"])[0] == []


def _nothing_else_changes(t: Trial) -> None:
    X, y = copy.deepcopy(t.rows.X), copy.deepcopy(t.rows.y)
    state = torch.random.get_rng_state(), repr(np.random.get_state()), random.getstate(), torch.get_num_threads()
    t.fresh().fit(X, y).predict(X)
    assert torch.equal(state[0], torch.random.get_rng_state()), "torch's generator was drawn from"
    assert state[1] == repr(np.random.get_state()), "numpy's generator was drawn from"
    assert state[2] == random.getstate(), "Python's generator was drawn from"
    assert state[3] == torch.get_num_threads(), "torch's threads were changed"
    assert (X, y) == (t.rows.X, t.rows.y), "the rows were changed"


def _any_unicode(t: Trial) -> None:
    odd = ["\x85", "<pad>", "🎵" * 50, "a\u0301", "\u202eabc", "\x00", "日本語", " ", "x" * 10_000]
    (chance,) = t.fitted.predict_proba([odd])
    assert chance.shape[0] == len(odd) and np.isfinite(chance).all()


TAGGER_CHECKS: dict[str, Callable[[Trial], None]] = {
    "clone keeps arguments": _clone_keeps_arguments,
    "fit returns self": _fit_returns_self,
    "aligned": _aligned,
    "learns": _learns,
    "classes sorted": _classes_sorted,
    "scheme is kept": _scheme_is_kept,
    "broken tags are repaired": _broken_tags_are_repaired,
    "no rows": _no_rows,
    "empty sentences": _empty_sentences,
    "batch mates do not matter": _batch_mates_do_not_matter,
    "row order does not matter": _row_order_does_not_matter,
    "same seed, same result": _same_seed_same_result,
    "saved is loaded": _saved_is_loaded,
    "pickles": _pickles,
    "not fitted": _not_fitted,
    "bad row is named": _bad_row_is_named,
    "tags do not fit": _tags_do_not_fit,
    "entities have places": _entities_have_places,
    "nothing else changes": _nothing_else_changes,
    "any Unicode": _any_unicode,
}
