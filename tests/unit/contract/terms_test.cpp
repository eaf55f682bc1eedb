// What stands in a contract beside its clauses, and how several clauses stand beside each other: values and warnings.
// What is refused stands in bad_terms.hpp and bad_plans.hpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/hash.hpp"
#include "tests/unit/contract/contract_text.hpp"
#include "tests/unit/contract/good_terms.hpp"

namespace geomsu::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// The contract of good_terms() by its name.
Contract good(const std::string& name) {
  for (const Good& row : good_terms()) {
    if (row.name != name) continue;
    auto loaded = parse(edited(row.edits), 59);
    if (!loaded.value) throw std::runtime_error(::testing::PrintToString(errors(loaded.diagnostics)));
    return *loaded.value;
  }
  throw std::runtime_error("no such row: " + name);
}

std::vector<std::string> warnings_of(const Edits& edits, std::uint32_t blocks = 59) {
  const auto loaded = parse(edited(edits), blocks);
  EXPECT_THAT(errors(loaded.diagnostics), IsEmpty());
  return warnings(loaded.diagnostics);
}

Loaded<Contract> parse_with(const Suite& suite, const Edits& edits) {
  return parse_contract(edited(edits), "c.yaml", &suite, nullptr, median_bound_exists);
}

TEST(Between, HasBothBarsAfterToleranceAndTheUnitOfTheFirst) {
  const auto loaded = parse(edited({{20, "    between: [800 TFLOP/s, 0.9 PFLOP/s]"}, {21, "    tolerance: 10 %"}}));
  ASSERT_TRUE(loaded.value);
  const Clause& clause = loaded.value->clauses[0];
  EXPECT_TRUE(clause.between());
  EXPECT_EQ(clause.low_bar(), 800e12 * (1 - 0.1));
  EXPECT_EQ(clause.high_bar(), 0.9e15 * (1 + 0.1));
  EXPECT_EQ(clause.bar_text, "800 TFLOP/s to 0.9 PFLOP/s");
  EXPECT_EQ(clause.bar_unit, "TFLOP/s");
  EXPECT_THAT(warnings(loaded.diagnostics),
              Contains(HasSubstr("c.yaml:20:28: warning: 'between' mixes TFLOP/s and PFLOP/s")));
  EXPECT_THAT(warnings_of({{20, "    between: [800 TFLOP/s, 900 TFLOP/s]"}}), Not(Contains(HasSubstr("mixes"))));
}

TEST(Between, IsHeldAgainstTheSheetOnBothSides) {
  EXPECT_THAT(warnings_of({{20, "    between: [500 TFLOP/s, 900 TFLOP/s]"}}),
              Contains(HasSubstr("c.yaml:20:15: warning: the bar 500.0 TFLOP/s (low side of between) is 51 % of")));
  EXPECT_THAT(warnings_of({{7, "sku: b200-sxm"}, {20, "    between: [989 TFLOP/s, 2000 TFLOP/s]"}}),
              Contains(HasSubstr("is the sheet figure of h100-sxm, not of b200-sxm")));
}

TEST(ClauseKeys, HaveTheirValuesAndTheirDefaults) {
  const Clause plain = parse(joined(base_lines())).value->clauses[0];
  EXPECT_EQ(plain.severity, Severity::kCritical);
  EXPECT_EQ(plain.inspection, Inspection::kScreening);
  EXPECT_EQ(plain.outliers, OutlierRule::kFinding);
  EXPECT_EQ(plain.sku, "");
  EXPECT_EQ(plain.of, "");
  EXPECT_EQ(good("SeverityMinor").clauses[0].severity, Severity::kMinor);
  EXPECT_EQ(good("Outliers").clauses[0].outliers, OutlierRule::kFail);
  EXPECT_EQ(good("PlanZeroAcceptance").clauses[0].inspection, Inspection::kSampled);
  EXPECT_EQ(good("ClauseOfItsSku").clauses[0].sku, "h100-sxm");
  EXPECT_EQ(good("MediansOfTheLot").clauses[0].of, "unit_medians");
  EXPECT_EQ(good("MediansOfTheCluster").clauses[0].scope, Scope::kCluster);
  EXPECT_EQ(good("WorkloadOfARack").clauses[0].workload.concurrency, Concurrency::kRack);
  EXPECT_EQ(good("WorkloadOfAHall").clauses[0].workload.concurrency, Concurrency::kHall);
}

