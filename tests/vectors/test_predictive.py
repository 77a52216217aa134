"""The native steps against autograd, draw for draw; the loss falls; one thread repeats itself bit for bit."""

import heapq
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import stats

from ostinato._core.errors import BackendError, TrainingError
from ostinato.kernels.native.library import missing
from ostinato.vectors.corpus import Corpus
from ostinato.vectors.huffman import huffman
from ostinato.vectors.predictive import PIECE, Predictive, Settings
from ostinato.vectors.sampling import alias_table, keep_chances, noise
from ostinato.vectors.subwords import Subwords

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

PLAIN = Settings(E=10, sample=0, reduced=False, left=2, right=2, negatives=3, epochs=1, lr=0.1, min_lr=0.1, seed=3)
CASES = {
    "skip-gram, negatives": PLAIN,
    "CBOW, negatives": replace(PLAIN, mean=True),
    "skip-gram, tree": replace(PLAIN, negatives=0),
    "CBOW, tree": replace(PLAIN, negatives=0, mean=True),
    "previous words": replace(PLAIN, right=0, left=3),
    "many negatives, wide": replace(PLAIN, negatives=17, left=6, right=6, E=33, lr=0.01, min_lr=0.01),
    "CBOW, tree, word2vec's step": replace(PLAIN, negatives=0, mean=True, whole=True),
    "CBOW, negatives, word2vec's step": replace(PLAIN, mean=True, whole=True),
    "one negative": replace(PLAIN, negatives=1, E=16),
}


def zipfian(sentences: int, words: int = 300, seed: int = 0, length: int = 12) -> Corpus:
    draw = np.random.default_rng(seed)
    topics = draw.integers(10, size=sentences) * 17
    text = [[f"w{(k + topic) % words}" for k in draw.zipf(1.4, length) if k < words] for topic in topics]
    return Corpus.read(text, min_count=1)


def randomised(model: Predictive) -> None:
    """Outputs begin at zero, where the inputs' gradient is zero: a wrong one would not show."""
    E = model.settings.E
    draw = np.random.default_rng(5)
    model.inputs[:, :E] = draw.normal(size=(len(model.inputs), E), scale=0.5)
    model.outputs[:, :E] = draw.normal(size=(len(model.outputs), E), scale=0.5)


def by_autograd(model: Predictive) -> tuple[torch.Tensor, torch.Tensor, float]:
    """Learn the same with torch in float64, from the same draws."""
    s, corpus, E = model.settings, model.corpus, model.settings.E
    inputs, outputs = (
        torch.tensor(t[:, :E], dtype=torch.float64, requires_grad=True) for t in (model.inputs, model.outputs)
    )
    drawn = iter(draws(model, s.negatives * len(corpus)))
    paths, total = huffman(corpus.counts), 0.0
    sentences = [part[part >= 0].tolist() for part in np.split(corpus.codes, np.flatnonzero(corpus.codes < 0) + 1)]
    for words in (sentence for sentence in sentences if len(sentence) > 1):
        for t, word in enumerate(words):
            around = [*words[max(0, t - s.left) : t], *words[t + 1 : t + 1 + s.right]]
            negatives = [n for n in (next(drawn) for _ in range(s.negatives)) if n != word]
            if not around:
                continue
            if s.negatives:
                rows, labels = [word, *negatives], [1.0] + [0.0] * len(negatives)
            else:
                way = slice(paths.begin[word], paths.begin[word + 1])
                rows, labels = paths.nodes[way].tolist(), paths.labels[way].tolist()
            x = torch.stack([vector(model, inputs, w) for w in around])
            x = x.mean(0, keepdim=True) if s.mean else x
            target = torch.tensor(labels, dtype=torch.float64).expand(len(x), -1)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(x @ outputs[rows].T, target, reduction="sum")
            total += loss.item()
            grads = torch.autograd.grad(loss, (inputs, outputs))
            with torch.no_grad():
                inputs -= s.lr * (len(around) if s.mean and s.whole else 1) * grads[0]
                outputs -= s.lr * grads[1]
    return inputs.detach(), outputs.detach(), total


