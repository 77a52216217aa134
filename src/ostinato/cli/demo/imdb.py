"""Film reviews: for or against? The Large Movie Review Dataset, in its original split."""

from pathlib import Path

from ostinato._core.errors import DataError
from ostinato.cli.columns import Columns, Rows, load
from ostinato.cli.demo.shown import Shown
from ostinato.cli.demo.texts import text_contest
from ostinato.cli.screen import note

URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
SHA256 = "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe"
_REMEDY = f"download {URL} elsewhere, unpack it, and give the folder by --data DIR"


def run(out: Path, data: Path | None, seed: int, threads: int | None, device: str, limit: int | None) -> Shown:
    """Fit the network and bags of words to 25,000 reviews, measure them on 25,000 others.

    Source: Maas et al. 2011, "Learning Word Vectors for Sentiment Analysis" (ACL).
    """
    train, test = reviews(data if data is not None else fetch(), limit)
    return text_contest(
        train, test, out, name="imdb", settings={"n_threads": threads, "device": device}, letters=False, seed=seed
    )


def reviews(folder: Path, limit: int | None = None) -> tuple[Rows, Rows]:
    """Read both halves from a folder.

    Args:
        folder: holds imdb_train.csv.gz and imdb_test.csv.gz, or is or holds the folder aclImdb.
        limit: rows to learn from at most.

    Raises:
        DataError: it holds neither.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder, one with the reviews is needed; check --data")
    tables = [folder / "imdb_train.csv.gz", folder / "imdb_test.csv.gz"]
    if all(path.is_file() for path in tables):
        return load(tables[0], Columns(limit=limit)), load(tables[1], Columns())
    for root in (folder, folder / "aclImdb"):
        halves = [root / "train", root / "test"]
        if all((half / label).is_dir() for half in halves for label in ("neg", "pos")):
            return load(halves[0], Columns(format="folder", limit=limit)), load(halves[1], Columns(format="folder"))
    raise DataError(f"{folder}: neither imdb_train.csv.gz and imdb_test.csv.gz nor aclImdb is in it; {_REMEDY}")


def fetch() -> Path:
    """Download the archive once, check it, unpack it, and return the folder; later calls find it there.

    Raises:
        DataError: there is no connection, or what came is not the archive; with the remedy.
    """
    import pooch

    note(f"reviews: 84 MB from {URL}, once, into {pooch.os_cache('ostinato')}")
    pooch.get_logger().setLevel("ERROR")
    try:
        files = pooch.retrieve(
            URL, f"sha256:{SHA256}", path=pooch.os_cache("ostinato"), processor=pooch.Untar(extract_dir=".")
        )
    except (OSError, ValueError) as error:  # no connection; another checksum
        reason = str(error).splitlines()[0][:120]
        raise DataError(f"{URL}: could not be downloaded ({reason}); {_REMEDY}") from None
    return Path(next(name for name in files if name.endswith("README"))).parent
