"""The decoder's two ways are one: all steps at once, and step by step with the state carried."""

import pytest
import torch
from torch.nn.utils.rnn import PackedSequence

from ostinato.nn import pack
from ostinato.tasks.translation import TranslationNetwork
from ostinato.tasks.translation.attention import Attention
from ostinato.tasks.translation.batches import AnswerBatches
from ostinato.tasks.translation.loss import AnswerLoss

SOURCES = [torch.tensor(row) for row in ([5, 6, 7], [8, 3], [4, 9, 10, 6, 5])]
BEFORE = [torch.tensor(row) for row in ([2, 4, 5, 6], [2], [2, 7, 8])]


def network(**settings: object) -> TranslationNetwork:
    torch.manual_seed(0)
    sizes = {"vocabulary": 11, "embedding_size": 6, "hidden_size": 5, "decoder_size": 7}
    return TranslationNetwork(**{**sizes, **settings}).double().eval()  # type: ignore[arg-type]


def rows_of(vectors: torch.Tensor, before: PackedSequence) -> list[torch.Tensor]:
    from ostinato.nn import unpack

    return unpack(PackedSequence(vectors, before.batch_sizes, before.sorted_indices, before.unsorted_indices))


WAYS = [
    {"attention": "luong"},
    {"attention": "bahdanau", "decoder_layers": 2, "num_layers": 2},
    {"attention": None, "cell": "gru"},
    {"attention": "luong", "input_feeding": True, "source_vocabulary": 12, "tied": False},
    {"attention": "bahdanau", "input_feeding": True, "bidirectional": False},
]


