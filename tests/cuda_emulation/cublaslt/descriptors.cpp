#include "tests/cuda_emulation/cublaslt/descriptors.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <type_traits>

#include "tests/cuda_emulation/runtime/emulation.hpp"

namespace geomsu::emulation::lt {
namespace {

constexpr std::uint64_t kLayoutMagic = 0x4C61796F75743133ULL, kDescMagic = 0x4465736331337478ULL,
                        kPreferenceMagic = 0x5072656631336D6DULL, kDead = 0xDEADDEADDEADDEADULL;
std::atomic<std::int64_t> live{0};

constexpr std::array kLayoutFields{
    Field{CUBLASLT_MATRIX_LAYOUT_TYPE, offsetof(Layout, type), 4},
    Field{CUBLASLT_MATRIX_LAYOUT_ORDER, offsetof(Layout, order), 4},
    Field{CUBLASLT_MATRIX_LAYOUT_ROWS, offsetof(Layout, rows), 8},
    Field{CUBLASLT_MATRIX_LAYOUT_COLS, offsetof(Layout, columns), 8},
    Field{CUBLASLT_MATRIX_LAYOUT_LD, offsetof(Layout, leading), 8},
    Field{CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, offsetof(Layout, batch), 4},
    Field{CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, offsetof(Layout, stride), 8},
    Field{CUBLASLT_MATRIX_LAYOUT_PLANE_OFFSET, offsetof(Layout, plane), 8},
    Field{CUBLASLT_MATRIX_LAYOUT_BATCH_MODE, offsetof(Layout, batch_mode), 4},
};

constexpr std::array kDescFields{
    Field{CUBLASLT_MATMUL_DESC_COMPUTE_TYPE, offsetof(Desc, compute), 4},
    Field{CUBLASLT_MATMUL_DESC_SCALE_TYPE, offsetof(Desc, scale), 4},
    Field{CUBLASLT_MATMUL_DESC_POINTER_MODE, offsetof(Desc, pointer_mode), 4},
    Field{CUBLASLT_MATMUL_DESC_TRANSA, offsetof(Desc, transpose_a), 4},
    Field{CUBLASLT_MATMUL_DESC_TRANSB, offsetof(Desc, transpose_b), 4},
    Field{CUBLASLT_MATMUL_DESC_TRANSC, offsetof(Desc, transpose_c), 4},
    Field{CUBLASLT_MATMUL_DESC_FILL_MODE, offsetof(Desc, fill), 4},
    Field{CUBLASLT_MATMUL_DESC_EPILOGUE, offsetof(Desc, epilogue), 4},
    Field{CUBLASLT_MATMUL_DESC_BIAS_POINTER, offsetof(Desc, bias), 8},
    Field{CUBLASLT_MATMUL_DESC_BIAS_BATCH_STRIDE, offsetof(Desc, bias_stride), 8},
    Field{CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, offsetof(Desc, aux), 8},
    Field{CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, offsetof(Desc, aux_leading), 8},
    Field{CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE, offsetof(Desc, aux_stride), 8},
    Field{CUBLASLT_MATMUL_DESC_ALPHA_VECTOR_BATCH_STRIDE, offsetof(Desc, alpha_stride), 8},
    Field{CUBLASLT_MATMUL_DESC_SM_COUNT_TARGET, offsetof(Desc, multiprocessors), 4},
    Field{CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, offsetof(Desc, a_scale), 8},
    Field{CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, offsetof(Desc, b_scale), 8},
    Field{CUBLASLT_MATMUL_DESC_C_SCALE_POINTER, offsetof(Desc, c_scale), 8},
    Field{CUBLASLT_MATMUL_DESC_D_SCALE_POINTER, offsetof(Desc, d_scale), 8},
    Field{CUBLASLT_MATMUL_DESC_AMAX_D_POINTER, offsetof(Desc, d_amax), 8},
    Field{CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_DATA_TYPE, offsetof(Desc, aux_type), 4},
    Field{CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_SCALE_POINTER, offsetof(Desc, aux_scale), 8},
    Field{CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_AMAX_POINTER, offsetof(Desc, aux_amax), 8},
    Field{CUBLASLT_MATMUL_DESC_FAST_ACCUM, offsetof(Desc, fast_accumulation), 1},
    Field{CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, offsetof(Desc, bias_type), 4},
    Field{CUBLASLT_MATMUL_DESC_A_SCALE_MODE, offsetof(Desc, a_scale_mode), 4},
    Field{CUBLASLT_MATMUL_DESC_B_SCALE_MODE, offsetof(Desc, b_scale_mode), 4},
    Field{CUBLASLT_MATMUL_DESC_C_SCALE_MODE, offsetof(Desc, c_scale_mode), 4},
    Field{CUBLASLT_MATMUL_DESC_D_SCALE_MODE, offsetof(Desc, d_scale_mode), 4},
    Field{CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_SCALE_MODE, offsetof(Desc, aux_scale_mode), 4},
    Field{CUBLASLT_MATMUL_DESC_D_OUT_SCALE_POINTER, offsetof(Desc, d_out_scale), 8},
    Field{CUBLASLT_MATMUL_DESC_D_OUT_SCALE_MODE, offsetof(Desc, d_out_scale_mode), 4},
    Field{CUBLASLT_MATMUL_DESC_EMULATION_DESCRIPTOR, offsetof(Desc, emulation), 8},
};

constexpr std::array kPreferenceFields{
    Field{CUBLASLT_MATMUL_PREF_SEARCH_MODE, offsetof(Preference, search), 4},
    Field{CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, offsetof(Preference, workspace), 8},
    Field{CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, offsetof(Preference, reductions), 4},
    Field{CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, offsetof(Preference, alignment_a), 4},
    Field{CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, offsetof(Preference, alignment_b), 4},
    Field{CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, offsetof(Preference, alignment_c), 4},
    Field{CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, offsetof(Preference, alignment_d), 4},
    Field{CUBLASLT_MATMUL_PREF_MAX_WAVES_COUNT, offsetof(Preference, waves), 4},
    Field{CUBLASLT_MATMUL_PREF_IMPL_MASK, offsetof(Preference, implementations), 8},
};

const Field& field_of(std::span<const Field> fields, int attribute, const char* who) {
  for (const Field& field : fields) {
    if (field.attribute == attribute) return field;
  }
  die(std::string(who) + ": attribute " + std::to_string(attribute) + " is not one of cuBLASLt 13.1's");
}

template <typename State, typename Opaque>
State& state_of(Opaque* descriptor, std::uint64_t magic, const char* who) {
  if (descriptor == nullptr) die(std::string(who) + ": a descriptor is NULL");
  auto* state = std::launder(reinterpret_cast<State*>(descriptor));
  if (state->magic != magic) {
    die(std::string(who) + ": a descriptor " +
        (state->magic == kDead ? "was destroyed before" : "was never made, or is of another kind"));
  }
  return *state;
}

template <typename State, typename Opaque>
cublasStatus_t make_in(Opaque* place, std::size_t bytes, const State& state) {
  if (place == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  if (bytes < sizeof(State)) return CUBLAS_STATUS_ALLOC_FAILED;
  ::new (static_cast<void*>(place)) State(state);
  return CUBLAS_STATUS_SUCCESS;
}
template <typename State, typename Opaque>
cublasStatus_t make(Opaque** out, const State& state) {
  if (out == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  auto place = std::make_unique<Opaque>();
  const cublasStatus_t status = make_in(place.get(), sizeof(Opaque), state);
  if (status != CUBLAS_STATUS_SUCCESS) return status;
  *out = place.release();
  ++live;
  return status;
}
template <typename State, typename Opaque>
cublasStatus_t destroy(Opaque* descriptor, std::uint64_t magic, const char* who) {
  if (descriptor == nullptr) return CUBLAS_STATUS_SUCCESS;
  State& state = state_of<State>(descriptor, magic, who);
  state.magic = kDead;
  std::unique_ptr<Opaque> gone(descriptor);
  --live;
  return CUBLAS_STATUS_SUCCESS;
}

void want(bool known, const char* what, std::int64_t value) {
  if (!known) die(std::string("cuBLASLt: ") + what + " " + std::to_string(value) + " is outside the emulated subset");
}

// Values that the real library takes here and answers, or acts on, only later.
void want_known(const Layout& layout) {
  want(layout.order == CUBLASLT_ORDER_COL, "layout order", layout.order);
  want(layout.batch_mode == 0, "layout batch mode", layout.batch_mode);
  want(layout.plane == 0, "layout plane offset", layout.plane);
}
void want_known(const Desc& desc) {
  want(desc.pointer_mode == CUBLASLT_POINTER_MODE_HOST, "pointer mode", desc.pointer_mode);
  for (const auto op : {desc.transpose_a, desc.transpose_b}) {
    want(op == CUBLAS_OP_N || op == CUBLAS_OP_T, "operation", op);
  }
  want(desc.transpose_c == CUBLAS_OP_N, "operation on C", desc.transpose_c);
  want(desc.fill == CUBLAS_FILL_MODE_FULL, "fill mode", desc.fill);
  want(desc.epilogue == CUBLASLT_EPILOGUE_DEFAULT, "epilogue", desc.epilogue);
  want(desc.multiprocessors == 0, "SM count target", desc.multiprocessors);
  want(desc.fast_accumulation == 0 || desc.fast_accumulation == 1, "fast accumulation", desc.fast_accumulation);
  for (const auto mode : {desc.a_scale_mode, desc.b_scale_mode, desc.c_scale_mode, desc.d_scale_mode,
                          desc.aux_scale_mode, desc.d_out_scale_mode}) {
    want(mode == CUBLASLT_MATMUL_MATRIX_SCALE_SCALAR_32F, "scale mode", mode);
  }
  const bool plain = desc.bias == 0 && desc.aux == 0 && desc.c_scale == 0 && desc.d_scale == 0 && desc.d_amax == 0 &&
                     desc.aux_scale == 0 && desc.aux_amax == 0 && desc.d_out_scale == 0 && desc.emulation == 0 &&
                     desc.bias_stride == 0 && desc.aux_leading == 0 && desc.aux_stride == 0 && desc.alpha_stride == 0 &&
                     desc.aux_type == -1 && desc.bias_type == -1;
  want(plain, "an attribute for a bias, an auxiliary buffer, a scale of C or D, or floating-point emulation:", 1);
}
void want_known(const Preference& preference) {
  want(preference.search == CUBLASLT_SEARCH_BEST_FIT, "search mode", preference.search);
  want(preference.waves == 0, "maximum of waves", static_cast<std::int64_t>(preference.waves));
  want(preference.implementations == ~std::uint64_t{0}, "mask of implementations",
       static_cast<std::int64_t>(preference.implementations));
}

template <typename State>
cublasStatus_t set(std::span<const Field> fields, State& state, int attribute, const void* from, std::size_t bytes,
                   const char* who) {
  const cublasStatus_t status = set_field(field_of(fields, attribute, who), &state, from, bytes);
  if (status == CUBLAS_STATUS_SUCCESS) want_known(state);
  return status;
}

Layout new_layout(cudaDataType type, std::uint64_t rows, std::uint64_t columns, std::int64_t leading) {
  Layout layout;
  layout.magic = kLayoutMagic;
  layout.type = type;
  layout.rows = rows;
  layout.columns = columns;
  layout.leading = leading;
  return layout;
}
Desc new_desc(cublasComputeType_t compute, cudaDataType scale) {
  Desc desc;
  desc.magic = kDescMagic;
  desc.compute = compute;
  desc.scale = scale;
  return desc;
}
Preference new_preference() {
  Preference preference;
  preference.magic = kPreferenceMagic;
  return preference;
}

}  // namespace

const Layout& layout_of(cublasLtMatrixLayout_t layout, const char* who) {
  return state_of<Layout>(layout, kLayoutMagic, who);
}
const Desc& desc_of(cublasLtMatmulDesc_t desc, const char* who) { return state_of<Desc>(desc, kDescMagic, who); }
const Preference& preference_of(cublasLtMatmulPreference_t preference, const char* who) {
  return state_of<Preference>(preference, kPreferenceMagic, who);
}
std::int64_t live_descriptors() { return live; }

cublasStatus_t get_field(const Field& field, const void* state, void* to, std::size_t bytes, std::size_t* written) {
  if (bytes == 0) {
    if (written == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
    *written = field.bytes;
    return CUBLAS_STATUS_SUCCESS;
  }
  if (to == nullptr || bytes != field.bytes) return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(to, static_cast<const std::byte*>(state) + field.offset, bytes);
  if (written != nullptr) *written = bytes;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t set_field(const Field& field, void* state, const void* from, std::size_t bytes) {
  if (from == nullptr || bytes != field.bytes) return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(static_cast<std::byte*>(state) + field.offset, from, bytes);
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace geomsu::emulation::lt

using namespace geomsu::emulation;

extern "C" {

cublasStatus_t cublasLtMatrixLayoutInit_internal(cublasLtMatrixLayout_t layout, size_t bytes, cudaDataType type,
                                                 uint64_t rows, uint64_t cols, int64_t ld) {
  return lt::make_in(layout, bytes, lt::new_layout(type, rows, cols, ld));
}
cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType type, uint64_t rows,
                                          uint64_t cols, int64_t ld) {
  if (const int status = planned_fault(__func__)) return static_cast<cublasStatus_t>(status);
  return lt::make(layout, lt::new_layout(type, rows, cols, ld));
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  return lt::destroy<lt::Layout>(layout, lt::kLayoutMagic, __func__);
}
cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t layout,
                                                cublasLtMatrixLayoutAttribute_t attribute, const void* from,
                                                size_t bytes) {
  if (const int status = planned_fault(__func__)) return static_cast<cublasStatus_t>(status);
  return lt::set(lt::kLayoutFields, lt::state_of<lt::Layout>(layout, lt::kLayoutMagic, __func__), attribute, from,
                 bytes, __func__);
}
cublasStatus_t cublasLtMatrixLayoutGetAttribute(cublasLtMatrixLayout_t layout,
                                                cublasLtMatrixLayoutAttribute_t attribute, void* to, size_t bytes,
                                                size_t* written) {
  return lt::get_field(lt::field_of(lt::kLayoutFields, attribute, __func__), &lt::layout_of(layout, __func__), to,
                       bytes, written);
}

cublasStatus_t cublasLtMatmulDescInit_internal(cublasLtMatmulDesc_t desc, size_t bytes, cublasComputeType_t compute,
                                               cudaDataType_t scale) {
  return lt::make_in(desc, bytes, lt::new_desc(compute, scale));
}
cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* desc, cublasComputeType_t compute, cudaDataType_t scale) {
  if (const int status = planned_fault(__func__)) return static_cast<cublasStatus_t>(status);
  return lt::make(desc, lt::new_desc(compute, scale));
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t desc) {
  return lt::destroy<lt::Desc>(desc, lt::kDescMagic, __func__);
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t desc, cublasLtMatmulDescAttributes_t attribute,
                                              const void* from, size_t bytes) {
  if (const int status = planned_fault(__func__)) return static_cast<cublasStatus_t>(status);
  return lt::set(lt::kDescFields, lt::state_of<lt::Desc>(desc, lt::kDescMagic, __func__), attribute, from, bytes,
                 __func__);
}
cublasStatus_t cublasLtMatmulDescGetAttribute(cublasLtMatmulDesc_t desc, cublasLtMatmulDescAttributes_t attribute,
                                              void* to, size_t bytes, size_t* written) {
  return lt::get_field(lt::field_of(lt::kDescFields, attribute, __func__), &lt::desc_of(desc, __func__), to, bytes,
                       written);
}

cublasStatus_t cublasLtMatmulPreferenceInit_internal(cublasLtMatmulPreference_t preference, size_t bytes) {
  return lt::make_in(preference, bytes, lt::new_preference());
}
cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  if (const int status = planned_fault(__func__)) return static_cast<cublasStatus_t>(status);
  return lt::make(preference, lt::new_preference());
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  return lt::destroy<lt::Preference>(preference, lt::kPreferenceMagic, __func__);
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute, const void* from,
                                                    size_t bytes) {
  if (const int status = planned_fault(__func__)) return static_cast<cublasStatus_t>(status);
  return lt::set(lt::kPreferenceFields, lt::state_of<lt::Preference>(preference, lt::kPreferenceMagic, __func__),
                 attribute, from, bytes, __func__);
}
cublasStatus_t cublasLtMatmulPreferenceGetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute, void* to,
                                                    size_t bytes, size_t* written) {
  return lt::get_field(lt::field_of(lt::kPreferenceFields, attribute, __func__),
                       &lt::preference_of(preference, __func__), to, bytes, written);
}

}  // extern "C"
