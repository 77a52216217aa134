"""The library's messages in the words of the command line: `max_length=0` is written `--max-length 0` there."""

import re
from re import Match

from ostinato.cli.signature import arguments

_READING = ("text", "sequence", "label", "format", "encoding", "missing", "limit")
_OTHERWISE = {"random_state": "seed", "n_threads": "threads"}
_VALUE = r"'[^']*'|\([^)]*\)|[^\s,;()]+"


def as_typed(message: str) -> str:
    """Write the arguments that a message of the library names as the options they are here.

    Args:
        message: from an error of the library.

    Returns:
        the message; names that are no option are left alone.

    Example:
        >>> as_typed("line 3: not UTF-8; pass its encoding, as encoding='latin-1'")
        'line 3: not UTF-8; pass its encoding, as --encoding latin-1'
    """
    from ostinato.cli.train import TRAINED

    names = {argument.name for place in TRAINED.values() for argument in arguments(place)} | set(_READING)
    pattern = rf"(?<![\w'\"-])({'|'.join(sorted(names, key=len, reverse=True))})=({_VALUE})?"
    return re.sub(pattern, _option, message)


def _option(found: Match[str]) -> str:
    name, value = found[1], found[2] or ""
    flag = "--" + _OTHERWISE.get(name, name).replace("_", "-")
    if value in ("True", "False"):
        return flag if value == "True" else flag.replace("--", "--no-", 1)
    plain = "none" if value == "None" else value.strip("'()").replace("', '", ",").replace(", ", ",")
    return f"{flag} {plain}".rstrip()
