// Over 400 lines: the order of a whole run on one set of sessions; what can be said without them lies in other files.
#include "harness/measure/run.hpp"

#include <algorithm>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include "harness/base/error.hpp"
#include "harness/measure/adaptive.hpp"
#include "harness/measure/lane.hpp"
#include "harness/measure/session.hpp"
#include "harness/measure/sustained.hpp"
#include "harness/model/budget.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

constexpr std::int64_t kStartAheadNs = 30'000'000;  // >= 20 ms, so that every worker sleeps before it starts
constexpr std::int64_t kSoakTickNs = 500'000'000;
constexpr std::int64_t kScriptedSoakBlockNs = 500'000'000;

std::string own_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

// Each step in a thread of its own; what stops one (a full disk) is thrown again here, once all have ended.
void in_threads(const std::vector<std::function<void()>>& steps) {
  std::vector<std::exception_ptr> failures(steps.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      threads.emplace_back([&, i] {
        try {
          steps[i]();
        } catch (...) {
          failures[i] = std::current_exception();
        }
      });
    }
  }
  for (const auto& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

// "ok", "unsupported: no fp64 units", "error: device error: killed by signal 9": nothing is said twice.
std::string outcome_words(const Trial& row) {
  std::string text(to_string(row.status));
  if (row.reason_code.empty() || row.reason_code == "none") return text;
  std::string_view reason = row.reason;
  const std::string again = text + ": ";
  while (reason.starts_with(again)) reason.remove_prefix(again.size());
  if (row.reason_code != text) text += ": " + row.reason_code;
  return fmt::format("{}: {}", text, reason);
}

// What this process used of the processor, its children not counted.
std::int64_t own_cpu_ns() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return used.tv_sec * 1'000'000'000LL + used.tv_nsec;
}

// All that the steps of a run share. Sessions are made and ended in the caller's thread only (see child.hpp).
class Run {
 public:
  Run(BundleWriter& bundle, const RunOptions& options)
      : bundle_(bundle),
        options_(options),
        log_(options.log != nullptr ? *options.log : silent_),
        plan_(bundle.plan()) {}

  bool all() {
    for (const Trial& trial : bundle_.finished()) finished_.insert({trial.id, trial.unit});
    const auto due = due_trials();
    if (due.empty()) return true;
    open_all(due);
    if (!stopped()) soak();
    for (const PlannedTrial* trial : due) {
      if (stopped()) break;
      measure(*trial);
    }
    for (UnitSession& session : sessions_) {
      if (session.session) session.session->shut_down();
    }
    log_own_cost();
    if (!stopped()) tell({Progress::Phase::kDone});
    return !stopped();
  }

