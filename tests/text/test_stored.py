"""tokenizer.json: ours again, and Hugging Face's."""

import copy
import json
import pickle
from pathlib import Path

import pytest
import tokenizers

from ostinato._core.errors import ModelFileError
from ostinato.text import KINDS, Tokenizer

TEXTS = ["I don't like <br /> it.", "Niño e\u0301 👩‍👧 \x85\u2028", "A\tB"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lowercase", [None, True, False])
@pytest.mark.parametrize("add_eos", [True, False])
def test_round_trip(kind: str, lowercase: bool | None, add_eos: bool) -> None:
    tokenizer = Tokenizer(kind, lowercase=lowercase, add_eos=add_eos, max_vocabulary=300).fit(TEXTS)
    again = Tokenizer.from_json(tokenizer.to_json())
    assert again.to_json() == tokenizer.to_json()
    assert (again.kind, again.lowercase, again.add_eos) == (kind, tokenizer.lowercase, add_eos)
    assert again.max_vocabulary == again.size == tokenizer.size
    one, two = (made.encode([*TEXTS, ""], max_length=4) for made in (tokenizer, again))
    assert [ids.tolist() for ids in one] == [ids.tolist() for ids in two]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("add_eos", [True, False])
def test_hugging_face_opens_it_and_agrees(tmp_path: Path, kind: str, add_eos: bool) -> None:
    tokenizer = Tokenizer(kind, add_eos=add_eos).fit(TEXTS)
    path = tmp_path / "tokenizer.json"
    path.write_text(tokenizer.to_json(), encoding="utf-8")
    other = tokenizers.Tokenizer.from_file(str(path))
    for text in TEXTS:
        assert other.encode(text).ids == tokenizer.encode([text])[0].tolist()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_copies(copied) -> None:
    tokenizer = Tokenizer("bpe", max_vocabulary=300).fit(TEXTS)
    assert copied(tokenizer).to_json() == tokenizer.to_json()


def damaged(**changes: object) -> str:
    parts = json.loads(Tokenizer().fit(TEXTS).to_json())
    return json.dumps({**parts, **changes})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"word"',
        "{}",
        damaged(model={"type": "Unigram", "vocab": []}),
        damaged(model={"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "<unk>"}),
        damaged(model=None),
        damaged(pre_tokenizer={"type": "Nothing"}),
    ],
)
def test_damaged(text: str) -> None:
    with pytest.raises(ModelFileError, match=r"tokenizer JSON: .*use a tokenizer\.json that Ostinato wrote"):
        Tokenizer.from_json(text)
