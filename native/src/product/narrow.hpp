// Products in bfloat16: weights and what they multiply rounded to 8 bits, sums in float32. Two neighbours of the inner
// dimension share the place of one float, as the processor's instruction wants them.
//
// One library alone is compiled so (OSTINATO_BFLOAT16); the user chooses it. In all others these functions do nothing or
// what float32 does, so that the time loop is the same text.
#pragma once

#include "product.hpp"

namespace ostinato {

#if defined(OSTINATO_BFLOAT16)
constexpr bool narrow = true;

// A vector as eight pairs.
OSTINATO_INLINE void store_narrow(float* to, V v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(v)));
}

// Columns of a row as pairs; `to` may be `from`. An odd one is paired with zero.
inline void narrow_row(const float* from, long columns, float* to) {
  for (long k = 0; k < columns; k += lanes) {
    const long left = columns - k;
    const __mmask16 there = left >= lanes ? 0xffff : (1u << left) - 1;
    store_narrow(to + k / 2, _mm512_maskz_loadu_ps(there, from + k));
  }
}

// Some columns of rows, in place: row j becomes rows 2j and 2j + 1, an odd last one beside zeros. What lies behind them
// (of weights the bias) stays as it is. `first` and `last` are multiples of `lanes`.
inline void narrow_columns(float* panel, long rows, long row, long first, long last) {
  const auto half = [](V v) {
    return _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(v)));
  };
  for (long k = 0; k < rows; k += 2)
    for (long at = first; at < last; at += lanes) {
      const float* from = panel + k * row + at;
      const __m512i low = half(load(from)), high = half(k + 1 < rows ? load(from + row) : V{});
      _mm512_storeu_si512(panel + k / 2 * row + at, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
    }
}
#else
constexpr bool narrow = false;
OSTINATO_INLINE void store_narrow(float*, V) {}
inline void narrow_row(const float*, long, float*) {}
inline void narrow_columns(float*, long, long, long, long) {}
#endif

// All columns.
inline void narrow_panel(float* panel, long rows, long row) { narrow_columns(panel, rows, row, 0, row); }

// Steps of the inner dimension.
constexpr long inner(long K) { return narrow ? (K + 1) / 2 : K; }

}  // namespace ostinato
