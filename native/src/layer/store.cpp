#include "store.hpp"

#include <cstring>

#include "../product/narrow.hpp"
#include "../runtime/threads.hpp"

namespace ostinato {
namespace {

constexpr uint64_t factor = 0x9e3779b97f4a7c15ull | 5, other = 0xd6e8feb86659fd93ull;
constexpr long lanes64 = 64, piece_floats = 1 << 14;

uint64_t mixed(uint64_t value) {
  value = (value ^ (value >> 32)) * other;
  return value ^ (value >> 29);
}

// Sums of powers mod 2^64 with an odd factor, many side by side: a number that changes always changes its sum. The upper
// half is folded into the lower one first, or two changed signs could cancel.
uint64_t digest(const float* from, long count) {
  uint64_t sums[lanes64], block[lanes64];
  for (long j = 0; j < lanes64; ++j) sums[j] = j;
  for (long k = 0; k < count; k += 2 * lanes64) {
    const long here = count - k < 2 * lanes64 ? count - k : 2 * lanes64;
    if (here < 2 * lanes64) std::memset(block, 0, sizeof block);
    std::memcpy(block, from + k, here * sizeof(float));
    for (long j = 0; j < lanes64; ++j) sums[j] = sums[j] * factor + (block[j] ^ (block[j] >> 32));
  }
  uint64_t all = static_cast<uint64_t>(count);
  for (long j = 0; j < lanes64; ++j) all = mixed(all + sums[j]);
  return all;
}

struct Piece {
  const float* from;
  long count, layer;
  uint64_t digest;
};

}  // namespace

std::vector<uint64_t> digests(const ostinato_layer* layers, long count, long gates, long extra, long threads) {
  std::vector<Piece> pieces;
  std::vector<uint64_t> all(count);
  for (long d = 0; d < count; ++d) {
    const ostinato_layer& l = layers[d];
    const long GH = gates * l.H;
    const struct {
      const float* from;
      long count;
    } tensors[] = {{l.w_ih, GH * l.I}, {l.w_hh, GH * l.P}, {l.b_ih, GH}, {l.b_hh, GH}, {l.extra, extra * l.H},
                   {l.w_hr, l.P * l.H}, {l.norm_ih_weight, GH}, {l.norm_ih_bias, GH}, {l.norm_hh_weight, GH},
                   {l.norm_hh_bias, GH}, {l.norm_c_weight, l.H}, {l.norm_c_bias, l.H}};
    // Both libraries may leave weights in one store, each packed in its own way.
    for (uint64_t size : {l.cell, l.I, l.H, l.P, static_cast<int64_t>(narrow)}) all[d] = mixed(all[d] + size);
    for (const auto& t : tensors) {
      all[d] = mixed(all[d] + (t.from != nullptr));
      for (long k = 0; t.from && k < t.count; k += piece_floats)
        pieces.push_back({t.from + k, t.count - k < piece_floats ? t.count - k : piece_floats, d, 0});
    }
  }
  run(static_cast<long>(pieces.size()), threads, [&](long k) { pieces[k].digest = digest(pieces[k].from, pieces[k].count); });
  for (const Piece& piece : pieces) all[piece.layer] = mixed(all[piece.layer] + piece.digest);
  return all;
}

}  // namespace ostinato
