// The timed part of a session: blocks, load, clock pairs, telemetry.
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "harness/worker/session.hpp"

namespace geomsu::worker {
namespace {
using namespace protocol;

constexpr int kClockTries = 16;
constexpr std::uint64_t kLoadTimeoutNs = 60'000'000'000;

std::optional<Fault> refusal(std::string reason) { return Fault{Status::kError, std::move(reason)}; }
}  // namespace

Try<Handle<geomsu_event>> Session::run(geomsu_workload* workload, std::uint64_t repeats, std::uint64_t timeout_ns) {
  auto submitted = parts_.client->submit(workload, repeats);
  if (auto* fault = std::get_if<Fault>(&submitted)) return *fault;
  auto& event = std::get<Handle<geomsu_event>>(submitted);
  if (auto fault = parts_.client->wait(event.get(), timeout_ns)) {
    if (fault->status == Status::kTimeout) parts_.stuck.push_back(std::move(event));
    return *fault;
  }
  return std::move(event);
}

std::optional<Fault> Session::serve(const MeasureRequest& request, MeasureResult& result) {
  const auto found = workload(request.workload);
  if (const auto* fault = std::get_if<Fault>(&found)) return *fault;
  if (request.timeout_ns == 0 || request.timeout_ns > std::numeric_limits<std::int64_t>::max()) {
    return refusal("'timeout_ns' must be from 1 to 2^63-1: a block without a limit could hang for ever");
  }
  if (request.repeat_ticks > kMostRepeatTicks) {
    return refusal(fmt::format("'repeat_ticks' is {}; at most {}", request.repeat_ticks, kMostRepeatTicks));
  }
  if (request.start_at_mono_ns) {
    const std::int64_t now = clock_->mono_ns();
    if (*request.start_at_mono_ns > now && *request.start_at_mono_ns - now > kFarthestStartNs) {
      return refusal(fmt::format("'start_at_mono_ns' lies more than {} s ahead: is it this boot's CLOCK_MONOTONIC?",
                                 kFarthestStartNs / 1'000'000'000));
    }
    clock_->sleep_until_mono(*request.start_at_mono_ns);
  }
  if (peers_ && !peers_->barrier()) {
    return Fault{Status::kTimeout, "not every process came to the barrier before the block"};
  }
  result.started_mono_ns = clock_->mono_ns();
  const std::int64_t begun = clock_->raw_ns();
  auto ran = run(std::get<geomsu_workload*>(found), request.repeats, request.timeout_ns);
  result.worker_raw_ns = clock_->raw_ns() - begun;
  if (auto* fault = std::get_if<Fault>(&ran)) return *fault;
  if (request.repeats == 0) return std::nullopt;  // an empty submission has no first and last repeat
  for (std::uint32_t i = 0; i < parts_.devices.size(); ++i) {
    auto span = parts_.client->span(std::get<Handle<geomsu_event>>(ran).get(), first_rank() + i, request.repeat_ticks);
    if (auto* fault = std::get_if<Fault>(&span)) return *fault;
    result.spans.push_back(std::move(std::get<Span>(span)));
  }
  return std::nullopt;
}

std::optional<Fault> Session::serve(const LoadRequest& request, LoadResult&) {
  const auto found = workload(request.workload);
  if (const auto* fault = std::get_if<Fault>(&found)) return *fault;
  if (request.chunk == 0) return refusal("'chunk' must be at least 1");
  load_ = Load{request.workload, request.chunk, 0, std::nullopt};
  return std::nullopt;
}

void Session::load_chunk() {
  if (!load_ || load_->fault) return;
  const auto found = workload(load_->workload);
  if (const auto* fault = std::get_if<Fault>(&found)) {
    load_->fault = *fault;
    return;
  }
  auto ran = run(std::get<geomsu_workload*>(found), load_->chunk, peers_ ? peers_->load_timeout_ns : kLoadTimeoutNs);
  if (auto* fault = std::get_if<Fault>(&ran)) {
    load_->fault = *fault;
  } else {
    load_->repeats += load_->chunk;
  }
}

// One chunk shows how long a chunk is; the rest goes in few submissions, since scripted repeats cost nothing.
void Session::run_scripted_load(std::optional<std::int64_t> until_ns) {
  constexpr int kMostSubmissions = 100;
  const std::uint64_t chunk = load_->chunk;
  std::uint64_t chunks = 1;
  for (int i = 0; i < kMostSubmissions && chunks <= std::numeric_limits<std::uint64_t>::max() / chunk; ++i) {
    const std::int64_t begun = clock_->raw_ns();
    load_->chunk = chunk * chunks;
    load_chunk();
    const std::int64_t now = clock_->raw_ns();
    if (load_->fault || !until_ns || *until_ns <= now || now <= begun) return;
    const double each = static_cast<double>(now - begun) / static_cast<double>(chunks);
    chunks = 1 + static_cast<std::uint64_t>(static_cast<double>(*until_ns - now) / each);
  }
}

std::optional<Fault> Session::serve(const StopRequest& request, StopResult& result) {
  if (!load_) return std::nullopt;
  if (scripted()) run_scripted_load(request.sim_until_ns);
  result.repeats = load_->repeats;
  const auto fault = std::move(load_->fault);
  load_.reset();
  return fault;
}

std::optional<Fault> Session::serve(const ClockRequest&, ClockResult& result) {
  std::int64_t narrowest = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < kClockTries; ++i) {
    const std::int64_t before = clock_->raw_ns();
    const auto ticks = parts_.client->device_clock(parts_.devices.front().get());
    const std::int64_t after = clock_->raw_ns();
    if (const auto* fault = std::get_if<Fault>(&ticks)) return *fault;
    if (after - before >= narrowest) continue;
    narrowest = after - before;
    result.pair = {before, std::get<std::uint64_t>(ticks), after};
  }
  return std::nullopt;
}

std::vector<Telemetry> Session::readings(std::optional<Fault>& fault) {
  std::vector<Telemetry> all;
  for (const auto& device : parts_.devices) {
    auto got = parts_.client->telemetry(device.get());
    if (auto* failed = std::get_if<Fault>(&got)) fault = *failed;
    Telemetry reading = std::holds_alternative<Telemetry>(got) ? std::get<Telemetry>(got) : Telemetry{};
    reading.mono_ns = clock_->mono_ns();
    reading.utc_ns = clock_->utc_ns();
    all.push_back(reading);
  }
  return all;
}

std::optional<Fault> Session::serve(const TelemetryRequest&, TelemetryResult& result) {
  std::optional<Fault> fault;
  result.readings = readings(fault);
  return fault;
}

TelemetryNote Session::telemetry_note() {
  std::optional<Fault> fault;  // a note has no status: a device that cannot be read gives a reading with nothing in it
  TelemetryNote note;
  note.readings = readings(fault);
  if (scripted()) note.sim_now_ns = clock_->raw_ns();
  return note;
}

}  // namespace geomsu::worker
