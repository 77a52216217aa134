"""Word vectors beside gensim's, in the same run, with the same threads, text and settings.

    scripts/bench vectors speed --words 2000000          # seconds of one epoch, and a table of threads and dimensions
    scripts/bench vectors quality skipgram --epochs 5    # analogies and word pairs after a whole training
    scripts/bench vectors quality glove                  # ours alone: gensim has none

Without --name nothing is written; docs/guide/vectors.md shows speed, grid and quality_METHOD.

Speed is words of the text (rare ones left out) divided by the seconds of training alone, for both; what either takes to
read the text and count its words stands beside it. gensim is given the text as a file (`corpus_file`), which it reads
without Python, and as lists; the faster of the two counts.
"""

import argparse
import gzip
import itertools
import json
import os
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from machine import machine
from ostinato.vectors import Corpus, KeyedVectors, WordVectors

RESULTS = Path(__file__).parent / "results"
TEXT = "wikipedia_100m_text8style.txt.gz"
SAME = {"vector_size": 100, "window": 5, "negative": 5, "min_count": 5, "sample": 1e-3}
METHODS: dict[str, dict[str, Any]] = {
    "skipgram": {"sg": 1},
    "cbow": {"sg": 0},
    "skipgram-tree": {"sg": 1, "hs": 1, "negative": 0},
    "cbow-tree": {"sg": 0, "hs": 1, "negative": 0},
}


# gensim has neither. GloVe's are the settings of its authors' demo on a text of this size.
OWN: dict[str, dict[str, Any]] = {
    "glove": {"vector_size": 50, "window": 15, "x_max": 10.0, "epochs": 15},
    "svd": {"vector_size": 100, "window": 5},
}


def data_dir() -> Path:
    """`OSTINATO_DATA`, else `shared/data` beside the checkout."""
    return Path(os.environ.get("OSTINATO_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")


def cut(words: int | None, folder: Path) -> Path:
    """Write the first so many words of the text as a plain file, a paragraph a line (10,000 words at most)."""
    path, seen = folder / "text.txt", 0
    with gzip.open(data_dir() / TEXT, "rt", encoding="utf-8") as lines, path.open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(line)
            seen += len(line.split())
            if words and seen >= words:
                break
    return path


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Do it and say how long it took."""
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def ours(corpus: Corpus, method: str, **settings: Any) -> WordVectors:
    """Our estimator with gensim's settings."""
    kind, _, tree = method.partition("-")
    same = {key: value for key, value in SAME.items() if key != "min_count"}
    every = {**same, **settings, **OWN.get(kind, {})}
    return WordVectors(method=kind, loss="tree" if tree else "negative", **every).fit(corpus)


def gensims(method: str, **settings: Any) -> Any:
    """Gensim's model, nothing learned yet."""
    from gensim.models import Word2Vec

    return Word2Vec(**{**SAME, **METHODS[method], **settings})


def speed(path: Path, corpus: Corpus, coding: float, args: argparse.Namespace) -> dict[str, Any]:
    """Seconds of one epoch for each method; the least of some rounds, which alternate."""
    lists, rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()], []
    words = len(corpus)
    for method in args.methods:
        peers = {}
        for name in ("file", "lists"):
            model = gensims(method, workers=args.threads)
            given = {"corpus_file": str(path)} if name == "file" else {"corpus_iterable": lists}
            _, counting = timed(lambda model=model, given=given: model.build_vocab(**given))
            about = {"total_examples": model.corpus_count, "epochs": 1}
            about |= {"total_words": model.corpus_total_words} if name == "file" else {}
            peers[name] = (model, {**given, **about}, counting)
        best = dict.fromkeys([*peers, "ours"], float("inf"))
        for _ in range(args.rounds):
            for name, (model, given, _) in peers.items():
                best[name] = min(best[name], timed(lambda m=model, g=given: m.train(**g))[1])
            model = ours(corpus, method, epochs=1, n_threads=args.threads, random_state=0)
            best["ours"] = min(best["ours"], model.history_[0]["seconds"])
        gensim = min(best["file"], best["lists"])
        rows.append(
            {
                "method": method,
                "ours_words_per_second": words / best["ours"],
                "gensim_words_per_second": words / gensim,
                "gensim_file": words / best["file"],
                "gensim_lists": words / best["lists"],
                "times": gensim / best["ours"],
                "times_with_reading": (gensim + peers["file"][2]) / (best["ours"] + coding),
            }
        )
        print(json.dumps(rows[-1]), flush=True)
    return {"what": "speed", "words": words, "threads": args.threads, "reading_seconds": coding, "rows": rows}


