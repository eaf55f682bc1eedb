#include "harness/worker/options.hpp"

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/worker/abi_rules.hpp"

namespace geomsu::worker {

std::string usage() {
  return "usage: geomsu-worker --plugin PATH.so [--param KEY=VALUE ...]\n"
         "\n"
         "Hosts one geomsu plug-in and speaks the line protocol (harness/protocol/PROTOCOL.md) on stdin and stdout;\n"
         "whatever the plug-in prints goes to stderr. geomsu starts it; by hand it is good for trying a plug-in:\n"
         "  printf '%s\\n' "
         "'{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\",\"params\":{\"major\":1,\"minor\":0,\"tool\":\"me\"}}' "
         "\\\n"
         "    | geomsu-worker --plugin ./geomsu_cpu.so\n"
         "\n"
         "  --plugin PATH      the plug-in's shared object\n"
         "  --param KEY=VALUE  a setting of its instance; may be given again\n"
         "  --abi-rule NAME    try one rule of the C ABI on it instead of serving (geomsu conform does so)\n"
         "  --abi-rules        the names of these rules\n"
         "  --version, --help\n";
}

std::optional<Options> parse_options(const std::vector<std::string>& arguments, std::string& text) {
  const auto wrong = [](std::string what) {
    return Error(ErrorCode::kUsage, std::move(what), "geomsu-worker", "see geomsu-worker --help");
  };
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      text = usage();
      return std::nullopt;
    }
    if (argument == "--version") {
      text = fmt::format("geomsu-worker {} (protocol {}.{})\n", GEOMSU_VERSION, protocol::kMajor, protocol::kMinor);
      return std::nullopt;
    }
    if (argument == "--abi-rules") {
      for (const std::string_view name : abi_rule_names()) text.append(name).append("\n");
      return std::nullopt;
    }
    if (argument != "--plugin" && argument != "--param" && argument != "--abi-rule")
      throw wrong(fmt::format("unknown argument '{}'", argument));
    if (++i == arguments.size()) throw wrong(fmt::format("'{}' wants a value", argument));
    if (argument == "--plugin") {
      if (!options.plugin.empty()) throw wrong("'--plugin' is given twice: a worker hosts one");
      options.plugin = arguments[i];
      continue;
    }
    if (argument == "--abi-rule") {
      options.abi_rule = arguments[i];
      continue;
    }
    const std::size_t equals = arguments[i].find('=');
    if (equals == 0 || equals == std::string::npos)
      throw wrong(fmt::format("'--param {}' is not KEY=VALUE", arguments[i]));
    options.params[arguments[i].substr(0, equals)] = arguments[i].substr(equals + 1);
  }
  if (options.plugin.empty()) throw wrong("'--plugin PATH' is missing");
  return options;
}

}  // namespace geomsu::worker
