"""How often each label occurs, in words."""

from collections import Counter
from collections.abc import Iterable

_SHOWN = 6


def counted(labels: Iterable[str]) -> str:
    """Write how often each label occurs, the commonest first.

    Example:
        >>> counted(["pos", "neg", "pos"])
        '2 classes: pos 2, neg 1'
    """
    ranked = Counter(labels).most_common()
    words = ", ".join(f"{name} {count:,}" for name, count in ranked[:_SHOWN])
    rest = sum(count for _, count in ranked[_SHOWN:])
    return f"{len(ranked)} classes: {words}" + (f", others {rest:,}" if rest else "")
