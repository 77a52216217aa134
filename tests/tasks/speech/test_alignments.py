"""CTC decoding and loss beside the sum over all paths, written out."""

from collections import defaultdict
from itertools import groupby, product

import numpy as np
import pytest
import torch

from ostinato._core.errors import InputError, ShapeError
from ostinato.data import Batches
from ostinato.nn import apply
from ostinato.tasks.speech import best_path, prefix_beam
from ostinato.tasks.speech.loss import as_targets, check_fits, ctc


def said(T: int, V: int, seed: int, sharp: float = 1.0) -> np.ndarray:
    logits = sharp * np.random.default_rng(seed).normal(size=(T, V))
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def joined(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(token for token, _ in groupby(path) if token != 0)


def all_texts(log_probs: np.ndarray) -> dict[tuple[int, ...], float]:
    """Probability of every text: each path's, summed."""
    texts: dict[tuple[int, ...], float] = defaultdict(float)
    for path in product(range(log_probs.shape[1]), repeat=len(log_probs)):
        texts[joined(path)] += float(np.exp(sum(log_probs[t, token] for t, token in enumerate(path))))
    return texts


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("T", "V"), [(1, 3), (4, 3), (6, 3), (5, 4)])
def test_a_wide_beam_finds_every_text_and_its_probability(T: int, V: int, seed: int) -> None:
    log_probs = said(T, V, seed)
    expected = sorted(all_texts(log_probs).items(), key=lambda pair: -pair[1])
    found = prefix_beam(log_probs, size=10_000)
    assert len(found) == len(expected)
    for (text, score), (_, probability) in zip(found, expected, strict=True):
        assert np.exp(score) == pytest.approx(probability, rel=1e-10)
        assert all_texts(log_probs)[text] == pytest.approx(probability, rel=1e-10)


@pytest.mark.parametrize("seed", range(12))
def test_a_language_model_changes_the_choice_as_written(seed: int) -> None:
    log_probs, weight, bonus = said(5, 3, seed), 0.7, 0.2
    follows = np.log(np.array([[1e-9, 0.9, 0.1], [1e-9, 0.2, 0.8], [1e-9, 0.5, 0.5]]))  # by the last token

    def score_of(text: tuple[int, ...]) -> float:
        before = (0, *text)
        return sum(weight * follows[a, b] + bonus for a, b in zip(before[:-1], text, strict=True))

    expected = {text: np.log(p) + score_of(text) for text, p in all_texts(log_probs).items()}
    found = prefix_beam(
        log_probs, 10_000, scorer=lambda prefix: follows[prefix[-1] if prefix else 0], weight=weight, bonus=bonus
    )
    assert found[0][0] == max(expected, key=expected.__getitem__)
    for text, score in found:
        assert score == pytest.approx(expected[text], rel=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_a_narrow_beam_finds_what_is_clear(seed: int) -> None:
    log_probs = said(7, 4, seed, sharp=4.0)
    best = max(all_texts(log_probs).items(), key=lambda pair: pair[1])[0]
    assert prefix_beam(log_probs, size=8)[0][0] == best


@pytest.mark.parametrize("seed", range(8))
def test_best_path_is_the_likeliest_path(seed: int) -> None:
    log_probs = said(6, 3, seed)
    paths = product(range(3), repeat=6)
    path = max(paths, key=lambda path: sum(log_probs[t, token] for t, token in enumerate(path)))
    assert tuple(best_path(log_probs)) == joined(path)


def test_loss_is_minus_the_sum_over_all_paths() -> None:
    texts = [np.array([1, 1]), np.array([2]), np.array([], np.int64), np.array([1, 2])]
    rows = [said(T, 3, seed) for seed, T in enumerate((4, 5, 3, 2))]
    batches = Batches([row.astype(np.float32) for row in rows], as_targets(texts), batch_size=4)
    found = ctc(_Same(), next(iter(batches.epoch(0))))
    nats = -sum(np.log(all_texts(row)[tuple(text)]) for row, text in zip(rows, texts, strict=True))
    assert float(found) == pytest.approx(nats / 5, rel=1e-5)  # five tokens


class _Same(torch.nn.Module):
    def forward(self, inputs):  # type: ignore[no-untyped-def]
        return apply(lambda data: data.log_softmax(dim=1), inputs)


def test_a_text_without_a_path_is_named() -> None:
    check_fits([np.array([1, 2, 1])], [3], 2)
    with pytest.raises(InputError, match="recording 1 has 3 frames for 4 tokens"):
        check_fits([np.array([1]), np.array([1, 1, 2])], [3, 3], 2)


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(InputError, match="beam=0"):
        prefix_beam(said(3, 3, 0), 0)
    with pytest.raises(ShapeError, match="one frame at least"):
        prefix_beam(np.zeros((0, 3)))
