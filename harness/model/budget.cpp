#include "harness/model/budget.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace geomsu {
namespace {

// Blocks are cut a little longer than the plan's least (measure/lane.cpp's margin).
constexpr double kBlockLength = 1.08;
// Reseeds and digests beside each block, as a share of it. In the demonstration (bench/RESULTS.md, 2026-11-24) all
// verification took 8 % of the timed blocks, and all else, warm-up and start included, 12 %: this errs on the long
// side.
constexpr double kBesideABlock = 0.2;
constexpr double kReplay = 1.5;                   // the block that is run again, with its reseed and what is then read
constexpr double kFindLength = 1.5;               // of a block: the submissions by which its length is found
constexpr std::int64_t kOpening = 1'000'000'000;  // a fresh worker for each session of a sustained trial

std::int64_t saturated(double ns) {
  constexpr auto kMost = static_cast<double>(std::numeric_limits<std::int64_t>::max());
  return ns >= kMost ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(std::llround(ns));
}

std::int64_t add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

std::string seconds(std::int64_t ns) { return fmt::format("{:.0f} s", static_cast<double>(ns) * 1e-9); }

}  // namespace

std::int64_t BudgetLine::total_ns() const { return add(add(timed_ns, warmup_ns), checks_ns); }

std::int64_t Budget::total_ns() const {
  std::int64_t total = soak_ns;
  for (const BudgetLine& line : lines) total = add(total, line.total_ns());
  return total;
}

BudgetLine budget_of(const PlannedTrial& trial) {
  const double block = kBlockLength * static_cast<double>(trial.block_min_ns);
  const double blocks = block * (static_cast<double>(trial.blocks) + trial.extension), beside = kBesideABlock * blocks;
  BudgetLine line;
  line.trial = trial.id;
  const double sessions = trial.sustained ? trial.sustained->sessions : 1;
  line.warmup_ns = saturated(sessions * (std::max(static_cast<double>(trial.warmup_ns), block) + kFindLength * block));
  line.checks_ns = saturated(sessions * kReplay * block);
  if (!trial.sustained) {
    line.timed_ns = saturated(blocks);
    line.checks_ns = add(line.checks_ns, saturated(beside));
    return line;
  }
  // What stands beside a block falls into the load between blocks where the span has room for it. The last block of
  // each session begins a step before the session's end.
  line.timed_ns = saturated(std::max(static_cast<double>(trial.sustained->span_ns), blocks + beside));
  line.warmup_ns = add(line.warmup_ns, saturated(sessions * static_cast<double>(kOpening)));
  return line;
}

Budget budget_of(const Plan& plan) {
  Budget budget;
  budget.soak_ns = plan.soak_ns;
  budget.limit_ns = plan.budget_ns;
  for (const PlannedTrial& trial : plan.trials) budget.lines.push_back(budget_of(trial));
  return budget;
}

std::string what_to_cut(const Plan& plan, const Budget& budget) {
  if (!budget.over()) return {};
  std::vector<const BudgetLine*> longest;
  for (const BudgetLine& line : budget.lines) longest.push_back(&line);
  std::stable_sort(longest.begin(), longest.end(),
                   [](const BudgetLine* a, const BudgetLine* b) { return a->total_ns() > b->total_ns(); });
  std::int64_t over = budget.total_ns() - *budget.limit_ns;
  std::string words = fmt::format("{} planned, {} allowed: {} too many; longest first:", seconds(budget.total_ns()),
                                  seconds(*budget.limit_ns), seconds(over));
  if (longest.empty()) words += fmt::format(" the soak of {}", seconds(budget.soak_ns));
  for (const BudgetLine* line : longest) {
    if (over <= 0) break;
    over -= line->total_ns();
    std::string clauses;
    bool sustained = false;
    for (const PlannedTrial& trial : plan.trials) {
      if (trial.id != line->trial) continue;
      clauses = fmt::format("{}", fmt::join(trial.clauses, ", "));
      sustained = trial.sustained.has_value();
    }
    words += fmt::format(" {} ({}) takes {}{};", line->trial, clauses, seconds(line->total_ns()),
                         sustained ? ", most of it the span of its clause" : "");
  }
  words.back() = '.';
  return words;
}

}  // namespace geomsu
