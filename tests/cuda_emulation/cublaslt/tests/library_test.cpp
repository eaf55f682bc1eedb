// The emulated libcublasLt against products in double, its answers against those of cuBLASLt 13.1.0 (which gives them
// without a GPU too), and the mistakes that it must notice.
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include <cublasLt.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cuda_emulation/cublaslt/algorithms.hpp"
#include "tests/cuda_emulation/cublaslt/descriptors.hpp"
#include "tests/cuda_emulation/cublaslt/numbers.hpp"
#include "tests/cuda_emulation/cublaslt/tests/desk.hpp"

namespace geomsu::emulation::lt {
namespace {

using ::testing::HasSubstr;

// A product in column order, with its matrices in device memory. Public: each test bends what it is about.
struct Product {
  cublasLtHandle_t handle = nullptr;
  cublasLtMatmulDesc_t desc = nullptr;
  cublasLtMatrixLayout_t a_layout = nullptr, b_layout = nullptr, d_layout = nullptr;
  cublasLtMatmulPreference_t preference = nullptr;
  cudaDataType in, out, scale;
  std::uint64_t m, n, k;
  bool ta, tb;
  std::int32_t batch;
  std::vector<double> a_values, b_values;  // as stored
  void *a = nullptr, *b = nullptr, *d = nullptr, *workspace = nullptr;
  std::uint64_t workspace_bytes = 1 << 20;

  Product(cublasComputeType_t compute, cudaDataType scale_type, cudaDataType in_type, cudaDataType out_type,
          std::uint64_t m_, std::uint64_t n_, std::uint64_t k_, bool ta_ = true, bool tb_ = false,
          std::int32_t batch_ = 1, std::optional<cudaDataType> second = {})
      : in(in_type), out(out_type), scale(scale_type), m(m_), n(n_), k(k_), ta(ta_), tb(tb_), batch(batch_) {
    const cudaDataType b_type = second.value_or(in);
    EXPECT_EQ(cublasLtCreate(&handle), CUBLAS_STATUS_SUCCESS);
    EXPECT_EQ(cublasLtMatmulDescCreate(&desc, compute, scale), CUBLAS_STATUS_SUCCESS);
    set(CUBLASLT_MATMUL_DESC_TRANSA, std::int32_t{ta ? CUBLAS_OP_T : CUBLAS_OP_N});
    set(CUBLASLT_MATMUL_DESC_TRANSB, std::int32_t{tb ? CUBLAS_OP_T : CUBLAS_OP_N});
    a_layout = layout(in, ta ? k : m, ta ? m : k);
    b_layout = layout(b_type, tb ? n : k, tb ? k : n);
    d_layout = layout(out, m, n);
    EXPECT_EQ(cublasLtMatmulPreferenceCreate(&preference), CUBLAS_STATUS_SUCCESS);
    prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, workspace_bytes);
    a = filled(in, m * k, 1, a_values);
    b = filled(b_type, k * n, 2, b_values);
    d = desk::allocate(m * n * static_cast<std::uint64_t>(batch) * bytes_of(out));
    workspace = desk::allocate(workspace_bytes);
  }
  ~Product() {
    cublasLtMatmulDescDestroy(desc);
    for (const auto made : {a_layout, b_layout, d_layout}) cublasLtMatrixLayoutDestroy(made);
    cublasLtMatmulPreferenceDestroy(preference);
    cublasLtDestroy(handle);
  }
  Product(const Product&) = delete;
  Product& operator=(const Product&) = delete;

