// mma.sync and ldmatrix, with the layouts that the PTX manual gives for m16n8: lane = 4 * group + member; register r of
// A holds row group + 8 * (r & 1), register r of B column group; members hold neighbouring columns of A, rows of B.
// Products are summed in double and rounded once: the order and width of a GPU's sum are not specified.
#include "tests/cuda_emulation/ptx/matrix.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "tests/cuda_emulation/ptx/decoder.hpp"
#include "tests/cuda_emulation/ptx/lanes.hpp"
#include "tests/cuda_emulation/ptx/number.hpp"

namespace geomsu::emulation::ptx {

void want_whole_warp(Warp& warp, const Instruction& at, Lanes lanes) {
  if (lanes != kAllLanes)
    warp.fault(at, static_cast<std::uint32_t>(__builtin_ctz(lanes)), "all 32 lanes of the warp must run it together");
}

double matrix_element(std::uint64_t word, Type type) {
  switch (type) {
    case Type::kF16:
      return widen(word & 0xffff, kHalf);
    case Type::kBf16:
      return widen(word & 0xffff, kBrain);
    case Type::kTf32:
      return widen((word & 0xffffffff) >> 13, kTensor);
    case Type::kF32:
      return static_cast<double>(value<float>(word));
    case Type::kS8:
      return value<std::int8_t>(word);
    case Type::kU8:
      return value<std::uint8_t>(word);
    case Type::kS32:
      return value<std::int32_t>(word);
    default:
      return 0;
  }
}

namespace {

constexpr std::size_t kRows = 16, kColumns = 8, kDepth = 32;  // the most

struct Shape {            // as it lies in Instruction::option and option2
  std::uint32_t a, b, d;  // registers
  Type type_a, type_b, type_d;
  bool finite;
};

std::uint32_t elements_of(Type type) { return 4 / (type == Type::kTf32 ? 4 : bytes_of(type)); }

Shape unpacked(const Instruction& at) {
  return {at.option & 15,
          at.option >> 4 & 15,
          at.option >> 8 & 15,
          static_cast<Type>(at.option2 & 255),
          static_cast<Type>(at.option2 >> 8 & 255),
          static_cast<Type>(at.option2 >> 16 & 255),
          (at.option2 >> 24 & 1) != 0};
}

std::uint64_t rounded(double sum, const Shape& shape) {
  if (shape.type_d == Type::kF16) return narrow(sum, kHalf, Rounding::kNearest);
  if (shape.type_d == Type::kF32) return std::isnan(sum) ? 0x7fffffff : bits(static_cast<float>(sum));
  if (shape.finite)
    sum = std::clamp(sum, static_cast<double>(std::numeric_limits<std::int32_t>::min()),
                     static_cast<double>(std::numeric_limits<std::int32_t>::max()));
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(sum)) & mask_of(4);
}

void mma(Warp& warp, const Instruction& at, Lanes lanes) {
  want_whole_warp(warp, at, lanes);
  const Shape shape = unpacked(at);
  const std::uint32_t n = elements_of(shape.type_a), width = 32 / n, depth = 2 * n * shape.a;
  std::array<std::array<double, kDepth>, kRows> a{};
  std::array<std::array<double, kColumns>, kDepth> b{};
  for (std::uint32_t lane = 0; lane < kWarp; ++lane) {
    const std::uint32_t group = lane / 4, member = lane % 4;
    for (std::uint32_t i = 0; i < n; ++i) {
      for (std::uint32_t r = 0; r < shape.a; ++r)
        a[group + 8 * (r & 1)][(r >> 1) * 4 * n + member * n + i] =
            matrix_element(warp.in(at, r)[lane] >> (width * i), shape.type_a);
      for (std::uint32_t r = 0; r < shape.b; ++r)
        b[r * 4 * n + member * n + i][group] =
            matrix_element(warp.in(at, shape.a + r)[lane] >> (width * i), shape.type_b);
    }
  }
  const bool half = shape.type_d == Type::kF16;
  std::array<std::uint64_t, 4> d{};
  for (std::uint32_t lane = 0; lane < kWarp; ++lane) {
    const std::uint32_t group = lane / 4, member = lane % 4;
    for (std::uint32_t i = 0; i < 4; ++i) {
      const std::uint32_t row = group + 8 * (i >> 1), column = 2 * member + (i & 1);
      const std::uint64_t c = warp.in(at, shape.a + shape.b + (half ? i / 2 : i))[lane] >> (half ? 16 * (i & 1) : 0);
      double sum = matrix_element(c, shape.type_d);
      for (std::uint32_t k = 0; k < depth; ++k) sum += a[row][k] * b[k][column];
      d[i] = rounded(sum, shape);
    }
    for (std::uint32_t r = 0; r < shape.d; ++r) warp.out(at, r)[lane] = half ? d[2 * r] | d[2 * r + 1] << 16 : d[r];
  }
}

void vector_of(Decoder& d, std::size_t index, std::size_t count) {
  const Operand& operand = d.operand(index);
  const std::size_t have = operand.kind == Operand::Kind::kVector ? operand.elements.size() : 1;
  if (have != count)
    d.refuse("operand " + std::to_string(index + 1) + " wants " + std::to_string(count) + " registers");
  if (index == 0)
    d.outs(index, Type::kB32);
  else
    d.ins(index, Type::kB32);
}

void decode_mma(Decoder& d) {
  Instruction& made = d.instruction;
  made.flow = Instruction::Flow::kConverge;
  d.one_of("that lanes wait for each other", {"sync"});
  d.one_of("that all lanes run it", {"aligned"});
  const std::size_t named = d.one_of("the shape", {"m16n8k16", "m16n8k8", "m16n8k32"});
  d.one_of("A's layout", {"row"});
  d.one_of("B's layout", {"col"});
  const bool finite = d.take("satfinite");
  const Type to = d.type(), a = d.type(), b = d.type(), c = d.type();
  const bool small = a == Type::kF16 || a == Type::kBf16, bytes = a == Type::kS8 || a == Type::kU8;
  if (!small && !bytes && a != Type::kTf32) d.refuse("these types are not known here");
  const bool types = to == c && (bytes ? (b == Type::kS8 || b == Type::kU8) && to == Type::kS32
                                       : a == b && (to == Type::kF32 || (a == Type::kF16 && to == Type::kF16)));
  if (!types || (finite && !bytes)) d.refuse("these types are not known here");
  const std::uint32_t depth = named == 0 ? 16 : named == 1 ? 8 : 32;
  const std::uint32_t registers = depth / (2 * elements_of(a));
  if (registers != 4 && registers != 2) d.refuse("this shape is not known for these types");
  const std::uint32_t results = to == Type::kF16 ? 2 : 4;
  vector_of(d, 0, results);
  vector_of(d, 1, registers);
  vector_of(d, 2, registers / 2);
  vector_of(d, 3, results);
  made.option = registers | (registers / 2) << 4 | results << 8;
  made.option2 = static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b) << 8 |
                 static_cast<std::uint32_t>(to) << 16 | (finite ? 1U << 24 : 0);
  d.execute(mma);
}

