// A cell's whole layer calls: pack the weights, run the parts, add up what they found. One instance a cell.
#pragma once

#include <deque>

#include "backward.hpp"
#include "forward.hpp"
#include "store.hpp"
#include "../runtime/threads.hpp"

namespace ostinato {

// What the C interface calls; one table entry a cell.
struct Kernel {
  long (*kept_floats)(const ostinato_layer&);
  void (*forward)(const ostinato_layer*, long count, long threads);
  void (*backward)(const ostinato_layer*, long count, long threads);
  void* (*pack)(const ostinato_layer&);
  void (*pack_free)(void*);
  void (*step)(const void*, ostinato_layer&);
};

// A part of one of the directions, and where its share of the kept numbers begins.
struct Work {
  long direction;
  const Part* part;
  long tokens_before;
  long index;  // among the parts of its direction
};

// Cut all directions. Two directions already occupy two threads, so each is cut into fewer parts.
inline std::vector<std::vector<Part>> cut_all(const ostinato_layer* layers, long count, long threads) {
  std::vector<std::vector<Part>> parts;
  for (long d = 0; d < count; ++d) parts.push_back(cut(layers[d], std::max(1L, (threads + count - 1) / count)));
  return parts;
}
inline std::vector<Work> list(const std::vector<std::vector<Part>>& parts) {
  std::vector<Work> all;
  for (size_t d = 0; d < parts.size(); ++d) {
    long tokens = 0;
    for (size_t k = 0; k < parts[d].size(); ++k) {
      all.push_back({static_cast<long>(d), &parts[d][k], tokens, static_cast<long>(k)});
      tokens += parts[d][k].tokens;
    }
  }
  return all;
}

// Packing on several threads pays only where there is much of it.
inline long packing_threads(const ostinato_layer& layer, long threads) {
  return layer.H * (layer.H + layer.I) < 8192 ? 1 : threads;
}

template <class Cell>
struct LayerOf {
  using S = Sizes<Cell>;

  static long kept_floats(const ostinato_layer& layer) { return layer.N * S(layer).kept_floats(layer); }

  static void forward(const ostinato_layer* layers, long count, long threads) {
    const auto parts = cut_all(layers, count, by_units(layers[0], threads) ? 1 : threads);
    const auto work = list(parts);
    const auto weights = packed(layers, count, threads);
    std::vector<ProductTable<Cell>> products;
    for (long d = 0; d < count; ++d) products.emplace_back(layers[d]);
    if (const long pieces = ProductTable<Cell>::tasks(layers[0]))
      run(pieces * count, threads,
          [&](long k) { products[k / pieces].make(layers[k / pieces], *weights[k / pieces], k % pieces); });
    std::deque<Forward<Cell>> owners;  // all memory is taken here, before the team starts
    for (const Work& w : work) {
      const ostinato_layer& layer = layers[w.direction];
      float* kept = layer.kept ? layer.kept + w.tokens_before * S(layer).kept_floats(layer) : nullptr;
      owners.emplace_back(layer, *w.part, *weights[w.direction], products[w.direction].table(), kept);
    }
    on_teams(layers[0], work, threads, [&](long k, const Team& team) { Forward<Cell>(owners[k], team).run(); });
    for (long d = 0; d < count; ++d) untouched(layers[d]);
  }

