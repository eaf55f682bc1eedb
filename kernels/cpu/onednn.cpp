#include "kernels/cpu/onednn.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "harness/abi/plugin_helpers.hpp"

#if defined(GEOMSU_WITH_ONEDNN)
#include <dlfcn.h>
#include <dnnl.h>
#include <link.h>

#include "kernels/cpu/buffer.hpp"
#endif

namespace geomsu::cpu {

using plugin::Failure;

std::string narrow_refusal(const std::string& dtype, const std::set<std::string>& flags) {
  const auto has_any = [&flags](std::initializer_list<const char*> wanted) {
    return std::any_of(wanted.begin(), wanted.end(), [&flags](const char* flag) { return flags.contains(flag); });
  };
  if (dtype == "int8" && !has_any({"avx2"}))
    return "int8 is computed by oneDNN's kernels for x86-64 from AVX2 on, and this processor has no avx2";
  if (dtype == "bf16" && !has_any({"avx512_bf16", "amx_bf16"}))
    return "this processor has no bf16 instructions (avx512_bf16 or amx_bf16); widening to fp32 is not bf16";
  if (dtype == "fp16" && !has_any({"avx512_fp16", "amx_fp16"}))
    return "this processor has no fp16 instructions (avx512_fp16 or amx_fp16); widening to fp32 is not fp16";
  return {};
}

#if !defined(GEOMSU_WITH_ONEDNN)

struct OneDnn::Library {};

std::shared_ptr<const OneDnn> OneDnn::load(const std::optional<std::string>&) {
  throw Failure(GEOMSU_UNSUPPORTED,
                "gemm of int8, bf16 and fp16 needs oneDNN 2, and this backend was built without it; next: install "
                "libdnnl-dev (2.6 or newer, below 3) and build again");
}

std::unique_ptr<Product> OneDnn::product(const ops::GemmShape&) const {
  throw Failure(GEOMSU_INTERNAL, "oneDNN was not built in");
}

#else

struct OneDnn::Library {
  std::string words;  // "oneDNN 2.6.3 at /usr/lib/..."
  dnnl_engine_t engine = nullptr;
  Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (engine != nullptr) engine_destroy(engine);
  }
  decltype(&dnnl_version) version = nullptr;
  decltype(&dnnl_engine_create) engine_create = nullptr;
  decltype(&dnnl_engine_destroy) engine_destroy = nullptr;
  decltype(&dnnl_stream_create) stream_create = nullptr;
  decltype(&dnnl_stream_destroy) stream_destroy = nullptr;
  decltype(&dnnl_stream_wait) stream_wait = nullptr;
  decltype(&dnnl_memory_desc_init_by_strides) desc_init = nullptr;
  decltype(&dnnl_memory_desc_get_size) desc_size = nullptr;
  decltype(&dnnl_memory_create) memory_create = nullptr;
  decltype(&dnnl_memory_destroy) memory_destroy = nullptr;
  decltype(&dnnl_memory_set_data_handle) set_handle = nullptr;
  decltype(&dnnl_matmul_desc_init) matmul_init = nullptr;
  decltype(&dnnl_primitive_attr_create) attr_create = nullptr;
  decltype(&dnnl_primitive_attr_destroy) attr_destroy = nullptr;
  decltype(&dnnl_primitive_attr_set_scratchpad_mode) attr_scratchpad = nullptr;
  decltype(&dnnl_primitive_attr_set_post_ops) attr_post_ops = nullptr;
  decltype(&dnnl_post_ops_create) post_ops_create = nullptr;
  decltype(&dnnl_post_ops_destroy) post_ops_destroy = nullptr;
  decltype(&dnnl_post_ops_append_sum) post_ops_sum = nullptr;
  decltype(&dnnl_primitive_desc_create) primitive_desc_create = nullptr;
  decltype(&dnnl_primitive_desc_destroy) primitive_desc_destroy = nullptr;
  decltype(&dnnl_primitive_desc_query) query = nullptr;
  decltype(&dnnl_primitive_desc_query_md) query_md = nullptr;
  decltype(&dnnl_primitive_create) primitive_create = nullptr;
  decltype(&dnnl_primitive_destroy) primitive_destroy = nullptr;
  decltype(&dnnl_primitive_execute) execute = nullptr;
  decltype(&dnnl_gemm_s8s8s32) gemm_s8s8s32 = nullptr;

