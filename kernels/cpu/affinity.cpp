#include "kernels/cpu/affinity.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <sched.h>

#include "harness/abi/plugin_helpers.hpp"

namespace geomsu::cpu {
namespace {

constexpr int kMaxCores = 8192;  // the kernel's own limit is at most this

struct SetDeleter {
  void operator()(cpu_set_t* set) const { CPU_FREE(set); }
};

}  // namespace

std::vector<int> allowed_cores() {
  const std::unique_ptr<cpu_set_t, SetDeleter> set(CPU_ALLOC(kMaxCores));
  const std::size_t size = CPU_ALLOC_SIZE(kMaxCores);
  if (!set) throw std::bad_alloc();
  if (sched_getaffinity(0, size, set.get()) != 0) {
    throw plugin::Failure(GEOMSU_INTERNAL, std::string("cannot read the thread's affinity: ") + std::strerror(errno));
  }
  std::vector<int> cores;
  for (int core = 0; core < kMaxCores; ++core) {
    if (CPU_ISSET_S(static_cast<std::size_t>(core), size, set.get())) cores.push_back(core);
  }
  return cores;
}

void pin(const std::vector<int>& cores) {
  const std::unique_ptr<cpu_set_t, SetDeleter> set(CPU_ALLOC(kMaxCores));
  const std::size_t size = CPU_ALLOC_SIZE(kMaxCores);
  if (!set) throw std::bad_alloc();
  CPU_ZERO_S(size, set.get());
  for (const int core : cores) CPU_SET_S(static_cast<std::size_t>(core), size, set.get());
  if (sched_setaffinity(0, size, set.get()) != 0) {
    throw plugin::Failure(GEOMSU_INTERNAL,
                          "cannot pin a thread to cores " + ranges(cores) + ": " + std::strerror(errno));
  }
}

std::string ranges(const std::vector<int>& cores) {
  std::vector<int> sorted = cores;
  std::sort(sorted.begin(), sorted.end());
  std::string text;
  for (std::size_t i = 0; i < sorted.size();) {
    std::size_t last = i;
    while (last + 1 < sorted.size() && sorted[last + 1] == sorted[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += std::to_string(sorted[i]);
    if (last > i) text += '-' + std::to_string(sorted[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace geomsu::cpu
