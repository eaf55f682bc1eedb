#include "tests/cuda_emulation/cublaslt/problem.hpp"

#include <array>

#include "tests/cuda_emulation/cublaslt/numbers.hpp"

namespace geomsu::emulation::lt {
namespace {

bool is_fp8_type(std::int32_t type) { return type == CUDA_R_8F_E4M3 || type == CUDA_R_8F_E5M2; }

// A row of the tables: what is multiplied with what into what. C has D's type.
struct Row {
  std::int32_t compute, scale, a, b, d;
};
constexpr std::array kRows{
    Row{CUBLAS_COMPUTE_64F, CUDA_R_64F, CUDA_R_64F, CUDA_R_64F, CUDA_R_64F},
    Row{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F},
    Row{CUBLAS_COMPUTE_32F_FAST_TF32, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F},
    Row{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_16BF, CUDA_R_16BF},
    Row{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_16BF, CUDA_R_32F},
    Row{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16F, CUDA_R_16F, CUDA_R_16F},
    Row{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16F, CUDA_R_16F, CUDA_R_32F},
    Row{CUBLAS_COMPUTE_32I, CUDA_R_32I, CUDA_R_8I, CUDA_R_8I, CUDA_R_32I},
    // No row for E5M2 with E5M2: there is none in the library either.
    Row{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_8F_E4M3, CUDA_R_16BF},
    Row{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_8F_E4M3, CUDA_R_16F},
    Row{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_8F_E4M3, CUDA_R_32F},
    Row{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_8F_E5M2, CUDA_R_16BF},
    Row{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_8F_E5M2, CUDA_R_16F},
    Row{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_8F_E5M2, CUDA_R_32F},
    Row{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E5M2, CUDA_R_8F_E4M3, CUDA_R_16BF},
    Row{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E5M2, CUDA_R_8F_E4M3, CUDA_R_16F},
    Row{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E5M2, CUDA_R_8F_E4M3, CUDA_R_32F},
};

bool has_row(const Problem& p) {
  for (const Row& row : kRows) {
    if (row.compute == p.desc.compute && row.scale == p.desc.scale && row.a == p.a.type && row.b == p.b.type &&
        row.d == p.d.type) {
      return true;
    }
  }
  return false;
}

bool is_tn(const Problem& p) { return p.transpose_a() && !p.transpose_b(); }

cublasStatus_t offered_fp8(const Problem& p, int capability, std::string& why) {
  const auto no = [&](const char* words) {
    why = words;
    return CUBLAS_STATUS_NOT_SUPPORTED;
  };
  if (capability < 89) return no("fp8 wants compute capability 8.9 or newer");
  const bool any_format = capability >= 100 && capability < 120;
  if (!any_format && !is_tn(p)) return no("fp8 wants the TN format here: A transposed, B not");
  for (const Layout* layout : {&p.a, &p.b, &p.c, &p.d}) {
    const std::uint64_t bytes = bytes_of(static_cast<cudaDataType>(layout->type));
    if (layout->rows * bytes % 16 != 0 || !is_aligned(*layout, 16)) {
      return no("fp8 wants rows, leading dimensions and batch strides that are multiples of 16 bytes");
    }
  }
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t offered_int8(const Problem& p, std::string& why) {
  const auto no = [&](const char* words) {
    why = words;
    return CUBLAS_STATUS_NOT_SUPPORTED;
  };
  if (!is_tn(p)) return no("int8 in ordinary column order wants the TN format: A transposed, B not");
  if (p.m % 4 != 0 || p.k % 4 != 0) return no("int8 wants m and k that are multiples of 4");
  for (const Layout* layout : {&p.a, &p.b, &p.c, &p.d}) {
    if (layout->leading % 4 != 0 || layout->stride % 4 != 0) {
      return no("int8 wants leading dimensions and batch strides that are multiples of 4");
    }
  }
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace

bool Problem::is_fp8() const { return is_fp8_type(a.type) && is_fp8_type(b.type); }

bool is_aligned(const Layout& layout, std::uint64_t bytes) {
  const std::uint64_t element = bytes_of(static_cast<cudaDataType>(layout.type));
  if (static_cast<std::uint64_t>(layout.leading) * element % bytes != 0) return false;
  return layout.batch <= 1 || static_cast<std::uint64_t>(layout.stride) * element % bytes == 0;
}

cublasStatus_t understand(const Desc& desc, const Layout& a, const Layout& b, const Layout& c, const Layout& d,
                          Problem& problem, std::string& why) {
  problem = {};
  problem.desc = desc;
  problem.a = a;
  problem.b = b;
  problem.c = c;
  problem.d = d;
  const auto no = [&](std::string words) {
    why = std::move(words);
    return CUBLAS_STATUS_INVALID_VALUE;
  };
  problem.m = problem.transpose_a() ? a.columns : a.rows;
  problem.k = problem.transpose_a() ? a.rows : a.columns;
  problem.n = problem.transpose_b() ? b.rows : b.columns;
  const std::uint64_t k_of_b = problem.transpose_b() ? b.columns : b.rows;
  if (problem.k != k_of_b) {
    return no("op(A) has " + std::to_string(problem.k) + " columns, op(B) has " + std::to_string(k_of_b) + " rows");
  }
  if (d.rows != problem.m || d.columns != problem.n || c.rows != d.rows || c.columns != d.columns) {
    return no("C and D must have op(A)'s rows and op(B)'s columns");
  }
  if (c.type != d.type) return no("C and D are of two types");
  for (const Layout* layout : {&a, &b, &c, &d}) {
    if (layout->rows == 0 || layout->columns == 0) return no("a matrix is empty");
    if (layout->leading < static_cast<std::int64_t>(layout->rows)) {
      return no("a leading dimension of " + std::to_string(layout->leading) + " is under the " +
                std::to_string(layout->rows) + " rows");
    }
    if (layout->batch < 1 || layout->batch != d.batch) return no("matrices are of different batches");
    if (layout->stride < 0) return no("a batch stride is negative");
  }
  // Matrices of the output's batch must not lie on each other; an operand may be the same in all of a batch.
  if (d.batch > 1 &&
      d.stride < d.leading * static_cast<std::int64_t>(d.columns - 1) + static_cast<std::int64_t>(d.rows)) {
    return no("the matrices of D's batch overlap");
  }
  problem.batch = static_cast<std::uint64_t>(d.batch);
  const bool scaled = desc.a_scale != 0 || desc.b_scale != 0;
  if (scaled && !problem.is_fp8()) return no("scales of A and B are for fp8 alone");
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t offered(const Problem& problem, int capability, std::string& why) {
  if (!has_row(problem)) {
    why = "no table has compute type " + std::to_string(problem.desc.compute) + ", scale type " +
          std::to_string(problem.desc.scale) + " and matrices of types " + std::to_string(problem.a.type) + ", " +
          std::to_string(problem.b.type) + ", " + std::to_string(problem.d.type);
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  const bool wants_ampere = problem.a.type == CUDA_R_16BF || problem.desc.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  if (wants_ampere && capability < 80) {
    why = "bf16 and TF32 want compute capability 8.0 or newer";
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  if (problem.is_fp8()) return offered_fp8(problem, capability, why);
  if (problem.a.type == CUDA_R_8I) return offered_int8(problem, why);
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace geomsu::emulation::lt
