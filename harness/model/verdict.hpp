// The judge's answer. A pure function of contract and evidence; equal inputs give equal bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/units.hpp"
#include "harness/model/device.hpp"
#include "harness/model/outcome.hpp"
#include "harness/model/trial.hpp"

namespace geomsu {

inline constexpr int kJudgeRules = 2;

// What a sustained trial's blocks say of each other, recomputed from the row. Absent: it cannot be said of these
// blocks.
struct Dependence {
  std::uint32_t sessions = 0;
  std::int64_t span_ns = 0;                    // from the first judged block's start to the last one's
  std::optional<double> lag1;                  // autocorrelation at lag 1 of the judged blocks
  std::optional<double> kruskal_h, kruskal_p;  // whether the sessions differ
  std::optional<double> drift, drift_p;        // share by which the blocks change over the span; Mann-Kendall
  std::uint32_t throttled = 0;                 // judged blocks with throttle bits
  bool dependent = false;
  bool operator==(const Dependence&) const = default;
};

// One clause on one unit. Values are in SI of `dimension`.
struct ClauseRow {
  std::string clause;  // id
  Unit unit;
  Outcome outcome = Outcome::kNotRun;
  Reason reason = Reason::kNone;
  std::string words;                             // the reason spelt out with its numbers; what to do next
  std::optional<double> lower, upper, estimate;  // bounds and the statistic itself
  std::uint32_t n = 0;                           // judged blocks
  std::uint32_t attempt = 0;
  std::string trial;                     // "t001", for the repro command
  std::optional<Dependence> dependence;  // of a sustained clause
  std::uint32_t look = 1;                // 2: decided by the planned blocks and the extension, pooled
  // The chance of numbers this far beyond the bar from a unit that meets it, over all looks. Absent where there is no
  // interval (min, max) or nothing to judge.
  std::optional<double> p_fail;
};

struct ClauseSummary {
  std::string clause, paper_clause, measure, workload, statistic, scope, bar_text, unit_text;
  Dimension dimension = Dimension::kNone;
  std::optional<double> at_least, at_most;  // the bar after tolerance
  double tolerance = 0, confidence = 0.95;
  std::string tolerance_text, provenance;
  std::optional<double> level;         // the exact level of the bounds used, >= confidence
  Outcome outcome = Outcome::kNotRun;  // worst over its units
  Reason reason = Reason::kNone;
  Unit weakest;                                  // the unit that decided it
  std::optional<double> lower, upper, estimate;  // of that unit
  std::uint32_t units = 0, passed = 0;
  std::uint32_t n = 0;
  std::string words, repro;              // repro: the command that repeats the weakest row
  std::optional<Sustained> sustained;    // what the clause asks for
  std::optional<Dependence> dependence;  // of the unit that decided it
  std::string severity = "critical", inspection = "screening", outliers = "finding", sku, of;
  std::uint32_t looks = 1;           // that the error is split over
  std::optional<double> look_level;  // confidence of each look, 1 - (1 - confidence) / looks
};

// The operating characteristic of a sampling plan: how probably a lot with so many nonconforming items is accepted.
struct LotPoint {
  std::uint32_t nonconforming = 0;
  double accepted = 0;  // probability
};

// An item that was not drawn: what the lot's decision makes of it. Never an outcome.
struct Disposition {
  std::string item;  // node
  bool accepted = false;
  std::string text() const { return accepted ? "ACCEPTED_BY_LOT" : "REJECTED_BY_LOT"; }
};

struct LotVerdict {
  enum class Decision { kAccepted, kRejected, kUndecided };
  Decision decision = Decision::kUndecided;
  std::string tranche, kind;  // "full", "hypergeometric", "iso2859", "variables", "sequential"
  std::string plan;           // "hypergeometric: 121 of 510 nodes, accepted with at most 0 nonconforming"
  std::string words;          // the decision with its numbers
  std::uint32_t lot_size = 0, sample_size = 0;
  std::uint32_t inspected = 0;                     // of the drawn ones: with evidence that holds
  std::optional<std::uint32_t> acceptance_number;  // absent of plans by variables
  std::vector<std::string> drawn;                  // nodes, sorted; of full screening all of them
  std::vector<std::string> nonconforming;          // of the drawn ones, sorted: to be replaced whatever the decision
  std::string draw;                                // how they were drawn, in words that let anyone replay it
  std::vector<LotPoint> characteristic;
  std::vector<Disposition> dispositions;  // of items that were not drawn, sorted
  std::vector<std::string> notes;
};
std::string_view to_string(LotVerdict::Decision decision);  // "ACCEPTED", "REJECTED", "UNDECIDED"

struct FleetOutlier {
  Unit unit;
  double median = 0;
  std::optional<double> robust_z, distance;  // robust_z: absent where more than half of the fleet are equal
};

// One clause over all units that have numbers for it.
struct FleetFigure {
  std::string clause;
  std::uint32_t units = 0;
  double median = 0, mad = 0, least = 0, most = 0;  // of the units' medians, SI
  Unit medoid;                                      // whose distribution is nearest to all others'
  std::vector<FleetOutlier> outliers;               // sorted by unit
};

// One bundle of a lot.
struct LotBundle {
  std::string path, node, plan_sha256, started;  // path: relative to the lot's directory
  Outcome outcome = Outcome::kNotRun;            // of its own units
  std::string refused;                           // why it is no evidence; empty where it is
};

struct Reconciliation {
  std::vector<std::string> contracted, found, tested, accepted, missing, uncontracted;  // serials, sorted
};

struct PerWon {
  std::string clause, kind;  // "capex"
  std::optional<std::int64_t> price_won;
  std::string price_text, vat, counted;  // as the contract says
  std::optional<double> floor, ceiling;  // sum of lower / upper bounds of the counted units, SI
  std::optional<double> per_won_floor, per_won_ceiling;
  std::optional<std::int64_t> break_even_won;  // where the price is unknown
};

struct Verdict {
  int rules = kJudgeRules;
  std::string contract_id, contract_title, supplier, buyer, contract_sha256, plan_sha256;
  bool demonstration = false;
  std::string simulated;                       // "", "fake", "emulated"
  bool adaptive = false;                       // trials could end early: no acceptance, and no level is claimed
  bool signed_evidence = false;                // filled in by the reader of the bundle, never by the judge
  Outcome overall = Outcome::kNotRun;          // forced to INVALID where simulated
  Outcome clauses_overall = Outcome::kNotRun;  // what it would be
  int exit_code = 2;
  std::string sentence;                // the verdict in one sentence
  std::vector<ClauseSummary> clauses;  // in the contract's order
  std::vector<ClauseRow> rows;         // by clause, then unit
  Reconciliation reconciliation;
  std::vector<PerWon> per_won;
  std::optional<LotVerdict> lot;    // where the contract has a sampling plan, or the evidence is a lot of bundles
  std::vector<FleetFigure> fleet;   // in the contract's order; empty under three units
  std::vector<LotBundle> bundles;   // of a lot, sorted by path; empty for one bundle
  std::uint64_t rows_left_out = 0;  // of a lot: PASS rows, which only verdict.jsonl holds
  std::vector<Finding> findings;    // with the unit in the text
  std::vector<std::string> notes;   // what a reader must know: demonstration, unsigned, clock judged by wall time ...
};

}  // namespace geomsu
