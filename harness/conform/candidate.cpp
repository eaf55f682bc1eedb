#include "harness/conform/candidate.hpp"

#include <cstdlib>
#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"

namespace geomsu::conform {
namespace {
namespace fs = std::filesystem;

bool runs(const fs::path& path) {
  std::error_code failed;
  return fs::is_regular_file(path, failed) && ::access(path.c_str(), X_OK) == 0;
}

fs::path program(const std::string& word) {
  if (word.find('/') != std::string::npos) {
    const fs::path path = fs::absolute(word).lexically_normal();
    if (runs(path)) return path;
  } else if (const char* path = std::getenv("PATH")) {
    std::istringstream places(path);
    for (std::string place; std::getline(places, place, ':');) {
      const fs::path here = fs::absolute(place) / word;
      if (!place.empty() && runs(here)) return here;
    }
  }
  throw Error(ErrorCode::kNoInput, "there is no such program, or it cannot be executed", word,
              "name a plug-in's FILE.so, or an executable and its arguments after --");
}

}  // namespace

std::string Candidate::name() const {
  if (is_plugin()) return shell_quote(library.string());
  std::string text;
  for (const std::string& word : command) text.append(text.empty() ? "" : " ").append(shell_quote(word));
  return text;
}

bool names_library(const std::vector<std::string>& words) {
  return words.size() == 1 && fs::path(words.front()).extension() == ".so";
}

Candidate make_candidate(const std::vector<std::string>& words, const std::vector<std::string>& params,
                         const fs::path& worker) {
  if (words.empty()) {
    throw Error(ErrorCode::kUsage, "there is no candidate", "geomsu conform",
                "name a plug-in's FILE.so, or a command after --");
  }
  Candidate candidate;
  if (!names_library(words)) {
    if (!params.empty()) {
      throw Error(ErrorCode::kUsage, "--param is handed to a plug-in's instance, and a command is no plug-in",
                  words.front(), "give the command its own arguments after --");
    }
    candidate.command = words;
    candidate.command.front() = program(words.front()).string();
    return candidate;
  }
  candidate.library = fs::absolute(words.front()).lexically_normal();
  std::error_code failed;
  if (!fs::is_regular_file(candidate.library, failed))
    throw Error(ErrorCode::kNoInput, "there is no such file", words.front(), "build the plug-in, or correct the path");
  candidate.worker = worker;
  candidate.command = {fs::absolute(worker).string(), "--plugin", candidate.library.string()};
  for (const std::string& param : params) {
    if (const auto equals = param.find('='); equals == 0 || equals == std::string::npos) {
      throw Error(ErrorCode::kUsage, fmt::format("'--param {}' is not KEY=VALUE", param), "geomsu conform",
                  "write --param script=faults.yaml");
    }
    candidate.command.insert(candidate.command.end(), {"--param", param});
  }
  return candidate;
}

}  // namespace geomsu::conform
