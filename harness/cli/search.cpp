#include "harness/cli/search.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <system_error>

#include "build_info.hpp"
#include "harness/base/error.hpp"

namespace geomsu::cli {
namespace fs = std::filesystem;
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

fs::path user_dir() {
  // The XDG rules: a relative value is not valid and is passed over.
  if (const fs::path xdg = environment("XDG_CONFIG_HOME"); xdg.is_absolute()) return xdg / "geomsu";
  if (const fs::path home = environment("HOME"); home.is_absolute()) return home / ".config" / "geomsu";
  return {};
}

fs::path program() {
  std::error_code failed;
  const fs::path path = fs::read_symlink("/proc/self/exe", failed);
  if (failed)
    throw Error(ErrorCode::kInternal, "cannot find the program's own place: " + failed.message(), "/proc/self/exe",
                "mount /proc");
  return path;
}

bool is_file(const fs::path& path) {
  std::error_code failed;
  return fs::is_regular_file(path, failed);
}

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".yaml") || name.ends_with(".yml");
}

std::string listed(const std::vector<fs::path>& places) {
  std::string out;
  for (const fs::path& place : places) out.append(out.empty() ? "" : ", ").append(place.string());
  return out;
}

}  // namespace

Search::Search(const SearchOptions& options) {
  const fs::path bin = program().parent_path(), prefix = bin.parent_path(), user = user_dir();
  if (!options.config_dir.empty()) config_dirs_.push_back(fs::absolute(options.config_dir));
  if (!user.empty()) config_dirs_.push_back(user);
  config_dirs_.push_back(prefix / build::kDataDir / "geomsu");
  for (const std::string& dir : options.backend_dirs) backend_dirs_.push_back(fs::absolute(dir));
  if (!user.empty()) backend_dirs_.push_back(user / "backends");
  backend_dirs_.push_back(prefix / build::kLibDir / "geomsu" / "backends");
  worker_given_ = !options.worker.empty();
  if (worker_given_) {
    worker_places_.push_back(fs::absolute(options.worker));
  } else {
    worker_places_.push_back(bin / "geomsu-worker");
  }
}

fs::path Search::config(std::string_view kind, const std::string& name, const fs::path& beside) const {
  std::vector<fs::path> tried;
  if (is_path(name)) {
    const fs::path given = name;
    if (given.is_relative() && !beside.empty()) tried.push_back(beside / given);
    tried.push_back(given);
  } else {
    for (const fs::path& dir : config_dirs_) tried.push_back(dir / kind / (name + ".yaml"));
  }
  for (const fs::path& path : tried) {
    if (is_file(path)) return path;
  }
  throw Error(ErrorCode::kNoInput, "no " + std::string(kind) + " file for '" + name + "'; looked for " + listed(tried),
              name, "write a path, or put the file into one of these folders");
}

std::vector<fs::path> Search::all_configs(std::string_view kind) const {
  std::map<std::string, fs::path> found;
  for (const fs::path& dir : config_dirs_) {
    std::error_code failed;
    for (const fs::directory_entry& entry : fs::directory_iterator(dir / kind, failed)) {
      if (entry.path().extension() == ".yaml" && is_file(entry.path()))
        found.emplace(entry.path().filename().string(), entry.path());
    }
  }
  std::vector<fs::path> paths;
  for (const auto& [name, path] : found) paths.push_back(path);
  return paths;
}

fs::path Search::worker() const {
  for (const fs::path& place : worker_places_) {
    if (is_file(place)) return place;
  }
  throw Error(
      ErrorCode::kUnavailable, "there is no worker program; looked for " + listed(worker_places_), "geomsu-worker",
      worker_given_ ? "correct --worker" : "build or install geomsu-worker beside geomsu, or name it with --worker");
}

}  // namespace geomsu::cli
