"""Music foreseen a step ahead, beside how often each note goes on or begins.

    scripts/bench music jsb --seeds 3     # JSB Chorales, a step a quarter note, the usual split

Settings and epoch were chosen on the validation part; the test part is read once a seed, by the model as it is at the
end. What is counted are nats a step: every step of every chorale, its first one too, all 88 notes summed. Seeds that
the result file has already are not run again: remove the file to begin anew.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from bench_accuracy import data_dir
from machine import machine
from ostinato import MusicModel
from ostinato.data import read_music
from ostinato.tasks.music import NoteCounts

RESULTS = Path(__file__).parent / "results"
FILES = {"jsb": "jsb_chorales_quarter.json.gz"}


def run(music: dict[str, list[Any]], seed: int) -> dict[str, Any]:
    """Train one model and measure it."""
    model = MusicModel(random_state=seed, n_threads=1, verbose=1)
    began = time.perf_counter()
    model.fit(music["train"], music["valid"])
    seconds = time.perf_counter() - began
    return {
        "seed": seed,
        "parameters": model.parameters_,
        "best_epoch": model.history_.best_epoch,
        "epochs": len(model.history_),
        "seconds_here": round(seconds, 1),
        **{part: model.evaluate(music[part]) for part in ("valid", "test")},
    }


def main() -> None:
    """Measure several seeds; print and store what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", choices=FILES)
    parser.add_argument("--seeds", type=int, default=1)
    args = parser.parse_args()
    music = read_music(data_dir() / FILES[args.dataset])
    path = RESULTS / f"music_{args.dataset}.json"
    runs: list[dict[str, Any]] = json.loads(path.read_text())["runs"] if path.exists() else []
    counts = NoteCounts().fit(music["train"])
    counted = {part: counts.evaluate(music[part]) for part in ("valid", "test")}
    for seed in range(args.seeds):
        if seed not in {one["seed"] for one in runs}:
            runs.append(run(music, seed))
            print(json.dumps(runs[-1]), flush=True)
            result = {"dataset": args.dataset, "counts": counted, "runs": runs, "machine": machine()}
            path.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
