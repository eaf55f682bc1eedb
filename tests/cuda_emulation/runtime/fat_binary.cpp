#include "tests/cuda_emulation/runtime/fat_binary.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <string_view>
#include <utility>

#include <cuda_runtime_api.h>
#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include "tests/cuda_emulation/runtime/emulation.hpp"
#include "tests/cuda_emulation/runtime/process.hpp"

namespace geomsu::emulation {
namespace {

// As nvcc 13.0 writes them (cuda/include/fatbinary_section.h has the wrapper; the rest was read from its output).
struct Wrapper {
  std::uint32_t magic = 0, version = 0;
  const std::byte* data = nullptr;
};
struct Header {
  std::uint32_t magic = 0;
  std::uint16_t version = 0, header_bytes = 0;
  std::uint64_t bytes = 0;  // of the entries
};
struct Entry {
  std::uint16_t kind = 0, version = 0;
  std::uint32_t header_bytes = 0;
  std::uint64_t payload_bytes = 0;
  std::uint32_t compressed_bytes = 0;  // the payload is padded
  std::uint32_t options_at = 0;
  std::uint32_t ptx_version = 0;
  std::uint32_t capability = 0;
  std::uint32_t name_at = 0, name_bytes = 0;
  std::uint64_t flags = 0, unused = 0;
  std::uint64_t text_bytes = 0;  // of compressed text
};
static_assert(sizeof(Entry) == 64);

constexpr std::uint32_t kWrapperMagic = 0x466243b1, kHeaderMagic = 0xBA55ED50;
constexpr std::uint16_t kPtx = 1, kMachineCode = 2;
constexpr std::uint64_t kCompressionFlags = 0xf000, kZstd = 0x8000;

template <typename T>
T read(const std::byte* from) {
  T out;
  std::memcpy(&out, from, sizeof out);
  return out;
}

std::string text_of(const Entry& entry, const std::byte* payload) {
  const std::uint64_t compression = entry.flags & kCompressionFlags;
  std::string text;
  if (compression == 0) {
    text.assign(reinterpret_cast<const char*>(payload), entry.payload_bytes);
  } else if (compression == kZstd) {
    text.resize(entry.text_bytes);
    const std::size_t got = ZSTD_decompress(text.data(), text.size(), payload, entry.compressed_bytes);
    if (ZSTD_isError(got) != 0 || got != text.size()) {
      die(std::string("a fat binary's PTX does not decompress: ") +
          (ZSTD_isError(got) != 0 ? ZSTD_getErrorName(got) : "its length differs"));
    }
  } else {
    die("a fat binary's PTX is compressed in a way that is not known (flags " + std::to_string(entry.flags) +
        "); next: build with nvcc 13.0's default or --compress-mode=none");
  }
  return text.substr(0, text.find('\0'));
}

// Capabilities 10 * major + minor for which some device would take an entry.
std::set<int> wanted(const std::set<int>& offered) {
  std::set<int> out;
  Process& process = emulated_process();
  for (int i = 0; i < process.device_count(); ++i) {
    const NodeDevice& facts = process.device(i).facts;
    auto above = offered.upper_bound(10 * facts.major + facts.minor);
    if (above != offered.begin()) out.insert(*--above);
  }
  return out;
}

std::map<const void*, Kernel>& kernels() {
  static auto& all = *std::make_unique<std::map<const void*, Kernel>>().release();
  return all;
}

std::map<void**, std::unique_ptr<FatBinary>>& binaries() {
  static auto& all = *std::make_unique<std::map<void**, std::unique_ptr<FatBinary>>>().release();
  return all;
}

}  // namespace

FatBinary::FatBinary(const void* wrapper_pointer) {
  const auto wrapper = read<Wrapper>(static_cast<const std::byte*>(wrapper_pointer));
  if (wrapper.magic != kWrapperMagic) die("a fat binary's wrapper begins with an unknown number");
  const auto header = read<Header>(wrapper.data);
  if (header.magic != kHeaderMagic) die("a fat binary begins with an unknown number");
  std::map<int, std::string> texts;
  const std::byte* const end = wrapper.data + header.header_bytes + header.bytes;
  for (const std::byte* at = wrapper.data + header.header_bytes; at < end;) {
    const auto entry = read<Entry>(at);
    if (entry.kind == kPtx) {
      texts[static_cast<int>(entry.capability)] = text_of(entry, at + entry.header_bytes);
    } else if (entry.kind != kMachineCode) {
      die("a fat binary has an entry of unknown kind " + std::to_string(entry.kind));
    }
    at += entry.header_bytes + entry.payload_bytes;
  }
  std::set<int> offered;
  for (const auto& [capability, text] : texts) offered.insert(capability);
  for (const int capability : wanted(offered)) {
    try {
      modules_[capability] = ptx::parse(texts[capability]);
    } catch (const std::exception& error) {
      die("PTX of compute_" + std::to_string(capability) + ": " + error.what());
    }
  }
}

const ptx::Module* FatBinary::module_for(int capability) const {
  auto above = modules_.upper_bound(capability);
  return above == modules_.begin() ? nullptr : (--above)->second.get();
}

Kernel* kernel_of(const void* host_function) {
  const auto found = kernels().find(host_function);
  return found == kernels().end() ? nullptr : &found->second;
}

void write_line_hits(const std::string& file) {
  std::map<std::pair<std::string, std::uint32_t>, std::uint64_t> sums;
  for (const auto& [handle, binary] : binaries()) {
    for (const auto& [capability, module] : binary->modules()) {
      for (const ptx::LineHits& line : ptx::line_hits(*module)) sums[{line.file, line.line}] += line.hits;
    }
  }
  std::string text;
  for (const auto& [place, hits] : sums)
    text += place.first + ":" + std::to_string(place.second) + " " + std::to_string(hits) + "\n";
  // In one write: processes that end together append to the same file.
  const int out = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (out < 0 || ::write(out, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    die("no line hits can be written to " + file + ": " + std::strerror(errno));
  ::close(out);
}

}  // namespace geomsu::emulation

using namespace geomsu::emulation;  // NOLINT: entry points of CUDA stand outside any namespace

extern "C" {

// NOLINTBEGIN(readability-identifier-naming): the names are nvcc's
void** __cudaRegisterFatBinary(void* wrapper) {
  auto binary = std::make_unique<FatBinary>(wrapper);
  const Lock lock(emulated_process().mutex());
  auto* const handle = reinterpret_cast<void**>(binary.get());
  binaries()[handle] = std::move(binary);
  return handle;
}

void __cudaRegisterFatBinaryEnd(void**) {}

// The binary stays: what was queued may still run.
void __cudaUnregisterFatBinary(void** handle) {
  const Lock lock(emulated_process().mutex());
  std::erase_if(kernels(), [handle](const auto& pair) {
    return pair.second.binary == reinterpret_cast<const FatBinary*>(handle);
  });
}

void __cudaRegisterFunction(void** handle, const char* host_function, char*, const char* name, int, uint3*, uint3*,
                            dim3*, dim3*, int*) {
  const Lock lock(emulated_process().mutex());
  kernels()[host_function] = {name, reinterpret_cast<const FatBinary*>(handle), {}};
}

// A device variable: its use by the host is outside what is emulated (a stub says so), its use by a kernel the
// interpreter's affair.
void __cudaRegisterVar(void**, char*, char*, const char*, int, std::size_t, int, int) {}

// NOLINTEND(readability-identifier-naming)

}  // extern "C"
