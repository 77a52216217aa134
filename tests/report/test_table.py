"""Tables say what they were given, and nothing in a user's text is taken for markup."""

from io import StringIO

import pytest
from rich.console import Console

from ostinato.report.table import table, written


def printed(*args: object, **settings: object) -> str:
    stream = StringIO()
    Console(file=stream, width=100, no_color=True).print(table(*args, **settings))  # type: ignore[arg-type]
    return stream.getvalue()


def test_columns_are_the_union_in_order_and_gaps_are_shown() -> None:
    lines = printed([{"model": "a", "accuracy": 0.5}, {"model": "b", "log_loss": 0.25}]).splitlines()
    assert lines[1].split() == ["model", "accuracy", "log", "loss"]
    assert lines[3].split() == ["a", "0.5000", "-"]
    assert lines[4].split() == ["b", "-", "0.2500"]


def test_markup_of_users_is_text() -> None:
    assert "[red]x[/red]" in printed([{"label": "[red]x[/red]"}])


@pytest.mark.parametrize(("which", "winner"), [("highest", "b"), ("lowest", "a")])
def test_the_best_row_is_marked(which: str, winner: str) -> None:
    stream = StringIO()
    rows = [{"model": "a", "value": 1.0}, {"model": "b", "value": 2.0}, {"model": "c", "value": float("nan")}]
    made = table(rows, best={"value": which})  # type: ignore[dict-item]
    Console(file=stream, width=80, force_terminal=True, color_system="standard").print(made)
    marked = [line for line in stream.getvalue().splitlines() if "\x1b[1;32m" in line]
    assert len(marked) == 1
    assert f" {winner} " in marked[0].replace("\x1b[0m", " ")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.0, "0.0000"), (True, "True"), (1234567, "1,234,567"), (float("nan"), "nan"), (12.345, "12.3")],
)
def test_written(value: object, text: str) -> None:
    assert written(value) == text


def test_no_rows() -> None:
    assert printed([]).strip() == ""
