// Logic, shifts and bit fields.
#include <algorithm>
#include <type_traits>

#include "tests/cuda_emulation/ptx/decoder.hpp"
#include "tests/cuda_emulation/ptx/lanes.hpp"

namespace geomsu::emulation::ptx {
namespace {

// Logic on 64 bits, cut to the type: predicates too. `bytes` 0: a predicate.
template <auto F>
void logic(Warp& warp, const Instruction& at, Lanes lanes) {
  const std::uint64_t mask = at.bytes == 0 ? 1 : mask_of(at.bytes);
  std::uint64_t* d = warp.out(at, 0);
  const std::uint64_t *a = warp.in(at, 0), *b = warp.in(at, at.in.size() - 1);
  each_lane(lanes, [&](std::uint32_t lane) { d[lane] = F(a[lane], b[lane]) & mask; });
}

template <auto F, std::size_t kInputs>
void decode_logic(Decoder& d) {
  const Type type = d.type_among({Type::kPred, Type::kB16, Type::kB32, Type::kB64});
  d.same(type, kInputs);
  d.instruction.bytes = type == Type::kPred ? 0 : bytes_of(type);
  d.execute(logic<F>);
}

constexpr auto kAnd = [](std::uint64_t a, std::uint64_t b) { return a & b; };
constexpr auto kOr = [](std::uint64_t a, std::uint64_t b) { return a | b; };
constexpr auto kXor = [](std::uint64_t a, std::uint64_t b) { return a ^ b; };
constexpr auto kNot = [](std::uint64_t a, std::uint64_t) { return ~a; };
constexpr auto kCnot = [](std::uint64_t a, std::uint64_t) { return a == 0 ? std::uint64_t{1} : std::uint64_t{0}; };

void lop3(Warp& warp, const Instruction& at, Lanes lanes) {
  each_lane(lanes, [&](std::uint32_t lane) {
    const std::uint64_t a = warp.in(at, 0)[lane], b = warp.in(at, 1)[lane], c = warp.in(at, 2)[lane];
    const std::uint64_t table = warp.in(at, 3)[lane];
    std::uint64_t result = 0;
    for (std::uint32_t i = 0; i < 8; ++i)
      if ((table >> i & 1) != 0) result |= ((i & 4) != 0 ? a : ~a) & ((i & 2) != 0 ? b : ~b) & ((i & 1) != 0 ? c : ~c);
    warp.out(at, 0)[lane] = result & mask_of(4);
  });
}

void decode_lop3(Decoder& d) {
  d.type_among({Type::kB32});
  d.same(Type::kB32, 3);
  if (d.operand(4).kind != Operand::Kind::kNumber) d.refuse("the table of lop3 is a number");
  d.in(4, Type::kB32);
  d.execute(lop3);
}

// Shift counts beyond the width shift everything out.
template <class T>
constexpr auto shifted_left = [](T a, std::uint32_t count) {
  return count >= 8 * sizeof(T) ? std::uint64_t{0} : static_cast<std::uint64_t>(a) << count;
};
template <class T>
constexpr auto shifted_right = [](T a, std::uint32_t count) {
  constexpr std::uint32_t kBits = 8 * sizeof(T);
  if constexpr (std::is_signed_v<T>)
    return static_cast<T>(a >> std::min(count, kBits - 1));
  else
    return count >= kBits ? T{0} : static_cast<T>(a >> count);
};

template <class T, auto F>
void shift(Warp& warp, const Instruction& at, Lanes lanes) {
  std::uint64_t* d = warp.out(at, 0);
  const std::uint64_t *a = warp.in(at, 0), *b = warp.in(at, 1);
  each_lane(lanes, [&](std::uint32_t lane) {
    d[lane] = bits(static_cast<T>(F(value<T>(a[lane]), static_cast<std::uint32_t>(b[lane]))));
  });
}

template <bool kLeft, class T>
constexpr Instruction::Execute shift_of() {
  if constexpr (kLeft)
    return shift<T, shifted_left<T>>;
  else
    return shift<T, shifted_right<T>>;
}

template <bool kLeft>
void decode_shift(Decoder& d) {
  const Type type = d.type();
  if (kLeft && is_signed(type)) d.refuse("a left shift is of bits");
  d.out(0, type);
  d.in(1, type);
  d.in(2, Type::kU32);
  switch (type) {
    case Type::kB16:
    case Type::kU16:
      return d.execute(shift_of<kLeft, std::uint16_t>());
    case Type::kS16:
      return d.execute(shift_of<kLeft, std::int16_t>());
    case Type::kB32:
    case Type::kU32:
      return d.execute(shift_of<kLeft, std::uint32_t>());
    case Type::kS32:
      return d.execute(shift_of<kLeft, std::int32_t>());
    case Type::kB64:
    case Type::kU64:
      return d.execute(shift_of<kLeft, std::uint64_t>());
    case Type::kS64:
      return d.execute(shift_of<kLeft, std::int64_t>());
    default:
      d.execute(nullptr);
  }
}

// option: 0 left, 1 right; option2: 0 clamp, 1 wrap.
void funnel(Warp& warp, const Instruction& at, Lanes lanes) {
  each_lane(lanes, [&](std::uint32_t lane) {
    const std::uint64_t both = warp.in(at, 1)[lane] << 32 | warp.in(at, 0)[lane];
    const auto raw = static_cast<std::uint32_t>(warp.in(at, 2)[lane]);
    const std::uint32_t count = at.option2 == 0 ? std::min(raw, 32U) : raw & 31;
    const std::uint64_t moved = at.option == 0 ? (both << count) >> 32 : both >> count;
    warp.out(at, 0)[lane] = moved & mask_of(4);
  });
}

void decode_shf(Decoder& d) {
  d.instruction.option = static_cast<std::uint32_t>(d.one_of("the direction", {"l", "r"}));
  d.instruction.option2 = static_cast<std::uint32_t>(d.one_of("what a long shift does", {"clamp", "wrap"}));
  d.same(d.type_among({Type::kB32}), 3);
  d.execute(funnel);
}

// option: 0 by selector, else the mode.
void prmt(Warp& warp, const Instruction& at, Lanes lanes) {
  each_lane(lanes, [&](std::uint32_t lane) {
    const std::uint64_t both = warp.in(at, 1)[lane] << 32 | warp.in(at, 0)[lane];
    const std::uint64_t selector = warp.in(at, 2)[lane];
    const auto s = static_cast<std::uint32_t>(selector & 3);
    std::uint64_t result = 0;
    for (std::uint32_t i = 0; i < 4; ++i) {
      std::uint32_t pick = 0;
      switch (at.option) {
        case 0:
          pick = selector >> (4 * i) & 15;
          break;
        case 1:
          pick = s + i;
          break;  // f4e
        case 2:
          pick = (8 + s - i) & 7;
          break;  // b4e
        case 3:
          pick = s;
          break;  // rc8
        case 4:
          pick = std::max(i, s);
          break;  // ecl
        case 5:
          pick = std::min(i, s);
          break;  // ecr
        default:
          pick = (s & 1) * 2 + (i & 1);
          break;  // rc16
      }
      std::uint64_t byte = both >> (8 * (pick & 7)) & 0xff;
      if ((pick & 8) != 0) byte = (byte & 0x80) != 0 ? 0xff : 0;
      result |= byte << (8 * i);
    }
    warp.out(at, 0)[lane] = result;
  });
}

void decode_prmt(Decoder& d) {
  d.type_among({Type::kB32});
  const auto mode = d.any_of({"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"});
  d.instruction.option = mode ? static_cast<std::uint32_t>(*mode) + 1 : 0;
  d.same(Type::kB32, 3);
  d.execute(prmt);
}

template <class T>
void extract(Warp& warp, const Instruction& at, Lanes lanes) {
  constexpr std::uint32_t kTop = 8 * sizeof(T) - 1;
  each_lane(lanes, [&](std::uint32_t lane) {
    const std::uint64_t a = warp.in(at, 0)[lane];
    const std::uint32_t position = warp.in(at, 1)[lane] & 0xff, length = warp.in(at, 2)[lane] & 0xff;
    bool sign = false;
    if (std::is_signed_v<T> && length != 0) sign = (a >> std::min(position + length - 1, kTop) & 1) != 0;
    std::uint64_t result = 0;
    for (std::uint32_t i = 0; i <= kTop; ++i) {
      const bool inside = i < length && position + i <= kTop;
      if (inside ? (a >> (position + i) & 1) != 0 : sign) result |= 1ULL << i;
    }
    warp.out(at, 0)[lane] = result;
  });
}

void decode_bfe(Decoder& d) {
  const Type type = d.type_among({Type::kU32, Type::kS32, Type::kU64, Type::kS64});
  d.out(0, type);
  d.in(1, type);
  d.in(2, Type::kU32);
  d.in(3, Type::kU32);
  d.execute(type == Type::kU32   ? extract<std::uint32_t>
            : type == Type::kS32 ? extract<std::int32_t>
            : type == Type::kU64 ? extract<std::uint64_t>
                                 : extract<std::int64_t>);
}

void insert(Warp& warp, const Instruction& at, Lanes lanes) {
  each_lane(lanes, [&](std::uint32_t lane) {
    const std::uint64_t a = warp.in(at, 0)[lane];
    std::uint64_t result = warp.in(at, 1)[lane];
    const std::uint32_t position = warp.in(at, 2)[lane] & 0xff, length = warp.in(at, 3)[lane] & 0xff;
    for (std::uint32_t i = 0; i < length && position + i < 8 * at.bytes; ++i)
      result = (result & ~(1ULL << (position + i))) | (a >> i & 1) << (position + i);
    warp.out(at, 0)[lane] = result;
  });
}

void decode_bfi(Decoder& d) {
  const Type type = d.type_among({Type::kB32, Type::kB64});
  d.instruction.bytes = bytes_of(type);
  d.same(type, 2);
  d.in(3, Type::kU32);
  d.in(4, Type::kU32);
  d.execute(insert);
}

constexpr auto kReverse = [](auto a) {
  decltype(a) result = 0;
  for (std::size_t i = 0; i < 8 * sizeof a; ++i)
    result = static_cast<decltype(a)>(result | (a >> i & 1) << (8 * sizeof a - 1 - i));
  return result;
};

void decode_brev(Decoder& d) {
  const Type type = d.type_among({Type::kB32, Type::kB64});
  d.same(type, 1);
  d.execute(unary_integer<kReverse>(type));
}

// A count of bits is 32 bits wide whatever it counts in.
template <auto F>
void count_bits(Warp& warp, const Instruction& at, Lanes lanes) {
  each_lane(lanes,
            [&](std::uint32_t lane) { warp.out(at, 0)[lane] = F(warp.in(at, 0)[lane], 8 * at.bytes) & mask_of(4); });
}

constexpr auto kPopc = [](std::uint64_t a, std::uint32_t) {
  return static_cast<std::uint64_t>(__builtin_popcountll(a));
};
constexpr auto kClz = [](std::uint64_t a, std::uint32_t width) {
  return a == 0 ? std::uint64_t{width} : static_cast<std::uint64_t>(__builtin_clzll(a)) - (64 - width);
};

template <auto F>
void decode_count(Decoder& d) {
  const Type type = d.type_among({Type::kB32, Type::kB64});
  d.instruction.bytes = bytes_of(type);
  d.out(0, Type::kU32);
  d.in(1, type);
  d.execute(count_bits<F>);
}

// option: 1 signed; option2: 1 as a shift amount.
void bfind(Warp& warp, const Instruction& at, Lanes lanes) {
  const std::uint32_t width = 8 * at.bytes;
  each_lane(lanes, [&](std::uint32_t lane) {
    std::uint64_t a = warp.in(at, 0)[lane];
    if (at.option != 0 && (a >> (width - 1) & 1) != 0) a = ~a & mask_of(at.bytes);
    const std::uint32_t found = a == 0 ? ~0U : 63U - static_cast<std::uint32_t>(__builtin_clzll(a));
    warp.out(at, 0)[lane] = a != 0 && at.option2 != 0 ? width - 1 - found : found;
  });
}

void decode_bfind(Decoder& d) {
  d.instruction.option2 = d.take("shiftamt") ? 1 : 0;
  const Type type = d.type_among({Type::kU32, Type::kS32, Type::kU64, Type::kS64});
  d.instruction.option = is_signed(type) ? 1 : 0;
  d.instruction.bytes = bytes_of(type);
  d.out(0, Type::kU32);
  d.in(1, type);
  d.execute(bfind);
}

// option: 1 signed; option2: 1 wrap. Extends the low b bits of a.
void szext(Warp& warp, const Instruction& at, Lanes lanes) {
  each_lane(lanes, [&](std::uint32_t lane) {
    const std::uint64_t a = warp.in(at, 0)[lane];
    std::uint64_t length = warp.in(at, 1)[lane];
    if (at.option2 != 0) length &= 31;
    std::uint64_t result = length >= 32 ? a : a & ((1ULL << length) - 1);
    if (at.option != 0 && length != 0 && length < 32 && (a >> (length - 1) & 1) != 0) result |= ~((1ULL << length) - 1);
    warp.out(at, 0)[lane] = result & mask_of(4);
  });
}

void decode_szext(Decoder& d) {
  d.instruction.option2 = static_cast<std::uint32_t>(d.one_of("what a long count does", {"clamp", "wrap"}));
  const Type type = d.type_among({Type::kU32, Type::kS32});
  d.instruction.option = is_signed(type) ? 1 : 0;
  d.same(type, 2);
  d.execute(szext);
}

constexpr Opcode kOpcodes[] = {{"and", decode_logic<kAnd, 2>},
                               {"or", decode_logic<kOr, 2>},
                               {"xor", decode_logic<kXor, 2>},
                               {"not", decode_logic<kNot, 1>},
                               {"cnot", decode_logic<kCnot, 1>},
                               {"lop3", decode_lop3},
                               {"shl", decode_shift<true>},
                               {"shr", decode_shift<false>},
                               {"shf", decode_shf},
                               {"prmt", decode_prmt},
                               {"bfe", decode_bfe},
                               {"bfi", decode_bfi},
                               {"brev", decode_brev},
                               {"popc", decode_count<kPopc>},
                               {"clz", decode_count<kClz>},
                               {"bfind", decode_bfind},
                               {"szext", decode_szext}};

}  // namespace

std::span<const Opcode> bit_opcodes() { return kOpcodes; }

}  // namespace geomsu::emulation::ptx
