"""Music foreseen a step ahead, beside how often each note goes on or begins.

    scripts/bench music jsb --seeds 3     # JSB Chorales, a step a quarter note, the usual split

Settings and epoch were chosen on the validation part; the test part is read once a seed, by the model as it is at the
end. What is counted are nats a step: every step of every chorale, its first one too, all 88 notes summed. Seeds that
the result file has already are not run again: remove the file to begin anew.
"""

import argparse
import time
from typing import Any

import seeds
from bench_accuracy import data_dir
from machine import machine
from ostinato import MusicModel
from ostinato.data import read_music
from ostinato.tasks.music import NoteCounts

FILES = {"jsb": "jsb_chorales_quarter.json.gz"}


def run(music: dict[str, list[Any]], seed: int, device: str) -> dict[str, Any]:
    """Train one model and measure it."""
    model = MusicModel(random_state=seed, n_threads=1, verbose=1, device=device)
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
    seeds.add_arguments(parser, 1)
    args = parser.parse_args()
    music = read_music(data_dir() / FILES[args.dataset])
    path = seeds.result_file(f"music_{args.dataset}", args.device)
    counts = NoteCounts().fit(music["train"])
    counted = {part: counts.evaluate(music[part]) for part in ("valid", "test")}
    about = {"dataset": args.dataset, "counts": counted, "machine": machine(args.device)}
    for seed in seeds.wanted(args, path):
        seeds.add(path, about, run(music, seed, args.device), "seed")


if __name__ == "__main__":
    main()
