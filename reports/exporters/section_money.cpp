#include <cmath>

#include "harness/base/units.hpp"
#include "harness/money/won.hpp"
#include "reports/exporters/figures.hpp"
#include "reports/exporters/html.hpp"
#include "reports/exporters/sections.hpp"

namespace geomsu::html {
namespace {

Dimension numerator(Dimension per_won) {
  switch (per_won) {
    case Dimension::kFlopsPerWon:
      return Dimension::kFlops;
    case Dimension::kBandwidthPerWon:
      return Dimension::kBandwidth;
    case Dimension::kTokensPerWon:
      return Dimension::kTokens;
    default:
      return per_won;
  }
}

std::string plain(std::optional<double> value, Dimension dimension) {
  return value && std::isfinite(*value) ? format_quantity(*value, dimension) : std::string("–");
}

std::string amount(const PerWon& per_won) {
  std::string out = per_won.price_won ? safe(print_won(Won{*per_won.price_won})) : show(tr("money.unknown"));
  if (!per_won.price_text.empty()) out += soft(safe(per_won.price_text));
  const std::string kind = per_won.kind == "capex" ? show(tr("money.kind.capex")) : safe(per_won.kind);
  out += soft(fmt::format("{}: {}", show(tr("money.kind")), kind));
  out += soft(fmt::format("{}: {}", show(tr("money.vat")), safe(per_won.vat)));
  return out + soft(fmt::format("{}: {}", show(tr("money.counted")), safe(per_won.counted)));
}

}  // namespace

std::string section_money(const Report& report) {
  const Verdict& verdict = report.verdict;
  if (verdict.per_won.empty()) return element("p", show(tr("money.none")));
  Table table(tr("money.caption"),
              {{&tr("money.clause")},
               {&tr("clause.outcome")},
               {&tr("money.amount")},
               {&tr("money.sum"), true},
               {&tr("money.per_won"), true},
               {&tr("money.contracted"), true},
               {&tr("money.break_even"), true}},
              true);
  for (const PerWon& per_won : verdict.per_won) {
    const ClauseSummary* clause = find_clause(verdict, per_won.clause);
    const ClauseSummary figures = clause == nullptr ? ClauseSummary{} : *clause;
    const Dimension sum = numerator(figures.dimension);
    const std::string unit = shown_unit(figures).empty() ? "" : fmt::format(" {}", safe(figures.unit_text));
    table.row({code(per_won.clause), badge(clause == nullptr ? Outcome::kNotRun : clause->outcome), amount(per_won),
               fmt::format("[{}, {}]", plain(per_won.floor, sum), plain(per_won.ceiling, sum)),
               fmt::format("<strong>[{}, {}]</strong>{}", safe(figure_bare(per_won.per_won_floor, figures)),
                           safe(figure_bare(per_won.per_won_ceiling, figures)), unit),
               clause == nullptr ? "–" : safe(bar_words(*clause)),
               per_won.break_even_won ? safe(print_won(Won{*per_won.break_even_won})) : "–"});
  }
  return table.str() + element("p", show(tr("money.floor")), "class=\"soft\"");
}

}  // namespace geomsu::html
