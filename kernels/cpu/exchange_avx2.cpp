#include "kernels/cpu/exchange.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#define GEOMSU_TARGET __attribute__((target("avx2")))
#include "kernels/cpu/exchange_loops.hpp"

namespace geomsu::cpu {
namespace {

struct Order {
  static void order() { _mm_sfence(); }
};

// What is copied: integers of any size.
template <typename E, ops::ReduceOp kOp>
struct Avx2 : Order {
  using Element = E;
  struct Line {
    __m256i low, high;
  };
  GEOMSU_TARGET static Line load(const E* from) {
    const auto* at = reinterpret_cast<const __m256i*>(from);
    return {_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1)};
  }
  GEOMSU_TARGET static __m256i each(__m256i a, __m256i b) {
    if constexpr (kOp == ops::ReduceOp::kMax) return _mm256_max_epi32(a, b);
    if constexpr (kOp == ops::ReduceOp::kMin) return _mm256_min_epi32(a, b);
    return _mm256_add_epi32(a, b);
  }
  GEOMSU_TARGET static Line reduce(const Line& a, const Line& b) { return {each(a.low, b.low), each(a.high, b.high)}; }
  GEOMSU_TARGET static void store(E* to, const Line& line) {
    auto* at = reinterpret_cast<__m256i*>(to);
    _mm256_store_si256(at, line.low);
    _mm256_store_si256(at + 1, line.high);
  }
  GEOMSU_TARGET static void stream(E* to, const Line& line) {
    auto* at = reinterpret_cast<__m256i*>(to);
    _mm256_stream_si256(at, line.low);
    _mm256_stream_si256(at + 1, line.high);
  }
};

template <ops::ReduceOp kOp>
struct Avx2<float, kOp> : Order {
  using Element = float;
  struct Line {
    __m256 low, high;
  };
  GEOMSU_TARGET static Line load(const float* from) { return {_mm256_loadu_ps(from), _mm256_loadu_ps(from + 8)}; }
  GEOMSU_TARGET static __m256 each(__m256 a, __m256 b) {
    if constexpr (kOp == ops::ReduceOp::kMax) return _mm256_max_ps(a, b);
    if constexpr (kOp == ops::ReduceOp::kMin) return _mm256_min_ps(a, b);
    return _mm256_add_ps(a, b);
  }
  GEOMSU_TARGET static Line reduce(const Line& a, const Line& b) { return {each(a.low, b.low), each(a.high, b.high)}; }
  GEOMSU_TARGET static void store(float* to, const Line& line) {
    _mm256_store_ps(to, line.low);
    _mm256_store_ps(to + 8, line.high);
  }
  GEOMSU_TARGET static void stream(float* to, const Line& line) {
    _mm256_stream_ps(to, line.low);
    _mm256_stream_ps(to + 8, line.high);
  }
};

template <ops::ReduceOp kOp>
struct Avx2<double, kOp> : Order {
  using Element = double;
  struct Line {
    __m256d low, high;
  };
  GEOMSU_TARGET static Line load(const double* from) { return {_mm256_loadu_pd(from), _mm256_loadu_pd(from + 4)}; }
  GEOMSU_TARGET static __m256d each(__m256d a, __m256d b) {
    if constexpr (kOp == ops::ReduceOp::kMax) return _mm256_max_pd(a, b);
    if constexpr (kOp == ops::ReduceOp::kMin) return _mm256_min_pd(a, b);
    return _mm256_add_pd(a, b);
  }
  GEOMSU_TARGET static Line reduce(const Line& a, const Line& b) { return {each(a.low, b.low), each(a.high, b.high)}; }
  GEOMSU_TARGET static void store(double* to, const Line& line) {
    _mm256_store_pd(to, line.low);
    _mm256_store_pd(to + 4, line.high);
  }
  GEOMSU_TARGET static void stream(double* to, const Line& line) {
    _mm256_stream_pd(to, line.low);
    _mm256_stream_pd(to + 4, line.high);
  }
};

// Four times eight elements, each half of a vector as stored.
template <ops::ReduceOp kOp>
struct Avx2<Bf16, kOp> : Order {
  using Element = Bf16;
  struct Line {
    __m256 quarter[4];
  };
  GEOMSU_TARGET static Line load(const Bf16* from) {
    Line line;
    for (int i = 0; i < 4; ++i) {
      const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from) + i);
      line.quarter[i] = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
    }
    return line;
  }
  GEOMSU_TARGET static Line reduce(const Line& a, const Line& b) {
    Line line;
    for (int i = 0; i < 4; ++i) line.quarter[i] = Avx2<float, kOp>::each(a.quarter[i], b.quarter[i]);
    return line;
  }
  GEOMSU_TARGET static __m256i rounded(__m256 x) {
    const __m256i bits = _mm256_castps_si256(x);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    return _mm256_srli_epi32(_mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7FFF))), 16);
  }
  GEOMSU_TARGET static __m256i packed(__m256 a, __m256 b) {  // within halves of 128 bits, then put in order
    return _mm256_permute4x64_epi64(_mm256_packus_epi32(rounded(a), rounded(b)), 0xD8);
  }
  GEOMSU_TARGET static void store(Bf16* to, const Line& line) {
    auto* at = reinterpret_cast<__m256i*>(to);
    _mm256_store_si256(at, packed(line.quarter[0], line.quarter[1]));
    _mm256_store_si256(at + 1, packed(line.quarter[2], line.quarter[3]));
  }
  GEOMSU_TARGET static void stream(Bf16* to, const Line& line) {
    auto* at = reinterpret_cast<__m256i*>(to);
    _mm256_stream_si256(at, packed(line.quarter[0], line.quarter[1]));
    _mm256_stream_si256(at + 1, packed(line.quarter[2], line.quarter[3]));
  }
};

}  // namespace

Exchange exchange_avx2(std::string_view dtype, ops::ReduceOp op) { return loops_of<Avx2>(dtype, op); }

}  // namespace geomsu::cpu

#else

namespace geomsu::cpu {
Exchange exchange_avx2(std::string_view, ops::ReduceOp) { return nullptr; }
}  // namespace geomsu::cpu

#endif
