#include "harness/cli/prepare.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/clock.hpp"
#include "harness/base/error.hpp"
#include "harness/base/text.hpp"
#include "harness/cli/build_facts.hpp"
#include "harness/evidence/bundle.hpp"

namespace geomsu::cli {
namespace {

bool named(const std::vector<std::string>& names, const Unit& unit) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return name == unit.name() || name == unit.device || (unit.device.empty() && name == unit.node);
  });
}

}  // namespace

void want_a_backend(const Inventory& inventory, const SiteChoice& choice) {
  std::string reasons;
  for (const Inventory::Backend& backend : inventory.backends) {
    if (backend.fact.refused.empty()) return;
    reasons += fmt::format("\n  {}: {}", escape_terminal(backend.fact.backend), escape_terminal(backend.fact.refused));
  }
  for (const std::string& line : choice.left_out) reasons += "\n  " + escape_terminal(line);
  throw Error(ErrorCode::kUnavailable, "no plug-in serves, so nothing can be measured:" + reasons, choice.site.node,
              "geomsu devices --all shows what is there");
}

void keep_only(Plan& plan, const std::vector<std::string>& only, const std::vector<std::string>& units) {
  std::vector<std::string> ids, names;
  for (const PlannedTrial& trial : plan.trials) ids.push_back(trial.id);
  for (const PlannedUnit& planned : plan.units) names.push_back(planned.unit.name());
  for (const std::string& id : only) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
      throw Error(ErrorCode::kUsage, fmt::format("the plan has no trial '{}'", escape_terminal(id)), "--only",
                  fmt::format("its trials are {}", fmt::join(ids, ", ")));
    }
  }
  for (const std::string& name : units) {
    const bool known = std::any_of(plan.units.begin(), plan.units.end(),
                                   [&](const PlannedUnit& planned) { return named({name}, planned.unit); });
    if (!known) {
      throw Error(ErrorCode::kUsage, fmt::format("the plan has no unit '{}'", escape_terminal(name)), "--unit",
                  fmt::format("its units are {}", escape_terminal(fmt::format("{}", fmt::join(names, ", ")))));
    }
  }
  if (!only.empty()) {
    std::erase_if(plan.trials, [&](const PlannedTrial& trial) {
      return std::find(only.begin(), only.end(), trial.id) == only.end();
    });
  }
  if (!units.empty()) {
    for (PlannedTrial& trial : plan.trials) {
      std::erase_if(trial.units, [&](const Unit& unit) { return !named(units, unit); });
    }
    std::erase_if(plan.trials, [](const PlannedTrial& trial) { return trial.units.empty(); });
  }
}

Prepared prepare(Context& context, const Search& search, const PlanRequest& request) {
  Prepared prepared;
  prepared.input = read_good_contract(request.contract, search, request.suite);
  if (const std::size_t warnings = prepared.input.diagnostics.size(); warnings > 0) {
    context.log.info(diagnostics_text(prepared.input.diagnostics));
    if (!context.console.json() && !context.console.options().quiet) {
      context.console.err(fmt::format("The contract has {} warning(s): geomsu validate {} shows them", warnings,
                                      escape_terminal(shell_quote(request.contract))));
    }
  }
  prepared.choice = choose_site(context.site, search);
  prepared.node = node_name(prepared.choice.site);
  context.console.status("looking for devices ...");
  prepared.inventory = inventory_of(prepared.choice, search, context.log);
  context.console.status("");
  want_a_backend(prepared.inventory, prepared.choice);
  for (const Inventory::Backend& backend : prepared.inventory.backends) {
    if (!backend.fact.refused.empty()) {
      context.log.warning(fmt::format("plug-in {} does not serve: {}", backend.fact.backend, backend.fact.refused));
    }
  }
  prepared.secret = random_secret();
  SystemClock clock;
  PlanInput input;
  input.contract = &*prepared.input.contract.value;
  input.suite = &*prepared.input.suite.value;
  input.sheet = prepared.input.sheet ? &*prepared.input.sheet : nullptr;
  input.sheets = &prepared.input.sheets;
  input.node = prepared.node;
  input.devices = prepared.inventory.devices();
  for (const Inventory::Backend& backend : prepared.inventory.backends) {
    if (backend.launched) input.launched.insert(backend.fact.backend);
  }
  input.simulated = prepared.inventory.simulated();
  input.contract_sha256 = sha256_hex(prepared.input.contract.bytes);
  input.suite_sha256 = sha256_hex(prepared.input.suite.bytes);
  input.secret_sha256 = secret_sha256(prepared.secret);
  input.suite_instead = request.suite;
  input.tool = tool_name();
  input.created = utc_text(clock.utc_ns());
  prepared.plan = make_plan(input);
  keep_only(prepared.plan, request.only, request.units);
  return prepared;
}

void warn_over_budget(Console& console, const Plan& plan, const Budget& budget) {
  if (!budget.over() || console.options().quiet) return;
  console.err(
      "warning: over the suite's budget: " + escape_terminal(what_to_cut(plan, budget)) +
      "\n  next: cut these clauses or their spans, split the contract's run with --only, or name a suite with a "
      "larger `budget`");
}

std::string short_workload(const Workload& workload) {
  std::string out = workload.op;
  for (const char* key : {"kind", "dtype"}) {
    if (const auto found = workload.params.find(key); found != workload.params.end())
      out.append(" ").append(found->second);
  }
  std::string sizes;
  for (const char* key : {"m", "n", "k"}) {
    if (const auto found = workload.params.find(key); found != workload.params.end()) {
      sizes.append(sizes.empty() ? " " : "x").append(found->second);
    }
  }
  out += sizes;
  if (const auto found = workload.params.find("bytes"); found != workload.params.end())
    out.append(" ").append(found->second).append(" B");
  return out;
}

std::string short_workload(const std::string& name) {
  const std::optional<Workload> workload = Workload::parse(name);
  return workload ? short_workload(*workload) : name;
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(std::max(seconds, 0.0)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace geomsu::cli
