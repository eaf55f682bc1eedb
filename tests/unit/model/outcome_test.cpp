#include "harness/model/outcome.hpp"

#include <array>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace geomsu {
namespace {

constexpr std::array<Outcome, 6> kAll{Outcome::kPass,    Outcome::kFail,   Outcome::kInconclusive,
                                      Outcome::kInvalid, Outcome::kNotRun, Outcome::kNotApplicable};

TEST(WorstOutcome, FollowsTheOrderFailInvalidNotRunInconclusivePass) {
  const std::array<Outcome, 6> falling{Outcome::kFail,         Outcome::kInvalid, Outcome::kNotRun,
                                       Outcome::kInconclusive, Outcome::kPass,    Outcome::kNotApplicable};
  for (std::size_t i = 0; i < falling.size(); ++i) {
    for (std::size_t j = i; j < falling.size(); ++j) {
      EXPECT_EQ(worst(falling[i], falling[j]), falling[i]) << to_string(falling[i]) << " " << to_string(falling[j]);
    }
  }
}

TEST(WorstOutcome, IsCommutativeAndIdempotentOverAllPairs) {
  for (const Outcome a : kAll) {
    EXPECT_EQ(worst(a, a), a);
    for (const Outcome b : kAll) EXPECT_EQ(worst(a, b), worst(b, a));
  }
}

TEST(WorstOutcome, IsAssociativeOverAllTriples) {
  for (const Outcome a : kAll) {
    for (const Outcome b : kAll) {
      for (const Outcome c : kAll) {
        EXPECT_EQ(worst(worst(a, b), c), worst(a, worst(b, c)));
        const std::array<Outcome, 3> all{a, b, c};
        EXPECT_EQ(worst(all), worst(worst(a, b), c));
      }
    }
  }
}

TEST(WorstOutcome, HasNotApplicableAsItsIdentityAndNothingElse) {
  for (const Outcome identity : kAll) {
    bool holds = true;
    for (const Outcome a : kAll) holds = holds && worst(identity, a) == a;
    EXPECT_EQ(holds, identity == Outcome::kNotApplicable) << to_string(identity);
  }
}

TEST(WorstOutcome, OfNoneIsNotApplicable) { EXPECT_EQ(worst(std::span<const Outcome>()), Outcome::kNotApplicable); }

TEST(WorstOutcome, NeverGetsBetterWhenOneMoreIsMerged) {
  // Exit statuses rank the same way: a merge may not turn a status other than 0 into 0.
  for (const Outcome a : kAll) {
    for (const Outcome b : kAll) {
      const Outcome merged = worst(a, b);
      EXPECT_EQ(worst(merged, a), merged);
      EXPECT_EQ(worst(merged, b), merged);
    }
  }
}

TEST(ExitStatus, IsZeroOnlyForPassesWithNothingElseButNotApplicableOverAllSubsets) {
  for (unsigned bits = 0; bits < 64; ++bits) {
    std::vector<Outcome> subset;
    bool pass = false, fail = false, other = false;
    for (unsigned i = 0; i < 6; ++i) {
      if ((bits >> i & 1) == 0) continue;
      subset.push_back(kAll[i]);
      pass = pass || kAll[i] == Outcome::kPass;
      fail = fail || kAll[i] == Outcome::kFail;
      other = other || kAll[i] == Outcome::kInconclusive || kAll[i] == Outcome::kInvalid || kAll[i] == Outcome::kNotRun;
    }
    const int expected = fail ? 1 : (pass && !other ? 0 : 2);
    EXPECT_EQ(exit_status(subset), expected) << "subset " << bits;
    std::vector<Outcome> twice(subset.rbegin(), subset.rend());
    twice.insert(twice.end(), subset.begin(), subset.end());
    EXPECT_EQ(exit_status(twice), expected) << "order and repetition, subset " << bits;
  }
}

TEST(ExitStatus, OfAnEmptyScopeIsNotGreen) {  // T10
  EXPECT_EQ(exit_status({}), 2);
  const std::array<Outcome, 2> none{Outcome::kNotApplicable, Outcome::kNotApplicable};
  EXPECT_EQ(exit_status(none), 2);
}

TEST(OutcomeText, ReadsBackAndIsDistinct) {
  std::set<std::string_view> seen;
  for (const Outcome outcome : kAll) {
    EXPECT_EQ(parse_outcome(to_string(outcome)), outcome);
    EXPECT_TRUE(seen.insert(to_string(outcome)).second);
  }
  EXPECT_EQ(to_string(Outcome::kNotApplicable), "NOT_APPLICABLE");
  for (const char* odd : {"", "pass", "PASS ", "unknown", "OK"}) EXPECT_FALSE(parse_outcome(odd)) << odd;
}

TEST(ReasonText, ReadsBackAndIsDistinctSoThatTooSlowIsNeverMixedWithWrongAnswer) {
  std::set<std::string_view> seen;
  for (int i = 0; i <= static_cast<int>(Reason::kOverPeak); ++i) {
    const auto reason = static_cast<Reason>(i);
    EXPECT_EQ(parse_reason(to_string(reason)), reason) << to_string(reason);
    EXPECT_TRUE(seen.insert(to_string(reason)).second) << to_string(reason);
  }
  EXPECT_EQ(to_string(Reason::kTooSlow), "too slow");
  EXPECT_EQ(to_string(Reason::kWrongAnswer), "wrong answer");
  EXPECT_FALSE(parse_reason("unknown"));
}

}  // namespace
}  // namespace geomsu
