// What changed from one contract to another, in words, what harms the buyer first.
#pragma once

#include <string>
#include <vector>

#include "harness/contract/contract.hpp"

namespace geomsu {

struct ContractChange {
  // For the buyer: less is promised, it cannot be said which way it goes, or more is promised.
  enum class Side { kWorse, kOpen, kBetter };
  Side side = Side::kOpen;
  std::string
      text;  // "clause gemm-bf16: the bar is lowered from at least 700 TFLOP/s to at least 650 TFLOP/s (-7.1 %)"
  bool operator==(const ContractChange&) const = default;
};

// Empty where both say the same, whatever their comments, order of keys and of units.
std::vector<ContractChange> contract_changes(const Contract& before, const Contract& after);

// Its parts.
class ChangeList {
 public:
  using Side = ContractChange::Side;
  void add(Side side, std::string text) { list_.push_back({side, std::move(text)}); }
  // "WHAT is NOW, and was BEFORE"; nothing where they are equal. Empty texts are told as "not stated".
  void compare(const std::string& what, const std::string& before, const std::string& after, Side side = Side::kOpen);
  std::vector<ContractChange> sorted() const;  // what is worse first; in the order of the contract where equal

 private:
  std::vector<ContractChange> list_;
};

void compare_clauses(const std::vector<Clause>& before, const std::vector<Clause>& after, ChangeList& changes);
void compare_deliveries(const Delivery& before, const Delivery& after, ChangeList& changes);

}  // namespace geomsu
