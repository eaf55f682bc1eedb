// The emulated libcublasLt's answers against those of cuBLASLt 13.1.0 (which gives them without a GPU too), and the
// mistakes that it must notice.
#include <array>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include <cublasLt.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cuda_emulation/cublaslt/descriptors.hpp"
#include "tests/cuda_emulation/cublaslt/numbers.hpp"
#include "tests/cuda_emulation/cublaslt/tests/desk.hpp"
#include "tests/cuda_emulation/cublaslt/tests/product_under_test.hpp"

namespace geomsu::emulation::lt {
namespace {

using ::testing::HasSubstr;

TEST_F(EmulatedCublasLt, WhatTheTablesDoNotHaveIsNotSupported) {
  const auto answer = [](const Product& p) {
    std::vector<cublasLtMatmulHeuristicResult_t> results;
    const auto status = p.heuristic(results);
    EXPECT_EQ(results.empty(), status != CUBLAS_STATUS_SUCCESS);
    return status;
  };
  const auto e4m3 = CUDA_R_8F_E4M3, e5m2 = CUDA_R_8F_E5M2;
  const auto fp8 = [&](cudaDataType a, cudaDataType b, std::uint64_t m, std::uint64_t n, std::uint64_t k, bool ta,
                       bool tb) {
    return answer(Product(CUBLAS_COMPUTE_32F, CUDA_R_32F, a, CUDA_R_16BF, m, n, k, ta, tb, 1, b));
  };
  EXPECT_EQ(fp8(e4m3, e4m3, 16, 16, 16, true, false), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(fp8(e4m3, e5m2, 16, 16, 16, true, false), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(fp8(e5m2, e4m3, 16, 16, 16, true, false), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(fp8(e5m2, e5m2, 16, 16, 16, true, false), CUBLAS_STATUS_NOT_SUPPORTED);
  EXPECT_EQ(fp8(e4m3, e4m3, 16, 16, 16, false, false), CUBLAS_STATUS_NOT_SUPPORTED);
  EXPECT_EQ(fp8(e4m3, e4m3, 16, 16, 24, true, false), CUBLAS_STATUS_NOT_SUPPORTED);
  EXPECT_EQ(fp8(e4m3, e4m3, 12, 16, 16, true, false), CUBLAS_STATUS_NOT_SUPPORTED);
  desk::desk().capability = 80;
  EXPECT_EQ(fp8(e4m3, e4m3, 16, 16, 16, true, false), CUBLAS_STATUS_NOT_SUPPORTED);
  desk::desk().capability = 100;
  EXPECT_EQ(fp8(e4m3, e4m3, 16, 16, 16, false, false), CUBLAS_STATUS_SUCCESS);
  desk::desk().capability = 120;
  EXPECT_EQ(fp8(e4m3, e4m3, 16, 16, 16, false, false), CUBLAS_STATUS_NOT_SUPPORTED);
  desk::desk().capability = 90;

  const auto int8 = [&](std::uint64_t m, std::uint64_t n, std::uint64_t k, bool ta, bool tb) {
    return answer(Product(CUBLAS_COMPUTE_32I, CUDA_R_32I, CUDA_R_8I, CUDA_R_32I, m, n, k, ta, tb));
  };
  EXPECT_EQ(int8(4, 4, 4, true, false), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(int8(4, 4, 4, false, false), CUBLAS_STATUS_NOT_SUPPORTED);
  EXPECT_EQ(int8(6, 4, 4, true, false), CUBLAS_STATUS_NOT_SUPPORTED);
  EXPECT_EQ(int8(4, 4, 6, true, false), CUBLAS_STATUS_NOT_SUPPORTED);
  const Product padded(CUBLAS_COMPUTE_32I, CUDA_R_32I, CUDA_R_8I, CUDA_R_32I, 4, 4, 6);
  const std::int64_t leading = 8;
  cublasLtMatrixLayoutSetAttribute(padded.a_layout, CUBLASLT_MATRIX_LAYOUT_LD, &leading, sizeof leading);
  cublasLtMatrixLayoutSetAttribute(padded.b_layout, CUBLASLT_MATRIX_LAYOUT_LD, &leading, sizeof leading);
  EXPECT_EQ(answer(padded), CUBLAS_STATUS_NOT_SUPPORTED) << "k itself";
  EXPECT_EQ(answer(Product(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_64F, CUDA_R_64F, 4, 4, 4)),
            CUBLAS_STATUS_NOT_SUPPORTED);
  EXPECT_EQ(answer(Product(CUBLAS_COMPUTE_64F, CUDA_R_64F, CUDA_R_32F, CUDA_R_64F, 4, 4, 4)),
            CUBLAS_STATUS_NOT_SUPPORTED);
  desk::desk().capability = 75;
  EXPECT_EQ(answer(Product(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_16BF, 8, 8, 8)),
            CUBLAS_STATUS_NOT_SUPPORTED);
}

TEST_F(EmulatedCublasLt, ShapesBatchesAndLeadingDimensionsInConflictAreInvalid) {
  const auto spoiled = [](const std::function<void(Product&)>& spoil) {
    Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 24, 32, true, false, 2);
    spoil(p);
    std::vector<cublasLtMatmulHeuristicResult_t> results;
    return p.heuristic(results);
  };
  const auto with = [](cublasLtMatrixLayout_t Product::*which, cublasLtMatrixLayoutAttribute_t attribute, auto value) {
    return [=](Product& p) { cublasLtMatrixLayoutSetAttribute(p.*which, attribute, &value, sizeof value); };
  };
  EXPECT_EQ(spoiled([](Product&) {}), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(spoiled([](Product& p) { std::swap(p.a_layout, p.b_layout); }), CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(spoiled([](Product& p) { p.set(CUBLASLT_MATMUL_DESC_TRANSA, std::int32_t{CUBLAS_OP_N}); }),
            CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(spoiled(with(&Product::a_layout, CUBLASLT_MATRIX_LAYOUT_LD, std::int64_t{31})),
            CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(spoiled(with(&Product::d_layout, CUBLASLT_MATRIX_LAYOUT_LD, std::int64_t{15})),
            CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(spoiled(with(&Product::b_layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, std::int32_t{1})),
            CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(spoiled(with(&Product::d_layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, std::int64_t{8})),
            CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(spoiled(with(&Product::b_layout, CUBLASLT_MATRIX_LAYOUT_COLS, std::uint64_t{0})),
            CUBLAS_STATUS_INVALID_VALUE);
}

TEST_F(EmulatedCublasLt, PointersSwappedOrOfTheHostOrTooShortAreCaughtWhenTheWorkRuns) {
  const auto died_of = [](const std::function<void(Product&)>& spoil) -> std::string {
    Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 24, 32);
    spoil(p);
    try {
      p.run();
    } catch (const desk::Died& died) {
      return died.what();
    }
    return "nothing";
  };
  static std::array<float, 4096> host{};
  EXPECT_EQ(died_of([](Product&) {}), "nothing");
  EXPECT_THAT(died_of([](Product& p) { std::swap(p.a, p.b); }), HasSubstr("B: beyond"));
  EXPECT_THAT(died_of([](Product& p) { p.a = host.data(); }), HasSubstr("A: no device memory"));
  EXPECT_THAT(died_of([](Product& p) { p.d = host.data(); }), HasSubstr("D: no device memory"));
  EXPECT_THAT(died_of([](Product& p) { p.workspace = host.data(); }), HasSubstr("workspace: no device memory"));
  EXPECT_THAT(died_of([](Product& p) { p.b = desk::allocate(24 * 32 * 4); }), HasSubstr("B: never written"));
  EXPECT_THAT(died_of([](Product& p) { p.d = p.b; }), HasSubstr("D and B overlap"));
}

TEST_F(EmulatedCublasLt, AWrongLeadingDimensionIsSeenInMemoryOrInNumbers) {
  const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 24, 32);
  const std::int64_t too_long = 36;
  cublasLtMatrixLayoutSetAttribute(p.a_layout, CUBLASLT_MATRIX_LAYOUT_LD, &too_long, sizeof too_long);
  EXPECT_THROW(p.run(), desk::Died);
  // With room behind it nothing is out of bounds, but the numbers are wrong.
  Product q(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 24, 32);
  std::vector<float> roomy(16 * 36);
  for (std::size_t i = 0; i < 16 * 32; ++i) roomy[i] = static_cast<float>(q.a_values[i]);
  q.a = desk::allocate(roomy.size() * sizeof(float));
  desk::write(q.a, roomy.data(), roomy.size() * sizeof(float));
  q.run();
  EXPECT_LE(q.worst(1, 0x1p-24, 0x1p-24), 1);
  cublasLtMatrixLayoutSetAttribute(q.a_layout, CUBLASLT_MATRIX_LAYOUT_LD, &too_long, sizeof too_long);
  q.run();
  EXPECT_GT(q.worst(1, 0x1p-24, 0x1p-24), 1);
}

TEST_F(EmulatedCublasLt, WorkspaceIsAskedForKeptToAndChecked) {
  Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 64);
  std::vector<cublasLtMatmulHeuristicResult_t> results, less;
  ASSERT_EQ(p.heuristic(results), CUBLAS_STATUS_SUCCESS);
  ASSERT_GT(results[0].workspaceSize, 0U);
  p.workspace_bytes = results[0].workspaceSize - 1;
  EXPECT_EQ(p.queue(results[0].algo), CUBLAS_STATUS_INVALID_VALUE);
  p.prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, std::uint64_t{0});
  ASSERT_EQ(p.heuristic(less), CUBLAS_STATUS_SUCCESS);
  EXPECT_LT(less.size(), results.size());
  for (const auto& result : less) EXPECT_EQ(result.workspaceSize, 0U);
  p.prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, std::uint32_t{4});
  ASSERT_EQ(p.heuristic(less), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(less.size(), 1U);
}

TEST_F(EmulatedCublasLt, PointersLessAlignedThanTheAlgorithmWantsAreInvalid) {
  Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 64);
  std::vector<cublasLtMatmulHeuristicResult_t> results;
  ASSERT_EQ(p.heuristic(results), CUBLAS_STATUS_SUCCESS);
  p.a = static_cast<float*>(p.a) + 1;
  EXPECT_EQ(p.queue(results.front().algo), CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(p.queue(results.back().algo), CUBLAS_STATUS_SUCCESS) << "this one wants elements aligned, no more";
}

TEST_F(EmulatedCublasLt, InPlaceOutputsOfTwoLayoutsAreInvalid) {
  const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 64);
  std::vector<cublasLtMatmulHeuristicResult_t> results;
  ASSERT_EQ(p.heuristic(results), CUBLAS_STATUS_SUCCESS);
  const cublasLtMatrixLayout_t wider = p.layout(CUDA_R_32F, 16, 16);
  const std::int64_t leading = 20;
  cublasLtMatrixLayoutSetAttribute(wider, CUBLASLT_MATRIX_LAYOUT_LD, &leading, sizeof leading);
  const float one = 1, zero = 0;
  EXPECT_EQ(cublasLtMatmul(p.handle, p.desc, &one, p.a, p.a_layout, p.b, p.b_layout, &zero, p.d, wider, p.d, p.d_layout,
                           &results[0].algo, p.workspace, p.workspace_bytes, nullptr),
            CUBLAS_STATUS_INVALID_VALUE);
  cublasLtMatrixLayoutDestroy(wider);
}

TEST_F(EmulatedCublasLt, AlgorithmsSurviveACopyAndRefuseAnotherProblem) {
  const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_16BF, 16, 16, 64),
      other(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16F, CUDA_R_16F, 16, 16, 64),
      odd(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_16BF, 15, 15, 15);
  const auto check = [](const Product& of, const cublasLtMatmulAlgo_t& algo, std::size_t& workspace) {
    cublasLtMatmulHeuristicResult_t result{};
    const auto status =
        cublasLtMatmulAlgoCheck(of.handle, of.desc, of.a_layout, of.b_layout, of.d_layout, of.d_layout, &algo, &result);
    workspace = result.workspaceSize;
    return status;
  };
  std::vector<cublasLtMatmulHeuristicResult_t> results;
  ASSERT_EQ(p.heuristic(results), CUBLAS_STATUS_SUCCESS);
  std::size_t workspace = 0;
  const cublasLtMatmulAlgo_t copy = results[0].algo;
  EXPECT_EQ(check(p, copy, workspace), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(workspace, results[0].workspaceSize);
  EXPECT_EQ(check(other, copy, workspace), CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(check(odd, copy, workspace), CUBLAS_STATUS_NOT_SUPPORTED);
  cublasLtMatmulAlgo_t spoiled = copy;
  spoiled.data[1] ^= 1ULL << 40;
  EXPECT_NE(check(p, spoiled, workspace), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(check(p, cublasLtMatmulAlgo_t{}, workspace), CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(p.queue(cublasLtMatmulAlgo_t{}), CUBLAS_STATUS_INVALID_VALUE);
}

TEST_F(EmulatedCublasLt, AttributesAnswerAsCublasLt13Does) {
  const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 16);
  std::size_t written = 0;
  std::array<std::byte, 16> to{};
  EXPECT_EQ(cublasLtMatmulDescGetAttribute(p.desc, CUBLASLT_MATMUL_DESC_FAST_ACCUM, nullptr, 0, &written), 0);
  EXPECT_EQ(written, 1U);
  EXPECT_EQ(cublasLtMatmulDescGetAttribute(p.desc, CUBLASLT_MATMUL_DESC_FAST_ACCUM, to.data(), 4, &written),
            CUBLAS_STATUS_INVALID_VALUE);
  std::uint32_t epilogue = 0;
  EXPECT_EQ(cublasLtMatmulDescGetAttribute(p.desc, CUBLASLT_MATMUL_DESC_EPILOGUE, &epilogue, 4, nullptr), 0);
  EXPECT_EQ(epilogue, 1U);
  EXPECT_EQ(cublasLtMatmulDescSetAttribute(p.desc, CUBLASLT_MATMUL_DESC_TRANSA, to.data(), 8),
            CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(cublasLtMatmulDescSetAttribute(p.desc, CUBLASLT_MATMUL_DESC_TRANSA, nullptr, 4),
            CUBLAS_STATUS_INVALID_VALUE);
  std::uint32_t alignment = 0;
  EXPECT_EQ(cublasLtMatmulPreferenceGetAttribute(p.preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, &alignment,
                                                 4, &written),
            0);
  EXPECT_EQ(alignment, 256U);
  std::int64_t leading = 0;
  EXPECT_EQ(cublasLtMatrixLayoutGetAttribute(p.a_layout, CUBLASLT_MATRIX_LAYOUT_LD, &leading, 8, &written), 0);
  EXPECT_EQ(leading, 16);
  EXPECT_EQ(cublasLtGetVersion(), 130000U + 100 * CUBLAS_VER_MINOR + CUBLAS_VER_PATCH);
  EXPECT_STREQ(cublasLtGetStatusName(CUBLAS_STATUS_NOT_SUPPORTED), "CUBLAS_STATUS_NOT_SUPPORTED");
  EXPECT_STREQ(cublasLtGetStatusString(static_cast<cublasStatus_t>(5)), "unrecognized status");
  EXPECT_EQ(cublasLtMatmulDescDestroy(nullptr), CUBLAS_STATUS_SUCCESS);
}

TEST_F(EmulatedCublasLt, WhatIsOutsideTheSubsetDies) {
  const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 16);
  const auto set = [&](int attribute, auto value) {
    cublasLtMatmulDescSetAttribute(p.desc, static_cast<cublasLtMatmulDescAttributes_t>(attribute), &value,
                                   sizeof value);
  };
  EXPECT_THROW(set(99, std::int32_t{0}), desk::Died);
  EXPECT_THROW(set(CUBLASLT_MATMUL_DESC_EPILOGUE, std::uint32_t{CUBLASLT_EPILOGUE_BIAS}), desk::Died);
  const Product q(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 16);
  const std::int32_t row_order = CUBLASLT_ORDER_ROW;
  EXPECT_THROW(cublasLtMatrixLayoutSetAttribute(q.a_layout, CUBLASLT_MATRIX_LAYOUT_ORDER, &row_order, 4), desk::Died);
  EXPECT_THROW(q.set(CUBLASLT_MATMUL_DESC_POINTER_MODE, std::int32_t{1}), desk::Died);
  EXPECT_THROW(q.prefer(CUBLASLT_MATMUL_PREF_SEARCH_MODE, std::uint32_t{1}), desk::Died);
  EXPECT_THROW(cublasLtMatmulDescDestroy(reinterpret_cast<cublasLtMatmulDesc_t>(q.preference)), desk::Died);
}

TEST_F(EmulatedCublasLt, HandlesAreOfOneDeviceAndLiveUntilDestroyed) {
  const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 16);
  desk::desk().device = 1;
  std::vector<cublasLtMatmulHeuristicResult_t> results;
  EXPECT_THROW(p.heuristic(results), desk::Died);
  desk::desk().device = 0;
  cublasLtHandle_t handle = nullptr;
  ASSERT_EQ(cublasLtCreate(&handle), CUBLAS_STATUS_SUCCESS);
  ASSERT_EQ(cublasLtDestroy(handle), CUBLAS_STATUS_SUCCESS);
  EXPECT_THROW(cublasLtDestroy(handle), desk::Died);
  EXPECT_EQ(cublasLtDestroy(nullptr), CUBLAS_STATUS_INVALID_VALUE);
}

TEST_F(EmulatedCublasLt, PlannedFaultsComeAtTheirCall) {
  const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 16);
  std::vector<cublasLtMatmulHeuristicResult_t> results;
  ASSERT_EQ(p.heuristic(results), CUBLAS_STATUS_SUCCESS);
  desk::desk().faults["cublasLtMatmul"] = {2, CUBLAS_STATUS_EXECUTION_FAILED};
  EXPECT_EQ(p.queue(results[0].algo), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(p.queue(results[0].algo), CUBLAS_STATUS_EXECUTION_FAILED);
  EXPECT_EQ(p.queue(results[0].algo), CUBLAS_STATUS_SUCCESS);
}

TEST_F(EmulatedCublasLt, EveryDescriptorIsGivenBack) {
  const std::int64_t before = live_descriptors();
  { const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 16); }
  EXPECT_EQ(live_descriptors(), before);
}

}  // namespace
}  // namespace geomsu::emulation::lt
