// The objects behind the ABI's opaque pointers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cpu/collective.hpp"
#include "kernels/cpu/crew.hpp"
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
  bool split = false, shared_cores = false;
  std::vector<geomsu_device*> open;  // OpenBLAS and OpenMP serve one at a time, collectives any number
  std::vector<int> affinity_before;  // of the submission thread, before the first was opened
};

struct geomsu_device {
  geomsu_device(geomsu_instance& owner, std::uint32_t index);
  ~geomsu_device();
  geomsu_device(const geomsu_device&) = delete;
  geomsu_device& operator=(const geomsu_device&) = delete;

  geomsu_instance& instance;
  const geomsu::cpu::CoreSet& cores;
  std::unique_ptr<geomsu::cpu::Executor> executor;  // started by the first workload of this device alone
  std::unique_ptr<geomsu::cpu::TelemetrySource> telemetry;
  geomsu::cpu::Libraries libraries;
};

struct geomsu_group {
  explicit geomsu_group(std::vector<geomsu_device*> members);

  std::vector<geomsu_device*> devices;
  std::unique_ptr<geomsu::cpu::Crew> crew;  // of several devices only
};

// What the table's slots ask of a submission and of a workload, of one device or of several.
struct geomsu_event {
  virtual ~geomsu_event() = default;
  virtual bool wait(std::uint64_t timeout_ns) = 0;
  virtual const geomsu::cpu::Span& span(std::uint32_t rank) const = 0;
  std::uint32_t ranks = 1;
  bool finished = false;  // as event_wait saw it
};

struct geomsu_workload {
  virtual ~geomsu_workload() = default;
  virtual void info(geomsu_workload_info& to) const = 0;
  virtual void reseed(std::uint64_t seed) = 0;
  virtual std::unique_ptr<geomsu_event> submit(std::uint64_t repeats) = 0;
  // rank < ranks
  virtual void read(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                    std::span<const std::uint64_t> indices, double* out) = 0;
  virtual std::vector<double> project(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                                      std::uint64_t seed) = 0;
  virtual std::uint64_t digest(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat) = 0;
  std::uint32_t ranks = 1;
};

namespace geomsu::cpu {

// The capability question. Failure UNSUPPORTED with the reason is the answer no.
std::unique_ptr<geomsu_workload> prepare(geomsu_group& group, const std::string& op, plugin::Params params);

}  // namespace geomsu::cpu
