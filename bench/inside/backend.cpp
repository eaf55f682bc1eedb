#include "bench/inside/backend.hpp"

#include <algorithm>
#include <system_error>

#include "harness/base/error.hpp"
#include "harness/worker/plugin_library.hpp"

namespace geomsu::bench {
namespace {
namespace fs = std::filesystem;

template <class T>
T must(worker::Try<T> answer, const fs::path& path) {
  if (const auto* fault = std::get_if<worker::Fault>(&answer)) {
    throw Error(ErrorCode::kUnavailable, fault->reason, path.string(),
                "`geomsu conform` on that file says which rule is broken");
  }
  return std::get<T>(std::move(answer));
}

fs::path prefix() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) throw Error(ErrorCode::kInternal, "cannot tell where this program lies: " + error.message());
  return self.parent_path().parent_path();
}

}  // namespace

std::unique_ptr<Backend> Backend::load(const fs::path& path, const Params& params) {
  const worker::PluginLibrary library = worker::load_plugin(path);
  if (library.table == nullptr) {
    throw Error(ErrorCode::kUnavailable, library.fact.refused, path.string(), "build it for this ABI, or leave it out");
  }
  std::unique_ptr<Backend> backend(new Backend);
  backend->name_ = library.table->name == nullptr ? path.stem().string() : library.table->name;
  backend->simulated_ = library.table->simulated == nullptr ? "" : library.table->simulated;
  backend->client_ = must(worker::PluginClient::create(*library.table, params), path);
  const auto count = must(backend->client_->device_count(), path);
  for (std::uint32_t index = 0; index < count; ++index) {
    backend->devices_.push_back(must(backend->client_->describe(index), path));
  }
  if (const auto* time = backend->client_->scripted_time()) {
    backend->clock_ = std::make_unique<worker::ScriptedClock>(*time, backend->client_->instance());
  } else {
    backend->clock_ = std::make_unique<SystemClock>();
  }
  return backend;
}

std::vector<fs::path> plugins_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("geomsu_") && name.ends_with(".so")) found.push_back(entry.path());
  }
  if (found.empty()) {
    throw Error(ErrorCode::kNoInput, error ? error.message() : "no geomsu_*.so in it", folder.string(),
                "build a backend, or name a plug-in with --plugin");
  }
  std::sort(found.begin(), found.end());
  return found;
}

fs::path backend_folder() { return prefix() / "lib/geomsu/backends"; }
fs::path worker_program() { return prefix() / "bin/geomsu-worker"; }

Params params_from(const std::vector<std::string>& words) {
  Params params;
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(ErrorCode::kUsage, "a setting of the plug-in is written key=value, got '" + word + "'", "--param");
    }
    params[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return params;
}

}  // namespace geomsu::bench
