#include "harness/judge/lot_fold.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "harness/judge/lot_decision.hpp"
#include "harness/judge/lot_row.hpp"
#include "harness/judge/notes.hpp"

namespace geomsu {
namespace {

constexpr std::size_t kFindings = 1000, kNotes = 50;

bool is_green(Outcome outcome) { return outcome == Outcome::kPass || outcome == Outcome::kNotApplicable; }

void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void tidy(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

Reconciliation reconciled(std::span<const BundleJudgement> nodes) {
  Reconciliation all;
  for (const BundleJudgement& node : nodes) {
    const Reconciliation& own = node.verdict.reconciliation;
    append(all.contracted, own.contracted);
    append(all.found, own.found);
    append(all.tested, own.tested);
    append(all.accepted, own.accepted);
    append(all.missing, own.missing);
    append(all.uncontracted, own.uncontracted);
  }
  for (auto* names : {&all.contracted, &all.found, &all.tested, &all.accepted, &all.missing, &all.uncontracted})
    tidy(*names);
  std::erase_if(all.missing, [&](const std::string& serial) {
    return std::binary_search(all.found.begin(), all.found.end(), serial);
  });
  return all;
}

// The figure by which variables plans judge a node: its worst unit's median.
std::optional<double> worst_median(const Contract& contract, std::uint32_t clause, const BundleJudgement& node) {
  std::optional<double> figure;
  for (const UnitSummary& summary : node.summaries) {
    if (summary.clause != clause) continue;
    const bool low_is_bad = contract.clauses[clause].at_least.has_value();
    if (!figure || (low_is_bad ? summary.median < *figure : summary.median > *figure)) figure = summary.median;
  }
  return figure;
}

std::vector<LotItem> items_of(const LotParts& parts) {
  const Contract& contract = parts.contract;
  std::vector<LotItem> items;
  for (const BundleJudgement& node : parts.nodes) {
    LotItem item;
    item.node = node.node;
    item.tested = std::binary_search(parts.tested.begin(), parts.tested.end(), node.node);
    bool failed = false;
    for (std::uint32_t place = 0; place < contract.clauses.size(); ++place) {
      const Clause& clause = contract.clauses[place];
      if (clause.id == contract.sampling.clause) item.figure = worst_median(contract, place, node);
      const auto& counts = contract.sampling.counts;
      if (std::find(counts.begin(), counts.end(), clause.severity) == counts.end()) continue;
      const std::optional<ClauseRow>& weakest = node.tallies[place].weakest;
      if (!weakest || weakest->unit == kClusterUnit || is_green(weakest->outcome)) continue;
      item.nonconforming = true;
      failed = failed || weakest->outcome == Outcome::kFail;
    }
    item.open = item.nonconforming && !failed;
    items.push_back(std::move(item));
  }
  return items;
}

// Of findings and notes that many bundles share, each once; and no more than a person reads.
void gather_words(std::span<const BundleJudgement> nodes, Verdict& verdict) {
  std::size_t left_out = 0;
  std::map<std::string, std::size_t> notes;
  for (const BundleJudgement& node : nodes) {
    for (const Finding& finding : node.verdict.findings) {
      if (verdict.findings.size() < kFindings) {
        verdict.findings.push_back(finding);
      } else {
        ++left_out;
      }
    }
    for (const std::string& note : node.verdict.notes) ++notes[note];
  }
  if (left_out > 0)
    verdict.notes.push_back(fmt::format("{} more findings stand in the verdicts of the single bundles", left_out));
  std::size_t shown = 0;
  for (const auto& [note, count] : notes) {
    if (++shown > kNotes) break;
    verdict.notes.push_back(count == 1 ? note : fmt::format("{} (of {} bundles)", note, count));
  }
  if (notes.size() > kNotes)
    verdict.notes.push_back(
        fmt::format("{} more notes stand in the verdicts of the single bundles", notes.size() - kNotes));
}

Outcome of_decision(const LotVerdict& lot) {
  switch (lot.decision) {
    case LotVerdict::Decision::kAccepted:
      return Outcome::kNotApplicable;
    case LotVerdict::Decision::kRejected:
      return Outcome::kFail;
    case LotVerdict::Decision::kUndecided:
      break;
  }
  return Outcome::kInconclusive;
}

// The clause over all nodes; of one that wants all units, its own row.
ClauseTally tally_of(const LotParts& parts, std::size_t place, Verdict& verdict, std::optional<ClauseRow>& own) {
  const Clause& clause = parts.contract.clauses[place];
  ClauseTally tally;
  if (!wants_all_units(clause)) {
    for (const BundleJudgement& node : parts.nodes) tally.add(clause, node.tallies[place]);
    return tally;
  }
  std::vector<Measured> units;
  for (const BundleJudgement& node : parts.nodes) {
    const std::vector<Measured>& some = node.of_all[place];
    units.insert(units.end(), some.begin(), some.end());
    tally.terms = some.empty() ? tally.terms : node.tallies[place].terms;
  }
  std::stable_sort(units.begin(), units.end(),
                   [](const Measured& a, const Measured& b) { return a.row.unit < b.row.unit; });
  LotJudgement lot = judge_lot(parts.contract, clause, units);
  if (!clause.per.empty()) verdict.per_won.push_back(std::move(lot.figure));
  tally.add(clause, lot.row);
  own = std::move(lot.row);
  return tally;
}

}  // namespace

WorstRows::WorstRows(const Contract& contract, std::size_t most)
    : contract_(contract), most_(most), rows_(contract.clauses.size()) {
  for (std::size_t i = 0; i < contract.clauses.size(); ++i) places_.emplace_back(contract.clauses[i].id, i);
  std::sort(places_.begin(), places_.end());
}

void WorstRows::add(ClauseRow row) {
  const auto place =
      std::lower_bound(places_.begin(), places_.end(), std::pair<std::string_view, std::size_t>(row.clause, 0));
  std::vector<ClauseRow>& rows = rows_[place->second];
  rows.push_back(std::move(row));
  if (rows.size() >= 2 * most_) trim(place->second, most_);
}

void WorstRows::trim(std::size_t place, std::size_t to) {
  std::vector<ClauseRow>& rows = rows_[place];
  if (rows.size() <= to) return;
  const Clause& clause = contract_.clauses[place];
  std::nth_element(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(to), rows.end(),
                   [&](const ClauseRow& a, const ClauseRow& b) { return weaker(clause, a, b); });
  rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(to), rows.end());
}

std::vector<ClauseRow> WorstRows::take() {
  std::vector<ClauseRow> all;
  for (std::size_t place = 0; place < rows_.size(); ++place) {
    trim(place, most_);
    std::vector<ClauseRow>& rows = rows_[place];
    std::sort(rows.begin(), rows.end(), [](const ClauseRow& a, const ClauseRow& b) { return a.unit < b.unit; });
    all.insert(all.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
    rows.clear();
  }
  return all;
}

Verdict fold_lot(const LotParts& parts, WorstRows rows, std::uint64_t all_rows,
                 const std::function<void(const ClauseRow&)>& own_row) {
  const Contract& contract = parts.contract;
  Verdict verdict;
  FalseFails false_fails;
  for (const BundleJudgement& node : parts.nodes) {
    if (verdict.simulated.empty()) verdict.simulated = node.verdict.simulated;
    verdict.adaptive = verdict.adaptive || node.verdict.adaptive;
    false_fails.add(node.false_fails);
  }
  verdict.contract_id = contract.id;
  verdict.contract_title = contract.title;
  verdict.supplier = contract.supplier;
  verdict.buyer = contract.buyer;
  verdict.demonstration = contract.demonstration;
  for (std::size_t place = 0; place < contract.clauses.size(); ++place) {
    std::optional<ClauseRow> own;
    const ClauseTally tally = tally_of(parts, place, verdict, own);
    verdict.clauses.push_back(summarise(contract, contract.clauses[place], tally, verdict.adaptive));
    if (!own) continue;
    ++all_rows;
    own_row(*own);
    if (!is_green(own->outcome)) rows.add(*std::move(own));
  }
  verdict.rows = rows.take();
  verdict.rows_left_out = all_rows - verdict.rows.size();
  verdict.reconciliation = reconciled(parts.nodes);
  if (!verdict.simulated.empty() || verdict.adaptive) verdict.reconciliation.accepted.clear();
  gather_words(parts.nodes, verdict);
  for (Finding& finding : outlier_findings(contract, parts.fleet)) verdict.findings.push_back(std::move(finding));
  verdict.fleet.assign(parts.fleet.begin(), parts.fleet.end());
  if (auto note = false_fails_note(false_fails)) verdict.notes.push_back(std::move(*note));
  const std::vector<LotItem> items = items_of(parts);
  verdict.lot = decide_lot(contract, items, parts.draw);
  finish(verdict, worst(parts.at_least, of_decision(*verdict.lot)));
  return verdict;
}

}  // namespace geomsu
