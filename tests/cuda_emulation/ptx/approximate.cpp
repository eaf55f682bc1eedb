// Functions that machine code approximates. Here they are as exact as double and one rounding make them: what an
// approximation does in its last bits, only a GPU can show.
#include <cmath>

#include "tests/cuda_emulation/ptx/decoder.hpp"
#include "tests/cuda_emulation/ptx/lanes.hpp"
#include "tests/cuda_emulation/ptx/number.hpp"

namespace geomsu::emulation::ptx {
namespace {

constexpr Format kFormats[] = {kHalf, kBrain, kSingle};

constexpr auto kExp2 = [](double a, double) { return std::exp2(a); };
constexpr auto kLog2 = [](double a, double) { return std::log2(a); };
constexpr auto kSin = [](double a, double) { return std::sin(a); };
constexpr auto kCos = [](double a, double) { return std::cos(a); };
constexpr auto kTanh = [](double a, double) { return std::tanh(a); };
constexpr auto kRsqrt = [](double a, double) { return 1 / std::sqrt(a); };
constexpr auto kSqrt = [](double a, double) { return std::sqrt(a); };
constexpr auto kRcp = [](double a, double) { return 1 / a; };
constexpr auto kDiv = [](double a, double b) { return a / b; };

// option: the format; option2: 1 flushes; bytes: of the register.
template <auto F>
void approximate(Warp& warp, const Instruction& at, Lanes lanes) {
  const Format& format = kFormats[at.option];
  const int width = bits_of(format);
  const std::uint64_t mask = (1ULL << width) - 1, exponents = ((1ULL << format.exponent_bits) - 1)
                                                              << format.mantissa_bits;
  const auto flush = [&](std::uint64_t word) {
    return at.option2 != 0 && (word & exponents) == 0 ? word & (1ULL << (width - 1)) : word;
  };
  each_lane(lanes, [&](std::uint32_t lane) {
    std::uint64_t whole = 0;
    for (int part = 0; part < static_cast<int>(8 * at.bytes); part += width) {
      const auto get = [&](std::size_t i) { return widen(flush(warp.in(at, i)[lane] >> part & mask), format); };
      whole |= flush(narrow(F(get(0), get(at.in.size() - 1)), format, Rounding::kNearest)) << part;
    }
    warp.out(at, 0)[lane] = whole;
  });
}

template <auto F>
void approximate_double(Warp& warp, const Instruction& at, Lanes lanes) {
  each_lane(lanes, [&](std::uint32_t lane) {
    const double a = value<double>(warp.in(at, 0)[lane]);
    const double result = F(std::fpclassify(a) == FP_SUBNORMAL ? std::copysign(0.0, a) : a, 0);
    warp.out(at, 0)[lane] = std::isnan(result) ? 0x7fffffffffffffffULL : bits(result);
  });
}

template <auto F>
void finish(Decoder& d, Type type, std::size_t inputs) {
  d.instruction.option = type == Type::kF32 ? 2 : type == Type::kBf16 || type == Type::kBf16x2 ? 1 : 0;
  d.instruction.option2 = d.take("ftz") ? 1 : 0;
  d.instruction.bytes = bytes_of(type);
  d.same(type, inputs);
  d.execute(approximate<F>);
}

// kSmall: 16-bit types too.
template <auto F, bool kSmall>
void decode(Decoder& d) {
  d.one_of("that it approximates", {"approx"});
  const Type type = d.type();
  const bool small = type == Type::kF16 || type == Type::kF16x2 || type == Type::kBf16 || type == Type::kBf16x2;
  if (type != Type::kF32 && !(kSmall && small)) d.refuse("this type is not known here");
  finish<F>(d, type, 1);
}

template <auto F, std::size_t kInputs>
void decode_division(Decoder& d) {
  if (d.opcode() == "rsqrt") {
    d.one_of("that it approximates", {"approx"});
  } else if (!d.take("approx") && !(kInputs == 2 && d.take("full"))) {
    const Type type = d.type();
    return is_integer(type) && kInputs == 2 ? decode_integer_arithmetic(d, type) : decode_exact_division(d, type);
  }
  const Type type = d.type_among({Type::kF32, Type::kF64});
  if (type == Type::kF32) return finish<F>(d, type, kInputs);
  if (kInputs == 2 || d.opcode() == "sqrt") d.refuse("this type is not known here");
  d.take("ftz");
  d.same(type, 1);
  d.execute(approximate_double<F>);
}

constexpr Opcode kOpcodes[] = {
    {"ex2", decode<kExp2, true>},        {"lg2", decode<kLog2, false>},     {"sin", decode<kSin, false>},
    {"cos", decode<kCos, false>},        {"tanh", decode<kTanh, true>},     {"rsqrt", decode_division<kRsqrt, 1>},
    {"sqrt", decode_division<kSqrt, 1>}, {"rcp", decode_division<kRcp, 1>}, {"div", decode_division<kDiv, 2>}};

}  // namespace

std::span<const Opcode> approximate_opcodes() { return kOpcodes; }

}  // namespace geomsu::emulation::ptx
