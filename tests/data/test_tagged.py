"""Tagged files: columns, CoNLL-U, JSON lines; and what is wrong with them is named by its line."""

import gzip
import io
from pathlib import Path

import pytest

from ostinato._core.errors import DataError, InputError
from ostinato.data import load_tagged, read_tagged

CONLL = (
    b"-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\n\nPeter NNP I-NP I-PER\r\nBlackburn NNP I-NP I-PER"
)
CONLLU = (
    b"# sent_id = 1\n1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_\n1\tde\tde\tADP\t_\t_\t3\tcase\t_\t_\n"
    b"2\tle\tle\tDET\t_\t_\t3\tdet\t_\t_\n2.1\tvu\tvoir\tVERB\t_\t_\t_\t_\t_\t_\n"
    b"3\tchat noir\tchat\tNOUN\t_\t_\t0\troot\t_\t_\n\n"
)


def test_conll_2003() -> None:
    table = load_tagged(io.BytesIO(CONLL), format="conll")
    assert table.tokens == [["EU", "rejects"], ["Peter", "Blackburn"]]
    assert table.tags == [["I-ORG", "O"], ["I-PER", "I-PER"]]
    assert table.places == ["stream, line 3", "stream, line 7"]
    assert table.notes == ["1 -DOCSTART- lines left out"]


@pytest.mark.parametrize(("column", "first"), [("2", "NNP"), ("-2", "I-NP"), ("4", "I-ORG"), (None, "I-ORG")])
def test_another_column(column: str | None, first: str) -> None:
    (sentence, _) = read_tagged(io.BytesIO(CONLL), tags=column, format="conll")
    assert sentence.tags is not None and sentence.tags[0] == first


def test_tabs_keep_spaces_and_odd_spaces_are_tokens() -> None:
    assert load_tagged(io.BytesIO(b"New York\tB-LOC\n"), format="conll").tokens == [["New York"]]
    assert load_tagged(io.BytesIO("a X\n\u00a0 Y\n".encode()), format="conll").tokens == [["a", "\u00a0"]]


def test_conllu_leaves_ranges_and_empty_nodes_out() -> None:
    table = load_tagged(io.BytesIO(CONLLU), format="conllu")
    assert table.tokens == [["de", "le", "chat noir"]] and table.tags == [["ADP", "DET", "NOUN"]]
    assert table.notes == ["2 ranges and empty nodes left out"]
    assert load_tagged(io.BytesIO(CONLLU), format="conllu", tokens="lemma", tags="deprel").tags == [
        ["case", "det", "root"]
    ]


def test_json_lines() -> None:
    file = io.BytesIO(b'{"tokens": ["a", "b"], "tags": ["X", "Y"]}\n\n{"tokens": ["c"], "tags": ["X"]}\n')
    table = load_tagged(file, format="jsonl")
    assert table.tokens == [["a", "b"], ["c"]] and table.places[1] == "stream, line 3"


def test_without_tags() -> None:
    table = load_tagged(io.BytesIO(b"Kelly\nworked\n\nhere\n"), format="conll", tags=False)
    assert table.tokens == [["Kelly", "worked"], ["here"]] and table.tags is None


def test_gzip_and_limit(tmp_path: Path) -> None:
    path = tmp_path / "eng.train.txt.gz"
    path.write_bytes(gzip.compress(CONLL))
    assert len(load_tagged(path)) == 2
    assert len(load_tagged(path, limit=1)) == 1


def test_reading_stops_early_without_reading_all() -> None:
    reading = read_tagged(io.BytesIO(b"a X\n\n" * 3 + b"broken\n"), format="conll", limit=2)
    assert len(list(reading)) == 2


@pytest.mark.parametrize(
    ("text", "format", "words"),
    [
        (b"a B C\nb C\n", "conll", "stream, line 2: 2 columns: expected 3 as in line 1"),
        (b"a\nb\n", "conll", "stream, line 1: 1 column in 'a': expected a token and its tag"),
        (b"", "conll", "no sentences"),
        (b"-DOCSTART- O\n\n", "conll", "no sentences"),
        (b"1\ta\tb\n", "conllu", "line 1: 3 columns: expected 10"),
        (b"1\ta\ta\t_\t_\t_\t0\troot\t_\t_\n", "conllu", "line 1: column 'upos' is empty"),
        (b'{"tokens": ["a"], "tags": ["X", "Y"]}\n', "jsonl", "line 1: 2 tags: expected 1"),
        (b'{"tokens": 7, "tags": ["X"]}\n', "jsonl", "column 'tokens': a int: expected a list of tokens"),
        (b'{"tokens": "a b", "tags": ["X"]}\n', "jsonl", "line 1: 1 tags: expected 3, one a letter"),
        (b"text,tags\nACG,eei\nACGT,eei\n", "csv", "stream, row 2: 3 tags: expected 4, one a letter"),
        (b"text,tags\nACG,eei\n,eei\n", "csv", "row 2, column 'text': no letters: expected at least one"),
        (b'{"tokens": ["a", null], "tags": ["X", "X"]}\n', "jsonl", "token 2 is None: expected a text"),
        (b'{"tokens": [], "tags": []}\n', "jsonl", "no tokens"),
        (b'{"tokens": ["a"]}\n', "jsonl", "no column 'tags'"),
        (b"a \xff\n", "conll", "line 1, byte 2: not UTF-8"),
    ],
)
def test_what_is_wrong_is_named(text: bytes, format: str, words: str) -> None:
    with pytest.raises(DataError) as raised:
        load_tagged(io.BytesIO(text), format=format)
    assert words in str(raised.value) and "\n" not in str(raised.value)


