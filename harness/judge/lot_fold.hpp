// Nodes' judgements into one verdict, in the order of the nodes' names.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/judge/draw.hpp"
#include "harness/judge/judgement.hpp"

namespace geomsu {

// Rows that are not PASS, the worst so many of each clause; exact, in whatever order they come.
class WorstRows {
 public:
  WorstRows(const Contract& contract, std::size_t most);
  void add(ClauseRow row);
  std::vector<ClauseRow> take();  // by clause, then unit

 private:
  void trim(std::size_t place, std::size_t to);

  const Contract& contract_;
  std::size_t most_;
  std::vector<std::vector<ClauseRow>> rows_;  // a clause each
  std::vector<std::pair<std::string_view, std::size_t>> places_;
};

struct LotParts {
  const Contract& contract;
  std::span<const BundleJudgement> nodes;  // sorted by node; rows taken out
  std::span<const FleetFigure> fleet;
  const Draw* draw = nullptr;
  std::span<const std::string> tested;  // nodes with evidence that holds, sorted
  Outcome at_least = Outcome::kNotApplicable;
};

// All of the verdict but its bundles. `rows`: those kept of the nodes' rows; `all_rows`: how many there were.
Verdict fold_lot(const LotParts& parts, WorstRows rows, std::uint64_t all_rows,
                 const std::function<void(const ClauseRow&)>& own_row);

}  // namespace geomsu
