// What callers see of cuBLASLt as structs of 8, 8 and 32 words: their state lies inside, so that a copy of the struct
// is a copy of the descriptor, as with the real library. Sizes, defaults and answers of get and set are those that
// cuBLASLt 13.1.0 gives; what it takes without a word and the emulation does not know dies.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cublasLt.h>

namespace geomsu::emulation::lt {

struct Layout {
  std::uint64_t magic = 0;
  std::int32_t type = CUDA_R_32F, order = CUBLASLT_ORDER_COL;
  std::uint64_t rows = 0, columns = 0;
  std::int64_t leading = 0, stride = 0;  // elements; of a column, of a matrix in the batch
  std::int32_t batch = 1, batch_mode = 0;
  std::int64_t plane = 0;
};

// In the order of their attributes, by size; pointers are device addresses.
struct Desc {
  std::uint64_t magic = 0;
  std::uint64_t bias = 0, aux = 0, a_scale = 0, b_scale = 0, c_scale = 0, d_scale = 0, d_amax = 0, aux_scale = 0,
                aux_amax = 0, d_out_scale = 0, emulation = 0;
  std::int64_t bias_stride = 0, aux_leading = 0, aux_stride = 0, alpha_stride = 0;
  std::int32_t compute = 0, scale = 0, pointer_mode = CUBLASLT_POINTER_MODE_HOST, transpose_a = CUBLAS_OP_N,
               transpose_b = CUBLAS_OP_N, transpose_c = CUBLAS_OP_N, fill = CUBLAS_FILL_MODE_FULL,
               epilogue = CUBLASLT_EPILOGUE_DEFAULT, multiprocessors = 0, aux_type = -1, bias_type = -1,
               a_scale_mode = 0, b_scale_mode = 0, c_scale_mode = 0, d_scale_mode = 0, aux_scale_mode = 0,
               d_out_scale_mode = 0;
  std::int8_t fast_accumulation = 0;
};

struct Preference {
  std::uint64_t magic = 0;
  std::uint64_t workspace = 0, implementations = ~std::uint64_t{0};
  std::uint32_t search = CUBLASLT_SEARCH_BEST_FIT, reductions = CUBLASLT_REDUCTION_SCHEME_MASK;
  std::uint32_t alignment_a = 256, alignment_b = 256, alignment_c = 256, alignment_d = 256;
  float waves = 0;
};

static_assert(sizeof(Layout) <= sizeof(cublasLtMatrixLayoutOpaque_t));
static_assert(sizeof(Desc) <= sizeof(cublasLtMatmulDescOpaque_t));
static_assert(sizeof(Preference) <= sizeof(cublasLtMatmulPreferenceOpaque_t));

// The state of a descriptor; dies where it was never made or was destroyed.
const Layout& layout_of(cublasLtMatrixLayout_t layout, const char* who);
const Desc& desc_of(cublasLtMatmulDesc_t desc, const char* who);
const Preference& preference_of(cublasLtMatmulPreference_t preference, const char* who);

// One attribute's place inside a state.
struct Field {
  int attribute = 0;
  std::size_t offset = 0, bytes = 0;
};
// As the library answers: 0 bytes asks for the size, any other wrong size is INVALID_VALUE.
cublasStatus_t get_field(const Field& field, const void* state, void* to, std::size_t bytes, std::size_t* written);
cublasStatus_t set_field(const Field& field, void* state, const void* from, std::size_t bytes);

// Descriptors made by ...Create and not destroyed yet, for tests of leaks.
std::int64_t live_descriptors();

}  // namespace geomsu::emulation::lt