TEST(ABusyRack, IsWarnedOfWhereNoUnitSaysItsRack) {
  const Edits rack{{17, "    workload: {dtype: bf16, m: 512, n: 512, k: 512, concurrency: rack}"}};
  EXPECT_THAT(warnings_of(rack), Contains(HasSubstr("'gemm' wants a busy rack, and no unit")));
  EXPECT_THAT(warnings_of({}), Not(Contains(HasSubstr("busy rack"))));
}

TEST(MediansOfTheLot, ShareTheTrialOfTheirDevicesAndWantNoTail) {
  Suite suite = suite_of(30);
  suite.tail_blocks = 59;
  const auto loaded = parse_with(suite, {{18, "    scope: cluster\n    of: unit_medians"},
                                         {19, "    statistic: p05"},
                                         {25, two_clauses("median", "at_least: 700 TFLOP/s")}});
  ASSERT_TRUE(loaded.value) << ::testing::PrintToString(errors(loaded.diagnostics));
  const auto& clauses = loaded.value->clauses;
  EXPECT_EQ(served_together(*loaded.value, clauses[0]).size(), 2u);
  EXPECT_EQ(judged_blocks(suite, *loaded.value, clauses[0]), 30u);
  EXPECT_THAT(warnings(loaded.diagnostics), Contains(HasSubstr("by the median alone (two)")))
      << "a tail over the lot hides no less than a median over a unit's blocks";
}

TEST(Preconditions, AreKeptAsTheyAreWritten) {
  const Contract software = good("Software");
  ASSERT_EQ(software.preconditions.size(), 4u);
  EXPECT_EQ(software.preconditions[0].key, "driver");
  EXPECT_EQ(software.preconditions[0].test, Precondition::Test::kAtLeast);
  EXPECT_EQ(software.preconditions[0].wanted, "570.86");
  EXPECT_EQ(software.preconditions[1].test, Precondition::Test::kAtMost);
  EXPECT_EQ(software.preconditions[1].wanted, "580");
  EXPECT_EQ(software.preconditions[2].key, "firmware");
  EXPECT_EQ(software.preconditions[2].test, Precondition::Test::kEqual);
  EXPECT_FALSE(software.preconditions[2].setting);
  EXPECT_EQ(software.preconditions[3].wanted, kDigest);
  const Contract settings = good("Settings");
  ASSERT_EQ(settings.preconditions.size(), 4u);
  EXPECT_TRUE(settings.preconditions[0].setting);
  EXPECT_EQ(settings.preconditions[0].wanted, "on");
  EXPECT_EQ(settings.preconditions[1].wanted, "700 W");
  EXPECT_EQ(settings.preconditions[3].sku, "h100-sxm");
}

TEST(Preconditions, WarnOfAKeyThatLooksMisspelt) {
  EXPECT_THAT(warnings_of(top("settings: {ecc.mod: on}")),
              Contains(HasSubstr("unusual key 'ecc.mod' in 'settings'; did you mean 'ecc.mode'?")));
  EXPECT_THAT(warnings_of(top("settings: {rsd.partition: off}")), Not(Contains(HasSubstr("unusual key"))));
}

