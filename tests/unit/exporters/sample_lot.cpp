// A lot made by hand: a sampling plan, a fleet, bundles, and one row of each reason that belongs to them. No figure of
// it was measured; the operating characteristic is the exact one of a zero-acceptance plan.
#include <algorithm>

#include <fmt/format.h>

#include "tests/unit/exporters/sample_report.hpp"

namespace geomsu::test {
namespace {

constexpr std::uint32_t kDevices = 4;

std::string node_name(std::size_t number) { return fmt::format("node{:03}", number); }

std::string serial_name(std::size_t node, std::uint32_t device) { return fmt::format("SN-{:03}-{}", node, device); }

ClauseSummary base(const Report& report) {
  ClauseSummary clause = report.verdict.clauses.front();
  clause.provenance.clear();
  return clause;
}

ClauseSummary gemm(const Report& report, std::uint32_t units) {
  ClauseSummary clause = base(report);
  clause.sku = "h200-sxm";
  clause.outliers = "inconclusive";
  clause.looks = 2;
  clause.look_level = 0.975;
  clause.level = 0.9786130273714662;
  clause.n = 60;
  clause.outcome = Outcome::kInvalid;
  clause.reason = Reason::kPrecondition;
  clause.weakest = {node_name(11), serial_name(11, 0)};
  clause.lower = clause.upper = clause.estimate = std::nullopt;
  clause.units = units;
  clause.passed = units - 3 - kDevices;
  clause.words = "driver: at least 570.86 contracted, 550.54.15 found";
  return clause;
}

ClauseSummary power(const Report& report, std::uint32_t units) {
  ClauseSummary clause = base(report);
  clause.clause = "power";
  clause.paper_clause = "별표 1 제4항";
  clause.measure = "gemm.power";
  clause.statistic = "p95";
  clause.bar_text = "between 600 W and 700 W";
  clause.unit_text = "W";
  clause.dimension = Dimension::kPower;
  clause.at_least = 588;
  clause.at_most = 714;
  clause.tolerance = 0.02;
  clause.tolerance_text = "2 %";
  clause.severity = "major";
  clause.outcome = Outcome::kFail;
  clause.reason = Reason::kTooSlow;
  clause.weakest = {node_name(3), serial_name(3, 1)};
  clause.lower = 716.5;
  clause.estimate = 718;
  clause.upper = 724.25;
  clause.words = "the lower bound 716.5 W is above the high bar 714 W";
  clause.repro = "geomsu run contract.yaml --only t003 --unit node003/SN-003-1";
  clause.n = 59;
  clause.units = units;
  clause.passed = units - kDevices - 1;
  return clause;
}

ClauseSummary soak(const Report& report) {
  ClauseSummary clause = base(report);
  clause.clause = "soak-p05";
  clause.paper_clause = "별표 1 제5항";
  clause.statistic = "p05";
  clause.inspection = "sampled";
  clause.sustained = Sustained{3, 3'600'000'000'000};
  clause.outcome = Outcome::kFail;
  clause.reason = Reason::kTooSlow;
  clause.weakest = {node_name(5), serial_name(5, 2)};
  clause.lower = 117.5e9;
  clause.estimate = 119.25e9;
  clause.upper = 121e9;
  clause.n = 59;
  clause.units = 80;
  clause.passed = 78;
  clause.words = "the upper bound 121 GFLOP/s is below the bar 133 GFLOP/s";
  clause.repro = "geomsu run contract.yaml --only t002 --unit node005/SN-005-2";
  return clause;
}

ClauseSummary of_lot(const Report& report, std::uint32_t units) {
  ClauseSummary clause = base(report);
  clause.clause = "gemm-lot";
  clause.paper_clause = "별표 1 제6항";
  clause.scope = "lot";
  clause.of = "unit_medians";
  clause.severity = "minor";
  clause.outcome = Outcome::kInconclusive;
  clause.reason = Reason::kUndecided;
  clause.weakest = {"lot", ""};
  clause.lower = 140.5e9;
  clause.upper = std::nullopt;
  clause.estimate = 141.25e9;
  clause.level.reset();
  clause.units = 1;
  clause.passed = 0;
  clause.n = units - kDevices;
  return clause;
}

ClauseRow red(const std::string& clause, std::size_t node, std::uint32_t device, Outcome outcome, Reason reason,
              const std::string& words) {
  ClauseRow row;
  row.clause = clause;
  row.unit = {node_name(node), serial_name(node, device)};
  row.outcome = outcome;
  row.reason = reason;
  row.words = words;
  row.attempt = 1;
  return row;
}

std::vector<ClauseRow> red_rows(std::size_t nodes) {
  ClauseRow outlier = red("gemm-fp32", 20, 3, Outcome::kInconclusive, Reason::kOutlier,
                          "robust z -7.42 (5 is the limit), distance 0.1320 (0.1 is the limit)");
  outlier.lower = 133.5e9;
  outlier.estimate = 134e9;
  outlier.upper = 134.75e9;
  outlier.n = 60;
  outlier.look = 2;
  outlier.p_fail = 0.31;
  ClauseRow slow = red("soak-p05", 5, 2, Outcome::kFail, Reason::kTooSlow,
                       "the upper bound 121 GFLOP/s is below the bar 133 GFLOP/s");
  slow.lower = 117.5e9;
  slow.estimate = 119.25e9;
  slow.upper = 121e9;
  slow.n = 59;
  slow.trial = "t002";
  slow.p_fail = 3.0517578125e-05;
  ClauseRow hot =
      red("power", 3, 1, Outcome::kFail, Reason::kTooSlow, "the lower bound 716.5 W is above the high bar 714 W");
  hot.lower = 716.5;
  hot.estimate = 718;
  hot.upper = 724.25;
  hot.n = 59;
  hot.trial = "t003";
  hot.p_fail = 0.0021;
  ClauseRow lot = red("gemm-lot", 0, 0, Outcome::kInconclusive, Reason::kUndecided, "not every unit is measured");
  lot.unit = {"lot", ""};
  std::vector<ClauseRow> rows{red("gemm-fp32", 11, 0, Outcome::kInvalid, Reason::kPrecondition,
                                  "driver: at least 570.86 contracted, 550.54.15 found"),
                              red("gemm-fp32", 17, 1, Outcome::kInvalid, Reason::kSite,
                                  "inlet_temperature: at most 27 °C contracted (the buyer's site), 28.4 °C read"),
                              outlier, hot};
  for (std::uint32_t device = 0; device < kDevices; ++device) {
    rows.push_back(
        red("gemm-fp32", nodes - 1, device, Outcome::kNotRun, Reason::kBadEvidence, "manifest.json is missing"));
    rows.push_back(red("power", nodes - 1, device, Outcome::kNotRun, Reason::kBadEvidence, "manifest.json is missing"));
  }
  rows.push_back(slow);
  rows.push_back(red("soak-p05", 6, 0, Outcome::kNotRun, Reason::kNotTogether, "node006 began 4.2 s after its rack"));
  rows.push_back(lot);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const ClauseRow& a, const ClauseRow& b) { return a.clause < b.clause; });
  return rows;
}

