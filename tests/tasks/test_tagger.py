"""The tagger: vectors from files, resuming, softmax, schemes; what the contract does not ask."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ostinato._core.errors import InputError, ShapeError
from ostinato.data.tags import detect, repair, spans
from ostinato.nn import pack
from ostinato.tasks import SequenceTagger, load
from ostinato.tasks.aligned import AlignedBatches
from ostinato.tasks.lexicon import Lexicon
from ostinato.tasks.tagger_fitting import rarity
from ostinato.tasks.tagger_network import TaggerNetwork
from ostinato.testing.check_tagger import TAGGED_ROWS
from ostinato.train.run import Run

ROWS = TAGGED_ROWS["entities"]()
SMALL: dict[str, Any] = {
    "hidden_size": 8,
    "embedding_size": 12,
    "character_features": 8,
    "epochs": 12,
    "lr": 0.03,
    "dropout": 0.1,  # what a real file needs is too much for sixty sentences
    "input_dropout": 0.0,
    "word_dropout": 0.1,
    "batch_size": 12,
    "validation_fraction": None,
    "random_state": 0,
}


def _small(**arguments: Any) -> SequenceTagger:
    return SequenceTagger(**{**SMALL, **arguments})


@pytest.mark.parametrize(
    "arguments",
    [
        {"crf": False},
        {"characters": None},
        {"characters": "recurrent"},
        {"cell": "gru", "num_layers": 2},
        {"inner_scheme": "iob1"},
        {"max_tokens": 40},
        {"bidirectional": False, "inner_scheme": "iob2", "optimizer": "adamw", "weight_decay": 0.01},
    ],
)
def test_every_arrangement_learns_and_keeps_the_scheme(arguments: dict[str, Any]) -> None:
    model = _small(**arguments).fit(ROWS.X, ROWS.y)
    assert model.score(ROWS.X, ROWS.y) > 0.85
    assert repair(model.predict(ROWS.X), "iob2").changed == 0
    assert all(np.allclose(chance.sum(axis=1), 1) for chance in model.predict_proba(ROWS.X))


def test_a_crf_never_breaks_its_scheme_even_untrained() -> None:
    model = _small(epochs=1, lr=1e-9).fit(ROWS.X, ROWS.y)
    tags = [[str(tag) for tag in model.classes_[row]] for row in model._best(ROWS.X)]
    assert repair(tags, "bioes").changed == 0 and any(spans(row) for row in tags)


def test_capitals_are_told_by_characters_alone() -> None:
    X = [["rose", "Rose"], ["Rose", "rose"], ["Rose", "Rose"], ["rose", "rose"]] * 10
    y = [["B-PER" if token[0] == "R" else "O" for token in row] for row in X]
    assert _small(lowercase=True).fit(X, y).score(X, y) == 1.0
    assert _small(lowercase=True, characters=None).fit(X, y).evaluate(X, y).accuracy < 1.0


def test_vectors_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("kelly 1 0 0\nparis 0 1 0\nberlin 0 0.9 0.1\n")
    model = _small(embedding=str(tmp_path / "v.txt"), freeze_embedding=True).fit(ROWS.X, ROWS.y)
    row = model.lexicon_.words["paris"]
    assert model.network_.embedding.weight[row].tolist() == [0.0, 1.0, 0.0]
    known = sum(token in ("Kelly", "Paris") for tokens in ROWS.X for token in tokens)
    assert model.metrics_["vector_coverage"] == known / sum(map(len, ROWS.X))
    distinct = {token.lower() for tokens in ROWS.X for token in tokens}
    assert model.embedding_coverage_ == 2 / len(distinct)
    assert "berlin" in model.lexicon_.words  # a word that training never saw has its vector all the same
    model.save(tmp_path / "model")
    (tmp_path / "v.txt").unlink()
    again = load(tmp_path / "model")
    assert again.predict(ROWS.X) == model.predict(ROWS.X)


def test_trained_vectors_move_and_frozen_ones_do_not() -> None:
    vectors = {"kelly": np.ones(4), "paris": np.zeros(4)}
    for freeze in (True, False):
        model = _small(embedding=vectors, freeze_embedding=freeze).fit(ROWS.X, ROWS.y)
        weight = model.network_.embedding.weight[model.lexicon_.words["kelly"]]
        assert bool((weight == 1).all()) == freeze


def test_wrong_vectors() -> None:
    with pytest.raises(ShapeError, match="several shapes"):
        _small(embedding={"a": [1.0], "b": [1.0, 2.0]}).fit(ROWS.X, ROWS.y)
    with pytest.raises(InputError, match="embedding is a ndarray"):
        _small(embedding=np.zeros((3, 4))).fit(ROWS.X, ROWS.y)


def test_wrong_arguments() -> None:
    for arguments, words in [
        ({"scheme": "iob3"}, "scheme='iob3'"),
        ({"inner_scheme": "bio"}, "inner_scheme='bio'"),
        ({"word_dropout": -1}, "word_dropout=-1"),
        ({"case_dropout": 1.5}, "case_dropout=1.5"),
        ({"max_vocabulary": 0}, "max_vocabulary=0"),
        ({"validation_fraction": 1.5}, "validation_fraction=1.5"),
    ]:
        with pytest.raises(InputError, match=words):
            _small(**arguments).fit(ROWS.X, ROWS.y)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="one of them is None"):
        _small().fit(ROWS.X, ROWS.y, X_valid=ROWS.X)
    with pytest.raises(InputError, match=r"y_valid\[0\]\[0\] is 'S-NEW'"):
        _small().fit(ROWS.X, ROWS.y, [["x"]], [["B-NEW"]])


def test_scheme_none_takes_tags_as_labels() -> None:
    model = _small(scheme="none").fit(ROWS.X, ROWS.y)
    assert model.scheme_ is None and set(model.classes_) == {tag for row in ROWS.y for tag in row}


def test_the_best_epoch_is_kept_by_f1() -> None:
    model = _small(validation_fraction=0.3, epochs=6).fit(ROWS.X, ROWS.y)
    scores = [record["valid_f1"] for record in model.history_]
    assert model.metrics_["valid_f1"] == max(scores)
    assert model.history_.best_epoch == scores.index(max(scores)) + 1


def test_held_out_f1_is_the_score_of_all_sentences() -> None:
    model = _small(epochs=2).fit(ROWS.X, ROWS.y, ROWS.X[:25], ROWS.y[:25])
    assert model.metrics_["valid_f1"] == pytest.approx(model.score(ROWS.X[:25], ROWS.y[:25]), abs=1e-12)


def test_resumed_is_as_if_never_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _small(epochs=4).fit(ROWS.X, ROWS.y)
    plain, checkpoint = Run._epoch, str(tmp_path / "state")

    def broken(self: Run, show: Any) -> Any:
        if self.epoch == 2:
            raise KeyboardInterrupt
        return plain(self, show)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Run, "_epoch", broken)
        _small(epochs=4, checkpoint=checkpoint).fit(ROWS.X, ROWS.y)
    resumed = _small(epochs=4, checkpoint=checkpoint, resume=True, random_state=None).fit(ROWS.X, ROWS.y)
    for name, weight in whole.network_.state_dict().items():
        assert torch.equal(weight, resumed.network_.state_dict()[name]), name


def test_batches_stand_beside_their_tokens() -> None:
    lexicon = Lexicon.fit(ROWS.X, True, True, None)
    tags = np.concatenate([[len(token) for token in row] for row in ROWS.X])
    inverse = {number: word for word, number in lexicon.words.items()}
    letters = {number: letter for letter, number in lexicon.alphabet.items()}
    seen = 0
    for batch in AlignedBatches(lexicon(ROWS.X), tags, batch_size=7).epoch(3):
        rows, start = [int(row) for row in batch.index], 0
        spelled = [""] * int(batch.letters.batch_sizes[0])
        for size in batch.letters.batch_sizes.tolist():
            for form in range(size):
                spelled[form] += letters[int(batch.letters.data[start + form])]
            start += size
        place = 0
        for step, size in enumerate(batch.inputs.batch_sizes.tolist()):
            for row in rows[:size]:
                token = ROWS.X[row][step]
                assert inverse[int(batch.inputs.data[place])] == token.lower()
                assert spelled[int(batch.form[place])] == token
                assert batch.targets is not None and int(batch.targets[place]) == len(token)
                place, seen = place + 1, seen + 1
    assert seen == sum(map(len, ROWS.X))


def test_rare_words_are_dropped_more_often() -> None:
    lexicon = Lexicon.fit([["a", "a", "a", "b"]], True, True, None, ["c"])
    chances = rarity(lexicon, 0.5)
    assert chances.tolist() == pytest.approx([0.0, 0.5 / 3.5, 0.5 / 1.5, 0.0])
    assert rarity(lexicon, 0).tolist() == [0.0] * 4


def test_letters_lose_their_case_in_training_alone() -> None:
    lexicon = Lexicon.fit([["Aab", "Äb"]], True, True, None)
    of = lexicon.alphabet
    assert [lexicon.lowered[of[letter]] for letter in "AabÄ"] == [of["a"], of["a"], of["b"], of["Ä"]]  # ä was not seen
    assert lexicon.lowered[0] == 0
    network = TaggerNetwork(
        vocabulary=2,
        alphabet=lexicon.letters,
        tags=["A", "B"],
        scheme=None,
        cell="gru",
        hidden_size=4,
        case_dropout=1.0,
    )
    network.lowered.copy_(torch.from_numpy(lexicon.lowered))
    words, form = pack([torch.tensor([1, 1])]), torch.arange(2)
    wide, narrow = (pack([torch.from_numpy(lexicon.spelled(w)) for w in pair]) for pair in (["A", "Ab"], ["a", "ab"]))
    assert torch.equal(network(words, wide, form).data, network(words, narrow, form).data)
    network.eval()
    assert not torch.equal(network(words, wide, form).data, network(words, narrow, form).data)


def test_names_without_capitals_are_found_by_their_vectors() -> None:
    draw = np.random.default_rng(0)
    vectors = {f"{kind}{n}": draw.normal(side, 0.3, 8) for kind, side in (("n", 1), ("w", -1)) for n in range(60)}
    rows = [[f"{draw.choice(['N', 'w'])}{draw.integers(40)}" for _ in range(6)] for _ in range(60)]
    tags = [["B-NAME" if word[0] == "N" else "O" for word in row] for row in rows]
    model = _small(embedding=vectors, freeze_embedding=True, case_dropout=0.5).fit(rows, tags)
    new = [["w41", "n50", "w52", "n44", "w45"]]  # never seen, and written small
    assert model.predict(new) == [["O", "B-NAME", "O", "B-NAME", "O"]]


def test_vocabulary_is_the_most_frequent_words() -> None:
    lexicon = Lexicon.fit([["b", "a", "a", "c"]], False, True, 2)
    assert list(lexicon.words) == ["a", "b"] and lexicon.vocabulary == 3
    again = Lexicon.from_json(lexicon.to_json())
    assert (again.words, again.alphabet, again.lowercase) == (lexicon.words, lexicon.alphabet, False)


def test_digits_are_folded_where_there_is_no_vector() -> None:
    lexicon = Lexicon.fit([["1996", "1997", "12-3", "B2"]], True, True, None, ["1997"])
    assert list(lexicon.words) == ["0000", "1997", "00-0", "b0"]
    assert lexicon.word("1234") == lexicon.word("1996") == 1 and lexicon.word("1997") == 2
    assert lexicon.word("45-6") == 3 and lexicon.word("b") == 0
    plain = Lexicon.fit([["1996"]], True, False, None)
    assert (plain.word("1996"), plain.word("1997")) == (1, 0)


def test_very_long_tokens_keep_both_ends() -> None:
    lexicon = Lexicon.fit([["ab" * 500]], True, True, None)
    assert len(lexicon.spelled("ab" * 500)) == 40


def test_metrics_are_json() -> None:
    model = _small(epochs=1).fit(ROWS.X, ROWS.y)
    json.dumps(model.metrics_)
    assert detect(model.predict(ROWS.X[:5]) + ROWS.y) == "iob2"
