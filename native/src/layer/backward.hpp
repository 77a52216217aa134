// The time loop of one part of a batch, backward. It names no gate.
//
// Block by block from the last step to the first: the gate arithmetic turns dh and dc into the gradients of the gates'
// products ("slopes"), which stay in a block's buffer, panel by panel: [panel][token][slot][unit]. There they are the
// left operand of dh and dx and the right operand of dW as they lie.
//
// A team of threads may run it: each member then owns some strips of dh's columns and the gate arithmetic of the same
// units, so that all wait for each other once a product, when the slopes are there, and where a block begins and ends.
// Options are for one thread (`LayerOf::members`).
#pragma once

#include <cstring>

#include "../parts/part.hpp"
#include "../runtime/team.hpp"
#include "distinct.hpp"
#include "mask.hpp"
#include "zoneout.hpp"

namespace ostinato {

// A part's sums of weight gradients, in the layout of the forward's panels; bias gradients in the rows behind.
template <class Cell>
struct Sums {
  using S = Sizes<Cell>;
  static long floats(const ostinato_layer& layer) {
    const S size(layer);
    return size.inputs().floats(size.I) + size.hidden(0).floats(size.P) +
           (S::phases == 2 ? size.hidden(1).floats(size.P) : 0) + S::extra * size.padded +
           (layer.w_hr ? size.projection().floats(size.H) : 0) +
           (layer.norm_ih_weight ? NormVectors<Cell>::floats(size) : 0);
  }
  float *x, *h[2], *extra, *hr, *norm;
  Sums(const ostinato_layer& layer, float* at) {
    const S size(layer);
    x = at;
    h[0] = x + size.inputs().floats(size.I);
    h[1] = h[0] + size.hidden(0).floats(size.P);
    extra = S::phases == 2 ? h[1] + size.hidden(1).floats(size.P) : h[1];
    hr = extra + S::extra * size.padded;
    norm = hr + (layer.w_hr ? size.projection().floats(size.H) : 0);
  }
};

template <class Cell>
class Backward {
  using S = Sizes<Cell>;
  using State = typename Cell::State;
  using Kept = typename Cell::Kept;
  using Extra = typename Cell::Extra;
  static constexpr long slots = S::slots * S::width, slope_row = S::slopes * S::width;

 public:
  Backward(const ostinato_layer& layer, const Part& part, const BackwardWeights<Cell>& weights, const float* kept,
           float* sums)
      : layer_(layer), part_(part), w_(weights), size_(layer), kept_(kept), sums_(layer, sums),
        norms_(size_, sums_.norm),
        kept_norms_(kept + part.tokens * (size_.row_floats() + (layer.w_hr ? size_.h_row : 0))),
        rows_(part.row.size()), mask_(layer, part, size_.h_row), zone_h_(layer.zoneout_h, layer.zoneout_rate_h, size_.P),
        zone_c_(layer.zoneout_c, layer.zoneout_rate_c, size_.H), altered_(layer.w_hr || zone_h_ || zone_c_ || w_.normed),
        dy_(altered_ ? nullptr : layer.dy), x_(part.block_rows * size_.x_row),
        before_((S::phases + (mask_ ? 1 : 0)) * part.block_rows * size_.h_row),
        slopes_(slopes_floats(part, size_)), narrow_slopes_(narrow ? slopes_floats(part, size_) / 2 : 0),
        x_slopes_(w_.normed ? part.block_rows * size_.gate_floats() : 0),
        h_slopes_(w_.normed ? part.block_rows * size_.gate_floats() : 0),
        normed_(w_.normed ? 2 * rows_ * size_.h_row : 0), projected_(layer.w_hr ? part.block_rows * size_.h_row : 0),
        states_((S::states + S::phases - 1 + (mask_ ? 1 : 0) + (altered_ ? S::states : 0)) * rows_ * size_.h_row) {
    const long apart = rows_ * size_.h_row;
    operand_ = before_ + part.block_rows * size_.h_row;
    masked_ = mask_ ? operand_ + (S::phases - 1) * part.block_rows * size_.h_row : before_;
    dh_ = states_;
    dc_ = dh_ + apart;
    doperand_ = dh_ + S::states * apart;
    scratch_ = doperand_ + (S::phases - 1) * apart;
    held_h_ = scratch_ + (mask_ ? apart : 0);
    held_c_ = held_h_ + apart;
    dnormed_ = normed_ + (w_.normed ? apart : 0);
  }

