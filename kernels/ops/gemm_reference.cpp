#include "kernels/ops/gemm_reference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

#include "kernels/ops/fill.hpp"
#include "kernels/ops/rounding.hpp"

namespace geomsu::ops {
namespace {

constexpr std::size_t kChunk = 1024;                // doubles: stays in L1 beside the vector it meets
constexpr std::uint64_t kFew = 16;                  // numbers whose mean square may be far off by chance
constexpr std::uint64_t kWrappedWork = 1ULL << 26;  // multiplications: under a second

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
        u_acc_((accumulate_roundoff(shape_.accumulate) + tensor_core_roundoff(shape_)) * coherence(shape_)),
        u_out_(find_dtype(shape_.out)->unit_roundoff()) {
    if (state_.operand_sets == 0) throw std::invalid_argument("gemm reference: operand_sets must be at least 1");
  }

  std::uint64_t elements() const override { return shape_.batch * shape_.m * shape_.n; }
  std::uint64_t projected() const override { return shape_.batch * shape_.m; }

  Expected element(std::uint64_t index, std::uint64_t repeat) override {
    if (index >= elements()) {
      throw std::out_of_range("gemm reference: element " + std::to_string(index) + " of " + std::to_string(elements()));
    }
    const std::uint64_t column = index % shape_.n, row = index / shape_.n % shape_.m,
                        batch = index / shape_.n / shape_.m;
    const std::uint64_t a_first = (batch * shape_.m + row) * shape_.k, b_first = batch * shape_.k * shape_.n + column;
    const std::uint64_t c = times(repeat);
    std::vector<double> dots;
    double sum = 0, norms = 0, square_norms = 0;
    for (const Term& term : terms(repeat)) {
      const Operand a = operand(term.pair.a, kRoleA), b = operand(term.pair.b, kRoleB);
      double dot = 0, a_square = 0, b_square = 0;
      for (std::uint64_t l = 0; l < shape_.k; ++l) {
        const double x = a.at(a_first + l), y = b.at(b_first + l * shape_.n);
        dot += x * y;
        a_square += x * x;
        b_square += y * y;
      }
      const double norm = term.weight * std::sqrt(a_square) * std::sqrt(b_square);
      dots.push_back(dot);
      sum += term.weight * dot;
      norms += norm;
      square_norms += norm * norm;
    }
    if (integer()) return {wrapped(sum), 0, 0};
    double partial = 0, stored = 0;
    for (std::uint64_t j = 0; j < c; ++j) {
      partial += dots[j % dots.size()];
      stored += std::fabs(partial);
    }
    return {sum, 6 * u_acc_ * norms + u_out_ * stored, coherent(c) ? norms : std::sqrt(square_norms)};
  }

  void projection(std::uint64_t repeat, std::uint64_t sign_seed, std::vector<double>& values,
                  std::vector<double>& tolerances) override {
    const double growth = stored_over_last(times(repeat));
    std::vector<double> signs(shape_.n);
    fill_signs(signs, sign_stream(sign_seed), 0);
    values.assign(projected(), 0);
    tolerances.assign(projected(), 0);
    std::vector<double> norms(projected(), 0);  // |C_i|^2 by the gains; coherent sums: |C_i|
    const bool in_phase = coherent(times(repeat));
    for (const Term& term : terms(repeat)) {
      for (std::uint64_t batch = 0; batch < shape_.batch; ++batch) {
        add_projection(term, batch, signs, values, tolerances, norms, in_phase);
      }
    }
    if (integer()) return project_integers(repeat, signs, values, tolerances);
    for (std::uint64_t i = 0; i < projected(); ++i) {
      const double norm = std::max(in_phase ? norms[i] : std::sqrt(norms[i]), std::fabs(values[i]));
      tolerances[i] = 6 * u_acc_ * tolerances[i] + 6 * u_out_ * norm * growth;
    }
  }

