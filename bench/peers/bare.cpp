#include "bench/peers/bare.hpp"

#include <algorithm>
#include <fstream>
#include <new>
#include <set>

#include <dlfcn.h>
#include <fmt/format.h>
#include <omp.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>

#include "harness/base/error.hpp"
#include "kernels/ops/fill.hpp"
#include "kernels/ops/rounding.hpp"

namespace geomsu::bench {
namespace {

constexpr std::size_t kAlignment = 2u << 20;
constexpr std::uint64_t kSeed = 1, kChunk = 4096;

// The first allowed hardware thread of each core.
std::vector<std::size_t> physical_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  ::sched_getaffinity(0, sizeof allowed, &allowed);
  std::vector<std::size_t> cores;
  std::set<std::string> seen;
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &allowed)) continue;
    std::ifstream file(fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", core));
    std::string siblings;
    if (!std::getline(file, siblings)) siblings = std::to_string(core);
    if (seen.insert(siblings).second) cores.push_back(core);
  }
  return cores;
}

void pin_to(std::size_t core) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

template <class T, class From>
void fill_rounded(T* to, std::uint64_t count, std::uint64_t tensor, From value_of) {
#pragma omp parallel
  {
    std::vector<float> values(kChunk);
#pragma omp for schedule(static)
    for (std::int64_t chunk = 0; chunk < static_cast<std::int64_t>((count + kChunk - 1) / kChunk); ++chunk) {
      const std::uint64_t first = static_cast<std::uint64_t>(chunk) * kChunk, size = std::min(kChunk, count - first);
      ops::fill(std::span(values).first(size), ops::Data::kNormal, ops::stream(kSeed, tensor), tensor, first);
      for (std::uint64_t i = 0; i < size; ++i) to[first + i] = value_of(values[i]);
    }
  }
}

}  // namespace

std::int64_t raw_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

void pin_threads() {
  const std::vector<std::size_t> cores = physical_cores();
  omp_set_dynamic(0);
  omp_set_num_threads(static_cast<int>(cores.size()));
#pragma omp parallel
  pin_to(cores[static_cast<std::size_t>(omp_get_thread_num())]);
}

void* allocate_bytes(std::uint64_t bytes) {
  const std::size_t rounded = std::max<std::size_t>(1, (bytes + kAlignment - 1) / kAlignment) * kAlignment;
  void* memory = std::aligned_alloc(kAlignment, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  ::madvise(memory, rounded, MADV_HUGEPAGE);
  return memory;
}

void fill_normal(float* to, std::uint64_t count, std::uint64_t tensor) {
  fill_rounded(to, count, tensor, [](float value) { return value; });
}
void fill_normal(double* to, std::uint64_t count, std::uint64_t tensor) {
  fill_rounded(to, count, tensor, [](float value) { return static_cast<double>(value); });
}
void fill_normal(std::int8_t* to, std::uint64_t count, std::uint64_t tensor) {
  const ops::Dtype& int8 = *ops::find_dtype("int8");
  fill_rounded(to, count, tensor,
               [&](float value) { return static_cast<std::int8_t>(ops::round_to(int8, static_cast<double>(value))); });
}

Library::Library(const std::vector<std::string>& candidates, const std::string& next) {
  std::string refusals;
  for (const std::string& candidate : candidates) {
    handle_ = ::dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ != nullptr) {
      path_ = candidate;
      return;
    }
    const char* reason = ::dlerror();
    refusals += (refusals.empty() ? "" : "; ") + (reason == nullptr ? candidate + " cannot be loaded" : reason);
  }
  throw Error(ErrorCode::kUnavailable, refusals, {}, next);
}

void* Library::raw_symbol(const char* name) const {
  if (void* found = ::dlsym(handle_, name)) return found;
  throw Error(ErrorCode::kUnavailable, path_ + " has no " + name);
}

}  // namespace geomsu::bench
