#include "kernels/ops/memory_reference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <stdexcept>
#include <utility>

#include "kernels/ops/fill.hpp"
#include "kernels/ops/memory_read.hpp"

namespace geomsu::ops {
namespace {

constexpr std::size_t kChunk = 1024;
constexpr std::uint64_t kExactSum = 1ULL << 27;  // 26 bits of value and sign times this stay within double's 53

// One array of the start.
struct Array {
  Array(const MemoryShape& shape, std::uint64_t seed, std::uint64_t number)
      : data(shape.data), tensor(tensor_id(0, number + 1)), key(stream(seed, tensor)) {}
  double at(std::uint64_t index) const { return value(data, key, tensor, index); }
  void chunk(std::span<double> out, std::uint64_t first) const { fill(out, data, key, tensor, first); }
  // out[i] = the element first + i of the array after it was moved up by `moved`, round its end.
  void rotated(std::span<double> out, std::uint64_t first, std::uint64_t moved, std::uint64_t elements) const {
    for (std::size_t i = 0; i < out.size();) {
      const std::uint64_t from = (first + i + (elements - moved)) % elements;
      const std::size_t count = std::min<std::uint64_t>(out.size() - i, elements - from);
      chunk(out.subspan(i, count), from);
      i += count;
    }
  }
  Data data;
  std::uint64_t tensor, key;
};

class MemoryReference : public Reference {
 public:
  MemoryReference(MemoryShape shape, const BlockState& state) : shape_(std::move(shape)), state_(state) {
    if (state_.repeats == 0) throw std::out_of_range("memory reference: no repeat was run since the last reseed");
  }
  std::uint64_t elements() const override { return shape_.output_elements; }
  std::uint64_t projected() const override { return 1; }
  std::optional<double> rms_limit(double) const override { return std::nullopt; }

 protected:
  void check(std::uint64_t index) const {
    if (index < elements()) return;
    throw std::out_of_range("memory reference: element " + std::to_string(index) + " of " + std::to_string(elements()));
  }
  double summation_error(double norm) const { return 4 * 0x1p-53 * std::sqrt(static_cast<double>(elements())) * norm; }
  // shift * times, modulo the array.
  std::uint64_t moved(std::uint64_t times) const {
    return kCopyShift % shape_.elements * (times % shape_.elements) % shape_.elements;
  }

  MemoryShape shape_;
  BlockState state_;
};

// All kinds but triad: every value is exact, and known by itself.
class ExactReference : public MemoryReference {
 public:
  using MemoryReference::MemoryReference;

  Expected element(std::uint64_t index, std::uint64_t) override {
    check(index);
    std::array<double, 1> y{};
    chunk(y, index);
    return {y[0], 0, 0};
  }

  void projection(std::uint64_t, std::uint64_t sign_seed, std::vector<double>& values,
                  std::vector<double>& tolerances) override {
    const std::uint64_t n = elements(), key = sign_stream(sign_seed);
    std::array<double, kChunk> y, r;
    double sum = 0, square = 0;
    for (std::uint64_t j = 0; j < n; j += kChunk) {
      const std::size_t count = std::min<std::uint64_t>(kChunk, n - j);
      chunk(std::span(y).first(count), j);
      fill_signs(std::span(r).first(count), key, j);
      for (std::size_t i = 0; i < count; ++i) {
        sum += y[i] * r[i];
        square += y[i] * y[i];
      }
    }
    values.assign(1, sum);
    tolerances.assign(1, n <= kExactSum ? 0 : summation_error(std::sqrt(square)));
  }

 protected:
  // out[i] = element first + i of the output; at most kChunk.
  virtual void chunk(std::span<double> out, std::uint64_t first) const = 0;
};

// copy and scale: after R repeats, element j came from j - 64 R, and of every four factors 2, -1/2, 2, -1/2 the product
// is 1.
class MovedReference final : public ExactReference {
 public:
  MovedReference(const MemoryShape& shape, const BlockState& state)
      : ExactReference(shape, state), x0_(shape, state.seed, 0), moved_(moved(state.repeats)) {
    if (shape.kind != "scale") return;
    for (std::uint64_t i = 0; i < state.repeats % 4; ++i) factor_ *= scale_factor(i);
  }

 private:
  void chunk(std::span<double> out, std::uint64_t first) const override {
    x0_.rotated(out, first, moved_, shape_.elements);
    for (double& y : out) y *= factor_;
  }

  Array x0_;
  std::uint64_t moved_ = 0;
  double factor_ = 1;
};

// add: with y(i)[j + 64 (i + 2)] = z(i)[j], z(i) = z(i-1) - z(i-2) element by element, z(-2) = x1 and z(-1)[j] =
// x2[j + 64].
class AddReference final : public ExactReference {
 public:
  AddReference(const MemoryShape& shape, const BlockState& state)
      : ExactReference(shape, state), x1_(shape, state.seed, 1), x2_(shape, state.seed, 2) {
    double older[2] = {1, 0}, newer[2] = {0, 1};
    for (std::uint64_t i = 0; i < state.repeats % 6; ++i) {
      for (std::size_t c = 0; c < 2; ++c) older[c] = std::exchange(newer[c], newer[c] - older[c]);
    }
    beta_ = newer[0];
    gamma_ = newer[1];
    moved2_ = moved(state.repeats);
    moved1_ = (moved2_ + kCopyShift) % shape.elements;
  }

