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

inline constexpr int kJudgeRules = 1;

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
  std::vector<Finding> findings;   // with the unit in the text
  std::vector<std::string> notes;  // what a reader must know: demonstration, unsigned, clock judged by wall time ...
};

}  // namespace geomsu
