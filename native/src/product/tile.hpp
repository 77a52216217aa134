// The innermost loop: a tile of MR rows and NV vectors stays in registers while k runs.
#pragma once

#include <utility>

#include "../simd/vector.hpp"

namespace ostinato {

template <int MR, int NV>
OSTINATO_INLINE void multiply_run(V (&acc)[MR][NV], long K, const float* a, long am, long ak, const float* b, long bk) {
#pragma GCC unroll 2
  for (long k = 0; k < K; ++k, a += ak, b += bk) {
    if constexpr (registers >= 32 || MR > NV) {
      V right[NV];
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) right[v] = load(b + v * lanes);
#pragma GCC unroll 16
      for (int m = 0; m < MR; ++m) {
        const V left = broadcast(a[m * am]);
#pragma GCC unroll 8
        for (int v = 0; v < NV; ++v) acc[m][v] += left * right[v];
      }
    } else {  // too few registers to hold a row of vectors beside the sums: hold the column of numbers
      V left[MR];
#pragma GCC unroll 16
      for (int m = 0; m < MR; ++m) left[m] = broadcast(a[m * am]);
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) {
        const V right = load(b + v * lanes);
#pragma GCC unroll 16
        for (int m = 0; m < MR; ++m) acc[m][v] += left[m] * right;
      }
    }
  }
}

// The same with so many sums for each element, the k-th product to sum k modulo their number.
template <int MR, int NV, int... W>
OSTINATO_INLINE void multiply_apart(V (&acc)[MR][NV], long K, const float* a, long am, long ak, const float* b, long bk,
                                    std::integer_sequence<int, W...>) {
  constexpr int ways = sizeof...(W);
  V apart[ways][MR][NV] = {};
  long k = 0;
  for (; k + ways <= K; k += ways)
    (multiply_run<MR, NV>(apart[W], 1, a + (k + W) * ak, am, ak, b + (k + W) * bk, bk), ...);
  multiply_run<MR, NV>(apart[0], K - k, a + k * ak, am, ak, b + k * bk, bk);
#pragma GCC unroll 16
  for (int m = 0; m < MR; ++m)
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) acc[m][v] += (apart[W][m][v] + ...);
}

// acc[m][v] += sum over k of a[m * am + k * ak] * b[k * bk + v * lanes]
template <int MR, int NV>
OSTINATO_INLINE void multiply(V (&acc)[MR][NV], long K, const float* a, long am, long ak, const float* b, long bk) {
  // Fewer than eight sums would wait for each other.
  constexpr int sums = MR * NV, ways = sums >= 8 ? 1 : sums >= 4 ? 2 : sums >= 2 ? 4 : 8;
  if constexpr (ways == 1) multiply_run<MR, NV>(acc, K, a, am, ak, b, bk);
  else multiply_apart<MR, NV>(acc, K, a, am, ak, b, bk, std::make_integer_sequence<int, ways>());
}

#if defined(OSTINATO_BFLOAT16)
// The same of pairs of bfloat16 (narrow.hpp): acc[m][v] += sum over pairs k of a[m * am + k * ak] . b[k * bk + v * lanes]
template <int MR, int NV>
OSTINATO_INLINE void multiply_pairs(V (&acc)[MR][NV], long K, const float* a, long am, long ak, const float* b, long bk) {
  // The instruction waits longer for its sum than a multiply-add does: two sums for each element where they are few.
  constexpr int ways = MR * NV >= 12 ? 1 : MR * NV >= 6 ? 2 : 4;
  V apart[ways][MR][NV] = {};
  const auto step = [&](V (&sums)[MR][NV], long k) __attribute__((always_inline)) {
    __m512bh right[NV];
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) right[v] = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b + k * bk + v * lanes));
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) {
      const __m512bh left = reinterpret_cast<__m512bh>(broadcast(a[m * am + k * ak]));
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) sums[m][v] = _mm512_dpbf16_ps(sums[m][v], left, right[v]);
    }
  };
  long k = 0;
  for (; k + ways <= K; k += ways)
#pragma GCC unroll 4
    for (int w = 0; w < ways; ++w) step(apart[w], k + w);
  for (; k < K; ++k) step(apart[0], k);
#pragma GCC unroll 16
  for (int m = 0; m < MR; ++m)
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v)
#pragma GCC unroll 4
      for (int w = 0; w < ways; ++w) acc[m][v] += apart[w][m][v];
}
#endif

// Pairs of bfloat16 in the library that has them, else floats.
template <int MR, int NV>
OSTINATO_INLINE void multiply_narrow(V (&acc)[MR][NV], long K, const float* a, long am, long ak, const float* b, long bk) {
#if defined(OSTINATO_BFLOAT16)
  multiply_pairs<MR, NV>(acc, K, a, am, ak, b, bk);
#else
  multiply<MR, NV>(acc, K, a, am, ak, b, bk);
#endif
}

// Most rows of a tile that is NV vectors wide: the sums, one row of vectors and a number must fit the registers.
constexpr int most_rows(int NV) {
  return registers >= 32 ? (NV <= 3 ? 8 : NV == 4 ? 6 : 4) : NV == 1 ? 8 : NV == 2 ? 6 : NV == 3 ? 4 : NV == 4 ? 3 : 2;
}

// Cut rows into tiles of nearly equal height: 10 as 5 + 5, not 8 + 2, since low tiles are slow. f(first, height).
template <class F>
OSTINATO_INLINE void for_tiles(long rows, int most, F&& f) {
  const long tiles = (rows + most - 1) / most;
  for (long tile = 0, first = 0; tile < tiles; ++tile) {
    const long height = rows / tiles + (tile < rows % tiles);
    f(first, static_cast<int>(height));
    first += height;
  }
}

}  // namespace ostinato
