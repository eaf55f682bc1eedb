// What rows of one bundle have in common and is dear to find again: kept by whoever judges many, never for longer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/workload.hpp"
#include "harness/stats/order.hpp"

namespace geomsu {

class RowMemo {
 public:
  // As stats::bound_ranks.
  std::optional<stats::BoundRanks> ranks(stats::Statistic statistic, std::size_t n, double confidence);

  // How a quantity comes of a block's time. The workload must outlive the memo.
  struct Rate {
    std::uint64_t work = 0;  // of one repeat
    bool is_rate = false;    // work over time
  };
  // Of the workload and quantity last kept; nothing of others.
  std::optional<Rate> rate(const Workload& workload, std::string_view quantity) const;
  void keep(const Workload& workload, std::string_view quantity, Rate rate);

 private:
  struct Ranks {
    stats::Statistic statistic;
    std::size_t n;
    double confidence;
    std::optional<stats::BoundRanks> ranks;
  };
  std::vector<Ranks> ranks_;
  const Workload* workload_ = nullptr;
  std::string quantity_;
  Rate rate_;
};

}  // namespace geomsu
