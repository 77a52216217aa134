"""A linear-chain conditional random field over packed batches: one loop over the steps, all rows at once."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError, ShapeError
from ostinato.nn.arguments import whole
from ostinato.nn.packed import lengths, offsets, rows, steps

# Added to what is forbidden. Not infinity: where every way is forbidden, infinity less infinity would be NaN. Beside
# any score that a network gives, exp of this is exactly 0, in float32 and in float64.
_FORBIDDEN = -1e12


class CRF(nn.Module):
    """Scores whole sequences of tags: what each step says, and which tag follows which.

        score(y) = start[y_1] + Σ_t emission_t[y_t] + Σ_t transition[y_t-1, y_t] + end[y_T]
        p(y)     = exp(score(y) - log Z)

    Use it on the outputs of a recurrent layer and a linear one, where neighbouring tags depend on each other: entities,
    chunks, segments.

    Args:
        num_tags: C.
        allowed: (C, C) booleans, whether tag j may follow tag i; `None` allows all. What is forbidden has probability 0
            and is never decoded.
        allowed_start: (C,) booleans, whether a sequence may begin with a tag.
        allowed_end: (C,) booleans, whether it may end with it.

    Raises:
        ShapeError: a mask of another shape.
        InputError: a mask that allows no start or no end.

    Source: Lafferty, McCallum and Pereira 2001; as the last layer of a recurrent network: Huang, Xu and Yu 2015.

    Example:
        >>> from ostinato.nn import pack
        >>> crf = CRF(3)
        >>> emissions = pack([torch.zeros(2, 3), torch.zeros(4, 3)])
        >>> crf(emissions, torch.zeros(6, dtype=torch.int64)).shape, crf.decode(emissions).data.shape
        (torch.Size([2]), torch.Size([6]))
    """

    def __init__(self, num_tags: int, allowed: Any = None, allowed_start: Any = None, allowed_end: Any = None) -> None:
        super().__init__()
        C = self.num_tags = whole("num_tags", num_tags, 1)
        self.transitions = nn.Parameter(torch.empty(C, C))
        self.start = nn.Parameter(torch.empty(C))
        self.end = nn.Parameter(torch.empty(C))
        masks = {"transitions": (allowed, (C, C)), "start": (allowed_start, (C,)), "end": (allowed_end, (C,))}
        for name, (mask, shape) in masks.items():
            self.register_buffer(f"forbidden_{name}", _penalty(name, mask, shape), persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all scores anew from ±0.1."""
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -0.1, 0.1)

    def forward(self, emissions: PackedSequence, tags: Tensor) -> Tensor:
        """Log-likelihood of tags; its negative is the loss.

        Args:
            emissions: (N, C) scores of each tag at each token.
            tags: (N,) int64, in packed order.

        Returns:
            (B,) natural logarithms of p(y), rows in packed order. A forbidden sequence has -1e12 and no gradient worth
            having: repair such tags first.

        Raises:
            ShapeError: emissions or tags of another shape.

        Cost: O(N C²) time and memory.
        """
        self._check(emissions)
        if tags.shape != emissions.data.shape[:1]:
            raise ShapeError(
                f"tags have shape {tuple(tags.shape)}; expected ({len(emissions.data)},), one a token; pack them alike"
            )
        return self._score(emissions, tags) - self.log_partition(emissions)

    def log_partition(self, emissions: PackedSequence) -> Tensor:
        """Logarithm of Z, the sum of exp(score) over all sequences of tags, (B,), by the forward algorithm."""
        self._check(emissions)
        transitions, start, end = self._scores()
        to_from = transitions.t().contiguous()  # the sum over "from" then runs along the last axis
        sizes = emissions.batch_sizes.tolist()
        by_step = emissions.data.split(sizes)
        alpha = start + by_step[0]  # (B, C): log-sum over all ways to be in a tag now
        ended: list[Tensor] = []
        for step in range(1, len(sizes)):
            n = sizes[step]
            if n < len(alpha):
                ended.append(alpha[n:])
                alpha = alpha[:n]
            alpha = torch.logsumexp(alpha[:, None, :] + to_from, dim=2) + by_step[step]
        ended.append(alpha)
        return torch.logsumexp(torch.cat(ended[::-1]) + end, dim=1)

    def decode(self, emissions: PackedSequence) -> PackedSequence:
        """The most probable sequence of tags of each row, by the Viterbi algorithm.

        Args:
            emissions: (N, C).

        Returns:
            (N,) int64, packed as the emissions are.
        """
        self._check(emissions)
        with torch.no_grad():
            data = self._viterbi(emissions.data, emissions.batch_sizes.tolist())
        return PackedSequence(data, emissions.batch_sizes, emissions.sorted_indices, emissions.unsorted_indices)

    def marginals(self, emissions: PackedSequence) -> PackedSequence:
        """Probability of each tag at each token, over all sequences.

        Args:
            emissions: (N, C).

        Returns:
            (N, C), each row's sum 1; packed as the emissions are, without a gradient.

        Source: the forward-backward algorithm is the gradient of log Z (Eisner 2016, "Inside-Outside and
            Forward-Backward Algorithms Are Just Backprop").
        """
        with torch.enable_grad():
            data = emissions.data.detach().requires_grad_()
            packed = PackedSequence(data, emissions.batch_sizes, emissions.sorted_indices, emissions.unsorted_indices)
            (chance,) = torch.autograd.grad(self.log_partition(packed).sum(), data)
        return PackedSequence(chance, emissions.batch_sizes, emissions.sorted_indices, emissions.unsorted_indices)

    def _scores(self) -> tuple[Tensor, Tensor, Tensor]:
        """Transition, start and end scores with what is forbidden taken out."""
        return (
            self.transitions + self.get_buffer("forbidden_transitions"),
            self.start + self.get_buffer("forbidden_start"),
            self.end + self.get_buffer("forbidden_end"),
        )

    def _score(self, emissions: PackedSequence, tags: Tensor) -> Tensor:
        """Score of one sequence of tags a row, (B,)."""
        transitions, start, end = self._scores()
        sizes, device = emissions.batch_sizes, tags.device
        row, begin = rows(sizes), offsets(sizes)
        B = int(sizes[0])
        before = (begin[(steps(sizes) - 1).clamp(min=0)] + row)[B:].to(device)  # where a token's predecessor stands
        last = (begin[lengths(sizes) - 1] + torch.arange(B)).to(device)
        each = emissions.data.gather(1, tags[:, None])[:, 0]
        each = torch.cat([each[:B] + start[tags[:B]], each[B:] + transitions[tags[before], tags[B:]]])
        return each.new_zeros(B).index_add(0, row.to(device), each) + end[tags[last]]

    def _viterbi(self, data: Tensor, sizes: list[int]) -> Tensor:
        transitions, start, end = self._scores()
        to_from = transitions.t().contiguous()
        by_step = data.split(sizes)
        best = start + by_step[0]
        ended, back = [], []
        for step in range(1, len(sizes)):
            n = sizes[step]
            if n < len(best):
                ended.append(best[n:])
                best = best[:n]
            top, source = (best[:, None, :] + to_from).max(dim=2)
            best = top + by_step[step]
            back.append(source)
        ended.append(best)
        tag = (torch.cat(ended[::-1]) + end).argmax(dim=1)  # (B,): each row's last tag, then the one before, ...
        found = [tag[: sizes[-1]].clone()]
        for step in range(len(sizes) - 1, 0, -1):
            n = sizes[step]
            tag[:n] = back[step - 1].gather(1, tag[:n, None])[:, 0]
            found.append(tag[: sizes[step - 1]].clone())
        return torch.cat(found[::-1])

    def _check(self, emissions: PackedSequence) -> None:
        if emissions.data.dim() != 2 or emissions.data.shape[1] != self.num_tags:
            raise ShapeError(
                f"emissions have shape {tuple(emissions.data.shape)}; expected (N, {self.num_tags}), a score a tag; "
                "change the linear layer before"
            )

    def extra_repr(self) -> str:
        """The number of tags, as `print(module)` shows it."""
        return f"num_tags={self.num_tags}"


def _penalty(name: str, mask: Any, shape: tuple[int, ...]) -> Tensor:
    """0 where a mask allows, else what forbids."""
    if mask is None:
        return torch.zeros(shape)
    fine = torch.as_tensor(mask, dtype=torch.bool)
    if fine.shape != shape:
        raise ShapeError(f"the mask of {name} has shape {tuple(fine.shape)}; expected {shape}; give one value a tag")
    if not bool(fine.any()):
        raise InputError(f"the mask of {name} allows nothing; expected at least one tag; correct it")
    return torch.zeros(shape).masked_fill(~fine, _FORBIDDEN)
