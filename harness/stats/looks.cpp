#include "harness/stats/looks.hpp"

#include <algorithm>

#include "harness/stats/binomial.hpp"

namespace geomsu::stats {
namespace {

// Of n samples, so many beyond the bar are the last that pass and the first that fail.
struct Limits {
  std::size_t passes = 0, fails = 0;
};

// at_least: PASS where X(lower) >= bar, so under `lower` of them lie under it; FAIL where X(upper) < bar, so `upper` of
// them do. at_most: the same from the other end.
Limits limits(const LookRule::Look& look, bool at_least) {
  const std::size_t last = at_least ? look.ranks.lower : look.n + 1 - look.ranks.upper;
  const std::size_t first = at_least ? look.ranks.upper : look.n + 1 - look.ranks.lower;
  return {last - 1, first};
}

// P(X = k) for k = 0 to n.
std::vector<long double> masses(std::size_t n, double p) {
  std::vector<long double> all(n + 1, 0);
  if (p == 0 || p == 1) {
    all[p == 0 ? 0 : n] = 1;
    return all;
  }
  const Binomial x = binomial(n, p);
  std::copy(x.mass.begin(), x.mass.end(), all.begin() + static_cast<std::ptrdiff_t>(x.first));
  return all;
}

}  // namespace

double look_confidence(double confidence, unsigned looks) {
  if (looks <= 1) return confidence;
  return 1 - (1 - confidence) / looks;
}

Decision decide(const Bounds& bounds, const Bar& bar) {
  if ((bar.low && bounds.upper < *bar.low) || (bar.high && bounds.lower > *bar.high)) return Decision::kFail;
  const bool low_met = !bar.low || bounds.lower >= *bar.low, high_met = !bar.high || bounds.upper <= *bar.high;
  return (bar.low || bar.high) && low_met && high_met ? Decision::kPass : Decision::kUndecided;
}

std::optional<LookRule> look_rule(double q, double confidence, std::size_t blocks, std::size_t extension,
                                  unsigned split) {
  if (extension > 0 && (split < 2 || !(q > 0 && q < 1))) return std::nullopt;
  LookRule rule{q, confidence, look_confidence(confidence, split), {}};
  for (const std::size_t n : {blocks, blocks + extension}) {
    const auto ranks = bound_ranks(q, n, rule.look_confidence);
    if (!ranks) return std::nullopt;
    rule.looks.push_back({n, *ranks});
    if (extension == 0) break;
  }
  return rule;
}

std::optional<LookRule> look_rule(double q, double confidence, std::size_t blocks, std::size_t extension) {
  return look_rule(q, confidence, blocks, extension, extension > 0 ? 2 : 1);
}

std::optional<LookAnswer> look(const LookRule& rule, std::span<const double> samples, const Bar& bar) {
  std::optional<LookAnswer> answer;
  if (std::none_of(rule.looks.begin(), rule.looks.end(), [&](const auto& one) { return one.n == samples.size(); })) {
    return answer;
  }
  for (std::size_t i = 0; i < rule.looks.size() && rule.looks[i].n <= samples.size(); ++i) {
    const auto found = bounds(rule.q, samples.first(rule.looks[i].n), rule.looks[i].ranks);
    if (!found) return std::nullopt;
    answer = LookAnswer{decide(*found, bar), i + 1, *found, false};
    if (answer->decision != Decision::kUndecided) return answer;
  }
  answer->extend = answer->look < rule.looks.size();
  return answer;
}

std::optional<LookRates> look_rates(const LookRule& rule, double beyond, bool at_least) {
  if (rule.looks.empty() || !(rule.q > 0 && rule.q < 1) || !(beyond >= 0 && beyond <= 1)) return std::nullopt;
  long double pass = 0, fail = 0, extended = 0;
  const LookRule::Look& first = rule.looks.front();
  const Limits at_first = limits(first, at_least);
  const std::vector<long double> planned = masses(first.n, beyond);
  for (std::size_t i = 0; i <= first.n; ++i) {
    if (i <= at_first.passes) {
      pass += planned[i];
    } else if (i >= at_first.fails) {
      fail += planned[i];
    } else if (rule.looks.size() > 1) {
      extended += planned[i];
    }
  }
  if (rule.looks.size() > 1) {
    const LookRule::Look& second = rule.looks.back();
    const Limits pooled = limits(second, at_least);
    const std::vector<long double> more = masses(second.n - first.n, beyond);
    for (std::size_t i = 0; i <= first.n; ++i) {
      if (i <= at_first.passes || i >= at_first.fails) continue;
      for (std::size_t j = 0; j < more.size(); ++j) {
        if (i + j <= pooled.passes) pass += planned[i] * more[j];
        if (i + j >= pooled.fails) fail += planned[i] * more[j];
      }
    }
  }
  const auto rate = [](long double x) { return std::min(1.0, static_cast<double>(x)); };
  return LookRates{rate(pass), rate(fail), std::max(0.0, static_cast<double>(1 - pass - fail)), rate(extended)};
}

std::optional<LookRates> rates_at_the_bar(const LookRule& rule, bool at_least) {
  return look_rates(rule, at_least ? rule.q : 1 - rule.q, at_least);
}

}  // namespace geomsu::stats
