#include "reports/exporters/figures.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "reports/exporters/messages.hpp"

namespace geomsu {
namespace {

constexpr std::string_view kAbsent = "–";

template <class Integer>
std::string group_digits(Integer number) {
  std::string digits = fmt::format("{}", number);
  const std::size_t sign = !digits.empty() && digits.front() == '-' ? 1 : 0;
  for (std::size_t at = digits.size(); at > sign + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

bool counts_bytes(const std::string& workload) {
  return workload.starts_with("memory:") || workload.starts_with("transfer:") || workload.starts_with("collective:");
}

const Finding* repeated(const std::vector<Finding>& findings, const Finding& wanted) {
  for (const Finding& finding : findings) {
    if (finding.code == wanted.code && finding.text.find(wanted.text) != std::string::npos) return &finding;
  }
  return nullptr;
}

}  // namespace

// A unit that nobody knows can only come from evidence that was not made here: its figures stand in the dimension's
// own.
std::string shown_unit(const ClauseSummary& clause) {
  QuantityError error;
  return parse_quantity("1 " + clause.unit_text, &error) ? clause.unit_text : std::string();
}

std::string figure_bare(std::optional<double> value, const ClauseSummary& clause) {
  if (!value || !std::isfinite(*value)) return std::string(kAbsent);
  const std::string unit = shown_unit(clause);
  return unit.empty() ? format_quantity(*value, clause.dimension) : format_in(*value, unit);
}

std::string figure(std::optional<double> value, const ClauseSummary& clause) {
  const std::string bare = figure_bare(value, clause);
  const std::string unit = shown_unit(clause);
  return bare == kAbsent || unit.empty() ? bare : fmt::format("{} {}", bare, unit);
}

std::string interval(const ClauseSummary& clause) {
  if (!clause.estimate && !clause.lower && !clause.upper) return std::string(kAbsent);
  const std::string unit = shown_unit(clause);
  return fmt::format("{} [{}, {}]{}{}", figure_bare(clause.estimate, clause), figure_bare(clause.lower, clause),
                     figure_bare(clause.upper, clause), unit.empty() ? "" : " ", unit);
}

std::vector<std::string> dependence_lines(const Dependence& dependence, Language language) {
  std::vector<std::string> lines;
  const auto add = [&](const Message& message, const auto&... values) {
    lines.push_back(fmt::format(fmt::runtime(message.in(language)), values...));
  };
  if (dependence.lag1) add(tr("soak.lag1"), fmt::format("{:.2f}", *dependence.lag1));
  if (dependence.kruskal_h && dependence.kruskal_p)
    add(tr("soak.sessions"), fmt::format("{:.2f}", *dependence.kruskal_h),
        fmt::format("{:.2g}", *dependence.kruskal_p));
  if (dependence.drift && dependence.drift_p) {
    add(tr("soak.drift"), fmt::format("{:+.2f} %", *dependence.drift * 100), seconds(dependence.span_ns),
        fmt::format("{:.2g}", *dependence.drift_p));
  }
  if (dependence.throttled > 0) add(tr("soak.throttled"), dependence.throttled);
  return lines;
}

std::string percent(double ratio, int decimals) { return fmt::format("{:.{}f} %", ratio * 100, decimals); }

std::string margin(std::optional<double> bound, std::optional<double> bar_value) {
  if (!bound || !bar_value || *bar_value == 0 || !std::isfinite(*bound / *bar_value)) return std::string(kAbsent);
  return fmt::format("{:+.2f} %", (*bound / *bar_value - 1) * 100);
}

std::string grouped(std::int64_t number) { return group_digits(number); }
std::string grouped(std::uint64_t number) { return group_digits(number); }

std::string seconds(std::int64_t ns) {
  const double value = static_cast<double>(ns) * 1e-9;
  if (value < 120) return fmt::format("{:.1f} s", value);
  const auto whole = static_cast<std::int64_t>(std::llround(value));
  return fmt::format("{} min {:02} s", whole / 60, whole % 60);
}

std::string milliseconds(std::int64_t ns) { return fmt::format("{:.3f} ms", static_cast<double>(ns) * 1e-6); }

std::string_view energy_unit(const Trial& trial) { return counts_bytes(trial.workload) ? "J/GB" : "J/TFLOP"; }

std::optional<EnergyPerWork> energy_per_work(const Trial& trial) {
  const double work = static_cast<double>(trial.work_per_repeat) * static_cast<double>(trial.repeats) *
                      static_cast<double>(trial.block_ns.size()) / (counts_bytes(trial.workload) ? 1e9 : 1e12);
  if (!trial.energy || !trial.energy->joules || !(work > 0)) return std::nullopt;
  return EnergyPerWork{*trial.energy->joules / work, trial.energy->least / work, trial.energy->most / work};
}

std::string energy_figure(const Trial& trial) {
  const auto energy = energy_per_work(trial);
  if (!energy) return std::string(kAbsent);
  return fmt::format("{:.4g} {} [{:.4g}, {:.4g}]", energy->value, energy_unit(trial), energy->least, energy->most);
}

std::string work_figure(std::uint64_t work, const std::string& workload) {
  const char* unit = counts_bytes(workload) ? "B" : "FLOP";
  constexpr std::string_view kPrefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  double value = static_cast<double>(work);
  std::size_t prefix = 0;
  while (value >= 999.95 && prefix + 1 < std::size(kPrefixes)) {
    value /= 1000;
    ++prefix;
  }
  return fmt::format("{:.4g} {}{}", value, kPrefixes[prefix], unit);
}

std::optional<double> judged_bound(const ClauseSummary& clause) {
  return clause.at_most && !clause.at_least ? clause.upper : clause.lower;
}

std::optional<double> bar(const ClauseSummary& clause) { return clause.at_least ? clause.at_least : clause.at_most; }

bool is_between(const ClauseSummary& clause) { return clause.at_least && clause.at_most; }

std::string bar_words(const ClauseSummary& clause) {
  if (is_between(clause)) return clause.bar_text;
  return fmt::format("{}{}", clause.at_least ? "≥ " : clause.at_most ? "≤ " : "", clause.bar_text);
}

std::string bar_figure(const ClauseSummary& clause) {
  if (!is_between(clause)) return figure(bar(clause), clause);
  return fmt::format("{} – {}", figure_bare(clause.at_least, clause), figure(clause.at_most, clause));
}

std::string level_text(double level) { return fmt::format("{:.8g} %", level * 100); }

std::string probability(double value) {
  if (!std::isfinite(value)) return std::string(kAbsent);
  if (value <= 0) return "0";
  if (value >= 1) return "1";
  if (value < 0.0001) return "< 0.0001";
  if (value > 0.9999) return "> 0.9999";
  return fmt::format("{:.4f}", value);
}

const ClauseSummary* find_clause(const Verdict& verdict, std::string_view id) {
  for (const ClauseSummary& clause : verdict.clauses) {
    if (clause.clause == id) return &clause;
  }
  return nullptr;
}

std::optional<std::uint32_t> look_of(const Verdict& verdict, const ClauseSummary& clause) {
  for (const ClauseRow& row : verdict.rows) {
    if (row.clause == clause.clause && row.unit == clause.weakest && row.estimate) return row.look;
  }
  return std::nullopt;
}

LotRisks lot_risks(const std::vector<LotPoint>& characteristic) {
  constexpr double kLikely = 0.95, kUnlikely = 0.05;
  LotRisks risks;
  for (const LotPoint& point : characteristic) {
    if (!(point.accepted >= kLikely)) break;
    risks.producer = point;
  }
  for (auto point = characteristic.rbegin(); point != characteristic.rend() && point->accepted <= kUnlikely; ++point) {
    risks.consumer = *point;
  }
  return risks;
}

std::size_t refused_bundles(const Verdict& verdict) {
  return static_cast<std::size_t>(std::count_if(verdict.bundles.begin(), verdict.bundles.end(),
                                                [](const LotBundle& bundle) { return !bundle.refused.empty(); }));
}

int badness(Outcome outcome) {
  switch (outcome) {
    case Outcome::kFail:
      return 5;
    case Outcome::kInvalid:
      return 4;
    case Outcome::kNotRun:
      return 3;
    case Outcome::kInconclusive:
      return 2;
    case Outcome::kPass:
      return 1;
    case Outcome::kNotApplicable:
      return 0;
  }
  return 5;
}

std::vector<const ClauseRow*> rows_not_green(const Verdict& verdict) {
  std::vector<const ClauseRow*> rows;
  for (const ClauseRow& row : verdict.rows) {
    if (row.outcome != Outcome::kPass && row.outcome != Outcome::kNotApplicable) rows.push_back(&row);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const ClauseRow* a, const ClauseRow* b) { return badness(a->outcome) > badness(b->outcome); });
  return rows;
}

std::vector<RowGroup> grouped_rows(const std::vector<const ClauseRow*>& rows) {
  std::vector<RowGroup> groups;
  std::map<std::tuple<Outcome, Reason, std::string_view, std::string_view>, std::size_t> places;
  for (const ClauseRow* row : rows) {
    if (row->lower || row->estimate || row->upper) {
      groups.push_back({row});
      continue;
    }
    const auto [place, fresh] =
        places.try_emplace({row->outcome, row->reason, row->unit.node, row->words}, groups.size());
    if (fresh) groups.emplace_back();
    groups[place->second].push_back(row);
  }
  return groups;
}

RowGroupNames names_of(const RowGroup& group) {
  RowGroupNames names;
  const auto add = [](std::vector<std::string>& list, const std::string& name) {
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
  };
  for (const ClauseRow* row : group) {
    add(names.clauses, row->clause);
    add(names.units, row->unit.name());
  }
  return names;
}

std::vector<UnitView> unit_views(const Report& report) {
  std::map<Unit, UnitView> views;
  for (const PlannedUnit& planned : report.plan.units) {
    UnitView& view = views[planned.unit];
    view.unit = planned.unit;
    view.planned = &planned;
  }
  for (const Trial& trial : report.trials) {
    UnitView& view = views[trial.unit];
    view.unit = trial.unit;
    view.latest = &trial;
    view.tested = true;
  }
  for (const ClauseRow& row : report.verdict.rows) {
    UnitView& view = views[row.unit];
    view.unit = row.unit;
    ++view.clauses;
    if (row.outcome == Outcome::kPass) ++view.passed;
    if (row.outcome != Outcome::kPass && row.outcome != Outcome::kNotApplicable) ++view.open;
    if (badness(row.outcome) > badness(view.worst)) {
      view.worst = row.outcome;
      view.reason = row.reason;
    }
  }
  const std::vector<std::string>& tested = report.verdict.reconciliation.tested;  // a lot's trials are not here
  std::vector<UnitView> ordered;
  ordered.reserve(views.size());
  for (auto& [unit, view] : views) {
    view.tested = view.tested || std::binary_search(tested.begin(), tested.end(), unit.device);
    ordered.push_back(view);
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const UnitView& a, const UnitView& b) { return badness(a.worst) > badness(b.worst); });
  return ordered;
}

std::vector<Finding> all_findings(const Report& report) {
  std::vector<Finding> findings = report.verdict.findings;
  for (const Trial& trial : report.trials) {
    for (const Finding& finding : trial.findings) {
      if (repeated(findings, finding) == nullptr) {
        findings.push_back({finding.code, trial.unit.name() + " " + trial.id + ": " + finding.text});
      }
    }
  }
  return findings;
}

}  // namespace geomsu
