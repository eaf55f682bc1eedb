// One unit's way through one trial: prepare, warm up, timed blocks, questions drawn then, replay. Several lanes of a
// trial run at once, a thread each; a lane never throws for what a worker does, it ends with a row that says so.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/hash.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/measure/block_readings.hpp"
#include "harness/measure/block_watch.hpp"
#include "harness/measure/clock_audit.hpp"
#include "harness/measure/session.hpp"
#include "harness/measure/verify.hpp"
#include "harness/model/plan.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {

// An opened worker on one unit, or on the group of devices that is one, with what the host learnt of its clock since.
struct UnitSession {
  Unit unit;
  std::vector<const PlannedUnit*> members;  // in rank order; one where the unit is a device
  bool same_boot = true;                    // the worker shares the host's CLOCK_MONOTONIC
  std::unique_ptr<Session> session;
  DeviceClock clock;
  std::vector<protocol::ClockPair> pairs;
  std::optional<Fault> fault;  // why there is no session
  // The counters as last read and when, from `open` on: what has grown since is a finding of the next trial.
  std::optional<Telemetry> counted;
  std::string counted_when;  // "the device was opened", "trial t001 ended"

  // Why the soak ended early: a finding of the next trial, which may pass in a fresh worker.
  std::string soak_fault;
  std::string soaked;                    // name of the workload that the soak ran here
  std::optional<double> soak_repeat_ns;  // and how long one of its repeats took
  std::optional<double> load_repeat_ns(const PlannedTrial& trial) const;
  std::uint32_t ranks() const { return static_cast<std::uint32_t>(members.size()); }
  std::string rank_name(std::uint32_t rank) const;  // "rank 3 (node01/S-004)"

  std::optional<Fault> read_clock();      // adds a pair
  std::optional<Fault> start_counting();  // at `open`; an earlier reading stays, but for counters that began anew
  void count(const Telemetry& reading, std::string when);
};

// One session of a sustained trial: when its blocks are due, and the length that they have in all of its sessions.
struct SessionPart {
  std::uint32_t session = 1;         // from 1: it enters the seeds
  std::uint32_t done = 0;            // blocks of the sessions before
  std::vector<std::int64_t> starts;  // in ns since the session's first block; load is kept on between them
  std::uint64_t repeats = 0;         // of each block, as the first session found them; 0: this is the first
};

class Lane {
 public:
  struct Context {
    const PlannedTrial* trial = nullptr;
    const Secret* secret = nullptr;
    std::uint32_t sitting = 1;
    std::int64_t watchdog_ns = 0;
    bool company = false;             // its row is there already: what its counters show is left to the unit's next row
    bool together = false;            // more than one unit starts: a late start then is no common start
    std::optional<SessionPart> part;  // of a sustained trial
    std::function<bool(const Trial&)> clear;      // asked after each block where a trial may stop early
    std::function<bool(const Trial&)> undecided;  // asked after the planned blocks where the trial has an extension
    std::atomic<bool>* interrupted = nullptr;
    std::function<void(const Unit&, const Telemetry&)> telemetry;
    std::function<void(const Lane&, std::uint32_t block, double value)> block_done;  // value: of the first quantity
  };
  Lane(UnitSession& session, const Context& context);

  // The four steps, in order. Each does nothing where an earlier one ended the trial.
  void prepare();                       // telemetry, memory, repeats, warm-up, cost of an empty submit
  std::int64_t earliest_start() const;  // CLOCK_MONOTONIC now, for the common start
  // Timed, the first at the common start where there is one; then load until `running` is 0.
  void blocks(std::optional<std::int64_t> start_at_mono_ns, std::atomic<int>& running);
  void verify();  // questions answered are checked; an earlier block is replayed
  void audit();   // clock, counters, identity; releases the workload

  bool ended() const { return ended_; }
  bool interrupted() const { return context_.interrupted != nullptr && context_.interrupted->load(); }
  const Unit& unit() const { return trial_.unit; }
  const ops::Operation& operation() const { return *operation_; }
  const Trial& trial() const { return trial_; }
  const TrialTicks& ticks() const { return ticks_; }

