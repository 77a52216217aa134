// Runs every kernel on random shapes with each tensor in memory of exactly its size, on one thread and on several, from
// several callers at once and in a forked child. Meant to be compiled with sanitizers (scripts/check-native): it finds
// reads and writes past an end, undefined behaviour and races; numbers it compares only between thread counts.
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>
#include <vector>

#include "ostinato/kernels.h"

namespace {

using Floats = std::vector<float>;
constexpr int cells = 8, gates[cells] = {1, 1, 1, 4, 3, 3, 2, 4}, extras[cells] = {0, 0, 0, 0, 0, 0, 0, 3};

struct Problem {
  std::mt19937 random;
  int64_t cell, T, B, I, H, N = 0, directions;
  bool biased, started, ended;
  std::vector<int64_t> batch_sizes;
  Floats x, w_ih, w_hh, b_ih, b_hh, extra, h0, c0, dy, dhn, dcn;

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
    int64_t alive = B;
    for (int64_t t = 0; t < T; ++t) {
      batch_sizes.push_back(alive);
      N += alive;
      alive = draw(0, 1) ? alive : draw(1, static_cast<int>(alive));
    }
    const int64_t rows = gates[cell] * H;
    for (auto& [numbers, size] : std::initializer_list<std::pair<Floats*, int64_t>>{
             {&x, N * I}, {&w_ih, rows * I}, {&w_hh, rows * H}, {&b_ih, rows}, {&b_hh, rows}, {&extra, extras[cell] * H},
             {&h0, B * H}, {&c0, B * H}, {&dy, N * H}, {&dhn, B * H}, {&dcn, B * H}})
      fill(*numbers, size);
  }
  int draw(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }
  void fill(Floats& numbers, int64_t size) {
    std::uniform_real_distribution<float> uniform(-0.1f, 0.1f);
    numbers.resize(size);
    for (float& number : numbers) number = uniform(random);
  }
};

bool agree(const std::vector<Floats>& one, const std::vector<Floats>& other) {
  for (size_t k = 0; k < one.size(); ++k) {
    double difference = 0, norm = 1e-12;
    for (size_t j = 0; j < one[k].size(); ++j) {
      difference += std::pow(one[k][j] - other[k][j], 2);
      norm += std::pow(one[k][j], 2);
    }
    if (!(difference <= 1e-10 * norm)) return false;
  }
  return true;
}

// The results of a forward and a backward, those of both directions.
std::vector<Floats> results(Problem& p, int64_t threads) {
  const int64_t rows = gates[p.cell] * p.H;
  std::vector<ostinato_layer> layers(p.directions);
  std::vector<Floats> all;
  all.reserve(12 * p.directions);
  const auto room = [&](int64_t size) { return all.emplace_back(size).data(); };
  for (int64_t d = 0; d < p.directions; ++d) {
    ostinato_layer& l = layers[d];
    l = {};
    l.cell = p.cell, l.reverse = d;
    l.T = p.T, l.B = p.B, l.N = p.N, l.I = p.I, l.H = l.P = p.H;
    l.batch_sizes = p.batch_sizes.data();
    l.x = p.x.data(), l.x_stride = l.dx_stride = p.I, l.y_stride = l.dy_stride = p.H;
    l.w_ih = p.w_ih.data(), l.w_hh = p.w_hh.data();
    if (p.biased) l.b_ih = p.b_ih.data(), l.b_hh = p.b_hh.data();
    if (p.started) l.h0 = p.h0.data(), l.c0 = p.c0.data();
    if (p.ended) l.dhn = p.dhn.data(), l.dcn = p.dcn.data();
    l.extra = p.extra.data(), l.dy = p.dy.data();
    l.y = room(p.N * p.H), l.hn = room(p.B * p.H), l.cn = room(p.B * p.H);
    l.dx = room(p.N * p.I), l.dw_ih = room(rows * p.I), l.dw_hh = room(rows * p.H), l.db_ih = room(rows), l.db_hh = room(rows);
    if (extras[p.cell]) l.dextra = room(extras[p.cell] * p.H);
    l.dh0 = room(p.B * p.H), l.dc0 = room(p.B * p.H);
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
  if (ostinato_backward(layers.data(), p.directions, threads)) std::abort();
  return all;
}

void step(Problem& p) {
  ostinato_layer l{};
  l.cell = p.cell, l.T = 1, l.B = 1, l.I = p.I, l.H = l.P = p.H;
  l.w_ih = p.w_ih.data(), l.w_hh = p.w_hh.data(), l.extra = p.extra.data();
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
