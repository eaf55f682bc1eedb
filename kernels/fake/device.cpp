#include "kernels/fake/device.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <utility>

#include <unistd.h>

#include "kernels/fake/guard.hpp"
#include "kernels/ops/generator.hpp"

namespace geomsu::fake {
namespace {
constexpr std::uint64_t kJitterTensor = 1000, kDrawTensor = 2000;

bool damages_output(std::string_view kind) {
  static constexpr std::array<std::string_view, 8> kKinds = {"wrong_element", "bit_flip",     "missing_tile",
                                                             "missing_rank",  "swapped_rows", "stale_output",
                                                             "frozen_output", "cheaper_dtype"};
  return std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end();
}

std::uint32_t code_named(const std::string& name) {
  static const std::map<std::string, std::uint32_t> codes = {{"invalid_argument", GEOMSU_INVALID_ARGUMENT},
                                                             {"unsupported", GEOMSU_UNSUPPORTED},
                                                             {"out_of_memory", GEOMSU_OUT_OF_MEMORY},
                                                             {"device_lost", GEOMSU_DEVICE_LOST},
                                                             {"timeout", GEOMSU_TIMEOUT},
                                                             {"internal", GEOMSU_INTERNAL}};
  const auto found = codes.find(name);
  return found == codes.end() ? GEOMSU_INTERNAL : found->second;
}

void strike_with(const Fault& fault, std::string_view slot) {
  const std::string where = "scripted fault in " + std::string(slot);
  if (fault.kind == "throws") throw std::runtime_error(where);
  if (fault.kind == "error") throw Failure(code_named(fault.text("code", "internal")), where);
  if (fault.kind == "segv") std::raise(SIGSEGV);
  if (fault.kind == "abort") std::abort();
  if (fault.kind == "exit") std::exit(static_cast<int>(fault.count("status", 3)));
  while (fault.kind == "hang") pause();
  if (fault.kind == "prints") {
    std::puts(fault.text("text", "vendor library 1.2.3: hello from stdout").c_str());
    std::fflush(stdout);
  }
}
}  // namespace

Device::Device(DeviceScript script, std::uint32_t index, std::uint64_t seed, std::uint64_t now_ns)
    : script_(std::move(script)),
      index_(index),
      seed_(seed),
      start_ns_(now_ns),
      rate_(1 + script_.clock.rate_ppm * 1e-6),
      ticks_(static_cast<long double>(script_.clock.start_ticks)),
      ticks_at_ns_(now_ns) {
  for (const auto& [key, value] : script_.attributes) {
    attributes_.push_back({key.c_str(), value.c_str()});
    if (!key.starts_with("nvlink")) attributes_without_link_.push_back({key.c_str(), value.c_str()});
  }
  for (const Fault& fault : script_.faults) {
    if (fault.kind == "foreign_load" && fault.trigger.unconditional()) foreign_load_ = fault.number("value", 0.5);
    if (fault.kind == "clock_3x" && fault.trigger.unconditional()) rate_ /= 3;
    if (fault.kind == "clock_rate" && fault.trigger.unconditional()) rate_ *= 1 + fault.number("ppm", 10'000) * 1e-6;
    if (fault.kind != "other_serial") continue;
    other_serial_ = fault.text("serial", script_.serial + "-other");
    other_uuid_ = fault.text("uuid", script_.uuid + "-other");
  }
}

void Device::strike(std::string_view slot) {
  std::uint64_t call = 0;
  {
    const std::lock_guard lock(calls_mutex_);
    call = calls_[std::string(slot)]++;
  }
  for (const Fault& fault : script_.faults) {
    if (fault.text("slot", "submit") == slot && fault.trigger.holds_call(call)) strike_with(fault, slot);
  }
}

const Fault* Device::at_work(std::string_view kind, std::string_view op) const {
  const Moment now{samples_, 0, busy_s_, op};
  for (const Fault& fault : script_.faults) {
    if (fault.kind == kind && fault.trigger.holds(now)) return &fault;
  }
  return nullptr;
}

void Device::check_lost() const {
  if (lost_) throw Failure(GEOMSU_DEVICE_LOST, script_.serial + " has fallen off the bus (scripted)");
}

Effects Device::submit(std::string_view op, std::uint64_t block) {
  check_lost();
  const Moment moment{samples_, block, busy_s_, op};
  // An odd stride: two submissions near each other never hit the same place of an output, by chance or otherwise.
  const std::uint64_t draw = ops::mix64(seed_, kDrawTensor + index_, 0) + samples_ * ops::kGamma;
  const double z = ops::normal_sum(ops::mix64(seed_, kJitterTensor + index_, samples_)) * 0x1p-15 / 1.1547;
  ++samples_;
  Effects effects;
  effects.slowdown = std::max(0.2, 1 + script_.jitter * z);
  const bool was_throttled = throttled_;
  throttled_ = false;
  backward_ticks_ = 0;
  bool loaded = false;
  for (const Fault& fault : script_.faults) {
    if (!fault.trigger.holds(moment)) continue;
    if (damages_output(fault.kind)) effects.taints.push_back({&fault, draw});
    if (fault.kind == "skipped_repeat") effects.taints.push_back({&fault, draw});
    if (fault.kind == "device_lost") lost_ = true;
    if (fault.kind == "never_completes") effects.never_completes = true;
    if (fault.kind == "completes_early") effects.completed = fault.number("fraction", 0.33);
    if (fault.kind == "short_span") effects.reported = fault.number("fraction", 0.33);
    if (fault.kind == "clock_backward") backward_ticks_ = fault.count("ticks", 2 * script_.clock.ticks_per_second);
    if (fault.kind == "other_serial") swapped_ = true;
    if (fault.kind == "loses_nvlink" && !std::exchange(link_lost_, true)) ++fault_events_;
    if (fault.kind == "foreign_load") {
      foreign_load_ = fault.number("value", 0.5);
      loaded = true;
    }
    if (fault.kind == "ecc") {
      ecc_corrected_ += fault.count("corrected", 1);
      ecc_uncorrected_ += fault.count("uncorrected", 0);
    }
    if (!fault.trigger.unconditional()) {
      const double nominal = 1 + script_.clock.rate_ppm * 1e-6;
      if (fault.kind == "clock_3x") rate_ = nominal / 3;
      if (fault.kind == "clock_rate") rate_ = nominal * (1 + fault.number("ppm", 10'000) * 1e-6);
    }
    if (fault.kind == "drifts")
      effects.slowdown *=
          std::max(0.2, 1 + fault.number("per_s", 1e-4) * (busy_s_ - fault.trigger.after_s.value_or(0)));
    if (fault.kind == "throttles" || fault.kind == "throttle_fraction") {
      effects.slowdown /= fault.number("factor", 0.5);
      throttled_ = throttled_ || fault.text("silent", "false") != "true";
    }
  }
  if (!loaded) foreign_load_ = -1;
  if (throttled_ && !was_throttled) ++throttle_events_;
  check_lost();
  return effects;
}

std::uint64_t Device::wrap(std::uint64_t ticks) const {
  std::uint64_t bits = script_.clock.valid_bits;
  for (const Fault& fault : script_.faults) {
    if (fault.kind == "clock_wraps") bits = fault.count("bits", 32);
  }
  return bits >= 64 ? ticks : ticks & ((std::uint64_t{1} << bits) - 1);
}

std::uint64_t Device::ticks(std::uint64_t now_ns) {
  const auto elapsed = static_cast<long double>(now_ns - ticks_at_ns_);
  ticks_ +=
      elapsed * 1e-9L * static_cast<long double>(script_.clock.ticks_per_second) * static_cast<long double>(rate_);
  ticks_at_ns_ = now_ns;
  return wrap(static_cast<std::uint64_t>(ticks_));
}

void Device::step_back() {
  ticks_ = std::max(0.0L, ticks_ - static_cast<long double>(std::exchange(backward_ticks_, 0)));
}

void Device::describe(geomsu_description& out) const {
  const auto text = [](const std::string& value) { return value.empty() ? nullptr : value.c_str(); };
  out.name = script_.name.c_str();
  out.vendor = script_.vendor.c_str();
  out.uuid = swapped_ ? other_uuid_.c_str() : script_.uuid.c_str();
  out.serial = text(swapped_ ? other_serial_ : script_.serial);
  out.pci_address = text(script_.pci_address);
  out.driver = text(script_.driver);
  out.firmware = text(script_.firmware);
  out.partition = text(script_.partition);
  out.memory_bytes = script_.memory_bytes;
  out.pcie_generation = script_.pcie_generation;
  out.pcie_width = script_.pcie_width;
  const auto& attributes = link_lost_ ? attributes_without_link_ : attributes_;
  out.attributes = attributes.data();
  out.attribute_count = attributes.size();
}

void Device::telemetry(geomsu_telemetry& out, std::uint64_t now_ns) const {
  const auto given = [this](std::string_view name) {
    const auto found = script_.telemetry.find(name);
    return found == script_.telemetry.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
  };
  const auto counter = [&given](std::string_view name, std::uint64_t more) {
    const double base = given(name);
    return std::isnan(base) ? GEOMSU_UNKNOWN : static_cast<std::uint64_t>(base) + more;
  };
  const double power = given("power_w"),
               idle = script_.telemetry.contains("idle_power_w") ? given("idle_power_w") : power;
  const double energy = idle * static_cast<double>(now_ns - start_ns_) * 1e-9 + (power - idle) * busy_s_;
  const double wraps = given("energy_wraps_j");
  out.power_w = script_.meter == "counter" ? std::numeric_limits<double>::quiet_NaN() : power;
  out.energy_j = script_.meter == "power" ? std::numeric_limits<double>::quiet_NaN()
                 : std::isnan(wraps)      ? energy
                                          : std::fmod(energy, wraps);
  out.temperature_c = given("temperature_c");
  out.memory_temperature_c = given("memory_temperature_c");
  out.clock_mhz = given("clock_mhz");
  out.memory_clock_mhz = given("memory_clock_mhz");
  out.memory_used_bytes = static_cast<double>(memory_used_);
  out.foreign_load = foreign_load_ >= 0 ? foreign_load_ : given("foreign_load");
  out.throttle = throttled_ ? GEOMSU_THROTTLE_THERMAL : 0;
  out.throttle_events = throttle_events_;
  out.ecc_corrected = counter("ecc_corrected", ecc_corrected_);
  out.ecc_uncorrected = counter("ecc_uncorrected", ecc_uncorrected_);
  out.link_replays = counter("link_replays", 0);
  out.fault_events = counter("fault_events", fault_events_);
}

std::uint64_t Device::memory_free() const {
  return memory_used_ >= script_.memory_bytes ? 0 : script_.memory_bytes - memory_used_;
}

void Device::give_memory_back(std::uint64_t bytes) {
  std::uint64_t leaked = 0;
  for (const Fault& fault : script_.faults) {
    if (fault.kind == "leaks") leaked = std::min(bytes, fault.count("bytes", bytes));
  }
  memory_used_ -= bytes - leaked;
}

}  // namespace geomsu::fake
