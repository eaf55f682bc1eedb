#include <map>

#include "reports/exporters/figures.hpp"
#include "reports/exporters/html.hpp"
#include "reports/exporters/sections.hpp"

namespace geomsu::html {
namespace {

std::string bar_cell(const ClauseSummary& clause) {
  std::string out = fmt::format("{}{}", clause.at_least ? "≥ " : clause.at_most ? "≤ " : "", safe(clause.bar_text));
  out += soft(fmt::format("{} {}", show(tr("clause.tolerance")), safe(clause.tolerance_text)));
  if (clause.tolerance != 0) out += soft(show(both(tr("clause.effective"), safe(figure(bar(clause), clause)))));
  return out;
}

std::string bound_cell(const ClauseSummary& clause) {
  const bool upper = clause.at_most && !clause.at_least;
  return strong(safe(figure(judged_bound(clause), clause))) +
         soft(show(upper ? tr("clause.upper_bound") : tr("clause.lower_bound"))) +
         soft(fmt::format("{} {}", show(tr("clause.margin")), margin(judged_bound(clause), bar(clause))));
}

// As lines of their own, in both languages.
std::string dependence_cell(const Dependence& dependence) {
  const auto ko = dependence_lines(dependence, Language::kKorean);
  const auto en = dependence_lines(dependence, Language::kEnglish);
  std::string out;
  for (std::size_t i = 0; i < ko.size(); ++i) out += soft(show(Both{safe(ko[i]), safe(en[i])}));
  return out;
}

std::string interval_cell(const ClauseSummary& clause) {
  const std::string level = clause.level ? percent(*clause.level, 2) : std::string("–");
  std::string out = safe(interval(clause)) + soft(show(statistic_message(clause.statistic))) +
                    soft(fmt::format("n = {}", clause.n)) +
                    soft(show(both(tr("clause.level"), percent(clause.confidence, 0), level)));
  if (clause.dependence) out += dependence_cell(*clause.dependence);
  return out;
}

std::string weakest_cell(const ClauseSummary& clause) {
  return bdi(clause.weakest.name()) +
         soft(fmt::format("{} {} / {}", show(tr("clause.units")), clause.passed, clause.units));
}

std::string clause_cell(const ClauseSummary& clause) {
  std::string out = code(clause.clause);
  if (!clause.paper_clause.empty()) out += soft(bdi(clause.paper_clause));
  return out;
}

std::string measure_cell(const ClauseSummary& clause) {
  std::string out = safe(clause.measure) + long_text(clause.workload);
  if (clause.sustained)
    out += soft(show(both(tr("soak.clause"), clause.sustained->sessions, seconds(clause.sustained->span_ns))));
  if (!clause.provenance.empty()) out += soft(show(both(tr("clause.provenance"), safe(clause.provenance))));
  return out;
}

std::string outcome_cell(const ClauseSummary& clause) {
  std::string out = badge(clause.outcome);
  if (clause.reason != Reason::kNone) out += soft(show(reason_message(clause.reason)));
  return out;
}

const ClauseSummary* find(const Verdict& verdict, const std::string& id) {
  for (const ClauseSummary& clause : verdict.clauses) {
    if (clause.clause == id) return &clause;
  }
  return nullptr;
}

// The judge writes the command for a clause's weakest row; other rows of the same trial differ in the unit only. A row
// without a trial was never measured: there is nothing to repeat.
std::string repro(const ClauseSummary& clause, const ClauseRow& row) {
  if (row.unit == clause.weakest) return clause.repro;
  std::string command = clause.repro;
  const std::string from = clause.weakest.name(), to = row.unit.name();
  const std::size_t at = command.rfind(from);
  if (row.trial.empty() || from.empty() || at == std::string::npos || command.find(row.trial) == std::string::npos)
    return {};
  return command.replace(at, from.size(), to);
}

std::string failing(const ClauseRow& row, const ClauseSummary* clause) {
  std::string items = fmt::format("<dt>{}</dt><dd>{}", show(tr("row.reason")), show(reason_message(row.reason)));
  if (!row.words.empty()) items += soft(bdi(row.words));
  items += "</dd>";
  if (clause != nullptr && row.estimate) {
    ClauseSummary of_row = *clause;
    of_row.lower = row.lower;
    of_row.upper = row.upper;
    of_row.estimate = row.estimate;
    items += fmt::format("<dt>{}</dt><dd>{} (n = {})</dd>", show(tr("clause.estimate")), safe(interval(of_row)), row.n);
  }
  items += fmt::format("<dt>{}</dt><dd>{}</dd>", show(tr("row.action")), show(action_message(row.reason)));
  const std::string command = clause == nullptr ? std::string() : repro(*clause, row);
  if (!command.empty()) {
    items += fmt::format("<dt>{}</dt><dd class=\"command\">{}</dd>", show(tr("row.repro")), code(command));
  }
  const std::string title =
      fmt::format("{} {} · <bdi>{}</bdi> <span class=\"soft\">{}{}</span>", badge(row.outcome), code(row.clause),
                  safe(row.unit.name()), safe(row.trial),
                  row.attempt > 1 ? " · " + show(both(tr("row.attempt"), row.attempt)) : std::string());
  return fmt::format("<div class=\"failing {}\"><h4>{}</h4><dl>{}</dl></div>\n", css_class(row.outcome), title, items);
}

}  // namespace

std::string section_clauses(const Report& report) {
  const Verdict& verdict = report.verdict;
  if (verdict.clauses.empty()) return element("p", show(tr("clause.none")));
  Table table(tr("clause.caption"),
              {{&tr("clause.clause")},
               {&tr("clause.outcome")},
               {&tr("clause.measure")},
               {&tr("clause.bar"), true},
               {&tr("clause.bound"), true},
               {&tr("clause.estimate"), true},
               {&tr("clause.weakest")}},
              true);
  for (const ClauseSummary& clause : verdict.clauses) {
    table.row({clause_cell(clause), outcome_cell(clause), measure_cell(clause), bar_cell(clause), bound_cell(clause),
               interval_cell(clause), weakest_cell(clause)},
              css_class(clause.outcome));
  }
  std::string out = table.str() + element("h3", show(tr("section.failing")));
  const std::vector<const ClauseRow*> rows = rows_not_green(verdict);
  if (rows.empty()) return out + element("p", show(tr("row.none")));
  if (rows.size() > kPageRows) out += element("p", show(both(tr("row.capped"), kPageRows, rows.size())));
  for (std::size_t i = 0; i < rows.size() && i < kPageRows; ++i)
    out += failing(*rows[i], find(verdict, rows[i]->clause));
  return out;
}

}  // namespace geomsu::html
