// All scalar products of a few rows with a few others: sums stay in registers, and are added across lanes together.
#pragma once

#include <utility>

#include "../simd/transpose.hpp"
#include "../simd/vector.hpp"

namespace ostinato {

constexpr int inputs_at_once = registers == 32 ? 4 : 2;
constexpr int outputs_at_once = 6;  // a word and five negatives

// Lane r of the result is the sum of row[r]'s lanes.
template <int D = 1>
OSTINATO_INLINE V sums(V (&row)[lanes]) {
  if constexpr (D < lanes) {
    constexpr auto all = std::make_integer_sequence<int, lanes>();
#pragma GCC unroll 16
    for (int r = 0; r < lanes; r += 2 * D) {
      const V a = row[r], b = row[r + D];
      row[r] = exchange<D, true>(a, b, all) + exchange<D, false>(a, b, all);
    }
    return sums<2 * D>(row);
  } else {
    return row[0];
  }
}

// scores[o * row + i] = x[i] . y[o]
template <int NI, int NO>
void dots(const float* const* x, const float* const* y, long stride, float* scores, long row) {
  V sum[NI * NO];
#pragma GCC unroll 32
  for (int s = 0; s < NI * NO; ++s) sum[s] = V{};
  for (long k = 0; k < stride; k += lanes) {
    V xs[NI];
#pragma GCC unroll 4
    for (int i = 0; i < NI; ++i) xs[i] = load(x[i] + k);
#pragma GCC unroll 8
    for (int o = 0; o < NO; ++o) {
      const V yo = load(y[o] + k);
#pragma GCC unroll 4
      for (int i = 0; i < NI; ++i) sum[o * NI + i] += xs[i] * yo;
    }
  }
  constexpr int squares = (NI * NO + lanes - 1) / lanes;
  float flat[squares * lanes];
#pragma GCC unroll 8
  for (int s = 0; s < squares; ++s) {
    V square[lanes];
#pragma GCC unroll 16
    for (int r = 0; r < lanes; ++r) square[r] = s * lanes + r < NI * NO ? sum[s * lanes + r < NI * NO ? s * lanes + r : 0] : V{};
    store(flat + s * lanes, sums(square));
  }
#pragma GCC unroll 8
  for (int o = 0; o < NO; ++o)
#pragma GCC unroll 4
    for (int i = 0; i < NI; ++i) scores[o * row + i] = flat[o * NI + i];
}

}  // namespace ostinato
