#include "harness/stats/holm.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace geomsu::stats {
namespace {

using P = std::vector<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::size_t rejected(const P& p, double alpha) {
  const std::vector<bool> found = holm_rejects(p, alpha);
  return static_cast<std::size_t>(std::count(found.begin(), found.end(), true));
}

// The worked example of the encyclopedia's article "Holm-Bonferroni method": of four hypotheses at 5 % the third falls
// at 0.03 > 0.05 / 2, and takes the fourth, 0.04, with it.
TEST(Holm, IsThatOfTheWorkedExample) {
  EXPECT_EQ(holm_rejects(P{0.01, 0.04, 0.03, 0.005}, 0.05), (std::vector<bool>{true, false, false, true}));
  const P adjusted = holm_adjusted(P{0.01, 0.04, 0.03, 0.005});  // R: p.adjust(c(.01, .04, .03, .005), "holm")
  const P wanted{0.03, 0.06, 0.06, 0.02};
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(adjusted[i], wanted[i], 1e-15);
}

// The fifteen comparisons of Neuhaus et al. in Benjamini & Hochberg, Journal of the Royal Statistical Society B 57
// (1995), 4.1: controlled familywise at 5 %, three are rejected (Bonferroni and Hochberg; Holm lies between), not nine
// as uncorrected.
TEST(Holm, RejectsThreeOfTheThrombolysisComparisons) {
  const P p{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
            0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
  EXPECT_EQ(rejected(p, 0.05), 3u);
}

TEST(Holm, TakesAPOnItsLimitAndNotAHairAboveIt) {
  EXPECT_EQ(rejected({0.025, 0.05}, 0.05), 2u);
  EXPECT_EQ(rejected({std::nextafter(0.025, 1.0), 0.05}, 0.05), 0u);
  EXPECT_EQ(rejected({0.05}, 0.05), 1u);
}

TEST(Holm, ForgetsNoTestThatHasNoP) {
  EXPECT_EQ(rejected({0.03}, 0.05), 1u);
  EXPECT_EQ(rejected({0.03, kNan}, 0.05), 0u);
  EXPECT_EQ(holm_rejects(P{kNan, 0.02}, 0.05), (std::vector<bool>{false, true}));
  EXPECT_TRUE(std::isnan(holm_adjusted(P{kNan, 0.02})[0]));
}

TEST(Holm, HasItsEdges) {
  EXPECT_TRUE(holm_rejects({}, 0.05).empty());
  EXPECT_TRUE(holm_adjusted({}).empty());
  EXPECT_EQ(rejected({0, 0}, 0.05), 2u);
  EXPECT_EQ(rejected({0.02, 0.02, 0.02}, 0.05), 0u);  // equal ones fall together: 0.02 > 0.05 / 3
  EXPECT_EQ(rejected({0.01, 0.01, 0.01}, 0.05), 3u);  // or hold together
  EXPECT_EQ(rejected({1.5, 0.01}, 0.05), 1u);         // p times looks may be over 1
  EXPECT_EQ(rejected({std::numeric_limits<double>::infinity(), 0.01}, 0.05), 1u);
  EXPECT_EQ(holm_adjusted(P{1.5})[0], 1);
  for (const double alpha : {0.0, 1.0, -1.0, kNan}) EXPECT_EQ(rejected({0, 0}, alpha), 0u) << alpha;
}

TEST(Holm, AnswersTheSameInAnyOrderAndAsItsAdjustedValues) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 500; ++round) {
    P p;
    for (std::size_t i = 0; i < 1 + random() % 12; ++i) p.push_back(static_cast<double>(random() % 64) / 1024);
    const std::vector<bool> found = holm_rejects(p, 0.05);
    const P adjusted = holm_adjusted(p);
    for (std::size_t i = 0; i < p.size(); ++i) {
      EXPECT_EQ(found[i], adjusted[i] <= 0.05) << adjusted[i];
      EXPECT_GE(adjusted[i], p[i]);
      for (std::size_t j = 0; j < p.size(); ++j) {
        if (p[j] <= p[i]) {
          EXPECT_TRUE(found[j] || !found[i]);
        }
      }
    }
    std::vector<std::size_t> order(p.size());
    for (std::size_t i = 0; i < p.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    P shuffled;
    for (const std::size_t i : order) shuffled.push_back(p[i]);
    const std::vector<bool> again = holm_rejects(shuffled, 0.05);
    for (std::size_t i = 0; i < p.size(); ++i) EXPECT_EQ(again[i], found[order[i]]);
  }
}

}  // namespace
}  // namespace geomsu::stats
