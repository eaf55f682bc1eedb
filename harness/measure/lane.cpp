// Over 400 lines: the steps of one trial, in their order, on one set of state; split, each part would need all of it.
#include "harness/measure/lane.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "kernels/ops/generator.hpp"

namespace geomsu {
namespace {

constexpr double kRepeatMargin = 1.08;  // blocks come out a little longer than the plan's least
constexpr std::int64_t kLateNs = 1'000'000;
constexpr std::uint64_t kMaxRepeats = 1u << 20;
constexpr std::uint64_t kMaxSets = 4096;
constexpr std::uint32_t kRepeatTicks = 64;
constexpr int kEmptySubmits = 5;
constexpr double kForeignLoad = 0.05;
constexpr std::int64_t kScriptedLoadNs = 10'000'000'000;  // of one load: a worker runs it as a single submission
// Leaves the count of those still timing exactly once, also where a full disk throws on the way.
class Leaving {
 public:
  explicit Leaving(std::atomic<int>& running) : running_(running) {}
  ~Leaving() {
    if (!left_) --running_;
  }
  Leaving(const Leaving&) = delete;
  Leaving& operator=(const Leaving&) = delete;
  bool others_run_on() {
    left_ = true;
    return --running_ > 0;
  }

 private:
  std::atomic<int>& running_;
  bool left_ = false;
};

struct Counter {
  std::optional<std::uint64_t> Telemetry::*value;
  const char* code;
  const char* what;
};
constexpr Counter kCounters[] = {
    {&Telemetry::ecc_corrected, "ecc", "corrected ECC errors"},
    {&Telemetry::ecc_uncorrected, "ecc", "uncorrected ECC errors"},
    {&Telemetry::link_replays, "link_replays", "link replays"},
    {&Telemetry::fault_events, "fault_events", "fault events"},
    {&Telemetry::throttle_events, "throttled", "throttle events"},
};

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

bool is_host(const DeviceInfo& device) {
  const auto kind = device.attributes.find("kind");
  return kind != device.attributes.end() && kind->second == "host";
}

}  // namespace

std::optional<double> UnitSession::load_repeat_ns(const PlannedTrial& trial) const {
  return trial.workload.name() == soaked ? soak_repeat_ns : std::nullopt;
}

std::optional<Fault> UnitSession::read_clock() {
  if (clock.domain.empty() || clock.domain == "none") return std::nullopt;
  const auto answer = session->call(protocol::ClockRequest{});
  if (!answer) return answer.fault();
  pairs.push_back(answer->pair);
  return std::nullopt;
}

std::optional<Fault> UnitSession::start_counting() {
  const auto answer = session->call(protocol::TelemetryRequest{});
  if (!answer) return answer.fault();
  if (answer->readings.empty()) return std::nullopt;
  const Telemetry& opened = answer->readings.front();
  if (!counted) {
    count(opened, "the device was opened");
    return std::nullopt;
  }
  for (const Counter& counter : kCounters) {
    auto& kept = (*counted).*counter.value;
    const auto& now = opened.*counter.value;
    if (now && (!kept || *now < *kept)) kept = now;
  }
  return std::nullopt;
}

void UnitSession::count(const Telemetry& reading, std::string when) {
  counted = reading;
  counted_when = std::move(when);
}

Lane::Lane(UnitSession& session, const Context& context)
    : unit_session_(session), session_(session.session.get()), context_(context) {
  trial_.id = context.trial->id;
  trial_.unit = session.unit->unit;
  trial_.sitting = context.sitting;
  trial_.workload = context.trial->workload.name();
  trial_.sustained = context.trial->sustained;
  operation_ = ops::find(context.trial->workload.op);
  params_ = context.trial->workload.params;
  SystemClock wall;
  trial_.started_utc_ns = wall.utc_ns();
  if (session.fault) {
    end(*session.fault);
  } else if (operation_ == nullptr) {
    end(TrialStatus::kUnsupported, Reason::kUnsupported,
        fmt::format("this version knows no operation '{}'", context.trial->workload.op));
  }
}

void Lane::end(TrialStatus status, Reason reason, std::string words) {
  if (ended_) return;
  ended_ = true;
  trial_.status = status;
  trial_.reason_code = std::string(to_string(reason));
  trial_.reason = std::move(words);
}

std::uint64_t Lane::seed(std::string_view purpose, std::uint64_t block) const {
  const std::string of_session = context_.part && context_.part->session > 1
                                     ? fmt::format("session {} {}", context_.part->session, purpose)
                                     : std::string(purpose);
  return derive_seed(*context_.secret, seed_name(trial_.id, trial_.unit.name(), of_session, trial_.sitting),
                     trial_.attempt, block);
}

bool Lane::prepare_workload(std::uint64_t sets) {
  if (prepared_) {
    prepared_ = false;
    if (const auto released = session_->call(protocol::ReleaseRequest{workload_}); !released)
      return end(released.fault()), false;
  }
  const auto ready = session_->call(protocol::PrepareRequest{context_.trial->workload.op, params_, sets});
  if (!ready) return end(ready.fault()), false;
  if (ready->operand_sets == 0 || ready->operand_sets > sets) {
    return end(TrialStatus::kError, Reason::kDeviceError,
               fmt::format("the plug-in says that it keeps {} operand sets where {} were asked", ready->operand_sets,
                           sets)),
           false;
  }
  workload_ = ready->workload;
  prepared_ = true;
  trial_.operand_sets = ready->operand_sets;
  trial_.memory_bytes = ready->memory_bytes;
  trial_.algorithm = escape_terminal(valid_utf8(ready->algorithm));
  trial_.deterministic = ready->deterministic;
  // Load between blocks runs a state on that would otherwise pass from block to block.
  refill_every_block_ = operation_->refill_every_block() || context_.part.has_value();
  return true;
}

bool Lane::reseed(std::uint64_t value) {
  const std::int64_t before = now();
  if (const auto done = session_->call(protocol::ReseedRequest{workload_, value}); !done)
    return end(done.fault()), false;
  last_reseed_ns_ = now() - before;
  trial_.reseed_ns += last_reseed_ns_;
  state_ = {value, 0, trial_.operand_sets};
  return true;
}

std::optional<protocol::MeasureResult> Lane::measure(std::uint64_t repeats, std::optional<std::int64_t> start_at,
                                                     WallBlock* wall) {
  protocol::MeasureRequest request{workload_, repeats, start_at, 0, kRepeatTicks};
  const double expected = repeat_ns_ * static_cast<double>(repeats);
  request.timeout_ns = static_cast<std::uint64_t>(context_.watchdog_ns / 2) + static_cast<std::uint64_t>(10 * expected);
  const std::int64_t wait = start_at ? std::max<std::int64_t>(0, *start_at - session_->clock().mono_ns()) : 0;
  auto answer = session_->call(request, static_cast<std::int64_t>(request.timeout_ns) + wait);
  if (!answer) {
    end(answer.fault());
    return std::nullopt;
  }
  std::int64_t begin = session_->sent_raw_ns();
  if (start_at) begin += std::max<std::int64_t>(0, *start_at - session_->sent_mono_ns());
  *wall = {begin, session_->received_raw_ns() - begin};
  state_.repeats += repeats;
  return *answer;
}

bool Lane::calibrate() {
  if (!prepare_workload(1) || !reseed(seed("calibration", 0))) return false;
  const double wanted = static_cast<double>(context_.trial->block_min_ns);
  std::uint64_t repeats = 1;
  for (int round = 0;; ++round) {
    WallBlock wall;
    if (!measure(repeats, std::nullopt, &wall)) return false;
    repeat_ns_ = std::max(1.0, static_cast<double>(wall.wall_ns)) / static_cast<double>(repeats);
    // The first round pays for cold caches and lazily made threads: it only decides how far to go next.
    if (repeats == kMaxRepeats || (round > 0 && static_cast<double>(wall.wall_ns) >= wanted / 8)) break;
    const double growth = std::clamp(wanted / 4 / std::max(1.0, static_cast<double>(wall.wall_ns)), 1.0, 64.0);
    repeats = std::min(kMaxRepeats, static_cast<std::uint64_t>(std::ceil(static_cast<double>(repeats) * growth)));
    if (round > 12) break;
  }
  const auto repeats_for_block = [&] {
    return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::ceil(kRepeatMargin * wanted / repeat_ns_)), 1,
                                     kMaxRepeats);
  };
  trial_.repeats = repeats_for_block();
  const std::uint64_t sets = std::min({trial_.repeats, operation_->max_operand_sets(params_), kMaxSets});
  if (sets > 1 && !prepare_workload(sets)) return false;
  return true;
}

