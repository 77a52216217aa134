// What the time loop asks of a cell. It knows gates and states as so many vectors and never by name.
//
//   Gates      one vector a gate, torch's order. wx.i = W_ii x_t + b_ii, wh.i = W_hi h_{t-1} + b_hi.
//   State      h first, then c where the cell has one.
//   Kept       what the forward stores for the backward, per unit and step.
//   Extra      the cell's extra vectors (peepholes), or Nothing.
//   Gradients  wx and wh as one run of vectors: wx's from the first on, wh's from `wh_at` on, in the orders of
//              `x_order` and `h_order` (so that each is contiguous though they overlap); then s: the direct
//              gradient of the previous states; then extra: that of the extra vectors.
//
//   norm_groups  how many gates, in order, layer normalisation takes the mean and variance of together.
//   norm_state   whether the equations pass c to F.norm; forward and backward are then given F.
//
// `units` is how many vectors of units a panel has side by side: a tile is then gates * units vectors wide.
#pragma once

#include "../simd/functions.hpp"

namespace ostinato {

struct Nothing {};

// The F of a cell's equations, as far as it is not the same for all: F.norm and, backward, its gradient.
struct Plain {
  static OSTINATO_INLINE V norm(V v) { return v; }
  static OSTINATO_INLINE V dnorm(V d) { return d; }
};
// Layer normalisation needs the whole row, so by now it is done, and these are its results.
struct Normed {
  V value, gradient;
  OSTINATO_INLINE V norm(V) const { return value; }
  OSTINATO_INLINE V dnorm(V) const { return gradient; }
};
// For the gradient to be done: hands over what it is made of.
struct Watched {
  V value;
  V* seen;
  OSTINATO_INLINE V norm(V) const { return value; }
  OSTINATO_INLINE V dnorm(V d) const { return *seen = d; }
};

// How many vectors a structure of vectors has. An empty one has size 1 in C++, so it counts none.
template <class T>
constexpr int count = static_cast<int>(sizeof(T) / sizeof(V));

// Structures of vectors as arrays, for the loops that move them.
template <class T>
OSTINATO_INLINE T read(const float* from, long stride) {
  T all;
  for (int k = 0; k < count<T>; ++k) reinterpret_cast<V*>(&all)[k] = load(from + k * stride);
  return all;
}
template <class T>
OSTINATO_INLINE void write(float* to, long stride, const T& all) {
  for (int k = 0; k < count<T>; ++k) store(to + k * stride, reinterpret_cast<const V*>(&all)[k]);
}

}  // namespace ostinato
