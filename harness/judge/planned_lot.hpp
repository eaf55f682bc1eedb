// What a contract's `sampling:` asks for, worked out for the lot that is inspected: how many items, which numbers
// decide, and the operating characteristic. Known before delivery; no measurement is needed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/stats/characteristic.hpp"
#include "harness/stats/sequential_plan.hpp"

namespace geomsu {

struct PlannedLot {
  Sampling::Kind kind = Sampling::Kind::kFull;
  std::vector<std::string> items;  // the nodes of the inspected tranche, sorted
  std::uint32_t sample_size = 0;   // of a sequential plan the most
  bool draws = false;              // some items are looked at, or all one after the other; else all of them
  std::optional<std::uint32_t> acceptance_number;   // absent of plans by variables
  std::optional<double> k;                          // by variables
  std::optional<stats::SequentialPlan> sequential;  // sequential
  std::string plan;     // "hypergeometric: 121 of 510 nodes, accepted with at most 0 nonconforming"
  std::string refused;  // why there is no plan, and what next; then only kind, items and notes hold
  std::vector<stats::CharacteristicPoint> characteristic;
  std::vector<std::string> notes;  // the risks that the plan has, and what a reader must know of its kind

  std::uint32_t lot_size() const { return static_cast<std::uint32_t>(items.size()); }
};

std::string_view to_string(Sampling::Kind kind);  // "full", "hypergeometric", "iso2859", "variables", "sequential"
// `found`: nodes that were met, sorted. They are items of a full screening whose contract does not say where its units
// stand (a unit without a node, or `discover`); elsewhere they count for nothing.
PlannedLot plan_lot(const Contract& contract, std::span<const std::string> found = {});

}  // namespace geomsu
