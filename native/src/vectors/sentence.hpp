// Learns from one sentence: for each word its context, what it must predict, and one step.
#pragma once

#include <algorithm>
#include <vector>

#include "draw.hpp"
#include "hot_rows.hpp"
#include "ostinato/vectors.h"
#include "step.hpp"

namespace ostinato {

// Words that threads have learned from and not shared, all together, as far as the tree's hot nodes go. Losses after an
// epoch were alike with 2, 8 and 32 threads; fewer words cost time.
constexpr long unmerged = 2048;

class Sentence {
 public:
  Sentence(const ostinato_words& job, long threads)
      : job_(job),
        outputs_(most_outputs(job)),
        contexts_(job.nearby ? 1 : job.left + job.right),
        nodes_(job.outputs, job.stride, job.V - 1, job.negatives || threads == 1 ? 0 : unmerged / threads),
        step_(contexts_, outputs_, job.stride),
        composed_(job.mean || job.gram_begin ? contexts_ * job.stride : 0),
        sum_(job.stride),
        context_(contexts_),
        x_(contexts_),
        y_(outputs_),
        labels_(outputs_ + lanes),
        negatives_(2 * job.negatives) {}

  // Learns from words[0 .. length - 1] and returns the number of pairs.
  long learn(const int32_t* words, long length, float lr, Draw& draw) {
    long pairs = 0;
    if (length < 2) return 0;
    draw_negatives(0, draw);
    for (long t = 0; t < length; ++t) {
      // The next word's rows are on their way while this word's are worked on.
      if (t + 1 < length) {
        draw_negatives(t + 1, draw);
        if (job_.negatives) {
          fetch(job_.outputs + job_.stride * words[t + 1]);
        } else {
          __builtin_prefetch(job_.path_nodes + job_.path_begin[words[t + 1]]);
          __builtin_prefetch(job_.path_labels + job_.path_begin[words[t + 1]]);
        }
      }
      if (t + job_.right + 1 < length) fetch(job_.inputs + job_.stride * words[t + job_.right + 1]);
      const long n = choose(words, length, t, draw);
      if (!n) continue;
      const long m = predict(words[t], t);
      if (!m) continue;
      pairs += job_.mean ? 1 : n;
      if (job_.mean) {
        mean(n);
      } else {
        for (long i = 0; i < n; ++i) x_[i] = input(context_[i], i);
      }
      const long inputs = job_.mean ? 1 : n;
      if (inputs == 1 && distinct(m))
        step_.learn_one(x_[0], y_.data(), labels_.data(), m, lr);
      else
        step_.learn(x_.data(), inputs, y_.data(), labels_.data(), m, !job_.negatives, lr);
      const float share = job_.mean && !job_.whole ? 1.f / static_cast<float>(n) : 1.f;
      for (long i = 0; i < n; ++i) add(context_[i], step_.delta(job_.mean ? 0 : i), share);
      nodes_.learned();
    }
    return pairs;
  }

  // Gives the other threads what this one has learned.
  void share() { nodes_.merge(); }

  double take_loss() { return step_.take_loss(); }

 private:
  static long most_outputs(const ostinato_words& job) {
    if (job.negatives) return 1 + job.negatives;
    long most = 0;
    for (long v = 0; v < job.V; ++v) {
      const long path = job.path_begin[v + 1] - job.path_begin[v];
      most = path > most ? path : most;
    }
    return most;
  }

  void fetch(const float* row) const {
    for (long k = 0; k < job_.stride; k += 16) __builtin_prefetch(row + k, 1, 3);
  }

  int32_t* negatives(long t) { return negatives_.data() + (t & 1) * job_.negatives; }

  void draw_negatives(long t, Draw& draw) {
    for (long j = 0; j < job_.negatives; ++j) {
      const int32_t word = draw.word(job_.threshold, job_.alias, job_.V);
      negatives(t)[j] = word;
      fetch(job_.outputs + job_.stride * word);
    }
  }

