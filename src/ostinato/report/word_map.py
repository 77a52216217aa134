"""Words as points of a picture, near where their vectors are near."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from ostinato._core.errors import InputError
from ostinato.report.curves import png
from ostinato.report.theme import LIGHT, Theme

_LABELLED = 400  # beyond, words would hide each other


def flat(vectors: npt.NDArray[np.float32], kind: str = "pca", seed: int = 0) -> npt.NDArray[np.float64]:
    """Bring vectors into the plane.

    Args:
        vectors: (n, E) numbers.
        kind: pca (the two directions of most variance) or tsne (van der Maaten and Hinton 2008: who is near whom;
            distances between groups mean nothing).
        seed: of tsne.

    Returns:
        (n, 2) places.

    Raises:
        InputError: fewer than two vectors, or an unknown kind.
    """
    if kind not in ("pca", "tsne"):
        raise InputError(f"kind={kind!r}; 'pca' or 'tsne' expected; choose one")
    if len(vectors) < 2 or vectors.shape[1] < 2:
        raise InputError(f"vectors of shape {vectors.shape}; two of two numbers or more are needed; give more words")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float64)
    if kind == "tsne":
        from sklearn.manifold import TSNE

        perplexity = min(30.0, max(1.0, (len(unit) - 1) / 3))
        return np.asarray(TSNE(2, perplexity=perplexity, init="random", random_state=seed).fit_transform(unit))
    from sklearn.decomposition import PCA

    return np.asarray(PCA(2, svd_solver="full").fit_transform(unit))


def word_map(words: Sequence[str], places: npt.NDArray[np.float64], theme: Theme = LIGHT) -> bytes:
    """Draw words at their places.

    Args:
        words: n words; beyond 400 the points alone are drawn.
        places: (n, 2).
        theme: the colours.

    Returns:
        the bytes of a PNG.

    Example:
        >>> word_map(["a", "b"], np.array([[0.0, 0.0], [1.0, 1.0]]))[1:4]
        b'PNG'
    """
    figure = Figure(figsize=(9, 7), dpi=160, facecolor=theme.paper, layout="constrained")
    axes = figure.subplots()
    axes.set_facecolor(theme.paper)
    axes.scatter(places[:, 0], places[:, 1], s=9, color=theme.first, linewidths=0)
    if len(words) <= _LABELLED:
        for word, (x, y) in zip(words, places, strict=True):
            shown = word.replace("$", r"\$")
            axes.annotate(shown, (x, y), (2, 2), textcoords="offset points", fontsize=7, color=theme.ink)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    return png(figure)