def vector(model: Predictive, inputs: torch.Tensor, word: int) -> torch.Tensor:
    if model.subwords is None:
        return inputs[word]
    parts = model.subwords.rows[model.subwords.begin[word] : model.subwords.begin[word + 1]].tolist()
    return inputs[[word, *parts]].mean(0)


def draws(model: Predictive, count: int) -> list[int]:
    drawn = np.zeros(max(count, 1), dtype=np.int32)
    model._trainer.ostinato_words_draw(model.job(0, len(model.corpus.codes)), count, drawn.ctypes.data)
    return drawn.tolist()


def agree(model: Predictive) -> None:
    randomised(model)
    before = model.inputs.copy()
    inputs, outputs, loss = by_autograd(model)
    model.train()
    E = model.settings.E
    for ours, theirs in ((model.inputs, inputs), (model.outputs, outputs)):
        difference = np.linalg.norm(ours[:, :E] - theirs.numpy()) / np.linalg.norm(theirs.numpy())
        assert difference < 2e-6, difference
        assert not ours[:, E:].any()  # what is beyond E stays zero
    assert np.abs(model.inputs - before).max() > 0.05  # there was something to learn
    assert model.progress.history[0]["loss_while_learning"] * pairs(model) == pytest.approx(loss, rel=1e-6)


def pairs(model: Predictive) -> int:
    job = model.job(0, len(model.corpus.codes))
    job.lr_first = job.lr_last = 0.0
    model._trainer.ostinato_words_train(job, 1)
    return int(job.pairs)


@pytest.mark.parametrize("case", CASES)
def test_every_objective_against_autograd(case: str) -> None:
    agree(Predictive(zipfian(8, 40), CASES[case]))


@pytest.mark.parametrize("case", ["skip-gram, tree", "CBOW, tree"])
def test_ways_longer_than_a_vector_against_autograd(case: str) -> None:
    text = zipfian(8, 40)
    corpus = Corpus(text.words, 2 ** np.arange(len(text.words), dtype=np.int64)[::-1], text.codes)
    assert np.diff(huffman(corpus.counts).begin).max() > 16
    agree(Predictive(corpus, CASES[case]))


@pytest.mark.parametrize("threads", [2, 64, 512])  # of 1024, 32 and 4 words a thread learns before it shares
@pytest.mark.parametrize("case", ["skip-gram, tree", "CBOW, tree"])
def test_a_threads_own_copies_of_nodes_against_autograd(case: str, threads: int) -> None:
    agree(Predictive(zipfian(8, 40), replace(CASES[case], threads=threads)))  # one piece, so one thread at work


@pytest.mark.parametrize("mean", [False, True])
def test_parts_of_words_against_autograd(mean: bool) -> None:
    corpus = zipfian(8, 40)
    agree(Predictive(corpus, replace(PLAIN, mean=mean), Subwords.of(corpus.words, 2, 4, 30)))


def test_the_loss_falls_each_epoch() -> None:
    corpus = zipfian(2000)
    for case in ("skip-gram, negatives", "CBOW, negatives", "skip-gram, tree", "CBOW, tree"):
        model = Predictive(corpus, replace(CASES[case], lr=0.05, min_lr=1e-4, epochs=4, reduced=True))
        model.train()
        losses = [epoch["loss"] for epoch in model.progress.history]
        assert all(b < a for a, b in pairwise(losses)), (case, losses)


def test_one_thread_repeats_itself_and_seeds_differ() -> None:
    corpus = zipfian(3000)
    settings = replace(PLAIN, lr=0.05, epochs=2, reduced=True, sample=1e-2)

    def trained(s: Settings) -> Predictive:
        model = Predictive(corpus, s)
        model.train()
        return model

    def learned(s: Settings) -> np.ndarray:
        return trained(s).vectors()

    assert len(corpus.codes) > 2 * PIECE  # several pieces
    np.testing.assert_array_equal(learned(settings), learned(settings))
    assert not np.array_equal(learned(settings), learned(replace(settings, seed=4)))
    for case in (settings, replace(settings, negatives=0, mean=True)):
        one, *several = (trained(replace(case, threads=t)).progress.history[-1] for t in (1, 2, 4))
        for found in several:
            assert found["words"] == one["words"]  # the same draws, in another order
            assert found["loss"] == pytest.approx(one["loss"], rel=0.02)


