// Workloads in scripted time: what a submission does to the buffers is recorded when it is submitted, and the clock
// moves when it is waited for.
#include <algorithm>
#include <cmath>
#include <ctime>

#include "kernels/fake/guard.hpp"
#include "kernels/fake/objects.hpp"
#include "kernels/ops/collective.hpp"
#include "kernels/ops/params.hpp"

namespace geomsu::fake {
namespace {

ops::Params text_params(const geomsu_params& params) {
  ops::Params out;
  for (std::uint64_t i = 0; i < params.count; ++i) out[params.items[i].key] = params.items[i].value;
  return out;
}

std::string name_of(std::string_view op, const ops::Params& params) {
  std::string name(op);
  for (const auto& [key, value] : params) name += "," + key + "=" + value;
  return name;
}

void add_taint(State& state, const Taint& taint) {
  const auto same = std::find_if(state.taints.begin(), state.taints.end(),
                                 [&](const Taint& t) { return t.fault->kind == taint.fault->kind; });
  if (same != state.taints.end()) {
    *same = taint;
  } else {
    state.taints.push_back(taint);
  }
}

// `first` and `repeats` of the block that was just submitted.
void damage(State& state, const Effects& effects, std::uint64_t first, std::uint64_t repeats) {
  for (const Taint& taint : effects.taints) {
    if (taint.fault->kind == "skipped_repeat") {
      const std::uint64_t skipped = first + taint.fault->count("repeat", repeats / 2) % repeats;
      state.skipped.emplace_back(skipped, skipped + 1);
    } else {
      add_taint(state, taint);
    }
  }
  if (effects.completed >= 1) return;
  const auto done = static_cast<std::uint64_t>(std::ceil(static_cast<double>(repeats) * effects.completed));
  if (done < repeats) state.skipped.emplace_back(first + done, first + repeats);
}
}  // namespace

void pass(geomsu_instance& instance, std::uint64_t ns) {
  if (instance.real_time) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    instance.now_ns = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
  } else {
    instance.now_ns += ns;
  }
}

void pass_seconds(geomsu_instance& instance, double seconds) {
  pass(instance, static_cast<std::uint64_t>(std::llround(seconds * 1e9)));
}

namespace {

// Bytes of one set on a rank of the group.
std::uint64_t set_bytes(const ops::Operation& operation, const ops::Params& params, std::uint32_t rank) {
  if (operation.name() == "collective") return ops::collective_shape(params).set_bytes(rank);
  return operation.bytes_per_set(params);
}

void check_group(const geomsu_group& group, const ops::Operation& operation, const ops::Params& params) {
  const std::uint32_t wanted = operation.ranks(params);
  if (wanted == group.ranks) return;
  if (wanted == 1) {
    throw Failure(GEOMSU_UNSUPPORTED, std::string(operation.name()) + " runs on one device; this group has several");
  }
  throw Failure(GEOMSU_INVALID_ARGUMENT, std::string(operation.name()) + " of " + std::to_string(wanted) +
                                             " ranks; this group has " + std::to_string(group.ranks));
}

// The most sets, up to `sets`, that fit every device. OUT_OF_MEMORY where one does not.
std::uint64_t fitting_sets(const geomsu_workload& workload, std::uint64_t sets) {
  for (const Member& member : workload.members) {
    const std::uint64_t free = member.device->memory_free(), fitting = free / member.memory_bytes;
    if (fitting == 0) {
      throw Failure(GEOMSU_OUT_OF_MEMORY, "one operand set takes " + std::to_string(member.memory_bytes) +
                                              " bytes, free are " + std::to_string(free));
    }
    sets = std::min(sets, fitting);
  }
  return sets;
}

double repeat_seconds(const DeviceScript& script, const ops::Operation& operation, const ops::Params& params) {
  const auto variant = params.find(operation.name() == "gemm" ? "dtype" : "kind"), size = params.find("bytes");
  const std::string bytes = size == params.end() ? std::string() : size->second;
  return script.latency_of(operation.name(), variant->second, bytes) +
         static_cast<double>(operation.work(params)) / script.speed_of(operation.name(), variant->second, bytes);
}

// A delay of the whole group: of its slowest device.
template <class Seconds>
void pass_slowest(geomsu_workload& workload, Seconds seconds) {
  double slowest = 0;
  for (const Member& member : workload.members) slowest = std::max(slowest, seconds(*member.device));
  pass_seconds(*workload.instance, slowest);
}

void check_lost(const geomsu_workload& workload) {
  for (const Member& member : workload.members) member.device->check_lost();
}
}  // namespace

