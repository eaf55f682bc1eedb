// One product of the emulated cuBLASLt with its matrices in device memory, and what it must be in double. Each test
// bends what it is about.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <cublasLt.h>
#include <gtest/gtest.h>

#include "tests/cuda_emulation/cublaslt/numbers.hpp"
#include "tests/cuda_emulation/cublaslt/tests/desk.hpp"

namespace geomsu::emulation::lt {

// In column order, as the library has it. Public: tests change it.
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

}  // namespace geomsu::emulation::lt
