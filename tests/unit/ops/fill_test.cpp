#include "kernels/ops/fill.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include <gtest/gtest.h>

#include "kernels/ops/rounding.hpp"

namespace {

using namespace geomsu::ops;

constexpr std::array kKinds{Data::kNormal, Data::kUniform, Data::kTrig, Data::kZeros};

template <typename T>
std::vector<T> filled(Isa isa, Data data, std::size_t count, std::uint64_t first, std::uint64_t step = 1) {
  std::vector<T> out(count, T{-7});
  fill(isa, std::span(out), data, stream(5, 3), 3, first, step);
  return out;
}

TEST(Fill, MakesTheGeneratorsBitsOnEveryInstructionSetHere) {
  for (const Isa isa : isas_here()) {
    for (const Data data : kKinds) {
      for (const std::size_t count : std::initializer_list<std::size_t>{0, 1, 2, 7, 8, 9, 16, 31, 64, 1000}) {
        for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{3}, std::uint64_t{1} << 40}) {
          const auto floats = filled<float>(isa, data, count, first);
          const auto doubles = filled<double>(isa, data, count, first);
          for (std::size_t i = 0; i < count; ++i) {
            const double expected = value(data, stream(5, 3), 3, first + i);
            ASSERT_EQ(doubles[i], expected) << to_string(isa) << " index " << first + i;
            ASSERT_EQ(static_cast<double>(floats[i]), expected);
          }
        }
      }
    }
  }
}

double number(std::int8_t x) { return x; }
std::uint64_t bits(Bf16 x) { return x.bits; }
std::uint64_t bits(Fp16 x) { return x.bits; }
std::uint64_t bits(std::int8_t x) { return static_cast<std::uint8_t>(x); }

template <typename T>
void narrow_bits(const char* name) {
  const Dtype& dtype = *find_dtype(name);
  for (const Isa isa : isas_here()) {
    for (const Data data : kKinds) {
      // 40,000 and more values of a uniform stream meet fp16's subnormal numbers and ties; odd counts meet every tail.
      for (const std::size_t count : std::initializer_list<std::size_t>{0, 1, 7, 31, 33, 65, 40001}) {
        std::vector<T> out(
            count + 1,
            std::bit_cast<T>(static_cast<std::conditional_t<sizeof(T) == 1, std::uint8_t, std::uint16_t>>(0x55)));
        fill(isa, std::span(out).first(count), data, stream(6, 2), 2, 5, 3);
        for (std::size_t i = 0; i < count; ++i) {
          const double wanted = round_to(dtype, value(data, stream(6, 2), 2, 5 + 3 * i));
          ASSERT_EQ(bits(out[i]), bits_of(dtype, wanted))
              << name << " " << to_string(isa) << " data " << static_cast<int>(data) << " element " << i;
        }
        ASSERT_EQ(bits(out[count]), 0x55u) << "beyond the end";
      }
    }
  }
}

TEST(Fill, RoundsToInt8AsTheDocumentSays) {
  narrow_bits<std::int8_t>("int8");
  std::vector<std::int8_t> x(100000);
  fill(std::span(x), Data::kNormal, stream(1, 1), 1, 0);
  const auto [least, most] = std::minmax_element(x.begin(), x.end());
  EXPECT_GE(number(*least), -64);
  EXPECT_LE(number(*most), 63);
  EXPECT_LT(number(*least), -50) << "the range is used";
}
TEST(Fill, RoundsToBf16) { narrow_bits<Bf16>("bf16"); }
TEST(Fill, RoundsToFp16WithItsSubnormalNumbers) {
  narrow_bits<Fp16>("fp16");
  std::vector<Fp16> x(1 << 20);
  fill(std::span(x), Data::kUniform, stream(1, 1), 1, 0);
  std::size_t subnormal = 0;
  for (const Fp16 y : x) subnormal += (y.bits & 0x7C00) == 0 && (y.bits & 0x3FF) != 0;
  EXPECT_GT(subnormal, 10u) << "else nothing was tried";
}

TEST(Fill, WalksDownAColumnWithAStep) {
  for (const Isa isa : isas_here()) {
    for (const Data data : kKinds) {
      const auto column = filled<double>(isa, data, 100, 11, 4097);
      for (std::size_t i = 0; i < column.size(); ++i) ASSERT_EQ(column[i], value(data, stream(5, 3), 3, 11 + i * 4097));
    }
  }
}

TEST(Fill, MayBeSplitAnywhere) {
  const auto whole = filled<float>(best_isa(), Data::kNormal, 1000, 0);
  for (const std::size_t cut : std::initializer_list<std::size_t>{0, 1, 13, 999, 1000}) {
    auto parts = filled<float>(best_isa(), Data::kNormal, cut, 0);
    const auto rest = filled<float>(best_isa(), Data::kNormal, 1000 - cut, cut);
    parts.insert(parts.end(), rest.begin(), rest.end());
    EXPECT_EQ(parts, whole);
  }
}

