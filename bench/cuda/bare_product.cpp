// cublasLt as its own examples call it: the heuristic's first choice, 32 MiB of workspace, one stream.
#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <random>
#include <vector>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include "bench/cuda/bare_work.hpp"
#include "bench/cuda/toolkit.hpp"

namespace geomsu::bench {
namespace {

constexpr std::uint64_t kWorkspaceBytes = 32 << 20;

template <typename T>
void put(T value, unsigned char* to) {
  std::memcpy(to, &value, sizeof value);
}

struct Type {
  cudaDataType_t in, out, scale;
  cublasComputeType_t compute;
  std::uint64_t in_bytes, out_bytes;
  std::function<void(double, unsigned char*)> store;  // a normal value, rounded
};

void put_bf16(double x, unsigned char* to) { put(__float2bfloat16(static_cast<float>(x)), to); }
void put_fp16(double x, unsigned char* to) { put(__float2half(static_cast<float>(x)), to); }
void put_fp8(double x, unsigned char* to) { put(__nv_fp8_e4m3(static_cast<float>(x)), to); }
void put_int8(double x, unsigned char* to) { put(static_cast<std::int8_t>(std::clamp(16 * x, -127.0, 127.0)), to); }
void put_fp32(double x, unsigned char* to) { put(static_cast<float>(x), to); }
void put_fp64(double x, unsigned char* to) { put(x, to); }

const Type& type_of(const std::string& dtype) {
  static const std::map<std::string, Type> types{
      {"fp64", {CUDA_R_64F, CUDA_R_64F, CUDA_R_64F, CUBLAS_COMPUTE_64F, 8, 8, put_fp64}},
      {"fp32", {CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F, 4, 4, put_fp32}},
      {"tf32", {CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32, 4, 4, put_fp32}},
      {"bf16", {CUDA_R_16BF, CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F, 2, 2, put_bf16}},
      {"fp16", {CUDA_R_16F, CUDA_R_16F, CUDA_R_32F, CUBLAS_COMPUTE_32F, 2, 2, put_fp16}},
      {"fp8_e4m3", {CUDA_R_8F_E4M3, CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F, 1, 2, put_fp8}},
      {"int8", {CUDA_R_8I, CUDA_R_32I, CUDA_R_32I, CUBLAS_COMPUTE_32I, 1, 4, put_int8}},
  };
  const auto found = types.find(dtype);
  if (found == types.end()) {
    std::string names;
    for (const auto& [name, type] : types) names += (names.empty() ? "" : ", ") + name;
    throw std::runtime_error("--dtype '" + dtype + "' is not one of " + names);
  }
  return found->second;
}

// Values that repeat after a prime number of them, so that no row is another's: what a product costs in power hangs on
// how its operands look, not on whether they ever come again.
class Normals {
 public:
  explicit Normals(const Type& type) : width_(type.in_bytes), bytes_(kCount * type.in_bytes) {
    std::mt19937_64 random(1);
    std::normal_distribution<double> normal;
    for (std::uint64_t i = 0; i < kCount; ++i) type.store(normal(random), bytes_.data() + i * width_);
  }
  // Waits. `from`: the first value taken, of any size.
  void fill(void* to, std::uint64_t count, std::uint64_t from, cudaStream_t stream) const {
    auto* at = static_cast<unsigned char*>(to);
    for (std::uint64_t first = from % kCount; count > 0; first = 0) {
      const std::uint64_t here = std::min(count, kCount - first);
      must(cudaMemcpyAsync(at, bytes_.data() + first * width_, here * width_, cudaMemcpyHostToDevice, stream),
           "cudaMemcpyAsync");
      at += here * width_;
      count -= here;
    }
    must(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  }

 private:
  static constexpr std::uint64_t kCount = 1'048'573;
  std::uint64_t width_;
  std::vector<unsigned char> bytes_;
};

class Product final : public BareWork {
 public:
  Product(const GemmOptions& o, cudaStream_t stream) : type_(type_of(o.dtype)) {
    must(cublasLtCreate(&handle_), "cublasLtCreate");
    try {
      describe(o);
      take(o, stream);
    } catch (...) {
      destroy();
      throw;
    }
    per_repeat_ = 2 * o.m * o.n * o.k;
    words_ = "cublasLtMatmul " + o.dtype + " TN " + std::to_string(o.m) + "x" + std::to_string(o.n) + "x" +
             std::to_string(o.k) + ", " + std::to_string(sets_.size()) + " operand sets, cuBLASLt " +
             std::to_string(cublasLtGetVersion());
  }
  ~Product() override { destroy(); }

