"""Training: stateful, penalised as the papers say, resumed bit for bit, saved whole."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from ostinato import load
from ostinato._core.errors import InputError, TrainingError
from ostinato.data import Streams
from ostinato.kernels import ran
from ostinato.kernels.native.library import missing_bfloat16
from ostinato.tasks import LanguageModel
from ostinato.tasks.language.loss import StreamLoss, drop_carried, first_carried
from ostinato.tasks.language.network import LanguageNetwork

Make = Callable[..., LanguageModel]


def network(**settings: object) -> LanguageNetwork:
    torch.manual_seed(0)
    return LanguageNetwork(**{"vocabulary": 11, "embedding_size": 5, "hidden_size": 7, **settings})  # type: ignore[arg-type]


def test_penalties_by_hand() -> None:
    """AR and TAR against the formulas, on padded tensors (T, B, E)."""
    T, B, E = 4, 3, 5
    raw, dropped = torch.randn(T, B, E), torch.randn(T, B, E)
    found = StreamLoss(2.0, 3.0).penalty(raw.reshape(-1, E), dropped.reshape(-1, E), B)
    by_hand = 2.0 * dropped.pow(2).mean() + 3.0 * (raw[1:] - raw[:-1]).pow(2).mean()
    assert float(found) == pytest.approx(by_hand.item(), rel=1e-6)
    assert float(StreamLoss(0.0, 1.0).penalty(raw[0], dropped[0], B)) == 0.0


def test_the_state_is_carried_in_training_and_cut_from_the_gradient() -> None:
    net, loss = network(), StreamLoss()
    tokens = np.random.default_rng(0).integers(3, 11, 24)
    pieces = list(Streams(tokens, before=2, streams=2, length=4).epoch(0))
    first_carried(net, 2)
    apart = [loss(net.train(), piece).loss for piece in pieces]
    drop_carried(net)
    (whole,) = Streams(tokens, before=2, streams=2, length=99).epoch(0)
    first_carried(net, 2)
    together = loss(net, whole).loss
    drop_carried(net)
    assert torch.stack(apart).mean().item() == pytest.approx(together.item(), rel=1e-6)
    apart[-1].backward()  # reaches the last piece alone: the first ones' graphs are not touched
    apart[0].backward()
    assert not list(net.named_buffers())


def test_held_out_states_do_not_touch_training() -> None:
    net, loss = network(), StreamLoss()
    pieces = list(Streams(np.arange(3, 11), before=2, streams=1, length=4).epoch(0))
    first_carried(net, 1)
    loss(net.train(), pieces[0])
    kept = {name: value.clone() for name, value in net.named_buffers()}
    for piece in pieces:
        loss(net.eval(), piece)
    assert all(torch.equal(kept[name], value) for name, value in net.named_buffers())


def test_resumed_is_never_interrupted(small: Make, text: str, tmp_path: Path) -> None:
    """Stopped in the midst of an epoch, with varied pieces, dropout and an average: the same bits."""
    settings = {"vary_length": True, "dropout": 0.2, "weight_drop": 0.2, "ar": 1.0, "average": 0.9, "epochs": 3}
    once = small(**settings).fit(text)
    stopping = small(**settings, checkpoint=str(tmp_path / "state"))
    calls = []

    def stop(self: StreamLoss, *arguments: object) -> object:
        calls.append(1)
        if len(calls) == 25:
            raise KeyboardInterrupt
        return plain(self, *arguments)

    plain = StreamLoss.__call__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StreamLoss, "__call__", stop)
        with pytest.raises(KeyboardInterrupt):
            stopping.fit(text)
    resumed = small(**settings, checkpoint=str(tmp_path / "state"), resume=True).fit(text)
    for name, value in once.network_.state_dict().items():
        assert torch.equal(value, resumed.network_.state_dict()[name]), name
    assert [r["train_loss"] for r in once.history_] == [r["train_loss"] for r in resumed.history_]


def test_same_seed_same_model(small: Make, text: str) -> None:
    one, two, other = (small(epochs=1, random_state=seed).fit(text) for seed in (3, 3, 4))
    assert one.perplexity(text) == two.perplexity(text) != other.perplexity(text)
    assert small(epochs=1, random_state=None).fit(text).seed_ != small(epochs=1, random_state=None).fit(text).seed_


def test_saved_is_loaded(fitted: LanguageModel, text: str, tmp_path: Path) -> None:
    fitted.save(tmp_path / "model")
    for again in (load(tmp_path / "model"), LanguageModel.load(tmp_path / "model")):
        assert isinstance(again, LanguageModel)
        assert again.evaluate(text) == fitted.evaluate(text)
        assert again.sample("the", 20, seed=1, stop=None) == fitted.sample("the", 20, seed=1, stop=None)
        assert again.network_.output.weight is again.network_.embedding.weight
        assert again.parameters_ == fitted.parameters_
        assert repr(again.get_params()) == repr(fitted.get_params())


@pytest.mark.parametrize("kind", ["word", "space", "char", "bpe"])
def test_every_tokenizer_is_kept(small: Make, text: str, tmp_path: Path, kind: str) -> None:
    model = small(tokenizer=kind, epochs=1, num_layers=1).fit(text[:400])
    model.save(tmp_path / "model")
    again = LanguageModel.load(tmp_path / "model")
    assert again.tokenizer_.kind == kind
    assert again.evaluate("a cat saw a dog") == model.evaluate("a cat saw a dog")


@pytest.mark.parametrize("cell", ["gru", "rnn_tanh"])
def test_other_cells(small: Make, text: str, cell: str) -> None:
    assert small(cell=cell, epochs=8).fit(text).perplexity(text) < 4


def test_all_regularisation_at_once(small: Make, text: str) -> None:
    model = small(
        weight_drop=0.2, embedding_dropout=0.1, input_dropout=0.1, dropout=0.1, output_dropout=0.1, ar=0.5, tar=0.5,
        vary_length=True, average="triggered", optimizer="sgd", lr=1.0, clip_norm=0.5, schedule=None, epochs=14,
        validation_fraction=0.1, precision="bfloat16",
    ).fit(text)  # fmt: skip
    assert model.perplexity(text) < 7
    assert {"train_nats", "train_loss", "valid_loss"} <= set(model.history_[0])
    assert model.history_[0]["train_loss"] > model.history_[0]["train_nats"]


def test_bfloat16_is_for_training_alone(small: Make, text: str) -> None:
    with ran() as learning:
        model = small(precision="bfloat16", epochs=1).fit(text)
    with ran() as measuring:
        model.perplexity(text)
    expected = "bfloat16" if missing_bfloat16() is None else "float32"
    assert expected in {name.precision for name in learning}
    assert {name.precision for name in measuring} == {"float32"}
    with ran() as learning:
        small(epochs=1).fit(text)
    assert {name.precision for name in learning} == {"float32"}


def test_begins_with_the_frequencies(small: Make, text: str) -> None:
    """Untrained and reading nothing, a model gives every token its share of the text; trained further, its own."""
    model = small(epochs=0).fit(text)
    tokenizer, lines = model.tokenizer_, text.splitlines()
    bias = model.network_.output.bias
    shares = bias.detach().softmax(0)
    counts = {tokenizer.eos_id: len(lines), tokenizer.unk_id: 0, int(tokenizer.encode(["cat"])[0][0]): 60}
    for token, count in counts.items():
        assert float(shares[token]) == pytest.approx((count + 1) / (len(text.split()) + len(lines) + tokenizer.size))
    torch.nn.init.normal_(bias)
    kept = bias.clone()
    assert torch.equal(model.set_params(warm_start=True).fit(text).network_.output.bias, kept), "what was learned stays"


def test_warm_start_goes_on(small: Make, text: str) -> None:
    model = small(epochs=2, warm_start=True).fit(text)
    before = model.perplexity(text)
    vocabulary = model.tokenizer_.tokens()
    model.fit(text + "a new word\n" * 3)
    assert model.tokenizer_.tokens() == vocabulary
    assert model.perplexity(text) < before


def test_the_end_is_held_out(small: Make, text: str) -> None:
    learn, held = small(validation_fraction=0.1).parts(text)
    assert text == learn[0] + "\n" + held[0] + "\n"
    assert small(validation_fraction=0.1).parts(text, "the cat")[1] == ["the cat"]
    learn, held = small(tokenizer="char", validation_fraction=0.25).parts("abcdefgh")
    assert (learn, held) == (["abcdef"], ["gh"])
    model = small(epochs=3, validation_fraction=0.1).fit(text)
    assert model.metrics_["best_epoch"] in (1, 2, 3) and model.metrics_["valid_tokens"] > 10
    with pytest.raises(InputError, match="cannot be held out"):
        small(validation_fraction=0.1).fit("one line")


def test_nan_is_explained(small: Make, text: str) -> None:
    with pytest.raises(TrainingError, match=r"epoch 1, step \d+ of"):
        small(optimizer="sgd", lr=1e38, clip_norm=None, schedule=None).fit(text)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"streams": 0}, "streams=0, expected"),
        ({"length": 0}, "length=0, expected"),
        ({"hidden_size": 0}, "hidden_size"),
        ({"dropout": 2.0}, "dropout"),
        ({"precision": "half"}, "precision='half', expected one of float32, bfloat16"),
        ({"validation_fraction": 1.5}, "validation_fraction=1.5, expected"),
        ({"average": "always"}, "average='always'"),
        ({"tied": False, "cutoffs": (3, 600)}, r"cutoffs=\(3, 600\), expected growing numbers of tokens below"),
        ({"cutoffs": (3, 5)}, r"tied=True with cutoffs=\(3, 5\), expected one of them"),
        ({"cell": "lstn"}, "lstn"),
    ],
)
def test_wrong_arguments(small: Make, text: str, arguments: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        small(**arguments).fit(text)


def test_wrong_text(small: Make) -> None:
    with pytest.raises(InputError, match=r"text\[1\] is a int, expected text"):
        small().fit(["a", 3])  # type: ignore[list-item]


def test_nothing_else_changes(small: Make, text: str) -> None:
    state, threads = torch.random.get_rng_state(), torch.get_num_threads()
    small(epochs=1, n_threads=2).fit(text).sample("the", seed=0)
    assert torch.equal(state, torch.random.get_rng_state()) and torch.get_num_threads() == threads
