"""A process that has read a file ends as it should, whatever the file was: no thread is left that would abort it."""

import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import sys
from ostinato.data import read
try:
    list(read(sys.argv[1]))
except ValueError:
    sys.exit(2)
"""


@pytest.mark.parametrize(
    ("content", "code"), [(b"text,label\na,b\nc,d\n", 0), (b"text,label\n", 2), (b"text,label\na,b,c\n", 2)]
)
def test_exit_code(tmp_path: Path, content: bytes, code: int) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    for _ in range(4):
        done = subprocess.run([sys.executable, "-c", CODE, str(path)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (code, "")
