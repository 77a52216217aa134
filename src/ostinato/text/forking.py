"""Keeps Hugging Face's tokenizers quiet and safe when a process forks after it has tokenized in threads.

Threads do not survive a fork. Versions of tokenizers before 0.22 therefore turn them off in the child, and print a
warning that asks the user to set `TOKENIZERS_PARALLELISM`. We know the answer: off in the child, unchanged in the
parent. A value the user has set is left alone.
"""

import os

_NAME = "TOKENIZERS_PARALLELISM"
_ours = False


def _before() -> None:
    global _ours
    _ours = _NAME not in os.environ
    if _ours:
        os.environ[_NAME] = "false"


def _after_in_parent() -> None:
    if _ours:
        os.environ.pop(_NAME, None)


def register() -> None:
    """Ask Python to do this at every fork; call once."""
    if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
        os.register_at_fork(before=_before, after_in_parent=_after_in_parent)
