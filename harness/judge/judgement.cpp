#include "harness/judge/judgement.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "harness/contract/side.hpp"
#include "harness/judge/notes.hpp"
#include "harness/judge/reconcile.hpp"
#include "harness/judge/scope.hpp"
#include "harness/judge/site_limit.hpp"
#include "harness/judge/together.hpp"
#include "harness/judge/unit_row.hpp"
#include "harness/stats/order.hpp"

namespace geomsu {
namespace {

// A group's row once for each of its members: a device is accepted only if all that it had a part in is.
std::vector<ClauseRow> member_rows(const Plan& plan, std::span<const ClauseRow> groups) {
  std::vector<ClauseRow> rows;
  for (const ClauseRow& group : groups) {
    for (const PlannedTrial& trial : plan.trials) {
      if (trial.id != group.trial) continue;
      for (const Unit& member : trial.members) {
        rows.push_back(group);
        rows.back().unit = member;
      }
    }
  }
  return rows;
}

std::vector<Unit> all_units(const Contract& contract, std::span<const JudgedUnit> units) {
  std::vector<Unit> all;
  for (const JudgedUnit& unit : units) all.push_back(unit.unit);
  for (const Clause& clause : contract.clauses) {
    if (!is_group(clause)) continue;
    for (const JudgedUnit& group : judged_groups(clause, units)) all.push_back(group.unit);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

// Of the blocks that the plan fixed: what an extension adds changes no fleet.
UnitSummary summary_of(std::uint32_t place, std::uint32_t unit, const Measured& measured) {
  const std::span<const double> planned = std::span(measured.values).first(measured.planned_n);
  std::vector<double> x(planned.begin(), planned.end());
  std::sort(x.begin(), x.end());
  UnitSummary summary;
  summary.clause = place;
  summary.unit = unit;
  summary.median = stats::median(x);
  for (std::size_t i = 0; i < kSketch; ++i) {
    const double h = static_cast<double>(x.size() - 1) * (static_cast<double>(i) + 0.5) / kSketch;
    const auto low = static_cast<std::size_t>(h);
    const std::size_t high = std::min(low + 1, x.size() - 1);
    summary.sketch[i] = static_cast<float>(std::lerp(x[low], x[high], h - static_cast<double>(low)));
  }
  return summary;
}

class Bundle {
 public:
  explicit Bundle(const JudgeInput& input)
      : input_(input),
        contract_(*input.contract),
        plan_(*input.plan),
        trials_(input.trials),
        planned_(plan_),
        units_(judged_units(contract_, plan_, input.own_node_only, input.found_elsewhere)),
        site_(broken_site_limits(contract_, input.environment)) {}

  BundleJudgement judged() {
    begin();
    for (std::uint32_t place = 0; place < contract_.clauses.size(); ++place) measure(place);
    spare_by_holm(contract_, rows_);
    for (std::uint32_t place = 0; place < contract_.clauses.size(); ++place) doubt(place);
    for (std::uint32_t place = 0; place < contract_.clauses.size(); ++place) add_up(place);
    end();
    return std::move(judgement_);
  }

 private:
  void begin() {
    Verdict& verdict = judgement_.verdict;
    verdict.contract_id = contract_.id;
    verdict.contract_title = contract_.title;
    verdict.supplier = contract_.supplier;
    verdict.buyer = contract_.buyer;
    verdict.contract_sha256 = plan_.contract_sha256;
    verdict.plan_sha256 = input_.plan_sha256;
    verdict.demonstration = contract_.demonstration;
    verdict.simulated = plan_.simulated;
    verdict.adaptive = plan_.adaptive_min_blocks.has_value();
    judgement_.node = plan_.node;
    judgement_.utc_synchronised = input_.environment != nullptr && input_.environment->utc_synchronised;
    judgement_.units = all_units(contract_, units_);
    judgement_.tallies.resize(contract_.clauses.size());
    judgement_.of_all.resize(contract_.clauses.size());
    for (auto* rows : {&rows_, &members_, &nodes_}) rows->resize(contract_.clauses.size());
  }

  std::vector<JudgedUnit> due(const Clause& clause) const {
    std::vector<JudgedUnit> due = is_group(clause) ? judged_groups(clause, units_) : units_;
    const bool sampled = clause.inspection == Inspection::kSampled && input_.drawn != nullptr;
    std::erase_if(due, [&](const JudgedUnit& unit) {
      if (sampled && !input_.drawn->contains(unit.unit.node)) return true;
      // Of several bundles only one has the cluster; who has none says nothing of it.
      if (unit.unit == kClusterUnit) return input_.own_node_only && planned_.find(clause, unit.unit) == nullptr;
      return !is_group(clause) && !concerns(clause, unit);
    });
    return due;
  }

  void measure(std::uint32_t place) {
    const Clause& clause = contract_.clauses[place];
    const UnitView view{contract_, plan_, input_.environment, trials_, planned_, units_, &memo_};
    ClauseTally& tally = judgement_.tallies[place];
    std::optional<Window> window;
    for (const JudgedUnit& unit : due(clause)) {
      Measured measured = measure_unit(view, clause, unit);
      if (measured.planned != nullptr) {
        tally.terms.blocks = std::max(tally.terms.blocks, measured.planned->judged());
        tally.terms.extension = std::max(tally.terms.extension, measured.planned->extension);
        narrow(window, place, measured);
      }
      if (measured.row.lower) {
        const auto at = std::lower_bound(judgement_.units.begin(), judgement_.units.end(), measured.row.unit);
        judgement_.summaries.push_back(
            summary_of(place, static_cast<std::uint32_t>(at - judgement_.units.begin()), measured));
      }
      measured.values = {};
      if (wants_all_units(clause)) {
        measured.counted = unit.state_use;
        judgement_.of_all[place].push_back(std::move(measured));
      } else {
        rows_[place].push_back(passes_briefly(clause, measured) ? passed_row(measured) : judged_row(clause, measured));
      }
    }
    if (window) judgement_.windows.push_back(*window);
  }

  void narrow(std::optional<Window>& window, std::uint32_t place, const Measured& measured) const {
    if (!wants_company(contract_.clauses[place])) return;
    for (const Trial* trial : trials_.attempts(measured.row.trial, measured.row.unit)) {
      if (trial->attempt != measured.row.attempt) continue;
      const Window own = window_of(place, *trial);
      if (!window) window = own;
      window->from_ns = std::max(window->from_ns, own.from_ns);
      window->to_ns = std::min(window->to_ns, own.to_ns);
    }
  }

  bool passes_briefly(const Clause& clause, const Measured& measured) const {
    return input_.brief && clause.scope == Scope::kDevice && site_.empty() && input_.doubts.empty() &&
           measured.bounds && measured.slowest.empty() && measured.attempts.empty() &&
           side_of(clause, measured.bounds->lower, measured.bounds->upper) == Side::kMeets;
  }

  static ClauseRow passed_row(const Measured& measured) {
    ClauseRow row = measured.row;
    row.outcome = Outcome::kPass;
    row.reason = Reason::kNone;
    return row;
  }

  // What site and lot say of a unit that was measured; what was not, stays what it is.
  void doubt(std::uint32_t place) {
    const auto each = [&](const ClauseRow& row, const auto& by) {
      if (row.attempt == 0 || row.outcome == Outcome::kNotApplicable) return;
      for (const Refusal& site : site_) by(site);
      for (const Doubt& doubt : input_.doubts) {
        const bool of_node = doubt.unit && doubt.unit->device.empty() && doubt.unit->node == row.unit.node;
        if (doubt.clause != place || (doubt.unit && !of_node && *doubt.unit != row.unit)) continue;
        by(Refusal{doubt.outcome, doubt.reason, doubt.words});
      }
    };
    for (ClauseRow& row : rows_[place]) each(row, [&row](const Refusal& by) { worsen(row, by); });
    for (Measured& unit : judgement_.of_all[place]) {
      each(unit.row, [&unit](const Refusal& by) { unit.doubts.push_back(by); });
    }
  }

  void add_up(std::uint32_t place) {
    const Clause& clause = contract_.clauses[place];
    const std::vector<ClauseRow>& own = rows_[place];
    const bool group = is_group(clause);
    if (group) members_[place] = member_rows(plan_, own);
    const bool of_nodes = clause.scope == Scope::kNode && !group;
    if (of_nodes) nodes_[place] = node_rows(clause, own);
    ClauseTally& tally = judgement_.tallies[place];
    tally.terms.looks = looks(contract_, tally.terms.extension);
    for (const ClauseRow& row : of_nodes ? nodes_[place] : own) tally.add(clause, row);
    judgement_.verdict.clauses.push_back(summarise(contract_, clause, tally, judgement_.verdict.adaptive));
  }

  // What each unit is accepted by.
  std::vector<const ClauseRow*> rows_of_units() const {
    std::vector<const ClauseRow*> rows;
    for (std::size_t place = 0; place < rows_.size(); ++place) {
      for (const ClauseRow& row : is_group(contract_.clauses[place]) ? members_[place] : rows_[place])
        rows.push_back(&row);
    }
    return rows;
  }

  void hand_over_rows() {
    std::vector<ClauseRow>& all = judgement_.verdict.rows;
    for (std::size_t place = 0; place < rows_.size(); ++place) {
      std::vector<ClauseRow>& rows = nodes_[place].empty() ? rows_[place] : nodes_[place];
      std::move(rows.begin(), rows.end(), std::back_inserter(all));
    }
  }

  void end() {
    std::vector<std::optional<double>> errors;
    for (const ClauseSummary& clause : judgement_.verdict.clauses)
      errors.push_back(clause.level ? std::optional(1 - *clause.level) : std::nullopt);
    judgement_.false_fails = false_fails(rows_, errors);
    Verdict& verdict = judgement_.verdict;
    verdict.reconciliation = reconcile(plan_, trials_, units_, rows_of_units());
    verdict.findings = gather_findings(contract_, plan_, trials_, verdict.reconciliation);
    verdict.notes = gather_notes(contract_, plan_, trials_);
    hand_over_rows();
  }

  const JudgeInput& input_;
  const Contract& contract_;
  const Plan& plan_;
  const TrialTable trials_;
  const TrialIndex planned_;
  const std::vector<JudgedUnit> units_;
  const std::vector<Refusal> site_;
  BundleJudgement judgement_;
  RowMemo memo_;
  std::vector<std::vector<ClauseRow>> rows_;             // a clause each: of its single units
  std::vector<std::vector<ClauseRow>> members_, nodes_;  // a clause each: of a group's members, of whole nodes
};

}  // namespace

BundleJudgement judge_bundle(const JudgeInput& input) { return Bundle(input).judged(); }

}  // namespace geomsu
