#include "harness/model/plan.hpp"

#include <algorithm>
#include <limits>

namespace geomsu {
namespace {

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

std::int64_t add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kForever : sum;
}

std::int64_t times(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kForever : product;
}

}  // namespace

std::string PlannedTrial::label() const {
  return sustained ? workload.name() + " (" + sustained->words() + ")" : workload.name();
}

std::int64_t Plan::expected_ns() const {
  std::int64_t total = soak_ns;
  for (const PlannedTrial& trial : trials) {
    const std::int64_t sessions = trial.sustained ? trial.sustained->sessions : 1;
    const std::int64_t timed = times(trial.blocks, trial.block_min_ns);
    total = add(total, times(sessions, trial.warmup_ns));
    total = add(total, trial.sustained ? std::max(trial.sustained->span_ns, timed) : timed);
  }
  return total;
}

}  // namespace geomsu
