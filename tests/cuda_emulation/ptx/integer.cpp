// Integer arithmetic without carry.
#include <algorithm>
#include <limits>
#include <type_traits>

#include "tests/cuda_emulation/ptx/decoder.hpp"
#include "tests/cuda_emulation/ptx/lanes.hpp"

namespace geomsu::emulation::ptx {
namespace {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

template <class T>
using Twice = std::conditional_t<
    sizeof(T) == 8, std::conditional_t<std::is_signed_v<T>, Int128, Uint128>,
    std::conditional_t<sizeof(T) == 4, std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>,
                       std::conditional_t<std::is_signed_v<T>, std::int32_t, std::uint32_t>>>;

// Wrapping arithmetic: in 64 unsigned bits, cut by the caller.
template <class T>
std::uint64_t word(T a) {
  return static_cast<std::uint64_t>(a);
}

constexpr auto kAdd = [](auto a, auto b) { return word(a) + word(b); };
constexpr auto kSub = [](auto a, auto b) { return word(a) - word(b); };
constexpr auto kMul = [](auto a, auto b) { return word(a) * word(b); };
constexpr auto kMad = [](auto a, auto b, auto c) { return word(a) * word(b) + word(c); };
constexpr auto kMulHigh = [](auto a, auto b) {
  using T = decltype(a);
  return static_cast<T>((static_cast<Twice<T>>(a) * static_cast<Twice<T>>(b)) >> (8 * sizeof(T)));
};
constexpr auto kMadHigh = [](auto a, auto b, auto c) { return word(kMulHigh(a, b)) + word(c); };
// A division by zero gives all ones, its remainder the dividend, as machine code does.
constexpr auto kDiv = [](auto a, auto b) {
  using T = decltype(a);
  if (b == 0) return static_cast<T>(~T{0});
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return static_cast<T>(0 - word(a));
  return static_cast<T>(a / b);
};
constexpr auto kRem = [](auto a, auto b) {
  using T = decltype(a);
  if (b == 0) return a;
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return T{0};
  return static_cast<T>(a % b);
};
constexpr auto kMin = [](auto a, auto b) { return std::min(a, b); };
constexpr auto kMax = [](auto a, auto b) { return std::max(a, b); };
constexpr auto kNeg = [](auto a) { return 0 - word(a); };
constexpr auto kAbs = [](auto a) { return a < 0 ? 0 - word(a) : word(a); };
constexpr auto kSad = [](auto a, auto b, auto c) { return word(c) + (a < b ? word(b) - word(a) : word(a) - word(b)); };

constexpr auto kAddSat = [](std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(
      std::int64_t{a} + b, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
};
constexpr auto kSubSat = [](std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(
      std::int64_t{a} - b, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
};

// d is twice as wide as a and b.
template <class T, bool kPlus>
void wide(Warp& warp, const Instruction& at, Lanes lanes) {
  std::uint64_t* d = warp.out(at, 0);
  each_lane(lanes, [&](std::uint32_t lane) {
    const auto product =
        static_cast<Twice<T>>(value<T>(warp.in(at, 0)[lane])) * static_cast<Twice<T>>(value<T>(warp.in(at, 1)[lane]));
    const std::uint64_t plus = kPlus ? warp.in(at, 2)[lane] : 0;
    d[lane] = (static_cast<std::uint64_t>(product) + plus) & mask_of(2 * sizeof(T));
  });
}

template <bool kPlus>
Instruction::Execute wide_of(Type type) {
  switch (type) {
    case Type::kS16:
      return wide<std::int16_t, kPlus>;
    case Type::kU16:
      return wide<std::uint16_t, kPlus>;
    case Type::kS32:
      return wide<std::int32_t, kPlus>;
    case Type::kU32:
      return wide<std::uint32_t, kPlus>;
    default:
      return nullptr;
  }
}

Type twice(Type type) { return bytes_of(type) == 2 ? Type::kB32 : Type::kB64; }

}  // namespace

void decode_integer_arithmetic(Decoder& d, Type type) {
  const std::string& name = d.opcode();
  if (name == "mul" || name == "mad") {
    const bool mad = name == "mad";
    const std::size_t half = d.one_of("which half", {"lo", "hi", "wide"});
    if (half == 2) {
      d.out(0, twice(type));
      d.in(1, type);
      d.in(2, type);
      if (mad) d.in(3, twice(type));
      return d.execute(mad ? wide_of<true>(type) : wide_of<false>(type));
    }
    d.same(type, mad ? 3 : 2);
    if (half == 0) return d.execute(mad ? ternary_integer<kMad>(type) : binary_integer<kMul>(type));
    return d.execute(mad ? ternary_integer<kMadHigh>(type) : binary_integer<kMulHigh>(type));
  }
  if (name == "neg" || name == "abs") {
    if (!is_signed(type)) d.refuse("a signed type is wanted");
    d.same(type, 1);
    return d.execute(name == "neg" ? unary_integer<kNeg>(type) : unary_integer<kAbs>(type));
  }
  const bool saturate = (name == "add" || name == "sub") && d.take("sat");
  if (saturate && type != Type::kS32) d.refuse("only s32 saturates");
  d.same(type, 2);
  if (saturate) return d.execute(name == "add" ? binary<std::int32_t, kAddSat> : binary<std::int32_t, kSubSat>);
  if (name == "add") return d.execute(binary_integer<kAdd>(type));
  if (name == "sub") return d.execute(binary_integer<kSub>(type));
  if (name == "min") return d.execute(binary_integer<kMin>(type));
  if (name == "max") return d.execute(binary_integer<kMax>(type));
  if (name == "div") return d.execute(binary_integer<kDiv>(type));
  d.refuse("it has no integer form");
}

namespace {

void decode_rem(Decoder& d) {
  const Type type = d.type();
  d.same(type, 2);
  d.execute(binary_integer<kRem>(type));
}

void decode_sad(Decoder& d) {
  const Type type = d.type();
  d.same(type, 3);
  d.execute(ternary_integer<kSad>(type));
}

// 24 bits of a and b: the low or the high 32 bits of a product of 48.
template <class T, bool kHigh, bool kPlus>
void mul24(Warp& warp, const Instruction& at, Lanes lanes) {
  const auto cut = [](std::uint64_t of) {
    if constexpr (std::is_signed_v<T>)
      return static_cast<std::int64_t>(of << 40) >> 40;
    else
      return static_cast<std::int64_t>(of & 0xffffff);
  };
  each_lane(lanes, [&](std::uint32_t lane) {
    const auto product = static_cast<std::uint64_t>(cut(warp.in(at, 0)[lane]) * cut(warp.in(at, 1)[lane]));
    const std::uint64_t plus = kPlus ? warp.in(at, 2)[lane] : 0;
    warp.out(at, 0)[lane] = ((kHigh ? product >> 16 : product) + plus) & mask_of(4);
  });
}

template <bool kPlus>
void decode_24(Decoder& d) {
  const bool high = d.one_of("which half", {"lo", "hi"}) == 1;
  const Type type = d.type_among({Type::kU32, Type::kS32});
  d.same(type, kPlus ? 3 : 2);
  if (type == Type::kU32)
    return d.execute(high ? mul24<std::uint32_t, true, kPlus> : mul24<std::uint32_t, false, kPlus>);
  d.execute(high ? mul24<std::int32_t, true, kPlus> : mul24<std::int32_t, false, kPlus>);
}

// option: 1 where a is signed; option2: 1 where b is.
void dp4a(Warp& warp, const Instruction& at, Lanes lanes) {
  const auto byte = [](std::uint64_t word, int i, bool is_negative) {
    const auto raw = static_cast<std::uint8_t>(word >> (8 * i));
    return is_negative ? std::int64_t{static_cast<std::int8_t>(raw)} : std::int64_t{raw};
  };
  each_lane(lanes, [&](std::uint32_t lane) {
    std::uint64_t sum = warp.in(at, 2)[lane];
    for (int i = 0; i < 4; ++i)
      sum += static_cast<std::uint64_t>(byte(warp.in(at, 0)[lane], i, at.option != 0) *
                                        byte(warp.in(at, 1)[lane], i, at.option2 != 0));
    warp.out(at, 0)[lane] = sum & mask_of(4);
  });
}

void decode_dp4a(Decoder& d) {
  d.instruction.option = d.type_among({Type::kU32, Type::kS32}) == Type::kS32 ? 1 : 0;
  d.instruction.option2 = d.type_among({Type::kU32, Type::kS32}) == Type::kS32 ? 1 : 0;
  d.same(Type::kB32, 3);
  d.execute(dp4a);
}

constexpr Opcode kOpcodes[] = {{"rem", decode_rem},
                               {"sad", decode_sad},
                               {"mul24", decode_24<false>},
                               {"mad24", decode_24<true>},
                               {"dp4a", decode_dp4a}};

}  // namespace

std::span<const Opcode> integer_opcodes() { return kOpcodes; }

}  // namespace geomsu::emulation::ptx
