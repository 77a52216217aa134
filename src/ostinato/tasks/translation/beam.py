"""Beam search for many rows at once; each row's search is the one it would be alone."""

from dataclasses import dataclass, field
from typing import NamedTuple

import torch

from ostinato._core.errors import InputError
from ostinato.tasks.translation.decoder import Carried, Decoder, Given


@dataclass(frozen=True)
class Beam:
    """How answers are searched for.

    Args:
        size: K, beginnings kept at each step; 1 takes the likeliest token always.
        length_penalty: α of Wu et al. 2016: answers are ranked by log-probability / ((5 + n) / 6)^α, n their number of
            tokens; 0 ranks by log-probability, which prefers short ones.

    Raises:
        InputError: a number out of range.

    Source: Wu et al. 2016, "Google's Neural Machine Translation System", section 7.
    """

    size: int = 5
    length_penalty: float = 1.0

    def __post_init__(self) -> None:
        if isinstance(self.size, bool) or not isinstance(self.size, int) or self.size < 1:
            raise InputError(f"beam={self.size!r}, expected a whole number from 1 up; 5 is usual")
        if not isinstance(self.length_penalty, int | float) or not 0 <= self.length_penalty <= 10:
            raise InputError(f"length_penalty={self.length_penalty!r}, expected a number from 0 to 10; 1 is usual")

    def within(self, tokens: int) -> None:
        """Raise InputError where there are fewer tokens to choose from than beginnings to keep."""
        if tokens < self.size:
            raise InputError(
                f"beam={self.size}, expected at most {tokens}, the tokens of the vocabulary that can be written; "
                "lower it"
            )

    def ranked(self, total: float, tokens: int) -> float:
        """The score of an answer of so many tokens, its end mark counted."""
        return float(total / ((5 + tokens) / 6) ** self.length_penalty)


class Found(NamedTuple):
    """An answer: its score, its log-probability in nats, and its tokens without the end mark."""

    score: float
    log_probability: float
    tokens: list[int]


@dataclass
class _Row:
    """A row's answers so far."""

    limit: int
    found: list[Found] = field(default_factory=list)

    def add(self, answer: Found, size: int) -> None:
        self.found = sorted([*self.found, answer], key=lambda one: -one.score)[:size]


@torch.no_grad()
def search(
    decoder: Decoder, carried: Carried, given: Given, *, limits: list[int], end: int, barred: list[int], beam: Beam
) -> list[list[Found]]:
    """Search for the best answers to B rows.

    A row's search ends when K answers are found and no beginning scores better now than the worst of them, or at its
    limit of tokens: then beginnings fill what is missing to K answers.

    Args:
        decoder: in evaluation mode.
        carried: before the first step, of the B rows.
        given: of the B rows.
        limits: tokens of an answer at most, a row.
        end: the end mark, which also begins.
        barred: tokens that are never written.
        beam: how wide, and how ranked.

    Returns:
        K answers a row at most, the best first.

    Raises:
        InputError: a beam wider than the tokens there are to choose from.
    """
    V, K = decoder.output.out_features, beam.size
    beam.within(V - len(barred))
    device = carried.states[0].device
    rows = [_Row(limit) for limit in limits]
    open_ = list(range(len(rows)))  # the rows whose search goes on
    total = torch.full((len(rows), K), -torch.inf, device=device, dtype=torch.float64)
    total[:, 0] = 0.0
    carried = carried.take(torch.arange(len(rows), device=device).repeat_interleave(K))
    last = torch.full((len(rows), K), end, device=device)
    written = last[:, :, None][:, :, :0]  # (b, K, t)
    step = 0
    while open_:
        step += 1
        logp, carried, _ = decoder.step(last, carried, given)
        logp[:, :, barred] = -torch.inf
        scores = (total[:, :, None] + logp.double()).flatten(1)
        best, place = scores.topk(min(2 * K, scores.shape[1]))
        parent, token = place // V, place % V
        ended = (token == end) & (best > -torch.inf)
        for b, k in ended[:, :K].nonzero().tolist():  # an end that is not among the K best is none
            value = best[b, k].item()
            answer = Found(beam.ranked(value, step), value, written[b, parent[b, k]].tolist())
            rows[open_[b]].add(answer, K)
        onward = best.masked_fill(ended, -torch.inf)
        total, chosen = onward.topk(K)
        parent, last = parent.gather(1, chosen), token.gather(1, chosen)
        written = torch.cat([written.gather(1, parent[:, :, None].expand(-1, -1, step - 1)), last[:, :, None]], dim=2)
        going = [
            b
            for b, hope in enumerate(total[:, 0].tolist())
            if not _closed(rows[open_[b]], hope, step, beam) and step < rows[open_[b]].limit
        ]
        for b in sorted(set(range(len(open_))) - set(going)):
            _fill(rows[open_[b]], total[b].tolist(), written[b].tolist(), step, beam)
        keep = torch.tensor(going, dtype=torch.int64, device=device)
        from_ = (keep[:, None] * K + parent[keep]).flatten()
        carried, total, last, written = carried.take(from_), total[keep], last[keep], written[keep]
        if len(going) < len(open_):
            given, open_ = given.take(keep), [open_[b] for b in going]
    return [row.found for row in rows]


def _closed(row: _Row, hope: float, step: int, beam: Beam) -> bool:
    """Whether no beginning can come in any more; `hope` is the best one's log-probability."""
    if hope == -torch.inf:
        return True
    return len(row.found) == beam.size and row.found[-1].score >= beam.ranked(hope, step + 1)


def _fill(row: _Row, totals: list[float], written: list[list[int]], step: int, beam: Beam) -> None:
    for value, tokens in zip(totals, written, strict=True):
        if len(row.found) < beam.size and value > -torch.inf:
            row.add(Found(beam.ranked(value, step), value, tokens), beam.size)
