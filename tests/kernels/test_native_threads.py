"""Threads of the native kernels: an exception on any of them reaches the caller."""

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "native" / "src"
PROGRAM = """
#include <atomic>
#include <chrono>
#include <new>
#include <thread>
#include "runtime/threads.hpp"
int main() {
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<bool> helped{false};
  try {
    ostinato::run(1000, 4, [&](long) {
      if (std::this_thread::get_id() != caller) { helped = true; throw std::bad_alloc(); }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));  // leave something to the helpers
    });
  } catch (const std::bad_alloc&) {
    return helped ? 0 : 2;
  }
  return 3;
}
"""


@pytest.mark.skipif(shutil.which("c++") is None, reason="no C++ compiler here")
@pytest.mark.skipif(not SOURCES.is_dir(), reason="the native sources are not here")
def test_exception_on_a_helper_thread(tmp_path: Path) -> None:
    source, program = tmp_path / "main.cpp", tmp_path / "main"
    source.write_text(PROGRAM, encoding="utf-8")
    command = [
        "c++",
        "-std=c++17",
        "-pthread",
        f"-I{SOURCES}",
        source,
        SOURCES / "runtime" / "threads.cpp",
        "-o",
        program,
    ]
    subprocess.run(command, check=True)
    assert subprocess.run([program], timeout=60, check=False).returncode == 0
