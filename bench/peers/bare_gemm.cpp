#include "bench/peers/bare_gemm.hpp"

#include <functional>
#include <utility>

#include "bench/peers/bare.hpp"
#include "harness/base/error.hpp"
#include "kernels/ops/gemm.hpp"

namespace geomsu::bench {
namespace {

#if defined(__aarch64__)
const std::string kLibraries = "/usr/lib/aarch64-linux-gnu/";
#else
const std::string kLibraries = "/usr/lib/x86_64-linux-gnu/";
#endif

// C = A B + beta C.
template <class In, class Out>
using Multiply = std::function<void(const In* a, const In* b, bool accumulate, Out* c)>;

template <class In, class Out>
class BareGemm final : public Side {
 public:
  BareGemm(const ops::GemmShape& shape, std::uint64_t sets, std::string words, Multiply<In, Out> multiply)
      : multiply_(std::move(multiply)) {
    words_ = std::move(words);
    operand_sets_ = sets;
    for (std::uint64_t set = 0; set < sets; ++set) {
      Set& one = sets_.emplace_back(
          Set{allocate<In>(shape.m * shape.k), allocate<In>(shape.k * shape.n), allocate<Out>(shape.m * shape.n)});
      fill_normal(one.a.get(), shape.m * shape.k, ops::tensor_id(set, ops::kRoleA));
      fill_normal(one.b.get(), shape.k * shape.n, ops::tensor_id(set, ops::kRoleB));
      fill_zero(one.c.get(), shape.m * shape.n);
    }
  }

 protected:
  double do_block_ns(std::uint64_t repeats) override {
    const std::uint64_t sets = sets_.size();
    const std::int64_t begin = raw_ns();
    for (std::uint64_t i = 0; i < repeats; ++i, ++repeat_) {
      const ops::OperandPair pair = ops::operand_pair(repeat_, sets);
      multiply_(sets_[pair.a].a.get(), sets_[pair.b].b.get(), repeat_ >= sets, sets_[repeat_ % sets].c.get());
    }
    return static_cast<double>(raw_ns() - begin);
  }

 private:
  struct Set {
    Buffer<In> a, b;
    Buffer<Out> c;
  };
  Multiply<In, Out> multiply_;
  std::vector<Set> sets_;
  std::uint64_t repeat_ = 0;
};

// cblas.h of netlib: int arguments, row-major 101, no transposition 111.
template <class T>
using Cblas = void (*)(int, int, int, int, int, int, T, const T*, int, const T*, int, T, T*, int);

template <class T>
std::unique_ptr<Side> openblas(const BareRequest& request, const char* symbol) {
  constexpr int kOpenMp = 2, kRowMajor = 101, kNoTrans = 111;
  const std::vector<std::string> candidates =
      request.openblas.empty()
          ? std::vector<std::string>{kLibraries + "openblas-openmp/libopenblas.so.0", "libopenblas.so.0"}
          : std::vector<std::string>{request.openblas};
  const Library library(candidates, "install libopenblas0-openmp, or name it with --openblas");
  if (library.symbol<int (*)()>("openblas_get_parallel")() != kOpenMp) {
    throw Error(ErrorCode::kUnavailable, library.path() + " is not the OpenMP build, which our side uses");
  }
  const auto gemm = library.symbol<Cblas<T>>(symbol);
  const ops::GemmShape shape = ops::gemm_shape(request.params);
  const int m = static_cast<int>(shape.m), n = static_cast<int>(shape.n), k = static_cast<int>(shape.k);
  return std::make_unique<BareGemm<T, T>>(
      shape, request.sets, library.symbol<const char* (*)()>("openblas_get_config")(),
      [=](const T* a, const T* b, bool accumulate, T* c) {
        gemm(kRowMajor, kNoTrans, kNoTrans, m, n, k, T{1}, a, k, b, n, accumulate ? T{1} : T{0}, c, n);
      });
}

}  // namespace

std::unique_ptr<Side> make_bare_sgemm(const BareRequest& request) { return openblas<float>(request, "cblas_sgemm"); }
std::unique_ptr<Side> make_bare_dgemm(const BareRequest& request) { return openblas<double>(request, "cblas_dgemm"); }

std::unique_ptr<Side> make_bare_int8_gemm(const BareRequest& request) {
  // oneDNN's dnnl.h: row-major, 0 is success.
  using Gemm = int (*)(char, char, char, std::int64_t, std::int64_t, std::int64_t, float, const std::int8_t*,
                       std::int64_t, std::int8_t, const std::int8_t*, std::int64_t, std::int8_t, float, std::int32_t*,
                       std::int64_t, const std::int32_t*);
  struct Version {
    int major, minor, patch;
  };
  const Library library(request.onednn.empty() ? std::vector<std::string>{"libdnnl.so.2", "libdnnl.so.3"}
                                               : std::vector<std::string>{request.onednn},
                        "install libdnnl2, or name it with --onednn");
  const auto gemm = library.symbol<Gemm>("dnnl_gemm_s8s8s32");
  const auto* version = library.symbol<const Version* (*)()>("dnnl_version")();
  const ops::GemmShape shape = ops::gemm_shape(request.params);
  const auto m = static_cast<std::int64_t>(shape.m), n = static_cast<std::int64_t>(shape.n),
             k = static_cast<std::int64_t>(shape.k);
  return std::make_unique<BareGemm<std::int8_t, std::int32_t>>(
      shape, request.sets,
      "oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
          std::to_string(version->patch),
      [=](const std::int8_t* a, const std::int8_t* b, bool accumulate, std::int32_t* c) {
        const std::int32_t none = 0;
        const int status = gemm('N', 'N', 'F', m, n, k, 1.0F, a, k, 0, b, n, 0, accumulate ? 1.0F : 0.0F, c, n, &none);
        if (status != 0) {
          throw Error(ErrorCode::kUnavailable, "dnnl_gemm_s8s8s32 answers " + std::to_string(status));
        }
      });
}

}  // namespace geomsu::bench
