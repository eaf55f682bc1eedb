// Kernels of kernels.cu against the same in C++, for PTX of the oldest architecture and of the newest.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include <gmock/gmock.h>

#include "tests/cuda_emulation/ptx/kernel_fixture.hpp"
#include "tests/cuda_emulation/ptx/number.hpp"

namespace geomsu::emulation::ptx {
namespace {

using testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity(), kNan = std::numeric_limits<double>::quiet_NaN();

class PtxKernels : public KernelFixture {};
INSTANTIATE_TEST_SUITE_P(, PtxKernels, testing::Values("least", "newest"));

std::uint16_t half(float x) {
  return static_cast<std::uint16_t>(narrow(static_cast<double>(x), kHalf, Rounding::kNearest));
}
std::uint16_t brain(float x) {
  return static_cast<std::uint16_t>(narrow(static_cast<double>(x), kBrain, Rounding::kNearest));
}

TEST_P(PtxKernels, CopyVectorsWithAGridStride) {
  const std::vector<float> in = noise(4 * 1000);
  const std::uint64_t from = world_.add(in), to = world_.add(in.size() * 4, false);
  launch("copy4", {3, 1, 1}, {96, 1, 1}, Arguments() << from << to << 1000);
  EXPECT_EQ(world_.read<float>(to), in);
  EXPECT_EQ(std::count(world_.written(to).begin(), world_.written(to).end(), 0), 0);
}

TEST_P(PtxKernels, ReduceABlockWithShuffles) {
  const std::vector<float> in = noise(4 * 1000);
  const std::uint64_t from = world_.add(in), to = world_.add(4 * sizeof(double), false);
  launch("reduce", {4, 1, 1}, {256, 1, 1}, Arguments() << from << to << 1000);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(
        world_.read<double>(to)[i],
        std::accumulate(in.begin() + static_cast<long>(i) * 1000, in.begin() + static_cast<long>(i + 1) * 1000, 0.0),
        1e-9);
}

TEST_P(PtxKernels, RefuseABlockBeyondTheirLaunchBounds) {
  EXPECT_EQ(find(*module_, "reduce")->max_threads, 256U);
  const Arguments given = Arguments() << std::uint64_t{0} << std::uint64_t{0} << 0;
  EXPECT_THAT(fault_of(*module_, of("reduce", {1, 1, 1}, {512, 1, 1}, given), world_),
              HasSubstr("__launch_bounds__ say 256"));
}

TEST_P(PtxKernels, TransposeThroughSharedMemoryInAnyOrder) {
  const std::vector<float> in = noise(64 * 64);
  for (std::uint64_t seed = 1; seed < 6; ++seed) {
    const std::uint64_t from = world_.add(in), to = world_.add(in.size() * 4, false);
    launch("transpose", {2, 2, 1}, {32, 8, 1}, Arguments() << from << to << 64, seed);
    const auto out = world_.read<float>(to);
    for (std::size_t i = 0; i < in.size(); ++i) ASSERT_EQ(out[i], in[i % 64 * 64 + i / 64]);
  }
}

TEST_P(PtxKernels, AreAccusedOfARaceWhereTheBarrierIsMissing) {
  const std::vector<float> in = noise(64 * 64);
  const std::uint64_t from = world_.add(in), to = world_.add(in.size() * 4, false);
  const Arguments given = Arguments() << from << to << 64;
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    const std::string words = fault_of(*module_, of("transpose_racing", {2, 2, 1}, {32, 8, 1}, given, seed), world_);
    EXPECT_THAT(words, testing::AnyOf(HasSubstr("race in byte"), HasSubstr("never written")));
    EXPECT_THAT(words, HasSubstr("kernels.cu:"));
  }
}

TEST_P(PtxKernels, AreNotAccusedForNeighbouringBytes) {
  const std::uint64_t out = world_.add(128, false);
  for (std::uint64_t seed = 1; seed < 6; ++seed)
    launch("false_sharing", {1, 1, 1}, {128, 1, 1}, Arguments() << out, seed);
  for (std::size_t i = 0; i < 128; ++i) EXPECT_EQ(world_.read<std::uint8_t>(out)[i], i + 1);
}

TEST_P(PtxKernels, MultiplyMatricesOfBf16WithWmma) {
  std::vector<std::uint16_t> a, b;
  for (const float x : noise(256)) a.push_back(brain(x));
  for (const float x : noise(256, -2, 3)) b.push_back(brain(x));
  const std::uint64_t from_a = world_.add(a), from_b = world_.add(b), to = world_.add(1024, false);
  launch("matrix_bf16", {1, 1, 1}, {32, 1, 1}, Arguments() << from_a << from_b << to);
  const auto c = world_.read<float>(to);
  for (std::size_t i = 0; i < 256; ++i) {
    double sum = 0.5;
    for (std::size_t k = 0; k < 16; ++k) sum += widen(a[i / 16 * 16 + k], kBrain) * widen(b[i % 16 * 16 + k], kBrain);
    EXPECT_NEAR(static_cast<double>(c[i]), 2 * sum, 1e-5);
  }
}

TEST_P(PtxKernels, MultiplyMatricesOfHalvesWithWmma) {
  std::vector<std::uint16_t> a, b, c;
  for (const float x : noise(256)) a.push_back(half(x));
  for (const float x : noise(256, -2, 3)) b.push_back(half(x));
  for (const float x : noise(256, 5, 9)) c.push_back(half(x));
  const std::uint64_t from_a = world_.add(a), from_b = world_.add(b), to = world_.add(c),
                      wide = world_.add(1024, false);
  launch("matrix_half", {1, 1, 1}, {32, 1, 1}, Arguments() << from_a << from_b << to << wide);
  const auto got = world_.read<std::uint16_t>(to);
  const auto got_wide = world_.read<float>(wide);
  for (std::size_t row = 0; row < 16; ++row)
    for (std::size_t column = 0; column < 16; ++column) {
      double sum = 0;
      for (std::size_t k = 0; k < 16; ++k) sum += widen(a[k * 16 + row], kHalf) * widen(b[k * 16 + column], kHalf);
      EXPECT_NEAR(static_cast<double>(got_wide[row * 16 + column]), sum, 1e-5);
      EXPECT_NEAR(widen(got[column * 16 + row], kHalf), sum + widen(c[column * 16 + row], kHalf), 8e-3);
    }
}

// The formats as their standard writes them (OCP 8-bit floating point, 2023), not as number.cpp does.
double fp8(unsigned code, int mantissa_bits) {
  const int exponent_bits = 7 - mantissa_bits, bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = static_cast<int>(code >> mantissa_bits) & ((1 << exponent_bits) - 1);
  const int mantissa = static_cast<int>(code) & ((1 << mantissa_bits) - 1);
  const double sign = code >= 128 ? -1 : 1;
  if (mantissa_bits == 3 && (code & 127) == 127) return kNan;
  if (mantissa_bits == 2 && exponent == 31) return mantissa == 0 ? sign * kInfinity : kNan;
  const double fraction = mantissa / std::pow(2.0, mantissa_bits);
  return sign * (exponent == 0 ? fraction * std::pow(2.0, 1 - bias) : (1 + fraction) * std::pow(2.0, exponent - bias));
}

TEST_P(PtxKernels, WidenEveryFp8) {
  const std::uint64_t e4m3 = world_.add(1024, false), e5m2 = world_.add(1024, false);
  launch("from_fp8", {1, 1, 1}, {256, 1, 1}, Arguments() << e4m3 << e5m2);
  for (unsigned i = 0; i < 256; ++i) {
    EXPECT_THAT(static_cast<double>(world_.read<float>(e4m3)[i]), testing::NanSensitiveDoubleEq(fp8(i, 3))) << i;
    EXPECT_THAT(static_cast<double>(world_.read<float>(e5m2)[i]), testing::NanSensitiveDoubleEq(fp8(i, 2))) << i;
  }
}

// The nearest code by trying all; ties to the even one; beyond the largest: the largest.
unsigned nearest_fp8(double x, int mantissa_bits) {
  unsigned best = 0;
  const unsigned largest = mantissa_bits == 3 ? 0x7e : 0x7b;
  for (unsigned code = 1; code <= largest; ++code) {
    const double far = std::fabs(fp8(code, mantissa_bits) - std::fabs(x)),
                 so_far = std::fabs(fp8(best, mantissa_bits) - std::fabs(x));
    if (far < so_far || (far == so_far && code % 2 == 0)) best = code;
  }
  return best | (std::signbit(x) ? 0x80U : 0U);
}

TEST_P(PtxKernels, RoundToFp8ExactlyIncludingTiesAndSaturation) {
  std::vector<float> in;
  for (unsigned code = 0; code < 0x7f; ++code)
    for (const int m : {3, 2}) {
      const double here = fp8(code, m), next = fp8(code + 1, m);
      if (!std::isfinite(here) || !std::isfinite(next)) continue;
      const auto middle = static_cast<float>((here + next) / 2);
      for (const float x :
           {static_cast<float>(here), middle, std::nextafter(middle, 1e9f), std::nextafter(middle, 0.0f)}) {
        in.push_back(x);
        in.push_back(-x);
      }
    }
  for (const float x : {449.0f, 464.0f, 465.0f, 1e9f, 57344.0f, 61440.0f, 61441.0f, 1e-9f, INFINITY})
    in.insert(in.end(), {x, -x});
  while (in.size() % 64 != 0) in.push_back(0);
  const std::uint64_t from = world_.add(in), e4m3 = world_.add(in.size(), false), e5m2 = world_.add(in.size(), false);
  launch("to_fp8", {static_cast<std::uint32_t>(in.size() / 64), 1, 1}, {64, 1, 1}, Arguments() << from << e4m3 << e5m2);
  const auto got4 = world_.read<std::uint8_t>(e4m3), got5 = world_.read<std::uint8_t>(e5m2);
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double x = std::isinf(in[i]) ? std::copysign(1e6, static_cast<double>(in[i])) : static_cast<double>(in[i]);
    EXPECT_EQ(got4[i], nearest_fp8(x, 3)) << in[i];
    EXPECT_EQ(got5[i], nearest_fp8(x, 2)) << in[i];
  }
}

