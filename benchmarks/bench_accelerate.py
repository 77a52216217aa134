"""`ostinato.accelerate` on models from four published packages: the same numbers, and the time before and after.

    pip install -c constraints.txt flair 'gluonts[torch]' openunmix encodec     # in an environment of its own
    python benchmarks/bench_accelerate.py --json benchmarks/results/accelerate.json

The models are built by their own packages with random weights; nothing is downloaded, and a package that is not there
is passed over and said so. Each model runs as torch made it and accelerated, in turns, with the same weights and input;
times are medians. Differences are taken in evaluation mode (no dropout): the largest one of an output, absolute and as
a share of the output's largest number, and the relative L2 of all gradients. Above 1e-5 the script fails.
"""

import argparse
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from machine import machine
from ostinato import accelerate, kernels

LIMIT = 1e-5


@dataclass
class Subject:
    """One model and what is done with it."""

    what: str
    model: nn.Module
    use: Callable[[nn.Module], Any]  # what a user of the trained model calls
    output: Callable[[nn.Module], Tensor]  # numbers to compare
    loss: Callable[[nn.Module], Tensor]  # of a training step


def flair() -> Subject:
    """Tagger for named entities: bidirectional LSTM of 256 and CRF (Akbik et al. 2018), sentences of 5 to 40 words."""
    import flair as package
    from flair.data import Dictionary, Sentence
    from flair.embeddings import OneHotEmbeddings
    from flair.models import SequenceTagger

    package.logger.setLevel("WARNING")
    package.device = torch.device("cpu")
    words, tags = Dictionary(), Dictionary(add_unk=False)
    for k in range(2000):
        words.add_item(f"w{k}")
    for tag in ("PER", "LOC", "ORG", "MISC"):
        tags.add_item(tag)
    tags.span_labels = True
    embeddings = OneHotEmbeddings(vocab_dictionary=words, embedding_length=300)
    model = SequenceTagger(embeddings, tags, tag_type="ner", hidden_size=256)
    lengths = torch.randint(5, 41, (32,)).tolist()
    draw = [torch.randint(2000, (n,)).tolist() for n in lengths]
    sentences = [Sentence(" ".join(f"w{k}" for k in row)) for row in draw]
    sentences.sort(key=len, reverse=True)

    def emissions(tagger: Any) -> Tensor:
        return tagger.forward(*tagger._prepare_tensors(sentences))[0]  # scores for the CRF

    def allowed(tagger: Any) -> Tensor:
        scores = emissions(tagger)
        return scores[scores > -5000]  # -10,000 stands for transitions that the scheme of tags forbids

    return Subject(
        "`SequenceTagger`, LSTM 256, both directions, CRF; 32 sentences",
        model,
        emissions,
        allowed,
        lambda tagger: tagger.forward_loss(sentences)[0] / len(sentences),
    )


def gluonts() -> Subject:
    """Forecaster: DeepAR, two LSTM layers of 40 (Salinas et al. 2020), 72 hours seen, 24 forecast, 100 samples."""
    from gluonts.torch.model.deepar.module import DeepARModel

    B, seen, ahead = 32, 72, 24
    model = DeepARModel(freq="h", context_length=seen, prediction_length=ahead, num_feat_dynamic_real=5)
    past = model._past_length
    given = {
        "feat_static_cat": torch.zeros(B, 1, dtype=torch.int64),
        "feat_static_real": torch.randn(B, 1),
        "past_time_feat": torch.randn(B, past, 5),
        "past_target": torch.rand(B, past) + 0.5,
        "past_observed_values": torch.ones(B, past),
        "future_time_feat": torch.randn(B, ahead, 5),
    }
    future = torch.rand(B, ahead) + 0.5

    def unrolled(deepar: Any) -> Tensor:
        return torch.stack(deepar.unroll_lagged_rnn(**given, future_target=future)[0])

    def loss(deepar: Any) -> Tensor:
        return deepar.loss(**given, future_target=future, future_observed_values=torch.ones(B, ahead)).mean()

    what = "`DeepARModel`, 2 LSTM 40; 32 series, 72 hours seen, 24 ahead, 100 samples"
    return Subject(what, model, lambda deepar: deepar(**given), unrolled, loss)


