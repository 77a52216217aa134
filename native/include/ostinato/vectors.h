/* Word vectors: the whole contract between the native trainer and whoever calls it. Same rules as kernels.h.
 *
 * Letters: V words, E dimensions, S floats from one row of a table to the next (a multiple of 16, S >= E; what is beyond
 * E is zero and stays so), J negatives. Tables begin at an address that 64 divides.
 */
#ifndef OSTINATO_VECTORS_H
#define OSTINATO_VECTORS_H

#include "ostinato/kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Raised by one with every change of a structure or a meaning below; the binding refuses another number. */
#define OSTINATO_VECTORS_ABI 2

/* Skip-gram and CBOW on a stretch of a coded text. All fields are 8 bytes wide. */
struct ostinato_words {
  /* The tables that are learned. */
  int64_t stride; /* S */
  float *inputs;  /* (V + buckets, S): words, then n-grams */
  float *outputs; /* (V, S) with negatives; (V - 1, S), the tree's inner nodes, without */

  /* The text: words 0 .. V-1, and -1 where a sentence ends. Windows do not cross that, nor the borders of a piece. */
  const int32_t *codes;
  int64_t total;       /* codes of the whole text */
  int64_t first, last; /* the stretch; first is a multiple of `piece` */
  int64_t piece;       /* codes that one thread takes at a time; draws depend on a piece's place and on `seed` alone */
  const uint32_t *keep; /* (V,): chance of a word to be read, times 2^32 - 1; NULL: all are */

  /* The context of a word: left and right so many words; */
  int64_t left, right;
  int64_t reduced; /* 1: each word draws how many fewer, from 0 to all but one */
  int64_t nearby;  /* 1: one word drawn from the context stands for it */
  int64_t mean;    /* 0: each context word predicts (skip-gram); 1: their mean does (CBOW) */
  int64_t whole;   /* of a mean of n: 0: a context word learns its n-th of the gradient; 1: all of it (word2vec) */

  /* The objective: negatives drawn by an alias table (Walker 1977), */
  int64_t V;
  int64_t negatives;         /* J >= 1, shared by the context of a word; 0: the tree below */
  const uint32_t *threshold; /* (V,): column v gives v below it, */
  const int32_t *alias;      /* (V,): and alias[v] from it up */
  /* or a tree: word v's inner nodes and their labels at path_begin[v] .. path_begin[v + 1] - 1. */
  const int64_t *path_begin; /* (V + 1,) */
  const int32_t *path_nodes;
  const float *path_labels; /* 1 or 0 */

  /* Parts of words. NULL: none. Word v is the mean of its own row and those at gram_begin[v] .. gram_begin[v + 1] - 1. */
  const int64_t *gram_begin; /* (V + 1,) */
  const int32_t *grams;      /* rows of `inputs` */

  double lr_first, lr_last; /* learning rate at code 0 and at code `total`, linear between */
  uint64_t seed;

  /* Written: */
  double loss;   /* sum of -log p over all pairs, before each was learned from, nats */
  int64_t pairs; /* pairs of an input and a word that it predicted */
  int64_t words; /* words that were read */
};

/* How often two words stood near each other. */
struct ostinato_pair {
  int32_t row, column;
  float count; /* > 0 */
};

/* GloVe on a stretch of counted pairs, by AdaGrad. */
struct ostinato_glove {
  int64_t stride; /* S */
  float *words, *contexts;             /* (V, S) */
  float *word_biases, *context_biases; /* (V,) */
  /* Sums of squared gradients, same shapes; begin at 1. */
  float *words_seen, *contexts_seen, *word_biases_seen, *context_biases_seen;
  const struct ostinato_pair *pairs; /* (N,) */
  int64_t first, last;
  int64_t piece;
  double x_max, alpha, lr;
  double loss; /* written: sum of f(X) (w.c + b + b' - log X)^2 / 2 before each was learned from */
};

/* Both return 0 when done, 1 when memory ran out. With one thread the result is the same bit for bit each time; several
 * write the same tables without locks (Niu et al. 2011, "Hogwild"). */
OSTINATO_EXPORT int ostinato_words_train(struct ostinato_words *job, int64_t threads);
OSTINATO_EXPORT int ostinato_glove_train(struct ostinato_glove *job, int64_t threads);

/* Draw `count` words as piece 0 of `seed` draws its first negatives. */
OSTINATO_EXPORT void ostinato_words_draw(const struct ostinato_words *job, int64_t count, int32_t *drawn);

/* OSTINATO_VECTORS_ABI as compiled. */
OSTINATO_EXPORT int ostinato_vectors_abi(void);

#ifdef __cplusplus
}
#endif
#endif
