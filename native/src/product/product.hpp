// Matrix products in tiles, on operands in the layouts that the time loop leaves behind: nothing is packed again.
#pragma once

#include "tile.hpp"

namespace ostinato {

// One strip: C (rows x NV vectors) = start + sum over slices and k of A * B. `start` is where each row of C begins:
// a bias (start_stride 0), C itself, or nullptr for zeros.
struct Strip {
  long rows;
  long slices, K;  // the inner dimension, as `slices` runs of K
  const float* a;
  long a_row, a_k, a_slice;  // A(m, s, k) = a[m * a_row + s * a_slice + k * a_k]
  const float* b;
  long b_k;  // B(s, k, :) = b[(s * K + k) * b_k]
  const float* start;
  long start_row;
  float* c;
  long c_row;
};

constexpr int widest = 6;

// NV in 1 .. widest.
void strip(int NV, const Strip& s);

// The same of pairs of bfloat16 in the library that has them (narrow.hpp): K, a_k and b_k count pairs.
#if defined(OSTINATO_BFLOAT16)
void strip_narrow(int NV, const Strip& s);
#else
inline void strip_narrow(int NV, const Strip& s) { strip(NV, s); }
#endif

// Columns of a product, cut into strips of up to four vectors, nearly equal: nine as 3 + 3 + 3.
struct Columns {
  long vectors;
  explicit Columns(long columns) : vectors((columns + lanes - 1) / lanes) {}
  long strips() const { return (vectors + 3) / 4; }
  long first(long strip) const {  // vector where a strip begins
    const long n = strips();
    return strip * (vectors / n) + (strip < vectors % n ? strip : vectors % n);
  }
  int width(long strip) const { return static_cast<int>(first(strip + 1) - first(strip)); }
};

}  // namespace ostinato
