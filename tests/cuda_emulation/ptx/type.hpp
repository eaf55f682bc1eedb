// The fundamental types of PTX, and how a C++ value lies in a register of 64 bits.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace geomsu::emulation::ptx {

enum class Type : std::uint8_t {
  kPred,
  kB8,
  kU8,
  kS8,
  kB16,
  kU16,
  kS16,
  kF16,
  kBf16,
  kB32,
  kU32,
  kS32,
  kF32,
  kF16x2,
  kBf16x2,
  kTf32,
  kB64,
  kU64,
  kS64,
  kF64,
  kF32x2,
  kE4m3x2,
  kE5m2x2
};

std::optional<Type> type_of(std::string_view name);
std::uint32_t bytes_of(Type type);  // a predicate: 1
bool is_signed(Type type);
bool is_integer(Type type);  // with b8 to b64

template <class T>
T value(std::uint64_t bits) {
  static_assert(sizeof(T) <= 8);
  T result;
  std::memcpy(&result, &bits, sizeof(T));
  return result;
}

template <class T>
std::uint64_t bits(T of) {
  std::uint64_t result = 0;
  std::memcpy(&result, &of, sizeof(T));
  return result;
}

constexpr std::uint64_t mask_of(std::uint32_t bytes) { return bytes >= 8 ? ~0ULL : (1ULL << (8 * bytes)) - 1; }

}  // namespace geomsu::emulation::ptx