bool Lane::warm_up() {
  const std::int64_t until = began_raw_ns_ + context_.trial->warmup_ns;
  double fastest = 0;
  std::uint64_t round = 0;  // each with operands of its own: a remembered answer must not set the length of the blocks
  do {
    if ((fastest == 0 || refill_every_block_) && !reseed(seed("warm-up", round++))) return false;
    WallBlock wall;
    if (!measure(trial_.repeats, std::nullopt, &wall)) return false;
    repeat_ns_ = std::max(1.0, static_cast<double>(wall.wall_ns)) / static_cast<double>(trial_.repeats);
    fastest = fastest == 0 ? repeat_ns_ : std::min(fastest, repeat_ns_);
  } while (now() < until && !interrupted());
  fastest_repeat_ns_ = fastest;
  // With its own operand sets a repeat may take another time than with one set: the block is cut to length by the
  // fastest.
  trial_.repeats = std::clamp<std::uint64_t>(
      static_cast<std::uint64_t>(
          std::ceil(kRepeatMargin * static_cast<double>(context_.trial->block_min_ns) / fastest)),
      1, kMaxRepeats);
  if (context_.part && context_.part->repeats > 0) trial_.repeats = context_.part->repeats;
  if (trial_.operand_sets < std::min(trial_.repeats, operation_->max_operand_sets(params_))) {
    note("fewer_operand_sets",
         fmt::format(
             "{} operand {} for {} repeats: the product accumulates, so that none can be skipped{}",
             trial_.operand_sets, trial_.operand_sets == 1 ? "set" : "sets", trial_.repeats,
             trial_.operand_sets == 1 ? "; but with one set all are the same, and one could be multiplied" : ""));
  }
  return true;
}

