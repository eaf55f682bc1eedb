#include "kernels/ops/gemm.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cuda/algorithm_choice.hpp"
#include "kernels/cuda/check.hpp"
#include "kernels/cuda/clock.hpp"
#include "kernels/cuda/data.hpp"
#include "kernels/cuda/device.hpp"
#include "kernels/cuda/gemm_request.hpp"
#include "kernels/cuda/workload.hpp"

namespace geomsu::cuda {
namespace {

using plugin::Failure;

constexpr std::uint64_t kScaleBytes = 256;   // one float, of its own alignment
constexpr std::uint64_t kTuningRepeats = 5;  // of an algorithm, between two events

// Floor of a repeat: 2 m n k batch FLOP / dense peak of the dtype (ops: peak_key), with A, B and C moved beside it.
class Gemm final : public Workload {
 public:
  Gemm(const ops::Params& params, const std::string& algorithm, const std::string& tuned_dir, const Grant& grant)
      : Workload(grant.device),
        shape_(ops::gemm_shape(params)),
        in_(element_of(shape_.dtype)),
        out_(element_of(shape_.out)) {
    const std::uint64_t per_set = ops::gemm().bytes_per_set(params);
    scratch_bytes_ = std::max(scratch_bytes_, shape_.batch * shape_.m * sizeof(double));  // of a projection
    const std::uint64_t fixed = grant.gemm_workspace_bytes + kScaleBytes + scratch_bytes_;
    operand_sets_ = sets_that_fit(per_set, fixed, grant);
    memory_bytes_ = per_set * operand_sets_ + fixed;
    refill_ = GEOMSU_REFILL_BLOCK;
    if (grant.gemm_workspace_bytes > 0) workspace_ = DeviceBuffer(grant.gemm_workspace_bytes);
    one_ = DeviceBuffer(kScaleBytes);
    set_one();
    product_ = std::make_unique<LtProduct>(device().lt(), gemm_request(shape_, one_.as<const float>()));
    choice_ = choose_by_heuristic(*product_, workspace_.bytes());
    if (choice_.words.empty()) throw gemm_not_offered(shape_, device().facts());
    for (std::uint64_t set = 0; set < operand_sets_; ++set) {
      sets_.push_back({DeviceBuffer(elements_a() * bytes_of(in_)), DeviceBuffer(elements_b() * bytes_of(in_)),
                       DeviceBuffer(elements_c() * bytes_of(out_))});
    }
    if (algorithm == "tuned") choice_ = choose_tuned(*product_, tuning(params, tuned_dir));
    algorithm_ = choice_.words;
  }

 protected:
  std::uint64_t do_elements(std::uint32_t tensor) const override {
    switch (tensor) {
      case ops::kRoleOutput:
        return elements_c();
      case ops::kRoleA:
        return elements_a();
      case ops::kRoleB:
        return elements_b();
      default:
        return 0;
    }
  }

  void do_reseed(std::uint64_t seed, cudaStream_t stream) override { fill_operands(seed, stream); }

  void do_queue(std::uint64_t repeat, cudaStream_t stream) override {
    queue(choice_.algorithm, choice_.workspace_bytes, repeat, repeat >= operand_sets_, stream);
  }

  void do_read(std::uint32_t tensor, std::uint64_t repeat, std::span<const std::uint64_t> indices,
               double* out) override {
    if (indices.empty()) return;
    const Set& set = sets_[repeat % operand_sets_];
    std::vector<std::uint64_t> places(indices.begin(), indices.end());
    if (tensor == ops::kRoleA && shape_.transpose_a) lay(places, shape_.m, shape_.k);
    if (tensor == ops::kRoleB && shape_.transpose_b) lay(places, shape_.k, shape_.n);
    const std::uint64_t count = places.size(), bytes = count * sizeof(std::uint64_t);
    auto* on_device = static_cast<std::uint64_t*>(device().scratch(bytes + count * sizeof(double)));
    auto* values = reinterpret_cast<double*>(on_device + count);
    const cudaStream_t stream = device().stream();
    copy(on_device, places.data(), bytes, cudaMemcpyHostToDevice, stream);
    const DeviceBuffer& from = tensor == ops::kRoleA ? set.a : tensor == ops::kRoleB ? set.b : set.c;
    gather(tensor == ops::kRoleOutput ? out_ : in_, from.as<const void>(), on_device, count, values, stream);
    copy(out, values, count * sizeof(double), cudaMemcpyDeviceToHost, stream);
    device().wait("reading elements");
  }

  std::vector<double> do_project(std::uint64_t repeat, std::uint64_t seed) override {
    std::vector<double> result(shape_.batch * shape_.m);
    const std::uint64_t bytes = result.size() * sizeof(double);
    auto* values = static_cast<double*>(device().scratch(bytes));
    const cudaStream_t stream = device().stream();
    cuda::project(out_, sets_[repeat % operand_sets_].c.as<const void>(), result.size(), shape_.n, seed, values,
                  stream);
    copy(result.data(), values, bytes, cudaMemcpyDeviceToHost, stream);
    device().wait("projecting the output");
    return result;
  }

