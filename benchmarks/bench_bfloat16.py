"""Products in bfloat16 beside the same layer in float32: time of inference and training, and how far outputs are apart.

    scripts/bench bfloat16

The layers are those of the case table, fresh weights, standard normal inputs, torch's number of threads. Times are
medians of interleaved rounds; training is a forward and a backward, with the gradient of x. The last number is the
relative L2 difference of the outputs.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from machine import machine
from ostinato.kernels import precision, ran
from ostinato.kernels.native.library import missing_bfloat16
from ostinato.nn import Recurrent
from ostinato.testing import CASES, rel_l2

RESULTS = Path(__file__).parent / "results" / "bfloat16.json"
SHAPES = ("imdb", "imdb_ragged", "small", "ner", "lm-650", "wide", "forecast", "one")
KINDS = ("lstm", "gru", "rnn_tanh")
_SECONDS = 0.05  # of a round, each way


def measure(cell: str, shape: str, rounds: int) -> dict[str, object]:
    """One layer, one direction, both ways."""
    torch.manual_seed(0)
    case = CASES[shape]
    layer, x = Recurrent(cell, case.I, case.H), torch.randn(case.T, case.B, case.I, requires_grad=True)
    lengths = list(case.lengths) or None

    def predict() -> torch.Tensor:
        with torch.inference_mode():
            return torch.as_tensor(layer(x, lengths=lengths)[0])

    def train() -> torch.Tensor:
        output = torch.as_tensor(layer(x, lengths=lengths)[0])
        torch.autograd.grad(output, [x, *layer.parameters()], torch.ones_like(output))
        return output

    def milliseconds(run: Callable[[], torch.Tensor], name: str, calls: int) -> float:
        with precision(name):
            begin = time.perf_counter()
            for _ in range(calls):
                run()
            return 1e3 * (time.perf_counter() - begin) / calls

    with ran() as names, precision("mixed"):
        narrow = predict()
        train()
    if [name.precision for name in names] != ["bfloat16"] * 2:
        raise SystemExit(f"{cell} {shape} ran on {names}")
    found: dict[str, object] = {"cell": cell, "shape": shape, "difference": rel_l2(narrow, predict())}
    for what, run in (("inference", predict), ("training", train)):
        calls = max(1, round(1e3 * _SECONDS / milliseconds(run, "float32", 3)))
        taken: dict[str, list[float]] = {"float32": [], "mixed": []}
        for _ in range(rounds):
            for name, times in taken.items():
                times.append(milliseconds(run, name, calls))
        found[what] = {name: statistics.median(times) for name, times in taken.items()}
    return found


def main() -> None:
    """Measure every cell and shape, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, default=RESULTS)
    options = parser.parse_args()
    if (reason := missing_bfloat16()) is not None:
        raise SystemExit(reason)
    rows = []
    for cell in KINDS:
        for shape in SHAPES:
            row = measure(cell, shape, options.rounds)
            rows.append(row)
            print(f"{cell:9} {shape:12} {row}", flush=True)
    options.json.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
