// What layer normalisation needs beside the weights: gains and shifts, their gradients, and what is kept of a token.
#pragma once

#include "norm.hpp"
#include "sizes.hpp"

namespace ostinato {

// Vectors like a row of products (all gates, in the order of the input or hidden panels) or of c, one behind the other.
// The same struct serves for gains and shifts and for their gradients.
template <class Cell>
struct NormVectors {
  using S = Sizes<Cell>;
  static long floats(const S& size) { return 4 * size.gate_floats() + 2 * size.padded; }

  float *x_weight, *x_bias, *h_weight, *h_bias, *c_weight, *c_bias;
  NormVectors(const S& size, float* at) {
    x_weight = at;
    x_bias = x_weight + size.gate_floats();
    h_weight = x_bias + size.gate_floats();
    h_bias = h_weight + size.gate_floats();
    c_weight = h_bias + size.gate_floats();
    c_bias = c_weight + size.padded;
  }

  // From torch's order. The biases behind the normalisation are shifts too.
  void pack(const S& size, const ostinato_layer& layer) const {
    put(size, Cell::x_order, layer.norm_ih_weight, nullptr, x_weight);
    put(size, Cell::x_order, layer.norm_ih_bias, layer.b_ih, x_bias);
    put(size, Cell::h_order, layer.norm_hh_weight, nullptr, h_weight);
    put(size, Cell::h_order, layer.norm_hh_bias, layer.b_hh, h_bias);
    for (long u = 0; u < size.padded; ++u) {
      const bool real = Cell::norm_state && u < size.H;
      c_weight[u] = real ? layer.norm_c_weight[u] : 0.f;
      c_bias[u] = real ? layer.norm_c_bias[u] : 0.f;
    }
  }
  // To torch's order, summed over `parts` that lie `apart` floats from each other.
  void unpack(const S& size, const ostinato_layer& layer, long parts, long apart) const {
    take(size, Cell::x_order, x_weight, parts, apart, layer.dnorm_ih_weight);
    take(size, Cell::x_order, x_bias, parts, apart, layer.dnorm_ih_bias);
    take(size, Cell::x_order, x_bias, parts, apart, layer.db_ih);
    take(size, Cell::h_order, h_weight, parts, apart, layer.dnorm_hh_weight);
    take(size, Cell::h_order, h_bias, parts, apart, layer.dnorm_hh_bias);
    take(size, Cell::h_order, h_bias, parts, apart, layer.db_hh);
    for (long u = 0; u < size.H; ++u) {
      if (layer.dnorm_c_weight) layer.dnorm_c_weight[u] = sum(c_weight + u, parts, apart);
      if (layer.dnorm_c_bias) layer.dnorm_c_bias[u] = sum(c_bias + u, parts, apart);
    }
  }

 private:
  template <class F>
  static void each(const S& size, const int* order, F&& f) {  // f(place here, place in torch's order, whether it is a unit)
    for (long p = 0, to = 0; p < size.panels; ++p)
      for (int slot = 0; slot < S::gates; ++slot)
        for (long unit = p * S::width; unit < (p + 1) * S::width; ++unit, ++to)
          f(to, order[slot] * size.H + unit, unit < size.H);
  }
  static void put(const S& size, const int* order, const float* from, const float* more, float* to) {
    each(size, order, [&](long at, long torchs, bool real) {
      to[at] = real ? from[torchs] + (more ? more[torchs] : 0.f) : 0.f;
    });
  }
  static void take(const S& size, const int* order, const float* from, long parts, long apart, float* to) {
    if (!to) return;
    each(size, order, [&](long at, long torchs, bool real) {
      if (real) to[torchs] = sum(from + at, parts, apart);
    });
  }
  static float sum(const float* from, long parts, long apart) {
    float all = 0;
    for (long part = 0; part < parts; ++part) all += from[part * apart];
    return all;
  }
};

// What normalisation leaves of a token for the backward: the normalised numbers before gain and shift, and the scales.
template <class Cell>
struct NormKept {
  using S = Sizes<Cell>;
  float *x, *h, *c, *x_scale, *h_scale, *c_scale;
  NormKept(const S& size, float* at) {
    x = at;
    h = x + size.gate_floats();
    c = h + size.gate_floats();
    x_scale = c + size.padded;
    h_scale = x_scale + S::groups;
    c_scale = h_scale + S::groups;
  }
};

}  // namespace ostinato
