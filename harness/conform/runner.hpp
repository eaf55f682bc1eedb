// Runs rules against a candidate: each after those that it needs, and not at all where one of them failed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/conform/rule.hpp"

namespace geomsu::conform {

struct Row {
  const Rule* rule = nullptr;
  Outcome outcome;
};

// `rules` each after those it needs. `chosen` empty: all of them; else those and what they need. `began` is told before
// each rule that runs; may be empty.
std::vector<Row> run_rules(const std::vector<Rule>& rules, const std::vector<std::string>& chosen, Stand& stand,
                           const std::function<void(const Rule&)>& began = {});

// 1 a rule failed; 2 none failed, but one was not run, or none applied; 0 else.
int exit_status(const std::vector<Row>& rows);

}  // namespace geomsu::conform