// Of `drawn` nodes none may be nonconforming: with so many bad ones in the lot, that none of them is drawn.
std::vector<LotPoint> zero_acceptance(std::uint32_t lot, std::uint32_t drawn) {
  std::vector<LotPoint> points;
  double accepted = 1;
  for (std::uint32_t bad = 0; bad <= lot; ++bad) {
    points.push_back({bad, accepted});
    accepted = bad + drawn < lot ? accepted * (lot - drawn - bad) / (lot - bad) : 0;
  }
  return points;
}

LotVerdict lot_of(std::uint32_t nodes, std::uint32_t drawn) {
  LotVerdict lot;
  lot.decision = LotVerdict::Decision::kRejected;
  lot.tranche = "1차";
  lot.kind = "hypergeometric";
  lot.plan = fmt::format("hypergeometric: {} of {} nodes, accepted with at most 0 nonconforming", drawn, nodes);
  lot.words = fmt::format("5 of {} drawn nodes are nonconforming; at most 0 are accepted", drawn);
  lot.lot_size = nodes;
  lot.sample_size = drawn;
  lot.inspected = drawn;
  lot.acceptance_number = 0;
  for (std::uint32_t i = 0; i < drawn; ++i) lot.drawn.push_back(node_name(i));
  lot.nonconforming = {node_name(3), node_name(5), node_name(6), node_name(11), node_name(17)};
  lot.draw =
      "seed = SHA-256(secret, nonce, public value of 2026-11-20) over the list 9f86d081…; replay: geomsu draw "
      "contract.yaml --check draw.json";
  lot.characteristic = zero_acceptance(nodes, drawn);
  for (std::uint32_t i = drawn; i < nodes; ++i) lot.dispositions.push_back({node_name(i), false});
  lot.notes = {"the kind of plan was fixed in the contract before delivery"};
  return lot;
}

