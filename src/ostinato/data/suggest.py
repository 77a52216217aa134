"""Did you mean …?"""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Word a guess at what was meant.

    Args:
        given: what the user wrote.
        known: what there is.

    Returns:
        `did you mean 'x'?`, or an empty string where nothing is near.

    Example:
        >>> did_you_mean("txt", ["text", "label"]), did_you_mean("q", ["text", "label"])
        ("did you mean 'text'?", '')
    """
    names = {name.strip().casefold(): name for name in known}
    near = get_close_matches(given.strip().casefold(), names, n=1)
    return f"did you mean {names[near[0]]!r}?" if near else ""
