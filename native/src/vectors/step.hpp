// One step: n inputs, m outputs, a logistic regression for each pair of them, as small matrix products
// (Ji et al. 2016, "Parallelizing word2vec in shared and distributed memory": pWord2Vec; HogBatch).
#pragma once

#include <array>
#include <utility>

#include "../runtime/buffers.hpp"
#include "../simd/functions.hpp"
#include "dots.hpp"

namespace ostinato {

// log(1 + e), e in [0, 1], absolute error 4e-8: Chebyshev's polynomial.
OSTINATO_INLINE V log_one_plus(V e) {
  V p = e * -0.00600660505f + 0.0342646f;
  p = p * e + -0.0922904174f;
  p = p * e + 0.16499813f;
  p = p * e + -0.239433371f;
  p = p * e + 0.331446652f;
  p = p * e + -0.499825499f;
  p = p * e + 0.99999363f;
  p = p * e + 3.91090555e-08f;
  return p;
}

class Step {
 public:
  // The greatest numbers of inputs and outputs, and floats of a row.
  Step(long n, long m, long stride)
      : stride_(stride),
        deltas_(n * stride),
        gains_(m > outputs_at_once ? m * stride : 0),
        scores_(round_up(n * m, lanes) + lanes),
        labels_(round_up(n * m, lanes) + lanes) {}

  // What is to be added to input i, after learn().
  const float* delta(long i) const { return deltas_ + i * stride_; }

  // Learns of one input and of outputs that are distinct: as many at a time as a vector has lanes, so that their scores
  // and errors are one vector. May read `lanes - 1` labels beyond the last.
  void learn_one(const float* x, float* const* y, const float* labels, long m, float lr) {
    for (long o = 0; o < m; o += lanes) {
      const long count = m - o < lanes ? m - o : lanes;
      ones()[count - 1](*this, x, y + o, labels + o, o == 0, lr);
    }
  }

  // Scores all pairs, adds to the outputs what they learn, and puts into delta() what the inputs learn. Of an input or
  // output that is given twice, both gradients are taken at the old values, and added; `distinct`: no output is.
  void learn(const float* const* x, long n, float* const* y, const float* labels, long m, bool distinct, float lr) {
    const bool later = !distinct && m > outputs_at_once;
    score(x, n, y, m);
    errors(n, labels, m, lr);
    for (long o = 0; o < m; o += outputs_at_once) {
      const long count = m - o < outputs_at_once ? m - o : outputs_at_once;
      updates()[count - 1](*this, x, n, y + o, o, later);
    }
    // A row may stand among several products' outputs, so none is changed before the last of them.
    if (later)
      for (long o = 0; o < m; ++o)
        for (long k = 0; k < stride_; k += lanes) store(y[o] + k, load(y[o] + k) + load(gains_ + o * stride_ + k));
  }

  // Sum of the losses since the last call, nats.
  double take_loss() {
    double sum = 0;
    for (int l = 0; l < lanes; ++l) sum += loss_[l];
    loss_ = V{};
    return sum;
  }

 private:
  using Dots = void (*)(const float* const*, const float* const*, long, float*, long);
  using Update = void (*)(const Step&, const float* const*, long, float* const*, long, bool);

  using One = void (*)(Step&, const float*, float* const*, const float*, bool, float);

  template <int... K>
  static constexpr std::array<One, sizeof...(K)> all_ones(std::integer_sequence<int, K...>) {
    return {one<K + 1>...};
  }
  template <int... K>
  static constexpr std::array<Dots, sizeof...(K)> all_dots(std::integer_sequence<int, K...>) {
    return {dots<K / outputs_at_once + 1, K % outputs_at_once + 1>...};
  }
  template <int... K>
  static constexpr std::array<Update, sizeof...(K)> all_updates(std::integer_sequence<int, K...>) {
    return {update<K + 1>...};
  }
  static const One* ones() {
    static constexpr auto table = all_ones(std::make_integer_sequence<int, lanes>());
    return table.data();
  }
  static const Update* updates() {
    static constexpr auto table = all_updates(std::make_integer_sequence<int, outputs_at_once>());
    return table.data();
  }

