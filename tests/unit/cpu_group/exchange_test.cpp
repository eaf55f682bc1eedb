#include "kernels/cpu/exchange.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace geomsu;
using ops::ReduceOp;

std::uint64_t size_of(const std::string& dtype) { return dtype == "fp64" ? 8 : dtype == "bf16" ? 2 : 4; }

void put(const std::string& dtype, std::byte* to, int value) {
  if (dtype == "fp64") {
    const double x = value;
    std::memcpy(to, &x, 8);
  } else if (dtype == "int32") {
    std::memcpy(to, &value, 4);
  } else {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    const auto upper = static_cast<std::uint16_t>(bits >> 16);
    dtype == "bf16" ? std::memcpy(to, &upper, 2) : std::memcpy(to, &bits, 4);
  }
}

double get(const std::string& dtype, const std::byte* from) {
  double wide = 0;
  std::int32_t whole = 0;
  std::uint32_t bits = 0;
  std::uint16_t upper = 0;
  if (dtype == "fp64") return std::memcpy(&wide, from, 8), wide;
  if (dtype == "int32") return std::memcpy(&whole, from, 4), whole;
  if (dtype == "fp32") return std::memcpy(&bits, from, 4), std::bit_cast<float>(bits);
  std::memcpy(&upper, from, 2);
  return std::bit_cast<float>(static_cast<std::uint32_t>(upper) << 16);
}

struct Lines {  // aligned to 64 bytes, so that a test chooses what is misaligned
  explicit Lines(std::uint64_t bytes) : storage(bytes / 64 + 3) {}
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::vector<Line> storage;
  std::byte* at(std::uint64_t offset) { return storage[0].bytes + offset; }
};

class ExchangeOf : public testing::TestWithParam<std::tuple<std::string, ReduceOp>> {};

// Every set against the definition: counts around a line, every place of a target in its line, odd places of sources.
TEST_P(ExchangeOf, IsWhatItsDefinitionSaysOnEveryInstructionSet) {
  const auto& [dtype, op] = GetParam();
  const std::uint64_t size = size_of(dtype), per_line = 64 / size;
  std::mt19937 random(7);
  for (const ops::Isa isa : ops::isas_here()) {
    const auto exchange = cpu::exchange_of(isa, dtype, op);
    ASSERT_NE(exchange, nullptr);
    for (const std::uint32_t sources : op == ReduceOp::kNone ? std::vector{1u} : std::vector{1u, 2u, 3u, 5u}) {
      for (const std::uint32_t targets : {1u, 2u, 3u}) {
        for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{1}, per_line - 1, per_line, per_line + 1,
                                          5 * per_line + 3, std::uint64_t{257}}) {
          const bool past = random() % 2 == 0;
          const std::uint64_t place = random() % per_line * size;
          std::vector<Lines> in(sources, Lines(count * size + 64)), out(targets, Lines(count * size + 64));
          std::vector<const void*> from;
          std::vector<void*> to;
          std::vector<std::vector<int>> values(sources, std::vector<int>(count));
          for (std::uint32_t s = 0; s < sources; ++s) {
            std::byte* start = in[s].at(random() % per_line * size);
            from.push_back(start);
            for (std::uint64_t i = 0; i < count; ++i)
              put(dtype, start + i * size, values[s][i] = static_cast<int>(random() % 100) - 50);
          }
          for (auto& lines : out) to.push_back(lines.at(64 + place));
          exchange(from.data(), sources, to.data(), targets, count, past);
          for (std::uint32_t t = 0; t < targets; ++t) {
            const auto* start = static_cast<const std::byte*>(to[t]);
            for (std::uint64_t i = 0; i < count; ++i) {
              int expected = values[0][i];
              for (std::uint32_t s = 1; s < sources; ++s) {
                const int x = values[s][i];
                expected = op == ReduceOp::kMax   ? std::max(expected, x)
                           : op == ReduceOp::kMin ? std::min(expected, x)
                                                  : expected + x;
              }
              ASSERT_EQ(get(dtype, start + i * size), expected)
                  << to_string(isa) << " element " << i << " of " << count << ", place " << place;
            }
            EXPECT_EQ(start[-1], std::byte{0}) << "nothing before the target is touched";
            EXPECT_EQ(start[count * size], std::byte{0}) << "nothing behind it either";
          }
        }
      }
    }
  }
}

std::string name_of(const testing::TestParamInfo<std::tuple<std::string, ReduceOp>>& of) {
  const std::vector<std::string> names{"none", "sum", "max", "min"};
  return std::get<0>(of.param) + "_" + names[static_cast<std::size_t>(std::get<1>(of.param))];
}

INSTANTIATE_TEST_SUITE_P(Dtypes, ExchangeOf,
                         testing::Combine(testing::Values("fp32", "fp64", "bf16", "int32"),
                                          testing::Values(ReduceOp::kNone, ReduceOp::kSum, ReduceOp::kMax,
                                                          ReduceOp::kMin)),
                         name_of);

TEST(Exchange, RoundsBf16ToNearestEven) {
  // 256 + 1 is a tie between 256 and 258, 258 + 1 one between 258 and 260: both go to the even significand.
  for (const ops::Isa isa : ops::isas_here()) {
    for (const auto& [a, b, sum] : {std::tuple{256, 1, 256.0}, {258, 1, 260.0}, {256, 3, 260.0}, {-256, -1, -256.0}}) {
      Lines x(64), y(64), z(64);
      for (std::uint64_t i = 0; i < 33; ++i) {
        put("bf16", x.at(2 * i), a);
        put("bf16", y.at(2 * i), b);
      }
      const void* from[] = {x.at(0), y.at(0)};
      void* to[] = {z.at(0)};
      cpu::exchange_of(isa, "bf16", ReduceOp::kSum)(from, 2, to, 1, 33, false);
      for (const std::uint64_t i : {0u, 17u, 31u, 32u}) EXPECT_EQ(get("bf16", z.at(2 * i)), sum) << to_string(isa);
    }
  }
}

TEST(Exchange, WrapsInt32) {
  for (const ops::Isa isa : ops::isas_here()) {
    Lines x(64), z(64);
    for (std::uint64_t i = 0; i < 17; ++i) put("int32", x.at(4 * i), INT32_MAX);
    const void* from[] = {x.at(0), x.at(0)};
    void* to[] = {z.at(0)};
    cpu::exchange_of(isa, "int32", ReduceOp::kSum)(from, 2, to, 1, 17, true);
    EXPECT_EQ(get("int32", z.at(0)), -2.0);
    EXPECT_EQ(get("int32", z.at(64)), -2.0);
  }
}

}  // namespace
