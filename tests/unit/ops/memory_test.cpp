#include "kernels/ops/memory.hpp"

#include <cmath>
#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/unit/ops/naive_gemm.hpp"

namespace {

using namespace geomsu::ops;
using geomsu::ops::test::complete;

Params shape(const std::string& kind, const std::string& dtype, std::uint64_t bytes, Params more = {}) {
  more.insert({{"kind", kind}, {"dtype", dtype}, {"bytes", std::to_string(bytes)}});
  return complete(memory(), more);
}

// The recurrences as a device runs them, in T.
template <typename T>
std::vector<T> streamed(const Params& params, std::uint64_t seed, std::uint64_t repeats, bool fused = false) {
  const MemoryShape s = memory_shape(params);
  const std::uint64_t n = s.elements;
  std::vector<std::vector<T>> x(3, std::vector<T>(n));
  for (std::uint64_t a = 0; a < 3; ++a) {
    for (std::uint64_t j = 0; j < n; ++j) x[a][j] = static_cast<T>(value(s.data, stream(seed, a + 1), a + 1, j));
  }
  const auto scalar = static_cast<T>(kTriadScalar);
  for (std::uint64_t i = 0; i < repeats; ++i) {
    if (s.kind == "copy") {
      for (std::uint64_t j = 0; j < n; ++j) x[(i + 1) % 2][(j + 64) % n] = x[i % 2][j];
      continue;
    }
    for (std::uint64_t j = 0; j < n; ++j) {
      const T a = x[(i + 2) % 3][j], b = x[(i + 1) % 3][j];
      x[i % 3][j] = fused ? std::fma(scalar, b, a) : a + scalar * b;
    }
  }
  return s.kind == "copy" ? x[repeats % 2] : x[(repeats - 1) % 3];
}

template <typename T>
std::size_t wrong_elements(const Params& params, const BlockState& state, const std::vector<T>& got) {
  const auto reference = memory().reference(params, state);
  std::size_t wrong = 0;
  for (std::uint64_t j = 0; j < got.size(); ++j) {
    const auto expected = reference->element(j, 0);
    wrong += !(std::fabs(static_cast<double>(got[j]) - expected.value) <= expected.tolerance);
  }
  return wrong;
}

template <typename T>
bool projection_holds(const Params& params, const BlockState& state, const std::vector<T>& got) {
  std::vector<double> values, tolerances;
  memory().reference(params, state)->projection(0, 99, values, tolerances);
  double sum = 0;
  for (std::uint64_t j = 0; j < got.size(); ++j) sum += static_cast<double>(got[j]) * sign_at(sign_stream(99), j);
  return std::fabs(sum - values.at(0)) <= tolerances.at(0);
}

TEST(Memory, PassesEveryStreamFusedOrNot) {
  for (const char* kind : {"copy", "triad"}) {
    for (const char* data : {"normal", "uniform", "trig", "zeros"}) {
      for (const std::uint64_t repeats : std::initializer_list<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 100, 3000}) {
        SCOPED_TRACE(std::string(kind) + " " + data + " x" + std::to_string(repeats));
        for (const bool fused : {false, true}) {
          const BlockState state{4, repeats, 1};
          const Params narrow = shape(kind, "fp32", 4608, {{"data", data}}),
                       wide = shape(kind, "fp64", 4608, {{"data", data}});
          const auto floats = streamed<float>(narrow, 4, repeats, fused);
          const auto doubles = streamed<double>(wide, 4, repeats, fused);
          EXPECT_EQ(wrong_elements(narrow, state, floats), 0u);
          EXPECT_EQ(wrong_elements(wide, state, doubles), 0u);
          EXPECT_TRUE(projection_holds(narrow, state, floats));
          EXPECT_TRUE(projection_holds(wide, state, doubles));
        }
      }
    }
  }
}

TEST(Memory, CatchesASkippedRepeatAndARepeatTooMany) {
  for (const char* kind : {"copy", "triad"}) {
    const Params params = shape(kind, "fp64", 8192);
    for (const std::uint64_t run : std::initializer_list<std::uint64_t>{
             6, 8, 1, 13}) {  // 7 were asked for; 1 and 13 are six off, the triad's near-period
      const auto got = streamed<double>(params, 4, run);
      EXPECT_GT(wrong_elements(params, {4, 7, 1}, got), got.size() / 2) << kind << " " << run;
      EXPECT_FALSE(projection_holds(params, {4, 7, 1}, got)) << kind << " " << run;
    }
  }
}

TEST(Memory, CatchesOneWrongElementByTheProjection) {
  for (const char* kind : {"copy", "triad"}) {
    const Params params = shape(kind, "fp64", 65536);
    auto got = streamed<double>(params, 4, 9);
    got[4321] += 1e-6;
    EXPECT_FALSE(projection_holds(params, {4, 9, 1}, got)) << kind;
    EXPECT_EQ(wrong_elements(params, {4, 9, 1}, got), 1u) << kind;
  }
}

TEST(Memory, CatchesFp32InPlaceOfFp64) {
  const Params params = shape("triad", "fp64", 4096);
  const auto narrow = streamed<float>(shape("triad", "fp32", 2048 * 2), 4, 20);
  std::vector<double> got(512);
  for (std::size_t j = 0; j < got.size(); ++j) got[j] = static_cast<double>(narrow[j]);
  EXPECT_GT(wrong_elements(params, {4, 20, 1}, got), 400u);
}

TEST(Memory, NeitherGrowsNorDiesOverALongTrial) {
  const Params params = shape("triad", "fp32", 4096);
  for (const std::uint64_t repeats : std::initializer_list<std::uint64_t>{1000, 60000}) {
    const auto reference = memory().reference(params, {4, repeats, 1});
    double largest = 0;
    for (std::uint64_t j = 0; j < 1024; ++j) largest = std::max(largest, std::fabs(reference->element(j, 0).value));
    EXPECT_LT(largest, 10);
    EXPECT_GT(largest, 1e-4);
  }
}

TEST(Memory, HasNoAnswerBeforeTheFirstRepeat) {
  EXPECT_THROW(memory().reference(shape("copy", "fp64", 4096), {1, 0, 1}), std::out_of_range);
}

TEST(Memory, RefusesAnElementBeyondTheArray) {
  EXPECT_THROW(memory().reference(shape("copy", "fp64", 4096), {1, 1, 1})->element(512, 0), std::out_of_range);
}

TEST(Memory, CountsBytesAsStreamDoes) {
  EXPECT_EQ(memory().work(shape("copy", "fp64", 4096)), 2u * 4096);
  EXPECT_EQ(memory().work(shape("triad", "fp32", 4096)), 3u * 4096);
  EXPECT_EQ(memory().bytes_per_set(shape("triad", "fp32", 4096)), 3u * 4096);
  EXPECT_EQ(memory().max_operand_sets(shape("copy", "fp64", 4096)), 1u);
  EXPECT_EQ(memory().peak_key(shape("copy", "fp64", 4096), "bandwidth"), "bandwidth");
}

}  // namespace
