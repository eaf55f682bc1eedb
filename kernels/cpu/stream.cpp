#include "kernels/cpu/stream.hpp"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of GCC 12's own _mm512_undefined_pd(): its bug 105593
#endif
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

void scale_sse2(double* to, const double* from, double scalar, std::uint64_t count) {
  const __m128d s = _mm_set1_pd(scalar);
  for (std::uint64_t i = 0; i < count; i += 2) _mm_stream_pd(to + i, _mm_mul_pd(s, _mm_load_pd(from + i)));
}
void scale_sse2(float* to, const float* from, float scalar, std::uint64_t count) {
  const __m128 s = _mm_set1_ps(scalar);
  for (std::uint64_t i = 0; i < count; i += 4) _mm_stream_ps(to + i, _mm_mul_ps(s, _mm_load_ps(from + i)));
}
GEOMSU_AVX2 void scale_avx2(double* to, const double* from, double scalar, std::uint64_t count) {
  const __m256d s = _mm256_set1_pd(scalar);
  for (std::uint64_t i = 0; i < count; i += 8) {
    const __m256d y0 = _mm256_mul_pd(s, _mm256_load_pd(from + i)), y1 = _mm256_mul_pd(s, _mm256_load_pd(from + i + 4));
    _mm256_stream_pd(to + i, y0);
    _mm256_stream_pd(to + i + 4, y1);
  }
}
GEOMSU_AVX2 void scale_avx2(float* to, const float* from, float scalar, std::uint64_t count) {
  const __m256 s = _mm256_set1_ps(scalar);
  for (std::uint64_t i = 0; i < count; i += 16) {
    const __m256 y0 = _mm256_mul_ps(s, _mm256_load_ps(from + i)), y1 = _mm256_mul_ps(s, _mm256_load_ps(from + i + 8));
    _mm256_stream_ps(to + i, y0);
    _mm256_stream_ps(to + i + 8, y1);
  }
}
GEOMSU_AVX512 void scale_avx512(double* to, const double* from, double scalar, std::uint64_t count) {
  const __m512d s = _mm512_set1_pd(scalar);
  for (std::uint64_t i = 0; i < count; i += 16) {
    const __m512d y0 = _mm512_mul_pd(s, _mm512_load_pd(from + i)), y1 = _mm512_mul_pd(s, _mm512_load_pd(from + i + 8));
    _mm512_stream_pd(to + i, y0);
    _mm512_stream_pd(to + i + 8, y1);
  }
}
GEOMSU_AVX512 void scale_avx512(float* to, const float* from, float scalar, std::uint64_t count) {
  const __m512 s = _mm512_set1_ps(scalar);
  for (std::uint64_t i = 0; i < count; i += 32) {
    const __m512 y0 = _mm512_mul_ps(s, _mm512_load_ps(from + i)), y1 = _mm512_mul_ps(s, _mm512_load_ps(from + i + 16));
    _mm512_stream_ps(to + i, y0);
    _mm512_stream_ps(to + i + 16, y1);
  }
}

// Four lines at a time, each into sums of its own: loads are what is waited for.
void read_sse2(std::uint32_t* sums, const std::uint32_t* words, std::uint64_t count, std::uint32_t key) {
  const __m128i k = _mm_set1_epi32(static_cast<int>(key));
  __m128i s[4] = {};
  for (std::uint64_t i = 0; i < count; i += 16) {
    const auto* in = reinterpret_cast<const __m128i*>(words + i);
    for (int part = 0; part < 4; ++part) s[part] = _mm_add_epi32(s[part], _mm_xor_si128(k, _mm_load_si128(in + part)));
  }
  for (int part = 0; part < 4; ++part) {
    auto* out = reinterpret_cast<__m128i*>(sums) + part;
    _mm_storeu_si128(out, _mm_add_epi32(_mm_loadu_si128(out), s[part]));
  }
}
GEOMSU_AVX2 void read_avx2(std::uint32_t* sums, const std::uint32_t* words, std::uint64_t count, std::uint32_t key) {
  const __m256i k = _mm256_set1_epi32(static_cast<int>(key));
  __m256i s[8] = {};
  for (std::uint64_t i = 0; i < count; i += 64) {
    const auto* in = reinterpret_cast<const __m256i*>(words + i);
    for (int part = 0; part < 8; ++part)
      s[part] = _mm256_add_epi32(s[part], _mm256_xor_si256(k, _mm256_load_si256(in + part)));
  }
  for (int part = 0; part < 8; ++part) {
    auto* out = reinterpret_cast<__m256i*>(sums) + part % 2;
    _mm256_storeu_si256(out, _mm256_add_epi32(_mm256_loadu_si256(out), s[part]));
  }
}
GEOMSU_AVX512 void read_avx512(std::uint32_t* sums, const std::uint32_t* words, std::uint64_t count,
                               std::uint32_t key) {
  const __m512i k = _mm512_set1_epi32(static_cast<int>(key));
  __m512i s[4] = {};
  for (std::uint64_t i = 0; i < count; i += 64) {
    const auto* in = reinterpret_cast<const __m512i*>(words + i);
    for (int part = 0; part < 4; ++part)
      s[part] = _mm512_add_epi32(s[part], _mm512_xor_si512(k, _mm512_load_si512(in + part)));
  }
  const __m512i all = _mm512_add_epi32(_mm512_add_epi32(s[0], s[1]), _mm512_add_epi32(s[2], s[3]));
  _mm512_storeu_si512(sums, _mm512_add_epi32(_mm512_loadu_si512(sums), all));
}

