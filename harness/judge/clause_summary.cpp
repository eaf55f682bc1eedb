#include "harness/judge/clause_summary.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/contract/side.hpp"
#include "harness/judge/against_bar.hpp"
#include "harness/judge/trial_row.hpp"
#include "harness/stats/looks.hpp"
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

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::kCritical:
      return "critical";
    case Severity::kMajor:
      return "major";
    case Severity::kMinor:
      return "minor";
  }
  return "unknown";
}

std::string_view outliers_name(OutlierRule rule) {
  switch (rule) {
    case OutlierRule::kFinding:
      return "finding";
    case OutlierRule::kInconclusive:
      return "inconclusive";
    case OutlierRule::kFail:
      return "fail";
  }
  return "unknown";
}

// Whether the clause is about an SKU of which the inspected tranche has no unit.
bool nothing_delivered(const Contract& contract, const Clause& clause) {
  const std::vector<DeliveredUnit>& units = contract.delivery.units;
  return !clause.sku.empty() && !units.empty() &&
         std::none_of(units.begin(), units.end(), [&](const DeliveredUnit& unit) { return unit.sku == clause.sku; });
}

// A row that passed briefly (JudgeInput::brief) has none yet: they are a function of its bounds.
std::string words_of(const Clause& clause, const ClauseRow& row) {
  if (!row.words.empty() || row.outcome != Outcome::kPass || !row.lower || !row.upper) return row.words;
  ClauseRow told = row;
  judge_bounds(clause, *row.lower, *row.upper, told, {});
  return told.words;
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
  if (a.lower && clause.between()) {
    const double inside_a = margin(clause, *a.lower, *a.upper), inside_b = margin(clause, *b.lower, *b.upper);
    return inside_a != inside_b ? inside_a < inside_b : a.unit < b.unit;
  }
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
  if (!weakest || weaker(clause, row, *weakest)) weakest = row;
}

void ClauseTally::add(const Clause& clause, const ClauseTally& other) {
  units += other.units;
  passed += other.passed;
  terms.looks = std::max(terms.looks, other.terms.looks);
  terms.blocks = std::max(terms.blocks, other.terms.blocks);
  terms.extension = std::max(terms.extension, other.terms.extension);
  if (other.weakest && (!weakest || weaker(clause, *other.weakest, *weakest))) weakest = other.weakest;
}

std::optional<double> total_level(const Clause& clause, const Looks& terms) {
  const std::optional<stats::Statistic> statistic = stats::parse_statistic(clause.statistic);
  if (!statistic || wants_all_units(clause)) return std::nullopt;
  const double confidence = stats::look_confidence(clause.confidence, terms.looks);
  std::vector<std::uint32_t> sizes{terms.blocks};
  if (terms.extension > 0) sizes.push_back(terms.blocks + terms.extension);
  const auto attempts = static_cast<double>(terms.looks) / static_cast<double>(sizes.size());
  double error = 0;
  for (const std::uint32_t n : sizes) {
    const auto ranks = stats::bound_ranks(*statistic, n, confidence);
    if (!ranks) return std::nullopt;
    error += attempts * (1 - std::min(ranks->lower_level, ranks->upper_level));
  }
  return 1 - error;
}

ClauseSummary summarise(const Contract& contract, const Clause& clause, const ClauseTally& tally, bool adaptive) {
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
  summary.at_least = clause.low_bar();
  summary.at_most = clause.high_bar();
  summary.tolerance = clause.tolerance;
  summary.confidence = clause.confidence;
  summary.tolerance_text = clause.tolerance_text;
  summary.provenance = provenance_words(clause.provenance);
  summary.sustained = clause.sustained;
  summary.severity = severity_name(clause.severity);
  summary.inspection = clause.inspection == Inspection::kSampled ? "sampled" : "screening";
  summary.outliers = outliers_name(clause.outliers);
  summary.sku = clause.sku;
  summary.of = clause.of;
  summary.units = tally.units;
  summary.passed = tally.passed;
  if (!tally.weakest) {
    if (nothing_delivered(contract, clause)) {
      summary.outcome = Outcome::kNotApplicable;
      summary.words = fmt::format("the inspected tranche has no unit of the SKU {}", escape_terminal(clause.sku));
      return summary;
    }
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
  summary.words = words_of(clause, *weakest);
  summary.repro = repro_command(*weakest);
  if (wants_all_units(clause)) return summary;
  Looks terms = tally.terms;
  terms.looks = std::max(terms.looks, looks(contract, terms.extension));
  summary.looks = terms.looks;
  if (adaptive || !weakest->lower) return summary;
  summary.level = total_level(clause, terms);
  summary.look_level = stats::look_confidence(clause.confidence, terms.looks);
  return summary;
}

}  // namespace geomsu
