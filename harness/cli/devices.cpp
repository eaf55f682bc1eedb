// geomsu devices: what can be measured here, and what was left out.
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/cli/json_text.hpp"
#include "harness/cli/site_choice.hpp"
#include "harness/cli/table.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/model/device_findings.hpp"

namespace geomsu::cli {
namespace {

std::string memory(const DeviceInfo& device) {
  return device.memory_bytes ? format_quantity(static_cast<double>(*device.memory_bytes), Dimension::kBytes, 3)
                             : std::string("–");
}

std::string peaks(const DeviceInfo& device) {
  std::string out;
  for (const auto& [key, value] : device.attributes) {
    if (!key.starts_with("peak.") || key == "peak.source") continue;
    const std::string name = key.substr(5);
    char* end = nullptr;
    const double peak = std::strtod(value.c_str(), &end);
    if (end == value.c_str()) continue;
    out.append(out.empty() ? "" : ", ").append(name).append(" ");
    out.append(format_quantity(peak, name == "bandwidth" ? Dimension::kBandwidth : Dimension::kFlops, 3));
  }
  return out.empty() ? "–" : out;
}

std::string device_json(const std::string& node, const DeviceInfo& device) {
  JsonObject attributes;
  for (const auto& [key, value] : device.attributes) {
    if (!key.starts_with(kFindingAttribute)) attributes.text(key, value);
  }
  std::vector<std::string> findings;
  for (const Finding& finding : device_findings(device, node))
    findings.push_back(JsonObject().text("code", finding.code).text("text", finding.text).str());
  JsonObject object;
  object.text("unit", device.unit_id()).text("backend", device.backend).number("index", device.index);
  object.text("name", device.name).text("vendor", device.vendor).text("uuid", device.uuid);
  object.raw("serial", device.serial ? json_quote(*device.serial) : "null");
  object.raw("memory_bytes", device.memory_bytes ? fmt::format("{}", *device.memory_bytes) : "null");
  object.raw("driver", device.driver ? json_quote(*device.driver) : "null");
  object.raw("firmware", device.firmware ? json_quote(*device.firmware) : "null");
  return object.raw("attributes", attributes.str()).raw("findings", json_array(findings)).str();
}

std::string document(const std::string& node, const Inventory& inventory, const SiteChoice& choice) {
  std::vector<std::string> devices, plugins, left_out;
  for (const DeviceInfo& device : inventory.devices()) devices.push_back(device_json(node, device));
  for (const Inventory::Backend& backend : inventory.backends) {
    const PluginFact& fact = backend.fact;
    plugins.push_back(JsonObject()
                          .text("backend", fact.backend)
                          .text("path", fact.path)
                          .text("sha256", fact.sha256)
                          .text("version", fact.version)
                          .text("simulated", fact.simulated)
                          .text("refused", fact.refused)
                          .str());
  }
  for (const std::string& line : choice.left_out) left_out.push_back(json_quote(line));
  const JsonObject object = JsonObject()
                                .text("node", node)
                                .raw("devices", json_array(devices))
                                .raw("plugins", json_array(plugins))
                                .raw("left_out", json_array(left_out));
  return object.str().append("\n");
}

// What the plug-ins found at their start. Never cut.
void print_findings(Console& console, const std::string& node, const std::vector<DeviceInfo>& devices) {
  std::string text;
  for (const DeviceInfo& device : devices) {
    for (const Finding& finding : device_findings(device, node))
      text += wrap_words(fmt::format("finding: {}: {}", finding.code, finding.text), console.columns());
  }
  if (!text.empty()) console.out("\n" + text);
}

bool only_hosts(const std::vector<DeviceInfo>& devices) {
  return std::all_of(devices.begin(), devices.end(), [](const DeviceInfo& device) {
    const auto kind = device.attributes.find("kind");
    return kind != device.attributes.end() && kind->second == "host";
  });
}

// Whoever looks for accelerators and sees processors alone is told, unasked, why cuda is not there.
void print_no_cuda(Console& console, const SiteChoice& choice) {
  for (const std::string& line : choice.left_out) {
    if (line.starts_with("cuda: ")) console.out("\n" + wrap_words(line, console.columns()));
  }
}

void print(Console& console, const std::string& node, const Inventory& inventory, const SiteChoice& choice, bool all) {
  const std::vector<DeviceInfo> devices = inventory.devices();
  if (!devices.empty()) {
    TextTable table({"unit", "plug-in", "name", "memory", "peak"});
    for (const DeviceInfo& device : devices) {
      table.row({device.unit_id(), device.backend, device.name, memory(device), peaks(device)});
    }
    console.out(table.str(console.columns()));
    print_findings(console, node, devices);
  } else {
    console.out("No device was found.\n");
  }
  std::size_t refused = 0;
  for (const Inventory::Backend& backend : inventory.backends) refused += backend.fact.refused.empty() ? 0u : 1u;
  if (all || (devices.empty() && refused > 0)) {
    TextTable table({"plug-in", "version", "serves", "path or reason"});
    for (const Inventory::Backend& backend : inventory.backends) {
      const PluginFact& fact = backend.fact;
      const bool serves = fact.refused.empty();
      table.row({fact.backend, fact.version,
                 serves ? (fact.simulated.empty() ? "yes" : fmt::format("yes, {}", fact.simulated)) : "no",
                 serves ? fact.path : fact.refused});
    }
    if (!inventory.backends.empty()) {
      console.out("\n");
      console.out(table.str(console.columns()));
    }
    // Reasons are never cut: a table's last column may be.
    for (const Inventory::Backend& backend : inventory.backends) {
      if (!backend.fact.refused.empty()) {
        console.out(
            wrap_words(fmt::format("refused {}: {}", backend.fact.backend, backend.fact.refused), console.columns()));
      }
    }
  } else if (refused > 0) {
    console.out(fmt::format("\n{} plug-in(s) do not serve; geomsu devices --all says why.\n", refused));
  }
  if (all || devices.empty()) {
    console.out("\nLeft out:\n");
    for (const std::string& line : choice.left_out)
      console.out(wrap_words(fmt::format("  {}", line), console.columns()));
  } else if (only_hosts(devices)) {
    print_no_cuda(console, choice);
  }
}

}  // namespace

Action declare_devices(Options& take) {
  const auto all = std::make_shared<bool>(false);
  take.flag("--all", *all, "Also the plug-ins that do not serve and why, and what was left out");
  return [all](Context& context) {
    const Search search(context.search);
    const SiteChoice choice = choose_site(context.site, search);
    const Inventory inventory = inventory_of(choice, search, context.log);
    if (context.console.json()) {
      context.console.out(document(node_name(choice.site), inventory, choice));
    } else {
      print(context.console, node_name(choice.site), inventory, choice, *all);
    }
    return 0;
  };
}

}  // namespace geomsu::cli
