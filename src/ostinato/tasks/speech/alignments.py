"""From what a network says of each frame to a text: CTC decoding, greedy and by prefixes.

CTC's network says at each frame a token or a blank. A path of frames becomes a text by joining what is repeated and
dropping the blanks, so that a text has many paths; its probability is their sum.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._core.errors import InputError, ShapeError

Prefix = tuple[int, ...]
# log-probabilities (V,) of the token that follows a prefix
Scorer = Callable[[Prefix], NDArray[np.floating[Any]]]

_FAR = -25.0  # nats below a frame's best token: such a one decides nothing, and most are


def best_path(log_probs: NDArray[np.floating[Any]], blank: int = 0) -> list[int]:
    """Take the likeliest token at each frame, join repeats, drop blanks.

    Args:
        log_probs: (T, V).
        blank: its number.

    Returns:
        The tokens. Their text need not be the likeliest one: its other paths are not counted.

    Example:
        >>> best_path(np.log([[0.2, 0.8], [0.1, 0.9], [0.7, 0.3], [0.4, 0.6]]))
        [1, 1]
    """
    path = np.asarray(log_probs).argmax(axis=1)
    changed = np.concatenate([[True], path[1:] != path[:-1]])
    return [int(token) for token in path[changed] if token != blank]


def prefix_beam(
    log_probs: NDArray[np.floating[Any]],
    size: int = 10,
    *,
    blank: int = 0,
    scorer: Scorer | None = None,
    weight: float = 0.5,
    bonus: float = 0.0,
) -> list[tuple[Prefix, float]]:
    """Search the likeliest texts, all paths of each counted together.

    Args:
        log_probs: (T, V) of one recording.
        size: beginnings kept at each frame; the search is exact where it is at least their number.
        blank: its number.
        scorer: a language model, log-probabilities of the token that follows a prefix; asked once a prefix.
        weight: of the language model beside the network.
        bonus: nats for each token, against the language model's wish for short texts.

    Returns:
        Up to `size` texts and their scores, the best first. Without a scorer the score is log P(text), nats.

    Raises:
        InputError: `size` below 1.
        ShapeError: `log_probs` of another form.

    Cost: O(T · size · V) steps of Python; tokens that are 25 nats below their frame's best are passed by.

    Source: Hannun et al. 2014, "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional
    Recurrent DNNs"; CTC: Graves et al. 2006.

    Example:
        >>> log_probs = np.log([[0.6, 0.4], [0.6, 0.4]])    # blank, blank is the likeliest path, [1] the likeliest text
        >>> (best, score), *_ = prefix_beam(log_probs)
        >>> best, round(float(np.exp(score)), 2)
        ((1,), 0.64)
    """
    frames = np.asarray(log_probs, np.float64)
    if frames.ndim != 2 or frames.shape[0] == 0:
        raise ShapeError(f"log_probs of shape {frames.shape}, expected (T, V), one frame at least; give one recording")
    if size < 1:
        raise InputError(f"beam={size!r}, expected a number from 1 up; 1 keeps one beginning")
    asked: dict[Prefix, NDArray[np.floating[Any]]] = {}
    extra: dict[Prefix, float] = {(): 0.0}  # of the language model and the bonus, by prefix

    def longer(prefix: Prefix, token: int) -> Prefix:
        grown = (*prefix, token)
        if grown not in extra:
            gain = bonus
            if scorer is not None:
                if prefix not in asked:
                    asked[prefix] = scorer(prefix)
                gain += weight * float(asked[prefix][token])
            extra[grown] = extra[prefix] + gain
        return grown

    # prefix -> log-probability of its paths that end with a blank, and with its last token
    beams: dict[Prefix, tuple[float, float]] = {(): (0.0, -np.inf)}
    for frame in frames:
        near = [int(token) for token in np.flatnonzero(frame > frame.max() + _FAR) if token != blank]
        sums: dict[Prefix, list[float]] = {}
        for prefix, (with_blank, with_last) in beams.items():
            either = _added(with_blank, with_last)
            here = sums.setdefault(prefix, [-np.inf, -np.inf])
            here[0] = _added(here[0], either + frame[blank])
            if prefix:
                here[1] = _added(here[1], with_last + frame[prefix[-1]])  # the same token goes on
            for token in near:
                before = with_blank if prefix and token == prefix[-1] else either  # a repeat needs a blank between
                if before == -np.inf:
                    continue
                there = sums.setdefault(longer(prefix, token), [-np.inf, -np.inf])
                there[1] = _added(there[1], before + frame[token])
        best = sorted(sums, key=lambda prefix: -(_added(*sums[prefix]) + extra[prefix]))[:size]
        beams = {prefix: (sums[prefix][0], sums[prefix][1]) for prefix in best}
    return [(prefix, float(_added(*each) + extra[prefix])) for prefix, each in beams.items()]


def _added(a: float, b: float) -> float:
    """log(exp(a) + exp(b)); numpy's own takes ten times as long for two numbers."""
    if a == -np.inf:
        return b
    if b == -np.inf:
        return a
    high, low = (a, b) if a > b else (b, a)
    return float(high + np.log1p(np.exp(low - high)))
