// The steps that `plan` and `run` share: contract -> devices -> plan.
#pragma once

#include <string>
#include <vector>

#include "harness/base/hash.hpp"
#include "harness/cli/inputs.hpp"
#include "harness/cli/site_choice.hpp"
#include "harness/measure/plan.hpp"
#include "harness/model/budget.hpp"

namespace geomsu::cli {

struct PlanRequest {
  std::string contract, suite;
  std::vector<std::string> only, units;  // --only, --unit
};

struct Prepared {
  ContractInput input;
  SiteChoice choice;
  Inventory inventory;
  std::string node;
  Secret secret{};
  Plan plan;
};

// Errors: kBadData for the contract, kUnavailable where no plug-in serves, kUsage for an unknown trial or unit.
Prepared prepare(Context& context, const Search& search, const PlanRequest& request);

// Leaves only the named trials and units among those that are measured; the units of the plan stay, so that what was
// contracted and is not measured shows up as NOT_RUN. Error kUsage names what there is.
void keep_only(Plan& plan, const std::vector<std::string>& only, const std::vector<std::string>& units);

// Error kUnavailable with every reason where nothing serves.
void want_a_backend(const Inventory& inventory, const SiteChoice& choice);

// On stderr, where the plan is over the suite's budget: by how much, and what to cut. The run goes on all the same: a
// budget is a wish, and a contract's clauses are not.
void warn_over_budget(Console& console, const Plan& plan, const Budget& budget);

std::string short_workload(const Workload& workload);  // "gemm fp32 2048x2048x2048"
std::string short_workload(const std::string& name);   // of Workload::name(); the name itself where it does not parse
std::string duration_text(double seconds);             // "45 s", "2 min 05 s"

}  // namespace geomsu::cli
