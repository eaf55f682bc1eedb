// cvt between all formats, exactly rounded.
#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/cuda_emulation/ptx/decoder.hpp"
#include "tests/cuda_emulation/ptx/lanes.hpp"
#include "tests/cuda_emulation/ptx/number.hpp"

namespace geomsu::emulation::ptx {
namespace {

enum class Whole : std::uint8_t { kNo, kNearest, kZero, kDown, kUp };  // rounding to an integral value

struct Conversion {  // as it lies in Instruction::option
  Type to, from;
  Rounding rounding;
  Whole whole;
  bool ftz, sat, relu;
};

std::uint32_t packed(const Conversion& c) {
  return static_cast<std::uint32_t>(c.to) | static_cast<std::uint32_t>(c.from) << 8 |
         static_cast<std::uint32_t>(c.rounding) << 16 | static_cast<std::uint32_t>(c.whole) << 20 |
         (c.ftz ? 1U << 24 : 0) | (c.sat ? 1U << 25 : 0) | (c.relu ? 1U << 26 : 0);
}
Conversion unpacked(std::uint32_t word) {
  return {static_cast<Type>(word & 255),
          static_cast<Type>(word >> 8 & 255),
          static_cast<Rounding>(word >> 16 & 15),
          static_cast<Whole>(word >> 20 & 15),
          (word >> 24 & 1) != 0,
          (word >> 25 & 1) != 0,
          (word >> 26 & 1) != 0};
}

// Of one number; of f32 and f64 too, so that all rounding is in one place.
const Format* format_of(Type type) {
  switch (type) {
    case Type::kF16:
    case Type::kF16x2:
      return &kHalf;
    case Type::kBf16:
    case Type::kBf16x2:
      return &kBrain;
    case Type::kF32:
      return &kSingle;
    case Type::kTf32:
      return &kTensor;
    case Type::kE4m3x2:
      return &kE4m3;
    case Type::kE5m2x2:
      return &kE5m2;
    default:
      return nullptr;
  }
}

bool is_float(Type type) { return type == Type::kF64 || format_of(type) != nullptr; }
bool is_pair(Type type) {
  return type == Type::kF16x2 || type == Type::kBf16x2 || type == Type::kE4m3x2 || type == Type::kE5m2x2;
}

double flushed(double x) { return std::fabs(x) < std::ldexp(1.0, -126) ? std::copysign(0.0, x) : x; }

double read_float(std::uint64_t word, const Conversion& how) {
  if (how.from == Type::kF64) return value<double>(word);
  if (how.from == Type::kF32) {
    const double x = static_cast<double>(value<float>(word));
    return how.ftz ? flushed(x) : x;
  }
  const Format& format = *format_of(how.from);
  return widen(word & ((1ULL << bits_of(format)) - 1), format);
}

double whole(double x, Whole how) {
  switch (how) {
    case Whole::kNo:
      return x;
    case Whole::kNearest:
      return std::nearbyint(x);
    case Whole::kZero:
      return std::trunc(x);
    case Whole::kDown:
      return std::floor(x);
    case Whole::kUp:
      return std::ceil(x);
  }
  return x;
}

std::uint64_t write_float(double x, const Conversion& how) {
  const bool narrow_pair = how.to == Type::kE4m3x2 || how.to == Type::kE5m2x2;
  if (how.sat && !narrow_pair) x = std::isnan(x) ? 0 : std::clamp(x, 0.0, 1.0);
  if (how.relu && x <= 0) x = 0;
  if (how.to == Type::kF64) return std::isnan(x) ? 0x7fffffffffffffffULL : bits(x);
  std::uint64_t word = narrow(x, *format_of(how.to), how.rounding, narrow_pair);
  if (how.to == Type::kF32 && how.ftz && (word & 0x7f800000) == 0) word &= 0x80000000;
  return how.to == Type::kTf32 ? word << 13 : word;
}

std::uint64_t extended(std::uint64_t word, Type from) {
  const std::uint64_t mask = mask_of(bytes_of(from));
  word &= mask;
  return is_signed(from) && (word >> (8 * bytes_of(from) - 1) & 1) != 0 ? word | ~mask : word;
}

// Into the register: signed numbers fill its width.
std::uint64_t settle(std::uint64_t word, Type to, std::uint32_t width) { return extended(word, to) & mask_of(width); }

std::uint64_t integer_to_integer(std::uint64_t word, const Conversion& how) {
  word = extended(word, how.from);
  if (!how.sat) return word;
  const std::uint32_t bits = 8 * bytes_of(how.to);
  const bool negative = is_signed(how.from) && static_cast<std::int64_t>(word) < 0;
  const std::uint64_t most = is_signed(how.to) ? mask_of(bytes_of(how.to)) >> 1 : mask_of(bytes_of(how.to));
  if (!negative) return std::min(word, most);
  if (!is_signed(how.to)) return 0;
  const std::int64_t least = -static_cast<std::int64_t>((1ULL << (bits - 1)) - 1) - 1;
  return static_cast<std::uint64_t>(std::max(static_cast<std::int64_t>(word), least));
}

std::uint64_t integer_to_float(std::uint64_t word, const Conversion& how) {
  word = extended(word, how.from);
  const bool negative = is_signed(how.from) && static_cast<std::int64_t>(word) < 0;
  if (how.to == Type::kF64)
    return bits(negative ? static_cast<double>(static_cast<std::int64_t>(word)) : static_cast<double>(word));
  const double odd = odd_of(negative ? 0 - word : word);
  return write_float(negative ? -odd : odd, how);
}

// Beyond the range: its end. NaN: 0, or only the top bit where 64 bits or an f64 are involved (PTX, cvt).
std::uint64_t float_to_integer(double x, const Conversion& how) {
  const std::uint32_t bits = 8 * bytes_of(how.to);
  if (std::isnan(x)) return how.from == Type::kF64 || bits == 64 ? 1ULL << (bits - 1) : 0;
  x = whole(x, how.whole);
  const double top = std::ldexp(1.0, static_cast<int>(is_signed(how.to) ? bits - 1 : bits));
  const std::uint64_t most = is_signed(how.to) ? mask_of(bits / 8) >> 1 : mask_of(bits / 8);
  if (x >= top) return most;
  if (is_signed(how.to)) return x < -top ? ~most : static_cast<std::uint64_t>(static_cast<std::int64_t>(x));
  return x <= 0 ? 0 : static_cast<std::uint64_t>(x);
}

std::uint64_t convert_one(std::uint64_t word, const Conversion& how) {
  if (!is_float(how.from)) return is_float(how.to) ? integer_to_float(word, how) : integer_to_integer(word, how);
  const double x = read_float(word, how);
  return is_float(how.to) ? write_float(whole(x, how.whole), how) : float_to_integer(x, how);
}

// Cuts off or extends, as most of the indices of a kernel need: nothing is decided lane by lane.
void convert_integers(Warp& warp, const Instruction& at, Lanes lanes, const Conversion& how) {
  std::uint64_t* d = warp.out(at, 0);
  const std::uint64_t* a = warp.in(at, 0);
  const auto top_of = [](Type type) { return is_signed(type) ? 1ULL << (8 * bytes_of(type) - 1) : 0; };
  const std::uint64_t from = mask_of(bytes_of(how.from)), to = mask_of(bytes_of(how.to)), width = mask_of(at.width);
  const std::uint64_t from_top = top_of(how.from), to_top = top_of(how.to);
  // (word ^ top) - top repeats the top bit upwards; with no top it is the word.
  each_lane(lanes, [&](std::uint32_t lane) {
    const std::uint64_t word = (((a[lane] & from) ^ from_top) - from_top) & to;
    d[lane] = ((word ^ to_top) - to_top) & width;
  });
}

void convert(Warp& warp, const Instruction& at, Lanes lanes) {
  const Conversion how = unpacked(at.option);
  std::uint64_t* d = warp.out(at, 0);
  const std::uint64_t* a = warp.in(at, 0);
  if (!is_float(how.from) && !is_float(how.to) && !how.sat) return convert_integers(warp, at, lanes, how);
  each_lane(lanes, [&](std::uint32_t lane) {
    const std::uint64_t word = convert_one(a[lane], how);
    d[lane] = is_float(how.to) ? word : settle(word, how.to, at.width);
  });
}

// The first source goes to the upper half.
void convert_two(Warp& warp, const Instruction& at, Lanes lanes) {
  const Conversion how = unpacked(at.option);
  const std::uint32_t half = 4 * bytes_of(how.to);
  each_lane(lanes, [&](std::uint32_t lane) {
    warp.out(at, 0)[lane] = convert_one(warp.in(at, 0)[lane], how) << half | convert_one(warp.in(at, 1)[lane], how);
  });
}

void convert_pair(Warp& warp, const Instruction& at, Lanes lanes) {
  const Conversion how = unpacked(at.option);
  const std::uint32_t to = 4 * bytes_of(how.to), from = 4 * bytes_of(how.from);
  each_lane(lanes, [&](std::uint32_t lane) {
    const std::uint64_t a = warp.in(at, 0)[lane];
    warp.out(at, 0)[lane] = convert_one(a >> from, how) << to | convert_one(a & ((1ULL << from) - 1), how);
  });
}

void check(Decoder& d, const Conversion& how, bool rounded) {
  const bool from = is_float(how.from), to = is_float(how.to);
  if (how.from == Type::kPred || how.to == Type::kPred || how.from == Type::kTf32 || how.from == Type::kF32x2 ||
      how.to == Type::kF32x2)
    d.refuse("this type is not converted");
  if (to && (from ? (how.from != how.to && how.whole != Whole::kNo) : how.whole != Whole::kNo))
    d.refuse("this rounding is not known here");
  if (!to && rounded) d.refuse("this rounding is not known here");
  if (from && !to && how.whole == Whole::kNo) d.refuse("a rounding to an integer is wanted");
  if (!from && to && !rounded) d.refuse("a rounding is wanted");
  if (how.to == Type::kF64 && how.rounding != Rounding::kNearest) d.refuse("this rounding is not known here");
  const bool narrows = from && to && bytes_of(how.to) < bytes_of(how.from);
  if (narrows && !rounded) d.refuse("a rounding is wanted");
  if (how.rounding == Rounding::kAway && how.to != Type::kTf32) d.refuse("this rounding is not known here");
  if (how.ftz && how.from != Type::kF32 && how.to != Type::kF32) d.refuse("only f32 is flushed");
}

void decode_cvt(Decoder& d) {
  Conversion how{Type::kB32, Type::kB32, Rounding::kNearest, Whole::kNo, false, false, false};
  const auto rounding = d.any_of({"rn", "rz", "rm", "rp", "rna"});
  if (rounding) how.rounding = static_cast<Rounding>(*rounding);
  if (const auto integral = d.any_of({"rni", "rzi", "rmi", "rpi"})) how.whole = static_cast<Whole>(*integral + 1);
  how.ftz = d.take("ftz");
  how.sat = d.take("sat");
  how.relu = d.take("relu");
  const bool finite = d.take("satfinite");
  how.to = d.type();
  how.from = d.type();
  check(d, how, rounding.has_value());
  const bool eight = how.to == Type::kE4m3x2 || how.to == Type::kE5m2x2;
  if (eight != finite) d.refuse("satfinite belongs to e4m3x2 and e5m2x2, which want it");
  if (how.relu && (!is_float(how.to) || how.to == Type::kF64)) d.refuse("relu is not known here");
  d.instruction.option = packed(how);
  if (is_pair(how.to) && how.from == Type::kF32) {
    d.same(how.to, 0);
    d.in(1, how.from);
    d.in(2, how.from);
    return d.execute(convert_two);
  }
  if (is_pair(how.to) != is_pair(how.from)) d.refuse("a pair is made of a pair or of two f32");
  if (is_pair(how.to)) {
    const bool widens = how.from == Type::kE4m3x2 || how.from == Type::kE5m2x2;
    if (eight == widens) d.refuse("this pair is not known here");
    d.out(0, how.to);
    d.in(1, how.from);
    return d.execute(convert_pair);
  }
  d.out(0, how.to, true);
  d.in(1, how.from, true);
  d.execute(convert);
}

constexpr Opcode kOpcodes[] = {{"cvt", decode_cvt}};

}  // namespace

std::span<const Opcode> convert_opcodes() { return kOpcodes; }

}  // namespace geomsu::emulation::ptx