  // The first name that the file lacks; nullptr where it has all.
  const char* bind(void* handle) {
    const char* missing = nullptr;
    const auto take = [&](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)> >(dlsym(handle, name));
      if (function == nullptr && missing == nullptr) missing = name;
    };
    take(version, "dnnl_version");
    take(engine_create, "dnnl_engine_create");
    take(engine_destroy, "dnnl_engine_destroy");
    take(stream_create, "dnnl_stream_create");
    take(stream_destroy, "dnnl_stream_destroy");
    take(stream_wait, "dnnl_stream_wait");
    take(desc_init, "dnnl_memory_desc_init_by_strides");
    take(desc_size, "dnnl_memory_desc_get_size");
    take(memory_create, "dnnl_memory_create");
    take(memory_destroy, "dnnl_memory_destroy");
    take(set_handle, "dnnl_memory_set_data_handle");
    take(matmul_init, "dnnl_matmul_desc_init");
    take(attr_create, "dnnl_primitive_attr_create");
    take(attr_destroy, "dnnl_primitive_attr_destroy");
    take(attr_scratchpad, "dnnl_primitive_attr_set_scratchpad_mode");
    take(attr_post_ops, "dnnl_primitive_attr_set_post_ops");
    take(post_ops_create, "dnnl_post_ops_create");
    take(post_ops_destroy, "dnnl_post_ops_destroy");
    take(post_ops_sum, "dnnl_post_ops_append_sum");
    take(primitive_desc_create, "dnnl_primitive_desc_create");
    take(primitive_desc_destroy, "dnnl_primitive_desc_destroy");
    take(query, "dnnl_primitive_desc_query");
    take(query_md, "dnnl_primitive_desc_query_md");
    take(primitive_create, "dnnl_primitive_create");
    take(primitive_destroy, "dnnl_primitive_destroy");
    take(execute, "dnnl_primitive_execute");
    take(gemm_s8s8s32, "dnnl_gemm_s8s8s32");
    return missing;
  }
};

namespace {

void must(dnnl_status_t status, const char* what) {
  if (status == dnnl_success) return;
  if (status == dnnl_out_of_memory)
    throw Failure(GEOMSU_OUT_OF_MEMORY, std::string("oneDNN has no memory for ") + what);
  throw Failure(status == dnnl_unimplemented ? GEOMSU_UNSUPPORTED : GEOMSU_INTERNAL,
                std::string("oneDNN's ") + what + " answers status " + std::to_string(status));
}

template <typename T>
using Held = std::unique_ptr<std::remove_pointer_t<T>, dnnl_status_t (*)(T)>;

class Int8Product final : public Product {
 public:
  Int8Product(std::shared_ptr<const OneDnn::Library> library, ops::GemmShape shape)
      : library_(std::move(library)), s_(std::move(shape)) {
    words_ = library_->words + ", gemm_s8s8s32";
  }

  void run(const void* a, const void* b, void* c, bool add) override {
    const auto *left = static_cast<const std::int8_t*>(a), *right = static_cast<const std::int8_t*>(b);
    auto* out = static_cast<std::int32_t*>(c);
    const auto m = static_cast<dnnl_dim_t>(s_.m), n = static_cast<dnnl_dim_t>(s_.n), k = static_cast<dnnl_dim_t>(s_.k);
    constexpr std::int32_t kNoOffset = 0;
    for (std::uint64_t batch = 0; batch < s_.batch; ++batch) {
      must(library_->gemm_s8s8s32(s_.transpose_a ? 'T' : 'N', s_.transpose_b ? 'T' : 'N', 'F', m, n, k, 1.0F,
                                  left + batch * s_.m * s_.k, s_.transpose_a ? m : k, 0, right + batch * s_.k * s_.n,
                                  s_.transpose_b ? k : n, 0, add ? 1.0F : 0.0F, out + batch * s_.m * s_.n, n,
                                  &kNoOffset),
           "gemm_s8s8s32");
    }
  }

