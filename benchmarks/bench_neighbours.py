"""An index of word vectors beside the exact search: the share of the nearest that is found, and what either takes.

    scripts/bench neighbours                  # skip-gram vectors of the Wikipedia text; 2,000 words are asked
    scripts/bench neighbours --drawn 300000   # and so many drawn vectors, for times at that size

Found is the share of the ten words that the exact search gives. Drawn vectors stand in 1,000 clusters; how many of them
are found says little about words, so it is left out. Everything is on one thread; times are the processor's, which
other work on the machine disturbs least: medians of questions asked one at a time, the exact search and the index in
turn.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from bench_vectors import TEXT, data_dir, ours
from machine import machine
from ostinato.vectors import Corpus, Index, KeyedVectors

RESULTS = Path(__file__).parent / "results"
WORDS = 2000  # asked
NEAREST = 10


def learned() -> KeyedVectors:
    """Vectors of the whole text, as `scripts/bench vectors quality skipgram` learns them, with one thread."""
    corpus = Corpus.read(data_dir() / TEXT, min_count=5)
    return ours(corpus, "skipgram", epochs=5, n_threads=1, random_state=0).vectors_


def drawn(count: int, size: int = 100) -> KeyedVectors:
    """So many vectors about 1,000 centres."""
    draw = np.random.default_rng(0)
    centres = draw.standard_normal((1000, size), dtype=np.float32)
    table = centres[draw.integers(1000, size=count)] + 0.8 * draw.standard_normal((count, size), dtype=np.float32)
    return KeyedVectors([str(k) for k in range(count)], table)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Do it and say how many seconds of the processor it took."""
    begun = time.process_time()
    return work(), time.process_time() - begun


def asked(kv: KeyedVectors, index: Index, efforts: list[int]) -> tuple[float, list[dict[str, Any]]]:
    """Milliseconds of an exact question; a row an effort: share found, milliseconds."""
    words = [kv.index_to_key[k] for k in np.random.default_rng(1).choice(len(kv), WORDS, replace=False)]
    kv.fill_norms()
    seconds: dict[int, list[float]] = {0: [], **{effort: [] for effort in efforts}}
    hits = dict.fromkeys(efforts, 0)
    for word in words:
        exact, took = timed(lambda w=word: kv.most_similar(w, topn=NEAREST))
        seconds[0].append(took)
        for effort in efforts:
            index.search_effort = effort
            near, took = timed(lambda w=word: kv.most_similar(w, topn=NEAREST, indexer=index))
            seconds[effort].append(took)
            hits[effort] += len(dict(exact).keys() & dict(near).keys())
    rows = [
        {"search_effort": effort, "found": hits[effort] / NEAREST / WORDS, "ms": 1000 * median(seconds[effort])}
        for effort in efforts
    ]
    return 1000 * median(seconds[0]), rows


def measured(kv: KeyedVectors, efforts: list[int]) -> dict[str, Any]:
    """Build, ask, and weigh the file."""
    index, built = timed(lambda: Index(kv, n_threads=1))
    exact, rows = asked(kv, index, efforts)
    with tempfile.TemporaryDirectory() as folder:
        index.save(Path(folder) / "index")
        size = (Path(folder) / "index").stat().st_size
    return {
        "words": len(kv),
        "dimensions": kv.vector_size,
        "build_seconds": round(built, 1),
        "index_mb": round(size / 2**20, 1),
        "vectors_mb": round(kv.vectors.nbytes / 2**20, 1),
        "exact_ms": exact,
        "rows": rows,
    }


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawn", type=int, help="vectors drawn for times")
    parser.add_argument("--efforts", type=int, nargs="*", default=[32, 64, 128, 256])
    args = parser.parse_args()
    torch.set_num_threads(1)
    path = RESULTS / "neighbours.json"
    result: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    kind = "drawn" if args.drawn else "learned"
    found = measured(drawn(args.drawn) if args.drawn else learned(), args.efforts)
    if args.drawn:
        for row in found["rows"]:
            del row["found"]
    result[kind] = {**found, "machine": machine()}
    print(json.dumps(found), flush=True)
    path.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
