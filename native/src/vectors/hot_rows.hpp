// A table's rows as one thread sees them. Of the rows that every thread learns at almost every word it has copies of its
// own: shared, their cache lines would go to and fro between the processors with each word.
#pragma once

#include <algorithm>

#include "../runtime/buffers.hpp"
#include "../simd/functions.hpp"

namespace ostinato {

class HotRows {
 public:
  // A table whose hottest rows are its last, merged every so many words. A row has a copy if it is likely to be learned
  // more than once in that time; those of a Huffman tree halve in weight with each doubling of their number.
  HotRows(float* table, long stride, long rows, long every)
      : table_(table),
        stride_(stride),
        every_(every),
        count_(std::min(rows, every / 2)),
        first_(rows - count_),
        own_(count_ * stride),
        old_(count_ * stride) {
    const float* shared = table_ + stride_ * first_;
    for (long k = 0; k < count_ * stride_; k += lanes) {
      store(own_ + k, load(shared + k));
      store(old_ + k, load(shared + k));
    }
  }

  float* row(long number) {
    return number < first_ ? table_ + stride_ * number : own_ + stride_ * (number - first_);
  }

  // Says that one more word was learned from.
  void learned() {
    if (++since_ == every_) merge();
  }

  // Adds to the table what the copies have learned since the last time, and takes what others have.
  void merge() {
    float* shared = table_ + stride_ * first_;
    for (long k = 0; k < count_ * stride_; k += lanes) {
      const V row = load(shared + k) + (load(own_ + k) - load(old_ + k));
      store(shared + k, row);
      store(own_ + k, row);
      store(old_ + k, row);
    }
    since_ = 0;
  }

 private:
  float* table_;
  long stride_, every_, count_, first_, since_ = 0;
  Buffer own_, old_;
};

}  // namespace ostinato
