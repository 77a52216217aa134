"""The examples of the guide for PyTorch programs run, one after the other, as a reader would run them."""

import re
from pathlib import Path
from typing import Any

import torch

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "torch.md"


def test_examples_run() -> None:
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    assert len(blocks) >= 4
    torch._dynamo.reset()
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block, names)
    assert names["h"].shape == (2, 1, 16)
