"""Writing: drawn as the probabilities say, the same for the same seed, alone or in a batch."""

import numpy as np
import pytest
from scipy.stats import chisquare

from ostinato._core.errors import InputError
from ostinato.tasks import LanguageModel
from ostinato.tasks.language.decoding import Rule
from ostinato.tasks.language.writing import Writer
from ostinato.text import Tokenizer

ODDS = {"a": {"a": 0.1, "b": 0.6, "c": 0.3}, "b": {"a": 0.5, "b": 0.2, "c": 0.3}, "c": {"a": 0.7, "b": 0.2, "c": 0.1}}


def markov(length: int, seed: int) -> str:
    """A text whose next letter depends on the last one alone."""
    draw = np.random.default_rng(seed)
    letters = ["a"]
    for _ in range(length - 1):
        letters.append(str(draw.choice(list("abc"), p=list(ODDS[letters[-1]].values()))))
    return "".join(letters)


def test_a_known_source_is_reproduced() -> None:
    """10,000 letters that a model of a Markov source writes have the source's transitions (chi-square)."""
    model = LanguageModel(
        tokenizer="char", hidden_size=16, embedding_size=16, num_layers=1, streams=32, length=50, epochs=6, lr=0.01,
        input_dropout=0.0, output_dropout=0.0, validation_fraction=None, random_state=0, average=0.99,
    ).fit(markov(120_000, 1))  # fmt: skip
    texts = model.sample(["a"] * 50, 200, seed=7, stop=None)
    for before, odds in ODDS.items():
        pairs = [text[i + 1] for text in texts for i in range(len(text) - 1) if text[i] == before]
        assert len(pairs) > 2000
        seen = np.array([pairs.count(letter) for letter in odds])
        assert chisquare(seen, np.array(list(odds.values())) * seen.sum()).pvalue > 1e-3, (before, seen / seen.sum())


def test_draws_follow_the_rule() -> None:
    p = np.array([0.5, 0.25, 0.15, 0.1])
    draw = np.random.default_rng(0)

    def shares(rule: Rule) -> np.ndarray:
        drawn = [rule.draw(np.log(p), draw.random()) for _ in range(4000)]
        return np.bincount(drawn, minlength=4) / 4000

    np.testing.assert_allclose(shares(Rule()), p, atol=0.03)
    np.testing.assert_allclose(shares(Rule(top_k=2)), [2 / 3, 1 / 3, 0, 0], atol=0.03)
    np.testing.assert_allclose(shares(Rule(top_p=0.75)), [2 / 3, 1 / 3, 0, 0], atol=0.03)
    np.testing.assert_allclose(shares(Rule(top_p=0.76)), p[:3].tolist() / p[:3].sum() @ np.eye(3, 4), atol=0.03)
    np.testing.assert_allclose(shares(Rule(temperature=0.5)), p**2 / (p**2).sum(), atol=0.03)
    assert shares(Rule(temperature=0)).tolist() == [1, 0, 0, 0]
    assert shares(Rule(top_k=1)).tolist() == [1, 0, 0, 0]


def test_a_batch_writes_what_each_writes_alone(fitted: LanguageModel) -> None:
    prompts = ["the cat", "", "a dog sat on", "the"]
    together = fitted.sample(prompts, 12, seed=[5, 6, 5, 9], stop=None, temperature=1.3)
    alone = [
        fitted.sample(p, 12, seed=s, stop=None, temperature=1.3) for p, s in zip(prompts, [5, 6, 5, 9], strict=True)
    ]
    assert together == alone
    assert fitted.sample(["the"] * 3, 9, seed=4) == [fitted.sample("the", 9, seed=4 + row) for row in range(3)]


def test_streaming_writes_the_same(fitted: LanguageModel) -> None:
    pieces = list(fitted.stream("the cat", 15, seed=3, stop=None))
    assert len(pieces) == 15
    assert "the cat" + "".join(pieces) == fitted.sample("the cat", 15, seed=3, stop=None)
    assert fitted.sample("the cat", 15, seed=3, stop=None) != fitted.sample("the cat", 15, seed=8, stop=None)


