// LSTM whose gates look at the memory cell; line for line as cells/lstm_peephole.py.
#pragma once

#include "cell.hpp"

namespace ostinato {

struct LstmPeephole {
  static constexpr int units = 1, phases = 1, wh_at = 0;
  static constexpr int x_order[] = {0, 1, 2, 3}, h_order[] = {0, 1, 2, 3};
  static constexpr int norm_groups[] = {4};
  static constexpr bool direct_h = false, norm_state = true;

  struct Gates { V i, f, g, o; };
  struct State { V h, c; };
  struct Kept { V i, f, g, o, c; };  // c: the previous one
  struct Extra { V w_ci, w_cf, w_co; };
  struct Slopes { V i, f, g, o; };
  struct Gradients { Slopes w; State s; Extra p; };

  template <class Functions>
  static OSTINATO_INLINE State forward(const Gates& wx, const Gates& wh, const State& s, const Extra& p, Kept& kept,
                                       const Functions& F) {
    const V i = sigmoid(wx.i + wh.i + p.w_ci * s.c);
    const V f = sigmoid(wx.f + wh.f + p.w_cf * s.c);
    const V g = tanh(wx.g + wh.g);
    const V c = f * s.c + i * g;
    const V o = sigmoid(wx.o + wh.o + p.w_co * c);
    const V h = o * tanh(F.norm(c));
    kept = {i, f, g, o, s.c};
    return {h, c};
  }

  template <class Functions>
  static OSTINATO_INLINE Gradients backward(const Kept& a, const V&, const State& d, const Extra& p, const Functions& F) {
    const V c = a.f * a.c + a.i * a.g;
    const V tanh_c = tanh(F.norm(c));
    const V dO = d.h * tanh_c * a.o * (1 - a.o);
    const V dc = d.c + F.dnorm(d.h * a.o * (1 - tanh_c * tanh_c)) + dO * p.w_co;
    const V di = dc * a.g * a.i * (1 - a.i);
    const V df = dc * a.c * a.f * (1 - a.f);
    const V dg = dc * a.i * (1 - a.g * a.g);
    return {{di, df, dg, dO}, {V{}, dc * a.f + di * p.w_ci + df * p.w_cf}, {di * a.c, df * a.c, dO * c}};
  }
};

}  // namespace ostinato
