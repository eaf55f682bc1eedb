#include "harness/cli/site_choice.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/base/text.hpp"
#include "harness/cli/build_facts.hpp"
#include "harness/cli/inputs.hpp"

namespace geomsu::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 3> kOnlyWhenAsked = {"fake", "mpi", "template"};

std::set<std::string> backends_in(const std::vector<fs::path>& folders) {
  std::set<std::string> names;
  for (const fs::path& folder : folders) {
    std::error_code failed;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("geomsu_") && name.ends_with(".so")) names.insert(name.substr(7, name.size() - 10));
    }
  }
  return names;
}

Site read_site(const fs::path& path) {
  const std::string bytes = read_file(path, 1u << 20);
  const Loaded<Site> loaded = parse_site(bytes, path.string());
  if (!loaded.value)
    throw Error(ErrorCode::kBadData, diagnostics_text(loaded.diagnostics), path.string(), "correct the site file");
  return *loaded.value;
}

SitePlugin& plugin_named(Site& site, const std::string& backend, const std::string& flag) {
  for (SitePlugin& plugin : site.plugins) {
    if (plugin.backend == backend) return plugin;
  }
  throw Error(ErrorCode::kUsage, fmt::format("no plug-in '{}' is in use", escape_terminal(backend)), flag,
              fmt::format("add --backend {}", escape_terminal(backend)));
}

void apply_param(Site& site, const std::string& flag, const std::string& text) {
  const std::size_t equals = text.find('='), dot = text.find('.');
  if (equals == std::string::npos || dot == std::string::npos || dot == 0 || dot + 1 >= equals) {
    throw Error(ErrorCode::kUsage, fmt::format("'{}' is not backend.key=value", escape_terminal(text)), flag,
                "write it like cpu.devices=2");
  }
  plugin_named(site, text.substr(0, dot), flag).params[text.substr(dot + 1, equals - dot - 1)] =
      text.substr(equals + 1);
}

std::string no_cuda(const Search& search) {
  if (std::string why = cuda_absent(); !why.empty()) return why;
  return fmt::format(
      "in this build, but geomsu_cuda.so is in none of its folders; next: install it into {} or name its folder with "
      "--backend-path",
      search.backend_dirs().back().string());
}

}  // namespace

SiteChoice choose_site(const SiteOptions& options, const Search& search) {
  if (!options.site.empty() && !options.backends.empty()) {
    throw Error(ErrorCode::kUsage, "--site and --backend both say which workers are started", "--backend",
                "give one of them, or write the plug-in into the site file");
  }
  SiteChoice choice;
  const std::set<std::string> there = backends_in(search.backend_dirs());
  if (!options.site.empty()) {
    choice.site = read_site(search.config("sites", options.site));
  } else if (!options.backends.empty()) {
    for (const std::string& backend : options.backends) {
      SitePlugin plugin;
      plugin.backend = backend;
      choice.site.plugins.push_back(plugin);
    }
  } else {
    for (const fs::path& path : search.all_configs("sites")) {
      if (path.filename() == "default.yaml") choice.site = read_site(path);
    }
    if (choice.site.plugins.empty()) {
      for (const std::string& backend : there) {
        if (std::find(kOnlyWhenAsked.begin(), kOnlyWhenAsked.end(), backend) != kOnlyWhenAsked.end()) continue;
        SitePlugin plugin;
        plugin.backend = backend;
        choice.site.plugins.push_back(plugin);
      }
    }
  }
  for (const std::string& backend : there) {
    const bool used = std::any_of(choice.site.plugins.begin(), choice.site.plugins.end(),
                                  [&](const SitePlugin& plugin) { return plugin.backend == backend; });
    if (!used) choice.left_out.push_back(fmt::format("{}: not asked for; take it with --backend {}", backend, backend));
  }
  if (!there.contains("cuda")) choice.left_out.push_back("cuda: " + no_cuda(search));
  if (!there.contains("opencl")) {
    choice.left_out.push_back(
        fmt::format("opencl: no opencl plug-in in this build; put geomsu_opencl.so into {} or name its folder "
                    "with --backend-path",
                    search.backend_dirs().back().string()));
  }
  if (!there.contains("mpi"))
    choice.left_out.emplace_back(
        "mpi: this build is without MPI; install libopenmpi-dev and openmpi-bin and build again");
  if (!options.cpu_devices.empty()) apply_param(choice.site, "--cpu-devices", "cpu.devices=" + options.cpu_devices);
  for (const std::string& param : options.params) apply_param(choice.site, "--param", param);
  return choice;
}

Inventory inventory_of(const SiteChoice& choice, const Search& search, Log& log) {
  if (choice.site.plugins.empty()) return {};
  return take_inventory(choice.site, search.worker(), search.backend_dirs(), log);
}

std::string node_name(const Site& site) {
  if (!site.node.empty()) return site.node;
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') {
    throw Error(ErrorCode::kUnavailable, "the host has no name", "gethostname",
                "give it one, or write `node:` into the site file");
  }
  return name.data();
}

std::string site_flags(const SiteOptions& options, const SearchOptions& search) {
  std::string flags;
  const auto add = [&](std::string_view flag, const std::string& value) {
    if (!value.empty()) flags.append(" ").append(flag).append(" ").append(shell_quote(value));
  };
  add("--config", search.config_dir);
  add("--site", options.site);
  for (const std::string& backend : options.backends) add("--backend", backend);
  for (const std::string& param : options.params) add("--param", param);
  add("--cpu-devices", options.cpu_devices);
  for (const std::string& dir : search.backend_dirs) add("--backend-path", dir);
  add("--worker", search.worker);
  return flags;
}

}  // namespace geomsu::cli
