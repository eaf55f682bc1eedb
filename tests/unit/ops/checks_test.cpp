// A checker that cannot fail is worth nothing: wrong results, and which of element, RMS and projection catches each.
#include <algorithm>
#include <bit>

#include <gtest/gtest.h>

#include "kernels/ops/rounding.hpp"
#include "tests/unit/ops/naive_gemm.hpp"

namespace {

using namespace geomsu::ops;
using geomsu::ops::test::check;
using geomsu::ops::test::complete;
using geomsu::ops::test::naive_gemm;

constexpr std::uint64_t kM = 48, kN = 40, kK = 200;

class Checks : public testing::Test {
 protected:
  Params params = complete(
      gemm(), {{"dtype", "fp32"}, {"m", std::to_string(kM)}, {"n", std::to_string(kN)}, {"k", std::to_string(kK)}});
  GemmShape shape = gemm_shape(params);
  BlockState state{6, 1, 1};
  std::vector<float> right = naive_gemm<float>(shape, 6, 0, 1);
};

TEST_F(Checks, PassTheRightResult) { EXPECT_FALSE(check(params, state, 0, right).any()); }

TEST_F(Checks, CatchAFlippedHighBitByElementAndProjection) {
  auto wrong = right;
  wrong[777] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(wrong[777]) ^ (1u << 20));
  const auto caught = check(params, state, 0, wrong);
  EXPECT_TRUE(caught.element);
  EXPECT_TRUE(caught.projection) << "one pass sees it even where the element was not drawn";
}

TEST_F(Checks, LeaveAFlippedLowestBitToReplay) {
  auto wrong = right;
  wrong[777] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(wrong[777]) ^ 1u);
  EXPECT_FALSE(check(params, state, 0, wrong).any()) << "below tolerance: the digest of a replay shows it";
}

TEST_F(Checks, CatchAMissingTileByElementAndProjection) {
  auto wrong = right;
  for (std::uint64_t i = 8; i < 16; ++i) std::fill_n(wrong.begin() + static_cast<std::ptrdiff_t>(i * kN + 8), 8, 0.0F);
  const auto caught = check(params, state, 0, wrong);
  EXPECT_TRUE(caught.element);
  EXPECT_TRUE(caught.rms);
  EXPECT_TRUE(caught.projection);
}

TEST_F(Checks, CatchSwappedRowsByElementAndProjection) {
  auto wrong = right;
  std::swap_ranges(wrong.begin(), wrong.begin() + kN, wrong.begin() + 5 * kN);
  const auto caught = check(params, state, 0, wrong);
  EXPECT_TRUE(caught.element);
  EXPECT_TRUE(caught.projection);
}

TEST_F(Checks, CatchSwappedElementsOfARowByProjectionWhereTheirSignsDiffer) {
  auto wrong = right;
  const auto key = sign_stream(1234);
  std::uint64_t other = 1;
  while (sign_at(key, other) == sign_at(key, 0)) ++other;
  std::swap(wrong[0], wrong[other]);
  const auto caught = check(params, state, 0, wrong);
  EXPECT_TRUE(caught.element);
  EXPECT_TRUE(caught.projection);
}

TEST_F(Checks, CatchTf32InputsInPlaceOfFp32ByRmsAlone) {
  // At this k single elements may stay below the element bound; the RMS does not.
  const auto wrong = naive_gemm<float>(shape, 6, 0, 1, [](double x) { return round_to(*find_dtype("tf32"), x); });
  EXPECT_TRUE(check(params, state, 0, wrong).rms);
}

TEST_F(Checks, CatchBf16InputsInPlaceOfFp32ByRmsAndElement) {
  const auto wrong = naive_gemm<float>(shape, 6, 0, 1, [](double x) { return round_to(*find_dtype("bf16"), x); });
  const auto caught = check(params, state, 0, wrong);
  EXPECT_TRUE(caught.rms);
  EXPECT_TRUE(caught.element);
}