def test_streaming_reads_nothing_twice(fitted: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    forward = type(fitted.network_).forward
    monkeypatch.setattr(
        type(fitted.network_), "forward", lambda self, x, s=None: read.append(len(x.data)) or forward(self, x, s)
    )
    list(fitted.stream("the cat sat", 6, seed=0, stop=None))
    assert read[0] == 4 and set(read[1:]) == {1} and len(read) <= 7


def test_unknown_words_are_never_written(small) -> None:  # type: ignore[no-untyped-def]
    text = "a rare1 b\na rare2 b\na rare3 b\na rare4 b\n" * 20
    model = small(max_vocabulary=5, lr=0.05, epochs=12).fit(
        text
    )  # a, b and the three specials: a third of the text is unknown
    assert dict(model.next_tokens("a", 9))["<unk>"] > 0.6
    written = model.sample("a", 300, seed=0, stop=None)
    assert "<unk>" not in written and "<pad>" not in written and len(written.split()) > 100


def test_a_prompt_of_unseen_words(fitted: LanguageModel) -> None:
    with pytest.warns(UserWarning, match="'zebra' not in the vocabulary, read as <unk>"):
        text = fitted.sample("the zebra", 3, seed=0, stop=None)
    assert text.startswith("the zebra ")


def test_stops(fitted: LanguageModel) -> None:
    assert "\n" not in fitted.sample("the", 200, seed=1)
    assert fitted.sample("the", 40, seed=1, stop=None).count("\n") > 1
    stopped = fitted.sample("the", 200, seed=1, stop="on the")
    assert stopped.endswith("on the") and stopped.count("on the") == 1


def test_beam_finds_the_likeliest(letters: LanguageModel) -> None:
    """A beam as wide as everything is an enumeration; a beam of one is the likeliest letter each time."""
    found = letters.beam("ab", 2, size=500)
    everything = {a + b: letters.log_probability("ab" + a + b, end=False) for a in "abcd" for b in "abcd"}
    ab = letters.log_probability("ab", end=False)
    best = max(everything, key=lambda two: everything[two])
    open_ = [(text, value) for text, value in found if len(text) == 4]
    assert open_[0][0] == "ab" + best
    assert open_[0][1] == pytest.approx(everything[best] - ab, abs=1e-5)
    assert len(open_) == 16
    assert letters.beam("ab", 3, size=1)[0][0] == letters.sample("ab", 3, temperature=0)
    assert [value for _, value in found] == sorted((value for _, value in found), reverse=True)


def test_bytes_wait_for_their_character() -> None:
    tokenizer = Tokenizer("bpe", max_vocabulary=259).fit(["x"])
    writer = Writer(tokenizer, "", None)
    ids = tokenizer.encode(["aé🎵b"])[0]
    pieces = [writer.write(int(i)) for i in ids]
    assert "".join(pieces) == "aé🎵b"
    assert pieces == ["a", "", "é", "", "", "", "🎵", "b"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"temperature": -1}, "temperature=-1, expected"),
        ({"temperature": float("nan")}, "temperature=nan, expected"),
        ({"top_k": 0}, "top_k=0; expected"),
        ({"top_k": 2.5}, "top_k=2.5; expected"),
        ({"top_p": 1.5}, "top_p=1.5, expected"),
        ({"length": -1}, "length=-1; expected"),
        ({"length": 2.5}, "length=2.5; expected"),
        ({"stop": ""}, "stop='', expected '<eos>'"),
        ({"seed": -1}, "seed=-1; expected"),
        ({"seed": "x"}, "seed='x', expected"),
        ({"seed": 0.5}, "seed=0.5, expected"),
        ({"seed": [1, 2]}, "2 seeds for 1 prompts"),
    ],
)
def test_wrong_arguments(fitted: LanguageModel, arguments: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        fitted.sample("the", **arguments)


def test_prompt_of_another_type(fitted: LanguageModel) -> None:
    with pytest.raises(InputError, match=r"prompt\[0\] is a int, expected text"):
        fitted.sample([3])  # type: ignore[list-item]
    with pytest.raises(InputError, match="prompt is a NoneType, expected a text or a list of texts"):
        fitted.sample(None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="prompt is a int, expected text"):
        next(fitted.stream(3))  # type: ignore[arg-type]


def test_no_prompts_no_texts(fitted: LanguageModel) -> None:
    assert fitted.sample([], 5) == []
    with pytest.raises(InputError, match="length=-2; expected"):
        next(fitted.stream("the", -2))
    with pytest.raises(InputError, match="size=0; expected"):
        fitted.beam("the", size=0)
    with pytest.raises(InputError, match="count=-1; expected"):
        fitted.next_tokens("the", -1)
