#include "team.hpp"

#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ostinato {
namespace {

// Looks before the processor is offered to somebody else: some microseconds, more than a step takes. The one we wait
// for may need this very processor, so nobody spins without end.
constexpr int patience = 300;

void relax() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

void Meeting::wait(long index, long size) {
  const long turn = flags_[index].turn.load(std::memory_order_relaxed) + 1;
  flags_[index].turn.store(turn, std::memory_order_release);
  int looks = 0;
  for (long k = 0; k < size; ++k)
    while (flags_[k].turn.load(std::memory_order_acquire) < turn)
      if (++looks < patience) relax();
      else std::this_thread::yield();
}

}  // namespace ostinato
