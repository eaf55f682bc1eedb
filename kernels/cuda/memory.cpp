// The operation memory on one GPU: arrays, state and which of them is looked at. Kernels: memory_kernels.cuh.
#include "kernels/ops/memory.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cuda/buffer.hpp"
#include "kernels/cuda/check.hpp"
#include "kernels/cuda/data.hpp"
#include "kernels/cuda/device.hpp"
#include "kernels/cuda/look.hpp"
#include "kernels/cuda/memory_kernels.hpp"
#include "kernels/cuda/workload.hpp"

namespace geomsu::cuda {
namespace {

constexpr std::uint64_t kPastCache = 4;  // times the L2 cache: smaller arrays may be served from it in part

class Memory final : public Workload {
 public:
  Memory(const ops::Params& params, const Grant& grant)
      : Workload(grant.device), shape_(ops::memory_shape(params)), element_(element_of(shape_.dtype)) {
    memory_bytes_ = ops::memory().bytes_per_set(params);
    sets_that_fit(memory_bytes_, kStateWords * sizeof(std::uint32_t), grant);
    refill_ = GEOMSU_REFILL_TRIAL;
    const auto& kinds = ops::memory_kinds();
    arrays_.kind = static_cast<MemoryKind>(std::find(kinds.begin(), kinds.end(), shape_.kind) - kinds.begin());
    arrays_.single = element_ == Element::kFp32;
    arrays_.bytes = shape_.bytes;
    state_ = DeviceBuffer(kStateWords * sizeof(std::uint32_t));
    arrays_.state = state_.as<std::uint32_t>();
    for (std::uint64_t i = 0; i < shape_.arrays; ++i) {
      buffers_.emplace_back(shape_.bytes);
      arrays_.x[i] = buffers_.back().as<void>();
    }
    const Facts& facts = grant.device.facts();
    blocks_ = memory_blocks(arrays_, facts.multiprocessors);
    algorithm_ = shape_.kind + " by streaming accesses of 16 bytes, " + std::to_string(blocks_) + " blocks";
    if (shape_.bytes < kPastCache * facts.l2_bytes) {
      algorithm_ += "; fits L2: an array is under " + std::to_string(kPastCache) + " times its " +
                    std::to_string(facts.l2_bytes) + " bytes, so this is not the bandwidth of the memory";
    }
  }

 protected:
  std::uint64_t do_elements(std::uint32_t tensor) const override {
    if (tensor == GEOMSU_TENSOR_OUTPUT) return shape_.output_elements;
    return tensor <= shape_.arrays ? shape_.elements : 0;
  }

  void do_reseed(std::uint64_t seed, cudaStream_t stream) override {
    for (std::uint64_t i = 0; i < shape_.arrays; ++i)
      fill(element_, arrays_.x[i], {1, 1, shape_.elements}, shape_.data, seed, ops::tensor_id(0, i + 1), stream);
    first_state_.fill(0);
    if (arrays_.kind == MemoryKind::kWrite) first_state_[0] = ops::write_first_key(seed);
    check(cudaMemcpyAsync(arrays_.state, first_state_.data(), sizeof(first_state_), cudaMemcpyHostToDevice, stream),
          "cudaMemcpyAsync", "setting memory's state");
  }

  void do_queue(std::uint64_t repeat, cudaStream_t stream) override { queue_repeat(arrays_, repeat, blocks_, stream); }

  void do_read(std::uint32_t tensor, std::uint64_t, std::span<const std::uint64_t> indices, double* out) override {
    const View view = view_of(tensor);
    look_at(device(), view.element, view.at, indices, out);
  }

  std::vector<double> do_project(std::uint64_t, std::uint64_t seed) override {
    const View view = view_of(GEOMSU_TENSOR_OUTPUT);
    return {signed_sum(device(), view.element, view.at, do_elements(GEOMSU_TENSOR_OUTPUT), seed)};
  }

  std::uint64_t do_digest(std::uint32_t tensor, std::uint64_t) override {
    const View view = view_of(tensor);
    return digest_of(device(), view.at, do_elements(tensor) * bytes_of(view.element));
  }

 private:
  struct View {
    Element element;
    const void* at;
  };

  // Tensor 0 is what was written last: by add's and triad's repeat i array i % 3, by copy's and scale's (i + 1) % 2; of
  // read the sums.
  View view_of(std::uint32_t tensor) const {
    if (tensor != GEOMSU_TENSOR_OUTPUT) return {element_, arrays_.x[tensor - 1]};
    if (arrays_.kind == MemoryKind::kRead) return {Element::kInt32, arrays_.state + sums_at(repeats())};
    return {element_, arrays_.x[shape_.arrays == 3 ? (repeats() - 1) % 3 : repeats() % shape_.arrays]};
  }

  ops::MemoryShape shape_;
  Element element_;
  MemoryArrays arrays_;
  std::vector<DeviceBuffer> buffers_;
  DeviceBuffer state_;
  std::array<std::uint32_t, kStateWords> first_state_{};  // a copy to the device may still read it
  unsigned blocks_ = 1;
};

}  // namespace

std::unique_ptr<Workload> make_memory(const ops::Params& complete, const Grant& grant) {
  return std::make_unique<Memory>(complete, grant);
}

}  // namespace geomsu::cuda