TEST_P(PtxKernels, WidenEveryHalfAndRoundItBack) {
  const std::uint64_t h = world_.add(65536 * 4, false), b = world_.add(65536 * 4, false);
  const std::uint64_t back_h = world_.add(65536 * 2, false), back_b = world_.add(65536 * 2, false);
  launch("halves", {256, 1, 1}, {256, 1, 1}, Arguments() << h << b << back_h << back_b);
  const auto halves = world_.read<float>(h), brains = world_.read<float>(b);
  const auto back_halves = world_.read<std::uint16_t>(back_h), back_brains = world_.read<std::uint16_t>(back_b);
  for (std::uint32_t i = 0; i < 65536; ++i) {
    const std::uint32_t exponent = i >> 10 & 31, mantissa = i & 1023;
    const double sign = i >= 32768 ? -1 : 1;
    const double want = exponent == 31  ? (mantissa != 0 ? kNan : sign * kInfinity)
                        : exponent == 0 ? sign * std::ldexp(mantissa, -24)
                                        : sign * std::ldexp(1024 + mantissa, static_cast<int>(exponent) - 25);
    ASSERT_THAT(static_cast<double>(halves[i]), testing::NanSensitiveDoubleEq(want)) << i;
    ASSERT_EQ(back_halves[i], std::isnan(want) ? 0x7fffU : i);
    const float brain_want = std::bit_cast<float>(i << 16);
    ASSERT_THAT(brains[i], testing::NanSensitiveFloatEq(brain_want)) << i;
    ASSERT_EQ(back_brains[i], std::isnan(brain_want) ? 0x7fffU : i);
  }
}

