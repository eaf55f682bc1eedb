// What the rules share: how to start the candidate, how far to bring it, and what earlier rules have learnt of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/conform/candidate.hpp"
#include "harness/conform/wire.hpp"
#include "harness/model/device.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::conform {

struct Settings {
  std::int64_t patience_ns = 30'000'000'000;  // for an answer, in real time
  bool long_run = false;                      // 30 s and more of real work
  bool leaks = false;                         // a session under valgrind
  std::uint64_t seed = 1;                     // of what is drawn
};

// Parameters that the candidate has prepared once. `params` are complete.
struct Offer {
  const ops::Operation* operation = nullptr;
  ops::Params params;
  std::string name() const;  // "gemm:dtype=fp32,k=5,m=3,n=4,..."
};

// A workload as the candidate keeps it.
struct Prepared {
  std::uint64_t id = 0, operand_sets = 1, memory_bytes = 0;
  bool deterministic = false;
};

// What a longer session of blocks has shown of the device.
inline constexpr int kSoakBlocks = 64;
struct Work {
  DeviceInfo before, opened, after;
  Telemetry first, last;
  std::vector<std::int64_t> block_ns;  // by the session's clock, from the request to its answer
  std::int64_t took_ns = 0;
  bool long_enough = false;    // 30 s at least: scripted time, or asked for
  std::optional<Unmet> fault;  // why it ended early; the rest is then what was seen until there
};

class Group;

class Stand {
 public:
  Stand(Candidate candidate, const Settings& settings) : candidate_(std::move(candidate)), settings_(settings) {}

  const Candidate& candidate() const { return candidate_; }
  const Settings& settings() const { return settings_; }

  std::unique_ptr<Wire> start() const;    // a process to which nothing was said
  std::unique_ptr<Wire> greeted() const;  // hello
  std::unique_ptr<Wire> opened() const;   // and open of the first device

  // What the candidate offers, small. Asked once, by the rule `prepare`; all others need it.
  const std::vector<Offer>& offers();
  // What of the same list it does not offer, and what it said.
  const std::vector<std::pair<std::string, protocol::Answer>>& not_offered();

  // A rule of the C table, run by a worker in a process of its own; what it saw. Unmet where it fails or dies.
  std::string ask_worker(std::string_view rule) const;
  const Work& work();  // done once
  Group& group();      // asked for once; Unmet where devices cannot be opened together

  static protocol::PrepareRequest request_of(const Offer& offer, std::uint64_t operand_sets);
  Prepared prepare(Wire& wire, const Offer& offer, std::uint64_t operand_sets = 1) const;
  // The first offer, prepared and seeded with 1.
  Prepared ready(Wire& wire);

 private:
  Candidate candidate_;
  Settings settings_;
  void ask_for_offers();

  std::optional<Work> work_;
  std::shared_ptr<Group> group_;
  std::vector<Offer> offers_;
  std::vector<std::pair<std::string, protocol::Answer>> not_offered_;
  bool asked_ = false;
};

}  // namespace geomsu::conform
