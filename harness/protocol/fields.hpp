// Private to this room: which fields each message has, in the order they are written; the reader and the writer both
// walk it. `maybe` marks what may be left out when empty; std::optional is left out when absent. Fields are added at
// the end only.
#pragma once

#include <concepts>
#include <type_traits>

#include "harness/protocol/messages.hpp"

namespace geomsu {  // found by argument-dependent look-up from protocol::json

template <class M, class T>
concept Either = std::same_as<std::remove_const_t<M>, T>;

template <class Io, Either<DeviceInfo> M>
void describe(Io& io, M& m) {
  io("index", m.index);
  io("backend", m.backend);
  io("name", m.name);
  io("vendor", m.vendor);
  io("uuid", m.uuid);
  io("serial", m.serial);
  io("pci_address", m.pci_address);
  io("driver", m.driver);
  io("firmware", m.firmware);
  io("partition", m.partition);
  io("memory_bytes", m.memory_bytes);
  io("pcie_generation", m.pcie_generation);
  io("pcie_width", m.pcie_width);
  io.maybe("attributes", m.attributes);
}
template <class Io, Either<Telemetry> M>
void describe(Io& io, M& m) {
  io("mono_ns", m.mono_ns);
  io("utc_ns", m.utc_ns);
  io("power_w", m.power_w);
  io("energy_j", m.energy_j);
  io("temperature_c", m.temperature_c);
  io("memory_temperature_c", m.memory_temperature_c);
  io("clock_mhz", m.clock_mhz);
  io("memory_clock_mhz", m.memory_clock_mhz);
  io("memory_used_bytes", m.memory_used_bytes);
  io("foreign_load", m.foreign_load);
  io("throttle", m.throttle);
  io("throttle_events", m.throttle_events);
  io("ecc_corrected", m.ecc_corrected);
  io("ecc_uncorrected", m.ecc_uncorrected);
  io("link_replays", m.link_replays);
  io("fault_events", m.fault_events);
}
template <class Io, Either<PluginFact> M>
void describe(Io& io, M& m) {
  io("backend", m.backend);
  io("version", m.version);
  io.maybe("path", m.path);
  io.maybe("sha256", m.sha256);
  io.maybe("build_id", m.build_id);
  io.maybe("simulated", m.simulated);
  io.maybe("refused", m.refused);
}

namespace protocol {

template <class Io, Either<HelloRequest> M>
void describe(Io& io, M& m) {
  io("major", m.major);
  io("minor", m.minor);
  io("tool", m.tool);
}
template <class Io, Either<OpenRequest> M>
void describe(Io& io, M& m) {
  io("devices", m.devices);
}
template <class Io, Either<PrepareRequest> M>
void describe(Io& io, M& m) {
  io("op", m.op);
  io("params", m.params);
  io("operand_sets", m.operand_sets);
}
template <class Io, Either<ReseedRequest> M>
void describe(Io& io, M& m) {
  io("workload", m.workload);
  io("seed", m.seed);
}
template <class Io, Either<MeasureRequest> M>
void describe(Io& io, M& m) {
  io("workload", m.workload);
  io("repeats", m.repeats);
  io("start_at_mono_ns", m.start_at_mono_ns);
  io("timeout_ns", m.timeout_ns);
  io("repeat_ticks", m.repeat_ticks);
}
template <class Io, Either<LoadRequest> M>
void describe(Io& io, M& m) {
  io("workload", m.workload);
  io("chunk", m.chunk);
}
template <class Io, Either<StopRequest> M>
void describe(Io& io, M& m) {
  io("sim_until_ns", m.sim_until_ns);
}
template <class Io, Either<ReadRequest> M>
void describe(Io& io, M& m) {
  io("workload", m.workload);
  io("tensor", m.tensor);
  io("rank", m.rank);
  io("repeat", m.repeat);
  io("indices", m.indices);
}
template <class Io, Either<ProjectRequest> M>
void describe(Io& io, M& m) {
  io("workload", m.workload);
  io("tensor", m.tensor);
  io("rank", m.rank);
  io("repeat", m.repeat);
  io("seed", m.seed);
  io("room", m.room);
}
template <class Io, Either<DigestRequest> M>
void describe(Io& io, M& m) {
  io("workload", m.workload);
  io("tensor", m.tensor);
  io("rank", m.rank);
  io("repeat", m.repeat);
}
template <class Io, Either<ReleaseRequest> M>
void describe(Io& io, M& m) {
  io("workload", m.workload);
}
// Requests without fields.
template <class Io, class M>
requires std::is_empty_v<M>
void describe(Io&, M&) {}

template <class Io, Either<Answer> M>
void describe(Io& io, M& m) {
  io("status", m.status);
  io.maybe("reason", m.reason);
  io("sim_now_ns", m.sim_now_ns);
  if (!m.ok()) io.allow_missing();
}
template <class Io, Either<ClockPair> M>
void describe(Io& io, M& m) {
  io("host_before_ns", m.host_before_ns);
  io("ticks", m.ticks);
  io("host_after_ns", m.host_after_ns);
}
template <class Io, Either<Span> M>
void describe(Io& io, M& m) {
  io("first", m.first);
  io("last", m.last);
  io.maybe("repeat_ends", m.repeat_ends);
}

// What a result has beside its Answer.
template <class Io, Either<HelloResult> M>
void describe_body(Io& io, M& m) {
  io("major", m.major);
  io("minor", m.minor);
  io("worker", m.worker);
  io("plugin", m.plugin);
  io.maybe("refused", m.refused);
  io("boot_id", m.boot_id);
  io("time_namespace", m.time_namespace);
  io("pid", m.pid);
  io.maybe("simulated", m.simulated);
  io("scripted_time", m.scripted_time);
}
template <class Io, Either<DevicesResult> M>
void describe_body(Io& io, M& m) {
  io("devices", m.devices);
}
template <class Io, Either<OpenResult> M>
void describe_body(Io& io, M& m) {
  io("devices", m.devices);
  io("clock_domain", m.clock_domain);
  io("ticks_per_second", m.ticks_per_second);
  io("valid_bits", m.valid_bits);
}
template <class Io, Either<PrepareResult> M>
void describe_body(Io& io, M& m) {
  io("workload", m.workload);
  io("memory_bytes", m.memory_bytes);
  io("operand_sets", m.operand_sets);
  io("algorithm", m.algorithm);
  io("deterministic", m.deterministic);
  io("refill_every_block", m.refill_every_block);
}
template <class Io, Either<MeasureResult> M>
void describe_body(Io& io, M& m) {
  io("spans", m.spans);
  io("started_mono_ns", m.started_mono_ns);
  io("worker_raw_ns", m.worker_raw_ns);
}
template <class Io, Either<StopResult> M>
void describe_body(Io& io, M& m) {
  io("repeats", m.repeats);
}
template <class Io, class M>
requires(Either<M, ReadResult> || Either<M, ProjectResult>) void describe_body(Io& io, M& m) { io("values", m.values); }
template <class Io, Either<DigestResult> M>
void describe_body(Io& io, M& m) {
  io("digest", m.digest);
}
template <class Io, Either<ClockResult> M>
void describe_body(Io& io, M& m) {
  io("pair", m.pair);
}
template <class Io, Either<TelemetryResult> M>
void describe_body(Io& io, M& m) {
  io("readings", m.readings);
}
// Answers with nothing more to say.
template <class Io, class M>
requires(sizeof(M) == sizeof(Answer)) void describe_body(Io&, M&) {}

template <class Io, Either<TelemetryNote> M>
void describe(Io& io, M& m) {
  io("readings", m.readings);
  io("sim_now_ns", m.sim_now_ns);
}
template <class Io, Either<LogNote> M>
void describe(Io& io, M& m) {
  io("level", m.level);
  io("text", m.text);
}

}  // namespace protocol
}  // namespace geomsu
