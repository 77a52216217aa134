// Skip-gram and CBOW: cuts the stretch into pieces, reads each piece's sentences, and adds up what was learned from.
#include <algorithm>
#include <new>
#include <vector>

#include "../runtime/threads.hpp"
#include "sentence.hpp"

namespace ostinato {
namespace {

constexpr long longest = 10000;  // words: a text without sentences is cut, so that the learning rate can follow

struct Tally {
  double loss = 0;
  long pairs = 0, words = 0;
};

Tally learn_piece(const ostinato_words& job, int64_t first, int64_t last, long threads) {
  Tally tally;
  Draw draw(job.seed, static_cast<uint64_t>(first / job.piece));
  Sentence sentence(job, threads);
  std::vector<int32_t> words;
  words.reserve(longest);
  int64_t begun = first;
  auto end = [&] {
    const double done = static_cast<double>(begun) / static_cast<double>(job.total);
    const float lr = static_cast<float>(job.lr_first + (job.lr_last - job.lr_first) * done);
    tally.pairs += sentence.learn(words.data(), static_cast<long>(words.size()), lr, draw);
    tally.loss += sentence.take_loss();
    tally.words += static_cast<long>(words.size());
    words.clear();
  };
  for (int64_t at = first; at < last; ++at) {
    const int32_t word = job.codes[at];
    if (word >= 0 && (!job.keep || static_cast<uint32_t>(draw.bits()) <= job.keep[word])) words.push_back(word);
    if (word < 0 || static_cast<long>(words.size()) == longest) {
      end();
      begun = at + 1;
    }
  }
  end();
  sentence.share();
  return tally;
}

}  // namespace
}  // namespace ostinato

extern "C" {

int ostinato_vectors_abi(void) { return OSTINATO_VECTORS_ABI; }

int ostinato_words_train(ostinato_words* job, int64_t threads) {
  try {
    const int64_t pieces = (job->last - job->first + job->piece - 1) / job->piece;
    std::vector<ostinato::Tally> tallies(pieces);
    ostinato::run(static_cast<long>(pieces), static_cast<long>(threads), [&](long p) {
      const int64_t first = job->first + p * job->piece;
      tallies[p] = ostinato::learn_piece(*job, first, std::min(first + job->piece, job->last),
                                         static_cast<long>(threads));
    });
    job->loss = 0;
    job->pairs = job->words = 0;
    for (const ostinato::Tally& tally : tallies) {
      job->loss += tally.loss;
      job->pairs += tally.pairs;
      job->words += tally.words;
    }
  } catch (const std::bad_alloc&) {
    return 1;
  }
  return 0;
}

void ostinato_words_draw(const ostinato_words* job, int64_t count, int32_t* drawn) {
  ostinato::Draw draw(job->seed, 0);
  for (int64_t k = 0; k < count; ++k) drawn[k] = draw.word(job->threshold, job->alias, job->V);
}
}
