"""Language models on real text: one command a row of the README's table.

    scripts/bench language ptb small --seeds 1
    scripts/bench language shakespeare characters
    scripts/bench language ptb kneser-ney

Penn Treebank keeps its three parts; of Tiny Shakespeare, as usual, the last tenth is the held-out part. Settings were
chosen on the held-out parts; Penn Treebank's test part is read once, by the model as it is at the end. With
`--checkpoint DIR` a run that was stopped goes on where it was. Seeds that a result file has already are not run again:
remove the file to begin anew.
"""

import argparse
import gzip
import time
from pathlib import Path
from typing import Any

import seeds
from bench_accuracy import data_dir
from machine import machine
from ostinato.tasks.language import LanguageModel, NGram

SENTENCES = ("She will bring flowers", "She will bring flours")  # the lectures': they sound alike


def text(name: str) -> str:
    """A text of the data folder."""
    return gzip.open(data_dir() / name, "rt", encoding="utf-8").read()


def parts(dataset: str) -> dict[str, str]:
    """The training, held-out and, if there is one, test part."""
    if dataset == "ptb":
        return {part: text(f"ptb.{part}.txt.gz") for part in ("train", "valid", "test")}
    whole = text("tiny_shakespeare.txt.gz")
    cut = len(whole) * 9 // 10
    return {"train": whole[:cut], "valid": whole[cut:]}


def count(dataset: str) -> dict[str, Any]:
    """Measure the n-gram model that the networks have to beat; it has no seed."""
    found = parts(dataset)
    began = time.perf_counter()
    counted = NGram(5, tokenizer="space" if dataset == "ptb" else "char").fit(found["train"])
    seconds = time.perf_counter() - began
    measured = {part: counted.evaluate(found[part]) for part in found if part != "train"}
    return {"order": 5, "seconds_here": round(seconds, 1), **measured}


def run(dataset: str, model: str, seed: int, device: str, folder: Path | None, out: Path | None) -> dict[str, Any]:
    """Train one model and measure it."""
    found = parts(dataset)
    words = {"tokenizer": "space"} if dataset == "ptb" else {}
    checkpoint = None if folder is None else folder / f"{dataset}-{model}-{seed}"
    estimator = LanguageModel.from_preset(
        model,
        random_state=seed,
        verbose=1,
        device=device,
        checkpoint=None if checkpoint is None else str(checkpoint),
        resume=checkpoint is not None and (checkpoint / "checkpoint.json").exists(),
        **words,
    )
    began = time.perf_counter()
    estimator.fit(found["train"], found["valid"])
    seconds = time.perf_counter() - began
    if out is not None:
        estimator.save(out)
    history = [
        {name: record[name] for name in ("epoch", "train_loss", "valid_loss", "seconds", "tokens_per_second")}
        for record in estimator.history_
    ]
    measured = {part: estimator.evaluate(found[part]) for part in found if part != "train"}
    return {
        "seed": seed,
        "parameters": estimator.parameters_,
        "vocabulary": estimator.tokenizer_.size,
        "epochs": len(history),
        "seconds_here": round(seconds, 1),
        "training_seconds": round(sum(record["seconds"] for record in history), 1),
        **measured,
        **sentences(estimator),
        "history": history,
    }


def sentences(model: LanguageModel) -> dict[str, Any]:
    """Log-probabilities of two sentences, where the model knows all that they are made of."""
    unknown = [model.tokenizer_.unk_id in ids for ids in model.tokenizer_.encode(list(SENTENCES))]
    if any(unknown):
        return {}
    found = model.log_probability(SENTENCES, end=False)
    return {"log_probability_nats": dict(zip(SENTENCES, map(float, found), strict=True))}


def main() -> None:
    """Measure one model on one text for several seeds; print and store what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", choices=("ptb", "shakespeare"))
    parser.add_argument("model")
    seeds.add_arguments(parser, 1)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--out", type=Path, help="keep the first model")
    args = parser.parse_args()
    counted = args.model == "kneser-ney"
    device = "cpu" if counted else args.device
    path = seeds.result_file(f"language_{args.dataset}_{args.model}", device)
    about = {"dataset": args.dataset, "model": args.model, "machine": machine(device)}
    if counted:
        if not seeds.runs_of(path):
            seeds.add(path, about, count(args.dataset))
        return
    for seed in seeds.wanted(args, path):
        out = args.out if seed == 0 else None
        seeds.add(path, about, run(args.dataset, args.model, seed, device, args.checkpoint, out), "seed")


if __name__ == "__main__":
    main()
