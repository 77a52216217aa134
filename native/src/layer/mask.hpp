// Recurrent dropout: one mask a row multiplies what the recurrent product is of, the same at all steps.
#pragma once

#include <algorithm>
#include <cstring>

#include "../parts/part.hpp"
#include "../runtime/buffers.hpp"
#include "../simd/vector.hpp"

namespace ostinato {

class Mask {
 public:
  // width: floats from a row of a state's local copy to the next, a whole number of vectors. Behind the state's numbers
  // the mask is one: there the backward's copies have their column of ones.
  Mask(const ostinato_layer& layer, const Part& part, long width)
      : width_(width), rows_(layer.recurrent_mask ? static_cast<long>(part.row.size()) * width : 0) {
    if (!rows_) return;
    float* to = rows_;
    for (long b : part.row) {
      std::memcpy(to, layer.recurrent_mask + b * layer.P, layer.P * sizeof(float));
      std::fill(to + layer.P, to + width, 1.f);
      to += width;
    }
  }
  explicit operator bool() const { return rows_; }

  // to = from * mask for the first rows of a part; both may be the same.
  void multiply(const float* from, long rows, float* to) const {
    for (long k = 0; k < rows * width_; k += lanes) store(to + k, load(from + k) * load(rows_ + k));
  }
  // to += from * mask
  void multiply_add(const float* from, long rows, float* to) const {
    for (long k = 0; k < rows * width_; k += lanes) store(to + k, load(to + k) + load(from + k) * load(rows_ + k));
  }

 private:
  const long width_;
  const Buffer rows_;
};

}  // namespace ostinato
