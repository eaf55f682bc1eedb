// The objects behind the ABI's table (plugin_table.hpp).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "harness/abi/plugin_table.hpp"
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

class OpenDevice;

class Instance final : public geomsu_instance {
 public:
  explicit Instance(plugin::Params params);
  std::uint32_t count() const override { return static_cast<std::uint32_t>(sets.size()); }
  void describe(std::uint32_t index, geomsu_description& to) override;
  std::unique_ptr<geomsu_device> open(std::uint32_t index) override;

  std::vector<CoreSet> sets;
  std::optional<std::string> openblas, onednn;  // paths
  bool split = false, shared_cores = false;
  std::vector<OpenDevice*> open_devices;  // OpenBLAS and OpenMP serve one at a time, collectives any number
  std::vector<int> affinity_before;       // of the submission thread, before the first was opened

 private:
  std::vector<std::unique_ptr<Description>> descriptions_;  // made when first asked for
};

class OpenDevice final : public geomsu_device {
 public:
  OpenDevice(Instance& owner, std::uint32_t index);
  ~OpenDevice() override;
  OpenDevice(const OpenDevice&) = delete;
  OpenDevice& operator=(const OpenDevice&) = delete;

  void clock_info(geomsu_clock_info& to) const override { plugin::describe_host_clock(to); }
  std::uint64_t clock() override { return plugin::raw_now_ns(); }
  void telemetry(geomsu_telemetry& to) override;
  std::unique_ptr<geomsu_group> group(std::vector<geomsu_device*> members, plugin::Params params,
                                      const geomsu_peers* peers) override;

  Instance& instance;
  const CoreSet& cores;
  std::unique_ptr<Executor> executor;  // started by the first workload of this device alone
  Libraries libraries;

 private:
  TelemetrySource telemetry_;
};

class Group final : public geomsu_group {
 public:
  explicit Group(std::vector<OpenDevice*> members);
  std::unique_ptr<geomsu_workload> prepare(const std::string& op, plugin::Params params) override;

  std::vector<OpenDevice*> devices;
  std::unique_ptr<Crew> crew;  // of several devices only
};

std::unique_ptr<geomsu_instance> make_instance(plugin::Params params);

}  // namespace geomsu::cpu
