// The verbs of the command line. A new verb is one file that defines declare_x and one line of the table in verbs.cpp.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "harness/cli/context.hpp"
#include "harness/cli/options.hpp"

namespace geomsu::cli {

using Action = std::function<int(Context&)>;  // the exit status; Error for what stops it

struct Verb {
  std::string_view name, summary, help;  // help: what it does, and examples
  Action (*declare)(Options& take);      // adds its options; the action is called after parsing
  bool uses_site = false;                // takes --site, --backend ...
};

Action declare_devices(Options& take);
Action declare_validate(Options& take);
Action declare_init(Options& take);
Action declare_contract(Options& take);
Action declare_plan(Options& take);
Action declare_draw(Options& take);
Action declare_run(Options& take);
Action declare_judge(Options& take);
Action declare_report(Options& take);
Action declare_verify(Options& take);
Action declare_conform(Options& take);
Action declare_cost(Options& take);
Action declare_settle(Options& take);

std::span<const Verb> verbs();

}  // namespace geomsu::cli
