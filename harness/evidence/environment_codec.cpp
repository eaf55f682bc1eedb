#include <utility>

#include "harness/evidence/codecs.hpp"

namespace geomsu {

std::string environment_json(const RecordedEnvironment& recorded) {
  const Environment& environment = recorded.environment;
  JsonWriter json(JsonWriter::Layout::kIndented);
  json.begin_object().text("plan_sha256", recorded.plan_sha256);
  json.text("node", environment.node).text("boot_id", environment.boot_id);
  json.text("tool", environment.tool).text("tool_build", environment.tool_build);
  json.boolean("utc_synchronised", environment.utc_synchronised).text("utc_source", environment.utc_source);
  json.text_map("facts", environment.facts);
  json.key("plugins").begin_array();
  for (const PluginFact& plugin : environment.plugins) {
    json.begin_object().text("backend", plugin.backend).text("path", plugin.path).text("sha256", plugin.sha256);
    json.text("build_id", plugin.build_id).text("version", plugin.version).text("simulated", plugin.simulated);
    json.text("refused", plugin.refused).end_object();
  }
  json.end_array();
  json.key("devices").begin_array();
  for (const DeviceInfo& device : environment.devices) write_device(json, device);
  json.end_array();
  return json.end_object().str() + "\n";
}

RecordedEnvironment parse_environment_at(std::string_view text, std::string where) {
  const JsonDocument document(text, std::move(where));
  JsonObject root = document.root();
  RecordedEnvironment recorded;
  recorded.plan_sha256 = root.text("plan_sha256");
  Environment& environment = recorded.environment;
  environment.node = root.text("node");
  environment.boot_id = root.text("boot_id");
  environment.tool = root.text("tool");
  environment.tool_build = root.text("tool_build");
  environment.utc_synchronised = root.boolean("utc_synchronised");
  environment.utc_source = root.text("utc_source");
  environment.facts = root.text_map("facts");
  for (JsonObject& entry : root.objects("plugins")) {
    PluginFact plugin;
    plugin.backend = entry.text("backend");
    plugin.path = entry.text("path");
    plugin.sha256 = entry.text("sha256");
    plugin.build_id = entry.text("build_id");
    plugin.version = entry.text("version");
    plugin.simulated = entry.text("simulated");
    plugin.refused = entry.text("refused");
    entry.finish();
    environment.plugins.push_back(std::move(plugin));
  }
  for (JsonObject& device : root.objects("devices")) environment.devices.push_back(read_device(std::move(device)));
  root.finish();
  return recorded;
}

}  // namespace geomsu
