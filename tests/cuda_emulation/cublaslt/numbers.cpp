#include "tests/cuda_emulation/cublaslt/numbers.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "tests/cuda_emulation/runtime/emulation.hpp"

namespace geomsu::emulation::lt {
namespace {

// Sign, exponent and mantissa, as IEEE 754 has them but for what the highest exponent means.
struct Format {
  int exponent_bits, mantissa_bits;
  bool infinite;  // the highest exponent is infinity and NaN; E4M3 has but one NaN, all ones
};
constexpr Format kFp16{5, 10, true}, kE4M3{4, 3, false}, kE5M2{5, 2, true};

double decode(const Format& format, std::uint32_t bits) {
  const std::uint32_t mantissa_mask = (1U << format.mantissa_bits) - 1,
                      exponent_mask = (1U << format.exponent_bits) - 1;
  const std::uint32_t mantissa = bits & mantissa_mask, exponent = bits >> format.mantissa_bits & exponent_mask;
  const int bias = (1 << (format.exponent_bits - 1)) - 1;
  double magnitude = 0;
  if (exponent == exponent_mask && (format.infinite || mantissa == mantissa_mask)) {
    magnitude = format.infinite && mantissa == 0 ? std::numeric_limits<double>::infinity()
                                                 : std::numeric_limits<double>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(mantissa, 1 - bias - format.mantissa_bits);
  } else {
    magnitude =
        std::ldexp(mantissa | 1U << format.mantissa_bits, static_cast<int>(exponent) - bias - format.mantissa_bits);
  }
  const bool negative = (bits >> (format.exponent_bits + format.mantissa_bits) & 1U) != 0;
  return negative ? -magnitude : magnitude;
}

std::array<double, 256> table_of(const Format& format) {
  std::array<double, 256> table{};
  for (std::uint32_t bits = 0; bits < 256; ++bits) table[bits] = decode(format, bits);
  return table;
}

template <typename T>
T raw(const std::byte* from, std::size_t index) {
  T value;
  std::memcpy(&value, from + index * sizeof(T), sizeof(T));
  return value;
}
template <typename T>
void put(std::byte* to, std::size_t index, T value) {
  std::memcpy(to + index * sizeof(T), &value, sizeof(T));
}

std::uint16_t bf16_of(double value) {
  if (std::isnan(value)) return 0x7FC0;
  // 8 significant bits; the smallest step is 2^-133.
  const int exponent = std::max(value == 0 ? -133 : std::ilogb(value) - 7, -133);
  const double rounded = std::isinf(value) ? value : std::ldexp(std::nearbyint(std::ldexp(value, -exponent)), exponent);
  return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(rounded)) >> 16);
}

std::uint16_t fp16_of(double value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  if (std::isnan(value)) return 0x7FFF;
  const double magnitude = std::fabs(value);
  if (magnitude >= 65520) return static_cast<std::uint16_t>(sign | 0x7C00);
  const int step = std::max(magnitude == 0 ? -24 : std::ilogb(magnitude) - 10, -24);
  // In units of the step; a carry into the next exponent comes out right since the fields are adjacent.
  const auto units = static_cast<std::uint32_t>(std::nearbyint(std::ldexp(magnitude, -step)));
  const std::uint32_t field = units < 1024 ? units : units + (static_cast<std::uint32_t>(step + 24) << 10);
  return static_cast<std::uint16_t>(sign | field);
}

}  // namespace

std::size_t bytes_of(cudaDataType type) {
  switch (type) {
    case CUDA_R_64F:
      return 8;
    case CUDA_R_32F:
    case CUDA_R_32I:
      return 4;
    case CUDA_R_16BF:
    case CUDA_R_16F:
      return 2;
    case CUDA_R_8F_E4M3:
    case CUDA_R_8F_E5M2:
    case CUDA_R_8I:
      return 1;
    default:
      return 0;
  }
}

double load(cudaDataType type, const std::byte* from, std::size_t index) {
  static const std::array<double, 256> e4m3 = table_of(kE4M3), e5m2 = table_of(kE5M2);
  switch (type) {
    case CUDA_R_64F:
      return raw<double>(from, index);
    case CUDA_R_32F:
      return static_cast<double>(raw<float>(from, index));
    case CUDA_R_32I:
      return raw<std::int32_t>(from, index);
    case CUDA_R_16BF:
      return static_cast<double>(
          std::bit_cast<float>(static_cast<std::uint32_t>(raw<std::uint16_t>(from, index)) << 16));
    case CUDA_R_16F:
      return decode(kFp16, raw<std::uint16_t>(from, index));
    case CUDA_R_8F_E4M3:
      return e4m3[raw<std::uint8_t>(from, index)];
    case CUDA_R_8F_E5M2:
      return e5m2[raw<std::uint8_t>(from, index)];
    case CUDA_R_8I:
      return raw<std::int8_t>(from, index);
    default:
      die("cuBLASLt: matrix of data type " + std::to_string(type) + " is outside the emulated subset");
  }
}

void store(cudaDataType type, std::byte* to, std::size_t index, double value) {
  switch (type) {
    case CUDA_R_64F:
      return put(to, index, value);
    case CUDA_R_32F:
      return put(to, index, static_cast<float>(value));
    case CUDA_R_32I:
      return put(to, index, static_cast<std::int32_t>(value));
    case CUDA_R_16BF:
      return put(to, index, bf16_of(value));
    case CUDA_R_16F:
      return put(to, index, fp16_of(value));
    default:
      die("cuBLASLt: output of data type " + std::to_string(type) + " is outside the emulated subset");
  }
}

double round_bits(double value, int bits) {
  if (value == 0 || !std::isfinite(value)) return value;
  const int step = std::ilogb(value) - bits + 1;
  return std::ldexp(std::nearbyint(std::ldexp(value, -step)), step);
}

}  // namespace geomsu::emulation::lt