geomsu_workload* prepare(geomsu_group& group, const char* op, const geomsu_params& params) {
  for (const geomsu_device* handle : group.devices) handle->device->check_lost();
  const ops::Operation* operation = ops::find(op);
  if (operation == nullptr || !offers(op)) {
    throw Failure(GEOMSU_UNSUPPORTED, std::string("fake devices have gemm, memory and collective, not '") + op + "'");
  }
  for (const geomsu_device* handle : group.devices) {
    if (handle->device->at_work("unsupported", op) != nullptr)
      throw Failure(GEOMSU_UNSUPPORTED, std::string(op) + " is not offered (scripted)");
    if (handle->device->at_work("out_of_memory", op) != nullptr)
      throw Failure(GEOMSU_OUT_OF_MEMORY, "out of device memory (scripted)");
  }

  ops::Params given = text_params(params);
  std::uint64_t wanted = 1;
  if (const auto sets = given.extract("operand_sets"); !sets.empty())
    wanted = ops::parse_count(sets.mapped()).value_or(0);
  if (wanted == 0) throw Failure(GEOMSU_INVALID_ARGUMENT, "operand_sets must be a positive integer");
  std::vector<ops::Problem> problems;
  const ops::Params complete = operation->complete(given, problems);
  if (!problems.empty()) throw Failure(GEOMSU_INVALID_ARGUMENT, problems.front().rule);
  check_group(group, *operation, complete);

  auto workload = std::make_unique<geomsu_workload>();
  workload->instance = group.devices.front()->instance;
  workload->op = op;
  workload->name = name_of(op, complete);
  workload->first_rank = group.first_rank;
  workload->refill_every_block = operation->refill_every_block();
  for (std::uint32_t i = 0; i < group.devices.size(); ++i) {
    const std::uint32_t rank = group.first_rank + i;
    Member& member = workload->members.emplace_back();
    member.device = group.devices[i]->device;
    member.output = make_output(op, complete, rank);
    member.memory_bytes = set_bytes(*operation, complete, rank);
    member.repeat_s = repeat_seconds(member.device->script(), *operation, complete);
  }
  workload->sets = fitting_sets(*workload, std::min(wanted, operation->max_operand_sets(complete)));
  for (Member& member : workload->members) {
    member.state.sets = workload->sets;
    member.memory_bytes *= workload->sets;
    member.device->take_memory(member.memory_bytes);
  }
  pass_slowest(*workload, [](const Device& device) { return device.script().prepare_s; });
  pass_slowest(*workload, [op](const Device& device) {
    const Fault* slow = device.at_work("slow_prepare", op);
    return slow == nullptr ? 0.0 : slow->number("seconds", 60);
  });
  return workload.release();
}

void reseed(geomsu_workload& workload, std::uint64_t seed) {
  check_lost(workload);
  for (Member& member : workload.members) {
    State& state = member.state;
    if (workload.seeded) {
      if (state.earlier_seeds.size() == 2) state.earlier_seeds.pop_back();
      state.earlier_seeds.push_back(state.seed);
    }
    state.seed = seed;
    state.repeats = 0;
    state.skipped.clear();
    state.taints.clear();
  }
  workload.seeded = true;
  pass_slowest(workload, [](const Device& device) { return device.script().reseed_s; });
}

