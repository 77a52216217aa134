"""Who is taken for whom: the confusion matrix as an HTML table whose colours are shares of a true class."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

_CLASSES_SHOWN = 25
_PAIRS_SHOWN = 20


def confusion(counts: NDArray[np.int64], classes: Sequence[str]) -> str:
    """Write a confusion matrix; where it would be too large to read, the most frequent confusions instead.

    Args:
        counts: shape (C, C), true class down, predicted class across.
        classes: C names; they are escaped.

    Returns:
        an HTML table.
    """
    return _matrix(counts, classes) if len(classes) <= _CLASSES_SHOWN else _pairs(counts, classes)


def _matrix(counts: NDArray[np.int64], classes: Sequence[str]) -> str:
    head = "".join(f'<th class="n">{escape(name)}</th>' for name in classes)
    body = ""
    for i, name in enumerate(classes):
        total = max(int(counts[i].sum()), 1)
        cells = "".join(_cell(int(n), int(n) / total, i == j) for j, n in enumerate(counts[i]))
        body += f"<tr><th>{escape(name)}</th>{cells}</tr>"
    return (
        "<p>True class down, predicted class across; the stronger the colour, the larger the share of the class.</p>"
        f'<div class="wide"><table class="confusion"><thead><tr><th></th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(count: int, share: float, right: bool) -> str:
    if not count:
        return '<td class="none">·</td>'
    kind = "right" if right else "wrong"
    # A single mistake among thousands must still be seen: the colour begins at 8 %.
    return f'<td class="{kind}" style="--share:{0.08 + 0.62 * share:.2f}" title="{share:.1%}">{count:,}</td>'


def _pairs(counts: NDArray[np.int64], classes: Sequence[str]) -> str:
    wrong: NDArray[Any] = counts.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:_PAIRS_SHOWN]
    rows = ""
    for true, predicted in zip(*np.unravel_index(order, wrong.shape), strict=True):
        if wrong[true, predicted]:
            share = wrong[true, predicted] / counts[true].sum()
            rows += (
                f"<tr><td>{escape(classes[true])}</td><td>{escape(classes[predicted])}</td>"
                f'<td class="n">{wrong[true, predicted]:,}</td><td class="n">{share:.1%}</td></tr>'
            )
    head = '<tr><th>true</th><th>predicted as</th><th class="n">rows</th><th class="n">of the true class</th></tr>'
    return f'<div class="wide"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'
