"""Where there is a compiler there is a native library: a build that fails must not pass as a skip."""

import shutil
import sys

import pytest

from ostinato.kernels.native import instruction_set, missing


@pytest.mark.skipif(shutil.which("c++") is None, reason="no C++ compiler here")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="checked where the tests run: on Linux")
def test_library_was_built() -> None:
    assert missing() is None
    assert instruction_set() in {"baseline", "avx2", "avx512", "neon"}
