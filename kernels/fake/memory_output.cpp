// memory: copy and scale as one rotation, add and triad as the R-th power of their recurrences, so that a million
// repeats cost no more than one; the keys of read and write are run through.
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "kernels/fake/output.hpp"
#include "kernels/fake/outputs.hpp"
#include "kernels/ops/fill.hpp"
#include "kernels/ops/generator.hpp"
#include "kernels/ops/memory.hpp"
#include "kernels/ops/memory_read.hpp"

namespace geomsu::fake {
namespace {

constexpr std::size_t kChunk = 1024;
constexpr std::uint64_t kSwapLength = 64;  // what swapped_rows swaps here

using Matrix = std::array<long double, 4>;  // 2 x 2, by rows

Matrix product(const Matrix& a, const Matrix& b) {
  return {a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3]};
}

Matrix power(Matrix base, std::uint64_t exponent) {
  Matrix result = {1, 0, 0, 1};
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = product(result, base);
    base = product(base, base);
  }
  return result;
}

class MemoryOutput final : public Output {
 public:
  explicit MemoryOutput(const ops::MemoryShape& shape)
      : Output(1, shape.output_elements, shape.kind == "read" ? 1 : kSwapLength, *ops::find_dtype(shape.output_dtype)),
        shape_(shape) {}

 protected:
  double clean(const State& state, std::uint64_t, std::uint64_t index) const override {
    std::array<double, 1> out{};
    values(state, out, index);
    return out[0];
  }

  std::vector<double> clean_projection(const State& state, std::uint64_t, std::uint64_t sign_seed) const override {
    const std::uint64_t signs = ops::sign_stream(sign_seed);
    std::array<double, kChunk> y, r;
    double sum = 0;
    for (std::uint64_t j = 0; j < shape_.output_elements; j += kChunk) {
      const std::size_t count = std::min<std::uint64_t>(kChunk, shape_.output_elements - j);
      values(state, std::span(y).first(count), j);
      ops::fill_signs(std::span(r).first(count), signs, j);
      for (std::size_t i = 0; i < count; ++i) sum += y[i] * r[i];
    }
    return {sum};
  }

  double input(const State& state, std::uint32_t tensor, std::uint64_t, std::uint64_t index) const override {
    std::array<double, 1> out{};
    array(state.seed, tensor, out, index);
    return out[0];
  }
  std::uint64_t input_elements(std::uint32_t tensor) const override {
    return tensor >= 1 && tensor <= shape_.arrays ? shape_.elements : 0;
  }
  double large(const State&, std::uint64_t) const override { return 16; }
  double cost(const State&, std::uint64_t) const override { return static_cast<double>(shape_.elements); }

 private:
  void array(std::uint64_t seed, std::uint64_t role, std::span<double> out, std::uint64_t first) const {
    const std::uint64_t tensor = ops::tensor_id(0, role);
    ops::fill(out, shape_.data, ops::stream(seed, tensor), tensor, first);
  }

  // out[i] = element first + i of the array written last.
  void values(const State& state, std::span<double> out, std::uint64_t first) const {
    const std::string cheaper = state.cheaper_dtype("fp32");
    const ops::Dtype* stored = ops::find_dtype(cheaper.empty() ? shape_.dtype : cheaper);
    if (shape_.kind == "read") return read_sums(state, stored, out, first);
    if (shape_.kind == "write") {
      written(state, out, first);
    } else if (shape_.arrays == 2) {
      moved(state, out, first);
    } else {
      summed(state, out, first);
    }
    for (double& y : out) y = ops::round_to(stored == nullptr ? dtype_ : *stored, y);
  }

  // out[i] = element first + i of an array that was moved up by 64 elements `times` times.
  void rotated(std::uint64_t seed, std::uint64_t role, std::uint64_t times, std::span<double> out,
               std::uint64_t first) const {
    const std::uint64_t n = shape_.elements, by = ops::kCopyShift % n * (times % n) % n;
    for (std::size_t i = 0; i < out.size();) {
      const std::uint64_t from = (first + i + n - by) % n;
      const std::size_t count = std::min<std::uint64_t>(out.size() - i, n - from);
      array(seed, role, out.subspan(i, count), from);
      i += count;
    }
  }

  void moved(const State& state, std::span<double> out, std::uint64_t first) const {
    rotated(state.true_seed(), 1, state.computed(), out, first);
    if (shape_.kind == "copy") return;
    constexpr std::array kFactors{1.0, 2.0, -1.0, -2.0};  // of 2 and -1/2 in turn
    for (double& y : out) y *= kFactors[state.computed() % kFactors.size()];
  }

  void summed(const State& state, std::span<double> out, std::uint64_t first) const {
    const bool add = shape_.kind == "add";
    const Matrix m = power({1, add ? -1.0L : static_cast<long double>(ops::kTriadScalar), 1, 0}, state.computed());
    const auto newer = static_cast<double>(m[0]), older = static_cast<double>(m[1]);
    std::array<double, kChunk> x1;
    const std::span<double> before = std::span(x1).first(out.size());
    rotated(state.true_seed(), 2, add ? state.computed() + 1 : 0, before, first);
    rotated(state.true_seed(), 3, add ? state.computed() : 0, out, first);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = newer * out[i] + older * before[i] + 0.0;  // never -0
  }

  void read_sums(const State& state, const ops::Dtype* stored, std::span<double> out, std::uint64_t first) const {
    const ops::Dtype* less = stored == nullptr || stored->name == shape_.dtype ? nullptr : stored;
    if (is_new({state.true_seed(), state.computed(), less}))
      sums_ = ops::ReadCounts(shape_, state.true_seed(), less).after(state.computed());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::int32_t>(sums_[first + i]);
  }

  void written(const State& state, std::span<double> out, std::uint64_t first) const {
    if (is_new({state.true_seed(), state.computed(), nullptr})) {
      key_ = ops::write_first_key(state.true_seed());
      for (std::uint64_t i = 0; i + 1 < state.computed(); ++i)
        key_ = ops::write_next_key(key_, ops::write_sum(key_, ops::write_place(key_, i, shape_.elements)));
    }
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = ops::write_sum(key_, first + i) * 0x1p-15;
  }

  ops::MemoryShape shape_;
  // What read and write came to when last asked: elements are asked for one by one.
  struct Pass {
    std::uint64_t seed = 0, repeats = 0;
    const ops::Dtype* less = nullptr;
    bool operator==(const Pass&) const = default;
  };
  bool is_new(const Pass& now) const {
    if (pass_ == now) return false;
    pass_ = now;
    return true;
  }

  mutable std::optional<Pass> pass_;
  mutable std::uint32_t key_ = 0;
  mutable ops::ReadSums sums_{};
};
}  // namespace

std::unique_ptr<Output> make_memory_output(const ops::Params& params) {
  return std::make_unique<MemoryOutput>(ops::memory_shape(params));
}

}  // namespace geomsu::fake
