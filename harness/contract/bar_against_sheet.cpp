#include "harness/contract/bar_against_sheet.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

constexpr double kLowBar = 0.75;       // of the dense peak
constexpr double kSameFigure = 0.005;  // two figures this close were copied one from the other

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

// One side of a bar: its figure, whether it is a low bar, where it stands and how it is called.
struct Side {
  Quantity figure;
  bool low;
  Mark at;
  std::string text;
};

std::vector<Side> sides_of(const ReadClause& read) {
  const Clause& clause = read.clause;
  const auto text = [&clause](const Quantity& figure, const char* side) {
    return clause.between()
               ? fmt::format("{} ({} side of between)", format_quantity(figure.value, figure.dimension), side)
               : clause.bar_text;
  };
  std::vector<Side> sides;
  if (clause.at_least) sides.push_back({*clause.at_least, true, read.low_at, text(*clause.at_least, "low")});
  if (clause.at_most) sides.push_back({*clause.at_most, false, read.high_at, text(*clause.at_most, "high")});
  return sides;
}

// Whether the bar is within reach; what else can be said of it is not worth saying where it is not.
bool check_peak(const Side& side, double peak, const DeviceSheet& sheet, Diagnostics& diagnostics) {
  if (side.figure.value <= peak) return true;
  const std::string peak_text = format_quantity(peak, side.figure.dimension);
  diagnostics.error(
      side.at, fmt::format("the bar {} is over the dense peak of {}, {}", side.text, sheet.sku, peak_text),
      {side.low ? "no honest measurement can reach it; datasheets often print the sparse figure, which is double"
                : "no honest measurement can fail it, so it is no bar",
       fmt::format("set a bar under {} ({})", peak_text, sheet.source)});
  return false;
}

}  // namespace

std::string check_against_sheet(const ReadClause& read, const DeviceSheet& sheet, const SheetLibrary& sheets,
                                Diagnostics& diagnostics) {
  const Clause& clause = read.clause;
  const ops::Operation* op = ops::find(clause.operation);
  if (op == nullptr) return "no sheet";
  const std::string key = op->peak_key(clause.workload.params, clause.quantity);
  const auto peak = key.empty() ? std::nullopt : peak_of(sheet, key);
  if (!peak) return fmt::format("the sheet of {} has no peak '{}'", sheet.sku, key);
  for (const Side& side : sides_of(read)) {
    if (!check_peak(side, *peak, sheet, diagnostics)) return {};
    const double target = side.figure.value;
    const std::string peak_text = format_quantity(*peak, side.figure.dimension);
    if (side.low && target < kLowBar * *peak) {
      diagnostics.warning(
          side.at,
          fmt::format("the bar {} is {:.0f} % of the dense peak of {}, {}", side.text, 100 * target / *peak, sheet.sku,
                      peak_text),
          {"a bar under 75 % of the peak passes parts that are not healthy, or was set from one measurement",
           "raise it, or say in `provenance` what a healthy part reads"});
    }
    if (const DeviceSheet* other = copied_from(target, *peak, key, sheet, sheets)) {
      diagnostics.warning(
          side.at, fmt::format("the bar {} is the sheet figure of {}, not of {}", side.text, other->sku, sheet.sku),
          {"a bar copied from another generation lets a slow part pass",
           fmt::format("derive it from {} of {}", peak_text, sheet.sku)});
    }
  }
  if (std::find(sheet.check.begin(), sheet.check.end(), key) != sheet.check.end()) {
    return fmt::format("the peak '{}' of {} has no sure source ({})", key, sheet.sku, sheet.source);
  }
  return {};
}

void Unverifiable::note(const std::string& why, const ReadClause& read) {
  for (Item& item : list_) {
    if (item.why != why) continue;
    item.clauses += ", " + read.clause.id;
    return;
  }
  list_.push_back({why, read.bar_at(), read.clause.id});
}

void Unverifiable::report(Diagnostics& diagnostics) const {
  for (const Item& item : list_) {
    diagnostics.warning(item.at, fmt::format("unverifiable: {} ({})", item.why, item.clauses),
                        {"a bar that is too low or out of reach goes unnoticed",
                         "name a `sku:` of configs/devices, and add what its datasheet says"});
  }
}

}  // namespace geomsu
