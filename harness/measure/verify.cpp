#include "harness/measure/verify.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include <fmt/format.h>

#include "kernels/ops/generator.hpp"

namespace geomsu {
namespace {

// Tolerances of 0 mean exact: any error is infinitely over.
double over(double error, double tolerance) {
  if (error == 0) return 0;
  if (!(tolerance > 0)) return std::numeric_limits<double>::infinity();
  return error / tolerance;
}

struct Worst {
  double ratio = 0;
  bool bad = false;
  std::string where;
  void take(double got, double expected, double tolerance, const std::string& place) {
    const double error = std::abs(got - expected);
    const double ratio_here = over(error, tolerance);
    if (!(ratio_here <= 1) && !bad) {
      bad = true;
      where = fmt::format("{}: got {:.9g}, expected {:.9g} +- {:.3g}", place, got, expected, tolerance);
    }
    if (ratio_here > ratio || std::isnan(ratio_here)) ratio = ratio_here;
  }
  Check check(std::string name, std::uint64_t compared, const std::string& drawn) const {
    Check result{std::move(name), !bad && compared > 0, compared, std::nullopt, bad ? where : drawn};
    if (std::isfinite(ratio)) result.worst = ratio;
    return result;
  }
};

struct Elements {
  Worst worst;
  double square_error = 0, square_output = 0;
  std::uint64_t compared = 0, scaled = 0;
  Check check(const DrawnAnswers& answers) const {
    return worst.check(
        "elements", compared,
        fmt::format("{} elements of {} repeats, drawn after the timing", compared, answers.draw.repeats.size()));
  }
};

Elements compare_elements(ops::Reference& reference, const DrawnAnswers& answers) {
  Elements all;
  for (std::size_t i = 0; i < answers.draw.repeats.size(); ++i) {
    const auto& drawn = answers.draw.repeats[i];
    for (std::size_t j = 0; j < drawn.indices.size(); ++j) {
      const auto expected = reference.element(drawn.indices[j], drawn.repeat);
      const double got = answers.elements[i][j];
      all.worst.take(got, expected.value, expected.tolerance,
                     fmt::format("element {} of repeat {}", drawn.indices[j], drawn.repeat));
      ++all.compared;
      if (expected.scale > 0) {
        all.square_error += std::pow((got - expected.value) / expected.scale, 2);
        all.square_output += std::pow(expected.value / expected.scale, 2);
        ++all.scaled;
      }
    }
  }
  return all;
}

}  // namespace

Draw draw_positions(std::uint64_t seed, const ops::Reference& reference, std::uint64_t repeats) {
  return draw_positions(seed, reference.elements(), repeats, reference.edges());
}

Draw draw_positions(std::uint64_t seed, std::uint64_t elements, std::uint64_t repeats,
                    std::span<const std::uint64_t> edges) {
  Draw draw;
  if (elements == 0 || repeats == 0) return draw;
  const std::uint64_t key = ops::stream(seed, 0);
  std::uint64_t counter = 0;
  const auto below = [&](std::uint64_t limit) { return ops::at(key, counter++) % limit; };
  const std::size_t wanted_repeats = static_cast<std::size_t>(std::min<std::uint64_t>(kDrawnRepeats, repeats));
  const std::size_t share = kDrawnElements / wanted_repeats;
  for (std::size_t i = 0; i < wanted_repeats; ++i) {
    Draw::Repeat& drawn = draw.repeats.emplace_back();
    drawn.repeat = repeats <= kDrawnRepeats ? i : below(repeats);
    if (elements <= share) {
      for (std::uint64_t index = 0; index < elements; ++index) drawn.indices.push_back(index);
    } else {
      drawn.indices = {0, elements - 1};
      std::copy_if(edges.begin(), edges.end(), std::back_inserter(drawn.indices),
                   [elements](std::uint64_t edge) { return edge < elements; });
      const std::size_t wanted = std::max(share, drawn.indices.size() + share / 2);
      while (drawn.indices.size() < wanted) drawn.indices.push_back(below(elements));
    }
  }
  draw.projected_repeat = below(repeats);
  draw.sign_seed = ops::at(key, counter++);
  return draw;
}

Check check_elements(const ops::Operation& operation, const ops::Params& params, const ops::BlockState& state,
                     const DrawnAnswers& answers) {
  return compare_elements(*operation.reference(params, state), answers).check(answers);
}

std::vector<Check> check_answers(const ops::Operation& operation, const ops::Params& params,
                                 const ops::BlockState& state, const DrawnAnswers& answers) {
  const auto reference = operation.reference(params, state);
  const Elements read = compare_elements(*reference, answers);
  std::vector<Check> checks;
  checks.push_back(read.check(answers));
  if (read.scaled > 0) {
    const double count = static_cast<double>(read.scaled);
    if (const auto limit = reference->rms_limit(read.square_output / count)) {
      const double rms = std::sqrt(read.square_error / count);
      Check check{"rms", rms <= *limit, read.scaled, std::nullopt,
                  fmt::format("root mean square error {:.3g} of |a||b|; the claimed class allows {:.3g}", rms, *limit)};
      if (std::isfinite(rms) && *limit > 0) check.worst = rms / *limit;
      checks.push_back(std::move(check));
    }
  }
  std::vector<double> value, tolerance;
  reference->projection(answers.draw.projected_repeat, answers.draw.sign_seed, value, tolerance);
  Worst projection;
  for (std::size_t i = 0; i < value.size() && i < answers.projection.size(); ++i) {
    projection.take(answers.projection[i], value[i], tolerance[i],
                    fmt::format("row {} of repeat {} projected", i, answers.draw.projected_repeat));
  }
  Check projected = projection.check("projection", value.size(),
                                     fmt::format("all {} outputs of repeat {} in {} sums with random signs",
                                                 reference->elements(), answers.draw.projected_repeat, value.size()));
  if (value.size() != answers.projection.size()) {
    projected.passed = false;
    projected.detail = fmt::format("{} numbers came where {} were due", answers.projection.size(), value.size());
  }
  checks.push_back(std::move(projected));
  return checks;
}

}  // namespace geomsu
