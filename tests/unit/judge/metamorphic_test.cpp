// What must hold of any evidence: better samples never worsen a verdict, names and orders change nothing, what is left
// out never turns red into green, merges only worsen. Seeded, so that a failure comes again.
#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "harness/judge/refusal.hpp"
#include "tests/unit/judge/judged.hpp"

namespace geomsu {
namespace {

using sample::Case;
using sample::kFirst;
using sample::kSecond;
using sample::set_rates;

constexpr Outcome kAll[] = {Outcome::kPass,    Outcome::kFail,   Outcome::kInconclusive,
                            Outcome::kInvalid, Outcome::kNotRun, Outcome::kNotApplicable};

bool no_worse(Outcome after, Outcome before) { return worst(after, before) == before; }

// Rates near the bars, so that every outcome comes about. The products are better when faster, the copies, whose clause
// is turned round, when slower.
struct Random : Case {
  explicit Random(unsigned seed) : random(seed) {
    Clause& triad = clause("triad");
    triad.at_most = triad.at_least;
    triad.at_least.reset();
    for (int i = 0; i < 3; ++i) copy("gemm", "gemm-" + std::to_string(i)).at_least->value = 98e9 + i * 1e9;
    copy("gemm", "least").statistic = "min";
    clause("gemm-per-won").at_least->value = 0.2e12 / 1e8 * (0.9 + 0.02 * static_cast<double>(random() % 10));
    if (random() % 3 == 0) clause("gemm").if_inconclusive = IfInconclusive::kReject;
    for (Trial& trial : trials) {
      const bool gemm = trial.id == "t001";
      const double middle = (gemm ? 100e9 : 21e9) * (0.98 + 0.01 * static_cast<double>(random() % 5));
      std::vector<double> rates;
      for (int i = 0; i < 10; ++i) rates.push_back(middle * (0.96 + 0.01 * static_cast<double>(random() % 9)));
      set_rates(trial, rates);
    }
  }
  // One block, or all of a trial.
  void better() {
    Trial& trial = trials[random() % trials.size()];
    const bool faster = trial.id == "t001";
    const std::size_t only = random() % trial.block_ns.size();
    const bool whole = random() % 4 == 0;
    const double by = 0.001 * static_cast<double>(1 + random() % 50);
    for (std::size_t i = 0; i < trial.block_ns.size(); ++i) {
      if (!whole && i != only) continue;
      trial.block_ns[i] =
          static_cast<std::int64_t>(static_cast<double>(trial.block_ns[i]) * (faster ? 1 - by : 1 + by));
    }
    trial.device_ns = trial.wall_ns = trial.block_ns;
  }
  std::mt19937 random;
};

TEST(Metamorphic, BetterSamplesNeverWorsenAnything) {
  std::map<Outcome, int> seen;
  int changed = 0, spared = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    Random run(seed);
    Verdict before = run.judge();
    for (int step = 0; step < 6; ++step) {
      run.better();
      const Verdict after = run.judge();
      ASSERT_TRUE(no_worse(after.overall, before.overall)) << "seed " << seed;
      for (std::size_t i = 0; i < after.rows.size(); ++i) {
        const ClauseRow &now = after.rows[i], &then = before.rows[i];
        ASSERT_TRUE(no_worse(now.outcome, then.outcome))
            << "seed " << seed << " " << now.clause << " " << now.unit.name() << "\n"
            << then.words << "\n"
            << now.words;
        ++seen[now.outcome];
        changed += now.outcome != then.outcome ? 1 : 0;
        spared += now.words.find("Holm") != std::string::npos ? 1 : 0;
      }
      before = after;
    }
  }
  EXPECT_GT(seen[Outcome::kPass], 100);
  EXPECT_GT(seen[Outcome::kFail], 100);
  EXPECT_GT(seen[Outcome::kInconclusive], 100);
  EXPECT_GT(changed, 100);
  EXPECT_GT(spared, 20) << "Holm has to have had its part";
}

using Said = std::tuple<std::string, std::string, Outcome, Reason, std::optional<double>, std::optional<double>>;

std::vector<Said> said(const Verdict& verdict, const std::map<std::string, std::string>& names) {
  std::vector<Said> all;
  for (const ClauseRow& row : verdict.rows) {
    std::string name = row.unit.device.empty() ? row.unit.node : row.unit.device;
    if (const auto known = names.find(name); known != names.end()) name = known->second;
    all.emplace_back(row.clause, name, row.outcome, row.reason, row.lower, row.p_fail);
  }
  std::sort(all.begin(), all.end());
  return all;
}

TEST(Metamorphic, NamesOfUnitsChangeNothingButNames) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    const Random run(seed);
    Random named(seed);
    const std::map<std::string, std::string> back{{"Z-9", "S-001"}, {"A-1", "S-002"}, {"rack7", "node01"}};
    const auto rename = [&](std::string& name) {
      for (const auto& [to, from] : back) {
        if (name == from) {
          name = to;
          return;
        }
      }
    };
    const auto rename_unit = [&](Unit& unit) {
      rename(unit.node);
      rename(unit.device);
    };
    rename(named.plan.node);
    for (PlannedUnit& unit : named.plan.units) rename_unit(unit.unit);
    for (PlannedTrial& trial : named.plan.trials) std::for_each(trial.units.begin(), trial.units.end(), rename_unit);
    for (Trial& trial : named.trials) rename_unit(trial.unit);
    for (DeliveredUnit& unit : named.contract.delivery.units) {
      rename(unit.node);
      rename(unit.serial);
    }
    ASSERT_EQ(said(named.judge(), back), said(run.judge(), {})) << "seed " << seed;
    ASSERT_EQ(named.judge().overall, run.judge().overall);
  }
}

