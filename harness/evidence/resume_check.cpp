#include "harness/evidence/resume_check.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace geomsu {
namespace {

const PluginFact* serving(const Environment& environment, const std::string& backend) {
  for (const PluginFact& plugin : environment.plugins) {
    if (plugin.backend == backend && plugin.refused.empty()) return &plugin;
  }
  return nullptr;
}

const DeviceInfo* find_device(const Environment& environment, const std::string& backend, const std::string& id) {
  for (const DeviceInfo& device : environment.devices) {
    if (device.backend == backend && device.unit_id() == id) return &device;
  }
  return nullptr;
}

void compare_plugins(const Plan& plan, const Environment& then, const Environment& now, std::vector<std::string>& out) {
  std::set<std::string> backends;
  for (const PlannedUnit& unit : plan.units) {
    if (unit.found && !unit.backend.empty()) backends.insert(unit.backend);
  }
  for (const std::string& backend : backends) {
    const PluginFact* before = serving(then, backend);
    const PluginFact* after = serving(now, backend);
    if (before == nullptr) continue;  // nothing was recorded of it
    if (after == nullptr) {
      out.push_back(fmt::format("plug-in {} no longer serves", backend));
    } else if (before->simulated != after->simulated) {  // the same file over another runtime
      const auto words = [](const std::string& kind) { return kind.empty() ? "of real devices" : kind; };
      out.push_back(
          fmt::format("plug-in {} is {}, and was {}", backend, words(after->simulated), words(before->simulated)));
    } else if (before->sha256 != after->sha256) {
      out.push_back(fmt::format("plug-in {} has SHA-256 {}, and had {}", backend, after->sha256, before->sha256));
    } else if (!before->path.ends_with(".so") && before->path != after->path) {  // a command: its words are part of it
      out.push_back(fmt::format("adapter {} is started as '{}', and was as '{}'", backend, after->path, before->path));
    }
  }
}

void compare_devices(const Plan& plan, const Environment& then, const Environment& now, std::vector<std::string>& out,
                     std::vector<std::string>* notes) {
  if (then.devices.empty() && now.devices.empty()) {
    if (notes != nullptr) notes->push_back("serials were not compared: the environment lists no devices");
    return;
  }
  for (const PlannedUnit& unit : plan.units) {
    if (!unit.found || !unit.contracted || !unit.device) continue;
    const DeviceInfo* after = find_device(now, unit.backend, unit.device->unit_id());
    if (after == nullptr) {
      out.push_back(fmt::format("device {} is gone", unit.unit.name()));
    } else if (!after->same_part(*unit.device)) {
      out.push_back(fmt::format("device {} is another part now (uuid, serial, firmware, memory or partition differ)",
                                unit.unit.name()));
    }
  }
}

}  // namespace

std::vector<std::string> resume_differences(const Plan& plan, const Environment& then, const Environment& now,
                                            std::vector<std::string>* notes) {
  std::vector<std::string> out;
  const auto compare = [&out](std::string_view what, const std::string& before, const std::string& after) {
    if (before != after) out.push_back(fmt::format("{} is '{}', and was '{}'", what, after, before));
  };
  compare("node", then.node, now.node);
  compare("boot id", then.boot_id, now.boot_id);
  compare("tool", then.tool, now.tool);
  compare("tool build", then.tool_build, now.tool_build);
  compare_plugins(plan, then, now, out);
  compare_devices(plan, then, now, out, notes);
  return out;
}

}  // namespace geomsu
