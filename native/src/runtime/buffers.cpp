#include "buffers.hpp"

#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#include <sys/mman.h>
#define OSTINATO_POSIX 1
#endif

namespace ostinato {
namespace {

constexpr size_t line = 64, huge = size_t(2) << 20, most_kept = size_t(1) << 30;

// In front of every buffer, on a cache line of its own.
struct Head {
  size_t bytes;  // of the whole block, head and all
  char pad[line - sizeof(size_t)];
};

struct Pool {
  std::mutex lock;
  std::vector<Head*> idle;
  size_t bytes = 0;
};

// Never destroyed: threads may still release buffers while the process ends.
Pool& pool() {
  static Pool* one = [] {
    Pool* made = new Pool;
#if OSTINATO_POSIX
    // A fork while another thread holds the lock would leave it locked in the child for ever.
    pthread_atfork([] { pool().lock.lock(); }, [] { pool().lock.unlock(); }, [] { pool().lock.unlock(); });
#endif
    return made;
  }();
  return *one;
}

// Few sizes, so that batches of about the same number of tokens share buffers: two significant bits, rounded up.
size_t rounded(size_t bytes) {
  size_t step = line;
  while (step * 8 < bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

Head* create(size_t bytes) {
  void* block = nullptr;
#if OSTINATO_POSIX
  if (posix_memalign(&block, bytes >= huge ? huge : line, bytes) != 0) throw std::bad_alloc();
#if defined(MADV_HUGEPAGE)
  if (bytes >= huge) madvise(block, bytes / huge * huge, MADV_HUGEPAGE);
#endif
#else
  block = ::operator new(bytes, std::align_val_t(line));
#endif
  Head* head = static_cast<Head*>(block);
  head->bytes = bytes;
  return head;
}

void destroy(Head* head) {
#if OSTINATO_POSIX
  std::free(head);
#else
  ::operator delete(head, std::align_val_t(line));
#endif
}

}  // namespace

float* acquire(long floats) {
  const size_t bytes = rounded(sizeof(Head) + static_cast<size_t>(floats) * sizeof(float));
  Pool& p = pool();
  {
    std::lock_guard<std::mutex> held(p.lock);
    size_t best = p.idle.size();
    for (size_t k = 0; k < p.idle.size(); ++k) {
      const size_t has = p.idle[k]->bytes;
      if (has >= bytes && has <= 4 * bytes && (best == p.idle.size() || has < p.idle[best]->bytes)) best = k;
    }
    if (best < p.idle.size()) {
      Head* head = p.idle[best];
      p.idle[best] = p.idle.back();
      p.idle.pop_back();
      p.bytes -= head->bytes;
      return reinterpret_cast<float*>(head + 1);
    }
  }
  return reinterpret_cast<float*>(create(bytes) + 1);
}

void release(float* buffer) {
  Head* head = reinterpret_cast<Head*>(buffer) - 1;
  Pool& p = pool();
  {
    std::lock_guard<std::mutex> held(p.lock);
    if (p.bytes + head->bytes <= most_kept && p.idle.size() < 256) {
      p.idle.push_back(head);
      p.bytes += head->bytes;
      return;
    }
  }
  destroy(head);
}

long pool_bytes() {
  Pool& p = pool();
  std::lock_guard<std::mutex> held(p.lock);
  return static_cast<long>(p.bytes);
}

void pool_trim() {
  Pool& p = pool();
  std::lock_guard<std::mutex> held(p.lock);
  for (Head* head : p.idle) destroy(head);
  p.idle.clear();
  p.bytes = 0;
}

}  // namespace ostinato
