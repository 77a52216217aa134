// LSTM with a forget gate; line for line as cells/lstm.py.
#pragma once

#include "cell.hpp"

namespace ostinato {

struct Lstm {
  static constexpr int units = 1, phases = 1, wh_at = 0;
  static constexpr int x_order[] = {0, 1, 2, 3}, h_order[] = {0, 1, 2, 3};
  static constexpr int norm_groups[] = {4};
  static constexpr bool direct_h = false, norm_state = true;  // h_{t-1} is read by the product alone

  struct Gates { V i, f, g, o; };
  struct State { V h, c; };
  struct Kept { V i, f, g, o, c; };  // c: the previous one
  using Extra = Nothing;
  struct Slopes { V i, f, g, o; };
  struct Gradients { Slopes w; State s; Extra p; };

  template <class Functions>
  static OSTINATO_INLINE State forward(const Gates& wx, const Gates& wh, const State& s, const Extra&, Kept& kept,
                                       const Functions& F) {
    const V i = sigmoid(wx.i + wh.i);
    const V f = sigmoid(wx.f + wh.f);
    const V g = tanh(wx.g + wh.g);
    const V o = sigmoid(wx.o + wh.o);
    const V c = f * s.c + i * g;
    const V h = o * tanh(F.norm(c));
    kept = {i, f, g, o, s.c};
    return {h, c};
  }

  template <class Functions>
  static OSTINATO_INLINE Gradients backward(const Kept& a, const V&, const State& d, const Extra&, const Functions& F) {
    const V tanh_c = tanh(F.norm(a.f * a.c + a.i * a.g));  // recomputed, not stored: cheaper than the memory it would cost
    const V dc = d.c + F.dnorm(d.h * a.o * (1 - tanh_c * tanh_c));
    const V di = dc * a.g * a.i * (1 - a.i);
    const V df = dc * a.c * a.f * (1 - a.f);
    const V dg = dc * a.i * (1 - a.g * a.g);
    const V dO = d.h * tanh_c * a.o * (1 - a.o);
    return {{di, df, dg, dO}, {V{}, dc * a.f}, {}};
  }
};

}  // namespace ostinato
