// A rule of the plug-in boundary as a named check, and what came of it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace geomsu::conform {

class Stand;

enum class Mark { kPass, kFail, kNotApplicable, kNotRun };
std::string_view to_string(Mark mark);  // "pass", "fail", "not_applicable", "not_run"

// `seen`: what was seen, or why the rule did not run or does not apply. `expected`: of a failed rule only.
struct Outcome {
  Mark mark = Mark::kPass;
  std::string seen, expected;
};

struct Rule {
  std::string_view id;
  std::string_view about;               // "lines", "data", "group", "clock", "device", "abi"
  std::string_view where;               // the document and section that says so
  std::string_view why;                 // one line
  std::vector<std::string_view> needs;  // ids of rules listed before: where one of them failed, this one is not run
  std::function<Outcome(Stand&)> run;
};

// What a check throws where the candidate broke the rule; the runner makes it a failed outcome. Never leaves the room.
struct Unmet {
  std::string expected, came;
};

Outcome pass(std::string seen);
Outcome not_applicable(std::string why);
Outcome not_run(std::string why);

// Every rule, each after those that it needs. The tables stand in the files that are named for what they are about.
const std::vector<Rule>& all_rules();
const Rule* find_rule(std::string_view id);  // nullptr where there is none

std::vector<Rule> library_rules();      // the shared object before anything is asked of it
std::vector<Rule> first_table_rules();  // the table, as far as a worker needs it
std::vector<Rule> request_rules();      // each request of the protocol, answered as it is written
std::vector<Rule> line_rules();         // what a line may be, and what becomes of a bad one
std::vector<Rule> refusal_rules();      // requests that must be refused
std::vector<Rule> endurance_rules();    // that the device lasts, which what takes many blocks rests on
std::vector<Rule> data_rules();         // GENERATOR.md
std::vector<Rule> group_rules();        // several devices and their collectives
std::vector<Rule> clock_rules();
std::vector<Rule> device_rules();  // the device under longer work
std::vector<Rule> table_rules();   // the C table, from within a worker
std::vector<Rule> leak_rules();

}  // namespace geomsu::conform
