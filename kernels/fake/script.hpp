// What the fake devices are and what goes wrong with them, read from YAML (README.md lists every key).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace geomsu::fake {

// The instant a fault is asked about. Empty submissions are not counted.
struct Moment {
  std::uint64_t sample = 0;  // submissions of the device before this one
  std::uint64_t block = 0;   // submissions of the workload before this one
  double busy_s = 0;         // scripted seconds that the device has computed since it was opened
  std::string_view op;
};

// Every condition that is given must hold; none given holds always.
struct Trigger {
  std::optional<std::uint64_t> at_block, from_block, at_sample, from_sample, every, at_call, from_call;
  std::optional<double> after_s;
  std::string op;
  bool holds(const Moment& moment) const;
  bool holds_call(std::uint64_t call) const;  // at_call and from_call alone, for faults of a slot
  bool unconditional() const;
};

struct Fault {
  std::string kind;
  Trigger trigger;
  std::map<std::string, std::string, std::less<>> arguments;
  std::string text(std::string_view key, std::string_view fallback) const;
  double number(std::string_view key, double fallback) const;
  std::uint64_t count(std::string_view key, std::uint64_t fallback) const;
};

struct ClockScript {
  std::uint64_t ticks_per_second = 1'000'000'000, start_ticks = 0;
  std::uint32_t valid_bits = 64;
  double rate_ppm = 0;
  bool host_domain = false;
};

struct DeviceScript {
  std::string name = "Fake Accelerator", vendor = "geomsu", uuid, serial, pci_address, driver = "fake 1.0",
              firmware = "fw 1.0", partition;
  std::uint64_t memory_bytes = 80'000'000'000, pcie_generation = 5, pcie_width = 16;
  std::map<std::string, std::string> attributes;
  ClockScript clock;
  // "gemm.fp32", "gemm", "memory.triad", "collective.all_reduce@1048576", "collective": FLOP/s or B/s; s of a repeat
  std::map<std::string, double, std::less<>> speed, latency;
  double jitter = 0.002;                                        // coefficient of variation of a block
  double overhead_s = 5e-6, prepare_s = 1e-3, reseed_s = 1e-3;  // of a submission, a preparation, a refill
  // By the names of geomsu_telemetry (the rest is unknown), and idle_power_w, energy_wraps_j.
  std::map<std::string, double, std::less<>> telemetry;
  std::string meter = "both";  // what it tells of its energy: "counter", "power" or both
  std::vector<Fault> faults;

  // Of "collective" with the variant "all_reduce" and the size "1048576", "" where it has none: the most exact key that
  // is there; 100 TFLOP/s, 1 TB/s and 0 s where none is.
  double speed_of(std::string_view op, std::string_view variant, std::string_view bytes) const;
  double latency_of(std::string_view op, std::string_view variant, std::string_view bytes) const;
};

struct Script {
  std::uint64_t seed = 1, start_ns = 1'000'000'000;
  std::vector<DeviceScript> devices;
};

// std::runtime_error with path:line:column and what is wrong. An empty path gives `devices` healthy ones.
Script load_script(const std::string& path, std::uint32_t devices);

}  // namespace geomsu::fake
