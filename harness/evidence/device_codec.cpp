#include "harness/evidence/codecs.hpp"

namespace geomsu {

void write_unit(JsonWriter& json, const Unit& unit) {
  json.begin_object().text("node", unit.node).text("device", unit.device).end_object();
}

Unit read_unit(JsonObject object) {
  Unit unit;
  unit.node = object.text("node");
  unit.device = object.text("device");
  object.finish();
  return unit;
}

void write_device(JsonWriter& json, const DeviceInfo& device) {
  json.begin_object();
  json.count("index", std::uint64_t{device.index});
  json.text("backend", device.backend).text("name", device.name).text("vendor", device.vendor);
  json.text("uuid", device.uuid).maybe_text("serial", device.serial).maybe_text("pci_address", device.pci_address);
  json.maybe_text("driver", device.driver)
      .maybe_text("firmware", device.firmware)
      .maybe_text("partition", device.partition);
  json.count("memory_bytes", device.memory_bytes).count("pcie_generation", device.pcie_generation);
  json.count("pcie_width", device.pcie_width);
  json.text_map("attributes", device.attributes).end_object();
}

DeviceInfo read_device(JsonObject object) {
  DeviceInfo device;
  device.index = object.count32("index");
  device.backend = object.text("backend");
  device.name = object.text("name");
  device.vendor = object.text("vendor");
  device.uuid = object.text("uuid");
  device.serial = object.maybe_text("serial");
  device.pci_address = object.maybe_text("pci_address");
  device.driver = object.maybe_text("driver");
  device.firmware = object.maybe_text("firmware");
  device.partition = object.maybe_text("partition");
  device.memory_bytes = object.maybe_count("memory_bytes");
  device.pcie_generation = object.maybe_count("pcie_generation");
  device.pcie_width = object.maybe_count("pcie_width");
  device.attributes = object.text_map("attributes");
  object.finish();
  return device;
}

void write_telemetry(JsonWriter& json, const Telemetry& reading) {
  json.integer("mono_ns", reading.mono_ns).integer("utc_ns", reading.utc_ns);
  json.number("power_w", reading.power_w).number("energy_j", reading.energy_j);
  json.number("temperature_c", reading.temperature_c).number("memory_temperature_c", reading.memory_temperature_c);
  json.number("clock_mhz", reading.clock_mhz).number("memory_clock_mhz", reading.memory_clock_mhz);
  json.number("memory_used_bytes", reading.memory_used_bytes).number("foreign_load", reading.foreign_load);
  json.count("throttle", reading.throttle).count("throttle_events", reading.throttle_events);
  json.count("ecc_corrected", reading.ecc_corrected).count("ecc_uncorrected", reading.ecc_uncorrected);
  json.count("link_replays", reading.link_replays).count("fault_events", reading.fault_events);
}

Telemetry read_telemetry_members(JsonObject& object) {
  Telemetry reading;
  reading.mono_ns = object.integer("mono_ns");
  reading.utc_ns = object.integer("utc_ns");
  reading.power_w = object.maybe_number("power_w");
  reading.energy_j = object.maybe_number("energy_j");
  reading.temperature_c = object.maybe_number("temperature_c");
  reading.memory_temperature_c = object.maybe_number("memory_temperature_c");
  reading.clock_mhz = object.maybe_number("clock_mhz");
  reading.memory_clock_mhz = object.maybe_number("memory_clock_mhz");
  reading.memory_used_bytes = object.maybe_number("memory_used_bytes");
  reading.foreign_load = object.maybe_number("foreign_load");
  reading.throttle = object.maybe_count("throttle");
  reading.throttle_events = object.maybe_count("throttle_events");
  reading.ecc_corrected = object.maybe_count("ecc_corrected");
  reading.ecc_uncorrected = object.maybe_count("ecc_uncorrected");
  reading.link_replays = object.maybe_count("link_replays");
  reading.fault_events = object.maybe_count("fault_events");
  return reading;
}

std::string telemetry_json(const Unit& unit, const Telemetry& reading) {
  JsonWriter json;
  json.begin_object();
  json.key("unit");
  write_unit(json, unit);
  write_telemetry(json, reading);
  return json.end_object().str();
}

std::pair<Unit, Telemetry> parse_telemetry_at(std::string_view line, std::string where) {
  const JsonDocument document(line, std::move(where));
  JsonObject root = document.root();
  Unit unit = read_unit(root.object("unit"));
  Telemetry reading = read_telemetry_members(root);
  root.finish();
  return {std::move(unit), std::move(reading)};
}

void write_sustained(JsonWriter& json, const Sustained& sustained) {
  json.key("sustained").begin_object().count("sessions", std::uint64_t{sustained.sessions});
  json.integer("span_ns", sustained.span_ns).end_object();
}

Sustained read_sustained(JsonObject object) {
  Sustained sustained;
  sustained.sessions = object.count32("sessions");
  if (sustained.sessions == 0) object.refuse("sessions", "counts from 1");
  sustained.span_ns = object.integer("span_ns");
  if (sustained.span_ns <= 0) object.refuse("span_ns", "must be above zero");
  object.finish();
  return sustained;
}

}  // namespace geomsu
