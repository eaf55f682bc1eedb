// mov, pack and unpack, cvta, isspacep.
#include <array>

#include "tests/cuda_emulation/ptx/decoder.hpp"
#include "tests/cuda_emulation/ptx/lanes.hpp"

namespace geomsu::emulation::ptx {
namespace {

void copy(Warp& warp, const Instruction& at, Lanes lanes) {
  std::uint64_t* d = warp.out(at, 0);
  const std::uint64_t* a = warp.in(at, 0);
  each_lane(lanes, [&](std::uint32_t lane) { d[lane] = a[lane]; });
}

// `bytes`: of one element; the first lies lowest.
void pack(Warp& warp, const Instruction& at, Lanes lanes) {
  std::array<std::uint64_t, kWarp> whole{};  // the target may be among the sources
  for (std::size_t i = 0; i < at.in.size(); ++i) {
    const std::uint64_t *a = warp.in(at, i), mask = mask_of(at.bytes), shift = 8 * at.bytes * i;
    each_lane(lanes, [&](std::uint32_t lane) { whole[lane] |= (a[lane] & mask) << shift; });
  }
  std::uint64_t* d = warp.out(at, 0);
  each_lane(lanes, [&](std::uint32_t lane) { d[lane] = whole[lane]; });
}

void unpack(Warp& warp, const Instruction& at, Lanes lanes) {
  std::array<std::uint64_t, kWarp> whole{};  // the source may be among the targets
  const std::uint64_t* a = warp.in(at, 0);
  each_lane(lanes, [&](std::uint32_t lane) { whole[lane] = a[lane]; });
  for (std::size_t i = 0; i < at.out.size(); ++i) {
    std::uint64_t* d = warp.out(at, i);
    const std::uint64_t mask = mask_of(at.bytes), shift = 8 * at.bytes * i;
    each_lane(lanes, [&](std::uint32_t lane) { d[lane] = whole[lane] >> shift & mask; });
  }
}

template <int kWhat>
void tell_time(Warp& warp, const Instruction& at, Lanes lanes) {
  World& world = warp.block().world;
  const std::uint64_t now = kWhat == 0 ? world.globaltimer_ns() : world.clock();
  each_lane(lanes, [&](std::uint32_t lane) { warp.out(at, 0)[lane] = now & mask_of(at.width); });
}

void activemask(Warp& warp, const Instruction& at, Lanes lanes) {
  each_lane(lanes, [&](std::uint32_t lane) { warp.out(at, 0)[lane] = lanes; });
}

bool time_of(Decoder& d, Type type) {
  if (d.operands() != 2 || d.operand(1).kind != Operand::Kind::kName) return false;
  const std::string name = d.operand(1).name;
  const bool timer = name == "%globaltimer", wide = timer || name == "%clock64";
  if (!wide && name != "%clock") return false;
  if (bytes_of(type) != (wide ? 8U : 4U)) d.refuse("special register " + name + " has another width");
  d.out(0, type);
  d.execute(timer ? tell_time<0> : tell_time<1>);
  return true;
}

Type piece(Decoder& d, Type whole, std::size_t count) {
  const std::uint32_t bytes = bytes_of(whole) / static_cast<std::uint32_t>(count);
  if (bytes * count != bytes_of(whole)) d.refuse("so many elements do not make the type");
  d.instruction.bytes = bytes;
  switch (bytes) {
    case 1:
      return Type::kB8;
    case 2:
      return Type::kB16;
    case 4:
      return Type::kB32;
    default:
      d.refuse("elements of this width are not known");
  }
}

void decode_mov(Decoder& d) {
  const Type type = d.type();
  if (time_of(d, type)) return;
  const Operand &to = d.operand(0), &from = d.operand(1);
  if (to.kind == Operand::Kind::kVector) {
    d.in(1, type);
    d.outs(0, piece(d, type, to.elements.size()));
    d.execute(unpack);
  } else if (from.kind == Operand::Kind::kVector) {
    d.ins(1, piece(d, type, from.elements.size()));
    d.out(0, type);
    d.execute(pack);
  } else {
    d.same(type, 1);
    d.execute(copy);
  }
}

// Spaces lie in the generic one as they are: an address has one number.
void decode_cvta(Decoder& d) {
  d.take("to");
  d.one_of("the space", {"global", "shared", "shared::cta", "local", "const", "param"});
  d.same(d.type_among({Type::kU64, Type::kU32}), 1);
  d.execute(copy);
}

void isspacep(Warp& warp, const Instruction& at, Lanes lanes) {
  const std::uint64_t* a = warp.in(at, 0);
  each_lane(lanes, [&](std::uint32_t lane) {
    const auto within = [&](std::uint64_t base) { return a[lane] >= base && a[lane] - base < kSpaceBytes; };
    const bool shared = within(kSharedBase), local = within(kLocalBase), param = within(kParamBase);
    const bool is[] = {!shared && !local && !param, shared, local, param};
    warp.out(at, 0)[lane] = is[at.option] ? 1 : 0;
  });
}

void decode_isspacep(Decoder& d) {
  d.instruction.option = static_cast<std::uint32_t>(d.one_of("the space", {"global", "shared", "local", "param"}));
  d.out(0, Type::kPred);
  d.in(1, Type::kU64);
  d.execute(isspacep);
}

void decode_activemask(Decoder& d) {
  d.out(0, d.type_among({Type::kB32}));
  d.execute(activemask);
}

constexpr Opcode kOpcodes[] = {
    {"mov", decode_mov}, {"cvta", decode_cvta}, {"isspacep", decode_isspacep}, {"activemask", decode_activemask}};

}  // namespace

std::span<const Opcode> move_opcodes() { return kOpcodes; }

}  // namespace geomsu::emulation::ptx
