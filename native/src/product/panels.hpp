// Weights in the order in which the tiles read them.
//
// A panel holds `units * lanes` hidden units with all their gates side by side, so that one tile ends with everything
// that the gate arithmetic of these units needs. Its row k is [gate][unit] for input k; behind the last row comes the
// bias. Units past H are zeros.
#pragma once

namespace ostinato {

// Which gates, in which order of torch's, and how many units.
struct Panels {
  const int* order;  // slot -> gate
  int gates;         // slots
  int units;         // vectors of units side by side
  long H;

  long width() const;              // units in a panel
  long panels() const;             // panels that cover H
  long row() const;                // floats in a row of a panel
  long floats(long inputs) const;  // of all panels with this many inputs, the bias among them
};

// Panels `panel` of W (G*H, inputs) and b (G*H,) or NULL.
void pack_panel(const Panels& p, long panel, const float* w, const float* b, long inputs, float* to);

// The other way, for gradients: sums `parts` buffers that are `apart` floats from each other. w, b: NULL if not wanted.
void unpack_panel(const Panels& p, long panel, const float* from, long parts, long apart, long inputs, float* w,
                  float* b);

// For the products with the transposed weights: one strip of columns of W (G*H, columns), its rows in the order in
// which gradients lie in memory: [panel][slot][unit].
void pack_columns(const Panels& p, long strip, const float* w, long columns, float* to);

}  // namespace ostinato
