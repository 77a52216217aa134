"""Properties that hold for every shape: batch mates, splitting, reversing, padding."""

from dataclasses import replace

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato.cells import CELLS
from ostinato.kernels import BACKENDS, Layer
from ostinato.testing import Case, make_layer, rel_l2

LIMIT = 1e-12
lengths = st.lists(st.integers(1, 6), min_size=1, max_size=5).map(lambda v: tuple(sorted(v, reverse=True)))
cells = st.sampled_from(list(CELLS.values()))
backends = st.sampled_from(list(BACKENDS.values()))
sizes = st.integers(1, 5)


def _layer(cell: object, lengths: tuple[int, ...], I: int, H: int, bidirectional: bool) -> Layer:  # noqa: E741
    return make_layer(cell, Case(max(lengths), len(lengths), I, H, lengths, bidirectional=bidirectional))


def _tokens(layer: Layer, row: int) -> list[int]:
    return [start + row for start, b in layer.spans() if row < b]


@settings(max_examples=60, deadline=None)
@given(cells, backends, lengths, sizes, sizes, st.booleans())
def test_batch_mates_do_not_matter(cell, backend, lengths, I, H, both) -> None:  # noqa: E741
    layer = _layer(cell, lengths, I, H, both)
    if backend.why_not(cell, layer) is not None:
        return
    outputs, states = backend.forward(cell, layer)
    for row in range(len(lengths)):
        tokens = _tokens(layer, row)
        alone = replace(
            layer,
            x=layer.x[tokens],
            batch_sizes=torch.ones(len(tokens), dtype=torch.int64),
            states=tuple(s[:, row : row + 1] for s in layer.states),
        )
        own_outputs, own_states = backend.forward(cell, alone)
        assert all(rel_l2(a, b[tokens]) < LIMIT for a, b in zip(own_outputs, outputs, strict=True))
        assert all(rel_l2(a, b[:, row : row + 1]) < LIMIT for a, b in zip(own_states, states, strict=True))


@settings(max_examples=60, deadline=None)
@given(cells, backends, lengths, sizes, sizes, st.data())
def test_split_ragged_sequence_is_the_whole(cell, backend, lengths, I, H, data) -> None:  # noqa: E741
    layer = _layer(cell, lengths, I, H, False)
    if backend.why_not(cell, layer) is not None:
        return
    cut = data.draw(st.integers(0, max(lengths)))
    tokens = int(layer.batch_sizes[:cut].sum())
    (whole,), final = backend.forward(cell, layer)
    (head,), carried = backend.forward(cell, replace(layer, x=layer.x[:tokens], batch_sizes=layer.batch_sizes[:cut]))
    # Rows that have ended stay in the batch with no tokens, and their states are carried through.
    (tail,), split_final = backend.forward(
        cell, replace(layer, x=layer.x[tokens:], batch_sizes=layer.batch_sizes[cut:], states=carried)
    )
    assert rel_l2(torch.cat([head, tail]), whole) < LIMIT
    assert all(rel_l2(a, b) < LIMIT for a, b in zip(split_final, final, strict=True))


@settings(max_examples=60, deadline=None)
@given(cells, backends, lengths, sizes, sizes)
def test_reverse_direction_is_reversed_input(cell, backend, lengths, I, H) -> None:  # noqa: E741
    layer = _layer(cell, lengths, I, H, True)
    if backend.why_not(cell, layer) is not None:
        return
    turn = torch.empty(layer.x.shape[0], dtype=torch.int64)
    for row in range(len(lengths)):
        tokens = _tokens(layer, row)
        turn[tokens] = torch.tensor(tokens[::-1])
    (_, backward), states = backend.forward(cell, layer)
    one = replace(layer, weights=layer.weights[1:], states=tuple(s[1:] for s in layer.states))
    (forward,), one_states = backend.forward(cell, replace(one, x=layer.x[turn]))
    assert rel_l2(forward[turn], backward) < LIMIT
    assert all(rel_l2(a[0], b[1]) < LIMIT for a, b in zip(one_states, states, strict=True))