TEST(Metamorphic, TheOrderOfBundlesChangesNoFleet) {
  Random run(7);
  std::vector<BundleJudgement> bundles;
  for (int i = 0; i < 6; ++i) {
    Random part(static_cast<unsigned>(i / 2));  // some of equal numbers
    for (Trial& trial : part.trials) trial.unit.node = "node" + std::to_string(i);
    for (PlannedUnit& unit : part.plan.units) unit.unit.node = "node" + std::to_string(i);
    for (PlannedTrial& trial : part.plan.trials) {
      for (Unit& unit : trial.units) unit.node = "node" + std::to_string(i);
    }
    bundles.push_back(part.bundle());
  }
  const auto figures = fleet_figures(run.contract, bundles);
  ASSERT_FALSE(figures.empty());
  for (int round = 0; round < 20; ++round) {
    std::shuffle(bundles.begin(), bundles.end(), run.random);
    const auto again = fleet_figures(run.contract, bundles);
    ASSERT_EQ(again.size(), figures.size());
    for (std::size_t i = 0; i < figures.size(); ++i) {
      ASSERT_EQ(again[i].medoid, figures[i].medoid);
      ASSERT_EQ(again[i].median, figures[i].median);
      ASSERT_EQ(again[i].mad, figures[i].mad);
      ASSERT_EQ(again[i].outliers.size(), figures[i].outliers.size());
    }
  }
}

// T11 for any evidence: a unit, a trial or a row that is left out.
TEST(Metamorphic, WhatIsLeftOutNeverTurnsRedIntoGreen) {
  int red = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    Random run(seed);
    if (run.judge().exit_code == 0) continue;
    ++red;
    for (const Unit& gone : {kFirst, kSecond}) {
      Case rows = run;
      std::erase_if(rows.trials, [&](const Trial& trial) { return trial.unit == gone; });
      ASSERT_NE(rows.judge().exit_code, 0) << "seed " << seed;
      Case units = rows;
      std::erase_if(units.plan.units, [&](const PlannedUnit& unit) { return unit.unit == gone; });
      for (PlannedTrial& trial : units.plan.trials) std::erase(trial.units, gone);
      ASSERT_NE(units.judge().exit_code, 0) << "seed " << seed;
    }
    for (std::size_t i = 0; i < run.trials.size(); ++i) {
      Case one = run;
      one.trials.erase(one.trials.begin() + static_cast<std::ptrdiff_t>(i));
      ASSERT_NE(one.judge().exit_code, 0) << "seed " << seed;
    }
  }
  EXPECT_GT(red, 100);
}

// T01 for every statistic and side: the bar at the sample passes, the next double beyond it fails.
TEST(T01, AToleranceOfZeroIsZero) {
  for (const char* statistic : {"median", "min", "max"}) {
    Case run;
    set_rates(run.trial("t001", kFirst), std::vector<double>(10, 120e9));
    Clause& clause = run.clause("gemm");
    clause.statistic = statistic;
    clause.tolerance = 0;
    const double value = *sample::row(run.judge(), "gemm", "node01/S-001").lower;
    const auto with = [&](std::optional<double> low, std::optional<double> high) {
      clause.at_least = low ? std::optional(Quantity{*low, Dimension::kFlops}) : std::nullopt;
      clause.at_most = high ? std::optional(Quantity{*high, Dimension::kFlops}) : std::nullopt;
      return sample::row(run.judge(), "gemm", "node01/S-001").outcome;
    };
    EXPECT_EQ(with(value, std::nullopt), Outcome::kPass) << statistic;
    EXPECT_EQ(with(std::nextafter(value, 1e300), std::nullopt), Outcome::kFail) << statistic;
    EXPECT_EQ(with(std::nullopt, value), Outcome::kPass) << statistic;
    EXPECT_EQ(with(std::nullopt, std::nextafter(value, 0)), Outcome::kFail) << statistic;
    EXPECT_EQ(with(value, value), Outcome::kPass) << statistic;
  }
}

TEST(Merges, OnlyWorsen) {
  for (const Outcome was : kAll) {
    for (const Outcome by : kAll) {
      ClauseRow row;
      row.outcome = was;
      row.reason = Reason::kClock;
      worsen(row, {by, Reason::kSite, "why"});
      EXPECT_EQ(row.outcome, worst(was, by));
      EXPECT_TRUE(no_worse(was, row.outcome));
      EXPECT_EQ(row.reason, row.outcome == was ? Reason::kClock : Reason::kSite);
      EXPECT_NE(row.words.find("why"), std::string::npos);
    }
  }
}

TEST(Merges, OfADoubtNeverMakeAVerdictBetter) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    const Random run(seed);
    const Verdict before = run.judge();
    for (const Outcome by : kAll) {
      std::vector<Doubt> doubts(1);
      doubts[0].clause = static_cast<std::uint32_t>(seed % run.contract.clauses.size());
      if (seed % 2 == 0) doubts[0].unit = kFirst;
      doubts[0].outcome = by;
      JudgeInput input = run.input();
      input.doubts = doubts;
      const Verdict after = judge(input);
      for (std::size_t i = 0; i < before.clauses.size(); ++i)
        ASSERT_TRUE(no_worse(before.clauses[i].outcome, after.clauses[i].outcome)) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace geomsu
