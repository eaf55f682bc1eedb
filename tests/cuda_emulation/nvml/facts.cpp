#include "tests/cuda_emulation/nvml/facts.hpp"

#include <algorithm>
#include <array>

#include "tests/cuda_emulation/yaml_fields.hpp"

namespace geomsu::emulation::nvml {
namespace {

constexpr std::array kNumbers{"pcie_generation",
                              "pcie_max_generation",
                              "pcie_gpu_generation",
                              "pcie_width",
                              "pcie_max_width",
                              "pcie_replays",
                              "power_mw",
                              "power_limit_mw",
                              "power_default_limit_mw",
                              "power_min_limit_mw",
                              "power_max_limit_mw",
                              "power_enforced_limit_mw",
                              "energy_mj",
                              "temperature_c",
                              "memory_temperature_c",
                              "sm_clock_mhz",
                              "memory_clock_mhz",
                              "max_sm_clock_mhz",
                              "max_memory_clock_mhz",
                              "application_sm_mhz",
                              "application_memory_mhz",
                              "default_application_sm_mhz",
                              "default_application_memory_mhz",
                              "clock_reasons",
                              "violation_power_ns",
                              "violation_thermal_ns",
                              "violation_sync_boost_ns",
                              "violation_board_limit_ns",
                              "violation_reliability_ns",
                              "ecc_mode",
                              "ecc_pending",
                              "ecc_corrected",
                              "ecc_uncorrected",
                              "retired_single_bit",
                              "retired_double_bit",
                              "retired_pending",
                              "remapped_corrected",
                              "remapped_uncorrected",
                              "remap_pending",
                              "remap_failed",
                              "memory_used",
                              "utilization",
                              "brand",
                              "architecture",
                              "numa_node",
                              "persistence",
                              "nvlinks",
                              "nvlink_version",
                              "nvlink_mbps",
                              "nvlink_replays",
                              "nvlink_recoveries",
                              "nvlink_crc_flit",
                              "nvlink_crc_data",
                              "process_utilization"};
constexpr std::array kTexts{"serial", "part_number", "vbios", "inforom"};

[[noreturn]] void fail(const std::string& file, const YAML::Node& at, const std::string& words) {
  throw std::runtime_error(file + ":" + std::to_string(at.Mark().line + 1) + ": " + words);
}

template <typename Names>
bool knows(const Names& names, const std::string& key) {
  return std::find(names.begin(), names.end(), key) != names.end();
}

std::string with_ordinal(std::string text, std::size_t ordinal) {
  for (auto at = text.find("{i}"); at != std::string::npos; at = text.find("{i}"))
    text.replace(at, 3, std::to_string(ordinal));
  return text;
}

std::vector<PlannedFault> read_faults(const YAML::Node& list, const std::string& file) {
  std::vector<PlannedFault> out;
  for (const auto& item : list) {
    const YamlFields fields(item, file, {"function", "call", "status", "every"});
    PlannedFault fault;
    fault.function = fields.need<std::string>("function");
    fault.call = fields.get("call", fault.call);
    fault.status = fields.need<int>("status");
    fault.every = fields.get("every", false);
    if (!fault.function.starts_with("nvml")) fields.fail(item, "'function' is a name of NVML");
    if (fault.call == 0 || fault.status == 0) fields.fail(item, "'call' counts from 1, and 'status' 0 is no fault");
    out.push_back(fault);
  }
  return out;
}

ProcessFacts read_process(const YAML::Node& map, const std::string& file) {
  const YamlFields fields(map, file, {"pid", "own", "name", "memory", "sm", "graphics"});
  ProcessFacts to;
  const bool own = fields.get("own", false);
  if (own == fields.has("pid")) fields.fail(map, "a process has a 'pid' or is our 'own', one of both");
  if (!own) to.pid = fields.need<unsigned>("pid");
  to.name = fields.get<std::string>("name", "");
  to.memory_bytes = fields.get("memory", 0.0);
  to.sm = fields.get("sm", 0U);
  to.graphics = fields.get("graphics", false);
  return to;
}

void read_mig(const YAML::Node& map, const std::string& file, std::size_t ordinal, DeviceFacts& to) {
  const YamlFields fields(map, file, {"enabled", "pending", "instances"});
  to.mig_known = true;
  to.mig = fields.need<bool>("enabled");
  to.mig_pending = fields.get("pending", to.mig);
  if (!fields.has("instances")) return;
  for (const auto& item : fields.at("instances")) {
    const YamlFields one(item, file,
                         {"uuid", "gpu_instance", "compute_instance", "multiprocessors", "memory", "memory_used"});
    to.mig_instances.push_back({with_ordinal(one.need<std::string>("uuid"), ordinal),
                                one.need<unsigned>("gpu_instance"), one.need<unsigned>("compute_instance"),
                                one.need<unsigned>("multiprocessors"), one.need<double>("memory"),
                                one.get("memory_used", 0.0)});
  }
}

void read_xids(const YAML::Node& list, const std::string& file, DeviceFacts& to) {
  to.events_known = true;
  for (const auto& item : list) {
    const YamlFields fields(item, file, {"xid", "after_reads", "at_s"});
    if (fields.has("after_reads") == fields.has("at_s")) fields.fail(item, "an XID has 'after_reads' or 'at_s'");
    const bool by_time = fields.has("at_s");
    to.xids.push_back({fields.need<unsigned>("xid"), {by_time, fields.need<double>(by_time ? "at_s" : "after_reads")}});
  }
}

// One key of the section that is not a plain number or text.
bool read_structure(const std::string& key, const YAML::Node& node, const std::string& file, std::size_t ordinal,
                    DeviceFacts& to) {
  if (key == "nvlink_down") {
    to.links_down = node.as<std::vector<unsigned>>();
  } else if (key == "nvlink_remotes") {
    to.link_remotes = node.as<std::vector<std::string>>();
  } else if (key == "nvlink_to") {
    const auto word = node.as<std::string>();
    if (word != "switch" && word != "gpu") fail(file, node, "'nvlink_to' is switch or gpu");
    to.links_to_switch = word == "switch";
  } else if (key == "fabric") {
    const YamlFields fields(node, file, {"state", "status", "clique", "health"});
    to.fabric = FabricFacts{fields.need<int>("state"), fields.get("status", 0), fields.get("clique", 0U),
                            fields.get("health", 0U)};
  } else if (key == "mig") {
    read_mig(node, file, ordinal, to);
  } else if (key == "processes") {
    to.processes_known = true;
    for (const auto& item : node) to.processes.push_back(read_process(item, file));
  } else if (key == "xids") {
    read_xids(node, file, to);
  } else if (key == "lost_after") {
    to.lost_after = node.as<std::uint64_t>();
  } else if (key == "faults") {
    to.faults = read_faults(node, file);
  } else {
    return false;
  }
  return true;
}

DeviceFacts read_device(const YAML::Node& map, const std::string& file, std::size_t ordinal) {
  DeviceFacts to;
  if (!map.IsMap()) fail(file, map, "'nvml' is a map");
  for (const auto& pair : map) {
    const auto key = pair.first.as<std::string>();
    try {
      if (knows(kNumbers, key)) {
        to.numbers[key] = Value::parse(pair.second, file);
      } else if (knows(kTexts, key)) {
        to.texts[key] = with_ordinal(pair.second.as<std::string>(), ordinal);
      } else if (!read_structure(key, pair.second, file, ordinal, to)) {
        fail(file, pair.first, "unknown key '" + key + "' under 'nvml'");
      }
    } catch (const YAML::Exception&) {
      fail(file, pair.second, "'" + key + "' does not read as what it must be");
    }
  }
  return to;
}

}  // namespace

NvmlFacts read_facts(const Configuration& configuration) {
  const std::string& file = configuration.node.file;
  const YAML::Node map = YAML::LoadFile(file);
  NvmlFacts to;
  if (const YAML::Node node = map["nvml"]) {
    const YamlFields fields(node, file, {"driver_version", "nvml_version", "faults"});
    to.node.driver_version = fields.get<std::string>("driver_version", "");
    to.node.nvml_version = fields.get<std::string>("nvml_version", "");
    if (fields.has("faults")) to.node.faults = read_faults(fields.at("faults"), file);
  }
  for (std::size_t i = 0; i < configuration.node.devices.size(); ++i) {
    const YAML::Node section = map["devices"][configuration.node.devices[i].place]["nvml"];
    to.devices.push_back(section ? read_device(section, file, i) : DeviceFacts{});
  }
  return to;
}

}  // namespace geomsu::emulation::nvml