  std::optional<double> rms_limit(double mean_square_output_over_scale) const override {
    if (integer()) return std::nullopt;
    const std::uint64_t c = times_accumulated(state_, 0);  // set 0 is met most
    if (elements() < kFew) return most_of_few(c);
    const double growth = stored_over_last(c);
    return u_acc_ + u_out_ * growth * std::sqrt(mean_square_output_over_scale);
  }

 private:
  // One of the products that a C is the sum of.
  struct Term {
    OperandPair pair;
    double weight = 1;  // how often it was added
  };

  bool integer() const { return shape_.accumulate == "int32"; }
  Operand operand(std::uint64_t set, std::uint64_t role) const { return {shape_, state_.seed, set, role}; }
  std::uint64_t times(std::uint64_t repeat) const {
    if (repeat >= state_.repeats) {
      throw std::out_of_range("gemm reference: repeat " + std::to_string(repeat) + " of " +
                              std::to_string(state_.repeats) + " run since the last reseed");
    }
    return times_accumulated(state_, repeat);
  }
  std::vector<Term> terms(std::uint64_t repeat) const {
    const std::uint64_t sets = state_.operand_sets, c = times(repeat);
    std::vector<Term> result;
    for (std::uint64_t round = 0; round < std::min(c, sets); ++round) {
      const std::uint64_t weight = c / sets + (round < c % sets ? 1 : 0);
      result.push_back({operand_pair(repeat % sets + round * sets, sets), static_cast<double>(weight)});
    }
    return result;
  }
  // Whether the products of a C are alike, so that neither they nor their rounding errors cancel.
  bool coherent(std::uint64_t c) const { return c > state_.operand_sets || shape_.data == Data::kTrig; }
  double stored_over_last(std::uint64_t c) const {
    const double half = (static_cast<double>(c) + 1) / 2;
    return coherent(c) ? half : std::sqrt(half);
  }

  // Over few elements no mean can be counted on: what their own bounds allow, in units of scale. |partial sum j| is at
  // most j / c of scale where sums are coherent, else sqrt(j) of it, by Cauchy and Schwarz.
  double most_of_few(std::uint64_t c) const {
    const double count = static_cast<double>(c);
    if (coherent(c)) return 6 * u_acc_ + u_out_ * (count + 1) / 2;
    return 6 * u_acc_ * std::sqrt(count) + u_out_ * std::pow(count + 1, 1.5) * 2 / 3;
  }

  // |(A_r B_r)_i| of a block's rows where m or k is small, at the cost of one more pass over B; empty elsewhere.
  std::vector<double> product_norms(const Operand& a, const Operand& b, std::uint64_t batch) const {
    if (shape_.m >= kFew && shape_.k >= kFew) return {};
    const std::uint64_t m = shape_.m, n = shape_.n, k = shape_.k;
    std::vector<double> norms(m), a_row(k), b_row(n);
    if (k < kFew) {  // by B B^T
      std::vector<double> b_rows(k * n), gram(k * k);
      b.chunk(b_rows, batch * k * n);
      for (std::uint64_t l = 0; l < k; ++l) {
        for (std::uint64_t p = 0; p <= l; ++p) {
          for (std::uint64_t j = 0; j < n; ++j) gram[l * k + p] += b_rows[l * n + j] * b_rows[p * n + j];
          gram[p * k + l] = gram[l * k + p];
        }
      }
      for (std::uint64_t i = 0; i < m; ++i) {
        a.chunk(a_row, (batch * m + i) * k);
        double square = 0;
        for (std::uint64_t l = 0; l < k; ++l) {
          for (std::uint64_t p = 0; p < k; ++p) square += a_row[l] * gram[l * k + p] * a_row[p];
        }
        norms[i] = std::sqrt(std::max(0.0, square));
      }
      return norms;
    }
    std::vector<double> a_rows(m * k), product(m * n);
    a.chunk(a_rows, batch * m * k);
    for (std::uint64_t l = 0; l < k; ++l) {
      b.chunk(b_row, (batch * k + l) * n);
      for (std::uint64_t i = 0; i < m; ++i) {
        for (std::uint64_t j = 0; j < n; ++j) product[i * n + j] += a_rows[i * k + l] * b_row[j];
      }
    }
    for (std::uint64_t i = 0; i < m; ++i) {
      double square = 0;
      for (std::uint64_t j = 0; j < n; ++j) square += product[i * n + j] * product[i * n + j];
      norms[i] = std::sqrt(square);
    }
    return norms;
  }