TEST_F(Checks, CatchTf32InputsAtALargeKWhereElementsCannot) {
  // A row and a column of k = 16384: the bound of an element grows with k, TF32's error with its root.
  const Params large = complete(gemm(), {{"dtype", "fp32"}, {"m", "16"}, {"n", "16"}, {"k", "16384"}});
  const GemmShape s = gemm_shape(large);
  EXPECT_FALSE(check(large, state, 0, naive_gemm<float>(s, 6, 0, 1)).any());
  const auto wrong = naive_gemm<float>(s, 6, 0, 1, [](double x) { return round_to(*find_dtype("tf32"), x); });
  EXPECT_TRUE(check(large, state, 0, wrong).rms);
}

TEST_F(Checks, CatchBf16InPlaceOfTf32ByRms) {
  const Params tf32 = complete(gemm(), {{"dtype", "tf32"}, {"m", "48"}, {"n", "40"}, {"k", "200"}});
  const GemmShape s = gemm_shape(tf32);
  const auto as = [](const char* dtype) { return [dtype](double x) { return round_to(*find_dtype(dtype), x); }; };
  EXPECT_FALSE(check(tf32, state, 0, naive_gemm<float>(s, 6, 0, 1, as("tf32"))).any());
  EXPECT_TRUE(check(tf32, state, 0, naive_gemm<float>(s, 6, 0, 1, as("bf16"))).rms);
}

TEST_F(Checks, CatchFp32SumsInPlaceOfFp64ByElement) {
  const Params fp64 = complete(gemm(), {{"dtype", "fp64"}, {"m", "48"}, {"n", "40"}, {"k", "200"}});
  const GemmShape s = gemm_shape(fp64);
  EXPECT_FALSE(check(fp64, state, 0, naive_gemm<double>(s, 6, 0, 1)).any());
  const auto caught = check(fp64, state, 0, naive_gemm<float>(s, 6, 0, 1));
  EXPECT_TRUE(caught.element);
  EXPECT_TRUE(caught.rms);
  EXPECT_TRUE(caught.projection);
}

TEST_F(Checks, CatchASkippedRepeatAndAStaleOutput) {
  const auto once = naive_gemm<float>(shape, 6, 0, 1);
  EXPECT_TRUE(check(params, {6, 2, 1}, 0, once).element) << "skipped: one accumulation is missing";
  const auto stale = naive_gemm<float>(shape, 5, 0, 1);
  EXPECT_TRUE(check(params, state, 0, stale).element) << "stale: the product of the seed before";
  EXPECT_TRUE(check(params, {6, 2, 2}, 1, once).element) << "set 1 never computed, set 0's answer given";
}

// The product of a set computed once, and multiplied by the rounds: repeats that nobody ran.
TEST_F(Checks, CatchAProductComputedOnceAndMultiplied) {
  const BlockState rounds{6, 12, 3};
  EXPECT_FALSE(check(params, rounds, 1, naive_gemm<float>(shape, 6, 1, 4, test::unchanged, 3)).any());
  auto once = naive_gemm<float>(shape, 6, 1, 1, test::unchanged, 3);
  for (float& x : once) x *= 4;
  const auto caught = check(params, rounds, 1, once);
  EXPECT_TRUE(caught.element);
  EXPECT_TRUE(caught.rms);
  EXPECT_TRUE(caught.projection);
}

// What a device would save that adds up operands before it multiplies: A (B1 + B2) in place of A1 B1 + A2 B2.
TEST_F(Checks, CatchOperandsThatWereAddedUpBeforeTheProduct) {
  const BlockState rounds{6, 6, 3};
  const auto own_a = test::operand<float>(shape, 6, 1, kRoleA, test::unchanged);
  auto sum = test::operand<float>(shape, 6, operand_pair(1, 3).b, kRoleB, test::unchanged);
  const auto second = test::operand<float>(shape, 6, operand_pair(4, 3).b, kRoleB, test::unchanged);
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += second[i];
  EXPECT_TRUE(check(params, rounds, 1, test::product<float>(shape, own_a, sum)).element);
}

}  // namespace
