"""A whole training epoch on IMDb: embedding 10,000 x 128, LSTM of 128 units, one sigmoid unit, Adam, batches of 32.

    scripts/bench epoch                                  # everybody, one after the other; some ten minutes
    scripts/bench epoch --runners "ostinato,torch"       # a part; it replaces that part of the results
    scripts/bench epoch --runners "Keras on torch" --reviews 2500

Reading the files and cutting them into words is not counted; embedding, optimiser, loss and the making of batches are.
Keras' compilation is not counted either. Each runner is a process of its own, alone at its time. With fewer reviews
than all (25,000) the seconds are of that share; the table gives them for an epoch and says so.
"""

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from kernels.others import Since
from machine import machine

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "epoch.json"
KERAS = {"Keras on JAX": "jax", "Keras on torch": "torch"}
TORCH = ("torch", "torch padded to the batch", "torch with rows of like length", "torch packed")
RUNNERS = ("ostinato", *TORCH, *KERAS)
BATCH = 32


def one(name: str, kept: Path, threads: int, reviews: int, tests: int, epochs: int) -> None:
    """Run one runner in this process and print what came out."""
    os.environ |= {"OMP_NUM_THREADS": str(threads)} | ({"KERAS_BACKEND": KERAS[name]} if name in KERAS else {})
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    import torch

    torch.set_num_threads(threads)
    from epoch import reviews as imdb

    parts = imdb.read(data_dir(), kept)
    train, test = parts["train"].first(reviews), parts["test"].first(tests)
    if name == "ostinato":
        from epoch.ours import run

        seconds, accuracy = run(train, test, BATCH, epochs)
    elif name in KERAS:
        from epoch.keras_peer import run as run_keras

        seconds, accuracy = run_keras(train, test, BATCH, epochs)
    else:
        from epoch.torch_peer import run as run_torch

        seconds, accuracy = run_torch(name, train, test, BATCH, epochs)
    print(json.dumps({"seconds": seconds, "test_accuracy": accuracy}))


def data_dir() -> Path:
    """`OSTINATO_DATA`, else `shared/data` beside the checkout."""
    return Path(os.environ.get("OSTINATO_DATA") or HERE.resolve().parents[1] / "shared" / "data")


def main() -> None:
    """Run the runners one after the other; write each as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runners", default=",".join(RUNNERS), help="names, with commas between them")
    parser.add_argument("--reviews", type=int, default=25_000)
    parser.add_argument("--test-reviews", type=int, default=25_000)
    parser.add_argument("--epochs", type=int, default=1, help="more show that all learn the same; seconds stay of one")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, default=RESULTS)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(
            options.one[0], Path(options.one[1]), options.threads, options.reviews, options.test_reviews, options.epochs
        )
        return
    kept = Path(tempfile.gettempdir()) / f"ostinato-imdb-{os.getuid()}.npz"
    about = machine() | {"threads": options.threads}
    runs: dict[str, Any] = {}
    if options.json.exists() and (found := json.loads(options.json.read_text()))["machine"] == about:
        runs = {run["run"]: run for run in found["runs"]}
    for name in options.runners.split(","):
        command = [sys.executable, str(HERE / "bench_epoch.py"), "--one", name, str(kept), "--threads"]
        command += [
            str(options.threads),
            "--reviews",
            str(options.reviews),
            "--test-reviews",
            str(options.test_reviews),
            "--epochs",
            str(options.epochs),
        ]
        begin, since = os.times(), Since(0.0)
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            print(f"{name}: failed, see above")
            continue
        end = os.times()
        own = end.children_user + end.children_system - begin.children_user - begin.children_system
        run = {"run": name, **json.loads(done.stdout.splitlines()[-1])}
        run |= {"reviews": options.reviews, "test_reviews": options.test_reviews, "epochs": options.epochs}
        run |= {"share_of_others": since.share(own)[0], "date": datetime.date.today().isoformat()}
        runs[name] = run
        print(
            f"{name:27} {run['seconds']:7.1f} s, test accuracy {run['test_accuracy']:.2%}, "
            f"others had {run['share_of_others']:.1%} of the processors",
            flush=True,
        )
        ordered = sorted(runs.values(), key=lambda run: RUNNERS.index(run["run"]))
        options.json.write_text(json.dumps({"machine": about, "runs": ordered}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
