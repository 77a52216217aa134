"""A language model's layers below a tagger: lent whole, thawed from the top, kept when saved and cloned."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone

from ostinato._core.errors import InputError
from ostinato.nn import pack
from ostinato.tasks import LanguageModel, SequenceTagger, load
from ostinato.tasks.tagger_network import TaggerNetwork

X = [["Kelly", "sleeps"], ["Paris", "sleeps"], ["she", "saw", "Kelly"], ["she", "left", "Paris", "yesterday"]] * 5
Y = [["B-PER", "O"], ["B-LOC", "O"], ["O", "O", "B-PER"], ["O", "O", "B-LOC", "O"]] * 5
TEXT = "kelly sleeps\nparis sleeps\nshe saw kelly\nshe left paris\na word without a tag\n" * 4


@pytest.fixture(scope="module")
def reader() -> LanguageModel:
    return LanguageModel(
        hidden_size=9, embedding_size=6, num_layers=2, streams=4, length=6, epochs=2, validation_fraction=None,
        random_state=0,
    ).fit(TEXT)  # fmt: skip


def tagger(reader: Any, **arguments: Any) -> SequenceTagger:
    plain = {"dropout": 0.0, "input_dropout": 0.0, "word_dropout": 0.0, "validation_fraction": None, "lr": 0.03}
    sizes = {"hidden_size": 8, "character_features": 8, "batch_size": 8, "random_state": 0}
    return SequenceTagger(pretrained=reader, **{**sizes, **plain, **arguments})


def _network(model: SequenceTagger) -> dict[str, torch.Tensor]:
    return model.network_.state_dict()


def test_words_vectors_and_layers_are_lent(reader: LanguageModel) -> None:
    model = tagger(reader, epochs=1).fit(X, Y)  # in the first epoch the new layers alone learn
    theirs, table = reader.network_.state_dict(), _network(model)["embedding.weight"]
    vocabulary = reader.tokenizer_.vocabulary
    assert {"kelly", "without"} <= set(model.lexicon_.words)  # the second stands in no tagged sentence
    for word in ("kelly", "without"):
        assert torch.equal(table[model.lexicon_.words[word]], theirs["embedding.weight"][vocabulary[word]])
    unknown = theirs["embedding.weight"][reader.tokenizer_.unk_id]
    assert torch.equal(table[0], unknown) and torch.equal(table[model.lexicon_.words["yesterday"]], unknown)
    for layer in (0, 1):
        for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0"):
            assert torch.equal(_network(model)[f"reader.layers.{layer}.{name}"], theirs[f"layers.{layer}.{name}"])


def test_it_reads_as_the_language_model_does(reader: LanguageModel) -> None:
    model = tagger(reader, epochs=1).fit(X, Y)
    tokens = ["she", "saw", "Paris", "unseen"]
    network, words = model.network_, torch.from_numpy(model.lexicon_([tokens]).words)
    assert isinstance(network, TaggerNetwork) and network.reader is not None
    ids = torch.tensor([reader.tokenizer_.vocabulary.get(token.lower(), reader.tokenizer_.unk_id) for token in tokens])
    with torch.no_grad():
        ours = network.reader(network.embedding(pack([words])))[0].data
        theirs = reader.network_(pack([ids])).raw
    torch.testing.assert_close(ours, theirs)


def test_what_was_read_reaches_the_tags(reader: LanguageModel) -> None:
    model = tagger(reader, epochs=1).fit(X, Y)
    before = model.predict_proba([["she", "saw", "Kelly"]])[0]
    with torch.no_grad():
        model.network_.reader.layers[-1].weight_ih_l0.add_(1.0)  # type: ignore[union-attr,index]
    assert np.abs(before - model.predict_proba([["she", "saw", "Kelly"]])[0]).max() > 1e-3


def test_layers_thaw_from_the_top(reader: LanguageModel) -> None:
    moved = []
    for epochs in (1, 2, 3):
        found = _network(tagger(reader, epochs=epochs, schedule=None).fit(X, Y))
        first = _network(tagger(reader, epochs=1).fit(X, Y))
        names = ("reader.layers.1.weight_hh_l0", "reader.layers.0.weight_hh_l0", "embedding.weight")
        moved.append([not torch.equal(found[name], first[name]) for name in names])
    assert moved == [[False, False, False], [True, False, False], [True, True, True]]


def test_learns_saves_loads_and_clones(reader: LanguageModel, tmp_path: Path) -> None:
    reader.save(tmp_path / "reader")
    for lender in (reader, str(tmp_path / "reader")):
        model = tagger(lender, epochs=12).fit(X, Y)
        assert model.score(X, Y) > 0.9
        model.save(tmp_path / "model")
        again = load(tmp_path / "model")
        for ours, theirs in zip(again.predict_proba(X), model.predict_proba(X), strict=True):
            np.testing.assert_array_equal(ours, theirs)
    assert clone(tagger(reader)).pretrained is reader


def test_wrong(reader: LanguageModel) -> None:
    letters = LanguageModel(tokenizer="char", hidden_size=4, embedding_size=4, epochs=1, validation_fraction=None)
    with pytest.raises(InputError, match="pretrained is a language model of char, a tagger needs one of words"):
        tagger(letters.fit(TEXT)).fit(X, Y)
    with pytest.raises(InputError, match="embedding and pretrained are both given"):
        tagger(reader, embedding={"kelly": np.zeros(3)}).fit(X, Y)
    with pytest.raises(InputError, match="pretrained is a int, expected a LanguageModel"):
        tagger(3).fit(X, Y)
