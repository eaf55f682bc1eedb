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

// Each kind's loop, out of one source for each instruction set; the compiler keeps their order.
enum class Kind : std::uint8_t { kCopy, kScale, kAdd, kTriad, kRead, kWrite };

#ifdef __x86_64__
template <Kind kKind>
__attribute__((target("avx512f"))) double loop_avx512(double* out, const double* b, const double* c, std::uint64_t n) {
  const __m512d scalar = _mm512_set1_pd(ops::kTriadScalar), two = _mm512_set1_pd(2);
  __m512d s0 = _mm512_setzero_pd(), s1 = s0, s2 = s0, s3 = s0;
  for (std::uint64_t i = 0; i < n; i += 32) {
    for (std::uint64_t j = i; j < i + 32; j += 8) {
      if constexpr (kKind == Kind::kCopy) _mm512_stream_pd(out + j, _mm512_load_pd(b + j));
      if constexpr (kKind == Kind::kScale) _mm512_stream_pd(out + j, _mm512_mul_pd(two, _mm512_load_pd(b + j)));
      if constexpr (kKind == Kind::kAdd)
        _mm512_stream_pd(out + j, _mm512_add_pd(_mm512_load_pd(b + j), _mm512_load_pd(c + j)));
      if constexpr (kKind == Kind::kTriad)
        _mm512_stream_pd(out + j, _mm512_fmadd_pd(scalar, _mm512_load_pd(c + j), _mm512_load_pd(b + j)));
      if constexpr (kKind == Kind::kWrite) _mm512_stream_pd(out + j, two);
    }
    if constexpr (kKind == Kind::kRead) {
      s0 = _mm512_add_pd(s0, _mm512_load_pd(b + i));
      s1 = _mm512_add_pd(s1, _mm512_load_pd(b + i + 8));
      s2 = _mm512_add_pd(s2, _mm512_load_pd(b + i + 16));
      s3 = _mm512_add_pd(s3, _mm512_load_pd(b + i + 24));
    }
  }
  _mm_sfence();
  alignas(64) double lanes[8];
  _mm512_store_pd(lanes, _mm512_add_pd(_mm512_add_pd(s0, s1), _mm512_add_pd(s2, s3)));
  return lanes[0] + lanes[3] + lanes[7];
}
template <Kind kKind>
__attribute__((target("avx2,fma"))) double loop_avx2(double* out, const double* b, const double* c, std::uint64_t n) {
  const __m256d scalar = _mm256_set1_pd(ops::kTriadScalar), two = _mm256_set1_pd(2);
  __m256d s0 = _mm256_setzero_pd(), s1 = s0, s2 = s0, s3 = s0;
  for (std::uint64_t i = 0; i < n; i += 16) {
    for (std::uint64_t j = i; j < i + 16; j += 4) {
      if constexpr (kKind == Kind::kCopy) _mm256_stream_pd(out + j, _mm256_load_pd(b + j));
      if constexpr (kKind == Kind::kScale) _mm256_stream_pd(out + j, _mm256_mul_pd(two, _mm256_load_pd(b + j)));
      if constexpr (kKind == Kind::kAdd)
        _mm256_stream_pd(out + j, _mm256_add_pd(_mm256_load_pd(b + j), _mm256_load_pd(c + j)));
      if constexpr (kKind == Kind::kTriad)
        _mm256_stream_pd(out + j, _mm256_fmadd_pd(scalar, _mm256_load_pd(c + j), _mm256_load_pd(b + j)));
      if constexpr (kKind == Kind::kWrite) _mm256_stream_pd(out + j, two);
    }
    if constexpr (kKind == Kind::kRead) {
      s0 = _mm256_add_pd(s0, _mm256_load_pd(b + i));
      s1 = _mm256_add_pd(s1, _mm256_load_pd(b + i + 4));
      s2 = _mm256_add_pd(s2, _mm256_load_pd(b + i + 8));
      s3 = _mm256_add_pd(s3, _mm256_load_pd(b + i + 12));
    }
  }
  _mm_sfence();
  alignas(32) double lanes[4];
  _mm256_store_pd(lanes, _mm256_add_pd(_mm256_add_pd(s0, s1), _mm256_add_pd(s2, s3)));
  return lanes[0] + lanes[3];
}
#endif
template <Kind kKind>
double loop_portable(double* out, const double* b, const double* c, std::uint64_t n) {
  double sums[4] = {};
  for (std::uint64_t i = 0; i < n; ++i) {
    if constexpr (kKind == Kind::kCopy) out[i] = b[i];
    if constexpr (kKind == Kind::kScale) out[i] = 2 * b[i];
    if constexpr (kKind == Kind::kAdd) out[i] = b[i] + c[i];
    if constexpr (kKind == Kind::kTriad) out[i] = b[i] + ops::kTriadScalar * c[i];
    if constexpr (kKind == Kind::kRead) sums[i % 4] += b[i];
    if constexpr (kKind == Kind::kWrite) out[i] = 2;
  }
  return sums[0] + sums[1] + sums[2] + sums[3];
}

using StreamLoop = double (*)(double*, const double*, const double*, std::uint64_t);
template <Kind kKind>
StreamLoop loop_here() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) return loop_avx512<kKind>;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return loop_avx2<kKind>;
#endif
  return loop_portable<kKind>;
}
StreamLoop loop_of(const std::string& kind) {
  if (kind == "copy") return loop_here<Kind::kCopy>();
  if (kind == "scale") return loop_here<Kind::kScale>();
  if (kind == "add") return loop_here<Kind::kAdd>();
  if (kind == "triad") return loop_here<Kind::kTriad>();
  if (kind == "read") return loop_here<Kind::kRead>();
  if (kind == "write") return loop_here<Kind::kWrite>();
  throw std::runtime_error("there is no stream '" + kind + "'");
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

BareStream::BareStream(const std::string& kind, std::uint64_t bytes)
    : loop_(loop_of(kind)), elements_(bytes / sizeof(double)) {
  const bool one = kind == "read" || kind == "write", two = kind == "copy" || kind == "scale";
  for (std::uint64_t role = 1; role <= (one ? 1U : two ? 2U : 3U); ++role) {
    arrays_.push_back(allocate<double>(elements_));
    fill(arrays_.back(), elements_, ops::stream(1, role));
  }
}

double BareStream::block_ns(std::uint64_t repeats) {
  double sum = 0;
  const std::uint64_t n = arrays_.size();
  const std::int64_t begin = raw_ns();
  for (std::uint64_t i = 0; i < repeats; ++i, ++step_) {
    double* const out = arrays_[step_ % n].get();
    const double* const c = arrays_[(step_ + 1) % n].get();
    const double* const b = arrays_[(step_ + n - 1) % n].get();
#pragma omp parallel reduction(+ : sum)
    {
      const auto threads = static_cast<std::uint64_t>(omp_get_num_threads());
      const auto thread = static_cast<std::uint64_t>(omp_get_thread_num());
      const std::uint64_t share = elements_ / threads / 64 * 64;
      const std::uint64_t first = thread * share;
      sum += loop_(out + first, b + first, c + first, thread + 1 == threads ? elements_ - first : share);
    }
  }
  const auto taken = static_cast<double>(raw_ns() - begin);
  kept_ += sum;
  return taken;
}

}  // namespace geomsu::bench
