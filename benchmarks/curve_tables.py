"""How a training's held-out loss went down, as the columns of a table."""

from typing import Any


def curve(history: list[dict[str, Any]], every: int, loss: str) -> list[str]:
    """A column for the first, the last and each epoch that `every` divides; minutes are of training alone."""
    last = len(history)
    shown = [r for r in history if r["epoch"] in (1, last) or r["epoch"] % every == 0]
    minutes = [sum(r["seconds"] for r in history[: record["epoch"]]) / 60 for record in shown]
    return [
        "| epoch | " + " | ".join(str(r["epoch"]) for r in shown) + " |",
        "|---" * (len(shown) + 1) + "|",
        f"| {loss} | " + " | ".join(f"{r['valid_loss']:.3f}" for r in shown) + " |",
        "| minutes | " + " | ".join(f"{m:.0f}" for m in minutes) + " |",
    ]
