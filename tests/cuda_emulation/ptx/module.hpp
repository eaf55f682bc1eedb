// A parsed module: what every run reads and none writes, but for the hit counters and the module's own variables.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/cuda_emulation/ptx/ptx.hpp"
#include "tests/cuda_emulation/ptx/type.hpp"

namespace geomsu::emulation::ptx {

using Lanes = std::uint32_t;  // one bit a lane of a warp
constexpr std::uint32_t kWarp = 32;
constexpr Lanes kAllLanes = ~Lanes{0};

// Where the spaces lie in the generic address space. Shared addresses must fit 32 bits: kernels hold them in .b32.
constexpr std::uint64_t kParamBase = 0x1000'0000;
constexpr std::uint64_t kSharedBase = 0x4000'0000;
constexpr std::uint64_t kLocalBase = 0x8000'0000;
constexpr std::uint64_t kSpaceBytes = 0x1000'0000;

enum class Space : std::uint8_t { kGeneric, kGlobal, kShared, kLocal, kParam, kConst };

// What a register holds before the first instruction: an immediate, or something of the launch, the block or the lane.
enum class Given : std::uint8_t {
  kNumber,
  kDynamicShared,
  kTidX,
  kTidY,
  kTidZ,
  kNtidX,
  kNtidY,
  kNtidZ,
  kCtaidX,
  kCtaidY,
  kCtaidZ,
  kNctaidX,
  kNctaidY,
  kNctaidZ,
  kLaneid,
  kWarpid,
  kNwarpid,
  kSmid,
  kNsmid,
  kLanemaskEq,
  kLanemaskLt,
  kLanemaskLe,
  kLanemaskGt,
  kLanemaskGe,
  kDynamicSharedBytes,
  kTotalSharedBytes
};

class Warp;

struct Instruction {
  using Execute = void (*)(Warp&, const Instruction&, Lanes);
  // kConverge waits for the lanes that its member mask names, kSyncWarp too, but at any such instruction.
  enum class Flow : std::uint8_t { kPlain, kBranch, kTable, kExit, kBarrier, kConverge, kSyncWarp };

  Execute execute = nullptr;
  Flow flow = Flow::kPlain;
  Space space = Space::kGeneric;
  bool negated = false;                   // the guard
  bool strong = false;                    // volatile, relaxed, acquire, release: no race among themselves
  int guard = -1;                         // register of the predicate; -1: none
  int members = -1;                       // register of the member mask; -1: all 32 lanes
  std::vector<int> in, out;               // registers; out 0 is the sink of "_"
  std::int64_t offset = 0;                // of an address; its base is in[0]
  std::uint32_t bytes = 0;                // of an element in memory
  std::uint32_t width = 0;                // bytes of the register that gets the result
  std::uint32_t option = 0, option2 = 0;  // the family's own
  std::vector<int> targets;               // of branches
  std::size_t hit = 0;                    // index of its source line's counter
  std::uint32_t line = 0;                 // of PTX
  std::string source;
};

struct Kernel {
  struct Constant {
    int reg = 0;
    Given given = Given::kNumber;
    std::uint64_t number = 0;
  };
  KernelFacts facts;
  std::vector<Instruction> code;
  std::vector<Constant> constants;
  int registers = 1;  // register 0 is the sink
  std::uint32_t local_bytes = 0;
};

// A .global or .const variable. Lives at its host address, which is its device address too, so that no allocation of
// a World can overlap it. One copy a module, not one a device.
struct Variable {
  std::string name;
  Space space = Space::kGlobal;
  std::uint32_t bytes = 0, align = 1;
  std::unique_ptr<std::byte[]> storage;
  std::byte* first = nullptr;
};

struct SourceLine {
  std::string file;
  std::uint32_t line = 0;
};

class Module {
 public:
  std::map<std::string, Kernel, std::less<>> kernels;
  std::vector<Variable> variables;
  std::vector<SourceLine> lines;
  mutable std::deque<std::atomic<std::uint64_t>> hits;  // one a line
};

}  // namespace geomsu::emulation::ptx
