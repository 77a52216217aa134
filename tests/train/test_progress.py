"""What a run shows: lines off a terminal, a bar on one, nothing unless asked."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ostinato.data import Batches
from ostinato.train import Trainer
from ostinato.train import progress as shown


def test_off_a_terminal(
    network: Any, loss: Any, train: Batches, valid: Batches, capfd: pytest.CaptureFixture[str]
) -> None:
    Trainer(epochs=3, progress=True).fit(network(), loss, train, valid)
    out, err = capfd.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("epoch 1/3  train_loss 0.")
    assert "valid_loss 0." in lines[2] and "tokens/s" in lines[2]
    assert "\x1b" not in err and "\r" not in err


def test_silent(network: Any, loss: Any, train: Batches, capfd: pytest.CaptureFixture[str]) -> None:
    Trainer(epochs=1).fit(network(), loss, train)
    assert capfd.readouterr() == ("", "")


def test_on_a_terminal(
    network: Any, loss: Any, train: Batches, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=160)
    monkeypatch.setattr(shown, "Console", lambda stderr: console)
    Trainer(epochs=2, progress=True).fit(network(), loss, train)
    text = screen.getvalue()
    assert "epoch 2/2" in text and "16/16" in text and "sequences/s" in text
    assert text.count("train_loss") == 2
    assert capfd.readouterr() == ("", "")


def test_bar_is_taken_away_on_an_error(network: Any, train: Batches, monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(file=io.StringIO(), force_terminal=True)
    monkeypatch.setattr(shown, "Console", lambda stderr: console)
    with pytest.raises(ZeroDivisionError):
        Trainer(epochs=2, progress=True).fit(network(), lambda model, batch: 1 // 0, train)
    assert not console._live_stack


def test_function(network: Any, loss: Any, train: Batches, tmp_path: Path) -> None:
    seen: list[Any] = []
    log = tmp_path / "new" / "metrics.jsonl"
    lines_then: list[int] = []

    def tell(record: dict[str, Any]) -> None:
        seen.append(record)
        lines_then.append(len(log.read_text().splitlines()))

    history = Trainer(epochs=3, progress=tell, log=log).fit(network(), loss, train)
    assert seen == list(history)
    assert lines_then == [1, 2, 3]  # each line is on the disk when its epoch ends
    assert [json.loads(line) for line in log.read_text().splitlines()] == seen