TEST_P(PtxKernels, RoundToHalvesWithTiesToEven) {
  std::vector<float> in;
  for (std::uint32_t i = 0; i < 2048; ++i)
    in.push_back(std::bit_cast<float>(0x3f800000 + i * 0x1000));  // halves and ties
  for (std::uint32_t i = 0; i < 2048; ++i) in.push_back(std::bit_cast<float>(0x3f800000 + i * 0x8000 + i % 3 - 1));
  const std::vector<float> edges = {65504,         65519,         65520,   1e30f,         5.9604645e-8f,
                                    2.9802322e-8f, 2.9802326e-8f, 6.1e-5f, 3.3961775e38f, 3.4e38f};
  in.insert(in.end(), edges.begin(), edges.end());
  while (in.size() % 64 != 0) in.push_back(-1.25f);
  const std::uint64_t from = world_.add(in), h = world_.add(in.size() * 2, false), b = world_.add(in.size() * 2, false),
                      p = world_.add(in.size() * 4, false);
  launch("round_halves", {static_cast<std::uint32_t>(in.size() / 64), 1, 1}, {64, 1, 1},
         Arguments() << from << h << b << p);
  const auto halves = world_.read<std::uint16_t>(h), brains = world_.read<std::uint16_t>(b);
  const auto pairs = world_.read<std::uint32_t>(p);
  for (std::size_t i = 0; i < in.size(); ++i) {
    const auto word = std::bit_cast<std::uint32_t>(in[i]);
    const auto brain_want = static_cast<std::uint16_t>((word + 0x7fff + (word >> 16 & 1)) >> 16);
    ASSERT_EQ(brains[i], brain_want) << in[i];
    ASSERT_EQ(pairs[i], (brain_want | static_cast<std::uint32_t>(brain_want ^ 0x8000) << 16)) << in[i];
    const double x = std::fabs(static_cast<double>(in[i]));
    const double quantum = std::ldexp(1.0, std::max(x == 0 ? -14 : std::ilogb(x), -14) - 10);
    const double rounded = std::nearbyint(x / quantum) * quantum;
    ASSERT_EQ(std::fabs(widen(halves[i], kHalf)), rounded > 65504 ? kInfinity : rounded) << in[i];
  }
}

