// The objects behind the ABI's opaque pointers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cpu/executor.hpp"
#include "kernels/cpu/gemm.hpp"
#include "kernels/cpu/processor.hpp"
#include "kernels/cpu/telemetry.hpp"
#include "kernels/cpu/topology.hpp"
#include "kernels/cpu/workload.hpp"

namespace geomsu::cpu {

// What `describe` hands out: texts that live as long as the instance.
struct Description {
  std::string name, vendor, uuid, serial, driver, partition;
  std::optional<std::string> firmware;
  std::uint64_t memory_bytes = 0;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<geomsu_param> pointers;  // into attributes
};

Description describe(const CoreSet& cores, std::uint64_t index, std::uint64_t count, bool split);

}  // namespace geomsu::cpu

struct geomsu_instance {
  explicit geomsu_instance(geomsu::plugin::Params params);

  std::vector<geomsu::cpu::CoreSet> sets;
  std::vector<std::unique_ptr<geomsu::cpu::Description>> descriptions;  // made when first asked for
  std::optional<std::string> openblas, onednn;                          // paths
  bool split = false;
  bool open = false;  // OpenBLAS serves one submitting thread a process, so one device is open at a time
};

struct geomsu_device {
  geomsu_device(geomsu_instance& owner, std::uint32_t index);
  ~geomsu_device();
  geomsu_device(const geomsu_device&) = delete;
  geomsu_device& operator=(const geomsu_device&) = delete;

  geomsu_instance& instance;
  const geomsu::cpu::CoreSet& cores;
  std::vector<int> affinity_before;
  std::unique_ptr<geomsu::cpu::Executor> executor;
  std::unique_ptr<geomsu::cpu::TelemetrySource> telemetry;
  geomsu::cpu::Libraries libraries;
};

struct geomsu_group {
  geomsu_device& device;
};

struct geomsu_workload {
  std::unique_ptr<geomsu::cpu::Workload> work;
};

struct geomsu_event final : geomsu::cpu::Job {
  geomsu_event(geomsu::cpu::Workload& owner, std::uint64_t count);
  ~geomsu_event() override;

  geomsu::cpu::Workload& work;
  std::uint64_t first = 0, count;
  geomsu::cpu::Span span;
  bool finished = false;  // as event_wait saw it

 protected:
  void do_run() override { work.run(first, count, span); }
};

namespace geomsu::cpu {

// The capability question. Failure UNSUPPORTED with the reason is the answer no.
std::unique_ptr<Workload> prepare(geomsu_device& device, const std::string& op, plugin::Params params);

}  // namespace geomsu::cpu
