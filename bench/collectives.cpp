// bench-collectives [ROUNDS [KIND]]: collectives over two CPU devices of one process, through the plug-in's ABI,
// against
//   copy   the bytes that the group must move at least, at the bandwidth of a bare copy by two pinned threads
//   mpi    the same call of Open MPI over two processes, where MPI was found when this was built
// Blocks of all three in turn in one run, so that a noisy machine disturbs all; figures are medians of paired ratios
// with their 95 % intervals, and beside them the ratio of the fastest blocks: on a machine that others load, what an
// undisturbed one would tell.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "harness/abi/geomsu_plugin.h"
#include "harness/stats/order.hpp"
#include "harness/stats/ratio.hpp"

namespace {

constexpr double kBlockNs = 4e6;  // about what a scheduler lets run in one piece where others want the cores too
constexpr std::uint64_t kSpread = 256u << 20;  // bytes over which the sets of a message lie, well beyond the caches
constexpr std::uint64_t kCopied = 48u << 20;   // bytes that each thread copies for the floor

struct Case {
  std::string kind;
  std::uint64_t bytes;
  bool in_place = false;
  // Bytes that both ranks together must read and write, in sizes S, where two ranks exchange.
  double moved = 4;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> list{
      {"all_reduce", 8},
      {"all_reduce", 4096},
      {"all_reduce", 65536},
      {"all_reduce", 1u << 20},
      {"all_reduce", 16u << 20},
      {"all_gather", 16u << 20, false, 3},
      {"reduce_scatter", 16u << 20, false, 3},
      {"all_to_all", 16u << 20},
      {"broadcast", 16u << 20, true, 2},
      {"reduce", 16u << 20, false, 3},
      {"send_recv", 16u << 20},
  };
  return list;
}

// ---- ours, through the ABI

class Ours {
 public:
  Ours() {
    void* library = dlopen(GEOMSU_CPU_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(dlerror());
    const auto query = reinterpret_cast<geomsu_plugin_query_fn>(dlsym(library, "geomsu_plugin_query"));
    const geomsu_host host{sizeof(geomsu_host), nullptr, GEOMSU_ABI_MAJOR, GEOMSU_ABI_MINOR, nullptr, nullptr};
    if (query == nullptr || (api_ = query(&host)) == nullptr) throw std::runtime_error("not a plug-in of this ABI");
    const geomsu_param devices{"devices", "2"};
    const geomsu_params settings{sizeof(geomsu_params), nullptr, &devices, 1};
    check(api_->instance_create(&settings, &instance_));
    for (std::uint32_t i = 0; i < 2; ++i) check(api_->device_open(instance_, i, &devices_[i]));
    check(api_->group_create(devices_.data(), 2, nullptr, &group_));
  }
  ~Ours() {
    api_->group_destroy(group_);
    for (geomsu_device* device : devices_) api_->device_close(device);
    api_->instance_destroy(instance_);
  }
  Ours(const Ours&) = delete;
  Ours& operator=(const Ours&) = delete;

  void prepare(const Case& of, std::uint64_t sets) {
    const std::string bytes = std::to_string(of.bytes), count = std::to_string(sets);
    const std::array<geomsu_param, 5> items{{{"kind", of.kind.c_str()},
                                             {"bytes", bytes.c_str()},
                                             {"ranks", "2"},
                                             {"in_place", of.in_place ? "yes" : "no"},
                                             {"operand_sets", count.c_str()}}};
    const geomsu_params params{sizeof(geomsu_params), nullptr, items.data(), items.size()};
    check(api_->workload_prepare(group_, "collective", &params, &work_));
    check(api_->reseed(work_, 1));
  }
  void release() { api_->workload_release(work_); }
  std::string algorithm() {
    geomsu_workload_info info{};
    info.struct_size = sizeof(info);
    check(api_->workload_info(work_, &info));
    return info.algorithm;
  }

  double block_ns(std::uint64_t repeats) {  // of the slowest rank
    geomsu_event* event = nullptr;
    check(api_->submit(work_, repeats, &event));
    check(api_->event_wait(event, UINT64_MAX));
    double slowest = 0;
    for (std::uint32_t rank = 0; rank < 2; ++rank) {
      geomsu_span span{};
      span.struct_size = sizeof(span);
      check(api_->event_span(event, rank, &span));
      slowest = std::max(slowest, static_cast<double>(span.last - span.first));
    }
    api_->event_destroy(event);
    return slowest;
  }

 private:
  void check(geomsu_error* error) const {
    if (error != nullptr) throw std::runtime_error(api_->error_message(error));
  }
  const geomsu_plugin* api_ = nullptr;
  geomsu_instance* instance_ = nullptr;
  std::array<geomsu_device*, 2> devices_{};
  geomsu_group* group_ = nullptr;
  geomsu_workload* work_ = nullptr;
};

// ---- the floor: a copy by two threads, each between buffers of its own

#if defined(__x86_64__)
__attribute__((target("avx2"))) void copy_past_caches(void* to, const void* from, std::uint64_t bytes) {
  auto* out = static_cast<__m256i*>(to);
  const auto* in = static_cast<const __m256i*>(from);
  for (std::uint64_t i = 0; i < bytes / 32; i += 4) {
    for (std::uint64_t k = 0; k < 4; ++k) _mm256_stream_si256(out + i + k, _mm256_load_si256(in + i + k));
  }
  _mm_sfence();
}
bool has_copy_past_caches() { return __builtin_cpu_supports("avx2") != 0; }
#else
void copy_past_caches(void* to, const void* from, std::uint64_t bytes) { std::memcpy(to, from, bytes); }
bool has_copy_past_caches() { return false; }
#endif

class Floor {
 public:
  Floor() {
    for (auto& buffer : buffers_) {
      void* memory = mmap(nullptr, kCopied, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (memory == MAP_FAILED) throw std::runtime_error("no memory for the copy");
      static_cast<void>(madvise(memory, kCopied, MADV_HUGEPAGE));
      std::memset(memory, 1, kCopied);
      buffer = static_cast<std::byte*>(memory);
    }
  }
  // The better of two ways, in bytes read and written a nanosecond: the harder floor.
  double bytes_per_ns() {
    const double plain = pass(false);
    return has_copy_past_caches() ? std::max(plain, pass(true)) : plain;
  }

 private:
  double pass(bool past) {
    std::array<double, 2> ns{};
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < 2; ++i) {
        threads.emplace_back([&, i] {
          cpu_set_t core;
          CPU_ZERO(&core);
          CPU_SET(i, &core);
          sched_setaffinity(0, sizeof(core), &core);
          timespec before{}, after{};
          clock_gettime(CLOCK_MONOTONIC_RAW, &before);
          past ? copy_past_caches(buffers_[2 * i], buffers_[2 * i + 1], kCopied)
               : static_cast<void>(std::memcpy(buffers_[2 * i], buffers_[2 * i + 1], kCopied));
          clock_gettime(CLOCK_MONOTONIC_RAW, &after);
          ns[i] = static_cast<double>(after.tv_sec - before.tv_sec) * 1e9 +
                  static_cast<double>(after.tv_nsec - before.tv_nsec);
        });
      }
    }
    return 4.0 * static_cast<double>(kCopied) / std::max(ns[0], ns[1]);
  }
  std::array<std::byte*, 4> buffers_{};
};

// ---- the peer: mpirun with two ranks, asked over its standard input

class Mpi {
 public:
  Mpi(const Case& of, std::uint64_t sets) {
    std::array<int, 2> in{}, out{};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const std::string bytes = std::to_string(of.bytes), count = std::to_string(sets);
    child_ = fork();
    if (child_ == 0) {
      dup2(in[0], 0);
      dup2(out[1], 1);
      execlp("mpirun", "mpirun", "--allow-run-as-root", "--bind-to", "core", "-n", "2", GEOMSU_MPI_PEER,
             of.kind.c_str(), bytes.c_str(), count.c_str(), of.in_place ? "yes" : "no", nullptr);
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    ask_ = fdopen(in[1], "w");
    answer_ = fdopen(out[0], "r");
  }
  ~Mpi() {
    std::fclose(ask_);
    std::fclose(answer_);
    waitpid(child_, nullptr, 0);
  }
  Mpi(const Mpi&) = delete;
  Mpi& operator=(const Mpi&) = delete;

  std::optional<double> block_ns(std::uint64_t repeats) {
    std::fprintf(ask_, "%llu\n", static_cast<unsigned long long>(repeats));
    std::fflush(ask_);
    double ns = 0;
    if (std::fscanf(answer_, "%lf", &ns) != 1) return std::nullopt;
    return ns;
  }

 private:
  pid_t child_ = -1;
  std::FILE* ask_ = nullptr;
  std::FILE* answer_ = nullptr;
};

std::uint64_t repeats_for(double once_ns) {
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(kBlockNs / once_ns));
}

double fastest(const std::vector<double>& ns) { return *std::min_element(ns.begin(), ns.end()); }

std::string ratio_text(const std::vector<double>& theirs, const std::vector<double>& ours) {
  const auto ratio = geomsu::stats::paired_ratio(theirs, ours, 0.95);
  std::array<char, 96> text{};
  if (!ratio) return "too few rounds";
  std::snprintf(text.data(), text.size(), "%.2f (%.2f..%.2f) best %.2f", ratio->ratio, ratio->lower, ratio->upper,
                fastest(theirs) / fastest(ours));
  return text.data();
}

void compare(const Case& of, Ours& ours, Floor& floor, std::size_t rounds) {
  const std::uint64_t sets = std::clamp<std::uint64_t>(kSpread / of.bytes, 1, 64);
  ours.prepare(of, sets);
  const std::uint64_t few = std::uint64_t{16};
  const std::uint64_t repeats = repeats_for(ours.block_ns(few) / static_cast<double>(few));
  std::optional<Mpi> mpi;
  if (std::string(GEOMSU_MPI_PEER) != "") mpi.emplace(of, sets);
  std::uint64_t mpi_repeats = 0;
  if (mpi) {
    const auto probe = mpi->block_ns(few);
    if (probe) {
      mpi_repeats = repeats_for(*probe / static_cast<double>(few));
    } else {
      mpi.reset();
    }
  }
  std::vector<double> our_ns, floor_ns, mpi_ns;  // of one repeat
  for (std::size_t round = 0; round < rounds; ++round) {
    our_ns.push_back(ours.block_ns(repeats) / static_cast<double>(repeats));
    floor_ns.push_back(of.moved * static_cast<double>(of.bytes) / floor.bytes_per_ns());
    if (mpi) {
      if (const auto ns = mpi->block_ns(mpi_repeats)) mpi_ns.push_back(*ns / static_cast<double>(mpi_repeats));
    }
  }
  std::printf("%-15s %9llu %10.2f %10.2f  %-34s  %-34s  %s\n", of.kind.c_str(),
              static_cast<unsigned long long>(of.bytes), geomsu::stats::median(our_ns) * 1e-3, fastest(our_ns) * 1e-3,
              ratio_text(our_ns, floor_ns).c_str(),
              mpi_ns.size() == rounds ? ratio_text(mpi_ns, our_ns).c_str() : "no MPI", ours.algorithm().c_str());
  std::fflush(stdout);
  ours.release();
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t rounds = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 41;
  const std::string only = argc > 2 ? argv[2] : "";
  try {
    Ours ours;
    Floor floor;
    std::printf("%-15s %9s %10s %10s  %-34s  %-34s  %s\n", "kind", "bytes", "ours, us", "best, us", "ours / copy floor",
                "mpi / ours", "algorithm");
    for (const Case& of : cases()) {
      if (only.empty() || of.kind == only) compare(of, ours, floor, rounds);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-collectives: %s\n", error.what());
    return 1;
  }
  return 0;
}
