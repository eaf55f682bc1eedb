#include "tests/cuda_emulation/ptx/type.hpp"

#include <array>

namespace geomsu::emulation::ptx {
namespace {

struct Row {
  std::string_view name;
  std::uint32_t bytes;
};
// In the order of Type.
constexpr std::array<Row, 23> kRows{{{"pred", 1}, {"b8", 1},    {"u8", 1},     {"s8", 1},     {"b16", 2},   {"u16", 2},
                                     {"s16", 2},  {"f16", 2},   {"bf16", 2},   {"b32", 4},    {"u32", 4},   {"s32", 4},
                                     {"f32", 4},  {"f16x2", 4}, {"bf16x2", 4}, {"tf32", 4},   {"b64", 8},   {"u64", 8},
                                     {"s64", 8},  {"f64", 8},   {"f32x2", 8},  {"e4m3x2", 2}, {"e5m2x2", 2}}};

}  // namespace

std::optional<Type> type_of(std::string_view name) {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (kRows[i].name == name) return static_cast<Type>(i);
  return std::nullopt;
}

std::uint32_t bytes_of(Type type) { return kRows[static_cast<std::size_t>(type)].bytes; }

bool is_signed(Type type) {
  return type == Type::kS8 || type == Type::kS16 || type == Type::kS32 || type == Type::kS64;
}

bool is_integer(Type type) {
  switch (type) {
    case Type::kB8:
    case Type::kU8:
    case Type::kS8:
    case Type::kB16:
    case Type::kU16:
    case Type::kS16:
    case Type::kB32:
    case Type::kU32:
    case Type::kS32:
    case Type::kB64:
    case Type::kU64:
    case Type::kS64:
      return true;
    default:
      return false;
  }
}

}  // namespace geomsu::emulation::ptx