void Lane::prepare() {
  if (ended_) return;
  began_raw_ns_ = now();
  trial_.work_per_repeat = operation_->work(params_);
  session_->on_telemetry([this](const std::vector<Telemetry>& readings) {
    ++(timing_ ? watch_.notes_during : watch_.notes_before).count;
    for (const Telemetry& reading : readings) {
      readings_.notice(reading);
      if (timing_ && reading.foreign_load) foreign_load_.push_back(*reading.foreign_load);
      if (context_.telemetry) context_.telemetry(trial_.unit, reading);
    }
  });
  watch_.load_repeat_ns = unit_session_.load_repeat_ns(*context_.trial);
  watch_.host_device = is_host(*unit_session_.unit->device);
  if (!session_->scripted()) watch_.host.emplace(session_->pid());
  const auto before = session_->call(protocol::TelemetryRequest{});
  if (!before) return end(before.fault());
  if (!before->readings.empty()) {
    trial_.before = before->readings.front();
    if (unit_session_.counted) {
      compare_counters(*unit_session_.counted, *trial_.before,
                       fmt::format("before the trial, since {}", unit_session_.counted_when));
    }
    counted(*trial_.before, "began");
  }
  if (!calibrate() || !warm_up()) return;
  std::array<std::int64_t, kEmptySubmits> empty{};
  for (std::int64_t& cost : empty) {
    WallBlock wall;
    if (!measure(0, std::nullopt, &wall)) return;
    cost = wall.wall_ns;
  }
  std::nth_element(empty.begin(), empty.begin() + kEmptySubmits / 2, empty.end());
  trial_.empty_submit_ns = empty[kEmptySubmits / 2];
  first_pair_ = unit_session_.pairs.size();
  if (auto fault = unit_session_.read_clock()) return end(*fault);
  if (!reseed(seed("block", 0))) return;
  trial_.warmup_ns = now() - began_raw_ns_;
  watch_.notes_before.over_ns = trial_.warmup_ns;
  trial_.reseed_ns = 0;  // from here on: between timed blocks
}

std::int64_t Lane::earliest_start() const { return session_->clock().mono_ns(); }

bool Lane::timed_block(std::uint32_t block, std::optional<std::int64_t> start_at) {
  if (block > 0 && refill_every_block_ && !reseed(seed("block", block))) return false;
  WallBlock wall;
  if (watch_.host) watch_.host->begin(now());
  readings_.begin();
  const auto result = measure(trial_.repeats, start_at, &wall);
  if (watch_.host) watch_.host->end(now());
  if (!result) return false;
  if (start_at) {
    watch_.lead_ns = std::max<std::int64_t>(0, *start_at - session_->sent_mono_ns());
    trial_.start_at_mono_ns = *start_at;
    trial_.late_ns = result->started_mono_ns - *start_at;
    if (*trial_.late_ns > kLateNs || *trial_.late_ns < 0) {
      const std::string words = fmt::format("the first block began {:+.3f} ms from the agreed instant",
                                            static_cast<double>(*trial_.late_ns) * 1e-6);
      if (context_.together || *trial_.late_ns < 0) return end(TrialStatus::kInvalid, Reason::kLateStart, words), false;
      note("late_start", words + "; nobody else had to start with it");
    }
  }
  if (block == 0 && start_at) first_due_mono_ns_ = *start_at;
  trial_.block_at_ns.push_back((start_at ? result->started_mono_ns : session_->sent_mono_ns()) - first_due_mono_ns_);
  trial_.block_session.push_back(1);
  walls_.push_back(wall);
  trial_.wall_ns.push_back(wall.wall_ns);
  if (!result->spans.empty()) {
    spans_.push_back(result->spans.front());
    ticks_.first.push_back(spans_.back().first);
    ticks_.last.push_back(spans_.back().last);
    ticks_.repeat_ends.push_back(spans_.back().repeat_ends);
  }
  // Only then: a device that is asked for its telemetry first has time to do what it has put off.
  if (!ask_digests(block) || !read_block_telemetry()) return false;
  if (context_.block_done) {
    context_.block_done(*this, block + 1 + (context_.part ? context_.part->done : 0),
                        static_cast<double>(trial_.work_per_repeat) * static_cast<double>(trial_.repeats) /
                            (static_cast<double>(std::max<std::int64_t>(1, wall.wall_ns)) * 1e-9));
  }
  return true;
}

