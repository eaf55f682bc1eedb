// Who is there: one short-lived worker a plug-in, asked and ended. A plug-in that does not serve keeps its reason.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/hash.hpp"
#include "harness/base/text.hpp"
#include "harness/measure/run.hpp"
#include "harness/measure/session.hpp"

namespace geomsu {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kInventoryWatchdogNs = 60'000'000'000;
constexpr std::string_view kPrefix = "geomsu_", kSuffix = ".so";

Inventory::Backend refused(const std::string& backend, const std::string& path, std::string reason) {
  Inventory::Backend entry;
  entry.fact.backend = backend;
  entry.fact.path = path;
  entry.fact.refused = std::move(reason);
  return entry;
}

std::vector<std::string> worker_command(const fs::path& worker, const std::string& path,
                                        const std::map<std::string, std::string>& params) {
  std::vector<std::string> command{fs::absolute(worker).string(), "--plugin", path};
  for (const auto& [key, value] : params) {
    command.emplace_back("--param");
    command.push_back(key + "=" + value);
  }
  return command;
}

constexpr std::string_view kLaunchedWorker = "geomsu-worker-mpi";  // beside geomsu-worker

// The worker of one process, or the launcher with the worker of several.
std::vector<std::string> plugin_command(const fs::path& worker, const std::string& path, const SitePlugin& plugin) {
  if (plugin.launcher.empty()) return worker_command(worker, path, plugin.params);
  std::vector<std::string> command = plugin.launcher;
  const auto launched = worker_command(worker.parent_path() / kLaunchedWorker, path, plugin.params);
  command.insert(command.end(), launched.begin(), launched.end());
  return command;
}

// Why a launcher cannot start `worker`; empty where it can.
std::string launcher_missing(const SitePlugin& plugin, const fs::path& worker) {
  std::error_code error;
  if (!fs::is_regular_file(plugin.launcher.front(), error)) {
    return fmt::format(
        "the launcher {} is not there; install it (openmpi-bin has mpirun, slurm-client has srun) or "
        "correct 'launcher' in the site file",
        plugin.launcher.front());
  }
  const fs::path launched = fs::absolute(worker).parent_path() / kLaunchedWorker;
  if (fs::is_regular_file(launched, error)) return {};
  return fmt::format("{} is not there: this build is without MPI; install libopenmpi-dev and build again",
                     launched.string());
}

// Whether every rank that the site file names has come with a device.
std::string ranks_missing(const Inventory::Backend& backend, std::uint32_t wanted) {
  std::set<std::string> ranks;
  for (const DeviceInfo& device : backend.devices) {
    const auto rank = device.attributes.find("rank");
    if (rank != device.attributes.end()) ranks.insert(rank->second);
  }
  if (ranks.size() == wanted) return {};
  return fmt::format(
      "devices came from {} rank(s), and the site file says 'ranks: {}'; correct it or the launcher's -n", ranks.size(),
      wanted);
}

// What serves, by our own reading of the files and not by the worker's word. Of a command: every file that it names, as
// `sha256sum FILES` prints them, hashed once more where they are several.
std::string command_sha256(const std::vector<std::string>& command) {
  std::vector<std::string> lines;
  std::string one;
  for (const std::string& word : command) {
    std::error_code error;
    if (!word.starts_with('/') || !fs::is_regular_file(word, error)) continue;
    one = sha256_file_hex(word);
    lines.push_back(fmt::format("{}  {}\n", one, word));
  }
  return lines.size() == 1 ? one : sha256_hex(fmt::format("{}", fmt::join(lines, "")));
}

std::string command_text(const std::vector<std::string>& command) { return fmt::format("{}", fmt::join(command, " ")); }

enum class Serves { kPlugin, kAdapter };

Inventory::Backend ask(Serves what, const std::string& backend, const std::string& path,
                       std::vector<std::string> command, Log& log) {
  Inventory::Backend entry = refused(backend, path, "");
  entry.command = std::move(command);
  if (what == Serves::kAdapter) entry.fact.path = command_text(entry.command);
  if (what == Serves::kAdapter && backend.empty()) entry.fact.backend = "adapter";
  try {
    Session session(entry.command, kInventoryWatchdogNs, log);
    const auto hello = session.call(protocol::HelloRequest{protocol::kMajor, protocol::kMinor, "geomsu"});
    if (!hello) {
      entry.fact.refused = hello.fault().words;
      return entry;
    }
    const std::string wanted = entry.fact.backend;
    entry.fact = hello->plugin;
    entry.fact.simulated = hello->simulated;
    if (entry.fact.backend.empty()) entry.fact.backend = wanted;
    const std::string told = entry.fact.sha256;
    entry.fact.path = what == Serves::kAdapter ? command_text(entry.command) : path;
    entry.fact.sha256 = what == Serves::kAdapter ? command_sha256(entry.command) : sha256_file_hex(path);
    if (what == Serves::kPlugin && told != entry.fact.sha256) {
      entry.fact.refused = fmt::format("the worker says that it loaded a file of SHA-256 {}, and {} has {}", told, path,
                                       entry.fact.sha256);
      return entry;
    }
    entry.scripted_time = hello->scripted_time;
    if (hello->major != protocol::kMajor) {
      entry.fact.refused = fmt::format("speaks protocol {}.{}, this is {}.{}", hello->major, hello->minor,
                                       protocol::kMajor, protocol::kMinor);
      return entry;
    }
    const auto devices = session.call(protocol::DevicesRequest{});
    if (!devices) {
      entry.fact.refused = devices.fault().words;
      return entry;
    }
    entry.devices = devices->devices;
    for (DeviceInfo& device : entry.devices) device.backend = entry.fact.backend;
  } catch (const Error& error) {
    entry.fact.refused = error.message();
  }
  return entry;
}

Inventory::Backend ask_plugin(const SitePlugin& plugin, const std::string& path, const fs::path& worker, Log& log) {
  const auto mark = [&plugin](Inventory::Backend backend) {
    backend.launched = !plugin.launcher.empty();
    if (backend.launched) backend.launcher = plugin.launcher.front();
    return backend;
  };
  if (!plugin.launcher.empty()) {
    const std::string missing = launcher_missing(plugin, worker);
    if (!missing.empty()) return mark(refused(plugin.backend, path, missing));
  }
  auto backend = mark(ask(Serves::kPlugin, plugin.backend, path, plugin_command(worker, path, plugin), log));
  if (!backend.launched) return backend;
  backend.launcher_sha256 = sha256_file_hex(backend.launcher);
  if (backend.fact.refused.empty()) backend.fact.refused = ranks_missing(backend, plugin.ranks);
  return backend;
}

std::vector<std::pair<std::string, std::string>> plugins_in(const std::vector<fs::path>& search) {
  std::vector<std::pair<std::string, std::string>> found;
  std::set<std::string> names;
  for (const fs::path& folder : search) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      const std::string name = file.filename().string();
      if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
      const std::string backend = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
      if (names.insert(backend).second) found.emplace_back(backend, fs::absolute(file).string());
    }
  }
  return found;
}

}  // namespace

