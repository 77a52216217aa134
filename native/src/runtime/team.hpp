// How threads that run at the same time share work and wait for each other.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

namespace ostinato {

// Where the members of a team wait until all have come. Each has a counter on a cache line of its own, which it alone
// writes: one message from core to core, and no more, lies between the last one's coming and the others' going on.
class Meeting {
 public:
  explicit Meeting(long members) : flags_(new Flag[members]) {}
  void wait(long index, long size);

 private:
  struct alignas(64) Flag {
    std::atomic<long> turn{0};
  };
  std::unique_ptr<Flag[]> flags_;
};

// One for each of some teams of up to `members`; none where nobody has anybody to wait for.
class Meetings {
 public:
  Meetings(long teams, long members) {
    for (long t = 0; members > 1 && t < teams; ++t) all_.emplace_back(members);
  }
  Meeting* of(long team) { return all_.empty() ? nullptr : &all_[team]; }

 private:
  std::vector<Meeting> all_;
};

// One thread as a member of a team. What any of them wrote before a wait, all see after it.
struct Team {
  long index = 0, size = 1;
  Meeting* meeting = nullptr;

  void wait() const {
    if (size > 1) meeting->wait(index, size);
  }
  // This member's share of n things: first(n) .. last(n) - 1.
  long first(long n) const { return n * index / size; }
  long last(long n) const { return n * (index + 1) / size; }

  // The team as `groups` teams of nearly equal size with a meeting each; with fewer members than groups, each takes
  // several groups alone. f(group, its team)
  template <class F>
  void divide(long groups, Meetings& meetings, F&& f) const {
    if (size < groups) {
      for (long g = index; g < groups; g += size) f(g, Team{});
      return;
    }
    long g = 0;
    while (size * (g + 1) / groups <= index) ++g;
    const long begin = size * g / groups, end = size * (g + 1) / groups;
    f(g, Team{index - begin, end - begin, meetings.of(g)});
  }
};

}  // namespace ostinato
