"""The captioner: digits to their names, the three places of the vector, what is saved, what is wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.nn.utils.rnn import PackedSequence

from ostinato import load
from ostinato._core.errors import InputError, NotFiniteError, ShapeError
from ostinato.nn import pack
from ostinato.tasks import Captioner
from ostinato.tasks.captioning import CaptioningNetwork

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
X = np.eye(4).repeat(6, axis=0)
TEXTS = [text for text in ("up", "down", "to the left", "to the right") for _ in range(6)]


def small(**arguments: Any) -> Captioner:
    sizes = {"embedding_size": 16, "hidden_size": 16, "decoder_size": 32, "dropout": 0.0, "beam": 2, "batch_size": 8}
    return Captioner(**{**sizes, "epochs": 80, "lr": 0.02, "validation_fraction": None, "random_state": 0, **arguments})


def test_digits_to_names() -> None:
    """Trained on a fifth of the time that the benchmark takes; the benchmark's figure is in its results."""
    images, labels = load_digits(return_X_y=True)
    names = [NAMES[label] for label in labels]
    learn, held, said, true = train_test_split(images / 16, names, test_size=0.3, random_state=3, stratify=names)
    model = Captioner(tokenizer="char", standardise=False, epochs=12, validation_fraction=None, random_state=0)
    assert model.fit(learn, said).score(held, true) >= 0.96


@pytest.mark.parametrize("place", ["state", "steps", "both"])
@pytest.mark.parametrize("kind", ["word", "char"])
def test_every_place_learns(place: str, kind: str) -> None:
    model = small(place=place, tokenizer=kind, epochs=150, lr=0.01).fit(X, TEXTS)
    assert model.caption(np.eye(4)) == ["up", "down", "to the left", "to the right"]
    found = model.evaluate(X, TEXTS)
    assert found["exact"] == 1.0 and found["chrf"] == 100.0 and found["tokens"] > 48


def test_the_vector_goes_where_it_should() -> None:
    torch.manual_seed(0)
    vectors = torch.randn(2, 3)
    for place, states, constant in (("state", True, False), ("steps", False, True), ("both", True, True)):
        network = CaptioningNetwork(features=3, vocabulary=9, place=place).eval()
        carried, given = network.begin(vectors)
        assert bool(carried.states[0].any()) == states
        assert (given.constant is not None) == constant
        before = pack([torch.tensor([2, 5, 6]), torch.tensor([2, 4])])
        together = network(vectors, PackedSequence(before.data, before.batch_sizes))
        for step, (tokens, rows) in enumerate([([2, 2], 2), ([5, 4], 2), ([6], 1)]):
            if rows < len(carried.states[0][0]):
                carried, given = carried.take(torch.arange(rows)), given.take(torch.arange(rows))
            logp, carried, _ = network.decoder.step(torch.tensor(tokens)[:, None], carried, given)
            expected = network.decoder.log_probabilities(together[2 * step : 2 * step + rows])
            torch.testing.assert_close(logp[:, 0], expected)


def test_rows_do_not_matter_to_each_other() -> None:
    model = small(epochs=8).fit(X, TEXTS)
    draw = np.random.default_rng(0).normal(size=(70, 4))
    together = model.candidates(draw)
    for row in (0, 33, 69):
        (alone,) = model.candidates(draw[row : row + 1])
        assert [one.text for one in alone] == [one.text for one in together[row]]


@pytest.mark.parametrize("arguments", [{}, {"standardise": False, "place": "steps", "tied": False, "cell": "gru"}])
def test_saved_is_loaded(tmp_path: Path, arguments: dict[str, object]) -> None:
    model = small(epochs=2, **arguments).fit(X, TEXTS)
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.evaluate(X, TEXTS) == model.evaluate(X, TEXTS)
    assert again.get_params() == model.get_params() == clone(model).get_params()
    assert again.parameters_ == model.parameters_ and again.history_ == model.history_


def test_same_seed_same_text_and_held_out_rows() -> None:
    one, two, other = (small(epochs=3, dropout=0.3, random_state=seed).fit(X, TEXTS) for seed in (1, 1, 2))
    assert one.evaluate(X, TEXTS) == two.evaluate(X, TEXTS) != other.evaluate(X, TEXTS)
    model = small(epochs=2, validation_fraction=0.25).fit(X, TEXTS)
    assert model.metrics_["valid_rows"] == 6 and "valid_loss" in model.history_[0]
    assert small(epochs=1).fit(X, TEXTS, (X[:5], TEXTS[:5])).metrics_["valid_rows"] == 5


def test_images_are_laid_flat_and_one_row_is_enough() -> None:
    model = small(epochs=2).fit(X.reshape(24, 2, 2), TEXTS)
    assert model.n_features_in_ == 4 and model.caption(X[:1].reshape(1, 2, 2)) == model.caption(X[:1])
    assert isinstance(small(epochs=1).fit([[1.0, 2.0]], ["ein Wort ❄ mehr"]).caption([[3, 4]])[0], str)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda X, t: (X, t[:-1]), InputError, "24 rows of features and 23 texts"),
        (lambda X, t: (X, [" ", *t[1:]]), InputError, r"texts\[0\] is empty"),
        (lambda X, t: ([*X[:3], [1.0]], t[:4]), ShapeError, r"features\[3\] has 1 numbers, expected 4"),
        (lambda X, t: (np.where(X == 1, np.nan, X), t), NotFiniteError, r"features\[0\] has nan at place 0"),
        (lambda X, t: ([["a", "b"]], t[:1]), InputError, r"features\[0\] is \['a', 'b'\], expected numbers"),
        (lambda X, t: ([], []), InputError, "at least one row"),
        (lambda X, t: (3.0, t), InputError, "features is a float"),
    ],
)
def test_wrong_rows(change: Callable[..., Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        small().fit(*change(X, TEXTS))


def test_wrong_arguments() -> None:
    with pytest.raises(InputError, match="place='start'; expected one of state, steps, both"):
        small(place="start").fit(X, TEXTS)
    model = small(epochs=1).fit(X, TEXTS)
    with pytest.raises(ShapeError, match=r"features\[0\] has 3 numbers, expected 4 as in fit"):
        model.caption([[1, 2, 3]])
    with pytest.raises(InputError, match="beam=50, expected at most"):
        model.caption(X, beam=50)
