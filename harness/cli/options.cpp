#include "harness/cli/options.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace geomsu::cli {
namespace {

void settle(CLI::Option* option, const std::string& group, bool required) {
  if (!group.empty()) option->group(group);
  option->required(required);
}

}  // namespace

void Options::flag(const std::string& names, bool& value, const std::string& help) {
  settle(app_.add_flag(names, value, help), group_, false);
}

void Options::text(const std::string& names, std::string& value, const std::string& help, bool required) {
  settle(app_.add_option(names, value, help), group_, required);
}

void Options::texts(const std::string& names, std::vector<std::string>& values, const std::string& help,
                    bool required) {
  CLI::Option* option = app_.add_option(names, values, help);
  // A flag takes one word each time, so that it never swallows the positional word after it.
  if (names.starts_with('-'))
    option->type_size(1)->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  settle(option, group_, required);
}

}  // namespace geomsu::cli
