// The activations on vectors, NaN in, NaN out. Names as in a cell's equations.
#pragma once

#include "vector.hpp"

namespace ostinato {

// e^v, relative error 2e-7; v in [-88, 88] (beyond, the nearest end's value).
OSTINATO_INLINE V exponential(V v) {
  v = at_least(at_most(v, 88.f), -87.f);
  const V t = v * 1.44269504f;
#if defined(__AVX512F__)
  const V n = _mm512_roundscale_ps(t, 8);
#else
  const float magic = 12582912.f;  // adding 1.5 * 2^23 leaves no bits for a fraction: it rounds
  const V n = (t + magic) - magic;
#endif
  // 2^r on [-1/2, 1/2], r = v log2(e) - n without the rounding of t
  const V r = v * 1.44269504f - n + v * 1.92596299e-8f;
  V p = r * 1.54035304e-4f + 1.33335581e-3f;
  p = p * r + 9.61812911e-3f;
  p = p * r + 5.55041087e-2f;
  p = p * r + 2.40226507e-1f;
  p = p * r + 6.93147181e-1f;
  p = p * r + 1.f;
#if defined(__AVX512F__)
  return _mm512_scalef_ps(p, n);
#else
  return reinterpret_cast<V>(reinterpret_cast<VI>(p) + (__builtin_convertvector(n, VI) << 23));
#endif
}

// 2^t, relative error 7e-8 of a t that is exact; infinity where it is too large. NaN, infinities and all else go through
// without a clamp in AVX-512: there the fraction of an infinity is 0.
OSTINATO_INLINE V power_of_two(V t) {
#if defined(__AVX512F__)
  const V n = _mm512_roundscale_ps(t, 8), r = _mm512_reduce_ps(t, 8);
#else
  t = at_least(at_most(t, 126.f), -126.f);
  const float magic = 12582912.f;  // as above
  const V n = (t + magic) - magic, r = t - n;
#endif
  V p = r * 1.32029818e-3f + 9.67495237e-3f;  // the best polynomial of degree 5 that is 1 at 0
  p = p * r + 5.55104725e-2f;
  p = p * r + 2.40221664e-1f;
  p = p * r + 6.93146586e-1f;
  p = p * r + 1.f;
#if defined(__AVX512F__)
  return _mm512_scalef_ps(p, n);
#else
  return reinterpret_cast<V>(reinterpret_cast<VI>(p) + (__builtin_convertvector(n, VI) << 23));
#endif
}

// Absolute error 1.1e-7: what the rounding of the product below does to 2^t, the slope of the sigmoid takes back.
OSTINATO_INLINE V sigmoid(V v) { return 1.f / (1.f + power_of_two(v * -1.44269504f)); }

// Odd rational function of degrees 13 and 6 (as in Eigen): accurate relative to the result, also near zero, where
// 1 - 2 / (1 + e^2v) would lose every digit. Beyond 7.9 it is 1 in float32.
OSTINATO_INLINE V tanh(V v) {
  v = at_least(at_most(v, 7.90531111f), -7.90531111f);
  const V w = v * v;
  V p = w * -2.76076847742355e-16f + 2.00018790482477e-13f;
  p = p * w + -8.60467152213735e-11f;
  p = p * w + 5.12229709037114e-8f;
  p = p * w + 1.48572235717979e-5f;
  p = p * w + 6.37261928875436e-4f;
  p = p * w + 4.89352455891786e-3f;
  V q = w * 1.19825839466702e-6f + 1.18534705686654e-4f;
  q = q * w + 2.26843463243900e-3f;
  q = q * w + 4.89352518554385e-3f;
  return v * p / q;
}

OSTINATO_INLINE V relu(V v) { return v < 0.f ? V{} : v; }

}  // namespace ostinato
