"""The tables of the guide to translation and captions, from benchmarks/results/translation_*.json."""

import json
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import curve_tables

RESULTS = Path(__file__).parent / "results"


def _runs(name: str) -> list[dict[str, Any]]:
    path = RESULTS / f"translation_{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))["runs"] if path.exists() else []


def _mean(values: list[float]) -> str:
    return f"{mean(values):.1f}" + (f" ± {stdev(values):.1f}" if len(values) > 1 else "")


def multi30k() -> list[str]:
    """BLEU and chrF of Multi30k's test part, English to German."""
    lines = [
        "| preset | test BLEU | chrF | held-out BLEU | perplexity a byte pair | seeds | parameters |",
        "|---|---|---|---|---|---|---|",
    ]
    if runs := _runs("multi30k_sentences"):
        test, valid = ([run[part] for run in runs] for part in ("test", "valid"))
        lines.append(
            f"| `sentences` | {_mean([t['bleu'] for t in test])} | {_mean([t['chrf'] for t in test])} | "
            f"{_mean([v['bleu'] for v in valid])} | {_mean([t['perplexity'] for t in test])} | {len(runs)} | "
            f"{runs[0]['parameters']:,} |"
        )
    return lines


def curve() -> list[str]:
    """How the first seed's held-out loss went down: a column every fourth epoch, and the last."""
    for run in _runs("multi30k_sentences")[:1]:
        return curve_tables.curve(run["history"], 4, "held-out loss, nats a token")
    return []


def examples() -> list[str]:
    """The first sentences of the test part, as they were translated."""
    lines = ["| English | Ostinato | reference |", "|---|---|---|"]
    for run in _runs("multi30k_sentences")[:1]:
        lines += [f"| {source} | {found} | {reference} |" for source, found, reference in run["examples"]]
    return lines


def captions() -> list[str]:
    """Held-out digits whose name is written to the letter."""
    lines = ["| held-out digits | to the letter | seeds | epochs | parameters |", "|---|---|---|---|---|"]
    if runs := _runs("captions_digits"):
        exact = [100 * run["test"]["exact"] for run in runs]
        lines.append(
            f"| {runs[0]['test']['rows']} | {_mean(exact)} % | {len(runs)} | {runs[0]['epochs']} | "
            f"{runs[0]['parameters']:,} |"
        )
    return lines
