#include "harness/measure/lane.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "kernels/ops/generator.hpp"

namespace geomsu {
namespace {

constexpr double kRepeatMargin = 1.08;  // blocks come out a little longer than the plan's least
constexpr std::int64_t kLateNs = 1'000'000;
constexpr std::uint64_t kMaxRepeats = 1u << 20;
constexpr std::uint64_t kMaxSets = 4096, kMaxGroupSets = 1u << 20;  // messages of some bytes want many
constexpr std::uint64_t kTooManySets = 2;
constexpr std::uint32_t kRepeatTicks = 64;
constexpr int kEmptySubmits = 5;
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

Lane::Lane(UnitSession& session, const Context& context)
    : unit_session_(session), session_(session.session.get()), context_(context) {
  trial_.id = context.trial->id;
  trial_.unit = session.unit;
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
  } else {
    for (std::uint32_t rank = 0; rank < session.ranks(); ++rank) {
      if (operation_->reference(params_, {0, 1, 1, rank})->elements() > 0) ranks_with_output_.push_back(rank);
    }
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
  const bool set_per_repeat = operation_->set_per_repeat(params_);
  const std::uint64_t most_sets =
      std::min(operation_->max_operand_sets(params_), unit_session_.ranks() > 1 ? kMaxGroupSets : kMaxSets);
  const double wanted = static_cast<double>(context_.trial->block_min_ns);
  std::uint64_t repeats = 1;
  bool memory_full = false;
  for (int round = 0;; ++round) {
    // Where each repeat wants a set of its own, a longer look wants more of them.
    if (round == 0 || set_per_repeat) {
      if (!prepare_workload(set_per_repeat ? repeats : 1) || !reseed(seed("calibration", 0))) return false;
      memory_full = set_per_repeat && trial_.operand_sets < repeats;
      if (memory_full) repeats = trial_.operand_sets;
    }
    WallBlock wall;
    if (!measure(repeats, std::nullopt, &wall)) return false;
    repeat_ns_ = std::max(1.0, static_cast<double>(wall.wall_ns)) / static_cast<double>(repeats);
    // The first round pays for cold caches and lazily made threads: it only decides how far to go next.
    if (repeats == kMaxRepeats || (round > 0 && static_cast<double>(wall.wall_ns) >= wanted / 8)) break;
    if (memory_full || (set_per_repeat && repeats == most_sets)) break;
    const double growth = std::clamp(wanted / 4 / std::max(1.0, static_cast<double>(wall.wall_ns)), 1.0, 64.0);
    repeats = std::min(kMaxRepeats, static_cast<std::uint64_t>(std::ceil(static_cast<double>(repeats) * growth)));
    if (set_per_repeat) repeats = std::min(repeats, most_sets);
    if (round > 12) break;
  }
  const auto repeats_for_block = [&] {
    return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::ceil(kRepeatMargin * wanted / repeat_ns_)), 1,
                                     kMaxRepeats);
  };
  trial_.repeats = repeats_for_block();
  const std::uint64_t sets = std::min(trial_.repeats, most_sets);
  if (sets > 1 && !prepare_workload(sets)) return false;
  if (set_per_repeat) trial_.repeats = std::min(trial_.repeats, trial_.operand_sets);
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
      1, operation_->set_per_repeat(params_) ? trial_.operand_sets : kMaxRepeats);
  if (context_.part && context_.part->repeats > 0) trial_.repeats = context_.part->repeats;
  // Sets beyond the repeats are only filled: where the first look, with one set in the caches, was far too quick.
  if (trial_.operand_sets > kTooManySets * trial_.repeats) {
    WallBlock wall;
    if (!prepare_workload(trial_.repeats) || !reseed(seed("warm-up", round)) ||
        !measure(trial_.repeats, std::nullopt, &wall))
      return false;
  }
  if (trial_.operand_sets < std::min(trial_.repeats, operation_->max_operand_sets(params_))) {
    const char* words = unit_session_.ranks() > 1 ? "the output of a set is the same each time, so that all but its "
                                                    "last repeat could be skipped"
                        : trial_.operand_sets == 1
                            ? "the product accumulates, so that none can be skipped; but with one set all are the "
                              "same, and one could be multiplied"
                            : "the product accumulates, so that none can be skipped";
    note("fewer_operand_sets", fmt::format("{} operand {} for {} repeats: {}", trial_.operand_sets,
                                           trial_.operand_sets == 1 ? "set" : "sets", trial_.repeats, words));
  }
  return true;
}