  // One member of a team, which works in the owner's memory.
  Backward(const Backward& owner, const Team& team) : Backward(owner) {
    const Columns columns(size_.P);
    team_ = team;
    first_strip_ = team.first(columns.strips());
    last_strip_ = team.last(columns.strips());
    first_vector_ = columns.first(first_strip_);
    if (last_strip_ < columns.strips()) last_vector_ = columns.first(last_strip_);
  }

  // distinct: this part's, where tokens are rows of a table; `finish` then does the rest.
  void run(SlopeTable<Cell>& distinct) {
    for (int e = 0; e < S::extra; ++e)
      for (long u = first_vector_ * lanes; u < last_vector_ * lanes; ++u) sums_.extra[e * size_.padded + u] = 0;
    if (w_.normed) std::memset(sums_.norm, 0, NormVectors<Cell>::floats(size_) * sizeof(float));
    const long steps = part_.steps.size(), blocks = part_.blocks.size();
    for (long b = blocks - 1; b >= 0; --b) {
      const Block& block = part_.blocks[b];
      const float* kept = kept_ + block.before * size_.row_floats();
      gather_before(block);
      team_.wait();
      long row = block.rows;
      for (long s = block.last - 1; s >= block.first; --s) {
        const Step& step = part_.steps[s];
        row -= step.rows;
        join(s + 1 == steps ? 0 : part_.steps[s + 1].rows, step.rows);
        if (altered_) unalter(step, row);
        retreat(step, block, row, kept);
        if (altered_) rejoin(step.rows);
        leave(s == 0 ? 0 : part_.steps[s - 1].rows, step.rows);
      }
      team_.wait();
      if (layer_.index) add_up(block, distinct);
      if (narrow) pair_tokens(block.rows);
      hidden_gradients(block, b == blocks - 1);
      if (layer_.w_hr) projection_gradients(block, b == blocks - 1);
      if (!layer_.index) inputs(block, b == blocks - 1);
      team_.wait();
    }
  }

  // After all parts of the direction have run: dW_ih, db_ih and dx for the k-th share of the table's rows, in blocks of
  // those rows that some token is (another may be NaN, and must not reach the weights).
  void finish(const std::vector<SlopeTable<Cell>>& parts, long k) const {
    const long count = parts.size(), first = layer_.rows * k / count, last = layer_.rows * (k + 1) / count;
    std::vector<long> rows;
    for (long at = first; at < last; ++at) {
      const auto seen = [at](const SlopeTable<Cell>& part) { return part.seen(at); };
      if (std::any_of(parts.begin(), parts.end(), seen)) rows.push_back(at);
      else if (layer_.dx) std::memset(layer_.dx + at * layer_.dx_stride, 0, size_.I * sizeof(float));
    }
    const long all = rows.size();
    if (all == 0) std::memset(sums_.x, 0, size_.inputs().floats(size_.I) * sizeof(float));
    for (long begin = 0; begin < all; begin += part_.block_rows) {
      const long here = std::min(part_.block_rows, all - begin);
      for (long r = 0; r < here; ++r) gather_slopes(parts, rows[begin + r], slopes_ + r * slope_row, here * slope_row);
      if (narrow) pair_gathered(here);
      input_gradients(here, begin == 0, [&](auto&& each) {
        for (long r = 0; r < here; ++r) each(rows[begin + r]);
      });
    }
  }

