"""The tables of the guide to language models, from benchmarks/results/language_*.json."""

import json
import statistics
from pathlib import Path
from typing import Any

import curve_tables

RESULTS = Path(__file__).parent / "results"
ROWS = {
    ("ptb", "kneser-ney"): '`NGram(5, tokenizer="space")`, Kneser-Ney',
    ("ptb", "small"): '`from_preset("small", tokenizer="space")`',
    ("ptb", "awd"): '`from_preset("awd", tokenizer="space")`',
    ("shakespeare", "kneser-ney"): '`NGram(5, tokenizer="char")`, Kneser-Ney',
    ("shakespeare", "characters"): '`from_preset("characters")`',
}


def _runs(dataset: str, model: str) -> list[dict[str, Any]]:
    path = RESULTS / f"language_{dataset}_{model}.json"
    return json.loads(path.read_text())["runs"] if path.exists() else []


def _mean(values: list[float], digits: int) -> str:
    spread = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{digits}f}{spread}"


def _parameters(runs: list[dict[str, Any]]) -> str:
    return f"{runs[0]['parameters']:,}" if "parameters" in runs[0] else ""


def penn() -> list[str]:
    """Perplexity of a word of Penn Treebank, of counts and of networks."""
    lines = ["| model | test perplexity | held-out | seeds | epochs | parameters |", "|---|---|---|---|---|---|"]
    for (dataset, model), text in ROWS.items():
        if dataset == "ptb" and (runs := _runs(dataset, model)):
            test, valid = ([run[part]["perplexity"] for run in runs] for part in ("test", "valid"))
            lines.append(
                f"| {text} | {_mean(test, 1)} | {_mean(valid, 1)} | {len(runs)} | {runs[0].get('epochs', '')} | "
                f"{_parameters(runs)} |"
            )
    return lines


def penn_curve() -> list[str]:
    """How the small model's held-out loss went down, of its first seed."""
    return _curve("small", 1)


def awd_curve() -> list[str]:
    """How the regularised model's went down."""
    return _curve("awd", 2)


def _curve(model: str, every: int) -> list[str]:
    for run in _runs("ptb", model)[:1]:
        return curve_tables.curve(run["history"], every, "held-out loss, nats a word")
    return []


def shakespeare() -> list[str]:
    """Nats and bits a character of the last tenth of Tiny Shakespeare."""
    lines = [
        "| model | held-out nats a character | bits | seeds | epochs | parameters |",
        "|---|---|---|---|---|---|",
    ]
    for (dataset, model), text in ROWS.items():
        if dataset == "shakespeare" and (runs := _runs(dataset, model)):
            nats, bits = ([run["valid"][name] for run in runs] for name in ("loss_nats", "bits_per_character"))
            lines.append(
                f"| {text} | {_mean(nats, 3)} | {_mean(bits, 2)} | {len(runs)} | {runs[0].get('epochs', '')} | "
                f"{_parameters(runs)} |"
            )
    return lines


def sentences() -> list[str]:
    """What each trained model that has all the words makes of two sentences that sound alike."""
    lines = ["| model | sentence | log-probability, nats |", "|---|---|---|"]
    for (dataset, model), text in ROWS.items():
        for run in _runs(dataset, model)[:1]:
            for sentence, value in run.get("log_probability_nats", {}).items():
                lines.append(f"| {text}, {dataset} | {sentence} | {value:.2f} |")
    return lines


def pretraining() -> list[str]:
    """Test accuracy of a classifier of reviews, with a language model's layers and without."""
    lines = ["| IMDb, 25,000 labelled reviews | test accuracy | seeds | minutes a fit |", "|---|---|---|---|"]
    path = RESULTS / "pretraining_imdb.json"
    found = json.loads(path.read_text())["runs"] if path.exists() else []
    for model in ("from scratch", "pretrained"):
        if runs := [run for run in found if run["model"] == model]:
            accuracy = _mean([100 * run["accuracy"] for run in runs], 2)
            minutes = statistics.mean(run["seconds_here"] for run in runs) / 60
            lines.append(f"| {model} | {accuracy} % | {len(runs)} | {minutes:.0f} |")
    return lines


def speed() -> list[str]:
    """Tokens a second of a step of training, ours and plain torch's."""
    lines = ["| products in | Ostinato | torch | times |", "|---|---|---|---|"]
    path = RESULTS / "language_speed.json"
    if not path.exists():
        return lines
    rates = json.loads(path.read_text())["tokens_a_second"]
    for precision in ("float32", "bfloat16"):
        ours, theirs = rates[f"ostinato, {precision}"], rates[f"torch, {precision}"]
        lines.append(f"| {precision} | {ours:,} | {theirs:,} | {ours / theirs:.2f} |")
    return lines
