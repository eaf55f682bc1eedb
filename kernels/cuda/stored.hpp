// How elements are stored, bit by bit, as kernels/ops/rounding.hpp says it. Plain constexpr functions: kernels call
// them too (nvcc's --expt-relaxed-constexpr), so that host and device have one definition. Integers only, but for
// products that are exact: no rounding here depends on how a GPU converts.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "kernels/cuda/element.hpp"
#include "kernels/ops/generator.hpp"

namespace geomsu::cuda {

// v / 2^shift to nearest, ties to even; 1 <= shift <= 31.
constexpr std::uint32_t shifted_to_even(std::uint32_t v, std::uint32_t shift) {
  return (v + ((1U << (shift - 1)) - 1) + ((v >> shift) & 1U)) >> shift;
}

// A format of up to 16 bits: significand bits as stored, exponent of the smallest normal number (less than fp32's),
// width, and the code beyond which none goes: infinity's, or where the format saturates, the largest number's.
template <std::uint32_t kStoredBits, std::int32_t kMinExponent, std::uint32_t kWidth, std::uint32_t kTop>
struct SmallFloat {
  static constexpr std::uint32_t kDrop = 23 - kStoredBits;
  static constexpr std::uint32_t kLeast = static_cast<std::uint32_t>(kMinExponent + 127);  // its exponent in fp32

  // From the bits of a finite fp32.
  static constexpr std::uint32_t narrow(std::uint32_t bits) {
    const std::uint32_t magnitude = bits & 0x7FFFFFFFU, exponent = magnitude >> 23;
    std::uint32_t code = 0;
    if (exponent >= kLeast) {
      code = std::min(shifted_to_even(magnitude, kDrop) - ((kLeast - 1) << kStoredBits), kTop);
    } else if (const std::uint32_t shift = kDrop + kLeast - exponent; shift <= 24) {  // else less than half the least
      code = shifted_to_even((magnitude & 0x7FFFFFU) | 0x800000U, shift);
    }
    return code | (bits >> 31 << (kWidth - 1));
  }

