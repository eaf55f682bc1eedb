#include "kernels/ops/gemm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/ops/gemm_reference.hpp"
#include "kernels/ops/rounding.hpp"
#include "tests/unit/ops/naive_gemm.hpp"

namespace {

using namespace geomsu::ops;
using geomsu::ops::test::check;
using geomsu::ops::test::complete;
using geomsu::ops::test::naive_gemm;

Params shape(const std::string& dtype, std::uint64_t m, std::uint64_t n, std::uint64_t k, Params more = {}) {
  more.insert({{"dtype", dtype}, {"m", std::to_string(m)}, {"n", std::to_string(n)}, {"k", std::to_string(k)}});
  return complete(gemm(), more);
}

TEST(Gemm, PassesProductsComputedInFp32AtEdgesAndDrawnShapes) {
  std::vector<std::array<std::uint64_t, 3>> shapes{{1, 1, 1},   {1, 1, 997}, {997, 1, 1},   {1, 997, 1},
                                                   {7, 11, 13}, {2, 500, 3}, {61, 59, 1021}};
  for (std::uint64_t i = 0; i < 12; ++i)
    shapes.push_back({1 + finalise(3 * i) % 70, 1 + finalise(3 * i + 1) % 70, 1 + finalise(3 * i + 2) % 300});
  for (const auto& [m, n, k] : shapes) {
    for (const char* data : {"normal", "uniform", "trig", "zeros"}) {
      const Params params = shape("fp32", m, n, k, {{"data", data}, {"batch", "2"}});
      const auto caught = check(params, {m + n, 1, 1}, 0, naive_gemm<float>(gemm_shape(params), m + n, 0, 1));
      EXPECT_FALSE(caught.any()) << m << "x" << n << "x" << k << " " << data << ": element " << caught.element
                                 << " rms " << caught.rms << " projection " << caught.projection;
    }
  }
}

TEST(Gemm, PassesFp64AndEveryNarrowDtypeAsADeviceWouldKeepThem) {
  for (const char* dtype : {"fp64", "tf32", "bf16", "fp16", "fp8_e4m3", "fp8_e5m2", "int8"}) {
    const Params params = shape(dtype, 40, 36, 130);
    const GemmShape s = gemm_shape(params);
    const Dtype &in = *find_dtype(s.dtype), &out = *find_dtype(s.out);
    auto c = naive_gemm<double>(s, 11, 0, 1, [&](double x) { return round_to(in, x); });
    if (!out.integer) {
      for (double& x : c) x = round_to(out, x);
    }
    EXPECT_FALSE(check(params, {11, 1, 1}, 0, c).any()) << dtype;
    c[700] += 40 * out.unit_roundoff() * std::fabs(c[700]) + (out.integer ? 1 : 0.5);
    EXPECT_TRUE(check(params, {11, 1, 1}, 0, c).element) << dtype;
  }
}

TEST(Gemm, HoldsALongAccumulationInFp32ToItsBound) {
  // The same three products added 100 times each: rounding errors of the sum do not cancel.
  const Params params = shape("fp32", 24, 20, 16);
  const auto c = naive_gemm<float>(gemm_shape(params), 2, 1, 300, test::unchanged, 3);
  EXPECT_FALSE(check(params, {2, 900, 3}, 1, c).any());
  EXPECT_TRUE(check(params, {2, 903, 3}, 1, c).element) << "one accumulation more or less is seen";
}

TEST(Gemm, HoldsSumsOfEverOtherProductsToTheirBoundsInEveryDtype) {
  for (const char* dtype : {"fp64", "fp32", "tf32", "bf16", "fp16", "fp8_e4m3", "fp8_e5m2", "int8"}) {
    for (const char* data : {"normal", "uniform", "trig"}) {
      const Params params = shape(dtype, 20, 24, 60, {{"data", data}});
      const GemmShape s = gemm_shape(params);
      const Dtype &in = *find_dtype(s.dtype), &out = *find_dtype(s.out);
      const auto read = [&](double x) { return round_to(in, x); };
      const auto stored = [&](double x) { return out.integer ? x : round_to(out, x); };
      for (const std::uint64_t sets : {2u, 7u, 8u}) {
        for (const std::uint64_t times : {2u, 7u, 11u}) {
          const auto c = naive_gemm<double>(s, 5, 1, times, read, sets, stored);
          const auto caught = check(params, {5, times * sets, sets}, 1, c);
          EXPECT_FALSE(caught.any()) << dtype << " " << data << ", " << sets << " sets, " << times << " times: element "
                                     << caught.element << " rms " << caught.rms << " projection " << caught.projection;
        }
      }
    }
  }
}

TEST(Gemm, KnowsWhatInt8SumsThatWrappedProjectTo) {
  const Params params = shape("int8", 7, 9, 1024);
  const GemmShape s = gemm_shape(params);
  const Dtype& in = *find_dtype("int8");
  const std::uint64_t times = 2'000'000;  // of one product, with one set
  auto c = naive_gemm<double>(s, 1, 0, 1, [&](double x) { return round_to(in, x); });
  std::size_t wrapped = 0;
  for (double& x : c) {
    const auto sum = static_cast<std::int64_t>(x) * static_cast<std::int64_t>(times);
    wrapped += sum != static_cast<std::int32_t>(sum);
    x = static_cast<std::int32_t>(sum);
  }
  ASSERT_GT(wrapped, 10u) << "else nothing was tried";
  EXPECT_FALSE(check(params, {1, times, 1}, 0, c).any());
  c[11] += 1;
  EXPECT_TRUE(check(params, {1, times, 1}, 0, c).projection);
}

TEST(Gemm, SaysNothingOfAProjectionThatWrappedAndIsTooLargeToSum) {
  const auto reference = gemm().reference(shape("int8", 1, 40000, 2000, {{"data", "trig"}}), {1, 1000000, 1});
  std::vector<double> values, tolerances;
  reference->projection(0, 1, values, tolerances);
  EXPECT_TRUE(std::isinf(tolerances.at(0)));
  EXPECT_EQ(reference->element(17, 0).tolerance, 0);
}

TEST(Gemm, PassesNarrowOutputsOfTrigWhateverTheSigns) {
  // Rounded to bf16, projected with many r: with few of them all rows' products are small, and their errors are not.
  const Params params = shape("bf16", 33, 29, 31, {{"data", "trig"}});
  const GemmShape s = gemm_shape(params);
  const Dtype& bf16 = *find_dtype("bf16");
  auto c = naive_gemm<double>(s, 5, 0, 1, [&](double x) { return round_to(bf16, x); });
  for (double& x : c) x = round_to(bf16, x);
  const auto reference = gemm().reference(params, {5, 1, 1});
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    std::vector<double> values, tolerances;
    reference->projection(0, seed, values, tolerances);
    for (std::uint64_t i = 0; i < 33; ++i) {
      double sum = 0;
      for (std::uint64_t j = 0; j < 29; ++j) sum += c[i * 29 + j] * sign_at(sign_stream(seed), j);
      ASSERT_LE(std::fabs(sum - values[i]), tolerances[i]) << "row " << i << " of seed " << seed;
    }
  }
}

