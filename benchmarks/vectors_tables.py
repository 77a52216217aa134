"""The tables of docs/guide/vectors.md, from benchmarks/results/vectors_*.json."""

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
NAMES = {
    "skipgram": "skip-gram, 5 negatives",
    "cbow": "CBOW, 5 negatives",
    "skipgram-tree": "skip-gram, tree",
    "cbow-tree": "CBOW, tree",
    "glove": "GloVe, 50 dimensions, window 15, x_max 10",
    "svd": "SVD of mutual information",
}


def speed(name: str = "speed") -> list[str]:
    """A row a method: words a second beside gensim's."""
    found = _read(name)
    lines = [
        "| method | Ostinato, words/s | gensim, words/s | times | with reading and counting |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {NAMES[row['method']]} | {row['ours_words_per_second']:,.0f} | {row['gensim_words_per_second']:,.0f} | "
        f"{row['times']:.1f} | {row['times_with_reading']:.1f} |"
        for row in found["rows"]
    ]
    return [*lines, "", _conditions(found)]


def grid(name: str = "grid") -> list[str]:
    """Words a second over threads and dimensions."""
    found = _read(name)
    sizes = sorted({row["dimensions"] for row in found["rows"]})
    lines = [f"| words/s | {' | '.join(f'{size} dimensions' for size in sizes)} |", "|---" * (1 + len(sizes)) + "|"]
    for method, threads in dict.fromkeys((row["method"], row["threads"]) for row in found["rows"]):
        cells = [
            f"{row['words_per_second']:,.0f}"
            for row in found["rows"]
            if (row["method"], row["threads"]) == (method, threads)
        ]
        lines.append(f"| {NAMES[method]}, {threads} thread{'s' * (threads > 1)} | {' | '.join(cells)} |")
    return [*lines, "", _conditions(found)]


def quality() -> list[str]:
    """Analogies and pairs after a whole training."""
    lines = [
        "| method | | analogies | of 30,000 words | WordSim-353 | SimLex-999 |",
        "|---|---|---|---|---|---|",
    ]
    last: dict[str, Any] = {}
    remarks: set[str] = set()
    for method in NAMES:
        path = RESULTS / f"vectors_quality_{method}.json"
        if not path.exists():
            continue
        last = json.loads(path.read_text())
        remarks |= {f"{NAMES[method]}: {last['remark']}"} if "remark" in last else set()
        for who, run in last[method][0].items():
            name = {"ours": "Ostinato", "gensim": "gensim"}[who]
            few = f"{run['analogies_30000']:.1%}" if "analogies_30000" in run else ""
            lines.append(
                f"| {NAMES[method]} | {name} | {run['analogies']:.1%} | {few} | "
                f"{run['wordsim353']:.3f} | {run['simlex999']:.3f} |"
            )
    return [*lines, "", _conditions({**last, "remark": "; ".join(sorted(remarks))} if remarks else last)]


BEGINNINGS = {
    "random": "classifier, random vectors at first",
    "pretrained": "classifier, vectors of the unlabelled reviews",
    "mean": "logistic regression on the mean of those vectors",
    "bag": "`BagOfWords()`",
}


def pretrained() -> list[str]:
    """A row a model: test accuracy at each number of labelled reviews."""
    found = json.loads((RESULTS / "pretrained_imdb.json").read_text())
    rows, about = {(row["rows"], row["model"]): row for row in found["summary"]}, found["machine"]
    counts = sorted({count for count, _ in rows})
    lines = [f"| test accuracy, labelled: | {' | '.join(f'{count:,}' for count in counts)} |"]
    lines.append("|---" * (1 + len(counts)) + "|")
    for model, name in BEGINNINGS.items():
        cells = [_share(rows.get((count, model))) for count in counts]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    seeds = ", ".join(f"{rows[count, 'random']['seeds']} at {count:,}" for count in counts if (count, "random") in rows)
    versions = f"torch {about['torch']}, Python {about['python']}"
    return [*lines, "", f"Seeds of the classifier: {seeds}. {about['processor']}, one thread, {versions}."]


def _share(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    return f"{row['mean']:.1%}" + ("" if row["std"] is None else f" ± {row['std']:.1%}")


def neighbours() -> list[str]:
    """The exact search, and a row an effort: the share found and milliseconds a question."""
    if not (RESULTS / "neighbours.json").exists():
        return []
    every: dict[str, Any] = json.loads((RESULTS / "neighbours.json").read_text())
    heads = [f"{found['words']:,} words, {kind}: ms" for kind, found in every.items()]
    rows = [("exact", "100%", [found["exact_ms"] for found in every.values()])]
    for place, row in enumerate(every["learned"]["rows"]):
        times = [found["rows"][place]["ms"] for found in every.values()]
        rows.append((f"index, effort {row['search_effort']}", f"{row['found']:.1%}", times))
    lines = [f"| search | found, learned | {' | '.join(heads)} |", "|---" * (2 + len(heads)) + "|"]
    lines += [f"| {name} | {share} | {' | '.join(f'{ms:.2f}' for ms in times)} |" for name, share, times in rows]
    built = [
        f"{found['words']:,} words: built in {found['build_seconds']:.0f} s, {found['index_mb']:.0f} MB beside "
        f"{found['vectors_mb']:.0f} MB of vectors"
        for found in every.values()
    ]
    about = every["learned"]["machine"]
    return [*lines, "", f"{'; '.join(built)}. {about['processor']}, numpy {about['numpy']}, Python {about['python']}."]


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / f"vectors_{name}.json").read_text())
    return found


def _conditions(found: dict[str, Any]) -> str:
    about = found["machine"]
    remark = f" Remark: {found['remark']}." if "remark" in found else ""
    return (
        f"{found['words']:,} words of text; {about['processor']}, {about['threads']} threads, "
        f"gensim {about['gensim']}, numpy {about['numpy']}, Python {about['python']}.{remark}"
    )