 private:
  std::shared_ptr<const OneDnn::Library> library_;
  ops::GemmShape s_;
};

// bf16 and fp16: one primitive that writes C and one that adds to it, rounding once a repeat.
class MatmulProduct final : public Product {
 public:
  MatmulProduct(std::shared_ptr<const OneDnn::Library> library, const ops::GemmShape& s)
      : library_(std::move(library)), stream_(nullptr, library_->stream_destroy) {
    const bool batched = s.batch > 1;
    const auto describe = [&](const std::string& dtype, std::uint64_t rows, std::uint64_t columns, bool transposed) {
      const dnnl_data_type_t type = dtype == "bf16" ? dnnl_bf16 : dtype == "fp16" ? dnnl_f16 : dnnl_f32;
      const std::array<dnnl_dim_t, 3> dims{number(s.batch), number(rows), number(columns)};
      const std::array<dnnl_dim_t, 3> strides{number(rows * columns), number(transposed ? 1 : columns),
                                              number(transposed ? rows : 1)};
      dnnl_memory_desc_t desc;
      must(library_->desc_init(&desc, batched ? 3 : 2, dims.data() + (batched ? 0 : 1), type,
                               strides.data() + (batched ? 0 : 1)),
           "memory_desc_init_by_strides");
      return desc;
    };
    const dnnl_memory_desc_t a = describe(s.dtype, s.m, s.k, s.transpose_a),
                             b = describe(s.dtype, s.k, s.n, s.transpose_b), c = describe(s.out, s.m, s.n, false);
    dnnl_stream_t stream = nullptr;
    must(library_->stream_create(&stream, library_->engine, dnnl_stream_default_flags), "stream_create");
    stream_.reset(stream);
    for (const bool add : {false, true}) ways_.push_back(make(s, a, b, c, add));
    words_ = library_->words + ", matmul " + ways_.back().kernel;
  }

  void run(const void* a, const void* b, void* c, bool add) override {
    const Way& way = ways_[add ? 1 : 0];
    // oneDNN takes what it reads as writable too.
    must(library_->set_handle(way.a.get(), const_cast<void*>(a)), "memory_set_data_handle");
    must(library_->set_handle(way.b.get(), const_cast<void*>(b)), "memory_set_data_handle");
    must(library_->set_handle(way.c.get(), c), "memory_set_data_handle");
    must(library_->execute(way.primitive.get(), stream_.get(), static_cast<int>(way.arguments.size()),
                           way.arguments.data()),
         "primitive_execute");
    must(library_->stream_wait(stream_.get()), "stream_wait");
  }

 private:
  struct Way {
    Held<dnnl_primitive_t> primitive;
    Held<dnnl_memory_t> a, b, c, scratchpad;
    Buffer scratch;
    std::array<dnnl_exec_arg_t, 4> arguments;
    std::string kernel;
  };

  static dnnl_dim_t number(std::uint64_t extent) { return static_cast<dnnl_dim_t>(extent); }

  Held<dnnl_memory_t> memory(const dnnl_memory_desc_t& desc, void* data) const {
    dnnl_memory_t made = nullptr;
    must(library_->memory_create(&made, &desc, library_->engine, data), "memory_create");
    return {made, library_->memory_destroy};
  }

  Held<dnnl_primitive_desc_t> choose(const ops::GemmShape& s, const dnnl_memory_desc_t& a, const dnnl_memory_desc_t& b,
                                     const dnnl_memory_desc_t& c, bool add) const {
    dnnl_matmul_desc_t desc;
    must(library_->matmul_init(&desc, &a, &b, nullptr, &c), "matmul_desc_init");
    dnnl_primitive_attr_t raw = nullptr;
    must(library_->attr_create(&raw), "primitive_attr_create");
    const Held<dnnl_primitive_attr_t> attributes(raw, library_->attr_destroy);
    must(library_->attr_scratchpad(raw, dnnl_scratchpad_mode_user), "attr_set_scratchpad_mode");
    dnnl_post_ops_t raw_ops = nullptr;
    must(library_->post_ops_create(&raw_ops), "post_ops_create");
    const Held<dnnl_post_ops_t> post_ops(raw_ops, library_->post_ops_destroy);
    if (add) {
      must(library_->post_ops_sum(raw_ops, 1.0F), "post_ops_append_sum");
      must(library_->attr_post_ops(raw, raw_ops), "attr_set_post_ops");
    }
    dnnl_primitive_desc_t chosen = nullptr;
    const dnnl_status_t status = library_->primitive_desc_create(&chosen, &desc, raw, library_->engine, nullptr);
    if (status == dnnl_unimplemented) {
      throw Failure(GEOMSU_UNSUPPORTED, library_->words + " has no matmul of " + s.dtype + " to " + s.out +
                                            " for this processor (status unimplemented)");
    }
    must(status, "primitive_desc_create");
    return {chosen, library_->primitive_desc_destroy};
  }

