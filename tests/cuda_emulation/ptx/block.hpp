// One block in execution: its warps, its memories, its barriers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/cuda_emulation/ptx/module.hpp"
#include "tests/cuda_emulation/ptx/race.hpp"

namespace geomsu::emulation::ptx {

// splitmix64: all that a seed decides.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  std::uint64_t state_;
};

enum class Access : std::uint8_t { kRead, kWrite, kReadWrite };

template <class F>
void each_lane(Lanes lanes, F&& f) {
  if (lanes == kAllLanes) {
    for (std::uint32_t lane = 0; lane < kWarp; ++lane) f(lane);
  } else {
    for (; lanes != 0; lanes &= lanes - 1) f(static_cast<std::uint32_t>(__builtin_ctz(lanes)));
  }
}

class Block;

class Warp {
 public:
  Warp(Block& block, std::uint32_t number);

  // Registers of 32 lanes. Each holds its value in its low bytes, zero above its declared width.
  std::uint64_t* reg(int index) { return registers_.data() + static_cast<std::size_t>(index) * kWarp; }
  std::uint64_t* in(const Instruction& at, std::size_t index) { return reg(at.in[index]); }
  std::uint64_t* out(const Instruction& at, std::size_t index) { return reg(at.out[index]); }

  // Where the lane's bytes lie for the emulator, all checks done.
  std::byte* reach(const Instruction& at, std::uint32_t lane, std::uint64_t address, std::uint32_t bytes,
                   Access access);
  [[noreturn]] void fault(const Instruction& at, std::uint32_t lane, const std::string& why);
  Lanes live() const { return live_; }
  Block& block() { return block_; }

 private:
  friend class Block;
  struct Group {
    std::uint32_t pc = 0;  // the lowest that a lane can run
    Lanes lanes = 0;
    std::uint32_t meet = ~0U;  // the next pc where another lane waits to run
  };

  void start();
  // Runs until it waits, ends or has run `slice` instructions; says how many it ran.
  std::uint64_t run(std::uint64_t slice);
  Group group() const;
  void converge(const Instruction& at, std::uint32_t pc, Lanes lanes);
  bool all_are_here(const Instruction& at, Lanes lanes);
  bool release(std::uint32_t pc);
  void check_written(const Instruction& at, Lanes lanes);
  void execute(const Instruction& at, Lanes lanes);
  Lanes guarded(const Instruction& at, Lanes lanes);
  void set_pc(Lanes lanes, std::uint32_t pc);
  Lanes runnable() const { return live_ & ~barred_ & ~held_; }

  Block& block_;
  std::uint32_t number_;
  Lanes all_ = 0, live_ = 0, barred_ = 0, held_ = 0;  // held: at a shuffle or the like
  std::array<std::uint32_t, kWarp> pc_{};
  std::vector<std::uint64_t> registers_;
  std::vector<Lanes> written_;
  bool started_ = false;
};

class Block {
 public:
  Block(const Module& module, const Kernel& kernel, const Launch& launch, World& world);
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  void run(Dim index, Random& random);

  const Kernel& kernel;
  const Launch& launch;
  World& world;

 private:
  friend class Warp;
  struct Seen {
    World::Window read, write;
  };

  std::uint64_t given(const Kernel::Constant& constant, std::uint32_t warp, std::uint32_t lane) const;
  bool open_barriers();
  void open(std::uint32_t id, const Instruction& first);
  void reduce(const Instruction& at);
  std::uint32_t dynamic_shared() const { return (kernel.facts.static_shared_bytes + 15) / 16 * 16; }
  std::byte* shared(Warp& warp, const Instruction& at, std::uint32_t lane, std::uint64_t address, std::uint32_t bytes,
                    Access access);
  std::byte* local(Warp& warp, const Instruction& at, std::uint32_t lane, std::uint64_t address, std::uint32_t bytes,
                   Access access);
  std::byte* global(Warp& warp, const Instruction& at, std::uint32_t lane, std::uint64_t address, std::uint32_t bytes,
                    Access access);
  std::byte* parameter(Warp& warp, const Instruction& at, std::uint32_t lane, std::uint64_t address,
                       std::uint32_t bytes, Access access);

  const Module& module_;
  Dim index_{};
  std::uint32_t threads_ = 0, shared_bytes_ = 0;
  std::vector<Warp> warps_;
  std::vector<std::byte> shared_, local_;
  std::vector<std::uint8_t> local_written_;
  RaceDetector races_;
  std::vector<Seen> windows_;        // one an instruction
  std::vector<std::uint64_t> hits_;  // one an instruction
};

}  // namespace geomsu::emulation::ptx
