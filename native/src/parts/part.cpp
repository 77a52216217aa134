#include "part.hpp"

#include <algorithm>

namespace ostinato {
namespace {

// Tokens whose products are made at once: their operands stay in L2 and each panel of weights is read from L1. Wide
// layers take more, because the sums of their weight gradients no longer stay in cache from block to block.
long block_target(const ostinato_layer& layer) { return layer.H >= 256 ? 512 : 128; }

// Which rows each part has. Equal rows: neighbours together, so that threads write to different cache lines.
// Ragged rows: the longest first, each to the part with the fewest tokens so far.
void deal(const ostinato_layer& layer, std::vector<Part>& parts) {
  const long rows = layer.batch_sizes[0], count = static_cast<long>(parts.size());
  if (layer.batch_sizes[layer.T - 1] == rows) {
    for (long p = 0; p < count; ++p)
      for (long b = rows * p / count; b < rows * (p + 1) / count; ++b) parts[p].row.push_back(b);
    return;
  }
  long length = layer.T;
  for (long b = 0; b < rows; ++b) {
    while (layer.batch_sizes[length - 1] <= b) --length;
    auto least = std::min_element(parts.begin(), parts.end(),
                                  [](const Part& one, const Part& other) { return one.tokens < other.tokens; });
    least->row.push_back(b);
    least->tokens += length;
  }
}

void walk(const ostinato_layer& layer, Part& part) {
  long token = 0, alive = static_cast<long>(part.row.size());
  for (long t = 0; t < layer.T; ++t) {
    while (alive > 0 && part.row[alive - 1] >= layer.batch_sizes[t]) --alive;
    if (alive == 0) break;
    part.steps.push_back({token, alive});
    token += layer.batch_sizes[t];
  }
  if (layer.reverse) std::reverse(part.steps.begin(), part.steps.end());
}

void group(Part& part, long target) {
  part.tokens = 0;
  const long steps = static_cast<long>(part.steps.size());
  for (long s = 0; s < steps;) {
    Block block{s, s, 0, part.tokens};
    do block.rows += part.steps[block.last++].rows;
    while (block.last < steps && block.rows + part.steps[block.last].rows <= target);
    part.blocks.push_back(block);
    part.tokens += block.rows;
    part.block_rows = std::max(part.block_rows, block.rows);
    s = block.last;
  }
}

}  // namespace

std::vector<Part> cut(const ostinato_layer& layer, long most) {
  std::vector<Part> parts(std::max<long>(1, std::min<long>(most, layer.batch_sizes[0])));
  deal(layer, parts);
  for (Part& part : parts) {
    walk(layer, part);
    group(part, block_target(layer));
  }
  return parts;
}

}  // namespace ostinato
