"""A language model's layers at the bottom of a classifier: lent whole, thawed from the top, kept when saved."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from ostinato import load
from ostinato._core.errors import InputError
from ostinato.tasks import LanguageModel, SequenceClassifier, SequenceRegressor

TEXTS = ["so good", "so bad", "good fun", "bad bore", "a good film", "a bad film"] * 5
LABELS = ["pos", "neg"] * 15


@pytest.fixture(scope="module")
def reader() -> LanguageModel:
    return LanguageModel(
        hidden_size=9, embedding_size=6, num_layers=2, streams=4, length=6, epochs=3, validation_fraction=None,
        random_state=0,
    ).fit("\n".join(TEXTS) + "\nnever labelled word")  # fmt: skip


def classifier(reader: Any, **arguments: Any) -> SequenceClassifier:
    plain = {"dropout": 0.0, "embedding_dropout": 0.0, "word_dropout": 0.0, "validation_fraction": None, "lr": 0.05}
    return SequenceClassifier(pretrained=reader, random_state=0, batch_size=8, **{**plain, **arguments})


def test_the_layers_are_lent(reader: LanguageModel) -> None:
    model = classifier(reader, epochs=1, gradual_unfreezing=True).fit(TEXTS, LABELS)  # at first the new layer learns
    theirs = reader.network_.state_dict()
    ours = model.network_.state_dict()
    assert torch.equal(ours["embedding.weight"], theirs["embedding.weight"])
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0"):
        for layer in (0, 1):
            assert torch.equal(ours[f"recurrent.layers.{layer}.{name}"], theirs[f"layers.{layer}.{name}"])
    assert model.tokenizer_.tokens() == reader.tokenizer_.tokens()
    assert "labelled" in model.tokenizer_.vocabulary


def test_it_reads_as_the_language_model_does(reader: LanguageModel) -> None:
    from ostinato.nn import pack

    model = classifier(reader, epochs=1, gradual_unfreezing=True).fit(TEXTS, LABELS)
    ids = torch.from_numpy(model.encoder_(["a good film"])[0])
    with torch.no_grad():
        ours = model.network_.recurrent(model.network_.embedding(pack([ids])))[0].data
        theirs = reader.network_(pack([ids])).raw
    torch.testing.assert_close(ours, theirs)


def test_layers_thaw_from_the_top(reader: LanguageModel) -> None:
    """Epoch by epoch: what has moved since the language model."""
    theirs = reader.network_.state_dict()
    moved = []
    for epochs in (1, 2, 3):
        model = classifier(reader, epochs=epochs, schedule=None, gradual_unfreezing=True).fit(TEXTS, LABELS)
        found = model.network_.state_dict()
        layers = [
            not torch.equal(found[f"recurrent.layers.{k}.weight_hh_l0"], theirs[f"layers.{k}.weight_hh_l0"])
            for k in (1, 0)
        ]
        moved.append([*layers, not torch.equal(found["embedding.weight"], theirs["embedding.weight"])])
    assert moved == [[False, False, False], [True, False, False], [True, True, True]]


def test_all_learn_from_the_start_the_lent_more_slowly(reader: LanguageModel) -> None:
    """A step of Adam is about as long as the learning rate: over the second epoch lent weights move less than new."""
    settings: dict[str, Any] = {"schedule": None, "lr": 1e-3, "clip_norm": None}
    first, second = (
        classifier(reader, epochs=epochs, **settings).fit(TEXTS, LABELS).network_.state_dict() for epochs in (1, 2)
    )
    theirs = reader.network_.state_dict()
    assert not torch.equal(first["embedding.weight"], theirs["embedding.weight"])
    for layer in (0, 1):
        name = f"recurrent.layers.{layer}.weight_hh_l0"
        assert not torch.equal(first[name], theirs[f"layers.{layer}.weight_hh_l0"])
        moved, new = ((second[n] - first[n]).abs().max() for n in (name, "linear.weight"))
        assert moved < 0.5 * new


def test_between_its_layers_the_language_model_s_dropout_stays(reader: LanguageModel) -> None:
    model = classifier(reader, epochs=1, dropout=0.6).fit(TEXTS, LABELS)
    assert model.network_.recurrent.between.p == reader.network_.settings["dropout"] != 0.6
    assert model.network_.dropout.p == 0.6


def test_everything_is_trainable_afterwards(reader: LanguageModel) -> None:
    model = classifier(reader, epochs=1).fit(TEXTS, LABELS)
    assert all(parameter.requires_grad for parameter in model.network_.parameters())


def test_learns_saves_and_loads(reader: LanguageModel, tmp_path: Path) -> None:
    reader.save(tmp_path / "reader")
    for lender in (reader, str(tmp_path / "reader"), tmp_path / "reader"):
        model = classifier(lender, epochs=20).fit(TEXTS, LABELS)
        assert model.score(TEXTS, LABELS) > 0.9
        model.save(tmp_path / "model")
        again = load(tmp_path / "model")
        np.testing.assert_array_equal(again.predict_proba(TEXTS), model.predict_proba(TEXTS))  # type: ignore[attr-defined]


def test_resumed_in_the_midst_of_thawing(reader: LanguageModel, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"epochs": 4, "dropout": 0.2, "schedule": None, "gradual_unfreezing": True}
    once = classifier(reader, **settings).fit(TEXTS, LABELS)
    classifier(reader, **{**settings, "epochs": 2}, checkpoint=str(tmp_path / "state")).fit(TEXTS, LABELS)
    again = classifier(reader, **settings, checkpoint=str(tmp_path / "state"), resume=True).fit(TEXTS, LABELS)
    for name, value in once.network_.state_dict().items():
        assert torch.equal(value, again.network_.state_dict()[name]), name


def test_a_clone_keeps_what_the_language_model_has_read(reader: LanguageModel, tmp_path: Path) -> None:
    """As in a cross-validation, a search, a pipeline."""
    first = classifier(reader, epochs=1).fit(TEXTS, LABELS)
    again = clone(first)
    assert again.pretrained is reader and not hasattr(again, "network_")
    np.testing.assert_array_equal(again.fit(TEXTS, LABELS).predict_proba(TEXTS), first.predict_proba(TEXTS))
    piped = clone(make_pipeline(SequenceRegressor(pretrained=reader, epochs=1, random_state=0)))
    assert piped.fit(TEXTS, np.arange(len(TEXTS)) % 2).predict(TEXTS).shape == (len(TEXTS),)
    reader.save(tmp_path / "reader")
    found, of_folder = (
        cross_val_score(classifier(lender, epochs=2), TEXTS, LABELS, cv=2, scoring="neg_log_loss")
        for lender in (reader, tmp_path / "reader")
    )
    np.testing.assert_array_equal(found, of_folder)


def test_a_clone_of_the_language_model_itself_has_read_nothing(reader: LanguageModel) -> None:
    assert not hasattr(clone(reader), "network_")


def test_a_language_model_with_an_adaptive_softmax_lends_its_layers_too() -> None:
    """What scores the vocabulary is not lent, whatever its form."""
    adaptive = LanguageModel(
        hidden_size=9, embedding_size=6, num_layers=2, tied=False, cutoffs=(4, 7), streams=4, length=6, epochs=2,
        validation_fraction=None, random_state=0,
    ).fit("\n".join(TEXTS))  # fmt: skip
    model = classifier(adaptive, epochs=1, gradual_unfreezing=True).fit(TEXTS, LABELS)
    ours, theirs = model.network_.state_dict(), adaptive.network_.state_dict()
    assert torch.equal(ours["recurrent.layers.1.weight_hh_l0"], theirs["layers.1.weight_hh_l0"])
    assert ours["recurrent.layers.1.weight_hh_l0"].shape == (36, 9)  # untied, the last layer has all units


def test_wrong() -> None:
    with pytest.raises(InputError, match="pretrained is a int, expected a LanguageModel"):
        classifier(3).fit(TEXTS, LABELS)


def test_numbers_have_no_words(reader: LanguageModel) -> None:
    with pytest.raises(InputError, match="expected texts"):
        classifier(reader).fit([np.ones((3, 2)), np.zeros((4, 2))] * 4, ["a", "b"] * 4)
