"""Constructor arguments come back from JSON as they were, type for type."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato._core.errors import InputError
from ostinato.tasks.arguments import from_json, to_json
from ostinato.text import Tokenizer

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(
    plain,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=8,
)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.text(), values))
def test_round_trip(arguments: dict[str, Any]) -> None:
    stored, arrays = to_json(arguments)
    back = from_json(json.loads(json.dumps(stored, allow_nan=False)), arrays)
    assert back == arguments
    assert repr(back) == repr(arguments)  # 1, 1.0 and True are equal; a tuple's parts too


def test_arrays_and_vectors() -> None:
    stored, arrays = to_json({"embedding": np.eye(2), "other": {"good": np.ones(3), "bad": np.zeros(3)}})
    json.dumps(stored)
    back = from_json(stored, arrays)
    np.testing.assert_array_equal(back["embedding"], np.eye(2))
    assert list(back["other"]) == ["good", "bad"]
    np.testing.assert_array_equal(back["other"]["good"], np.ones(3))


def test_others() -> None:
    tokenizer = Tokenizer("char").fit(["abc"])
    stored, arrays = to_json(
        {"t": tokenizer, "p": Path("a"), "n": np.int64(3), "f": np.float64(0.5), "s": np.random.RandomState(0)}
    )
    back = from_json(json.loads(json.dumps(stored)), arrays)
    assert back["t"].vocabulary == tokenizer.vocabulary
    assert (back["p"], back["n"], back["f"], back["s"]) == ("a", 3, 0.5, None)
    with pytest.raises(InputError, match=r"verbose=.*is a function, expected numbers.*set_params\(verbose=None\)"):
        to_json({"verbose": lambda: None})
