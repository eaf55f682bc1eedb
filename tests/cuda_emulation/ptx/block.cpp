// Order of warps, and barriers.
#include "tests/cuda_emulation/ptx/block.hpp"

#include <algorithm>
#include <numeric>

namespace geomsu::emulation::ptx {
namespace {

constexpr std::uint64_t kMostInstructions = 1'000'000'000;
constexpr std::uint32_t kMostThreads = 1024;

std::uint64_t threads_of(const Dim& dim) { return std::uint64_t{dim.x} * dim.y * dim.z; }

}  // namespace

Block::Block(const Module& module, const Kernel& of, const Launch& with, World& in)
    : kernel(of), launch(with), world(in), module_(module), windows_(of.code.size()), hits_(of.code.size()) {
  threads_ = static_cast<std::uint32_t>(threads_of(with.block));
  shared_bytes_ =
      with.dynamic_shared_bytes == 0 ? of.facts.static_shared_bytes : dynamic_shared() + with.dynamic_shared_bytes;
  shared_.resize(shared_bytes_);
  local_.resize(std::size_t{threads_} * of.local_bytes);
  local_written_.resize(local_.size());
  const std::uint32_t warps = (threads_ + kWarp - 1) / kWarp;
  warps_.reserve(warps);
  for (std::uint32_t i = 0; i < warps; ++i) warps_.emplace_back(*this, i);
}

// Also where a fault ends the run: what ran before it did run.
Block::~Block() {
  for (std::size_t i = 0; i < hits_.size(); ++i)
    if (hits_[i] != 0) module_.hits[kernel.code[i].hit].fetch_add(hits_[i], std::memory_order_relaxed);
}

std::uint64_t Block::given(const Kernel::Constant& constant, std::uint32_t warp, std::uint32_t lane) const {
  const std::uint32_t thread = warp * kWarp + lane, bit = 1U << lane;
  switch (constant.given) {
    case Given::kNumber:
      return constant.number;
    case Given::kDynamicShared:
      return kSharedBase + dynamic_shared();
    case Given::kTidX:
      return thread % launch.block.x;
    case Given::kTidY:
      return thread / launch.block.x % launch.block.y;
    case Given::kTidZ:
      return thread / launch.block.x / launch.block.y;
    case Given::kNtidX:
      return launch.block.x;
    case Given::kNtidY:
      return launch.block.y;
    case Given::kNtidZ:
      return launch.block.z;
    case Given::kCtaidX:
      return index_.x;
    case Given::kCtaidY:
      return index_.y;
    case Given::kCtaidZ:
      return index_.z;
    case Given::kNctaidX:
      return launch.grid.x;
    case Given::kNctaidY:
      return launch.grid.y;
    case Given::kNctaidZ:
      return launch.grid.z;
    case Given::kLaneid:
      return lane;
    case Given::kWarpid:
      return warp;
    case Given::kNwarpid:
      return warps_.size();
    case Given::kSmid:
      return 0;
    case Given::kNsmid:
      return 1;
    case Given::kLanemaskEq:
      return bit;
    case Given::kLanemaskLt:
      return bit - 1;
    case Given::kLanemaskLe:
      return bit | (bit - 1);
    case Given::kLanemaskGt:
      return ~(bit | (bit - 1));
    case Given::kLanemaskGe:
      return ~(bit - 1);
    case Given::kDynamicSharedBytes:
      return launch.dynamic_shared_bytes;
    case Given::kTotalSharedBytes:
      return shared_bytes_;
  }
  return 0;
}

void Block::run(Dim index, Random& random) {
  index_ = index;
  std::fill(shared_.begin(), shared_.end(), std::byte{0xff});  // NaN as a float, -1 as a number
  std::fill(local_.begin(), local_.end(), std::byte{0xff});
  std::fill(local_written_.begin(), local_written_.end(), std::uint8_t{0});
  races_.start(shared_bytes_);
  for (Warp& warp : warps_) warp.start();

  const std::uint64_t most = launch.most_instructions != 0 ? launch.most_instructions : kMostInstructions;
  std::vector<std::uint64_t> since(warps_.size(), 0);  // instructions since another warp ended or a barrier opened
  std::vector<std::uint32_t> ready;
  for (;;) {
    ready.clear();
    bool alive = false;
    for (std::uint32_t i = 0; i < warps_.size(); ++i) {
      alive = alive || warps_[i].live_ != 0;
      if ((warps_[i].live_ & ~warps_[i].barred_) != 0) ready.push_back(i);
    }
    if (!alive) return;
    if (ready.empty()) {
      for (Warp& warp : warps_)
        if (warp.live_ != 0) {
          const auto lane = static_cast<std::uint32_t>(__builtin_ctz(warp.live_));
          warp.fault(kernel.code[warp.pc_[lane]], lane,
                     "every warp waits at a barrier that not all threads reach: the block never ends");
        }
    }
    const std::uint32_t chosen = ready[random.below(ready.size())];
    Warp& warp = warps_[chosen];
    since[chosen] += warp.run(1 + random.below(std::uint64_t{1} << random.below(13)));
    const bool ended = warp.live_ == 0;
    if ((warp.live_ == 0 || warp.barred_ == warp.live_) && (open_barriers() || ended)) {
      std::fill(since.begin(), since.end(), 0);
    } else if (since[chosen] > most) {
      const auto lane = static_cast<std::uint32_t>(__builtin_ctz(warp.live_));
      warp.fault(
          kernel.code[warp.pc_[lane]], lane,
          "it does not end: " + std::to_string(since[chosen]) + " instructions of one warp without any progress");
    }
  }
}

bool Block::open_barriers() {
  bool opened = false;
  std::array<std::uint32_t, 16> waiting{};
  std::array<const Instruction*, 16> first{};
  std::uint32_t live = 0;
  for (Warp& warp : warps_) {
    live += static_cast<std::uint32_t>(__builtin_popcount(warp.live_));
    each_lane(warp.barred_, [&](std::uint32_t lane) {
      const Instruction& at = kernel.code[warp.pc_[lane]];
      const auto id = static_cast<std::uint32_t>(warp.in(at, 0)[lane]);
      ++waiting[id];
      if (first[id] == nullptr) first[id] = &at;
    });
  }
  for (std::uint32_t id = 0; id < waiting.size(); ++id) {
    if (first[id] == nullptr) continue;
    std::uint32_t wanted = live;
    if (first[id]->option2 != 0)  // a count of threads, the same at each of its instructions
      for (Warp& warp : warps_)
        each_lane(warp.barred_, [&](std::uint32_t lane) {
          const Instruction& at = kernel.code[warp.pc_[lane]];
          if (warp.in(at, 0)[lane] == id) wanted = std::min(live, static_cast<std::uint32_t>(warp.in(at, 1)[lane]));
        });
    if (waiting[id] < wanted) continue;
    open(id, *first[id]);
    opened = true;
  }
  return opened;
}

void Block::open(std::uint32_t id, const Instruction& first) {
  std::uint32_t warps = 0, yes = 0, all = 0;
  const auto each_waiting = [&](auto&& f) {
    for (Warp& warp : warps_)
      each_lane(warp.barred_, [&](std::uint32_t lane) {
        const Instruction& at = kernel.code[warp.pc_[lane]];
        if (warp.in(at, 0)[lane] == id) f(warp, lane, at);
      });
  };
  each_waiting([&](Warp& warp, std::uint32_t lane, const Instruction& at) {
    if (at.option != first.option || at.option2 != first.option2)
      warp.fault(
          at, lane,
          "threads meet at barrier " + std::to_string(id) + " with another kind of instruction: " + first.source);
    const auto leader = static_cast<std::uint32_t>(__builtin_ctz(warp.barred_));
    if (at.bytes != 0 && &kernel.code[warp.pc_[leader]] != &at)
      warp.fault(at, lane, "threads of one warp wait at different barriers: __syncthreads() in divergent code");
    warps |= 1U << warp.number_;
    ++all;
    if (at.option != 0) yes += static_cast<std::uint32_t>(warp.in(at, at.in.size() - 1)[lane] & 1);
  });
  each_waiting([&](Warp& warp, std::uint32_t lane, const Instruction& at) {
    if (at.option == 0) return;  // 1: popc, 2: and, 3: or
    warp.out(at, 0)[lane] = at.option == 1 ? yes : at.option == 2 ? (yes == all ? 1 : 0) : (yes != 0 ? 1 : 0);
    warp.written_[static_cast<std::size_t>(at.out[0])] |= 1U << lane;
  });
  std::array<Lanes, RaceDetector::kMostWarps> go{};
  each_waiting([&](Warp& warp, std::uint32_t lane, const Instruction&) { go[warp.number_] |= 1U << lane; });
  for (Warp& warp : warps_) {
    warp.barred_ &= ~go[warp.number_];
    each_lane(go[warp.number_], [&](std::uint32_t lane) { ++warp.pc_[lane]; });
  }
  races_.barrier(warps);
}

void run(const Module& module, const Launch& launch, World& world) {
  const auto found = module.kernels.find(launch.kernel);
  const auto refuse = [&](const std::string& why) { throw Fault("kernel " + std::string(launch.kernel) + ": " + why); };
  if (found == module.kernels.end()) refuse("the module has no such kernel");
  const Kernel& kernel = found->second;
  const std::uint64_t threads = threads_of(launch.block), blocks = threads_of(launch.grid);
  if (threads == 0 || blocks == 0) refuse("a dimension of grid or block is 0");
  if (threads > kMostThreads) refuse("a block of " + std::to_string(threads) + " threads: 1024 are the most");
  if (kernel.facts.max_threads != 0 && threads > kernel.facts.max_threads)
    refuse("a block of " + std::to_string(threads) + " threads, but its __launch_bounds__ say " +
           std::to_string(kernel.facts.max_threads));
  if (launch.parameters.size() != kernel.facts.parameter_bytes)
    refuse(std::to_string(launch.parameters.size()) + " bytes of parameters, " +
           std::to_string(kernel.facts.parameter_bytes) + " are wanted");

  Random random(launch.seed);
  Block block(module, kernel, launch, world);
  std::vector<std::uint64_t> order;
  if (launch.shuffle) {
    order.resize(blocks);
    std::iota(order.begin(), order.end(), 0);
    for (std::uint64_t i = blocks; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  }
  for (std::uint64_t i = 0; i < blocks; ++i) {
    const std::uint64_t at = launch.shuffle ? order[i] : i;
    const Dim index{static_cast<std::uint32_t>(at % launch.grid.x),
                    static_cast<std::uint32_t>(at / launch.grid.x % launch.grid.y),
                    static_cast<std::uint32_t>(at / launch.grid.x / launch.grid.y)};
    block.run(index, random);
  }
}

}  // namespace geomsu::emulation::ptx
