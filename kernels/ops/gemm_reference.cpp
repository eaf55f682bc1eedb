#include "kernels/ops/gemm_reference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <stdexcept>

#include "kernels/ops/fill.hpp"
#include "kernels/ops/rounding.hpp"

namespace geomsu::ops {
namespace {

constexpr std::size_t kChunk = 1024;  // doubles: stays in L1 beside the vector it meets

// One generated matrix, batch after batch, rows x columns, as rounded to the dtype.
class Operand {
 public:
  Operand(const GemmShape& shape, std::uint64_t seed, std::uint64_t set, std::uint64_t role)
      : dtype_(*find_dtype(shape.dtype)),
        data_(shape.data),
        tensor_(tensor_id(set, role)),
        stream_(stream(seed, tensor_)),
        // Every kind of data fits 24 bits, so fp32 and fp64 hold it as it is.
        exact_(!dtype_.integer && dtype_.precision >= 24) {}

  double at(std::uint64_t index) const {
    const double raw = value(data_, stream_, tensor_, index);
    return exact_ ? raw : round_to(dtype_, raw);
  }

  void chunk(std::span<double> out, std::uint64_t first) const {
    fill(out, data_, stream_, tensor_, first);
    if (exact_) return;
    for (double& x : out) x = round_to(dtype_, x);
  }

  // sum of row[j] * vector[j] and of row[j]^2, for a row that begins at index `first`.
  struct RowSums {
    double product = 0, square = 0;
  };
  RowSums row(std::uint64_t first, std::span<const double> vector) const {
    std::array<double, kChunk> buffer;
    RowSums sums;
    for (std::size_t done = 0; done < vector.size(); done += kChunk) {
      const std::size_t count = std::min(kChunk, vector.size() - done);
      chunk(std::span(buffer).first(count), first + done);
      // Eight lanes, so that the compiler may vectorise without changing the order of an addition.
      std::array<double, 8> products{}, squares{};
      std::size_t j = 0;
      for (; j + 8 <= count; j += 8) {
        for (std::size_t lane = 0; lane < 8; ++lane) {
          const double x = buffer[j + lane];
          products[lane] += x * vector[done + j + lane];
          squares[lane] += x * x;
        }
      }
      for (; j < count; ++j) {
        products[0] += buffer[j] * vector[done + j];
        squares[0] += buffer[j] * buffer[j];
      }
      for (std::size_t lane = 0; lane < 8; ++lane) {
        sums.product += products[lane];
        sums.square += squares[lane];
      }
    }
    return sums;
  }

 private:
  const Dtype& dtype_;
  Data data_;
  std::uint64_t tensor_, stream_;
  bool exact_;
};

class GemmReference final : public Reference {
 public:
  GemmReference(GemmShape shape, const BlockState& state)
      : shape_(std::move(shape)),
        state_(state),
        u_acc_(accumulate_roundoff(shape_.accumulate) * coherence(shape_)),
        u_out_(find_dtype(shape_.out)->unit_roundoff()) {
    if (state_.operand_sets == 0) throw std::invalid_argument("gemm reference: operand_sets must be at least 1");
  }

  std::uint64_t elements() const override { return shape_.batch * shape_.m * shape_.n; }
  std::uint64_t projected() const override { return shape_.batch * shape_.m; }

  Expected element(std::uint64_t index, std::uint64_t repeat) override {
    if (index >= elements()) {
      throw std::out_of_range("gemm reference: element " + std::to_string(index) + " of " + std::to_string(elements()));
    }
    const double c = times(repeat);
    const std::uint64_t column = index % shape_.n, row = index / shape_.n % shape_.m,
                        batch = index / shape_.n / shape_.m;
    const Operand a = operand(repeat, kRoleA), b = operand(repeat, kRoleB);
    const std::uint64_t a_first = (batch * shape_.m + row) * shape_.k, b_first = batch * shape_.k * shape_.n + column;
    double dot = 0, a_square = 0, b_square = 0;
    for (std::uint64_t l = 0; l < shape_.k; ++l) {
      const double x = a.at(a_first + l), y = b.at(b_first + l * shape_.n);
      dot += x * y;
      a_square += x * x;
      b_square += y * y;
    }
    if (integer()) return {wrapped(c * dot), 0, 0};
    const double norms = std::sqrt(a_square) * std::sqrt(b_square);
    return {c * dot, c * (6 * u_acc_ * norms + u_out_ * std::fabs(dot) * (c + 1) / 2), c * norms};
  }

