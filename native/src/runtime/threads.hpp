// Runs independent tasks on threads that somebody else keeps, or that live for one call.
#pragma once

namespace ostinato {

using Task = void (*)(void* context, long index);

// Run task(context, 0 .. count - 1), on up to `threads` threads, and return when all are done.
// Whoever is free takes the next index, so it does not matter how many threads the runtime grants.
// When a task throws, no other begins, and the first exception is rethrown here once those under way have ended.
void run(Task task, void* context, long count, long threads);

// GOMP_parallel of the OpenMP runtime in the process, or nullptr.
void use_gomp(void* gomp_parallel);

// The same for a callable.
template <class F>
void run(long count, long threads, F&& f) {
  run([](void* context, long index) { (*static_cast<F*>(context))(index); }, &f, count, threads);
}

}  // namespace ostinato
