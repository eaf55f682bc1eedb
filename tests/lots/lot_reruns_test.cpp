// T04: of several bundles of one node the first by its plan is judged, and a later one only where the contract lets it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/lots/lot_case.hpp"

namespace geomsu::lots {
namespace {

namespace fs = std::filesystem;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint32_t kSlow = 2, kMissing = 3, kLost = 5;
constexpr const char* kReruns = "reruns: {most: 1, of: [INVALID, INCONCLUSIVE]}\n";

// One node of six has this defect in its first bundle; the others are good.
class OneBad : public LotCase {
 public:
  OneBad(std::uint32_t node, const std::string& extra_yaml) : LotCase(good(extra_yaml)), node_(node) {
    fs::remove_all(bundle(node));
    add("first", 0, true);
  }
  void add(const std::string& name, std::uint32_t hours, bool bad) const {
    LotShape shape = this->shape();
    shape.defect_every = bad ? 8 : 0;
    make_bundle(shape, node_, dir() / name, hours);
  }
  // Of the device that has the defect, as the first clause says.
  Outcome outcome(const Verdict& verdict) const {
    for (const ClauseRow& row : verdict.rows) {
      if (row.unit.device == serial(shape(), node_, kDefectDevice) && row.clause == "gemm-1") return row.outcome;
    }
    return Outcome::kPass;
  }

 private:
  static LotShape good(const std::string& extra_yaml) {
    LotShape shape = small(6, 0);
    shape.extra_yaml = extra_yaml;
    return shape;
  }
  std::uint32_t node_;
};

TEST(LotReruns, TheFirstBundleIsJudgedWhereTheContractSaysNothing) {
  for (const auto& [node, wanted] : std::map<std::uint32_t, Outcome>{
           {kSlow, Outcome::kFail}, {kMissing, Outcome::kNotRun}, {kLost, Outcome::kInvalid}}) {
    const OneBad lot(node, "");
    EXPECT_EQ(lot.outcome(lot.judged()), wanted);
    lot.add("a-later-one", 1, false);  // first by name
    const Verdict verdict = lot.judged();
    EXPECT_EQ(lot.outcome(verdict), wanted);
    EXPECT_NE(verdict.exit_code, 0);
    EXPECT_THAT(verdict.bundles, SizeIs(7));
  }
}

TEST(LotReruns, AGoodFirstBundleIsNotSpoiltByALaterOne) {
  const OneBad lot(kSlow, "");
  fs::remove_all(lot.dir() / "first");
  lot.add("z", 0, false);
  lot.add("a", 1, true);
  const auto [verdict, rows] = lot.judged_with_rows();
  EXPECT_EQ(verdict.exit_code, 0);
  EXPECT_THAT(rows, HasSubstr("bundle 1 of 2 of this node is judged (PASS, FAIL)"));
}

TEST(LotReruns, ALaterBundleStandsInForAnInvalidOneWhereTheContractLetsIt) {
  const OneBad lot(kLost, kReruns);
  lot.add("a-later-one", 1, false);
  const auto [verdict, rows] = lot.judged_with_rows();
  EXPECT_EQ(verdict.overall, Outcome::kPass);
  EXPECT_EQ(verdict.exit_code, 0);
  EXPECT_THAT(rows, HasSubstr("bundle 2 of 2 of this node is judged (INVALID, PASS)"));
  EXPECT_EQ(verdict.reconciliation.accepted.size(), 12U);
}

TEST(T04, NoLaterBundleStandsInForOneThatFailsOrWasNotFound) {
  for (const auto& [node, wanted] :
       std::map<std::uint32_t, Outcome>{{kSlow, Outcome::kFail}, {kMissing, Outcome::kNotRun}}) {
    const OneBad lot(node, kReruns);
    lot.add("a-later-one", 1, false);
    const Verdict verdict = lot.judged();
    EXPECT_EQ(lot.outcome(verdict), wanted);
    EXPECT_NE(verdict.exit_code, 0);
    EXPECT_EQ(verdict.reconciliation.accepted.size(), 11U);
  }
}

TEST(T04, NoMoreBundlesStandInThanTheContractSays) {
  const OneBad lot(kLost, kReruns);
  lot.add("second", 1, true);
  lot.add("a-third-one", 2, false);
  const Verdict verdict = lot.judged();
  EXPECT_EQ(lot.outcome(verdict), Outcome::kInvalid);
  EXPECT_EQ(verdict.exit_code, 2);
}

TEST(LotReruns, ALaterBundleThatFailsIsWhatIsJudgedOnceItStandsIn) {
  const OneBad lot(kLost, kReruns);
  LotShape slow = lot.shape();
  slow.slow_node = kLost;
  make_bundle(slow, kLost, lot.dir() / "second", 1);
  lot.add("a-third-one", 2, false);
  const Verdict verdict = lot.judged();
  EXPECT_EQ(lot.outcome(verdict), Outcome::kFail);
  EXPECT_EQ(verdict.exit_code, 1);
}

}  // namespace
}  // namespace geomsu::lots
