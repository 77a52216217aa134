// Layer normalisation (Ba, Kiros & Hinton 2016) of rows that lie in pieces: so many floats in each panel.
#pragma once

#include <cmath>

#include "../simd/vector.hpp"

namespace ostinato {

constexpr double norm_epsilon = 1e-5;  // torch.nn.LayerNorm's

// Which floats of a row are normalised together.
struct Group {
  long first, run;      // in a panel: where they begin, how many
  long width, panels, H;  // units of a panel, panels, units of all

  long numbers() const { return run / width * H; }
  // A row and vectors like it (gains, say) are floats at `p * apart + j`, of which lanes past H are zeros.
  template <class F>
  void each(F&& f) const {
    for (long p = 0; p < panels; ++p)
      for (long j = 0; j < run; j += lanes) f(p, j);
  }
  V real(V v, long p, long j) const {
    const long left = H - p * width - j % width;
    return left >= lanes ? v : keep_lanes(v, left);
  }
};

// Floats of a group: in a row or in a vector like it.
struct Pieces {
  float* at;
  long apart;  // from panel to panel
  OSTINATO_INLINE float* operator()(long p, long j) const { return at + p * apart + j; }
};

inline double total(V v) {
  double sum = 0;
  for (int k = 0; k < lanes; ++k) sum += v[k];
  return sum;
}

// to = hat * gain + shift, where hat = (from - mean) / sqrt(variance + epsilon). Returns 1 / sqrt(...). to: also `from`.
inline float normalise(const Group& g, Pieces from, Pieces gain, Pieces shift, Pieces hat, Pieces to) {
  V sum{}, squares{};
  g.each([&](long p, long j) { sum += g.real(load(from(p, j)), p, j); });
  const V mean = broadcast(static_cast<float>(total(sum) / g.numbers()));
  g.each([&](long p, long j) {
    const V off = g.real(load(from(p, j)) - mean, p, j);
    squares += off * off;
  });
  const float scale = static_cast<float>(1 / std::sqrt(total(squares) / g.numbers() + norm_epsilon));
  g.each([&](long p, long j) {
    const V v = g.real((load(from(p, j)) - mean) * scale, p, j);
    store(hat(p, j), v);
    store(to(p, j), v * load(gain(p, j)) + load(shift(p, j)));
  });
  return scale;
}

// From the gradient d of `normalise`'s result to that of its input. Adds to the gradients of gain and shift. to: also d.
inline void normalise_back(const Group& g, Pieces d, Pieces hat, Pieces gain, float scale, Pieces dgain, Pieces dshift,
                           Pieces to) {
  V sum{}, products{};
  g.each([&](long p, long j) {
    const V dv = load(d(p, j)), v = load(hat(p, j)), dhat = dv * load(gain(p, j));
    store(dgain(p, j), load(dgain(p, j)) + dv * v);
    store(dshift(p, j), load(dshift(p, j)) + dv);
    sum += dhat;
    products += dhat * v;
  });
  const V mean = broadcast(static_cast<float>(total(sum) / g.numbers()));
  const V along = broadcast(static_cast<float>(total(products) / g.numbers()));
  g.each([&](long p, long j) {
    const V dhat = load(d(p, j)) * load(gain(p, j));
    store(to(p, j), g.real((dhat - mean - load(hat(p, j)) * along) * scale, p, j));
  });
}

}  // namespace ostinato
