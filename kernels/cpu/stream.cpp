#include "kernels/cpu/stream.hpp"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define GEOMSU_AVX2 __attribute__((target("avx2,fma")))
#define GEOMSU_AVX512 __attribute__((target("avx512f")))
#endif

namespace geomsu::cpu {
namespace {

#if defined(__x86_64__)

// The baseline of x86-64, SSE2, has stores past the caches too.
// Unrolled by one cache line and more, so that whole lines leave the write-combining buffers.
void copy_sse2(void* to, const void* from, std::uint64_t bytes) {
  auto* out = static_cast<__m128i*>(to);
  const auto* in = static_cast<const __m128i*>(from);
  for (std::uint64_t i = 0; i < bytes / 16; i += 4) {
    const __m128i x0 = _mm_load_si128(in + i), x1 = _mm_load_si128(in + i + 1), x2 = _mm_load_si128(in + i + 2),
                  x3 = _mm_load_si128(in + i + 3);
    _mm_stream_si128(out + i, x0);
    _mm_stream_si128(out + i + 1, x1);
    _mm_stream_si128(out + i + 2, x2);
    _mm_stream_si128(out + i + 3, x3);
  }
}
GEOMSU_AVX2 void copy_avx2(void* to, const void* from, std::uint64_t bytes) {
  auto* out = static_cast<__m256i*>(to);
  const auto* in = static_cast<const __m256i*>(from);
  for (std::uint64_t i = 0; i < bytes / 32; i += 4) {
    const __m256i x0 = _mm256_load_si256(in + i), x1 = _mm256_load_si256(in + i + 1),
                  x2 = _mm256_load_si256(in + i + 2), x3 = _mm256_load_si256(in + i + 3);
    _mm256_stream_si256(out + i, x0);
    _mm256_stream_si256(out + i + 1, x1);
    _mm256_stream_si256(out + i + 2, x2);
    _mm256_stream_si256(out + i + 3, x3);
  }
}
GEOMSU_AVX512 void copy_avx512(void* to, const void* from, std::uint64_t bytes) {
  auto* out = static_cast<__m512i*>(to);
  const auto* in = static_cast<const __m512i*>(from);
  for (std::uint64_t i = 0; i < bytes / 64; i += 4) {
    const __m512i x0 = _mm512_load_si512(in + i), x1 = _mm512_load_si512(in + i + 1),
                  x2 = _mm512_load_si512(in + i + 2), x3 = _mm512_load_si512(in + i + 3);
    _mm512_stream_si512(out + i, x0);
    _mm512_stream_si512(out + i + 1, x1);
    _mm512_stream_si512(out + i + 2, x2);
    _mm512_stream_si512(out + i + 3, x3);
  }
}

void triad_sse2(double* to, const double* a, const double* b, double scalar, std::uint64_t count) {
  const __m128d s = _mm_set1_pd(scalar);
  for (std::uint64_t i = 0; i < count; i += 2) {
    _mm_stream_pd(to + i, _mm_add_pd(_mm_load_pd(a + i), _mm_mul_pd(s, _mm_load_pd(b + i))));
  }
}
void triad_sse2(float* to, const float* a, const float* b, float scalar, std::uint64_t count) {
  const __m128 s = _mm_set1_ps(scalar);
  for (std::uint64_t i = 0; i < count; i += 4) {
    _mm_stream_ps(to + i, _mm_add_ps(_mm_load_ps(a + i), _mm_mul_ps(s, _mm_load_ps(b + i))));
  }
}
GEOMSU_AVX2 void triad_avx2(double* to, const double* a, const double* b, double scalar, std::uint64_t count) {
  const __m256d s = _mm256_set1_pd(scalar);
  for (std::uint64_t i = 0; i < count; i += 8) {
    const __m256d y0 = _mm256_fmadd_pd(s, _mm256_load_pd(b + i), _mm256_load_pd(a + i));
    const __m256d y1 = _mm256_fmadd_pd(s, _mm256_load_pd(b + i + 4), _mm256_load_pd(a + i + 4));
    _mm256_stream_pd(to + i, y0);
    _mm256_stream_pd(to + i + 4, y1);
  }
}
GEOMSU_AVX2 void triad_avx2(float* to, const float* a, const float* b, float scalar, std::uint64_t count) {
  const __m256 s = _mm256_set1_ps(scalar);
  for (std::uint64_t i = 0; i < count; i += 16) {
    const __m256 y0 = _mm256_fmadd_ps(s, _mm256_load_ps(b + i), _mm256_load_ps(a + i));
    const __m256 y1 = _mm256_fmadd_ps(s, _mm256_load_ps(b + i + 8), _mm256_load_ps(a + i + 8));
    _mm256_stream_ps(to + i, y0);
    _mm256_stream_ps(to + i + 8, y1);
  }
}
GEOMSU_AVX512 void triad_avx512(double* to, const double* a, const double* b, double scalar, std::uint64_t count) {
  const __m512d s = _mm512_set1_pd(scalar);
  for (std::uint64_t i = 0; i < count; i += 16) {
    const __m512d y0 = _mm512_fmadd_pd(s, _mm512_load_pd(b + i), _mm512_load_pd(a + i));
    const __m512d y1 = _mm512_fmadd_pd(s, _mm512_load_pd(b + i + 8), _mm512_load_pd(a + i + 8));
    _mm512_stream_pd(to + i, y0);
    _mm512_stream_pd(to + i + 8, y1);
  }
}
GEOMSU_AVX512 void triad_avx512(float* to, const float* a, const float* b, float scalar, std::uint64_t count) {
  const __m512 s = _mm512_set1_ps(scalar);
  for (std::uint64_t i = 0; i < count; i += 32) {
    const __m512 y0 = _mm512_fmadd_ps(s, _mm512_load_ps(b + i), _mm512_load_ps(a + i));
    const __m512 y1 = _mm512_fmadd_ps(s, _mm512_load_ps(b + i + 16), _mm512_load_ps(a + i + 16));
    _mm512_stream_ps(to + i, y0);
    _mm512_stream_ps(to + i + 16, y1);
  }
}

// fma comes with AVX2 on every processor made, but is a flag of its own.
ops::Isa with_fma(ops::Isa isa) {
  return isa == ops::Isa::kAvx2 && !__builtin_cpu_supports("fma") ? ops::Isa::kPortable : isa;
}

void copy_bytes(ops::Isa isa, void* to, const void* from, std::uint64_t bytes) {
  switch (with_fma(isa)) {
    case ops::Isa::kAvx512:
      copy_avx512(to, from, bytes);
      break;
    case ops::Isa::kAvx2:
      copy_avx2(to, from, bytes);
      break;
    case ops::Isa::kPortable:
      copy_sse2(to, from, bytes);
      break;
  }
  _mm_sfence();
}

template <typename T>
void triad(ops::Isa isa, T* to, const T* a, const T* b, T scalar, std::uint64_t count) {
  switch (with_fma(isa)) {
    case ops::Isa::kAvx512:
      triad_avx512(to, a, b, scalar, count);
      break;
    case ops::Isa::kAvx2:
      triad_avx2(to, a, b, scalar, count);
      break;
    case ops::Isa::kPortable:
      triad_sse2(to, a, b, scalar, count);
      break;
  }
  _mm_sfence();
}

#else

// Elsewhere plain loops: aarch64 cores recognise whole-line stores and do not read the line first.
void copy_bytes(ops::Isa, void* to, const void* from, std::uint64_t bytes) { std::memcpy(to, from, bytes); }

template <typename T>
void triad(ops::Isa, T* to, const T* a, const T* b, T scalar, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) to[i] = a[i] + scalar * b[i];
}

#endif

}  // namespace

void copy_part(ops::Isa isa, double* to, const double* from, std::uint64_t count) {
  copy_bytes(isa, to, from, count * 8);
}
void copy_part(ops::Isa isa, float* to, const float* from, std::uint64_t count) {
  copy_bytes(isa, to, from, count * 4);
}
void triad_part(ops::Isa isa, double* to, const double* a, const double* b, double scalar, std::uint64_t count) {
  triad(isa, to, a, b, scalar, count);
}
void triad_part(ops::Isa isa, float* to, const float* a, const float* b, float scalar, std::uint64_t count) {
  triad(isa, to, a, b, scalar, count);
}

}  // namespace geomsu::cpu
