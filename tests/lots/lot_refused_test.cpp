// T11, T13: a bundle that is no evidence makes its node INVALID and is named; it is never left out.
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "tests/lots/lot_case.hpp"

namespace geomsu::lots {
namespace {

namespace fs = std::filesystem;
using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::uint32_t kNode = 1;
using Spoil = std::function<void(const LotCase&)>;

void expect_refused(const Spoil& spoil, const std::string& why) {
  const LotCase lot(small(4, 0));
  ASSERT_EQ(lot.judged().exit_code, 0);
  spoil(lot);
  const auto [verdict, rows] = lot.judged_with_rows();
  EXPECT_EQ(verdict.overall, Outcome::kInvalid);
  EXPECT_EQ(verdict.exit_code, 2);
  EXPECT_THAT(verdict.bundles, SizeIs(4));
  const LotBundle bundle = bundle_at(verdict, "bundle-" + node_name(kNode));
  EXPECT_THAT(bundle.refused, HasSubstr(why));
  EXPECT_EQ(bundle.outcome, Outcome::kInvalid);
  EXPECT_EQ(bundle.node, node_name(kNode));
  const std::vector<ClauseRow> own = rows_of(verdict, node_name(kNode));
  EXPECT_THAT(own, SizeIs(4));
  EXPECT_THAT(verdict.rows, SizeIs(4)) << "the other nodes are as they were";
  EXPECT_THAT(own, Each(Field(&ClauseRow::outcome, Outcome::kInvalid)));
  EXPECT_THAT(own, Each(Field(&ClauseRow::reason, Reason::kBadEvidence)));
  EXPECT_THAT(own, Each(Field(&ClauseRow::words, HasSubstr(why))));
  EXPECT_THAT(rows, HasSubstr(serial(lot.shape(), kNode, 0)));
  for (const ClauseSummary& clause : verdict.clauses) {
    EXPECT_EQ(clause.outcome, Outcome::kInvalid);
    EXPECT_EQ(clause.units, 8U);
    EXPECT_EQ(clause.passed, 6U);
    EXPECT_EQ(clause.weakest.node, node_name(kNode));
  }
  EXPECT_EQ(verdict.reconciliation.accepted.size(), 6U);
  ASSERT_TRUE(verdict.lot);
  EXPECT_EQ(verdict.lot->decision, LotVerdict::Decision::kUndecided) << verdict.lot->words;
}

TEST(T11, ABundleWithOneChangedByteMakesItsNodeInvalid) {
  expect_refused([](const LotCase& lot) { change_a_digit(lot.bundle(kNode) / "trials.jsonl", "block_ns"); },
                 "trials.jsonl");
}

TEST(T11, ABundleWithAChangedVerdictMakesItsNodeInvalid) {
  expect_refused([](const LotCase& lot) { change_a_digit(lot.bundle(kNode) / "verdict.json", "exit_code"); },
                 "verdict.json");
}

TEST(T11, ABundleThatWasNeverSealedMakesItsNodeInvalid) {
  expect_refused([](const LotCase& lot) { fs::remove(lot.bundle(kNode) / "manifest.json"); }, "manifest.json");
}

TEST(T11, ABundleThatLacksAFileMakesItsNodeInvalid) {
  expect_refused([](const LotCase& lot) { fs::remove(lot.bundle(kNode) / "trials.jsonl"); }, "trials.jsonl");
}

TEST(T11, ABundleOfAnotherContractMakesItsNodeInvalid) {
  expect_refused(
      [](const LotCase& lot) {
        LotShape other = lot.shape();
        other.extra_yaml = "reruns: {most: 1, of: [INVALID]}\n";
        fs::remove_all(lot.bundle(kNode));
        make_bundle(other, kNode, lot.bundle(kNode));
      },
      "another contract");
}

TEST(T11, ABundleOfAnotherSuiteMakesItsNodeInvalid) {
  expect_refused(
      [](const LotCase& lot) {
        LotShape other = lot.shape();
        other.blocks += 1;
        fs::remove_all(lot.bundle(kNode));
        make_bundle(other, kNode, lot.bundle(kNode));
      },
      "another suite");
}

TEST(T13, ARefusedBundleBesideAGoodOneOfItsNodeMakesTheNodeInvalid) {
  const LotCase lot(small(4, 0));
  make_bundle(lot.shape(), kNode, lot.dir() / "again", 1);
  ASSERT_EQ(lot.judged().exit_code, 0);
  change_a_digit(lot.dir() / "again" / "trials.jsonl", "block_ns");
  const Verdict verdict = lot.judged();
  EXPECT_EQ(verdict.exit_code, 2);
  EXPECT_EQ(verdict.overall, Outcome::kInvalid);
  EXPECT_THAT(rows_of(verdict, node_name(kNode)), SizeIs(4));
  EXPECT_THAT(rows_of(verdict, node_name(kNode)), Each(Field(&ClauseRow::reason, Reason::kBadEvidence)));
  EXPECT_EQ(bundle_at(verdict, "bundle-" + node_name(kNode)).refused, "");
  EXPECT_NE(bundle_at(verdict, "again").refused, "");
}

TEST(T13, ARefusedBundleKeepsAFailThatAGoodOneOfItsNodeHas) {
  const LotCase lot(small(3, 8));  // node 2 is slow
  make_bundle(lot.shape(), 2, lot.dir() / "again", 1);
  change_a_digit(lot.dir() / "again" / "trials.jsonl", "block_ns");
  const Verdict verdict = lot.judged();
  EXPECT_EQ(verdict.exit_code, 1);
  std::size_t failed = 0;
  for (const ClauseRow& row : rows_of(verdict, node_name(2))) {
    EXPECT_TRUE(row.outcome == Outcome::kFail || row.outcome == Outcome::kInvalid);
    failed += row.outcome == Outcome::kFail ? 1 : 0;
  }
  EXPECT_EQ(failed, 2U);
}

TEST(T11, ABundleThatSaysNothingOfItsNodeMakesTheWholeInvalidAllTheSame) {
  const LotCase lot(small(4, 0));
  fs::create_directories(lot.dir() / "torn");
  std::ofstream(lot.dir() / "torn" / "plan.json") << "{";
  const Verdict verdict = lot.judged();
  EXPECT_EQ(verdict.overall, Outcome::kInvalid);
  EXPECT_EQ(verdict.exit_code, 2);
  EXPECT_THAT(verdict.bundles, SizeIs(5));
  EXPECT_NE(bundle_at(verdict, "torn").refused, "");
  EXPECT_EQ(bundle_at(verdict, "torn").node, "");
}

TEST(T11, ABundleThatClaimsAnotherNodeLeavesItsOwnNotRun) {
  const LotCase lot(small(4, 0));
  change_a_digit(lot.bundle(kNode) / "plan.json", "\"node\": \"n000");
  const Verdict verdict = lot.judged();
  EXPECT_EQ(verdict.overall, Outcome::kInvalid);
  EXPECT_NE(verdict.exit_code, 0);
  EXPECT_THAT(rows_of(verdict, node_name(kNode)), SizeIs(4));
  EXPECT_THAT(rows_of(verdict, node_name(kNode)), Each(Field(&ClauseRow::outcome, Outcome::kNotRun)));
}

TEST(LotEdge, OfNothingAndOfBundlesWithoutTermsIsRefused) {
  const LotCase lot(small(2, 0));
  fs::create_directories(lot.spare());
  EXPECT_THROW(judge_lot(lot.spare()), Error);
  for (const std::uint32_t node : {0U, 1U}) fs::remove(lot.bundle(node) / "contract.yaml");
  try {
    lot.judged();
    FAIL() << "a lot without a contract was judged";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadData);
  }
}

}  // namespace
}  // namespace geomsu::lots