 protected:
  void do_queue(std::uint64_t repeat, cudaStream_t stream) override {
    const Set& set = sets_[repeat % sets_.size()];
    must(cublasLtMatmul(handle_, desc_, scalar(1), set.a.get(), a_, set.b.get(), b_, scalar(0), set.c.get(), c_,
                        set.c.get(), c_, &algorithm_, workspace_.get(), kWorkspaceBytes, stream),
         "cublasLtMatmul");
  }

 private:
  struct Set {
    DeviceMemory a, b, c;
  };

  const void* scalar(int which) const {
    static constexpr double kDouble[] = {0, 1};
    static constexpr float kFloat[] = {0, 1};
    static constexpr std::int32_t kInteger[] = {0, 1};
    if (type_.scale == CUDA_R_64F) return &kDouble[which];
    if (type_.scale == CUDA_R_32I) return &kInteger[which];
    return &kFloat[which];
  }

  void describe(const GemmOptions& o) {
    must(cublasLtMatmulDescCreate(&desc_, type_.compute, type_.scale), "cublasLtMatmulDescCreate");
    const cublasOperation_t transposed = CUBLAS_OP_T;
    must(cublasLtMatmulDescSetAttribute(desc_, CUBLASLT_MATMUL_DESC_TRANSA, &transposed, sizeof transposed),
         "cublasLtMatmulDescSetAttribute");
    must(cublasLtMatrixLayoutCreate(&a_, type_.in, o.k, o.m, static_cast<std::int64_t>(o.k)), "A's layout");
    must(cublasLtMatrixLayoutCreate(&b_, type_.in, o.k, o.n, static_cast<std::int64_t>(o.k)), "B's layout");
    must(cublasLtMatrixLayoutCreate(&c_, type_.out, o.m, o.n, static_cast<std::int64_t>(o.m)), "C's layout");
    cublasLtMatmulPreference_t preference = nullptr;
    must(cublasLtMatmulPreferenceCreate(&preference), "cublasLtMatmulPreferenceCreate");
    const std::unique_ptr<cublasLtMatmulPreferenceOpaque_t, decltype(&cublasLtMatmulPreferenceDestroy)> owner(
        preference, cublasLtMatmulPreferenceDestroy);
    must(cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &kWorkspaceBytes,
                                              sizeof kWorkspaceBytes),
         "cublasLtMatmulPreferenceSetAttribute");
    cublasLtMatmulHeuristicResult_t result{};
    int found = 0;
    must(cublasLtMatmulAlgoGetHeuristic(handle_, desc_, a_, b_, c_, c_, preference, 1, &result, &found),
         "cublasLtMatmulAlgoGetHeuristic");
    if (found == 0) throw std::runtime_error("cublasLt offers no algorithm for this product");
    algorithm_ = result.algo;
  }

  void take(const GemmOptions& o, cudaStream_t stream) {
    const std::uint64_t in = (o.m + o.n) * o.k * type_.in_bytes, all = in + o.m * o.n * type_.out_bytes;
    int device = 0, l2 = 0;
    must(cudaGetDevice(&device), "cudaGetDevice");
    must(cudaDeviceGetAttribute(&l2, cudaDevAttrL2CacheSize, device), "cudaDeviceGetAttribute");
    const std::uint64_t sets =
        o.sets > 0 ? o.sets : std::max<std::uint64_t>(2, 1 + 4 * static_cast<std::uint64_t>(l2) / all);
    workspace_ = on_device(kWorkspaceBytes);
    const Normals normals(type_);
    for (std::uint64_t i = 0; i < sets; ++i) {
      sets_.push_back({on_device(o.k * o.m * type_.in_bytes), on_device(o.k * o.n * type_.in_bytes),
                       on_device(o.m * o.n * type_.out_bytes)});
      normals.fill(sets_[i].a.get(), o.k * o.m, 7919 * (2 * i + 1), stream);
      normals.fill(sets_[i].b.get(), o.k * o.n, 7919 * (2 * i + 2), stream);
    }
  }

  void destroy() {
    static_cast<void>(cublasLtMatrixLayoutDestroy(a_));
    static_cast<void>(cublasLtMatrixLayoutDestroy(b_));
    static_cast<void>(cublasLtMatrixLayoutDestroy(c_));
    static_cast<void>(cublasLtMatmulDescDestroy(desc_));
    static_cast<void>(cublasLtDestroy(handle_));
  }

  const Type& type_;
  cublasLtHandle_t handle_ = nullptr;
  cublasLtMatmulDesc_t desc_ = nullptr;
  cublasLtMatrixLayout_t a_ = nullptr, b_ = nullptr, c_ = nullptr;
  cublasLtMatmulAlgo_t algorithm_{};
  DeviceMemory workspace_;
  std::vector<Set> sets_;
};

}  // namespace

std::unique_ptr<BareWork> make_bare_product(const GemmOptions& options, cudaStream_t stream) {
  return std::make_unique<Product>(options, stream);
}

}  // namespace geomsu::bench
