#include "harness/judge/row_memo.hpp"

namespace geomsu {

std::optional<stats::BoundRanks> RowMemo::ranks(stats::Statistic statistic, std::size_t n, double confidence) {
  constexpr std::size_t kMost = 64;  // few are wanted by one contract; trials that stopped early have many sizes
  for (const Ranks& known : ranks_) {
    if (known.statistic == statistic && known.n == n && known.confidence == confidence) return known.ranks;
  }
  const std::optional<stats::BoundRanks> ranks = stats::bound_ranks(statistic, n, confidence);
  if (ranks_.size() < kMost) ranks_.push_back({statistic, n, confidence, ranks});
  return ranks;
}

std::optional<RowMemo::Rate> RowMemo::rate(const Workload& workload, std::string_view quantity) const {
  if (workload_ != &workload || quantity_ != quantity) return std::nullopt;
  return rate_;
}

void RowMemo::keep(const Workload& workload, std::string_view quantity, Rate rate) {
  workload_ = &workload;
  quantity_ = quantity;
  rate_ = rate;
}

}  // namespace geomsu
