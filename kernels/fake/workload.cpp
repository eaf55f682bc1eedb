// Workloads in scripted time: what a submission does to the buffers is recorded when it is submitted, and the clock
// moves when it is waited for.
#include <algorithm>
#include <cmath>
#include <ctime>

#include "kernels/fake/guard.hpp"
#include "kernels/fake/objects.hpp"
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

geomsu_workload* prepare(geomsu_group& group, const char* op, const geomsu_params& params) {
  geomsu_instance& instance = *group.devices.front()->instance;
  Device& device = *group.devices.front()->device;
  device.check_lost();
  const ops::Operation* operation = ops::find(op);
  if (operation == nullptr || (operation->name() != "gemm" && operation->name() != "memory")) {
    throw Failure(GEOMSU_UNSUPPORTED, std::string("fake devices have gemm and memory, not '") + op + "'");
  }
  if (group.devices.size() > 1) {
    throw Failure(GEOMSU_UNSUPPORTED, std::string(op) + " runs on one device; this group has several");
  }
  if (device.at_work("unsupported", op) != nullptr) {
    throw Failure(GEOMSU_UNSUPPORTED, std::string(op) + " is not offered (scripted)");
  }
  if (device.at_work("out_of_memory", op) != nullptr)
    throw Failure(GEOMSU_OUT_OF_MEMORY, "out of device memory (scripted)");

  ops::Params given = text_params(params);
  std::uint64_t wanted = 1;
  if (const auto sets = given.extract("operand_sets"); !sets.empty())
    wanted = ops::parse_count(sets.mapped()).value_or(0);
  if (wanted == 0) throw Failure(GEOMSU_INVALID_ARGUMENT, "operand_sets must be a positive integer");
  std::vector<ops::Problem> problems;
  const ops::Params complete = operation->complete(given, problems);
  if (!problems.empty()) throw Failure(GEOMSU_INVALID_ARGUMENT, problems.front().rule);

  const std::uint64_t set_bytes = operation->bytes_per_set(complete);
  const std::uint64_t fitting = device.memory_free() / set_bytes;
  if (fitting == 0) {
    throw Failure(GEOMSU_OUT_OF_MEMORY, "one operand set takes " + std::to_string(set_bytes) + " bytes, free are " +
                                            std::to_string(device.memory_free()));
  }
  auto workload = std::make_unique<geomsu_workload>();
  workload->instance = &instance;
  workload->device = &device;
  workload->op = op;
  workload->name = name_of(op, complete);
  workload->output = make_output(op, complete);
  workload->state.sets = std::min({wanted, fitting, operation->max_operand_sets(complete)});
  workload->memory_bytes = workload->state.sets * set_bytes;
  const auto variant = complete.find(workload->op == "gemm" ? "dtype" : "kind");
  workload->repeat_s = static_cast<double>(operation->work(complete)) / device.script().speed_of(op, variant->second);
  workload->refill_every_block = operation->refill_every_block();
  device.take_memory(workload->memory_bytes);
  pass_seconds(instance, device.script().prepare_s);
  if (const Fault* slow = device.at_work("slow_prepare", op)) pass_seconds(instance, slow->number("seconds", 60));
  return workload.release();
}

void reseed(geomsu_workload& workload, std::uint64_t seed) {
  workload.device->check_lost();
  State& state = workload.state;
  if (workload.seeded) {
    if (state.earlier_seeds.size() == 2) state.earlier_seeds.pop_back();
    state.earlier_seeds.push_back(state.seed);
  }
  workload.seeded = true;
  state.seed = seed;
  state.repeats = 0;
  state.skipped.clear();
  state.taints.clear();
  pass_seconds(*workload.instance, workload.device->script().reseed_s);
}

geomsu_event* submit(geomsu_workload& workload, std::uint64_t repeats) {
  workload.device->check_lost();
  if (!workload.seeded) throw Failure(GEOMSU_INVALID_ARGUMENT, "submit before the first reseed: there are no operands");
  auto event = std::make_unique<geomsu_event>();
  event->workload = &workload;
  event->repeats = repeats;
  double seconds = 0;
  if (repeats > 0) {
    event->effects = workload.device->submit(workload.op, workload.blocks++);
    damage(workload.state, event->effects, workload.state.repeats, repeats);
    workload.state.repeats += repeats;
    seconds = static_cast<double>(repeats) * workload.repeat_s * event->effects.slowdown * event->effects.completed;
    workload.device->computed(seconds);
  }
  if (!(seconds < 1e9)) throw Failure(GEOMSU_INVALID_ARGUMENT, "that many repeats would take over thirty years");
  event->left_ns = static_cast<std::uint64_t>(std::llround(seconds * 1e9));
  return event.release();
}

void begin(geomsu_event& event) {
  if (event.begun) return;
  event.begun = true;
  pass_seconds(*event.workload->instance, event.workload->device->script().overhead_s);
  event.first = event.workload->device->ticks(event.workload->instance->now_ns);
}

void wait(geomsu_event& event, std::uint64_t timeout_ns) {
  geomsu_instance& instance = *event.workload->instance;
  Device& device = *event.workload->device;
  device.check_lost();
  if (event.done) return;
  begin(event);
  const bool in_time = !event.effects.never_completes && event.left_ns <= timeout_ns;
  const std::uint64_t waited = in_time ? event.left_ns : timeout_ns;
  pass(instance, waited);
  event.left_ns -= std::min(waited, event.left_ns);
  if (!in_time) throw Failure(GEOMSU_TIMEOUT, "the block has not ended");
  static_cast<void>(device.ticks(instance.now_ns));
  if (event.repeats > 0) device.step_back();
  event.last = device.ticks(instance.now_ns);
  event.done = true;
}

void span(const geomsu_event& event, geomsu_span& out) {
  if (!event.done) throw Failure(GEOMSU_INVALID_ARGUMENT, "event_span before event_wait");
  const Device& device = *event.workload->device;
  // Modulo 2^64, so that a clock that wrapped or stepped back is told as it is.
  const std::uint64_t length = device.wrap(event.last - event.first);
  const auto part = [&](double share) {
    return device.wrap(event.first + static_cast<std::uint64_t>(static_cast<double>(length) * share));
  };
  const double reported = event.effects.reported;
  out.first = event.first;
  out.last = reported < 1 ? part(reported) : event.last;
  out.repeat_count = out.repeat_ends == nullptr ? 0 : std::min(out.repeat_room, event.repeats);
  for (std::uint64_t i = 0; i < out.repeat_count; ++i) {
    out.repeat_ends[i] = i + 1 == event.repeats
                             ? out.last
                             : part(reported * static_cast<double>(i + 1) / static_cast<double>(event.repeats));
  }
}

}  // namespace geomsu::fake
