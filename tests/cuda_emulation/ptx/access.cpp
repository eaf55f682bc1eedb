// Every byte that a kernel touches goes through here: space, bounds, alignment, written or not, races.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "tests/cuda_emulation/ptx/block.hpp"

namespace geomsu::emulation::ptx {
namespace {

std::string hex(std::uint64_t address) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address));
  return text;
}

const char* doing(Access access) {
  return access == Access::kRead ? "reads" : access == Access::kWrite ? "writes" : "reads and writes";
}

Space space_of(std::uint64_t address) {
  const auto within = [&](std::uint64_t base) { return address >= base && address - base < kSpaceBytes; };
  return within(kSharedBase)  ? Space::kShared
         : within(kLocalBase) ? Space::kLocal
         : within(kParamBase) ? Space::kParam
                              : Space::kGlobal;
}

const char* name_of(Space space) {
  switch (space) {
    case Space::kShared:
      return "shared";
    case Space::kLocal:
      return "local";
    case Space::kParam:
      return "parameter";
    case Space::kConst:
      return "constant";
    default:
      return "global";
  }
}

}  // namespace

std::byte* Warp::reach(const Instruction& at, std::uint32_t lane, std::uint64_t address, std::uint32_t bytes,
                       Access access) {
  if (address % bytes != 0)
    fault(at, lane,
          "it " + std::string(doing(access)) + " " + std::to_string(bytes) + " bytes at " + hex(address) +
              ", which is misaligned");
  const Space space = space_of(address);
  const bool global = at.space == Space::kGlobal || at.space == Space::kConst;
  if (at.space != Space::kGeneric && space != at.space && !(global && space == Space::kGlobal))
    fault(at, lane,
          hex(address) + " lies in " + name_of(space) + " memory, the instruction wants " + name_of(at.space));
  switch (space) {
    case Space::kShared:
      return block_.shared(*this, at, lane, address, bytes, access);
    case Space::kLocal:
      return block_.local(*this, at, lane, address, bytes, access);
    case Space::kParam:
      return block_.parameter(*this, at, lane, address, bytes, access);
    default:
      return block_.global(*this, at, lane, address, bytes, access);
  }
}

std::byte* Block::shared(Warp& warp, const Instruction& at, std::uint32_t lane, std::uint64_t address,
                         std::uint32_t bytes, Access access) {
  const std::uint64_t offset = address - kSharedBase;
  if (offset + bytes > shared_bytes_)
    warp.fault(at, lane,
               "it " + std::string(doing(access)) + " " + std::to_string(bytes) + " bytes at offset " +
                   std::to_string(offset) + " of shared memory, which has " + std::to_string(shared_bytes_) + " bytes");
  const auto first = static_cast<std::uint32_t>(offset);
  std::optional<RaceDetector::Finding> found;
  if (access == Access::kWrite) {
    found = races_.write(warp.number_, first, bytes, at.strong);
  } else {
    found = races_.read(warp.number_, first, bytes, at.strong);
    if (!found && access == Access::kReadWrite) found = races_.write(warp.number_, first, bytes, true);
  }
  if (found) {
    const std::string byte = "byte " + std::to_string(found->byte) + " of shared memory";
    const std::string other = "warp " + std::to_string(found->other), self = "warp " + std::to_string(warp.number_);
    const std::string race = "race in " + byte + ": ", none = " with no barrier between";
    switch (found->kind) {
      case RaceDetector::Kind::kNeverWritten:
        warp.fault(at, lane, "it reads " + byte + ", which was never written");
      case RaceDetector::Kind::kWrittenThenRead:
        warp.fault(at, lane, race + self + " reads what " + other + " wrote" + none);
      case RaceDetector::Kind::kWrittenTwice:
        warp.fault(at, lane, race + self + " writes what " + other + " wrote" + none);
      case RaceDetector::Kind::kReadThenWritten:
        warp.fault(at, lane, race + self + " writes what " + other + " read" + none);
    }
  }
  return shared_.data() + offset;
}

std::byte* Block::local(Warp& warp, const Instruction& at, std::uint32_t lane, std::uint64_t address,
                        std::uint32_t bytes, Access access) {
  const std::uint64_t offset = address - kLocalBase;
  if (offset + bytes > kernel.local_bytes)
    warp.fault(at, lane,
               "offset " + std::to_string(offset) + " is out of bounds of the thread's local memory, which has " +
                   std::to_string(kernel.local_bytes) + " bytes");
  const std::size_t first = std::size_t{warp.number_ * kWarp + lane} * kernel.local_bytes + offset;
  std::uint8_t* written = local_written_.data() + first;
  if (access != Access::kWrite && std::memchr(written, 0, bytes) != nullptr)
    warp.fault(at, lane, "it reads local memory at offset " + std::to_string(offset) + ", which was never written");
  if (access != Access::kRead) std::memset(written, 1, bytes);
  return local_.data() + first;
}

std::byte* Block::parameter(Warp& warp, const Instruction& at, std::uint32_t lane, std::uint64_t address,
                            std::uint32_t bytes, Access access) {
  const std::uint64_t offset = address - kParamBase;
  if (access != Access::kRead) warp.fault(at, lane, "a kernel's parameters cannot be written");
  if (offset + bytes > launch.parameters.size())
    warp.fault(at, lane, "offset " + std::to_string(offset) + " is out of bounds of the kernel's parameters");
  // Read only, as checked above.
  return const_cast<std::byte*>(launch.parameters.data()) + offset;  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

std::byte* Block::global(Warp& warp, const Instruction& at, std::uint32_t lane, std::uint64_t address,
                         std::uint32_t bytes, Access access) {
  const bool write = access != Access::kRead;
  Seen& seen = windows_[static_cast<std::size_t>(&at - kernel.code.data())];
  World::Window& window = write ? seen.write : seen.read;
  if (!(address >= window.first && address < window.last && bytes <= window.last - address)) {
    window = {};
    for (const Variable& variable : module_.variables) {
      const std::uint64_t first = reinterpret_cast<std::uintptr_t>(variable.first);
      if (address < first || address - first >= variable.bytes) continue;
      if (address - first + bytes > variable.bytes)
        warp.fault(at, lane, "it is out of bounds of variable " + variable.name);
      if (write && variable.space == Space::kConst) warp.fault(at, lane, "variable " + variable.name + " is constant");
      window = {first, first + variable.bytes, variable.first, nullptr};
    }
    if (window.alias == nullptr) {
      if (at.space == Space::kConst) warp.fault(at, lane, hex(address) + " is no constant memory");
      try {
        window = world.window(address, bytes, write);
      } catch (const Fault& fault) {
        warp.fault(at, lane, fault.what());
      }
      if (address < window.first || window.last < address || bytes > window.last - address) {
        window = {};
        warp.fault(at, lane, hex(address) + ": the allocation's window does not hold it");
      }
    }
  }
  const std::uint64_t offset = address - window.first;
  if (window.written != nullptr) {
    std::uint8_t* written = window.written + offset;
    if (access != Access::kWrite) {
      if (const void* hole = std::memchr(written, 0, bytes))
        warp.fault(
            at, lane,
            "it reads global memory at " +
                hex(address + static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(hole) - written)) +
                ", which was never written (byte " +
                std::to_string(offset + static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(hole) - written)) +
                " of its allocation)");
    }
    if (write) std::memset(written, 1, bytes);
  }
  return window.alias + offset;
}

}  // namespace geomsu::emulation::ptx
