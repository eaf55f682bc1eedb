#include "kernels/cpu/openblas.hpp"

#include <vector>

#include <dlfcn.h>
#include <link.h>

#include "harness/abi/plugin_helpers.hpp"

namespace geomsu::cpu {
namespace {

constexpr int kRowMajor = 101, kNoTrans = 111, kTrans = 112;  // CBLAS, netlib's cblas.h
constexpr int kParallelOpenMp = 2;                            // openblas_get_parallel(): 0 none, 1 pthread, 2 OpenMP

#if defined(__x86_64__)
constexpr const char* kTriplet = "x86_64-linux-gnu";
#elif defined(__aarch64__)
constexpr const char* kTriplet = "aarch64-linux-gnu";
#endif

template <typename Function>
Function symbol(void* library, const char* name) {
  return reinterpret_cast<Function>(dlsym(library, name));
}

std::string path_of(void* library) {
  const link_map* map = nullptr;
  return dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 && map != nullptr ? map->l_name : "an unknown path";
}

}  // namespace

std::shared_ptr<const OpenBlas> OpenBlas::load(const std::optional<std::string>& path) {
  std::vector<std::string> candidates;
  if (path) {
    candidates = {*path};
  } else {
    candidates = {std::string("/usr/lib/") + kTriplet + "/openblas-openmp/libopenblas.so.0", "libopenblas.so.0"};
  }
  std::string refusals;
  for (const auto& candidate : candidates) {
    std::string refusal;
    if (auto library = try_load(candidate, refusal)) return library;
    refusals += (refusals.empty() ? "" : "; ") + refusal;
  }
  throw plugin::Failure(GEOMSU_UNSUPPORTED, "gemm needs the OpenMP build of OpenBLAS: " + refusals +
                                                "; next: install libopenblas0-openmp, or name the library by the "
                                                "backend's setting 'openblas'");
}

std::shared_ptr<const OpenBlas> OpenBlas::try_load(const std::string& path, std::string& refusal) {
  // Never unloaded: its OpenMP pool outlives any workload.
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* reason = dlerror();
    refusal = reason == nullptr ? path + " cannot be loaded" : reason;
    return nullptr;
  }
  const auto parallel = symbol<int (*)()>(handle, "openblas_get_parallel");
  const auto config = symbol<const char* (*)()>(handle, "openblas_get_config");
  std::shared_ptr<OpenBlas> library(new OpenBlas);
  library->sgemm_ = symbol<Sgemm>(handle, "cblas_sgemm");
  library->dgemm_ = symbol<Dgemm>(handle, "cblas_dgemm");
  if (parallel == nullptr || config == nullptr || library->sgemm_ == nullptr || library->dgemm_ == nullptr) {
    refusal = path + " is no OpenBLAS with CBLAS";
  } else if (parallel() != kParallelOpenMp) {
    refusal = path + " is not the OpenMP build (openblas_get_parallel() is " + std::to_string(parallel()) + ", not 2)";
  } else if (std::string_view(config()).find("USE64BITINT") != std::string_view::npos) {
    refusal = path + " is built with 64-bit integers";
  } else {
    library->words_ = std::string(config()) + " at " + path_of(handle);
    return library;
  }
  dlclose(handle);
  return nullptr;
}

void OpenBlas::gemm(bool transpose_a, bool transpose_b, std::uint64_t m, std::uint64_t n, std::uint64_t k,
                    const float* a, const float* b, float beta, float* c) const {
  sgemm_(kRowMajor, transpose_a ? kTrans : kNoTrans, transpose_b ? kTrans : kNoTrans, static_cast<int>(m),
         static_cast<int>(n), static_cast<int>(k), 1.0F, a, static_cast<int>(transpose_a ? m : k), b,
         static_cast<int>(transpose_b ? k : n), beta, c, static_cast<int>(n));
}

void OpenBlas::gemm(bool transpose_a, bool transpose_b, std::uint64_t m, std::uint64_t n, std::uint64_t k,
                    const double* a, const double* b, double beta, double* c) const {
  dgemm_(kRowMajor, transpose_a ? kTrans : kNoTrans, transpose_b ? kTrans : kNoTrans, static_cast<int>(m),
         static_cast<int>(n), static_cast<int>(k), 1.0, a, static_cast<int>(transpose_a ? m : k), b,
         static_cast<int>(transpose_b ? k : n), beta, c, static_cast<int>(n));
}

}  // namespace geomsu::cpu
