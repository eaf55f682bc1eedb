// Looking at a clause's samples more than once without losing the level. The whole rule is a value: which order
// statistics are looked at, when, and how probably it errs.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "harness/stats/order.hpp"

namespace geomsu::stats {

// The confidence of each of so many looks, 1 - (1 - confidence) / looks: by Bonferroni the chance of a wrong answer in
// any of them is at most 1 - confidence, however the looks share their samples. 0 looks count as one.
double look_confidence(double confidence, unsigned looks);

// What a quantile is held against, after tolerance; both of `between`.
struct Bar {
  std::optional<double> low, high;
};
enum class Decision { kPass, kFail, kUndecided };
// PASS where the bounds lie on the good side of every bar, FAIL where both lie beyond one, else undecided. A bound on
// the bar meets it. Without a bar, or with one that is NaN, nothing passes.
Decision decide(const Bounds& bounds, const Bar& bar);

// At most two looks: at the planned blocks and, where they leave the clause undecided, at these and the extension
// together. Fixed before the first sample.
struct LookRule {
  struct Look {
    std::size_t n = 0;
    BoundRanks ranks;  // with their exact levels
  };
  double q = 0.5;
  double confidence = 0;       // of the whole rule
  double look_confidence = 0;  // of each look
  std::vector<Look> looks;     // one or two
};
// `split`: over how many looks the error is split; more than there are here where a rerun may look again. Nothing where
// a look's bounds do not exist (bound_ranks), or an observed extreme (q of 0 or 1) is to be extended: min and max have
// no second look. The look at the planned blocks is the hard one: p05 at 95 % wants 59 blocks alone and 72 with an
// extension.
std::optional<LookRule> look_rule(double q, double confidence, std::size_t blocks, std::size_t extension,
                                  unsigned split);
std::optional<LookRule> look_rule(double q, double confidence, std::size_t blocks, std::size_t extension);  // as many

struct LookAnswer {
  Decision decision = Decision::kUndecided;
  std::size_t look = 1;
  Bounds bounds;        // of that look
  bool extend = false;  // undecided, and the extension has not been measured
};
// `samples`: the planned blocks in the order in which they were measured, or these and the whole extension. What the
// first look decided stands, whatever the extension says: another clause may have asked for it. Nothing of any other
// number of samples, or where one is not finite.
std::optional<LookAnswer> look(const LookRule& rule, std::span<const double> samples, const Bar& bar);

// How probably the rule ends where, for independent samples of any distribution, `beyond` of which lie beyond the only
// bar: under it `at_least`, else over it. Exact sums of binomial probabilities.
struct LookRates {
  double pass = 0, fail = 0, undecided = 0;
  double extended = 0;  // the second look was needed
};
// Nothing of an observed extreme, or where `beyond` is no probability.
std::optional<LookRates> look_rates(const LookRule& rule, double beyond, bool at_least);

// Where the quantile lies exactly on the bar, the worst case of both errors: `pass` is the level of a false PASS over
// all looks, `fail` of a false FAIL. Neither is over 1 - confidence.
std::optional<LookRates> rates_at_the_bar(const LookRule& rule, bool at_least);

}  // namespace geomsu::stats
