#include "harness/judge/lot_node.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace geomsu {
namespace {

using Key = std::pair<std::string_view, const Unit*>;

struct KeyLess {
  bool operator()(const Key& a, const Key& b) const {
    return a.first != b.first ? a.first < b.first : *a.second < *b.second;
  }
};

bool may_be_superseded(const Contract& contract, Outcome outcome) {
  return std::find(contract.reruns.of.begin(), contract.reruns.of.end(), outcome) != contract.reruns.of.end();
}

// Attempts that were used up to this row: of its own bundle, and one for each bundle before it.
std::uint32_t reruns_used(const ClauseRow& row, std::uint32_t bundles_before) {
  return (row.attempt > 1 ? row.attempt - 1 : 0) + bundles_before;
}

// Which attempt's row is judged.
std::size_t chosen(const Contract& contract, std::span<const ClauseRow* const> attempts) {
  std::size_t at = 0;
  while (at + 1 < attempts.size() && may_be_superseded(contract, attempts[at]->outcome) &&
         reruns_used(*attempts[at], static_cast<std::uint32_t>(at)) < contract.reruns.most) {
    ++at;
  }
  return at;
}

void unite(std::vector<std::string>& all, const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
}

// Found and tested by any attempt; accepted by the rows that are judged, its node's own among them.
void reconcile_again(std::span<const BundleJudgement> later, BundleJudgement& judgement) {
  Reconciliation& serials = judgement.verdict.reconciliation;
  std::set<std::string> candidates(serials.accepted.begin(), serials.accepted.end());
  for (const BundleJudgement& attempt : later) {
    const Reconciliation& other = attempt.verdict.reconciliation;
    unite(serials.contracted, other.contracted);
    unite(serials.found, other.found);
    unite(serials.tested, other.tested);
    unite(serials.uncontracted, other.uncontracted);
    candidates.insert(other.accepted.begin(), other.accepted.end());
  }
  std::erase_if(serials.missing, [&](const std::string& serial) {
    return std::binary_search(serials.found.begin(), serials.found.end(), serial);
  });
  for (const ClauseRow& row : judgement.verdict.rows) {
    if (row.outcome == Outcome::kPass || row.outcome == Outcome::kNotApplicable) continue;
    candidates.erase(row.unit.device);
  }
  serials.accepted.assign(candidates.begin(), candidates.end());
}

}  // namespace

void add_up_again(const Contract& contract, BundleJudgement& judgement) {
  Verdict& verdict = judgement.verdict;
  std::size_t next = 0;
  for (std::size_t place = 0; place < contract.clauses.size(); ++place) {
    const Clause& clause = contract.clauses[place];
    ClauseTally tally;
    tally.terms = judgement.tallies[place].terms;
    for (; next < verdict.rows.size() && verdict.rows[next].clause == clause.id; ++next)
      tally.add(clause, verdict.rows[next]);
    verdict.clauses[place] = summarise(contract, clause, tally, verdict.adaptive);
    judgement.tallies[place] = std::move(tally);
  }
}

Outcome outcome_of(const BundleJudgement& judgement) {
  std::vector<Outcome> outcomes;
  for (const ClauseTally& tally : judgement.tallies) {
    if (tally.weakest) outcomes.push_back(tally.weakest->outcome);
  }
  return outcomes.empty() ? Outcome::kNotRun : worst(outcomes);
}

void say_no_bundle(const Contract& contract, BundleJudgement& judgement) {
  for (ClauseRow& row : judgement.verdict.rows) row.words = "the lot has no bundle of this node";
  add_up_again(contract, judgement);
}

BundleJudgement merge_attempts(const Contract& contract, std::vector<BundleJudgement> attempts) {
  BundleJudgement merged = std::move(attempts.front());
  if (attempts.size() == 1) return merged;
  const std::span<const BundleJudgement> later = std::span(attempts).subspan(1);
  std::map<Key, std::vector<const ClauseRow*>, KeyLess> rows;
  for (const ClauseRow& row : merged.verdict.rows) rows[{row.clause, &row.unit}].push_back(&row);
  for (const BundleJudgement& attempt : later) {
    for (const ClauseRow& row : attempt.verdict.rows) {
      if (const auto known = rows.find({row.clause, &row.unit}); known != rows.end()) known->second.push_back(&row);
    }
  }
  std::vector<ClauseRow> judged;
  for (const ClauseRow& row : merged.verdict.rows) {
    const std::vector<const ClauseRow*>& of_all = rows.at({row.clause, &row.unit});
    const std::size_t at = chosen(contract, of_all);
    judged.push_back(*of_all[at]);
    if (of_all.size() == 1) continue;
    std::string outcomes;
    for (const ClauseRow* attempt : of_all)
      outcomes += fmt::format("{}{}", outcomes.empty() ? "" : ", ", to_string(attempt->outcome));
    judged.back().words +=
        fmt::format("; bundle {} of {} of this node is judged ({})", at + 1, of_all.size(), outcomes);
  }
  for (std::size_t place = 0; place < merged.of_all.size(); ++place) {
    for (Measured& unit : merged.of_all[place]) {
      if (unit.bounds) continue;
      for (std::uint32_t at = 0; at < later.size(); ++at) {
        if (!may_be_superseded(contract, unit.row.outcome) || at >= contract.reruns.most) break;
        const auto& units = later[at].of_all[place];
        const auto same = std::find_if(units.begin(), units.end(),
                                       [&](const Measured& other) { return other.row.unit == unit.row.unit; });
        if (same == units.end()) continue;
        unit = *same;
        if (unit.bounds) break;
      }
    }
  }
  merged.verdict.rows = std::move(judged);
  for (const BundleJudgement& attempt : later) {
    merged.verdict.findings.insert(merged.verdict.findings.end(), attempt.verdict.findings.begin(),
                                   attempt.verdict.findings.end());
    merged.verdict.notes.insert(merged.verdict.notes.end(), attempt.verdict.notes.begin(), attempt.verdict.notes.end());
    merged.verdict.adaptive = merged.verdict.adaptive || attempt.verdict.adaptive;
    if (merged.verdict.simulated.empty()) merged.verdict.simulated = attempt.verdict.simulated;
  }
  reconcile_again(later, merged);
  add_up_again(contract, merged);
  return merged;
}

void make_bad_evidence(const Contract& contract, const std::string& words, BundleJudgement& judgement) {
  for (ClauseRow& row : judgement.verdict.rows) {
    if (worst(row.outcome, Outcome::kInvalid) == row.outcome && row.outcome != Outcome::kInvalid) continue;
    row.outcome = Outcome::kInvalid;
    row.reason = Reason::kBadEvidence;
    row.words = words;
  }
  for (std::vector<Measured>& units : judgement.of_all) {
    for (Measured& unit : units) {
      unit.bounds.reset();
      unit.row.outcome = Outcome::kInvalid;
      unit.row.reason = Reason::kBadEvidence;
      unit.row.words = words;
    }
  }
  judgement.verdict.reconciliation.accepted.clear();
  add_up_again(contract, judgement);
}

}  // namespace geomsu