  std::uint64_t do_digest(std::uint32_t tensor, std::uint64_t repeat) override {
    const bool transposed =
        (tensor == ops::kRoleA && shape_.transpose_a) || (tensor == ops::kRoleB && shape_.transpose_b);
    if (transposed) {
      throw Failure(GEOMSU_UNSUPPORTED,
                    "a digest of an operand that is stored transposed: it is of the logical order; next: read elements "
                    "of it, or take the digest of the output");
    }
    const Set& set = sets_[repeat % operand_sets_];
    const DeviceBuffer& from = tensor == ops::kRoleA ? set.a : tensor == ops::kRoleB ? set.b : set.c;
    auto* on_device = static_cast<std::uint64_t*>(device().scratch(sizeof(std::uint64_t)));
    const cudaStream_t stream = device().stream();
    cuda::digest(from.as<const void>(), from.bytes(), on_device, stream);
    std::uint64_t sum = 0;
    copy(&sum, on_device, sizeof sum, cudaMemcpyDeviceToHost, stream);
    device().wait("taking a digest");
    return sum;
  }

 private:
  struct Set {
    DeviceBuffer a, b, c;
  };

  std::uint64_t elements_a() const { return shape_.batch * shape_.m * shape_.k; }
  std::uint64_t elements_b() const { return shape_.batch * shape_.k * shape_.n; }
  std::uint64_t elements_c() const { return shape_.batch * shape_.m * shape_.n; }

  static void copy(void* to, const void* from, std::uint64_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
    check(cudaMemcpyAsync(to, from, bytes, kind, stream), "cudaMemcpyAsync", std::to_string(bytes) + " bytes");
  }

  void set_one() {
    static constexpr float one = 1;
    copy(one_.as<void>(), &one, sizeof one, cudaMemcpyHostToDevice, device().stream());
    device().wait("writing the scales");
  }

  // Logical row-major indices of rows x columns become those of the transposed store.
  static void lay(std::vector<std::uint64_t>& indices, std::uint64_t rows, std::uint64_t columns) {
    for (std::uint64_t& index : indices) {
      const std::uint64_t batch = index / (rows * columns), within = index % (rows * columns);
      index = batch * rows * columns + within % columns * rows + within / columns;
    }
  }

  void fill_operands(std::uint64_t seed, cudaStream_t stream) {
    for (std::uint64_t set = 0; set < operand_sets_; ++set) {
      fill(in_, sets_[set].a.as<void>(), {shape_.batch, shape_.m, shape_.k, shape_.transpose_a}, shape_.data, seed,
           ops::tensor_id(set, ops::kRoleA), stream);
      fill(in_, sets_[set].b.as<void>(), {shape_.batch, shape_.k, shape_.n, shape_.transpose_b}, shape_.data, seed,
           ops::tensor_id(set, ops::kRoleB), stream);
    }
  }

  void queue(const cublasLtMatmulAlgo_t& algorithm, std::uint64_t workspace_bytes, std::uint64_t repeat, bool add,
             cudaStream_t stream) {
    const ops::OperandPair pair = ops::operand_pair(repeat, operand_sets_);
    product_->queue(algorithm, sets_[pair.a].a.as<const void>(), sets_[pair.b].b.as<const void>(),
                    sets_[repeat % operand_sets_].c.as<void>(), add, workspace_.as<void>(), workspace_bytes, stream);
  }

  TuningRequest tuning(const ops::Params& params, const std::string& directory) {
    TuningRequest request;
    request.directory = directory;
    request.device = device().facts().name;
    request.problem = gemm_words(params);
    request.workspace_bytes = workspace_.bytes();
    request.time = [this](const LtResult& candidate) { return time(candidate); };
    return request;
  }

  // Real operands, since power and so the clock depend on what they hold.
  std::uint64_t time(const LtResult& candidate) {
    const cudaStream_t stream = device().stream();
    if (!std::exchange(filled_for_tuning_, true)) fill_operands(1, stream);
    TimedEvent first, last;
    queue(candidate.algo, candidate.workspaceSize, 0, false, stream);  // loads the kernel
    first.record(stream);
    for (std::uint64_t i = 0; i < kTuningRepeats; ++i) {
      queue(candidate.algo, candidate.workspaceSize, i, false, stream);
    }
    last.record(stream);
    last.wait();
    return first.until_ns(last);
  }

  ops::GemmShape shape_;
  Element in_, out_;
  DeviceBuffer workspace_, one_;
  std::unique_ptr<LtProduct> product_;
  std::vector<Set> sets_;
  AlgorithmChoice choice_;
  bool filled_for_tuning_ = false;
};

}  // namespace

std::unique_ptr<Workload> make_gemm(const ops::Params& complete, const std::string& algorithm,
                                    const std::string& tuned_dir, const Grant& grant) {
  const ops::GemmShape shape = ops::gemm_shape(complete);
  if (const std::string why = gemm_refusal(shape, [](const char* name) { return std::getenv(name); }); !why.empty()) {
    throw Failure(GEOMSU_UNSUPPORTED, why);
  }
  return std::make_unique<Gemm>(complete, algorithm, tuned_dir, grant);
}

}  // namespace geomsu::cuda
