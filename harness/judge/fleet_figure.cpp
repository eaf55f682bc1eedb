// Units against their fleet: findings, and doubts where a clause makes something of them.
#include <algorithm>
#include <cmath>
#include <tuple>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/base/units.hpp"
#include "harness/judge/judgement.hpp"
#include "harness/stats/fleet.hpp"
#include "harness/stats/order.hpp"

namespace geomsu {
namespace {

struct Fleet {
  std::vector<const Unit*> units;
  std::vector<double> medians;
  std::vector<float> sketches;  // kSketch a unit
};

Fleet fleet_of(std::uint32_t clause, std::span<const BundleJudgement> bundles) {
  Fleet fleet;
  for (const BundleJudgement& bundle : bundles) {
    const auto [first, last] =
        std::equal_range(bundle.summaries.begin(), bundle.summaries.end(), UnitSummary{clause, 0, 0, {}},
                         [](const UnitSummary& a, const UnitSummary& b) { return a.clause < b.clause; });
    for (auto summary = first; summary != last; ++summary) {
      fleet.units.push_back(&bundle.units[summary->unit]);
      fleet.medians.push_back(summary->median);
      fleet.sketches.insert(fleet.sketches.end(), summary->sketch.begin(), summary->sketch.end());
    }
  }
  return fleet;
}

// Of units with the medoid's very numbers the first by name, whatever order the bundles came in.
Unit medoid_unit(const Fleet& fleet, std::size_t medoid) {
  const auto sketch = [&](std::size_t unit) { return std::span(fleet.sketches).subspan(unit * kSketch, kSketch); };
  const auto wanted = sketch(medoid);
  const Unit* least = fleet.units[medoid];
  for (std::size_t i = 0; i < fleet.units.size(); ++i) {
    const auto own = sketch(i);
    if (std::equal(own.begin(), own.end(), wanted.begin()) && *fleet.units[i] < *least) least = fleet.units[i];
  }
  return *least;
}

std::string outlier_words(const Clause& clause, const FleetFigure& figure, const FleetOutlier& outlier,
                          const FleetTerms& terms) {
  std::string why;
  if (outlier.robust_z && std::abs(*outlier.robust_z) > terms.robust_z)
    why = fmt::format("robust z = {:.1f}, over {:g}", *outlier.robust_z, terms.robust_z);
  if (outlier.distance && *outlier.distance > terms.distance) {
    why += fmt::format("{}distance {:.3f} from the typical unit {}, over {:g}", why.empty() ? "" : "; ",
                       *outlier.distance, escape_terminal(figure.medoid.name()), terms.distance);
  }
  const Dimension dimension = clause.at_least ? clause.at_least->dimension : clause.at_most->dimension;
  const bool in_bar_unit = clause.per.empty();
  const auto value = [&](double x) {
    return in_bar_unit ? format_in(x, clause.bar_unit) + " " + clause.bar_unit : format_quantity(x, dimension);
  };
  return fmt::format("its median {} lies outside the fleet of {} units, whose median is {} ({})", value(outlier.median),
                     figure.units, value(figure.median), why);
}

}  // namespace

std::optional<FleetFigure> fleet_figure(const Contract& contract, std::uint32_t clause,
                                        std::span<const BundleJudgement> bundles) {
  const Fleet fleet = fleet_of(clause, bundles);
  if (fleet.units.size() < kLeastFleet) return std::nullopt;
  const auto cohort = stats::cohort(fleet.sketches, kSketch);
  const auto spread = stats::mad(fleet.medians);
  if (!cohort || !spread) return std::nullopt;
  const std::vector<std::optional<double>> z = stats::robust_z(fleet.medians);
  FleetFigure figure;
  figure.clause = contract.clauses[clause].id;
  figure.units = static_cast<std::uint32_t>(fleet.units.size());
  figure.median = stats::median(fleet.medians);
  figure.mad = *spread;
  const auto [least, most] = std::minmax_element(fleet.medians.begin(), fleet.medians.end());
  figure.least = *least;
  figure.most = *most;
  figure.medoid = medoid_unit(fleet, cohort->medoid);
  for (std::size_t i = 0; i < fleet.units.size(); ++i) {
    const bool far = z[i] && std::abs(*z[i]) > contract.fleet.robust_z;
    const bool other = cohort->distances[i] && *cohort->distances[i] > contract.fleet.distance;
    if (far || other) figure.outliers.push_back({*fleet.units[i], fleet.medians[i], z[i], cohort->distances[i]});
  }
  std::sort(figure.outliers.begin(), figure.outliers.end(),
            [](const FleetOutlier& a, const FleetOutlier& b) { return a.unit < b.unit; });
  return figure;
}

std::vector<FleetFigure> fleet_figures(const Contract& contract, std::span<const BundleJudgement> bundles) {
  std::vector<FleetFigure> figures;
  for (std::uint32_t clause = 0; clause < contract.clauses.size(); ++clause) {
    if (auto figure = fleet_figure(contract, clause, bundles)) figures.push_back(std::move(*figure));
  }
  return figures;
}

std::vector<Doubt> outlier_doubts(const Contract& contract, std::span<const FleetFigure> figures) {
  std::vector<Doubt> doubts;
  for (const FleetFigure& figure : figures) {
    for (std::uint32_t place = 0; place < contract.clauses.size(); ++place) {
      const Clause& clause = contract.clauses[place];
      if (clause.id != figure.clause || clause.outliers == OutlierRule::kFinding) continue;
      const Outcome outcome = clause.outliers == OutlierRule::kFail ? Outcome::kFail : Outcome::kInconclusive;
      for (const FleetOutlier& outlier : figure.outliers) {
        doubts.push_back(
            {place, outlier.unit, outcome, Reason::kOutlier, outlier_words(clause, figure, outlier, contract.fleet)});
      }
    }
  }
  return doubts;
}

std::vector<Finding> outlier_findings(const Contract& contract, std::span<const FleetFigure> figures) {
  std::vector<Finding> findings;
  for (const FleetFigure& figure : figures) {
    const auto clause = std::find_if(contract.clauses.begin(), contract.clauses.end(),
                                     [&](const Clause& one) { return one.id == figure.clause; });
    if (clause == contract.clauses.end()) continue;
    for (const FleetOutlier& outlier : figure.outliers) {
      findings.push_back(
          {"outlier", fmt::format("{} in {}: {}", escape_terminal(outlier.unit.name()), escape_terminal(figure.clause),
                                  outlier_words(*clause, figure, outlier, contract.fleet))});
    }
  }
  return findings;
}

}  // namespace geomsu