  static constexpr float widen(std::uint32_t code) {
    const std::uint32_t sign = code >> (kWidth - 1), magnitude = code & ((1U << (kWidth - 1)) - 1);
    const std::uint32_t exponent = magnitude >> kStoredBits, fraction = magnitude & ((1U << kStoredBits) - 1);
    constexpr std::uint32_t kAllOnes = (1U << (kWidth - 1 - kStoredBits)) - 1;
    constexpr bool kHasInfinity = kTop >> kStoredBits == kAllOnes && (kTop & ((1U << kStoredBits) - 1)) == 0;
    // OFP8: E5M2 has IEEE's infinities and NaN although it saturates; E4M3 has one NaN, all ones.
    constexpr bool kIeee = kHasInfinity || kStoredBits == 2;
    std::uint32_t bits = (magnitude << kDrop) + ((kLeast - 1) << 23);
    if (exponent == 0) {
      constexpr std::uint32_t kUnit = (kLeast - kStoredBits) << 23;  // the least subnormal
      bits = std::bit_cast<std::uint32_t>(static_cast<float>(fraction) * std::bit_cast<float>(kUnit));
    } else if (kIeee ? exponent == kAllOnes : magnitude == (1U << (kWidth - 1)) - 1) {
      bits = 0x7F800000U | fraction << kDrop;
    }
    return std::bit_cast<float>(bits | sign << 31);
  }
};
using Half = SmallFloat<10, -14, 16, 0x7C00>;
using E4M3 = SmallFloat<3, -6, 8, 0x7E>;
using E5M2 = SmallFloat<2, -14, 8, 0x7B>;

constexpr std::uint32_t bf16_of(std::uint32_t bits) { return shifted_to_even(bits, 16); }
constexpr std::uint32_t tf32_of(std::uint32_t bits) { return shifted_to_even(bits, 13) << 13; }

// A value of the generator before rounding: sum * 2^-bits.
struct Generated {
  std::int32_t sum = 0;
  std::uint32_t bits = 15;
};
constexpr Generated generated(ops::Data data, std::uint64_t key, std::uint64_t tensor, std::uint64_t index) {
  switch (data) {
    case ops::Data::kNormal:
      return {ops::normal_sum(ops::at(key, index)), 15};
    case ops::Data::kUniform:
      return {ops::uniform_sum(ops::at(key, index)), 23};
    case ops::Data::kTrig:
      return {ops::trig_sum(tensor, index), 15};
    case ops::Data::kZeros:
      break;
  }
  return {};
}
constexpr float single_of(Generated g) {  // exact
  return static_cast<float>(g.sum) * std::bit_cast<float>((127U - g.bits) << 23);
}
// clamp(rne(16 * value), -64, 63)
constexpr std::int32_t integer_of(Generated g) {
  const std::uint32_t shift = g.bits - 4;
  const std::int32_t rounded = (g.sum + ((1 << (shift - 1)) - 1) + ((g.sum >> shift) & 1)) >> shift;
  return std::clamp(rounded, -64, 63);
}

// Of an element: the unsigned integer that holds it, how it is made, and what it is as double.
template <Element kElement>
struct Stored;

template <>
struct Stored<Element::kFp64> {
  using Word = std::uint64_t;
  static constexpr Word encode(Generated g) {
    return std::bit_cast<Word>(static_cast<double>(g.sum) *
                               std::bit_cast<double>((1023ULL - static_cast<std::uint64_t>(g.bits)) << 52));
  }
  static constexpr double decode(Word word) { return std::bit_cast<double>(word); }
};
template <>
struct Stored<Element::kFp32> {
  using Word = std::uint32_t;
  static constexpr Word encode(Generated g) { return std::bit_cast<Word>(single_of(g)); }
  static constexpr double decode(Word word) { return static_cast<double>(std::bit_cast<float>(word)); }
};
template <>
struct Stored<Element::kTf32> {
  using Word = std::uint32_t;
  static constexpr Word encode(Generated g) { return tf32_of(std::bit_cast<Word>(single_of(g))); }
  static constexpr double decode(Word word) { return static_cast<double>(std::bit_cast<float>(word)); }
};
template <>
struct Stored<Element::kBf16> {
  using Word = std::uint16_t;
  static constexpr Word encode(Generated g) {
    return static_cast<Word>(bf16_of(std::bit_cast<std::uint32_t>(single_of(g))));
  }
  static constexpr double decode(Word word) {
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(word) << 16));
  }
};
template <typename Format, typename Unsigned>
struct StoredSmall {
  using Word = Unsigned;
  static constexpr Word encode(Generated g) {
    return static_cast<Word>(Format::narrow(std::bit_cast<std::uint32_t>(single_of(g))));
  }
  static constexpr double decode(Word word) { return static_cast<double>(Format::widen(word)); }
};
template <>
struct Stored<Element::kFp16> : StoredSmall<Half, std::uint16_t> {};
template <>
struct Stored<Element::kFp8E4M3> : StoredSmall<E4M3, std::uint8_t> {};
template <>
struct Stored<Element::kFp8E5M2> : StoredSmall<E5M2, std::uint8_t> {};
template <>
struct Stored<Element::kInt8> {
  using Word = std::uint8_t;
  static constexpr Word encode(Generated g) { return static_cast<Word>(integer_of(g)); }
  static constexpr double decode(Word word) { return static_cast<double>(static_cast<std::int8_t>(word)); }
};
template <>
struct Stored<Element::kInt32> {
  using Word = std::uint32_t;
  static constexpr Word encode(Generated g) { return static_cast<Word>(integer_of(g)); }
  static constexpr double decode(Word word) { return static_cast<double>(static_cast<std::int32_t>(word)); }
};

// Calls `body` with Stored of the element.
template <typename Body>
constexpr auto with_stored(Element element, Body&& body) {
  switch (element) {
    case Element::kFp64:
      return body(Stored<Element::kFp64>{});
    case Element::kFp32:
      return body(Stored<Element::kFp32>{});
    case Element::kTf32:
      return body(Stored<Element::kTf32>{});
    case Element::kBf16:
      return body(Stored<Element::kBf16>{});
    case Element::kFp16:
      return body(Stored<Element::kFp16>{});
    case Element::kFp8E4M3:
      return body(Stored<Element::kFp8E4M3>{});
    case Element::kFp8E5M2:
      return body(Stored<Element::kFp8E5M2>{});
    case Element::kInt8:
      return body(Stored<Element::kInt8>{});
    case Element::kInt32:
      break;
  }
  return body(Stored<Element::kInt32>{});
}

}  // namespace geomsu::cuda
