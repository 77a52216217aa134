// The pool of buffers. A fresh page costs more than the arithmetic done on it, so buffers are kept between calls.
#pragma once

#include <cstddef>
#include <utility>

namespace ostinato {

float* acquire(long floats);  // throws std::bad_alloc
void release(float* buffer);
long pool_bytes();
void pool_trim();

// A buffer for the length of a scope.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(long floats) : floats_(floats > 0 ? acquire(floats) : nullptr) {}
  ~Buffer() { if (floats_ && owns_) release(floats_); }
  // A copy borrows: it must not outlive what it is of.
  Buffer(const Buffer& other) : floats_(other.floats_), owns_(false) {}
  Buffer(Buffer&& other) noexcept : floats_(other.floats_), owns_(other.owns_) { other.floats_ = nullptr; }
  Buffer& operator=(Buffer&& other) noexcept {
    float* mine = floats_;
    floats_ = other.floats_;
    other.floats_ = mine;
    std::swap(owns_, other.owns_);
    return *this;
  }
  operator float*() const { return floats_; }

 private:
  float* floats_ = nullptr;
  bool owns_ = true;
};

}  // namespace ostinato
