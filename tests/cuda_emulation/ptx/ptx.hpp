// PTX, parsed and executed on the CPU. Test only: it never produces a time that anyone sees.
//
// An unknown directive, opcode, modifier, type or special register is refused when a module is parsed, never skipped.
// Warps run in lockstep inside, independently of each other between barriers, in an order drawn from the seed, so that
// a missing barrier shows; blocks run in an order drawn from the seed where `shuffle` is set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace geomsu::emulation::ptx {

class Module;  // immutable once parsed, but for its hit counters, which are atomic

// What a kernel or a caller did wrong, with kernel, source line, instruction, block and thread in the words.
class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws std::runtime_error that names the line of PTX and what is not known.
std::shared_ptr<const Module> parse(std::string_view text);

struct Parameter {
  std::string name;
  std::uint32_t offset = 0, bytes = 0;
};
struct KernelFacts {
  std::string name;  // mangled
  std::vector<Parameter> parameters;
  std::uint32_t parameter_bytes = 0;
  std::uint32_t static_shared_bytes = 0;
  std::uint32_t max_threads = 0;  // of .maxntid; 0 where there is none
};
const KernelFacts* find(const Module& module, std::string_view kernel);  // nullptr where there is none
std::vector<std::string> kernels(const Module& module);

struct Dim {
  std::uint32_t x = 1, y = 1, z = 1;
};

// Memory outside the kernel, and time. Called from the thread that executes.
class World {
 public:
  virtual ~World() = default;
  struct Window {
    std::uint64_t first = 0, last = 0;  // addresses [first, last) that one allocation spans
    std::byte* alias = nullptr;         // where `first` lies for the emulator
    std::uint8_t* written = nullptr;    // one byte a byte, 0 = never written; nullptr: not watched
  };
  // The allocation that holds [address, address + bytes); throws Fault in words where there is none, where it is
  // another device's without peer access, or where it is the host's and not mapped.
  virtual Window window(std::uint64_t address, std::uint32_t bytes, bool write) = 0;
  virtual std::uint64_t globaltimer_ns() = 0;
  virtual std::uint64_t clock() = 0;  // of a multiprocessor
};

struct Launch {
  std::string_view kernel;
  Dim grid, block;
  std::uint32_t dynamic_shared_bytes = 0;
  std::span<const std::byte> parameters;  // parameter_bytes, packed as the kernel's offsets say
  std::uint64_t seed = 1;
  bool shuffle = false;
  std::uint64_t most_instructions = 0;  // of one warp without progress of another: "does not end"; 0: 1e9
};

// Throws Fault. Finds: out of bounds, misaligned, never written (global and shared, byte by byte), shared-memory races
// (byte by byte), barriers that not all reach, shuffles from lanes that are not there, division of the block by a wrong
// size, an unwritten register.
void run(const Module& module, const Launch& launch, World& world);

// Lines of CUDA source that the module's .loc name, and how often an instruction of each ran.
struct LineHits {
  std::string file;
  std::uint32_t line = 0;
  std::uint64_t hits = 0;
};
std::vector<LineHits> line_hits(const Module& module);

}  // namespace geomsu::emulation::ptx