TEST(SiteLimits, HaveTheirSidesTheirWordsAndWhoAnswers) {
  const auto limits = good("SiteLimits").site_limits;
  ASSERT_EQ(limits.size(), 4u);
  EXPECT_EQ(limits[0].key, "inlet_temperature");
  EXPECT_EQ(limits[0].at_least->value, 18);
  EXPECT_EQ(limits[0].at_most->value, 27);
  EXPECT_EQ(limits[0].text, "at least 18 °C, at most 27 °C");
  EXPECT_FALSE(limits[0].supplier);
  EXPECT_EQ(limits[1].text, "at most 10.2 kW");
  EXPECT_EQ(limits[1].at_most->value, 10200);
  EXPECT_TRUE(limits[1].supplier);
  EXPECT_EQ(limits[3].at_most->dimension, Dimension::kNone) << "a PUE is a plain number";
}

TEST(Reruns, SplitTheErrorWhereInconclusiveMayBeMeasuredAgain) {
  const Contract contract = good("Reruns");
  EXPECT_EQ(contract.reruns.most, 1u);
  EXPECT_THAT(contract.reruns.of, ElementsAre(Outcome::kInvalid, Outcome::kNotRun, Outcome::kInconclusive));
  EXPECT_EQ(looks(contract, 0), 2u);
  EXPECT_EQ(looks(contract, 30), 4u);
  EXPECT_EQ(looks(good("Fleet"), 30), 2u);
  const auto invalid = parse(edited(top("reruns: {most: 3, of: [INVALID]}")));
  EXPECT_EQ(looks(*invalid.value, 0), 1u) << "what was no evidence was no look";
}

TEST(Looks, MustEachHaveTheirBounds) {
  Suite suite = suite_of(5);
  EXPECT_TRUE(parse_with(suite, {}).value);
  suite.extension_blocks = 30;
  // 0.5^5 is over 0.025; 0.5^6 is not.
  EXPECT_THAT(errors(parse_with(suite, {}).diagnostics),
              ElementsAre(AllOf(
                  HasSubstr("c.yaml:19:16: error: no bound of the median exists at 97.5 % (95 % over 2 looks) from 5"),
                  HasSubstr("take 6 blocks or more (`blocks: 6`)"))));
  suite.blocks = 6;
  EXPECT_TRUE(parse_with(suite, {}).value);
  const Edits again = top("reruns: {most: 1, of: [INCONCLUSIVE]}");
  EXPECT_THAT(errors(parse_with(suite, again).diagnostics),
              ElementsAre(HasSubstr("exists at 98.75 % (95 % over 4 looks) from 6 blocks")));
  suite.blocks = 7;
  EXPECT_TRUE(parse_with(suite, again).value);
  suite.blocks = 59;
  const Edits tail{{19, "    statistic: p05"}};
  EXPECT_THAT(errors(parse_with(suite, tail).diagnostics),
              ElementsAre(HasSubstr("let suite 'five' take 72 blocks or more (`tail_blocks: 72`)")));
  suite.tail_blocks = 72;
  EXPECT_TRUE(parse_with(suite, tail).value);
}

TEST(Looks, OfASustainedClauseAreNotSplitByAnExtension) {
  Suite suite = suite_of(15);
  suite.extension_blocks = 30;
  suite.block_min_ns = 100'000'000;
  const auto with = [&](const std::string& confidence) {
    return parse_with(suite, {{19, "    statistic: median\n    sustained: {}"}, {22, "    confidence: " + confidence}});
  };
  // 0.5^15 = 3.05e-5: enough for 99.996 % at one look, and not at two.
  EXPECT_TRUE(with("99.996 %").value) << ::testing::PrintToString(errors(with("99.996 %").diagnostics));
  EXPECT_FALSE(parse_with(suite, {{22, "    confidence: 99.996 %"}}).value);
}

TEST(Fleet, HasTheContractsLimits) {
  EXPECT_EQ(good("Outliers").fleet.robust_z, 3.5);
  EXPECT_EQ(good("Outliers").fleet.distance, 0.025);
}

