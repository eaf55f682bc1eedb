// Nothing is allocated between submit and the end of event_wait (geomsu_plugin.h): not by this backend. OpenBLAS takes
// a table of its threads' work in each large product, oneDNN one of its arguments and, for int8, packed panels, and
// both give them back before they return. This program's malloc and operator new stand before the C library's for all
// that it loads, and keep who called them.
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/cpu/plugin_under_test.hpp"

// NOLINTBEGIN(readability-identifier-naming): the names are glibc's and GoogleTest's fixtures'
extern "C" {
// glibc's own, under names that nobody overrides.
void* __libc_malloc(std::size_t);
void __libc_free(void*);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

thread_local bool excused = false;

struct Ledger {
  std::atomic<bool> open{false};
  std::atomic<std::size_t> count{0}, bytes{0};
  std::array<void*, 1 << 16> callers{};

  void note(std::size_t size, void* caller) {
    if (!open.load(std::memory_order_relaxed) || excused) return;
    const std::size_t at = count.fetch_add(1);
    bytes += size;
    if (at < callers.size()) callers[at] = caller;
  }
};
Ledger ledger;  // NOLINT: hooks have no other place

void* or_throw(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

#define GEOMSU_NOTE(size) ledger.note(size, __builtin_return_address(0))
extern "C" {
void* malloc(std::size_t size) {
  GEOMSU_NOTE(size);
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  GEOMSU_NOTE(count * size);
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  GEOMSU_NOTE(size);
  return __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  GEOMSU_NOTE(size);
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  GEOMSU_NOTE(size);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  GEOMSU_NOTE(size);
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
void* mmap(void* address, std::size_t length, int protection, int flags, int file, off_t offset) {
  GEOMSU_NOTE(length);
  return reinterpret_cast<void*>(syscall(SYS_mmap, address, length, protection, flags, file, offset));
}
}
void* operator new(std::size_t size) {
  GEOMSU_NOTE(size);
  return or_throw(__libc_malloc(size));
}
void* operator new[](std::size_t size) {
  GEOMSU_NOTE(size);
  return or_throw(__libc_malloc(size));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  GEOMSU_NOTE(size);
  return or_throw(__libc_memalign(static_cast<std::size_t>(alignment), size));
}
void operator delete(void* memory) noexcept { __libc_free(memory); }
void operator delete[](void* memory) noexcept { __libc_free(memory); }
void operator delete(void* memory, std::size_t) noexcept { __libc_free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { __libc_free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { __libc_free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { __libc_free(memory); }

namespace {

constexpr std::uint64_t kRepeats = 20;

using geomsu::test::Device;
using geomsu::test::Instance;
using geomsu::test::refusal;
using geomsu::test::Settings;
using geomsu::test::Work;

// Allocations by the file of who asked.
std::map<std::string, std::size_t> by_library(std::size_t count) {
  std::map<std::string, std::size_t> found;
  for (std::size_t i = 0; i < std::min(count, ledger.callers.size()); ++i) {
    Dl_info info{};
    const bool known = dladdr(ledger.callers[i], &info) != 0 && info.dli_fname != nullptr;
    const std::string path = known ? info.dli_fname : "unknown";
    ++found[path.substr(path.rfind('/') + 1)];
  }
  return found;
}

// What this thread takes in submit is the event itself, before the clock runs; all else counts, from submit on.
std::map<std::string, std::size_t> allocated(Work& work, std::uint64_t repeats) {
  work.reseed(1);
  work.run(repeats);  // once outside the ledger: pools of threads and libraries come into being
  ledger.count = 0;
  ledger.bytes = 0;
  ledger.open = true;
  excused = true;
  auto event = work.submit(repeats);
  excused = false;
  event.wait();
  ledger.open = false;
  return by_library(ledger.count);
}

std::string shown(const std::map<std::string, std::size_t>& found) {
  std::string text;
  for (const auto& [library, count] : found) text += library + ": " + std::to_string(count) + " ";
  return text;
}

class Allocation : public testing::Test {
 protected:
  const geomsu_plugin* api = geomsu::test::load(GEOMSU_CPU_SO);
  Instance instance{api};
  Device device = instance.open();
};

TEST_F(Allocation, IsSeenByThisProgram) {
  ledger.count = 0;
  ledger.open = true;
  void* volatile plain = std::malloc(10);
  const auto* volatile made = new int(5);
  ledger.open = false;
  EXPECT_EQ(ledger.count, 2u);
  std::free(plain);
  delete made;
  // Of libraries too: strdup calls malloc within libc, dlopen'd code calls it through its own table.
  ledger.count = 0;
  ledger.open = true;
  Work work = device.prepare("memory", {{"kind", "copy"}, {"bytes", "4096"}});
  ledger.open = false;
  const auto found = by_library(ledger.count);
  EXPECT_TRUE(found.contains("geomsu_cpu.so")) << shown(found);
}

TEST_F(Allocation, HasNoPlaceInAnyMemoryWorkload) {
  for (const char* kind : {"copy", "scale", "add", "triad", "read", "write"}) {
    for (const char* dtype : {"fp32", "fp64"}) {
      for (const char* bytes : {"4096", "1048576"}) {
        Work work = device.prepare("memory", {{"kind", kind}, {"dtype", dtype}, {"bytes", bytes}});
        const auto found = allocated(work, kRepeats);
        EXPECT_TRUE(found.empty()) << kind << " " << dtype << " " << bytes << ": " << shown(found);
      }
    }
  }
}

TEST_F(Allocation, HasNoPlaceInAnyGemmButInsideItsLibrarysCalls) {
  for (const char* dtype : {"fp32", "fp64", "int8", "bf16", "fp16"}) {
    for (const char* layout : {"nn", "tt"}) {
      for (const char* size : {"1", "67", "256"}) {
        const Settings settings{{"dtype", dtype}, {"m", size},        {"n", size},
                                {"k", size},      {"layout", layout}, {"operand_sets", "3"}};
        if (refusal([&] { device.prepare("gemm", settings); }) == GEOMSU_UNSUPPORTED) continue;
        Work work = device.prepare("gemm", settings);
        auto found = allocated(work, kRepeats);
        const std::size_t count = ledger.count, bytes = ledger.bytes;
        const std::string what = std::string(dtype) + " " + layout + " " + size + ": " + shown(found);
        std::size_t inside = 0;
        for (auto at = found.begin(); at != found.end();) {
          const bool own = at->first.starts_with("libdnnl.so") || at->first.starts_with("libopenblas");
          if (own) inside += at->second;
          at = own ? found.erase(at) : std::next(at);
        }
        EXPECT_TRUE(found.empty()) << what;
        if (inside == 0) continue;
        RecordProperty(std::string(dtype) + "_" + layout + "_" + size, std::to_string(count) + " calls, " +
                                                                           std::to_string(bytes) + " bytes in " +
                                                                           std::to_string(kRepeats) + " repeats");
        const std::map<std::string, std::uint64_t> most{{"int8", 4U << 20}, {"bf16", 4096}, {"fp16", 4096}};
        const auto limit = most.find(dtype);
        EXPECT_LE(bytes, kRepeats * (limit == most.end() ? 1U << 20 : limit->second)) << what;
      }
    }
  }
}

}  // namespace
// NOLINTEND(readability-identifier-naming)
