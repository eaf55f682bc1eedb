#include "harness/judge/row_memo.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "harness/base/files.hpp"
#include "harness/contract/contract.hpp"
#include "harness/judge/trial_row.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

// Every workload of the shipped contracts with every quantity of its operation: rates, and times, which are none.
std::vector<Clause> shipped_clauses() {
  std::vector<Clause> clauses;
  const std::filesystem::path folder = std::filesystem::path(GEOMSU_SOURCE_DIR) / "configs/contracts";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const auto contract = parse_contract(read_file(file.path()), file.path().string(), nullptr, nullptr, nullptr);
    if (!contract.value) continue;
    for (const Clause& clause : contract.value->clauses) {
      for (const ops::QuantitySpec& quantity : ops::find(clause.workload.op)->quantities()) {
        clauses.push_back(clause);
        clauses.back().quantity = quantity.name;
      }
    }
  }
  return clauses;
}

TEST(RowMemo, GivesTheValuesThatEachTrialByItselfHas) {
  const std::vector<Clause> clauses = shipped_clauses();
  ASSERT_GT(clauses.size(), 20U);
  RowMemo memo;
  std::size_t compared = 0;
  for (const std::uint64_t repeats : {1ULL, 7ULL, 1'000'003ULL}) {
    for (const Clause& clause : clauses) {
      Trial trial;
      trial.repeats = repeats;
      trial.block_ns = {17, 1'000'000, 3'000'001, 500'000'000, 86'400'000'000'000};
      std::vector<double> alone;
      for (const std::int64_t ns : trial.block_ns) {
        alone.push_back(ops::find(clause.workload.op)->value(clause.workload.params, clause.quantity, repeats, ns));
      }
      EXPECT_EQ(block_values(clause.workload, clause.quantity, trial), alone) << clause.id;
      EXPECT_EQ(block_values(clause.workload, clause.quantity, trial, &memo), alone) << clause.id;
      EXPECT_EQ(block_values(clause.workload, clause.quantity, trial, &memo), alone) << clause.id << ", again";
      compared += alone.size();
    }
  }
  EXPECT_GT(compared, 300U);
}

TEST(RowMemo, HoldsRanksOfEachStatisticSizeAndConfidenceApart) {
  RowMemo memo;
  for (int round = 0; round < 2; ++round) {
    for (const auto statistic : {stats::Statistic::kMedian, stats::Statistic::kP05, stats::Statistic::kMin}) {
      for (const std::size_t n : {4U, 30U, 59U, 60U}) {
        for (const double confidence : {0.95, 0.975}) {
          const auto wanted = stats::bound_ranks(statistic, n, confidence);
          const auto kept = memo.ranks(statistic, n, confidence);
          ASSERT_EQ(kept.has_value(), wanted.has_value());
          if (!wanted) continue;
          EXPECT_EQ(kept->lower, wanted->lower);
          EXPECT_EQ(kept->upper, wanted->upper);
          EXPECT_EQ(kept->lower_level, wanted->lower_level);
        }
      }
    }
  }
}

}  // namespace
}  // namespace geomsu
