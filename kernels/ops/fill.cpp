// Each loop is written once, forced inline into one function an instruction set, and vectorised there by the compiler.
#include "kernels/ops/fill.hpp"

#include <cstring>

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

template <typename T>
GEOMSU_INLINE void fill_loop(T* out, std::size_t count, const Values& v) {
  // A running sum where a product per element would cost a third multiplication.
  std::uint64_t z = v.stream_key + (v.first + 1) * kGamma;
  const std::uint64_t step = v.step * kGamma;
  switch (v.data) {
    case Data::kNormal:
      for (std::size_t i = 0; i < count; ++i, z += step) {
        out[i] = static_cast<T>(packed_normal_sum(finalise(z))) * static_cast<T>(0x1p-15);
      }
      return;
    case Data::kUniform:
      for (std::size_t i = 0; i < count; ++i, z += step) {
        out[i] = static_cast<T>(uniform_sum(finalise(z))) * static_cast<T>(0x1p-23);
      }
      return;
    case Data::kTrig:
      for (std::size_t i = 0; i < count; ++i) {
        out[i] = static_cast<T>(trig_sum(v.tensor, v.first + i * v.step)) * static_cast<T>(0x1p-15);
      }
      return;
    case Data::kZeros:
      for (std::size_t i = 0; i < count; ++i) out[i] = 0;
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
void fill(Isa isa, std::span<double> out, Data data, std::uint64_t key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step) {
  fill_by(isa, out, Values{data, key, tensor, first, step});
}
void fill(std::span<float> out, Data data, std::uint64_t key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step) {
  fill(best_isa(), out, data, key, tensor, first, step);
}
void fill(std::span<double> out, Data data, std::uint64_t key, std::uint64_t tensor, std::uint64_t first,
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