TEST(Sampling, HasTheTermsOfItsKind) {
  EXPECT_FALSE(good("Fleet").sampling.named);
  const Sampling exact = good("PlanHypergeometric").sampling;
  EXPECT_TRUE(exact.named);
  EXPECT_EQ(exact.kind, Sampling::Kind::kHypergeometric);
  EXPECT_EQ(exact.p0, 0);
  EXPECT_EQ(exact.alpha, 0.05);
  EXPECT_EQ(exact.p1, 0.02);
  EXPECT_EQ(exact.beta, 0.05);
  EXPECT_EQ(exact.secret_sha256, kDigest);
  EXPECT_THAT(exact.counts, ElementsAre(Severity::kCritical, Severity::kMajor));
  EXPECT_EQ(good("PlanZeroAcceptance").sampling.kind, Sampling::Kind::kHypergeometric);
  EXPECT_EQ(good("PlanZeroAcceptance").sampling.alpha, 1);
  const Sampling series = good("PlanIso2859OfASeries").sampling;
  EXPECT_EQ(series.level, "S-4");
  EXPECT_EQ(series.aql, "1.0") << "as the standard writes it";
  ASSERT_EQ(series.earlier.size(), 2u);
  EXPECT_FALSE(series.earlier[0].accepted);
  EXPECT_TRUE(series.earlier[1].accepted && series.earlier[1].resubmitted);
  EXPECT_EQ(good("PlanIso2859").sampling.aql, "0.65");
  EXPECT_EQ(good("PlanVariables").sampling.clause, "gemm");
  EXPECT_EQ(good("PlanVariables").sampling.prior, "s, 2026-01-01: 255 nodes, normally distributed");
  EXPECT_EQ(good("PlanSequential").sampling.truncation, 160u);
  EXPECT_EQ(good("PlanFull").sampling.kind, Sampling::Kind::kFull);
  EXPECT_EQ(good("PlanFull").sampling.counts.size(), 3u);
}

TEST(Sampling, WarnsOfAPlanThatDecidesNothingAndOfASeriesThatIsNone) {
  const std::string rest = "reject: 2 %, beta: 5 %, counts: [critical], secret_sha256: " + kDigest;
  EXPECT_THAT(warnings_of(top("sampling: {kind: zero_acceptance, " + rest + "}")),
              Contains(HasSubstr("a sampling plan, and no clause that is sampled")));
  EXPECT_THAT(warnings_of(plan("kind: zero_acceptance, " + rest)), Not(Contains(HasSubstr("a sampling plan"))));
  EXPECT_THAT(warnings_of(top("sampling: {kind: full, counts: [critical]}")),
              Not(Contains(HasSubstr("a sampling plan"))));
  EXPECT_THAT(warnings_of(plan(
                  "kind: iso2859, level: II, aql: 1.0 %, earlier: [], counts: [critical], secret_sha256: " + kDigest)),
              Contains(HasSubstr("ISO 2859-1 for a delivery of ten lots or fewer")));
}

TEST(SuiteByHash, IsTheOneWithThoseBytesAlone) {
  const std::string yaml = "name: five\nblocks: 30\nblock_min: 500 ms\nwarmup: 1 s\nsoak: 60 s\n";
  const auto agreed = parse_suite(yaml, "s.yaml");
  ASSERT_TRUE(agreed.value);
  EXPECT_EQ(agreed.value->sha256, sha256_hex(yaml));
  const Edits by_hash{{6, "suite: {name: five, sha256: " + sha256_hex(yaml) + "}"}};
  const auto same = parse_with(*agreed.value, by_hash);
  ASSERT_TRUE(same.value);
  EXPECT_EQ(same.value->suite, "five");
  EXPECT_EQ(same.value->suite_sha256, sha256_hex(yaml));
  Suite other = parse_suite(yaml + "# one byte more\n", "s.yaml").value.value();
  EXPECT_THAT(
      errors(parse_with(other, by_hash).diagnostics),
      ElementsAre(AllOf(HasSubstr("c.yaml:6:8: error"), HasSubstr(agreed.value->sha256), HasSubstr(other.sha256))));
  other.instead = true;
  EXPECT_TRUE(parse_with(other, by_hash).value) << "asked for in place of it, and the run says so";
}

