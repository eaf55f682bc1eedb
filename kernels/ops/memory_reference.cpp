#include "kernels/ops/memory_reference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <stdexcept>

#include "kernels/ops/fill.hpp"

namespace geomsu::ops {
namespace {

constexpr std::size_t kChunk = 1024;
constexpr std::uint64_t kExactSum = 1ULL << 28;  // 25 bits of value and sign times this stay within double's 53

// One array of the start.
struct Array {
  Array(const MemoryShape& shape, std::uint64_t seed, std::uint64_t number)
      : data(shape.data), tensor(tensor_id(0, number + 1)), key(stream(seed, tensor)) {}
  double at(std::uint64_t index) const { return value(data, key, tensor, index); }
  void chunk(std::span<double> out, std::uint64_t first) const { fill(out, data, key, tensor, first); }
  Data data;
  std::uint64_t tensor, key;
};

class MemoryReference : public Reference {
 public:
  MemoryReference(MemoryShape shape, const BlockState& state) : shape_(std::move(shape)), state_(state) {
    if (state_.repeats == 0) throw std::out_of_range("memory reference: no repeat was run since the last reseed");
  }
  std::uint64_t elements() const override { return shape_.elements; }
  std::uint64_t projected() const override { return 1; }
  std::optional<double> rms_limit(double) const override { return std::nullopt; }

 protected:
  void check(std::uint64_t index) const {
    if (index < shape_.elements) return;
    throw std::out_of_range("memory reference: element " + std::to_string(index) + " of " +
                            std::to_string(shape_.elements));
  }
  double summation_error(double norm) const {
    return 4 * 0x1p-53 * std::sqrt(static_cast<double>(shape_.elements)) * norm;
  }

  MemoryShape shape_;
  BlockState state_;
};

class CopyReference final : public MemoryReference {
 public:
  CopyReference(const MemoryShape& shape, const BlockState& state)
      : MemoryReference(shape, state), x0_(shape, state.seed, 0) {
    // After R repeats, element j came from j - 64 R.
    const std::uint64_t n = shape_.elements, moved = kCopyShift % n * (state_.repeats % n) % n;
    origin_ = (n - moved) % n;
  }

  Expected element(std::uint64_t index, std::uint64_t) override {
    check(index);
    return {x0_.at((index + origin_) % shape_.elements), 0, 0};
  }

  void projection(std::uint64_t, std::uint64_t sign_seed, std::vector<double>& values,
                  std::vector<double>& tolerances) override {
    const std::uint64_t n = shape_.elements, key = sign_stream(sign_seed);
    std::array<double, kChunk> x, r;
    double sum = 0, square = 0;
    for (std::uint64_t j = 0; j < n;) {
      const std::uint64_t from = (j + origin_) % n, count = std::min({std::uint64_t{kChunk}, n - j, n - from});
      x0_.chunk(std::span(x).first(count), from);
      fill_signs(std::span(r).first(count), key, j);
      for (std::size_t i = 0; i < count; ++i) {
        sum += x[i] * r[i];
        square += x[i] * x[i];
      }
      j += count;
    }
    values.assign(1, sum);
    tolerances.assign(1, n <= kExactSum ? 0 : summation_error(std::sqrt(square)));
  }

 private:
  Array x0_;
  std::uint64_t origin_ = 0;
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
  if (shape.kind == "copy") return std::make_unique<CopyReference>(shape, state);
  return std::make_unique<TriadReference>(shape, state);
}

}  // namespace geomsu::ops
