#include "panels.hpp"

#include <algorithm>

#include "../simd/transpose.hpp"
#include "product.hpp"

namespace ostinato {
namespace {

// Rows added up at a time: one square of the transposition.
constexpr long square = 16;

}  // namespace

long Panels::width() const { return units * lanes; }
long Panels::panels() const { return (H + width() - 1) / width(); }
long Panels::row() const { return gates * width(); }
long Panels::floats(long inputs) const { return panels() * (inputs + 1) * row(); }

void pack_panel(const Panels& p, long panel, const float* w, const float* b, long inputs, float* to) {
  const long width = p.width(), row = p.row(), first = panel * width, real = std::min(width, p.H - first);
  float* panel_to = to + panel * (inputs + 1) * row;
  if (real < width) std::fill(panel_to, panel_to + (inputs + 1) * row, 0.f);
  for (int slot = 0; slot < p.gates; ++slot) {
    const long from = p.order[slot] * p.H + first;
    transpose(w + from * inputs, inputs, real, inputs, panel_to + slot * width, row);
    float* bias = panel_to + inputs * row + slot * width;
    for (long u = 0; u < real; ++u) bias[u] = b ? b[from + u] : 0.f;
  }
}

void unpack_panel(const Panels& p, long panel, const float* from, long parts, long apart, long inputs, float* w,
                  float* b) {
  const long width = p.width(), row = p.row(), first = panel * width, real = std::min(width, p.H - first);
  const long begin = panel * (inputs + 1) * row;
  float sums[square * 8 * lanes];  // `square` rows of the widest panel
  for (long k0 = 0; k0 < inputs + 1; k0 += square) {
    const long k1 = std::min(inputs + 1, k0 + square);
    const float* rows = from + begin + k0 * row;
    std::copy(rows, rows + (k1 - k0) * row, sums);
    for (long part = 1; part < parts; ++part) {
      const float* more = rows + part * apart;
      for (long j = 0; j < (k1 - k0) * row; j += lanes) store(sums + j, load(sums + j) + load(more + j));
    }
    for (int slot = 0; slot < p.gates; ++slot) {
      const long to = p.order[slot] * p.H + first;
      const long real_rows = std::min(k1, inputs) - k0;
      if (w) transpose(sums + slot * width, row, real_rows, real, w + to * inputs + k0, inputs);
      if (b && k1 == inputs + 1) {
        const float* bias = sums + (inputs - k0) * row + slot * width;
        std::copy(bias, bias + real, b + to);
      }
    }
  }
}

void pack_columns(const Panels& p, long strip, const float* w, long columns, float* to) {
  const Columns cut(columns);
  const long width = p.width(), first = cut.first(strip) * lanes, wide = cut.width(strip) * lanes;
  const long real = std::min(wide, columns - first);
  float* row = to + p.panels() * p.row() * first;
  for (long panel = 0; panel < p.panels(); ++panel)
    for (int slot = 0; slot < p.gates; ++slot)
      for (long u = 0; u < width; ++u, row += wide) {
        const long unit = panel * width + u;
        const long copied = unit < p.H ? real : 0;
        const float* from = w + (p.order[slot] * p.H + std::min(unit, p.H - 1)) * columns + first;
        std::copy(from, from + copied, row);
        std::fill(row + copied, row + wide, 0.f);
      }
}

}  // namespace ostinato
