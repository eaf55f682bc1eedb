#include "reports/exporters/figures.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "tests/unit/exporters/sample_report.hpp"

namespace geomsu {
namespace {

ClauseSummary gflops() {
  ClauseSummary clause;
  clause.unit_text = "GFLOP/s";
  clause.dimension = Dimension::kFlops;
  return clause;
}

TEST(Figures, StandInTheUnitOfTheBar) {
  EXPECT_EQ(figure(141.2e9, gflops()), "141.2 GFLOP/s");
  EXPECT_EQ(figure(1412e9, gflops()), "1412 GFLOP/s");
}

TEST(Figures, OfWhatIsAbsentOrNotFiniteAreADash) {
  EXPECT_EQ(figure(std::nullopt, gflops()), "–");
  EXPECT_EQ(figure(std::numeric_limits<double>::quiet_NaN(), gflops()), "–");
  EXPECT_EQ(figure(std::numeric_limits<double>::infinity(), gflops()), "–");
  EXPECT_EQ(interval(gflops()), "–");
}

TEST(Figures, ShowTheMarginWithItsSign) {
  EXPECT_EQ(margin(105.0, 100.0), "+5.00 %");
  EXPECT_EQ(margin(99.5, 100.0), "-0.50 %");
  EXPECT_EQ(margin(1.0, 0.0), "–");
  EXPECT_EQ(margin(std::nullopt, 1.0), "–");
}

TEST(Figures, OfEnergyStandOverTheWorkOfAllBlocks) {
  Trial trial = test::passing_report().trials.front();  // 5 blocks of 4 repeats of 17.18 GFLOP; 250 J [245.5, 252.25]
  EXPECT_EQ(energy_figure(trial), "727.6 J/TFLOP [714.5, 734.1]");
  trial.workload = "memory:bytes=4096,dtype=fp64,kind=triad@node";
  trial.work_per_repeat = 1'000'000'000;
  EXPECT_EQ(energy_figure(trial), "12.5 J/GB [12.28, 12.61]");
  trial.repeats = 0;
  EXPECT_EQ(energy_figure(trial), "–") << "no work, no figure";
  trial.repeats = 4;
  trial.energy->joules.reset();
  EXPECT_EQ(energy_figure(trial), "–");
  trial.energy.reset();
  EXPECT_EQ(energy_figure(trial), "–");
}

TEST(Figures, GroupDigitsByThree) {
  EXPECT_EQ(grouped(std::int64_t{0}), "0");
  EXPECT_EQ(grouped(std::int64_t{-1234}), "-1,234");
  EXPECT_EQ(grouped(std::uint64_t{1234567}), "1,234,567");
  EXPECT_EQ(grouped(std::numeric_limits<std::int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(Figures, JudgeACeilingByItsUpperBound) {
  ClauseSummary clause = gflops();
  clause.lower = 1;
  clause.upper = 3;
  clause.at_least = 2;
  EXPECT_EQ(judged_bound(clause), 1);
  clause.at_least.reset();
  clause.at_most = 2;
  EXPECT_EQ(judged_bound(clause), 3);
  EXPECT_EQ(bar(clause), 2);
}

TEST(Figures, CountWorkInPowersOfAThousand) {
  EXPECT_EQ(work_figure(17'179'869'184, "gemm:m=1@node"), "17.18 GFLOP");
  EXPECT_EQ(work_figure(805'306'368, "memory:kind=triad@node"), "805.3 MB");
  EXPECT_EQ(work_figure(0, "gemm:m=1@node"), "0 FLOP");
}

TEST(Figures, PutTheWorstUnitsFirst) {
  const std::vector<UnitView> units = unit_views(test::sample_report());
  ASSERT_GE(units.size(), 4u);
  EXPECT_EQ(units[0].unit.device, "SN-B");
  EXPECT_EQ(units[0].worst, Outcome::kFail);
  EXPECT_EQ(units[1].unit.device, "SN-C");
}

TEST(Figures, NeitherDropNorRepeatAFindingOfATrial) {
  Report report = test::sample_report();
  EXPECT_EQ(all_findings(report).size(), 1u);  // the verdict already tells it
  report.verdict.findings.clear();
  EXPECT_EQ(all_findings(report).size(), 1u);
}

TEST(Figures, CountNoRowAsGreenButPassAndNotApplicable) {
  EXPECT_EQ(rows_not_green(test::sample_report().verdict).size(), 3u);
  EXPECT_EQ(rows_not_green(test::passing_report().verdict).size(), 0u);
}

}  // namespace
}  // namespace geomsu
