// The time loop of one part of a batch, forward. It names no gate.
//
// A team of threads may run it: each member then owns some panels of hidden units, and all wait for each other where one
// reads what others wrote: rows of x, and once a step the new h. Options are for one thread (`LayerOf::members`).
#pragma once

#include <cstring>
#include <utility>

#include "../parts/part.hpp"
#include "../product/tile.hpp"
#include "../runtime/team.hpp"
#include "distinct.hpp"
#include "mask.hpp"
#include "zoneout.hpp"

namespace ostinato {

template <class Cell>
class Forward {
  using S = Sizes<Cell>;
  using Gates = typename Cell::Gates;
  using State = typename Cell::State;
  using Kept = typename Cell::Kept;
  using Extra = typename Cell::Extra;

 public:
  // made: the products of a table's rows, where tokens are rows of one; kept: this part's share of layer.kept, or nullptr.
  Forward(const ostinato_layer& layer, const Part& part, const ForwardWeights<Cell>& weights, const float* made, float* kept)
      : layer_(layer), part_(part), w_(weights), size_(layer), made_(made), kept_(kept), rows_(part.row.size()),
        kept_norms_(kept && w_.normed ? kept + part.tokens * (size_.row_floats() + (w_.hr ? size_.h_row : 0)) : nullptr),
        x_(made ? 0 : part.block_rows * size_.x_row), gates_(kept ? 0 : part.block_rows * size_.row_floats()),
        products_(w_.normed ? rows_ * size_.gate_floats() : 0), normed_(w_.normed ? rows_ * size_.h_row : 0),
        norms_(w_.normed ? rows_ * size_.norm_floats() : 0),
        operands_(narrow ? (1 + S::phases) * state_floats() : 0),
        mask_(layer, part, size_.h_row), zone_h_(layer.zoneout_h, layer.zoneout_rate_h, size_.P),
        zone_c_(layer.zoneout_c, layer.zoneout_rate_c, size_.H), altered_(w_.hr || zone_h_ || zone_c_),
        y_units_(altered_ ? 0 : size_.H),
        states_((S::states + S::phases + (mask_ ? 1 : 0) + (w_.hr ? 1 : 0) + (zone_c_ || w_.normed ? 1 : 0)) * state_floats()) {
    h_ = states_;
    next_ = h_ + state_floats();
    c_ = next_ + state_floats();                   // where the cell has one
    operand_ = next_ + S::states * state_floats(); // of the second phase, where there is one
    masked_ = next_ + (S::states + S::phases - 1) * state_floats();
    projected_ = masked_ + (mask_ ? state_floats() : 0);
    left_ = narrow ? static_cast<float*>(operands_) : h_;
    next_left_ = left_ + state_floats();
    second_ = narrow ? next_left_ + state_floats() : operand_;
    next_c_ = zone_c_ || w_.normed ? projected_ + (w_.hr ? state_floats() : 0) : c_;  // in place where the old one is not needed
  }

  // One member of a team, which works in the owner's memory.
  Forward(const Forward& owner, const Team& team) : Forward(owner) {
    team_ = team;
    first_ = team.first(size_.panels);
    last_ = team.last(size_.panels);
  }

  void run() {
    long begun = 0;
    for (const Block& block : part_.blocks) {
      float* gates = kept_ ? kept_ + block.before * size_.row_floats() : gates_;
      project(block, gates);
      long row = 0;
      for (long s = block.first; s < block.last; ++s) {
        const Step& step = part_.steps[s];
        if (begun < step.rows) {
          begin(begun, step.rows);
          begun = step.rows;
          team_.wait();
        }
        if (mask_) mask_.multiply(h_, step.rows, masked_);
        if (!narrow) left_ = mask_ ? masked_ : h_;
        else if (mask_ || altered_) narrow_rows(mask_ ? masked_ : h_, step.rows, size_.P, left_);
        token_ = block.before + row;
        if (kept_) advance<true>(step, block.rows, row, gates);
        else advance<false>(step, block.rows, row, gates);
        if (altered_) alter(step);
        team_.wait();
        std::swap(h_, next_);
        if (narrow) std::swap(left_, next_left_);
        std::swap(c_, next_c_);
        row += step.rows;
        const bool last = s + 1 == static_cast<long>(part_.steps.size());
        end(last ? 0 : part_.steps[s + 1].rows, step.rows);
      }
    }
  }

