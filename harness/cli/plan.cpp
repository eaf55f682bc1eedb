// geomsu plan: what a run would measure, line by line with its time.
#include <memory>

#include <fmt/format.h>

#include "harness/base/files.hpp"
#include "harness/base/text.hpp"
#include "harness/cli/prepare.hpp"
#include "harness/cli/table.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/evidence/bundle.hpp"

namespace geomsu::cli {
namespace {

double trial_seconds(const PlannedTrial& trial) {
  return static_cast<double>(trial.warmup_ns + static_cast<std::int64_t>(trial.blocks) * trial.block_min_ns) * 1e-9;
}

std::string table(const Plan& plan, int columns) {
  TextTable out({"trial", "workload", "units", "blocks", "time", "clauses"}, {false, false, true, true, true, false});
  if (plan.soak_ns > 0) out.row({"soak", "", "", "", duration_text(static_cast<double>(plan.soak_ns) * 1e-9), ""});
  for (const PlannedTrial& trial : plan.trials) {
    out.row({trial.id, short_workload(trial.workload), fmt::format("{}", trial.units.size()),
             fmt::format("{}", trial.blocks), duration_text(trial_seconds(trial)),
             fmt::format("{}", fmt::join(trial.clauses, " "))});
  }
  return out.str(columns);
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
  if (!out.empty()) write_file_atomic(out, json);
  Console& console = context.console;
  if (console.json()) {
    console.out(json);
    if (!json.ends_with('\n')) console.out("\n");
    return 0;
  }
  console.out(table(prepared.plan, console.columns()));
  console.out("\n");
  console.out(units(prepared.plan, console.columns()));
  console.out(fmt::format("\nAt least {} of measuring, beside set-up and verification.\n",
                          duration_text(static_cast<double>(prepared.plan.expected_ns()) * 1e-9)));
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
