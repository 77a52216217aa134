// The time loop of one part of a batch, forward. It names no gate.
#pragma once

#include <cstring>
#include <utility>

#include "../parts/part.hpp"
#include "../product/tile.hpp"
#include "distinct.hpp"

namespace ostinato {

template <class Cell>
class Forward {
  using S = Sizes<Cell>;
  using Gates = typename Cell::Gates;
  using State = typename Cell::State;
  using Kept = typename Cell::Kept;
  using Extra = typename Cell::Extra;

 public:
  // products: those of a table's rows, where tokens are rows of one; kept: this part's share of layer.kept, or nullptr.
  Forward(const ostinato_layer& layer, const Part& part, const ForwardWeights<Cell>& weights, const float* products,
          float* kept)
      : layer_(layer), part_(part), w_(weights), size_(layer), products_(products), kept_(kept), rows_(part.row.size()),
        x_(products ? 0 : part.block_rows * size_.x_row), gates_(kept ? 0 : part.block_rows * size_.row_floats()),
        states_((S::states + S::phases) * rows_ * size_.h_row) {
    h_ = states_;
    next_ = h_ + rows_ * size_.h_row;
    c_ = next_ + rows_ * size_.h_row;                       // where the cell has one
    operand_ = next_ + S::states * rows_ * size_.h_row;     // of the second phase, where there is one
  }

  void run() {
    long begun = 0;
    for (const Block& block : part_.blocks) {
      float* gates = kept_ ? kept_ + block.before * size_.row_floats() : gates_;
      project(block, gates);
      long row = 0;
      for (long s = block.first; s < block.last; ++s) {
        const Step& step = part_.steps[s];
        begin(begun, step.rows);
        begun = std::max(begun, step.rows);
        if (kept_) advance<true>(step, block.rows, row, gates);
        else advance<false>(step, block.rows, row, gates);
        std::swap(h_, next_);
        row += step.rows;
        const bool last = s + 1 == static_cast<long>(part_.steps.size());
        end(last ? 0 : part_.steps[s + 1].rows, step.rows);
      }
    }
  }

 private:
  // Input products of a block's tokens: W_ih x + b_ih, panel by panel.
  void project(const Block& block, float* gates) const {
    if (products_) return fetch(block, gates);
    long to = 0;
    for (long s = block.first; s < block.last; ++s)
      for (long r = 0; r < part_.steps[s].rows; ++r, to += size_.x_row)
        std::memcpy(x_ + to, layer_.x + part_.token(part_.steps[s], r) * layer_.x_stride, size_.I * sizeof(float));
    const Panels panels = size_.inputs();
    const long row = panels.row(), slots = S::slots * S::width;
    for (long p = 0; p < size_.panels; ++p) {
      const float* w = w_.x + p * (size_.I + 1) * row;
      strip(S::gates * S::units, {block.rows, 1, size_.I, x_, size_.x_row, 1, 0, w, row, w + size_.I * row, 0,
                                  gates + p * block.rows * slots, slots});
    }
  }

  // The same where they are made already, once a row of the table.
  void fetch(const Block& block, float* gates) const {
    using D = Distinct<Cell>;
    constexpr long slots = S::slots * S::width;
    for (long s = block.first; s < block.last; ++s)
      for (long r = 0; r < part_.steps[s].rows; ++r, gates += slots) {
        const float* from = products_ + layer_.index[part_.token(part_.steps[s], r)] * D::row(size_);
        for (long p = 0; p < size_.panels; ++p, from += D::panel)
          for (int v = 0; v < D::vectors; ++v) store(gates + p * block.rows * slots + v * lanes, load(from + v * lanes));
      }
  }

  // Rows whose first step this is start from the initial state.
  void begin(long from, long to) const {
    for (long r = from; r < to; ++r) {
      copy_in(layer_.h0, r, h_);
      if constexpr (S::states == 2) copy_in(layer_.c0, r, c_);
    }
  }
  void copy_in(const float* initial, long r, float* state) const {
    float* to = state + r * size_.h_row;
    std::memset(to, 0, size_.padded * sizeof(float));
    if (initial) std::memcpy(to, initial + part_.row[r] * size_.H, size_.H * sizeof(float));
  }

  // Rows whose last step this was hand over their state.
  void end(long from, long to) const {
    for (long r = from; r < to; ++r) {
      const long at = part_.row[r] * size_.H;
      std::memcpy(layer_.hn + at, h_ + r * size_.h_row, size_.H * sizeof(float));
      if constexpr (S::states == 2) std::memcpy(layer_.cn + at, c_ + r * size_.h_row, size_.H * sizeof(float));
    }
  }

  // One step of all rows alive: h_ -> next_, c_ in place.
  template <bool Keep>
  void advance(const Step& step, long block_rows, long row, float* gates) const {
    phase<Keep, 0>(step, block_rows, row, gates);
    if constexpr (S::phases == 2) phase<Keep, 1>(step, block_rows, row, gates);
  }