std::vector<DeviceInfo> Inventory::devices() const {
  std::vector<DeviceInfo> all;
  for (const Backend& backend : backends) {
    if (backend.fact.refused.empty()) all.insert(all.end(), backend.devices.begin(), backend.devices.end());
  }
  return all;
}

std::string Inventory::simulated() const {
  std::string worst;
  for (const Backend& backend : backends) {
    if (!backend.fact.refused.empty() || backend.fact.simulated.empty()) continue;
    if (worst != "fake") worst = backend.fact.simulated;
  }
  return worst;
}

Inventory take_inventory(const Site& site, const fs::path& worker, const std::vector<fs::path>& search, Log& log) {
  Inventory inventory;
  const auto found = plugins_in(search);
  if (site.plugins.empty()) {
    for (const auto& [backend, path] : found) {
      inventory.backends.push_back(ask(Serves::kPlugin, backend, path, worker_command(worker, path, {}), log));
    }
    return inventory;
  }
  for (const SitePlugin& plugin : site.plugins) {
    if (!plugin.command.empty()) {
      inventory.backends.push_back(ask(Serves::kAdapter, plugin.backend, plugin.command.front(), plugin.command, log));
      continue;
    }
    std::string path = plugin.path;
    if (path.empty()) {
      const auto match =
          std::find_if(found.begin(), found.end(), [&](const auto& entry) { return entry.first == plugin.backend; });
      if (match != found.end()) path = match->second;
    }
    if (path.empty()) {
      std::string places;
      for (const fs::path& folder : search) places += (places.empty() ? "" : ", ") + folder.string();
      inventory.backends.push_back(
          refused(plugin.backend, "", fmt::format("no geomsu_{}.so in {}", plugin.backend, places)));
      continue;
    }
    inventory.backends.push_back(ask_plugin(plugin, path, worker, log));
  }
  return inventory;
}

}  // namespace geomsu
