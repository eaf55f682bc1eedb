#include <algorithm>
#include <utility>

#include "harness/conform/rule.hpp"

namespace geomsu::conform {

std::string_view to_string(Mark mark) {
  switch (mark) {
    case Mark::kPass:
      return "pass";
    case Mark::kFail:
      return "fail";
    case Mark::kNotApplicable:
      return "not_applicable";
    case Mark::kNotRun:
      return "not_run";
  }
  return "not_run";
}

Outcome pass(std::string seen) { return {Mark::kPass, std::move(seen), {}}; }
Outcome not_applicable(std::string why) { return {Mark::kNotApplicable, std::move(why), {}}; }
Outcome not_run(std::string why) { return {Mark::kNotRun, std::move(why), {}}; }

const std::vector<Rule>& all_rules() {
  static const std::vector<Rule> rules = [] {
    std::vector<Rule> all;
    for (const auto part : {library_rules, first_table_rules, request_rules, line_rules, refusal_rules, endurance_rules,
                            data_rules, group_rules, clock_rules, table_rules, device_rules, leak_rules}) {
      for (Rule& rule : part()) all.push_back(std::move(rule));
    }
    return all;
  }();
  return rules;
}

const Rule* find_rule(std::string_view id) {
  const auto& rules = all_rules();
  const auto found = std::find_if(rules.begin(), rules.end(), [id](const Rule& rule) { return rule.id == id; });
  return found == rules.end() ? nullptr : &*found;
}

}  // namespace geomsu::conform
