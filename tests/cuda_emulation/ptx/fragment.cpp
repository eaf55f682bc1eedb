// wmma.load, wmma.mma and wmma.store of m16n16k16: what nvcuda::wmma compiles to. Which lane holds which element is not
// specified; here element e of lane l is number (l * elements + e) % 256 of the matrix, row by row, in every fragment.
// f16 fragments of A and B hold each element twice, as a GPU's do.
#include <array>
#include <cmath>

#include "tests/cuda_emulation/ptx/decoder.hpp"
#include "tests/cuda_emulation/ptx/lanes.hpp"
#include "tests/cuda_emulation/ptx/matrix.hpp"
#include "tests/cuda_emulation/ptx/number.hpp"

namespace geomsu::emulation::ptx {
namespace {

constexpr std::uint32_t kSide = 16, kElements = kSide * kSide;
using Matrix = std::array<std::uint64_t, kElements>;

// Registers of a fragment. `input`: A or B.
std::size_t registers_of(Type type, bool input) {
  if (type == Type::kBf16) return 4;
  if (type == Type::kF16) return input ? 8 : 4;
  return 8;  // f32
}

struct Place {
  std::uint32_t reg, shift, element;
};
Place place(Type type, std::size_t registers, std::uint32_t lane, std::uint32_t e) {
  const std::uint32_t per = 4 / bytes_of(type), count = static_cast<std::uint32_t>(registers) * per;
  return {e / per, e % per * 8 * bytes_of(type), (lane * count + e) % kElements};
}

// The address of an element, after checks that a GPU does not make and that its documentation demands.
std::uint64_t address_of(Warp& warp, const Instruction& at, std::uint32_t element, std::size_t stride_at) {
  const std::uint64_t stride = warp.in(at, stride_at)[0] & mask_of(4);
  const std::uint64_t row = element / kSide, column = element % kSide;
  const std::uint64_t index = at.option == 0 ? row * stride + column : column * stride + row;
  return warp.in(at, 0)[0] + static_cast<std::uint64_t>(at.offset) + index * at.bytes;
}

void check(Warp& warp, const Instruction& at, Lanes lanes, std::size_t stride_at) {
  want_whole_warp(warp, at, lanes);
  for (std::uint32_t lane = 0; lane < kWarp; ++lane)
    if (warp.in(at, 0)[lane] != warp.in(at, 0)[0] || warp.in(at, stride_at)[lane] != warp.in(at, stride_at)[0])
      warp.fault(at, lane, "all lanes must give the same address and stride");
  if ((warp.in(at, 0)[0] + static_cast<std::uint64_t>(at.offset)) % 32 != 0)
    warp.fault(at, 0, "a fragment's address is misaligned: a multiple of 32 bytes is wanted");
  if (warp.in(at, stride_at)[0] * at.bytes % 16 != 0)
    warp.fault(at, 0, "a fragment's stride is a multiple of 16 bytes");
}

// option: 0 row, 1 column; option2: the type.
void load(Warp& warp, const Instruction& at, Lanes lanes) {
  check(warp, at, lanes, 1);
  const auto type = static_cast<Type>(at.option2);
  const std::uint32_t count = static_cast<std::uint32_t>(at.out.size()) * (4 / at.bytes);
  std::array<std::uint64_t, 8> words{};
  for (std::uint32_t lane = 0; lane < kWarp; ++lane) {
    words.fill(0);
    for (std::uint32_t e = 0; e < count; ++e) {
      const Place to = place(type, at.out.size(), lane, e);
      std::uint64_t word = 0;
      std::memcpy(&word, warp.reach(at, lane, address_of(warp, at, to.element, 1), at.bytes, Access::kRead), at.bytes);
      words[to.reg] |= word << to.shift;
    }
    for (std::size_t r = 0; r < at.out.size(); ++r) warp.out(at, r)[lane] = words[r];
  }
}

void store(Warp& warp, const Instruction& at, Lanes lanes) {
  const std::size_t registers = at.in.size() - 2, stride_at = at.in.size() - 1;
  check(warp, at, lanes, stride_at);
  const auto type = static_cast<Type>(at.option2);
  for (std::uint32_t lane = 0; lane < kWarp; ++lane)
    for (std::uint32_t e = 0; e < registers * (4 / at.bytes); ++e) {
      const Place from = place(type, registers, lane, e);
      const std::uint64_t word = warp.in(at, 1 + from.reg)[lane] >> from.shift;
      std::memcpy(warp.reach(at, lane, address_of(warp, at, from.element, stride_at), at.bytes, Access::kWrite), &word,
                  at.bytes);
    }
}

Matrix gather(Warp& warp, const Instruction& at, std::size_t first, std::size_t registers, Type type) {
  Matrix matrix{};
  for (std::uint32_t lane = 0; lane < kWarp; ++lane)
    for (std::uint32_t e = 0; e < registers * (4 / bytes_of(type)); ++e) {
      const Place from = place(type, registers, lane, e);
      matrix[from.element] = warp.in(at, first + from.reg)[lane] >> from.shift & mask_of(bytes_of(type));
    }
  return matrix;
}

// option: the type of A and B; option2: of D, and of C from bit 8.
void mma(Warp& warp, const Instruction& at, Lanes lanes) {
  want_whole_warp(warp, at, lanes);
  const auto type = static_cast<Type>(at.option), to = static_cast<Type>(at.option2 & 255),
             from = static_cast<Type>(at.option2 >> 8);
  const std::size_t inputs = registers_of(type, true), sums = registers_of(from, false);
  std::array<double, kElements> a{}, b{};
  const Matrix raw_a = gather(warp, at, 0, inputs, type), raw_b = gather(warp, at, inputs, inputs, type);
  const Matrix c = gather(warp, at, 2 * inputs, sums, from);
  for (std::uint32_t i = 0; i < kElements; ++i) {
    a[i] = matrix_element(raw_a[i], type);
    b[i] = matrix_element(raw_b[i], type);
  }
  Matrix d{};
  for (std::uint32_t i = 0; i < kElements; ++i) {
    double sum = matrix_element(c[i], from);
    for (std::uint32_t k = 0; k < kSide; ++k) sum += a[i / kSide * kSide + k] * b[k * kSide + i % kSide];
    d[i] = to == Type::kF16 ? narrow(sum, kHalf, Rounding::kNearest) : narrow(sum, kSingle, Rounding::kNearest);
  }
  for (std::uint32_t lane = 0; lane < kWarp; ++lane) {
    std::array<std::uint64_t, 8> words{};
    for (std::uint32_t e = 0; e < at.out.size() * (4 / bytes_of(to)); ++e) {
      const Place where = place(to, at.out.size(), lane, e);
      words[where.reg] |= d[where.element] << where.shift;
    }
    for (std::size_t r = 0; r < at.out.size(); ++r) warp.out(at, r)[lane] = words[r];
  }
}

void want(Decoder& d, std::size_t index, std::size_t count) {
  const Operand& operand = d.operand(index);
  if (operand.kind != Operand::Kind::kVector || operand.elements.size() != count)
    d.refuse("operand " + std::to_string(index + 1) + " wants " + std::to_string(count) + " registers");
}

void decode_mma(Decoder& d) {
  d.one_of("A's layout", {"row", "col"});
  d.one_of("B's layout", {"row", "col"});
  const Type to = d.type_among({Type::kF32, Type::kF16});
  Type type = Type::kF16, from = d.type_among({Type::kF32, Type::kF16, Type::kBf16});
  if (from == Type::kBf16) {
    type = d.type_among({Type::kBf16});
    from = d.type_among({Type::kF32});
    if (to != Type::kF32) d.refuse("bf16 is summed in f32");
  }
  const std::size_t inputs = registers_of(type, true);
  want(d, 0, registers_of(to, false));
  want(d, 1, inputs);
  want(d, 2, inputs);
  want(d, 3, registers_of(from, false));
  d.outs(0, Type::kB32);
  for (std::size_t i = 1; i < 4; ++i) d.ins(i, Type::kB32);
  d.instruction.option = static_cast<std::uint32_t>(type);
  d.instruction.option2 = static_cast<std::uint32_t>(to) | static_cast<std::uint32_t>(from) << 8;
  d.execute(mma);
}

void decode_wmma(Decoder& d) {
  Instruction& made = d.instruction;
  made.flow = Instruction::Flow::kConverge;
  const std::size_t what = d.one_of("what it does", {"load", "mma", "store"});
  d.one_of("that lanes wait for each other", {"sync"});
  d.one_of("that all lanes run it", {"aligned"});
  d.one_of("the shape", {"m16n16k16"});
  if (what == 1) return decode_mma(d);
  const std::size_t part = what == 0 ? d.one_of("which matrix", {"a", "b", "c"}) : 3 + d.one_of("which matrix", {"d"});
  made.option = static_cast<std::uint32_t>(d.one_of("the layout", {"row", "col"}));
  if (d.take("global"))
    made.space = Space::kGlobal;
  else if (d.any_of({"shared", "shared::cta"}))
    made.space = Space::kShared;
  const bool input = part < 2;
  const Type type = input ? d.type_among({Type::kF16, Type::kBf16}) : d.type_among({Type::kF16, Type::kF32});
  made.option2 = static_cast<std::uint32_t>(type);
  made.bytes = bytes_of(type);
  const std::size_t registers_at = what == 0 ? 0 : 1;
  want(d, registers_at, registers_of(type, input));
  d.address(1 - registers_at);
  if (what == 0)
    d.outs(0, Type::kB32);
  else
    d.ins(1, Type::kB32);
  d.in(2, Type::kB32);
  d.execute(what == 0 ? load : store);
}

constexpr Opcode kOpcodes[] = {{"wmma", decode_wmma}};

}  // namespace

std::span<const Opcode> fragment_opcodes() { return kOpcodes; }

}  // namespace geomsu::emulation::ptx
