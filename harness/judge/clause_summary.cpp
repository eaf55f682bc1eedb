#include "harness/judge/clause_summary.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/judge/trial_row.hpp"
#include "harness/stats/order.hpp"

namespace geomsu {
namespace {

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case Scope::kDevice:
      return "device";
    case Scope::kNode:
      return "node";
    case Scope::kCluster:
      return "cluster";
    case Scope::kLot:
      return "lot";
  }
  return "unknown";
}

std::string provenance_words(const Provenance& provenance) {
  std::string words = provenance.source;
  if (!provenance.date.empty()) words += ", " + provenance.date;
  if (!provenance.by.empty()) words += ", by " + provenance.by;
  if (!provenance.concurrency.empty()) words += ", taken " + provenance.concurrency;
  return words;
}

std::string repro_command(const ClauseRow& row) {
  if (row.trial.empty()) return {};
  std::string command = "geomsu run contract.yaml --only " + shell_quote(row.trial);
  if (!row.unit.device.empty()) command += " --unit " + shell_quote(row.unit.name());
  return command;
}

}  // namespace

bool weaker(const Clause& clause, const ClauseRow& a, const ClauseRow& b) {
  if (a.outcome != b.outcome) return worst(a.outcome, b.outcome) == a.outcome;
  if (a.lower.has_value() != b.lower.has_value()) return !a.lower.has_value();
  if (a.lower && clause.at_least && *a.lower != *b.lower) return *a.lower < *b.lower;
  if (a.upper && clause.at_most && *a.upper != *b.upper) return *a.upper > *b.upper;
  return a.unit < b.unit;
}

std::vector<ClauseRow> node_rows(const Clause& clause, std::span<const ClauseRow> devices) {
  std::map<std::string, const ClauseRow*> nodes;
  for (const ClauseRow& row : devices) {
    const ClauseRow*& weakest = nodes[row.unit.node];
    if (weakest == nullptr || weaker(clause, row, *weakest)) weakest = &row;
  }
  std::vector<ClauseRow> rows;
  for (const auto& [node, weakest] : nodes) {
    ClauseRow row = *weakest;
    row.words = fmt::format("weakest device {}: {}", weakest->unit.name(), weakest->words);
    row.unit = {node, ""};
    rows.push_back(std::move(row));
  }
  return rows;
}

void ClauseTally::add(const Clause& clause, const ClauseRow& row) {
  ++units;
  if (row.outcome == Outcome::kPass) ++passed;
  if (row.lower) ++bounded;
  if (!weakest || weaker(clause, row, *weakest)) weakest = row;
}

void ClauseTally::add(const Clause& clause, const ClauseTally& other) {
  units += other.units;
  passed += other.passed;
  bounded += other.bounded;
  if (other.weakest && (!weakest || weaker(clause, *other.weakest, *weakest))) weakest = other.weakest;
}

ClauseSummary summarise(const Clause& clause, std::span<const ClauseRow> rows) {
  ClauseTally tally;
  for (const ClauseRow& row : rows) tally.add(clause, row);
  return summarise(clause, tally);
}

ClauseSummary summarise(const Clause& clause, const ClauseTally& tally) {
  ClauseSummary summary;
  summary.clause = clause.id;
  summary.paper_clause = clause.paper_clause;
  summary.measure = clause.measure();
  summary.workload = clause.workload.name();
  summary.statistic = clause.statistic;
  summary.scope = scope_name(clause.scope);
  summary.bar_text = clause.bar_text;
  summary.unit_text = clause.bar_unit;
  summary.dimension = clause.at_least ? clause.at_least->dimension : clause.at_most->dimension;
  (clause.at_least ? summary.at_least : summary.at_most) = clause.bar();
  summary.tolerance = clause.tolerance;
  summary.confidence = clause.confidence;
  summary.tolerance_text = clause.tolerance_text;
  summary.provenance = provenance_words(clause.provenance);
  summary.sustained = clause.sustained;
  summary.units = tally.units;
  summary.passed = tally.passed;
  if (!tally.weakest) {
    summary.outcome = Outcome::kNotRun;
    summary.reason = Reason::kNotFound;
    summary.words = "there is no unit to judge: an empty scope is no acceptance";
    return summary;
  }
  const ClauseRow* weakest = &*tally.weakest;
  summary.outcome = weakest->outcome;
  summary.reason = weakest->reason;
  summary.weakest = weakest->unit;
  summary.lower = weakest->lower;
  summary.upper = weakest->upper;
  summary.estimate = weakest->estimate;
  summary.n = weakest->n;
  summary.dependence = weakest->dependence;
  summary.words = weakest->words;
  summary.repro = repro_command(*weakest);
  const std::optional<stats::Statistic> statistic = stats::parse_statistic(clause.statistic);
  if (statistic && weakest->lower && clause.scope != Scope::kLot) {
    if (const auto ranks = stats::bound_ranks(*statistic, weakest->n, clause.confidence)) {
      summary.level = std::min(ranks->lower_level, ranks->upper_level);
    }
  }
  return summary;
}

}  // namespace geomsu