bool Lane::read_block_telemetry() {
  const auto answer = session_->call(protocol::TelemetryRequest{});
  if (!answer) return end(answer.fault()), false;
  readings_.end(answer->readings.empty() ? std::nullopt : std::optional(answer->readings.front()));
  return true;
}

bool Lane::load_until(std::int64_t mono_ns, const std::function<bool()>& done) {
  const std::uint64_t chunk = std::max<std::uint64_t>(1, trial_.repeats / 8);
  const auto patience = static_cast<std::int64_t>(10 * repeat_ns_ * static_cast<double>(chunk));
  do {
    if (const auto load = session_->call(protocol::LoadRequest{workload_, chunk}); !load)
      return end(load.fault()), false;
    protocol::StopRequest stop;
    if (session_->scripted()) {
      stop.sim_until_ns = std::min(mono_ns, session_->clock().mono_ns() + kScriptedLoadNs);
    } else if (auto fault = session_->idle_until(mono_ns, [&] { return done() || interrupted(); })) {
      return end(*fault), false;
    }
    if (const auto stopped = session_->call(stop, patience); !stopped) return end(stopped.fault()), false;
  } while (session_->scripted() && session_->clock().mono_ns() < mono_ns && !interrupted());
  return true;
}

void Lane::blocks(std::int64_t start_at_mono_ns, std::atomic<int>& running) {
  Leaving leaving(running);
  timing_ = true;
  const std::int64_t began = now();
  const std::optional<std::uint32_t> decoy_after = decoy_position();
  for (std::uint32_t block = 0; !ended_ && block < count() && !interrupted(); ++block) {
    const auto start = block == 0 ? std::optional(start_at_mono_ns) : std::nullopt;
    if (block > 0 && context_.part) {
      const std::int64_t due = start_at_mono_ns + context_.part->starts[block];
      if (due > session_->clock().mono_ns() && !load_until(due, [] { return false; })) break;
      if (interrupted()) break;
    }
    if (!timed_block(block, start)) break;
    if (block == decoy_after) {
      replay();  // after which the buffers are not the last block's: never the end
    } else if (context_.clear && context_.clear(trial_)) {
      break;
    }
  }
  watch_.notes_during.over_ns = now() - began;
  if (!ended_ && !interrupted()) {
    answers_ = ask("draw", true);
    answered_state_ = state_;
  }
  const bool others = leaving.others_run_on();
  // Nobody is measured alone: who is done keeps the node busy. Scripted devices have each their own time and do not
  // wait.
  if (!ended_ && others && !session_->scripted() && !load_until(kForever, [&] { return running.load() == 0; })) return;
  timing_ = false;
}

void Lane::compare_counters(const Telemetry& before, const Telemetry& after, const std::string& when) {
  for (const Counter& counter : kCounters) {
    const auto& from = before.*counter.value;
    const auto& to = after.*counter.value;
    if (from && to && *to > *from)
      note(counter.code, fmt::format("{} grew from {} to {} {}", counter.what, *from, *to, when));
  }
}

void Lane::counted(const Telemetry& reading, std::string_view what) {
  if (!context_.company) unit_session_.count(reading, fmt::format("trial {} {}", trial_.id, what));
}

void Lane::note_state_after() {
  if (!trial_.after) return;
  if (trial_.before) compare_counters(*trial_.before, *trial_.after, "during the trial");
  counted(*trial_.after, "ended");
  if (trial_.after->throttle.value_or(0) != 0)
    note("throttled", fmt::format("throttle bits {:#x} at the end", *trial_.after->throttle));
  if (!foreign_load_.empty()) {
    const double mean =
        std::accumulate(foreign_load_.begin(), foreign_load_.end(), 0.0) / static_cast<double>(foreign_load_.size());
    if (mean > kForeignLoad)
      note("foreign_load", fmt::format("others used {:.1f} % of the device while it was timed", mean * 100));
  }
}

