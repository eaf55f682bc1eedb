#include "bench/inside/workload.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "harness/measure/verify.hpp"

namespace geomsu::bench {
namespace {
using worker::Fault;
using worker::Try;

constexpr std::uint64_t kMostSets = 8, kMostSetBytes = 1ULL << 30;

template <class T>
const Fault* fault_of(const Try<T>& answer) {
  return std::get_if<Fault>(&answer);
}

}  // namespace

double span_ns(std::uint64_t first, std::uint64_t last, const worker::ClockInfo& clock) {
  const std::uint64_t mask = clock.valid_bits >= 64 ? ~0ULL : (1ULL << clock.valid_bits) - 1;
  return static_cast<double>((last - first) & mask) * 1e9 / static_cast<double>(clock.ticks_per_second);
}

std::uint64_t wanted_sets(const ops::Operation& operation, const ops::Params& params) {
  const std::uint64_t each = std::max<std::uint64_t>(1, operation.bytes_per_set(params));
  return std::clamp<std::uint64_t>(kMostSetBytes / each, 1, std::min(kMostSets, operation.max_operand_sets(params)));
}

InsideWorkload::InsideWorkload(Backend& backend, const ops::Operation& operation, ops::Params params)
    : backend_(backend), operation_(operation), params_(std::move(params)) {}

InsideWorkload::~InsideWorkload() {
  if (!backend_.wedged()) return;
  // Its threads still work on these: left to the end of the process.
  static_cast<void>(workload_.release());
  static_cast<void>(group_.release());
  for (auto& device : devices_) static_cast<void>(device.release());
}

Try<std::unique_ptr<InsideWorkload>> InsideWorkload::prepare(Backend& backend,
                                                             const std::vector<std::uint32_t>& devices,
                                                             const ops::Operation& operation, const ops::Params& params,
                                                             std::uint64_t operand_sets) {
  const worker::PluginClient& client = backend.client();
  std::unique_ptr<InsideWorkload> made(new InsideWorkload(backend, operation, params));
  std::vector<geomsu_device*> members;
  for (const std::uint32_t index : devices) {
    auto device = client.open(index);
    if (const auto* fault = fault_of(device)) return *fault;
    auto& handle = made->devices_.emplace_back(std::get<worker::Handle<geomsu_device>>(std::move(device)));
    members.push_back(handle.get());
    auto clock = client.clock_info(handle.get());
    if (const auto* fault = fault_of(clock)) return *fault;
    made->clocks_.push_back(std::get<worker::ClockInfo>(std::move(clock)));
  }
  auto group = client.group(members);
  if (const auto* fault = fault_of(group)) return *fault;
  made->group_ = std::get<worker::Handle<geomsu_group>>(std::move(group));
  Params asked = params;
  asked["operand_sets"] = std::to_string(operand_sets);
  auto workload = client.prepare(made->group_.get(), std::string(operation.name()), asked);
  if (const auto* fault = fault_of(workload)) return *fault;
  made->workload_ = std::get<worker::Handle<geomsu_workload>>(std::move(workload));
  auto info = client.workload_info(made->workload_.get());
  if (const auto* fault = fault_of(info)) return *fault;
  made->info_ = std::get<protocol::PrepareResult>(std::move(info));
  made->state_.operand_sets = made->info_.operand_sets;
  return made;
}

std::optional<Fault> InsideWorkload::reseed(std::uint64_t seed) {
  state_.seed = seed;
  state_.repeats = 0;
  return backend_.client().reseed(workload_.get(), seed);
}

Try<Block> InsideWorkload::run(std::uint64_t repeats) {
  const worker::PluginClient& client = backend_.client();
  Block block;
  const std::int64_t begin = backend_.clock().raw_ns();
  auto submitted = client.submit(workload_.get(), repeats);
  if (const auto* fault = fault_of(submitted)) return *fault;
  auto event = std::get<worker::Handle<geomsu_event>>(std::move(submitted));
  if (auto fault = client.wait(event.get(), kBlockTimeoutNs)) {
    if (fault->status == protocol::Status::kTimeout) {
      backend_.wedge();
      static_cast<void>(event.release());
    }
    return *fault;
  }
  block.wall_ns = static_cast<double>(backend_.clock().raw_ns() - begin);
  state_.repeats += repeats;
  for (std::uint32_t rank = 0; rank < devices_.size(); ++rank) {
    const auto span = client.span(event.get(), rank, 0);
    if (const auto* fault = fault_of(span)) {
      if (fault->status != protocol::Status::kUnsupported) return *fault;
      block.ns = block.wall_ns;
      block.device_clock = false;
      return block;
    }
    const auto& ticks = std::get<protocol::Span>(span);
    block.ns = std::max(block.ns, span_ns(ticks.first, ticks.last, clocks_[rank]));
    block.device_clock = true;
  }
  return block;
}

std::optional<std::string> InsideWorkload::wrong(std::uint64_t draw_seed) {
  for (std::uint32_t rank = 0; rank < devices_.size(); ++rank) {
    if (auto words = wrong_on(rank, draw_seed)) {
      return devices_.size() == 1 ? words : fmt::format("rank {}: {}", rank, *words);
    }
  }
  return std::nullopt;
}

std::optional<std::string> InsideWorkload::wrong_on(std::uint32_t rank, std::uint64_t draw_seed) {
  const worker::PluginClient& client = backend_.client();
  ops::BlockState state = state_;
  state.rank = rank;
  const auto reference = operation_.reference(params_, state);
  if (reference->elements() == 0) return std::nullopt;  // a rank without an output
  DrawnAnswers answers;
  answers.draw = draw_positions(draw_seed, *reference, state.repeats);
  for (const auto& drawn : answers.draw.repeats) {
    auto values = client.read(workload_.get(), {0, 0, rank, drawn.repeat, drawn.indices});
    if (const auto* fault = fault_of(values)) return fault->reason;
    answers.elements.push_back(std::get<std::vector<double>>(std::move(values)));
  }
  auto projection = client.project(
      workload_.get(), {0, 0, rank, answers.draw.projected_repeat, answers.draw.sign_seed, reference->projected()});
  if (const auto* fault = fault_of(projection)) return fault->reason;
  answers.projection = std::get<std::vector<double>>(std::move(projection));
  for (const Check& check : check_answers(operation_, params_, state, answers)) {
    if (!check.passed) return fmt::format("{}: {}", check.name, check.detail);
  }
  return std::nullopt;
}

}  // namespace geomsu::bench
