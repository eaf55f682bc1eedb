// A plain gemm in a chosen type, as a device might compute it, with switches to compute it wrongly. For tests.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <vector>

#include "kernels/ops/gemm.hpp"

namespace geomsu::ops::test {

inline Params complete(const Operation& operation, const Params& given) {
  std::vector<Problem> problems;
  Params params = operation.complete(given, problems);
  for (const auto& problem : problems) throw std::runtime_error(problem.rule);
  return params;
}

// A or B of a set as the device holds it.
template <typename T>
std::vector<T> operand(const GemmShape& s, std::uint64_t seed, std::uint64_t set, std::uint64_t role,
                       const std::function<double(double)>& round_input) {
  std::vector<T> values(s.batch * (role == kRoleA ? s.m * s.k : s.k * s.n));
  const std::uint64_t tensor = tensor_id(set, role);
  for (std::uint64_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<T>(round_input(value(s.data, stream(seed, tensor), tensor, i)));
  return values;
}

// A B, sums kept in T, row-major.
template <typename T>
std::vector<T> product(const GemmShape& s, const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> c(s.batch * s.m * s.n);
  for (std::uint64_t row = 0; row < s.batch * s.m; ++row) {
    const std::uint64_t block = row / s.m * s.k * s.n;
    for (std::uint64_t j = 0; j < s.n; ++j) {
      T sum{};
      for (std::uint64_t l = 0; l < s.k; ++l) sum += a[row * s.k + l] * b[block + l * s.n + j];
      c[row * s.n + j] = sum;
    }
  }
  return c;
}

inline double unchanged(double x) { return x; }

// C of `set` among `sets` after `times` rounds. `round_input` stands between generator and product, `round_output`
// between sum and store.
template <typename T>
std::vector<T> naive_gemm(const GemmShape& s, std::uint64_t seed, std::uint64_t set, std::uint64_t times,
                          const std::function<double(double)>& round_input = unchanged, std::uint64_t sets = 1,
                          const std::function<double(double)>& round_output = unchanged) {
  std::vector<std::vector<T>> products;
  for (std::uint64_t round = 0; round < std::min(times, sets); ++round) {
    const OperandPair pair = operand_pair(set + round * sets, sets);
    products.push_back(product<T>(s, operand<T>(s, seed, pair.a, kRoleA, round_input),
                                  operand<T>(s, seed, pair.b, kRoleB, round_input)));
  }
  std::vector<T> c(s.batch * s.m * s.n);
  for (std::uint64_t t = 0; t < times; ++t) {
    for (std::size_t i = 0; i < c.size(); ++i) c[i] = static_cast<T>(round_output(c[i] + products[t % sets][i]));
  }
  return c;
}

// Which of the host's checks a result fails, over all elements.
struct Caught {
  bool element = false, rms = false, projection = false;
  bool any() const { return element || rms || projection; }
};

template <typename T>
Caught check(const Params& params, const BlockState& state, std::uint64_t repeat, const std::vector<T>& c) {
  Caught caught;
  const GemmShape shape = gemm_shape(params);
  const auto reference = gemm().reference(params, state);
  double square = 0, output = 0;
  std::size_t scaled = 0;
  for (std::uint64_t i = 0; i < c.size(); ++i) {
    const auto expected = reference->element(i, repeat);
    const double error = static_cast<double>(c[i]) - expected.value;
    if (!(std::fabs(error) <= expected.tolerance)) caught.element = true;
    if (expected.scale == 0) continue;
    square += error / expected.scale * (error / expected.scale);
    output += expected.value / expected.scale * (expected.value / expected.scale);
    ++scaled;
  }
  if (scaled > 0) {
    const auto n = static_cast<double>(scaled);
    const auto limit = reference->rms_limit(output / n);
    if (limit && !(std::sqrt(square / n) <= *limit)) caught.rms = true;
  }
  std::vector<double> values, tolerances;
  reference->projection(repeat, 1234, values, tolerances);
  for (std::uint64_t i = 0; i < values.size(); ++i) {
    double sum = 0;
    for (std::uint64_t j = 0; j < shape.n; ++j)
      sum += static_cast<double>(c[i * shape.n + j]) * sign_at(sign_stream(1234), j);
    if (!(std::fabs(sum - values[i]) <= tolerances[i])) caught.projection = true;
  }
  return caught;
}

}  // namespace geomsu::ops::test
