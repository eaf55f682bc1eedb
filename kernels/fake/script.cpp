#include "kernels/fake/script.hpp"

#include <charconv>
#include <cmath>
#include <set>
#include <stdexcept>
#include <system_error>

#include <yaml-cpp/yaml.h>

namespace geomsu::fake {
namespace {

[[noreturn]] void refuse(const YAML::Node& node, const std::string& what) {
  const YAML::Mark mark = node.Mark();
  throw std::runtime_error(std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1) + ": " + what);
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

double number(const YAML::Node& node) {
  const auto value = parse_number(node.Scalar());
  if (!node.IsScalar() || !value) refuse(node, "a number is wanted, got '" + node.Scalar() + "'");
  return *value;
}

std::uint64_t count(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!node.IsScalar() || error != std::errc() || end != text.data() + text.size()) {
    refuse(node, "a whole number is wanted, got '" + text + "'");
  }
  return value;
}

std::string text(const YAML::Node& node) {
  if (!node.IsScalar()) refuse(node, "text is wanted");
  return node.Scalar();
}

// "100 TFLOP/s", "1 TB/s": the value in FLOP/s or B/s.
double rate(const YAML::Node& node) {
  const std::string whole = text(node);
  const std::size_t space = whole.find(' ');
  const auto value = parse_number(std::string_view(whole).substr(0, space));
  std::string_view unit = space == std::string::npos ? std::string_view() : std::string_view(whole).substr(space + 1);
  double scale = 1;
  for (const auto& [prefix, factor] : {std::pair{'K', 1e3}, {'M', 1e6}, {'G', 1e9}, {'T', 1e12}, {'P', 1e15}}) {
    if (!unit.starts_with(prefix)) continue;
    scale = factor;
    unit.remove_prefix(1);
    break;
  }
  if (!value || *value <= 0 || (unit != "FLOP/s" && unit != "B/s")) {
    refuse(node, "a speed such as '100 TFLOP/s' or '1 TB/s' is wanted, got '" + whole + "'");
  }
  return *value * scale;
}

// Calls visit(key, value) for each pair; a key twice and a value that is no mapping are refused.
template <class Visit>
void each(const YAML::Node& node, const std::string& what, Visit visit) {
  if (!node.IsMap()) refuse(node, what + " must be a mapping");
  std::set<std::string> seen;
  for (const auto& pair : node) {
    const std::string key = text(pair.first);
    if (!seen.insert(key).second) refuse(pair.first, "key '" + key + "' stands twice");
    visit(key, pair.second, pair.first);
  }
}

const std::map<std::string, std::set<std::string>>& fault_kinds() {
  static const std::set<std::string> slot = {"slot"};
  static const std::map<std::string, std::set<std::string>> kinds = {
      {"throws", slot},
      {"segv", slot},
      {"abort", slot},
      {"exit", {"slot", "status"}},
      {"hang", slot},
      {"error", {"slot", "code"}},
      {"prints", {"slot", "text"}},
      {"never_completes", {}},
      {"completes_early", {"fraction"}},
      {"short_span", {"fraction"}},
      {"clock_backward", {"ticks"}},
      {"clock_wraps", {"bits"}},
      {"clock_3x", {}},
      {"clock_rate", {"ppm"}},
      {"wrong_element", {"index", "size"}},
      {"bit_flip", {"index"}},
      {"missing_tile", {"rows", "columns"}},
      {"swapped_rows", {"a", "b"}},
      {"skipped_repeat", {"repeat"}},
      {"missing_rank", {"rank"}},
      {"stale_output", {}},
      {"frozen_output", {}},
      {"cheaper_dtype", {"dtype"}},
      {"unsupported", {}},
      {"out_of_memory", {}},
      {"device_lost", {}},
      {"leaks", {"bytes"}},
      {"throttles", {"factor"}},
      {"drifts", {"per_s"}},
      {"throttle_fraction", {"factor", "silent"}},
      {"loses_nvlink", {}},
      {"other_serial", {"serial", "uuid"}},
      {"slow_prepare", {"seconds"}},
      {"foreign_load", {"value"}},
      {"ecc", {"corrected", "uncorrected"}},
  };
  return kinds;
}

bool read_trigger(Trigger& trigger, const std::string& key, const YAML::Node& value) {
  if (key == "at_block") {
    trigger.at_block = count(value);
  } else if (key == "from_block") {
    trigger.from_block = count(value);
  } else if (key == "at_sample") {
    trigger.at_sample = count(value);
  } else if (key == "from_sample") {
    trigger.from_sample = count(value);
  } else if (key == "at_call") {
    trigger.at_call = count(value);
  } else if (key == "from_call") {
    trigger.from_call = count(value);
  } else if (key == "every") {
    trigger.every = count(value);
    if (trigger.every == 0u) refuse(value, "every must be at least 1");
  } else if (key == "after_s") {
    trigger.after_s = number(value);
  } else if (key == "op") {
    trigger.op = text(value);
  } else {
    return false;
  }
  return true;
}

Fault read_fault(const YAML::Node& node) {
  Fault fault;
  if (!node.IsMap() || !node["kind"]) refuse(node, "a fault must be a mapping with a kind");
  fault.kind = text(node["kind"]);
  const auto kind = fault_kinds().find(fault.kind);
  if (kind == fault_kinds().end()) refuse(node["kind"], "unknown fault '" + fault.kind + "'");
  each(node, "a fault", [&](const std::string& key, const YAML::Node& value, const YAML::Node& at) {
    if (key == "kind" || read_trigger(fault.trigger, key, value)) return;
    if (!kind->second.contains(key)) refuse(at, "a fault '" + fault.kind + "' has no key '" + key + "'");
    fault.arguments[key] = text(value);
  });
  return fault;
}

ClockScript read_clock(const YAML::Node& node) {
  ClockScript clock;
  each(node, "clock", [&](const std::string& key, const YAML::Node& value, const YAML::Node& at) {
    if (key == "ticks_per_second") {
      clock.ticks_per_second = count(value);
    } else if (key == "start_ticks") {
      clock.start_ticks = count(value);
    } else if (key == "valid_bits") {
      clock.valid_bits = static_cast<std::uint32_t>(count(value));
      if (clock.valid_bits < 1 || clock.valid_bits > 64) refuse(value, "valid_bits must be from 1 to 64");
    } else if (key == "rate_ppm") {
      clock.rate_ppm = number(value);
    } else if (key == "domain" && (text(value) == "host" || text(value) == "device")) {
      clock.host_domain = text(value) == "host";
    } else {
      refuse(at, "clock has no '" + key + ": " + text(value) + "'");
    }
  });
  return clock;
}

const std::set<std::string>& telemetry_names() {
  static const std::set<std::string> names = {
      "power_w",          "idle_power_w", "energy_wraps_j", "temperature_c",   "memory_temperature_c", "clock_mhz",
      "memory_clock_mhz", "foreign_load", "ecc_corrected",  "ecc_uncorrected", "link_replays",         "fault_events"};
  return names;
}

bool read_text(DeviceScript& device, const std::string& key, const YAML::Node& value) {
  const std::map<std::string, std::string*> texts = {
      {"name", &device.name},         {"vendor", &device.vendor},           {"uuid", &device.uuid},
      {"serial", &device.serial},     {"pci_address", &device.pci_address}, {"driver", &device.driver},
      {"firmware", &device.firmware}, {"partition", &device.partition}};
  const auto found = texts.find(key);
  if (found != texts.end()) *found->second = text(value);
  return found != texts.end();
}

bool read_number(DeviceScript& device, const std::string& key, const YAML::Node& value) {
  if (key == "memory_bytes") {
    device.memory_bytes = count(value);
  } else if (key == "pcie_generation") {
    device.pcie_generation = count(value);
  } else if (key == "pcie_width") {
    device.pcie_width = count(value);
  } else if (key == "jitter") {
    device.jitter = number(value);
  } else if (key == "overhead_s") {
    device.overhead_s = number(value);
  } else if (key == "prepare_s") {
    device.prepare_s = number(value);
  } else if (key == "reseed_s") {
    device.reseed_s = number(value);
  } else {
    return false;
  }
  if (number(value) < 0) refuse(value, key + " must not be negative");
  return true;
}

// Of "collective.all_reduce@1048576": what stands after the @.
void check_size(const std::string& name, const YAML::Node& at) {
  const std::size_t sign = name.find('@');
  if (sign == std::string::npos) return;
  const std::string size = name.substr(sign + 1);
  if (size.empty() || size[0] == '0' || size.find_first_not_of("0123456789") != std::string::npos)
    refuse(at, "a size in bytes is wanted after the @ of '" + name + "'");
}

DeviceScript read_device(const YAML::Node& node, std::uint64_t& copies) {
  DeviceScript device;
  device.telemetry = {{"power_w", 300},     {"temperature_c", 55},  {"clock_mhz", 1500}, {"foreign_load", 0},
                      {"ecc_corrected", 0}, {"ecc_uncorrected", 0}, {"link_replays", 0}, {"fault_events", 0}};
  copies = 1;
  each(node, "a device", [&](const std::string& key, const YAML::Node& value, const YAML::Node& at) {
    if (read_text(device, key, value) || read_number(device, key, value)) return;
    if (key == "count") {
      copies = count(value);
      if (copies < 1 || copies > 4096) refuse(value, "count must be from 1 to 4096");
    } else if (key == "clock") {
      device.clock = read_clock(value);
    } else if (key == "attributes") {
      each(value, key, [&](const std::string& name, const YAML::Node& item, const YAML::Node&) {
        device.attributes[name] = text(item);
      });
    } else if (key == "speed") {
      each(value, key, [&](const std::string& name, const YAML::Node& item, const YAML::Node& name_at) {
        check_size(name, name_at);
        device.speed[name] = rate(item);
      });
    } else if (key == "latency") {
      each(value, key, [&](const std::string& name, const YAML::Node& item, const YAML::Node& name_at) {
        check_size(name, name_at);
        device.latency[name] = number(item);
        if (device.latency[name] < 0) refuse(item, "a latency must not be negative");
      });
    } else if (key == "meter") {
      device.meter = text(value);
      if (device.meter != "both" && device.meter != "counter" && device.meter != "power")
        refuse(value, "meter must be both, counter or power");
    } else if (key == "telemetry") {
      device.telemetry.clear();
      each(value, key, [&](const std::string& name, const YAML::Node& item, const YAML::Node& name_at) {
        if (!telemetry_names().contains(name)) refuse(name_at, "telemetry has no '" + name + "'");
        device.telemetry[name] = number(item);
      });
    } else if (key == "faults") {
      if (!value.IsSequence()) refuse(value, "faults must be a list");
      for (const auto& fault : value) device.faults.push_back(read_fault(fault));
    } else {
      refuse(at, "a device has no key '" + key + "'");
    }
  });
  if (copies > 1 && !(device.serial.empty() && device.uuid.empty())) {
    refuse(node, "copies of a device cannot share a serial or a uuid: leave them out, they are numbered");
  }
  return device;
}

void add(Script& script, DeviceScript device) {
  const std::string number = std::to_string(script.devices.size() + 1);
  const std::string padded = std::string(number.size() < 4 ? 4 - number.size() : 0, '0') + number;
  if (device.serial.empty()) device.serial = "FAKE-" + padded;
  if (device.uuid.empty()) device.uuid = "fake-uuid-" + padded;
  script.devices.push_back(std::move(device));
}
}  // namespace