def openunmix() -> Subject:
    """Separation of music: Open-Unmix, three bidirectional LSTM layers of 256 (Stöter et al. 2019), 6 s of stereo."""
    from openunmix.model import OpenUnmix

    model = OpenUnmix(nb_bins=2049, max_bin=1487)
    spectrum = torch.rand(4, 2, 2049, 255)
    target = torch.rand(4, 2, 2049, 255)
    return Subject(
        "`OpenUnmix`, 3 LSTM 256, both directions; 4 clips of 255 frames",
        model,
        lambda unmix: unmix(spectrum),
        lambda unmix: unmix(spectrum),
        lambda unmix: nn.functional.mse_loss(unmix(spectrum), target),
    )


def encodec() -> Subject:
    """Audio codec: EnCodec 24 kHz, convolutions and two times two LSTM layers of 512 (Défossez et al. 2022), 2 s."""
    from encodec.model import EncodecModel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # weight_norm is old-fashioned
        model = EncodecModel.encodec_model_24khz(pretrained=False)
    sound = 0.1 * torch.randn(1, 1, 48_000)

    def decoded(codec: Any) -> Tensor:
        return codec.decoder(codec.encoder(sound))  # without the quantizer: one rounding changes a whole code

    return Subject(
        "`EncodecModel` 24 kHz, 2 × 2 LSTM 512 between convolutions; 2 s",
        model,
        lambda codec: codec.encode(sound),
        decoded,
        lambda codec: decoded(codec).square().mean(),
    )


SUBJECTS = {"flair": flair, "gluonts": gluonts, "openunmix": openunmix, "encodec": encodec}


def measure(make: Callable[[], Subject], rounds: int) -> dict[str, Any]:
    """Compare and time one model, built twice from the same seed."""
    built = []
    for _ in range(2):
        torch.manual_seed(0)
        built.append(make())
    subject, before, after = built[0], built[0].model.eval(), built[1].model.eval()
    report = accelerate(after)
    with kernels.ran() as names, torch.no_grad():
        wanted, got = subject.output(before), subject.output(after)
    gradients = []
    for model in (before, after):
        model.zero_grad()
        subject.loss(model).backward()
        gradients.append(torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None]).double())

    def used(model: nn.Module) -> None:
        with torch.no_grad():
            subject.use(model.eval())

    def trained(model: nn.Module) -> None:
        model.train().zero_grad()
        subject.loss(model).backward()

    return {
        "what": subject.what,
        "report": str(report).splitlines(),
        "backends": sorted(set(names)),
        "max_abs": float((got - wanted).abs().max()),
        "max_rel": float((got - wanted).abs().max() / wanted.abs().max()),
        "gradient_rel_l2": float((gradients[1] - gradients[0]).norm() / gradients[0].norm()),
        "use_ms": medians(used, before, after, rounds),
        "train_ms": medians(trained, before, after, rounds),
    }


def medians(call: Callable[[nn.Module], None], before: nn.Module, after: nn.Module, rounds: int) -> dict[str, float]:
    """Median milliseconds before and after, run in turns."""
    times: dict[str, list[float]] = {"before": [], "after": []}
    for _ in range(rounds + 1):
        for name, model in (("before", before), ("after", after)):
            start = time.perf_counter()
            call(model)
            times[name].append(1e3 * (time.perf_counter() - start))
    found = {name: statistics.median(each[1:]) for name, each in times.items()}
    return found | {"ratio": found["before"] / found["after"]}


def main() -> int:
    """Measure every model that is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=",".join(SUBJECTS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    results: dict[str, Any] = {"machine": machine(), "rounds": arguments.rounds, "models": {}}
    wrong = []
    for name in arguments.models.split(","):
        try:
            results["machine"][name] = version(name)
        except PackageNotFoundError:
            print(f"{name}: not installed, passed over")
            continue
        found = measure(SUBJECTS[name], arguments.rounds)
        results["models"][name] = found
        print(f"{name}: {found}", flush=True)
        if max(found["max_rel"], found["gradient_rel_l2"]) > LIMIT or found["backends"] != ["native"]:
            wrong.append(name)
    if arguments.json and results["models"]:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")
    if wrong:
        print(f"differs by more than {LIMIT}, or did not run on the native kernels: {', '.join(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
