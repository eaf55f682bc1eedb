// Each loop is written once, forced inline into one function an instruction set, and vectorised there by the compiler.
#include "kernels/ops/fill.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#define GEOMSU_INLINE inline __attribute__((always_inline))
#if defined(__x86_64__)
#define GEOMSU_AVX2 __attribute__((target("avx2")))
#define GEOMSU_AVX512 __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,prefer-vector-width=512")))
#endif

namespace geomsu::ops {
namespace {

struct Values {
  Data data;
  std::uint64_t stream_key, tensor, first, step;
};

// The sum of the four fields as two 32-bit halves side by side: fewer steps than generator.hpp's, the same integer.
GEOMSU_INLINE std::int32_t packed_normal_sum(std::uint64_t u) {
  const std::uint64_t pairs = (u & 0x0000FFFF0000FFFFULL) + ((u >> 16) & 0x0000FFFF0000FFFFULL);
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(pairs + (pairs >> 32))) - 131070;
}

// The value s * 2^-kBits as T stores it, to nearest, ties to even: the bits of round_to(), without branches.
template <typename T, int kBits>
GEOMSU_INLINE T stored(std::int32_t s) {
  constexpr float kUnit = kBits == 15 ? 0x1p-15F : 0x1p-23F;
  if constexpr (std::is_same_v<T, std::int8_t>) {
    constexpr int kShift = kBits - 4;  // sixteen times the value
    const std::int32_t rounded = (s + ((1 << (kShift - 1)) - 1) + ((s >> kShift) & 1)) >> kShift;
    return static_cast<std::int8_t>(std::min(std::max(rounded, -64), 63));
  } else if constexpr (std::is_same_v<T, Bf16>) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(s) * kUnit);  // finite and far from the largest
    return {static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16)};
  } else if constexpr (std::is_same_v<T, Fp16>) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(s) * kUnit);
    const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
    const std::uint32_t normal = (magnitude - (112U << 23) + 0xFFF + ((magnitude >> 13) & 1)) >> 13;
    // Below 2^-14 halves are multiples of 2^-24, which is what floats from 0.5 on are: the addition rounds.
    const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5F) - 0x3F000000U;
    const auto below = static_cast<std::uint32_t>(static_cast<std::int32_t>(magnitude - (113U << 23)) >> 31);
    const std::uint32_t half = (subnormal & below) | (normal & ~below);  // a choice that AVX2 has lanes for
    return {static_cast<std::uint16_t>(half | ((bits >> 16) & 0x8000U))};
  } else {
    return static_cast<T>(s) * static_cast<T>(kUnit);
  }
}

template <typename T>
GEOMSU_INLINE void fill_loop(T* out, std::size_t count, const Values& v) {
  // A running sum where a product per element would cost a third multiplication.
  std::uint64_t z = v.stream_key + (v.first + 1) * kGamma;
  const std::uint64_t step = v.step * kGamma;
  switch (v.data) {
    case Data::kNormal:
      for (std::size_t i = 0; i < count; ++i, z += step) {
        out[i] = stored<T, 15>(packed_normal_sum(finalise(z)));
      }
      return;
    case Data::kUniform:
      for (std::size_t i = 0; i < count; ++i, z += step) {
        out[i] = stored<T, 23>(uniform_sum(finalise(z)));
      }
      return;
    case Data::kTrig:
      for (std::size_t i = 0; i < count; ++i) {
        out[i] = stored<T, 15>(trig_sum(v.tensor, v.first + i * v.step));
      }
      return;
    case Data::kZeros:
      for (std::size_t i = 0; i < count; ++i) out[i] = T{};
      return;
  }
}

GEOMSU_INLINE void sign_loop(double* out, std::size_t count, std::uint64_t key, std::uint64_t first) {
  std::uint64_t z = key + (first + 1) * kGamma;
  for (std::size_t i = 0; i < count; ++i, z += kGamma) {
    const auto high = static_cast<std::int32_t>(finalise(z) >> 32);
    out[i] = static_cast<double>(1 + 2 * (high >> 31));
  }
}

GEOMSU_INLINE std::uint64_t digest_loop(const std::byte* bytes, std::size_t words, std::uint64_t first_word) {
  std::uint64_t sum = 0;
  std::uint64_t z = (first_word + 1) * kGamma;
  for (std::size_t j = 0; j < words; ++j, z += kGamma) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + 8 * j, 8);
    sum += finalise(word + z);
  }
  return sum;
}

template <typename T>
void fill_portable(T* out, std::size_t count, const Values& v) {
  fill_loop(out, count, v);
}
void sign_portable(double* out, std::size_t count, std::uint64_t key, std::uint64_t first) {
  sign_loop(out, count, key, first);
}
std::uint64_t digest_portable(const std::byte* p, std::size_t words, std::uint64_t first) {
  return digest_loop(p, words, first);
}

