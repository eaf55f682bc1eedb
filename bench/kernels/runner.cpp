#include "bench/kernels/runner.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/model/workload.hpp"

namespace geomsu::bench {
namespace {
using benchmark::Counter;
using worker::Fault;

constexpr std::uint64_t kMostRepeats = 16384;
// Where the state runs on, its numbers shrink (memory's triad halves in 5,678 repeats): far from the subnormal ones.
constexpr std::uint64_t kMostSinceRefill = 2 * kMostRepeats;

std::string case_name(const Backend& backend, const std::string& device, const Case& one, std::string_view operation) {
  return fmt::format("{}/{}/{}/{}", backend.name(), device, one.size,
                     Workload{std::string(operation), one.params, Concurrency::kAlone}.name());
}

// "FLOP/s" or "B/s": the first quantity that is work over time.
const ops::QuantitySpec* rate_of(const ops::Operation& operation) {
  for (const ops::QuantitySpec& quantity : operation.quantities()) {
    if (quantity.unit.ends_with("/s")) return &quantity;
  }
  return nullptr;
}

// A case of a group, written for two devices, for as many as there are.
Case for_group(Case one, std::size_t devices) {
  const auto ranks = one.params.find("ranks");
  if (ranks == one.params.end() || devices <= 2) return one;
  ranks->second = std::to_string(devices);
  std::string& bytes = one.params["bytes"];
  bytes = std::to_string(std::stoull(bytes) / 2 * devices);
  return one;
}

}  // namespace

std::vector<Registered> cases_of(Backend& backend, const std::vector<OperationCases>& table) {
  std::vector<Registered> all;
  std::vector<std::uint32_t> every;
  for (std::uint32_t i = 0; i < backend.devices().size(); ++i) every.push_back(i);
  for (const ops::Operation* operation : ops::all()) {
    const auto row = std::find_if(table.begin(), table.end(),
                                  [&](const OperationCases& cases) { return cases.operation == operation->name(); });
    if (row == table.end() || row->cases.empty()) {
      all.push_back({fmt::format("{}/none/{}", backend.name(), operation->name()),
                     &backend,
                     {},
                     operation,
                     {},
                     fmt::format("bench/kernels/cases.cpp has no cases of {}: add a row", operation->name())});
      continue;
    }
    for (const Case& written : row->cases) {
      const Case one = for_group(written, every.size());
      std::vector<ops::Problem> problems;
      const ops::Params complete = operation->complete(one.params, problems);
      const std::string refusal = problems.empty() ? "" : problems.front().rule;
      if (one.all_devices) {
        all.push_back({case_name(backend, "all", one, operation->name()), &backend, every, operation, complete,
                       every.empty() ? "the plug-in has no device"
                       : one.params.contains("ranks") && every.size() < 2
                           ? "it wants two devices; next: --param devices=2"
                           : refusal});
        continue;
      }
      for (const std::uint32_t index : every) {
        all.push_back({case_name(backend, std::to_string(index), one, operation->name()),
                       &backend,
                       {index},
                       operation,
                       complete,
                       refusal});
      }
    }
  }
  return all;
}

void Runner::end(benchmark::State& state, const Registered& registered, End end, const std::string& words) {
  auto& worst = ends_.emplace(registered.name, end).first->second;
  worst = std::max(worst, end);
  if (end != End::kRan) {
    state.SkipWithError(fmt::format("{}: {}", end == End::kSkipped ? "skipped" : "failed", words).c_str());
  }
}

// Unsupported and out of memory are answers; anything else is a failure.
void Runner::refuse(benchmark::State& state, const Registered& registered, const Fault& fault) {
  switch (fault.status) {
    case protocol::Status::kUnsupported:
      return end(state, registered, End::kSkipped, fault.reason);
    case protocol::Status::kOutOfMemory:
      return end(state, registered, End::kSkipped, "out of memory: " + fault.reason);
    default:
      return end(state, registered, End::kFailed, fault.reason);
  }
}

std::optional<Fault> Runner::refill(bool always) {
  const auto& work = *current_.work;
  const bool due =
      always || work.info().refill_every_block || work.state().repeats + current_.repeats > kMostSinceRefill;
  return due ? current_.work->reseed(seed_ + ++seeds_drawn_) : std::nullopt;
}

// Also the warm-up.
std::optional<Fault> Runner::find_repeats() {
  for (current_.repeats = 1;;) {
    if (auto fault = refill(current_.repeats == 1)) return fault;
    const auto ran = current_.work->run(current_.repeats);
    if (const auto* fault = std::get_if<Fault>(&ran)) return *fault;
    const double ns = std::get<Block>(ran).ns;
    if (current_.repeats == kMostRepeats && !(ns > 0)) {
      return Fault{protocol::Status::kUnsupported,
                   fmt::format("{} repeats take less than a tick of the device's clock", kMostRepeats)};
    }
    if (ns >= block_ns_ || current_.repeats == kMostRepeats) return std::nullopt;
    const double wanted = ns > 0 ? std::ceil(static_cast<double>(current_.repeats) * block_ns_ / ns * 1.1) : 1e18;
    const double most = static_cast<double>(std::min(kMostRepeats, current_.repeats * 16));
    current_.repeats = std::max(current_.repeats + 1, static_cast<std::uint64_t>(std::min(wanted, most)));
  }
}

bool Runner::take(benchmark::State& state, const Registered& registered) {
  if (registered.backend->wedged()) {
    end(state, registered, End::kFailed, "an earlier submission to this plug-in never ended");
    return false;
  }
  if (!registered.refusal.empty()) {
    end(state, registered, End::kSkipped, registered.refusal);
    return false;
  }
  if (current_.of == &registered) return true;
  current_ = {};  // its memory first
  auto prepared = InsideWorkload::prepare(*registered.backend, registered.devices, *registered.operation,
                                          registered.params, wanted_sets(*registered.operation, registered.params));
  if (const auto* fault = std::get_if<Fault>(&prepared)) {
    refuse(state, registered, *fault);
    return false;
  }
  current_.work = std::get<std::unique_ptr<InsideWorkload>>(std::move(prepared));
  if (const auto fault = find_repeats()) {
    refuse(state, registered, *fault);
    current_ = {};
    return false;
  }
  current_.of = &registered;
  return true;
}

void Runner::run(benchmark::State& state, const Registered& registered) {
  if (!take(state, registered)) return;
  InsideWorkload& work = *current_.work;
  std::optional<Fault> fault = refill(true);
  double span_ns = 0, wall_ns = 0;
  bool device_clock = true;
  for ([[maybe_unused]] auto iteration : state) {
    if (!fault) fault = refill(false);
    if (!fault) {
      const auto ran = work.run(current_.repeats);
      if (const auto* failed = std::get_if<Fault>(&ran)) {
        fault = *failed;
      } else {
        const Block& block = std::get<Block>(ran);
        if (!(block.ns > 0)) fault = Fault{protocol::Status::kError, "the device reports a span of 0 ticks"};
        span_ns += block.ns;
        wall_ns += block.wall_ns;
        device_clock = device_clock && block.device_clock;
        state.SetIterationTime(block.ns * 1e-9);
      }
    }
    if (fault) {
      end(state, registered, End::kFailed, fault->reason);
      break;
    }
  }
  if (!fault) {
    if (const auto words = work.wrong(seed_ + ++seeds_drawn_)) {
      return end(state, registered, End::kFailed, "wrong answer: " + *words);
    }
  } else {
    current_ = {};
    return;
  }
  const auto repeats = static_cast<double>(current_.repeats);
  if (const auto* rate = rate_of(*registered.operation)) {
    const auto done = static_cast<double>(registered.operation->work(registered.params)) * repeats;
    state.counters[rate->unit] = Counter(done, Counter::kIsIterationInvariantRate);
  }
  state.counters["repeats"] = repeats;
  state.counters["sets"] = static_cast<double>(work.info().operand_sets);
  state.counters["wall/span"] = wall_ns / span_ns;
  std::string label = work.info().algorithm;
  if (!device_clock) label += " [wall time]";
  if (!registered.backend->simulated().empty()) label += " [simulated: " + registered.backend->simulated() + "]";
  state.SetLabel(label);
  end(state, registered, End::kRan, {});
}

Runner::Count Runner::count() const {
  Count count;
  for (const auto& [name, end] : ends_) {
    ++(end == End::kRan ? count.ran : end == End::kSkipped ? count.skipped : count.failed);
  }
  return count;
}

}  // namespace geomsu::bench