 private:
  // h_{t-1} of every token of the block, with a one behind it: masked, the left operand of dW_hh and db_hh.
  void gather_before(const Block& block) const {
    long at = 0;
    const long first = team_.first(block.rows), last = team_.last(block.rows);
    for (long s = block.first; s < block.last; ++s)
      for (long r = 0; r < part_.steps[s].rows; ++r, ++at) {
        if (at < first || at >= last) continue;
        float* to = before_ + at * size_.h_row;
        const float* from = nullptr;
        if (s > 0 && r < part_.steps[s - 1].rows) from = layer_.y + part_.token(part_.steps[s - 1], r) * layer_.y_stride;
        else if (layer_.h0) from = layer_.h0 + part_.row[r] * size_.P;
        if (from) std::memcpy(to, from, size_.P * sizeof(float));
        else std::memset(to, 0, size_.P * sizeof(float));
        if (size_.padded > size_.P) std::memset(to + size_.P, 0, (size_.padded - size_.P) * sizeof(float));
        to[size_.P] = 1.f;
      }
    if (!mask_) return;
    long row = 0;
    for (long s = block.first; s < block.last; row += part_.steps[s++].rows)
      mask_.multiply(before_ + row * size_.h_row, part_.steps[s].rows, masked_ + row * size_.h_row);
  }

  // Rows whose last step this is start from the gradient of their final state.
  void join(long from, long to) const {
    for (long r = from; r < to; ++r) {
      copy_in(layer_.dhn, size_.P, r, dh_);
      if constexpr (S::states == 2) copy_in(layer_.dcn, size_.H, r, dc_);
    }
  }
  // Of the units of this member alone: so nobody waits.
  void copy_in(const float* final, long columns, long r, float* state) const {
    const long unit = first_vector_ * lanes, end = own_end(size_.h_row), real = own_end(columns);
    float* to = state + r * size_.h_row;
    std::memset(to + unit, 0, (end - unit) * sizeof(float));
    if (final && unit < real) std::memcpy(to + unit, final + part_.row[r] * columns + unit, (real - unit) * sizeof(float));
  }

  // Where this member's columns of a state end; the last one has all that are left (P may be greater than H).
  long own_end(long columns) const {
    return team_.index + 1 < team_.size ? std::min(columns, last_vector_ * lanes) : columns;
  }

  // Rows whose first step this was are done: what is left is the gradient of their initial state.
  void leave(long from, long to) const {
    for (long r = from; r < to; ++r) {
      copy_out(dh_, r, size_.P, layer_.dh0);
      if constexpr (S::states == 2) copy_out(dc_, r, size_.H, layer_.dc0);
    }
  }
  void copy_out(const float* state, long r, long columns, float* initial) const {
    const long unit = first_vector_ * lanes, real = own_end(columns);
    if (initial && unit < real)
      std::memcpy(initial + part_.row[r] * columns + unit, state + r * size_.h_row + unit, (real - unit) * sizeof(float));
  }

