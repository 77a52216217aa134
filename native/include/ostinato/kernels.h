/* Ostinato's native kernels: the whole contract between the library and whoever calls it.
 *
 * Plain C: pointers and integers, no state that outlives a call but the pool of buffers. Every pointer is to float32 in
 * row-major order with the last dimension contiguous, unless said otherwise; nothing is kept after the call returns.
 * Calls may run at once from several threads, and in a process that was forked after earlier calls.
 *
 * Letters: T steps, B rows, N packed tokens, I inputs, H hidden units, G gates (torch's order), E extra vectors,
 * P numbers of an output: H, or as many as the projection has rows.
 */
#ifndef OSTINATO_KERNELS_H
#define OSTINATO_KERNELS_H

#include <stdint.h>

#if defined(_WIN32)
#define OSTINATO_EXPORT __declspec(dllexport)
#else
#define OSTINATO_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Raised by one with every change of a structure or a meaning below; the binding refuses another number. */
#define OSTINATO_ABI 6

enum ostinato_cell {
  OSTINATO_RNN_TANH = 0,
  OSTINATO_RNN_RELU = 1,
  OSTINATO_RNN_IDENTITY = 2,
  OSTINATO_LSTM = 3,             /* gates i f g o */
  OSTINATO_GRU = 4,              /* gates r z n, reset after the product */
  OSTINATO_GRU_RESET_BEFORE = 5, /* gates r z n, reset before the product */
  OSTINATO_GRU_SIMPLE = 6,       /* gates u n */
  OSTINATO_LSTM_PEEPHOLE = 7     /* gates i f g o; extra w_ci w_cf w_co */
};

/* One direction of one layer. All fields are 8 bytes wide, so the layout is the same for every compiler. */
struct ostinato_layer {
  /* What is run. */
  int64_t cell;    /* enum ostinato_cell */
  int64_t reverse; /* 0: from each row's first token to its last; 1: from the last to the first */
  int64_t T, B, N; /* N = sum of batch_sizes >= 1 */
  int64_t I, H;    /* both >= 1 */

  /* Inputs of the forward; the backward reads them again. NULL: absent (a bias) or zeros (a state). */
  const int64_t *batch_sizes; /* (T,): rows alive at each step, never increasing, batch_sizes[0] <= B */
  const float *x;             /* (N, I): step-major tokens, row b of step t at sum(batch_sizes[:t]) + b; see `index` */
  int64_t x_stride;           /* floats from one token of x to the next */
  const float *w_ih;          /* (G*H, I) */
  const float *w_hh;          /* (G*H, P) */
  const float *b_ih;          /* (G*H,) or NULL */
  const float *b_hh;          /* (G*H,) or NULL */
  const float *extra;         /* (E, H), for cells with extra vectors */
  const float *h0;            /* (B, P) or NULL */
  const float *c0;            /* (B, H) or NULL; ignored by cells without c */

  /* Outputs of the forward; the backward reads y. */
  float *y;         /* (N, P) */
  int64_t y_stride; /* floats from one token of y to the next */
  float *hn;        /* (B, P): each row's state after its last step */
  float *cn;        /* (B, H) or NULL for cells without c */

  /* What the forward keeps for the backward: ostinato_kept_floats(layer) floats, or NULL to keep nothing.
   * The backward leaves it as it was, so it may run twice. `threads` must be the same in both calls. */
  float *kept;

  /* Gradients given to the backward. NULL: zeros. */
  const float *dy; /* (N, P) */
  int64_t dy_stride;
  const float *dhn; /* (B, P) */
  const float *dcn; /* (B, H) */

  /* Gradients the backward writes, all of each. NULL: not wanted. */
  float *dx; /* (N, I) */
  int64_t dx_stride;
  float *dw_ih;  /* (G*H, I) */
  float *dw_hh;  /* (G*H, P) */
  float *db_ih;  /* (G*H,) */
  float *db_hh;  /* (G*H,) */
  float *dextra; /* (E, H) */
  float *dh0;    /* (B, P) */
  float *dc0;    /* (B, H) */

  /* Tokens that are rows of a smaller table. With an index x and dx are (rows, I), token n is row index[n], and input
   * products are made once a row and not once a token, forward and backward. NULL: token n is row n. */
  const int64_t *index; /* (N,), each from 0 to rows - 1; read by the forward and the backward */
  int64_t rows;         /* >= 1 where there is an index */