// Few rows, or a small k: the mean by which |C_i| would be judged is over few numbers, and small by chance for some
// signs.
TEST(Gemm, PassesRightNarrowOutputsOfFewRowsOrASmallKWhateverTheSigns) {
  const Dtype& bf16 = *find_dtype("bf16");
  const auto narrow = [&](double x) { return round_to(bf16, x); };
  std::size_t wrong_passed = 0, tried = 0;
  for (const auto& [m, n, k] :
       std::vector<std::array<std::uint64_t, 3>>{{1, 96, 33}, {3, 40, 20}, {33, 60, 1}, {20, 31, 2}}) {
    const Params params = shape("bf16", m, n, k);
    for (const std::uint64_t times : {1u, 2u, 5u, 40u, 700u}) {
      const std::uint64_t sets = 3;
      auto c = naive_gemm<double>(gemm_shape(params), 4, 1, times, narrow, sets, narrow);
      const auto reference = gemm().reference(params, {4, times * sets, sets});
      const std::uint64_t row = m / 2;
      const auto largest =
          static_cast<std::uint64_t>(std::max_element(c.begin() + static_cast<std::ptrdiff_t>(row * n),
                                                      c.begin() + static_cast<std::ptrdiff_t>((row + 1) * n),
                                                      [](double x, double y) { return std::fabs(x) < std::fabs(y); }) -
                                     c.begin());
      for (std::uint64_t seed = 0; seed < 120; ++seed) {
        std::vector<double> values, tolerances;
        reference->projection(1, seed, values, tolerances);
        for (std::uint64_t i = 0; i < m; ++i) {
          double sum = 0;
          for (std::uint64_t j = 0; j < n; ++j) sum += c[i * n + j] * sign_at(sign_stream(seed), j);
          ASSERT_LE(std::fabs(sum - values[i]), tolerances[i])
              << m << "x" << n << "x" << k << ", " << times << " times, row " << i << " of seed " << seed;
          if (i != row || times > 5) continue;
          // One element of that row with its sign turned: seen in one pass whatever its sign in r.
          const double turned = sum - 2 * c[largest] * sign_at(sign_stream(seed), largest % n);
          ++tried;
          wrong_passed += std::fabs(turned - values[i]) <= tolerances[i];
        }
      }
    }
  }
  EXPECT_GT(tried, 1000u);
  EXPECT_EQ(wrong_passed, 0u);
}