bool Trigger::holds(const Moment& m) const {
  return (!at_block || *at_block == m.block) && (!from_block || m.block >= *from_block) &&
         (!at_sample || *at_sample == m.sample) && (!from_sample || m.sample >= *from_sample) &&
         (!every || m.block % *every == *every - 1) && (!after_s || m.busy_s >= *after_s) && (op.empty() || op == m.op);
}

bool Trigger::holds_call(std::uint64_t call) const {
  return (!at_call || *at_call == call) && (!from_call || call >= *from_call);
}

bool Trigger::unconditional() const {
  return !at_block && !from_block && !at_sample && !from_sample && !every && !after_s && op.empty();
}

std::string Fault::text(std::string_view key, std::string_view fallback) const {
  const auto found = arguments.find(key);
  return found == arguments.end() ? std::string(fallback) : found->second;
}

double Fault::number(std::string_view key, double fallback) const {
  const auto found = arguments.find(key);
  if (found == arguments.end()) return fallback;
  const auto value = parse_number(found->second);
  if (!value) throw std::runtime_error("fault '" + kind + "': '" + found->second + "' is no number");
  return *value;
}

std::uint64_t Fault::count(std::string_view key, std::uint64_t fallback) const {
  return arguments.contains(key) ? static_cast<std::uint64_t>(number(key, 0)) : fallback;
}

