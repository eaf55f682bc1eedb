// memory: copy as one rotation, triad as the R-th power of its recurrence, so that a million repeats cost no more than
// one.
#include <array>
#include <span>
#include <vector>

#include "kernels/fake/output.hpp"
#include "kernels/fake/outputs.hpp"
#include "kernels/ops/fill.hpp"
#include "kernels/ops/generator.hpp"
#include "kernels/ops/memory.hpp"

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
      : Output(1, shape.elements, kSwapLength, *ops::find_dtype(shape.dtype)), shape_(shape) {}

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
    for (std::uint64_t j = 0; j < shape_.elements; j += kChunk) {
      const std::size_t count = std::min<std::uint64_t>(kChunk, shape_.elements - j);
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
    return tensor >= 1 && tensor <= (shape_.kind == "copy" ? 2u : 3u) ? shape_.elements : 0;
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
    if (shape_.kind == "copy") {
      copied(state, out, first);
    } else {
      summed(state, out, first);
    }
    const std::string cheaper = state.cheaper_dtype("fp32");
    const ops::Dtype* stored = ops::find_dtype(cheaper.empty() ? shape_.dtype : cheaper);
    for (double& y : out) y = ops::round_to(stored == nullptr ? dtype_ : *stored, y);
  }

  void copied(const State& state, std::span<double> out, std::uint64_t first) const {
    const std::uint64_t n = shape_.elements;
    const std::uint64_t moved = ops::kCopyShift % n * (state.computed() % n) % n;
    for (std::size_t i = 0; i < out.size();) {
      const std::uint64_t from = (first + i + n - moved) % n;
      const std::size_t count = std::min<std::uint64_t>(out.size() - i, n - from);
      array(state.true_seed(), 1, out.subspan(i, count), from);
      i += count;
    }
  }

  void summed(const State& state, std::span<double> out, std::uint64_t first) const {
    const Matrix m = power({1, static_cast<long double>(ops::kTriadScalar), 1, 0}, state.computed());
    const auto newer = static_cast<double>(m[0]), older = static_cast<double>(m[1]);
    std::array<double, kChunk> x1;
    const std::span<double> before = std::span(x1).first(out.size());
    array(state.true_seed(), 2, before, first);
    array(state.true_seed(), 3, out, first);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = newer * out[i] + older * before[i];
  }

  ops::MemoryShape shape_;
};
}  // namespace

std::unique_ptr<Output> make_memory_output(const ops::Params& params) {
  return std::make_unique<MemoryOutput>(ops::memory_shape(params));
}

}  // namespace geomsu::fake
