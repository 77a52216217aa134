// Where tokens are rows of a smaller table (layer.index): the input product of a row is made once, and each token that is
// that row takes a copy; backward, the gradients of a row's tokens are added up before the products with W_ih and x.
#pragma once

#include <vector>

#include "weights.hpp"

namespace ostinato {

// How the input products of rows lie in a table: [row][panel][slot][unit].
template <class Cell>
struct Distinct {
  using S = Sizes<Cell>;
  static constexpr int vectors = S::gates * S::units;    // of a panel
  static constexpr long panel = S::gates * S::width;     // floats of it
  static long row(const S& size) { return odd_lines(size.panels * panel); }
};

// W_ih x + b_ih of all rows of a direction, made in pieces that may run at once.
template <class Cell>
class ProductTable {
  using S = Sizes<Cell>;
  using D = Distinct<Cell>;
  static constexpr long piece = 128;  // rows: each panel of weights is then read from L1

 public:
  explicit ProductTable(const ostinato_layer& layer) : table_(layer.index ? layer.rows * D::row(S(layer)) : 0) {}

  static long tasks(const ostinato_layer& layer) { return layer.index ? (layer.rows + piece - 1) / piece : 0; }

  void make(const ostinato_layer& layer, const ForwardWeights<Cell>& weights, long task) const {
    const S size(layer);
    const long first = task * piece, rows = std::min(piece, layer.rows - first), row = D::row(size);
    const Buffer copy(narrow ? rows * size.x_row : 0);
    for (long r = 0; narrow && r < rows; ++r)
      narrow_row(layer.x + (first + r) * layer.x_stride, size.I, copy + r * size.x_row);
    const float* x = narrow ? copy : layer.x + first * layer.x_stride;
    const long x_row = narrow ? size.x_row : layer.x_stride;
    for (long p = 0; p < size.panels; ++p) {
      const float* w = weights.x + p * (size.I + 1) * D::panel;
      strip_narrow(D::vectors, {rows, 1, inner(size.I), x, x_row, 1, 0, w, D::panel, w + size.I * D::panel, 0,
                                 table_ + first * row + p * D::panel, row});
    }
  }

  const float* table() const { return table_; }  // nullptr where tokens are not rows of a table

 private:
  Buffer table_;
};

// A part's gradients of the products, added up by row. Rows that no token of the part is are never touched.
template <class Cell>
class SlopeTable {
  using S = Sizes<Cell>;
  using D = Distinct<Cell>;

 public:
  explicit SlopeTable(const ostinato_layer& layer)
      : table_(layer.index ? layer.rows * D::row(S(layer)) : 0), seen_(layer.index ? layer.rows : 0) {}

  // from: a token's slopes in the first panel; those of the next are `apart` floats on.
  void add(const S& size, long at, const float* from, long apart) {
    float* to = table_ + at * D::row(size);
    if (seen_[at]) {
      for (long p = 0; p < size.panels; ++p, to += D::panel, from += apart)
        for (int v = 0; v < D::vectors; ++v) store(to + v * lanes, load(to + v * lanes) + load(from + v * lanes));
    } else {
      seen_[at] = 1;
      for (long p = 0; p < size.panels; ++p, to += D::panel, from += apart)
        for (int v = 0; v < D::vectors; ++v) store(to + v * lanes, load(from + v * lanes));
    }
  }

  bool seen(long at) const { return seen_[at]; }
  const float* row(const S& size, long at) const { return table_ + at * D::row(size); }

 private:
  Buffer table_;
  std::vector<char> seen_;
};

}  // namespace ostinato