  // From the gradients of a step's outputs and new states to those of what the gates made: zoneout, then projection.
  void unalter(const Step& step, long row) {
    if (layer_.dy)
      for (long r = 0; r < step.rows; ++r) {
        const float* dy = layer_.dy + part_.token(step, r) * layer_.dy_stride;
        float* to = dh_ + r * size_.h_row;
        for (long u = 0; u < size_.P; u += lanes) store(to + u, load(to + u) + load_row(dy + u, size_.P - u));
      }
    if (zone_h_) zone_h_.part(part_, step, dh_, held_h_, size_.h_row);
    if constexpr (S::states == 2)
      if (zone_c_) zone_c_.part(part_, step, dc_, held_c_, size_.h_row);
    if (!layer_.w_hr) return;
    const long K = round_up(size_.P, projected_units * lanes);
    float* from = projected_ + row * size_.h_row;
    for (long r = 0; r < step.rows; ++r) {
      std::memcpy(from + r * size_.h_row, dh_ + r * size_.h_row, size_.P * sizeof(float));
      std::memset(from + r * size_.h_row + size_.P, 0, (K - size_.P) * sizeof(float));
    }
    const Columns cut(size_.H);
    for (long c = 0; c < cut.strips(); ++c) {
      const long first = cut.first(c) * lanes, wide = cut.width(c) * lanes;
      strip(cut.width(c), {step.rows, 1, K, from, size_.h_row, 1, 0, w_.hr + K * first, wide, nullptr, 0, dh_ + first,
                           size_.h_row});
    }
  }
  // What zoneout passed by the gates.
  void rejoin(long rows) const {
    if (zone_h_) add(held_h_, rows, size_.P, dh_);
    if constexpr (S::states == 2)
      if (zone_c_) add(held_c_, rows, size_.H, dc_);
  }
  void add(const float* from, long rows, long columns, float* to) const {
    for (long at = 0; at < rows * size_.h_row; at += size_.h_row)
      for (long u = at; u < at + columns; u += lanes) store(to + u, load(to + u) + load(from + u));
  }

  // One step of all rows alive: from the gradients of its new states to those of its old ones, in place.
  void retreat(const Step& step, const Block& block, long row, const float* kept) const {
    if constexpr (Cell::norm_state)
      if (w_.normed) through_normed_state(step, block, row, kept);
    const auto each_vector = [&](auto&& f) {
      for (long v = first_vector_; v < last_vector_; ++v) {
        const long at = v / S::units * block.rows + row, within = v % S::units * lanes;
        f(v * lanes, kept + at * slots + within, slopes_ + at * slope_row + within);
      }
    };
    each_vector([&](long unit, const float* k, float* g) {
      if (w_.normed) gates<false, true>(step, row, unit, k, g);
      else if (unit + lanes <= size_.H) gates<true>(step, row, unit, k, g);
      else gates<false>(step, row, unit, k, g);
    });
    team_.wait();
    if (w_.normed) through_products(step, block, row, S::phases - 1);
    if constexpr (S::phases == 2) {
      products(step.rows, block.rows, row, 1, doperand_, false);
      if (mask_) mask_.multiply(doperand_, step.rows, doperand_);
      each_vector([&](long unit, const float* k, float* g) { reopen(step, row, unit, k, g); });
      team_.wait();
      if (mask_) mask_.multiply(operand_ + row * size_.h_row, step.rows, operand_ + row * size_.h_row);
      if (w_.normed) through_products(step, block, row, 0);
    }
    if (!mask_) return products(step.rows, block.rows, row, 0, dh_, Cell::direct_h);
    products(step.rows, block.rows, row, 0, scratch_, false);
    if (Cell::direct_h) mask_.multiply_add(scratch_, step.rows, dh_);
    else mask_.multiply(scratch_, step.rows, dh_);
  }