 private:
  // Input products of a block's tokens: W_ih x + b_ih, panel by panel.
  void project(const Block& block, float* gates) const {
    if (made_) return fetch(block, gates);
    long at = 0;
    const long first = team_.first(block.rows), last = team_.last(block.rows);
    for (long s = block.first; s < block.last; ++s)
      for (long r = 0; r < part_.steps[s].rows; ++r, ++at)
        if (at >= first && at < last)
          take(layer_.x + part_.token(part_.steps[s], r) * layer_.x_stride, size_.I, x_ + at * size_.x_row);
    team_.wait();
    const Panels panels = size_.inputs();
    const long row = panels.row(), slots = S::slots * S::width;
    for (long p = first_; p < last_; ++p) {
      const float* w = w_.x + p * (size_.I + 1) * row;
      strip_narrow(S::gates * S::units, {block.rows, 1, inner(size_.I), x_, size_.x_row, 1, 0, w, row, w + size_.I * row,
                                          0, gates + p * block.rows * slots, slots});
    }
    if (w_.normed)
      for (long r = 0; r < block.rows; ++r) {
        const NormKept<Cell> kept = norms(block.before + r, 0);
        for (int g = 0; g < S::groups; ++g) {
          const Group group = size_.x_group(g);
          const Pieces products{gates + r * slots + group.first, block.rows * slots};
          kept.x_scale[g] = normalise(group, products, gate_pieces(w_.norm.x_weight, group), gate_pieces(w_.norm.x_bias, group),
                                      gate_pieces(kept.x, group), products);
        }
      }
  }

  // A row as the left operand of a product.
  static void take(const float* from, long columns, float* to) {
    if constexpr (narrow) narrow_row(from, columns, to);
    else std::memcpy(to, from, columns * sizeof(float));
  }
  // What the gates store narrow themselves, where no option comes between.
  void narrow_rows(const float* from, long rows, long columns, float* to) const {
    for (long r = 0; r < rows; ++r) narrow_row(from + r * size_.h_row, columns, to + r * size_.h_row);
  }

  // The same where they are made already, once a row of the table.
  void fetch(const Block& block, float* gates) const {
    using D = Distinct<Cell>;
    constexpr long slots = S::slots * S::width;
    for (long s = block.first; s < block.last; ++s)
      for (long r = 0; r < part_.steps[s].rows; ++r, gates += slots) {
        const float* from = made_ + layer_.index[part_.token(part_.steps[s], r)] * D::row(size_);
        for (long p = 0; p < size_.panels; ++p, from += D::panel)
          for (int v = 0; v < D::vectors; ++v) store(gates + p * block.rows * slots + v * lanes, load(from + v * lanes));
      }
  }

  // Where what is kept of a token's normalisation lies; where nothing is kept, what is needed within a step.
  NormKept<Cell> norms(long token, long r) const {
    return {size_, kept_norms_ ? kept_norms_ + token * size_.norm_floats() : norms_ + r * size_.norm_floats()};
  }
  static Pieces gate_pieces(float* vector, const Group& group) { return {vector + group.first, S::gates * S::width}; }
  static Pieces c_pieces(float* vector) { return {vector, S::width}; }

  long state_floats() const { return rows_ * size_.h_row; }

  // Rows whose first step this is start from the initial state.
  void begin(long from, long to) const {
    if (team_.index > 0) return;
    for (long r = from; r < to; ++r) {
      copy_in(layer_.h0, size_.P, r, h_);
      if constexpr (S::states == 2) copy_in(layer_.c0, size_.H, r, c_);
      narrow_row(h_ + r * size_.h_row, size_.P, left_ + r * size_.h_row);
    }
  }
  void copy_in(const float* initial, long columns, long r, float* state) const {
    float* to = state + r * size_.h_row;
    std::memset(to, 0, size_.h_row * sizeof(float));
    if (initial) std::memcpy(to, initial + part_.row[r] * columns, columns * sizeof(float));
  }

  // Rows whose last step this was hand over their state.
  void end(long from, long to) const {
    if (team_.index > 0) return;
    for (long r = from; r < to; ++r) {
      const long b = part_.row[r];
      std::memcpy(layer_.hn + b * size_.P, h_ + r * size_.h_row, size_.P * sizeof(float));
      if constexpr (S::states == 2)
        std::memcpy(layer_.cn + b * size_.H, c_ + r * size_.h_row, size_.H * sizeof(float));
    }
  }

