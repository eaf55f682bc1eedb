// gemm, batch after batch: C[b][i][j] = sum over l of A[b][i][l] B[b][l][j], summed over the pairs that its set met.
#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "kernels/fake/output.hpp"
#include "kernels/fake/outputs.hpp"
#include "kernels/ops/fill.hpp"
#include "kernels/ops/gemm.hpp"
#include "kernels/ops/generator.hpp"

namespace geomsu::fake {
namespace {

constexpr std::size_t kChunk = 1024;

// One operand of one set, as the device holds it.
class Operand {
 public:
  Operand(ops::Data data, std::uint64_t seed, std::uint64_t set, std::uint64_t role, const ops::Dtype& dtype)
      : data_(data), tensor_(ops::tensor_id(set, role)), key_(ops::stream(seed, tensor_)), dtype_(dtype) {}

  double at(std::uint64_t index) const { return ops::round_to(dtype_, ops::value(data_, key_, tensor_, index)); }

  // The dot product of `vector` with the elements that begin at `first`.
  double times(std::span<const double> vector, std::uint64_t first) const {
    std::array<double, kChunk> values;
    double sum = 0;
    for (std::size_t done = 0; done < vector.size(); done += kChunk) {
      const std::span<double> part = std::span(values).first(std::min(kChunk, vector.size() - done));
      ops::fill(part, data_, key_, tensor_, first + done);
      if (dtype_.integer || dtype_.precision < 24) {
        for (double& x : part) x = ops::round_to(dtype_, x);
      }
      for (std::size_t i = 0; i < part.size(); ++i) sum += part[i] * vector[done + i];
    }
    return sum;
  }

 private:
  ops::Data data_;
  std::uint64_t tensor_, key_;
  const ops::Dtype& dtype_;
};

class GemmOutput final : public Output {
 public:
  explicit GemmOutput(const ops::GemmShape& shape)
      : Output(shape.batch * shape.m, shape.n, shape.n, *ops::find_dtype(shape.out)), shape_(shape) {}

 protected:
  double clean(const State& state, std::uint64_t repeat, std::uint64_t index) const override {
    const std::uint64_t row = index / shape_.n, batch = row / shape_.m, column = index % shape_.n;
    const std::uint64_t a_first = row * shape_.k, b_first = batch * shape_.k * shape_.n + column;
    const bool in_single = computed_in_single(state);
    double all = 0;
    for (const Term& term : terms(state, repeat)) {
      const Operand a = operand(state, term.seed, term.pair.a, ops::kRoleA);
      const Operand b = operand(state, term.seed, term.pair.b, ops::kRoleB);
      double sum = 0;
      float single = 0;
      for (std::uint64_t l = 0; l < shape_.k; ++l) {
        const double product = a.at(a_first + l) * b.at(b_first + l * shape_.n);
        if (in_single) {
          single += static_cast<float>(product);
        } else {
          sum += product;
        }
      }
      all += static_cast<double>(term.times) * (in_single ? static_cast<double>(single) : sum);
    }
    return stored(dtype_, all);
  }

  std::vector<double> clean_projection(const State& state, std::uint64_t repeat,
                                       std::uint64_t sign_seed) const override {
    std::vector<double> sums(rows_, 0.0), signs(shape_.n), b_signs(shape_.k);
    ops::fill_signs(signs, ops::sign_stream(sign_seed), 0);
    for (const Term& term : terms(state, repeat)) {
      const Operand a = operand(state, term.seed, term.pair.a, ops::kRoleA);
      const Operand b = operand(state, term.seed, term.pair.b, ops::kRoleB);
      for (std::uint64_t batch = 0; batch < shape_.batch; ++batch) {
        for (std::uint64_t l = 0; l < shape_.k; ++l) b_signs[l] = b.times(signs, (batch * shape_.k + l) * shape_.n);
        for (std::uint64_t row = batch * shape_.m; row < (batch + 1) * shape_.m; ++row) {
          const double sum = a.times(b_signs, row * shape_.k);
          sums[row] += static_cast<double>(term.times) *
                       (computed_in_single(state) ? static_cast<double>(static_cast<float>(sum)) : sum);
        }
      }
    }
    return sums;
  }

  double input(const State& state, std::uint32_t tensor, std::uint64_t repeat, std::uint64_t index) const override {
    return Operand(shape_.data, state.seed, repeat % state.sets, tensor, *ops::find_dtype(shape_.dtype)).at(index);
  }
  std::uint64_t input_elements(std::uint32_t tensor) const override {
    if (tensor == ops::kRoleA) return shape_.batch * shape_.m * shape_.k;
    return tensor == ops::kRoleB ? shape_.batch * shape_.k * shape_.n : 0;
  }

  double large(const State& state, std::uint64_t repeat) const override {
    const auto times = static_cast<double>(std::max<std::uint64_t>(1, state.accumulated(repeat)));
    return std::ceil(16 * times * std::sqrt(static_cast<double>(shape_.k)));
  }
  double cost(const State& state, std::uint64_t repeat) const override {
    return static_cast<double>(rows_) * static_cast<double>(columns_) * static_cast<double>(shape_.k) *
           static_cast<double>(std::min(std::max<std::uint64_t>(1, state.accumulated(repeat)), state.sets));
  }

 private:
  // One of the products that the buffer is the sum of.
  struct Term {
    std::uint64_t seed = 0;
    ops::OperandPair pair;
    std::uint64_t times = 0;
  };
  std::vector<Term> terms(const State& state, std::uint64_t repeat) const {
    const std::uint64_t sets = state.sets, set = repeat % sets;
    std::vector<Term> found;
    if (state.accumulated(repeat) == 0) {
      // A set that was never computed still holds what was computed before the reseed.
      if (!state.earlier_seeds.empty()) found.push_back({state.earlier_seeds.back(), {set, set}, 1});
      return found;
    }
    const std::uint64_t rounds = std::min((state.repeats - set - 1) / sets + 1, sets);
    for (std::uint64_t round = 0; round < rounds; ++round) {
      const std::uint64_t at = set + round * sets, times = state.computed_of(at, sets * sets);
      if (times > 0) found.push_back({state.true_seed(), ops::operand_pair(at, sets), times});
    }
    return found;
  }

  std::string cheaper(const State& state) const {
    return state.cheaper_dtype(shape_.dtype == "fp64" ? "fp32" : shape_.dtype == "fp32" ? "tf32" : "fp8_e5m2");
  }
  bool computed_in_single(const State& state) const { return cheaper(state) == "fp32"; }

  Operand operand(const State& state, std::uint64_t seed, std::uint64_t set, std::uint64_t role) const {
    std::string dtype = cheaper(state);
    if (dtype.empty()) dtype = shape_.accumulate == "tf32_in" ? "tf32" : shape_.dtype;
    const ops::Dtype* found = ops::find_dtype(dtype);
    return {shape_.data, seed, set, role, found == nullptr ? *ops::find_dtype(shape_.dtype) : *found};
  }

  ops::GemmShape shape_;
};
}  // namespace

std::unique_ptr<Output> make_gemm_output(const ops::Params& params) {
  return std::make_unique<GemmOutput>(ops::gemm_shape(params));
}

}  // namespace geomsu::fake