std::vector<FleetFigure> fleet_of(std::uint32_t units) {
  FleetFigure gemm;
  gemm.clause = "gemm-fp32";
  gemm.units = units;
  gemm.median = 142e9;
  gemm.mad = 0.75e9;
  gemm.least = 134e9;
  gemm.most = 145.5e9;
  gemm.medoid = {node_name(2), serial_name(2, 0)};
  gemm.outliers = {{{node_name(20), serial_name(20, 3)}, 134e9, -7.42, 0.132}};
  FleetFigure power = gemm;
  power.clause = "power";
  power.median = 668;
  power.mad = 0;
  power.least = 661;
  power.most = 702.5;
  power.outliers = {{{node_name(8), serial_name(8, 0)}, 702.5, std::nullopt, 0.2}};
  return {gemm, power};
}

std::vector<LotBundle> bundles_of(const Verdict& verdict, std::uint32_t nodes) {
  std::vector<LotBundle> bundles;
  for (std::uint32_t i = 0; i < nodes; ++i) {
    LotBundle bundle{fmt::format("bundles/{}", node_name(i)),
                     node_name(i),
                     verdict.contract_sha256,
                     fmt::format("2026-11-22T{:02}:00:00.000Z", i % 24),
                     Outcome::kPass,
                     ""};
    for (const ClauseRow& row : verdict.rows) {
      if (row.unit.node == bundle.node) bundle.outcome = worst(bundle.outcome, row.outcome);
    }
    bundles.push_back(bundle);
  }
  bundles.back() = {bundles.back().path, "", "", "", Outcome::kNotRun, "manifest.json is missing: the run did not end"};
  return bundles;
}

}  // namespace

Report lot_report(std::uint32_t nodes) {
  Report report = passing_report();
  Verdict& verdict = report.verdict;
  const std::uint32_t units = nodes * kDevices, drawn = nodes * 5 / 8;
  verdict.clauses = {gemm(report, units), power(report, units), soak(report), of_lot(report, units)};
  verdict.rows = red_rows(nodes);
  verdict.rows_left_out = 0;
  for (const ClauseSummary& clause : verdict.clauses) verdict.rows_left_out += clause.passed;
  verdict.overall = verdict.clauses_overall = Outcome::kFail;
  verdict.exit_code = 1;
  verdict.sentence = "FAIL: 0 of 4 clauses passed; the lot is rejected";
  verdict.plan_sha256.clear();
  Reconciliation& serials = verdict.reconciliation;
  serials = {};
  for (std::uint32_t node = 0; node < nodes; ++node) {
    for (std::uint32_t device = 0; device < kDevices; ++device) {
      const std::string serial = serial_name(node, device);
      serials.contracted.push_back(serial);
      if (node + 1 == nodes) {
        serials.missing.push_back(serial);
        continue;
      }
      serials.found.push_back(serial);
      serials.tested.push_back(serial);
      const bool clean = std::none_of(verdict.rows.begin(), verdict.rows.end(),
                                      [&](const ClauseRow& row) { return row.unit.device == serial; });
      if (clean) serials.accepted.push_back(serial);
    }
  }
  verdict.lot = lot_of(nodes, drawn);
  verdict.fleet = fleet_of(units - kDevices);
  verdict.bundles = bundles_of(verdict, nodes);
  verdict.notes = {"expected number of false FAILs over the lot: 0.05"};
  report.plan.created.clear();
  report.plan.node.clear();
  report.plan.units.clear();
  report.plan.trials.clear();
  report.trials.clear();
  report.bundle_path = "lot";
  return report;
}

void fill_lot(Verdict& verdict, const std::string& text) {
  const Unit unit{text, text};
  LotVerdict lot;
  for (std::string* field : {&lot.tranche, &lot.kind, &lot.plan, &lot.words, &lot.draw}) *field = text;
  lot.lot_size = 4;
  lot.sample_size = 2;
  lot.inspected = 2;
  lot.drawn = {text, text + text};
  lot.nonconforming = {text};
  lot.characteristic = {{0, 1}, {1, 0.5}, {2, 0.01}};
  lot.dispositions = {{text, true}, {text + text, false}};
  lot.notes = {text};
  verdict.lot = lot;
  FleetFigure figure;
  figure.clause = text;
  figure.units = 3;
  figure.medoid = unit;
  figure.outliers = {{unit, 1, 1.0, 1.0}};
  verdict.fleet = {figure};
  verdict.bundles = {{text, text, text, text, Outcome::kPass, text}, {text, text, text, text, Outcome::kPass, ""}};
  for (ClauseSummary& clause : verdict.clauses) {
    for (std::string* field : {&clause.severity, &clause.inspection, &clause.outliers, &clause.sku, &clause.of}) {
      *field = text;
    }
    clause.looks = 2;
    clause.at_most = 2e12;
  }
}

}  // namespace geomsu::test
