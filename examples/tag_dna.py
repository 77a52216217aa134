"""A tag for each letter of DNA: which letters are exon, which intron?

The sequences are made up here, so that the example runs offline: introns begin with GTAAGT, end with CAG and are
otherwise like exons, so that a letter by itself tells nothing, and what lies between has to be remembered.

    python examples/tag_dna.py
    python examples/tag_dna.py train.csv test.csv     # columns text and tags, a letter each: ACGGTAAGT,EEEIIIIII
"""

import sys

import numpy as np

from ostinato import SequenceTagger, data
from ostinato.tasks import WindowTagger

Rows = tuple[list[str], list[str]]


def genes(rows: int, seed: int) -> Rows:
    """Make exon, intron, exon, of any length; now and then a letter is not known (N)."""
    draw = np.random.default_rng(seed)
    X, y = [], []
    for _ in range(rows):
        first, middle, last = (
            "".join(draw.choice(list("ACGTN"), int(draw.integers(8, 25)), p=[0.245, 0.245, 0.245, 0.245, 0.02]))
            for _ in range(3)
        )
        intron = f"GTAAGT{middle}CAG"
        X.append(first + intron + last)
        y.append("E" * len(first) + "I" * len(intron) + "E" * len(last))
    return X, y


def read(path: str) -> Rows:
    """Read letters and tags from a table."""
    table = data.load_tagged(path)
    return table.tokens, ["".join(tags) for tags in table.tags or []]


train, test = (read(sys.argv[1]), read(sys.argv[2])) if len(sys.argv) > 2 else (genes(400, 0), genes(100, 1))
network = SequenceTagger(tokenizer="dna", hidden_size=32, dropout=0.2, epochs=12, lr=0.01, random_state=0)
for name, model in {
    "recurrent network": network,
    "window of 9 letters": WindowTagger(tokenizer="char", window=4),
}.items():
    print(f"{name:20s} {model.fit(*train).score(*test):.3f}")

print(test[0][0])
print("".join(network.predict(test[0][:1])[0]))
