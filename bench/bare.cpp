#include "bench/bare.hpp"

#include <stdexcept>
#include <string>

#include <dlfcn.h>
#include <omp.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "kernels/ops/generator.hpp"
#include "kernels/ops/memory.hpp"

namespace geomsu::bench {
namespace {

constexpr std::size_t kAlignment = 2u << 20;

template <class T>
Buffer<T> allocate(std::uint64_t count) {
  const std::size_t bytes = (count * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
  void* memory = std::aligned_alloc(kAlignment, bytes);
  if (memory == nullptr) throw std::runtime_error("out of memory");
  ::madvise(memory, bytes, MADV_HUGEPAGE);
  return Buffer<T>(static_cast<T*>(memory));
}

// Filled by the threads that will use it, so that the pages lie where they are read.
template <class T>
void fill(Buffer<T>& buffer, std::uint64_t count, std::uint64_t stream) {
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(count); ++i) {
    buffer[static_cast<std::size_t>(i)] =
        static_cast<T>(ops::value(ops::Data::kNormal, stream, 0, static_cast<std::uint64_t>(i)));
  }
}

#ifdef __x86_64__
__attribute__((target("avx512f"))) void triad_avx512(double* out, const double* b, const double* c, std::uint64_t n) {
  const __m512d scalar = _mm512_set1_pd(ops::kTriadScalar);
  for (std::uint64_t i = 0; i < n; i += 8) {
    _mm512_stream_pd(out + i, _mm512_fmadd_pd(scalar, _mm512_load_pd(c + i), _mm512_load_pd(b + i)));
  }
  _mm_sfence();
}
__attribute__((target("avx2,fma"))) void triad_avx2(double* out, const double* b, const double* c, std::uint64_t n) {
  const __m256d scalar = _mm256_set1_pd(ops::kTriadScalar);
  for (std::uint64_t i = 0; i < n; i += 4) {
    _mm256_stream_pd(out + i, _mm256_fmadd_pd(scalar, _mm256_load_pd(c + i), _mm256_load_pd(b + i)));
  }
  _mm_sfence();
}
#endif
void triad_portable(double* out, const double* b, const double* c, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) out[i] = b[i] + ops::kTriadScalar * c[i];
}

using TriadLoop = void (*)(double*, const double*, const double*, std::uint64_t);
TriadLoop triad_loop() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) return triad_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return triad_avx2;
#endif
  return triad_portable;
}

// As they were when first asked: before anything was pinned.
const std::vector<std::size_t>& all_cores() {
  static const std::vector<std::size_t> cores = [] {
    cpu_set_t allowed;
    ::sched_getaffinity(0, sizeof allowed, &allowed);
    std::vector<std::size_t> list;
    for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
      if (CPU_ISSET(core, &allowed)) list.push_back(core);
    }
    return list;
  }();
  return cores;
}

void* open_openblas() {
  for (const char* path : {"/usr/lib/x86_64-linux-gnu/openblas-openmp/libopenblas.so.0",
                           "/usr/lib/aarch64-linux-gnu/openblas-openmp/libopenblas.so.0", "libopenblas.so.0"}) {
    if (void* library = ::dlopen(path, RTLD_NOW | RTLD_LOCAL)) return library;
  }
  throw std::runtime_error("no libopenblas.so.0: install libopenblas0-openmp");
}

}  // namespace

std::int64_t raw_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

Unpinned::Unpinned() {
  cpu_set_t all;
  CPU_ZERO(&all);
  for (const std::size_t core : all_cores()) CPU_SET(core, &all);
  ::sched_setaffinity(0, sizeof all, &all);
}
Unpinned::~Unpinned() {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(all_cores().front(), &first);
  ::sched_setaffinity(0, sizeof first, &first);
}

void pin_threads() {
  const std::vector<std::size_t>& cores = all_cores();
  omp_set_num_threads(static_cast<int>(cores.size()));
#pragma omp parallel
  {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cores[static_cast<std::size_t>(omp_get_thread_num())], &one);
    ::sched_setaffinity(0, sizeof one, &one);
  }
}

BareGemm::BareGemm(std::uint64_t n, std::uint64_t sets) : n_(n) {
  sgemm_ = reinterpret_cast<Sgemm>(::dlsym(open_openblas(), "cblas_sgemm"));
  if (sgemm_ == nullptr) throw std::runtime_error("libopenblas.so.0 has no cblas_sgemm");
  for (std::uint64_t set = 0; set < sets; ++set) {
    Set operands{allocate<float>(n * n), allocate<float>(n * n), allocate<float>(n * n)};
    fill(operands.a, n * n, ops::stream(1, ops::tensor_id(set, 1)));
    fill(operands.b, n * n, ops::stream(1, ops::tensor_id(set, 2)));
    fill(operands.c, n * n, ops::stream(1, ops::tensor_id(set, 0)));
    sets_.push_back(std::move(operands));
  }
}

double BareGemm::block_ns(std::uint64_t repeats) {
  constexpr int kRowMajor = 101, kNoTrans = 111;
  const int n = static_cast<int>(n_);
  const std::int64_t begin = raw_ns();
  for (std::uint64_t i = 0; i < repeats; ++i) {
    Set& set = sets_[i % sets_.size()];
    sgemm_(kRowMajor, kNoTrans, kNoTrans, n, n, n, 1.0F, set.a.get(), n, set.b.get(), n, i < sets_.size() ? 0.0F : 1.0F,
           set.c.get(), n);
  }
  return static_cast<double>(raw_ns() - begin);
}

BareTriad::BareTriad(std::uint64_t bytes) : elements_(bytes / sizeof(double)) {
  std::uint64_t role = 1;
  for (auto& array : arrays_) {
    array = allocate<double>(elements_);
    fill(array, elements_, ops::stream(1, role++));
  }
}

double BareTriad::block_ns(std::uint64_t repeats) {
  const TriadLoop loop = triad_loop();
  const std::int64_t begin = raw_ns();
  for (std::uint64_t i = 0; i < repeats; ++i, ++step_) {
    double* const out = arrays_[step_ % 3].get();
    const double* const c = arrays_[(step_ + 1) % 3].get();
    const double* const b = arrays_[(step_ + 2) % 3].get();
#pragma omp parallel
    {
      const auto threads = static_cast<std::uint64_t>(omp_get_num_threads());
      const auto thread = static_cast<std::uint64_t>(omp_get_thread_num());
      const std::uint64_t share = elements_ / threads / 8 * 8;
      const std::uint64_t first = thread * share;
      loop(out + first, b + first, c + first, thread + 1 == threads ? elements_ - first : share);
    }
  }
  return static_cast<double>(raw_ns() - begin);
}

}  // namespace geomsu::bench
