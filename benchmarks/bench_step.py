"""One step at a time, as a stream is answered: B=1, I=H=128, microseconds a step, beside torch's cell and module.

    scripts/bench step

"kernel" is the call of the compiled function from Python less what the call of a function that returns at once takes
(the same one, told that there are no rows); "Python" is `Stepper`, checks included. One thread: a second costs more
than it gives. Results are compared before anything is timed; times are medians of interleaved rounds.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from machine import machine
from ostinato.cells import CELLS
from ostinato.kernels import Weights
from ostinato.kernels.native import instruction_set
from ostinato.kernels.native.library import library
from ostinato.kernels.native.stepper import Stepper

RESULTS = Path(__file__).parent / "results" / "step.json"
PEERS: dict[str, tuple[type[nn.Module], type[nn.Module]]] = {
    "lstm": (nn.LSTMCell, nn.LSTM),
    "gru": (nn.GRUCell, nn.GRU),
    "rnn_tanh": (nn.RNNCell, nn.RNN),
}
CALLS = 2000  # a round


def runs(name: str, size: int) -> dict[str, Callable[[], object]]:
    """Everything that is timed for a cell; a step's outcome is compared first."""
    torch.manual_seed(0)
    cell, module = (make(size, size) for make in PEERS[name])
    module.load_state_dict({f"{key}_l0": value for key, value in cell.state_dict().items()})
    x, h = torch.randn(1, size), torch.randn(1, size)
    given: Tensor | tuple[Tensor, ...] = (h, torch.randn(1, size)) if name == "lstm" else h
    states = [s.clone() for s in given] if isinstance(given, tuple) else [given.clone()]
    step = Stepper(CELLS[name], Weights(*(p.detach() for p in cell.parameters())))
    step(x, *states)
    with torch.inference_mode():
        after = cell(x, given)
    torch.testing.assert_close(states[0], after[0] if isinstance(after, tuple) else after)

    c = states[1].data_ptr() if len(states) > 1 else None
    raw, packed, pointers = library().ostinato_step, step._packed, (x.data_ptr(), states[0].data_ptr(), c)
    row = x[None]
    before = tuple(s[None] for s in given) if isinstance(given, tuple) else given[None]
    return {
        "call": lambda: raw(packed, 0, *pointers),
        "kernel": lambda: raw(packed, 1, *pointers),
        "Python": lambda: step(x, *states),
        f"torch {type(cell).__name__}": lambda: cell(x, given),
        f"torch {type(module).__name__}": lambda: module(row, before),
    }


def microseconds(call: Callable[[], object]) -> float:
    """Of one call, over many."""
    begin = time.perf_counter()
    for _ in range(CALLS):
        call()
    return 1e6 * (time.perf_counter() - begin) / CALLS


def main() -> None:
    """Measure the three cells, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=128, help="inputs and units")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, default=RESULTS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    with torch.inference_mode():
        for name in PEERS:
            timed = runs(name, options.size)
            taken: dict[str, list[float]] = {run: [] for run in timed}
            for _ in range(options.rounds):
                for run, call in timed.items():
                    taken[run].append(microseconds(call))
            medians = {run: statistics.median(times) for run, times in taken.items()}
            medians["kernel"] -= medians.pop("call")
            rows.append({"cell": name, "microseconds": {run: round(us, 2) for run, us in medians.items()}})
            print(name, ", ".join(f"{run} {us:.2f} us" for run, us in medians.items()), flush=True)
    found = {"size": options.size, "machine": machine() | {"native": instruction_set()}, "rows": rows}
    options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
