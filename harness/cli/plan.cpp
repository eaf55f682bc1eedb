// geomsu plan: what a run would measure, line by line with its time.
#include <memory>

#include <fmt/format.h>

#include "harness/base/files.hpp"
#include "harness/base/text.hpp"
#include "harness/cli/json_text.hpp"
#include "harness/cli/prepare.hpp"
#include "harness/cli/table.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/model/budget.hpp"

namespace geomsu::cli {
namespace {

std::string short_time(std::int64_t ns) { return duration_text(static_cast<double>(ns) / 1e9); }

// "30 x 0.5 s", and of a thinned trial how many of them are judged.
std::string blocks_text(const PlannedTrial& trial) {
  std::string text = fmt::format("{} x {:g} s", trial.blocks, static_cast<double>(trial.block_min_ns) * 1e-9);
  if (trial.extension > 0) text += fmt::format(" (and {} where undecided)", trial.extension);
  if (trial.thin > 1) text += fmt::format(" ({} judged)", trial.judged());
  return text;
}

std::string table(const Plan& plan, const Budget& budget, int columns) {
  TextTable out({"trial", "workload", "units", "sessions", "blocks", "warm-up", "checks", "time", "clauses"},
                {false, false, true, true, true, true, true, true, false});
  if (plan.soak_ns > 0) out.row({"soak", "", "", "", "", "", "", short_time(plan.soak_ns), ""});
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    const PlannedTrial& trial = plan.trials[i];
    const BudgetLine& line = budget.lines[i];
    out.row({trial.id, short_workload(trial.workload), fmt::format("{}", trial.units.size()),
             fmt::format("{}", trial.sustained ? trial.sustained->sessions : 1), blocks_text(trial),
             short_time(line.warmup_ns), short_time(line.checks_ns), short_time(line.total_ns()),
             fmt::format("{}", fmt::join(trial.clauses, " "))});
  }
  out.row({"total", "", "", "", "", "", "", short_time(budget.total_ns()), ""});
  std::string text = out.str(columns);
  for (const PlannedTrial& trial : plan.trials) {
    if (trial.sustained)
      text += fmt::format("{} is {}, under load between its blocks\n", trial.id, trial.sustained->words());
  }
  return text;
}

// The plan as its file has it, and the estimate as one member more.
std::string plan_and_budget(const std::string& plan, const Budget& budget) {
  std::vector<std::string> lines;
  for (const BudgetLine& line : budget.lines) {
    lines.push_back(JsonObject()
                        .text("trial", line.trial)
                        .number("timed_ns", line.timed_ns)
                        .number("warmup_ns", line.warmup_ns)
                        .number("checks_ns", line.checks_ns)
                        .number("total_ns", line.total_ns())
                        .str());
  }
  const std::string limit = budget.limit_ns ? fmt::format("{}", *budget.limit_ns) : "null";
  const std::string estimate = JsonObject()
                                   .raw("limit_ns", limit)
                                   .number("soak_ns", budget.soak_ns)
                                   .raw("lines", json_array(lines))
                                   .number("total_ns", budget.total_ns())
                                   .boolean("over", budget.over())
                                   .str();
  const std::size_t end = plan.find_last_of('}');
  std::size_t last = plan.find_last_not_of(" \n", end - 1);
  return plan.substr(0, last + 1) + ",\n  \"budget\": " + estimate + "\n}\n";
}

std::string units(const Plan& plan, int columns) {
  TextTable out({"unit", "plug-in", "state"});
  for (const PlannedUnit& planned : plan.units) {
    out.row({planned.unit.name(), planned.backend.empty() ? "–" : planned.backend,
             !planned.found       ? "contracted, not found"
             : planned.contracted ? "contracted, found"
                                  : "not contracted: not measured"});
  }
  return out.str(columns);
}

int show_plan(Context& context, const PlanRequest& request, const std::string& out) {
  const Search search(context.search);
  const Prepared prepared = prepare(context, search, request);
  const std::string json = plan_json(prepared.plan);
  const Budget budget = budget_of(prepared.plan);
  warn_over_budget(context.console, prepared.plan, budget);
  if (!out.empty()) write_file_atomic(out, json);
  Console& console = context.console;
  if (console.json()) {
    console.out(plan_and_budget(json, budget));
    return 0;
  }
  console.out(table(prepared.plan, budget, console.columns()));
  console.out("\n");
  console.out(units(prepared.plan, console.columns()));
  console.out(fmt::format("\nAt least {} of measuring, about {} in all (warm-up and checks are estimates).\n",
                          short_time(prepared.plan.expected_ns()), short_time(budget.total_ns())));
  if (budget.limit_ns) console.out(fmt::format("The suite allows {}.\n", short_time(*budget.limit_ns)));
  if (prepared.plan.adaptive_min_blocks) console.out("Adaptive stopping: not an acceptance.\n");
  if (!prepared.plan.simulated.empty()) console.out("Simulated devices: the verdict will be INVALID.\n");
  if (!out.empty()) console.out(fmt::format("Written: {}\n", escape_terminal(out)));
  return 0;
}

}  // namespace

Action declare_plan(Options& take) {
  struct PlanFlags {
    PlanRequest request;
    std::string out;
  };
  const auto options = std::make_shared<PlanFlags>();
  take.text("CONTRACT", options->request.contract, "Contract file, or a name of the contracts folder", true);
  take.text("-o,--output", options->out, "Write plan.json here");
  take.text("--suite", options->request.suite, "Suite instead of the contract's");
  take.texts("--only", options->request.only, "Only this trial (t001); may be given again");
  take.texts("--unit", options->request.units, "Only this unit (NODE/SERIAL); may be given again");
  return [options](Context& context) { return show_plan(context, options->request, options->out); };
}

}  // namespace geomsu::cli
