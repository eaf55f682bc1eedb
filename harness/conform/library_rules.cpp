// A plug-in's shared object: what it exports, read from the file, and the table that it gives, read by a worker.
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/conform/elf.hpp"
#include "harness/conform/rule.hpp"
#include "harness/conform/stand.hpp"

namespace geomsu::conform {
namespace {

constexpr std::uint64_t kLargest = 2ULL << 30;
constexpr const char* kQuery = "geomsu_plugin_query";

Outcome exports(Stand& stand) {
  if (!stand.candidate().is_plugin()) return not_applicable("the candidate is a command, and no shared object");
  std::vector<std::string> names;
  try {
    names = exported_symbols(read_file(stand.candidate().library, kLargest));
  } catch (const Error& error) {
    throw Unmet{"a shared object of 64-bit little-endian ELF", error.message()};
  }
  std::erase_if(names, [](const std::string& name) {
    // What linkers and sanitizers' instrumentation define in every shared object is nobody's choice.
    return name == "_init" || name == "_fini" || name.starts_with("__asan_") || name.starts_with("__odr_asan");
  });
  if (names != std::vector<std::string>{kQuery}) {
    const std::size_t count = names.size();
    if (names.size() > 5) names.resize(5);
    throw Unmet{fmt::format("{} exported, and nothing else: two plug-ins of one process would meet", kQuery),
                fmt::format("{} symbols: {}", count, fmt::join(names, ", "))};
  }
  return pass(fmt::format("{} alone", kQuery));
}

}  // namespace

std::vector<Rule> library_rules() {
  return {
      {"library-exports",
       "abi",
       "geomsu_plugin.h, head",
       "a plug-in exports one function and keeps the rest to itself",
       {},
       exports},
  };
}

}  // namespace geomsu::conform
