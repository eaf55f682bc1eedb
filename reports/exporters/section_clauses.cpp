#include <algorithm>
#include <optional>

#include "reports/exporters/figures.hpp"
#include "reports/exporters/html.hpp"
#include "reports/exporters/sections.hpp"

namespace geomsu::html {
namespace {

constexpr std::size_t kNamed = 5;  // clauses, units and commands of a group of rows

std::string bar_cell(const ClauseSummary& clause) {
  std::string out = safe(bar_words(clause));
  if (is_between(clause)) out = element("span", out, "class=\"wrap\"");
  out += soft(fmt::format("{} {}", show(tr("clause.tolerance")), safe(clause.tolerance_text)));
  if (clause.tolerance != 0) out += soft(show(both(tr("clause.effective"), safe(bar_figure(clause)))));
  return out;
}

// Of `between` both bounds decide, each against its own end.
std::string range_cell(const ClauseSummary& clause) {
  const auto end = [&](const Message& name, std::optional<double> bound, std::optional<double> against) {
    return strong(safe(figure(bound, clause))) +
           soft(fmt::format("{}, {} {}", show(name), show(tr("clause.margin")), margin(bound, against)));
  };
  return end(tr("clause.lower_bound"), clause.lower, clause.at_least) +
         end(tr("clause.upper_bound"), clause.upper, clause.at_most);
}

std::string bound_cell(const ClauseSummary& clause) {
  if (is_between(clause)) return range_cell(clause);
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

// Which look decided, and what the error is split over; nothing of a clause that is looked at once.
std::string looks_text(const ClauseSummary& clause, std::optional<std::uint32_t> look) {
  if (clause.looks == 1) return {};
  std::string out;
  if (look) out += soft(show(both(*look > 1 ? tr("look.pooled") : tr("look.nth"), *look)));
  const std::string level = clause.look_level ? level_text(*clause.look_level) : std::string("–");
  return out + soft(show(both(tr("clause.looks"), clause.looks, level)));
}

std::string interval_cell(const Verdict& verdict, const ClauseSummary& clause) {
  const std::string level = clause.level ? percent(*clause.level, 2) : std::string("–");
  std::string out = safe(interval(clause)) + soft(show(statistic_message(clause.statistic))) +
                    soft(fmt::format("n = {}", clause.n)) +
                    soft(show(both(tr("clause.level"), level_text(clause.confidence), level))) +
                    looks_text(clause, look_of(verdict, clause));
  if (clause.dependence) out += dependence_cell(*clause.dependence);
  return out;
}

std::string weakest_cell(const ClauseSummary& clause) {
  return bdi(clause.weakest.name()) +
         soft(fmt::format("{} {} / {}", show(tr("clause.units")), clause.passed, clause.units));
}

std::string term(const Message& title, const std::string& value) {
  return soft(fmt::format("{}: {}", show(title), value));
}

std::string clause_cell(const ClauseSummary& clause) {
  std::string out = code(clause.clause);
  if (!clause.paper_clause.empty()) out += soft(bdi(clause.paper_clause));
  return out;
}

// Severity and inspection decide nothing without a lot: there they stand only where they are not the defaults.
std::string terms(const ClauseSummary& clause, bool lot) {
  const ClauseSummary plain;
  std::string out;
  if (!clause.sku.empty()) out += term(tr("clause.sku"), bdi(clause.sku));
  if (lot || clause.severity != plain.severity)
    out += term(tr("clause.severity"), show(severity_message(clause.severity)));
  const bool sampled = clause.inspection != plain.inspection;
  if (lot || sampled)
    out += term(tr("clause.inspection"), show(sampled ? tr("inspection.sampled") : tr("inspection.screening")));
  if (!clause.of.empty())
    out += term(tr("clause.of"), clause.of == "unit_medians" ? show(tr("of.unit_medians")) : safe(clause.of));
  if (clause.outliers != plain.outliers) out += term(tr("clause.outliers"), show(outliers_message(clause.outliers)));
  return out;
}

std::string measure_cell(const ClauseSummary& clause, bool lot) {
  std::string out = safe(clause.measure) + long_text(clause.workload);
  if (clause.sustained)
    out += soft(show(both(tr("soak.clause"), clause.sustained->sessions, seconds(clause.sustained->span_ns))));
  out += terms(clause, lot);
  if (!clause.provenance.empty()) out += soft(show(both(tr("clause.provenance"), safe(clause.provenance))));
  return out;
}

std::string outcome_cell(const ClauseSummary& clause) {
  std::string out = badge(clause.outcome);
  if (clause.reason != Reason::kNone) out += soft(show(reason_message(clause.reason)));
  return out;
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

// The first few names, and how many more there are.
std::string listed(const std::vector<std::string>& names, std::string (*as)(std::string_view)) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kNamed; ++i) out += (i == 0 ? "" : ", ") + as(names[i]);
  if (names.size() > kNamed) out += " " + show(both(tr("lot.item.more"), names.size() - kNamed));
  return out;
}

// The commands that repeat a group's rows, each once.
std::string commands(const Verdict& verdict, const RowGroup& group) {
  std::vector<std::string> all;
  for (const ClauseRow* row : group) {
    const ClauseSummary* clause = find_clause(verdict, row->clause);
    const std::string command = clause == nullptr || all.size() == kNamed ? std::string() : repro(*clause, *row);
    if (!command.empty() && std::find(all.begin(), all.end(), command) == all.end()) all.push_back(command);
  }
  std::string out;
  for (const std::string& command : all) out += code(command);
  return out;
}

std::string title_of(const RowGroup& group) {
  const ClauseRow& row = *group.front();
  const RowGroupNames names = names_of(group);
  std::string out =
      fmt::format("{} {} · {}", badge(row.outcome), listed(names.clauses, code), listed(names.units, bdi));
  if (group.size() > 1) return out;
  return out + fmt::format(" <span class=\"soft\">{}{}</span>", safe(row.trial),
                           row.attempt > 1 ? " · " + show(both(tr("row.attempt"), row.attempt)) : std::string());
}

std::string failing(const Verdict& verdict, const RowGroup& group) {
  const ClauseRow& row = *group.front();
  const ClauseSummary* clause = find_clause(verdict, row.clause);
  std::string items = fmt::format("<dt>{}</dt><dd>{}", show(tr("row.reason")), show(reason_message(row.reason)));
  if (!row.words.empty()) items += soft(bdi(row.words));
  items += "</dd>";
  if (clause != nullptr && row.estimate) {
    ClauseSummary of_row = *clause;
    of_row.lower = row.lower;
    of_row.upper = row.upper;
    of_row.estimate = row.estimate;
    items += fmt::format("<dt>{}</dt><dd>{} (n = {}){}{}</dd>", show(tr("clause.estimate")), safe(interval(of_row)),
                         row.n, looks_text(*clause, row.look),
                         row.p_fail ? soft(show(both(tr("row.p"), fmt::format("{:.2g}", *row.p_fail)))) : "");
  }
  items += fmt::format("<dt>{}</dt><dd>{}</dd>", show(tr("row.action")), show(action_message(row.reason)));
  const std::string again = commands(verdict, group);
  if (!again.empty()) {
    items += fmt::format("<dt>{}</dt><dd class=\"command\">{}</dd>", show(tr("row.repro")), again);
  }
  return fmt::format("<div class=\"failing {}\"><h4>{}</h4><dl>{}</dl></div>\n", css_class(row.outcome),
                     title_of(group), items);
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
    table.row({clause_cell(clause), outcome_cell(clause), measure_cell(clause, verdict.lot.has_value()),
               bar_cell(clause), bound_cell(clause), interval_cell(verdict, clause), weakest_cell(clause)},
              css_class(clause.outcome));
  }
  std::string out = table.str() + element("h3", show(tr("section.failing")));
  const std::vector<const ClauseRow*> rows = rows_not_green(verdict);
  if (verdict.rows_left_out > 0) out += element("p", show(both(tr("row.left_out"), grouped(verdict.rows_left_out))));
  if (rows.empty()) return out + element("p", show(tr("row.none")));
  std::string list;
  std::size_t told = 0;
  const std::vector<RowGroup> groups = grouped_rows(rows);
  for (std::size_t i = 0; i < groups.size() && i < kPageRows; ++i) {
    list += failing(verdict, groups[i]);
    told += groups[i].size();
  }
  if (told < rows.size()) out += element("p", show(both(tr("row.capped"), told, rows.size())));
  return out + list;
}

}  // namespace geomsu::html
