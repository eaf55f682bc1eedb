#include "kernels/cpu/exchange.hpp"

#if defined(__x86_64__)

// g++ 12 warns falsely inside its own header (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#define GEOMSU_TARGET __attribute__((target("avx512f,avx512dq,avx512vl,prefer-vector-width=512")))
#include "kernels/cpu/exchange_loops.hpp"

namespace geomsu::cpu {
namespace {

struct Order {
  static void order() { _mm_sfence(); }
};

// What is copied: integers of any size.
template <typename E, ops::ReduceOp kOp>
struct Avx512 : Order {
  using Element = E;
  using Line = __m512i;
  GEOMSU_TARGET static Line load(const E* from) { return _mm512_loadu_si512(from); }
  GEOMSU_TARGET static Line reduce(const Line& a, const Line& b) {
    if constexpr (kOp == ops::ReduceOp::kMax) return _mm512_max_epi32(a, b);
    if constexpr (kOp == ops::ReduceOp::kMin) return _mm512_min_epi32(a, b);
    return _mm512_add_epi32(a, b);
  }
  GEOMSU_TARGET static void store(E* to, const Line& line) { _mm512_store_si512(to, line); }
  GEOMSU_TARGET static void stream(E* to, const Line& line) {
    _mm512_stream_si512(reinterpret_cast<__m512i*>(to), line);
  }
};

template <ops::ReduceOp kOp>
struct Avx512<float, kOp> : Order {
  using Element = float;
  using Line = __m512;
  GEOMSU_TARGET static Line load(const float* from) { return _mm512_loadu_ps(from); }
  GEOMSU_TARGET static Line reduce(const Line& a, const Line& b) {
    if constexpr (kOp == ops::ReduceOp::kMax) return _mm512_max_ps(a, b);
    if constexpr (kOp == ops::ReduceOp::kMin) return _mm512_min_ps(a, b);
    return _mm512_add_ps(a, b);
  }
  GEOMSU_TARGET static void store(float* to, const Line& line) { _mm512_store_ps(to, line); }
  GEOMSU_TARGET static void stream(float* to, const Line& line) { _mm512_stream_ps(to, line); }
};

template <ops::ReduceOp kOp>
struct Avx512<double, kOp> : Order {
  using Element = double;
  using Line = __m512d;
  GEOMSU_TARGET static Line load(const double* from) { return _mm512_loadu_pd(from); }
  GEOMSU_TARGET static Line reduce(const Line& a, const Line& b) {
    if constexpr (kOp == ops::ReduceOp::kMax) return _mm512_max_pd(a, b);
    if constexpr (kOp == ops::ReduceOp::kMin) return _mm512_min_pd(a, b);
    return _mm512_add_pd(a, b);
  }
  GEOMSU_TARGET static void store(double* to, const Line& line) { _mm512_store_pd(to, line); }
  GEOMSU_TARGET static void stream(double* to, const Line& line) { _mm512_stream_pd(to, line); }
};

// Two times sixteen elements, each half of a vector as stored.
template <ops::ReduceOp kOp>
struct Avx512<Bf16, kOp> : Order {
  using Element = Bf16;
  struct Line {
    __m512 low, high;
  };
  GEOMSU_TARGET static __m512 half(const Bf16* from) {
    const __m256i stored = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(stored), 16));
  }
  GEOMSU_TARGET static Line load(const Bf16* from) { return {half(from), half(from + 16)}; }
  GEOMSU_TARGET static Line reduce(const Line& a, const Line& b) {
    return {Avx512<float, kOp>::reduce(a.low, b.low), Avx512<float, kOp>::reduce(a.high, b.high)};
  }
  GEOMSU_TARGET static __m512i rounded(__m512 x) {
    const __m512i bits = _mm512_castps_si512(x);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    return _mm512_srli_epi32(_mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF))), 16);
  }
  GEOMSU_TARGET static __m512i packed(const Line& line) {
    const __m512i low = _mm512_castsi256_si512(_mm512_cvtepi32_epi16(rounded(line.low)));
    return _mm512_inserti64x4(low, _mm512_cvtepi32_epi16(rounded(line.high)), 1);
  }
  GEOMSU_TARGET static void store(Bf16* to, const Line& line) { _mm512_store_si512(to, packed(line)); }
  GEOMSU_TARGET static void stream(Bf16* to, const Line& line) {
    _mm512_stream_si512(reinterpret_cast<__m512i*>(to), packed(line));
  }
};

}  // namespace

Exchange exchange_avx512(std::string_view dtype, ops::ReduceOp op) { return loops_of<Avx512>(dtype, op); }

}  // namespace geomsu::cpu

#else

namespace geomsu::cpu {
Exchange exchange_avx512(std::string_view, ops::ReduceOp) { return nullptr; }
}  // namespace geomsu::cpu

#endif
