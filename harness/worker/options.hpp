// geomsu-worker's command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/protocol/messages.hpp"

namespace geomsu::worker {

struct Options {
  std::string plugin;    // path
  Params params;         // of the instance
  std::string abi_rule;  // run this rule on the table instead of serving; empty: serve
};

std::string usage();
// Error kUsage with what is wrong; nothing where only help or the version was asked for and was put into `text`.
std::optional<Options> parse_options(const std::vector<std::string>& arguments, std::string& text);

}  // namespace geomsu::worker
