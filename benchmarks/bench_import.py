"""What starting costs: `ostinato --help`, and what importing Ostinato adds to importing torch. Interleaved medians."""

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from machine import machine

COMMANDS = {
    "python": [sys.executable, "-c", "pass"],
    "ostinato --help": [str(Path(sys.executable).parent / "ostinato"), "--help"],
    "import torch": [sys.executable, "-c", "import torch"],
    "import torch, ostinato": [sys.executable, "-c", "import torch, ostinato"],
    "import torch, ostinato.nn": [sys.executable, "-c", "import torch, ostinato.nn"],
    "import SequenceClassifier": [sys.executable, "-c", "from ostinato import SequenceClassifier"],
}
ROUNDS = 9


def main() -> None:
    """Time each command in turn, `ROUNDS` times over, after one round that warms the disk cache."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for round_ in range(ROUNDS + 1):
        for name, command in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            if round_:
                seconds[name].append(time.perf_counter() - start)
    medians = {name: round(median(values), 4) for name, values in seconds.items()}
    base = medians["import torch"]
    result = {
        "median_seconds": medians,
        "rounds": ROUNDS,
        "added_by_ostinato": round(medians["import torch, ostinato"] / base - 1, 4),
        "added_by_ostinato_nn": round(medians["import torch, ostinato.nn"] / base - 1, 4),
        "machine": machine(),
    }
    (Path(__file__).parent / "results").mkdir(exist_ok=True)
    (Path(__file__).parent / "results" / "import.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
