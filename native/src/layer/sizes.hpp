// Numbers that follow from a cell's structures and a layer's sizes.
#pragma once

#include <algorithm>

#include "../cells/cell.hpp"
#include "../product/panels.hpp"
#include "ostinato/kernels.h"

namespace ostinato {

// A row stride for copies of rows: an odd number of cache lines, so that rows do not fall on the same cache sets.
inline long odd_lines(long floats) { return ((floats + 15) / 16 | 1) * 16; }

template <class Cell>
struct Sizes {
  static constexpr int gates = count<typename Cell::Gates>, states = count<typename Cell::State>;
  static constexpr int kept = count<typename Cell::Kept>, extra = count<typename Cell::Extra>;
  static constexpr int slopes = count<typename Cell::Slopes>;
  static constexpr int slots = gates > kept ? gates : kept;  // a unit's vectors in the gates buffer
  static constexpr int units = Cell::units, width = units * lanes, phases = Cell::phases;

  // Of a phase: how many gates its product makes, and the first of them.
  static constexpr int phase_gates(int phase) { return phases == 1 ? gates : phase == 0 ? gates - 1 : 1; }
  static constexpr int phase_first(int phase) { return phase == 0 ? 0 : gates - 1; }

  long H, I, panels, padded;
  long x_row, h_row;  // row strides of local copies; room for a column of ones behind the last

  explicit Sizes(const ostinato_layer& layer)
      : H(layer.H), I(layer.I), panels((H + width - 1) / width), padded(panels * width),
        x_row(odd_lines(std::max(I + 1, round_up(I, lanes)))), h_row(odd_lines(std::max(H + 1, padded))) {}

  Panels inputs() const { return {Cell::x_order, gates, units, H}; }
  Panels hidden(int phase) const { return {Cell::h_order + phase_first(phase), phase_gates(phase), units, H}; }
  long row_floats() const { return panels * slots * width; }  // of the gates buffer, a token
};

}  // namespace ostinato
