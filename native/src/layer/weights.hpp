// A direction's weights, packed for the forward and for the backward.
#pragma once

#include "../product/narrow.hpp"
#include "../runtime/buffers.hpp"
#include "norm_parts.hpp"

namespace ostinato {

template <class Cell>
struct ForwardWeights {
  using S = Sizes<Cell>;
  Buffer all;
  float *x, *h[2], *extra, *hr;  // hr: nullptr where nothing is projected
  bool normed;
  Buffer norm_floats;
  NormVectors<Cell> norm;

  explicit ForwardWeights(const ostinato_layer& layer)
      : normed(layer.norm_ih_weight), norm_floats(normed ? NormVectors<Cell>::floats(S(layer)) : 0),
        norm(S(layer), norm_floats) {
    const S size(layer);
    if (normed) norm.pack(size, layer);
    const long for_x = size.inputs().floats(size.I), for_first = size.hidden(0).floats(size.P);
    const long for_second = S::phases == 2 ? size.hidden(1).floats(size.P) : 0, for_extra = S::extra * size.padded;
    all = Buffer(for_x + for_first + for_second + for_extra + (layer.w_hr ? size.projection().floats(size.H) : 0));
    x = all;
    h[0] = x + for_x;
    h[1] = h[0] + for_first;
    extra = h[1] + for_second;
    hr = layer.w_hr ? extra + for_extra : nullptr;
  }

  // The packing, as tasks that may run at once.
  static long tasks(const ostinato_layer& layer) {
    const S size(layer);
    return size.panels * (1 + S::phases) + (layer.w_hr ? size.projection().panels() : 0);
  }
  void pack(const ostinato_layer& layer, long task) const {
    const S size(layer);
    const long projected = task - size.panels * (1 + S::phases);
    if (projected >= 0) return pack_operand(size.projection(), projected, layer.w_hr, nullptr, size.H, hr);
    const long panel = task / (1 + S::phases), which = task % (1 + S::phases);
    if (which == 0) {
      pack_operand(size.inputs(), panel, layer.w_ih, normed ? nullptr : layer.b_ih, size.I, x);
      for (int e = 0; e < S::extra; ++e)
        for (long u = panel * S::width; u < (panel + 1) * S::width; ++u)
          extra[e * size.padded + u] = u < size.H ? layer.extra[e * size.H + u] : 0.f;
    } else {
      const int phase = static_cast<int>(which) - 1;
      pack_operand(size.hidden(phase), panel, layer.w_hh, normed ? nullptr : layer.b_hh, size.P, h[phase]);
    }
  }
  static void pack_operand(const Panels& p, long panel, const float* w, const float* b, long inputs, float* to) {
    pack_panel(p, panel, w, b, inputs, to);
    narrow_panel(to + panel * (inputs + 1) * p.row(), inputs, p.row());
  }
};

template <class Cell>
struct BackwardWeights {
  using S = Sizes<Cell>;
  Buffer all;
  float *x, *h[2], *extra, *hr;
  bool normed;
  Buffer norm_floats;
  NormVectors<Cell> norm;

  explicit BackwardWeights(const ostinato_layer& layer)
      : normed(layer.norm_ih_weight), norm_floats(normed ? NormVectors<Cell>::floats(S(layer)) : 0),
        norm(S(layer), norm_floats) {
    const S size(layer);
    if (normed) norm.pack(size, layer);
    const long x_columns = Columns(size.I).vectors * lanes, h_columns = Columns(size.P).vectors * lanes;
    const long rows = size.panels * S::width;
    const long for_x = layer.dx ? rows * S::gates * x_columns : 0;
    const long for_h = rows * h_columns, for_extra = S::extra * size.padded;
    const long for_hr = layer.w_hr ? round_up(size.P, projected_units * lanes) * Columns(size.H).vectors * lanes : 0;
    all = Buffer(for_x + for_h * S::gates + for_extra + for_hr);
    x = all;
    h[0] = x + for_x;
    h[1] = h[0] + for_h * S::phase_gates(0);
    extra = h[0] + for_h * S::gates;
    hr = layer.w_hr ? extra + for_extra : nullptr;
  }

  static long tasks(const ostinato_layer& layer) {
    return (layer.dx ? Columns(layer.I).strips() : 0) + Columns(layer.P).strips() +
           (layer.w_hr ? Columns(layer.H).strips() : 0);
  }
  void pack(const ostinato_layer& layer, long task) const {
    const S size(layer);
    const long of_x = layer.dx ? Columns(size.I).strips() : 0;
    if (task < of_x) return pack_operand(size.inputs(), task, layer.w_ih, size.I, x);
    const long projected = task - of_x - Columns(size.P).strips();
    if (projected >= 0) return pack_columns(size.projection(), projected, layer.w_hr, size.H, hr);
    for (int phase = 0; phase < S::phases; ++phase)
      pack_operand(size.hidden(phase), task - of_x, layer.w_hh, size.P, h[phase]);
    if (task > of_x) return;
    for (int e = 0; e < S::extra; ++e)
      for (long u = 0; u < size.padded; ++u)
        extra[e * size.padded + u] = u < size.H ? layer.extra[e * size.H + u] : 0.f;
  }
  static void pack_operand(const Panels& p, long strip, const float* w, long columns, float* to) {
    pack_columns(p, strip, w, columns, to);
    const Columns cut(columns);
    const long rows = p.panels() * p.row();
    narrow_panel(to + rows * cut.first(strip) * lanes, rows, cut.width(strip) * lanes);
  }
};

}  // namespace ostinato
