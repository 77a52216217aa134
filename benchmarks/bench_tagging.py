"""Named entities on CoNLL-2003 English: F1 on the test part, and tagging speed beside the same network in torch.

    scripts/bench tagging glove --seeds 3      # SequenceTagger with the small GloVe file
    scripts/bench tagging plain --seeds 3      # without ready vectors
    scripts/bench tagging case --seeds 3       # with them, and a tenth of the words read in lower case while it learns
    scripts/bench tagging window               # logistic regression on a window; word: each word's commonest tag
    scripts/bench tagging speed                # tokens a second

Training sees eng.train; the epoch is chosen, and all settings were chosen, on eng.testa. eng.testb is looked at once a
seed, at the end. Entities are compared as conlleval compares them. Seeds that a result file has already
are not run again: remove the file to begin anew.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from machine import machine
from ostinato import SequenceTagger
from ostinato.data import TaggedTable, load_tagged
from ostinato.tasks import MostFrequentTag, WindowTagger
from plain_torch_tagger import PlainTorchTagger

RESULTS = Path(__file__).parent / "results"
GLOVE = "glove.6B.50d.top9163.txt.gz"
SENTENCE = "Kelly worked at google in San Francisco"  # the lectures'


def data_dir() -> Path:
    """`OSTINATO_DATA`, else `shared/data` beside the checkout."""
    return Path(os.environ.get("OSTINATO_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")


def part(name: str) -> TaggedTable:
    """One of the three files."""
    return load_tagged(data_dir() / f"conll2003_eng.{name}.txt.gz")


MODELS: dict[str, Callable[[int], Any]] = {
    "word": lambda seed: MostFrequentTag(),
    "window": lambda seed: WindowTagger(),
    "plain": lambda seed: SequenceTagger(random_state=seed, n_threads=1, verbose=1),
    "case": lambda seed: SequenceTagger(
        embedding=str(data_dir() / GLOVE), case_dropout=0.1, random_state=seed, n_threads=1, verbose=1
    ),
    "glove": lambda seed: SequenceTagger(embedding=str(data_dir() / GLOVE), random_state=seed, n_threads=1, verbose=1),
}


def quality(model: str, seeds: range) -> None:
    """Fit a model for several seeds; print and store what came out, a seed at a time."""
    train, valid = part("train"), part("testa")
    test = part("testb")
    path = RESULTS / f"tagging_{model}.json"
    runs = json.loads(path.read_text())["runs"] if path.exists() else []
    for seed in [seed for seed in seeds if seed not in {run["seed"] for run in runs}]:
        estimator = MODELS[model](seed)
        begin = time.perf_counter()
        estimator.fit(train.tokens, train.tags, X_valid=valid.tokens, y_valid=valid.tags)
        seconds = time.perf_counter() - begin
        run: dict[str, Any] = {"seed": seed}
        for name, table in (("valid", valid), ("test", test)):
            found = estimator.evaluate(table.tokens, table.tags)
            figures = {"f1": found.f1, "precision": found.precision, "recall": found.recall, "accuracy": found.accuracy}
            small = [[token.lower() for token in tokens] for tokens in table.tokens]
            figures["f1_lower_case"] = estimator.evaluate(small, table.tags).f1
            run |= {f"{name}_{key}": round(value, 4) for key, value in figures.items()}
        run |= {"train_seconds": round(seconds, 1), "parameters": estimator.parameters_}
        if isinstance(estimator, SequenceTagger):
            run |= {"best_epoch": estimator.history_.best_epoch, "coverage": estimator.metrics_["vector_coverage"]}
            run[SENTENCE] = {entity.text: entity.type for entity in estimator.entities(SENTENCE)}
        runs.append(run)
        print(json.dumps(run), flush=True)
        f1 = np.array([run["test_f1"] for run in runs])
        store(
            f"tagging_{model}",
            {
                "mean_test_f1": round(float(f1.mean()), 4),
                "std_test_f1": round(float(f1.std(ddof=1)), 4) if len(runs) > 1 else 0.0,
                "runs": runs,
            },
        )


def speed(batch: int = 64, rounds: int = 5) -> None:
    """Tag the test part with our tagger and with the same weights in plain torch; both have to give the same tags."""
    train, test = part("train"), part("testb")
    tagger = SequenceTagger(random_state=0, epochs=1, n_threads=1, batch_size=batch)
    tagger.fit(train.tokens[:1000], train.tags[:1000])
    plain = PlainTorchTagger(tagger)
    rows = test.tokens
    tokens = sum(map(len, rows))
    torch.set_num_threads(1)
    ways: dict[str, Callable[[], Any]] = {
        "ostinato": lambda: tagger._best(rows),
        "torch": lambda: plain.tag(rows, batch),
    }
    ours, theirs = ways["ostinato"](), ways["torch"]()
    same = all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            begin = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - begin)
    rates = {name: round(tokens / float(np.median(taken))) for name, taken in seconds.items()}
    print(json.dumps({"same_tags": same, "tokens": tokens, **rates}), flush=True)
    store("tagging_speed", {"same_tags": same, "tokens": tokens, "batch": batch, "tokens_a_second": rates})


def store(name: str, found: dict[str, Any]) -> None:
    """Keep a result with the machine it was measured on."""
    RESULTS.mkdir(exist_ok=True)
    content = json.dumps({**found, "machine": machine()}, indent=1) + "\n"
    (RESULTS / f"{name}.json").write_text(content)


def main() -> None:
    """Measure quality or speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=[*MODELS, "speed"])
    parser.add_argument("--seeds", type=int, default=1)
    args = parser.parse_args()
    if args.model == "speed":
        speed()
    else:
        quality(args.model, range(args.seeds))


if __name__ == "__main__":
    main()
