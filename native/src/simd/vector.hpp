// One vector of floats, by the compiler's vector extension: the same source for SSE, AVX, AVX-512 and NEON.
#pragma once

#if defined(__AVX512F__) || defined(__AVX__) || defined(__SSE2__)
#include <immintrin.h>
#endif

namespace ostinato {

#if defined(__AVX512F__)
constexpr int lanes = 16;
#elif defined(__AVX__)
constexpr int lanes = 8;
#else
constexpr int lanes = 4;
#endif

#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int registers = 32;
#else
constexpr int registers = 16;
#endif

typedef float V __attribute__((vector_size(4 * lanes)));
typedef int VI __attribute__((vector_size(4 * lanes)));
// The same vector at any address of floats.
typedef float Unaligned __attribute__((vector_size(4 * lanes), aligned(4), may_alias));

#define OSTINATO_INLINE inline __attribute__((always_inline))

OSTINATO_INLINE V load(const float* from) { return *reinterpret_cast<const Unaligned*>(from); }
OSTINATO_INLINE void store(float* to, V v) { *reinterpret_cast<Unaligned*>(to) = v; }

// `s + V{}` would turn -0 into +0 and cost an addition; subtracting zero does neither.
OSTINATO_INLINE V broadcast(float s) { return s - V{}; }

// The first n lanes from memory, zeros behind them: the end of a row must not be read past.
inline V load_part(const float* from, long n) {
  V v{};
  for (long k = 0; k < n && k < lanes; ++k) v[k] = from[k];
  return v;
}
inline void store_part(float* to, V v, long n) {
  for (long k = 0; k < n && k < lanes; ++k) to[k] = v[k];
}

// n is what is left of the row at this address.
OSTINATO_INLINE V load_row(const float* from, long n) { return n >= lanes ? load(from) : load_part(from, n); }
OSTINATO_INLINE void store_row(float* to, V v, long n) { n >= lanes ? store(to, v) : store_part(to, v, n); }

// The first n lanes of v, zeros behind them, NaN or not.
OSTINATO_INLINE V keep_lanes(V v, long n) {
  VI at;
  for (int k = 0; k < lanes; ++k) at[k] = k;
  return at < static_cast<int>(n) ? v : V{};
}

// min and max that let a NaN in v through, as comparisons with it are false.
OSTINATO_INLINE V at_most(V v, float limit) {
#if defined(__AVX512F__)
  return _mm512_min_ps(broadcast(limit), v);
#else
  return broadcast(limit) < v ? broadcast(limit) : v;
#endif
}
OSTINATO_INLINE V at_least(V v, float limit) {
#if defined(__AVX512F__)
  return _mm512_max_ps(broadcast(limit), v);
#else
  return broadcast(limit) > v ? broadcast(limit) : v;
#endif
}

constexpr long round_up(long n, long to) { return (n + to - 1) / to * to; }

}  // namespace ostinato
