// add.cc, addc, sub.cc, subc, mad.cc, madc: the carry of a lane lies in a register of the warp that has no name.
#include "tests/cuda_emulation/ptx/decoder.hpp"
#include "tests/cuda_emulation/ptx/lanes.hpp"

namespace geomsu::emulation::ptx {
namespace {

__extension__ using Uint128 = unsigned __int128;

// option: what; option2: bit 0 takes the carry (the last input), bit 1 sets it (the last output).
void chain(Warp& warp, const Instruction& at, Lanes lanes) {
  const std::uint32_t width = 8 * at.bytes;
  const std::uint64_t mask = mask_of(at.bytes);
  const bool takes = (at.option2 & 1) != 0, sets = (at.option2 & 2) != 0;
  const auto what = static_cast<Carry>(at.option);
  const bool mad = what == Carry::kMadLow || what == Carry::kMadHigh;
  each_lane(lanes, [&](std::uint32_t lane) {
    const std::uint64_t carry = takes ? warp.in(at, at.in.size() - 1)[lane] & 1 : 0;
    Uint128 a = warp.in(at, 0)[lane], b = warp.in(at, 1)[lane];
    if (mad) {
      Uint128 product = a * b;
      if (what == Carry::kMadHigh && at.strong) {  // signed operands: correct the unsigned product
        const std::uint64_t top = 1ULL << (width - 1);
        if ((static_cast<std::uint64_t>(a) & top) != 0) product -= b << width;
        if ((static_cast<std::uint64_t>(b) & top) != 0) product -= a << width;
      }
      a = (what == Carry::kMadLow ? product : product >> width) & mask;
      b = warp.in(at, 2)[lane];
    }
    const Uint128 whole = what == Carry::kSub ? a - b - carry : a + b + carry;
    warp.out(at, 0)[lane] = static_cast<std::uint64_t>(whole) & mask;
    if (sets) warp.out(at, 1)[lane] = static_cast<std::uint64_t>(whole >> width) & 1;
  });
}

}  // namespace

// `takes`: addc and the like. Called for add, sub and mad with .cc by the families that own these names.
void decode_carry(Decoder& d, Carry what, bool takes, bool sets) {
  Instruction& made = d.instruction;
  if (what == Carry::kMadLow && d.one_of("which half", {"lo", "hi"}) == 1) what = Carry::kMadHigh;
  const Type type = d.type_among({Type::kU32, Type::kS32, Type::kB32, Type::kU64, Type::kS64, Type::kB64});
  d.same(type, what == Carry::kMadLow || what == Carry::kMadHigh ? 3 : 2);
  made.bytes = bytes_of(type);
  made.option = static_cast<std::uint32_t>(what);
  made.option2 = (takes ? 1U : 0U) | (sets ? 2U : 0U);
  made.strong = is_signed(type);
  if (takes) made.in.push_back(d.carry_register());
  if (sets) made.out.push_back(d.carry_register());
  d.execute(chain);
}

namespace {

void decode_addc(Decoder& d) { decode_carry(d, Carry::kAdd, true, d.take("cc")); }
void decode_subc(Decoder& d) { decode_carry(d, Carry::kSub, true, d.take("cc")); }
void decode_madc(Decoder& d) { decode_carry(d, Carry::kMadLow, true, d.take("cc")); }

constexpr Opcode kOpcodes[] = {{"addc", decode_addc}, {"subc", decode_subc}, {"madc", decode_madc}};

}  // namespace

std::span<const Opcode> carry_opcodes() { return kOpcodes; }

}  // namespace geomsu::emulation::ptx
