#include <array>
#include <stdexcept>

#include "bench/bare.hpp"

#ifdef GEOMSU_WITH_ONEDNN
#include <dlfcn.h>
#include <dnnl.h>

#include "kernels/ops/fill.hpp"

namespace geomsu::bench {
namespace {

template <typename Function>
Function function_of(void* library, const char* name, Function) {
  auto* found = reinterpret_cast<Function>(::dlsym(library, name));
  if (found == nullptr) throw std::runtime_error(std::string("libdnnl has no ") + name);
  return found;
}
#define GEOMSU_BARE(name) function_of(library, #name, &::name)

void must(dnnl_status_t status) {
  if (status != dnnl_success) throw std::runtime_error("oneDNN answers status " + std::to_string(status));
}

}  // namespace

// Nothing is given back to oneDNN: the program ends after its case.
struct BareNarrowGemm::State {
  std::uint64_t n = 0;
  std::vector<std::vector<std::int8_t>> a8, b8;
  std::vector<std::vector<std::int32_t>> c32;
  std::vector<std::vector<ops::Bf16>> a16, b16, c16;
  decltype(&dnnl_gemm_s8s8s32) gemm = nullptr;
  decltype(&dnnl_primitive_execute) execute = nullptr;
  decltype(&dnnl_stream_wait) wait = nullptr;
  dnnl_stream_t stream = nullptr;
  std::array<dnnl_primitive_t, 2> primitives{};  // writing, adding
  std::array<std::vector<char>, 2> scratch;
  std::vector<std::array<std::array<dnnl_exec_arg_t, 4>, 2>> arguments;  // a set each
};

BareNarrowGemm::BareNarrowGemm(const std::string& dtype, std::uint64_t n, std::uint64_t sets)
    : state_(std::make_unique<State>()) {
  void* library = ::dlopen("libdnnl.so.2", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error("no libdnnl.so.2: install libdnnl2");
  State& s = *state_;
  s.n = n;
  if (dtype == "int8") {
    s.gemm = GEOMSU_BARE(dnnl_gemm_s8s8s32);
    for (std::uint64_t set = 0; set < sets; ++set) {
      s.a8.emplace_back(n * n);
      s.b8.emplace_back(n * n);
      s.c32.emplace_back(n * n);
      ops::fill(std::span(s.a8.back()), ops::Data::kNormal, ops::stream(1, 16 * set + 1), 16 * set + 1, 0);
      ops::fill(std::span(s.b8.back()), ops::Data::kNormal, ops::stream(1, 16 * set + 2), 16 * set + 2, 0);
    }
    return;
  }
  s.execute = GEOMSU_BARE(dnnl_primitive_execute);
  s.wait = GEOMSU_BARE(dnnl_stream_wait);
  dnnl_engine_t engine = nullptr;
  must(GEOMSU_BARE(dnnl_engine_create)(&engine, dnnl_cpu, 0));
  must(GEOMSU_BARE(dnnl_stream_create)(&s.stream, engine, dnnl_stream_default_flags));
  const auto extent = static_cast<dnnl_dim_t>(n);
  const dnnl_dim_t dims[2] = {extent, extent}, strides[2] = {extent, 1};
  dnnl_memory_desc_t matrix;
  must(GEOMSU_BARE(dnnl_memory_desc_init_by_strides)(&matrix, 2, dims, dnnl_bf16, strides));
  dnnl_matmul_desc_t product;
  must(GEOMSU_BARE(dnnl_matmul_desc_init)(&product, &matrix, &matrix, nullptr, &matrix));
  std::array<dnnl_memory_t, 2> scratchpads{};
  const auto memory_create = GEOMSU_BARE(dnnl_memory_create);
  for (const std::size_t add : {0U, 1U}) {
    dnnl_primitive_attr_t attributes = nullptr;
    must(GEOMSU_BARE(dnnl_primitive_attr_create)(&attributes));
    must(GEOMSU_BARE(dnnl_primitive_attr_set_scratchpad_mode)(attributes, dnnl_scratchpad_mode_user));
    if (add == 1) {
      dnnl_post_ops_t post = nullptr;
      must(GEOMSU_BARE(dnnl_post_ops_create)(&post));
      must(GEOMSU_BARE(dnnl_post_ops_append_sum)(post, 1.0F));
      must(GEOMSU_BARE(dnnl_primitive_attr_set_post_ops)(attributes, post));
    }
    dnnl_primitive_desc_t chosen = nullptr;
    must(GEOMSU_BARE(dnnl_primitive_desc_create)(&chosen, &product, attributes, engine, nullptr));
    must(GEOMSU_BARE(dnnl_primitive_create)(&s.primitives[add], chosen));
    const dnnl_memory_desc_t* pad = GEOMSU_BARE(dnnl_primitive_desc_query_md)(chosen, dnnl_query_scratchpad_md, 0);
    s.scratch[add].resize(GEOMSU_BARE(dnnl_memory_desc_get_size)(pad) + 1);
    must(memory_create(&scratchpads[add], pad, engine, s.scratch[add].data()));
  }
  for (std::uint64_t set = 0; set < sets; ++set) {
    s.a16.emplace_back(n * n);
    s.b16.emplace_back(n * n);
    s.c16.emplace_back(n * n);
    ops::fill(std::span(s.a16.back()), ops::Data::kNormal, ops::stream(1, 16 * set + 1), 16 * set + 1, 0);
    ops::fill(std::span(s.b16.back()), ops::Data::kNormal, ops::stream(1, 16 * set + 2), 16 * set + 2, 0);
    dnnl_memory_t a = nullptr, b = nullptr, c = nullptr;
    must(memory_create(&a, &matrix, engine, s.a16.back().data()));
    must(memory_create(&b, &matrix, engine, s.b16.back().data()));
    must(memory_create(&c, &matrix, engine, s.c16.back().data()));
    s.arguments.emplace_back();
    for (const std::size_t add : {0U, 1U}) {
      s.arguments.back()[add] = {dnnl_exec_arg_t{DNNL_ARG_SRC, a}, dnnl_exec_arg_t{DNNL_ARG_WEIGHTS, b},
                                 dnnl_exec_arg_t{DNNL_ARG_DST, c},
                                 dnnl_exec_arg_t{DNNL_ARG_SCRATCHPAD, scratchpads[add]}};
    }
  }
}

BareNarrowGemm::~BareNarrowGemm() = default;

double BareNarrowGemm::block_ns(std::uint64_t repeats) {
  State& s = *state_;
  const auto n = static_cast<dnnl_dim_t>(s.n);
  constexpr std::int32_t kNoOffset = 0;
  const std::int64_t begin = raw_ns();
  for (std::uint64_t i = 0; i < repeats; ++i) {
    if (s.gemm != nullptr) {
      const std::size_t set = i % s.c32.size();
      must(s.gemm('N', 'N', 'F', n, n, n, 1.0F, s.a8[set].data(), n, 0, s.b8[set].data(), n, 0,
                  i < s.c32.size() ? 0.0F : 1.0F, s.c32[set].data(), n, &kNoOffset));
    } else {
      const std::size_t set = i % s.c16.size(), add = i < s.c16.size() ? 0 : 1;
      must(s.execute(s.primitives[add], s.stream, 4, s.arguments[set][add].data()));
      must(s.wait(s.stream));
    }
  }
  return static_cast<double>(raw_ns() - begin);
}

}  // namespace geomsu::bench

#else

namespace geomsu::bench {
struct BareNarrowGemm::State {};
BareNarrowGemm::BareNarrowGemm(const std::string&, std::uint64_t, std::uint64_t) {
  throw std::runtime_error("built without oneDNN 2: install libdnnl-dev");
}
BareNarrowGemm::~BareNarrowGemm() = default;
double BareNarrowGemm::block_ns(std::uint64_t) { return 0; }
}  // namespace geomsu::bench

#endif
