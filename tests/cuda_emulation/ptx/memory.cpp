// ld and st in every space.
#include <atomic>
#include <cstring>

#include "tests/cuda_emulation/ptx/decoder.hpp"
#include "tests/cuda_emulation/ptx/lanes.hpp"

namespace geomsu::emulation::ptx {
namespace {

// Strong accesses of a word may meet another thread of the emulator: the host's, or another device's.
template <class T>
std::uint64_t load_strong(std::byte* from) {
  return std::atomic_ref<T>(*reinterpret_cast<T*>(from)).load(std::memory_order_acquire);
}
template <class T>
void store_strong(std::byte* to, std::uint64_t bits) {
  std::atomic_ref<T>(*reinterpret_cast<T*>(to)).store(static_cast<T>(bits), std::memory_order_release);
}

// memcpy of a size that is known when it is compiled is one instruction.
template <class T>
std::uint64_t load_plain(const std::byte* from) {
  T word;
  std::memcpy(&word, from, sizeof word);
  return word;
}
template <class T>
void store_plain(std::byte* to, std::uint64_t bits) {
  const T word = static_cast<T>(bits);
  std::memcpy(to, &word, sizeof word);
}

std::uint64_t load_one(std::byte* from, std::uint32_t bytes, bool strong) {
  if (strong) {
    switch (bytes) {
      case 1:
        return load_strong<std::uint8_t>(from);
      case 2:
        return load_strong<std::uint16_t>(from);
      case 4:
        return load_strong<std::uint32_t>(from);
      default:
        return load_strong<std::uint64_t>(from);
    }
  }
  switch (bytes) {
    case 1:
      return load_plain<std::uint8_t>(from);
    case 2:
      return load_plain<std::uint16_t>(from);
    case 4:
      return load_plain<std::uint32_t>(from);
    default:
      return load_plain<std::uint64_t>(from);
  }
}

void store_one(std::byte* to, std::uint64_t word, std::uint32_t bytes, bool strong) {
  if (!strong) {
    switch (bytes) {
      case 1:
        return store_plain<std::uint8_t>(to, word);
      case 2:
        return store_plain<std::uint16_t>(to, word);
      case 4:
        return store_plain<std::uint32_t>(to, word);
      default:
        return store_plain<std::uint64_t>(to, word);
    }
  }
  switch (bytes) {
    case 1:
      return store_strong<std::uint8_t>(to, word);
    case 2:
      return store_strong<std::uint16_t>(to, word);
    case 4:
      return store_strong<std::uint32_t>(to, word);
    default:
      return store_strong<std::uint64_t>(to, word);
  }
}

// option: 1 where the value is signed and fills a wider register.
std::uint64_t load_as(const Instruction& at, std::byte* from) {
  const std::uint64_t word = load_one(from, at.bytes, at.strong);
  const bool fills = at.option != 0 && (word >> (8 * at.bytes - 1) & 1) != 0;
  return fills ? (word | ~mask_of(at.bytes)) & mask_of(at.width) : word;
}

// Nearly always the same address in all lanes, and written by nobody: looked at once for all that ask alike.
void load_parameters(Warp& warp, const Instruction& at, Lanes lanes) {
  const auto count = static_cast<std::uint32_t>(at.out.size());
  const std::uint64_t* address = warp.in(at, 0);
  while (lanes != 0) {
    const auto first = static_cast<std::uint32_t>(__builtin_ctz(lanes));
    Lanes alike = 0;
    each_lane(lanes, [&](std::uint32_t lane) { alike |= Lanes{address[lane] == address[first]} << lane; });
    const std::uint64_t where = address[first] + static_cast<std::uint64_t>(at.offset);
    std::byte* from = warp.reach(at, first, where, at.bytes * count, Access::kRead);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint64_t word = load_as(at, from + i * at.bytes);
      std::uint64_t* d = warp.out(at, i);
      each_lane(alike, [&](std::uint32_t lane) { d[lane] = word; });
    }
    lanes &= ~alike;
  }
}

void load(Warp& warp, const Instruction& at, Lanes lanes) {
  const auto count = static_cast<std::uint32_t>(at.out.size());
  const std::uint64_t base = static_cast<std::uint64_t>(at.offset);
  const std::uint64_t* address = warp.in(at, 0);
  std::uint64_t* first = warp.out(at, 0);
  if (at.space == Space::kParam) return load_parameters(warp, at, lanes);
  each_lane(lanes, [&](std::uint32_t lane) {
    std::byte* from = warp.reach(at, lane, address[lane] + base, at.bytes * count, Access::kRead);
    for (std::uint32_t i = 0; i < count; ++i) {
      (i == 0 ? first : warp.out(at, i))[lane] = load_as(at, from + i * at.bytes);
    }
  });
}

void store(Warp& warp, const Instruction& at, Lanes lanes) {
  const auto count = static_cast<std::uint32_t>(at.in.size() - 1);
  const std::uint64_t base = static_cast<std::uint64_t>(at.offset);
  each_lane(lanes, [&](std::uint32_t lane) {
    std::byte* to = warp.reach(at, lane, warp.in(at, 0)[lane] + base, at.bytes * count, Access::kWrite);
    for (std::uint32_t i = 0; i < count; ++i)
      store_one(to + i * at.bytes, warp.in(at, i + 1)[lane], at.bytes, at.strong);
  });
}

void modifiers(Decoder& d, bool loads) {
  Instruction& made = d.instruction;
  if (d.take("weak")) {
  } else if (d.take("volatile")) {
    made.strong = true;
  } else if (d.any_of({"relaxed", loads ? "acquire" : "release"})) {
    made.strong = true;
    d.one_of("the scope", {"cta", "cluster", "gpu", "sys"});
  }
  if (d.take("global"))
    made.space = Space::kGlobal;
  else if (d.any_of({"shared", "shared::cta"}))
    made.space = Space::kShared;
  else if (d.take("local"))
    made.space = Space::kLocal;
  else if (loads && d.take("param"))
    made.space = Space::kParam;
  else if (loads && d.take("const"))
    made.space = Space::kConst;
  if (loads && made.space == Space::kGlobal && !made.strong) d.take("nc");
  // Hints about caches change no value.
  if (loads)
    d.any_of({"ca", "cg", "cs", "lu", "cv"});
  else
    d.any_of({"wb", "cg", "cs", "wt"});
  d.any_of({"L1::evict_normal", "L1::evict_unchanged", "L1::evict_first", "L1::evict_last", "L1::no_allocate"});
  d.any_of({"L2::evict_normal", "L2::evict_first", "L2::evict_last"});
  d.any_of({"L2::64B", "L2::128B", "L2::256B"});
}

std::size_t elements(Decoder& d) {
  const auto vector = d.any_of({"v2", "v4", "v8"});
  return vector ? std::size_t{2} << *vector : 1;
}

Type memory_type(Decoder& d, std::size_t count) {
  const Type type = d.type();
  const bool plain = is_integer(type) || type == Type::kF32 || type == Type::kF64;
  if (!plain || bytes_of(type) * count > 32) d.refuse("this type is not known in memory");
  d.instruction.bytes = bytes_of(type);
  d.instruction.option = is_signed(type) ? 1 : 0;
  return type;
}

void want(Decoder& d, const Operand& operand, std::size_t count) {
  const std::size_t have = operand.kind == Operand::Kind::kVector ? operand.elements.size() : 1;
  if (have != count) d.refuse("as many registers as elements are wanted");
}

void decode_ld(Decoder& d) {
  modifiers(d, true);
  const std::size_t count = elements(d);
  const Type type = memory_type(d, count);
  want(d, d.operand(0), count);
  d.outs(0, type, true);
  d.address(1);
  d.execute(load);
}

void decode_st(Decoder& d) {
  modifiers(d, false);
  const std::size_t count = elements(d);
  const Type type = memory_type(d, count);
  want(d, d.operand(1), count);
  d.address(0);
  d.ins(1, type, true);
  d.execute(store);
}

void decode_prefetch(Decoder& d) {
  if (d.take("global")) d.instruction.space = Space::kGlobal;
  d.one_of("the level", {"L1", "L2"});
  d.address(0);
  d.execute([](Warp&, const Instruction&, Lanes) {});
}

constexpr Opcode kOpcodes[] = {{"ld", decode_ld}, {"st", decode_st}, {"prefetch", decode_prefetch}};

}  // namespace

std::span<const Opcode> memory_opcodes() { return kOpcodes; }

}  // namespace geomsu::emulation::ptx
