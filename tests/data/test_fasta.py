"""FASTA files and the letters in them."""

import io

import numpy as np
import pytest

from ostinato._core.errors import DataError, InputError
from ostinato.data import load
from ostinato.text import base_shares

FASTA = b">s1 donor label=EI\nACGT\nNNAC\n\n>s2 label=IE len=4\n; a remark\nacgr\n"


def test_letters_may_run_over_lines() -> None:
    found = load(io.BytesIO(FASTA), format="fasta")
    assert found.values == ["ACGTNNAC", "acgr"]
    assert found.labels == ["EI", "IE"]


def test_without_labels() -> None:
    assert len(load(io.BytesIO(FASTA), format="fasta", label=None)) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"ACGT\n>s1 label=a\n", "line 1: 'ACGT', expected a header"),
        (b">s1 label=a\n>s2 label=b\nAC\n", "line 1.*missing"),
        (b">s1 EI\nACGT\n", "line 1, column 'label'.*missing"),
    ],
)
def test_wrong_files_are_named(text: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        load(io.BytesIO(text), format="fasta")


def test_each_code_is_shared_among_its_bases() -> None:
    np.testing.assert_allclose(
        base_shares("ACGTRNu-"),
        [
            [1, 0, 0, 0],
            [0, 1, 0, 0],
            [0, 0, 1, 0],
            [0, 0, 0, 1],
            [0.5, 0, 0.5, 0],
            [0.25] * 4,
            [0, 0, 0, 1],
            [0.25] * 4,
        ],
    )
    assert np.allclose(base_shares("ACGTURYSWKMBDHVN-acgturyswkmbdhvn").sum(axis=1), 1)


@pytest.mark.parametrize(("sequence", "said"), [("ACXG", "'X' at letter 3"), ("AÄ", "'Ä' at letter 2"), ("漢", "'漢'")])
def test_unknown_letters_are_named(sequence: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        base_shares(sequence)
