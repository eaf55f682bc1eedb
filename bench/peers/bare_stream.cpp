#include "bench/peers/bare_stream.hpp"

#include <array>
#include <numeric>

#include <omp.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "bench/peers/bare.hpp"
#include "harness/base/error.hpp"
#include "kernels/ops/memory.hpp"
#include "kernels/ops/params.hpp"

namespace geomsu::bench {
namespace {

// A loop over n doubles, a multiple of 8: out from x and y. What a reader gets comes back, so that it is not left out.
using Loop = double (*)(double* out, const double* x, const double* y, std::uint64_t n);

struct Loops {
  const char* isa;
  Loop copy, scale, add, triad, read, write;
};

constexpr double kScalar = ops::kTriadScalar;

#ifdef __x86_64__
#define GEOMSU_AVX512 __attribute__((target("avx512f")))
#define GEOMSU_AVX2 __attribute__((target("avx2,fma")))

GEOMSU_AVX512 double copy_avx512(double* out, const double* x, const double*, std::uint64_t n) {
#pragma GCC unroll 4
  for (std::uint64_t i = 0; i < n; i += 8) _mm512_stream_pd(out + i, _mm512_load_pd(x + i));
  _mm_sfence();
  return 0;
}
GEOMSU_AVX512 double scale_avx512(double* out, const double* x, const double*, std::uint64_t n) {
  const __m512d s = _mm512_set1_pd(kScalar);
#pragma GCC unroll 4
  for (std::uint64_t i = 0; i < n; i += 8) _mm512_stream_pd(out + i, _mm512_mul_pd(s, _mm512_load_pd(x + i)));
  _mm_sfence();
  return 0;
}
GEOMSU_AVX512 double add_avx512(double* out, const double* x, const double* y, std::uint64_t n) {
#pragma GCC unroll 4
  for (std::uint64_t i = 0; i < n; i += 8)
    _mm512_stream_pd(out + i, _mm512_add_pd(_mm512_load_pd(x + i), _mm512_load_pd(y + i)));
  _mm_sfence();
  return 0;
}
GEOMSU_AVX512 double triad_avx512(double* out, const double* x, const double* y, std::uint64_t n) {
  const __m512d s = _mm512_set1_pd(kScalar);
#pragma GCC unroll 4
  for (std::uint64_t i = 0; i < n; i += 8)
    _mm512_stream_pd(out + i, _mm512_fmadd_pd(s, _mm512_load_pd(y + i), _mm512_load_pd(x + i)));
  _mm_sfence();
  return 0;
}
// Four sums, so that no addition waits for the one before.
GEOMSU_AVX512 double read_avx512(double*, const double* x, const double*, std::uint64_t n) {
  __m512d s0 = _mm512_setzero_pd(), s1 = s0, s2 = s0, s3 = s0;
  for (std::uint64_t i = 0; i + 32 <= n; i += 32) {
    s0 = _mm512_add_pd(s0, _mm512_load_pd(x + i));
    s1 = _mm512_add_pd(s1, _mm512_load_pd(x + i + 8));
    s2 = _mm512_add_pd(s2, _mm512_load_pd(x + i + 16));
    s3 = _mm512_add_pd(s3, _mm512_load_pd(x + i + 24));
  }
  for (std::uint64_t i = n / 32 * 32; i < n; i += 8) s0 = _mm512_add_pd(s0, _mm512_load_pd(x + i));
  std::array<double, 8> parts{};
  _mm512_storeu_pd(parts.data(), _mm512_add_pd(_mm512_add_pd(s0, s1), _mm512_add_pd(s2, s3)));
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}
GEOMSU_AVX512 double write_avx512(double* out, const double*, const double*, std::uint64_t n) {
  const __m512d s = _mm512_set1_pd(kScalar);
#pragma GCC unroll 4
  for (std::uint64_t i = 0; i < n; i += 8) _mm512_stream_pd(out + i, s);
  _mm_sfence();
  return 0;
}

GEOMSU_AVX2 double copy_avx2(double* out, const double* x, const double*, std::uint64_t n) {
#pragma GCC unroll 4
  for (std::uint64_t i = 0; i < n; i += 4) _mm256_stream_pd(out + i, _mm256_load_pd(x + i));
  _mm_sfence();
  return 0;
}
GEOMSU_AVX2 double scale_avx2(double* out, const double* x, const double*, std::uint64_t n) {
  const __m256d s = _mm256_set1_pd(kScalar);
#pragma GCC unroll 4
  for (std::uint64_t i = 0; i < n; i += 4) _mm256_stream_pd(out + i, _mm256_mul_pd(s, _mm256_load_pd(x + i)));
  _mm_sfence();
  return 0;
}
GEOMSU_AVX2 double add_avx2(double* out, const double* x, const double* y, std::uint64_t n) {
#pragma GCC unroll 4
  for (std::uint64_t i = 0; i < n; i += 4)
    _mm256_stream_pd(out + i, _mm256_add_pd(_mm256_load_pd(x + i), _mm256_load_pd(y + i)));
  _mm_sfence();
  return 0;
}
GEOMSU_AVX2 double triad_avx2(double* out, const double* x, const double* y, std::uint64_t n) {
  const __m256d s = _mm256_set1_pd(kScalar);
#pragma GCC unroll 4
  for (std::uint64_t i = 0; i < n; i += 4)
    _mm256_stream_pd(out + i, _mm256_fmadd_pd(s, _mm256_load_pd(y + i), _mm256_load_pd(x + i)));
  _mm_sfence();
  return 0;
}
GEOMSU_AVX2 double read_avx2(double*, const double* x, const double*, std::uint64_t n) {
  __m256d s0 = _mm256_setzero_pd(), s1 = s0, s2 = s0, s3 = s0;
  for (std::uint64_t i = 0; i + 16 <= n; i += 16) {
    s0 = _mm256_add_pd(s0, _mm256_load_pd(x + i));
    s1 = _mm256_add_pd(s1, _mm256_load_pd(x + i + 4));
    s2 = _mm256_add_pd(s2, _mm256_load_pd(x + i + 8));
    s3 = _mm256_add_pd(s3, _mm256_load_pd(x + i + 12));
  }
  for (std::uint64_t i = n / 16 * 16; i < n; i += 4) s0 = _mm256_add_pd(s0, _mm256_load_pd(x + i));
  std::array<double, 4> parts{};
  _mm256_storeu_pd(parts.data(), _mm256_add_pd(_mm256_add_pd(s0, s1), _mm256_add_pd(s2, s3)));
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}
GEOMSU_AVX2 double write_avx2(double* out, const double*, const double*, std::uint64_t n) {
  const __m256d s = _mm256_set1_pd(kScalar);
#pragma GCC unroll 4
  for (std::uint64_t i = 0; i < n; i += 4) _mm256_stream_pd(out + i, s);
  _mm_sfence();
  return 0;
}
#endif

double copy_plain(double* out, const double* x, const double*, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) out[i] = x[i];
  return 0;
}
double scale_plain(double* out, const double* x, const double*, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) out[i] = kScalar * x[i];
  return 0;
}
double add_plain(double* out, const double* x, const double* y, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) out[i] = x[i] + y[i];
  return 0;
}
double triad_plain(double* out, const double* x, const double* y, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) out[i] = x[i] + kScalar * y[i];
  return 0;
}
double read_plain(double*, const double* x, const double*, std::uint64_t n) {
  std::array<double, 8> sums{};
  for (std::uint64_t i = 0; i < n; i += 8) {
    for (std::uint64_t lane = 0; lane < 8; ++lane) sums[lane] += x[i + lane];
  }
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}
double write_plain(double* out, const double*, const double*, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) out[i] = kScalar;
  return 0;
}

