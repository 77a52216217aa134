"""Times the native kernels beside torch's own layers: interleaved, medians, the machine's peak in the same run.

    python benchmarks/bench_kernels.py --cells lstm,gru --shapes imdb,small --rounds 7 --json results.json

Shapes are (B, T, I, H), dense and padded in torch's favour; `ragged` is a batch of 32 reviews of 15 to 500 words, which
torch runs packed and, for comparison, padded to the longest. Counted work: 2 N G H (I + H) floating-point operations
forward, three times that with backward; of a ragged batch only the real tokens count.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ostinato.cells import CELLS
from ostinato.kernels import Layer, Weights
from ostinato.kernels.native import Native, instruction_set, missing
from ostinato.kernels.native.library import library

SHAPES = {
    "imdb": (32, 500, 128, 128),
    "small": (32, 200, 32, 32),
    "ner": (32, 30, 100, 200),
    "lm-650": (20, 35, 650, 650),
    "wide": (64, 100, 512, 512),
    "forecast": (64, 24, 3, 12),
    "one": (1, 500, 128, 128),
    "ragged-128": (32, 500, 128, 128),
    "ragged-32": (32, 500, 32, 32),
}
TORCH = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn_tanh": torch.nn.RNN}


@dataclass
class Problem:
    """One cell and shape: the tensors that both sides get."""

    cell: str
    lengths: Tensor
    x: Tensor  # (T, B, I), zeros behind each row's end
    dy: Tensor  # (N, H)
    weights: Weights

    @property
    def batch_sizes(self) -> Tensor:
        """Rows alive at each step, (T,)."""
        return (self.lengths[:, None] > torch.arange(self.x.shape[0])).sum(0)

    @property
    def ragged(self) -> bool:
        """Whether some row ends early."""
        return bool((self.lengths != self.x.shape[0]).any())

    @property
    def operations(self) -> float:
        """Counted floating-point operations of a forward."""
        GH, I = self.weights.ih.shape  # noqa: E741  (the field's letter)
        return 2.0 * float(self.lengths.sum()) * GH * (I + self.weights.hh.shape[1])


def problem(cell: str, shape: str) -> Problem:
    """Draw a problem; equal for equal arguments."""
    B, T, I, H = SHAPES[shape]  # noqa: E741  (the field's letter)
    torch.manual_seed(0)
    lengths = torch.full((B,), T)
    if shape.startswith("ragged"):  # descending, 15 to 500, mean 223
        lengths = (15 + 485 * torch.linspace(1, 0, B) ** 1.33).round().long()
    alive = torch.arange(T)[:, None] < lengths
    x = torch.randn(T, B, I) * alive[..., None]
    G = len(CELLS[cell].gates)
    shapes = [(G * H, I), (G * H, H), (G * H,), (G * H,)]
    drawn = [((torch.rand(s) * 2 - 1) * H**-0.5).requires_grad_() for s in shapes]
    weights = Weights(*drawn, extra={name: torch.zeros(H) for name in CELLS[cell].extra})
    return Problem(cell, lengths, x, torch.randn(int(lengths.sum()), H), weights)


def ours(p: Problem) -> dict[str, Callable[[], object]]:
    """Our runs, by name."""
    cell, native = CELLS[p.cell], Native()
    T, B = p.x.shape[:2]
    data = p.x[torch.arange(T)[:, None] < p.lengths].requires_grad_()
    states = tuple(torch.zeros(1, B, p.weights.hh.shape[1]) for _ in cell.states)
    layer = Layer(data, p.batch_sizes, (p.weights,), states)
    wanted = [data, *(t for t in (p.weights.ih, p.weights.hh, p.weights.b_ih, p.weights.b_hh) if t is not None)]

    def train() -> object:
        return torch.autograd.grad(native.forward(cell, layer)[0][0], wanted, p.dy)

    return {"ours infer": torch.no_grad()(lambda: native.forward(cell, layer)), "ours train": train}


def peers(p: Problem) -> dict[str, Callable[[], object]]:
    """The peers' runs, by name; none for a cell that torch does not have."""
    if p.cell not in TORCH:
        return {}
    module = TORCH[p.cell](p.x.shape[2], p.weights.hh.shape[1])
    found: dict[str, Callable[[], object]] = {}
    x = p.x.clone().requires_grad_()
    dy = torch.randn(*p.x.shape[:2], p.weights.hh.shape[1])

    def padded() -> object:
        return torch.autograd.grad(module(x)[0], [x, *module.parameters()], dy)

    name = "torch padded" if p.ragged else "torch"
    found |= {f"{name} infer": torch.no_grad()(lambda: module(x)), f"{name} train": padded}
    if p.ragged:
        packed = torch.nn.utils.rnn.pack_padded_sequence(p.x, p.lengths)
        leaf = packed.data.requires_grad_()
        given = torch.nn.utils.rnn.PackedSequence(leaf, packed.batch_sizes)

        def train() -> object:
            return torch.autograd.grad(module(given)[0].data, [leaf, *module.parameters()], p.dy)

        found |= {"torch packed infer": torch.no_grad()(lambda: module(given)), "torch packed train": train}
    return found


def measure(
    runs: dict[str, Callable[[], object]], rounds: int, threads: int, clock: Callable[[], float]
) -> tuple[dict[str, float], float]:
    """Median seconds of each run, taken in turns, and the peak measured between them in GFLOP/s."""
    for run in runs.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    peaks = []
    for _ in range(rounds):
        for _ in range(10):
            begin = clock()
            operations = library().ostinato_burn(threads)
            peaks.append(operations / (clock() - begin) / 1e9)
        for name, run in runs.items():
            begin, count = clock(), 0
            while count == 0 or (clock() - begin < 0.02 and count < 200):
                run()
                count += 1
            seconds[name].append((clock() - begin) / count)
    return {name: statistics.median(times) for name, times in seconds.items()}, max(peaks)


def main() -> None:
    """Parse the command line, measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", default="lstm,gru,rnn_tanh")
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="cpu: one thread, on a busy machine")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if (reason := missing()) is not None:
        raise SystemExit(reason)
    if options.clock == "cpu" and options.threads != 1:
        raise SystemExit(f"--clock cpu adds up {options.threads} threads; give --threads 1")
    clock = time.perf_counter if options.clock == "wall" else time.process_time
    torch.set_num_threads(options.threads)
    rows = []
    for cell in options.cells.split(","):
        for shape in options.shapes.split(","):
            p = problem(cell, shape)
            runs = ours(p) | ({} if options.no_peers else peers(p))
            seconds, peak = measure(runs, options.rounds, options.threads, clock)
            for name, took in seconds.items():
                kind = name.split()[-1]
                gflops = p.operations * (3 if kind == "train" else 1) / took / 1e9
                row = {"cell": cell, "shape": shape, "run": name, "ms": 1e3 * took, "gflops": gflops}
                row |= {"share_of_peak": gflops / peak, "times_ours": took / seconds[f"ours {kind}"]}
                rows.append(row)
                print(
                    f"{cell:16} {shape:11} {name:19} {1e3 * took:9.3f} ms {gflops:7.1f} GFLOP/s "
                    f"{gflops / peak:6.1%} of peak   x{row['times_ours']:.2f}",
                    flush=True,
                )
    if options.json:
        about = {
            "isa": instruction_set(),
            "threads": options.threads,
            "clock": options.clock,
            "torch": torch.__version__,
        }
        options.json.write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