def test_wrong_arguments() -> None:
    with pytest.raises(DataError, match="no column 5; count from 1"):
        load_tagged(io.BytesIO(CONLL), format="conll", tags="5")
    with pytest.raises(DataError, match="columns have no names here"):
        load_tagged(io.BytesIO(CONLL), format="conll", tags="ner")
    with pytest.raises(DataError, match="did you mean 'deprel'"):
        load_tagged(io.BytesIO(CONLLU), format="conllu", tags="deprl")
    with pytest.raises(DataError, match="expected one of conll, conllu, jsonl"):
        load_tagged(io.BytesIO(CONLL), format="fasta")
    with pytest.raises(InputError, match="limit 0"):
        read_tagged(io.BytesIO(CONLL), format="conll", limit=0)


@pytest.mark.data
def test_real_file(data_dir: Path) -> None:
    table = load_tagged(data_dir / "conll2003_eng.testa.txt.gz")
    assert (len(table), sum(map(len, table.tokens))) == (3250, 51362)
    assert "-DOCSTART-" in table.notes[0]


def test_letters_with_a_tag_each() -> None:
    file = io.BytesIO(b"name,sequence,tags\na,ACGT,eeii\nb,AC,ei\n")
    table = load_tagged(file, format="csv", tokens="sequence")
    assert table.tokens == ["ACGT", "AC"] and table.tags == [list("eeii"), list("ei")]
    file = io.BytesIO(b'{"tokens": "ACG", "tags": ["exon", "exon", "intron"]}\n{"tokens": "A", "tags": "e"}\n')
    assert load_tagged(file, format="jsonl").tags == [["exon", "exon", "intron"], ["e"]]


def test_letters_that_lack_a_tag_are_named_with_line_and_both_counts(tmp_path: Path) -> None:
    path = tmp_path / "genes.csv"
    path.write_text('text,tags\nACGT,"eeii"\nACGTA,eeii\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"genes.csv, row 2, line 3: 4 tags: expected 5, one a letter"):
        load_tagged(path)


def test_numbers_with_a_tag_a_step(tmp_path: Path) -> None:
    file = io.BytesIO(b'{"x": [[1, 2], [3, 4]], "tags": ["sit", "walk"]}\n')
    (row,) = read_tagged(file, sequence="x", format="jsonl")
    assert row.tokens.tolist() == [[1, 2], [3, 4]] and row.tags == ["sit", "walk"]
    path = tmp_path / "walks.csv"  # a row a step, in no order; the tag changes within a sequence
    path.write_text("walk,t,x,tags\na,2,5,run\na,1,4,sit\nb,1,7,sit\n", encoding="utf-8")
    table = load_tagged(path, sequence="walk,t")
    assert [row.tolist() for row in table.tokens] == [[[4], [5]], [[7]]] and table.tags == [["sit", "run"], ["sit"]]
    assert load_tagged(path, sequence="walk,t,x", tags=False).tags is None
    with pytest.raises(InputError, match="tokens='x' and sequence='walk': expected one of them"):
        read_tagged(path, tokens="x", sequence="walk")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"x": [[1], [2]], "tags": ["a"]}\n', "line 1: 1 tags: expected 2, one a step"),
        (b'{"x": [[1], [null]], "tags": ["a", "b"]}\n', "line 1, column 'x': step 1, input 0: null: expected a number"),
        (b'{"x": null, "tags": []}\n', "line 1, column 'x': missing: expected numbers"),
        (b'{"x": [], "tags": []}\n', "line 1, column 'x': 0 steps"),
    ],
)
def test_wrong_numbers_are_named(text: bytes, words: str) -> None:
    with pytest.raises(DataError) as raised:
        load_tagged(io.BytesIO(text), sequence="x", format="jsonl")
    assert words in str(raised.value)


def test_a_step_without_a_tag_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "walks.csv"
    path.write_text("walk,t,x,tags\na,1,5,run\na,2,4,\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"walks.csv, line 3: column 'tags' is empty, expected a tag"):
        load_tagged(path, sequence="walk,t,x")


def test_strokes_with_a_tag_a_point() -> None:
    file = io.BytesIO(b'{"s": [[[0, 0], [4, 0]], [[2, 4]]], "tags": ["a", "a", "b"]}\n')
    (row,) = read_tagged(file, sequence="s", format="jsonl")
    assert row.tokens.tolist() == [[0, 0, 0], [1, 0, 1], [-0.5, 1, 1]] and row.tags == ["a", "a", "b"]
    with pytest.raises(DataError, match=r"line 1: 3 tags: expected 12, one a step"):
        file.seek(0)
        list(read_tagged(file, sequence="s@0.1", format="jsonl"))
