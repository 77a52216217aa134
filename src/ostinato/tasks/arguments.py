"""Constructor arguments to JSON and back, so that a loaded estimator has the arguments it was made with."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from ostinato._core.errors import InputError
from ostinato.text import Tokenizer


def to_json(arguments: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Turn constructor arguments into JSON; arrays go to the side, for safetensors.

    JSON knows neither tuples nor keys that are not strings, and `clone` and `get_params` tell them apart: they are
    written as `{"tuple": [...]}` and `{"dict": [[key, value], ...]}`.

    Args:
        arguments: name -> value, as `get_params(deep=False)` gives them.

    Returns:
        The JSON, and the arrays by name.

    Raises:
        InputError: an argument of a type that cannot be stored; names it.

    Example:
        >>> to_json({"pooling": ("max", "mean"), "class_weight": {0: 1.0}})[0]
        {'pooling': {'tuple': ['max', 'mean']}, 'class_weight': {'dict': [[0, 1.0]]}}
    """
    arrays: dict[str, np.ndarray] = {}
    return {name: _encode(value, name, arrays) for name, value in arguments.items()}, arrays


def from_json(arguments: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Undo `to_json`.

    Example:
        >>> from_json({"pooling": {"tuple": ["max", "mean"]}}, {})
        {'pooling': ('max', 'mean')}
    """
    return {name: _decode(value, arrays) for name, value in arguments.items()}


def _encode(value: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        # numpy's float64 and str_ are a float and a str too, but print as themselves: make them plain
        return value if value is None or isinstance(value, bool) else _plain(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.random.RandomState):
        return None  # its state has moved on while fitting; `seed_`, stored with what was learned, repeats the run
    if isinstance(value, BaseEstimator):
        return None  # a language model that lent its layers: they are among the weights now
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Tokenizer):
        return {"tokenizer": value.to_json()}
    if isinstance(value, tuple):
        return {"tuple": [_encode(part, name, arrays) for part in value]}
    if isinstance(value, list):
        return [_encode(part, name, arrays) for part in value]
    if isinstance(value, Mapping) and value and all(hasattr(part, "__array__") for part in value.values()):
        key = f"argument.{name}.{len(arrays)}"  # word vectors: one matrix, not a file of ten thousand small tensors
        arrays[key] = np.stack([np.asarray(part) for part in value.values()])
        return {"vectors": [[_encode(word, name, arrays) for word in value], key]}
    if isinstance(value, Mapping):
        return {"dict": [[_encode(key, name, arrays), _encode(part, name, arrays)] for key, part in value.items()]}
    if hasattr(value, "__array__"):
        key = f"argument.{name}.{len(arrays)}"
        arrays[key] = np.asarray(value)
        return {"array": key}
    raise InputError(
        f"{name}={value!r} is a {type(value).__name__}, expected numbers, text, lists, dicts or arrays to save; "
        f"call set_params({name}=None) before saving"
    )


def _plain(value: int | float | str) -> int | float | str | dict[str, str]:
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str(value)
    return float(value) if np.isfinite(value) else {"number": repr(float(value))}  # JSON has no infinity


def _decode(value: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    if isinstance(value, list):
        return [_decode(part, arrays) for part in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "tuple":
        return tuple(_decode(part, arrays) for part in content)
    if kind == "dict":
        return {_decode(key, arrays): _decode(part, arrays) for key, part in content}
    if kind == "array":
        return arrays[content]
    if kind == "vectors":
        words, key = content
        return dict(zip((_decode(word, arrays) for word in words), arrays[key], strict=True))
    if kind == "number":
        return float(content)
    return Tokenizer.from_json(content)