TEST(Gemm, PassesOneElementOfMoreProductsThanOne) {
  const Dtype& bf16 = *find_dtype("bf16");
  const auto narrow = [&](double x) { return round_to(bf16, x); };
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    for (const std::uint64_t times : {1u, 2u, 4u, 9u}) {
      const Params params = shape("bf16", 1, 1, 1 + seed % 3);
      auto c = naive_gemm<double>(gemm_shape(params), seed, 0, times, narrow, 4, narrow);
      const auto caught = check(params, {seed, times * 4, 4}, 0, c);
      ASSERT_FALSE(caught.any()) << "seed " << seed << ", " << times << " times: element " << caught.element << " rms "
                                 << caught.rms << " projection " << caught.projection;
      c[0] += 1 + std::fabs(c[0]);
      ASSERT_TRUE(check(params, {seed, times * 4, 4}, 0, c).element);
    }
  }
}

TEST(Gemm, PairsEveryOtherAWithEveryOtherBInEachC) {
  for (std::uint64_t sets = 1; sets <= 12; ++sets) {
    std::set<std::pair<std::uint64_t, std::uint64_t>> pairs;
    for (std::uint64_t set = 0; set < sets; ++set) {
      EXPECT_EQ(operand_pair(set, sets), (OperandPair{set, set})) << "the first round is each set's own";
      std::set<std::uint64_t> a, b;
      for (std::uint64_t round = 0; round < sets; ++round) {
        const OperandPair pair = operand_pair(set + round * sets, sets);
        a.insert(pair.a);
        b.insert(pair.b);
        pairs.insert({pair.a, pair.b});
        EXPECT_EQ(operand_pair(set + (round + sets) * sets, sets), pair) << "after so many rounds all begins anew";
      }
      EXPECT_EQ(a.size(), sets);
      EXPECT_EQ(b.size(), sets) << sets << " sets";
    }
    // No such pairing is free of repetition where the number is even; the last round then meets the first one's again.
    EXPECT_EQ(pairs.size(), sets % 2 == 1 ? sets * sets : sets * sets - sets) << sets << " sets";
  }
}

TEST(Gemm, CountsAccumulationsOfEachSet) {
  EXPECT_EQ(times_accumulated({0, 7, 3}, 0), 3u);
  EXPECT_EQ(times_accumulated({0, 7, 3}, 3), 3u);
  EXPECT_EQ(times_accumulated({0, 7, 3}, 1), 2u);
  EXPECT_EQ(times_accumulated({0, 2, 3}, 2), 0u);
  EXPECT_EQ(times_accumulated({0, 0, 1}, 0), 0u);
}

TEST(Gemm, RefusesToSayWhatWasNotRun) {
  const auto reference = gemm().reference(shape("fp32", 4, 4, 4), {1, 2, 1});
  EXPECT_NO_THROW(reference->element(15, 1));
  EXPECT_THROW(reference->element(16, 1), std::out_of_range);
  EXPECT_THROW(reference->element(0, 2), std::out_of_range);
  std::vector<double> values, tolerances;
  EXPECT_THROW(reference->projection(2, 1, values, tolerances), std::out_of_range);
}

TEST(Gemm, ExpectsExactlyZeroOfZeros) {
  const auto reference = gemm().reference(shape("fp32", 8, 8, 8, {{"data", "zeros"}}), {1, 5, 2});
  const auto expected = reference->element(9, 0);
  EXPECT_EQ(expected.value, 0);
  EXPECT_EQ(expected.tolerance, 0);
  std::vector<double> values, tolerances;
  reference->projection(0, 1, values, tolerances);
  EXPECT_EQ(values, std::vector<double>(8, 0.0));
  EXPECT_EQ(tolerances, std::vector<double>(8, 0.0));
}

TEST(Gemm, CountsModelFlopAndBytes) {
  const Params params = shape("bf16", 3, 5, 7, {{"batch", "2"}, {"out", "fp32"}});
  EXPECT_EQ(gemm().work(params), 2u * 3 * 5 * 7 * 2);
  EXPECT_EQ(gemm().bytes_per_set(params), 2u * (2 * (3 * 7 + 7 * 5) + 4 * 3 * 5));
  EXPECT_EQ(gemm().peak_key(params, "throughput"), "bf16");
  EXPECT_EQ(gemm().peak_key(shape("fp8_e5m2", 1, 1, 1), "throughput"), "fp8");
  EXPECT_EQ(gemm().peak_key(shape("fp32", 1, 1, 1, {{"accumulate", "tf32_in"}}), "throughput"), "tf32");
  EXPECT_EQ(gemm().peak_key(params, "bandwidth"), "");
}

TEST(Gemm, CatchesNotANumberAndInfinity) {
  const Params params = shape("fp32", 16, 16, 16);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    auto c = naive_gemm<float>(gemm_shape(params), 1, 0, 1);
    c[33] = bad;
    const auto caught = check(params, {1, 1, 1}, 0, c);
    EXPECT_TRUE(caught.element);
    EXPECT_TRUE(caught.projection);
  }
}

}  // namespace
