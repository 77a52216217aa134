// Elman's network with three nonlinearities; line for line as cells/rnn.py.
#pragma once

#include "cell.hpp"

namespace ostinato {

// What the three share; F gives the nonlinearity and its gradient from its result.
template <class F>
struct Rnn {
  static constexpr int units = 2, phases = 1, wh_at = 0;
  static constexpr int x_order[] = {0}, h_order[] = {0};
  static constexpr int norm_groups[] = {1};
  static constexpr bool direct_h = false, norm_state = false;

  struct Gates { V h; };
  struct State { V h; };
  struct Kept { V h; };
  using Extra = Nothing;
  struct Slopes { V h; };
  struct Gradients { Slopes w; State s; Extra p; };

  static OSTINATO_INLINE State forward(const Gates& wx, const Gates& wh, const State&, const Extra&, Kept& kept) {
    const V h = F::function(wx.h + wh.h);
    kept = {h};
    return {h};
  }

  static OSTINATO_INLINE Gradients backward(const Kept& a, const V&, const State& d, const Extra&) {
    const V dh = F::gradient(d.h, a.h);
    return {{dh}, {V{}}, {}};
  }
};

struct TanhFunction {
  static OSTINATO_INLINE V function(V v) { return tanh(v); }
  static OSTINATO_INLINE V gradient(V dh, V h) { return dh * (1 - h * h); }
};
struct ReluFunction {
  static OSTINATO_INLINE V function(V v) { return relu(v); }
  // dh * (h > 0), where a NaN of either comes through
  static OSTINATO_INLINE V gradient(V dh, V h) { return h <= 0.f ? dh * 0.f : dh; }
};
struct IdentityFunction {
  static OSTINATO_INLINE V function(V v) { return v; }
  static OSTINATO_INLINE V gradient(V dh, V) { return dh; }
};

using RnnTanh = Rnn<TanhFunction>;
using RnnRelu = Rnn<ReluFunction>;
using RnnIdentity = Rnn<IdentityFunction>;

}  // namespace ostinato
