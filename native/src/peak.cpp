// What measures the processor's limit, in the same run as everything else: multiply-adds on registers and nothing else.
#include "ostinato/kernels.h"
#include "runtime/threads.hpp"
#include "simd/vector.hpp"

namespace {

constexpr int sums = 12;  // latency 4 or 5 times two multipliers, and no more, so that 16 registers suffice
constexpr long rounds = 100000;

float burn() {
  using namespace ostinato;
  V acc[sums];
  for (int s = 0; s < sums; ++s) acc[s] = broadcast(static_cast<float>(s));  // equal sums would be computed once
  V a = broadcast(0.999f), b = broadcast(1e-6f);
  for (long k = 0; k < rounds; ++k) {
#pragma GCC unroll 16
    for (int s = 0; s < sums; ++s) acc[s] = acc[s] * a + b;
#if defined(__x86_64__)
    asm volatile("" : "+x"(a), "+x"(b));
#endif
  }
  for (int s = 1; s < sums; ++s) acc[0] += acc[s];
  return acc[0][0];
}

}  // namespace

extern "C" double ostinato_burn(int64_t threads) {
  long members = 1;
  ostinato::together(threads, [&](const ostinato::Team& team) noexcept {
    volatile float kept = burn();
    (void)kept;
    if (team.index == 0) members = team.size;
  });
  return 2.0 * static_cast<double>(members) * rounds * sums * ostinato::lanes;
}
