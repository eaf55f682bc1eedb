// add, sub, mul, fma, min, max, neg, abs, copysign, testp and the exact div, sqrt and rcp; integers of these names are
// handed on.
#include <algorithm>
#include <cmath>

#include "tests/cuda_emulation/ptx/decoder.hpp"
#include "tests/cuda_emulation/ptx/lanes.hpp"
#include "tests/cuda_emulation/ptx/number.hpp"

namespace geomsu::emulation::ptx {
namespace {

enum class Op : std::uint8_t { kAdd, kSub, kMul, kFma, kMin, kMax, kDiv, kSqrt, kRcp };

// In Instruction::option.
constexpr std::uint32_t kFtz = 1, kSat = 2, kRelu = 4, kNanWins = 8, kFormat = 8,
                        kRounding = 16;  // the last two: shifts
constexpr Format kFormats[] = {kHalf, kBrain, kSingle};

template <class T>
T smaller(T a, T b, bool most, bool nan_wins) {
  if (std::isnan(a) || std::isnan(b)) return nan_wins ? a + b : std::isnan(a) ? b : a;
  if (a == b) return std::signbit(a) == most ? b : a;  // -0 is less than +0
  return (a < b) != most ? a : b;
}

// `odd`: rounded to odd, so that one more rounding is exact. Division and square root of 24 bits or fewer are exact
// after double rounding from 53 bits to nearest (Figueroa, 1995).
double compute(Op op, double a, double b, double c, bool nan_wins, Rounding rounding) {
  const auto sum = [&](double x, double y) {
    const double odd = add_odd(x, y);
    return odd == 0 && rounding == Rounding::kDown && (std::signbit(x) || std::signbit(y)) ? -0.0 : odd;
  };
  switch (op) {
    case Op::kAdd:
      return sum(a, b);
    case Op::kSub:
      return sum(a, -b);
    case Op::kMul:
      return a * b;
    case Op::kFma:
      return sum(a * b, c);
    case Op::kMin:
      return smaller(a, b, false, nan_wins);
    case Op::kMax:
      return smaller(a, b, true, nan_wins);
    case Op::kDiv:
      return a / b;
    case Op::kSqrt:
      return std::sqrt(a);
    case Op::kRcp:
      return 1 / a;
  }
  return 0;
}

// Any format, rounding and modifier; two or one numbers a register.
template <Op kOp>
void general(Warp& warp, const Instruction& at, Lanes lanes) {
  const Format& format = kFormats[at.option >> kFormat & 0xff];
  const auto rounding = static_cast<Rounding>(at.option >> kRounding);
  const int width = bits_of(format);
  const std::uint64_t mask = (1ULL << width) - 1, exponents = ((1ULL << format.exponent_bits) - 1)
                                                              << format.mantissa_bits;
  const auto flush = [&](std::uint64_t word) {
    return (at.option & kFtz) != 0 && (word & exponents) == 0 ? word & (1ULL << (width - 1)) : word;
  };
  const std::size_t inputs = at.in.size();
  each_lane(lanes, [&](std::uint32_t lane) {
    std::uint64_t whole = 0;
    for (int part = 0; part < static_cast<int>(8 * at.bytes); part += width) {
      double in[3] = {};
      for (std::size_t i = 0; i < inputs; ++i) in[i] = widen(flush(warp.in(at, i)[lane] >> part & mask), format);
      double result = compute(kOp, in[0], in[1], in[2], (at.option & kNanWins) != 0, rounding);
      if ((kOp == Op::kMin || kOp == Op::kMax) && inputs == 3)
        result = compute(kOp, result, in[2], 0, (at.option & kNanWins) != 0, rounding);
      if ((at.option & kSat) != 0) result = std::isnan(result) ? 0 : std::clamp(result, 0.0, 1.0);
      if ((at.option & kRelu) != 0 && result <= 0) result = 0;
      whole |= flush(narrow(result, format, rounding)) << part;
    }
    warp.out(at, 0)[lane] = whole;
  });
}

// float and double to nearest without modifiers: what most instructions are.
template <class T, Op kOp>
void native(Warp& warp, const Instruction& at, Lanes lanes) {
  std::uint64_t* d = warp.out(at, 0);
  const std::uint64_t *a = warp.in(at, 0), *b = warp.in(at, at.in.size() > 1 ? 1 : 0),
                      *c = warp.in(at, at.in.size() - 1);
  each_lane(lanes, [&](std::uint32_t lane) {
    const T x = value<T>(a[lane]), y = value<T>(b[lane]);
    T result{};
    if constexpr (kOp == Op::kAdd) result = x + y;
    if constexpr (kOp == Op::kSub) result = x - y;
    if constexpr (kOp == Op::kMul) result = x * y;
    if constexpr (kOp == Op::kFma) result = std::fma(x, y, value<T>(c[lane]));
    if constexpr (kOp == Op::kMin) result = smaller(x, y, false, false);
    if constexpr (kOp == Op::kMax) result = smaller(x, y, true, false);
    if constexpr (kOp == Op::kDiv) result = x / y;
    if constexpr (kOp == Op::kSqrt) result = std::sqrt(x);
    if constexpr (kOp == Op::kRcp) result = 1 / x;
    const std::uint64_t nan = sizeof(T) == 4 ? 0x7fffffffULL : 0x7fffffffffffffffULL;
    d[lane] = std::isnan(result) ? nan : bits(result);
  });
}

std::size_t inputs_of(Op op) { return op == Op::kFma ? 3 : op == Op::kSqrt || op == Op::kRcp ? 1 : 2; }

template <Op kOp>
void decode(Decoder& d, Type type) {
  Instruction& made = d.instruction;
  const bool selects = kOp == Op::kMin || kOp == Op::kMax;
  const bool exact = kOp == Op::kDiv || kOp == Op::kSqrt || kOp == Op::kRcp;
  const bool small = type == Type::kF16 || type == Type::kF16x2 || type == Type::kBf16 || type == Type::kBf16x2;
  const bool single = type == Type::kF32 || type == Type::kF32x2;
  if (!small && !single && type != Type::kF64) d.refuse("this type is not known here");
  if (exact && small) d.refuse("this type is not known here");
  auto rounding = Rounding::kNearest;
  if (!selects) {
    const auto named = d.any_of({"rn", "rz", "rm", "rp"});
    if (named) rounding = static_cast<Rounding>(*named);
    if (!named && (exact || kOp == Op::kFma)) d.refuse("a rounding is wanted");
    if (rounding != Rounding::kNearest && (!single || exact)) d.refuse("this rounding is not known here");
  }
  made.option = (type == Type::kF64 ? false : d.take("ftz")) ? kFtz : 0;
  if (!selects && !exact && type != Type::kF64 && d.take("sat")) made.option |= kSat;
  if (kOp == Op::kFma && small && d.take("relu")) made.option |= kRelu;
  if (selects && type != Type::kF64 && d.take("NaN")) made.option |= kNanWins;
  made.bytes = bytes_of(type);
  std::size_t inputs = inputs_of(kOp);
  if (selects && type == Type::kF32 && d.operands() == 4) inputs = 3;
  d.same(type, inputs);
  const bool plain = made.option == 0 && rounding == Rounding::kNearest && inputs == inputs_of(kOp);
  if (type == Type::kF64) return d.execute(native<double, kOp>);
  if (type == Type::kF32 && plain) return d.execute(native<float, kOp>);
  const std::uint32_t format = single ? 2 : type == Type::kBf16 || type == Type::kBf16x2 ? 1 : 0;
  made.option |= format << kFormat | static_cast<std::uint32_t>(rounding) << kRounding;
  d.execute(general<kOp>);
}

bool integer_then(Decoder& d, Type type) {
  if (!is_integer(type)) return false;
  decode_integer_arithmetic(d, type);
  return true;
}

template <Op kOp>
void decode_either(Decoder& d) {
  if ((kOp == Op::kAdd || kOp == Op::kSub) && d.take("cc"))
    return decode_carry(d, kOp == Op::kAdd ? Carry::kAdd : Carry::kSub, false, true);
  const Type type = d.type();
  if (!integer_then(d, type)) decode<kOp>(d, type);
}

void decode_mad(Decoder& d) {
  if (d.take("cc")) return decode_carry(d, Carry::kMadLow, false, true);
  const Type type = d.type();
  if (!integer_then(d, type)) decode<Op::kFma>(d, type);  // mad.rn.f32 is fma
}

void decode_fma(Decoder& d) { decode<Op::kFma>(d, d.type()); }

// Bits of the sign, in each part. option: 1 flips, 0 clears; option2: 1 flushes f32.
void sign(Warp& warp, const Instruction& at, Lanes lanes) {
  const std::uint64_t signs = (1ULL << (8 * at.bytes - 1)) | (at.strong ? 0x8000U : 0U);
  each_lane(lanes, [&](std::uint32_t lane) {
    std::uint64_t a = warp.in(at, 0)[lane];
    if (at.option2 != 0 && (a & 0x7f800000) == 0) a &= 0x80000000;
    warp.out(at, 0)[lane] = at.option != 0 ? a ^ signs : a & ~signs;
  });
}

void decode_sign(Decoder& d) {
  const Type type = d.type();
  if (integer_then(d, type)) return;
  if (type == Type::kF32x2 || type == Type::kTf32 || type == Type::kPred) d.refuse("this type is not known here");
  d.instruction.option = d.opcode() == "neg" ? 1 : 0;
  d.instruction.option2 = type == Type::kF32 && d.take("ftz") ? 1 : 0;
  d.instruction.strong = type == Type::kF16x2 || type == Type::kBf16x2;  // two signs
  d.instruction.bytes = bytes_of(type);
  d.same(type, 1);
  d.execute(sign);
}

// The sign of a, the rest of b.
void copysign(Warp& warp, const Instruction& at, Lanes lanes) {
  const std::uint64_t top = 1ULL << (8 * at.bytes - 1);
  each_lane(lanes, [&](std::uint32_t lane) {
    warp.out(at, 0)[lane] = (warp.in(at, 0)[lane] & top) | (warp.in(at, 1)[lane] & ~top);
  });
}

void decode_copysign(Decoder& d) {
  const Type type = d.type_among({Type::kF32, Type::kF64});
  d.instruction.bytes = bytes_of(type);
  d.same(type, 2);
  d.execute(copysign);
}

template <class T>
void testp(Warp& warp, const Instruction& at, Lanes lanes) {
  each_lane(lanes, [&](std::uint32_t lane) {
    const T a = value<T>(warp.in(at, 0)[lane]);
    const bool is[] = {std::isfinite(a), std::isinf(a),    !std::isnan(a),
                       std::isnan(a),    std::isnormal(a), std::fpclassify(a) == FP_SUBNORMAL};
    warp.out(at, 0)[lane] = is[at.option] ? 1 : 0;
  });
}

void decode_testp(Decoder& d) {
  d.instruction.option = static_cast<std::uint32_t>(
      d.one_of("the question", {"finite", "infinite", "number", "notanumber", "normal", "subnormal"}));
  const Type type = d.type_among({Type::kF32, Type::kF64});
  d.out(0, Type::kPred);
  d.in(1, type);
  d.execute(type == Type::kF32 ? testp<float> : testp<double>);
}

constexpr Opcode kOpcodes[] = {{"add", decode_either<Op::kAdd>},
                               {"sub", decode_either<Op::kSub>},
                               {"mul", decode_either<Op::kMul>},
                               {"min", decode_either<Op::kMin>},
                               {"max", decode_either<Op::kMax>},
                               {"mad", decode_mad},
                               {"fma", decode_fma},
                               {"neg", decode_sign},
                               {"abs", decode_sign},
                               {"copysign", decode_copysign},
                               {"testp", decode_testp}};

}  // namespace

// div, sqrt and rcp, rounded to nearest. Approximate forms are approximate.cpp's.
void decode_exact_division(Decoder& d, Type type) {
  if (d.opcode() == "div") return decode<Op::kDiv>(d, type);
  if (d.opcode() == "sqrt") return decode<Op::kSqrt>(d, type);
  decode<Op::kRcp>(d, type);
}

std::span<const Opcode> float_opcodes() { return kOpcodes; }

}  // namespace geomsu::emulation::ptx
