#include "kernels/cpu/memory.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <omp.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cpu/buffer.hpp"
#include "kernels/cpu/stream.hpp"
#include "kernels/ops/memory.hpp"

namespace geomsu::cpu {
namespace {

constexpr std::uint64_t kUnit = 64;  // elements: a whole number of cache lines

template <typename T>
class Memory final : public Workload {
 public:
  Memory(const ops::Params& params, const Grant& grant)
      : Workload(grant.executor),
        shape_(ops::memory_shape(params)),
        isa_(ops::best_isa()),
        triad_(shape_.kind == "triad") {
    memory_bytes_ = ops::memory().bytes_per_set(params);
    sets_that_fit(memory_bytes_, grant);
    refill_ = GEOMSU_REFILL_TRIAL;
    algorithm_ = shape_.kind + " with non-temporal stores, " + std::string(ops::to_string(isa_)) + ", " +
                 std::to_string(grant.executor.threads()) + " threads";
    for (std::uint64_t i = 0; i < arrays(); ++i) arrays_.emplace_back(shape_.bytes);
    grant.executor.call([this] { do_reseed(0); });  // page faults belong to preparing
  }

 protected:
  std::uint64_t do_elements(std::uint32_t tensor) const override { return tensor <= arrays() ? shape_.elements : 0; }

  void do_reseed(std::uint64_t seed) override {
    for (std::uint64_t number = 0; number < arrays(); ++number) {
      const std::uint64_t tensor = ops::tensor_id(0, number + 1);
      const std::span<T> x = array(number);
#pragma omp parallel
      {
        const Part part = part_of(x.size(), kUnit, omp_get_thread_num(), omp_get_num_threads());
        ops::fill(x.subspan(part.first, part.last - part.first), shape_.data, ops::stream(seed, tensor), tensor,
                  part.first);
      }
    }
  }

  // All repeats in one parallel region, a barrier after each: every repeat reads what the one before wrote.
  void do_run(std::uint64_t first, std::uint64_t count, Span& span) override {
    span.first = span.last = raw_now_ns();
#pragma omp parallel
    {
      const Part part = part_of(shape_.elements, kUnit, omp_get_thread_num(), omp_get_num_threads());
      for (std::uint64_t i = 0; i < count; ++i) {
        triad_ ? triad(first + i, part) : copy(first + i, part);
#pragma omp barrier
        if (omp_get_thread_num() == 0) {
          span.last = raw_now_ns();
          if (i < span.ends.size()) span.ends[i] = span.last;
        }
      }
    }
  }

  double do_read(std::uint32_t tensor, std::uint64_t, std::uint64_t index) const override {
    return static_cast<double>(tensor_array(tensor)[index]);
  }

  std::vector<double> do_project(std::uint64_t, std::uint64_t seed) const override {
    const std::span<const T> x = tensor_array(GEOMSU_TENSOR_OUTPUT);
    const std::uint64_t key = ops::sign_stream(seed);
    // A partial sum a thread, added in their order: the same number on every call.
    std::vector<double> sums(static_cast<std::size_t>(executor().threads()), 0.0);
#pragma omp parallel
    {
      constexpr std::uint64_t kChunk = 1024;
      std::array<double, kChunk> signs;
      const Part part = part_of(x.size(), kUnit, omp_get_thread_num(), omp_get_num_threads());
      std::array<double, 8> lanes{};
      for (std::uint64_t j = part.first; j < part.last; j += kChunk) {
        const std::uint64_t count = std::min(kChunk, part.last - j);  // a multiple of 64
        ops::fill_signs(std::span(signs).first(count), key, j);
        for (std::uint64_t i = 0; i < count; i += 8) {
          for (std::uint64_t lane = 0; lane < 8; ++lane)
            lanes[lane] += static_cast<double>(x[j + i + lane]) * signs[i + lane];
        }
      }
      for (const double lane : lanes) sums[static_cast<std::size_t>(omp_get_thread_num())] += lane;
    }
    double total = 0;
    for (const double sum : sums) total += sum;
    return {total};
  }

  std::span<const std::byte> do_bytes(std::uint32_t tensor, std::uint64_t) const override {
    return std::as_bytes(tensor_array(tensor));
  }

 private:
  std::uint64_t arrays() const { return triad_ ? 3 : 2; }
  std::span<T> array(std::uint64_t number) const { return arrays_[number].template as<T>(); }

  // Tensor 0 is what was written last: by triad's repeat i array i % 3, by copy's (i + 1) % 2.
  std::span<const T> tensor_array(std::uint32_t tensor) const {
    if (tensor != GEOMSU_TENSOR_OUTPUT) return array(tensor - 1);
    return array(triad_ ? (repeats_ - 1) % 3 : repeats_ % 2);
  }

  void triad(std::uint64_t i, Part part) const {
    triad_part(isa_, array(i % 3).data() + part.first, array((i + 2) % 3).data() + part.first,
               array((i + 1) % 3).data() + part.first, static_cast<T>(ops::kTriadScalar), part.last - part.first);
  }

  // A part of the destination; what lands at its index d comes from d - 64, round the end for the first 64.
  void copy(std::uint64_t i, Part part) const {
    const T* from = array(i % 2).data();
    T* to = array((i + 1) % 2).data();
    const std::uint64_t n = shape_.elements, shift = ops::kCopyShift % n;
    const std::uint64_t split = std::clamp(shift, part.first, part.last);
    if (split > part.first) copy_part(isa_, to + part.first, from + (n - shift + part.first), split - part.first);
    if (part.last > split) copy_part(isa_, to + split, from + (split - shift), part.last - split);
  }

  ops::MemoryShape shape_;
  ops::Isa isa_;
  bool triad_;
  std::vector<Buffer> arrays_;
};

}  // namespace

std::unique_ptr<Workload> make_memory(const ops::Params& params, const Grant& grant) {
  if (ops::memory_shape(params).dtype == "fp32") return std::make_unique<Memory<float>>(params, grant);
  return std::make_unique<Memory<double>>(params, grant);
}

}  // namespace geomsu::cpu
