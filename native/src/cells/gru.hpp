// GRU that resets after the recurrent product; line for line as cells/gru.py.
#pragma once

#include "cell.hpp"

namespace ostinato {

struct Gru {
  // n's two products have different gradients, so there are four: n r z are wx's, r z n are wh's.
  static constexpr int units = 1, phases = 1, wh_at = 1;
  static constexpr int x_order[] = {2, 0, 1}, h_order[] = {0, 1, 2};
  static constexpr int norm_groups[] = {2, 1};
  static constexpr bool direct_h = true, norm_state = false;

  struct Gates { V r, z, n; };
  struct State { V h; };
  struct Kept { V r, z, n, wh_n; };
  using Extra = Nothing;
  struct Slopes { V x_n, r, z, h_n; };
  struct Gradients { Slopes w; State s; Extra p; };

  static OSTINATO_INLINE State forward(const Gates& wx, const Gates& wh, const State& s, const Extra&, Kept& kept) {
    const V r = sigmoid(wx.r + wh.r);
    const V z = sigmoid(wx.z + wh.z);
    const V n = tanh(wx.n + r * wh.n);
    const V h = (1 - z) * n + z * s.h;
    kept = {r, z, n, wh.n};
    return {h};
  }

  static OSTINATO_INLINE Gradients backward(const Kept& a, const V& h, const State& d, const Extra&) {
    const V dn = d.h * (1 - a.z) * (1 - a.n * a.n);
    const V dz = d.h * (h - a.n) * a.z * (1 - a.z);
    const V dr = dn * a.wh_n * a.r * (1 - a.r);
    return {{dn, dr, dz, dn * a.r}, {d.h * a.z}, {}};
  }
};

}  // namespace ostinato