 private:
  void chunk(std::span<double> out, std::uint64_t first) const override {
    std::array<double, kChunk> x1;
    const std::span<double> other = std::span(x1).first(out.size());
    x1_.rotated(other, first, moved1_, shape_.elements);
    x2_.rotated(out, first, moved2_, shape_.elements);
    // A difference is never -0, nor is what a device holds.
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = beta_ * other[i] + gamma_ * out[i] + 0.0;
  }

  Array x1_, x2_;
  double beta_ = 0, gamma_ = 0;
  std::uint64_t moved1_ = 0, moved2_ = 0;
};

class ReadReference final : public ExactReference {
 public:
  ReadReference(const MemoryShape& shape, const BlockState& state)
      : ExactReference(shape, state), sums_(ReadCounts(shape, state.seed).after(state.repeats)) {}

 private:
  void chunk(std::span<double> out, std::uint64_t first) const override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::int32_t>(sums_[first + i]);
  }

  ReadSums sums_;
};

class WriteReference final : public ExactReference {
 public:
  WriteReference(const MemoryShape& shape, const BlockState& state)
      : ExactReference(shape, state), key_(write_first_key(state.seed)) {
    for (std::uint64_t i = 0; i + 1 < state.repeats; ++i) {
      key_ = write_next_key(key_, write_sum(key_, write_place(key_, i, shape.elements)));
    }
  }

 private:
  void chunk(std::span<double> out, std::uint64_t first) const override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = write_sum(key_, first + i) * 0x1p-15;
  }

  std::uint32_t key_;  // of the last repeat
};

class TriadReference final : public MemoryReference {
 public:
  TriadReference(const MemoryShape& shape, const BlockState& state)
      : MemoryReference(shape, state), x1_(shape, state.seed, 1), x2_(shape, state.seed, 2) {
    long double older[2] = {1, 0}, newer[2] = {0, 1};
    for (std::uint64_t i = 0; i < state_.repeats; ++i) {
      for (std::size_t c = 0; c < 2; ++c) {
        const long double next = newer[c] + static_cast<long double>(kTriadScalar) * older[c];
        older[c] = newer[c];
        newer[c] = next;
        most_[c] = std::max(most_[c], static_cast<double>(std::fabs(next)));
      }
    }
    beta_ = static_cast<double>(newer[0]);
    gamma_ = static_cast<double>(newer[1]);
    const double u = shape_.dtype == "fp32" ? 0x1p-24 : 0x1p-53;
    factor_ = 2.5 * (static_cast<double>(state_.repeats) + 1) * u;
  }

  Expected element(std::uint64_t index, std::uint64_t) override {
    check(index);
    const double x1 = x1_.at(index), x2 = x2_.at(index);
    return {beta_ * x1 + gamma_ * x2, factor_ * (most_[0] * std::fabs(x1) + most_[1] * std::fabs(x2)), 0};
  }

  void projection(std::uint64_t, std::uint64_t sign_seed, std::vector<double>& values,
                  std::vector<double>& tolerances) override {
    const std::uint64_t n = shape_.elements, key = sign_stream(sign_seed);
    std::array<double, kChunk> a, b, r;
    std::array<double, 8> sum1{}, sum2{}, square1{}, square2{};  // lanes; n is a multiple of 64
    for (std::uint64_t j = 0; j < n; j += kChunk) {
      const std::size_t count = std::min<std::uint64_t>(kChunk, n - j);
      x1_.chunk(std::span(a).first(count), j);
      x2_.chunk(std::span(b).first(count), j);
      fill_signs(std::span(r).first(count), key, j);
      for (std::size_t i = 0; i < count; i += 8) {
        for (std::size_t lane = 0; lane < 8; ++lane) {
          const double x1 = a[i + lane], x2 = b[i + lane], sign = r[i + lane];
          sum1[lane] += sign * x1;
          sum2[lane] += sign * x2;
          square1[lane] += x1 * x1;
          square2[lane] += x2 * x2;
        }
      }
    }
    const auto total = [](const std::array<double, 8>& lanes) {
      double sum = 0;
      for (const double lane : lanes) sum += lane;
      return sum;
    };
    const double bound = most_[0] * std::sqrt(total(square1)) + most_[1] * std::sqrt(total(square2));
    values.assign(1, beta_ * total(sum1) + gamma_ * total(sum2));
    tolerances.assign(1, factor_ * bound + summation_error(bound));
  }

 private:
  Array x1_, x2_;
  double beta_ = 0, gamma_ = 0, factor_ = 0;
  std::array<double, 2> most_{1, 1};
};

}  // namespace

std::unique_ptr<Reference> memory_reference(const MemoryShape& shape, const BlockState& state) {
  if (shape.kind == "triad") return std::make_unique<TriadReference>(shape, state);
  if (shape.kind == "add") return std::make_unique<AddReference>(shape, state);
  if (shape.kind == "read") return std::make_unique<ReadReference>(shape, state);
  if (shape.kind == "write") return std::make_unique<WriteReference>(shape, state);
  return std::make_unique<MovedReference>(shape, state);
}

}  // namespace geomsu::ops