 private:
  // What the supervisor itself took from the machine that it measures.
  void log_own_cost() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    if (blocks_wall_ns_ <= 0) return;
    log_.info(
        fmt::format("supervisor: {:.2f} % of a core while measuring ({:.1f} s), {:.2f} s of processor time in all, "
                    "{:.1f} MiB at most",
                    100.0 * static_cast<double>(blocks_cpu_ns_) / static_cast<double>(blocks_wall_ns_),
                    static_cast<double>(blocks_wall_ns_) * 1e-9, static_cast<double>(own_cpu_ns()) * 1e-9,
                    static_cast<double>(usage.ru_maxrss) / 1024));
  }

  bool stopped() const { return options_.interrupted != nullptr && options_.interrupted->load(); }

  bool has_row(const PlannedTrial& trial, const Unit& unit) const { return finished_.contains({trial.id, unit}); }

  std::vector<const PlannedTrial*> due_trials() const {
    std::vector<const PlannedTrial*> due;
    for (const PlannedTrial& trial : plan_.trials) {
      if (std::any_of(trial.units.begin(), trial.units.end(),
                      [&](const Unit& unit) { return !has_row(trial, unit); })) {
        due.push_back(&trial);
      }
    }
    return due;
  }

  void tell(Progress progress) {
    if (!options_.progress) return;
    const std::lock_guard lock(progress_mutex_);
    progress.trials = static_cast<std::uint32_t>(plan_.trials.size());
    progress.trials_done = trials_done_;
    progress.seconds_left = static_cast<double>(left_ns_) * 1e-9;
    options_.progress(progress);
  }

  const Inventory::Backend* backend_of(const PlannedUnit& unit) const {
    for (const auto& backend : options_.inventory.backends) {
      if (backend.fact.backend == unit.backend && backend.fact.refused.empty()) return &backend;
    }
    return nullptr;
  }

  // Opens a worker on one unit. Never throws for what a worker does.
  void open(UnitSession& slot) {
    slot.fault.reset();
    slot.pairs.clear();
    slot.session.reset();
    if (std::any_of(slot.members.begin(), slot.members.end(), [](const PlannedUnit* one) { return !one->device; }) ||
        slot.members.empty()) {
      slot.fault = Fault{TrialStatus::kError, Reason::kNotFound,
                         fmt::format("the plan names members of {} that it does not have", slot.unit.name()), true};
      return;
    }
    const Inventory::Backend* backend = backend_of(*slot.members.front());
    if (backend == nullptr) {
      slot.fault = Fault{TrialStatus::kError, Reason::kDeviceError,
                         fmt::format("no worker serves the backend '{}' now", slot.members.front()->backend), true};
      return;
    }
    slot.session = std::make_unique<Session>(backend->command, options_.watchdog_ns, log_, options_.interrupted);
    slot.fault = introduce(slot);
    if (slot.fault) log_.warning(fmt::format("{}: {}", slot.unit.name(), slot.fault->words));
  }

  std::optional<Fault> introduce(UnitSession& slot) {
    const auto hello = slot.session->call(protocol::HelloRequest{protocol::kMajor, protocol::kMinor, plan_.tool});
    if (!hello) return hello.fault();
    // Of what a launcher started, the first rank may stand on another host: it agrees on no instant with anybody.
    slot.same_boot = hello->scripted_time || hello->boot_id == own_boot_id();
    if (!slot.same_boot && !slot.members.front()->launched) {
      return Fault{TrialStatus::kInvalid, Reason::kClock,
                   "the worker runs under another boot id: a common start has no meaning across hosts here", true};
    }
    if (hello->simulated != plan_.simulated && plan_.simulated.empty()) {
      return Fault{TrialStatus::kInvalid, Reason::kSimulated, "the worker is simulated, the plan was not", true};
    }
    protocol::OpenRequest request;
    for (const PlannedUnit* member : slot.members) request.devices.push_back(member->index);
    const auto opened = slot.session->call(request);
    if (!opened) return opened.fault();
    for (std::size_t i = 0; i < slot.members.size(); ++i) {
      const DeviceInfo& planned = *slot.members[i]->device;
      if (opened->devices.size() == slot.members.size() && opened->devices[i].same_part(planned)) continue;
      return Fault{
          TrialStatus::kInvalid, Reason::kDeviceChanged,
          fmt::format("the device that was opened calls itself {}, the plan has {}",
                      i < opened->devices.size() ? opened->devices[i].unit_id() : "nothing", planned.unit_id()),
          true};
    }
    slot.clock = {opened->clock_domain, opened->ticks_per_second, opened->valid_bits};
    if (slot.ranks() > 1) return slot.read_clock();
    if (auto fault = slot.start_counting()) return fault;
    return slot.read_clock();
  }

  void open_all(const std::vector<const PlannedTrial*>& due) {
    tell({Progress::Phase::kOpening});
    std::set<Unit> wanted;
    for (const PlannedTrial* trial : due) {
      if (trial->members.empty()) wanted.insert(trial->units.begin(), trial->units.end());
    }
    for (const PlannedUnit& unit : plan_.units) {
      if (!wanted.contains(unit.unit)) continue;
      UnitSession slot;
      slot.unit = unit.unit;
      slot.members = {&unit};
      for (const Trial& trial : bundle_.finished()) {  // what grew since an earlier sitting is told as well
        if (trial.unit == unit.unit && trial.after) slot.count(*trial.after, fmt::format("trial {} ended", trial.id));
      }
      open(slot);
      sessions_.push_back(std::move(slot));
    }
    left_ns_ = 0;
    for (const PlannedTrial* trial : due) left_ns_ += cost_ns(*trial);
    left_ns_ += plan_.soak_ns;
  }

  static std::int64_t cost_ns(const PlannedTrial& trial) { return budget_of(trial).total_ns(); }

  const Workload* soak_workload() const {
    for (const PlannedTrial& trial : plan_.trials) {
      if (trial.workload.op == "gemm") return &trial.workload;
    }
    return plan_.trials.empty() ? nullptr : &plan_.trials.front().workload;
  }

  // All devices under load together, so that the first trial meets them as warm as the last.
  void soak() {
    const Workload* workload = soak_workload();
    if (plan_.soak_ns <= 0 || workload == nullptr) return;
    tell({Progress::Phase::kSoak});
    std::vector<std::function<void()>> steps;
    for (UnitSession& slot : sessions_) {
      if (!slot.fault) steps.emplace_back([&, this] { slot.fault = soak_one(slot, *workload); });
    }
    in_threads(steps);
    left_ns_ -= plan_.soak_ns;
    // A device that does not offer the soak's operation is not at fault: its own trials warm it up.
    for (UnitSession& slot : sessions_) {
      if (slot.fault && slot.fault->status != TrialStatus::kUnsupported && !stopped())
        slot.soak_fault = slot.fault->words;
      if (slot.fault && !slot.fault->dead) {
        log_.info(fmt::format("{}: no soak: {}", slot.unit.name(), slot.fault->words));
        slot.fault.reset();
      }
    }
  }

  std::optional<Fault> soak_one(UnitSession& slot, const Workload& workload) {
    Session& session = *slot.session;
    session.on_telemetry([&](const std::vector<Telemetry>& readings) { bundle_.add_telemetry(slot.unit, readings); });
    const auto ready = session.call(protocol::PrepareRequest{workload.op, workload.params, 1});
    if (!ready) return ready.fault();
    const std::uint64_t id = ready->workload;
    const auto seed =
        derive_seed(bundle_.secret(), seed_name("soak", slot.unit.name(), "soak", bundle_.sitting()), 1, 0);
    if (const auto done = session.call(protocol::ReseedRequest{id, seed}); !done) return done.fault();
    const std::int64_t until = session.clock().mono_ns() + plan_.soak_ns;
    if (session.scripted()) {
      while (session.clock().mono_ns() < until && !stopped()) {
        std::uint64_t repeats = 1;
        const std::int64_t before = session.clock().raw_ns();
        protocol::MeasureRequest block{id, repeats, std::nullopt, static_cast<std::uint64_t>(options_.watchdog_ns), 0};
        if (const auto done = session.call(block, options_.watchdog_ns); !done) return done.fault();
        const std::int64_t one = std::max<std::int64_t>(1, session.clock().raw_ns() - before);
        block.repeats = static_cast<std::uint64_t>(std::max<std::int64_t>(1, kScriptedSoakBlockNs / one));
        if (const auto done = session.call(block, options_.watchdog_ns); !done) return done.fault();
      }
    } else {
      if (const auto load = session.call(protocol::LoadRequest{id, 1}); !load) return load.fault();
      const std::int64_t began = session.received_raw_ns();
      while (session.clock().mono_ns() < until && !stopped()) {
        const std::int64_t next = std::min(until, session.clock().mono_ns() + kSoakTickNs);
        if (auto fault = session.idle_until(next, [this] { return stopped(); })) return fault;
        tell({Progress::Phase::kSoak, "", workload.name(), slot.unit});
      }
      const auto stop = session.call(protocol::StopRequest{}, options_.watchdog_ns);
      if (!stop) return stop.fault();
      if (stop->repeats > 0) {
        slot.soaked = workload.name();
        slot.soak_repeat_ns =
            static_cast<double>(session.received_raw_ns() - began) / static_cast<double>(stop->repeats);
      }
    }
    if (const auto released = session.call(protocol::ReleaseRequest{id}); !released) return released.fault();
    return std::nullopt;
  }

  Progress progress(Progress::Phase phase, const PlannedTrial& trial, const Lane& lane) const {
    Progress result{phase, trial.id, trial.workload.name(), lane.unit()};
    result.blocks = trial.blocks;
    result.value_unit = lane.operation().quantities().front().unit;
    result.bar = bars(trial, lane.operation().quantities().front().name);
    return result;
  }

  std::optional<double> bars(const PlannedTrial& trial, const std::string& quantity) const {
    if (options_.contract == nullptr || trial.clauses.empty()) return std::nullopt;
    for (const Clause& clause : options_.contract->clauses) {
      if (clause.id == trial.clauses.front() && clause.per.empty() && clause.quantity == quantity) return clause.bar();
    }
    return std::nullopt;
  }

  UnitSession group_of(const PlannedTrial& trial) const {
    UnitSession slot;
    slot.unit = trial.units.front();
    for (const Unit& member : trial.members) {
      for (const PlannedUnit& unit : plan_.units) {
        if (unit.unit == member) slot.members.push_back(&unit);
      }
    }
    return slot;
  }

  void measure(const PlannedTrial& trial) {
    std::vector<UnitSession*> slots;
    UnitSession group;  // its devices are held together only while its trial runs
    if (!trial.members.empty()) {
      group = group_of(trial);
      slots.push_back(&group);
    }
    for (const Unit& unit : trial.units) {
      for (UnitSession& slot : sessions_) {
        if (slot.unit == unit) slots.push_back(&slot);
      }
    }
    Lane::Context context;
    context.trial = &trial;
    context.secret = &bundle_.secret();
    context.sitting = bundle_.sitting();
    context.watchdog_ns = options_.watchdog_ns;
    context.together = slots.size() > 1;
    context.interrupted = options_.interrupted;
    context.telemetry = [this](const Unit& unit, const Telemetry& reading) { bundle_.add_telemetry(unit, {reading}); };
    context.block_done = [this, &trial](const Lane& lane, std::uint32_t block, double value) {
      Progress now = progress(Progress::Phase::kBlocks, trial, lane);
      now.block = block;
      if (block > trial.blocks) now.blocks = trial.blocks + trial.extension;
      now.value = value;
      tell(now);
    };
    if (trial.sustained) {
      measure_sustained(trial, slots, context);
    } else {
      // A worker that died in an earlier trial is started again, once a trial.
      for (UnitSession* slot : slots) {
        if (slot->fault || !slot->session || slot->session->dead()) open(*slot);
      }
      if (plan_.adaptive_min_blocks && options_.contract != nullptr) {
        context.clear = [this, &trial](const Trial& row) {
          return row.wall_ns.size() >= *plan_.adaptive_min_blocks && decided(*options_.contract, trial, row);
        };
      }
      if (trial.extension > 0 && options_.contract != nullptr) {
        context.undecided = [this, &trial](const Trial& row) { return undecided(*options_.contract, trial, row); };
      }
      for (const auto& lane : one_pass(trial, slots, context)) record(trial, *lane, lane->trial(), lane->ticks());
    }
    for (UnitSession* slot : slots) {
      if (slot->session) slot->session->on_telemetry({});  // the lanes that took it are gone
    }
    if (group.session) group.session->shut_down();
    if (stopped()) return;
    left_ns_ = std::max<std::int64_t>(0, left_ns_ - cost_ns(trial));
    ++trials_done_;
  }

  // Fresh workers one after the other, the blocks of each spread over its share of the span. A unit whose session ends
  // early has its row, and is left out of the sessions that follow.
  void measure_sustained(const PlannedTrial& trial, const std::vector<UnitSession*>& slots,
                         const Lane::Context& context) {
    std::vector<SustainedRow> rows;
    std::vector<std::unique_ptr<Lane>> last(slots.size());
    for (const UnitSession* slot : slots) {
      const Inventory::Backend* backend = slot->members.empty() ? nullptr : backend_of(*slot->members.front());
      rows.emplace_back(backend != nullptr && backend->scripted_time);
    }
    std::vector<std::uint64_t> repeats(slots.size(), 0);
    std::uint32_t done = 0;
    for (std::uint32_t session = 1; session <= trial.sustained->sessions && !stopped(); ++session) {
      std::vector<UnitSession*> going_on;
      std::vector<std::size_t> places;
      for (std::size_t i = 0; i < slots.size(); ++i) {
        if (!rows[i].whole()) continue;
        open(*slots[i]);
        going_on.push_back(slots[i]);
        places.push_back(i);
      }
      const auto starts = session_starts(trial.blocks, *trial.sustained, session);
      std::vector<SessionPart> parts;
      for (const std::size_t i : places) parts.push_back({session, done, starts, repeats[i]});
      done += static_cast<std::uint32_t>(starts.size());
      auto lanes = one_pass(trial, going_on, context, parts);
      if (stopped()) return;
      for (std::size_t k = 0; k < lanes.size(); ++k) {
        rows[places[k]].add(lanes[k]->trial(), lanes[k]->ticks());
        repeats[places[k]] = lanes[k]->trial().repeats;
        last[places[k]] = std::move(lanes[k]);
      }
    }
    if (stopped()) return;
    for (std::size_t i = 0; i < slots.size(); ++i) record(trial, *last[i], rows[i].row(), rows[i].ticks());
  }

  // All steps of one trial, or of one session of it (`parts`, one a slot), on all of its units side by side.
  std::vector<std::unique_ptr<Lane>> one_pass(const PlannedTrial& trial, const std::vector<UnitSession*>& slots,
                                              Lane::Context context, const std::vector<SessionPart>& parts = {}) {
    std::vector<std::unique_ptr<Lane>> lanes;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      context.company = has_row(trial, slots[i]->unit);
      if (!parts.empty()) context.part = parts[i];
      lanes.push_back(std::make_unique<Lane>(*slots[i], context));
    }
    // Each step in threads of its own, joined before the next: that is the barrier.
    const auto together = [&](const std::function<void(Lane&)>& step) {
      std::vector<std::function<void()>> steps;
      for (auto& lane : lanes) {
        if (!lane->ended()) steps.emplace_back([&step, &lane] { step(*lane); });
      }
      in_threads(steps);
    };
    together([&](Lane& lane) {
      tell(progress(Progress::Phase::kWarmup, trial, lane));
      lane.prepare();
    });
    std::int64_t start = 0;
    std::atomic<int> running = 0;
    for (auto& lane : lanes) {
      if (lane->ended()) continue;
      ++running;
      start = std::max(start, lane->earliest_start());
    }
    start += kStartAheadNs;
    const std::int64_t cpu_before = own_cpu_ns(), wall_before = real_mono_ns();
    const bool agreed =
        std::all_of(slots.begin(), slots.end(), [](const UnitSession* slot) { return slot->same_boot; });
    together([&](Lane& lane) { lane.blocks(agreed ? std::optional(start) : std::nullopt, running); });
    blocks_cpu_ns_ += own_cpu_ns() - cpu_before;
    blocks_wall_ns_ += real_mono_ns() - wall_before;
    together([&](Lane& lane) {
      tell(progress(Progress::Phase::kVerify, trial, lane));
      lane.verify();
    });
    together([&](Lane& lane) { lane.audit(); });
    if (stopped()) return lanes;
    for (auto& lane : lanes) {
      if (lane->ended()) lane->audit();  // what ended early still gives its workload back
    }
    return lanes;
  }

  void record(const PlannedTrial& trial, const Lane& lane, const Trial& row, const TrialTicks& ticks) {
    if (stopped() || has_row(trial, lane.unit())) return;  // the latter only kept the others company
    bundle_.add(row, ticks);
    Progress now = progress(Progress::Phase::kTrialEnded, trial, lane);
    now.outcome = outcome_words(row);
    tell(now);
  }

  BundleWriter& bundle_;
  const RunOptions& options_;
  Log silent_;
  Log& log_;
  const Plan& plan_;
  std::set<std::pair<std::string, Unit>> finished_;
  std::vector<UnitSession> sessions_;
  std::mutex progress_mutex_;
  std::uint32_t trials_done_ = 0;
  std::int64_t left_ns_ = 0;
  std::int64_t blocks_cpu_ns_ = 0, blocks_wall_ns_ = 0;
};

}  // namespace

bool run_plan(BundleWriter& bundle, const RunOptions& options) { return Run(bundle, options).all(); }

}  // namespace geomsu
