// The whole rule over its series: what is computed is what is simulated, and what the README prints is what the program
// says.
#include "tests/unit/stats/error_rates.hpp"

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace geomsu::stats::test {
namespace {

// Four standard errors; where hardly any run or nearly every one ends so, twenty runs.
double band(double rate) {
  const double variance = kErrorRuns * rate * (1 - rate);
  return (variance < 10 ? 20 : 4 * std::sqrt(variance)) / kErrorRuns;
}

TEST(ErrorRates, OfIndependentBlocksAreTheComputedOnesUnderTheBarOnItAndOverIt) {
  std::uint64_t seed = 9000;
  for (const Plan& plan : error_plans()) {
    for (const double above : {-1.0, -0.5, 0.0, 0.5, 1.0}) {
      const Rates computed = computed_rates(plan, above), simulated = simulated_rates(plan, 0, above, ++seed);
      EXPECT_NEAR(simulated.pass, computed.pass, band(computed.pass)) << plan.name << " at " << above;
      EXPECT_NEAR(simulated.fail, computed.fail, band(computed.fail)) << plan.name << " at " << above;
    }
    EXPECT_LE(computed_rates(plan, 0).pass, 0.05) << plan.name;
    EXPECT_LE(computed_rates(plan, 0).fail, 0.05) << plan.name;
  }
}

// What the README says in words, so that it cannot go stale: a plain clause does not hold its level.
TEST(ErrorRates, OfDependentBlocksAreNotTheLevelOfAPlainClause) {
  const Plan single = error_plans()[0];
  EXPECT_GT(simulated_rates(single, 0.1, 0, 9101).pass, 0.055);
  EXPECT_GT(simulated_rates(single, 0.5, 0, 9102).pass, 0.13);
  EXPECT_GT(simulated_rates(single, 0.8, 0, 9103).fail, 0.25);
  const Rates refused = sustained_rates(30, 1, 0.5, 0, 9104);
  EXPECT_LT(refused.pass, 0.03);
  EXPECT_GT(refused.pass / (1 - refused.dependent), 0.15);  // of those few that the check lets through
}

TEST(ErrorRates, InTheReadmeAreThePrograms) {
  std::ifstream file(std::string(GEOMSU_SOURCE_DIR) + "/harness/stats/README.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string opens = "<!-- build/ci/tests/geomsu_error_rates -->\n", closes = "<!-- to here -->\n";
  const std::size_t from = text.find(opens), to = text.find(closes);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(text.substr(from + opens.size(), to - from - opens.size()), error_rate_tables());
}

}  // namespace
}  // namespace geomsu::stats::test
