// Random numbers: cheap, and the same wherever a stretch of text is worked on.
#pragma once

#include <cstdint>

namespace ostinato {

// SplitMix64 (Steele, Lea and Flood 2014).
class Draw {
 public:
  Draw(uint64_t seed, uint64_t piece) : state_(mixed(seed + 0x9e3779b97f4a7c15u * (piece + 1))) {}
  uint64_t bits() { return mixed(state_ += 0x9e3779b97f4a7c15u); }
  // 0 .. n - 1
  int64_t below(int64_t n) { return static_cast<int64_t>((bits() >> 32) * static_cast<uint64_t>(n) >> 32); }
  // A word by an alias table: the upper half of the bits chooses the column, the lower one between its two words.
  int32_t word(const uint32_t* threshold, const int32_t* alias, int64_t V) {
    const uint64_t b = bits();
    const int64_t column = static_cast<int64_t>((b >> 32) * static_cast<uint64_t>(V) >> 32);
    return static_cast<uint32_t>(b) < threshold[column] ? static_cast<int32_t>(column) : alias[column];
  }

 private:
  static uint64_t mixed(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  uint64_t state_;
};

}  // namespace ostinato
