"""Beam search against one written plainly, a row at a time, and against all answers there are."""

import math
from itertools import product

import pytest
import torch
from tests.tasks.translation.conftest import sentences

from ostinato._core.errors import InputError
from ostinato.nn import pack
from ostinato.tasks import Translator
from ostinato.tasks.translation import Beam, TranslationNetwork
from ostinato.tasks.translation.beam import search


def plainly(model: Translator, source: str, beam: Beam, limit: int) -> list[tuple[float, list[int]]]:
    """One row, lists and loops; each beginning is read from its start at every step."""
    network, end = model.network_, model.target_tokenizer_.eos_id
    read = torch.from_numpy(model.source_tokenizer_.encode([source])[0])

    def logp(tokens: list[int]) -> list[float]:
        carried, given = network.begin(pack([read]))
        for token in [end, *tokens]:
            found, carried, _ = network.decoder.step(torch.tensor([[token]]), carried, given)
        return found[0, 0].tolist()

    open_, done = [(0.0, [])], []  # type: list[tuple[float, list[int]]], list[tuple[float, float, list[int]]]
    with torch.no_grad():
        for step in range(1, limit + 1):
            grown = [
                (total + p, tokens, token)
                for total, tokens in open_
                for token, p in enumerate(logp(tokens))
                if token not in (0, 1)
            ]
            grown = sorted(grown, key=lambda one: -one[0])[: 2 * beam.size]
            done += [(beam.ranked(v, step), v, ts) for v, ts, t in grown[: beam.size] if t == end]
            done = sorted(done, key=lambda one: -one[0])[: beam.size]
            open_ = [(v, [*ts, t]) for v, ts, t in grown if t != end][: beam.size]
            if not open_ or (len(done) == beam.size and done[-1][0] >= beam.ranked(open_[0][0], step + 1)):
                break
        else:
            done += [(beam.ranked(v, limit), v, ts) for v, ts in open_]
            done = sorted(done[: beam.size], key=lambda one: -one[0])
    return [(value, tokens) for _, value, tokens in done]


@pytest.mark.parametrize(("size", "penalty"), [(1, 1.0), (3, 0.0), (5, 1.0), (7, 2.0)])
def test_batched_is_one_by_one(fitted: Translator, size: int, penalty: float) -> None:
    """The same texts to the letter, the same order, whoever is searched for beside them."""
    held = sentences(70, 5)
    together = fitted.candidates(held, beam=size, length_penalty=penalty)
    for source, candidates in zip(held, together, strict=True):
        (alone,) = fitted.candidates([source], beam=size, length_penalty=penalty)
        assert [one.tokens for one in alone] == [one.tokens for one in candidates]
        scores = [one.log_probability for one in candidates]
        assert [one.log_probability for one in alone] == pytest.approx(scores, abs=1e-5)
    for source, candidates in list(zip(held, together, strict=True))[:8]:
        expected = plainly(fitted, source, Beam(size, penalty), 2 * len(source.split()) + 10)
        assert [one.tokens for one in candidates] == [tokens for _, tokens in expected]
        assert [one.log_probability for one in candidates] == pytest.approx([v for v, _ in expected], abs=1e-4)


def test_a_wide_beam_finds_the_best_of_all() -> None:
    """All answers of up to 3 tokens over 3 letters, scored one by one."""
    torch.manual_seed(3)
    network = TranslationNetwork(vocabulary=6, embedding_size=4, hidden_size=3, decoder_size=4).double().eval()
    torch.nn.init.normal_(network.decoder.output.weight)
    read = pack([torch.tensor([3, 5])])
    scored = []
    with torch.no_grad():
        for length in range(4):
            for tokens in product((3, 4, 5), repeat=length):
                carried, given = network.begin(read)
                total, before = 0.0, 2
                for token in (*tokens, 2):
                    logp, carried, _ = network.decoder.step(torch.tensor([[before]]), carried, given)
                    total, before = total + float(logp[0, 0, token]), token
                scored.append((total, list(tokens)))
    scored.sort(key=lambda one: -one[0])
    carried, given = network.begin(read)
    # a beam of all 4 tokens is not wide enough to keep every beginning: ask for the best one alone
    (found,) = search(
        network.decoder, carried, given, limits=[4], end=2, barred=[0, 1], beam=Beam(4, length_penalty=0.0)
    )
    assert found[0].tokens == scored[0][1]
    assert found[0].log_probability == pytest.approx(scored[0][0])


def test_probabilities_of_all_answers_sum_to_one() -> None:
    torch.manual_seed(0)
    network = TranslationNetwork(vocabulary=5, embedding_size=4, hidden_size=3, decoder_size=4).double().eval()
    read, total, T = pack([torch.tensor([3, 4])]), 0.0, 3
    with torch.no_grad():
        for tokens in product(range(5), repeat=T):  # all that ended by then, and all that have not
            carried, given = network.begin(read)
            value, before = 0.0, 2
            for token in tokens:
                logp, carried, _ = network.decoder.step(torch.tensor([[before]]), carried, given)
                value, before = value + float(logp[0, 0, token]), token
            total += math.exp(value)
    assert total == pytest.approx(1.0)


def test_the_best_comes_first_and_is_what_it_says(fitted: Translator) -> None:
    for source, candidates in zip(sentences(5, 9), fitted.candidates(sentences(5, 9), beam=4), strict=True):
        scores = [one.score for one in candidates]
        assert scores == sorted(scores, reverse=True) and len(candidates) == 4
        assert len({tuple(one.tokens) for one in candidates}) == 4
        assert fitted.translate([source], beam=4) == [candidates[0].text]
        assert all(t > 2 for one in candidates for t in one.tokens)  # no <pad>, <unk> or end mark inside


def test_the_length_penalty_lengthens(fitted: Translator) -> None:
    held = sentences(40, 11)
    short, long = (sum(len(t.split()) for t in fitted.translate(held, length_penalty=a)) for a in (0.0, 6.0))
    assert short < long


def test_limits(fitted: Translator) -> None:
    assert all(len(t.split()) <= 2 for t in fitted.translate(["a b c d e f"], max_length=2))
    wide = 9  # letters and the end mark
    assert len(fitted.candidates(["a b"], beam=wide)[0]) == wide
    with pytest.raises(InputError, match="beam=10, expected at most 9"):
        fitted.translate(["a b"], beam=10)
    for wrong in ({"beam": 0}, {"beam": 2.5}, {"length_penalty": -1.0}, {"length_penalty": "x"}, {"max_length": 0}):
        with pytest.raises(InputError, match=f"{next(iter(wrong))}=.* expected"):
            fitted.translate(["a b"], **wrong)  # type: ignore[arg-type]


def test_a_beam_wider_than_the_vocabulary_is_refused_before_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ostinato.tasks.translation.fitting.train", lambda *_: pytest.fail("it was trained"))
    with pytest.raises(InputError, match="beam=5, expected at most 3"):
        Translator(tokenizer="space", validation_fraction=None).fit(["a", "b"] * 4, ["b", "a"] * 4)


def test_the_prefix_is_never_read_again(fitted: Translator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step of the search runs the recurrent layer over one token of each beginning."""
    read = []
    layer = fitted.network_.decoder.recurrent
    plain = type(layer).forward

    def counted(self: object, input: torch.nn.utils.rnn.PackedSequence, *rest: object) -> object:
        if self is layer:
            read.append(len(input.batch_sizes))
        return plain(self, input, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(type(layer), "forward", counted)
    fitted.translate(["a b c d"], beam=2)
    assert len(read) >= 4 and set(read) == {1}
