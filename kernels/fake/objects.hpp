// The handles of the C table.
#pragma once

#include <cstddef>
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
  std::vector<geomsu_device*> devices;  // ranks first_rank, first_rank + 1 ... of `ranks`
  std::uint32_t first_rank = 0, ranks = 0;
};

namespace geomsu::fake {

// What a workload is on one rank.
struct Member {
  Device* device = nullptr;
  std::unique_ptr<Output> output;
  State state;
  std::uint64_t memory_bytes = 0;
  double repeat_s = 0;
};

// What a submission is on one rank.
struct Part {
  Effects effects;
  std::uint64_t left_ns = 0;  // scripted time until it is done
  std::uint64_t first = 0, last = 0;
  bool done = false;
};

}  // namespace geomsu::fake

struct geomsu_workload {
  geomsu_instance* instance = nullptr;
  std::string op, name;
  std::vector<geomsu::fake::Member> members;
  std::uint32_t first_rank = 0;
  std::uint64_t sets = 1, blocks = 0;
  bool seeded = false, refill_every_block = false;
};

struct geomsu_event {
  geomsu_workload* workload = nullptr;
  std::uint64_t repeats = 0;
  std::vector<geomsu::fake::Part> parts;  // as the workload's members
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
// Until the last rank is done, from when it began; kNever where one never is.
inline constexpr std::uint64_t kNever = UINT64_MAX;
std::uint64_t left_ns(const geomsu_event& event);
void wait(geomsu_event& event, std::uint64_t timeout_ns);
void span(const geomsu_event& event, std::size_t member, geomsu_span& out);

}  // namespace geomsu::fake
