#include "reports/exporters/chart.hpp"
#include "reports/exporters/figures.hpp"
#include "reports/exporters/html.hpp"
#include "reports/exporters/sections.hpp"

namespace geomsu::html {
namespace {

struct Outside {
  const FleetFigure* figure;
  const FleetOutlier* outlier;
};

std::string distribution(const Verdict& verdict) {
  Table table(tr("fleet.caption"),
              {{&tr("clause.clause")},
               {&tr("fleet.chart")},
               {&tr("fleet.median"), true},
               {&tr("fleet.mad"), true},
               {&tr("fleet.range"), true},
               {&tr("fleet.medoid")},
               {&tr("fleet.outliers"), true}},
              true);
  const ClauseSummary none;
  for (const FleetFigure& figure : verdict.fleet) {
    const ClauseSummary* found = find_clause(verdict, figure.clause);
    const ClauseSummary& clause = found == nullptr ? none : *found;
    table.row({code(figure.clause),
               fleet_chart(figure, found) +
                   soft(fmt::format("{} {}", show(tr("fleet.bar")), found == nullptr ? "–" : safe(bar_words(clause)))),
               safe(geomsu::figure(figure.median, clause)), safe(geomsu::figure(figure.mad, clause)),
               safe(fmt::format("{} – {}", figure_bare(figure.least, clause), geomsu::figure(figure.most, clause))),
               bdi(figure.medoid.name()),
               fmt::format("{} / {}", figure.outliers.size(), grouped(std::uint64_t{figure.units}))});
  }
  return table.str() + element("p", show(tr("fleet.legend")), "class=\"soft\"");
}

std::string outliers(const Verdict& verdict) {
  std::vector<Outside> all;
  for (const FleetFigure& figure : verdict.fleet) {
    for (const FleetOutlier& outlier : figure.outliers) all.push_back({&figure, &outlier});
  }
  if (all.empty()) return element("p", show(tr("fleet.outlier.none")));
  Table table(tr("fleet.outlier.caption"),
              {{&tr("unit.unit")},
               {&tr("clause.clause")},
               {&tr("fleet.median"), true},
               {&tr("fleet.outlier.against"), true},
               {&tr("fleet.outlier.z"), true},
               {&tr("fleet.outlier.distance"), true},
               {&tr("fleet.outlier.rule")}},
              true);
  const ClauseSummary none;
  for (std::size_t i = 0; i < all.size() && i < kPageRows; ++i) {
    const auto& [figure, outlier] = all[i];
    const ClauseSummary* found = find_clause(verdict, figure->clause);
    const ClauseSummary& clause = found == nullptr ? none : *found;
    table.row(
        {bdi(outlier->unit.name()), code(figure->clause), safe(geomsu::figure(outlier->median, clause)),
         margin(outlier->median, figure->median), outlier->robust_z ? fmt::format("{:+.2f}", *outlier->robust_z) : "–",
         outlier->distance ? fmt::format("{:.4f}", *outlier->distance) : "–", show(outliers_message(clause.outliers))});
  }
  std::string out;
  if (all.size() > kPageRows) out += element("p", show(both(tr("fleet.outlier.capped"), kPageRows, all.size())));
  return out + table.str();
}

}  // namespace

std::string section_fleet(const Report& report) {
  if (report.verdict.fleet.empty()) return {};
  return distribution(report.verdict) + outliers(report.verdict);
}

}  // namespace geomsu::html
