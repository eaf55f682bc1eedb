// What the emulated libcublasLt computes, against products in double.
#include "tests/cuda_emulation/cublaslt/numbers.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <cublasLt.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cuda_emulation/cublaslt/descriptors.hpp"
#include "tests/cuda_emulation/cublaslt/tests/desk.hpp"
#include "tests/cuda_emulation/cublaslt/tests/product_under_test.hpp"

namespace geomsu::emulation::lt {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* name;
  cublasComputeType_t compute;
  cudaDataType scale, in, out;
  double u_acc, u_out;
};
const std::vector<Case> kCases{
    {"fp64", CUBLAS_COMPUTE_64F, CUDA_R_64F, CUDA_R_64F, CUDA_R_64F, 0x1p-53, 0x1p-53},
    {"fp32", CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 0x1p-24, 0x1p-24},
    {"tf32", CUBLAS_COMPUTE_32F_FAST_TF32, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 0x1p-11, 0x1p-24},
    {"bf16", CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_16BF, 0x1p-24, 0x1p-8},
    {"bf16_fp32", CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_32F, 0x1p-24, 0x1p-24},
    {"fp16", CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16F, CUDA_R_16F, 0x1p-24, 0x1p-11},
    {"fp16_fp32", CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16F, CUDA_R_32F, 0x1p-24, 0x1p-24},
    {"e4m3_bf16", CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_16BF, 0x1p-24, 0x1p-8},
    {"e4m3_fp16", CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_16F, 0x1p-24, 0x1p-11},
    {"e4m3_fp32", CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_32F, 0x1p-24, 0x1p-24},
    {"int8", CUBLAS_COMPUTE_32I, CUDA_R_32I, CUDA_R_8I, CUDA_R_32I, 0, 0},
};
bool wants_tn(const Case& row) { return bytes_of(row.in) == 1; }

// Partial sums in the compute type alone.
constexpr std::uint32_t kWideReductions = CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;

TEST_F(EmulatedCublasLt, EveryTypeLayoutBatchAndAlgorithmStaysWithinTheRoundoffOfItsClass) {
  for (const Case& row : kCases) {
    for (const int layout : {0, 1, 2, 3}) {
      const bool ta = (layout & 1) != 0, tb = (layout & 2) != 0;
      if (wants_tn(row) && !(ta && !tb)) continue;
      for (const std::int32_t batch : {1, 3}) {
        const Product p(row.compute, row.scale, row.in, row.out, 16, 32, 48, ta, tb, batch);
        p.prefer(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, kWideReductions);
        std::vector<cublasLtMatmulHeuristicResult_t> results;
        ASSERT_EQ(p.heuristic(results), CUBLAS_STATUS_SUCCESS) << row.name;
        ASSERT_GE(results.size(), 3U);
        for (std::size_t which = 0; which < results.size(); ++which) {
          p.run(0, which);
          EXPECT_LE(p.worst(1, row.u_acc, row.u_out), 1) << row.name << " layout " << layout << " algorithm " << which;
          p.run(1, which);
          EXPECT_LE(p.worst(2, row.u_acc, row.u_out), 1) << row.name << " added, algorithm " << which;
        }
      }
    }
  }
}

TEST_F(EmulatedCublasLt, PartialSumsInTheOutputsTypeAreWorseThanItsClassAndOnlyWhereTheyAreAllowed) {
  const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_16BF, 16, 32, 48, true, true);
  std::vector<cublasLtMatmulHeuristicResult_t> all, wide;
  ASSERT_EQ(p.heuristic(all), CUBLAS_STATUS_SUCCESS);
  double worst = 0;
  for (std::size_t which = 0; which < all.size(); ++which) {
    p.run(0, which);
    worst = std::max(worst, p.worst(1, 0x1p-24, 0x1p-8));
  }
  EXPECT_GT(worst, 1);
  p.prefer(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, kWideReductions);
  ASSERT_EQ(p.heuristic(wide), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(wide.size() + 1, all.size());
}

