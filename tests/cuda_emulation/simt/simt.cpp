#include "tests/cuda_emulation/simt/simt.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <ucontext.h>

namespace geomsu::simt {
namespace {

constexpr std::size_t kStackBytes = 32 * 1024;
constexpr unsigned kWarp = 32;

struct Fibre {
  ucontext_t context{};
  std::unique_ptr<std::byte[]> stack = std::make_unique_for_overwrite<std::byte[]>(kStackBytes);
  unsigned barriers = 0, exchanges = 0;  // come by so far
  bool done = false;
};

// Words that the lanes of a warp hand round. Two sets: a lane may be at the next exchange before another has read this.
struct Warp {
  std::array<std::array<std::uint64_t, kWarp>, 2> words{};
};

struct Block {
  explicit Block(unsigned threads) : fibres(threads), warps((threads + kWarp - 1) / kWarp) {}
  std::vector<Fibre> fibres;
  std::vector<Warp> warps;
  const std::function<void()>* kernel = nullptr;
  ucontext_t scheduler{};
  unsigned current = 0;
  std::exception_ptr failure;
};
Block* g_block = nullptr;  // that runs: kernels know no argument through which it could come

Fibre& here() { return g_block->fibres[g_block->current]; }

void give_way() { swapcontext(&here().context, &g_block->scheduler); }

void body() {
  try {
    (*g_block->kernel)();
  } catch (...) {
    g_block->failure = std::current_exception();
  }
  here().done = true;
  give_way();
}

// Whether nobody in [first, last) is behind `count` of `come`; who ended before is for ever.
bool all_at(unsigned Fibre::*come, unsigned count, unsigned first, unsigned last) {
  const auto begin = g_block->fibres.begin();
  return std::all_of(begin + first, begin + last, [&](const Fibre& fibre) { return fibre.*come >= count; });
}

// Not inlined: getcontext returns twice, for all that a compiler knows, and would spoil its caller's variables.
[[gnu::noinline]] void begin(Fibre& fibre) {
  fibre.barriers = fibre.exchanges = 0;
  fibre.done = false;
  getcontext(&fibre.context);
  fibre.context.uc_stack.ss_sp = fibre.stack.get();
  fibre.context.uc_stack.ss_size = kStackBytes;
  fibre.context.uc_link = nullptr;
  makecontext(&fibre.context, body, 0);
}

// Runs the lanes of a warp, in an ever new order, as far as they come without the others. Returns whether they came on.
bool run_warp(Block& block, std::vector<unsigned>& lanes, std::mt19937_64& random) {
  const auto come = [&block, &lanes] {
    std::uint64_t sum = 0;
    for (const unsigned i : lanes) {
      const Fibre& fibre = block.fibres[i];
      sum += std::uint64_t{fibre.barriers} + fibre.exchanges + (fibre.done ? 1 : 0);
    }
    return sum;
  };
  const std::uint64_t at_first = come();
  for (std::uint64_t before = at_first + 1; before != come();) {
    before = come();
    std::shuffle(lanes.begin(), lanes.end(), random);
    for (const unsigned i : lanes) {
      if (block.fibres[i].done) continue;
      block.current = i;
      threadIdx.x = i;
      swapcontext(&block.scheduler, &block.fibres[i].context);
      if (block.failure) std::rethrow_exception(block.failure);
    }
  }
  return come() != at_first;
}

// One warp after the other, in a drawn order, each as far ahead of the rest as barriers let it: without a barrier one
// is at the next round's writes while another still reads, which turns dealt out fairly never show.
void run_block(Block& block, std::mt19937_64& random) {
  for (Fibre& fibre : block.fibres) begin(fibre);
  std::vector<std::vector<unsigned>> warps(block.warps.size());
  for (unsigned i = 0; i < block.fibres.size(); ++i) warps[i / kWarp].push_back(i);
  const auto all_done = [&block] {
    return std::all_of(block.fibres.begin(), block.fibres.end(), [](const Fibre& fibre) { return fibre.done; });
  };
  while (!all_done()) {
    std::shuffle(warps.begin(), warps.end(), random);
    bool came_on = false;
    for (auto& lanes : warps) came_on = run_warp(block, lanes, random) || came_on;
    if (!came_on) {
      throw std::logic_error("simt: block " + std::to_string(blockIdx.x) +
                             " does not end: a barrier or shuffle that not all of its threads reach");
    }
  }
}

}  // namespace

void run(unsigned blocks, unsigned threads, std::uint64_t seed, const std::function<void()>& kernel) {
  std::mt19937_64 random(seed);
  Block block(threads);
  block.kernel = &kernel;
  g_block = &block;
  gridDim = {blocks, 1, 1};
  blockDim = {threads, 1, 1};
  std::vector<unsigned> order(blocks);
  std::iota(order.begin(), order.end(), 0U);
  std::shuffle(order.begin(), order.end(), random);
  for (const unsigned number : order) {
    blockIdx = {number, 0, 0};
    run_block(block, random);
  }
  g_block = nullptr;
}

unsigned lane() { return g_block->current % kWarp; }

void barrier() {
  const unsigned mine = ++here().barriers;
  const auto threads = static_cast<unsigned>(g_block->fibres.size());
  do {
    give_way();
  } while (!all_at(&Fibre::barriers, mine, 0, threads));
}

std::uint64_t exchange(std::uint64_t mine, unsigned from) {
  const unsigned first = g_block->current / kWarp * kWarp;
  if (g_block->fibres.size() - first < kWarp || from >= kWarp)
    throw std::logic_error("simt: only whole warps shuffle here");
  Fibre& fibre = here();
  auto& words = g_block->warps[g_block->current / kWarp].words[fibre.exchanges % 2];
  words[g_block->current % kWarp] = mine;
  const unsigned number = ++fibre.exchanges;
  while (!all_at(&Fibre::exchanges, number, first, first + kWarp)) give_way();
  return words[from];
}

}  // namespace geomsu::simt
