#include "harness/contract/bar.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/unit_table.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

constexpr double kLowBar = 0.75;       // of the dense peak
constexpr double kSameFigure = 0.005;  // two figures this close were copied one from the other

Dimension per_won_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::kFlops:
      return Dimension::kFlopsPerWon;
    case Dimension::kBandwidth:
      return Dimension::kBandwidthPerWon;
    case Dimension::kTokens:
      return Dimension::kTokensPerWon;
    default:
      return Dimension::kNone;
  }
}

std::optional<double> peak_of(const DeviceSheet& sheet, const std::string& key) {
  const auto found = sheet.peaks.find(key);
  if (found == sheet.peaks.end()) return std::nullopt;
  return found->second;
}

// The SKU whose peak the bar repeats, of the same vendor and slower: what a stale contract was written for.
const DeviceSheet* copied_from(double target, double peak, const std::string& key, const DeviceSheet& sheet,
                               const SheetLibrary& sheets) {
  for (const DeviceSheet& other : sheets.sheets) {
    if (other.sku == sheet.sku || other.vendor != sheet.vendor) continue;
    const auto figure = peak_of(other, key);
    if (figure && *figure < peak * (1 - kSameFigure) && std::abs(target - *figure) <= kSameFigure * *figure)
      return &other;
  }
  return nullptr;
}

}  // namespace

std::string written_unit(const std::string& quantity_text) {
  std::string best;
  for (const UnitEntry& unit : unit_table()) {
    if (unit.text.size() <= best.size() || !quantity_text.ends_with(unit.text)) continue;
    const auto number = parse_quantity(quantity_text.substr(0, quantity_text.size() - unit.text.size()), nullptr);
    if (number && number->dimension == Dimension::kNone) best = unit.text;
  }
  return best;
}

Dimension bar_dimension(const std::string& operation, const std::string& quantity, bool per_won) {
  const ops::Operation* op = ops::find(operation);
  if (op == nullptr) return Dimension::kNone;
  for (const ops::QuantitySpec& spec : op->quantities()) {
    if (spec.name != quantity) continue;
    const UnitEntry* unit = find_unit(spec.unit);
    if (unit == nullptr) return Dimension::kNone;
    return per_won ? per_won_of(unit->dimension) : unit->dimension;
  }
  return Dimension::kNone;
}

std::string check_against_sheet(const Clause& clause, Mark bar_at, const DeviceSheet* sheet, const SheetLibrary* sheets,
                                Diagnostics& diagnostics) {
  const ops::Operation* op = ops::find(clause.operation);
  if (sheet == nullptr || op == nullptr) return "no sheet";
  const std::string key = op->peak_key(clause.workload.params, clause.quantity);
  const auto peak = key.empty() ? std::nullopt : peak_of(*sheet, key);
  if (!peak) return fmt::format("the sheet of {} has no peak '{}'", sheet->sku, key);
  const double target = clause.at_least ? clause.at_least->value : clause.at_most->value;
  const std::string peak_text =
      format_quantity(*peak, clause.at_least ? clause.at_least->dimension : clause.at_most->dimension);
  if (target > *peak) {
    diagnostics.error(
        bar_at, fmt::format("the bar {} is over the dense peak of {}, {}", clause.bar_text, sheet->sku, peak_text),
        {clause.at_least
             ? "no honest measurement can reach it; datasheets often print the sparse figure, which is double"
             : "no honest measurement can fail it, so it is no bar",
         fmt::format("set a bar under {} ({})", peak_text, sheet->source)});
    return {};
  }
  if (clause.at_least && target < kLowBar * *peak) {
    diagnostics.warning(
        bar_at,
        fmt::format("the bar {} is {:.0f} % of the dense peak of {}, {}", clause.bar_text, 100 * target / *peak,
                    sheet->sku, peak_text),
        {"a bar under 75 % of the peak passes parts that are not healthy, or was set from one measurement",
         "raise it, or say in `provenance` what a healthy part reads"});
  }
  if (const DeviceSheet* other = copied_from(target, *peak, key, *sheet, *sheets)) {
    diagnostics.warning(
        bar_at, fmt::format("the bar {} is the sheet figure of {}, not of {}", clause.bar_text, other->sku, sheet->sku),
        {"a bar copied from another generation lets a slow part pass",
         fmt::format("derive it from {} of {}", peak_text, sheet->sku)});
  }
  if (std::find(sheet->check.begin(), sheet->check.end(), key) != sheet->check.end()) {
    return fmt::format("the peak '{}' of {} has no sure source ({})", key, sheet->sku, sheet->source);
  }
  return {};
}

}  // namespace geomsu
