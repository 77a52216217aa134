"""Training tokens a second of a language model beside the same model in plain torch: Penn Treebank, preset "small".

    scripts/bench language_speed

Both begin with the same weights, read the same pieces of the same text, drop at the same rates and update with Adam;
that they are the same model is checked by their loss on a piece before anything is timed. Rounds are interleaved, the
figures are medians. Ours is timed by its own trainer while it fits; torch in a bare loop.
"""

import argparse
import json

import numpy as np
import torch
from torch import Tensor

from bench_language import text
from machine import machine
from ostinato.data import Streams
from ostinato.tasks.language import LanguageModel, corpus
from ostinato.text import Tokenizer
from plain_torch_language import PlainTorchLanguage
from seeds import result_file

PRECISIONS = ("float32", "bfloat16")  # of the products


def ours(tokenizer: Tokenizer, precision: str, threads: int) -> LanguageModel:
    """The preset, to be fitted an epoch at a time."""
    return LanguageModel.from_preset(
        "small",
        tokenizer=tokenizer,
        precision=precision,
        epochs=1,
        schedule=None,
        validation_fraction=None,
        random_state=0,
        n_threads=threads,
        warm_start=True,
    )


def streams_of(model: LanguageModel, words: str) -> Streams:
    """The text as the model reads it while it is fitted."""
    ids = np.concatenate(corpus.encode(model.tokenizer_, corpus.pieces([words], True)))
    return Streams(ids, before=model.tokenizer_.eos_id, streams=model.streams, length=model.length)


def squares(streams: Streams) -> list[tuple[Tensor, Tensor]]:
    """The pieces as (T, B) inputs and targets; a ragged last one is left out."""
    even = [piece for piece in streams if len(piece.targets) == len(piece.inputs.batch_sizes) * streams.rows]
    return [(piece.inputs.data.view(-1, streams.rows), piece.targets.view(-1, streams.rows)) for piece in even]


def difference(model: LanguageModel, peer: PlainTorchLanguage, streams: Streams) -> float:
    """Relative difference of the two models' loss on the first piece, without dropout."""
    first = next(iter(streams))
    peer.eval()
    with torch.no_grad():
        mine = model.network_.eval().nats(model.network_(first.inputs).raw, first.targets).item()
        theirs = peer.nats(*squares(streams)[0], None)[0].item()
    return abs(mine - theirs) / theirs


def beginning(lines: list[str], words: int) -> str:
    """The first lines, of so many words or a few more."""
    counts = np.cumsum([len(line.split()) + 1 for line in lines])
    return "\n".join(lines[: int(np.searchsorted(counts, words)) + 1])


def main() -> None:
    """Time all ways in turn; print and store the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--words", type=int, default=20_000, help="words of a round")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    lines = text("ptb.train.txt.gz").split("\n")
    tokenizer = corpus.fit_tokenizer("space", lines, lowercase=None, max_vocabulary=None, min_frequency=1)
    part = beginning(lines, args.words)
    models = {precision: ours(tokenizer, precision, args.threads).fit(part) for precision in PRECISIONS}
    peers = {precision: PlainTorchLanguage(models[precision], precision == "bfloat16") for precision in PRECISIONS}
    streams = streams_of(models["float32"], part)
    pieces, differs = squares(streams), difference(models["float32"], peers["float32"], streams)
    if differs > 1e-5:
        raise SystemExit(f"the losses differ by {differs:.1e}, expected the same model; is a weight not copied?")
    rates: dict[str, list[float]] = {}
    for number in range(args.rounds + 1):
        for precision in PRECISIONS:
            for name, rate in (
                (f"ostinato, {precision}", models[precision].fit(part).history_[0]["tokens_per_second"]),
                (f"torch, {precision}", peers[precision].train_on(pieces)),
            ):
                if number:  # the first round warms up
                    rates.setdefault(name, []).append(rate)
        print(number, {name: round(each[-1]) for name, each in rates.items()}, flush=True)
    medians = {name: round(float(np.median(each))) for name, each in rates.items()}
    result = {
        "preset": "small",
        "vocabulary": tokenizer.size,
        "tokens_a_round": sum(targets.numel() for _, targets in pieces),
        "rounds": args.rounds,
        "loss_differs": differs,
        "tokens_a_second": medians,
        "machine": {**machine(), "threads": args.threads},
    }
    print(json.dumps(result), flush=True)
    result_file("language_speed").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
