#include "harness/stats/iso2859.hpp"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/stats/hypergeometric.hpp"

namespace geomsu::stats {
namespace {

const std::string kLetters = "ABCDEFGHJKLMNPQR";

IsoPlan plan(char letter, std::string_view aql, IsoStage stage = IsoStage::kNormal) {
  const auto found = iso2859_plan(letter, *aql_index(aql), stage);
  return found ? *found : IsoPlan{};
}

TEST(CodeLetter, ChangesAtTheEndOfEachRow) {
  const std::uint32_t ends[] = {8, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10000, 35000, 150000, 500000};
  const std::string at_two = "ABCDEFGHJKLMNP", after_two = "BCDEFGHJKLMNPQ";
  for (std::size_t i = 0; i < at_two.size(); ++i) {
    EXPECT_EQ(code_letter(ends[i], "II"), at_two[i]) << ends[i];
    EXPECT_EQ(code_letter(ends[i] + 1, "II"), after_two[i]) << ends[i];
  }
  EXPECT_EQ(code_letter(510, "II"), 'J');
  EXPECT_EQ(code_letter(255, "II"), 'G');
  EXPECT_EQ(code_letter(510, "S-1"), 'C');
  EXPECT_EQ(code_letter(510, "S-4"), 'F');
  EXPECT_EQ(code_letter(510, "I"), 'G');
  EXPECT_EQ(code_letter(510, "III"), 'K');
  EXPECT_EQ(code_letter(500'001, "III"), 'R');
  EXPECT_EQ(code_letter(2, "III"), 'B');
}

TEST(CodeLetter, GrowsWithTheLotAndWithTheLevel) {
  for (std::uint32_t lot = 2; lot < 2'000'000; lot += 1 + lot / 7) {
    for (std::size_t level = 0; level < kIsoLevels.size(); ++level) {
      // Level I begins anew after the special ones.
      if (level != 4 && level > 0) {
        EXPECT_GE(*code_letter(lot, kIsoLevels[level]), *code_letter(lot, kIsoLevels[level - 1]));
      }
      EXPECT_GE(*code_letter(lot + lot / 7 + 1, kIsoLevels[level]), *code_letter(lot, kIsoLevels[level]));
    }
  }
}

TEST(CodeLetterEdge, IsNothingWithoutALotOrOfAnUnknownLevel) {
  EXPECT_FALSE(code_letter(0, "II"));
  EXPECT_FALSE(code_letter(10, "IV"));
  EXPECT_FALSE(code_letter(10, ""));
  EXPECT_EQ(code_letter(1, "II"), 'A');
}

TEST(Aql, IsOneOfTheSeriesHoweverItsZerosAreWritten) {
  EXPECT_EQ(aql_index("0.65"), 9u);
  EXPECT_EQ(aql_index("0.650"), 9u);
  EXPECT_EQ(aql_index("1"), 10u);
  EXPECT_EQ(aql_index("1.0"), 10u);
  EXPECT_EQ(aql_index("0.1"), 5u);
  EXPECT_EQ(aql_index("0.010"), 0u);
  EXPECT_EQ(aql_index("10"), 15u);
  for (const char* text : {"0.7", "", "x", "0.65 %", "-1", "15", "nan", "1e0", "0,65"})
    EXPECT_FALSE(aql_index(text)) << text;
  EXPECT_DOUBLE_EQ(aql_share(9), 0.0065);
}

// The cells that the rule was checked at.
TEST(Iso2859, HoldsAtTheCheckedCells) {
  EXPECT_EQ(plan('J', "0.65").n, 80u);
  EXPECT_EQ(plan('J', "0.65").ac, 1u);
  EXPECT_EQ(plan('J', "1.0").ac, 2u);
  EXPECT_EQ(plan('K', "1.0").n, 125u);
  EXPECT_EQ(plan('K', "1.0").ac, 3u);
  EXPECT_EQ(plan('N', "0.25").n, 500u);
  EXPECT_EQ(plan('N', "0.25").ac, 3u);
}

TEST(Iso2859, HasTwoArrowsBetweenNoneAndOne) {
  // Letter J: Ac 0 at 0.15, an arrow up at 0.25, an arrow down at 0.40, Ac 1 at 0.65.
  EXPECT_EQ(plan('J', "0.15").letter, 'J');
  EXPECT_EQ(plan('J', "0.15").ac, 0u);
  EXPECT_EQ(plan('J', "0.25").letter, 'H');
  EXPECT_EQ(plan('J', "0.25").n, 50u);
  EXPECT_EQ(plan('J', "0.25").ac, 0u);
  EXPECT_EQ(plan('J', "0.40").letter, 'K');
  EXPECT_EQ(plan('J', "0.40").n, 125u);
  EXPECT_EQ(plan('J', "0.40").ac, 1u);
  EXPECT_EQ(plan('J', "0.10").letter, 'K');
  EXPECT_EQ(plan('J', "0.10").ac, 0u);
  // Tightened: Ac 0 at 0.25, arrows down at 0.40 and 0.65, Ac 1 at 1.0.
  EXPECT_EQ(plan('J', "0.25", IsoStage::kTightened).letter, 'J');
  EXPECT_EQ(plan('J', "0.25", IsoStage::kTightened).ac, 0u);
  EXPECT_EQ(plan('J', "0.40", IsoStage::kTightened).letter, 'L');
  EXPECT_EQ(plan('J', "0.40", IsoStage::kTightened).ac, 1u);
  EXPECT_EQ(plan('J', "0.65", IsoStage::kTightened).letter, 'K');
  EXPECT_EQ(plan('J', "1.0", IsoStage::kTightened).letter, 'J');
  EXPECT_EQ(plan('J', "1.0", IsoStage::kTightened).ac, 1u);
}

TEST(Iso2859, RunsThroughTheAcceptanceNumbersAlongARow) {
  const std::uint32_t normal[] = {1, 2, 3, 5, 7, 10, 14, 21}, tightened[] = {1, 2, 3, 5, 8, 12, 18};
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(iso2859_plan('J', 9 + i, IsoStage::kNormal)->ac, normal[i]) << i;
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(iso2859_plan('J', 10 + i, IsoStage::kTightened)->ac, tightened[i]) << i;
  EXPECT_EQ(plan('K', "10").ac, 21u);
  EXPECT_EQ(plan('K', "10", IsoStage::kTightened).ac, 18u);
  EXPECT_EQ(plan('L', "10").letter, 'K');  // over the last one: an arrow up
  EXPECT_EQ(plan('L', "10").ac, 21u);
  EXPECT_EQ(plan('R', "10").letter, 'K');
  EXPECT_EQ(plan('R', "10", IsoStage::kTightened).ac, 18u);
}

TEST(Iso2859, HasNoPlanOnlyWhereAnArrowLeadsOffTheTable) {
  std::set<std::string> normal, tightened;
  for (const char letter : kLetters) {
    for (std::size_t aql = 0; aql < kAqls.size(); ++aql) {
      const std::string cell = std::string(1, letter) + "/" + std::string(kAqls[aql]);
      if (!iso2859_plan(letter, aql, IsoStage::kNormal)) normal.insert(cell);
      if (!iso2859_plan(letter, aql, IsoStage::kTightened)) tightened.insert(cell);
      EXPECT_FALSE(iso2859_plan(letter, aql, IsoStage::kDiscontinued));
    }
  }
  EXPECT_EQ(normal, (std::set<std::string>{"A/10", "R/0.015"}));
  EXPECT_EQ(tightened, (std::set<std::string>{"Q/0.025", "R/0.015", "R/0.025"}));
}

TEST(Iso2859, NeverGrowsLaxerFromNormalToTightened) {
  for (const char letter : kLetters) {
    for (std::size_t aql = 0; aql < kAqls.size(); ++aql) {
      const auto normal = iso2859_plan(letter, aql, IsoStage::kNormal);
      const auto tightened = iso2859_plan(letter, aql, IsoStage::kTightened);
      if (!normal || !tightened) continue;
      for (std::uint64_t bad = 0; bad <= 20'000; bad += 500) {
        EXPECT_LE(hypergeometric_cdf({100'000, bad, tightened->n}, tightened->ac),
                  hypergeometric_cdf({100'000, bad, normal->n}, normal->ac) + 1e-12)
            << letter << ' ' << kAqls[aql] << ' ' << bad;
      }
    }
  }
}

TEST(Iso2859, AcceptsTwentySixBadOfFiveHundredAndTenWithAChanceOfOneInFive) {
  const IsoPlan j = plan(*code_letter(510, "II"), "1.0");
  EXPECT_NEAR(hypergeometric_cdf({510, 26, j.n}, j.ac), .195, 5e-4);
}

// A: accepted, R: rejected; lower case: resubmitted.
IsoState after(std::string_view lots) {
  std::vector<IsoLot> earlier;
  for (const char c : lots) earlier.push_back({c == 'A' || c == 'a', c == 'a' || c == 'r'});
  return iso2859_state(earlier);
}

TEST(Switching, BeginsNormalAndTightensAfterTwoOfFive) {
  EXPECT_EQ(after("").stage, IsoStage::kNormal);
  EXPECT_EQ(after("R").stage, IsoStage::kNormal);
  EXPECT_EQ(after("RR").stage, IsoStage::kTightened);
  EXPECT_EQ(after("RAAAR").stage, IsoStage::kTightened);  // two of five
  EXPECT_EQ(after("RAAAAR").stage, IsoStage::kNormal);    // two of six
  EXPECT_EQ(after("RAAAARAR").stage, IsoStage::kTightened);
}

TEST(Switching, GoesBackAfterFiveConsecutiveOnTightened) {
  EXPECT_EQ(after("RRAAAA").stage, IsoStage::kTightened);
  EXPECT_EQ(after("RRAAAAA").stage, IsoStage::kNormal);
  EXPECT_EQ(after("RRAAAARAAAA").stage, IsoStage::kTightened);
  EXPECT_EQ(after("RRAAAARAAAAA").stage, IsoStage::kNormal);
  EXPECT_EQ(after("RRAAAAAR").stage, IsoStage::kNormal);  // the old rejections are of another stage
  EXPECT_EQ(after("RRAAAAARR").stage, IsoStage::kTightened);
}

TEST(Switching, DiscontinuesAfterFiveRejectedOnTightened) {
  EXPECT_EQ(after("RRRARARARA").stage, IsoStage::kTightened);
  EXPECT_EQ(after("RRRARARARA").rejected_tightened, 4u);
  EXPECT_EQ(after("RRRARARARAR").stage, IsoStage::kDiscontinued);
  EXPECT_EQ(after("RRRRRRRAAAAAAAAAA").stage, IsoStage::kDiscontinued);
  EXPECT_EQ(after("RRRRRRAAAAARRRRRR").stage, IsoStage::kTightened);  // counted anew after normal: four
}

TEST(Switching, DoesNotCountWhatWasResubmitted) {
  EXPECT_EQ(after("RrArA").stage, IsoStage::kNormal);
  EXPECT_EQ(after("RrrrR").stage, IsoStage::kTightened);
  EXPECT_EQ(after("RRAaAaAaA").stage, IsoStage::kTightened);
  EXPECT_EQ(after("RRAaAaAaAA").stage, IsoStage::kNormal);
  EXPECT_EQ(after("RaAr").counted, 2u);
}

}  // namespace
}  // namespace geomsu::stats
