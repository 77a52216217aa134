"""Whole texts, for models that read on and on: a text file, a gzipped one, or a folder of them."""

from pathlib import Path

from ostinato._core.errors import DataError
from ostinato.data.source import Source


def read_texts(path: str | Path, *, encoding: str = "utf-8") -> list[str]:
    r"""Read running text as it stands, line breaks included.

    Use it for a language model; for examples with labels use `read` or `load`.

    Args:
        path: a text file, gzipped or not, or a folder: all its files *.txt and *.txt.gz, in the order of their names.
        encoding: of the text.

    Returns:
        One text a file; line ends are \n.

    Raises:
        DataError: there is no such file, it is not of this encoding, or holds nothing but white space.
    """
    place = Path(path)
    files = [place]
    if place.is_dir():
        files = sorted(file for file in place.rglob("*") if file.name.removesuffix(".gz").endswith(".txt"))
        if not files:
            raise DataError(f"{place}: no file *.txt or *.txt.gz in this folder, expected at least one; check the path")
    texts = [_read(file, encoding) for file in files]
    if not any(text.strip() for text in texts):
        raise DataError(f"{place}: holds no text, expected at least one word; is it the right file?")
    return texts


def _read(file: Path, encoding: str) -> str:
    content = b"".join(Source(file, encoding).chunks()).decode()
    return content.replace("\r\n", "\n")
