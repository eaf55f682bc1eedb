// Contracts that use what stands beside the clauses: one of each form that is read.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/contract/bad_plans.hpp"

namespace geomsu::test {

inline const std::vector<Good>& good_terms() {
  static const std::string risks = "accept: 1 %, alpha: 5 %, reject: 5 %, beta: 5 %, ";
  static const std::string secret = "counts: [critical, major], secret_sha256: " + kDigest;
  static const std::vector<Good> rows{
      {"Between", {{20, "    between: [800 TFLOP/s, 900 TFLOP/s]"}}},
      {"BetweenInTwoUnits", {{20, "    between: [800 TFLOP/s, 0.9 PFLOP/s]"}}},
      {"SeverityMinor", more("severity: minor")},
      {"Screening", more("inspection: screening")},
      {"Outliers", {{12, "fleet: {robust_z: 3.5, distance: 2.5 %}"}, {24, more("outliers: fail")[0].second}}},
      {"OutliersAsFindings", more("outliers: finding")},
      {"MediansOfTheLot", {{18, "    scope: lot\n    of: unit_medians"}}},
      {"TailOfTheLot", {{18, "    scope: lot\n    of: unit_medians"}, {19, "    statistic: p05"}}},
      {"MediansOfTheCluster", {{18, "    scope: cluster\n    of: unit_medians"}}},
      {"ClauseOfItsSku", {{18, "    scope: device\n    sku: h100-sxm"}}},
      {"OneOfSkus", {{7, "skus: [h100-sxm]"}}},
      {"WorkloadOfARack", {{17, "    workload: {dtype: bf16, m: 512, n: 512, k: 512, concurrency: rack}"}}},
      {"WorkloadOfAHall", {{17, "    workload: {dtype: bf16, m: 512, n: 512, k: 512, concurrency: hall}"}}},
      {"Software", top("software: {driver: {at_least: \"570.86\", at_most: \"580\"}, firmware: \"96.00.89.00.01\", "
                       "plugin.sha256: " +
                       kDigest + "}")},
      {"Settings", top("settings: {ecc.mode: on, power.limit_w: {exactly: 700 W}, clock.max_sm_mhz: 1980, mig.mode: "
                       "[{exactly: off, "
                       "sku: h100-sxm}]}")},
      {"SettingOfAPluginsOwn", top("settings: {rsd.partition: off}")},
      {"SiteLimits",
       top("site_limits:\n  - {condition: inlet_temperature, at_least: 18 °C, at_most: 27 °C, responsible: buyer}\n"
           "  - {condition: node_power, at_most: 10.2 kW, responsible: supplier}\n"
           "  - {condition: rack_power, at_most: 40 kW, responsible: buyer}\n"
           "  - {condition: pue, at_most: 1.3, responsible: supplier}")},
      {"Reruns", top("reruns: {most: 1, of: [INVALID, NOT_RUN, INCONCLUSIVE]}")},
      {"Fleet", top("fleet: {robust_z: 5, distance: 10 %}")},
      {"PlanFull", top("sampling: {kind: full, counts: [critical, major, minor]}")},
      {"PlanHypergeometric", plan("kind: hypergeometric, accept: 0 %, alpha: 5 %, reject: 2 %, beta: 5 %, " + secret)},
      {"PlanZeroAcceptance", plan("kind: zero_acceptance, reject: 2 %, beta: 5 %, " + secret)},
      {"PlanIso2859", plan("kind: iso2859, level: II, aql: 0.65 %, earlier: [], " + secret)},
      {"PlanIso2859OfASeries",
       plan("kind: iso2859, level: S-4, aql: 1, earlier: [{tranche: a, accepted: false}, {tranche: a, accepted: true, "
            "resubmitted: true}], " +
            secret)},
      {"PlanVariables",
       plan("kind: variables, clause: gemm, prior: {source: s, date: 2026-01-01, nodes: 255, shape: normal}, " + risks +
            secret)},
      {"PlanSequential", plan("kind: sequential, truncation: 160, " + risks + secret)},
      {"PlanThatNobodyUses", top("sampling: {kind: zero_acceptance, reject: 2 %, beta: 5 %, " + secret + "}")},
      {"TwoSidesInTwoClauses", {{25, two_clauses("median", "at_most: 900 TFLOP/s")}}},
  };
  return rows;
}

}  // namespace geomsu::test