namespace {
// "op.variant@bytes", "op@bytes", "op.variant", "op": the first of them that is there.
std::optional<double> most_exact(const std::map<std::string, double, std::less<>>& table, std::string_view op,
                                 std::string_view variant, std::string_view bytes) {
  const std::string whole(op), exact = whole + "." + std::string(variant), size = "@" + std::string(bytes);
  for (const std::string& key : {exact + size, whole + size, exact, whole}) {
    if (const auto found = table.find(key); found != table.end()) return found->second;
  }
  return std::nullopt;
}
}  // namespace

double DeviceScript::speed_of(std::string_view op, std::string_view variant, std::string_view bytes) const {
  return most_exact(speed, op, variant, bytes).value_or(op == "gemm" ? 100e12 : 1e12);
}

double DeviceScript::latency_of(std::string_view op, std::string_view variant, std::string_view bytes) const {
  return most_exact(latency, op, variant, bytes).value_or(0);
}

Script load_script(const std::string& path, std::uint32_t devices) {
  Script script;
  if (path.empty()) {
    std::uint64_t copies = 0;
    for (std::uint32_t i = 0; i < devices; ++i) add(script, read_device(YAML::Node(YAML::NodeType::Map), copies));
    return script;
  }
  try {
    each(YAML::LoadFile(path), "the script",
         [&](const std::string& key, const YAML::Node& value, const YAML::Node& at) {
           if (key == "seed") {
             script.seed = count(value);
           } else if (key == "start_ns") {
             script.start_ns = count(value);
           } else if (key == "devices") {
             if (!value.IsSequence()) refuse(value, "devices must be a list");
             for (const auto& node : value) {
               std::uint64_t copies = 0;
               const DeviceScript device = read_device(node, copies);
               for (std::uint64_t i = 0; i < copies; ++i) add(script, device);
             }
           } else {
             refuse(at, "the script has no key '" + key + "'");
           }
         });
  } catch (const YAML::BadFile&) {
    throw std::runtime_error(path + ": the fake's script cannot be read");
  } catch (const std::exception& error) {
    throw std::runtime_error(path + ":" + error.what());
  }
  return script;
}

}  // namespace geomsu::fake
