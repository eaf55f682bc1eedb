// What a plug-in's answers are held against: the operation's own reference in double. For tests only.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/ops/operation.hpp"
#include "tests/unit/cpu/plugin_under_test.hpp"

namespace geomsu::test {

inline std::unique_ptr<ops::Reference> reference_of(const std::string& op, const Settings& settings, std::uint64_t seed,
                                                    std::uint64_t repeats, std::uint64_t sets) {
  ops::Params given(settings.begin(), settings.end());
  given.erase("operand_sets");
  std::vector<ops::Problem> problems;
  const auto* operation = ops::find(op);
  const auto complete = operation->complete(given, problems);
  if (!problems.empty()) throw std::invalid_argument(problems.front().rule);
  return operation->reference(complete, {seed, repeats, sets});
}

// Elements (all, or 200 drawn), RMS and projection of one repeat's output: the first that is wrong, in words, or "".
inline std::string what_is_wrong(const std::string& op, const Settings& settings, Work& work, std::uint64_t seed,
                                 std::uint64_t repeats, std::uint64_t repeat) {
  const auto reference = reference_of(op, settings, seed, repeats, work.info().operand_sets);
  const std::string of_repeat = " of repeat " + std::to_string(repeat);
  std::vector<std::uint64_t> indices;
  std::mt19937_64 random(seed + repeat);
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(reference->elements(), 200); ++i) {
    indices.push_back(reference->elements() <= 200 ? i : random() % reference->elements());
  }
  const auto got = work.read(0, repeat, indices);
  double square = 0, output = 0;
  std::size_t scaled = 0;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto expected = reference->element(indices[i], repeat);
    if (!(std::fabs(got[i] - expected.value) <= expected.tolerance)) {
      return "element " + std::to_string(indices[i]) + of_repeat + " is " + std::to_string(got[i]) + ", not " +
             std::to_string(expected.value) + " +- " + std::to_string(expected.tolerance);
    }
    if (expected.scale == 0) continue;
    square += std::pow((got[i] - expected.value) / expected.scale, 2);
    output += std::pow(expected.value / expected.scale, 2);
    ++scaled;
  }
  if (scaled > 0) {
    const auto n = static_cast<double>(scaled);
    const auto limit = reference->rms_limit(output / n);
    if (limit && !(std::sqrt(square / n) <= *limit)) {
      return "the RMS of the errors" + of_repeat + " is " + std::to_string(std::sqrt(square / n)) + ", over " +
             std::to_string(*limit);
    }
  }
  std::vector<double> values, tolerances;
  reference->projection(repeat, seed ^ 77, values, tolerances);
  const auto projected = work.project(repeat, seed ^ 77, values.size());
  if (projected.size() != values.size()) return "a projection of " + std::to_string(projected.size()) + " numbers";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(std::fabs(projected[i] - values[i]) <= tolerances[i])) {
      return "row " + std::to_string(i) + " of the projection" + of_repeat + " is " + std::to_string(projected[i]) +
             ", not " + std::to_string(values[i]) + " +- " + std::to_string(tolerances[i]);
    }
  }
  return {};
}

}  // namespace geomsu::test
