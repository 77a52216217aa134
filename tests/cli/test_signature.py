"""What is read from the source equals what the class itself says."""

import inspect
from importlib import import_module

import pytest

from ostinato.cli.signature import arguments, described
from ostinato.cli.train import TRAINED


@pytest.mark.parametrize("place", list(TRAINED.values()))
def test_equals_the_signature(place: str) -> None:
    module, _, name = place.partition(":")
    truth = inspect.signature(getattr(import_module(module), name)).parameters
    found = {argument.name: argument for argument in arguments(place)}
    assert list(found) == list(truth)
    for key, argument in found.items():
        assert argument.default == truth[key].default, key


@pytest.mark.parametrize("place", list(TRAINED.values()))
def test_every_argument_is_described(place: str) -> None:
    assert [argument.name for argument in arguments(place) if not argument.help] == []


def test_sections_after_args_are_not_arguments() -> None:
    text = "One.\n\nArgs:\n    a (int): first: with a colon.\n    *b: second.\n\nRaises:\n    InputError: never.\n"
    assert described(text) == {"a": "first: with a colon.", "*b": "second."}


def test_missing() -> None:
    with pytest.raises(LookupError, match="no such class"):
        arguments("ostinato.cli.signature:Nothing")
    with pytest.raises(LookupError, match="no constructor"):
        arguments("ostinato.cli.lazy:Missing" if False else "ostinato._core.errors:OstinatoError")
