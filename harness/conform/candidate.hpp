// What is put to the rules: a plug-in's shared object, hosted by geomsu-worker, or a command that speaks the lines
// itself.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace geomsu::conform {

struct Candidate {
  std::filesystem::path library;     // of a plug-in; empty of a command
  std::filesystem::path worker;      // of a plug-in
  std::vector<std::string> command;  // what is started, its first word an absolute path
  bool is_plugin() const { return !library.empty(); }
  std::string name() const;  // safe to paste
};

// `words`: one FILE.so, or a command with its arguments. params: KEY=VALUE of a plug-in's instance.
// Error kUsage where words and params do not go together, kNoInput where there is no such file or program.
Candidate make_candidate(const std::vector<std::string>& words, const std::vector<std::string>& params,
                         const std::filesystem::path& worker);
bool names_library(const std::vector<std::string>& words);

}  // namespace geomsu::conform
