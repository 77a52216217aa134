"""A fork after tokenizing in threads: no warning, no deadlock, the parent's setting unchanged."""

import os
import subprocess
import sys

import pytest

CODE = """
import os
from ostinato.text import Tokenizer
texts = ["a b c"] * 500
tokenizer = Tokenizer().fit(texts)
tokenizer.encode(texts)
before = os.environ.get("TOKENIZERS_PARALLELISM")
child = os.fork()
if child == 0:
    if os.environ.get("TOKENIZERS_PARALLELISM") == "false":
        tokenizer.encode(texts)
    print(os.environ.get("TOKENIZERS_PARALLELISM"), flush=True)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert os.environ.get("TOKENIZERS_PARALLELISM") == before, before
tokenizer.encode(texts)
print("done")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.parametrize(("set_to", "in_child"), [(None, "false"), ("true", "true"), ("false", "false")])
def test_no_warning(set_to: str | None, in_child: str) -> None:
    """Without the hooks, tokenizers 0.21 prints its warning here; 0.23 has none."""
    variables = {name: value for name, value in os.environ.items() if name != "TOKENIZERS_PARALLELISM"}
    if set_to is not None:
        variables["TOKENIZERS_PARALLELISM"] = set_to
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, env=variables)
    assert done.stdout == f"{in_child}\ndone\n", done.stderr
    assert done.stderr == ""
