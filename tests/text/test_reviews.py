"""The real reviews: counts against a plain Counter."""

from collections import Counter
from pathlib import Path

import pytest

from ostinato.text import Tokenizer


@pytest.mark.data
def test_counts_on_reviews(data_dir: Path) -> None:
    import csv
    import gzip
    from itertools import islice

    with gzip.open(data_dir / "imdb_train.csv.gz", "rt", encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in islice(csv.DictReader(file), 2000)]
    tokenizer = Tokenizer(max_vocabulary=5000).fit(texts)
    counts = Counter(token for text in texts for token in tokenizer.cut(text))
    assert tokenizer.tokens()[3:] == sorted(counts, key=lambda token: (-counts[token], token))[:4997]
    vocabulary = tokenizer.vocabulary
    for text, ids in zip(texts, tokenizer.encode(texts), strict=True):
        assert ids.tolist() == [vocabulary.get(token, 1) for token in tokenizer.cut(text)]
    assert vocabulary["<br />"] < 20
    assert tokenizer.coverage(texts) == pytest.approx(
        sum(counts[token] for token in vocabulary if token in counts) / counts.total()
    )
