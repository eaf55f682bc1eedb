// Where configurations, the worker and plug-ins are found: a flag first, then the user's folder
// (XDG_CONFIG_HOME/geomsu, else ~/.config/geomsu), then <prefix>/share/geomsu and <prefix>/lib/geomsu, where the prefix
// is found from the program's own place. A build tree has the same layout as an installed one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace geomsu::cli {

struct SearchOptions {
  std::string config_dir, worker;         // flags; empty where not given
  std::vector<std::string> backend_dirs;  // --backend-path
};

class Search {
 public:
  explicit Search(const SearchOptions& options);

  // "suites", "acceptance": the first of the folders that has suites/acceptance.yaml; a text with '/' or ending in
  // .yaml is a path, taken from `beside` where it is relative and there. Error kNoInput names where it was looked for.
  std::filesystem::path config(std::string_view kind, const std::string& name,
                               const std::filesystem::path& beside = {}) const;
  // All *.yaml of a kind, each name once: the first folder wins. Sorted by name.
  std::vector<std::filesystem::path> all_configs(std::string_view kind) const;
  std::filesystem::path worker() const;  // Error kUnavailable where there is none
  const std::vector<std::filesystem::path>& backend_dirs() const { return backend_dirs_; }
  const std::vector<std::filesystem::path>& config_dirs() const { return config_dirs_; }

 private:
  std::vector<std::filesystem::path> config_dirs_, backend_dirs_, worker_places_;
  bool worker_given_ = false;
};

}  // namespace geomsu::cli
