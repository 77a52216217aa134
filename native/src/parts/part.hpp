// How one direction of a layer is cut: rows into parts (one a thread, no barrier between them), steps into blocks.
#pragma once

#include <vector>

#include "ostinato/kernels.h"

namespace ostinato {

// One time step as a part sees it. Rows are sorted by length, so the rows alive are the part's first ones.
struct Step {
  long token;  // where the step's tokens begin in x and y
  long rows;   // of this part, alive
};

// Consecutive steps in the order of processing, whose input products are made together.
struct Block {
  long first, last;  // steps, half open
  long rows;         // tokens of this part in it
  long before;       // tokens of this part in the blocks before it
};

struct Part {
  std::vector<long> row;    // row of the batch, ascending
  std::vector<Step> steps;  // in the order of processing, only those where the part has rows
  std::vector<Block> blocks;
  long tokens = 0, block_rows = 0;  // all; most in a block

  // The token of this part's r-th row at a step.
  long token(const Step& step, long r) const { return step.token + row[r]; }
};

// Cut a direction into at most `most` parts of about the same number of tokens. Depends on nothing but its arguments,
// so the backward sees the parts that the forward saw.
std::vector<Part> cut(const ostinato_layer& layer, long most);

}  // namespace ostinato
