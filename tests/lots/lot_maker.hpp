// A lot made by arithmetic: real bundles of nodes that never were, as `geomsu run` writes them, so that the ordinary
// reader accepts each and `geomsu verify` holds on each. Nothing is measured and nothing is random: equal shapes give
// equal bytes.
//
// What its rows hold: every member that the row's schema wants; 30 block times by the device's clock, which is proved,
// as judged, as the device's and as the host's times; one passed check. What the schema lets be absent is absent:
// starts of blocks, throttle bits (but of throttled devices), counters, digests, telemetry, energy, raw ticks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/contract/contract.hpp"

namespace geomsu::lots {

struct LotShape {
  std::uint32_t nodes = 4, devices = 8, clauses = 6, blocks = 30;
  std::uint64_t seed = 1;
  // Of so many nodes one has a slow device, one a device that was not found, one a device that throttles in a fifth of
  // its blocks, one a device that was lost in a trial, and one left no bundle. 0: all are good. At least 8.
  std::uint32_t defect_every = 100;
  std::optional<std::uint32_t> slow_node;  // has a slow device, whatever defect_every says
  bool node_clauses = false;               // a second clause a workload, of scope node
  std::string extra_yaml;                  // more members of the contract
  std::string each_clause;                 // more members of each clause, indented by four
  std::string last_clauses;                // more clauses, after those of the shape; each of a workload of theirs
};

enum class Defect { kNone, kSlow, kMissing, kThrottled, kLost, kNoBundle };
Defect defect_of(const LotShape& shape, std::uint32_t node);
inline constexpr std::uint32_t kDefectDevice = 1;  // which device of the node has it, from 0

std::string node_name(std::uint32_t node);  // "n00001"
std::string serial(const LotShape& shape, std::uint32_t node, std::uint32_t device);

std::string list_csv(const LotShape& shape);  // the delivery list
std::string contract_yaml(const LotShape& shape);
std::string suite_yaml(const LotShape& shape);

// One a node, "bundle-n00001", in `dir`, which is made. Uses `threads` threads. Error where something cannot be
// written. The delivery list lies in the lot as list.csv; bundles hold links to it, so that the disk has it once.
void make_lot(const LotShape& shape, const std::filesystem::path& dir, unsigned threads);

// One node's bundle, of the attempt that began so many hours after the first.
void make_bundle(const LotShape& shape, std::uint32_t node, const std::filesystem::path& dir, std::uint32_t hours = 0);

}  // namespace geomsu::lots