def test_a_training_goes_on_where_it_was_interrupted() -> None:
    corpus = zipfian(1000)
    settings = replace(PLAIN, lr=0.05, epochs=3, reduced=True)
    whole, first, second = (Predictive(corpus, settings) for _ in range(3))
    whole.train()

    def stop() -> None:
        if first.progress.epoch == 2 and not second.progress.epoch:
            second.inputs[:], second.outputs[:], second.progress = first.inputs, first.outputs, replace(first.progress)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        first.train(keep=stop)
    second.train()
    np.testing.assert_array_equal(whole.vectors(), second.vectors())


def test_it_stops_when_the_loss_has_settled() -> None:
    model = Predictive(zipfian(200), replace(PLAIN, lr=1e-6, min_lr=1e-6, epochs=50))
    model.train(tol=0.5)
    assert len(model.progress.history) == 2


def test_an_exploding_loss_is_named() -> None:
    model = Predictive(zipfian(50), replace(PLAIN, lr=1e20, min_lr=1e20))
    randomised(model)
    with pytest.raises(TrainingError, match="lower lr"):
        model.train()


def test_negatives_are_drawn_as_the_exponent_says() -> None:
    counts = np.array([1000, 300, 300, 50, 20, 7, 3, 1])
    for exponent in (0.75, 1.0, 0.0):
        model = Predictive(zipfian(5), replace(PLAIN, exponent=exponent))
        model.corpus.counts = counts
        model.corpus.words = [str(k) for k in range(8)]
        model._threshold, model._alias = alias_table(noise(counts, exponent))
        drawn = np.bincount(draws(model, 400_000), minlength=8)
        wanted = counts**exponent / (counts**exponent).sum()
        assert stats.chisquare(drawn, 400_000 * wanted).pvalue > 1e-3
        wrong = counts ** (exponent + 0.02) / (counts ** (exponent + 0.02)).sum()
        assert stats.chisquare(drawn, 400_000 * wrong).pvalue < 1e-6  # the test would see a wrong exponent


def test_frequent_words_are_read_as_rarely_as_gensims() -> None:
    gensim = pytest.importorskip("gensim")
    corpus = zipfian(2000)
    chances = keep_chances(corpus.counts, 1e-3)
    model = gensim.models.Word2Vec(min_count=1, sample=1e-3, vector_size=2)
    model.build_vocab_from_freq(dict(zip(corpus.words, corpus.counts.tolist(), strict=True)))
    theirs = np.array([model.wv.get_vecattr(word, "sample_int") for word in corpus.words], dtype=np.float64)
    assert chances is not None and chances[0] < 2**31
    np.testing.assert_allclose(chances, theirs, rtol=1e-6, atol=2)
    # and the trainer reads that many
    trained = Predictive(corpus, replace(PLAIN, sample=1e-3))
    trained.train()
    expected = (corpus.counts * (chances / 2**32)).sum()
    assert trained.progress.history[0]["words"] == pytest.approx(expected, rel=0.05)


def test_paths_are_as_short_as_can_be() -> None:
    for seed in range(20):
        counts = np.sort(np.random.default_rng(seed).zipf(1.5, 2 + 7 * seed).astype(np.int64))[::-1]
        paths = huffman(counts)
        lengths = np.diff(paths.begin)
        heap = counts.tolist()
        heapq.heapify(heap)
        best = 0
        while len(heap) > 1:
            both = heapq.heappop(heap) + heapq.heappop(heap)
            best += both
            heapq.heappush(heap, both)
        assert int((lengths * counts).sum()) == best
        ways = {
            tuple(zip(paths.nodes[a:b].tolist(), paths.labels[a:b].tolist(), strict=True))
            for a, b in pairwise(paths.begin.tolist())
        }
        assert len(ways) == len(counts)  # every word has its own
        assert (0.5**lengths).sum() == pytest.approx(1)  # and none is another's beginning


def test_without_the_library_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ostinato.vectors.native.missing", lambda: "there is none")
    with pytest.raises(BackendError, match="there is none; learning word vectors needs it"):
        Predictive(zipfian(5), PLAIN)
