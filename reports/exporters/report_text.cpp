// The last thing a terminal shows: the clauses, why a row is not PASS and how to repeat it, and the verdict.
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "reports/exporters/exporters.hpp"
#include "reports/exporters/figures.hpp"
#include "reports/exporters/messages.hpp"
#include "reports/exporters/text.hpp"

namespace geomsu {
namespace {

constexpr std::size_t kRowsShown = 20, kFindingsShown = 5;

struct Cells {
  std::string clause, outcome, bound, bar, unit, n, passed, weakest;
  Outcome colour = Outcome::kNotApplicable;
};

Cells header(Language language) {
  const auto word = [&](const Message& message) { return std::string(message.in(language)); };
  return {word(tr("text.clause")), word(tr("text.outcome")), word(tr("text.bound")),
          word(tr("text.bar")),    word(tr("text.unit")),    word(tr("text.n")),
          word(tr("text.passed")), word(tr("text.weakest")), Outcome::kNotApplicable};
}

Cells cells(const ClauseSummary& clause, Language language) {
  Cells row;
  row.clause = shown_text(clause.clause);
  row.outcome = std::string(outcome_message(clause.outcome).in(language));
  row.bound =
      clause.unit_text.empty() ? figure(judged_bound(clause), clause) : figure_bare(judged_bound(clause), clause);
  row.bar = fmt::format("{} {}", clause.at_most && !clause.at_least ? "<=" : ">=", figure_bare(bar(clause), clause));
  if (is_between(clause)) {
    row.bound = fmt::format("{}..{}", row.bound, figure_bare(clause.upper, clause));
    row.bar = fmt::format("{}..{}", figure_bare(clause.at_least, clause), figure_bare(clause.at_most, clause));
  }
  row.unit = shown_text(shown_unit(clause));
  row.n = fmt::format("{}", clause.n);
  row.passed = fmt::format("{}/{}", clause.passed, clause.units);
  row.weakest = shown_text(clause.weakest.name());
  row.colour = clause.outcome;
  return row;
}

struct Column {
  std::string Cells::*field;
  bool number;
  int keep;  // what does not fit goes in this order, 0 first; the bar and the outcome stay
};

constexpr std::size_t kGap = 2, kNarrowClause = 12;

std::vector<Column> columns_that_fit(const std::vector<Cells>& rows, std::size_t columns,
                                     std::vector<std::size_t>& widths) {
  std::vector<Column> kept = {{&Cells::clause, false, 9}, {&Cells::outcome, false, 8}, {&Cells::bound, true, 5},
                              {&Cells::bar, false, 7},    {&Cells::unit, false, 3},    {&Cells::n, true, 1},
                              {&Cells::passed, true, 2},  {&Cells::weakest, false, 0}};
  while (true) {
    widths.clear();
    std::size_t total = kGap * (kept.size() - 1);
    for (const Column& column : kept) {
      std::size_t widest = 0;
      for (const Cells& row : rows) widest = std::max(widest, display_width(row.*column.field));
      widths.push_back(widest);
      total += widest;
    }
    // The clause's name and the unit are cut before a column goes.
    for (const auto field : {&Cells::weakest, &Cells::clause}) {
      for (std::size_t i = 0; i < kept.size() && total > columns; ++i) {
        if (kept[i].field != field || widths[i] <= kNarrowClause) continue;
        const std::size_t cut = std::min(total - columns, widths[i] - kNarrowClause);
        widths[i] -= cut;
        total -= cut;
      }
    }
    if (total <= columns || kept.size() <= 3) return kept;
    kept.erase(
        std::min_element(kept.begin(), kept.end(), [](const Column& a, const Column& b) { return a.keep < b.keep; }));
  }
}

std::string table(const Verdict& verdict, std::size_t columns, const Painter& painter, Language language) {
  std::vector<Cells> rows{header(language)};
  for (const ClauseSummary& clause : verdict.clauses) rows.push_back(cells(clause, language));
  std::vector<std::size_t> widths;
  const std::vector<Column> kept = columns_that_fit(rows, columns, widths);
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string line;
    for (std::size_t k = 0; k < kept.size(); ++k) {
      const std::string cell = clip(rows[i].*kept[k].field, widths[k]);
      std::string padded = kept[k].number         ? pad_left(cell, widths[k])
                           : k + 1 == kept.size() ? cell
                                                  : pad_right(cell, widths[k]);
      if (i > 0 && kept[k].field == &Cells::outcome) padded = painter.paint(rows[i].colour, padded);
      line.append(k == 0 ? 0 : kGap, ' ').append(padded);
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    out.append(i == 0 ? painter.bold(line) : line).append("\n");
  }
  return out;
}

// What else a clause says than its bar, as "title: value".
std::vector<std::string> terms(const ClauseSummary& clause, Language language) {
  std::vector<std::string> out;
  const auto add = [&](const Message& title, std::string_view value) {
    out.push_back(fmt::format("{}: {}", title.in(language), value));
  };
  const ClauseSummary plain;
  if (!clause.sku.empty()) add(tr("clause.sku"), clause.sku);
  if (clause.severity != plain.severity) add(tr("clause.severity"), severity_message(clause.severity).in(language));
  if (clause.inspection != plain.inspection) add(tr("clause.inspection"), tr("inspection.sampled").in(language));
  if (clause.of == "unit_medians") add(tr("clause.of"), tr("of.unit_medians").in(language));
  if (clause.looks != 1) {
    out.push_back(fmt::format(fmt::runtime(tr("clause.looks").in(language)), clause.looks,
                              clause.look_level ? level_text(*clause.look_level) : std::string("–")));
  }
  return out;
}

// Of clauses that are sustained, have terms, or are judged by something else than the median: the table does not say
// it.
std::string details(const Verdict& verdict, std::size_t columns, Language language) {
  std::string out;
  for (const ClauseSummary& clause : verdict.clauses) {
    const std::vector<std::string> said = terms(clause, language);
    if (clause.statistic == "median" && !clause.sustained && said.empty()) continue;
    std::string words = fmt::format("{}: {}", clause.clause, statistic_message(clause.statistic).in(language));
    for (const std::string& term : said) words += "; " + term;
    if (clause.sustained) {
      words += "; " + fmt::format(fmt::runtime(tr("soak.clause").in(language)), clause.sustained->sessions,
                                  seconds(clause.sustained->span_ns));
    }
    if (clause.dependence) {
      for (const std::string& line : dependence_lines(*clause.dependence, language)) words += "; " + line;
    }
    out += wrap(words, 0, columns);
  }
  return out;
}

std::string reasons(const Verdict& verdict, std::size_t columns, const Painter& painter, Language language) {
  const std::vector<const ClauseRow*> rows = rows_not_green(verdict);
  const std::vector<RowGroup> groups = grouped_rows(rows);
  std::string out;
  std::size_t told = 0;
  for (std::size_t i = 0; i < groups.size() && i < kRowsShown; ++i) {
    const ClauseRow& row = *groups[i].front();
    const RowGroupNames names = names_of(groups[i]);
    told += groups[i].size();
    const std::string word(outcome_message(row.outcome).in(language));
    const std::string rest = shown_text(listed(names.clauses, language)) + "  " +
                             shown_text(listed(names.units, language)) + "  " +
                             std::string(reason_message(row.reason).in(language));
    const std::size_t used = display_width(word) + 2;
    out += fmt::format("\n{}  {}\n", painter.paint(row.outcome, word), clip(rest, columns > used ? columns - used : 1));
    if (!row.words.empty()) out += wrap(row.words, 2, columns);
    out +=
        wrap(fmt::format("{}: {}", tr("text.next").in(language), action_message(row.reason).in(language)), 2, columns);
    for (const ClauseSummary& clause : verdict.clauses) {
      const bool here = std::any_of(groups[i].begin(), groups[i].end(), [&](const ClauseRow* one) {
        return clause.clause == one->clause && clause.weakest == one->unit;
      });
      if (here && !clause.repro.empty())
        out += wrap(fmt::format("{}: {}", tr("text.repeat").in(language), clause.repro), 2, columns);
    }
  }
  if (told < rows.size()) {
    const std::string more = fmt::format(fmt::runtime(tr("text.more").in(language)), rows.size() - told);
    out.append("\n").append(more).append("\n");
  }
  return out;
}

// They decide nothing, and a person must see them beside the verdict.
std::string findings(const Verdict& verdict, std::size_t columns, Language language) {
  std::string out;
  for (std::size_t i = 0; i < verdict.findings.size() && i < kFindingsShown; ++i) {
    const Finding& finding = verdict.findings[i];
    out += wrap(fmt::format("{}: {}: {}", tr("text.finding").in(language), shown_text(finding.code), finding.text), 0,
                columns);
  }
  if (verdict.findings.size() > kFindingsShown) {
    out += fmt::format(fmt::runtime(tr("text.more_findings").in(language)), verdict.findings.size() - kFindingsShown);
    out += "\n";
  }
  return out;
}

}  // namespace

std::string report_text(const Report& report, int columns, bool colour, Language language) {
  const Verdict& verdict = report.verdict;
  const std::size_t wide = static_cast<std::size_t>(std::clamp(columns, 40, 400));
  const Painter painter(colour);
  std::string out;
  if (verdict.clauses.empty()) {
    out += wrap(tr("clause.none").in(language), 0, wide);
  } else {
    out += table(verdict, wide, painter, language);
    out += details(verdict, wide, language);
  }
  out += reasons(verdict, wide, painter, language);
  out += "\n";
  for (const std::string& note : verdict.notes)
    out += wrap(fmt::format("{}: {}", tr("text.note").in(language), note), 0, wide);
  out += findings(verdict, wide, language);
  out += text_lot(verdict, wide, painter, language);
  std::string word(overall_message(verdict.overall).in(language));
  if (verdict.demonstration) word += fmt::format(" ({})", tr("banner.demonstration").in(language));
  if (verdict.adaptive) word += fmt::format(" ({})", tr("banner.adaptive").in(language));
  out += fmt::format("{}: {}\n", tr("text.verdict").in(language), painter.paint(verdict.overall, word));
  if (!verdict.sentence.empty()) out += wrap(verdict.sentence, 2, wide);
  return out;
}

}  // namespace geomsu
