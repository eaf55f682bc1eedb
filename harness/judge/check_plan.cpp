#include "harness/judge/check_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/hash.hpp"
#include "harness/base/text.hpp"

namespace geomsu {
namespace {

struct Samples {
  std::uint32_t blocks = 0, extension = 0, thin = 1;
  bool operator==(const Samples&) const = default;
};

Samples samples_of(const PlannedTrial& trial, const Suite& suite, const Contract& contract) {
  Samples samples{suite.blocks, trial.sustained ? 0 : suite.extension_blocks, 1};
  for (const Clause& clause : contract.clauses) {
    if (std::find(trial.clauses.begin(), trial.clauses.end(), clause.id) == trial.clauses.end()) continue;
    if (clause.sustained) samples.thin = suite.thin_of(clause.workload);
    samples.blocks = judged_blocks(suite, contract, clause) * samples.thin;
  }
  return samples;
}

}  // namespace

void check_plan(const Evidence& evidence, const Suite& suite, const Contract& contract) {
  const auto refuse = [&evidence](std::string words, const char* file = "plan.json",
                                  const char* next = "the plan is not of this suite") {
    throw Error(ErrorCode::kBadData, std::move(words), (evidence.path / file).string(), next);
  };
  if (evidence.plan.adaptive_min_blocks != suite.adaptive_min_blocks) refuse("its early stop is not the suite's");
  if (!contract.suite_sha256.empty() && evidence.plan.suite_instead.empty()) {
    const std::string found = sha256_hex(evidence.suite_yaml);
    if (found != contract.suite_sha256) {
      refuse(fmt::format("its SHA-256 is {}, and the contract names {}", found, contract.suite_sha256), "suite.yaml",
             "the suite is not the one that was agreed on; measure with that one");
    }
  }
  for (const PlannedTrial& trial : evidence.plan.trials) {
    const Samples wanted = samples_of(trial, suite, contract);
    if (Samples{trial.blocks, trial.extension, trial.thin} == wanted && trial.block_min_ns == suite.block_min_ns)
      continue;
    refuse(
        fmt::format("trial {} has {} blocks of {} ns at least and an extension of {}, and the suite says {} of {} "
                    "ns and {}",
                    escape_terminal(trial.id), trial.blocks, trial.block_min_ns, trial.extension, wanted.blocks,
                    suite.block_min_ns, wanted.extension));
  }
}

}  // namespace geomsu