TEST_F(EmulatedCublasLt, OddShapesAreComputedByTheAlgorithmsThatWantNoAlignment) {
  const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_16BF, 7, 5, 3);
  std::vector<cublasLtMatmulHeuristicResult_t> results;
  ASSERT_EQ(p.heuristic(results), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(results.size(), 1U);
  p.run();
  EXPECT_LE(p.worst(1, 0x1p-24, 0x1p-8), 1);
}

TEST_F(EmulatedCublasLt, AlgorithmsHaveDistinctIdsAndAddInOrdersOfTheirOwn) {
  const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 400);
  std::vector<float> fine(16 * 400);
  for (std::size_t i = 0; i < fine.size(); ++i) fine[i] = 1.0F / static_cast<float>(i + 3);
  desk::write(p.a, fine.data(), fine.size() * sizeof(float));
  std::vector<cublasLtMatmulHeuristicResult_t> results;
  ASSERT_EQ(p.heuristic(results), CUBLAS_STATUS_SUCCESS);
  std::vector<std::vector<double>> outputs;
  for (std::size_t which = 0; which < results.size(); ++which) {
    p.run(0, which);
    outputs.push_back(p.result());
    for (std::size_t before = 0; before < which; ++before) {
      EXPECT_NE(std::memcmp(&results[before].algo, &results[which].algo, sizeof(cublasLtMatmulAlgo_t)), 0);
      EXPECT_NE(outputs[before], outputs[which]) << before << " and " << which;
    }
  }
}

TEST_F(EmulatedCublasLt, Tf32AndFastFp8AreSeenToBeLessThanFp32) {
  // 1 + 2^-12 is no TF32 number; a sum of 14 bits loses what lies under 2^-13 of it.
  const Product exact(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 16),
      rounded(CUBLAS_COMPUTE_32F_FAST_TF32, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 16);
  std::vector<float> fine(16 * 16, 1.0F + 0x1p-12F), ones(16 * 16, 1.0F);
  for (const Product* p : {&exact, &rounded}) {
    desk::write(p->a, fine.data(), fine.size() * sizeof(float));
    desk::write(p->b, ones.data(), ones.size() * sizeof(float));
    p->run();
  }
  EXPECT_EQ(exact.result()[0], 16 * (1 + 0x1p-12));
  EXPECT_EQ(rounded.result()[0], 16);

  const Product slow(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_32F, 16, 16, 512),
      fast(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_32F, 16, 16, 512);
  fast.set(CUBLASLT_MATMUL_DESC_FAST_ACCUM, std::int8_t{1});
  std::vector<std::uint8_t> left(16 * 512, 0x38);  // 1, and in each row once 2^-6
  for (std::size_t row = 0; row < 16; ++row) left[row * 512] = 0x08;
  const std::vector<std::uint8_t> right(16 * 512, 0x38);
  for (const Product* p : {&slow, &fast}) {
    desk::write(p->a, left.data(), left.size());
    desk::write(p->b, right.data(), right.size());
    p->run();
  }
  EXPECT_EQ(slow.result()[0], 511 + 0x1p-6);
  EXPECT_NE(fast.result()[0], 511 + 0x1p-6);
  EXPECT_NEAR(fast.result()[0], 511, 511 * 0x1p-13);
}

TEST_F(EmulatedCublasLt, Int32SumsWrap) {
  const Product p(CUBLAS_COMPUTE_32I, CUDA_R_32I, CUDA_R_8I, CUDA_R_32I, 4, 4, 4);
  const std::vector<std::int8_t> high(16, 127);
  const std::vector<std::int32_t> before(16, std::numeric_limits<std::int32_t>::max());
  desk::write(p.a, high.data(), 16);
  desk::write(p.b, high.data(), 16);
  desk::write(p.d, before.data(), 64);
  p.run(1);
  EXPECT_EQ(p.result()[5], std::numeric_limits<std::int32_t>::min() + 4 * 127 * 127 - 1.0);
}

