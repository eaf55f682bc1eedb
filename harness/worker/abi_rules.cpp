#include "harness/worker/abi_rules.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <exception>
#include <thread>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/protocol/codec.hpp"
#include "harness/worker/abi_table.hpp"
#include "harness/worker/plugin_library.hpp"

namespace geomsu::worker {
namespace {
using abi::Broken;
using abi::Opened;
using abi::Table;

constexpr std::uint64_t kWaitNs = 60'000'000'000, kMostRepeats = 1ULL << 24;
constexpr int kTimes = 50;

struct Place {
  const std::filesystem::path& plugin;
  const Params& params;
};

const geomsu_plugin* served(const Place& place, const geomsu_host& host) { return abi::query_of(place.plugin)(&host); }

std::string table_served(const Place& place) {
  const geomsu_host host = abi::host_of(GEOMSU_ABI_MAJOR, GEOMSU_ABI_MINOR);
  if (served(place, host) == nullptr)
    throw Broken{fmt::format("a table for a host of ABI {}.{}", GEOMSU_ABI_MAJOR, GEOMSU_ABI_MINOR), "NULL"};
  return "a table";
}

std::string table_major(const Place& place) {
  const geomsu_host host = abi::host_of(GEOMSU_ABI_MAJOR, GEOMSU_ABI_MINOR);
  const geomsu_plugin* table = served(place, host);
  if (table->abi_major != GEOMSU_ABI_MAJOR) {
    throw Broken{fmt::format("a table of major {}, as the host's", GEOMSU_ABI_MAJOR),
                 fmt::format("ABI {}.{}", table->abi_major, table->abi_minor)};
  }
  return fmt::format("ABI {}.{}", table->abi_major, table->abi_minor);
}

std::string table_whole(const Place& place) {
  const geomsu_host host = abi::host_of(GEOMSU_ABI_MAJOR, GEOMSU_ABI_MINOR);
  const std::string why = why_refused(served(place, host));
  if (!why.empty()) throw Broken{"all slots of 1.0 in the table, none of them NULL, and a name", why};
  return "26 slots and a name";
}

std::string host_versions(const Place& place) {
  const geomsu_host other = abi::host_of(GEOMSU_ABI_MAJOR + 1, 0);
  if (served(place, other) != nullptr)
    throw Broken{fmt::format("NULL for a host of major {}", GEOMSU_ABI_MAJOR + 1), "a table"};
  const geomsu_host none = abi::host_of(0, 9);
  if (served(place, none) != nullptr) throw Broken{"NULL for a host of major 0", "a table"};
  struct Newer {
    geomsu_host known;
    std::array<std::byte, 64> later;
  } newer{abi::host_of(GEOMSU_ABI_MAJOR, GEOMSU_ABI_MINOR + 41), {}};
  newer.known.struct_size = sizeof newer;
  newer.later.fill(std::byte{0xA5});
  if (served(place, newer.known) == nullptr)
    throw Broken{"a table for a host of a newer minor, whose struct is longer", "NULL"};
  geomsu_host oldest = abi::host_of(GEOMSU_ABI_MAJOR, 0);
  oldest.struct_size = GEOMSU_HOST_MIN_SIZE;
  if (served(place, oldest) == nullptr)
    throw Broken{fmt::format("a table for a host of ABI {}.0 with {} bytes", GEOMSU_ABI_MAJOR, GEOMSU_HOST_MIN_SIZE),
                 "NULL"};
  return "other majors get NULL, other minors a table";
}

// A struct of the ABI with room behind it, which nobody may write to.
template <class T>
struct Guarded {
  T value{};
  std::array<std::byte, 64> behind{};
  explicit Guarded(std::uint64_t size) {
    behind.fill(std::byte{0xA5});
    value.struct_size = size;
  }
  void check(const char* name) const {
    for (const std::byte byte : behind) {
      if (byte != std::byte{0xA5})
        throw Broken{fmt::format("{} written to only as far as its struct_size says", name), "bytes behind it changed"};
    }
  }
};

std::string struct_sizes(const Place& place) {
  const Table table(place.plugin, place.params);
  const Opened open(table);
  Guarded<geomsu_description> description(GEOMSU_DESCRIPTION_MIN_SIZE);
  table.must("describe", table->describe(open.instance.get(), 0, &description.value));
  description.check("geomsu_description");
  Guarded<geomsu_clock_info> clock(GEOMSU_CLOCK_INFO_MIN_SIZE);
  table.must("clock_info", table->clock_info(open.device.get(), &clock.value));
  clock.check("geomsu_clock_info");
  Guarded<geomsu_telemetry> telemetry(GEOMSU_TELEMETRY_MIN_SIZE);
  table.must("telemetry", table->telemetry(open.device.get(), &telemetry.value));
  telemetry.check("geomsu_telemetry");
  Guarded<geomsu_workload_info> info(GEOMSU_WORKLOAD_INFO_MIN_SIZE);
  table.must("workload_info", table->workload_info(open.workload.get(), &info.value));
  info.check("geomsu_workload_info");
  const auto event = table.submit(open.workload.get(), 2);
  table.must("event_wait", table->event_wait(event.get(), kWaitNs));
  Guarded<geomsu_span> span(GEOMSU_SPAN_MIN_SIZE);  // repeat_ends is NULL, as it may be
  table.must("event_span", table->event_span(event.get(), 0, &span.value));
  span.check("geomsu_span");
  // A newer host's struct, longer than 1.0.
  Guarded<geomsu_telemetry> longer(sizeof(Guarded<geomsu_telemetry>));
  table.must("telemetry", table->telemetry(open.device.get(), &longer.value));
  return "structs of 1.0 and of a newer host are filled, nothing behind them is touched";
}

std::string repeat_room(const Place& place) {
  const Table table(place.plugin, place.params);
  const Opened open(table);
  const auto event = table.submit(open.workload.get(), 8);
  table.must("event_wait", table->event_wait(event.get(), kWaitNs));
  constexpr std::uint64_t kMark = 0xA5A5A5A5A5A5A5A5;
  std::array<std::uint64_t, 6> ends{};
  ends.fill(kMark);
  geomsu_span span{};
  span.struct_size = sizeof span;
  span.repeat_ends = ends.data();
  span.repeat_room = 3;
  table.must("event_span", table->event_span(event.get(), 0, &span));
  if (span.repeat_count > 3 || ends[3] != kMark)
    throw Broken{"at most 3 ends of repeats where there is room for 3", fmt::format("{}", span.repeat_count)};
  return fmt::format("{} of 8 ends in room for 3", span.repeat_count);
}

std::string errors(const Place& place) {
  const Table table(place.plugin, place.params);
  const Opened open(table);
  std::uint32_t count = 0;
  table.must("device_count", table->device_count(open.instance.get(), &count));
  for (int i = 0; i < kTimes; ++i) {
    geomsu_device* device = nullptr;
    table.code_of("device_open", table->device_open(open.instance.get(), count, &device), "there is no such device");
    geomsu_workload* workload = nullptr;
    table.code_of("workload_prepare",
                  table->workload_prepare(open.group.get(), "dance", abi::Settings({}).get(), &workload),
                  "there is no such operation");
    double value = 0;
    const std::uint64_t far = ~std::uint64_t{0};
    table.code_of("read", table->read(open.workload.get(), 0, 0, 0, &far, 1, &value), "the index is out of range");
  }
  table.run(open.workload.get(), 1);
  return fmt::format("{} errors with code and words, and the workload still runs", 3 * kTimes);
}

std::string extension(const Place& place) {
  const Table table(place.plugin, place.params);
  const auto instance = table.instance();
  if (table->extension(instance.get(), "geomsu.nobody.has.this") != nullptr)
    throw Broken{"NULL for an extension that nobody has", "something"};
  return "NULL for what nobody has";
}

std::string instances(const Place& place) {
  const Table table(place.plugin, place.params);
  for (const bool first_dies_first : {true, false}) {
    auto first = table.instance(), second = table.instance();
    std::uint32_t of_first = 0, of_second = 0;
    table.must("device_count", table->device_count(first.get(), &of_first));
    table.must("device_count", table->device_count(second.get(), &of_second));
    if (of_first != of_second)
      throw Broken{"as many devices of both instances", fmt::format("{} and {}", of_first, of_second)};
    (first_dies_first ? first : second).reset();
    geomsu_instance* left = first_dies_first ? second.get() : first.get();
    table.must("device_count", table->device_count(left, &of_second));
  }
  return "two at once, destroyed in either order";
}

std::string lifetimes(const Place& place) {
  const Table table(place.plugin, place.params);
  for (int i = 0; i < 3; ++i) {
    const Opened open(table);
    table.run(open.workload.get(), 2);
    const auto never_waited_for = table.submit(open.workload.get(), 1);
    table.must("event_wait", table->event_wait(never_waited_for.get(), kWaitNs));
  }
  return "three times created, used and destroyed, children before parents";
}

std::string inputs_copied(const Place& place) {
  const Table table(place.plugin, place.params);
  abi::Settings of_instance(place.params);
  geomsu_instance* instance = nullptr;
  table.must("instance_create", table->instance_create(of_instance.get(), &instance));
  of_instance.spoil();
  const abi::Handle<geomsu_instance> keep_instance(instance, table->instance_destroy);
  const auto device = table.device(instance);
  std::array<geomsu_device*, 1> devices = {device.get()};
  abi::Settings of_group({});
  geomsu_group* group = nullptr;
  table.must("group_create", table->group_create(devices.data(), 1, of_group.get(), &group));
  devices[0] = nullptr;
  of_group.spoil();
  const abi::Handle<geomsu_group> keep_group(group, table->group_destroy);
  const auto plain = table.workload(group, true);
  table.run(plain.get(), 1);
  double first = 0, again = 0;
  const std::uint64_t zero = 0;
  table.must("read", table->read(plain.get(), 0, 0, 0, &zero, 1, &first));
  table.must("read", table->read(plain.get(), 0, 0, 0, &zero, 1, &again));
  if (std::memcmp(&first, &again, sizeof first) != 0) throw Broken{"one element twice the same", "two values"};
  return "settings, the operation's name and the list of devices are overwritten after the calls, and nobody minds";
}

std::string wait_again(const Place& place) {
  const Table table(place.plugin, place.params);
  const Opened open(table);
  for (std::uint64_t repeats = 64; repeats <= kMostRepeats; repeats *= 8) {
    table.must("reseed", table->reseed(open.workload.get(), 1));
    const auto event = table.submit(open.workload.get(), repeats);
    geomsu_error* late = table->event_wait(event.get(), 1);
    if (late == nullptr) continue;
    const std::uint32_t code = table.code_of("event_wait", late, "1 ns was allowed");
    if (code != GEOMSU_TIMEOUT)
      throw Broken{fmt::format("code {} (timeout) of a wait of 1 ns", GEOMSU_TIMEOUT), fmt::format("code {}", code)};
    table.must("event_wait, again,", table->event_wait(event.get(), kWaitNs));
    geomsu_span span{};
    span.struct_size = sizeof span;
    table.must("event_span", table->event_span(event.get(), 0, &span));
    return fmt::format("{} repeats: timeout after 1 ns, ended when waited for again", repeats);
  }
  throw Broken{"submit that does not block: a wait of 1 ns after it comes too early",
               fmt::format("even {} repeats had ended when submit returned", kMostRepeats)};
}

std::string telemetry_thread(const Place& place) {
  const Table table(place.plugin, place.params);
  const Opened open(table);
  std::atomic<bool> stop = false;
  std::string failed;
  int read = 0;
  std::thread second([&] {
    do {
      geomsu_telemetry reading{};
      reading.struct_size = sizeof reading;
      try {
        table.must("telemetry from a second thread", table->telemetry(open.device.get(), &reading));
      } catch (const Broken& broken) {
        failed = broken.came;
      }
      ++read;
    } while (!stop && failed.empty());
  });
  std::exception_ptr broke;
  try {
    for (int i = 0; i < kTimes; ++i) table.run(open.workload.get(), 16);
  } catch (const Broken&) {
    broke = std::current_exception();
  }
  stop = true;
  second.join();
  if (broke) std::rethrow_exception(broke);
  if (!failed.empty()) throw Broken{"telemetry from a second thread at any time", failed};
  return fmt::format("{} readings beside {} blocks", read, kTimes);
}

struct AbiRule {
  std::string_view name;
  std::string (*run)(const Place&);
};
constexpr std::array<AbiRule, 13> kRules = {{{"table-served", table_served},
                                             {"table-major", table_major},
                                             {"table-whole", table_whole},
                                             {"host-versions", host_versions},
                                             {"struct-sizes", struct_sizes},
                                             {"repeat-room", repeat_room},
                                             {"errors", errors},
                                             {"extension", extension},
                                             {"instances", instances},
                                             {"lifetimes", lifetimes},
                                             {"inputs-copied", inputs_copied},
                                             {"wait-again", wait_again},
                                             {"telemetry-thread", telemetry_thread}}};
}  // namespace

std::vector<std::string_view> abi_rule_names() {
  std::vector<std::string_view> names;
  for (const AbiRule& rule : kRules) names.push_back(rule.name);
  return names;
}

AbiVerdict run_abi_rule(std::string_view name, const std::filesystem::path& plugin, const Params& params) {
  for (const AbiRule& rule : kRules) {
    if (rule.name != name) continue;
    try {
      return {AbiVerdict::Mark::kPass, rule.run({plugin, params})};
    } catch (const Broken& broken) {
      return {AbiVerdict::Mark::kFail, fmt::format("expected {}; came {}", broken.expected, broken.came)};
    }
  }
  throw Error(ErrorCode::kUsage, fmt::format("there is no ABI rule '{}'", name), "geomsu-worker",
              "geomsu-worker --abi-rules names them");
}

std::string abi_verdict_line(const AbiVerdict& verdict) {
  const int level = verdict.mark == AbiVerdict::Mark::kFail ? 3 : 1;
  return protocol::encode_notification(protocol::LogNote{level, verdict.detail});
}

}  // namespace geomsu::worker
