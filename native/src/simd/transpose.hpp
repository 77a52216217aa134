// Turns rows into columns, a square of lanes by lanes at a time in registers.
#pragma once

#include <utility>

#include "vector.hpp"

namespace ostinato {

// Of two rows d apart: exchange the right half of every 2d lanes of a with the left half of b.
template <int D, bool Low, int... L>
OSTINATO_INLINE V exchange(V a, V b, std::integer_sequence<int, L...>) {
  return __builtin_shufflevector(a, b, (Low ? (L & D ? lanes + L - D : L) : (L & D ? lanes + L : L + D))...);
}

template <int D>
OSTINATO_INLINE void exchange_all(V (&row)[lanes]) {
  if constexpr (D < lanes) {
    constexpr auto all = std::make_integer_sequence<int, lanes>();
#pragma GCC unroll 16
    for (int r = 0; r < lanes; ++r)
      if ((r & D) == 0) {
        const V a = row[r], b = row[r + D];
        row[r] = exchange<D, true>(a, b, all);
        row[r + D] = exchange<D, false>(a, b, all);
      }
    exchange_all<2 * D>(row);
  }
}

// to[c * to_row + r] = from[r * from_row + c] for r < rows, c < columns.
inline void transpose(const float* from, long from_row, long rows, long columns, float* to, long to_row) {
  long r0 = 0;
  for (; r0 + lanes <= rows; r0 += lanes) {
    long c0 = 0;
    for (; c0 + lanes <= columns; c0 += lanes) {
      V square[lanes];
#pragma GCC unroll 16
      for (int r = 0; r < lanes; ++r) square[r] = load(from + (r0 + r) * from_row + c0);
      exchange_all<1>(square);
#pragma GCC unroll 16
      for (int c = 0; c < lanes; ++c) store(to + (c0 + c) * to_row + r0, square[c]);
    }
    for (; c0 < columns; ++c0)
      for (long r = r0; r < r0 + lanes; ++r) to[c0 * to_row + r] = from[r * from_row + c0];
  }
  for (long c = 0; c < columns; ++c)
    for (long r = r0; r < rows; ++r) to[c * to_row + r] = from[r * from_row + c];
}

}  // namespace ostinato
