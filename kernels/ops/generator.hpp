// The data generator, normative (GENERATOR.md): every value is a pure function of (seed, tensor, index), so that host
// and device make the same operands and nothing bulky crosses a pipe. Header-only, depends on nothing.
#pragma once

#include <cmath>
#include <cstdint>

namespace geomsu::ops {

inline constexpr std::uint64_t kGamma = 0x9E3779B97F4A7C15ULL;  // 2^64 / golden ratio, odd
inline constexpr std::uint64_t kMix1 = 0xBF58476D1CE4E5B9ULL;   // Stafford's variant 13 of the 64-bit finaliser,
inline constexpr std::uint64_t kMix2 = 0x94D049BB133111EBULL;   // as in SplitMix64
inline constexpr std::uint64_t kTensorStep = 0xD6E8FEB86659FD93ULL;

constexpr std::uint64_t finalise(std::uint64_t z) {
  z = (z ^ (z >> 30)) * kMix1;
  z = (z ^ (z >> 27)) * kMix2;
  return z ^ (z >> 31);
}

// One stream a tensor. `tensor` = 16 * operand set + role (roles are listed with each operation).
constexpr std::uint64_t stream(std::uint64_t seed, std::uint64_t tensor) {
  return finalise(seed + (tensor + 1) * kTensorStep);
}
constexpr std::uint64_t at(std::uint64_t stream, std::uint64_t index) {
  return finalise(stream + (index + 1) * kGamma);
}
constexpr std::uint64_t mix64(std::uint64_t seed, std::uint64_t tensor, std::uint64_t index) {
  return at(stream(seed, tensor), index);
}
constexpr std::uint64_t tensor_id(std::uint64_t set, std::uint64_t role) { return 16 * set + role; }

enum class Data : std::uint32_t { kNormal = 0, kUniform = 1, kTrig = 2, kZeros = 3 };

// Integer in [-131070, 131070]: the sum of the four 16-bit fields less its mean. Value = s * 2^-15, sd 1.155.
constexpr std::int32_t normal_sum(std::uint64_t u) {
  return static_cast<std::int32_t>((u & 0xFFFF) + ((u >> 16) & 0xFFFF) + ((u >> 32) & 0xFFFF) + (u >> 48)) - 131070;
}
// Integer in [-2^23, 2^23): value = s * 2^-23.
constexpr std::int32_t uniform_sum(std::uint64_t u) { return static_cast<std::int32_t>(u >> 40) - (1 << 23); }
// A wave of `index` radians (10430 of 65536 parts of a turn), the sine's parabola, in integers so that all make the
// same bits; odd tensors run a quarter turn ahead. Value = s * 2^-15.
constexpr std::int32_t trig_sum(std::uint64_t tensor, std::uint64_t index) {
  const std::uint32_t turn = static_cast<std::uint32_t>((index * 10430u + (tensor & 1) * 16384u) & 0xFFFF);
  const std::int32_t x = static_cast<std::int32_t>(turn) - 32768;
  const std::int32_t magnitude = x < 0 ? -x : x;
  return static_cast<std::int32_t>((static_cast<std::int64_t>(x) * (32768 - magnitude)) / 8192);
}

// The value before rounding to a dtype: exact in fp32 and in double.
constexpr double value(Data data, std::uint64_t stream_key, std::uint64_t tensor, std::uint64_t index) {
  switch (data) {
    case Data::kNormal:
      return normal_sum(at(stream_key, index)) * 0x1p-15;
    case Data::kUniform:
      return uniform_sum(at(stream_key, index)) * 0x1p-23;
    case Data::kTrig:
      return trig_sum(tensor, index) * 0x1p-15;
    case Data::kZeros:
      return 0;
  }
  return 0;
}

// The projection's vector: +1 where bit 63 is clear, -1 where it is set.
inline constexpr std::uint64_t kSignTensor = 0xFFFFFFFFULL;
constexpr double sign_at(std::uint64_t sign_stream, std::uint64_t index) {
  return (at(sign_stream, index) >> 63) != 0 ? -1.0 : 1.0;
}
constexpr std::uint64_t sign_stream(std::uint64_t seed) { return stream(seed, kSignTensor); }

// Digest of a tensor: its bytes in logical order as little-endian 64-bit words (the last one padded with zeros),
// sum over j of finalise(word_j + (j + 1) * kGamma), modulo 2^64. finalise is a bijection, so one changed word always
// changes the digest; the sum makes the order of computation free.
constexpr std::uint64_t digest_word(std::uint64_t word, std::uint64_t j) { return finalise(word + (j + 1) * kGamma); }

}  // namespace geomsu::ops