  void projection(std::uint64_t repeat, std::uint64_t sign_seed, std::vector<double>& values,
                  std::vector<double>& tolerances) override {
    const double c = times(repeat);
    const Operand a = operand(repeat, kRoleA), b = operand(repeat, kRoleB);
    std::vector<double> signs(shape_.n), b_signs(shape_.k);
    fill_signs(signs, sign_stream(sign_seed), 0);
    values.assign(projected(), 0);
    tolerances.assign(projected(), 0);
    for (std::uint64_t batch = 0; batch < shape_.batch; ++batch) {
      double b_square = 0;
      for (std::uint64_t l = 0; l < shape_.k; ++l) {
        const auto sums = b.row((batch * shape_.k + l) * shape_.n, signs);
        b_signs[l] = sums.product;
        b_square += sums.square;
      }
      double a_square = 0, c_square = 0;
      for (std::uint64_t i = batch * shape_.m; i < (batch + 1) * shape_.m; ++i) {
        const auto sums = a.row(i * shape_.k, b_signs);
        values[i] = c * sums.product;
        tolerances[i] = std::sqrt(sums.square);  // |a_i| until the gain is known
        a_square += sums.square;
        c_square += sums.product * sums.product;
      }
      const double gain = a_square > 0 ? std::sqrt(c_square / a_square) : 0;
      for (std::uint64_t i = batch * shape_.m; i < (batch + 1) * shape_.m; ++i) {
        const double a_norm = tolerances[i], c_norm = std::max(gain * a_norm, std::fabs(values[i]) / c);
        tolerances[i] =
            integer() ? 0 : c * (6 * u_acc_ * a_norm * std::sqrt(b_square) + 6 * u_out_ * c_norm * (c + 1) / 2);
      }
    }
  }

  std::optional<double> rms_limit(double mean_square_output_over_scale) const override {
    if (integer()) return std::nullopt;
    const double c = static_cast<double>(times_accumulated(state_, 0));  // set 0 is met most
    return u_acc_ + u_out_ * (c + 1) / 2 * std::sqrt(mean_square_output_over_scale);
  }

 private:
  bool integer() const { return shape_.accumulate == "int32"; }
  Operand operand(std::uint64_t repeat, std::uint64_t role) const {
    return {shape_, state_.seed, repeat % state_.operand_sets, role};
  }
  double times(std::uint64_t repeat) const {
    if (repeat >= state_.repeats) {
      throw std::out_of_range("gemm reference: repeat " + std::to_string(repeat) + " of " +
                              std::to_string(state_.repeats) + " run since the last reseed");
    }
    return static_cast<double>(times_accumulated(state_, repeat));
  }
  static double coherence(const GemmShape& shape) {
    return shape.data == Data::kTrig ? std::max(1.0, std::sqrt(static_cast<double>(shape.k) / 3)) : 1.0;
  }
  // int32 accumulators wrap; the sums here are whole numbers, exact in double.
  static double wrapped(double sum) {
    return static_cast<double>(static_cast<std::int32_t>(static_cast<std::int64_t>(sum)));
  }

  GemmShape shape_;
  BlockState state_;
  double u_acc_, u_out_;
};

}  // namespace

double accumulate_roundoff(const std::string& accumulate) {
  if (accumulate == "fp64") return 0x1p-53;
  if (accumulate == "fp32") return 0x1p-24;
  if (accumulate == "tf32_in") return 0x1p-11;
  if (accumulate == "fp8_fast") return 0x1p-13;
  if (accumulate == "int32") return 0;
  throw std::invalid_argument("gemm knows no accumulate '" + accumulate + "'");
}

std::unique_ptr<Reference> gemm_reference(const GemmShape& shape, const BlockState& state) {
  return std::make_unique<GemmReference>(shape, state);
}

}  // namespace geomsu::ops