TEST_P(PtxKernels, ComputeWithHalvesRoundedOnce) {
  std::vector<std::uint32_t> a, b;
  std::vector<std::uint16_t> c;
  const auto x = noise(128, -8, 8), y = noise(128, -1, 100);
  for (std::size_t i = 0; i < 64; ++i) {
    a.push_back(half(x[i]) | static_cast<std::uint32_t>(half(y[i] / 1000)) << 16);
    b.push_back(half(y[i]) | static_cast<std::uint32_t>(half(x[i + 64])) << 16);
    c.push_back(brain(x[i]));
  }
  c.push_back(brain(3));
  const std::uint64_t pa = world_.add(a), pb = world_.add(b), pc = world_.add(c), h = world_.add(64 * 16, false),
                      f = world_.add(64 * 6, false), q = world_.add(256, false);
  launch("half_arithmetic", {1, 1, 1}, {64, 1, 1}, Arguments() << pa << pb << pc << h << f << q);
  const auto got = world_.read<std::uint16_t>(h), brains = world_.read<std::uint16_t>(f);
  const auto compared = world_.read<int>(q);
  const auto same = [](double exact, const Format& format) {
    return static_cast<std::uint16_t>(narrow(exact, format, Rounding::kNearest));
  };
  for (std::size_t i = 0; i < 64; ++i) {
    for (std::size_t part = 0; part < 2; ++part) {
      const double u = widen(a[i] >> (16 * part) & 0xffff, kHalf), v = widen(b[i] >> (16 * part) & 0xffff, kHalf);
      EXPECT_EQ(got[8 * i + part], same(u + v, kHalf));
      EXPECT_EQ(got[8 * i + 2 + part], same(u * v, kHalf));
      EXPECT_EQ(got[8 * i + 4 + part], same(u * v + u, kHalf));
      EXPECT_EQ(got[8 * i + 6 + part], same(std::max(u, v), kHalf));
    }
    const double u = widen(c[i], kBrain), v = widen(c[i + 1], kBrain);
    EXPECT_EQ(brains[3 * i], same(u + v, kBrain));
    EXPECT_EQ(brains[3 * i + 1], same(u * v, kBrain));
    EXPECT_EQ(brains[3 * i + 2], same(u * v + u, kBrain));
    EXPECT_EQ(compared[i], (widen(a[i] & 0xffff, kHalf) < widen(b[i] & 0xffff, kHalf) ? 1 : 0) + (u > v ? 2 : 0));
  }
}

}  // namespace
}  // namespace geomsu::emulation::ptx
