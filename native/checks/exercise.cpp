// Runs every kernel on random shapes and options with each tensor in memory of exactly its size, on one thread and on
// several, from several callers at once and in a forked child. Meant to be compiled with sanitizers
// (scripts/check-native): it finds reads and writes past an end, undefined behaviour and races; numbers it compares only
// between thread counts.
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "ostinato/kernels.h"

namespace {

using Floats = std::vector<float>;
constexpr int cells = 8, gates[cells] = {1, 1, 1, 4, 3, 3, 2, 4}, extras[cells] = {0, 0, 0, 0, 0, 0, 0, 3};

struct Problem {
  std::mt19937 random;
  int64_t cell, T, B, I, H, P, N = 0, rows, directions;
  bool biased, started, ended, projected, masked, drawn, normed;
  double rate = 0;
  std::vector<int64_t> batch_sizes, index;
  Floats x, w_ih, w_hh, b_ih, b_hh, extra, w_hr, h0, c0, dy, dhn, dcn, mask, zoneout_h, zoneout_c, norms[6];

  void* stores[2] = {ostinato_store(), ostinato_store()};

  Problem(const Problem&) = delete;
  ~Problem() {
    for (void* store : stores) ostinato_store_free(store);
  }
  explicit Problem(unsigned seed) : random(seed) {
    cell = seed % cells;
    const bool few = draw(0, 3) == 0;  // few rows of many units: where threads share a row
    T = draw(1, few ? 5 : 9);
    B = few ? draw(1, 2) : draw(1, 19);
    I = draw(1, 40);
    H = few ? draw(64, 200) : draw(1, 70);
    directions = draw(1, 2);
    biased = draw(0, 1), started = draw(0, 1), ended = draw(0, 1);
    const bool optional = draw(0, 1);
    projected = optional && gates[cell] == 4 && draw(0, 1), masked = optional && draw(0, 1);
    drawn = optional && draw(0, 2) == 0, normed = optional && draw(0, 2) == 0;
    if (optional && draw(0, 2) == 0) rate = 0.3;
    P = projected ? draw(1, 90) : H;
    int64_t alive = B;
    for (int64_t t = 0; t < T; ++t) {
      batch_sizes.push_back(alive);
      N += alive;
      alive = draw(0, 1) ? alive : draw(1, static_cast<int>(alive));
    }
    rows = N;
    if (optional && !normed && draw(0, 2) == 0) {
      rows = draw(1, 12);
      for (int64_t n = 0; n < N; ++n) index.push_back(draw(0, static_cast<int>(rows) - 1));
    }
    const int64_t of_gates = gates[cell] * H;
    for (auto& [numbers, size] : std::initializer_list<std::pair<Floats*, int64_t>>{
             {&x, rows * I}, {&w_ih, of_gates * I}, {&w_hh, of_gates * P}, {&b_ih, of_gates}, {&b_hh, of_gates},
             {&extra, extras[cell] * H}, {&w_hr, P * H}, {&h0, B * P}, {&c0, B * H}, {&dy, N * P}, {&dhn, B * P},
             {&dcn, B * H}, {&mask, B * P}, {&zoneout_h, N * P}, {&zoneout_c, N * H}})
      fill(*numbers, size);
    for (int k = 0; k < 6; ++k) fill(norms[k], k < 4 ? of_gates : H);
  }
  int draw(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }
  void fill(Floats& numbers, int64_t size) {
    std::uniform_real_distribution<float> uniform(-0.1f, 0.1f);
    numbers.resize(size);
    for (float& number : numbers) number = uniform(random);
  }
  // Weights and sizes, which are all that packing reads.
  ostinato_layer weights() const {
    ostinato_layer l{};
    l.cell = cell, l.I = I, l.H = H, l.P = P;
    l.w_ih = w_ih.data(), l.w_hh = w_hh.data(), l.extra = extra.data();
    if (biased) l.b_ih = b_ih.data(), l.b_hh = b_hh.data();
    if (projected) l.w_hr = w_hr.data();
    l.zoneout_rate_h = rate, l.zoneout_rate_c = rate / 2;
    if (normed) {
      l.norm_ih_weight = norms[0].data(), l.norm_ih_bias = norms[1].data();
      l.norm_hh_weight = norms[2].data(), l.norm_hh_bias = norms[3].data();
      if (gates[cell] == 4) l.norm_c_weight = norms[4].data(), l.norm_c_bias = norms[5].data();
    }
    return l;
  }
};

// A number that several threads add up in another order may round to another bfloat16.
const double allowed = std::strcmp(ostinato_isa(), "avx512_bf16") ? 1e-10 : 1e-4;

bool agree(const std::vector<Floats>& one, const std::vector<Floats>& other) {
  for (size_t k = 0; k < one.size(); ++k) {
    double difference = 0, norm = 1e-12;
    for (size_t j = 0; j < one[k].size(); ++j) {
      difference += std::pow(one[k][j] - other[k][j], 2);
      norm += std::pow(one[k][j], 2);
    }
    if (!(difference <= allowed * norm)) return false;
  }
  return true;
}

// The results of a forward and a backward, those of both directions.
std::vector<Floats> results(Problem& p, int64_t threads) {
  const int64_t of_gates = gates[p.cell] * p.H;
  std::vector<ostinato_layer> layers(p.directions);
  std::vector<Floats> all;
  all.reserve(19 * p.directions);
  const auto room = [&](int64_t size) { return all.emplace_back(size).data(); };
  for (int64_t d = 0; d < p.directions; ++d) {
    ostinato_layer& l = layers[d];
    l = p.weights();
    l.reverse = d, l.T = p.T, l.B = p.B, l.N = p.N;
    l.batch_sizes = p.batch_sizes.data();
    l.x = p.x.data(), l.x_stride = l.dx_stride = p.I, l.y_stride = l.dy_stride = p.P;
    if (!p.index.empty()) l.index = p.index.data(), l.rows = p.rows;
    if (p.started) l.h0 = p.h0.data(), l.c0 = p.c0.data();
    if (p.ended) l.dhn = p.dhn.data(), l.dcn = p.dcn.data();
    if (p.masked) l.recurrent_mask = p.mask.data();
    if (p.drawn) l.zoneout_h = p.zoneout_h.data(), l.zoneout_c = p.zoneout_c.data();
    l.dy = p.dy.data();
    l.y = room(p.N * p.P), l.hn = room(p.B * p.P), l.cn = room(p.B * p.H);
    l.dx = room(p.rows * p.I), l.dw_ih = room(of_gates * p.I), l.dw_hh = room(of_gates * p.P);
    l.db_ih = room(of_gates), l.db_hh = room(of_gates);
    if (extras[p.cell]) l.dextra = room(extras[p.cell] * p.H);
    l.dh0 = room(p.B * p.P), l.dc0 = room(p.B * p.H);
    if (p.projected) l.dw_hr = room(p.P * p.H);
    if (p.normed) {
      l.dnorm_ih_weight = room(of_gates), l.dnorm_ih_bias = room(of_gates);
      l.dnorm_hh_weight = room(of_gates), l.dnorm_hh_bias = room(of_gates);
      if (l.norm_c_weight) l.dnorm_c_weight = room(p.H), l.dnorm_c_bias = room(p.H);
    }
  }
  for (int64_t d = 0; d < p.directions; ++d) layers[d].store = p.stores[d];
  for (int time = 0; time < 2; ++time)  // without keeping; the second time with the weights that the first one packed
    if (ostinato_forward(layers.data(), p.directions, threads)) std::abort();
  const std::vector<Floats> predicted(all.begin(), all.begin() + 3);
  for (ostinato_layer& l : layers) l.store = nullptr;
  std::vector<Floats> kept;
  for (ostinato_layer& l : layers) l.kept = kept.emplace_back(ostinato_kept_floats(&l)).data();
  if (ostinato_forward(layers.data(), p.directions, threads)) std::abort();
  if (!agree(predicted, {all.begin(), all.begin() + 3})) {
    std::printf("%d threads: results with a store differ from those without\n", static_cast<int>(threads));
    std::abort();
  }
  const int wrong = ostinato_backward(layers.data(), p.directions, threads);
  if (wrong && wrong != 3) std::abort();  // 3: layer normalisation is not trained in bfloat16
  return all;
}

void step(Problem& p) {
  ostinato_layer l = p.weights();
  l.T = 1, l.B = 1;
  void* packed = ostinato_pack(&l);
  Floats h = p.h0, c = p.c0, x(p.B * p.I);
  if (!packed || ostinato_step(packed, p.B, x.data(), h.data(), c.data())) std::abort();
  ostinato_pack_free(packed);
}

bool check(unsigned first, unsigned count) {
  for (unsigned seed = first; seed < first + count; ++seed) {
    Problem p(seed);
    const auto alone = results(p, 1);
    step(p);
    for (int64_t threads : {2, 3, 5})
      if (!agree(alone, results(p, threads))) {
        std::printf("seed %u: %d threads differ from one\n", seed, static_cast<int>(threads));
        return false;
      }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned count = argc > 1 ? std::atoi(argv[1]) : 200;
  if (!check(0, count)) return 1;
  bool good[3] = {};  // several callers at once
  std::vector<std::thread> callers;
  for (unsigned k = 0; k < 3; ++k) callers.emplace_back([&, k] { good[k] = check(1000 * (k + 1), count / 8 + 1); });
  for (std::thread& caller : callers) caller.join();
  if (!(good[0] && good[1] && good[2])) return 1;
  const pid_t child = fork();
  if (child == 0) _exit(check(9000, 8) ? 0 : 1);
  int status = 1;
  waitpid(child, &status, 0);
  if (status) return 2;
  std::printf("%s: %u random shapes, clean\n", ostinato_isa(), count);
}