  // What options do to the new states: projection, then zoneout. Only then is the output known.
  void alter(const Step& step) {
    if (w_.hr) {
      if (kept_) {
        float* to = kept_ + part_.tokens * size_.row_floats() + token_ * size_.h_row;
        std::memcpy(to, next_, step.rows * size_.h_row * sizeof(float));
      }
      const Panels panels = size_.projection();
      const float* left = narrow ? next_left_ : next_;
      for (long p = 0; p < panels.panels(); ++p)
        strip_narrow(projected_units, {step.rows, 1, inner(size_.H), left, size_.h_row, 1, 0,
                                        w_.hr + p * (size_.H + 1) * panels.row(), panels.row(), nullptr, 0,
                                        projected_ + p * panels.row(), size_.h_row});
      std::swap(next_, projected_);
    }
    if (zone_h_) zone_h_.mix(part_, step, h_, next_, size_.h_row);
    if constexpr (S::states == 2)
      if (zone_c_) zone_c_.mix(part_, step, c_, next_c_, size_.h_row);
    for (long r = 0; r < step.rows; ++r)
      std::memcpy(layer_.y + part_.token(step, r) * layer_.y_stride, next_ + r * size_.h_row, size_.P * sizeof(float));
  }

  // One step of all rows alive: h_ -> next_, c_ -> next_c_.
  template <bool Keep>
  void advance(const Step& step, long block_rows, long row, float* gates) const {
    phase<Keep, 0>(step, block_rows, row, gates);
    if constexpr (S::phases == 2) {
      team_.wait();
      if (mask_) mask_.multiply(operand_, step.rows, operand_);
      if (narrow && mask_) narrow_rows(operand_, step.rows, size_.P, second_);
      phase<Keep, 1>(step, block_rows, row, gates);
    }
  }

  // What a phase's product is of.
  template <int Phase>
  const float* left() const { return Phase == 0 ? left_ : second_; }

  template <bool Keep, int Phase>
  void phase(const Step& step, long block_rows, long row, float* gates) const {
    phase_tiles<Keep, Phase>(step, block_rows, row, gates,
                             std::make_integer_sequence<int, most_rows(S::phase_gates(Phase) * S::units)>());
  }
  // The same where the products are normalised: they must all be there before the first gate is.
  template <bool Keep, int Phase>
  void normed_phase(const Step& step, long block_rows, long row, float* gates) const {
    constexpr int NV = S::phase_gates(Phase) * S::units;
    constexpr long wide = NV * lanes, slots = S::slots * S::width;
    for (long p = 0; p < size_.panels; ++p)
      strip_narrow(NV, {step.rows, 1, inner(size_.P), left<Phase>(), size_.h_row, 1, 0,
                         w_.h[Phase] + p * (size_.P + 1) * wide, wide, nullptr, 0, products_ + p * step.rows * wide, wide});
    for (long r = 0; r < step.rows; ++r) {
      const NormKept<Cell> kept = norms(token_ + r, r);
      for (int g = 0; g < S::groups; ++g) {
        if (!S::in_phase(g, Phase)) continue;
        const Group group = size_.h_group(g);
        const Pieces products{products_ + r * wide + group.first - S::phase_first(Phase) * S::width, step.rows * wide};
        kept.h_scale[g] = normalise(group, products, gate_pieces(w_.norm.h_weight, group), gate_pieces(w_.norm.h_bias, group),
                                    gate_pieces(kept.h, group), products);
      }
      if constexpr (Cell::norm_state) {
        for (long p = 0; p < size_.panels; ++p) look(step, p, r, gates + (p * block_rows + row + r) * slots);
        kept.c_scale[0] = normalise(size_.c_group(), c_pieces(next_c_ + r * size_.h_row), c_pieces(w_.norm.c_weight),
                                    c_pieces(w_.norm.c_bias), c_pieces(kept.c), c_pieces(normed_ + r * size_.h_row));
      }
      for (long p = 0; p < size_.panels; ++p)
        tile<Keep, Phase, 1, true>(step, p, r, gates + (p * block_rows + row + r) * slots);
    }
  }
  // c alone, since h is made of the normalised one.
  void look(const Step& step, long p, long r, const float* gates) const {
    if constexpr (Cell::norm_state) {
      constexpr int NV = S::gates * S::units;
      V wh[NV];
      for (int v = 0; v < NV; ++v) wh[v] = load(products_ + (p * step.rows + r) * NV * lanes + v * lanes);
      for (int u = 0; u < S::units; ++u) {
        const long unit = p * S::width + u * lanes, at = r * size_.h_row + unit;
        Kept kept;
        store(next_c_ + at, Cell::forward(wx(gates + u * lanes), gather<Gates, NV>(wh, u), read_state(at), extra(unit), kept,
                                          Plain{}).c);
      }
    }
  }

