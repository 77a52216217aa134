"""Probabilities are probabilities: they sum to 1, multiply along a sentence, and do not depend on who stands beside."""

import itertools
import math

import numpy as np
import pytest
import torch

from ostinato._core.errors import InputError
from ostinato.nn import pack
from ostinato.tasks import LanguageModel
from ostinato.tasks.language.network import LanguageNetwork


def test_sentences_of_one_length_sum_to_1(letters: LanguageModel) -> None:
    read = [range(letters.tokenizer_.size)] * 3
    total = 0.0
    with torch.no_grad():
        for run in itertools.product(*read):
            inputs = pack([torch.tensor([letters.tokenizer_.eos_id, *run[:-1]])])
            logp = letters.network_.log_probabilities(letters.network_(inputs).raw)
            total += math.exp(sum(float(logp[t, token]) for t, token in enumerate(run)))
    assert total == pytest.approx(1.0, abs=1e-5)


def test_a_sentence_is_the_product_of_its_conditionals(letters: LanguageModel) -> None:
    by_hand = 0.0
    for t, letter in enumerate("abda"):
        found = dict(letters.next_tokens("abda"[:t], count=99))
        by_hand += math.log(found[letter])
    assert letters.log_probability("abda", end=False) == pytest.approx(by_hand, abs=1e-5)
    ended = by_hand + math.log(dict(letters.next_tokens("abda", count=99))["<eos>"])
    assert letters.log_probability("abda") == pytest.approx(ended, abs=1e-5)


def test_sentences_do_not_see_each_other(fitted: LanguageModel) -> None:
    sentences = ["the cat sat", "a dog", "", "the cat saw the dog on the mat", "a dog"]
    together = fitted.log_probability(sentences)
    alone = [fitted.log_probability(sentence) for sentence in sentences]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert together[1] == together[4] != together[0]


def test_what_was_seen_is_likelier(fitted: LanguageModel) -> None:
    assert fitted.log_probability("the cat sat on the mat") > fitted.log_probability("mat the on sat cat the") + 3


def test_evaluation_is_one_long_pass(fitted: LanguageModel, text: str) -> None:
    """In pieces with the state carried: the same as one piece, against a loop of torch's own cross-entropy."""
    held = text[:500].rpartition("\n")[0]
    found = fitted.evaluate(held)
    ids = np.concatenate([[*fitted.tokenizer_.encode([line])[0], 2] for line in held.split("\n")])
    with torch.no_grad():
        read = fitted.network_(pack([torch.from_numpy(np.concatenate([[2], ids[:-1]]))]))
        nats = torch.nn.functional.cross_entropy(fitted.network_.output(read.raw).double(), torch.from_numpy(ids))
    assert found["tokens"] == len(ids)
    assert found["loss_nats"] == pytest.approx(nats.item(), abs=1e-5)
    assert found["perplexity"] == pytest.approx(math.exp(nats.item()), rel=1e-4)
    assert found["bits_per_character"] == pytest.approx(nats.item() * len(ids) / math.log(2) / len(held), rel=1e-4)
    assert fitted.score(held) == -found["loss_nats"]


def test_long_texts_are_read_in_pieces(fitted: LanguageModel, text: str) -> None:
    """520 tokens: three pieces, whose borders must not show."""
    from ostinato.tasks.language import measuring

    ids = np.concatenate(fitted._encode([text]))[:520]
    whole = measuring.total_nats(fitted.network_, ids, fitted.tokenizer_)
    with torch.no_grad():
        read = fitted.network_(pack([torch.from_numpy(np.concatenate([[2], ids[:-1]]))]))
        logp = fitted.network_.log_probabilities(read.raw).gather(1, torch.from_numpy(ids)[:, None])
    assert whole == pytest.approx(-logp.double().sum().item(), rel=1e-6)


def test_streams_count_every_token_once(fitted: LanguageModel, text: str) -> None:
    whole = text * 8  # six streams begin within a sentence with no state: a cost that a long text spreads
    one, several = fitted.evaluate(whole), fitted.evaluate(whole, streams=7)
    assert several["tokens"] == one["tokens"]
    assert several["loss_nats"] != one["loss_nats"]
    assert several["loss_nats"] == pytest.approx(one["loss_nats"], abs=0.05)


def test_dynamic_evaluation_learns_and_forgets(fitted: LanguageModel) -> None:
    strange = "rug the rug the mat a mat a\n" * 60
    before = [p.detach().clone() for p in fitted.network_.parameters()]
    still, moving = fitted.perplexity(strange), fitted.perplexity(strange, dynamic=0.5)
    assert moving < 0.7 * still
    for then, now in zip(before, fitted.network_.parameters(), strict=True):
        assert torch.equal(then, now)
    with pytest.raises(InputError, match="dynamic=-1, expected"):
        fitted.perplexity(strange, dynamic=-1)
    with pytest.raises(InputError, match=r"dynamic=1e\+30: learning on diverged"):
        fitted.perplexity(strange, dynamic=1e30)


@pytest.mark.parametrize("wrong", [None, 3, b"abc"])
def test_no_text(fitted: LanguageModel, wrong: object) -> None:
    for ask in (fitted.evaluate, fitted.log_probability, LanguageModel().fit):
        with pytest.raises(InputError, match="expected a text or a list of texts"):
            ask(wrong)  # type: ignore[operator]


@pytest.mark.parametrize("wrong", ["", "  \n ", []])
def test_empty_text(fitted: LanguageModel, wrong: object) -> None:
    with pytest.raises(InputError, match="empty, expected at least one word"):
        fitted.evaluate(wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="empty, expected at least one word"):
        LanguageModel().fit(wrong)  # type: ignore[arg-type]


def test_adaptive_softmax_sums_to_1(small, text: str) -> None:  # type: ignore[no-untyped-def]
    model = small(tied=False, cutoffs=(4, 7), epochs=6).fit(text)
    with torch.no_grad():
        logp = model.network_.log_probabilities(torch.randn(5, 12))
        loss = model.network_.nats(torch.randn(5, 12), torch.tensor([0, 3, 5, 8, 9]))
    assert logp.shape == (5, model.tokenizer_.size)
    assert torch.allclose(logp.exp().sum(1), torch.ones(5), atol=1e-6)
    assert torch.isfinite(loss)
    assert model.perplexity(text) < 6
    with pytest.raises(InputError, match="tied=True with cutoffs"):
        small(cutoffs=(4,)).fit(text)
    with pytest.raises(InputError, match="growing numbers of tokens below"):
        small(tied=False, cutoffs=(4, 999)).fit(text)


def test_every_cluster_of_an_adaptive_softmax_has_features() -> None:
    """Of some sizes the root was rounded up, and the rarest words could not be told from each other."""
    for features in range(1, 40):
        for cutoffs in ((4,), (3, 6), (2, 5, 7)):
            network = LanguageNetwork(
                vocabulary=9, embedding_size=2, hidden_size=features, num_layers=1, tied=False, cutoffs=cutoffs
            )
            assert network.adaptive is not None
            assert all(weight.numel() for weight in network.adaptive.parameters()), (features, cutoffs)
