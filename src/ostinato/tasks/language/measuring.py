"""How probable texts are: over a whole text with the state carried, and sentence by sentence."""

import math
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato._core.errors import InputError
from ostinato.data import Streams
from ostinato.nn import pack, rows
from ostinato.tasks.language import corpus
from ostinato.tasks.language.network import LanguageNetwork, States, detached, rows_of
from ostinato.text import Tokenizer

_LENGTH, _LEARNED = 256, 20  # steps of a piece; of dynamic evaluation, which learns after each
_SENTENCES = 256  # read together
_MOST = 700.0  # nats a token, of which a float64 still holds the perplexity
_CLIP, _RETURN = 0.25, 0.002  # dynamic evaluation: the gradient's greatest norm, the pull back to what was learned


def total_nats(
    network: LanguageNetwork,
    ids: NDArray[np.int64],
    tokenizer: Tokenizer,
    *,
    streams: int = 1,
    dynamic: float | None = None,
) -> float:
    """Nats of a whole text, each token given all before it.

    Args:
        network: left as it is.
        ids: (N,) the text.
        tokenizer: whose `<eos>` stands before the text.
        streams: places read side by side.
        dynamic: learning rate of dynamic evaluation, or `None`.
    """
    if dynamic is not None and not 0 < dynamic < math.inf:
        raise InputError(f"dynamic={dynamic!r}, expected a learning rate above 0 or None; try 0.1")
    network = network.eval() if dynamic is None else deepcopy(network).eval()
    learned = [parameter.detach().clone() for parameter in network.parameters()] if dynamic else []
    total, states = 0.0, None
    device = network.embedding.weight.device
    length = _LENGTH if dynamic is None else _LEARNED
    with torch.set_grad_enabled(dynamic is not None):
        for piece in Streams(ids, before=tokenizer.eos_id, streams=streams, length=length):
            moved = piece.to(device)
            read = network(moved.inputs, None if states is None else rows_of(states, len(piece.index)))
            nats = network.nats(read.raw, moved.targets)
            total += nats.item() * len(piece.targets)
            states = detached(read.states)
            if dynamic is not None:
                _learn(network, nats, learned, dynamic)
    if dynamic is not None and not total < _MOST * len(ids):  # NaN is not below either
        raise InputError(f"dynamic={dynamic!r}: learning on diverged, the loss is {total}; lower it, 0.1 is usual")
    return total


def _learn(network: LanguageNetwork, nats: Tensor, learned: list[Tensor], lr: float) -> None:
    """A step of gradient descent on what has just been measured, and a little way back to what was learned."""
    network.zero_grad(set_to_none=True)
    nats.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), _CLIP)
    with torch.no_grad():
        for parameter, first in zip(network.parameters(), learned, strict=True):
            if parameter.grad is not None:
                parameter.sub_(parameter.grad, alpha=lr).lerp_(first, _RETURN)


def summary(nats: float, ids: NDArray[np.int64], tokenizer: Tokenizer, texts: list[str]) -> dict[str, Any]:
    """What `LanguageModel.evaluate` returns."""
    tokens, characters = len(ids), sum(map(len, texts))
    return {
        "tokens": tokens,
        "unknown": int((ids == tokenizer.unk_id).sum()),
        "characters": characters,
        "loss_nats": nats / tokens,
        "perplexity": math.exp(min(nats / tokens, _MOST)),
        "bits_per_character": nats / math.log(2) / max(characters, 1),
    }


@torch.no_grad()
def log_probabilities(
    network: LanguageNetwork, tokenizer: Tokenizer, sentences: list[str], *, end: bool
) -> NDArray[np.float64]:
    """Log-probability of each sentence from a fresh state, (B,) nats."""
    encoded = corpus.encode(tokenizer, sentences)
    targets = [torch.from_numpy(ids if end else ids[:-1]) for ids in encoded]
    found = np.zeros(len(sentences))
    device = network.embedding.weight.device
    asked = [b for b, target in enumerate(targets) if len(target)]
    for begin in range(0, len(asked), _SENTENCES):
        some = asked[begin : begin + _SENTENCES]
        packed = pack([targets[b] for b in some])
        inputs = pack([torch.cat([torch.tensor([tokenizer.eos_id]), targets[b][:-1]]) for b in some])
        read = network.eval()(inputs.to(device))  # type: ignore[arg-type]  # torch's annotation forgets devices
        each = network.log_probabilities(read.raw).gather(1, packed.data.to(device)[:, None])[:, 0]
        sums = torch.zeros(len(some), dtype=torch.float64)
        sums.index_add_(0, rows(packed.batch_sizes), each.double().cpu())
        order = range(len(some)) if packed.sorted_indices is None else packed.sorted_indices.tolist()
        for row, where in enumerate(order):
            found[some[where]] = sums[row].item()
    return found


@torch.no_grad()
def read_prompts(network: LanguageNetwork, prompts: list[NDArray[np.int64]]) -> tuple[Tensor, States]:
    """Read B prompts of unequal length: log-probabilities of what follows (B, V), and the states, in their order."""
    packed = pack([torch.from_numpy(ids) for ids in prompts]).to(network.embedding.weight.device)  # type: ignore[arg-type]
    read = network.eval()(packed)
    device = read.raw.device
    back = torch.arange(len(prompts)) if packed.unsorted_indices is None else packed.unsorted_indices.cpu()
    lengths = torch.tensor([len(ids) for ids in prompts])
    offsets = packed.batch_sizes.cumsum(0) - packed.batch_sizes
    last = (offsets[lengths - 1] + back).to(device)
    states = tuple(tuple(s.index_select(1, back.to(device)) for s in layer) for layer in read.states)
    return network.log_probabilities(read.raw[last]), states