 private:
  void end(TrialStatus status, Reason reason, std::string words);
  void end(const Fault& fault) { end(fault.status, fault.reason, fault.words); }
  bool prepare_workload(std::uint64_t sets);
  bool calibrate();
  bool warm_up();
  bool reseed(std::uint64_t seed);
  // Sends one block; nullopt where the trial ended. The wall time runs from the later of request and start_at to the
  // reply.
  std::optional<protocol::MeasureResult> measure(std::uint64_t repeats, std::optional<std::int64_t> start_at,
                                                 WallBlock* wall);
  bool timed_block(std::uint32_t block, std::optional<std::int64_t> start_at);
  std::uint32_t count() const {
    return context_.part ? static_cast<std::uint32_t>(context_.part->starts.size()) : context_.trial->blocks;
  }
  // Load until `mono_ns` of the session's clock, or until `done`. False where the trial ended.
  bool load_until(std::int64_t mono_ns, const std::function<bool()>& done);
  bool read_block_telemetry();
  // In lane_verify.cpp. A drawn digest, the same again, and after the window block one of every operand set.
  bool ask_digests(std::uint32_t block);
  bool ask_window(std::uint32_t block, std::int64_t since_ns);
  // Positions drawn for `purpose`, of the buffers as they stand, on every rank; with a projection only where asked.
  // Empty: it ended.
  std::vector<DrawnAnswers> ask(std::string_view purpose, bool project);
  Check of_all_ranks(std::vector<Check> of_ranks) const;
  Check checked_elements(const ops::BlockState& state, const std::vector<DrawnAnswers>& answers) const;
  std::vector<Check> checked(const ops::BlockState& state, const std::vector<DrawnAnswers>& answers) const;
  ops::BlockState of_rank(ops::BlockState state, std::uint32_t rank) const;
  std::uint32_t drawn_rank(std::string_view purpose, std::uint64_t block) const;  // of those that have an output
  // Where a replay stands between judged blocks, so that the order of messages tells nobody which of them count.
  std::optional<std::uint32_t> decoy_position() const;
  void replay();
  std::uint64_t draw(std::string_view purpose, std::uint64_t below) const;
  std::uint64_t seed(std::string_view purpose, std::uint64_t block) const;
  std::int64_t now() { return session_->clock().raw_ns(); }
  void note(std::string code, std::string text) { trial_.findings.push_back({std::move(code), std::move(text)}); }
  void settle_times();  // which clock is judged, and the slowest rank
  void compare_parts(const std::vector<DeviceInfo>& devices);
  void compare_counters(const Telemetry& before, const Telemetry& after, const std::string& when);
  void counted(const Telemetry& reading, std::string_view what);
  void note_state_after(const std::vector<Telemetry>& after);

  UnitSession& unit_session_;
  Session* session_;
  Context context_;
  const ops::Operation* operation_ = nullptr;
  ops::Params params_;
  Trial trial_;
  TrialTicks ticks_;
  bool ended_ = false;
  std::uint64_t workload_ = 0;
  bool prepared_ = false, refill_every_block_ = true;
  double repeat_ns_ = 0;  // estimate
  double fastest_repeat_ns_ = 0;
  std::int64_t last_reseed_ns_ = 0;
  std::int64_t began_raw_ns_ = 0, first_due_mono_ns_ = 0;
  std::size_t first_pair_ = 0;                      // of the session's clock readings, the first of this trial
  std::vector<std::vector<protocol::Span>> spans_;  // a block each: a rank each
  std::vector<WallBlock> walls_;
  ops::BlockState state_;  // of the buffers as they stand
  struct BlockDigest {
    std::uint32_t rank = 0;
    std::uint64_t repeat = 0, digest = 0;
  };
  std::vector<BlockDigest> digests_;
  std::vector<DrawnAnswers> answers_;  // a rank with an output each
  ops::BlockState answered_state_;
  std::vector<BlockDigest> window_digests_;  // of the window block
  std::optional<Check> replayed_;
  BlockWatch watch_;
  BlockReadings readings_;
  std::vector<double> foreign_load_;
  std::vector<Telemetry> before_;  // a rank each
  std::vector<std::uint32_t> ranks_with_output_;
  bool timing_ = false;
};

}  // namespace geomsu