TEST_F(EmulatedCublasLt, OutputsRoundToNearestEvenAndOverflowToInfinity) {
  std::array<std::byte, 8> to{};
  const auto stored = [&](cudaDataType type, double value) {
    store(type, to.data(), 0, value);
    return load(type, to.data(), 0);
  };
  EXPECT_EQ(stored(CUDA_R_16BF, 1.00390625), 1.0);
  EXPECT_EQ(stored(CUDA_R_16BF, 1.01171875), 1.015625);
  EXPECT_EQ(stored(CUDA_R_16BF, 1e39), std::numeric_limits<double>::infinity());
  EXPECT_EQ(stored(CUDA_R_16F, 1.00048828125), 1.0);
  EXPECT_EQ(stored(CUDA_R_16F, 1.00146484375), 1.001953125);
  EXPECT_EQ(stored(CUDA_R_16F, 65519.9), 65504.0);
  EXPECT_EQ(stored(CUDA_R_16F, 65520), std::numeric_limits<double>::infinity());
  EXPECT_EQ(stored(CUDA_R_16F, -0x1p-24), -0x1p-24);
  EXPECT_EQ(stored(CUDA_R_16F, 0x1p-26), 0);
  EXPECT_TRUE(std::isnan(stored(CUDA_R_16F, std::nan(""))));
  EXPECT_TRUE(std::isnan(stored(CUDA_R_16BF, std::nan(""))));
  const auto code = [](cudaDataType type, int bits) {
    const auto byte = static_cast<std::byte>(bits);
    return load(type, &byte, 0);
  };
  EXPECT_EQ(code(CUDA_R_8F_E4M3, 0x7E), 448);
  EXPECT_TRUE(std::isnan(code(CUDA_R_8F_E4M3, 0xFF)));
  EXPECT_EQ(code(CUDA_R_8F_E4M3, 0x01), 0x1p-9);
  EXPECT_EQ(code(CUDA_R_8F_E5M2, 0xFB), -57344);
  EXPECT_EQ(code(CUDA_R_8F_E5M2, 0x7C), std::numeric_limits<double>::infinity());
}

TEST_F(EmulatedCublasLt, BetaZeroReadsNoOutputAndBetaOneDiesOfOneThatWasNeverWritten) {
  const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 16);
  try {
    p.run(1);
    FAIL() << "C was never written";
  } catch (const desk::Died& died) {
    EXPECT_THAT(died.what(), HasSubstr("C: never written"));
  }
  const Product q(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 16);
  q.run(0);  // over poison
  EXPECT_LE(q.worst(1, 0x1p-24, 0x1p-24), 1);
}

TEST_F(EmulatedCublasLt, ScalesOfFp8AreReadFromDeviceMemory) {
  const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_32F, 16, 16, 32);
  const std::array<float, 2> scales{2, 0.25};
  void* memory = desk::allocate(sizeof scales);
  desk::write(memory, scales.data(), sizeof scales);
  p.set(CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, static_cast<const void*>(memory));
  p.run();
  EXPECT_LE(p.worst(2, 0x1p-24, 0x1p-24), 1);
  p.set(CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, static_cast<const void*>(static_cast<float*>(memory) + 1));
  p.run();
  EXPECT_LE(p.worst(0.5, 0x1p-24, 0x1p-24), 1);
  p.set(CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, static_cast<const void*>(scales.data()));
  EXPECT_THROW(p.run(), desk::Died) << "a scale in host memory";
  const Product plain(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 32);
  plain.set(CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, static_cast<const void*>(memory));
  std::vector<cublasLtMatmulHeuristicResult_t> results;
  EXPECT_EQ(plain.heuristic(results), CUBLAS_STATUS_INVALID_VALUE) << "scales are of fp8 alone";
}

TEST_F(EmulatedCublasLt, ProductsOf256RunInWellUnderASecond) {
  const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_16BF, 256, 256, 256);
  const auto before = std::chrono::steady_clock::now();
  p.run();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(2));
  EXPECT_LE(p.worst(1, 0x1p-24, 0x1p-8), 1);
}

}  // namespace
}  // namespace geomsu::emulation::lt
