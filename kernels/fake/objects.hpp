// The handles of the C table.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/abi/geomsu_plugin.h"
#include "kernels/fake/device.hpp"
#include "kernels/fake/output.hpp"
#include "kernels/fake/script.hpp"

struct geomsu_instance {
  explicit geomsu_instance(const geomsu::fake::Script& script);
  std::uint64_t now_ns;    // scripted: moves when work is waited for, and when it is told to
  bool real_time = false;  // work takes its time in truth: for tests of what only happens in real time
  std::mutex mutex;
  std::vector<std::unique_ptr<geomsu::fake::Device>> devices;
};

struct geomsu_device {
  geomsu_instance* instance;
  geomsu::fake::Device* device;
};

struct geomsu_group {
  std::vector<geomsu_device*> devices;
};

struct geomsu_workload {
  geomsu_instance* instance = nullptr;
  geomsu::fake::Device* device = nullptr;
  std::string op, name;
  std::unique_ptr<geomsu::fake::Output> output;
  geomsu::fake::State state;
  std::uint64_t memory_bytes = 0, blocks = 0;
  double repeat_s = 0;
  bool seeded = false, refill_every_block = false;
};

struct geomsu_event {
  geomsu_workload* workload = nullptr;
  std::uint64_t repeats = 0;
  geomsu::fake::Effects effects;
  std::uint64_t left_ns = 0;  // scripted time until it is done
  std::uint64_t first = 0, last = 0;
  bool begun = false, done = false;
};

namespace geomsu::fake {

// Time passes: by so much where it is scripted, else to CLOCK_MONOTONIC_RAW's now.
void pass(geomsu_instance& instance, std::uint64_t ns);
void pass_seconds(geomsu_instance& instance, double seconds);

// What workload.cpp does for the table.
geomsu_workload* prepare(geomsu_group& group, const char* op, const geomsu_params& params);
void reseed(geomsu_workload& workload, std::uint64_t seed);
geomsu_event* submit(geomsu_workload& workload, std::uint64_t repeats);
void begin(geomsu_event& event);  // once; wait() does it where nobody has
void wait(geomsu_event& event, std::uint64_t timeout_ns);
void span(const geomsu_event& event, geomsu_span& out);

}  // namespace geomsu::fake