  template <bool Keep, int Phase, int... M>
  void phase_tiles(const Step& step, long block_rows, long row, float* gates, std::integer_sequence<int, M...>) const {
    if (w_.normed) return normed_phase<Keep, Phase>(step, block_rows, row, gates);
    using Tile = void (Forward::*)(const Step&, long, long, float*) const;
    static constexpr Tile tiles[] = {&Forward::tile<Keep, Phase, M + 1, false>...};
    constexpr long slots = S::slots * S::width;
    for (long p = first_; p < last_; ++p)
      for_tiles(step.rows, sizeof...(M), [&](long first, int height) {
        (this->*tiles[height - 1])(step, p, first, gates + (p * block_rows + row + first) * slots);
      });
  }

  // The recurrent products of MR rows and one panel, and, while they are in registers, the gate arithmetic.
  template <bool Keep, int Phase, int MR, bool Normalised>
  void tile(const Step& step, long p, long first, float* gates) const {
    constexpr int NV = S::phase_gates(Phase) * S::units;
    constexpr long row = NV * lanes;
    const float* w = w_.h[Phase] + p * (size_.P + 1) * row;
    const float* left_rows = left<Phase>() + first * size_.h_row;
    V wh[MR][NV];
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m)
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v)
        wh[m][v] = load(Normalised ? products_ + (p * step.rows + first + m) * row + v * lanes : w + size_.P * row + v * lanes);
    if constexpr (!Normalised) multiply_narrow<MR, NV>(wh, inner(size_.P), left_rows, size_.h_row, 1, w, row);
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m)
#pragma GCC unroll 8
      for (int u = 0; u < S::units; ++u) {
        float* g = gates + m * S::slots * S::width + u * lanes;
        const long unit = p * S::width + u * lanes, at = (first + m) * size_.h_row + unit;
        if constexpr (S::phases == 1) {
          State s = read_state(at);
          Kept kept;
          const State fresh = equations<Normalised>(wx(g), gather<Gates, NV>(wh[m], u), s, unit, at, kept);
          if constexpr (Keep) write(g, S::width, kept);
          finish(fresh, at, step, first + m, unit);
        } else if constexpr (Phase == 0) {
          using First = typename Cell::First;
          const auto opened = Cell::open(read<First>(g, S::width), gather<First, NV>(wh[m], u), read_state(at));
          write(g, S::width, opened.a);
          store(operand_ + at, opened.operand);
          store_narrow(second_ + at - unit / 2, opened.operand);
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

  // The cell's, with the F that they want.
  template <bool Normalised>
  OSTINATO_INLINE State equations(const Gates& wx, const Gates& wh, const State& s, long unit, long at, Kept& kept) const {
    if constexpr (!Cell::norm_state) return Cell::forward(wx, wh, s, extra(unit), kept);
    else if constexpr (!Normalised) return Cell::forward(wx, wh, s, extra(unit), kept, Plain{});
    else return Cell::forward(wx, wh, s, extra(unit), kept, Normed{load(normed_ + at), V{}});
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
    store_narrow(next_left_ + at - unit / 2, fresh.h);
    if constexpr (S::states == 2) store(next_c_ + at, fresh.c);
    if (unit < y_units_)
      store_row(layer_.y + part_.token(step, r) * layer_.y_stride + unit, fresh.h, size_.H - unit);
  }

  const ostinato_layer& layer_;
  const Part& part_;
  const ForwardWeights<Cell>& w_;
  const S size_;
  const float* const made_;
  float* const kept_;
  const long rows_;
  float* const kept_norms_;
  const Buffer x_, gates_, products_, normed_, norms_;  // the last three for layer normalisation
  const Buffer operands_;                               // the left operands of products in bfloat16
  const Mask mask_;
  const Zoneout zone_h_, zone_c_;
  const bool altered_;   // the gates' h is not yet the output
  const long y_units_;   // so many of its units the gates write to y
  const Buffer states_;
  float *h_, *next_, *c_, *next_c_, *operand_, *masked_, *projected_;
  Team team_;
  long first_ = 0, last_ = size_.panels;  // the panels of this member
  long token_ = 0;               // of this part, where the step begins
  float *left_, *next_left_, *second_;  // what products are of: a step's first, the next step's first, a step's second
};

}  // namespace ostinato