// Lanes 8i to 8i + 7 name the rows of matrix i; lane l gets elements 2 * (l % 4) and the next of row l / 4.
// option: 1 transposed.
void ldmatrix(Warp& warp, const Instruction& at, Lanes lanes) {
  want_whole_warp(warp, at, lanes);
  constexpr std::uint32_t kSide = 8, kRowBytes = 16;
  std::array<std::array<std::uint64_t, kSide>, kSide> matrix{};
  std::vector<std::array<std::uint64_t, kWarp>> results(at.out.size());
  for (std::uint32_t i = 0; i < results.size(); ++i) {
    for (std::uint32_t row = 0; row < kSide; ++row) {
      const std::uint32_t lane = kSide * i + row;
      const std::uint64_t address = warp.in(at, 0)[lane] + static_cast<std::uint64_t>(at.offset);
      const std::byte* from = warp.reach(at, lane, address, kRowBytes, Access::kRead);
      for (std::uint32_t k = 0; k < kSide; ++k) std::memcpy(&matrix[row][k], from + 2 * k, 2);
    }
    for (std::uint32_t lane = 0; lane < kWarp; ++lane) {
      const std::uint32_t x = lane / 4, y = 2 * (lane % 4);
      results[i][lane] = at.option != 0 ? matrix[y][x] | matrix[y + 1][x] << 16 : matrix[x][y] | matrix[x][y + 1] << 16;
    }
  }
  for (std::size_t i = 0; i < results.size(); ++i) std::copy(results[i].begin(), results[i].end(), warp.out(at, i));
}

void decode_ldmatrix(Decoder& d) {
  Instruction& made = d.instruction;
  made.flow = Instruction::Flow::kConverge;
  d.one_of("that lanes wait for each other", {"sync"});
  d.one_of("that all lanes run it", {"aligned"});
  d.one_of("the shape", {"m8n8"});
  const std::size_t count = std::size_t{1} << d.one_of("how many", {"x1", "x2", "x4"});
  made.option = d.take("trans") ? 1 : 0;
  if (d.any_of({"shared", "shared::cta"})) made.space = Space::kShared;
  d.type_among({Type::kB16});
  vector_of(d, 0, count);
  d.address(1);
  d.execute(ldmatrix);
}

constexpr Opcode kOpcodes[] = {{"mma", decode_mma}, {"ldmatrix", decode_ldmatrix}};

}  // namespace

std::span<const Opcode> matrix_opcodes() { return kOpcodes; }

}  // namespace geomsu::emulation::ptx
