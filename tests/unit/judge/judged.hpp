// Short words for the tests of the judge. Rows come by value: a verdict is mostly a temporary.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/judge/judge.hpp"
#include "tests/unit/evidence/sample_run.hpp"

namespace geomsu::sample {

// The sample's contract, plan and trials, to be changed by a test and judged.
struct Case {
  Contract contract = sample::contract();
  Plan plan = sample::plan(contract);
  std::vector<Trial> trials = sample::trials(plan);

  Verdict judge() const { return geomsu::judge(contract, plan, "plan-sha", trials); }
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
