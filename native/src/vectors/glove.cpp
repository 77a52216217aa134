// GloVe (Pennington et al. 2014): weighted least squares on the logarithms of counts, by AdaGrad, a pair at a time.
#include <algorithm>
#include <cmath>
#include <new>
#include <vector>

#include "../runtime/threads.hpp"
#include "../simd/vector.hpp"
#include "ostinato/vectors.h"

namespace ostinato {
namespace {

OSTINATO_INLINE float sum(V v) {
  float total = 0;
  for (int l = 0; l < lanes; ++l) total += v[l];
  return total;
}

OSTINATO_INLINE V root(V v) {
#if defined(__AVX512F__)
  return _mm512_sqrt_ps(v);
#elif defined(__AVX__)
  return _mm256_sqrt_ps(v);
#elif defined(__SSE2__)
  return _mm_sqrt_ps(v);
#else
  V r;
  for (int l = 0; l < lanes; ++l) r[l] = std::sqrt(v[l]);
  return r;
#endif
}

void adapt(float& value, float& seen, float gradient, float lr) {
  value -= lr * gradient / std::sqrt(seen);
  seen += gradient * gradient;
}

double learn(const ostinato_glove& job, int64_t first, int64_t last) {
  const long S = job.stride;
  const float lr = static_cast<float>(job.lr);
  double loss = 0;
  constexpr int64_t ahead = 4;
  for (int64_t n = first; n < last; ++n) {
    if (n + ahead < last) {
      const long i = S * job.pairs[n + ahead].row, j = S * job.pairs[n + ahead].column;
      for (float* table : {job.words + i, job.words_seen + i, job.contexts + j, job.contexts_seen + j})
        for (long k = 0; k < S; k += 16) __builtin_prefetch(table + k, 1, 3);
    }
    const long i = job.pairs[n].row, j = job.pairs[n].column;
    float *w = job.words + S * i, *c = job.contexts + S * j;
    float *ws = job.words_seen + S * i, *cs = job.contexts_seen + S * j;
    V dot{};
    for (long k = 0; k < S; k += lanes) dot += load(w + k) * load(c + k);
    const float x = job.pairs[n].count;
    const float off = sum(dot) + job.word_biases[i] + job.context_biases[j] - std::log(x);
    const float weight = x < job.x_max ? std::pow(x / static_cast<float>(job.x_max), static_cast<float>(job.alpha)) : 1.f;
    loss += 0.5 * weight * off * off;
    // An exploding pair must not take the table with it: the published program clips here too.
    const float error = std::clamp(weight * off, -100.f, 100.f);
    for (long k = 0; k < S; k += lanes) {
      const V old_w = load(w + k), old_c = load(c + k), sw = load(ws + k), sc = load(cs + k);
      const V dw = error * old_c, dc = error * old_w;
      store(w + k, old_w - lr * dw / root(sw));
      store(c + k, old_c - lr * dc / root(sc));
      store(ws + k, sw + dw * dw);
      store(cs + k, sc + dc * dc);
    }
    adapt(job.word_biases[i], job.word_biases_seen[i], error, lr);
    adapt(job.context_biases[j], job.context_biases_seen[j], error, lr);
  }
  return loss;
}

}  // namespace
}  // namespace ostinato

extern "C" int ostinato_glove_train(ostinato_glove* job, int64_t threads) {
  try {
    const int64_t pieces = (job->last - job->first + job->piece - 1) / job->piece;
    std::vector<double> losses(pieces);
    ostinato::run(static_cast<long>(pieces), static_cast<long>(threads), [&](long p) {
      const int64_t first = job->first + p * job->piece;
      losses[p] = ostinato::learn(*job, first, std::min(first + job->piece, job->last));
    });
    job->loss = 0;
    for (double loss : losses) job->loss += loss;
  } catch (const std::bad_alloc&) {
    return 1;
  }
  return 0;
}
