"""The page: whole, self-contained, with every text escaped."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from ostinato.report.page import Report, page
from ostinato.tasks.evaluate import measure

HISTORY = [{"epoch": 1, "train_loss": 0.7, "valid_loss": 0.6, "valid_accuracy": 0.5}]
VOID = {"meta", "img", "source", "br"}


class Balance(HTMLParser):
    """Keeps the open elements; what is left open or closed twice is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def report(classes: list[str], rows: int = 60, **more: object) -> Report:
    generator = np.random.default_rng(0)
    labels = [classes[i] for i in generator.integers(0, len(classes), rows)]
    measures = measure(labels, generator.dirichlet(np.ones(len(classes)), size=rows), classes)
    return Report("Classifier on <reviews> & more", "today", measures, "Measured on 60 rows.", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [2, 10, 60])
def test_well_formed(count: int) -> None:
    text = page(report([f"class {i}" for i in range(count)], history=HISTORY, data={"rows": 3}, settings={"lr": 0.1}))
    parser = Balance()
    parser.feed(text)
    assert parser.open == []


def test_needs_no_other_file() -> None:
    text = page(report(["a", "b"], history=HISTORY))
    assert not re.search(r"""(?:src|href|srcset)=["'](?!data:)""", text)
    assert "url(" not in text
    assert "<script" not in text


def test_every_text_is_escaped() -> None:
    bad = "<script>alert(1)</script>"
    text = page(
        report(
            [bad, "b"],
            mistakes=[{"input": bad, "label": bad, "predicted": bad, "probability": 0.9}],
            data={bad: bad},
            settings={bad: [bad]},
            versions={bad: bad},
        )
    )
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 9


def test_numbers_are_on_the_page() -> None:
    given = report(["a", "b"], settings={"lr": 0.001, "pooling": ("max", "mean"), "patience": None})
    text = page(given)
    assert f"{given.measures.summary['accuracy']:.2%}".replace("%", " %") in text
    assert "<td>0.001</td>" in text
    assert "<td>max, mean</td>" in text
    assert "<td>none</td>" in text


def test_many_classes_show_pairs_instead_of_a_matrix() -> None:
    few, many = (page(report([f"c{i}" for i in range(n)])) for n in (25, 26))
    assert 'class="confusion"' in few
    assert 'class="confusion"' not in many
    assert "predicted as" in many


def test_several_labels_a_row() -> None:
    measures = measure([[1, 0], [1, 1]], np.array([[0.9, 0.2], [0.3, 0.8]]), [0, 1])
    text = page(Report("several", "today", measures, "Measured on 2 rows."))
    assert "50.00 %" in text and "precision" in text
    assert "taken for whom" not in text


def test_without_history_there_is_no_curve() -> None:
    assert "<img" not in page(report(["a", "b"]))