def grid(corpus: Corpus, args: argparse.Namespace) -> list[dict[str, Any]]:
    """Our words a second over threads and dimensions."""
    rows = []
    for method, threads, size in itertools.product(("skipgram", "cbow"), (1, 2), (50, 100, 200, 300)):
        seconds = [
            ours(corpus, method, epochs=1, n_threads=threads, vector_size=size, random_state=0).history_[0]["seconds"]
            for _ in range(args.rounds)
        ]
        rows.append(
            {"method": method, "threads": threads, "dimensions": size, "words_per_second": len(corpus) / min(seconds)}
        )
        print(json.dumps(rows[-1]), flush=True)
    return rows


def measured(kv: KeyedVectors) -> dict[str, float]:
    """Analogies (share answered) and Spearman's correlation on two sets of pairs.

    All questions whose words are known, and beside them, as word2vec's program asks, those of the 30,000 most frequent
    words alone, answered from these. Published figures are now of the one kind, now of the other.
    """
    found: dict[str, float] = {}
    for kind, among in (("", len(kv)), ("_30000", 30_000)):
        score, sections = kv.evaluate_word_analogies(data_dir() / "questions-words.txt.gz", restrict_vocab=among)
        found[f"analogies{kind}"] = score
        found[f"questions{kind}"] = len(sections[-1]["correct"]) + len(sections[-1]["incorrect"])
    return {
        **found,
        "wordsim353": kv.evaluate_word_pairs(data_dir() / "wordsim353.tsv.gz")[1][0],
        "simlex999": kv.evaluate_word_pairs(data_dir() / "simlex999.tsv.gz")[1][0],
    }


def quality(path: Path, corpus: Corpus, args: argparse.Namespace) -> dict[str, Any]:
    """Train wholly and measure; the same measures for gensim's vectors, by the same code."""
    result: dict[str, Any] = {"what": "quality", "words": len(corpus), "threads": args.threads, "epochs": args.epochs}
    for method in args.methods:
        result["epochs"] = OWN.get(method, {}).get("epochs", args.epochs)
        for seed in range(args.seeds):
            found: dict[str, Any] = {}
            if "ours" in args.who:
                model, seconds = timed(
                    lambda m=method, s=seed: ours(
                        corpus, m, epochs=args.epochs, n_threads=args.threads, random_state=s, **json.loads(args.set)
                    )
                )
                losses = [round(epoch["loss"], 4) for epoch in model.history_]
                found["ours"] = {"seconds": seconds, "losses": losses, **measured(model.vectors_)}
            if "gensim" in args.who and method in METHODS:
                peer = gensims(method, workers=args.threads, seed=seed + 1, epochs=args.epochs)
                peer.build_vocab(corpus_file=str(path))
                _, seconds = timed(
                    lambda p=peer: p.train(
                        corpus_file=str(path),
                        total_examples=p.corpus_count,
                        total_words=p.corpus_total_words,
                        epochs=args.epochs,
                    )
                )
                found["gensim"] = {"seconds": seconds, **measured(KeyedVectors.from_gensim(peer))}
            result.setdefault(method, []).append(found)
            print(method, json.dumps(found), flush=True)
    return result


def main() -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["speed", "grid", "quality"])
    parser.add_argument("methods", nargs="*", default=list(METHODS))
    parser.add_argument("--words", type=int, help="words of the text; default: all 17 million")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--who", nargs="*", default=["ours", "gensim"])
    parser.add_argument("--set", default="{}", help="other settings of ours, as JSON")
    parser.add_argument("--name", help="of the file of results")
    args = parser.parse_args()
    args.methods = args.methods or list(METHODS)
    torch.set_num_threads(args.threads)
    with tempfile.TemporaryDirectory() as folder:
        path = cut(args.words, Path(folder))
        corpus, coding = timed(lambda: Corpus.read(path, min_count=SAME["min_count"]))
        print(f"{corpus}, read in {coding:.1f} s", flush=True)
        if args.what == "speed":
            result = speed(path, corpus, coding, args)
        elif args.what == "grid":
            result = {"what": "grid", "words": len(corpus), "rows": grid(corpus, args)}
        else:
            result = quality(path, corpus, args)
    if args.name:
        result["machine"] = {**machine(), "threads": args.threads, "gensim": version("gensim")}
        (RESULTS / f"vectors_{args.name}.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