TEST(Fill, DrawsTheSameSignsOnEveryInstructionSetHere) {
  for (const Isa isa : isas_here()) {
    std::vector<double> signs(1001);
    fill_signs(isa, signs, sign_stream(99), 17);
    for (std::size_t j = 0; j < signs.size(); ++j) ASSERT_EQ(signs[j], sign_at(sign_stream(99), 17 + j));
  }
}

TEST(Digest, IsTheSameOnEveryInstructionSetAndInParts) {
  std::vector<std::byte> bytes(8 * 300 + 5);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(finalise(i));
  const std::uint64_t whole = digest(bytes);
  for (const Isa isa : isas_here()) {
    EXPECT_EQ(digest(isa, bytes), whole);
    for (const std::size_t word : std::initializer_list<std::size_t>{0, 1, 7, 100, 300}) {
      const auto view = std::span(std::as_const(bytes));
      EXPECT_EQ(digest(isa, view.first(8 * word)) + digest(isa, view.subspan(8 * word), word), whole);
    }
  }
}

TEST(Digest, SeesAnySingleFlippedBitAndSwappedWords) {
  std::vector<std::byte> bytes(64);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i);
  const std::uint64_t whole = digest(bytes);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    EXPECT_NE(digest(bytes), whole) << "bit " << bit;
    bytes[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
  }
  std::swap_ranges(bytes.begin(), bytes.begin() + 8, bytes.begin() + 8);
  EXPECT_NE(digest(bytes), whole);
}

struct Moments {
  double mean = 0, deviation = 0, lag = 0;
};
Moments moments(const std::vector<double>& x) {
  Moments m;
  const auto n = static_cast<double>(x.size());
  for (const double v : x) m.mean += v / n;
  for (std::size_t i = 0; i < x.size(); ++i) {
    m.deviation += (x[i] - m.mean) * (x[i] - m.mean) / n;
    if (i > 0) m.lag += (x[i] - m.mean) * (x[i - 1] - m.mean) / n;
  }
  m.lag /= m.deviation;
  m.deviation = std::sqrt(m.deviation);
  return m;
}

// Bounds are six standard errors of a million independent draws.
TEST(Generator, HasTheMomentsOfItsDocument) {
  std::vector<double> x(1 << 20);
  for (const std::uint64_t seed : {0ULL, 1ULL, 0xFFFFFFFFFFFFFFFFULL}) {
    fill(std::span(x), Data::kNormal, stream(seed, 1), 1, 0);
    const Moments normal = moments(x);
    EXPECT_NEAR(normal.mean, 0, 6 * 1.1547 / 1024);
    EXPECT_NEAR(normal.deviation, 1.1547, 6 * 1.1547 / 1024);
    EXPECT_NEAR(normal.lag, 0, 6.0 / 1024);
    fill(std::span(x), Data::kUniform, stream(seed, 1), 1, 0);
    const Moments uniform = moments(x);
    EXPECT_NEAR(uniform.mean, 0, 6 * 0.5774 / 1024);
    EXPECT_NEAR(uniform.deviation, 0.5774, 6 * 0.5774 / 1024);
    EXPECT_NEAR(uniform.lag, 0, 6.0 / 1024);
    fill_signs(x, sign_stream(seed), 0);
    EXPECT_NEAR(moments(x).mean, 0, 6.0 / 1024);
    EXPECT_NEAR(moments(x).lag, 0, 6.0 / 1024);
  }
}

TEST(Generator, MakesUnlikeStreamsOfNeighbouringSeedsAndTensors) {
  const auto take = [](std::uint64_t seed, std::uint64_t tensor) {
    std::vector<double> x(1 << 16);
    fill(std::span(x), Data::kNormal, stream(seed, tensor), tensor, 0);
    return x;
  };
  const auto base = take(7, 1);
  for (const auto& other : {take(8, 1), take(7, 2), take(7, 17), take(7, 0)}) {
    double product = 0;
    std::size_t equal = 0;
    for (std::size_t i = 0; i < base.size(); ++i) {
      product += base[i] * other[i] / static_cast<double>(base.size());
      equal += base[i] == other[i];
    }
    EXPECT_NEAR(product / (1.1547 * 1.1547), 0, 6.0 / 256);
    EXPECT_LT(equal, 10u);  // a sum of four fields takes 262,141 values
  }
}

TEST(Generator, RepeatsNothingWithinAStream) {
  std::vector<std::uint64_t> x(1 << 18);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = mix64(3, 1, i);
  std::sort(x.begin(), x.end());
  EXPECT_EQ(std::adjacent_find(x.begin(), x.end()), x.end());
}

}  // namespace
