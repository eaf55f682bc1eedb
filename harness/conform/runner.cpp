#include "harness/conform/runner.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

namespace geomsu::conform {
namespace {

std::set<std::string_view> with_needs(const std::vector<Rule>& rules, const std::vector<std::string>& chosen) {
  std::set<std::string_view> wanted(chosen.begin(), chosen.end());
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    if (wanted.contains(rule->id)) wanted.insert(rule->needs.begin(), rule->needs.end());
  }
  return wanted;
}

// Empty, or why the rule cannot be run. A rule that does not apply to this candidate stands in nobody's way.
std::string in_the_way(const Rule& rule, const std::map<std::string_view, Mark>& marks) {
  for (const std::string_view need : rule.needs) {
    const auto found = marks.find(need);
    if (found == marks.end()) return fmt::format("needs the rule {}, which stands nowhere before it", need);
    if (found->second == Mark::kFail) return fmt::format("needs {}, which failed", need);
    if (found->second == Mark::kNotRun) return fmt::format("needs {}, which was not run", need);
  }
  return {};
}

Outcome outcome_of(const Rule& rule, Stand& stand) {
  try {
    return rule.run(stand);
  } catch (const Unmet& unmet) {
    return {Mark::kFail, unmet.came, unmet.expected};
  }
}

}  // namespace

std::vector<Row> run_rules(const std::vector<Rule>& rules, const std::vector<std::string>& chosen, Stand& stand,
                           const std::function<void(const Rule&)>& began) {
  const std::set<std::string_view> wanted = with_needs(rules, chosen);
  std::vector<Row> rows;
  std::map<std::string_view, Mark> marks;
  for (const Rule& rule : rules) {
    if (!chosen.empty() && !wanted.contains(rule.id)) continue;
    std::string obstacle = in_the_way(rule, marks);
    if (obstacle.empty() && began) began(rule);
    Row row{&rule, obstacle.empty() ? outcome_of(rule, stand) : not_run(std::move(obstacle))};
    marks[rule.id] = row.outcome.mark;
    rows.push_back(std::move(row));
  }
  return rows;
}

int exit_status(const std::vector<Row>& rows) {
  const auto any = [&rows](Mark mark) {
    return std::any_of(rows.begin(), rows.end(), [mark](const Row& row) { return row.outcome.mark == mark; });
  };
  if (any(Mark::kFail)) return 1;
  return any(Mark::kNotRun) || !any(Mark::kPass) ? 2 : 0;
}

}  // namespace geomsu::conform