@pytest.mark.parametrize("settings", WAYS, ids=str)
def test_teacher_forcing_is_stepping(settings: dict[str, object]) -> None:
    net = network(**settings)
    order = [0, 2, 1]  # as packed: the longest answers first
    before = pack([BEFORE[i] for i in order])
    sources = pack([SOURCES[i] for i in order])
    found = rows_of(net(sources, PackedSequence(before.data, before.batch_sizes)), before)
    for place, i in enumerate(order):
        carried, given = net.begin(pack([SOURCES[i]]))
        for step, token in enumerate(BEFORE[i]):
            logp, carried, _ = net.decoder.step(token.view(1, 1), carried, given)
            here = net.decoder.log_probabilities(found[place][step])
            torch.testing.assert_close(here, logp[0, 0], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("settings", WAYS, ids=str)
def test_rows_do_not_look_at_each_other(settings: dict[str, object]) -> None:
    """Attention never looks beyond a sentence's end: what stands in the batch beside it changes nothing."""
    net = network(**settings).requires_grad_(False)
    together, _ = net.begin(pack(SOURCES))
    tokens = torch.tensor([[4, 5], [6, 7], [8, 9]])
    carried, given = net.begin(pack(SOURCES))
    doubled = carried.take(torch.arange(3).repeat_interleave(2))
    logp, _, weights = net.decoder.step(tokens, doubled, given)
    for b in range(3):
        alone, own = net.begin(pack([SOURCES[b]]))
        torch.testing.assert_close(together.states[0][:, b : b + 1], alone.states[0])
        for k in range(2):
            mine, _, looked = net.decoder.step(tokens[b, k].view(1, 1), alone, own)
            torch.testing.assert_close(mine[0, 0], logp[b, k])
            if weights is not None and looked is not None:
                S = len(SOURCES[b])
                torch.testing.assert_close(looked[0, 0], weights[b, k, :S])
                assert float(weights[b, k, S:].sum()) == 0.0
                assert float(weights[b, k].sum()) == pytest.approx(1.0)


def test_attention_by_hand() -> None:
    """Both scores against the papers' formulas, one query and one place at a time."""
    values, lengths = torch.randn(2, 4, 3), torch.tensor([4, 2])
    queries = torch.randn(2, 5, 6)
    for kind in ("luong", "bahdanau"):
        layer = Attention(kind, 6, 3)
        context, weights = layer(queries, layer.memory(values, lengths))
        for b in range(2):
            for q in range(5):
                scores = []
                for s in range(int(lengths[b])):
                    key = layer.key.weight @ values[b, s]
                    if kind == "luong":
                        scores.append(queries[b, q] @ key)
                    else:
                        scores.append(torch.tanh(layer.query(queries[b, q]) + key) @ layer.score)
                by_hand = torch.stack(scores).softmax(0)
                torch.testing.assert_close(weights[b, q, : len(by_hand)], by_hand)
                torch.testing.assert_close(context[b, q], by_hand @ values[b, : len(by_hand)])


def test_additive_scores_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Attention("bahdanau", 6, 3)
    memory = layer.memory(torch.randn(2, 4, 3), torch.tensor([4, 2]))
    queries = torch.randn(2, 5, 6)
    whole = layer(queries, memory)
    monkeypatch.setattr("ostinato.tasks.translation.attention._SUMS", 2 * memory.keys.numel())
    torch.testing.assert_close(layer(queries, memory), whole)


def test_every_step_is_the_kernels_one_call() -> None:
    """Without input feeding the decoder's recurrence runs once a batch, not once a step."""
    from ostinato.kernels import ran

    for settings, calls in (({}, 2), ({"input_feeding": True}, 1 + 4)):
        net = network(**settings).float()
        before = pack([BEFORE[i] for i in (0, 2, 1)])
        with ran() as names, torch.no_grad():
            net(pack([SOURCES[i] for i in (0, 2, 1)]), PackedSequence(before.data, before.batch_sizes))
        assert len(names) == calls


def test_scheduled_sampling_reads_the_models_own_tokens() -> None:
    net = network(attention="luong")
    before = pack([BEFORE[i] for i in (0, 2, 1)])
    before = PackedSequence(before.data, before.batch_sizes)
    sources = pack([SOURCES[i] for i in (0, 2, 1)])
    known = net(sources, before)
    torch.manual_seed(1)
    always, again = net(sources, before, 1.0), net(sources, before, 1.0)
    torch.testing.assert_close(always[:3], known[:3])  # before the first token nothing was drawn
    assert not torch.allclose(always[3:], known[3:]) or not torch.allclose(again[3:], known[3:])
    torch.testing.assert_close(net(sources, before, 1e-12), known, rtol=1e-10, atol=1e-12)  # stepping, never drawing


def test_smoothing_in_training_alone() -> None:
    net = network(precision="float32").float()
    answers = [row.numpy()[1:] for row in BEFORE]
    (batch,) = AnswerBatches([row.numpy() for row in SOURCES], answers, end=2, shuffle=False).epoch(0)
    plain, smooth = AnswerLoss(0.0), AnswerLoss(0.2)
    assert smooth(net.eval(), batch).loss == plain(net, batch).loss
    found = smooth(net.train(), batch)
    vectors = net(batch.inputs, batch.before)
    logp = net.decoder.log_probabilities(vectors)
    expected = torch.nn.functional.cross_entropy(logp, batch.targets, label_smoothing=0.2)
    assert found.loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert found.count == len(batch.targets) == 8


def test_batches_keep_pairs_together() -> None:
    import numpy as np

    draw = np.random.default_rng(0)
    questions = [np.full(draw.integers(1, 9), i + 3) for i in range(40)]
    answers = [np.full(draw.integers(1, 9), i + 3) for i in range(40)]
    batches = AnswerBatches(questions, answers, end=2, batch_size=7, seed=1, sampled=(0.5, 3))
    seen = []
    for batch in batches.epoch(1):
        assert batch.sampled == 0.25
        assert isinstance(batch.inputs, PackedSequence)
        sources = pack_rows(batch.inputs)
        before = pack_rows(batch.before)
        targets = pack_rows(batch.before._replace(data=batch.targets))
        for row, source, read, write in zip(batch.index.tolist(), sources, before, targets, strict=True):
            assert source == questions[row].tolist()
            assert read == [2, *answers[row].tolist()] and write == [*answers[row].tolist(), 2]
            seen.append(row)
    assert sorted(seen) == list(range(40))
    later = list(batches.epoch(1, 2))
    assert [b.index.tolist() for b in later] == [b.index.tolist() for b in batches.epoch(1)][2:]


def pack_rows(packed: PackedSequence) -> list[list[int]]:
    from ostinato.nn import unpack

    return [row.tolist() for row in unpack(packed)]