  template <bool Keep, int Phase>
  void phase(const Step& step, long block_rows, long row, float* gates) const {
    phase_tiles<Keep, Phase>(step, block_rows, row, gates,
                             std::make_integer_sequence<int, most_rows(S::phase_gates(Phase) * S::units)>());
  }
  template <bool Keep, int Phase, int... M>
  void phase_tiles(const Step& step, long block_rows, long row, float* gates, std::integer_sequence<int, M...>) const {
    using Tile = void (Forward::*)(const Step&, long, long, float*) const;
    static constexpr Tile tiles[] = {&Forward::tile<Keep, Phase, M + 1>...};
    constexpr long slots = S::slots * S::width;
    for (long p = 0; p < size_.panels; ++p)
      for_tiles(step.rows, sizeof...(M), [&](long first, int height) {
        (this->*tiles[height - 1])(step, p, first, gates + (p * block_rows + row + first) * slots);
      });
  }

  // The recurrent products of MR rows and one panel, and, while they are in registers, the gate arithmetic.
  template <bool Keep, int Phase, int MR>
  void tile(const Step& step, long p, long first, float* gates) const {
    constexpr int NV = S::phase_gates(Phase) * S::units;
    constexpr long row = NV * lanes;
    const float* w = w_.h[Phase] + p * (size_.H + 1) * row;
    const float* left = (Phase == 0 ? h_ : operand_) + first * size_.h_row;
    V wh[MR][NV];
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m)
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) wh[m][v] = load(w + size_.H * row + v * lanes);
    multiply<MR, NV>(wh, size_.H, left, size_.h_row, 1, w, row);
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m)
#pragma GCC unroll 8
      for (int u = 0; u < S::units; ++u) {
        float* g = gates + m * S::slots * S::width + u * lanes;
        const long unit = p * S::width + u * lanes, at = (first + m) * size_.h_row + unit;
        if constexpr (S::phases == 1) {
          State s = read_state(at);
          Kept kept;
          const State fresh = Cell::forward(wx(g), gather<Gates, NV>(wh[m], u), s, extra(unit), kept);
          if constexpr (Keep) write(g, S::width, kept);
          finish(fresh, at, step, first + m, unit);
        } else if constexpr (Phase == 0) {
          using First = typename Cell::First;
          const auto opened = Cell::open(read<First>(g, S::width), gather<First, NV>(wh[m], u), read_state(at));
          write(g, S::width, opened.a);
          store(operand_ + at, opened.operand);
        } else {
          using Second = typename Cell::Second;
          Kept kept;
          const auto wx_n = read<Second>(g + S::phase_first(1) * S::width, S::width);
          const State fresh = Cell::close(read<typename Cell::First>(g, S::width), wx_n,
                                          gather<Second, NV>(wh[m], u), read_state(at), kept);
          if constexpr (Keep) write(g, S::width, kept);
          finish(fresh, at, step, first + m, unit);
        }
      }
  }

  // Gates from the slots of the gates buffer, which are in the order of the input panels.
  static OSTINATO_INLINE Gates wx(const float* g) {
    Gates all;
#pragma GCC unroll 8
    for (int k = 0; k < S::gates; ++k) reinterpret_cast<V*>(&all)[Cell::x_order[k]] = load(g + k * S::width);
    return all;
  }
  // Gates from a row of sums, for the u-th vector of units.
  template <class G, int NV>
  static OSTINATO_INLINE G gather(const V (&sums)[NV], int u) {
    G all;
#pragma GCC unroll 8
    for (int k = 0; k < count<G>; ++k) reinterpret_cast<V*>(&all)[k] = sums[k * S::units + u];
    return all;
  }
  OSTINATO_INLINE State read_state(long at) const {
    State s;
    s.h = load(h_ + at);
    if constexpr (S::states == 2) s.c = load(c_ + at);
    return s;
  }
  OSTINATO_INLINE Extra extra(long unit) const {
    if constexpr (S::extra > 0) return read<Extra>(w_.extra + unit, size_.padded);
    else return {};
  }
  OSTINATO_INLINE void finish(const State& fresh, long at, const Step& step, long r, long unit) const {
    store(next_ + at, fresh.h);
    if constexpr (S::states == 2) store(c_ + at, fresh.c);
    if (unit < size_.H) store_row(layer_.y + part_.token(step, r) * layer_.y_stride + unit, fresh.h, size_.H - unit);
  }

  const ostinato_layer& layer_;
  const Part& part_;
  const ForwardWeights<Cell>& w_;
  const S size_;
  const float* const products_;
  float* const kept_;
  const long rows_;
  const Buffer x_, gates_, states_;
  float *h_, *next_, *c_, *operand_;
};

}  // namespace ostinato
