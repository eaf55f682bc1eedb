// Contracts whose sampling plan is wrong, or asks of the rest of the contract what is not there.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/contract/bad_terms.hpp"

namespace geomsu::test {

// A plan, and a clause that is sampled; the plan stands in line 12.
inline Edits plan(const std::string& terms) {
  return {{12, "sampling: {" + terms + "}"}, {24, "    if_inconclusive: reinspect\n    inspection: sampled"}};
}

inline const std::vector<Bad>& bad_plans() {
  static const std::string risks = "accept: 1 %, alpha: 5 %, reject: 5 %, beta: 5 %, ";
  static const std::string secret = "counts: [critical], secret_sha256: " + kDigest;
  static const std::string prior = "prior: {source: s, date: 2026-01-01, nodes: 255, shape: normal}, ";
  static const std::vector<Bad> rows{
      {"PlanWithoutKind", plan("counts: [critical]"), "12:11", {"the sampling plan has no 'kind'"}},
      {"PlanOfUnknownKind", plan("kind: hypergeometrical"), "12:18", {"did you mean 'hypergeometric'?"}},
      {"PlanWithoutCounts",
       plan("kind: zero_acceptance, reject: 5 %, beta: 5 %, secret_sha256: " + kDigest),
       "12:11",
       {"the sampling plan has no 'counts'"}},
      {"PlanThatCountsTheUnknown", plan("kind: full, counts: [fatal]"), "12:33", {"'counts' cannot hold 'fatal'"}},
      {"PlanUpsideDown",
       plan("kind: hypergeometric, accept: 5 %, alpha: 5 %, reject: 5 %, beta: 5 %, " + secret),
       "12:67",
       {"'reject' of 5 % is not above 'accept' of 5 %"}},
      {"PlanWithHalfARisk",
       plan("kind: hypergeometric, accept: 0 %, alpha: 50 %, reject: 5 %, beta: 5 %, " + secret),
       "12:54",
       {"'alpha' must be above 0 % and under 50 %, not '50 %'"}},
      {"PlanWithoutBuyersRisk",
       plan("kind: zero_acceptance, reject: 5 %, " + secret),
       "12:11",
       {"the sampling plan has no 'beta'", "the buyer's risk"}},
      {"ZeroAcceptanceWithASuppliersRisk",
       plan("kind: zero_acceptance, alpha: 5 %, reject: 5 %, beta: 5 %, " + secret),
       "12:35",
       {"unknown key 'alpha' in the sampling plan"}},
      {"PlanWithoutASecret",
       plan("kind: zero_acceptance, reject: 5 %, beta: 5 %, counts: [critical]"),
       "12:11",
       {"the sampling plan has no 'secret_sha256'", "nobody can choose the draw"}},
      {"PlanWithHalfASecret",
       plan("kind: zero_acceptance, reject: 5 %, beta: 5 %, counts: [critical], secret_sha256: ab"),
       "12:94",
       {"'secret_sha256' is no SHA-256"}},
      {"Iso2859OfNoAql",
       plan("kind: iso2859, level: II, aql: 0.7 %, earlier: [], " + secret),
       "12:43",
       {"'0.7 %' is no AQL", "0.65"}},
      {"Iso2859OfNoLevel",
       plan("kind: iso2859, level: IV, aql: 0.65 %, earlier: [], " + secret),
       "12:34",
       {"'level' cannot be 'IV'"}},
      {"Iso2859WithoutEarlierLots",
       plan("kind: iso2859, level: II, aql: 0.65 %, " + secret),
       "12:11",
       {"has no 'earlier'", "earlier: []"}},
      {"EarlierLotTwice",
       plan("kind: iso2859, level: II, aql: 0.65 %, earlier: [{tranche: a, accepted: true}, {tranche: a, accepted: "
            "false}], " +
            secret),
       "12:91",
       {"the earlier lot 'a' stands twice"}},
      {"SequentialWithoutTruncation",
       plan("kind: sequential, " + risks + secret),
       "12:11",
       {"the sampling plan has no 'truncation'"}},
      {"SequentialFromNothing",
       plan("kind: sequential, accept: 0 %, alpha: 5 %, reject: 5 %, beta: 5 %, truncation: 9, " + secret),
       "12:38",
       {"'accept' must be above 0 %"}},
      {"VariablesWithoutPriorData",
       plan("kind: variables, clause: gemm, " + risks + secret),
       "12:11",
       {"the sampling plan has no 'prior'"}},
      {"VariablesOfSkewedData",
       plan("kind: variables, clause: gemm, prior: {source: s, date: 2026-01-01, nodes: 9, shape: skewed}, " + risks +
            secret),
       "12:97",
       {"the prior data is 'skewed'", "kind: hypergeometric"}},
      {"VariablesOfLaterData",
       plan("kind: variables, clause: gemm, prior: {source: s, date: 2026-02-02, nodes: 9, shape: normal}, " + risks +
            secret),
       "12:68",
       {"prior data of 2026-02-02, after the contract's own date, 2026-02-01"}},
      {"VariablesOfNoClause",
       plan("kind: variables, clause: gem, " + prior + risks + secret),
       "12:11",
       {"'sampling' names the clause 'gem', which is not there; did you mean 'gemm'?"}},
      {"VariablesOfAScreenedClause",
       {{12, "sampling: {kind: variables, clause: gemm, " + prior + risks + secret + "}"}},
       "14:9",
       {"the plan by variables judges 'gemm', which is not sampled"}},
      {"VariablesOfTwoBars",
       {{12, "sampling: {kind: variables, clause: gemm, " + prior + risks + secret + "}"},
        {20, "    between: [800 TFLOP/s, 900 TFLOP/s]"},
        {24, "    if_inconclusive: reinspect\n    inspection: sampled"}},
       "20:15",
       {"the plan by variables judges 'gemm', which has two bars"}},
      {"PlanOverUnitsWithoutNodes",
       {{10, "    - S1"},
        {12, "sampling: {kind: zero_acceptance, reject: 5 %, beta: 5 %, " + secret + "}"},
        {24, "    if_inconclusive: reinspect\n    inspection: sampled"}},
       "12:11",
       {"unit 'S1' has no node"}},
      {"PlanOverADiscovery",
       {{5, "date: 2026-02-01\ndemonstration: true"},
        {9, "  discover: true"},
        {10, "-"},
        {11, "-"},
        {12, "sampling: {kind: zero_acceptance, reject: 5 %, beta: 5 %, " + secret + "}"},
        {24, "    if_inconclusive: reinspect\n    inspection: sampled"}},
       "11:11",
       {"a sampling plan without a delivery list"}},
  };
  return rows;
}

}  // namespace geomsu::test
