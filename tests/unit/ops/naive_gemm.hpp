// A plain gemm in a chosen type, as a device might compute it, with switches to compute it wrongly. For tests.
#pragma once

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

// C of `times` accumulations, sums kept in T, row-major. `round_input` stands between generator and product.
template <typename T>
std::vector<T> naive_gemm(
    const GemmShape& s, std::uint64_t seed, std::uint64_t set, std::uint64_t times,
    const std::function<double(double)>& round_input = [](double x) { return x; }) {
  const auto a = [&](std::uint64_t i) {
    return static_cast<T>(round_input(value(s.data, stream(seed, tensor_id(set, kRoleA)), tensor_id(set, kRoleA), i)));
  };
  const auto b = [&](std::uint64_t i) {
    return static_cast<T>(round_input(value(s.data, stream(seed, tensor_id(set, kRoleB)), tensor_id(set, kRoleB), i)));
  };
  std::vector<T> c(s.batch * s.m * s.n);
  for (std::uint64_t batch = 0; batch < s.batch; ++batch) {
    std::vector<T> mine(s.m * s.k), other(s.k * s.n);
    for (std::uint64_t i = 0; i < mine.size(); ++i) mine[i] = a(batch * mine.size() + i);
    for (std::uint64_t i = 0; i < other.size(); ++i) other[i] = b(batch * other.size() + i);
    for (std::uint64_t i = 0; i < s.m; ++i) {
      for (std::uint64_t j = 0; j < s.n; ++j) {
        T sum{};
        for (std::uint64_t l = 0; l < s.k; ++l) sum += mine[i * s.k + l] * other[l * s.n + j];
        for (std::uint64_t t = 0; t < times; ++t) c[(batch * s.m + i) * s.n + j] += sum;
      }
    }
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