// The lanes' first values of write's ramp; t of element i is first + i * step.
alignas(64) constexpr std::array<std::uint32_t, 16> kRamp = [] {
  std::array<std::uint32_t, 16> ramp{};
  for (std::uint32_t i = 0; i < 16; ++i) ramp[i] = i * ops::kWriteStep;
  return ramp;
}();
constexpr int step_of(std::uint32_t lanes) { return static_cast<int>(lanes * ops::kWriteStep); }

void write_sse2(float* to, std::uint32_t first, std::uint64_t count) {
  const auto* ramp = reinterpret_cast<const __m128i*>(kRamp.data());
  __m128i t = _mm_add_epi32(_mm_set1_epi32(static_cast<int>(first)), _mm_load_si128(ramp));
  const __m128i step = _mm_set1_epi32(step_of(4));
  const __m128 unit = _mm_set1_ps(0x1p-15F);
  for (std::uint64_t i = 0; i < count; i += 4, t = _mm_add_epi32(t, step))
    _mm_stream_ps(to + i, _mm_mul_ps(unit, _mm_cvtepi32_ps(_mm_srai_epi32(t, 14))));
}
void write_sse2(double* to, std::uint32_t first, std::uint64_t count) {
  const auto* ramp = reinterpret_cast<const __m128i*>(kRamp.data());
  __m128i t = _mm_add_epi32(_mm_set1_epi32(static_cast<int>(first)), _mm_load_si128(ramp));
  const __m128i step = _mm_set1_epi32(step_of(4));
  const __m128d unit = _mm_set1_pd(0x1p-15);
  for (std::uint64_t i = 0; i < count; i += 4, t = _mm_add_epi32(t, step)) {
    const __m128i s = _mm_srai_epi32(t, 14);
    _mm_stream_pd(to + i, _mm_mul_pd(unit, _mm_cvtepi32_pd(s)));
    _mm_stream_pd(to + i + 2, _mm_mul_pd(unit, _mm_cvtepi32_pd(_mm_unpackhi_epi64(s, s))));
  }
}
GEOMSU_AVX2 void write_avx2(float* to, std::uint32_t first, std::uint64_t count) {
  const auto* ramp = reinterpret_cast<const __m256i*>(kRamp.data());
  const __m256i start = _mm256_set1_epi32(static_cast<int>(first)), step = _mm256_set1_epi32(step_of(16));
  __m256i t0 = _mm256_add_epi32(start, _mm256_load_si256(ramp)),
          t1 = _mm256_add_epi32(start, _mm256_load_si256(ramp + 1));
  const __m256 unit = _mm256_set1_ps(0x1p-15F);
  for (std::uint64_t i = 0; i < count; i += 16) {
    _mm256_stream_ps(to + i, _mm256_mul_ps(unit, _mm256_cvtepi32_ps(_mm256_srai_epi32(t0, 14))));
    _mm256_stream_ps(to + i + 8, _mm256_mul_ps(unit, _mm256_cvtepi32_ps(_mm256_srai_epi32(t1, 14))));
    t0 = _mm256_add_epi32(t0, step);
    t1 = _mm256_add_epi32(t1, step);
  }
}
GEOMSU_AVX2 void write_avx2(double* to, std::uint32_t first, std::uint64_t count) {
  const auto* ramp = reinterpret_cast<const __m128i*>(kRamp.data());
  const __m128i start = _mm_set1_epi32(static_cast<int>(first)), step = _mm_set1_epi32(step_of(8));
  __m128i t0 = _mm_add_epi32(start, _mm_load_si128(ramp)), t1 = _mm_add_epi32(start, _mm_load_si128(ramp + 1));
  const __m256d unit = _mm256_set1_pd(0x1p-15);
  for (std::uint64_t i = 0; i < count; i += 8) {
    _mm256_stream_pd(to + i, _mm256_mul_pd(unit, _mm256_cvtepi32_pd(_mm_srai_epi32(t0, 14))));
    _mm256_stream_pd(to + i + 4, _mm256_mul_pd(unit, _mm256_cvtepi32_pd(_mm_srai_epi32(t1, 14))));
    t0 = _mm_add_epi32(t0, step);
    t1 = _mm_add_epi32(t1, step);
  }
}
GEOMSU_AVX512 void write_avx512(float* to, std::uint32_t first, std::uint64_t count) {
  __m512i t = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(first)), _mm512_load_si512(kRamp.data()));
  const __m512i step = _mm512_set1_epi32(step_of(16));
  const __m512 unit = _mm512_set1_ps(0x1p-15F);
  for (std::uint64_t i = 0; i < count; i += 16, t = _mm512_add_epi32(t, step))
    _mm512_stream_ps(to + i, _mm512_mul_ps(unit, _mm512_cvtepi32_ps(_mm512_srai_epi32(t, 14))));
}
GEOMSU_AVX512 void write_avx512(double* to, std::uint32_t first, std::uint64_t count) {
  const auto* ramp = reinterpret_cast<const __m256i*>(kRamp.data());
  __m256i t = _mm256_add_epi32(_mm256_set1_epi32(static_cast<int>(first)), _mm256_load_si256(ramp));
  const __m256i step = _mm256_set1_epi32(step_of(8));
  const __m512d unit = _mm512_set1_pd(0x1p-15);
  for (std::uint64_t i = 0; i < count; i += 8, t = _mm256_add_epi32(t, step))
    _mm512_stream_pd(to + i, _mm512_mul_pd(unit, _mm512_cvtepi32_pd(_mm256_srai_epi32(t, 14))));
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

template <typename T>
void scale(ops::Isa isa, T* to, const T* from, T scalar, std::uint64_t count) {
  switch (with_fma(isa)) {
    case ops::Isa::kAvx512:
      scale_avx512(to, from, scalar, count);
      break;
    case ops::Isa::kAvx2:
      scale_avx2(to, from, scalar, count);
      break;
    case ops::Isa::kPortable:
      scale_sse2(to, from, scalar, count);
      break;
  }
  _mm_sfence();
}

void read(ops::Isa isa, ops::ReadSums& sums, const std::uint32_t* words, std::uint64_t count, std::uint32_t key) {
  if (isa == ops::Isa::kAvx512) return read_avx512(sums.data(), words, count, key);
  if (with_fma(isa) == ops::Isa::kAvx2) return read_avx2(sums.data(), words, count, key);
  read_sse2(sums.data(), words, count, key);
}

template <typename T>
void write(ops::Isa isa, T* to, std::uint32_t first, std::uint64_t count) {
  switch (with_fma(isa)) {
    case ops::Isa::kAvx512:
      write_avx512(to, first, count);
      break;
    case ops::Isa::kAvx2:
      write_avx2(to, first, count);
      break;
    case ops::Isa::kPortable:
      write_sse2(to, first, count);
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

template <typename T>
void scale(ops::Isa, T* to, const T* from, T scalar, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) to[i] = scalar * from[i];
}

void read(ops::Isa, ops::ReadSums& sums, const std::uint32_t* words, std::uint64_t count, std::uint32_t key) {
  ops::ReadSums own = sums;
  for (std::uint64_t i = 0; i < count; i += ops::kReadLanes) {
    for (std::uint64_t lane = 0; lane < ops::kReadLanes; ++lane) own[lane] += words[i + lane] ^ key;
  }
  sums = own;
}

template <typename T>
void write(ops::Isa, T* to, std::uint32_t first, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) to[i] = static_cast<T>(ops::write_sum(first, i)) * static_cast<T>(0x1p-15);
}

#endif

}  // namespace