  static void backward(const ostinato_layer* layers, long count, long threads) {
    const auto parts = cut_all(layers, count, threads);
    const auto work = list(parts);
    std::vector<BackwardWeights<Cell>> weights;
    std::vector<Buffer> sums;
    std::vector<std::vector<SlopeTable<Cell>>> distinct(count);
    for (long d = 0; d < count; ++d) {
      weights.emplace_back(layers[d]);
      for (size_t k = 0; k < parts[d].size(); ++k) distinct[d].emplace_back(layers[d]);
      sums.emplace_back(static_cast<long>(parts[d].size()) * Sums<Cell>::floats(layers[d]));
    }
    const long tasks = BackwardWeights<Cell>::tasks(layers[0]);
    run(tasks * count, packing_threads(layers[0], threads),
        [&](long k) { weights[k / tasks].pack(layers[k / tasks], k % tasks); });
    std::deque<Backward<Cell>> owners;
    for (const Work& w : work) {
      const ostinato_layer& layer = layers[w.direction];
      owners.emplace_back(layer, *w.part, weights[w.direction],
                          layer.kept + w.tokens_before * S(layer).kept_floats(layer),
                          sums[w.direction] + w.index * Sums<Cell>::floats(layer));
    }
    on_teams(layers[0], work, threads, [&](long k, const Team& team) {
      Backward<Cell>(owners[k], team).run(distinct[work[k].direction][work[k].index]);
    });
    if (layers[0].index)
      run(static_cast<long>(work.size()), threads,
          [&](long k) { owners[k].finish(distinct[work[k].direction], work[k].index); });
    const long panels = S(layers[0]).panels + (layers[0].w_hr ? S(layers[0]).projection().panels() : 0) +
                        (layers[0].norm_ih_weight ? 1 : 0);
    run(panels * count, packing_threads(layers[0], threads), [&](long k) {
      const long d = k / panels;
      add_up(layers[d], sums[d], static_cast<long>(parts[d].size()), k % panels);
    });
    for (long d = 0; d < count; ++d) untouched_back(layers[d]);
  }

  static void* pack(const ostinato_layer& layer) {
    ForwardWeights<Cell>* weights = new ForwardWeights<Cell>(layer);
    for (long k = 0; k < ForwardWeights<Cell>::tasks(layer); ++k) weights->pack(layer, k);
    return weights;
  }
  static void pack_free(void* packed) { delete static_cast<ForwardWeights<Cell>*>(packed); }

  // On one thread: waking a second one takes longer than a step.
  static void step(const void* packed, ostinato_layer& layer) {
    const auto parts = cut(layer, 1);
    Forward<Cell>(layer, parts[0], *static_cast<const ForwardWeights<Cell>*>(packed), nullptr, nullptr).run();
  }

 private:
  // Each direction's weights: packed now, or found packed where the layer has a store.
  using Weights = std::shared_ptr<const ForwardWeights<Cell>>;
  static std::vector<Weights> packed(const ostinato_layer* layers, long count, long threads) {
    const auto store = [layers](long d) { return static_cast<Store*>(layers[d].store); };
    const long busy = packing_threads(layers[0], threads), tasks = ForwardWeights<Cell>::tasks(layers[0]);
    std::vector<uint64_t> digest(count);
    if (store(0)) digest = digests(layers, count, S::gates, S::extra, busy);
    std::vector<Weights> all(count);
    std::vector<std::shared_ptr<ForwardWeights<Cell>>> fresh(count);
    std::vector<long> missing;
    for (long d = 0; d < count; ++d) {
      if (store(d)) all[d] = std::static_pointer_cast<const ForwardWeights<Cell>>(store(d)->find(digest[d]));
      if (all[d]) continue;
      all[d] = fresh[d] = std::make_shared<ForwardWeights<Cell>>(layers[d]);
      missing.push_back(d);
    }
    run(tasks * static_cast<long>(missing.size()), busy, [&](long k) {
      const long d = missing[k / tasks];
      fresh[d]->pack(layers[d], k % tasks);
    });
    for (long d : missing)
      if (store(d)) store(d)->keep(digest[d], all[d]);
    return all;
  }

  // Whether threads can share a row: options are for one thread a part.
  static bool shares(const ostinato_layer& layer) {
    const bool zoned = layer.zoneout_h || layer.zoneout_c || layer.zoneout_rate_h != 0 || layer.zoneout_rate_c != 0;
    return !(layer.index || layer.recurrent_mask || zoned || layer.w_hr || layer.norm_ih_weight);
  }

