#include "threads.hpp"

#include <atomic>
#include <exception>
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
  std::atomic<bool> failed{false};
  std::exception_ptr failure{};  // the first; whoever sets `failed` writes it
};

void work(void* shared) {
  Shared& s = *static_cast<Shared*>(shared);
  try {
    for (long k; (k = s.next.fetch_add(1, std::memory_order_relaxed)) < s.count;) s.task(s.context, k);
  } catch (...) {  // past the end of a thread it would end the process
    if (!s.failed.exchange(true)) s.failure = std::current_exception();
    s.next.store(s.count, std::memory_order_relaxed);  // nobody begins another
  }
}

void spread(Shared& shared, long threads) {
  if (Gomp parallel = gomp.load()) {
    parallel(work, &shared, static_cast<unsigned>(threads), 0);
    return;
  }
  std::vector<std::thread> helpers;
  helpers.reserve(threads - 1);
  try {
    while (static_cast<long>(helpers.size()) < threads - 1) helpers.emplace_back(work, &shared);
  } catch (const std::exception&) {
    // The system has no thread for us, or no memory for one: those that are there do all the work.
  }
  work(&shared);
  for (std::thread& helper : helpers) helper.join();
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
  spread(shared, threads);
  if (shared.failure) std::rethrow_exception(shared.failure);
}

}  // namespace ostinato
