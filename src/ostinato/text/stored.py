"""What a tokenizer's JSON tells about itself.

Hugging Face's format refuses fields it does not know, so nothing of ours is written beside it: the kind and its
settings are read off the parts the file has to have anyway.
"""

import json
from typing import Any

from ostinato._core.errors import ModelFileError
from ostinato.text.specials import SPECIALS

_REMEDY = "use a tokenizer.json that Ostinato wrote"


def settings(text: str) -> dict[str, Any]:
    """Read the constructor arguments of a tokenizer off its JSON.

    Args:
        text: the JSON that `Tokenizer.to_json` wrote.

    Returns:
        `kind`, `lowercase`, `add_eos` and `max_vocabulary` (the size it came to).

    Raises:
        ModelFileError: it is no JSON, not of Hugging Face's format, or does not begin with our three specials.
    """
    try:
        parts = json.loads(text)
        model = parts["model"]
        vocabulary = model["vocab"]
        kind = {"BPE": "bpe", "WordLevel": "word"}[model["type"]]
        steps = _flat(parts["normalizer"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelFileError(f"tokenizer JSON: {type(error).__name__} {error}; {_REMEDY}") from None
    if kind == "word" and (parts.get("decoder") or {}).get("type") == "Fuse":
        kind = "char"
    elif kind == "word" and (parts.get("pre_tokenizer") or {}).get("type") == "WhitespaceSplit":
        kind = "space"
    if not isinstance(vocabulary, dict) or [vocabulary.get(token) for token in SPECIALS] != [0, 1, 2]:
        raise ModelFileError(f"tokenizer JSON: the vocabulary does not begin with {' '.join(SPECIALS)}; {_REMEDY}")
    return {
        "kind": kind,
        "lowercase": "Lowercase" in steps,
        "add_eos": parts.get("post_processor") is not None,
        "max_vocabulary": len(vocabulary),
    }


def _flat(normalizer: dict[str, Any] | None) -> list[str]:
    if normalizer is None:
        return []
    return [part["type"] for part in normalizer.get("normalizers", [normalizer])]
