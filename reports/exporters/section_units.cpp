#include "harness/base/units.hpp"
#include "reports/exporters/figures.hpp"
#include "reports/exporters/html.hpp"
#include "reports/exporters/sections.hpp"

namespace geomsu::html {
namespace {

std::string device(const UnitView& view) {
  if (view.planned == nullptr || !view.planned->device) return "–";
  const DeviceInfo& info = *view.planned->device;
  std::string out = bdi(info.name);
  if (!info.vendor.empty()) out += soft(safe(info.vendor));
  if (info.driver || info.firmware) {
    out += fmt::format("<span class=\"soft\">{} {}</span>", safe(info.driver.value_or("")),
                       safe(info.firmware.value_or("")));
  }
  return out;
}

std::string state(const UnitView& view) {
  if (view.planned == nullptr && !view.tested) return "–";  // a node or the lot: judged by its devices
  if (view.planned != nullptr && !view.planned->found) return show(tr("unit.state.missing"));
  if (view.planned != nullptr && !view.planned->contracted) return show(tr("unit.state.uncontracted"));
  return show(view.tested ? tr("unit.state.measured") : tr("unit.state.unmeasured"));
}

// Before and after the unit's last trial, where it could be read.
std::string before_after(const UnitView& view, std::optional<double> Telemetry::*reading, Dimension dimension) {
  if (view.latest == nullptr) return "–";
  const auto text = [&](const std::optional<Telemetry>& telemetry) {
    return telemetry && (*telemetry).*reading ? safe(format_quantity(*((*telemetry).*reading), dimension, 3))
                                              : std::string("–");
  };
  const std::string before = text(view.latest->before), after = text(view.latest->after);
  return before == "–" && after == "–" ? "–" : before + " → " + after;
}

std::string worst(const UnitView& view) { return view.clauses == 0 ? "–" : badge(view.worst); }

std::string why(const UnitView& view) { return view.reason == Reason::kNone ? "–" : show(reason_message(view.reason)); }

std::string_view css(const UnitView& view) { return view.clauses == 0 ? std::string_view{} : css_class(view.worst); }

std::string capped(const std::vector<UnitView>& views) {
  if (views.size() <= kPageRows) return {};
  return element("p", show(both(tr("unit.capped"), kPageRows, views.size())));
}

// Of a lot the rows that passed are not here: neither the units that have no other, nor how many clauses a unit passed,
// can be said. What the devices told stands in their bundles.
std::string of_lot(std::vector<UnitView> views) {
  std::erase_if(views, [](const UnitView& view) { return view.clauses == view.passed; });
  if (views.empty()) return element("p", show(tr("unit.none")));
  Table table(
      tr("unit.caption"),
      {{&tr("unit.unit")}, {&tr("unit.worst")}, {&tr("unit.weakest")}, {&tr("unit.open"), true}, {&tr("unit.state")}},
      true);
  for (std::size_t i = 0; i < views.size() && i < kPageRows; ++i) {
    const UnitView& view = views[i];
    table.row({bdi(view.unit.name()), worst(view), why(view), fmt::format("{}", view.open), state(view)}, css(view));
  }
  return element("p", show(tr("unit.left_out"))) + capped(views) + table.str();
}

}  // namespace

std::string section_units(const Report& report) {
  const std::vector<UnitView> views = unit_views(report);
  if (report.verdict.rows_left_out > 0) return of_lot(views);
  Table table(tr("unit.caption"),
              {{&tr("unit.unit")},
               {&tr("unit.device")},
               {&tr("unit.backend")},
               {&tr("unit.state")},
               {&tr("unit.clauses"), true},
               {&tr("unit.worst")},
               {&tr("unit.weakest")},
               {&tr("unit.temperature"), true},
               {&tr("unit.power"), true}},
              true);
  for (std::size_t i = 0; i < views.size() && i < kPageRows; ++i) {
    const UnitView& view = views[i];
    table.row({bdi(view.unit.name()), device(view), view.planned == nullptr ? "–" : safe(view.planned->backend),
               state(view), fmt::format("{} / {}", view.passed, view.clauses), worst(view), why(view),
               before_after(view, &Telemetry::temperature_c, Dimension::kTemperature),
               before_after(view, &Telemetry::power_w, Dimension::kPower)},
              css(view));
  }
  return capped(views) + table.str();
}

}  // namespace geomsu::html