  /* Options. Zeros and NULL: none of them. */
  int64_t P;                   /* numbers of an output; H, unless w_hr is given */
  const float *w_hr;           /* (P, H) projection of the output, for cells that use h in the product alone; or NULL */
  const float *recurrent_mask; /* (B, P): multiplies what the recurrent product is of, the same at all steps; or NULL */
  /* Zoneout: new state = k * old + (1 - k) * fresh; k is the token's weight where these are given, else the rate. */
  const float *zoneout_h; /* (N, P) or NULL */
  const float *zoneout_c; /* (N, H) or NULL */
  double zoneout_rate_h, zoneout_rate_c;
  float *dw_hr; /* (P, H), written by the backward; NULL: not wanted */

  /* Layer normalisation: of the input and the recurrent products before their biases are added, and, in cells with c, of
   * c before the output. NULL: none; otherwise all but the last two, and these too in cells with c. */
  const float *norm_ih_weight, *norm_ih_bias; /* (G*H,): gain and shift */
  const float *norm_hh_weight, *norm_hh_bias; /* (G*H,) */
  const float *norm_c_weight, *norm_c_bias;   /* (H,) */
  float *dnorm_ih_weight, *dnorm_ih_bias;     /* written by the backward; NULL: not wanted */
  float *dnorm_hh_weight, *dnorm_hh_bias;
  float *dnorm_c_weight, *dnorm_c_bias;

  /* Where the forward may leave its packed weights, and takes them from as long as the numbers that they were packed
   * from are the same: what ostinato_store returned, one for each direction of each layer; or NULL. It lives until it is
   * freed, and several calls may use it at once. */
  void *store;
};

/* All functions that return int: 0 when done, 1 when memory ran out, 2 when the cell is not known, 3 when this library
 * has no backward: "avx512_bf16", whose forward and step round weights, x and h to bfloat16 in products, and add up
 * float32. */

/* OSTINATO_ABI as compiled. */
OSTINATO_EXPORT int ostinato_abi(void);

/* Name of the instruction set that this library was compiled for: "baseline", "avx2", "avx512", "avx512_bf16", "neon". */
OSTINATO_EXPORT const char *ostinato_isa(void);

/* Hand over the addresses of GOMP_parallel, omp_get_num_threads and omp_get_thread_num in an OpenMP runtime that the
 * process already has (torch's), or NULLs. With all three the kernels run on that runtime's threads, so that two pools
 * never compete for the processor. */
OSTINATO_EXPORT void ostinato_use_openmp(void *parallel, void *num_threads, void *thread_num);

/* Floats that `kept` must hold for this layer: N times as many as for one token. */
OSTINATO_EXPORT int64_t ostinato_kept_floats(const struct ostinato_layer *layer);

/* Run `count` layers (the directions of one layer) that do not depend on each other, on up to `threads` threads. */
OSTINATO_EXPORT int ostinato_forward(const struct ostinato_layer *layers, int64_t count, int64_t threads);
OSTINATO_EXPORT int ostinato_backward(const struct ostinato_layer *layers, int64_t count, int64_t threads);

/* An empty store; NULL when memory ran out. */
OSTINATO_EXPORT void *ostinato_store(void);
OSTINATO_EXPORT void ostinato_store_free(void *store);

/* Streaming. ostinato_pack packs the weights of a layer (its cell, I, H, P, w_*, b_*, extra,
 * zoneout_rate_* and norm_* are read) and returns NULL when
 * memory ran out or the cell is not known. ostinato_step then takes B rows one step: x (B, I) is read, h (B, P) and,
 * for cells with c, c (B, H) are replaced by the new states. Several threads may step with the same packed weights. */
OSTINATO_EXPORT void *ostinato_pack(const struct ostinato_layer *layer);
OSTINATO_EXPORT void ostinato_pack_free(void *packed);
OSTINATO_EXPORT int ostinato_step(const void *packed, int64_t B, const float *x, float *h, float *c);

/* Multiply-adds on registers and nothing else, some milliseconds of them, on `threads` threads. Returns how many
 * floating-point operations that were: divided by the time it took they are the machine's peak. */
OSTINATO_EXPORT double ostinato_burn(int64_t threads);

/* The pool of buffers, page-aligned and kept between calls, because fresh pages cost more than the arithmetic. */
OSTINATO_EXPORT float *ostinato_acquire(int64_t floats); /* NULL when memory ran out */
OSTINATO_EXPORT void ostinato_release(float *buffer);
OSTINATO_EXPORT int64_t ostinato_pool_bytes(void); /* held by the pool and in use by nobody */
OSTINATO_EXPORT void ostinato_pool_trim(void);     /* give those back to the system */

#ifdef __cplusplus
}
#endif
#endif
