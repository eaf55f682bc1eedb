#include "tests/unit/stats/error_rates.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <tuple>

#include <fmt/format.h>

#include "harness/stats/dependence.hpp"
#include "harness/stats/holm.hpp"
#include "harness/stats/order.hpp"
#include "harness/stats/tail.hpp"
#include "tests/unit/stats/series.hpp"

namespace geomsu::stats::test {
namespace {

// What the judge refuses a sustained clause at (harness/judge/block_order.hpp).
constexpr double kLag1Limit = 0.2, kSessionsDifferP = 0.01;
constexpr double kConfidence = 0.95;
constexpr std::array<double, 5> kAbove{-1, -0.5, 0, 0.5, 1};
constexpr std::array<double, 6> kPhi{0, 0.1, 0.2, 0.3, 0.5, 0.8};

double below(double z) { return std::erfc(-z / std::numbers::sqrt2) / 2; }

// The standard normal quantile, for the few that are asked for here.
double normal_quantile(double q) { return q == 0.5 ? 0 : q == 0.05 ? -1.6448536269514722 : 1.6448536269514722; }

bool dependent(const std::vector<double>& x) {
  const auto lag1 = lag1_autocorrelation(x);
  if (lag1 && *lag1 > kLag1Limit) return true;
  std::vector<std::vector<double>> sessions(3);
  for (std::size_t i = 0; i < x.size(); ++i) sessions[i * 3 / x.size()].push_back(x[i]);
  const auto test = kruskal_wallis(sessions);
  return test && test->p < kSessionsDifferP;
}

Rates over_runs(int pass, int fail, int dependent) {
  const auto rate = [](int count) { return static_cast<double>(count) / kErrorRuns; };
  return {rate(pass), rate(fail), rate(dependent)};
}

std::string percent(double share) { return fmt::format("{:.2f}", 100 * share); }
std::string cell(const Rates& rates) { return fmt::format(" {} / {} |", percent(rates.pass), percent(rates.fail)); }
std::string cell_refused(const Rates& rates) {
  return fmt::format(" {} / {} ({:.1f}) |", percent(rates.pass), percent(rates.fail), 100 * rates.dependent);
}

struct Throttling {
  double share, stretch;
  std::size_t blocks, extension;
  bool sustained;
};
struct UnitRates {
  Rates median_alone, both;
};

// One clause by both looks: what it decides, and the p-value that Holm's procedure reads.
struct Judged {
  Decision decision;
  double p;
};
Judged judged(Statistic statistic, const LookRule& rule, std::span<const double> x, double bar) {
  const LookAnswer answer = *look(rule, x, {bar, {}});
  const std::size_t n = rule.looks[answer.look - 1].n;
  const double p = fail_probability(statistic, x.first(n), bar, true);
  return {answer.decision, std::min(1.0, p * static_cast<double>(rule.looks.size()))};
}

// Median and p05 held against one bar. The unit's outcome is the worse of the two, and a FAIL stands only where Holm's
// procedure over both rejects it.
UnitRates throttling_rates(const Throttling& unit, std::uint64_t seed) {
  constexpr double kHealthy = 4, kDrop = 20, kBar = 0;
  const LookRule median = *look_rule(0.5, kConfidence, unit.blocks, unit.extension);
  const LookRule p05 = *look_rule(0.05, kConfidence, unit.blocks, unit.extension);
  Noise noise(seed);
  std::vector<double> x(unit.blocks + unit.extension);
  std::array<int, 3> alone{}, both{};  // pass, fail, refused as dependent
  for (int run = 0; run < kErrorRuns; ++run) {
    fill_throttling(noise, kHealthy, kDrop, unit.share, unit.stretch, x);
    if (unit.sustained && dependent(x)) {
      ++alone[2];
      ++both[2];
      continue;
    }
    const Judged middle = judged(Statistic::kMedian, median, x, kBar), low = judged(Statistic::kP05, p05, x, kBar);
    const std::vector<bool> holds = holm_rejects(std::array{middle.p, low.p}, 1 - kConfidence);
    alone[0] += middle.decision == Decision::kPass;
    alone[1] += middle.decision == Decision::kFail;
    both[0] += middle.decision == Decision::kPass && low.decision == Decision::kPass;
    both[1] += (middle.decision == Decision::kFail && holds[0]) || (low.decision == Decision::kFail && holds[1]);
  }
  return {over_runs(alone[0], alone[1], alone[2]), over_runs(both[0], both[1], both[2])};
}

void independent_table(std::string& out) {
  out +=
      "Independent blocks: PASS / FAIL in % of a unit whose quantile lies so many standard deviations of a block over "
      "the "
      "bar.\nBlocks are normal; at 0 the figures hold for any distribution, and are the false PASS (of a unit a hair "
      "too "
      "slow) and\nthe false FAIL. Computed exactly; below each, simulated.\n\n"
      "| at least, 95 % | -1 | -0.5 | 0 | +0.5 | +1 |\n|---|---|---|---|---|---|\n";
  std::uint64_t seed = 100;
  for (const Plan& plan : error_plans()) {
    out += fmt::format("| {} |", plan.name);
    for (const double above : kAbove) out += cell(computed_rates(plan, above));
    out += "\n| simulated |";
    for (const double above : kAbove) out += cell(simulated_rates(plan, 0, above, ++seed));
    out += "\n";
  }
}

void dependent_table(std::string& out) {
  out +=
      "\nBlocks that depend on each other, x[t+1] = phi x[t] + noise: false PASS / false FAIL in % of the median on "
      "the "
      "bar, where 5\nwere asked for. A plain clause has no check. A sustained one is refused (INCONCLUSIVE, dependent) "
      "where lag-1 is over 0.2\nor its three sessions differ; in brackets how often. Last, the same shares among the "
      "30-block trials that were not refused.\n\n"
      "| phi | plain 30 | plain 30 + 30 | sustained 30 | sustained 60 | sustained 120 | 30, not refused |\n"
      "|---|---|---|---|---|---|---|\n";
  std::uint64_t seed = 200;
  const std::vector<Plan> plans = error_plans();
  for (const double phi : kPhi) {
    out += fmt::format("| {} |", phi);
    for (std::size_t plan = 0; plan < 2; ++plan) out += cell(simulated_rates(plans[plan], phi, 0, ++seed));
    Rates judged;
    for (const std::size_t blocks : {30u, 60u, 120u}) {
      const Rates rates = sustained_rates(blocks, 1, phi, 0, ++seed);
      out += cell_refused(rates);
      const double left = 1 - rates.dependent;
      if (blocks == 30) judged = {rates.pass / left, rates.fail / left, 0};
    }
    out += cell(judged) + "\n";
  }
  out +=
      "\nThinning at phi = 0.8, sustained: 30 judged blocks out of k times as many.\n\n"
      "| k | phi^k | on the bar | one standard deviation over it |\n|---|---|---|---|\n";
  for (const std::size_t k : {1u, 2u, 4u, 8u, 16u}) {
    out += fmt::format("| {} | {:.2f} |", k, std::pow(0.8, static_cast<double>(k)));
    for (const double above : {0.0, 1.0}) out += cell_refused(sustained_rates(30, k, 0.8, above, ++seed));
    out += "\n";
  }
}

void throttling_table(std::string& out) {
  out +=
      "\nA unit four standard deviations over the bar, but 16 under it for a share of its blocks, one at a time or in "
      "stretches\nof five on average: PASS / FAIL in %, by a clause on the median alone and by one on the median and "
      "one on "
      "p05.\n\n"
      "| share | stretch | plain 60: median | and p05 | plain 72 + 72: median | and p05 | sustained 60: median | and "
      "p05 "
      "|\n|---|---|---|---|---|---|---|---|\n";
  std::uint64_t seed = 300;
  for (const double share : {0.0, 0.02, 0.1, 0.2, 0.3}) {
    for (const double stretch : {1 / (1 - share), 5.0}) {
      if (share == 0 && stretch > 1) continue;
      out += fmt::format("| {} | {} |", share, stretch < 2 ? 1 : 5);
      for (const auto& [blocks, extension, sustained] :
           {std::tuple{60u, 0u, false}, {72u, 72u, false}, {60u, 0u, true}}) {
        const UnitRates rates = throttling_rates({share, stretch, blocks, extension, sustained}, ++seed);
        for (const Rates& one : {rates.median_alone, rates.both}) out += sustained ? cell_refused(one) : cell(one);
      }
      out += "\n";
    }
  }
}

void holm_table(std::string& out) {
  out +=
      "\nA unit that lies on the bar in each of m independent clauses (median of 30): how often it has any FAIL, in "
      "%.\n\n"
      "| m | without Holm, computed | without Holm | with Holm |\n|---|---|---|---|\n";
  std::array<double, 31> p{};
  for (std::size_t beyond = 0; beyond < p.size(); ++beyond)
    p[beyond] = fail_probability(Statistic::kMedian, 30, beyond, true);
  std::uint64_t seed = 400;
  for (const std::size_t m : {1u, 2u, 10u, 60u}) {
    Noise noise(++seed);
    int raw = 0, held = 0;
    std::vector<double> of_unit(m);
    for (int run = 0; run < kErrorRuns; ++run) {
      for (double& one : of_unit) one = p[static_cast<std::size_t>(__builtin_popcountll(noise.bits() >> 34))];
      raw += *std::min_element(of_unit.begin(), of_unit.end()) <= 1 - kConfidence;
      const std::vector<bool> holds = holm_rejects(of_unit, 1 - kConfidence);
      held += std::find(holds.begin(), holds.end(), true) != holds.end();
    }
    const double level = rates_at_the_bar(*look_rule(0.5, kConfidence, 30, 0), true)->fail;
    out += fmt::format("| {} | {} | {} | {} |\n", m, percent(1 - std::pow(1 - level, static_cast<double>(m))),
                       percent(over_runs(raw, 0, 0).pass), percent(over_runs(held, 0, 0).pass));
  }
}

}  // namespace

std::vector<Plan> error_plans() {
  return {{"median of 30", 0.5, 30, 0},
          {"median of 30 + 30", 0.5, 30, 30},
          {"p05 of 60", 0.05, 60, 0},
          {"p05 of 72 + 72", 0.05, 72, 72}};
}

Rates computed_rates(const Plan& plan, double above) {
  const auto rule = look_rule(plan.q, kConfidence, plan.blocks, plan.extension);
  const auto rates = look_rates(*rule, above == 0 ? plan.q : below(normal_quantile(plan.q) - above), true);
  return {rates->pass, rates->fail, 0};
}

Rates simulated_rates(const Plan& plan, double phi, double above, std::uint64_t seed) {
  const LookRule rule = *look_rule(plan.q, kConfidence, plan.blocks, plan.extension);
  const Bar bar{normal_quantile(plan.q) - above, {}};
  Noise noise(seed);
  std::vector<double> x(plan.blocks + plan.extension);
  int pass = 0, fail = 0;
  for (int run = 0; run < kErrorRuns; ++run) {
    fill_ar1(noise, phi, 0, x);
    const Decision decision = look(rule, x, bar)->decision;
    pass += decision == Decision::kPass;
    fail += decision == Decision::kFail;
  }
  return over_runs(pass, fail, 0);
}

Rates sustained_rates(std::size_t blocks, std::size_t thin, double phi, double above, std::uint64_t seed) {
  const LookRule rule = *look_rule(0.5, kConfidence, blocks, 0);
  const Bar bar{0, {}};
  Noise noise(seed);
  std::vector<double> all(blocks * thin);
  int pass = 0, fail = 0, refused = 0;
  for (int run = 0; run < kErrorRuns; ++run) {
    fill_ar1(noise, phi, above, all);
    const std::vector<double> x = thinned(all, thin);
    if (dependent(x)) {
      ++refused;
      continue;
    }
    const Decision decision = look(rule, x, bar)->decision;
    pass += decision == Decision::kPass;
    fail += decision == Decision::kFail;
  }
  return over_runs(pass, fail, refused);
}

std::string error_rate_tables() {
  std::string out;
  independent_table(out);
  dependent_table(out);
  throttling_table(out);
  holm_table(out);
  return out;
}

}  // namespace geomsu::stats::test
