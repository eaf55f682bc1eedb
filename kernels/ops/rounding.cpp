#include "kernels/ops/rounding.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace geomsu::ops {
namespace {

constexpr double kMaxDouble = std::numeric_limits<double>::max();

constexpr std::array kDtypes{
    Dtype{"fp64", 8, 53, -1022, kMaxDouble, false, false}, Dtype{"fp32", 4, 24, -126, 0x1.fffffep127, false, false},
    Dtype{"tf32", 4, 11, -126, 0x1.ffcp127, false, false}, Dtype{"bf16", 2, 8, -126, 0x1.fep127, false, false},
    Dtype{"fp16", 2, 11, -14, 65504.0, false, false},      Dtype{"fp8_e4m3", 1, 4, -6, 448.0, true, false},
    Dtype{"fp8_e5m2", 1, 3, -14, 57344.0, true, false},    Dtype{"int8", 1, 0, 0, 63.0, true, true},
    Dtype{"int32", 4, 0, 0, 2147483647.0, false, true},
};

}  // namespace

double Dtype::unit_roundoff() const { return integer ? 0.0 : std::ldexp(1.0, -precision); }

const Dtype* find_dtype(std::string_view name) {
  const auto* found = std::find_if(kDtypes.begin(), kDtypes.end(), [&](const Dtype& d) { return d.name == name; });
  return found == kDtypes.end() ? nullptr : found;
}

double round_to(const Dtype& dtype, double value) {
  if (dtype.integer) return std::clamp(std::nearbyint(value * 16.0), -64.0, 63.0);
  if (dtype.precision == 53 || value == 0 || !std::isfinite(value)) return value;
  // Steps of the format around the value: scalbn is exact, so nearbyint's is the only rounding.
  const int exponent = std::max(std::ilogb(value), static_cast<int>(dtype.min_exponent)) - (dtype.precision - 1);
  const double rounded = std::scalbn(std::nearbyint(std::scalbn(value, -exponent)), exponent);
  if (std::fabs(rounded) <= dtype.largest) return rounded;
  return std::copysign(dtype.saturates ? dtype.largest : std::numeric_limits<double>::infinity(), value);
}

std::uint64_t bits_of(const Dtype& dtype, double rounded) {
  if (dtype.integer) {
    const auto mask = dtype.bytes == 1 ? 0xFFULL : 0xFFFFFFFFULL;
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(rounded)) & mask;
  }
  if (dtype.precision == 53) return std::bit_cast<std::uint64_t>(rounded);
  if (dtype.bytes == 4) return std::bit_cast<std::uint32_t>(static_cast<float>(rounded));
  if (dtype.name == "bf16") return std::bit_cast<std::uint32_t>(static_cast<float>(rounded)) >> 16;
  // The small formats: sign, biased exponent, stored significand; subnormals have a biased exponent of 0.
  const int stored = dtype.precision - 1;
  const std::uint64_t sign = std::signbit(rounded) ? 1u : 0u;
  const double magnitude = std::fabs(rounded);
  const int exponent =
      magnitude == 0 ? dtype.min_exponent : std::max(std::ilogb(magnitude), static_cast<int>(dtype.min_exponent));
  const auto significand = static_cast<std::uint64_t>(std::scalbn(magnitude, stored - exponent));
  const bool normal = (significand >> stored) != 0;
  const auto biased = normal ? static_cast<std::uint64_t>(exponent - dtype.min_exponent + 1) : 0u;
  const auto fraction = significand & ((1ULL << stored) - 1);
  return (sign << (dtype.bytes * 8 - 1)) | (biased << stored) | fraction;
}

}  // namespace geomsu::ops
