#include "threads.hpp"

#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#define OSTINATO_POSIX 1
#endif

namespace ostinato {
namespace {

using Gomp = void (*)(void (*)(void*), void*, unsigned threads, unsigned flags);
std::atomic<Gomp> gomp{nullptr};

struct Shared {
  Task task;
  void* context;
  long count;
  std::atomic<long> next{0};
};

void work(void* shared) {
  Shared& s = *static_cast<Shared*>(shared);
  for (long k; (k = s.next.fetch_add(1, std::memory_order_relaxed)) < s.count;) s.task(s.context, k);
}

}  // namespace

void use_gomp(void* gomp_parallel) {
#if OSTINATO_POSIX
  // The runtime's threads do not exist in a forked child, and it would wait for them for ever: there we make our own.
  static const int registered = pthread_atfork(nullptr, nullptr, [] { gomp.store(nullptr); });
  (void)registered;
#endif
  gomp.store(reinterpret_cast<Gomp>(gomp_parallel));
}

void run(Task task, void* context, long count, long threads) {
  if (threads > count) threads = count;
  if (threads <= 1) {
    for (long k = 0; k < count; ++k) task(context, k);
    return;
  }
  Shared shared{task, context, count};
  if (Gomp parallel = gomp.load()) {
    parallel(work, &shared, static_cast<unsigned>(threads), 0);
    return;
  }
  std::vector<std::thread> helpers;
  helpers.reserve(threads - 1);
  try {
    while (static_cast<long>(helpers.size()) < threads - 1) helpers.emplace_back(work, &shared);
  } catch (const std::system_error&) {
    // The system has no thread for us: those that are there do all the work.
  }
  work(&shared);
  for (std::thread& helper : helpers) helper.join();
}

}  // namespace ostinato