  template <typename Value>
  void set(cublasLtMatmulDescAttributes_t attribute, Value value) const {
    EXPECT_EQ(cublasLtMatmulDescSetAttribute(desc, attribute, &value, sizeof value), CUBLAS_STATUS_SUCCESS);
  }
  template <typename Value>
  void prefer(cublasLtMatmulPreferenceAttributes_t attribute, Value value) const {
    EXPECT_EQ(cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value), CUBLAS_STATUS_SUCCESS);
  }
  cublasLtMatrixLayout_t layout(cudaDataType type, std::uint64_t rows, std::uint64_t columns) const {
    cublasLtMatrixLayout_t made = nullptr;
    EXPECT_EQ(cublasLtMatrixLayoutCreate(&made, type, rows, columns, static_cast<std::int64_t>(rows)), 0);
    const auto stride = static_cast<std::int64_t>(rows * columns);
    cublasLtMatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &batch, sizeof batch);
    cublasLtMatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride);
    return made;
  }
  // Small multiples of 1/8 with a pattern of their own, so that every type but int8 holds them; int8: whole numbers.
  void* filled(cudaDataType type, std::uint64_t elements, std::uint64_t key, std::vector<double>& values) const {
    elements *= static_cast<std::uint64_t>(batch);
    const bool whole = type == CUDA_R_8I;
    std::vector<std::byte> bytes(elements * bytes_of(type));
    for (std::uint64_t i = 0; i < elements; ++i) {
      const auto step = static_cast<double>((i * 2654435761U + key * 40503U) >> 7 & 15U) - 8;
      const double value = whole ? step * 16 : step / 8;
      values.push_back(value);
      if (type == CUDA_R_8I) {
        bytes[i] = static_cast<std::byte>(static_cast<std::int8_t>(value));
      } else if (type == CUDA_R_8F_E4M3 || type == CUDA_R_8F_E5M2) {
        bytes[i] = code_of(type, value);
        values.back() = load(type, bytes.data(), i);
      } else {
        store(type, bytes.data(), i, value);
      }
    }
    void* memory = desk::allocate(bytes.size());
    desk::write(memory, bytes.data(), bytes.size());
    return memory;
  }
  static std::byte code_of(cudaDataType type, double value) {
    std::byte best{};
    double least = std::numeric_limits<double>::infinity();
    for (int code = 0; code < 256; ++code) {
      const auto byte = static_cast<std::byte>(code);
      const double error = std::fabs(load(type, &byte, 0) - value);
      if (error < least) {
        least = error;
        best = byte;
      }
    }
    return best;
  }

  cublasStatus_t heuristic(std::vector<cublasLtMatmulHeuristicResult_t>& results, int most = 32) const {
    results.resize(static_cast<std::size_t>(most));
    int found = 0;
    const auto status = cublasLtMatmulAlgoGetHeuristic(handle, desc, a_layout, b_layout, d_layout, d_layout, preference,
                                                       most, results.data(), &found);
    results.resize(static_cast<std::size_t>(found));
    return status;
  }
  cublasStatus_t queue(const cublasLtMatmulAlgo_t& algo, double beta = 0, double alpha = 1) const {
    std::array<std::byte, 8> alpha_bytes{}, beta_bytes{};
    store(scale, alpha_bytes.data(), 0, alpha);
    store(scale, beta_bytes.data(), 0, beta);
    return cublasLtMatmul(handle, desc, alpha_bytes.data(), a, a_layout, b, b_layout, beta_bytes.data(), d, d_layout, d,
                          d_layout, &algo, workspace, workspace_bytes, nullptr);
  }
  void run(double beta = 0, std::size_t which = 0, double alpha = 1) const {
    std::vector<cublasLtMatmulHeuristicResult_t> results;
    ASSERT_EQ(heuristic(results), CUBLAS_STATUS_SUCCESS);
    ASSERT_LT(which, results.size());
    ASSERT_EQ(queue(results[which].algo, beta, alpha), CUBLAS_STATUS_SUCCESS);
    desk::run_queue();
  }
  std::vector<double> result() const {
    const std::uint64_t elements = m * n * static_cast<std::uint64_t>(batch);
    std::vector<std::byte> bytes(elements * bytes_of(out));
    desk::read(d, bytes.data(), bytes.size());
    std::vector<double> values(elements);
    for (std::uint64_t i = 0; i < elements; ++i) values[i] = load(out, bytes.data(), i);
    return values;
  }
  // Element (i, j) of matrix z, and |a||b|.
  std::pair<double, double> expected(std::uint64_t z, std::uint64_t i, std::uint64_t j) const {
    double sum = 0, aa = 0, bb = 0;
    for (std::uint64_t l = 0; l < k; ++l) {
      const double x = a_values[z * m * k + (ta ? i * k + l : l * m + i)],
                   y = b_values[z * k * n + (tb ? l * n + j : j * k + l)];
      sum += x * y;
      aa += x * x;
      bb += y * y;
    }
    return {sum, std::sqrt(aa * bb)};
  }
  // The worst error over what roundoffs allow; !(x <= 1) is a failure, NaN too.
  double worst(double times, double u_acc, double u_out) const {
    const std::vector<double> got = result();
    double worst = 0;
    for (std::uint64_t index = 0; index < got.size(); ++index) {
      const auto [value, scale_of] = expected(index / (m * n), index % m, index / m % n);
      const double allowed = 6 * u_acc * times * scale_of + u_out * std::fabs(times * value);
      const double error = std::fabs(got[index] - times * value);
      const double over = error == 0 ? 0 : error / allowed;
      if (!(over <= worst)) worst = over;
    }
    return worst;
  }
};

class EmulatedCublasLt : public ::testing::Test {
 protected:
  void SetUp() override { desk::reset_desk(); }
};

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

TEST_F(EmulatedCublasLt, EveryTypeLayoutBatchAndAlgorithmStaysWithinTheRoundoffOfItsClass) {
  for (const Case& row : kCases) {
    for (const int layout : {0, 1, 2, 3}) {
      const bool ta = (layout & 1) != 0, tb = (layout & 2) != 0;
      if (wants_tn(row) && !(ta && !tb)) continue;
      for (const std::int32_t batch : {1, 3}) {
        const Product p(row.compute, row.scale, row.in, row.out, 16, 32, 48, ta, tb, batch);
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

TEST_F(EmulatedCublasLt, ProductsOf256RunInWellUnderASecond) {
  const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_16BF, 256, 256, 256);
  const auto before = std::chrono::steady_clock::now();
  p.run();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(2));
  EXPECT_LE(p.worst(1, 0x1p-24, 0x1p-8), 1);
}

TEST_F(EmulatedCublasLt, EveryDescriptorIsGivenBack) {
  const std::int64_t before = live_descriptors();
  { const Product p(CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, 16, 16, 16); }
  EXPECT_EQ(live_descriptors(), before);
}

}  // namespace
}  // namespace geomsu::emulation::lt
