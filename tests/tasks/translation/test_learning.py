"""What has a known answer is learned: copying and turning around."""

from collections.abc import Callable

import pytest
from tests.tasks.translation.conftest import sentences, turned

from ostinato.tasks import Translator

Make = Callable[..., Translator]


@pytest.mark.parametrize("attention", ["luong", "bahdanau"])
@pytest.mark.parametrize("answer", [turned, str], ids=["reverse", "copy"])
def test_reverse_and_copy(small: Make, attention: str, answer: Callable[[str], str]) -> None:
    learn, held = sentences(6000, 0), sentences(400, 1)
    model = small(attention=attention, epochs=7).fit(learn, [answer(source) for source in learn])
    right = [found == answer(source) for found, source in zip(model.translate(held), held, strict=True)]
    assert sum(right) / len(right) >= 0.99


def test_without_attention(small: Make) -> None:
    learn, held = sentences(1500, 0, "abc", 3), sentences(100, 1, "abc", 3)
    model = small(attention=None, epochs=20, beam=3).fit(learn, [turned(source) for source in learn])
    right = [found == turned(source) for found, source in zip(model.translate(held), held, strict=True)]
    assert sum(right) / len(right) >= 0.97


@pytest.mark.parametrize(
    "arguments",
    [
        {"input_feeding": True},
        {"scheduled_sampling": 0.3},
        {"cell": "gru", "shared": False, "tied": False},
        {"bidirectional": False},
        {"num_layers": 2, "decoder_layers": 2, "dropout": 0.05},
        {"label_smoothing": 0.1, "precision": "bfloat16", "average": 2, "input_dropout": 0.05, "output_dropout": 0.05},
    ],
    ids=lambda arguments: "-".join(arguments),
)
def test_every_way_learns(small: Make, arguments: dict[str, object]) -> None:
    learn, held = sentences(600, 0, "abcd", 4), sentences(60, 1, "abcd", 4)
    model = small(**{"epochs": 25, **arguments}).fit([(source, turned(source)) for source in learn])
    right = [found == turned(source) for found, source in zip(model.translate(held), held, strict=True)]
    assert sum(right) / len(right) >= 0.9
