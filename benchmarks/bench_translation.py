"""Translation and captions on real data: one command a row of the README's table.

    scripts/bench translation multi30k sentences --checkpoint DIR
    scripts/bench translation captions digits --seeds 3
    scripts/bench translation speed all

Multi30k, English to German: 29,000 pairs to learn from, the data set's own 1,014 held-out pairs, and 1,000 test pairs
(test_2016_flickr). Settings were chosen on the held-out part; the test part is translated once, by the model as it is
at the end. With `--checkpoint DIR` a run that was stopped goes on where it was. `--limit` and `--epochs` make a trial
of it, which reads no test part and stores nothing. Seeds that a result file has already are not run again: remove the
file to begin anew.

Captions: scikit-learn's digits, 64 numbers each, to the digit's English name letter by letter; a fifth is held out, and
was not looked at before.

Speed: target tokens a second of training steps on Multi30k, of the ways to attend and to feed.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import seeds
from bench_accuracy import data_dir
from machine import machine
from ostinato.data import read_parallel
from ostinato.tasks import Captioner, Translator
from ostinato.tasks.translation import corpus, fitting
from ostinato.tasks.translation.batches import AnswerBatches
from ostinato.tasks.translation.loss import AnswerLoss

KEPT = ("epoch", "train_loss", "valid_loss", "lr", "seconds", "tokens_per_second")


def multi30k(part: str) -> tuple[list[str], list[str]]:
    """The pairs of a part: train, val or test_2016_flickr."""
    files = [data_dir() / f"multi30k_{part}.{language}.txt.gz" for language in ("en", "de")]
    pairs = read_parallel(source=files[0], target=files[1])
    return pairs.sources, pairs.targets


def translate(model: str, seed: int, args: argparse.Namespace) -> dict[str, Any]:
    """Train one translator and measure it."""
    trial = args.limit is not None or args.epochs is not None
    checkpoint = None if args.checkpoint is None else args.checkpoint / f"multi30k-{model}-{seed}"
    overrides = {} if args.epochs is None else {"epochs": args.epochs}
    estimator = Translator.from_preset(
        model,
        random_state=seed,
        verbose=1,
        device=args.device,
        checkpoint=None if checkpoint is None else str(checkpoint),
        resume=checkpoint is not None and (checkpoint / "checkpoint.json").exists(),
        **overrides,
    )
    sources, targets = (side[: args.limit] for side in multi30k("train"))
    valid = multi30k("val")
    began = time.perf_counter()
    estimator.fit(sources, targets, valid)
    seconds = time.perf_counter() - began
    if args.out is not None and seed == 0:
        estimator.save(args.out)
    found: dict[str, Any] = {
        "seed": seed,
        "parameters": estimator.parameters_,
        "vocabulary": estimator.target_tokenizer_.size,
        "train_pairs": estimator.metrics_["train_pairs"],
        "epochs": len(estimator.history_),
        "seconds_here": round(seconds, 1),
        "training_seconds": round(sum(record["seconds"] for record in estimator.history_), 1),
        "valid": estimator.evaluate(*valid),
        "history": [{name: record[name] for name in KEPT} for record in estimator.history_],
    }
    if not trial:
        began = time.perf_counter()
        test = multi30k("test_2016_flickr")
        found["test"] = estimator.evaluate(*test)
        found["test_seconds"] = round(time.perf_counter() - began, 1)
        alone = [estimator.translate([source])[0] for source in test[0][:200]]
        together = estimator.translate(test[0][:200])
        found["searched alone and together alike, of 200"] = sum(map(str.__eq__, alone, together))
        found["examples"] = list(zip(test[0][:5], together[:5], test[1][:5], strict=True))
    return found


NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def caption(model: str, seed: int, args: argparse.Namespace) -> dict[str, Any]:
    """Train one captioner of digits and measure it on the part that was held out."""
    images, digits = load_digits(return_X_y=True)
    names = [NAMES[digit] for digit in digits]
    learn, test, said, true = train_test_split(images / 16, names, test_size=0.2, random_state=0, stratify=names)
    estimator = Captioner(**CAPTIONERS[model], random_state=seed, validation_fraction=None, device=args.device)
    began = time.perf_counter()
    estimator.fit(learn, said)
    seconds = time.perf_counter() - began
    wrong = [(t, w) for w, t in zip(estimator.caption(test), true, strict=True) if w != t]
    return {
        "seed": seed,
        "parameters": estimator.parameters_,
        "train_rows": len(learn),
        "epochs": len(estimator.history_),
        "seconds_here": round(seconds, 1),
        "test": estimator.evaluate(test, true),
        "mistakes": wrong,
        "history": [{name: record[name] for name in KEPT if name in record} for record in estimator.history_],
    }


# chosen by three splits of the part to learn from
CAPTIONERS: dict[str, dict[str, Any]] = {
    "digits": {"tokenizer": "char", "standardise": False, "hidden_size": 256, "dropout": 0.4}
}


WAYS: dict[str, dict[str, Any]] = {
    "at once: luong": {},
    "at once: bahdanau": {"attention": "bahdanau"},
    "at once: no attention": {"attention": None},
    "step by step: luong, input feeding": {"input_feeding": True},
    "step by step: bahdanau, input feeding": {"attention": "bahdanau", "input_feeding": True},
    "step by step: luong, scheduled sampling": {"scheduled_sampling": 0.25},
}


def speed(seconds: float = 6.0) -> dict[str, float]:
    """Target tokens a second of each way, everything else as in the preset "sentences"; the first steps left out."""
    found = {}
    for name, way in WAYS.items():
        task = Translator.from_preset("sentences", **{"input_feeding": False, **way, "random_state": 0})
        task.seed_ = 0
        pairs = corpus.parallel(*multi30k("train"))
        tokenizer, _ = corpus.fit_tokenizers(
            "bpe", pairs, shared=True, lowercase=False, max_vocabulary=task.max_vocabulary, min_frequency=1
        )
        read, written = (corpus.encode(tokenizer, side) for side in pairs)
        network = fitting.first_network(task, None, tokenizer.size).train()
        sampled = (task.scheduled_sampling, 2)  # as in the last one of two epochs
        batches = AnswerBatches(read, written, end=tokenizer.eos_id, max_tokens=task.max_tokens, sampled=sampled)
        loss, optimizer = AnswerLoss(task.label_smoothing), torch.optim.Adam(network.parameters())
        tokens, began = 0, 0.0
        for number, batch in enumerate(batches.epoch(1)):
            if number == 3:
                tokens, began = 0, time.perf_counter()
            optimizer.zero_grad()
            loss(network, batch).loss.backward()
            optimizer.step()
            tokens += len(batch.targets)
            if number > 3 and time.perf_counter() - began > seconds:
                break
        found[name] = round(tokens / (time.perf_counter() - began))
        print(f"{found[name]:>7,} target tokens/s  {name}", flush=True)
    return found


def main() -> None:
    """Measure one model on one data set for several seeds; print and store what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", choices=("multi30k", "captions", "speed"))
    parser.add_argument("model")
    seeds.add_arguments(parser, 1)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--out", type=Path, help="keep the first model")
    parser.add_argument("--limit", type=int, help="of a trial: pairs to learn from")
    parser.add_argument("--epochs", type=int, help="of a trial")
    args = parser.parse_args()
    if args.dataset == "speed":
        result = {"target_tokens_per_second": speed(), "machine": machine()}
        seeds.result_file("translation_speed").write_text(json.dumps(result, indent=1) + "\n")
        return
    path = seeds.result_file(f"translation_{args.dataset}_{args.model}", args.device)
    about = {"dataset": args.dataset, "model": args.model, "machine": machine(args.device)}
    measure = translate if args.dataset == "multi30k" else caption
    if args.limit is not None or args.epochs is not None:
        for seed in range(args.first_seed, args.first_seed + args.seeds):
            seeds.show(measure(args.model, seed, args))
        return
    for seed in seeds.wanted(args, path):
        seeds.add(path, about, measure(args.model, seed, args), "seed")


if __name__ == "__main__":
    main()
