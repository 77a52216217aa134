#include "threads.hpp"

#include <exception>
#include <thread>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#define OSTINATO_POSIX 1
#endif

namespace ostinato {
namespace {

// What we use of an OpenMP runtime.
using Parallel = void (*)(void (*)(void*), void*, unsigned threads, unsigned flags);
using Number = int (*)();
std::atomic<Parallel> parallel{nullptr};
std::atomic<Number> num_threads{nullptr}, thread_num{nullptr};

struct Shared {
  Job job;
  void* context;
  Meeting meeting;
};

void member_of_runtime(void* shared) {
  Shared& s = *static_cast<Shared*>(shared);
  s.job(s.context, Team{thread_num.load()(), num_threads.load()(), &s.meeting});
}

void on_own_threads(Shared& shared, long threads) {
  std::atomic<long> members{0};  // how many there are, once that is known
  const auto member = [&](long index) {
    long size;
    while ((size = members.load(std::memory_order_acquire)) == 0) std::this_thread::yield();
    shared.job(shared.context, Team{index, size, &shared.meeting});
  };
  std::vector<std::thread> helpers;
  try {
    helpers.reserve(threads - 1);
    for (long k = 1; k < threads; ++k) helpers.emplace_back(member, k);
  } catch (const std::exception&) {
    // The system has no thread for us, or no memory for one: those that are there do all the work.
  }
  members.store(static_cast<long>(helpers.size()) + 1, std::memory_order_release);
  member(0);
  for (std::thread& helper : helpers) helper.join();
}

}  // namespace

void use_openmp(void* its_parallel, void* its_num_threads, void* its_thread_num) {
#if OSTINATO_POSIX
  // The runtime's threads do not exist in a forked child, and it would wait for them for ever: there we make our own.
  static const int registered = pthread_atfork(nullptr, nullptr, [] { parallel.store(nullptr); });
  (void)registered;
#endif
  num_threads.store(reinterpret_cast<Number>(its_num_threads));
  thread_num.store(reinterpret_cast<Number>(its_thread_num));
  const bool all = its_parallel && its_num_threads && its_thread_num;
  parallel.store(all ? reinterpret_cast<Parallel>(its_parallel) : nullptr);
}

void together(Job job, void* context, long threads) {
  if (threads <= 1) return job(context, Team{});
  Shared shared{job, context, Meeting(threads)};
  if (Parallel runtime = parallel.load()) runtime(member_of_runtime, &shared, static_cast<unsigned>(threads), 0);
  else on_own_threads(shared, threads);
}

}  // namespace ostinato
