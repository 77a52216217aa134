"""How many words and letters of a transcription are wrong, by jiwer."""

from collections.abc import Sequence
from typing import Any

from ostinato._core.errors import InputError


def error_rates(references: Sequence[str], written: Sequence[str]) -> dict[str, Any]:
    """Count the words and letters that have to be replaced, put in or taken out, of a whole set.

    Args:
        references: B texts, what is said.
        written: B texts, what was understood.

    Returns:
        JSON-able: rows; word_error_rate and character_error_rate, errors by the references' words or letters (1.2 is
        possible; none where the references have no word); substitutions, insertions and deletions of words; and
        sentence_error_rate, the share of texts that are not wholly right.

    Raises:
        InputError: other numbers of texts, none at all, or jiwer is not installed.

    Example:
        >>> found = error_rates(["one two three"], ["one too three four"])
        >>> found["word_error_rate"], found["substitutions"], found["insertions"]
        (0.6666666666666666, 1, 1)
    """
    try:
        import jiwer
    except ImportError:
        raise InputError(
            "jiwer is not installed, it is needed to count errors; pip install 'ostinato[audio]'"
        ) from None
    if len(references) != len(written) or not references:
        raise InputError(
            f"{len(references)} references and {len(written)} transcriptions, expected as many, one at least; pair them"
        )
    words = jiwer.process_words(list(references), list(written))
    letters = jiwer.process_characters(list(references), list(written))
    return {
        "rows": len(written),
        "words": sum(len(text.split()) for text in references),
        "word_error_rate": _share(words),
        "character_error_rate": _share(letters),
        "sentence_error_rate": sum(one.split() != two.split() for one, two in zip(references, written, strict=True))
        / len(written),
        "substitutions": words.substitutions,
        "insertions": words.insertions,
        "deletions": words.deletions,
    }


def _share(counted: Any) -> float | None:
    of = counted.hits + counted.substitutions + counted.deletions
    return (counted.substitutions + counted.insertions + counted.deletions) / of if of else None