  // The gate arithmetic of all rows for one vector of units. Full: none of them is past H.
  template <bool Full, bool Normalised = false>
  void gates(const Step& step, long row, long unit, const float* kept, float* slopes) const {
    const long left = size_.H - unit;
    Extra extra, dextra{};
    if constexpr (S::extra > 0) {
      extra = read<Extra>(w_.extra + unit, size_.padded);
      dextra = read<Extra>(sums_.extra + unit, size_.padded);
    }
    for (long r = 0; r < step.rows; ++r, kept += slots, slopes += slope_row) {
      const long at = r * size_.h_row + unit;
      State d;
      d.h = load(dh_ + at);
      if constexpr (S::states == 2) d.c = load(dc_ + at);
      if (dy_) {
        const float* dy = dy_ + part_.token(step, r) * layer_.dy_stride + unit;
        d.h += Full ? load(dy) : left > 0 ? load_part(dy, left) : V{};
      }
      const Kept a = read<Kept>(kept, S::width);
      const V h = load(before_ + (row + r) * size_.h_row + unit);
      typename Cell::Gradients g;
      if constexpr (Cell::norm_state && Normalised)
        g = Cell::backward(a, h, d, extra, Normed{load(normed_ + at), load(dnormed_ + at)});
      else if constexpr (Cell::norm_state) g = Cell::backward(a, h, d, extra, Plain{});
      else if constexpr (S::phases == 1) g = Cell::backward(a, h, d, extra);
      else g = Cell::back_close(a, h, d);
      if constexpr (!Full) clean(g, left);
      write(slopes, S::width, g.w);
      if constexpr (narrow)
        for (int k = 0; k < S::slopes; ++k) store_narrow(as_left(slopes + k * S::width), reinterpret_cast<const V*>(&g.w)[k]);
      if constexpr (Cell::direct_h) store(dh_ + at, g.s.h);
      if constexpr (S::states == 2) store(dc_ + at, g.s.c);
      if constexpr (S::extra > 0)
        for (int e = 0; e < S::extra; ++e) reinterpret_cast<V*>(&dextra)[e] += reinterpret_cast<const V*>(&g.p)[e];
    }
    if constexpr (S::extra > 0) write(sums_.extra + unit, size_.padded, dextra);
  }

  // Layer normalisation of c: its gradient needs the whole row before the first gate's is known.
  void through_normed_state(const Step& step, const Block& block, long row, const float* kept) const {
    const Group group = size_.c_group();
    for (long r = 0; r < step.rows; ++r) {
      const NormKept<Cell> token = norms(block.before + row + r);
      const long begin = r * size_.h_row;
      for (long p = 0; p < size_.panels; ++p)
        for (int u = 0; u < S::units; ++u) {
          const long unit = p * S::width + u * lanes, at = begin + unit;
          const Kept a = read<Kept>(kept + (p * block.rows + row + r) * slots + u * lanes, S::width);
          Extra extra;
          if constexpr (S::extra > 0) extra = read<Extra>(w_.extra + unit, size_.padded);
          const V value = load(token.c + unit) * load(w_.norm.c_weight + unit) + load(w_.norm.c_bias + unit);
          V seen{};
          Cell::backward(a, V{}, State{load(dh_ + at), load(dc_ + at)}, extra, Watched{value, &seen});
          store(normed_ + at, value);
          store(dnormed_ + at, keep_lanes(seen, size_.H - unit));
        }
      const Pieces d = c_pieces(dnormed_ + begin);
      normalise_back(group, d, c_pieces(token.c), c_pieces(w_.norm.c_weight), *token.c_scale, c_pieces(norms_.c_weight),
                     c_pieces(norms_.c_bias), d);
    }
  }
  // Layer normalisation of a phase's recurrent products.
  void through_products(const Step& step, const Block& block, long row, int phase) const {
    for (long r = 0; r < step.rows; ++r) {
      const NormKept<Cell> token = norms(block.before + row + r);
      for (int g = 0; g < S::groups; ++g) {
        if (!S::in_phase(g, phase)) continue;
        const Group group = size_.h_group(g);
        normalise_back(group, slope_pieces(block, row + r, Cell::wh_at, group), gate_pieces(token.h, group),
                       gate_pieces(w_.norm.h_weight, group), token.h_scale[g], gate_pieces(norms_.h_weight, group),
                       gate_pieces(norms_.h_bias, group), normed_slopes(h_slopes_, block, row + r, group));
      }
    }
  }
  // Layer normalisation of a block's input products.
  void through_inputs(const Block& block) const {
    for (long r = 0; r < block.rows; ++r) {
      const NormKept<Cell> token = norms(block.before + r);
      for (int g = 0; g < S::groups; ++g) {
        const Group group = size_.x_group(g);
        normalise_back(group, slope_pieces(block, r, 0, group), gate_pieces(token.x, group),
                       gate_pieces(w_.norm.x_weight, group), token.x_scale[g], gate_pieces(norms_.x_weight, group),
                       gate_pieces(norms_.x_bias, group), normed_slopes(x_slopes_, block, r, group));
      }
    }
  }
  NormKept<Cell> norms(long token) const { return {size_, const_cast<float*>(kept_norms_) + token * size_.norm_floats()}; }
  static Pieces gate_pieces(float* vector, const Group& group) { return {vector + group.first, S::gates * S::width}; }
  static Pieces c_pieces(float* vector) { return {vector, S::width}; }
  Pieces slope_pieces(const Block& block, long row, long slot, const Group& group) const {
    return {slopes_ + row * slope_row + slot * S::width + group.first, block.rows * slope_row};
  }
  static Pieces normed_slopes(float* slopes, const Block& block, long row, const Group& group) {
    return {slopes + row * S::gates * S::width + group.first, block.rows * S::gates * S::width};
  }

