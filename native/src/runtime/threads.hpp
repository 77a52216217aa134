// Threads that somebody else keeps, or that live for one call.
#pragma once

#include <algorithm>
#include <exception>
#include <type_traits>

#include "team.hpp"

namespace ostinato {

using Job = void (*)(void* context, const Team& team);

// Run the job on up to `threads` threads at the same time, each as one member of the team, and return when all are done.
// The runtime may grant fewer, down to one: the team has as many members as there are, so they may wait for each other.
// A job must not throw: whoever waits for a member that is gone would wait for ever. So allocate before.
void together(Job job, void* context, long threads);

// GOMP_parallel, omp_get_num_threads and omp_get_thread_num of the OpenMP runtime in the process; any nullptr: none.
void use_openmp(void* parallel, void* num_threads, void* thread_num);

// The same for a callable.
template <class F>
void together(long threads, F&& f) {
  static_assert(noexcept(f(Team{})), "what a team runs must be noexcept");
  together([](void* context, const Team& team) { (*static_cast<std::remove_reference_t<F>*>(context))(team); }, &f, threads);
}

// Run f(0) .. f(count - 1), which need nothing of each other, on up to `threads` threads: whoever is free takes the next.
// When one throws, no other begins, and the first exception is rethrown here once those under way have ended.
template <class F>
void run(long count, long threads, F&& f) {
  std::atomic<long> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr failure;  // whoever sets `failed` writes it
  together(std::min(count, threads), [&](const Team&) noexcept {
    try {
      for (long k; (k = next.fetch_add(1, std::memory_order_relaxed)) < count;) f(k);
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
      next.store(count, std::memory_order_relaxed);
    }
  });
  if (failure) std::rethrow_exception(failure);
}

}  // namespace ostinato