geomsu_event* submit(geomsu_workload& workload, std::uint64_t repeats) {
  check_lost(workload);
  if (!workload.seeded) throw Failure(GEOMSU_INVALID_ARGUMENT, "submit before the first reseed: there are no operands");
  auto event = std::make_unique<geomsu_event>();
  event->workload = &workload;
  event->repeats = repeats;
  event->parts.resize(workload.members.size());
  for (std::size_t i = 0; repeats > 0 && i < event->parts.size(); ++i) {
    Member& member = workload.members[i];
    Part& part = event->parts[i];
    part.effects = member.device->submit(workload.op, workload.blocks);
    damage(member.state, part.effects, member.state.repeats, repeats);
    member.state.repeats += repeats;
    const double seconds =
        static_cast<double>(repeats) * member.repeat_s * part.effects.slowdown * part.effects.completed;
    member.device->computed(seconds);
    if (!(seconds < 1e9)) {
      throw Failure(GEOMSU_INVALID_ARGUMENT, "that many repeats would take over thirty years");
    }
    part.left_ns = static_cast<std::uint64_t>(std::llround(seconds * 1e9));
  }
  if (repeats > 0) ++workload.blocks;
  return event.release();
}

void begin(geomsu_event& event) {
  if (event.begun) return;
  event.begun = true;
  pass_slowest(*event.workload, [](const Device& device) { return device.script().overhead_s; });
  for (std::size_t i = 0; i < event.parts.size(); ++i)
    event.parts[i].first = event.workload->members[i].device->ticks(event.workload->instance->now_ns);
}

std::uint64_t left_ns(const geomsu_event& event) {
  std::uint64_t most = 0;
  for (const Part& part : event.parts) {
    if (part.effects.never_completes) return kNever;
    if (!part.done) most = std::max(most, part.left_ns);
  }
  return most;
}

void wait(geomsu_event& event, std::uint64_t timeout_ns) {
  geomsu_instance& instance = *event.workload->instance;
  check_lost(*event.workload);
  if (event.done) return;
  begin(event);
  const std::uint64_t left = left_ns(event);
  const bool in_time = left != kNever && left <= timeout_ns;
  const std::uint64_t waited = in_time ? left : timeout_ns;
  pass(instance, waited);
  for (std::size_t i = 0; i < event.parts.size(); ++i) {
    Part& part = event.parts[i];
    if (part.done) continue;
    if (part.effects.never_completes || part.left_ns > waited) {
      part.left_ns -= std::min(waited, part.left_ns);
      continue;
    }
    // Each rank ends at its own instant; the slowest one is now.
    Device& device = *event.workload->members[i].device;
    const std::uint64_t end_ns = instance.now_ns - (waited - part.left_ns);
    static_cast<void>(device.ticks(end_ns));
    if (event.repeats > 0) device.step_back();
    part.last = device.ticks(end_ns);
    part.done = true;
  }
  if (!in_time) throw Failure(GEOMSU_TIMEOUT, "the block has not ended");
  event.done = true;
}

void span(const geomsu_event& event, std::size_t member, geomsu_span& out) {
  if (!event.done) throw Failure(GEOMSU_INVALID_ARGUMENT, "event_span before event_wait");
  const Device& device = *event.workload->members[member].device;
  const Part& taken = event.parts[member];
  // Modulo 2^64, so that a clock that wrapped or stepped back is told as it is.
  const std::uint64_t length = device.wrap(taken.last - taken.first);
  const auto part = [&](double share) {
    return device.wrap(taken.first + static_cast<std::uint64_t>(static_cast<double>(length) * share));
  };
  const double reported = taken.effects.reported;
  out.first = taken.first;
  out.last = reported < 1 ? part(reported) : taken.last;
  out.repeat_count = out.repeat_ends == nullptr ? 0 : std::min(out.repeat_room, event.repeats);
  for (std::uint64_t i = 0; i < out.repeat_count; ++i) {
    out.repeat_ends[i] = i + 1 == event.repeats
                             ? out.last
                             : part(reported * static_cast<double>(i + 1) / static_cast<double>(event.repeats));
  }
}

}  // namespace geomsu::fake
