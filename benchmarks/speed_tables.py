"""The tables of docs/guide/speed.md, from benchmarks/results."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
OURS = "ostinato"
CELLS = {"lstm": "LSTM", "gru": "GRU", "gru_reset_before": "GRU, reset before the product", "rnn_tanh": "RNN, tanh"}
KINDS = {"train": "training (forward and backward)", "infer": "inference"}
Case = dict[str, Any]


def summary() -> list[str]:
    """For each cell and kind: how far ahead of the best peer, on average and at worst."""
    lines = ["| cell | | dense shapes: geometric mean | worst | ragged shapes: worst |", "|---|---|---|---|---|"]
    for cell, kind, cases in _groups():
        dense = {c["shape"]: _ratio(c) for c in cases if not c["shape"].startswith("ragged") and _peers(c)}
        ragged = {c["shape"]: _ratio(c) for c in cases if c["shape"].startswith("ragged") and _peers(c)}
        mean = _geometric_mean(list(dense.values())) if dense else None
        lines.append(
            f"| {CELLS[cell]} | {kind} | {'' if mean is None else f'{mean:.2f}'} | {_worst(dense)} | {_worst(ragged)} |"
        )
    return lines


def elsewhere() -> list[str]:
    """The dense shapes on another processor: the best peer's time over ours, and our share of the peak."""
    found = _load("kernels_zen4")
    shapes = list(dict.fromkeys(c["shape"] for c in found["cases"] if not c["shape"].startswith("ragged")))
    heads = [*shapes, "geometric mean", "were ours at the peak", "ragged shapes: worst"]
    lines = [f"| cell | | {' | '.join(heads)} |", "|---" * (2 + len(heads)) + "|"]
    for cell, kind, cases in _groups("kernels_zen4"):
        by_shape = {c["shape"]: c for c in cases}
        cells = [
            f"{_ratio(by_shape[s]):.2f} ({_run(by_shape[s], OURS)['share_of_peak']:.0%})" if s in by_shape else ""
            for s in shapes
        ]
        dense = [_ratio(by_shape[s]) for s in shapes if s in by_shape]
        most = [1 / max(run["share_of_peak"] for run in _peers(by_shape[s])) for s in shapes if s in by_shape]
        worst = _worst({name: _ratio(c) for name, c in by_shape.items() if name not in shapes and _peers(c)})
        means = f"{_geometric_mean(dense):.2f} | {_geometric_mean(most):.2f}"
        lines.append(f"| {CELLS[cell]} | {kind} | {' | '.join(cells)} | {means} | {worst} |")
    return [*lines, "", *conditions("kernels_zen4")]


def kernels() -> list[str]:
    """One table a cell and kind: ours, then each peer's time."""
    lines: list[str] = []
    for cell, kind, cases in _groups():
        peers = list(dict.fromkeys(run["run"] for c in cases for run in c["runs"] if run["run"] != OURS))
        lines += [f"**{CELLS[cell]}, {KINDS[kind]}**", ""]
        lines += [
            f"| shape | ours, ms | GFLOP/s | of peak | {', ms | '.join(peers)}, ms | best peer takes |",
            "|---" * (5 + len(peers)) + "|",
        ]
        for c in cases:
            ours, theirs = _run(c, OURS), [_run(c, name) for name in peers]
            lines.append(
                f"| {c['shape']} | {_ms(ours)} | {ours['gflops']:.0f} | {ours['share_of_peak']:.0%} | "
                + " | ".join(_ms(run) if run else "" for run in theirs)
                + f" | {f'{_ratio(c):.2f} times ours' if _peers(c) else ''} |"
            )
        lines.append("")
    return lines[:-1]