  Way make(const ops::GemmShape& s, const dnnl_memory_desc_t& a, const dnnl_memory_desc_t& b,
           const dnnl_memory_desc_t& c, bool add) {
    const Held<dnnl_primitive_desc_t> chosen = choose(s, a, b, c, add);
    const char* name = "";
    must(library_->query(chosen.get(), dnnl_query_impl_info_str, 0, &name), "primitive_desc_query");
    // brg:avx512_core_bf16 and the like multiply in the dtype; gemm:jit and ref:any widen first.
    const std::string kernel = name;
    if (kernel.find(s.dtype) == std::string::npos && kernel.find("amx") == std::string::npos) {
      throw Failure(GEOMSU_UNSUPPORTED, library_->words + " would compute " + s.dtype + " by its kernel " + kernel +
                                            ", which widens to fp32: that is not " + s.dtype);
    }
    dnnl_primitive_t primitive = nullptr;
    must(library_->primitive_create(&primitive, chosen.get()), "primitive_create");
    Held<dnnl_primitive_t> held(primitive, library_->primitive_destroy);
    const dnnl_memory_desc_t* scratch_desc = library_->query_md(chosen.get(), dnnl_query_scratchpad_md, 0);
    const std::uint64_t bytes = scratch_desc == nullptr ? 0 : library_->desc_size(scratch_desc);
    scratch_bytes_ += bytes;
    Buffer scratch(std::max<std::uint64_t>(bytes, 1));
    const auto pages = scratch.as<char>();
    std::fill(pages.begin(), pages.end(), char{0});  // page faults belong to preparing
    Way way{std::move(held),
            memory(a, nullptr),
            memory(b, nullptr),
            memory(c, nullptr),
            memory(*scratch_desc, pages.data()),
            std::move(scratch),
            {},
            kernel};
    way.arguments = {dnnl_exec_arg_t{DNNL_ARG_SRC, way.a.get()}, dnnl_exec_arg_t{DNNL_ARG_WEIGHTS, way.b.get()},
                     dnnl_exec_arg_t{DNNL_ARG_DST, way.c.get()},
                     dnnl_exec_arg_t{DNNL_ARG_SCRATCHPAD, way.scratchpad.get()}};
    return way;
  }

  std::shared_ptr<const OneDnn::Library> library_;
  Held<dnnl_stream_t> stream_;
  std::vector<Way> ways_;  // writing, adding
};

std::string path_of(void* handle) {
  const link_map* map = nullptr;
  return dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 && map != nullptr ? map->l_name : "an unknown path";
}

}  // namespace

std::shared_ptr<const OneDnn> OneDnn::load(const std::optional<std::string>& path) {
  const std::string name = path.value_or("libdnnl.so." + std::to_string(DNNL_VERSION_MAJOR));
  const std::string next = "; next: install libdnnl2, or name the library by the backend's setting 'onednn'";
  const auto refuse = [&](const std::string& reason) -> Failure {
    return {GEOMSU_UNSUPPORTED, "gemm of int8, bf16 and fp16 needs oneDNN 2: " + reason + next};
  };
  // Never unloaded: its kernels and OpenMP's pool outlive any workload.
  void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* reason = dlerror();
    throw refuse(reason == nullptr ? name + " cannot be loaded" : reason);
  }
  auto library = std::make_shared<Library>();
  if (const char* missing = library->bind(handle)) throw refuse(name + " is no oneDNN 2: it has no " + missing);
  const dnnl_version_t& version = *library->version();
  const std::string number =
      std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.patch);
  // Structs of the C interface are this major version's, and only grow within it.
  if (version.major != DNNL_VERSION_MAJOR || version.minor < DNNL_VERSION_MINOR)
    throw refuse(name + " is version " + number + ", this backend was built for " + std::to_string(DNNL_VERSION_MAJOR) +
                 "." + std::to_string(DNNL_VERSION_MINOR));
  if (version.cpu_runtime != DNNL_RUNTIME_OMP) throw refuse(name + " was not built for OpenMP: it has another pool");
  library->words = "oneDNN " + number + " at " + path_of(handle);
  must(library->engine_create(&library->engine, dnnl_cpu, 0), "engine_create");
  std::shared_ptr<OneDnn> loaded(new OneDnn);
  loaded->library_ = std::move(library);
  return loaded;
}

std::unique_ptr<Product> OneDnn::product(const ops::GemmShape& shape) const {
  if (shape.dtype == "int8") return std::make_unique<Int8Product>(library_, shape);
  return std::make_unique<MatmulProduct>(library_, shape);
}

#endif

}  // namespace geomsu::cpu