void Lane::prepare() {
  if (ended_) return;
  began_raw_ns_ = now();
  trial_.work_per_repeat = operation_->work(params_);
  session_->on_telemetry([this](const std::vector<Telemetry>& readings) {
    ++(timing_ ? watch_.notes_during : watch_.notes_before).count;
    watch_.energy.add(readings, timing_);
    for (std::size_t i = 0; i < readings.size(); ++i) {
      readings_.notice(readings[i]);
      if (timing_ && readings[i].foreign_load) foreign_load_.push_back(*readings[i].foreign_load);
      const auto& members = unit_session_.members;
      if (context_.telemetry) context_.telemetry(i < members.size() ? members[i]->unit : trial_.unit, readings[i]);
    }
  });
  watch_.load_repeat_ns = unit_session_.load_repeat_ns(*context_.trial);
  watch_.host_device = is_host(*unit_session_.members.front()->device);
  if (!session_->scripted()) watch_.host.emplace(session_->pid());
  if (!unit_session_.soak_fault.empty()) {
    note("soak_failed", "the soak before the trials ended early: " + std::exchange(unit_session_.soak_fault, {}));
  }
  const auto before = session_->call(protocol::TelemetryRequest{});
  if (!before) return end(before.fault());
  watch_.energy.add(before->readings, false);
  if (!before->readings.empty()) {
    before_ = before->readings;
    trial_.before = before_.front();
    if (unit_session_.counted) {
      compare_counters(*unit_session_.counted, *trial_.before,
                       fmt::format("before the trial, since {}", unit_session_.counted_when));
    }
    if (unit_session_.ranks() == 1) counted(*trial_.before, "began");
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
  if (block == 0) first_due_mono_ns_ = start_at.value_or(session_->sent_mono_ns());
  trial_.block_at_ns.push_back((start_at ? result->started_mono_ns : session_->sent_mono_ns()) - first_due_mono_ns_);
  trial_.block_session.push_back(1);
  walls_.push_back(wall);
  watch_.energy.block(std::max(session_->sent_mono_ns(), start_at.value_or(0)), wall.wall_ns);
  trial_.wall_ns.push_back(wall.wall_ns);
  if (!result->spans.empty()) {
    if (result->spans.size() != unit_session_.ranks()) {
      return end(TrialStatus::kError, Reason::kDeviceError,
                 fmt::format("{} spans came of {} ranks", result->spans.size(), unit_session_.ranks())),
             false;
    }
    spans_.push_back(result->spans);
    for (const protocol::Span& span : result->spans) {
      ticks_.first.push_back(span.first);
      ticks_.last.push_back(span.last);
      ticks_.repeat_ends.push_back(span.repeat_ends);
    }
  }
  // Only then: a device that is asked for its telemetry first has time to do what it has put off.
  if (!ask_digests(block) || !read_block_telemetry()) return false;
  if (context_.block_done) {
    context_.block_done(*this, block + 1 + (context_.part ? context_.part->done : 0),
                        operation_->value(params_, operation_->quantities().front().name, trial_.repeats,
                                          std::max<std::int64_t>(1, wall.wall_ns)));
  }
  return true;
}

bool Lane::read_block_telemetry() {
  const auto answer = session_->call(protocol::TelemetryRequest{});
  if (!answer) return end(answer.fault()), false;
  for (const Telemetry& other :
       std::span(answer->readings).subspan(std::min<std::size_t>(1, answer->readings.size()))) {
    readings_.notice(other);  // of the other ranks of a group
  }
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

void Lane::blocks(std::optional<std::int64_t> start_at_mono_ns, std::atomic<int>& running) {
  Leaving leaving(running);
  timing_ = true;
  const std::int64_t began = now();
  const std::optional<std::uint32_t> decoy_after = decoy_position();
  std::uint32_t due = count();
  for (std::uint32_t block = 0; !ended_ && block < due && !interrupted(); ++block) {
    const auto start = block == 0 ? start_at_mono_ns : std::nullopt;
    if (block > 0 && context_.part) {
      const std::int64_t start_ns = first_due_mono_ns_ + context_.part->starts[block];
      if (start_ns > session_->clock().mono_ns() && !load_until(start_ns, [] { return false; })) break;
      if (interrupted()) break;
    }
    if (!timed_block(block, start)) break;
    if (block == decoy_after) {
      replay();  // after which the buffers are not the last block's: never the end
    } else if (context_.clear && context_.clear(trial_)) {
      break;
    }
    // Asked once, when all planned blocks are there: the second look is at exactly these and the extension.
    if (block + 1 == count() && context_.undecided && context_.undecided(trial_)) due += context_.trial->extension;
  }
  watch_.notes_during.over_ns = now() - began;
  if (!ended_ && !interrupted()) {
    answers_ = ask("draw", true);  // empty: the trial ended
    answered_state_ = state_;
  }
  const bool others = leaving.others_run_on();
  // Nobody is measured alone: who is done keeps the node busy. Scripted devices have each their own time and do not
  // wait.
  if (!ended_ && others && !session_->scripted() && !load_until(kForever, [&] { return running.load() == 0; })) return;
  timing_ = false;
}

}  // namespace geomsu
