#include "tests/cuda_emulation/node.hpp"

#include <cstdio>
#include <string_view>
#include <utility>

#include "tests/cuda_emulation/yaml_fields.hpp"

namespace geomsu::emulation {
namespace {

std::uint64_t fnv(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

std::array<std::uint8_t, 16> derived_uuid(const std::string& name, const std::string& pci) {
  std::array<std::uint8_t, 16> uuid{};
  const std::uint64_t halves[2] = {fnv(name + pci), fnv(pci + name)};
  for (std::size_t i = 0; i < uuid.size(); ++i) uuid[i] = static_cast<std::uint8_t>(halves[i / 8] >> (8 * (i % 8)));
  return uuid;
}

std::array<std::uint8_t, 16> read_uuid(const YamlFields& fields) {
  std::string hex;
  const auto text = fields.need<std::string>("uuid");
  for (const char c : text.starts_with("GPU-") ? text.substr(4) : text) {
    if (c != '-') hex += c;
  }
  std::array<std::uint8_t, 16> uuid{};
  if (hex.size() != 32 || hex.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    fields.fail(fields.at("uuid"), "'uuid' is GPU- and 32 hexadecimal digits");
  }
  for (std::size_t i = 0; i < 16; ++i)
    uuid[i] = static_cast<std::uint8_t>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
  return uuid;
}

// The address `steps` buses behind `first`.
std::string pci_after(const YamlFields& fields, const std::string& first, unsigned steps) {
  unsigned domain = 0, bus = 0, device = 0, function = 0;
  if (std::sscanf(first.c_str(), "%x:%x:%x.%x", &domain, &bus, &device, &function) != 4 || bus + steps > 0xff) {
    fields.fail(fields.at("pci"), "'pci' is an address as 0000:1b:00.0, with buses left for each device of the entry");
  }
  char text[32];
  std::snprintf(text, sizeof text, "%04x:%02x:%02x.%x", domain, bus + steps, device, function);
  return text;
}

ComputeMode read_mode(const YamlFields& fields) {
  const auto mode = fields.get<std::string>("compute_mode", "default");
  if (mode == "default") return ComputeMode::kDefault;
  if (mode == "exclusive_process") return ComputeMode::kExclusiveProcess;
  if (mode == "prohibited") return ComputeMode::kProhibited;
  fields.fail(fields.at("compute_mode"), "'compute_mode' is default, exclusive_process or prohibited");
}

Pace read_pace(const YAML::Node& map, const std::string& file) {
  const YamlFields fields(map, file, {"launch_ns", "flop_per_s", "bytes_per_s"});
  Pace pace;
  pace.launch_ns = fields.get("launch_ns", pace.launch_ns);
  pace.flop_per_s = fields.get("flop_per_s", pace.flop_per_s);
  pace.bytes_per_s = fields.get("bytes_per_s", pace.bytes_per_s);
  if (!(pace.flop_per_s > 0) || !(pace.bytes_per_s > 0)) fields.fail(map, "a pace is above 0");
  return pace;
}

// What `peers` says, once all devices are known.
struct Peers {
  YAML::Node said;
  std::size_t first = 0, count = 0;
};

void read_device(const YAML::Node& map, std::size_t place, Node& node, std::vector<Peers>& peers) {
  const YamlFields fields(map, node.file,
                          {"count", "name", "compute", "multiprocessors", "memory", "free", "l2", "pci", "pcis",
                           "peers", "uuid", "compute_mode", "busy", "nvml"});
  const auto count = fields.get<std::size_t>("count", 1);
  if (count == 0 || count > 64) fields.fail(map, "'count' is 1 to 64");
  NodeDevice device;
  device.place = place;
  device.name = fields.need<std::string>("name");
  const auto compute = fields.need<std::string>("compute");
  if (std::sscanf(compute.c_str(), "%d.%d", &device.major, &device.minor) != 2) {
    fields.fail(fields.at("compute"), "'compute' is a capability as \"9.0\"");
  }
  device.multiprocessors = fields.need<int>("multiprocessors");
  device.memory_bytes = fields.need<std::uint64_t>("memory");
  device.free_bytes = fields.get("free", device.memory_bytes);
  if (device.free_bytes > device.memory_bytes) fields.fail(fields.at("free"), "'free' is above 'memory'");
  device.l2_bytes = fields.need<std::uint64_t>("l2");
  device.compute_mode = read_mode(fields);
  device.busy = fields.get("busy", false);
  const auto pcis = fields.get<std::vector<std::string>>("pcis", {});
  if (!pcis.empty() && pcis.size() != count) fields.fail(fields.at("pcis"), "'pcis' has one address a device");
  if (fields.has("uuid") && count != 1) fields.fail(fields.at("uuid"), "'uuid' is for an entry of one device");
  const auto first_pci = pcis.empty() ? fields.need<std::string>("pci") : std::string();
  peers.push_back({fields.at("peers"), node.devices.size(), count});
  for (std::size_t i = 0; i < count; ++i) {
    device.pci = pcis.empty() ? pci_after(fields, first_pci, static_cast<unsigned>(i)) : pcis[i];
    device.uuid = fields.has("uuid") ? read_uuid(fields) : derived_uuid(device.name, device.pci);
    node.devices.push_back(device);
  }
}

void join_peers(const YamlFields& top, const Peers& peers, Node& node) {
  if (!peers.said) return;  // none
  const bool list = peers.said.IsSequence();
  const auto word = list ? std::string() : peers.said.as<std::string>();
  if (!list && word != "all" && word != "none") top.fail(peers.said, "'peers' is all, none or a list of ordinals");
  const int devices = static_cast<int>(node.devices.size());
  std::vector<int> wanted;
  if (list) {
    for (const auto& item : peers.said) wanted.push_back(item.as<int>());
  } else if (word == "all") {
    for (int ordinal = 0; ordinal < devices; ++ordinal) wanted.push_back(ordinal);
  }
  for (const int ordinal : wanted) {
    if (ordinal < 0 || ordinal >= devices) top.fail(peers.said, "no device " + std::to_string(ordinal));
  }
  for (std::size_t i = peers.first; i < peers.first + peers.count; ++i) {
    for (const int ordinal : wanted) {
      if (ordinal != static_cast<int>(i)) node.devices[i].peers.push_back(ordinal);
    }
  }
}

}  // namespace

Node read_node(const std::string& file) {
  YAML::Node map;
  try {
    map = YAML::LoadFile(file);
  } catch (const YAML::Exception& error) {
    throw std::runtime_error(file + ": " + error.what() + "; next: check the path and the YAML of the node");
  }
  const YamlFields fields(map, file, {"name", "driver", "pace", "devices", "nvml"});
  return read_node(map, file);
}

Node read_node(const YAML::Node& map, const std::string& file) {
  Node node;
  node.file = file;
  if (map["name"]) node.name = map["name"].as<std::string>();
  if (map["driver"]) node.driver = map["driver"].as<int>();
  if (map["pace"]) node.pace = read_pace(map["pace"], file);
  const YAML::Node devices = map["devices"];
  if (!devices || !devices.IsSequence()) throw std::runtime_error(file + ": a list 'devices' is wanted");
  std::vector<Peers> peers;
  for (std::size_t place = 0; place < devices.size(); ++place) read_device(devices[place], place, node, peers);
  for (const Peers& each : peers) {
    join_peers(YamlFields(devices[node.devices[each.first].place], file,
                          {"count", "name", "compute", "multiprocessors", "memory", "free", "l2", "pci", "pcis",
                           "peers", "uuid", "compute_mode", "busy", "nvml"}),
               each, node);
  }
  return node;
}

std::string uuid_text(const std::array<std::uint8_t, 16>& uuid) {
  std::string text = "GPU";
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[uuid[i] >> 4U];
    text += kDigits[uuid[i] & 15U];
  }
  return text;
}

}  // namespace geomsu::emulation
