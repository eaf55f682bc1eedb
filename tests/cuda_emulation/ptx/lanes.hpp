// Loops over the lanes of an instruction, one function a type and operation, so that nothing is decided while it runs.
#pragma once

#include "tests/cuda_emulation/ptx/block.hpp"

namespace geomsu::emulation::ptx {

// F is a lambda without captures; its result is kept in the low bytes of the register.
template <class T, auto F>
void unary(Warp& warp, const Instruction& at, Lanes lanes) {
  std::uint64_t* d = warp.out(at, 0);
  const std::uint64_t* a = warp.in(at, 0);
  each_lane(lanes, [&](std::uint32_t lane) { d[lane] = bits(static_cast<T>(F(value<T>(a[lane])))); });
}

template <class T, auto F>
void binary(Warp& warp, const Instruction& at, Lanes lanes) {
  std::uint64_t* d = warp.out(at, 0);
  const std::uint64_t *a = warp.in(at, 0), *b = warp.in(at, 1);
  each_lane(lanes,
            [&](std::uint32_t lane) { d[lane] = bits(static_cast<T>(F(value<T>(a[lane]), value<T>(b[lane])))); });
}

template <class T, auto F>
void ternary(Warp& warp, const Instruction& at, Lanes lanes) {
  std::uint64_t* d = warp.out(at, 0);
  const std::uint64_t *a = warp.in(at, 0), *b = warp.in(at, 1), *c = warp.in(at, 2);
  each_lane(lanes, [&](std::uint32_t lane) {
    d[lane] = bits(static_cast<T>(F(value<T>(a[lane]), value<T>(b[lane]), value<T>(c[lane]))));
  });
}

// The same operation for each integer type; nullptr for any other. kPick is unary, binary or ternary by arity.
template <auto F>
Instruction::Execute unary_integer(Type type) {
  switch (type) {
    case Type::kS16:
      return unary<std::int16_t, F>;
    case Type::kU16:
    case Type::kB16:
      return unary<std::uint16_t, F>;
    case Type::kS32:
      return unary<std::int32_t, F>;
    case Type::kU32:
    case Type::kB32:
      return unary<std::uint32_t, F>;
    case Type::kS64:
      return unary<std::int64_t, F>;
    case Type::kU64:
    case Type::kB64:
      return unary<std::uint64_t, F>;
    default:
      return nullptr;
  }
}

template <auto F>
Instruction::Execute binary_integer(Type type) {
  switch (type) {
    case Type::kS16:
      return binary<std::int16_t, F>;
    case Type::kU16:
    case Type::kB16:
      return binary<std::uint16_t, F>;
    case Type::kS32:
      return binary<std::int32_t, F>;
    case Type::kU32:
    case Type::kB32:
      return binary<std::uint32_t, F>;
    case Type::kS64:
      return binary<std::int64_t, F>;
    case Type::kU64:
    case Type::kB64:
      return binary<std::uint64_t, F>;
    default:
      return nullptr;
  }
}

template <auto F>
Instruction::Execute ternary_integer(Type type) {
  switch (type) {
    case Type::kS16:
      return ternary<std::int16_t, F>;
    case Type::kU16:
    case Type::kB16:
      return ternary<std::uint16_t, F>;
    case Type::kS32:
      return ternary<std::int32_t, F>;
    case Type::kU32:
    case Type::kB32:
      return ternary<std::uint32_t, F>;
    case Type::kS64:
      return ternary<std::int64_t, F>;
    case Type::kU64:
    case Type::kB64:
      return ternary<std::uint64_t, F>;
    default:
      return nullptr;
  }
}

}  // namespace geomsu::emulation::ptx
