// setp, set, selp, slct.
#include <cmath>
#include <functional>
#include <type_traits>

#include "tests/cuda_emulation/ptx/decoder.hpp"
#include "tests/cuda_emulation/ptx/lanes.hpp"
#include "tests/cuda_emulation/ptx/number.hpp"

namespace geomsu::emulation::ptx {
namespace {

enum class Cmp : std::uint8_t { kEq, kNe, kLt, kLe, kGt, kGe, kEqu, kNeu, kLtu, kLeu, kGtu, kGeu, kNum, kNan };
enum class With : std::uint32_t { kNothing, kAnd, kOr, kXor };

template <class T>
bool holds(Cmp cmp, T a, T b) {
  bool unordered = false;
  if constexpr (std::is_floating_point_v<T>) unordered = std::isnan(a) || std::isnan(b);
  if (unordered) return cmp >= Cmp::kEqu && cmp != Cmp::kNum;
  switch (cmp) {
    case Cmp::kEq:
    case Cmp::kEqu:
      return a == b;
    case Cmp::kNe:
    case Cmp::kNeu:
      return a != b;
    case Cmp::kLt:
    case Cmp::kLtu:
      return a < b;
    case Cmp::kLe:
    case Cmp::kLeu:
      return a <= b;
    case Cmp::kGt:
    case Cmp::kGtu:
      return a > b;
    case Cmp::kGe:
    case Cmp::kGeu:
      return a >= b;
    case Cmp::kNum:
      return true;
    case Cmp::kNan:
      return false;
  }
  return false;
}

double single_of(std::uint64_t word, bool flush) {
  if (flush && (word & 0x7f800000) == 0) word &= 0x80000000;
  return static_cast<double>(value<float>(word));
}

bool compare(Type type, Cmp cmp, std::uint64_t a, std::uint64_t b, bool flush) {
  switch (type) {
    case Type::kS16:
      return holds(cmp, value<std::int16_t>(a), value<std::int16_t>(b));
    case Type::kS32:
      return holds(cmp, value<std::int32_t>(a), value<std::int32_t>(b));
    case Type::kS64:
      return holds(cmp, value<std::int64_t>(a), value<std::int64_t>(b));
    case Type::kF32:
      return holds(cmp, single_of(a, flush), single_of(b, flush));
    case Type::kF64:
      return holds(cmp, value<double>(a), value<double>(b));
    case Type::kF16:
    case Type::kF16x2:
      return holds(cmp, widen(a & 0xffff, kHalf), widen(b & 0xffff, kHalf));
    case Type::kBf16:
    case Type::kBf16x2:
      return holds(cmp, widen(a & 0xffff, kBrain), widen(b & 0xffff, kBrain));
    default:
      return holds(cmp, a, b);
  }
}

struct Comparison {  // as it lies in Instruction::option
  Cmp cmp;
  With with;
  Type type, to;
  bool negated, flush;
};

std::uint32_t packed(const Comparison& c) {
  return static_cast<std::uint32_t>(c.cmp) | static_cast<std::uint32_t>(c.with) << 4 |
         static_cast<std::uint32_t>(c.type) << 8 | static_cast<std::uint32_t>(c.to) << 16 | (c.negated ? 1U << 24 : 0) |
         (c.flush ? 1U << 25 : 0);
}
Comparison unpacked(std::uint32_t word) {
  return {static_cast<Cmp>(word & 15),
          static_cast<With>(word >> 4 & 15),
          static_cast<Type>(word >> 8 & 255),
          static_cast<Type>(word >> 16 & 255),
          (word >> 24 & 1) != 0,
          (word >> 25 & 1) != 0};
}

bool combined(const Comparison& how, bool answer, bool other) {
  other = other != how.negated;
  switch (how.with) {
    case With::kNothing:
      return answer;
    case With::kAnd:
      return answer && other;
    case With::kOr:
      return answer || other;
    case With::kXor:
      return answer != other;
  }
  return answer;
}

void setp(Warp& warp, const Instruction& at, Lanes lanes) {
  const Comparison how = unpacked(at.option);
  const bool two = how.type == Type::kF16x2 || how.type == Type::kBf16x2;
  const std::uint64_t *a = warp.in(at, 0), *b = warp.in(at, 1), *c = warp.in(at, at.in.size() - 1);
  each_lane(lanes, [&](std::uint32_t lane) {
    const bool other = (c[lane] & 1) != 0;  // only looked at where there is a third input
    const bool answer = compare(how.type, how.cmp, a[lane], b[lane], how.flush);
    const bool high = two && compare(how.type, how.cmp, a[lane] >> 16, b[lane] >> 16, how.flush);
    const bool first = combined(how, answer, other), second = combined(how, two ? high : !answer, other);
    warp.out(at, 0)[lane] = first ? 1 : 0;
    if (at.out.size() > 1) warp.out(at, 1)[lane] = second ? 1 : 0;
  });
}

template <class T, class F>
void answers(Warp& warp, const Instruction& at, Lanes lanes, F holds) {
  std::uint64_t* d = warp.out(at, 0);
  const std::uint64_t *a = warp.in(at, 0), *b = warp.in(at, 1);
  each_lane(lanes, [&](std::uint32_t lane) { d[lane] = holds(value<T>(a[lane]), value<T>(b[lane])) ? 1 : 0; });
}

// One answer about integers, which is most of what kernels ask: nothing is decided lane by lane.
template <class T>
void setp_integer(Warp& warp, const Instruction& at, Lanes lanes) {
  switch (unpacked(at.option).cmp) {
    case Cmp::kEq:
      return answers<T>(warp, at, lanes, std::equal_to<T>());
    case Cmp::kNe:
      return answers<T>(warp, at, lanes, std::not_equal_to<T>());
    case Cmp::kLt:
      return answers<T>(warp, at, lanes, std::less<T>());
    case Cmp::kLe:
      return answers<T>(warp, at, lanes, std::less_equal<T>());
    case Cmp::kGt:
      return answers<T>(warp, at, lanes, std::greater<T>());
    default:
      return answers<T>(warp, at, lanes, std::greater_equal<T>());
  }
}

void set(Warp& warp, const Instruction& at, Lanes lanes) {
  const Comparison how = unpacked(at.option);
  const bool two = how.type == Type::kF16x2 || how.type == Type::kBf16x2;
  const std::uint64_t *a = warp.in(at, 0), *b = warp.in(at, 1), *c = warp.in(at, at.in.size() - 1);
  const auto yes = [&]() -> std::uint64_t {
    switch (how.to) {
      case Type::kF32:
        return 0x3f800000;
      case Type::kF16:
      case Type::kF16x2:
        return 0x3c00;
      case Type::kBf16:
      case Type::kBf16x2:
        return 0x3f80;
      default:
        return two ? 0xffff : mask_of(bytes_of(how.to));
    }
  }();
  each_lane(lanes, [&](std::uint32_t lane) {
    const bool other = (c[lane] & 1) != 0;
    std::uint64_t word = combined(how, compare(how.type, how.cmp, a[lane], b[lane], how.flush), other) ? yes : 0;
    if (two && combined(how, compare(how.type, how.cmp, a[lane] >> 16, b[lane] >> 16, how.flush), other))
      word |= yes << 16;
    warp.out(at, 0)[lane] = word;
  });
}

Cmp comparison(Decoder& d) {
  const std::size_t which = d.one_of("the comparison", {"eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu",
                                                        "gtu", "geu", "num", "nan", "lo", "ls", "hi", "hs"});
  constexpr Cmp kUnsigned[] = {Cmp::kLt, Cmp::kLe, Cmp::kGt, Cmp::kGe};
  return which < 14 ? static_cast<Cmp>(which) : kUnsigned[which - 14];
}

Comparison common(Decoder& d) {
  Comparison how{comparison(d), With::kNothing, Type::kB32, Type::kPred, false, false};
  if (const auto with = d.any_of({"and", "or", "xor"})) how.with = static_cast<With>(*with + 1);
  how.flush = d.take("ftz");
  return how;
}

void inputs(Decoder& d, Comparison& how) {
  const bool real = !is_integer(how.type);
  if (how.type == Type::kPred || how.type == Type::kTf32 || bytes_of(how.type) == 1 || how.type == Type::kF32x2)
    d.refuse("this type is not compared");
  if (!real && how.cmp >= Cmp::kEqu) d.refuse("integers are always ordered");
  if (how.flush && how.type != Type::kF32) d.refuse("only f32 is flushed");
  d.in(1, how.type);
  d.in(2, how.type);
  if (how.with != With::kNothing) {
    Operand other = d.operand(3);
    how.negated = other.negated;
    other.negated = false;
    d.in(other, Type::kPred);
  }
  d.instruction.option = packed(how);
}

Instruction::Execute setp_of_integers(Type type) {
  return type == Type::kS16   ? setp_integer<std::int16_t>
         : type == Type::kS32 ? setp_integer<std::int32_t>
         : type == Type::kS64 ? setp_integer<std::int64_t>
                              : setp_integer<std::uint64_t>;
}

void decode_setp(Decoder& d) {
  Comparison how = common(d);
  how.type = d.type();
  Operand to = d.operand(0);
  const std::string second = to.second;
  to.second.clear();
  d.out(to, Type::kPred);
  if (!second.empty()) {
    to.name = second;
    d.out(to, Type::kPred);
  } else if (how.type == Type::kF16x2 || how.type == Type::kBf16x2) {
    d.refuse("two predicates are wanted");
  }
  inputs(d, how);
  d.execute(how.with == With::kNothing && second.empty() && is_integer(how.type) ? setp_of_integers(how.type) : setp);
}

void decode_set(Decoder& d) {
  Comparison how = common(d);
  how.to = d.type();
  how.type = d.type();
  const bool two = how.type == Type::kF16x2 || how.type == Type::kBf16x2;
  if (two ? bytes_of(how.to) != 4
          : how.to == Type::kF16x2 || how.to == Type::kBf16x2 || bytes_of(how.to) > 4 || bytes_of(how.to) < 2)
    d.refuse("this type is no answer");
  d.out(0, how.to);
  inputs(d, how);
  d.execute(set);
}

void selp(Warp& warp, const Instruction& at, Lanes lanes) {
  std::uint64_t* d = warp.out(at, 0);
  const std::uint64_t *a = warp.in(at, 0), *b = warp.in(at, 1), *c = warp.in(at, 2);
  each_lane(lanes, [&](std::uint32_t lane) { d[lane] = (c[lane] & 1) != 0 ? a[lane] : b[lane]; });
}

void decode_selp(Decoder& d) {
  const Type type = d.type();
  if (type == Type::kPred) d.refuse("this type is not selected");
  d.same(type, 2);
  d.in(3, Type::kPred);
  d.execute(selp);
}

// a where c >= 0. option: 1 where c is a float; option2: 1 flushes it.
void slct(Warp& warp, const Instruction& at, Lanes lanes) {
  each_lane(lanes, [&](std::uint32_t lane) {
    const std::uint64_t c = warp.in(at, 2)[lane];
    const bool first = at.option != 0 ? single_of(c, at.option2 != 0) >= 0 : value<std::int32_t>(c) >= 0;
    warp.out(at, 0)[lane] = warp.in(at, first ? 0 : 1)[lane];
  });
}

void decode_slct(Decoder& d) {
  d.instruction.option2 = d.take("ftz") ? 1 : 0;
  const Type type = d.type();
  const Type by = d.type_among({Type::kS32, Type::kF32});
  d.instruction.option = by == Type::kF32 ? 1 : 0;
  d.same(type, 2);
  d.in(3, by);
  d.execute(slct);
}

constexpr Opcode kOpcodes[] = {
    {"setp", decode_setp}, {"set", decode_set}, {"selp", decode_selp}, {"slct", decode_slct}};

}  // namespace

std::span<const Opcode> compare_opcodes() { return kOpcodes; }

}  // namespace geomsu::emulation::ptx
