// Packed weights that stay from one call to the next, for as long as the numbers that they were packed from are the same.
//
// A program may change weights by ways that nobody can watch (numpy, shared memory, `.data`), so it is the numbers
// themselves that are compared, by a digest: reading them takes a fraction of packing them.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "ostinato/kernels.h"

namespace ostinato {

class Store {
 public:
  // What was kept under this digest, or nullptr. Whoever cannot have the lock at once goes without: in a forked child it
  // may be held for ever, by a thread that is not there.
  std::shared_ptr<const void> find(uint64_t digest) {
    std::unique_lock<std::mutex> held(lock_, std::try_to_lock);
    return held && kept_ && digest == digest_ ? kept_ : nullptr;
  }
  void keep(uint64_t digest, std::shared_ptr<const void> weights) {
    std::unique_lock<std::mutex> held(lock_, std::try_to_lock);
    if (!held) return;
    digest_ = digest;
    kept_.swap(weights);
  }

 private:
  std::mutex lock_;
  uint64_t digest_ = 0;
  std::shared_ptr<const void> kept_;
};

// A digest of each layer's weights, sizes and options of packing, made on up to `threads` threads.
std::vector<uint64_t> digests(const ostinato_layer* layers, long count, long gates, long extra, long threads);

}  // namespace ostinato
