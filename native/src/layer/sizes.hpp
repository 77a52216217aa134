// Numbers that follow from a cell's structures and a layer's sizes.
#pragma once

#include <algorithm>

#include "../cells/cell.hpp"
#include "../product/panels.hpp"
#include "norm.hpp"
#include "ostinato/kernels.h"

namespace ostinato {

// A row stride for copies of rows: an odd number of cache lines, so that rows do not fall on the same cache sets.
inline long odd_lines(long floats) { return ((floats + 15) / 16 | 1) * 16; }

// The projection has one "gate", and so many vectors of rows side by side.
constexpr int projected_units = 4, first_slot[] = {0};

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

  long H, I, P, panels, padded;
  long x_row, h_row;  // row strides of local copies; room for a column of ones behind the last

  explicit Sizes(const ostinato_layer& layer)
      : H(layer.H), I(layer.I), P(layer.P), panels((H + width - 1) / width), padded(panels * width),
        x_row(odd_lines(std::max(I + 1, round_up(I, lanes)))),
        h_row(odd_lines(std::max({H + 1, P + 1, padded, layer.w_hr ? round_up(P, projected_units * lanes) : 0}))) {}

  Panels inputs() const { return {Cell::x_order, gates, units, H}; }
  // Of the projection's weights: its rows are units without gates.
  Panels projection() const { return {first_slot, 1, projected_units, P}; }
  Panels hidden(int phase) const { return {Cell::h_order + phase_first(phase), phase_gates(phase), units, H}; }
  long row_floats() const { return panels * slots * width; }  // of the gates buffer, a token
  long kept_floats(const ostinato_layer& layer) const {       // of what the forward keeps, a token
    return row_floats() + (layer.w_hr ? h_row : 0) + (layer.norm_ih_weight ? norm_floats() : 0);
  }

  // Of layer normalisation: a vector like a row of products; what is kept of a token; its groups of gates.
  static constexpr int groups = sizeof(Cell::norm_groups) / sizeof(int);
  long gate_floats() const { return panels * gates * width; }
  long norm_floats() const { return 2 * gate_floats() + padded + round_up(2 * groups + 1, lanes); }
  static constexpr int group_first(int group) { return group == 0 ? 0 : group_first(group - 1) + Cell::norm_groups[group - 1]; }
  static constexpr int x_group_first(int group) {  // among the slots of x: a group's stand side by side
    int first = gates;
    for (int slot = gates - 1; slot >= 0; --slot)
      if (Cell::x_order[slot] >= group_first(group) && Cell::x_order[slot] < group_first(group) + Cell::norm_groups[group])
        first = slot;
    return first;
  }
  static constexpr bool in_phase(int group, int phase) {
    return group_first(group) >= phase_first(phase) && group_first(group) < phase_first(phase) + phase_gates(phase);
  }
  Group x_group(int group) const { return {x_group_first(group) * width, Cell::norm_groups[group] * width, width, panels, H}; }
  Group h_group(int group) const { return {group_first(group) * width, Cell::norm_groups[group] * width, width, panels, H}; }
  Group c_group() const { return {0, width, width, panels, H}; }
};

}  // namespace ostinato
