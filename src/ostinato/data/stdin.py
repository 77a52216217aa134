"""Standard input as a source, its format told from its first line."""

import sys
from io import BufferedReader
from itertools import chain
from typing import cast

from ostinato.data.source import Source, as_file

_PIECE = 1 << 16


def standard_input(encoding: str = "utf-8") -> tuple[Source, str]:
    """Open standard input.

    Args:
        encoding: of the text, as Python names it.

    Returns:
        The source, and the format it looks like: "jsonl" if the first line begins with a brace, else "lines".
    """
    stream = cast(BufferedReader, sys.stdin.buffer)  # read1 gives what is there: a slow pipe is answered line by line
    first = stream.readline()
    format = "jsonl" if first.lstrip(b"\xef\xbb\xbf \t").startswith(b"{") else "lines"
    whole = chain([first], iter(lambda: stream.read1(_PIECE), b""))
    return Source(as_file(whole), encoding, name="standard input"), format
