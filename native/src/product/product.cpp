#include "product.hpp"

#include <utility>

namespace ostinato {
namespace {

template <int MR, int NV, bool Narrow>
void tile(const Strip& s, long first) {
  V acc[MR][NV];
  const float* start = s.start ? s.start + first * s.start_row : nullptr;
#pragma GCC unroll 16
  for (int m = 0; m < MR; ++m)
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) acc[m][v] = start ? load(start + m * s.start_row + v * lanes) : V{};
  const float* a = s.a + first * s.a_row;
  const float* b = s.b;
  for (long slice = 0; slice < s.slices; ++slice, a += s.a_slice, b += s.K * s.b_k)
    if constexpr (Narrow) multiply_narrow<MR, NV>(acc, s.K, a, s.a_row, s.a_k, b, s.b_k);
    else multiply<MR, NV>(acc, s.K, a, s.a_row, s.a_k, b, s.b_k);
  float* c = s.c + first * s.c_row;
#pragma GCC unroll 16
  for (int m = 0; m < MR; ++m)
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) store(c + m * s.c_row + v * lanes, acc[m][v]);
}

using Tile = void (*)(const Strip&, long);

template <bool Narrow, int NV, int... M>
void strip_of(const Strip& s, std::integer_sequence<int, M...>) {
  static constexpr Tile tiles[] = {tile<M + 1, NV, Narrow>...};
  // Four rows already keep both multipliers busy, and divide the usual batches evenly; higher tiles pay where the right
  // operand is long and comes from L2.
  constexpr int most = most_rows(NV), usual = NV == 4 && most > 4 ? 4 : most;
  for_tiles(s.rows, s.slices * s.K > 128 ? most : usual, [&](long first, int height) { tiles[height - 1](s, first); });
}

template <bool Narrow, int NV>
void strip_of(const Strip& s) {
  strip_of<Narrow, NV>(s, std::make_integer_sequence<int, most_rows(NV)>());
}

template <bool Narrow>
void strip_wide(int NV, const Strip& s) {
  switch (NV) {
    case 1: return strip_of<Narrow, 1>(s);
    case 2: return strip_of<Narrow, 2>(s);
    case 3: return strip_of<Narrow, 3>(s);
    case 4: return strip_of<Narrow, 4>(s);
    case 6: return strip_of<Narrow, 6>(s);
  }
}

}  // namespace

void strip(int NV, const Strip& s) { strip_wide<false>(NV, s); }
#if defined(OSTINATO_BFLOAT16)
void strip_narrow(int NV, const Strip& s) { strip_wide<true>(NV, s); }
#endif

}  // namespace ostinato
