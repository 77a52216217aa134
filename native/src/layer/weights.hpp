// A direction's weights, packed for the forward and for the backward.
#pragma once

#include "../product/product.hpp"
#include "../runtime/buffers.hpp"
#include "sizes.hpp"

namespace ostinato {

template <class Cell>
struct ForwardWeights {
  using S = Sizes<Cell>;
  Buffer all;
  float *x, *h[2], *extra;

  explicit ForwardWeights(const ostinato_layer& layer) {
    const S size(layer);
    const long for_x = size.inputs().floats(size.I), for_first = size.hidden(0).floats(size.H);
    const long for_second = S::phases == 2 ? size.hidden(1).floats(size.H) : 0;
    all = Buffer(for_x + for_first + for_second + S::extra * size.padded);
    x = all;
    h[0] = x + for_x;
    h[1] = h[0] + for_first;
    extra = h[1] + for_second;
  }

  // The packing, as tasks that may run at once.
  static long tasks(const ostinato_layer& layer) { return Sizes<Cell>(layer).panels * (1 + S::phases); }
  void pack(const ostinato_layer& layer, long task) const {
    const S size(layer);
    const long panel = task / (1 + S::phases), which = task % (1 + S::phases);
    if (which == 0) {
      pack_panel(size.inputs(), panel, layer.w_ih, layer.b_ih, size.I, x);
      for (int e = 0; e < S::extra; ++e)
        for (long u = panel * S::width; u < (panel + 1) * S::width; ++u)
          extra[e * size.padded + u] = u < size.H ? layer.extra[e * size.H + u] : 0.f;
    } else {
      const int phase = static_cast<int>(which) - 1;
      pack_panel(size.hidden(phase), panel, layer.w_hh, layer.b_hh, size.H, h[phase]);
    }
  }
};

template <class Cell>
struct BackwardWeights {
  using S = Sizes<Cell>;
  Buffer all;
  float *x, *h[2], *extra;

  explicit BackwardWeights(const ostinato_layer& layer) {
    const S size(layer);
    const long x_columns = Columns(size.I).vectors * lanes, h_columns = Columns(size.H).vectors * lanes;
    const long rows = size.panels * S::width;
    const long for_x = layer.dx ? rows * S::gates * x_columns : 0;
    const long for_h = rows * h_columns;
    all = Buffer(for_x + for_h * S::gates + S::extra * size.padded);
    x = all;
    h[0] = x + for_x;
    h[1] = h[0] + for_h * S::phase_gates(0);
    extra = h[0] + for_h * S::gates;
  }

  static long tasks(const ostinato_layer& layer) {
    return (layer.dx ? Columns(layer.I).strips() : 0) + Columns(layer.H).strips();
  }
  void pack(const ostinato_layer& layer, long task) const {
    const S size(layer);
    const long of_x = layer.dx ? Columns(size.I).strips() : 0;
    if (task < of_x) return pack_columns(size.inputs(), task, layer.w_ih, size.I, x);
    for (int phase = 0; phase < S::phases; ++phase)
      pack_columns(size.hidden(phase), task - of_x, layer.w_hh, size.H, h[phase]);
    if (task > of_x) return;
    for (int e = 0; e < S::extra; ++e)
      for (long u = 0; u < size.padded; ++u)
        extra[e * size.padded + u] = u < size.H ? layer.extra[e * size.H + u] : 0.f;
  }
};

}  // namespace ostinato
