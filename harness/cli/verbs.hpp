// The verbs of the command line. A new verb is one file that defines declare_x and one line of the table in verbs.cpp.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "harness/cli/context.hpp"

namespace CLI {
class App;
}

namespace geomsu::cli {

using Action = std::function<int(Context&)>;  // the exit status; Error for what stops it

struct Verb {
  std::string_view name, summary, help;  // help: what it does, and examples
  Action (*declare)(CLI::App& app);      // adds its options; the action is called after parsing
  bool uses_site = false;                // takes --site, --backend ...
};

Action declare_devices(CLI::App& app);
Action declare_validate(CLI::App& app);
Action declare_plan(CLI::App& app);
Action declare_run(CLI::App& app);
Action declare_judge(CLI::App& app);
Action declare_report(CLI::App& app);
Action declare_verify(CLI::App& app);

std::span<const Verb> verbs();

}  // namespace geomsu::cli