  // Gradients of products, panel by panel: of the normalisation's input where there is one, else as the gates left them.
  struct Slope {
    const float* at;
    long row;  // floats from one token to the next
  };
  Slope x_slopes() const {
    if (w_.normed) return {x_slopes_, S::gates * S::width};
    return {slopes_, slope_row};
  }
  Slope h_slopes() const {
    if (w_.normed) return {h_slopes_, S::gates * S::width};
    return {slopes_ + Cell::wh_at * S::width, slope_row};
  }

  // In the library of bfloat16 products: slopes as the left operand of dh and dx, pairs of units, in the order of slopes_.
  static long slopes_floats(const Part& part, const S& size) { return part.block_rows * size.panels * slope_row; }
  float* as_left(const float* slopes) const { return narrow_slopes_ + (slopes - slopes_) / 2; }
  Slope as_left(Slope slopes) const {
    if (narrow) return {as_left(slopes.at), slopes.row / 2};
    return slopes;
  }
  // And what dW is of, pairs of tokens, once the gates of a block have read them.
  void pair_tokens(long rows) const {
    for (long p = team_.first(size_.panels); p < team_.last(size_.panels); ++p) pair_slopes(p, rows);
    pair_columns(masked_, rows, size_.h_row);
    if (S::phases == 2) pair_columns(operand_, rows, size_.h_row);
    team_.wait();
  }
  void pair_slopes(long panel, long rows) const { narrow_panel(slopes_ + panel * rows * slope_row, rows, slope_row); }
  void pair_columns(float* left, long rows, long row) const {
    const long vectors = row / lanes;
    narrow_columns(left, rows, row, team_.first(vectors) * lanes, team_.last(vectors) * lanes);
  }
  // Slopes that no gate stored.
  void pair_gathered(long rows) const {
    for (long p = 0; p < size_.panels; ++p) {
      narrow_row(slopes_ + p * rows * slope_row, rows * slope_row, as_left(slopes_ + p * rows * slope_row));
      pair_slopes(p, rows);
    }
  }

  // Units past H have weights of zero, but zero times a NaN of their own would reach the real ones.
  static OSTINATO_INLINE void clean(typename Cell::Gradients& g, long left) {
    for (int k = 0; k < S::slopes; ++k)
      reinterpret_cast<V*>(&g.w)[k] = keep_lanes(reinterpret_cast<V*>(&g.w)[k], left);
  }

