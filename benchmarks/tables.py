"""Writes the tables of README and guide from benchmarks/results/*.json, between the marks that name them."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bfloat16_tables
import forecast_tables
import forecasters_tables
import language_tables
import music_tables
import shapes_tables
import signals_tables
import speed_tables
import torch_tables
import translation_tables
import vectors_tables

HERE = Path(__file__).parent
README, GUIDE = HERE.parent / "README.md", HERE.parent / "docs" / "guide"
NAMES = {
    "lecture-lasso": "lasso, which of 10,000 words occur (lectures: 88)",
    "lecture-network": "two layers of 16 ReLU on the same (lectures: 86)",
    "lasso": "`BagOfWords()`: lasso, words and pairs, tf-idf",
    "network": '`BagOfWords(model="network")`: two layers of 16 on the same',
    "lecture-rnn": "simple RNN, 32 units, embedding 32 (lectures: 76)",
    "lecture-lstm": "LSTM, 32 units, embedding 32 (lectures: 87)",
    "default": "`SequenceClassifier()`, the default preset",
}


def accuracy(dataset: str) -> list[str]:
    """A row a model: accuracy and log-loss on the test part, and size."""
    lines = ["| model | test accuracy | log-loss, nats | parameters |", "|---|---|---|---|"]
    for model, text in NAMES.items():
        path = HERE / "results" / f"accuracy_{dataset}_{model}.json"
        if not path.exists():
            continue
        found: dict[str, Any] = json.loads(path.read_text())
        if dataset == "names":
            text = _by_letters(model, text)
        loss = sum(run["log_loss_nats"] for run in found["runs"]) / len(found["runs"])
        lines.append(
            f"| {text} | {found['mean_accuracy']:.2%} ± {found['std_accuracy']:.2%} | {loss:.3f} | "
            f"{found['runs'][0]['parameters']:,} |"
        )
    return lines


def _by_letters(model: str, text: str) -> str:
    plain = (
        text.split(" (lectures")[0]
        .replace("10,000 words", "10,000 runs of 1-3 letters")
        .replace("words and pairs", "letters")
    )
    return {"default": '`from_preset("names")`: bidirectional LSTM by letters'}.get(model, plain)


TAGGERS = {
    "word": "`MostFrequentTag()`: each word's most frequent tag",
    "window": "`WindowTagger()`: logistic regression on five words",
    "plain": "`SequenceTagger()`, no ready vectors",
    "glove": "`SequenceTagger(embedding=...)`, GloVe, 9,163 words x 50",
    "case": "the same, `case_dropout=0.1`",
}


def tagging() -> list[str]:
    """A row a tagger: F1 of entities on both held-out parts, and size."""
    lines = ["| tagger | test F1 | testa F1 | seeds | parameters |", "|---|---|---|---|---|"]
    for model, text in TAGGERS.items():
        path = HERE / "results" / f"tagging_{model}.json"
        if not path.exists():
            continue
        found: dict[str, Any] = json.loads(path.read_text())
        runs = found["runs"]
        spread = f" ± {100 * found['std_test_f1']:.2f}" if len(runs) > 1 else ""
        valid = sum(run["valid_f1"] for run in runs) / len(runs)
        lines.append(
            f"| {text} | {100 * found['mean_test_f1']:.2f}{spread} | {100 * valid:.2f} | {len(runs)} | "
            f"{runs[0]['parameters']:,} |"
        )
    return lines


def tagging_speed() -> list[str]:
    """Tokens a second of the recurrent tagger and of the same network in torch."""
    lines = ["| Ostinato, tokens a second | torch | times | tokens |", "|---|---|---|---|"]
    path = HERE / "results" / "tagging_speed.json"
    if path.exists():
        found: dict[str, Any] = json.loads(path.read_text())
        rates = found["tokens_a_second"]
        ours, theirs = rates["ostinato"], rates["torch"]
        lines.append(f"| {ours:,} | {theirs:,} | {ours / theirs:.2f} | {found['tokens']:,} |")
    return lines


PAGES: dict[Path, dict[str, Callable[[], list[str]]]] = {
    README: {
        "imdb": lambda: accuracy("imdb"),
        "names": lambda: accuracy("names"),
        "tagging": tagging,
        "nyse": forecast_tables.nyse,
    },
    GUIDE / "forecasting.md": {
        "nyse": forecast_tables.nyse,
        "etth1": forecast_tables.etth1,
        "series": forecast_tables.series,
        "peers": forecasters_tables.peers,
    },
    GUIDE / "language.md": {
        "penn": language_tables.penn,
        "penn curve": language_tables.penn_curve,
        "awd curve": language_tables.awd_curve,
        "pretraining": language_tables.pretraining,
        "shakespeare": language_tables.shakespeare,
        "sentences": language_tables.sentences,
        "speed": language_tables.speed,
    },
    GUIDE / "music.md": {"jsb": music_tables.jsb},
    GUIDE / "tag.md": {"speed": tagging_speed},
    GUIDE / "torch.md": {"accelerate": torch_tables.accelerated},
    GUIDE / "speed.md": {
        "conditions": speed_tables.conditions,
        "summary": speed_tables.summary,
        "elsewhere": speed_tables.elsewhere,
        "kernels": speed_tables.kernels,
        "memory": speed_tables.memory,
        "step": speed_tables.step,
        "step elsewhere": lambda: speed_tables.step("step_zen4"),
        "epoch": speed_tables.epoch,
        "epoch elsewhere": lambda: speed_tables.epoch("epoch_zen4"),
        "shapes": shapes_tables.shapes,
        "bfloat16": bfloat16_tables.bfloat16,
    },
    GUIDE / "signals.md": {
        "signals": signals_tables.signals,
        "speech": signals_tables.speech,
        "positions": signals_tables.positions,
    },
    GUIDE / "translation.md": {
        "multi30k": translation_tables.multi30k,
        "curve": translation_tables.curve,
        "examples": translation_tables.examples,
        "captions": translation_tables.captions,
    },
    GUIDE / "vectors.md": {
        "speed": vectors_tables.speed,
        "speed elsewhere": lambda: vectors_tables.speed("speed_zen4"),
        "grid": vectors_tables.grid,
        "grid elsewhere": lambda: vectors_tables.grid("grid_zen4"),
        "quality": vectors_tables.quality,
        "neighbours": vectors_tables.neighbours,
        "pretrained": vectors_tables.pretrained,
    },
}


def main() -> int:
    """Write the tables, or with --check say whether they are what the results say."""
    stale = False
    for page, tables in PAGES.items():
        text = written = page.read_text(encoding="utf-8")
        for name, make in tables.items():
            block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.S)
            text = block.sub(lambda m, make=make: m[1] + "\n".join([*make(), ""]) + m[2], text)
        if text == written:
            continue
        stale = True
        if "--check" in sys.argv:
            sys.stderr.write(
                f"{page.name}'s tables are not what benchmarks/results say; run python benchmarks/tables.py\n"
            )
        else:
            page.write_text(text, encoding="utf-8")
    return int(stale and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
