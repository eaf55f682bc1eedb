// The C table of a plug-in: each rule runs within a worker of its own, since the supervisor never loads vendor code.
#include <string>

#include <fmt/format.h>

#include "harness/conform/rule.hpp"
#include "harness/conform/stand.hpp"

namespace geomsu::conform {
namespace {

constexpr const char* kHeader = "geomsu_plugin.h, head";

Rule table_rule(std::string_view id, std::string_view where, std::string_view why,
                std::vector<std::string_view> needs) {
  return {id, "abi", where, why, std::move(needs), [id](Stand& stand) {
            if (!stand.candidate().is_plugin()) return not_applicable("the candidate is a command, and has no C table");
            return pass(stand.ask_worker(id));
          }};
}

}  // namespace

std::vector<Rule> first_table_rules() {
  return {
      table_rule("table-served", "geomsu_plugin.h, geomsu_plugin_query", "a host of its own version must be served",
                 {"library-exports"}),
      table_rule("table-major", kHeader, "majors must be equal: another lays out its structs differently",
                 {"table-served"}),
      table_rule("table-whole", kHeader, "a slot that is missing would be called all the same", {"table-major"}),
  };
}

std::vector<Rule> table_rules() {
  return {
      table_rule("host-versions", "geomsu_plugin.h, geomsu_plugin_query", "hosts and plug-ins are renewed apart",
                 {"table-whole"}),
      table_rule("extension", "geomsu_plugin.h, extension", "what the plug-in does not have is NULL", {"hello"}),
      table_rule("instances", kHeader, "a host may look at two sites at once", {"hello"}),
      table_rule("struct-sizes", kHeader, "structs grow with newer minors, on either side", {"measure", "telemetry"}),
      table_rule("repeat-room", "geomsu_plugin.h, geomsu_span", "the host's room for ticks must not be overrun",
                 {"repeat-ticks"}),
      table_rule("errors", kHeader, "an error has a code and words, and is the plug-in's to make and unmake",
                 {"read-limits"}),
      table_rule("lifetimes", kHeader, "children die before parents, and what died can be made anew", {"measure"}),
      table_rule("inputs-copied", kHeader, "what is handed in is copied before the call returns", {"read"}),
      table_rule("wait-again", "geomsu_plugin.h, submit and event_wait",
                 "submit never blocks, and a wait that was too short may be repeated", {"measure"}),
      table_rule("telemetry-thread", kHeader, "telemetry comes from a second thread, while work runs",
                 {"keeps-working"}),
  };
}

}  // namespace geomsu::conform
