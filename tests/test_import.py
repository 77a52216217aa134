"""`import ostinato` loads nothing heavy, and every public name can be had."""

import subprocess
import sys

import pytest
import torch

import ostinato
from ostinato.kernels.constant import constant_in_graphs


def test_import_is_lazy() -> None:
    code = "import sys, ostinato; print([m for m in ('torch', 'sklearn', 'pyarrow', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_layers_do_not_load_the_compiler() -> None:
    code = "import sys, ostinato.nn; print('torch' in sys.modules, 'torch._dynamo' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_marked_as_torch_marks() -> None:
    ours, theirs = constant_in_graphs(lambda: 1), torch.compiler.assume_constant_result(lambda: 1)
    assert vars(ours) == vars(theirs) != {}


@pytest.mark.parametrize("name", ostinato.__all__)
def test_public_name_exists(name: str) -> None:
    assert getattr(ostinato, name) is not None


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        ostinato.Nothing  # noqa: B018
