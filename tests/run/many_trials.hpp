// A run of many short trials on two devices, one of them faulty, whose figures do not depend on what ran before: what
// is killed and taken up again must end in the same verdict.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "tests/run/program.hpp"

namespace geomsu::test {

CommandLine many_trials(int trials = 10);

// (clause, unit) -> outcome, reason and lower bound, of a sealed bundle that `verify` finds good.
using Outcomes = std::map<std::pair<std::string, std::string>, std::tuple<std::string, std::string, double>>;
Outcomes outcomes_of(const std::filesystem::path& bundle);
void expect_same(const Outcomes& got, const Outcomes& wanted);
// Each trial of the plan on each unit once, sealed, with the rows of `before` first and unchanged.
void expect_whole(const std::filesystem::path& bundle, const std::string& rows_before);

// The lines of trials.jsonl that have their end; empty where there is no file.
std::string finished_rows(const std::filesystem::path& bundle);

}  // namespace geomsu::test