  // Between the two products of a cell with two phases.
  void reopen(const Step& step, long row, long unit, const float* kept, float* slopes) const {
    if constexpr (S::phases == 2)
      for (long r = 0; r < step.rows; ++r, kept += slots, slopes += slope_row) {
        const long at = r * size_.h_row + unit, old = (row + r) * size_.h_row + unit;
        const auto again = Cell::back_open(read<Kept>(kept, S::width), load(before_ + old), load(doperand_ + at));
        store(slopes, keep_lanes(again.dr, size_.H - unit));
        if constexpr (narrow) store_narrow(as_left(slopes), keep_lanes(again.dr, size_.H - unit));
        store(dh_ + at, load(dh_ + at) + again.dh);
        // the column of ones lies past H: only whole vectors of units may be stored
        store_row(operand_ + old, again.operand, size_.H - unit);
        if (unit + lanes >= size_.H) operand_[(row + r) * size_.h_row + size_.H] = 1.f;
      }
  }

  // What flows back through a recurrent product: to (+)= slopes W_hh, for the rows of a step.
  void products(long rows, long block_rows, long row, int phase, float* to, bool add) const {
    const Slope slopes = h_slopes();
    through(as_left({slopes.at + row * slopes.row + S::phase_first(phase) * S::width, slopes.row}), rows, block_rows,
            S::phase_gates(phase), w_.h[phase], size_.P, first_strip_, last_strip_, to, size_.h_row, add);
  }

  // Some strips of to (rows, columns) (+)= slopes times transposed weights. The inner dimension is cut so that a piece of a strip of
  // weights stays in L1 while all rows use it.
  void through(Slope from, long rows, long block_rows, long gates, const float* w, long columns, long first_strip,
               long last_strip, float* to, long to_row, bool add) const {
    const Columns cut(columns);
    const long K = inner(gates * S::width), together = std::max(1L, 128 / K), apart = block_rows * from.row;
    for (long c = first_strip; c < last_strip; ++c) {
      const long first = cut.first(c) * lanes, wide = cut.width(c) * lanes;
      const float* b = w + size_.panels * gates * S::width * first;
      for (long p = 0; p < size_.panels; p += together) {
        const long slices = std::min(together, size_.panels - p);
        float* sums = to + first;
        strip_narrow(cut.width(c), {rows, slices, K, from.at + p * apart, from.row, 1, apart, b + p * K * wide, wide,
                             p > 0 || add ? sums : nullptr, to_row, sums, to_row});
      }
    }
  }

  // dW_hh and its bias: the slopes of the block's tokens times h_{t-1}.
  void hidden_gradients(const Block& block, bool first) const {
    const Slope slopes = h_slopes();
    for (long p = team_.first(size_.panels); p < team_.last(size_.panels); ++p)
      for (int phase = 0; phase < S::phases; ++phase)
        over_tokens(block.rows, phase == 0 ? masked_ : operand_, size_.h_row, size_.P, p,
                    {slopes.at + p * block.rows * slopes.row + S::phase_first(phase) * S::width, slopes.row},
                    S::phase_gates(phase), sums_.h[phase], first);
  }

  void inputs(const Block& block, bool first) const {
    if (w_.normed) through_inputs(block);
    input_gradients(block.rows, first, [&](auto&& each) {
      for (long s = block.first; s < block.last; ++s)
        for (long r = 0; r < part_.steps[s].rows; ++r) each(part_.token(part_.steps[s], r));
    });
  }

  // dW_ih, its bias and dx, from `count` rows of x and their slopes. for_each calls its argument with each row's number.
  template <class F>
  void input_gradients(long count, bool first, F&& for_each) const {
    const Slope slopes = x_slopes();
    const long begin = team_.first(count), end = team_.last(count);
    const auto each_own = [&](auto&& f) {
      long r = 0;
      for_each([&](long at) {
        if (r >= begin && r < end) f(at, x_ + r * size_.x_row);
        ++r;
      });
    };
    each_own([&](long at, float* to) {
      std::memcpy(to, layer_.x + at * layer_.x_stride, size_.I * sizeof(float));
      to[size_.I] = 1.f;
    });
    team_.wait();
    if (narrow) {
      pair_columns(x_, count, size_.x_row);
      team_.wait();
    }
    for (long p = team_.first(size_.panels); p < team_.last(size_.panels); ++p)
      over_tokens(count, x_, size_.x_row, size_.I, p, {slopes.at + p * count * slopes.row, slopes.row}, S::gates, sums_.x,
                  first);
    if (!layer_.dx) return;
    team_.wait();  // dx takes the place of x
    through(as_left({slopes.at + begin * slopes.row, slopes.row}), end - begin, count, S::gates, w_.x, size_.I, 0,
            Columns(size_.I).strips(), x_ + begin * size_.x_row, size_.x_row, false);
    each_own([&](long at, const float* from) {
      std::memcpy(layer_.dx + at * layer_.dx_stride, from, size_.I * sizeof(float));
    });
  }

