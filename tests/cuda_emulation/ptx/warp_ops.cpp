// What the lanes of a warp tell each other: shfl, vote, match, redux, elect. Each waits for the lanes of its mask.
#include <algorithm>

#include "tests/cuda_emulation/ptx/decoder.hpp"
#include "tests/cuda_emulation/ptx/lanes.hpp"

namespace geomsu::emulation::ptx {
namespace {

using Flow = Instruction::Flow;

void member_mask(Decoder& d, std::size_t index) {
  d.one_of("that lanes wait for each other", {"sync"});
  d.instruction.flow = Flow::kConverge;
  d.instruction.members = d.read(d.operand(index), Type::kB32);
}

void outs_of(Decoder& d, std::size_t index, Type first) {
  Operand to = d.operand(index);
  const std::string second = to.second;
  to.second.clear();
  d.out(to, first);
  if (second.empty()) return;
  to.name = second;
  d.out(to, Type::kPred);
}

[[noreturn]] void reads_absent(Warp& warp, const Instruction& at, std::uint32_t lane, std::uint32_t source) {
  warp.fault(
      at, lane,
      "it reads lane " + std::to_string(source) + ", which takes no part (ended, not there, or not in the mask)");
}

// kMode: in the order up, down, bfly, idx.
template <int kMode>
void shuffle(Warp& warp, const Instruction& at, Lanes lanes) {
  const std::uint64_t *a = warp.in(at, 0), *b = warp.in(at, 1), *c = warp.in(at, 2);
  std::array<std::uint64_t, kWarp> taken{};
  Lanes inside = 0;
  each_lane(lanes, [&](std::uint32_t lane) {
    const std::uint32_t by = b[lane] & 31, limit = c[lane] & 31, segment = c[lane] >> 8 & 31;
    const std::uint32_t least = lane & segment, most = least | (limit & ~segment);
    const auto from = static_cast<std::int32_t>(kMode == 0   ? lane - by
                                                : kMode == 1 ? lane + by
                                                : kMode == 2 ? lane ^ by
                                                             : least | (by & ~segment));
    const auto end = static_cast<std::int32_t>(most);
    const bool good = kMode == 0 ? from >= end : from <= end;
    const std::uint32_t source = good ? static_cast<std::uint32_t>(from) : lane;
    if ((lanes >> source & 1) == 0) reads_absent(warp, at, lane, source);
    taken[lane] = a[source];
    inside |= Lanes{good} << lane;
  });
  std::uint64_t* d = warp.out(at, 0);
  each_lane(lanes, [&](std::uint32_t lane) { d[lane] = taken[lane]; });
  if (at.out.size() < 2) return;
  std::uint64_t* p = warp.out(at, 1);
  each_lane(lanes, [&](std::uint32_t lane) { p[lane] = inside >> lane & 1; });
}

void decode_shfl(Decoder& d) {
  member_mask(d, 4);
  constexpr Instruction::Execute kModes[] = {shuffle<0>, shuffle<1>, shuffle<2>, shuffle<3>};
  const std::size_t mode = d.one_of("the mode", {"up", "down", "bfly", "idx"});
  d.type_among({Type::kB32});
  outs_of(d, 0, Type::kB32);
  for (std::size_t i = 1; i < 4; ++i) d.in(i, Type::kB32);
  d.execute(kModes[mode]);
}

// option: all, any, uni, ballot; option2: 1 where the predicate is negated.
void vote(Warp& warp, const Instruction& at, Lanes lanes) {
  Lanes yes = 0;
  each_lane(lanes, [&](std::uint32_t lane) {
    if ((warp.in(at, 0)[lane] & 1) != at.option2) yes |= 1U << lane;
  });
  const std::uint64_t answers[] = {yes == lanes ? 1U : 0U, yes != 0 ? 1U : 0U, yes == 0 || yes == lanes ? 1U : 0U, yes};
  each_lane(lanes, [&](std::uint32_t lane) { warp.out(at, 0)[lane] = answers[at.option]; });
}

void decode_vote(Decoder& d) {
  member_mask(d, 2);
  d.instruction.option = static_cast<std::uint32_t>(d.one_of("the question", {"all", "any", "uni", "ballot"}));
  d.out(0, d.type_among({d.instruction.option == 3 ? Type::kB32 : Type::kPred}));
  Operand asked = d.operand(1);
  d.instruction.option2 = asked.negated ? 1 : 0;
  asked.negated = false;
  d.in(asked, Type::kPred);
  d.execute(vote);
}

// option: 1 for all.
void match(Warp& warp, const Instruction& at, Lanes lanes) {
  const std::uint64_t* a = warp.in(at, 0);
  each_lane(lanes, [&](std::uint32_t lane) {
    Lanes equal = 0;
    each_lane(lanes, [&](std::uint32_t other) { equal |= a[other] == a[lane] ? 1U << other : 0; });
    const bool all = equal == lanes;
    warp.out(at, 0)[lane] = at.option == 0 || all ? equal : 0;
    if (at.out.size() > 1) warp.out(at, 1)[lane] = all ? 1 : 0;
  });
}

void decode_match(Decoder& d) {
  member_mask(d, 2);
  d.instruction.option = static_cast<std::uint32_t>(d.one_of("the question", {"any", "all"}));
  const Type type = d.type_among({Type::kB32, Type::kB64});
  outs_of(d, 0, Type::kB32);
  if (d.instruction.option == 0 && d.instruction.out.size() > 1) d.refuse("match.any has one result");
  d.in(1, type);
  d.execute(match);
}

// option: add, min, max, and, or, xor; option2: 1 signed.
void reduce(Warp& warp, const Instruction& at, Lanes lanes) {
  const std::uint64_t* a = warp.in(at, 0);
  auto whole = static_cast<std::uint32_t>(a[__builtin_ctz(lanes)]);
  each_lane(lanes & (lanes - 1), [&](std::uint32_t lane) {
    const auto word = static_cast<std::uint32_t>(a[lane]);
    const bool less =
        at.option2 != 0 ? static_cast<std::int32_t>(word) < static_cast<std::int32_t>(whole) : word < whole;
    switch (at.option) {
      case 0:
        whole += word;
        break;
      case 1:
        whole = less ? word : whole;
        break;
      case 2:
        whole = less ? whole : word;
        break;
      case 3:
        whole &= word;
        break;
      case 4:
        whole |= word;
        break;
      default:
        whole ^= word;
        break;
    }
  });
  each_lane(lanes, [&](std::uint32_t lane) { warp.out(at, 0)[lane] = whole; });
}

void decode_redux(Decoder& d) {
  member_mask(d, 2);
  d.instruction.option =
      static_cast<std::uint32_t>(d.one_of("the operation", {"add", "min", "max", "and", "or", "xor"}));
  const bool logic = d.instruction.option >= 3;
  const Type type = logic ? d.type_among({Type::kB32}) : d.type_among({Type::kU32, Type::kS32});
  d.instruction.option2 = is_signed(type) ? 1 : 0;
  d.same(type, 1);
  d.execute(reduce);
}

void elect(Warp& warp, const Instruction& at, Lanes lanes) {
  const auto leader = static_cast<std::uint32_t>(__builtin_ctz(lanes));
  each_lane(lanes, [&](std::uint32_t lane) {
    warp.out(at, 0)[lane] = leader;
    if (at.out.size() > 1) warp.out(at, 1)[lane] = lane == leader ? 1 : 0;
  });
}

void decode_elect(Decoder& d) {
  member_mask(d, 1);
  outs_of(d, 0, Type::kB32);
  d.execute(elect);
}

constexpr Opcode kOpcodes[] = {{"shfl", decode_shfl},
                               {"vote", decode_vote},
                               {"match", decode_match},
                               {"redux", decode_redux},
                               {"elect", decode_elect}};

}  // namespace

std::span<const Opcode> warp_opcodes() { return kOpcodes; }

}  // namespace geomsu::emulation::ptx
