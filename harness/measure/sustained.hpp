// The sessions of a sustained trial put together as one row. Pure: a lane measured each session on a fresh worker, and
// each gave a row of its own.
#pragma once

#include <cstdint>

#include "harness/evidence/bundle.hpp"
#include "harness/model/trial.hpp"

namespace geomsu {

class SustainedRow {
 public:
  // `scripted`: the worker's clock begins anew with each worker, so a session begins where the one before it ended.
  explicit SustainedRow(bool scripted) : scripted_(scripted) {}

  // In the sessions' order. After one that ended early nothing more is taken: the row is broken by it.
  void add(const Trial& part, const TrialTicks& ticks);
  bool whole() const { return row_.status == TrialStatus::kOk; }
  std::uint32_t sessions() const { return sessions_; }

  // Blocks in their order, times since the first session's start, checks and findings of all with their session named.
  // The clock is the worst of the sessions'; where one of them could not be judged by the device, none is.
  const Trial& row() const { return row_; }
  const TrialTicks& ticks() const { return ticks_; }

 private:
  void add_blocks(const Trial& part);
  void judge_by_wall();

  bool scripted_;
  std::uint32_t sessions_ = 0;
  Trial row_;
  TrialTicks ticks_;
  std::int64_t end_ns_ = 0;  // of the last block, since the first session's start
};

}  // namespace geomsu
