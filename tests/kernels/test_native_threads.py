"""Threads of the native kernels: a team has as many members as there are, nobody is overtaken, no exception lost."""

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "native" / "src"
# A runtime that grants two threads at most, ours, and one that was never there; 1 to 5 threads asked for. Between two
# meetings each member writes its own place and reads the others': one that went on too early would read an old round.
PROGRAM = """
#include <atomic>
#include <chrono>
#include <new>
#include <thread>
#include <vector>
#include "runtime/threads.hpp"

thread_local int number = 0;
int granted = 1;
int members() { return granted; }
int self() { return number; }
void parallel(void (*job)(void*), void* context, unsigned threads, unsigned) {
  granted = threads < 2 ? 1 : 2;
  std::thread other;
  if (granted == 2) other = std::thread([=] { number = 1; job(context); });
  job(context);
  if (other.joinable()) other.join();
}

int rounds(long threads, long most) {
  std::vector<long> place(threads, -1);
  std::atomic<int> wrong{0}, came{0};
  std::vector<int> done(7, 0);
  ostinato::Meetings meetings(3, threads);
  ostinato::together(threads, [&](const ostinato::Team& team) noexcept {
    came.fetch_add(1);
    if (team.size > most || team.index >= team.size) wrong = 1;
    for (long round = 0; round < 2000; ++round) {
      place[team.index] = round;
      team.wait();
      for (long k = 0; k < team.size; ++k) if (place[k] != round) wrong = 2;
      team.wait();
    }
    for (long k = team.first(7); k < team.last(7); ++k) ++done[k];
    if (came != team.size) wrong = 3;
    team.divide(3, meetings, [&](long, const ostinato::Team& its) {
      its.wait();
      if (its.index < 0 || its.index >= its.size) wrong = 4;
    });
  });
  for (int times : done) if (times != 1) wrong = 5;
  return wrong;
}

// An exception of a task on another thread comes back to the caller.
int thrown() {
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

int main() {
  if (int wrong = thrown()) return 40 + wrong;
  for (int kind = 0; kind < 3; ++kind) {
    if (kind == 1) ostinato::use_openmp((void*)parallel, (void*)members, (void*)self);
    if (kind == 2) ostinato::use_openmp((void*)parallel, nullptr, (void*)self);
    for (long threads = 1; threads <= 5; ++threads)
      if (int wrong = rounds(threads, kind == 1 ? 2 : threads)) return 10 * kind + wrong;
  }
  return 0;
}
"""


@pytest.mark.skipif(shutil.which("c++") is None, reason="no C++ compiler here")
@pytest.mark.skipif(not SOURCES.is_dir(), reason="the native sources are not here")
@pytest.mark.parametrize("sanitizer", ["thread", "address,undefined"])
def test_teams(tmp_path: Path, sanitizer: str) -> None:
    source, program = tmp_path / "main.cpp", tmp_path / "main"
    source.write_text(PROGRAM, encoding="utf-8")
    runtime = [SOURCES / "runtime" / name for name in ("threads.cpp", "team.cpp")]
    flags = ["-std=c++17", "-O1", "-g", "-pthread", f"-fsanitize={sanitizer}"]
    built = subprocess.run(["c++", *flags, f"-I{SOURCES}", source, *runtime, "-o", program], check=False)
    if built.returncode:
        pytest.skip(f"this compiler has no sanitizer for {sanitizer}")
    ran = subprocess.run([program], timeout=60, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
