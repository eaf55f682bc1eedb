// A lot against its bundles judged one by one and folded here, and against lots that lack one of them (T11).
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/lots/lot_case.hpp"

namespace geomsu::lots {
namespace {

namespace fs = std::filesystem;
using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Serials = std::set<std::string>;

int badness(Outcome outcome) {
  switch (outcome) {
    case Outcome::kFail:
      return 5;
    case Outcome::kInvalid:
      return 4;
    case Outcome::kNotRun:
      return 3;
    case Outcome::kInconclusive:
      return 2;
    case Outcome::kPass:
      return 1;
    case Outcome::kNotApplicable:
      break;
  }
  return 0;
}

struct ByHand {
  std::map<std::string, std::map<Unit, ClauseRow>> rows;  // by clause
  Serials contracted, found, tested, accepted, missing;
};

// Each bundle alone, without a word of the lot's code; units of nodes without a bundle are NOT_RUN.
ByHand fold_by_hand(const LotCase& lot, bool node_clauses) {
  ByHand all;
  for (std::uint32_t node = 0; node < lot.shape().nodes; ++node) {
    for (std::uint32_t device = 0; device < lot.shape().devices; ++device)
      all.contracted.insert(serial(lot.shape(), node, device));
    if (fs::exists(lot.bundle(node))) {
      const Verdict alone = judge(read_bundle(lot.bundle(node)));
      for (const ClauseRow& row : alone.rows) {
        if (row.unit.node == node_name(node)) all.rows[row.clause].emplace(row.unit, row);
      }
      all.found.insert(alone.reconciliation.found.begin(), alone.reconciliation.found.end());
      all.tested.insert(alone.reconciliation.tested.begin(), alone.reconciliation.tested.end());
      all.accepted.insert(alone.reconciliation.accepted.begin(), alone.reconciliation.accepted.end());
      continue;
    }
    for (std::uint32_t clause = 1; clause <= lot.shape().clauses; ++clause) {
      for (std::uint32_t device = 0; device < lot.shape().devices; ++device) {
        ClauseRow row;
        row.unit = {node_name(node), serial(lot.shape(), node, device)};
        all.rows[fmt::format("gemm-{}", clause)].emplace(row.unit, row);
        row.unit.device.clear();
        if (node_clauses) all.rows[fmt::format("gemm-{}-node", clause)].emplace(row.unit, row);
      }
    }
  }
  std::set_difference(all.contracted.begin(), all.contracted.end(), all.found.begin(), all.found.end(),
                      std::inserter(all.missing, all.missing.end()));
  return all;
}

// All clauses say at_least: of equally bad units the one without a bound, then the one with the lowest.
const ClauseRow& weakest_of(const std::map<Unit, ClauseRow>& rows) {
  const ClauseRow* weakest = nullptr;
  for (const auto& [unit, row] : rows) {
    if (weakest == nullptr || badness(row.outcome) > badness(weakest->outcome) ||
        (row.outcome == weakest->outcome && row.lower.value_or(-1) < weakest->lower.value_or(-1)))
      weakest = &row;
  }
  return *weakest;
}

void expect_folded(const LotShape& shape) {
  const LotCase lot(shape);
  const ByHand wanted = fold_by_hand(lot, shape.node_clauses);
  const Verdict verdict = lot.judged();
  ASSERT_EQ(verdict.clauses.size(), wanted.rows.size());
  std::size_t bad = 0, rows = 0;
  for (const ClauseSummary& clause : verdict.clauses) {
    const std::map<Unit, ClauseRow>& of_units = wanted.rows.at(clause.clause);
    const auto passed = std::count_if(of_units.begin(), of_units.end(),
                                      [](const auto& one) { return one.second.outcome == Outcome::kPass; });
    const ClauseRow& weakest = weakest_of(of_units);
    EXPECT_EQ(clause.outcome, weakest.outcome) << clause.clause;
    EXPECT_EQ(clause.weakest, weakest.unit) << clause.clause;
    EXPECT_EQ(clause.lower, weakest.lower) << clause.clause;
    EXPECT_EQ(clause.units, of_units.size()) << clause.clause;
    EXPECT_EQ(clause.passed, passed) << clause.clause;
    rows += of_units.size();
    bad += of_units.size() - static_cast<std::size_t>(passed);
  }
  EXPECT_THAT(verdict.rows, SizeIs(bad));
  EXPECT_EQ(verdict.rows_left_out, rows - bad);
  for (const ClauseRow& row : verdict.rows) {
    const ClauseRow& alone = wanted.rows.at(row.clause).at(row.unit);
    EXPECT_EQ(row.outcome, alone.outcome) << row.clause << ' ' << row.unit.name();
    EXPECT_EQ(row.lower, alone.lower) << row.clause << ' ' << row.unit.name();
    if (fs::exists(lot.dir() / ("bundle-" + row.unit.node))) {
      EXPECT_EQ(row.words, alone.words);
    }
  }
  const Reconciliation& serials = verdict.reconciliation;
  const auto set = [](const std::vector<std::string>& names) { return Serials(names.begin(), names.end()); };
  EXPECT_EQ(set(serials.contracted), wanted.contracted);
  EXPECT_EQ(set(serials.found), wanted.found);
  EXPECT_EQ(set(serials.tested), wanted.tested);
  EXPECT_EQ(set(serials.accepted), wanted.accepted);
  EXPECT_EQ(set(serials.missing), wanted.missing);
  EXPECT_THAT(serials.uncontracted, IsEmpty());
}

TEST(LotJudge, SaysWhatItsBundlesSayOneByOne) { expect_folded(small(17)); }

TEST(LotJudge, SaysWhatItsBundlesSayOfClausesOfWholeNodes) {
  LotShape shape = small(9);
  shape.node_clauses = true;
  expect_folded(shape);
}

TEST(LotJudge, IsGreenWhereAllBundlesAre) {
  const LotCase lot(small(4, 0));
  const Verdict verdict = lot.judged();
  EXPECT_EQ(verdict.overall, Outcome::kPass) << verdict.sentence;
  EXPECT_EQ(verdict.exit_code, 0);
  EXPECT_THAT(verdict.rows, IsEmpty());
  EXPECT_EQ(verdict.rows_left_out, 16U);
  EXPECT_EQ(verdict.reconciliation.accepted.size(), 8U);
  ASSERT_TRUE(verdict.lot);
  EXPECT_EQ(verdict.lot->decision, LotVerdict::Decision::kAccepted) << verdict.lot->words;
  EXPECT_THAT(verdict.bundles, Each(Field(&LotBundle::outcome, Outcome::kPass)));
}

TEST(LotJudge, IsRedAsSoonAsOneUnitOfManyIs) {
  const LotCase lot(small(4, 0));
  LotShape slow = small(4, 8);  // node 2 has a slow device
  fs::remove_all(lot.bundle(2));
  make_bundle(slow, 2, lot.bundle(2));
  const Verdict verdict = lot.judged();
  EXPECT_EQ(verdict.overall, Outcome::kFail);
  EXPECT_EQ(verdict.exit_code, 1);
  EXPECT_THAT(verdict.lot->nonconforming, testing::ElementsAre(node_name(2)));
  EXPECT_EQ(verdict.reconciliation.accepted.size(), 7U);
}

// T11: a node that was dropped, and green without it.
TEST(T11, NoBundleThatIsTakenAwayMakesALotGreenAndItsUnitsAreNotRun) {
  for (const std::uint32_t defect_every : {0U, 8U}) {
    const LotCase lot(small(8, defect_every));
    fs::create_directories(lot.spare());
    for (std::uint32_t node = 0; node < 8; ++node) {
      if (!fs::exists(lot.bundle(node))) continue;
      fs::rename(lot.bundle(node), lot.spare() / "away");
      const Verdict without = lot.judged();
      fs::rename(lot.spare() / "away", lot.bundle(node));
      EXPECT_NE(without.exit_code, 0) << node;
      EXPECT_NE(without.overall, Outcome::kPass) << node;
      ASSERT_TRUE(without.lot);
      EXPECT_NE(without.lot->decision, LotVerdict::Decision::kAccepted) << without.lot->words;
      const std::vector<ClauseRow> rows = rows_of(without, node_name(node));
      EXPECT_THAT(rows, SizeIs(4)) << node;
      EXPECT_THAT(rows, Each(Field(&ClauseRow::outcome, Outcome::kNotRun)));
      EXPECT_THAT(rows, Each(Field(&ClauseRow::words, HasSubstr("no bundle of this node"))));
      for (const ClauseSummary& clause : without.clauses) {
        EXPECT_GE(badness(clause.outcome), badness(Outcome::kNotRun)) << clause.clause;
        EXPECT_EQ(clause.units, 16U) << clause.clause;
      }
      for (std::uint32_t device = 0; device < 2; ++device) {
        const std::string one = serial(lot.shape(), node, device);
        const Reconciliation& serials = without.reconciliation;
        EXPECT_TRUE(std::binary_search(serials.missing.begin(), serials.missing.end(), one)) << one;
        EXPECT_FALSE(std::binary_search(serials.accepted.begin(), serials.accepted.end(), one)) << one;
      }
    }
  }
}

}  // namespace
}  // namespace geomsu::lots
