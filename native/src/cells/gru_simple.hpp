// Simplified GRU, the update gate alone; line for line as cells/gru_simple.py.
#pragma once

#include "cell.hpp"

namespace ostinato {

struct GruSimple {
  static constexpr int units = 2, phases = 1, wh_at = 0;
  static constexpr int x_order[] = {0, 1}, h_order[] = {0, 1};
  static constexpr int norm_groups[] = {1, 1};
  static constexpr bool direct_h = true, norm_state = false;

  struct Gates { V u, n; };
  struct State { V h; };
  struct Kept { V u, n; };
  using Extra = Nothing;
  struct Slopes { V u, n; };
  struct Gradients { Slopes w; State s; Extra p; };

  static OSTINATO_INLINE State forward(const Gates& wx, const Gates& wh, const State& s, const Extra&, Kept& kept) {
    const V u = sigmoid(wx.u + wh.u);
    const V n = tanh(wx.n + wh.n);
    const V h = u * n + (1 - u) * s.h;
    kept = {u, n};
    return {h};
  }

  static OSTINATO_INLINE Gradients backward(const Kept& a, const V& h, const State& d, const Extra&) {
    const V du = d.h * (a.n - h) * a.u * (1 - a.u);
    const V dn = d.h * a.u * (1 - a.n * a.n);
    return {{du, dn}, {d.h * (1 - a.u)}, {}};
  }
};

}  // namespace ostinato