  // Whether threads take units of all rows instead of rows: then each reads its own part of the weights in a step and not
  // all of them, which pays where they lie far away and a thread's rows are too few to keep it busy meanwhile. A backward
  // gains nothing from it, and must see the parts that its forward saw.
  static bool by_units(const ostinato_layer& layer, long threads) {
    constexpr long near = 3 << 17, few = 16;  // floats in a core's own cache and somewhat more; rows
    return !layer.kept && shares(layer) && S::gates * layer.H * layer.P > near && layer.batch_sizes[0] <= few * threads;
  }

  // How many threads one part can use: a step must have more to do than its members' waiting for each other takes.
  static long members(const ostinato_layer& layer, long parts, long threads) {
    if (!shares(layer)) return 1;
    const long products = S::gates * layer.H * layer.H * ((layer.batch_sizes[0] + parts - 1) / parts);
    return std::max(1L, std::min(threads / parts, products / 6000));
  }

  // f(k, team) for each part, on teams of as many threads as there are for it.
  template <class F>
  static void on_teams(const ostinato_layer& layer, const std::vector<Work>& work, long threads, F&& f) {
    const long parts = static_cast<long>(work.size()), most = members(layer, parts, threads);
    Meetings meetings(parts, most);
    together(std::min(threads, parts * most), [&](const Team& team) noexcept { team.divide(parts, meetings, f); });
  }

  static void add_up(const ostinato_layer& layer, float* sums, long parts, long panel) {
    const S size(layer);
    const long apart = Sums<Cell>::floats(layer);
    const Sums<Cell> at(layer, sums);
    const long projected = layer.w_hr ? size.projection().panels() : 0;
    if (panel >= size.panels + projected) return NormVectors<Cell>(size, at.norm).unpack(size, layer, parts, apart);
    if (panel >= size.panels)
      return unpack_panel(size.projection(), panel - size.panels, at.hr, parts, apart, size.H, layer.dw_hr, nullptr);
    unpack_panel(size.inputs(), panel, at.x, parts, apart, size.I, layer.dw_ih, layer.norm_ih_weight ? nullptr : layer.db_ih);
    for (int phase = 0; phase < S::phases; ++phase)
      unpack_panel(size.hidden(phase), panel, at.h[phase], parts, apart, size.P, layer.dw_hh,
                   layer.norm_ih_weight ? nullptr : layer.db_hh);
    if (S::extra > 0 && layer.dextra)
      for (int e = 0; e < S::extra; ++e)
        for (long u = panel * S::width; u < std::min(size.H, (panel + 1) * S::width); ++u) {
          float sum = 0;
          for (long part = 0; part < parts; ++part) sum += at.extra[part * apart + e * size.padded + u];
          layer.dextra[e * size.H + u] = sum;
        }
  }

  // Rows without a single step keep their states.
  static void untouched(const ostinato_layer& layer) {
    for (long b = layer.batch_sizes[0]; b < layer.B; ++b) {
      pass(layer.h0, layer.hn, b, layer.P);
      if (S::states == 2) pass(layer.c0, layer.cn, b, layer.H);
    }
  }
  static void untouched_back(const ostinato_layer& layer) {
    for (long b = layer.batch_sizes[0]; b < layer.B; ++b) {
      pass(layer.dhn, layer.dh0, b, layer.P);
      if (S::states == 2) pass(layer.dcn, layer.dc0, b, layer.H);
    }
  }
  static void pass(const float* from, float* to, long b, long columns) {
    if (!to) return;
    if (from) std::memcpy(to + b * columns, from + b * columns, columns * sizeof(float));
    else std::memset(to + b * columns, 0, columns * sizeof(float));
  }
};

template <class Cell>
constexpr Kernel kernel_of() {
  using L = LayerOf<Cell>;
  return {L::kept_floats, L::forward, L::backward, L::pack, L::pack_free, L::step};
}

}  // namespace ostinato
