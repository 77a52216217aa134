// The C interface. Nothing may throw past it.
#include <new>

#include "layer/layer.hpp"
#include "ostinato/kernels.h"
#include "runtime/buffers.hpp"
#include "runtime/threads.hpp"

namespace ostinato {

extern const Kernel rnn_tanh, rnn_relu, rnn_identity, lstm, gru, gru_reset_before, gru_simple, lstm_peephole;

namespace {

// In the order of enum ostinato_cell.
const Kernel* const kernels[] = {&rnn_tanh, &rnn_relu, &rnn_identity, &lstm, &gru, &gru_reset_before, &gru_simple, &lstm_peephole};

const Kernel* find(int64_t cell) {
  constexpr int64_t known = sizeof(kernels) / sizeof(kernels[0]);
  return cell >= 0 && cell < known ? kernels[cell] : nullptr;
}

template <class F>
int guarded(int64_t cell, F&& f) {
  const Kernel* kernel = find(cell);
  if (!kernel) return 2;
  try {
    f(*kernel);
  } catch (const std::bad_alloc&) {
    return 1;
  }
  return 0;
}

// Packed weights, and what they are of.
struct Packed {
  const Kernel* kernel;
  void* weights;
  ostinato_layer layer;
};

}  // namespace
}  // namespace ostinato

extern "C" {

int ostinato_abi(void) { return OSTINATO_ABI; }

const char* ostinato_isa(void) {
#if defined(OSTINATO_BFLOAT16)
  return "avx512_bf16";
#elif defined(__AVX512F__)
  return "avx512";
#elif defined(__AVX2__)
  return "avx2";
#elif defined(__aarch64__)
  return "neon";
#else
  return "baseline";
#endif
}

void ostinato_use_openmp(void* parallel, void* num_threads, void* thread_num) {
  ostinato::use_openmp(parallel, num_threads, thread_num);
}

int64_t ostinato_kept_floats(const ostinato_layer* layer) {
  const ostinato::Kernel* kernel = ostinato::find(layer->cell);
  return kernel ? kernel->kept_floats(*layer) : -1;
}

int ostinato_forward(const ostinato_layer* layers, int64_t count, int64_t threads) {
  return ostinato::guarded(layers->cell, [&](const ostinato::Kernel& k) { k.forward(layers, count, threads); });
}

int ostinato_backward(const ostinato_layer* layers, int64_t count, int64_t threads) {
  if (ostinato::narrow && layers->norm_ih_weight) return 3;
  return ostinato::guarded(layers->cell, [&](const ostinato::Kernel& k) { k.backward(layers, count, threads); });
}

void* ostinato_store(void) { return new (std::nothrow) ostinato::Store; }
void ostinato_store_free(void* store) { delete static_cast<ostinato::Store*>(store); }

void* ostinato_pack(const ostinato_layer* layer) {
  const ostinato::Kernel* kernel = ostinato::find(layer->cell);
  if (!kernel) return nullptr;
  try {
    ostinato_layer sizes{};
    sizes.cell = layer->cell;
    sizes.T = 1;
    sizes.I = layer->I;
    sizes.H = layer->H;
    sizes.P = layer->P;
    sizes.zoneout_rate_h = layer->zoneout_rate_h;
    sizes.zoneout_rate_c = layer->zoneout_rate_c;
    sizes.w_hr = layer->w_hr;  // not read again, but sizes depend on whether there is one
    return new ostinato::Packed{kernel, kernel->pack(*layer), sizes};
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void ostinato_pack_free(void* packed) {
  ostinato::Packed* p = static_cast<ostinato::Packed*>(packed);
  p->kernel->pack_free(p->weights);
  delete p;
}

int ostinato_step(const void* packed, int64_t B, const float* x, float* h, float* c) {
  const ostinato::Packed& p = *static_cast<const ostinato::Packed*>(packed);
  ostinato_layer layer = p.layer;
  layer.B = layer.N = B;
  layer.batch_sizes = &B;
  layer.x = x;
  layer.x_stride = layer.I;
  // The old states are copied before the first new one is written, so both may lie at the same place.
  layer.h0 = layer.y = layer.hn = h;
  layer.c0 = layer.cn = c;
  layer.y_stride = layer.P;
  try {
    p.kernel->step(p.weights, layer);
  } catch (const std::bad_alloc&) {
    return 1;
  }
  return 0;
}

float* ostinato_acquire(int64_t floats) {
  try {
    return ostinato::acquire(floats);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void ostinato_release(float* buffer) { ostinato::release(buffer); }
int64_t ostinato_pool_bytes(void) { return ostinato::pool_bytes(); }
void ostinato_pool_trim(void) { ostinato::pool_trim(); }
}