TEST(Contradictions, KnowWhatOnlyTheToleranceHidesAndWhichOfTwoBarsIsStricter) {
  Edits soft{{21, "    tolerance: 5 %"}, {25, two_clauses("median", "at_most: 780 TFLOP/s")}};
  EXPECT_THAT(warnings_of(soft), Contains(HasSubstr("c.yaml:32:14: warning: only the tolerance lets both hold")));
  EXPECT_THAT(warnings_of({{25, two_clauses("median", "at_least: 900 TFLOP/s")}}),
              Contains(HasSubstr("'gemm' and 'two' hold the same figure from the same side: 'two' is the stricter")));
  EXPECT_THAT(warnings_of({{25, two_clauses("median", "at_least: 800 TFLOP/s")}}),
              Contains(HasSubstr("they have the same bar")));
  EXPECT_THAT(warnings_of({{25, two_clauses("p05", "at_least: 750 TFLOP/s")}}), Not(Contains(HasSubstr("same side"))));
}

TEST(Contradictions, AreSeenBetweenQuantilesOfOneFigureAndNotBetweenFigures) {
  const auto found = [](const Edits& edits) { return errors(parse(edited(edits), 59).diagnostics); };
  EXPECT_THAT(found({{19, "    statistic: p05"}, {25, two_clauses("median", "at_most: 799 TFLOP/s")}}),
              ElementsAre(HasSubstr("contradiction: the p05 of 'gemm' is at least 800.0 TFLOP/s and the median")));
  EXPECT_THAT(found({{25, two_clauses("p05", "at_most: 799 TFLOP/s")}}), IsEmpty())
      << "a slow tail is no contradiction";
  EXPECT_THAT(found({{18, "    scope: node"}, {25, two_clauses("median", "at_most: 799 TFLOP/s")}}), IsEmpty());
  EXPECT_THAT(
      found({{19, "    statistic: median\n    sustained: {}"}, {25, two_clauses("median", "at_most: 799 TFLOP/s")}}),
      IsEmpty());
  EXPECT_THAT(
      found({{18, "    scope: device\n    sku: h100-sxm"}, {25, two_clauses("median", "at_most: 799 TFLOP/s")}}),
      ElementsAre(HasSubstr("contradiction")))
      << "a clause for all is one for this SKU too";
}

TEST(Provenance, OfADeviceThatWorkedAloneIsNoBarForABusyOne) {
  const auto from = [](const std::string& date, const std::string& busy) {
    return Edits{{25, "    provenance: {source: s, date: " + date + ", by: b, concurrency: " + busy + "}"}};
  };
  EXPECT_THAT(warnings_of(from("2026-01-01", "alone")),
              Contains(HasSubstr("c.yaml:25:67: warning: the bar of 'gemm' was taken alone and is held against a busy "
                                 "node")));
  EXPECT_THAT(warnings_of(from("2026-01-01", "node")), Not(Contains(HasSubstr("taken alone"))));
  Edits both = from("2026-01-01", "alone");
  both.push_back({17, "    workload: {dtype: bf16, m: 512, n: 512, k: 512, concurrency: alone}"});
  EXPECT_THAT(warnings_of(both), Not(Contains(HasSubstr("taken alone"))));
  EXPECT_THAT(warnings_of(from("2026-02-02", "node")),
              Contains(HasSubstr("c.yaml:25:35: warning: the provenance of 'gemm' is of 2026-02-02, after the "
                                 "contract's own date, 2026-02-01")));
  EXPECT_THAT(warnings_of(from("2026-02-01", "node")), Not(Contains(HasSubstr("after the contract's"))));
}

}  // namespace
}  // namespace geomsu::test
