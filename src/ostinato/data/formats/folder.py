"""A folder a class, a text a file: `neg/0_3.txt`, `pos/0_9.txt`, as the Large Movie Review Dataset has it."""

from collections.abc import Iterator
from itertools import chain, zip_longest
from pathlib import Path

from ostinato._core.errors import DataError
from ostinato.data.example import Columns, Record
from ostinato.data.source import Source

_UNLABELLED = "unsup"
_ENDINGS = (".txt", ".txt.gz")


class FolderRows:
    """Texts in class folders, in turn from each class, so that the first rows show all classes.

    Args:
        folder: holds a folder a class.
        columns: only whether labels are wanted matters.
        encoding: of the texts.

    Raises:
        DataError: no such folder, or none with class folders.
    """

    def __init__(self, folder: Path, columns: Columns, encoding: str = "utf-8") -> None:
        if not folder.is_dir():
            raise DataError(f"{folder}: no folder: expected one with a folder a class; check the path")
        self.notes: list[str] = []
        self._folder = folder
        self._columns = columns
        self._encoding = encoding
        self._classes = self._find()

    def __iter__(self) -> Iterator[Record]:
        for path in chain.from_iterable(zip_longest(*self._classes.values())):
            if path is not None:
                text = b"".join(Source(path, self._encoding).chunks()).decode()
                yield f"{path.parent.name}/{path.name}", text, path.parent.name

    def exact(self, place: str) -> str:
        """Give the place back: a file is exact."""
        return place

    def _find(self) -> dict[str, list[Path]]:
        folders = sorted(entry for entry in self._folder.iterdir() if entry.is_dir() and entry.name[0] != ".")
        beside = sum(entry.is_file() for entry in self._folder.iterdir())
        classes: dict[str, list[Path]] = {}
        for folder in folders:
            entries = sorted(folder.iterdir())
            texts = [entry for entry in entries if entry.is_file() and entry.name.endswith(_ENDINGS)]
            deeper = [entry for entry in entries if entry.is_dir() and any(entry.glob("*.txt*"))]
            if deeper:
                raise DataError(
                    f"{self._folder}: its folder {folder.name!r} holds folders with texts, as {deeper[0].name!r}: "
                    f"expected texts; did you mean {str(folder)!r}?"
                )
            if folder.name == _UNLABELLED and texts:
                self.notes.append(f"folder {folder.name!r} left out: its {len(texts)} texts have no label")
                continue
            if len(entries) > len(texts):
                self.notes.append(
                    f"folder {folder.name!r}: {len(entries) - len(texts)} entries that are no .txt left out"
                )
            if texts:
                classes[folder.name] = texts
        if beside:
            self.notes.append(f"{beside} files beside the class folders left out")
        if not classes:
            raise DataError(
                f"{self._folder}: no class folders: expected a folder a class with .txt files in it, "
                f"as neg/1.txt and pos/1.txt; name a file, or another folder"
            )
        return classes