Loops loops_here() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f"))
    return {"avx512 with non-temporal stores",
            copy_avx512,
            scale_avx512,
            add_avx512,
            triad_avx512,
            read_avx512,
            write_avx512};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {"avx2 with non-temporal stores", copy_avx2, scale_avx2, add_avx2, triad_avx2, read_avx2, write_avx2};
#endif
  return {"plain loops", copy_plain, scale_plain, add_plain, triad_plain, read_plain, write_plain};
}

class BareStream final : public Side {
 public:
  BareStream(Loop loop, std::uint64_t arrays, std::uint64_t bytes, std::string words)
      : loop_(loop), elements_(bytes / sizeof(double)) {
    words_ = std::move(words);
    for (std::uint64_t i = 0; i < arrays; ++i) {
      arrays_.push_back(allocate<double>(elements_));
      fill_normal(arrays_.back().get(), elements_, ops::tensor_id(0, i + 1));
    }
  }

 protected:
  double do_block_ns(std::uint64_t repeats) override {
    const std::uint64_t count = arrays_.size();
    double seen = 0;
    const std::int64_t begin = raw_ns();
#pragma omp parallel reduction(+ : seen)
    {
      const auto threads = static_cast<std::uint64_t>(omp_get_num_threads());
      const auto thread = static_cast<std::uint64_t>(omp_get_thread_num());
      const std::uint64_t share = elements_ / threads / 8 * 8, first = thread * share;
      const std::uint64_t length = thread + 1 == threads ? elements_ - first : share;
      for (std::uint64_t i = 0; i < repeats; ++i) {
        const std::uint64_t turn = step_ + i;
        seen += loop_(arrays_[turn % count].get() + first, arrays_[(turn + count - 1) % count].get() + first,
                      arrays_[(turn + 1) % count].get() + first, length);
#pragma omp barrier
      }
    }
    const auto took = static_cast<double>(raw_ns() - begin);
    step_ += repeats;
    seen_ = seen;
    return took;
  }

 private:
  Loop loop_;
  std::uint64_t elements_, step_ = 0;
  std::vector<Buffer<double>> arrays_;
  volatile double seen_ = 0;  // what was read counts as used
};

}  // namespace

std::unique_ptr<Side> make_bare_stream(const BareRequest& request) {
  const std::string& kind = ops::text_of(request.params, "kind");
  if (ops::text_of(request.params, "dtype") != "fp64") {
    throw Error(ErrorCode::kUnavailable, "the bare loops are fp64 alone");
  }
  const Loops loops = loops_here();
  const std::uint64_t bytes = ops::count_of(request.params, "bytes");
  const std::string words = kind + ", " + loops.isa;
  if (kind == "copy") return std::make_unique<BareStream>(loops.copy, 2, bytes, words);
  if (kind == "scale") return std::make_unique<BareStream>(loops.scale, 2, bytes, words);
  if (kind == "add") return std::make_unique<BareStream>(loops.add, 3, bytes, words);
  if (kind == "triad") return std::make_unique<BareStream>(loops.triad, 3, bytes, words);
  if (kind == "read") return std::make_unique<BareStream>(loops.read, 1, bytes, words);
  if (kind == "write") return std::make_unique<BareStream>(loops.write, 1, bytes, words);
  throw Error(ErrorCode::kUnavailable, "there is no bare loop for memory " + kind);
}

}  // namespace geomsu::bench
