"""What projecting each different word once gains, on real reviews: interleaved medians of looking up and running.

    scripts/bench tokens --rounds 9 --json benchmarks/results/tokens.json

Batches of IMDb reviews (10,000 words, up to 500 of a review, drawn by length bucket) go through an embedding and a
recurrent layer; "train" includes the backward to the table and all weights, "infer" does not. `each` looks every token
up and projects it, `once` every different word, and `default` is what the library chooses. Above 1, `once` is faster.
The thresholds in `kernels/native/distinct.py` are where `--sweep`, which makes words rarer by cutting every batch in
pieces with words of their own, crosses 1.
"""

import argparse
import itertools
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from machine import machine
from ostinato.data import Batches, read
from ostinato.kernels.native import Native, instruction_set, missing
from ostinato.nn import Embedding, Recurrent, apply
from ostinato.text import Tokenizer

V = 10_000


def batches(count: int) -> list[PackedSequence]:
    """Packed batches of 32 reviews, as training sees them."""
    folder = Path(os.environ.get("OSTINATO_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    texts = [example.value for example in read(folder / "imdb_train.csv.gz", text="text", label="label", limit=4000)]
    tokens = Tokenizer("word", max_vocabulary=V).fit(texts).encode(texts, max_length=500)
    found = Batches(tokens, batch_size=32, seed=0).epoch(0)
    return [batch.inputs for batch in itertools.islice(found, count)]


@contextmanager
def always(answer: bool) -> Iterator[None]:
    """Let the native backend project once, or each, whatever would pay."""
    before = Native.projects_once
    Native.projects_once = lambda *_: answer  # type: ignore[method-assign]
    try:
        yield
    finally:
        Native.projects_once = before  # type: ignore[method-assign]


class Problem:
    """An embedding, a layer, and the gradients that its outputs are given."""

    def __init__(self, cell: str, size: int, both: bool, given: list[PackedSequence]) -> None:
        torch.manual_seed(0)
        words = 1 + max(int(ids.data.max()) for ids in given)
        self.embedding, self.layer = Embedding(words, size), Recurrent(cell, size, size, bidirectional=both)
        self.given = given
        self.upstream = [torch.randn(len(ids.data), self.layer.output_size) for ids in given]
        self.parameters = [*self.embedding.parameters(), *self.layer.parameters()]

    def train(self, look_up: Callable[[PackedSequence], PackedSequence]) -> None:
        """Forward and backward of all batches."""
        for ids, dy in zip(self.given, self.upstream, strict=True):
            torch.autograd.grad(self.layer(look_up(ids))[0].data, self.parameters, dy)

    @torch.no_grad()
    def infer(self, look_up: Callable[[PackedSequence], PackedSequence]) -> None:
        """Forward of all batches."""
        for ids in self.given:
            self.layer(look_up(ids))

    def ways(self, kind: str) -> dict[str, Callable[[], None]]:
        """What is compared."""
        run = getattr(self, kind)

        def each() -> None:
            run(lambda ids: apply(self.embedding, ids))

        def once() -> None:
            with always(True):
                run(self.embedding)

        return {"each": each, "once": once, "default": lambda: run(self.embedding)}


def measure(ways: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Median seconds of each way, taken in turns."""
    for way in ways.values():
        way()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            begin = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - begin)
    return {name: statistics.median(times) for name, times in seconds.items()}


def rarer(given: list[PackedSequence], pieces: int) -> list[PackedSequence]:
    """The same batches, every word a different one in each of so many pieces of a batch."""

    def cut(ids: Tensor) -> Tensor:
        return ids * pieces + torch.arange(len(ids)) * pieces // len(ids)

    return [apply(cut, ids) for ids in given]


def main() -> None:
    """Parse the command line, measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", default="lstm,gru")
    parser.add_argument("--sizes", default="128,64,32", help="I = H")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batches", type=int, default=4)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--sweep", action="store_true", help="also with words made rarer")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if (reason := missing()) is not None:
        raise SystemExit(reason)
    torch.set_num_threads(options.threads)
    real = batches(options.batches)
    cases = [(pieces, rarer(real, pieces)) for pieces in ((1, 2, 4, 8) if options.sweep else (1,))]
    rows = []
    for cell, size, both in itertools.product(options.cells.split(","), options.sizes.split(","), (False, True)):
        for pieces, given in cases:
            share = sum(len(ids.data.unique()) for ids in given) / sum(len(ids.data) for ids in given)
            problem = Problem(cell, int(size), both, given)
            for kind in ("train", "infer"):
                seconds = measure(problem.ways(kind), options.rounds)
                row = {"cell": cell, "size": int(size), "bidirectional": both, "kind": kind, "pieces": pieces}
                row |= {"share_different": round(share, 3)}
                row |= {f"{name}_ms_a_batch": round(1e3 * s / len(given), 3) for name, s in seconds.items()}
                row |= {f"{name}_times": round(seconds["each"] / seconds[name], 3) for name in ("once", "default")}
                rows.append(row)
                print(
                    f"{cell:5} {size:>4} {'both' if both else 'one ':4} {kind:5} different {share:5.1%}  "
                    f"each {1e3 * seconds['each'] / len(given):7.3f} ms  once x{row['once_times']:.2f}  "
                    f"default x{row['default_times']:.2f}",
                    flush=True,
                )
    if options.json:
        tokens = [len(ids.data) for ids in real]
        about = {"isa": instruction_set(), "rounds": options.rounds, "tokens_a_batch": tokens}
        options.json.write_text(json.dumps({"machine": machine() | about, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
