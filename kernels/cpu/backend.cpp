#include "kernels/cpu/backend.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "kernels/cpu/affinity.hpp"
#include "kernels/cpu/buffer.hpp"
#include "kernels/cpu/memory.hpp"
#include "kernels/ops/params.hpp"

namespace {

using geomsu::plugin::Failure;
constexpr std::uint64_t kKeptEnds = 4096;  // end ticks of single repeats that are kept of one submission

}  // namespace

geomsu_instance::geomsu_instance(geomsu::plugin::Params params) {
  openblas = geomsu::plugin::take(params, "openblas");
  onednn = geomsu::plugin::take(params, "onednn");
  std::optional<std::uint64_t> devices;
  if (const auto text = geomsu::plugin::take(params, "devices")) {
    devices = geomsu::ops::parse_count(*text);
    if (!devices) throw Failure(GEOMSU_INVALID_ARGUMENT, "devices must be a count, got '" + *text + "'");
  }
  if (!params.empty()) {
    throw Failure(GEOMSU_INVALID_ARGUMENT, "the cpu backend has no setting '" + params.begin()->first +
                                               "'; known are devices, onednn and openblas");
  }
  split = devices.has_value();
  sets = geomsu::cpu::discover(devices);
  descriptions.resize(sets.size());
}

geomsu_device::geomsu_device(geomsu_instance& owner, std::uint32_t index)
    : instance(owner), cores(owner.sets.at(index)) {
  if (instance.open) {
    throw Failure(
        GEOMSU_UNSUPPORTED,
        "a device of this instance is open already, and OpenBLAS serves one submitting thread a process; next: one "
        "worker a device, or close the other first");
  }
  affinity_before = geomsu::cpu::allowed_cores();
  geomsu::cpu::pin(cores.cores);
  try {
    executor = std::make_unique<geomsu::cpu::Executor>(cores.cores);
    telemetry = std::make_unique<geomsu::cpu::TelemetrySource>("", cores.cores);
  } catch (...) {
    geomsu::cpu::pin(affinity_before);
    throw;
  }
  instance.open = true;
}

geomsu_device::~geomsu_device() {
  executor.reset();
  instance.open = false;
  geomsu::plugin::guard_void([this] { geomsu::cpu::pin(affinity_before); });
}

geomsu_event::geomsu_event(geomsu::cpu::Workload& owner, std::uint64_t repeats) : work(owner), count(repeats) {
  span.ends.resize(std::min(count, kKeptEnds));
  first = work.book(repeats);  // last: what was not submitted must not be counted
}

// The executor works on this object until it is done.
geomsu_event::~geomsu_event() {
  geomsu::plugin::guard_void([this] { work.executor().wait(*this, UINT64_MAX); });
}

namespace geomsu::cpu {
namespace {

std::string joined(const std::vector<ops::Problem>& problems) {
  std::string text;
  for (const auto& problem : problems) text += (text.empty() ? "" : "; ") + problem.rule;
  return text;
}

}  // namespace

std::unique_ptr<Workload> prepare(geomsu_device& device, const std::string& op, plugin::Params params) {
  const ops::Operation* operation = ops::find(op);
  if (operation == nullptr || (op != "gemm" && op != "memory")) {
    throw Failure(GEOMSU_UNSUPPORTED, "the cpu backend offers gemm and memory, not '" + op + "'");
  }
  std::uint64_t asked = 1;
  if (const auto text = plugin::take(params, "operand_sets")) {
    const auto number = ops::parse_count(*text);
    if (!number || *number == 0)
      throw Failure(GEOMSU_INVALID_ARGUMENT, "operand_sets must be a count from 1, got '" + *text + "'");
    asked = *number;
  }
  std::vector<ops::Problem> problems;
  const ops::Params complete = operation->complete(params, problems);
  if (!problems.empty()) throw Failure(GEOMSU_INVALID_ARGUMENT, op + ": " + joined(problems));
  if (op == "gemm") {
    std::ifstream file("/proc/cpuinfo");
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const std::string refusal = gemm_refusal(complete, parse_cpuinfo(text).flags);
    if (!refusal.empty()) throw Failure(GEOMSU_UNSUPPORTED, refusal);
  }
  // Devices that share the machine share its memory.
  const Grant grant{*device.executor, available_memory() / device.instance.sets.size(), asked};
  if (op == "memory") return make_memory(complete, grant);
  device.libraries.openblas_path = device.instance.openblas;
  device.libraries.onednn_path = device.instance.onednn;
  return make_gemm(complete, grant, device.libraries);
}

}  // namespace geomsu::cpu
