"""Writing with a language model: draws, beams, and token by token; the state is carried, the prompt read once."""

import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice

import numpy as np
import torch
from numpy.typing import NDArray

from ostinato._core.errors import InputError
from ostinato._core.random import fresh
from ostinato.nn.arguments import whole
from ostinato.tasks.language.measuring import read_prompts
from ostinato.tasks.language.network import LanguageNetwork
from ostinato.tasks.language.writing import Writer
from ostinato.text import EOS, Tokenizer


@dataclass(frozen=True)
class Rule:
    """How the next token is drawn from its probabilities.

    Args:
        temperature: what log-probabilities are divided by; 0 takes the likeliest.
        top_k: draw from the k likeliest; none for all.
        top_p: draw from the fewest that sum to this; none for all.

    Raises:
        InputError: a number out of range.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < math.inf:
            raise InputError(f"temperature={self.temperature!r}, expected a number from 0 up; 1 draws as learned")
        if self.top_k is not None:
            whole("top_k", self.top_k, 1)
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise InputError(f"top_p={self.top_p!r}, expected a probability above 0 or None; correct it")

    def draw(self, logp: NDArray[np.float64], uniform: float) -> int:
        """The token that a uniform number in [0, 1) picks.

        Args:
            logp: (V,) log-probabilities, -inf for what may not be drawn.
            uniform: from the row's own generator.
        """
        if self.temperature == 0:
            return int(logp.argmax())
        p = np.exp((logp - logp.max()) / self.temperature)
        order = np.argsort(-p, kind="stable") if self.top_k or self.top_p else None
        if order is not None:
            kept = order[: self.top_k]
            if self.top_p is not None:
                before = np.cumsum(p[kept]) - p[kept]
                kept = kept[before < self.top_p * p[kept].sum()]
            chosen = np.zeros_like(p)
            chosen[kept] = p[kept]
            p = chosen
        ladder = np.cumsum(p)
        return int(np.searchsorted(ladder, uniform * ladder[-1], side="right"))


def sample(
    network: LanguageNetwork,
    tokenizer: Tokenizer,
    prompts: list[str],
    length: int,
    rule: Rule,
    seed: int | Sequence[int] | None,
    stop: str | None,
) -> list[str]:
    """Write on from B prompts, in one batch; see `LanguageModel.sample`."""
    length = whole("length", length, 0)
    for prompt in prompts:
        _check(prompt)
    _check_stop(stop)
    if not prompts:
        return []
    writers = [Writer(tokenizer, prompt, stop) for prompt in prompts]
    found = list(prompts)
    for drawn in islice(_draws(network, tokenizer, prompts, rule, _seeds(seed, len(prompts))), length):
        for row, token in enumerate(drawn):
            found[row] += writers[row].write(token)
        if all(writer.ended for writer in writers):
            break
    return [text + writer.rest() for text, writer in zip(found, writers, strict=True)]


def stream(
    network: LanguageNetwork,
    tokenizer: Tokenizer,
    prompt: str,
    length: int | None,
    rule: Rule,
    seed: int | None,
    stop: str | None,
) -> Iterator[str]:
    """Write on from a prompt and give each piece at once; see `LanguageModel.stream`."""
    _check(prompt)
    _check_stop(stop)
    length = None if length is None else whole("length", length, 0)
    writer = Writer(tokenizer, prompt, stop)
    for (token,) in islice(_draws(network, tokenizer, [prompt], rule, _seeds(seed, 1)), length):
        if piece := writer.write(token):
            yield piece
        if writer.ended:
            return
    if rest := writer.rest():
        yield rest


def likeliest(network: LanguageNetwork, tokenizer: Tokenizer, prompt: str, count: int) -> list[tuple[str, float]]:
    """The likeliest next tokens and their probabilities."""
    count = whole("count", count, 0)
    logp, _ = read_prompts(network, [_ids(tokenizer, prompt)])
    p, ids = logp[0].double().exp().topk(min(count, logp.shape[1]))
    names = tokenizer.tokens()
    return [(names[i], value) for i, value in zip(ids.tolist(), p.tolist(), strict=True)]


@torch.no_grad()
def beam(
    network: LanguageNetwork, tokenizer: Tokenizer, prompt: str, length: int, size: int
) -> list[tuple[str, float]]:
    """The likeliest continuations that a beam of `size` finds; see `LanguageModel.beam`."""
    size, length = whole("size", size, 1), whole("length", length, 1)
    logp, states = read_prompts(network, [_ids(tokenizer, prompt)])
    total = np.zeros(1)
    open_, done = [[]], []  # type: list[list[int]], list[tuple[float, list[int]]]
    for _ in range(length):
        scores = total[:, None] + _allowed(logp, tokenizer)
        best = np.argsort(-scores, axis=None, kind="stable")[: size + len(scores)]
        rows, tokens = np.unravel_index(best, scores.shape)
        grown = [(float(scores[r, t]), int(r), int(t)) for r, t in zip(rows, tokens, strict=True)]
        grown = [one for one in grown if one[0] > -math.inf]
        done += [(value, open_[r]) for value, r, t in grown if t == tokenizer.eos_id]
        kept = [one for one in grown if one[2] != tokenizer.eos_id][:size]
        done = sorted(done, key=lambda one: -one[0])[:size]
        open_, total = [[*open_[r], t] for _, r, t in kept], np.array([value for value, _, _ in kept])
        if not kept or (len(done) == size and done[-1][0] >= kept[0][0]):
            break  # probabilities only fall: what is open cannot come in any more
        where = torch.tensor([r for _, r, _ in kept], device=logp.device)
        states = tuple(tuple(s.index_select(1, where) for s in layer) for layer in states)
        logp, states = network.step(torch.tensor([t for _, _, t in kept], device=logp.device), states)
    else:
        done += list(zip(total.tolist(), open_, strict=True))
    done = sorted(done, key=lambda one: -one[0])[:size]
    return [(prompt + _text(tokenizer, prompt, tokens), value) for value, tokens in done]


@torch.no_grad()
def _draws(
    network: LanguageNetwork, tokenizer: Tokenizer, prompts: list[str], rule: Rule, seeds: list[int]
) -> Iterator[list[int]]:
    """One token for each row, without end; each row draws from a generator of its own, whoever stands beside it."""
    generators = [np.random.default_rng(seed) for seed in seeds]
    logp, states = read_prompts(network, [_ids(tokenizer, prompt) for prompt in prompts])
    while True:
        allowed = _allowed(logp, tokenizer)
        drawn = [rule.draw(row, one.random()) for row, one in zip(allowed, generators, strict=True)]
        yield drawn
        with torch.no_grad():  # a generator gives the caller's mode back at each yield
            logp, states = network.step(torch.tensor(drawn, device=logp.device), states)


def _allowed(logp: torch.Tensor, tokenizer: Tokenizer) -> NDArray[np.float64]:
    """Log-probabilities with `<unk>` and `<pad>` ruled out: to draw among the others is to draw again and again."""
    found: NDArray[np.float64] = logp.double().cpu().numpy().copy()
    found[:, [tokenizer.unk_id, tokenizer.pad_id]] = -np.inf
    return found


def _ids(tokenizer: Tokenizer, prompt: str) -> NDArray[np.int64]:
    """Tokens to read before anything is written: the end of whatever was before, then the prompt."""
    _check(prompt)
    ids = tokenizer.encode([prompt])[0] if prompt else np.empty(0, np.int64)
    ids = ids[: len(ids) - 1] if tokenizer.add_eos and len(ids) else ids
    unknown = [place for place, token in enumerate(ids) if token == tokenizer.unk_id]
    if unknown and tokenizer.kind != "bpe":
        named = ", ".join(repr(tokenizer.cut(prompt)[place]) for place in unknown[:5])
        warnings.warn(f"prompt: {named} not in the vocabulary, read as <unk>; the text keeps it", stacklevel=2)
    if list(ids) == [tokenizer.eos_id]:  # white space alone
        return ids
    return np.concatenate([np.array([tokenizer.eos_id], np.int64), ids])


def _check(prompt: str) -> None:
    if not isinstance(prompt, str):
        raise InputError(f"prompt is a {type(prompt).__name__}, expected text; give a string")


def _check_stop(stop: str | None) -> None:
    if stop is not None and not (isinstance(stop, str) and stop):
        raise InputError(f"stop={stop!r}, expected '<eos>', a piece of text that is not empty, or None; give one")


def _seeds(seed: int | Sequence[int] | None, rows: int) -> list[int]:
    if seed is None:
        seed = fresh()
    if isinstance(seed, int | np.integer):
        return list(islice(count(whole("seed", int(seed), 0)), rows))
    if not isinstance(seed, list | tuple | np.ndarray):
        raise InputError(f"seed={seed!r}, expected a whole number from 0 up, or one a prompt; give one")
    if len(seed) != rows:
        raise InputError(f"{len(seed)} seeds for {rows} prompts, expected one each or one for all; correct it")
    return [whole("seed", one, 0) for one in seed]


def _text(tokenizer: Tokenizer, prompt: str, tokens: list[int]) -> str:
    writer = Writer(tokenizer, prompt, EOS)
    return "".join(writer.write(token) for token in tokens) + writer.rest()