  void score(const float* const* x, long n, float* const* y, long m) {
    static constexpr auto table = all_dots(std::make_integer_sequence<int, inputs_at_once * outputs_at_once>());
    for (long o = 0; o < m; o += outputs_at_once)
      for (long i = 0; i < n; i += inputs_at_once) {
        const long no = m - o < outputs_at_once ? m - o : outputs_at_once;
        const long ni = n - i < inputs_at_once ? n - i : inputs_at_once;
        table[(ni - 1) * outputs_at_once + no - 1](x + i, y + o, stride_, scores_ + o * n + i, n);
      }
  }

  // From scores to lr (label - p), and the loss.
  void errors(long n, const float* labels, long m, float lr) {
    for (long o = 0; o < m; ++o)
      for (long i = 0; i < n; ++i) labels_[o * n + i] = labels[o];
    const long pairs = n * m;
    for (long k = 0; k < pairs; k += lanes)
      store(scores_ + k, lr * error(load(scores_ + k), load(labels_ + k), pairs - k));
  }

  // label - p of the first `count` lanes; adds their loss.
  OSTINATO_INLINE V error(V s, V label, long count) {
    const V size = s < 0.f ? -s : s;
    const V e = exponential(-size);
    const V p = s < 0.f ? e / (1.f + e) : 1.f / (1.f + e);
    const V wrong = label > 0.5f ? -s : s;
    loss_ += keep_lanes(log_one_plus(e) + (wrong > 0.f ? wrong : V{}), count);
    return label - p;
  }

  // NO outputs of one input: y += g x, delta (+)= sum_o g y_o.
  template <int NO>
  static void one(Step& step, const float* x, float* const* y, const float* labels, bool first, float lr) {
    V sum[lanes];
#pragma GCC unroll 16
    for (int o = 0; o < lanes; ++o) sum[o] = V{};
    for (long k = 0; k < step.stride_; k += lanes) {
      const V xk = load(x + k);
#pragma GCC unroll 16
      for (int o = 0; o < NO; ++o) sum[o] += xk * load(y[o] + k);
    }
    float g[lanes];
    store(g, lr * step.error(sums(sum), load(labels), NO));
    for (long k = 0; k < step.stride_; k += lanes) {
      const V xk = load(x + k);
      V delta = first ? V{} : load(step.deltas_ + k);
#pragma GCC unroll 16
      for (int o = 0; o < NO; ++o) {
        const V old = load(y[o] + k), gain = broadcast(g[o]);
        delta += gain * old;
        store(y[o] + k, old + gain * xk);
      }
      store(step.deltas_ + k, delta);
    }
  }

  // NO outputs, all inputs: y += sum_i g x_i, delta_i (+)= sum_o g y_o, where g = scores_[(first + o) * n + i].
  template <int NO>
  static void update(const Step& step, const float* const* x, long n, float* const* y, long first, bool later) {
    const float* g = step.scores_ + first * n;
    float* deltas = step.deltas_;
    for (long k = 0; k < step.stride_; k += lanes) {
      V old[NO], sum[NO];
#pragma GCC unroll 8
      for (int o = 0; o < NO; ++o) {
        old[o] = load(y[o] + k);
        sum[o] = V{};
      }
      for (long i = 0; i < n; ++i) {
        float* to = deltas + i * step.stride_ + k;
        V delta = first ? load(to) : V{};
        const V xi = load(x[i] + k);
#pragma GCC unroll 8
        for (int o = 0; o < NO; ++o) {
          const V error = broadcast(g[o * n + i]);
          delta += error * old[o];
          sum[o] += error * xi;
        }
        store(to, delta);
      }
      if (later) {
        for (int o = 0; o < NO; ++o) store(step.gains_ + (first + o) * step.stride_ + k, sum[o]);
        continue;
      }
      // Read again: the row may stand there twice.
#pragma GCC unroll 8
      for (int o = 0; o < NO; ++o) store(y[o] + k, load(y[o] + k) + sum[o]);
    }
  }

  long stride_;
  Buffer deltas_, gains_, scores_, labels_;
  V loss_{};
};

}  // namespace ostinato
