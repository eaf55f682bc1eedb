// geomsu conform: every rule of the plug-in boundary against a candidate.
#include <memory>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/base/text.hpp"
#include "harness/cli/json_text.hpp"
#include "harness/cli/search.hpp"
#include "harness/cli/table.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/conform/candidate.hpp"
#include "harness/conform/report.hpp"
#include "harness/conform/runner.hpp"
#include "harness/conform/stand.hpp"
#include "kernels/ops/params.hpp"

namespace geomsu::cli {
namespace {
using namespace conform;

struct Words {
  std::vector<std::string> candidate, params, rules;
  std::string junit, worker, patience, seed;
  bool list = false, long_run = false, leaks = false;
};

std::string list_text(int columns) {
  TextTable table({"rule", "about", "why"});
  for (const Rule& rule : all_rules())
    table.row({std::string(rule.id), std::string(rule.about), std::string(rule.why)});
  return table.str(columns);
}

std::string list_document() {
  std::vector<std::string> rules;
  for (const Rule& rule : all_rules()) {
    std::vector<std::string> needs;
    for (const std::string_view need : rule.needs) needs.push_back(json_quote(need));
    rules.push_back(JsonObject()
                        .text("rule", rule.id)
                        .text("about", rule.about)
                        .text("where", rule.where)
                        .text("why", rule.why)
                        .raw("needs", json_array(needs))
                        .str());
  }
  return JsonObject().text("schema", "geomsu-conform-rules-1").raw("rules", json_array(rules)).str() + "\n";
}

std::string document(const Candidate& candidate, const std::vector<Row>& all) {
  std::vector<std::string> rows;
  for (const Row& row : all) {
    JsonObject object;
    object.text("rule", row.rule->id).text("about", row.rule->about).text("outcome", to_string(row.outcome.mark));
    object.text("seen", row.outcome.seen);
    if (row.outcome.mark == Mark::kFail) object.text("expected", row.outcome.expected);
    rows.push_back(object.text("where", row.rule->where).text("why", row.rule->why).str());
  }
  return JsonObject()
             .text("schema", "geomsu-conform-1")
             .text("protocol", fmt::format("{}.{}", protocol::kMajor, protocol::kMinor))
             .text("candidate", candidate.name())
             .number("exit_status", exit_status(all))
             .raw("rules", json_array(rows))
             .str() +
         "\n";
}

std::string table_text(const std::vector<Row>& rows, int columns) {
  TextTable table({"rule", "outcome", "why, or what was seen"});
  for (const Row& row : rows) {
    const bool passed = row.outcome.mark == Mark::kPass;
    table.row({std::string(row.rule->id), std::string(to_string(row.outcome.mark)),
               passed ? std::string(row.rule->why) : row.outcome.seen});
  }
  std::string text = table.str(columns);
  for (const Row& row : rows) {
    if (row.outcome.mark != Mark::kFail) continue;
    text += fmt::format("\n{} failed: {}\n", row.rule->id, row.rule->why);
    text += wrap_words(fmt::format("  expected: {}", row.outcome.expected), columns);
    text += wrap_words(fmt::format("  came: {}", row.outcome.seen), columns);
    text += wrap_words(fmt::format("  written in: {}", row.rule->where), columns);
  }
  return text;
}

std::uint64_t number(const std::string& text, const char* flag, std::uint64_t otherwise) {
  if (text.empty()) return otherwise;
  const auto count = ops::parse_count(text);
  if (!count)
    throw Error(ErrorCode::kUsage, fmt::format("{} wants a whole number, got '{}'", flag, text), "geomsu conform");
  return *count;
}

int run(const Words& words, Context& context) {
  Console& console = context.console;
  if (words.list) {
    console.out(console.json() ? list_document() : list_text(console.columns()));
    return 0;
  }
  for (const std::string& id : words.rules) {
    if (find_rule(id) != nullptr) continue;
    std::vector<std::string> ids;
    for (const Rule& rule : all_rules()) ids.emplace_back(rule.id);
    const std::string near = closest(id, ids);
    throw Error(
        ErrorCode::kUsage,
        fmt::format("there is no rule '{}'{}", id, near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
        "geomsu conform", "geomsu conform --list names all of them");
  }
  Settings settings;
  settings.patience_ns = static_cast<std::int64_t>(number(words.patience, "--patience", 30)) * 1'000'000'000;
  if (settings.patience_ns < 1'000'000'000 || settings.patience_ns > 3'600'000'000'000)
    throw Error(ErrorCode::kUsage, "--patience is from 1 to 3600 seconds", "geomsu conform");
  settings.seed = number(words.seed, "--seed", 1);
  settings.long_run = words.long_run;
  settings.leaks = words.leaks;
  SearchOptions search = context.search;
  if (!words.worker.empty()) search.worker = words.worker;
  const std::filesystem::path worker =
      names_library(words.candidate) ? Search(search).worker() : std::filesystem::path();
  Stand stand(make_candidate(words.candidate, words.params, worker), settings);
  const auto rows = run_rules(all_rules(), words.rules, stand,
                              [&console](const Rule& rule) { console.status(fmt::format("{} ...", rule.id)); });
  console.status("");
  if (!words.junit.empty()) write_file_atomic(words.junit, junit(stand.candidate().name(), rows));
  if (console.json()) {
    console.out(document(stand.candidate(), rows));
  } else {
    console.out(table_text(rows, console.columns()));
    console.out(fmt::format("\n{}\n", count_words(rows)));
  }
  return exit_status(rows);
}

}  // namespace

Action declare_conform(Options& take) {
  const auto words = std::make_shared<Words>();
  take.texts("CANDIDATE", words->candidate, "A plug-in's FILE.so, or after -- a command that speaks the lines");
  take.texts("--param", words->params, "KEY=VALUE, handed to the plug-in's instance; may be given again");
  take.texts("--rule", words->rules, "Only this rule and those it needs; may be given again");
  take.flag("--list", words->list, "The rules and why they are, nothing else");
  take.flag("--long", words->long_run, "Also what takes half a minute of real work");
  take.flag("--leaks", words->leaks, "Also a session under valgrind");
  take.text("--junit", words->junit, "Write the outcomes as JUnit into this file, too");
  take.text("--patience", words->patience, "Seconds to wait for an answer (30)");
  take.text("--seed", words->seed, "Of what is drawn (1)");
  take.text("--worker", words->worker, "The geomsu-worker program");
  return [words](Context& context) { return run(*words, context); };
}

}  // namespace geomsu::cli
