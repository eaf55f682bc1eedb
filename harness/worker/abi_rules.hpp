// Rules that need the plug-in's table itself, one a process: `geomsu-worker --plugin X --abi-rule NAME`. geomsu conform
// starts them; a crash is then the crash of that rule alone.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/protocol/messages.hpp"

namespace geomsu::worker {

// What came of a rule. It goes out as a `log` line of the protocol: level 1 for pass, 3 for fail.
struct AbiVerdict {
  enum class Mark { kPass, kFail };
  Mark mark = Mark::kPass;
  std::string detail;  // of a failure: "expected ...; came ..."
};

std::vector<std::string_view> abi_rule_names();
// Runs the rule of that name. Error kUsage where there is none. Trap: the plug-in's code runs here, in this process.
AbiVerdict run_abi_rule(std::string_view name, const std::filesystem::path& plugin, const Params& params);
std::string abi_verdict_line(const AbiVerdict& verdict);  // without '\n'

}  // namespace geomsu::worker