#if defined(__x86_64__)
template <typename T>
GEOMSU_AVX2 void fill_avx2(T* out, std::size_t count, const Values& v) {
  fill_loop(out, count, v);
}
template <typename T>
GEOMSU_AVX512 void fill_avx512(T* out, std::size_t count, const Values& v) {
  fill_loop(out, count, v);
}
GEOMSU_AVX2 void sign_avx2(double* out, std::size_t count, std::uint64_t key, std::uint64_t first) {
  sign_loop(out, count, key, first);
}
GEOMSU_AVX512 void sign_avx512(double* out, std::size_t count, std::uint64_t key, std::uint64_t first) {
  sign_loop(out, count, key, first);
}
GEOMSU_AVX2 std::uint64_t digest_avx2(const std::byte* p, std::size_t words, std::uint64_t first) {
  return digest_loop(p, words, first);
}
GEOMSU_AVX512 std::uint64_t digest_avx512(const std::byte* p, std::size_t words, std::uint64_t first) {
  return digest_loop(p, words, first);
}
#endif

template <typename T>
void fill_by(Isa isa, std::span<T> out, const Values& v) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return fill_avx512(out.data(), out.size(), v);
  if (isa == Isa::kAvx2) return fill_avx2(out.data(), out.size(), v);
#else
  static_cast<void>(isa);
#endif
  fill_portable(out.data(), out.size(), v);
}

}  // namespace

std::vector<Isa> isas_here() {
  std::vector<Isa> isas{Isa::kPortable};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) isas.push_back(Isa::kAvx2);
  if (best_isa() == Isa::kAvx512) isas.push_back(Isa::kAvx512);
#endif
  return isas;
}

Isa best_isa() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw")) {
    return Isa::kAvx512;
  }
  if (__builtin_cpu_supports("avx2")) return Isa::kAvx2;
#endif
  return Isa::kPortable;
}

std::string_view to_string(Isa isa) {
  switch (isa) {
    case Isa::kPortable:
      return "portable";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
  }
  return "unknown";
}

void fill(Isa isa, std::span<float> out, Data data, std::uint64_t key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step) {
  fill_by(isa, out, Values{data, key, tensor, first, step});
}
void fill(std::span<float> out, Data data, std::uint64_t key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step) {
  fill(best_isa(), out, data, key, tensor, first, step);
}
void fill(Isa isa, std::span<double> out, Data data, std::uint64_t key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step) {
  fill_by(isa, out, Values{data, key, tensor, first, step});
}
void fill(std::span<double> out, Data data, std::uint64_t key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step) {
  fill(best_isa(), out, data, key, tensor, first, step);
}
void fill(Isa isa, std::span<std::int8_t> out, Data data, std::uint64_t key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step) {
  fill_by(isa, out, Values{data, key, tensor, first, step});
}
void fill(std::span<std::int8_t> out, Data data, std::uint64_t key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step) {
  fill(best_isa(), out, data, key, tensor, first, step);
}
void fill(Isa isa, std::span<Bf16> out, Data data, std::uint64_t key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step) {
  fill_by(isa, out, Values{data, key, tensor, first, step});
}
void fill(std::span<Bf16> out, Data data, std::uint64_t key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step) {
  fill(best_isa(), out, data, key, tensor, first, step);
}
void fill(Isa isa, std::span<Fp16> out, Data data, std::uint64_t key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step) {
  fill_by(isa, out, Values{data, key, tensor, first, step});
}
void fill(std::span<Fp16> out, Data data, std::uint64_t key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step) {
  fill(best_isa(), out, data, key, tensor, first, step);
}

void fill_signs(Isa isa, std::span<double> out, std::uint64_t key, std::uint64_t first) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return sign_avx512(out.data(), out.size(), key, first);
  if (isa == Isa::kAvx2) return sign_avx2(out.data(), out.size(), key, first);
#else
  static_cast<void>(isa);
#endif
  sign_portable(out.data(), out.size(), key, first);
}
void fill_signs(std::span<double> out, std::uint64_t key, std::uint64_t first) {
  fill_signs(best_isa(), out, key, first);
}

std::uint64_t digest(Isa isa, std::span<const std::byte> bytes, std::uint64_t first_word) {
  const std::size_t words = bytes.size() / 8;
  std::uint64_t sum = 0;
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) {
    sum = digest_avx512(bytes.data(), words, first_word);
  } else if (isa == Isa::kAvx2) {
    sum = digest_avx2(bytes.data(), words, first_word);
  } else {
    sum = digest_portable(bytes.data(), words, first_word);
  }
#else
  static_cast<void>(isa);
  sum = digest_portable(bytes.data(), words, first_word);
#endif
  if (bytes.size() % 8 != 0) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + 8 * words, bytes.size() % 8);
    sum += digest_word(word, first_word + words);
  }
  return sum;
}
std::uint64_t digest(std::span<const std::byte> bytes, std::uint64_t first_word) {
  return digest(best_isa(), bytes, first_word);
}

}  // namespace geomsu::ops
