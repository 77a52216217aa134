"""Writes conlleval.json: what the original conlleval prints for three files of true and predicted tags.

    python tests/golden/make_conlleval.py conlleval.pl DATA_DIR

conlleval.pl (Erik Tjong Kim Sang, version 2004-01-26, of the CoNLL-2000 shared task) needs perl and is not part of this
repository. The true tags of two files are those of CoNLL-2003; the predictions are errors put into them at random,
among them tags that break the scheme. The third file is random altogether.
"""

import gzip
import json
import random
import subprocess
import sys
from pathlib import Path

OUTPUT = Path(__file__).with_name("conlleval.json")
TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "I-NP-SBJ", "B-NP-SBJ"]
Tags = list[list[str]]


def random_tags() -> Tags:
    """Sentences of 1 to 9 tags drawn without regard to any scheme."""
    draw = random.Random(0)
    return [[draw.choice(TAGS) for _ in range(draw.randint(1, 9))] for _ in range(400)]


def conll_tags(path: Path) -> Tags:
    """The last column of a CoNLL-2003 file, -DOCSTART- lines left out."""
    blocks = gzip.decompress(path.read_bytes()).decode().split("\n\n")
    rows = [[line.split()[-1] for line in block.splitlines() if line] for block in blocks if "-DOCSTART-" not in block]
    return [row for row in rows if row]


def spoilt(gold: Tags, share: float, seed: int) -> Tags:
    """The same with a share of the tags replaced."""
    draw = random.Random(seed)
    kinds = sorted({tag for row in gold for tag in row})
    return [[draw.choice(kinds) if draw.random() < share else tag for tag in row] for row in gold]


def pairs(name: str, data_dir: Path) -> tuple[Tags, Tags]:
    """True and predicted tags of one of the three files."""
    gold = random_tags() if name == "random" else conll_tags(data_dir / f"conll2003_eng.{name}.txt.gz")
    share, seed = {"random": (0.3, 1), "testa": (0.05, 2), "testb": (0.15, 3)}[name]
    return gold, spoilt(gold, share, seed)


def main(script: str, data_dir: str) -> None:
    """Run the script on each file and keep what it prints."""
    printed = {}
    for name in ("random", "testa", "testb"):
        gold, predicted = pairs(name, Path(data_dir))
        rows = zip(gold, predicted, strict=True)
        text = "\n".join("".join(f"w {a} {b}\n" for a, b in zip(*row, strict=True)) for row in rows)
        done = subprocess.run(["perl", script], input=text, capture_output=True, text=True, check=True)
        printed[name] = done.stdout
    OUTPUT.write_text(json.dumps(printed, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
