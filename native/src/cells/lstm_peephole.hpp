// LSTM whose gates look at the memory cell; line for line as cells/lstm_peephole.py.
#pragma once

#include "cell.hpp"

namespace ostinato {

struct LstmPeephole {
  static constexpr int units = 1, phases = 1, wh_at = 0;
  static constexpr int x_order[] = {0, 1, 2, 3}, h_order[] = {0, 1, 2, 3};
  static constexpr bool direct_h = false;

  struct Gates { V i, f, g, o; };
  struct State { V h, c; };
  struct Kept { V i, f, g, o, c; };  // c: the previous one
  struct Extra { V w_ci, w_cf, w_co; };
  struct Slopes { V i, f, g, o; };
  struct Gradients { Slopes w; State s; Extra p; };

  static OSTINATO_INLINE State forward(const Gates& wx, const Gates& wh, const State& s, const Extra& p, Kept& kept) {
    const V i = sigmoid(wx.i + wh.i + p.w_ci * s.c);
    const V f = sigmoid(wx.f + wh.f + p.w_cf * s.c);
    const V g = tanh(wx.g + wh.g);
    const V c = f * s.c + i * g;
    const V o = sigmoid(wx.o + wh.o + p.w_co * c);
    const V h = o * tanh(c);
    kept = {i, f, g, o, s.c};
    return {h, c};
  }

  static OSTINATO_INLINE Gradients backward(const Kept& a, const V&, const State& d, const Extra& p) {
    const V c = a.f * a.c + a.i * a.g;
    const V tanh_c = tanh(c);
    const V dO = d.h * tanh_c * a.o * (1 - a.o);
    const V dc = d.c + d.h * a.o * (1 - tanh_c * tanh_c) + dO * p.w_co;
    const V di = dc * a.g * a.i * (1 - a.i);
    const V df = dc * a.c * a.f * (1 - a.f);
    const V dg = dc * a.i * (1 - a.g * a.g);
    return {{di, df, dg, dO}, {V{}, dc * a.f + di * p.w_ci + df * p.w_cf}, {di * a.c, df * a.c, dO * c}};
  }
};

}  // namespace ostinato
