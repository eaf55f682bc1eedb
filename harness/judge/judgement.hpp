// What one bundle says of its own units. All that wants every unit of a lot (per-won figures, unit medians, fleet
// figures and outliers, racks and halls, the lot's decision) is a pure function of all bundles' judgements; one bundle
// alone is a lot of one.
//
// From bundles to a verdict: judge_bundle on each; together_doubts, fleet_figures and outlier_doubts of all; those
// bundles that a doubt names judged again with the doubts; then the tallies of each clause added up (and false_fails),
// judge_lot for the clauses that want all units, finish. judge.cpp does it for one bundle.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/judge/clause_summary.hpp"
#include "harness/judge/holm_family.hpp"
#include "harness/judge/trial_row.hpp"
#include "harness/model/environment.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/trial.hpp"
#include "harness/model/verdict.hpp"

namespace geomsu {

using Names = std::set<std::string, std::less<>>;

// What all units together say of some of them. It only ever worsens a row, and does so before nodes are merged.
struct Doubt {
  std::uint32_t clause = 0;  // its place in the contract
  std::optional<Unit> unit;  // without a device: all of that node; absent: of every unit that was measured
  Outcome outcome = Outcome::kInconclusive;
  Reason reason = Reason::kNone;
  std::string words;
};

struct JudgeInput {
  const Contract* contract = nullptr;
  const Plan* plan = nullptr;
  std::string_view plan_sha256;
  std::span<const Trial> trials;
  // Null: nobody wrote down where it was measured. What a contract wants of software or site is then untold.
  const Environment* environment = nullptr;
  // One of several bundles: units that the delivery list puts into other nodes, and that were not found here, are left
  // to their own bundles. Else every unit of the list is due. A node without a bundle is judged by a plan that has
  // nothing but its name.
  bool own_node_only = false;
  // Serials that other bundles of the lot have found: they are not missing here. Null: none.
  const Names* found_elsewhere = nullptr;
  // Nodes that a sampling plan has drawn: units of others have no row of a clause with `inspection: sampled`. Null: all
  // are drawn.
  const Names* drawn = nullptr;
  std::span<const Doubt> doubts;
  // Rows of single devices that pass come without their words: for who counts them and does not keep them. `summarise`
  // finds the words of the one that decides again.
  bool brief = false;
};

// What the fleet is compared by. Quantiles at (i + 1/2) / 9, so that the mean distance of two of them is their
// 1-Wasserstein distance, nearly.
inline constexpr std::size_t kSketch = 9;
struct UnitSummary {
  std::uint32_t clause = 0;  // its place in the contract
  std::uint32_t unit = 0;    // its place in BundleJudgement::units
  double median = 0;         // SI
  std::array<float, kSketch> sketch{};
};

// When a clause was measured on all of the bundle's units at once, by UTC.
struct Window {
  std::uint32_t clause = 0;
  std::int64_t from_ns = 0, to_ns = 0;  // from the last unit's first block to the first one's last, nearly
};

struct BundleJudgement {
  std::string node;  // the plan's
  bool utc_synchronised = false;
  // Rows, findings, notes, serials. Of clauses that a single unit can decide, all rows; of the others none. `clauses`,
  // `overall` and `sentence` are of these rows alone.
  Verdict verdict;
  std::vector<Unit> units;                    // sorted; what the summaries point to
  std::vector<UnitSummary> summaries;         // by clause, then unit: of every unit that has numbers
  std::vector<ClauseTally> tallies;           // a clause each, in the contract's order
  std::vector<std::vector<Measured>> of_all;  // a clause each: its units, of those that want_all_units; else empty
  std::vector<Window> windows;                // of clauses with rack or hall concurrency, in the contract's order
  FalseFails false_fails;
};

BundleJudgement judge_bundle(const JudgeInput& input);

// Of a clause with rack or hall concurrency, whose nodes were not all measured at one time: one node alone is not.
std::vector<Doubt> together_doubts(const Contract& contract, std::span<const BundleJudgement> bundles);
// Of a clause with at least so many units that have numbers; nothing of fewer.
inline constexpr std::size_t kLeastFleet = 3;
std::optional<FleetFigure> fleet_figure(const Contract& contract, std::uint32_t clause,
                                        std::span<const BundleJudgement> bundles);
std::vector<FleetFigure> fleet_figures(const Contract& contract, std::span<const BundleJudgement> bundles);
std::vector<Finding> outlier_findings(const Contract& contract, std::span<const FleetFigure> figures);
// Of the outliers whose clauses make something of them.
std::vector<Doubt> outlier_doubts(const Contract& contract, std::span<const FleetFigure> figures);

// The outcome over all clauses, the exit code and the sentence, from clauses, serials and what the verdict says of
// itself (simulated, adaptive ...). `at_least`: what the whole is, however good its clauses are.
void finish(Verdict& verdict, Outcome at_least = Outcome::kNotApplicable);

}  // namespace geomsu