  // The words around place t that count.
  long choose(const int32_t* words, long length, long t, Draw& draw) {
    const long widest = job_.left > job_.right ? job_.left : job_.right;
    const long fewer = job_.reduced ? draw.below(widest) : 0;
    const long left = job_.left > fewer ? job_.left - fewer : 0, right = job_.right > fewer ? job_.right - fewer : 0;
    const long from = t > left ? t - left : 0, to = t + right < length ? t + right : length - 1;
    if (from == to) return 0;
    if (job_.nearby) {
      const long place = from + draw.below(to - from);
      context_[0] = words[place < t ? place : place + 1];
      return 1;
    }
    long n = 0;
    for (long place = from; place <= to; ++place)
      if (place != t) context_[n++] = words[place];
    return n;
  }

  // Whether no row stands twice among the outputs: on a tree's way none does.
  bool distinct(long m) const {
    if (!job_.negatives) return true;
    for (long a = 1; a < m; ++a)
      for (long b = 0; b < a; ++b)
        if (y_[a] == y_[b]) return false;
    return true;
  }

  // The rows that word must be predicted by, and their labels.
  long predict(int32_t word, long t) {
    long m = 0;
    if (job_.negatives) {
      y_[m] = job_.outputs + job_.stride * word;
      labels_[m++] = 1.f;
      for (long j = 0; j < job_.negatives; ++j) {
        const int32_t other = negatives(t)[j];
        if (other == word) continue;
        y_[m] = job_.outputs + job_.stride * other;
        labels_[m++] = 0.f;
      }
      return m;
    }
    const int64_t begin = job_.path_begin[word];
    m = job_.path_begin[word + 1] - begin;
    const int32_t* path = job_.path_nodes + begin;
    float** y = y_.data();
    for (long k = 0; k < m; ++k) y[k] = nodes_.row(path[k]);
    std::copy_n(job_.path_labels + begin, m, labels_.data());
    return m;
  }

  long grams(int32_t word) const { return job_.gram_begin ? job_.gram_begin[word + 1] - job_.gram_begin[word] : 0; }
  const int32_t* gram(int32_t word) const { return job_.grams + (job_.gram_begin ? job_.gram_begin[word] : 0); }

  // A word's vector: its row, or where words have parts the mean of the rows, composed at place i.
  const float* input(int32_t word, long i) {
    const float* row = job_.inputs + job_.stride * word;
    const long parts = grams(word);
    if (!parts) return row;
    float* to = composed_ + i * job_.stride;
    const float share = 1.f / static_cast<float>(parts + 1);
    for (long k = 0; k < job_.stride; k += lanes) {
      V sum = load(row + k);
      for (long p = 0; p < parts; ++p) sum += load(job_.inputs + job_.stride * gram(word)[p] + k);
      store(to + k, sum * share);
    }
    return to;
  }

  void mean(long n) {
    const float share = 1.f / static_cast<float>(n);
    for (long i = 0; i < n; ++i) {
      const float* row = input(context_[i], 0);
      for (long k = 0; k < job_.stride; k += lanes) {
        const V old = i ? load(sum_ + k) : V{};
        store(sum_ + k, old + share * load(row + k));
      }
    }
    x_[0] = sum_;
  }

  // Gives a word its share of a gradient, and shares that out among its parts.
  void add(int32_t word, const float* delta, float share) {
    const long parts = grams(word);
    if (parts) share /= static_cast<float>(parts + 1);
    for (long p = -1; p < parts; ++p) {
      float* row = job_.inputs + job_.stride * (p < 0 ? word : gram(word)[p]);
      for (long k = 0; k < job_.stride; k += lanes) store(row + k, load(row + k) + share * load(delta + k));
    }
  }

  const ostinato_words& job_;
  long outputs_, contexts_;
  HotRows nodes_;  // the tree's; the last is the root
  Step step_;
  Buffer composed_, sum_;
  std::vector<int32_t> context_;
  std::vector<const float*> x_;
  std::vector<float*> y_;
  std::vector<float> labels_;
  std::vector<int32_t> negatives_;  // of this word and of the next
};

}  // namespace ostinato
