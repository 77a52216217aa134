"""`import ostinato` loads nothing heavy, and every public name can be had."""

import subprocess
import sys

import pytest

import ostinato


def test_import_is_lazy() -> None:
    code = "import sys, ostinato; print([m for m in ('torch', 'sklearn', 'pyarrow', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ostinato.__all__)
def test_public_name_exists(name: str) -> None:
    assert getattr(ostinato, name) is not None


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        ostinato.Nothing  # noqa: B018
