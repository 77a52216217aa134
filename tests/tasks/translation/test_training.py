"""Training: the same from the same seed, resumed bit for bit, saved whole; what is wrong is said."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sacrebleu
import torch
from sklearn.base import clone
from tests.tasks.translation.conftest import sentences, turned

from ostinato import load
from ostinato._core.errors import InputError, TrainingError
from ostinato.kernels import ran
from ostinato.kernels.native.library import missing_bfloat16
from ostinato.tasks import Translator
from ostinato.tasks.translation.loss import AnswerLoss
from ostinato.text import Tokenizer

Make = Callable[..., Translator]
SOURCES = sentences(120, 0)
TARGETS = [turned(source) for source in SOURCES]


def test_same_seed_same_text(small: Make) -> None:
    one, two, other = (small(epochs=2, dropout=0.2, random_state=seed).fit(SOURCES, TARGETS) for seed in (3, 3, 4))
    held = sentences(20, 2)
    assert one.translate(held) == two.translate(held)
    assert one.evaluate(SOURCES, TARGETS) == two.evaluate(SOURCES, TARGETS)
    assert one.evaluate(SOURCES, TARGETS)["loss_nats"] != other.evaluate(SOURCES, TARGETS)["loss_nats"]
    assert clone(one).get_params() == one.get_params()


@pytest.mark.parametrize("arguments", [{"tokenizer": "bpe", "max_vocabulary": 300}, {"shared": False}, {"cell": "gru"}])
def test_saved_is_loaded(small: Make, tmp_path: Path, arguments: dict[str, object]) -> None:
    model = small(epochs=1, validation_fraction=0.1, **arguments).fit(SOURCES, TARGETS)
    model.save(tmp_path / "model")
    for again in (load(tmp_path / "model"), Translator.load(tmp_path / "model")):
        assert isinstance(again, Translator)
        assert again.evaluate(SOURCES[:30], TARGETS[:30]) == model.evaluate(SOURCES[:30], TARGETS[:30])
        assert again.parameters_ == model.parameters_
        assert again.get_params() == model.get_params()
        assert again.history_ == model.history_
        network = again.network_
        assert network.decoder.output.weight is network.decoder.embedding.weight
        assert (network.embedding is network.decoder.embedding) == bool(again.shared)


def test_resumed_is_never_interrupted(small: Make, tmp_path: Path) -> None:
    settings = {"dropout": 0.2, "scheduled_sampling": 0.5, "average": 2, "epochs": 3, "validation_fraction": 0.1}
    once = small(**settings).fit(SOURCES, TARGETS)
    plain, calls = AnswerLoss.__call__, []

    def stop(self: AnswerLoss, *arguments: object) -> object:
        calls.append(1)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return plain(self, *arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AnswerLoss, "__call__", stop)
        with pytest.raises(KeyboardInterrupt):
            small(**settings, checkpoint=str(tmp_path / "state")).fit(SOURCES, TARGETS)
    resumed = small(**settings, checkpoint=str(tmp_path / "state"), resume=True).fit(SOURCES, TARGETS)
    for name, value in once.network_.state_dict().items():
        assert torch.equal(value, resumed.network_.state_dict()[name]), name


def test_scores_are_sacrebleus(fitted: Translator) -> None:
    held = sentences(30, 4)
    references = [turned(source) for source in held]
    found = fitted.evaluate(held, references)
    written = fitted.translate(held)
    assert found["bleu"] == pytest.approx(sacrebleu.corpus_bleu(written, [references]).score)
    assert found["chrf"] == pytest.approx(sacrebleu.corpus_chrf(written, [references]).score)
    assert found["bleu_signature"].startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")
    assert fitted.score(held, references) == found["bleu"]
    assert found["tokens"] == sum(len(r.split()) + 1 for r in references)
    assert found["perplexity"] == pytest.approx(np.exp(found["loss_nats"]))


def test_attention_looks_where_the_word_stands(small: Make) -> None:
    learn = sentences(3000, 0)
    model = small().fit(learn, [turned(source) for source in learn])
    looked = model.attention_of("a b c d e f")
    assert looked.source == ["a", "b", "c", "d", "e", "f"] and looked.target == ["f", "e", "d", "c", "b", "a", "<eos>"]
    np.testing.assert_allclose(looked.weights.sum(axis=1), 1.0, rtol=1e-5)
    assert looked.weights.shape == (7, 6)
    # a place may be told by its neighbour's state: near the word, in falling order
    assert (np.diff(looked.weights[:6] @ np.arange(6)) < 0.5).all()
    assert model.attention_of("a b", "b a").target == ["b", "a", "<eos>"]
    with pytest.raises(InputError, match="not empty"):
        model.attention_of(" ")
    without = small(attention=None, epochs=1).fit(SOURCES, TARGETS)
    with pytest.raises(InputError, match="attention=None"):
        without.attention_of("a b")


def test_pairs_and_held_out_pairs(small: Make) -> None:
    model = small(epochs=1).fit(list(zip(SOURCES, TARGETS, strict=True)), valid=(SOURCES[:9], TARGETS[:9]))
    assert model.metrics_["valid_pairs"] == 9 and "valid_loss" in model.history_[0]
    learn, held = small(validation_fraction=0.25).parts(SOURCES, TARGETS)
    assert held is not None and (len(learn.sources), len(held.sources)) == (90, 30)
    assert sorted([*learn.sources, *held.sources]) == sorted(SOURCES)
    assert all(turned(source) == target for source, target in zip(*held, strict=True))


def test_long_pairs_are_left_out_and_counted(small: Make) -> None:
    model = small(epochs=1, max_length=5).fit(SOURCES, TARGETS)
    assert model.metrics_["too_long_pairs"] == sum(len(source.split()) > 5 for source in SOURCES) > 0
    with pytest.raises(InputError, match="max_length=1, all 2 pairs"):
        small(max_length=1).fit(["a b", "b a"], ["a b", "b a"])


def test_unicode_one_pair_and_a_tokenizer_of_ones_own(small: Make) -> None:
    pairs = [("naïve 🎻 \u0085 語", "Übermut\tund ❄"), ("語", "❄"), ("🎻 naïve", "und Übermut"), ("a\u2028b", "ß")] * 5
    for arguments in ({"tokenizer": "bpe", "max_vocabulary": None}, {"tokenizer": "char", "batch_size": 1}):
        model = small(**{"epochs": 40, "batch_size": 4, **arguments}).fit(pairs)
        assert model.translate([source for source, _ in pairs]) == [target for _, target in pairs]
        assert small(epochs=1, **arguments).fit(pairs[:1]).metrics_["train_pairs"] == 1
        assert isinstance(model.translate(["語 never seen ✂"])[0], str)
    fitted = Tokenizer("space").fit(["a b c d e f g h i"])
    model = small(epochs=1, tokenizer=fitted).fit(SOURCES, TARGETS)
    assert model.target_tokenizer_.tokens() == fitted.tokens() and model.target_tokenizer_ is not fitted


def test_empty_sources_are_answered_by_nothing(fitted: Translator) -> None:
    with pytest.warns(UserWarning, match=r"2 empty sources, the first is sources\[1\]"):
        found = fitted.translate(["a b", " ", "b c d e", ""])
    assert found[1] == found[3] == "" and found[2]
    assert fitted.translate([]) == []


@pytest.mark.parametrize(
    ("sources", "targets", "message"),
    [
        (["a"] * 3, ["b"] * 2, "3 sources and 2 targets, expected one target a source"),
        (["a", " "], ["b", "c"], r"sources\[1\] is empty, .* its other half is 'c'"),
        (["a", "b"], ["b", ""], r"targets\[1\] is empty, .* its other half is 'b'"),
        (["a", 3], ["b", "c"], r"sources\[1\] is a int, expected text"),
        ("a text", ["b"], "sources is one text, expected a list"),
        ([("a", "b"), "cd"], None, r"sources\[1\] is 'cd', expected a pair"),
        ([("a", "b"), 3], None, r"sources\[1\] is 3, expected a pair"),
        (None, None, "sources is a NoneType, expected a list"),
        (["a"], 3, "targets is a int, expected a list"),
        ([], [], "0 pairs"),
    ],
)
def test_wrong_pairs(small: Make, sources: list[str], targets: list[str] | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        small().fit(sources, targets)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"attention": "dot"}, "attention='dot'; expected one of bahdanau, luong"),
        ({"label_smoothing": 1.0}, "label_smoothing=1.0, expected a share"),
        ({"scheduled_sampling": -0.1}, "scheduled_sampling=-0.1, expected a probability"),
        ({"precision": "half"}, "precision='half', expected one of float32, bfloat16"),
        ({"validation_fraction": 1.5}, "validation_fraction=1.5"),
        ({"beam": 0}, "beam=0, expected a whole number"),
        ({"dropout": 20}, "dropout=20; expected a number in range"),
    ],
)
def test_wrong_arguments(small: Make, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        small(**arguments).fit(SOURCES, TARGETS)


@pytest.mark.skipif(missing_bfloat16() is not None, reason=str(missing_bfloat16()))
def test_bfloat16_is_for_training_alone(small: Make) -> None:
    with ran() as learning:
        model = small(precision="bfloat16", epochs=1, validation_fraction=None).fit(SOURCES, TARGETS)
    with ran() as writing:
        model.translate(SOURCES[:2])
    assert {name.precision for name in learning} == {"bfloat16"}  # of the encoder and the decoder
    assert {name.precision for name in writing} == {"float32"}


def test_nan_is_explained(small: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from ostinato.tasks.translation import fitting

    plain = fitting.first_network

    def broken(*arguments: object) -> object:
        network = plain(*arguments)  # type: ignore[arg-type]
        with torch.no_grad():
            network.decoder.combine.weight[0, 0] = float("nan")
        return network

    monkeypatch.setattr(fitting, "first_network", broken)
    with pytest.raises(TrainingError, match=r"the loss is nan in epoch 1, step 1.*decoder.combine.weight hold NaN"):
        small().fit(SOURCES, TARGETS)


def test_nothing_else_changes(small: Make) -> None:
    state, threads = torch.random.get_rng_state(), torch.get_num_threads()
    small(epochs=1, n_threads=2).fit(SOURCES, TARGETS).translate(["a b"])
    assert torch.equal(state, torch.random.get_rng_state()) and torch.get_num_threads() == threads
