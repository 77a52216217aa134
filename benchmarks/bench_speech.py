"""Spoken digits: one a recording by the classifier, strings of them by the transcriber.

    scripts/bench speech digits --seeds 3
    scripts/bench speech strings --seeds 3

The Free Spoken Digit Dataset keeps its official split: of each speaker and digit recordings 0 to 4 are the test part
(300), the others are learned from (2,700). Strings are 3 to 7 digits said by one speaker, half of them after a pause of
up to a quarter of a second; those to learn from (1 to 7 digits) are joined from training recordings alone, those of the
test from test recordings alone. Settings are the first that were written down; those for single digits were tried
once on recordings 5 to 9, cut from the training part (`--validate`).
"""

import argparse
import io
import json
import tarfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from bench_accuracy import data_dir
from machine import machine
from ostinato import SequenceClassifier, Transcriber
from ostinato.data import LogMel, read_audio

RESULTS = Path(__file__).parent / "results"
RATE = 8000
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
Clip = tuple[np.ndarray, int, str]  # samples, digit, speaker


def clips(validate: bool) -> tuple[list[Clip], list[Clip]]:
    """The recordings to learn from and those to measure on."""
    parts: tuple[list[Clip], list[Clip]] = ([], [])
    with tarfile.open(data_dir() / "fsdd_wav8k.tar.gz") as archive:
        for member in sorted(archive.getmembers(), key=lambda member: member.name):
            if not member.name.endswith(".wav"):
                continue
            digit, speaker, index = Path(member.name).stem.split("_")
            file = archive.extractfile(member)
            samples, _ = read_audio(io.BytesIO(file.read() if file else b""), RATE)
            test = int(index) < 5
            if validate:
                if test:
                    continue
                test = int(index) < 10
            parts[test].append((samples, int(digit), speaker))
    return parts


def strings(part: list[Clip], count: int, seed: int, lengths: tuple[int, int]) -> tuple[list[np.ndarray], list[str]]:
    """Join recordings of one speaker at a time."""
    draw, of = np.random.default_rng(seed), defaultdict(list)
    for samples, digit, speaker in part:
        of[speaker].append((samples, digit))
    speakers, sounds, texts = sorted(of), [], []
    for number in range(count):
        own, length = of[speakers[number % len(speakers)]], int(draw.integers(lengths[0], lengths[1] + 1))
        chosen = [own[int(place)] for place in draw.integers(0, len(own), length)]
        pieces = []
        for samples, _ in chosen:  # half of them follow without a pause
            pause = int(draw.integers(0, RATE // 4)) if draw.random() < 0.5 else 0
            pieces += [np.zeros(pause, np.float32), samples]
        sounds.append(np.concatenate(pieces))
        texts.append(" ".join(NAMES[digit] for _, digit in chosen))
    return sounds, texts


def classify(seed: int, args: argparse.Namespace, settings: dict[str, Any]) -> dict[str, Any]:
    """A word a recording, by the classifier on log-mel features."""
    learn, test = clips(args.validate)
    hear = LogMel(RATE)
    model = SequenceClassifier.from_preset(
        "signals", random_state=seed, validation_fraction=None, n_threads=args.threads, verbose=1, **settings
    )
    began = time.process_time()
    model.fit([hear(sound) for sound, _, _ in learn], [digit for _, digit, _ in learn])
    seconds = time.process_time() - began
    answers, true = model.predict([hear(sound) for sound, _, _ in test]), [digit for _, digit, _ in test]
    wrong = [[int(t), int(a)] for t, a in zip(true, answers, strict=True) if t != a]
    return {
        "accuracy": round(1 - len(wrong) / len(true), 4),
        "mistakes": wrong,
        "train_cpu_seconds": round(seconds, 1),
        "parameters": model.parameters_,
    }


def transcribe(seed: int, args: argparse.Namespace, settings: dict[str, Any]) -> dict[str, Any]:
    """Strings of digits by the transcriber."""
    learn, test = clips(args.validate)
    model = Transcriber(
        sample_rate_hz=RATE, random_state=seed, validation_fraction=None, n_threads=args.threads, verbose=1, **settings
    )
    sounds, texts = strings(learn, args.strings, seed=1000 + seed, lengths=(1, 7))
    began = time.process_time()
    model.fit(sounds, texts)
    seconds = time.process_time() - began
    heard, said = strings(test, 600, seed=7, lengths=(3, 7))
    found = model.evaluate(heard, said)
    return {
        **found,
        "greedy_word_error_rate": model.evaluate(heard, said, beam=1)["word_error_rate"],
        "train_strings": len(sounds),
        "train_audio_seconds": round(model.metrics_["train_audio_seconds"]),
        "train_cpu_seconds": round(seconds, 1),
        "parameters": model.parameters_,
    }


TASKS: dict[str, tuple[Any, dict[str, Any]]] = {
    "digits": (classify, {"epochs": 40, "batch_size": 32, "stride": 2, "crop": 0.0, "hidden_size": 96}),
    "strings": (transcribe, {"epochs": 15, "tokenizer": "word", "hidden_size": 96}),
}


def main() -> None:
    """Measure one task for several seeds; print and store what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--strings", type=int, default=2_400, help="joined to learn from")
    parser.add_argument("--validate", action="store_true", help="of a trial: measure on recordings cut from training")
    parser.add_argument("--set", default="{}", help="of a trial: arguments as JSON")
    args = parser.parse_args()
    measure, settings = TASKS[args.task]
    settings = {**settings, **json.loads(args.set)}
    runs = []
    for seed in range(args.seeds):
        runs.append({"seed": seed, **measure(seed, args, settings)})
        print(json.dumps(runs[-1]), flush=True)
        if not args.validate and args.set == "{}":
            result = {"task": args.task, "settings": settings, "runs": runs, "machine": machine()}
            RESULTS.mkdir(exist_ok=True)
            (RESULTS / f"speech_{args.task}.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
