// A session of a plug-in under valgrind: what it leaks of the host's memory.
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/conform/data_check.hpp"
#include "harness/conform/rule.hpp"
#include "harness/conform/stand.hpp"

namespace geomsu::conform {
namespace {
namespace fs = std::filesystem;

constexpr int kRounds = 3;
constexpr const char* kLeaks = "exited with status 99";

// On PATH; empty where it is not.
fs::path valgrind() {
  const char* path = std::getenv("PATH");
  std::istringstream places(path == nullptr ? "" : path);
  for (std::string place; std::getline(places, place, ':');) {
    const fs::path here = fs::path(place) / "valgrind";
    if (here.is_absolute() && ::access(here.c_str(), X_OK) == 0) return here;
  }
  return {};
}

// "definitely lost: 1,234 bytes in 5 blocks" of valgrind's summary.
std::string lost(const std::string& log) {
  const std::size_t begin = log.find("definitely lost: ");
  if (begin == std::string::npos) return "definite leaks";
  return log.substr(begin, log.find('\n', begin) - begin);
}

Outcome no_leaks(Stand& stand) {
  if (!stand.settings().leaks) return not_applicable("under valgrind, where asked for: --leaks runs it");
  if (!stand.candidate().is_plugin())
    return not_applicable("the candidate is a command: look for its leaks with tools of its own language");
  const fs::path tool = valgrind();
  if (tool.empty()) return not_run("valgrind is not on PATH: apt-get install valgrind, or leave --leaks out");
  std::vector<std::string> command = {
      tool.string(),         "--leak-check=full",      "--errors-for-leak-kinds=definite", "--show-leak-kinds=definite",
      "--error-exitcode=99", "--undef-value-errors=no"};
  command.insert(command.end(), stand.candidate().command.begin(), stand.candidate().command.end());
  constexpr std::int64_t kSlowness = 10;
  Wire wire(command, stand.settings().patience_ns * kSlowness);
  wire.ok(protocol::HelloRequest{protocol::kMajor, protocol::kMinor, "geomsu conform"});
  wire.ok(protocol::OpenRequest{{0}});
  for (int i = 0; i < kRounds; ++i) {
    const Prepared prepared = stand.ready(wire);
    block(wire, prepared, 2);
    wire.ok(protocol::ReadRequest{prepared.id, 0, 0, 0, {0}});
    wire.ok(protocol::DigestRequest{prepared.id, 0, 0, 0});
    wire.ok(protocol::ReleaseRequest{prepared.id});
  }
  wire.refused(Stand::request_of({ops::find("gemm"), {}}, 1), "there are no parameters");
  wire.ok(protocol::ShutdownRequest{});
  const std::string how = wire.end(false);
  if (how == kLeaks)
    throw Unmet{fmt::format("no definite leak, and no access to memory of others, in {} workloads", kRounds),
                lost(wire.take_stderr())};
  if (how != "exited with status 0") throw Unmet{"an end with status 0 under valgrind", how};
  return pass(fmt::format("no definite leak in {} workloads, made and released", kRounds));
}

}  // namespace

std::vector<Rule> leak_rules() {
  return {
      {"no-leaks",
       "abi",
       "geomsu_plugin.h, head",
       "a run of hours makes and releases thousands of objects",
       {"digest", "release", "shutdown"},
       no_leaks},
  };
}

}  // namespace geomsu::conform