  // One product's share of a block's rows: of the values, of the bounds of its sums, and of |C_i|.
  void add_projection(const Term& term, std::uint64_t batch, std::span<const double> signs, std::vector<double>& values,
                      std::vector<double>& bounds, std::vector<double>& norms, bool in_phase) const {
    const Operand a = operand(term.pair.a, kRoleA), b = operand(term.pair.b, kRoleB);
    std::vector<double> b_signs(shape_.k), a_norms(shape_.m);
    double a_square = 0, b_square = 0, c_square = 0;
    for (std::uint64_t l = 0; l < shape_.k; ++l) {
      const auto sums = b.row((batch * shape_.k + l) * shape_.n, signs);
      b_signs[l] = sums.product;
      b_square += sums.square;
    }
    for (std::uint64_t i = 0; i < shape_.m; ++i) {
      const auto sums = a.row((batch * shape_.m + i) * shape_.k, b_signs);
      values[batch * shape_.m + i] += term.weight * sums.product;
      a_norms[i] = std::sqrt(sums.square);
      a_square += sums.square;
      c_square += sums.product * sums.product;
    }
    // No int8 is over 64 in size, nor a column of B over 64 sqrt(k).
    const double column =
        integer() ? std::min(std::sqrt(b_square), 64 * std::sqrt(static_cast<double>(shape_.k))) : std::sqrt(b_square);
    // Rows of `trig` are all combinations of two waves, so that over one r their products tell nothing of their norms.
    const double estimate = a_square > 0 ? std::sqrt(c_square / a_square) : 0;
    const std::vector<double> exact = integer() ? std::vector<double>() : product_norms(a, b, batch);
    const double gain = shape_.data == Data::kTrig ? std::sqrt(b_square) : estimate;
    for (std::uint64_t i = 0; i < shape_.m; ++i) {
      const double norm = term.weight * (exact.empty() ? gain * a_norms[i] : exact[i]);
      bounds[batch * shape_.m + i] += term.weight * a_norms[i] * column;
      norms[batch * shape_.m + i] += in_phase ? norm : norm * norm;
    }
  }

  // Exact, but for rows of which an element may have wrapped: C r is then no longer A (B r) and is summed element by
  // element, or where that takes too long not known at all; the elements are checked exactly all the same.
  void project_integers(std::uint64_t repeat, std::span<const double> signs, std::vector<double>& values,
                        std::vector<double>& bounds) {
    const std::uint64_t a_row = shape_.n * shape_.k * std::min(times(repeat), state_.operand_sets);
    std::uint64_t left = kWrappedWork;
    for (std::uint64_t i = 0; i < values.size(); ++i) {
      const bool may_wrap = bounds[i] >= 0x1p31;
      bounds[i] = may_wrap && a_row > left ? std::numeric_limits<double>::infinity() : 0;
      if (!may_wrap || a_row > left) continue;
      left -= a_row;
      values[i] = 0;
      for (std::uint64_t j = 0; j < shape_.n; ++j) values[i] += signs[j] * element(i * shape_.n + j, repeat).value;
    }
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

double tensor_core_roundoff(const GemmShape& shape) {
  const bool fp8 = shape.dtype == "fp8_e4m3" || shape.dtype == "fp8_e5m2";
  return fp8 && shape.accumulate == "fp32" ? 0x1p-13 / std::sqrt(static_cast<double>(shape.k)) : 0;
}

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
