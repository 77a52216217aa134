"""Truncated back-propagation through time: gradients reach back K steps and no further."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from ostinato.kernels import Layer
from ostinato.nn.packed import reverse_index

Result = tuple[list[Tensor], tuple[Tensor, ...]]


def run_truncated(run: Callable[[Layer], Result], layer: Layer, K: int) -> Result:
    """Run a layer in pieces of K steps, with the states detached between them.

    Outputs and states are those of a whole run; only the gradients differ. The reverse direction is cut every K steps
    from each row's own end, so a row's gradients do not depend on its batch mates.

    Args:
        run: runs a layer of one direction, as `Backend.forward` does.
        layer: the whole layer.
        K: steps of a piece.

    Source: Williams and Peng 1990, with k1 = k2 = K.
    """
    if len(layer.batch_sizes) <= K:
        return run(layer)
    layer = layer.gathered()  # each piece would project all rows
    outputs: list[Tensor] = []
    finals: list[tuple[Tensor, ...]] = []
    for d, weights in enumerate(layer.weights):
        turn = reverse_index(layer.batch_sizes).to(layer.x.device) if d == 1 else None
        mask = layer.recurrent_mask
        output, final = _one_direction(
            run,
            replace(
                layer,
                x=layer.x if turn is None else layer.x.index_select(0, turn),
                weights=(weights,),
                states=tuple(state[d : d + 1] for state in layer.states),
                recurrent_mask=None if mask is None else mask[d : d + 1],
            ),
            K,
        )
        outputs.append(output if turn is None else output.index_select(0, turn))
        finals.append(final)
    return outputs, tuple(torch.cat(each) for each in zip(*finals, strict=True))


def _one_direction(run: Callable[[Layer], Result], layer: Layer, K: int) -> tuple[Tensor, tuple[Tensor, ...]]:
    mask = layer.recurrent_mask
    states = layer.states
    pieces: list[Tensor] = []
    ended: list[tuple[Tensor, ...]] = []  # final states of the rows that end in each piece, the longest rows last
    begin = 0
    for sizes in layer.batch_sizes.split(K):
        alive, end = int(sizes[0]), begin + int(sizes.sum())
        if begin > 0:
            ended.append(tuple(state[:, alive:] for state in states))
            states = tuple(state[:, :alive].detach() for state in states)
        part = replace(
            layer,
            x=layer.x[begin:end],
            batch_sizes=sizes,
            states=states,
            recurrent_mask=None if mask is None else mask[:, :alive],
        )
        (output,), states = run(part)
        pieces.append(output)
        begin = end
    ended.append(states)
    return torch.cat(pieces), tuple(torch.cat(each, dim=1) for each in zip(*reversed(ended), strict=True))