void copy_part(ops::Isa isa, double* to, const double* from, std::uint64_t count) {
  copy_bytes(isa, to, from, count * 8);
}
void copy_part(ops::Isa isa, float* to, const float* from, std::uint64_t count) {
  copy_bytes(isa, to, from, count * 4);
}
void scale_part(ops::Isa isa, double* to, const double* from, double scalar, std::uint64_t count) {
  scale(isa, to, from, scalar, count);
}
void scale_part(ops::Isa isa, float* to, const float* from, float scalar, std::uint64_t count) {
  scale(isa, to, from, scalar, count);
}
void triad_part(ops::Isa isa, double* to, const double* a, const double* b, double scalar, std::uint64_t count) {
  triad(isa, to, a, b, scalar, count);
}
void triad_part(ops::Isa isa, float* to, const float* a, const float* b, float scalar, std::uint64_t count) {
  triad(isa, to, a, b, scalar, count);
}
void read_part(ops::Isa isa, ops::ReadSums& sums, const std::uint32_t* words, std::uint64_t count, std::uint32_t key) {
  read(isa, sums, words, count, key);
}
void write_part(ops::Isa isa, double* to, std::uint32_t key, std::uint64_t first, std::uint64_t count) {
  write(isa, to, key + static_cast<std::uint32_t>(first) * ops::kWriteStep, count);
}
void write_part(ops::Isa isa, float* to, std::uint32_t key, std::uint64_t first, std::uint64_t count) {
  write(isa, to, key + static_cast<std::uint32_t>(first) * ops::kWriteStep, count);
}

}  // namespace geomsu::cpu
