// A program of the build as a user starts it: a child with its own environment, whose output lies in files.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "tests/run/fake_run.hpp"

namespace geomsu::test {

struct ProgramOptions {
  std::map<std::string, std::string> environment = {};  // over the test's own
  std::optional<std::size_t> file_size_limit = {};      // RLIMIT_FSIZE, with EFBIG in place of the signal
  bool obey_permissions = false;                        // root, too, is refused by a directory without `w`
};

class Program {
 public:
  Program(const std::vector<std::string>& argv, const std::filesystem::path& output_dir,
          const ProgramOptions& options = {});
  ~Program();  // SIGKILL to what still runs
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t pid() const { return pid_; }
  bool ended();  // without waiting
  int wait();    // exit status, or 128 + the signal's number
  void signal(int number);
  std::string output() const;  // stdout and stderr, as they came

 private:
  pid_t pid_ = -1;
  std::optional<int> status_;
  std::filesystem::path output_;
};

// geomsu over a fake device script, a contract and a suite, all in one scratch directory.
class CommandLine {
 public:
  CommandLine(const std::string& script, const std::string& contract, const std::string& suite);
  std::vector<std::string> run() const;     // geomsu run ... -o bundle
  std::vector<std::string> resume() const;  // geomsu run --resume bundle
  std::vector<std::string> geomsu(const std::vector<std::string>& words) const;
  std::filesystem::path bundle() const { return scratch_.path() / "bundle"; }
  const ScratchDir& scratch() const { return scratch_; }

 private:
  std::vector<std::string> with_site(std::vector<std::string> words) const;
  ScratchDir scratch_;
};

}  // namespace geomsu::test