  // Tokens of the block that are the same row share one row of slopes.
  void add_up(const Block& block, SlopeTable<Cell>& distinct) const {
    const float* from = slopes_;
    for (long s = block.first; s < block.last; ++s)
      for (long r = 0; r < part_.steps[s].rows; ++r, from += slope_row)
        distinct.add(size_, layer_.index[part_.token(part_.steps[s], r)], from, block.rows * slope_row);
  }
  // The slopes of a row from all parts, to panels that are `apart` floats from each other.
  void gather_slopes(const std::vector<SlopeTable<Cell>>& parts, long at, float* to, long apart) const {
    using D = Distinct<Cell>;
    bool first = true;
    for (const SlopeTable<Cell>& part : parts) {
      if (!part.seen(at)) continue;
      const float* from = part.row(size_, at);
      for (long p = 0; p < size_.panels; ++p, from += D::panel)
        for (int v = 0; v < D::vectors; ++v) {
          float* sum = to + p * apart + v * lanes;
          store(sum, first ? load(from + v * lanes) : load(sum) + load(from + v * lanes));
        }
      first = false;
    }
  }

  // dW_hr: what was projected, and the gradients of what came out.
  void projection_gradients(const Block& block, bool first) const {
    const float* fresh = kept_ + part_.tokens * size_.row_floats() + block.before * size_.h_row;
    const Panels panels = size_.projection();
    for (long p = 0; p < panels.panels(); ++p) {
      float* to = sums_.hr + p * (size_.H + 1) * panels.row();
      strip(projected_units, {size_.H, 1, block.rows, fresh, 1, size_.h_row, 0, projected_ + p * panels.row(), size_.h_row,
                              first ? nullptr : to, panels.row(), to, panels.row()});
    }
  }
  void over_tokens(long tokens, const float* left, long left_row, long inputs, long p, Slope right, long gates,
                   float* sums, bool first) const {
    const long row = gates * S::width;
    float* to = sums + p * (inputs + 1) * row;
    strip_narrow(static_cast<int>(gates) * S::units,
          {inputs + 1, 1, inner(tokens), left, 1, left_row, 0, right.at, right.row, first ? nullptr : to, row, to, row});
  }

  const ostinato_layer& layer_;
  const Part& part_;
  const BackwardWeights<Cell>& w_;
  const S size_;
  const float* const kept_;
  const Sums<Cell> sums_;
  const NormVectors<Cell> norms_;   // gradients of gains and shifts
  const float* const kept_norms_;
  const long rows_;
  const Mask mask_;
  const Zoneout zone_h_, zone_c_;
  const bool altered_;      // the gates' h is not yet the output
  const float* const dy_;   // what the gates' h gets from the output as it is
  const Buffer x_, before_, slopes_, narrow_slopes_, x_slopes_, h_slopes_, normed_, projected_, states_;
  float *operand_, *masked_, *dh_, *dc_, *doperand_, *scratch_, *held_h_, *held_c_, *dnormed_;
  Team team_;
  long first_strip_ = 0, last_strip_ = Columns(size_.P).strips();       // of dh, this member's
  long first_vector_ = 0, last_vector_ = size_.panels * S::units;  // of units, this member's
};

}  // namespace ostinato
