#include <algorithm>

#include <fmt/format.h>

#include "harness/contract/contract.hpp"
#include "harness/contract/map_reader.hpp"
#include "harness/contract/site_readings.hpp"
#include "harness/contract/yaml_node.hpp"

namespace geomsu {
namespace {

const Advice kOneOf{"a worker is started from exactly one place",
                    "write one of `backend: cpu`, `path: /absolute/plugin.so` and `command: [/absolute/adapter]`"};
const Advice kAbsolute{"a relative path means another program in another folder", "write the path from / on"};

bool is_backend_name(std::string_view text) {
  return text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

// A program and its arguments, the program by its absolute path.
std::vector<std::string> read_argv(const YamlNode& node, const std::string& key, const std::string& example,
                                   Diagnostics& diagnostics) {
  std::vector<std::string> argv;
  if (node.kind != YamlNode::Kind::kSequence || node.items.empty()) {
    diagnostics.error(node.at, fmt::format("'{}' must be a list of words", key),
                      {"no shell reads it, so nothing splits it", fmt::format("write `{}`", example)});
    return argv;
  }
  for (const YamlNode& item : node.items) {
    argv.push_back(text_value(item, fmt::format("a word of '{}'", key), diagnostics).value_or(""));
  }
  if (!argv.front().empty() && !argv.front().starts_with('/')) {
    diagnostics.error(node.items.front().at, fmt::format("{} is no absolute path", shown(argv.front())), kAbsolute);
  }
  return argv;
}

constexpr std::uint32_t kMostRanks = 65536;

// Both or neither: what starts several processes, and how many of them there must be.
void read_launcher(const YamlNode* launcher, const YamlNode* ranks, bool adapter, Mark at, SitePlugin& plugin,
                   Diagnostics& diagnostics) {
  if (launcher == nullptr && ranks == nullptr) return;
  if (launcher == nullptr || ranks == nullptr) {
    return diagnostics.error((launcher == nullptr ? ranks : launcher)->at,
                             "'launcher' and 'ranks' stand together, and one of them is missing",
                             {"a rank that never comes is missed only where it is known how many must come",
                              "write `launcher: [/usr/bin/mpirun, -n, \"4\"]` and `ranks: 4`"});
  }
  if (adapter) {
    return diagnostics.error(at, "'launcher' stands beside 'command'",
                             {"a launcher starts geomsu-worker-mpi, and an adapter's command starts itself",
                              "put the launcher's words before the adapter's in 'command'"});
  }
  plugin.launcher = read_argv(*launcher, "launcher", "launcher: [/usr/bin/mpirun, -n, \"4\"]", diagnostics);
  const auto text = text_value(*ranks, "'ranks'", diagnostics);
  if (!text) return;
  const auto count = count_value(*text);
  if (count && *count >= 1 && *count <= kMostRanks) {
    plugin.ranks = *count;
  } else {
    diagnostics.error(ranks->at, fmt::format("'ranks' is {}, and must be from 1 to {}", shown(*text), kMostRanks),
                      {"so many processes the launcher starts", "write the number that its `-n` says"});
  }
}

void read_params(const YamlNode& node, SitePlugin& plugin, Diagnostics& diagnostics) {
  if (node.kind != YamlNode::Kind::kMap) {
    return diagnostics.error(node.at, fmt::format("'params' must be a map of keys, here is {}", kind_name(node.kind)),
                             {"they are handed to the plug-in by name", "write `params: {key: value}`"});
  }
  for (const YamlEntry& entry : node.entries) {
    const auto text = text_value(entry.value, "'" + entry.key + "' of params", diagnostics);
    if (text) plugin.params[entry.key] = *text;
  }
}

SitePlugin read_plugin(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "a plug-in", diagnostics);
  SitePlugin plugin;
  const YamlNode* backend = reader.optional_node("backend");
  const YamlNode* path = reader.optional_node("path");
  const YamlNode* command = reader.optional_node("command");
  const YamlNode* params = reader.optional_node("params");
  const YamlNode* launcher = reader.optional_node("launcher");
  const YamlNode* ranks = reader.optional_node("ranks");
  reader.finish();
  if (!reader.is_map()) return plugin;
  const int places = (backend != nullptr ? 1 : 0) + (path != nullptr ? 1 : 0) + (command != nullptr ? 1 : 0);
  if (places == 0) diagnostics.error(node.at, "a plug-in has none of 'backend', 'path' and 'command'", kOneOf);
  if (places > 1) diagnostics.error(node.at, "a plug-in has more than one of 'backend', 'path' and 'command'", kOneOf);
  if (backend != nullptr) {
    plugin.backend = text_value(*backend, "'backend'", diagnostics).value_or("");
    if (!is_backend_name(plugin.backend)) {
      diagnostics.error(
          backend->at, fmt::format("{} is no name of a backend", shown(plugin.backend)),
          {"geomsu_NAME.so is looked for in the plug-in folders", "write a name like `cpu`, or use `path:`"});
    }
  }
  if (path != nullptr) {
    plugin.path = text_value(*path, "'path'", diagnostics).value_or("");
    if (!plugin.path.empty() && !plugin.path.starts_with('/')) {
      diagnostics.error(path->at, fmt::format("{} is no absolute path", shown(plugin.path)), kAbsolute);
    }
  }
  if (command != nullptr) {
    plugin.command = read_argv(*command, "command", "command: [/absolute/adapter, --flag]", diagnostics);
  }
  read_launcher(launcher, ranks, command != nullptr, node.at, plugin, diagnostics);
  if (params != nullptr) read_params(*params, plugin, diagnostics);
  return plugin;
}

Site read_site(const YamlNode& root, Diagnostics& diagnostics) {
  MapReader reader(root, "the site", diagnostics);
  Site site;
  site.node = reader.optional_text("node").value_or("");
  const Advice advice{"nothing else says which programs may be started", "write `plugins: [{backend: cpu}]`"};
  const YamlNode* plugins = reader.required_node("plugins", advice);
  site.readings = read_site_readings(reader, diagnostics);
  reader.finish();
  if (plugins == nullptr) return site;
  if (plugins->kind != YamlNode::Kind::kSequence || plugins->items.empty()) {
    diagnostics.error(plugins->at, "'plugins' must be a list with at least one of them", advice);
    return site;
  }
  for (const YamlNode& item : plugins->items) site.plugins.push_back(read_plugin(item, diagnostics));
  return site;
}

}  // namespace

Loaded<Site> parse_site(std::string_view yaml, const std::string& name) {
  Diagnostics diagnostics(name);
  Loaded<Site> loaded;
  loaded.bytes = yaml;
  loaded.path = name;
  if (const auto root = read_yaml(yaml, diagnostics)) {
    Site site = read_site(*root, diagnostics);
    if (!diagnostics.has_error()) loaded.value = std::move(site);
  }
  loaded.diagnostics = diagnostics.sorted();
  return loaded;
}

}  // namespace geomsu
