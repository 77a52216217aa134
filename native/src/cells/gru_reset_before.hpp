// GRU that resets the memory before the recurrent product; line for line as cells/gru_reset_before.py. n's product
// multiplies r * h, so a step has two phases, each with a product of its own, forward and backward.
#pragma once

#include "cell.hpp"

namespace ostinato {

struct GruResetBefore {
  static constexpr int units = 2, phases = 2, wh_at = 0;
  static constexpr int x_order[] = {0, 1, 2}, h_order[] = {0, 1, 2};
  static constexpr int norm_groups[] = {2, 1};
  static constexpr bool direct_h = true, norm_state = false;

  struct Gates { V r, z, n; };
  struct State { V h; };
  struct Kept { V r, z, n; };
  using Extra = Nothing;
  struct Slopes { V r, z, n; };
  struct Gradients { Slopes w; State s; Extra p; };

  struct First { V r, z; };   // gates of the first phase
  struct Second { V n; };     // of the second
  struct Opened { First a; V operand; };

  // First phase, whose product is of h: the activated gates, and what the second phase's product is of.
  static OSTINATO_INLINE Opened open(const First& wx, const First& wh, const State& s) {
    const V r = sigmoid(wx.r + wh.r);
    const V z = sigmoid(wx.z + wh.z);
    return {{r, z}, r * s.h};
  }
  static OSTINATO_INLINE State close(const First& a, const Second& wx, const Second& wh, const State& s, Kept& kept) {
    const V n = tanh(wx.n + wh.n);
    const V h = (1 - a.z) * n + a.z * s.h;
    kept = {a.r, a.z, n};
    return {h};
  }

  // Before the product with the transposed W_hn: all but dr, which is zero here.
  static OSTINATO_INLINE Gradients back_close(const Kept& a, const V& h, const State& d) {
    const V dn = d.h * (1 - a.z) * (1 - a.n * a.n);
    const V dz = d.h * (h - a.n) * a.z * (1 - a.z);
    return {{V{}, dz, dn}, {d.h * a.z}, {}};
  }
  struct Reopened { V dr, dh, operand; };
  // After it: drh is the gradient of the operand r * h; dh is what flows to h past the first phase's product.
  static OSTINATO_INLINE Reopened back_open(const Kept& a, const V& h, const V& drh) {
    const V dr = drh * h * a.r * (1 - a.r);
    return {dr, drh * a.r, a.r * h};
  }
};

}  // namespace ostinato
