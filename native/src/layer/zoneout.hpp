// Zoneout of one state: new = k * old + (1 - k) * fresh. k is given for each token and unit, or is the same for all.
#pragma once

#include "../parts/part.hpp"
#include "../simd/vector.hpp"

namespace ostinato {

class Zoneout {
 public:
  Zoneout(const float* drawn, double rate, long columns) : drawn_(drawn), rate_(rate), columns_(columns) {}
  explicit operator bool() const { return drawn_ || rate_ != 0; }

  // fresh = k * old + (1 - k) * fresh, for the rows of a step; `row` floats from one row of both to the next.
  void mix(const Part& part, const Step& step, const float* old, float* fresh, long row) const {
    each(part, step, row, [&](V k, long at) { store(fresh + at, k * load(old + at) + (1 - k) * load(fresh + at)); });
  }
  // Its backward: d becomes the gradient of fresh, held that of old.
  void part(const Part& part, const Step& step, float* d, float* held, long row) const {
    each(part, step, row, [&](V k, long at) {
      const V both = load(d + at);
      store(held + at, k * both);
      store(d + at, (1 - k) * both);
    });
  }

 private:
  template <class F>
  void each(const Part& part, const Step& step, long row, F&& f) const {
    for (long r = 0; r < step.rows; ++r) {
      const float* k = drawn_ ? drawn_ + part.token(step, r) * columns_ : nullptr;
      for (long u = 0; u < columns_; u += lanes)
        f(k ? load_row(k + u, columns_ - u) : broadcast(rate_), r * row + u);
    }
  }

  const float* const drawn_;
  const float rate_;
  const long columns_;
};

}  // namespace ostinato
