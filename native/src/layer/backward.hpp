// The time loop of one part of a batch, backward. It names no gate.
//
// Block by block from the last step to the first: the gate arithmetic turns dh and dc into the gradients of the gates'
// products ("slopes"), which stay in a block's buffer, panel by panel: [panel][token][slot][unit]. There they are the
// left operand of dh and dx and the right operand of dW as they lie.
#pragma once

#include <cstring>

#include "../parts/part.hpp"
#include "distinct.hpp"

namespace ostinato {

// A part's sums of weight gradients, in the layout of the forward's panels; bias gradients in the rows behind.
template <class Cell>
struct Sums {
  using S = Sizes<Cell>;
  static long floats(const ostinato_layer& layer) {
    const S size(layer);
    return size.inputs().floats(size.I) + size.hidden(0).floats(size.H) +
           (S::phases == 2 ? size.hidden(1).floats(size.H) : 0) + S::extra * size.padded;
  }
  float *x, *h[2], *extra;
  Sums(const ostinato_layer& layer, float* at) {
    const S size(layer);
    x = at;
    h[0] = x + size.inputs().floats(size.I);
    h[1] = h[0] + size.hidden(0).floats(size.H);
    extra = S::phases == 2 ? h[1] + size.hidden(1).floats(size.H) : h[1];
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
        rows_(part.row.size()), x_(part.block_rows * size_.x_row),
        before_(S::phases * part.block_rows * size_.h_row),
        slopes_(part.block_rows * size_.panels * slope_row), states_((S::states + S::phases - 1) * rows_ * size_.h_row) {
    operand_ = before_ + part.block_rows * size_.h_row;
    dh_ = states_;
    dc_ = dh_ + rows_ * size_.h_row;
    doperand_ = dh_ + S::states * rows_ * size_.h_row;
  }

  // distinct: this part's, where tokens are rows of a table; `finish` then does the rest.
  void run(SlopeTable<Cell>& distinct) {
    if (S::extra > 0) std::memset(sums_.extra, 0, S::extra * size_.padded * sizeof(float));
    const long steps = part_.steps.size(), blocks = part_.blocks.size();
    for (long b = blocks - 1; b >= 0; --b) {
      const Block& block = part_.blocks[b];
      const float* kept = kept_ + block.before * size_.row_floats();
      gather_before(block);
      long row = block.rows;
      for (long s = block.last - 1; s >= block.first; --s) {
        const Step& step = part_.steps[s];
        row -= step.rows;
        join(s + 1 == steps ? 0 : part_.steps[s + 1].rows, step.rows);
        retreat(step, block, row, kept);
        leave(s == 0 ? 0 : part_.steps[s - 1].rows, step.rows);
      }
      hidden_gradients(block, b == blocks - 1);
      if (layer_.index) add_up(block, distinct);
      else inputs(block, b == blocks - 1);
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
      input_gradients(here, begin == 0, [&](auto&& each) {
        for (long r = 0; r < here; ++r) each(rows[begin + r]);
      });
    }
  }

 private:
  // h_{t-1} of every token of the block, with a one behind it: the left operand of dW_hh and db_hh.
  void gather_before(const Block& block) const {
    float* to = before_;
    for (long s = block.first; s < block.last; ++s)
      for (long r = 0; r < part_.steps[s].rows; ++r, to += size_.h_row) {
        const float* from = nullptr;
        if (s > 0 && r < part_.steps[s - 1].rows) from = layer_.y + part_.token(part_.steps[s - 1], r) * layer_.y_stride;
        else if (layer_.h0) from = layer_.h0 + part_.row[r] * size_.H;
        if (from) std::memcpy(to, from, size_.H * sizeof(float));
        else std::memset(to, 0, size_.H * sizeof(float));
        if (size_.padded > size_.H) std::memset(to + size_.H, 0, (size_.padded - size_.H) * sizeof(float));
        to[size_.H] = 1.f;
      }
  }

  // Rows whose last step this is start from the gradient of their final state.
  void join(long from, long to) const {
    for (long r = from; r < to; ++r) {
      copy_in(layer_.dhn, r, dh_);
      if constexpr (S::states == 2) copy_in(layer_.dcn, r, dc_);
    }
  }
  void copy_in(const float* final, long r, float* state) const {
    float* to = state + r * size_.h_row;
    std::memset(to, 0, size_.padded * sizeof(float));
    if (final) std::memcpy(to, final + part_.row[r] * size_.H, size_.H * sizeof(float));
  }

  // Rows whose first step this was are done: what is left is the gradient of their initial state.
  void leave(long from, long to) const {
    for (long r = from; r < to; ++r) {
      const long at = part_.row[r] * size_.H;
      if (layer_.dh0) std::memcpy(layer_.dh0 + at, dh_ + r * size_.h_row, size_.H * sizeof(float));
      if constexpr (S::states == 2)
        if (layer_.dc0) std::memcpy(layer_.dc0 + at, dc_ + r * size_.h_row, size_.H * sizeof(float));
    }
  }

  // One step of all rows alive: from the gradients of its new states to those of its old ones, in place.
  void retreat(const Step& step, const Block& block, long row, const float* kept) const {
    for (long p = 0; p < size_.panels; ++p)
      for (int u = 0; u < S::units; ++u) {
        const long unit = p * S::width + u * lanes;
        const float* k = kept + (p * block.rows + row) * slots + u * lanes;
        float* g = slopes_ + (p * block.rows + row) * slope_row + u * lanes;
        if (unit + lanes <= size_.H) gates<true>(step, row, unit, k, g);
        else gates<false>(step, row, unit, k, g);
      }
    if constexpr (S::phases == 2) {
      products(step.rows, block.rows, row, 1, doperand_, false);
      for (long p = 0; p < size_.panels; ++p)
        for (int u = 0; u < S::units; ++u) {
          const float* k = kept + (p * block.rows + row) * slots + u * lanes;
          float* g = slopes_ + (p * block.rows + row) * slope_row + u * lanes;
          reopen(step, row, p * S::width + u * lanes, k, g);
        }
    }
    products(step.rows, block.rows, row, 0, dh_, Cell::direct_h);
  }

  // The gate arithmetic of all rows for one vector of units. Full: none of them is past H.
  template <bool Full>
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
      if (layer_.dy) {
        const float* dy = layer_.dy + part_.token(step, r) * layer_.dy_stride + unit;
        d.h += Full ? load(dy) : left > 0 ? load_part(dy, left) : V{};
      }
      const Kept a = read<Kept>(kept, S::width);
      const V h = load(before_ + (row + r) * size_.h_row + unit);
      typename Cell::Gradients g;
      if constexpr (S::phases == 1) g = Cell::backward(a, h, d, extra);
      else g = Cell::back_close(a, h, d);
      if constexpr (!Full) clean(g, left);
      write(slopes, S::width, g.w);
      if constexpr (Cell::direct_h) store(dh_ + at, g.s.h);
      if constexpr (S::states == 2) store(dc_ + at, g.s.c);
      if constexpr (S::extra > 0)
        for (int e = 0; e < S::extra; ++e) reinterpret_cast<V*>(&dextra)[e] += reinterpret_cast<const V*>(&g.p)[e];
    }
    if constexpr (S::extra > 0) write(sums_.extra + unit, size_.padded, dextra);
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
        store(dh_ + at, load(dh_ + at) + again.dh);
        // the column of ones lies past H: only whole vectors of units may be stored
        store_row(operand_ + old, again.operand, size_.H - unit);
        if (unit + lanes >= size_.H) operand_[(row + r) * size_.h_row + size_.H] = 1.f;
      }
  }

  // What flows back through a recurrent product: to (+)= slopes W_hh, for the rows of a step.
  void products(long rows, long block_rows, long row, int phase, float* to, bool add) const {
    const float* from = slopes_ + row * slope_row + (Cell::wh_at + S::phase_first(phase)) * S::width;
    through(from, rows, block_rows, S::phase_gates(phase), w_.h[phase], size_.H, to, size_.h_row, add);
  }

  // to (rows, columns) (+)= slopes times transposed weights. The inner dimension is cut so that a piece of a strip of
  // weights stays in L1 while all rows use it.
  void through(const float* from, long rows, long block_rows, long gates, const float* w, long columns, float* to,
               long to_row, bool add) const {
    const Columns cut(columns);
    const long K = gates * S::width, together = std::max(1L, 128 / K), apart = block_rows * slope_row;
    for (long c = 0; c < cut.strips(); ++c) {
      const long first = cut.first(c) * lanes, wide = cut.width(c) * lanes;
      const float* b = w + size_.panels * K * first;
      for (long p = 0; p < size_.panels; p += together) {
        const long slices = std::min(together, size_.panels - p);
        float* sums = to + first;
        strip(cut.width(c), {rows, slices, K, from + p * apart, slope_row, 1, apart, b + p * K * wide, wide,
                             p > 0 || add ? sums : nullptr, to_row, sums, to_row});
      }
    }
  }

  // dW_hh and its bias: the slopes of the block's tokens times h_{t-1}.
  void hidden_gradients(const Block& block, bool first) const {
    for (long p = 0; p < size_.panels; ++p)
      for (int phase = 0; phase < S::phases; ++phase)
        over_tokens(block.rows, phase == 0 ? before_ : operand_, size_.h_row, size_.H, p,
                    slopes_ + p * block.rows * slope_row + (Cell::wh_at + S::phase_first(phase)) * S::width,
                    S::phase_gates(phase), sums_.h[phase], first);
  }

  void inputs(const Block& block, bool first) const {
    input_gradients(block.rows, first, [&](auto&& each) {
      for (long s = block.first; s < block.last; ++s)
        for (long r = 0; r < part_.steps[s].rows; ++r) each(part_.token(part_.steps[s], r));
    });
  }

  // dW_ih, its bias and dx, from `count` rows of x and their slopes. for_each calls its argument with each row's number.
  template <class F>
  void input_gradients(long count, bool first, F&& for_each) const {
    float* to = x_;
    for_each([&](long at) {
      std::memcpy(to, layer_.x + at * layer_.x_stride, size_.I * sizeof(float));
      to[size_.I] = 1.f;
      to += size_.x_row;
    });
    for (long p = 0; p < size_.panels; ++p)
      over_tokens(count, x_, size_.x_row, size_.I, p, slopes_ + p * count * slope_row, S::gates, sums_.x, first);
    if (!layer_.dx) return;
    through(slopes_, count, count, S::gates, w_.x, size_.I, x_, size_.x_row, false);
    const float* from = x_;
    for_each([&](long at) {
      std::memcpy(layer_.dx + at * layer_.dx_stride, from, size_.I * sizeof(float));
      from += size_.x_row;
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

  void over_tokens(long tokens, const float* left, long left_row, long inputs, long p, const float* right, long gates,
                   float* sums, bool first) const {
    const long row = gates * S::width;
    float* to = sums + p * (inputs + 1) * row;
    strip(static_cast<int>(gates) * S::units,
          {inputs + 1, 1, tokens, left, 1, left_row, 0, right, slope_row, first ? nullptr : to, row, to, row});
  }

  const ostinato_layer& layer_;
  const Part& part_;
  const BackwardWeights<Cell>& w_;
  const S size_;
  const float* const kept_;
  const Sums<Cell> sums_;
  const long rows_;
  const Buffer x_, before_, slopes_, states_;
  float *operand_, *dh_, *dc_, *doperand_;
};

}  // namespace ostinato
