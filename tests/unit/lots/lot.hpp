// A contract with a lot of so many nodes, its draw and what was found on them: short words for the tests.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "harness/base/hash.hpp"
#include "harness/judge/draw.hpp"
#include "harness/judge/lot_decision.hpp"

namespace geomsu::lots {

inline const std::string kSecret(64, 'a');

inline std::string node(std::size_t index) { return fmt::format("node{:04}", index); }

// Two units a node; delivery is due on 2026-03-31.
inline Contract contract(std::size_t nodes, const Sampling& plan = {}) {
  Contract result;
  result.id = "lot-test";
  result.sampling = plan;
  result.sampling.named = true;
  result.sampling.secret_sha256 = sha256_hex(kSecret);
  result.delivery.tranche = "1차";
  result.delivery.tranches = {{"1차", "2026-03-31"}, {"2차", "2026-06-30"}};
  for (std::size_t i = 0; i < 2 * nodes; ++i) {
    DeliveredUnit unit;
    unit.serial = fmt::format("S{:05}", i);
    unit.node = node(i / 2);
    result.delivery.units.push_back(unit);
  }
  return result;
}

inline Sampling hypergeometric(double p0, double alpha, double p1, double beta) {
  Sampling plan;
  plan.kind = Sampling::Kind::kHypergeometric;
  plan.p0 = p0;
  plan.alpha = alpha;
  plan.p1 = p1;
  plan.beta = beta;
  return plan;
}

inline Sampling sequential(double p0, double alpha, double p1, double beta, std::uint32_t truncation = 0) {
  Sampling plan = hypergeometric(p0, alpha, p1, beta);
  plan.kind = Sampling::Kind::kSequential;
  plan.truncation = truncation;
  return plan;
}

inline Sampling iso2859(const std::string& aql, const std::string& earlier = {}) {
  Sampling plan;
  plan.kind = Sampling::Kind::kIso2859;
  plan.aql = aql;
  for (const char c : earlier) plan.earlier.push_back({fmt::format("lot {}", plan.earlier.size()), c == 'A', false});
  return plan;
}

// Judged by the mean of clause gemm, at least 700 TFLOP/s.
inline Contract by_variables(std::size_t nodes) {
  Sampling plan = hypergeometric(0.01, 0.05, 0.06, 0.10);
  plan.kind = Sampling::Kind::kVariables;
  plan.clause = "gemm";
  plan.prior = "2차 시범 납품, 64 nodes";
  Contract result = contract(nodes, plan);
  Clause clause;
  clause.id = "gemm";
  clause.at_least = Quantity{700e12, Dimension::kFlops};
  clause.bar_unit = "TFLOP/s";
  result.clauses.push_back(clause);
  return result;
}

inline Draw draw(const Contract& contract, const std::string& nonce = "a nonce") {
  return open_draw(commit_draw(contract), kSecret, nonce, "0012 8450 3311", "2026-04-02");
}

// All nodes of the contract, tested; those of `bad` are nonconforming.
inline std::vector<LotItem> items(const Contract& contract, const std::set<std::string>& bad = {}) {
  std::vector<LotItem> result;
  std::set<std::string> seen;
  for (const DeliveredUnit& unit : contract.delivery.units) {
    if (seen.insert(unit.node).second) result.push_back({unit.node, true, bad.contains(unit.node), {}, false});
  }
  return result;
}

inline std::set<std::string> first(const std::vector<std::string>& nodes, std::size_t count) {
  return {nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace geomsu::lots