void Lane::audit() {
  SystemClock wall;
  trial_.ended_utc_ns = wall.utc_ns();
  if (interrupted()) return;
  if (!session_ || session_->dead()) return;
  if (!ended_) {
    const auto after = session_->call(protocol::TelemetryRequest{});
    if (!after) return end(after.fault());
    if (!after->readings.empty()) trial_.after = after->readings.front();
    readings_.write(trial_);
    note_state_after();
    if (auto fault = unit_session_.read_clock()) return end(*fault);
    // This trial's own readings, so that a clock that is slow only while measured is not diluted by the rest of the
    // session; reaching back only as far as the baseline needs.
    const auto& pairs = unit_session_.pairs;
    std::size_t from = first_pair_;
    while (from > 0 && pairs.back().host_before_ns - pairs[from].host_before_ns < kMinBaselineNs) --from;
    trial_.clock = audit_clock(unit_session_.clock, std::span(pairs).subspan(std::min(from, pairs.size())));
    std::string why;
    const auto spans = device_spans(unit_session_.clock, spans_, walls_, &why);
    if (trial_.clock.verdict == ClockAudit::Verdict::kBroken) {
      end(TrialStatus::kInvalid, Reason::kClock, trial_.clock.reason);
    } else if (trial_.clock.domain != "none" && !spans) {
      trial_.clock.verdict = ClockAudit::Verdict::kBroken;
      trial_.clock.reason = why;
      end(TrialStatus::kInvalid, Reason::kClock, why);
    } else {
      if (spans) trial_.device_ns = *spans;
      trial_.judged_by_device =
          trial_.clock.verdict == ClockAudit::Verdict::kProved && spans_agree(trial_.device_ns, trial_.wall_ns);
      if (trial_.judged_by_device) {
        trial_.block_ns = trial_.device_ns;
      } else {
        const std::int64_t off = taken_off_ns(trial_.empty_submit_ns, trial_.wall_ns);
        if (off != trial_.empty_submit_ns)
          note("slow_empty_submit",
               fmt::format("an empty submission takes {:.3f} ms, over 1 % of a block: nothing is taken off the blocks",
                           static_cast<double>(trial_.empty_submit_ns) * 1e-6));
        for (const std::int64_t ns : trial_.wall_ns) trial_.block_ns.push_back(ns - off);
        if (trial_.clock.domain != "none") {
          note("wall_time_judged",
               trial_.clock.verdict == ClockAudit::Verdict::kProved
                   ? "the device's spans leave more than 1 % + 2 ms of the host's wall time: the latter is judged"
                   : trial_.clock.reason);
        }
      }
    }
    watch_.fastest_ns = static_cast<std::int64_t>(fastest_repeat_ns_ * static_cast<double>(trial_.repeats));
    if (const auto refusal = watch_.conclude(trial_)) end(TrialStatus::kInvalid, refusal->reason, refusal->words);
    const auto least = context_.trial->block_min_ns;
    const auto shorter =
        std::count_if(trial_.block_ns.begin(), trial_.block_ns.end(), [&](auto ns) { return ns < least; });
    if (shorter > 0) {
      note("short_blocks",
           fmt::format("{} of {} blocks were shorter than the {} ms that the suite wants: the device was slower "
                       "when their length was fixed",
                       shorter, trial_.block_ns.size(), least / 1'000'000));
    }
    const auto devices = session_->call(protocol::DevicesRequest{});
    if (!devices) return end(devices.fault());
    const auto same = std::find_if(devices->devices.begin(), devices->devices.end(),
                                   [&](const DeviceInfo& device) { return device.index == unit_session_.unit->index; });
    if (same == devices->devices.end() || !same->same_part(*unit_session_.unit->device)) {
      end(TrialStatus::kInvalid, Reason::kDeviceChanged,
          same == devices->devices.end() ? "the device is gone after the trial"
                                         : fmt::format("the device calls itself {} after the trial, {} before",
                                                       same->unit_id(), unit_session_.unit->device->unit_id()));
    }
  }
  if (prepared_ && !session_->dead()) {
    prepared_ = false;
    const auto released = session_->call(protocol::ReleaseRequest{workload_});
    if (!released && !ended_) note("release", released.fault().words);
  }
  trial_.total_ns = now() - began_raw_ns_;
}

}  // namespace geomsu
