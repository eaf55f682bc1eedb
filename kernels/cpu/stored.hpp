// Whole numbers as the dtypes of a collective store them, exactly.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace geomsu::cpu {

// One of the four, at any address: a type with `bytes`, `load` and `store`.
struct StoredFp64 {
  static constexpr std::uint64_t kBytes = 8;
  static double load(const std::byte* from) {
    double value = 0;
    std::memcpy(&value, from, 8);
    return value;
  }
  template <typename T>
  static void store(std::byte* to, T value) {
    const auto wide = static_cast<double>(value);
    std::memcpy(to, &wide, 8);
  }
};
struct StoredFp32 {
  static constexpr std::uint64_t kBytes = 4;
  static double load(const std::byte* from) {
    float value = 0;
    std::memcpy(&value, from, 4);
    return static_cast<double>(value);
  }
  template <typename T>
  static void store(std::byte* to, T value) {
    const auto narrow = static_cast<float>(value);
    std::memcpy(to, &narrow, 4);
  }
};
struct StoredInt32 {
  static constexpr std::uint64_t kBytes = 4;
  static double load(const std::byte* from) {
    std::int32_t value = 0;
    std::memcpy(&value, from, 4);
    return value;
  }
  template <typename T>
  static void store(std::byte* to, T value) {
    const auto whole = static_cast<std::int32_t>(value);
    std::memcpy(to, &whole, 4);
  }
};
struct StoredBf16 {  // the upper half of an fp32
  static constexpr std::uint64_t kBytes = 2;
  static double load(const std::byte* from) {
    std::uint16_t upper = 0;
    std::memcpy(&upper, from, 2);
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(upper) << 16));
  }
  template <typename T>
  static void store(std::byte* to, T value) {
    const auto upper = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16);
    std::memcpy(to, &upper, 2);
  }
};

// Calls `body` with the one that `dtype` names.
template <typename Body>
auto with_stored(std::string_view dtype, Body&& body) {
  if (dtype == "fp64") return body(StoredFp64{});
  if (dtype == "bf16") return body(StoredBf16{});
  if (dtype == "int32") return body(StoredInt32{});
  return body(StoredFp32{});
}

}  // namespace geomsu::cpu