def memory() -> list[str]:
    """Megabytes that each runner takes for a shape, inputs, weights and compiled code included."""
    groups = list(_groups())
    names = list(dict.fromkeys(run["run"] for _, _, cases in groups for c in cases for run in c["runs"]))
    lines = [f"| cell | | shape | {' | '.join(names)} |", "|---" * (3 + len(names)) + "|"]
    for cell, kind, cases in groups:
        for c in cases:
            found = [_run(c, name) for name in names]
            megabytes = ["" if run is None or run["megabytes"] is None else f"{run['megabytes']:.0f}" for run in found]
            lines.append(f"| {CELLS[cell]} | {kind} | {c['shape']} | {' | '.join(megabytes)} |")
    return lines


def epoch(name: str = "epoch") -> list[str]:
    """A row a runner: seconds of a whole epoch, and accuracy after one or several."""
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return []
    runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
    seconds = {run["run"]: run["seconds"] * 25_000 / run["reviews"] for run in runs}
    lines = ["| runner | one epoch, s | times ours | test accuracy | after epochs |", "|---|---|---|---|---|"]
    for run in runs:
        took = seconds[run["run"]]
        share = "" if run["reviews"] == 25_000 else f" (from {run['reviews']:,} reviews)"
        ratio = f"{took / seconds[OURS]:.1f}" if OURS in seconds else ""
        accuracy = " | " if share else f"{run['test_accuracy']:.1%} | {run['epochs']}"
        lines.append(f"| {run['run']} | {took:.1f}{share} | {ratio} | {accuracy} |")
    return lines


def step(name: str = "step") -> list[str]:
    """A row a cell: microseconds of one step."""
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return []
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    lines = ["| cell | kernel, µs | from Python, µs | torch's cell, µs | torch's module, µs |", "|---|---|---|---|---|"]
    lines += [f"| {CELLS[r['cell']]} | {' | '.join(f'{us:.1f}' for us in r['microseconds'].values())} |" for r in rows]
    return lines


def conditions(name: str = "kernels") -> list[str]:
    """Machine, versions, dates and the peak, in a sentence."""
    found = _load(name)
    if not found["cases"]:
        return []
    m, peaks, dates = found["machine"], [c["peak_gflops"] for c in found["cases"]], {c["date"] for c in found["cases"]}
    packages = ("torch", "keras", "jax", "onnxruntime", "openvino")
    versions = ", ".join(f"{name} {m[name]}" if m.get(name) else f"no {name}" for name in packages)
    return [
        f"{m['processor']}, {m['native']}, {m['threads']} threads, measured peak {min(peaks):.0f} to {max(peaks):.0f} "
        f"GFLOP/s; Python {m['python']}, {versions}; {' to '.join(sorted({min(dates), max(dates)}))}."
    ]


def _load(name: str = "kernels") -> dict[str, Any]:
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return {"machine": {}, "cases": []}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _groups(name: str = "kernels") -> Iterator[tuple[str, str, list[Case]]]:
    cases = _load(name)["cases"]
    for kind in KINDS:
        for cell in CELLS:
            if found := [c for c in cases if (c["cell"], c["kind"]) == (cell, kind)]:
                yield cell, kind, found


def _run(case: Case, name: str) -> Any:
    return next((run for run in case["runs"] if run["run"] == name), None)


def _peers(case: Case) -> list[Any]:
    return [run for run in case["runs"] if run["run"] != OURS and run["same_function"]]


def _ratio(case: Case) -> float:
    """Time of the fastest peer that computes the same, over ours."""
    return float(min(run["ms"] for run in _peers(case)) / _run(case, OURS)["ms"])


def _geometric_mean(ratios: list[float]) -> float:
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def _worst(ratios: dict[str, float]) -> str:
    if not ratios:
        return ""
    shape = min(ratios, key=ratios.__getitem__)
    return f"{ratios[shape]:.2f} ({shape})"


def _ms(run: Any) -> str:
    ms = run["ms"]
    return f"{ms:.3f}" if ms < 10 else f"{ms:.1f}" if ms < 100 else f"{ms:.0f}"
