// atom and red: read, change and write in one step, also towards other threads of the emulator.
#include <algorithm>
#include <atomic>

#include "tests/cuda_emulation/ptx/decoder.hpp"
#include "tests/cuda_emulation/ptx/lanes.hpp"
#include "tests/cuda_emulation/ptx/number.hpp"

namespace geomsu::emulation::ptx {
namespace {

// In the order of the names that decode() knows.
enum class Op : std::uint32_t { kAdd, kMin, kMax, kExchange, kSwapIfEqual, kAnd, kOr, kXor, kIncrement, kDecrement };

std::uint64_t add_small(std::uint64_t a, std::uint64_t b, const Format& format) {
  return narrow(add_odd(widen(a & 0xffff, format), widen(b & 0xffff, format)), format, Rounding::kNearest);
}

std::uint64_t added(Type type, std::uint64_t a, std::uint64_t b) {
  switch (type) {
    case Type::kF32:
      return bits(value<float>(a) + value<float>(b));
    case Type::kF64:
      return bits(value<double>(a) + value<double>(b));
    case Type::kF16:
      return add_small(a, b, kHalf);
    case Type::kBf16:
      return add_small(a, b, kBrain);
    case Type::kF16x2:
      return add_small(a, b, kHalf) | add_small(a >> 16, b >> 16, kHalf) << 16;
    case Type::kBf16x2:
      return add_small(a, b, kBrain) | add_small(a >> 16, b >> 16, kBrain) << 16;
    default:
      return (a + b) & mask_of(bytes_of(type));
  }
}

bool less(Type type, std::uint64_t a, std::uint64_t b) {
  if (type == Type::kS32) return value<std::int32_t>(a) < value<std::int32_t>(b);
  if (type == Type::kS64) return value<std::int64_t>(a) < value<std::int64_t>(b);
  return a < b;
}

std::uint64_t changed(Op op, Type type, std::uint64_t old, std::uint64_t b, std::uint64_t c) {
  switch (op) {
    case Op::kAdd:
      return added(type, old, b);
    case Op::kMin:
      return less(type, b, old) ? b : old;
    case Op::kMax:
      return less(type, old, b) ? b : old;
    case Op::kExchange:
      return b;
    case Op::kSwapIfEqual:
      return old == b ? c : old;
    case Op::kAnd:
      return old & b;
    case Op::kOr:
      return old | b;
    case Op::kXor:
      return old ^ b;
    case Op::kIncrement:
      return old >= b ? 0 : old + 1;
    case Op::kDecrement:
      return old == 0 || old > b ? b : old - 1;
  }
  return old;
}

template <class T>
std::uint64_t exchange(std::byte* where, Op op, Type type, std::uint64_t b, std::uint64_t c) {
  std::atomic_ref<T> word(*reinterpret_cast<T*>(where));
  T old = word.load();
  while (!word.compare_exchange_weak(old, static_cast<T>(changed(op, type, old, b, c)))) {
  }
  return old;
}

// option: the operation; option2: the type.
void atomic(Warp& warp, const Instruction& at, Lanes lanes) {
  const auto op = static_cast<Op>(at.option);
  const auto type = static_cast<Type>(at.option2);
  each_lane(lanes, [&](std::uint32_t lane) {
    const std::uint64_t address = warp.in(at, 0)[lane] + static_cast<std::uint64_t>(at.offset);
    std::byte* where = warp.reach(at, lane, address, at.bytes, Access::kReadWrite);
    const std::uint64_t b = warp.in(at, 1)[lane], c = warp.in(at, at.in.size() - 1)[lane];
    const std::uint64_t old = at.bytes == 2   ? exchange<std::uint16_t>(where, op, type, b, c)
                              : at.bytes == 4 ? exchange<std::uint32_t>(where, op, type, b, c)
                                              : exchange<std::uint64_t>(where, op, type, b, c);
    if (!at.out.empty()) warp.out(at, 0)[lane] = old;
  });
}

bool fits(Op op, Type type) {
  const bool bit_type = type == Type::kB32 || type == Type::kB64;
  switch (op) {
    case Op::kAdd:
      return type == Type::kU32 || type == Type::kS32 || type == Type::kU64 || type == Type::kF32 ||
             type == Type::kF64 || type == Type::kF16 || type == Type::kF16x2 || type == Type::kBf16 ||
             type == Type::kBf16x2;
    case Op::kMin:
    case Op::kMax:
      return type == Type::kU32 || type == Type::kS32 || type == Type::kU64 || type == Type::kS64;
    case Op::kSwapIfEqual:
      return bit_type || type == Type::kB16;
    case Op::kIncrement:
    case Op::kDecrement:
      return type == Type::kU32;
    default:
      return bit_type;
  }
}

void decode_atomic(Decoder& d) {
  Instruction& made = d.instruction;
  made.strong = true;
  d.any_of({"relaxed", "acquire", "release", "acq_rel"});
  d.any_of({"cta", "cluster", "gpu", "sys"});
  if (d.take("global"))
    made.space = Space::kGlobal;
  else if (d.any_of({"shared", "shared::cta"}))
    made.space = Space::kShared;
  made.option = static_cast<std::uint32_t>(
      d.one_of("the operation", {"add", "min", "max", "exch", "cas", "and", "or", "xor", "inc", "dec"}));
  const auto op = static_cast<Op>(made.option);
  const bool rounds = d.take("noftz");
  const Type type = d.type();
  const bool small = type == Type::kF16 || type == Type::kF16x2 || type == Type::kBf16 || type == Type::kBf16x2;
  if (!fits(op, type) || rounds != small) d.refuse("this type is not known here");
  made.option2 = static_cast<std::uint32_t>(type);
  made.bytes = bytes_of(type);
  std::size_t at = 0;
  if (d.opcode() == "atom")
    d.out(at++, type);
  else if (op == Op::kExchange || op == Op::kSwapIfEqual)
    d.refuse("red has no such operation");
  d.address(at++);
  d.in(at++, type);
  if (op == Op::kSwapIfEqual) d.in(at, type);
  d.execute(atomic);
}

constexpr Opcode kOpcodes[] = {{"atom", decode_atomic}, {"red", decode_atomic}};

}  // namespace

std::span<const Opcode> atomic_opcodes() { return kOpcodes; }

}  // namespace geomsu::emulation::ptx
