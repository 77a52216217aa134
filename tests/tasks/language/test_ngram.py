"""The n-gram baseline: a distribution, and what a hand count gives."""

import numpy as np
import pytest

from ostinato._core.errors import InputError
from ostinato.tasks.language.ngram import NGram


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_sums_to_1(order: int) -> None:
    model = NGram(order, tokenizer="char").fit("abracadabra" * 3 + "xyz")
    V = model.tokenizer_.size
    for prefix in ("", "a", "ra", "zzz", "abra"):
        ids = [int(i) for i in model.tokenizer_.encode([prefix])[0]] if prefix else []
        total = sum(float(model.probabilities(np.array([*ids, v]))[-1]) for v in range(1, V))
        assert total == pytest.approx(1.0, abs=1e-9), prefix


def test_bigrams_by_hand() -> None:
    """Worked out on paper: the four bigrams stand once each; behind how many others a token stands: a 2, b 1, end 1."""
    model = NGram(2, tokenizer="char").fit("aab")
    rest = (0.5 + 0.5 + 0.75) / 4 / 4  # what the unigrams hand down, shared by four tokens
    a, b = (2 - 0.75) / 4 + rest, (1 - 0.5) / 4 + rest
    expected = [0.25 + 0.75 * a, 0.25 / 2 + 0.75 * a, 0.25 / 2 + 0.75 * b, 0.25 + 0.75 * b]
    ids = np.concatenate([model.tokenizer_.encode(["aab"])[0], [2]])
    np.testing.assert_allclose(model.probabilities(ids), expected, rtol=1e-12)


@pytest.mark.data
def test_penn_treebank(data_dir) -> None:  # type: ignore[no-untyped-def]
    """Mikolov (2012) reports 141.2 for a 5-gram with modified Kneser-Ney smoothing; 148.3 for three (SRILM)."""
    from ostinato.data import read_texts

    train, test = (read_texts(data_dir / f"ptb.{part}.txt.gz") for part in ("train", "test"))
    assert NGram(5, tokenizer="space").fit(train).perplexity(test) == pytest.approx(141.2, rel=0.01)


def test_wrong_order() -> None:
    with pytest.raises(InputError, match="order=0, expected at least 1"):
        NGram(0)
