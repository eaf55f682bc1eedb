#include "reports/exporters/figures.hpp"
#include "reports/exporters/html.hpp"
#include "reports/exporters/sections.hpp"

namespace geomsu::html {
namespace {

std::string definitions() {
  std::string items;
  for (const Message* message :
       {&tr("method.sample"), &tr("method.bound"), &tr("method.between"), &tr("method.slack"), &tr("method.looks"),
        &tr("method.holm"), &tr("method.worst"), &tr("method.work"), &tr("method.clock"), &tr("method.energy"),
        &tr("method.verify"), &tr("method.sustained"), &tr("method.fleet")}) {
    items += element("li", show(*message));
  }
  return element("h3", show(tr("method.definitions"))) + "<ul>\n" + items + "</ul>\n";
}

std::string overhead(const Overhead& overhead) {
  Table table(
      tr("method.overhead"),
      {{&tr("method.overhead.what")}, {&tr("method.overhead.time"), true}, {&tr("method.overhead.share"), true}});
  const auto add = [&](const Message& what, std::int64_t ns) {
    const std::string share =
        overhead.wall > 0 ? percent(static_cast<double>(ns) / static_cast<double>(overhead.wall)) : std::string("–");
    table.row({show(what), seconds(ns), share});
  };
  add(tr("method.timed"), overhead.timed);
  add(tr("method.soak"), overhead.soak);
  add(tr("method.verification"), overhead.verify);
  add(tr("method.other"), overhead.other);
  add(tr("method.wall"), overhead.wall);
  return table.str();
}

std::string environment(const Report& report) {
  const Environment& environment = report.environment;
  Table table(tr("method.environment"), {{&tr("method.name")}, {&tr("method.value")}});
  table.row({show(tr("method.tool")), safe(environment.tool)});
  table.row({show(tr("method.build")), safe(environment.tool_build)});
  table.row({show(tr("method.rules")), fmt::format("{}", report.verdict.rules)});
  table.row({show(tr("fact.suite_hash")), code(report.plan.suite_sha256)});
  table.row({show(tr("fact.bundle")), code(report.bundle_path)});
  table.row({show(tr("method.boot")), code(environment.boot_id)});
  table.row(
      {show(tr("method.utc")), show(both(environment.utc_synchronised ? tr("method.utc.yes") : tr("method.utc.no"),
                                         safe(environment.utc_source)))});
  for (const auto& [name, value] : environment.facts) table.row({safe(name), bdi(value)});
  return table.str();
}

std::string plugins(const std::vector<PluginFact>& facts) {
  if (facts.empty()) return {};
  Table table(
      tr("method.plugins"),
      {{&tr("unit.backend")}, {&tr("method.plugin.version")}, {&tr("method.plugin.state")}, {&tr("method.value")}});
  for (const PluginFact& plugin : facts) {
    std::string state = plugin.refused.empty() ? show(tr("method.plugin.serves"))
                                               : show(both(tr("method.plugin.refused"), safe(plugin.refused)));
    if (!plugin.simulated.empty()) state += soft(show(both(tr("method.plugin.simulated"), safe(plugin.simulated))));
    table.row({safe(plugin.backend), safe(plugin.version), state,
               code(plugin.path) + soft(fmt::format("SHA-256 {}", code(plugin.sha256)))});
  }
  return table.str();
}

}  // namespace

std::string section_method(const Report& report) {
  return definitions() + overhead(report.overhead) + environment(report) + plugins(report.environment.plugins);
}

}  // namespace geomsu::html
