"""Words of a command line become values of the annotated type, or an error that says what is needed."""

from typing import Any

import click
import pytest

from ostinato.cli.kinds import Kind


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        ("int", "12", 12),
        ("float", "1e-3", 0.001),
        ("float", "3", 3.0),
        ("float | int | None", "3", 3),
        ("float | int | None", "0.999", 0.999),
        ("int | None", "none", None),
        ("str | None", "None", None),
        ("str", "none", "none"),
        ("bool | None", "yes", True),
        ("Literal['word', 'char']", "char", "char"),
        ("Literal['l1'] | None", "none", None),
        ("str | tuple[str, ...]", "max,mean", ("max", "mean")),
        ("str | tuple[str, ...]", "max", "max"),
        ("tuple[str, ...]", "max", ("max",)),
        ("tuple[int, int]", "1, 2", (1, 2)),
        ("float | tuple[float, ...]", "0.1", 0.1),
        ("list[int]", "1,2,3", [1, 2, 3]),
        ("Sequence[float]", "1,2", (1.0, 2.0)),
        ("Literal['balanced'] | dict[str, float] | None", "neg=1,pos=2.5", {"neg": 1.0, "pos": 2.5}),
        ("Literal['balanced'] | dict[str, float] | None", "balanced", "balanced"),
        ("'int | None'", "none", None),
        ("str | Callable[[int], float]", "adam", "adam"),
    ],
)
def test_reads(annotation: str, text: str, value: Any) -> None:
    found = Kind(annotation).convert(text, None, None)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("annotation", "text", "needed"),
    [
        ("int", "1.5", "int is needed"),
        ("int | None", "many", "int or none is needed"),
        ("Literal['word', 'char']", "letters", r"word\|char is needed"),
        ("tuple[int, ...]", "1,x", "int,... is needed"),
        ("dict[str, float]", "a=b", "name=value,... is needed"),
    ],
)
def test_refuses_and_says_what_is_needed(annotation: str, text: str, needed: str) -> None:
    with pytest.raises(click.BadParameter, match=needed) as caught:
        Kind(annotation).convert(text, None, None)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("annotation", ["np.ndarray | None", "Callable[[], int]", "RandomState"])
def test_what_no_command_line_can_write(annotation: str) -> None:
    assert not Kind(annotation)
