#include <algorithm>

#include <fmt/format.h>

#include "harness/contract/difference.hpp"

namespace geomsu {
namespace {

using Side = ContractChange::Side;

std::string percent(double before, double after) {
  if (before == 0) return "";
  return fmt::format(" ({:+.3g} %)", (after - before) / before * 100);
}

// One side of the bar. `more`: whether a higher figure asks for more.
void compare_side(const std::string& what, const char* word, const std::optional<Quantity>& before,
                  const std::optional<Quantity>& after, const Clause& old_clause, const Clause& new_clause, bool more,
                  ChangeList& changes) {
  const auto text = [word](const Quantity& bar, const Clause& clause) {
    std::string figure = format_in(bar.value, clause.bar_unit, 9);
    if (figure.find('.') != std::string::npos) figure.erase(figure.find_last_not_of('0') + 1);
    if (figure.ends_with('.')) figure.pop_back();
    return fmt::format("{} {} {}", word, figure, clause.bar_unit);
  };
  if (!before && !after) return;
  if (!before) return changes.add(Side::kBetter, fmt::format("{}: the bar {} is new", what, text(*after, new_clause)));
  if (!after)
    return changes.add(Side::kWorse, fmt::format("{}: the bar {} is removed", what, text(*before, old_clause)));
  if (before->dimension != after->dimension) {
    return changes.add(Side::kOpen, fmt::format("{}: the bar is {}, and was {}", what, text(*after, new_clause),
                                                text(*before, old_clause)));
  }
  if (before->value == after->value) return;
  const bool raised = after->value > before->value;
  changes.add(raised == more ? Side::kBetter : Side::kWorse,
              fmt::format("{}: the bar is {} from {} to {}{}", what, raised ? "raised" : "lowered",
                          text(*before, old_clause), text(*after, new_clause), percent(before->value, after->value)));
}

template <class T>
std::string word_of(T value, std::initializer_list<std::string_view> words) {
  return std::string(words.begin()[static_cast<std::size_t>(value)]);
}

std::string sustained_text(const Clause& clause) {
  return clause.sustained ? clause.sustained->words() : "in one stretch";
}

void compare_clause(const Clause& before, const Clause& after, ChangeList& changes) {
  const std::string what = "clause " + before.id;
  compare_side(what, "at least", before.at_least, after.at_least, before, after, true, changes);
  compare_side(what, "at most", before.at_most, after.at_most, before, after, false, changes);
  changes.compare(what + ": the tolerance", before.tolerance_text, after.tolerance_text,
                  after.tolerance > before.tolerance   ? Side::kWorse
                  : after.tolerance < before.tolerance ? Side::kBetter
                                                       : Side::kOpen);
  if (before.confidence != after.confidence) {
    changes.compare(what + ": the confidence", fmt::format("{:.6g} %", before.confidence * 100),
                    fmt::format("{:.6g} %", after.confidence * 100),
                    after.confidence < before.confidence ? Side::kWorse : Side::kBetter);
  }
  changes.compare(what + ": what is measured", before.measure(), after.measure());
  changes.compare(what + ": the workload", before.workload.name(), after.workload.name());
  changes.compare(what + ": the scope", word_of(before.scope, {"device", "node", "cluster", "lot"}),
                  word_of(after.scope, {"device", "node", "cluster", "lot"}));
  changes.compare(what + ": the statistic", before.statistic, after.statistic);
  changes.compare(what + ": it", sustained_text(before), sustained_text(after),
                  after.sustained ? Side::kOpen : Side::kWorse);
  changes.compare(what + ": where it is unsupported, it", word_of(before.if_unsupported, {"fail", "not_applicable"}),
                  word_of(after.if_unsupported, {"fail", "not_applicable"}),
                  after.if_unsupported == IfUnsupported::kFail ? Side::kBetter : Side::kWorse);
  changes.compare(what + ": if_inconclusive", word_of(before.if_inconclusive, {"reinspect", "reject", "conditional"}),
                  word_of(after.if_inconclusive, {"reinspect", "reject", "conditional"}));
  changes.compare(what + ": exclusive", before.exclusive ? "true" : "false", after.exclusive ? "true" : "false");
  changes.compare(what + ": the severity", word_of(before.severity, {"critical", "major", "minor"}),
                  word_of(after.severity, {"critical", "major", "minor"}),
                  after.severity > before.severity ? Side::kWorse : Side::kBetter);
  changes.compare(what + ": the inspection", word_of(before.inspection, {"screening", "sampled"}),
                  word_of(after.inspection, {"screening", "sampled"}),
                  after.inspection == Inspection::kSampled ? Side::kWorse : Side::kBetter);
  changes.compare(what + ": an outlier", word_of(before.outliers, {"finding", "inconclusive", "fail"}),
                  word_of(after.outliers, {"finding", "inconclusive", "fail"}),
                  after.outliers > before.outliers ? Side::kBetter : Side::kWorse);
  changes.compare(what + ": the sku", before.sku, after.sku);
  changes.compare(what + ": per", before.per, after.per);
  changes.compare(what + ": of", before.of, after.of);
  changes.compare(what + ": the paper's clause", before.paper_clause, after.paper_clause);
  const auto source = [](const Provenance& from) {
    return fmt::format("{} ({}, {}, {})", from.source, from.date, from.by, from.concurrency);
  };
  changes.compare(what + ": the provenance", source(before.provenance), source(after.provenance));
}

const Clause* find(const std::vector<Clause>& clauses, const std::string& id) {
  const auto found =
      std::find_if(clauses.begin(), clauses.end(), [&](const Clause& clause) { return clause.id == id; });
  return found == clauses.end() ? nullptr : &*found;
}

std::string short_text(const Clause& clause) {
  return fmt::format("{} {} {}", clause.measure(), clause.statistic, clause.bar_text);
}

}  // namespace

void compare_clauses(const std::vector<Clause>& before, const std::vector<Clause>& after, ChangeList& changes) {
  for (const Clause& clause : before) {
    if (const Clause* now = find(after, clause.id)) {
      compare_clause(clause, *now, changes);
    } else {
      changes.add(Side::kWorse, fmt::format("clause {} is removed ({})", clause.id, short_text(clause)));
    }
  }
  for (const Clause& clause : after) {
    if (find(before, clause.id) == nullptr)
      changes.add(Side::kBetter, fmt::format("clause {} is new ({})", clause.id, short_text(clause)));
  }
}

}  // namespace geomsu
