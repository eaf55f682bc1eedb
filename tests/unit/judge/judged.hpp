// Short words for the tests of the judge. Rows come by value: a verdict is mostly a temporary.
#pragma once

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/judge/judge.hpp"
#include "harness/judge/judgement.hpp"
#include "tests/unit/evidence/sample_run.hpp"

namespace geomsu::sample {

// The sample's contract, plan and trials, to be changed by a test and judged.
struct Case {
  Contract contract = sample::contract();
  Plan plan = sample::plan(contract);
  std::vector<Trial> trials = sample::trials(plan);
  Environment environment = sample::environment();

  JudgeInput input() const {
    JudgeInput input;
    input.contract = &contract;
    input.plan = &plan;
    input.plan_sha256 = "plan-sha";
    input.trials = trials;
    input.environment = &environment;
    return input;
  }
  Verdict judge() const { return geomsu::judge(input()); }
  BundleJudgement bundle() const { return judge_bundle(input()); }
  void only(const std::string& id) {
    std::erase_if(contract.clauses, [&id](const Clause& clause) { return clause.id != id; });
  }
  // Another clause that the trial of `id` serves too.
  Clause& copy(const std::string& id, const std::string& as) {
    Clause clause = this->clause(id);
    clause.id = as;
    contract.clauses.push_back(clause);
    for (PlannedTrial& trial : plan.trials) {
      if (std::find(trial.clauses.begin(), trial.clauses.end(), id) != trial.clauses.end()) trial.clauses.push_back(as);
    }
    return contract.clauses.back();
  }
  Clause& clause(const std::string& id) {
    for (Clause& clause : contract.clauses) {
      if (clause.id == id) return clause;
    }
    throw std::runtime_error("no clause " + id);
  }
  Trial& trial(const std::string& id, const Unit& unit) {
    for (Trial& trial : trials) {
      if (trial.id == id && trial.unit == unit) return trial;
    }
    throw std::runtime_error("no trial " + id);
  }
};

// The trial's blocks at these rates (FLOP/s or B/s), whatever their number was.
inline void set_rates(Trial& trial, const std::vector<double>& rates) {
  trial.block_ns.clear();
  for (const double rate : rates) {
    trial.block_ns.push_back(static_cast<std::int64_t>(static_cast<double>(trial.work_per_repeat) *
                                                       static_cast<double>(trial.repeats) * 1e9 / rate));
  }
  trial.device_ns = trial.block_ns;
  trial.wall_ns = trial.block_ns;
}

inline std::vector<double> rates(std::initializer_list<std::pair<int, double>> parts) {
  std::vector<double> all;
  for (const auto& [count, rate] : parts) all.insert(all.end(), static_cast<std::size_t>(count), rate);
  return all;
}

inline DeliveredUnit delivered(const std::string& serial, const std::string& node) {
  DeliveredUnit unit;
  unit.serial = serial;
  unit.node = node;
  return unit;
}

inline ClauseRow row(const Verdict& verdict, const std::string& clause, const std::string& unit) {
  for (const ClauseRow& row : verdict.rows) {
    if (row.clause == clause && row.unit.name() == unit) return row;
  }
  throw std::runtime_error("no row " + clause + " of " + unit);
}

inline ClauseSummary clause(const Verdict& verdict, const std::string& id) {
  for (const ClauseSummary& clause : verdict.clauses) {
    if (clause.clause == id) return clause;
  }
  throw std::runtime_error("no clause " + id);
}

}  // namespace geomsu::sample
