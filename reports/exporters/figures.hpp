// Numbers as a reader sees them, equal in both languages, and the rows that a reader must see first.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/report.hpp"
#include "reports/exporters/exporters.hpp"

namespace geomsu {

inline constexpr std::size_t kPageRows = 200;  // more units, rows or trials than these: the worst, and the page says so
inline constexpr std::size_t kShort = 20;      // a list of no more than these is shown whole, good ones and all
inline constexpr std::size_t kListed = 100;    // serials, nodes, bundles by name: the page says how many more there are

std::string figure(std::optional<double> value, const ClauseSummary& clause);  // with its unit; "–" where absent
std::string figure_bare(std::optional<double> value, const ClauseSummary& clause);
std::string shown_unit(const ClauseSummary& clause);  // its unit; empty where that is none that is known
std::string interval(const ClauseSummary& clause);    // "141 [140, 142] TFLOP/s"
std::string margin(std::optional<double> bound, std::optional<double> bar);  // "+1.25 %": bound against bar
std::string grouped(std::int64_t number);                                    // "111,100,000"
std::string grouped(std::uint64_t number);
std::string seconds(std::int64_t ns);       // "12.3 s"; "4 min 05 s" from two minutes on
std::string milliseconds(std::int64_t ns);  // "0.123 ms"
std::string percent(double ratio, int decimals = 1);
std::string work_figure(std::uint64_t work, const std::string& workload);  // "17.2 GFLOP", "3.0 GB"

// Energy over work: J per TFLOP (1e12) or per GB (1e9). nullopt where the trial has no energy or no work.
struct EnergyPerWork {
  double value = 0, least = 0, most = 0;
};
std::string_view energy_unit(const Trial& trial);  // "J/TFLOP", "J/GB"
std::optional<EnergyPerWork> energy_per_work(const Trial& trial);
std::string energy_figure(const Trial& trial);  // "0.583 J/TFLOP [0.571, 0.583]"; "–" where there is none
// What a sustained clause's blocks say of each other, a line each in one language: autocorrelation, sessions, drift,
// throttled blocks. Nothing where a figure does not exist.
std::vector<std::string> dependence_lines(const Dependence& dependence, Language language);

// What at_least and at_most are judged by first: the lower or the upper bound. Of `between` the lower one and the low
// bar; its other half is upper and at_most.
std::optional<double> judged_bound(const ClauseSummary& clause);
std::optional<double> bar(const ClauseSummary& clause);
bool is_between(const ClauseSummary& clause);
std::string bar_words(const ClauseSummary& clause);   // as contracted: "≥ 140 GFLOP/s"
std::string bar_figure(const ClauseSummary& clause);  // after tolerance: "133.0 GFLOP/s", "600.0 – 700.0 W"
std::string level_text(double level);                 // "95 %", "98.75 %": never rounded up to another level
// "0.8234"; "< 0.0001" and "> 0.9999" where four digits would say never or always; "–" where it is none.
std::string probability(double value);

const ClauseSummary* find_clause(const Verdict& verdict, std::string_view id);  // nullptr where there is none
// The look that decided a clause's weakest unit. Absent where its row is not here, or has no numbers.
std::optional<std::uint32_t> look_of(const Verdict& verdict, const ClauseSummary& clause);

// The counts of nonconforming items at which a plan's risks are stated: the most that are accepted with at least 95 %,
// and the fewest that are accepted with at most 5 %. Absent where the characteristic has no such point.
struct LotRisks {
  std::optional<LotPoint> producer, consumer;
};
LotRisks lot_risks(const std::vector<LotPoint>& characteristic);
std::size_t refused_bundles(const Verdict& verdict);

int badness(Outcome outcome);  // FAIL 5 ... PASS 1, NOT_APPLICABLE 0

// Rows that are not green, the worst outcomes first, each outcome in the verdict's order.
std::vector<const ClauseRow*> rows_not_green(const Verdict& verdict);

// Rows that say the same of one node (equal outcome, reason and words, and no figures) stand together, so that a node
// that is missing is told once and not once a device and clause; every other row stands alone.
using RowGroup = std::vector<const ClauseRow*>;
std::vector<RowGroup> grouped_rows(const std::vector<const ClauseRow*>& rows);
struct RowGroupNames {  // each once, in the rows' order
  std::vector<std::string> clauses, units;
};
RowGroupNames names_of(const RowGroup& group);

struct UnitView {  // one unit with all that is said of it
  Unit unit;
  const PlannedUnit* planned = nullptr;
  const Trial* latest = nullptr;                    // its last trial in the order of the evidence
  std::uint32_t clauses = 0, passed = 0, open = 0;  // open: neither PASS nor NOT_APPLICABLE
  Outcome worst = Outcome::kNotApplicable;
  Reason reason = Reason::kNone;
  bool tested = false;
};
std::vector<UnitView> unit_views(const Report& report);  // the worst first, then by name

// Verdict's findings, and those of trials that it does not repeat.
std::vector<Finding> all_findings(const Report& report);

}  // namespace geomsu
