#include "kernels/cuda/telemetry.hpp"

#include <atomic>
#include <cmath>
#include <ostream>
#include <thread>

#include <gmock/gmock.h>

#include "harness/abi/plugin_helpers.hpp"
#include "tests/cuda_emulation/nvml/emulated_node.hpp"
#include "tests/cuda_emulation/runtime/emulation.hpp"

namespace {
std::atomic<std::uint64_t> virtual_ns{0};
std::uint64_t now_ns() { return virtual_ns; }
void advance_ns(std::uint64_t ns) { virtual_ns += ns; }
}  // namespace
// Stands for the emulated runtime's, which is not loaded here.
extern "C" const geomsu_cuda_emulation geomsu_cuda_emulation_marker{sizeof(geomsu_cuda_emulation), now_ns, advance_ns};

namespace geomsu::emulation::nvml {
namespace {

using cuda::nvml::Sampling;
using cuda::nvml::TelemetrySource;
using cuda::nvml::throttle_bits;
using testing::HasSubstr;
using testing::Not;

// Everything at each reading.
constexpr Sampling kAlways{.sees_every_process = true, .slow_period = std::chrono::nanoseconds(0)};

class Source {
 public:
  explicit Source(const std::string& node, const Change& change = {}, const Sampling& sampling = kAlways)
      : node_(node, change), source_(node_.library(), node_.place(), sampling) {}
  geomsu_telemetry read() {
    geomsu_telemetry to{};
    to.struct_size = sizeof to;
    source_.read(to);
    return to;
  }
  TelemetrySource& operator*() { return source_; }

 private:
  EmulatedNode node_;
  TelemetrySource source_;
};

TEST(Telemetry, OfAnH100IsAsItsNodeSays) {
  Source source("dgx-h100");
  const geomsu_telemetry now = source.read();
  EXPECT_EQ(now.power_w, 118);
  EXPECT_EQ(now.temperature_c, 34);
  EXPECT_EQ(now.memory_temperature_c, 42);
  EXPECT_EQ(now.clock_mhz, 345);
  EXPECT_EQ(now.memory_clock_mhz, 2619);
  EXPECT_EQ(now.memory_used_bytes, 84288733184.0);
  EXPECT_EQ(now.foreign_load, 0);
  EXPECT_EQ(now.throttle, 0U);
  EXPECT_EQ(now.throttle_events, 0U);
  EXPECT_EQ(now.ecc_corrected, 0U);
  EXPECT_EQ(now.ecc_uncorrected, 0U);
  EXPECT_EQ(now.link_replays, 0U);
  EXPECT_EQ(now.fault_events, 0U);
  EXPECT_EQ((*source).absent(), "");
}

TEST(Telemetry, OfAWorkstationNamesWhatItLacks) {
  Source source("a4000-workstation");
  const geomsu_telemetry now = source.read();
  EXPECT_TRUE(std::isnan(now.memory_temperature_c));
  EXPECT_EQ(now.ecc_corrected, GEOMSU_UNKNOWN);
  EXPECT_EQ(now.foreign_load, 0);  // the screen's server does nothing
  EXPECT_THAT((*source).absent(), HasSubstr("ECC counters"));
  EXPECT_THAT((*source).absent(), HasSubstr("NVLink errors"));
  EXPECT_THAT((*source).absent(), Not(HasSubstr("energy")));
}

TEST(Telemetry, EnergyGrowsWithReadingsAndWithVirtualTime) {
  Source source("dgx-h100", set("energy_mj", "{start: 5000, per_read: 1000, per_second: 2000}"));
  EXPECT_EQ(source.read().energy_j, 6);  // the first reading was the source's own
  virtual_ns = 3'000'000'000;
  EXPECT_EQ(source.read().energy_j, 13);
  virtual_ns = 0;
}

TEST(Telemetry, ValuesChangeAtTheirReadingOrTime) {
  Source source("dgx-h100",
                set("temperature_c", "{start: 30, steps: [{after_reads: 2, value: 80}, {at_s: 9, value: 90}]}"));
  EXPECT_EQ(source.read().temperature_c, 30);
  EXPECT_EQ(source.read().temperature_c, 80);
  virtual_ns = 9'000'000'000;
  EXPECT_EQ(source.read().temperature_c, 90);
  virtual_ns = 0;
}

struct ReasonCase {
  const char* name;
  std::uint64_t reasons, bits;
};

void PrintTo(const ReasonCase& one, std::ostream* to) { *to << one.name; }

class Reasons : public testing::TestWithParam<ReasonCase> {};

TEST_P(Reasons, AreMappedBitByBit) {
  Source source("dgx-h100", set("clock_reasons", std::to_string(GetParam().reasons)));
  EXPECT_EQ(source.read().throttle, GetParam().bits);
  EXPECT_EQ(throttle_bits(GetParam().reasons), GetParam().bits);
}

INSTANTIATE_TEST_SUITE_P(
    All, Reasons,
    testing::Values(ReasonCase{"none", 0, 0}, ReasonCase{"idle", 0x1, 0}, ReasonCase{"application_clocks", 0x2, 0},
                    ReasonCase{"sw_power_cap", 0x4, GEOMSU_THROTTLE_POWER},
                    ReasonCase{"hw_slowdown", 0x8, GEOMSU_THROTTLE_HARDWARE},
                    ReasonCase{"sync_boost", 0x10, GEOMSU_THROTTLE_OTHER},
                    ReasonCase{"sw_thermal", 0x20, GEOMSU_THROTTLE_THERMAL},
                    ReasonCase{"hw_thermal", 0x40, GEOMSU_THROTTLE_THERMAL | GEOMSU_THROTTLE_HARDWARE},
                    ReasonCase{"hw_power_brake", 0x80, GEOMSU_THROTTLE_POWER | GEOMSU_THROTTLE_HARDWARE},
                    ReasonCase{"display_clock", 0x100, GEOMSU_THROTTLE_OTHER},
                    ReasonCase{"what_is_to_come", 0x200, GEOMSU_THROTTLE_OTHER}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Throttling, IsAnEventWhenItBeginsNotWhileItLasts) {
  Source source("dgx-h100", set("clock_reasons",
                                "{start: 0, steps: [{after_reads: 2, value: 4}, {after_reads: 4, value: 0}, "
                                "{after_reads: 5, value: 32}]}"));
  EXPECT_EQ(source.read().throttle_events, 0U);
  EXPECT_EQ(source.read().throttle_events, 1U);
  EXPECT_EQ(source.read().throttle_events, 1U);
  EXPECT_EQ(source.read().throttle_events, 1U);
  EXPECT_EQ(source.read().throttle_events, 2U);
}

TEST(Throttling, BetweenTwoReadingsIsSeenByTheDriversTimes) {
  Source source("dgx-h100", set("violation_thermal_ns", "{start: 7, steps: [{after_reads: 2, value: 90}]}"));
  EXPECT_EQ(source.read().throttle_events, 0U);
  const geomsu_telemetry after = source.read();
  EXPECT_EQ(after.throttle, 0U);
  EXPECT_EQ(after.throttle_events, 1U);
  EXPECT_EQ(source.read().throttle_events, 1U);
}

TEST(Throttling, OfADriverThatHasTheOldNameOnlyIsRead) {
  const EmulatedNode node("dgx-h100", set("clock_reasons", "4"), {}, GEOMSU_EMULATED_NVML_R525);
  ASSERT_EQ(node.library()->functions().clock_reasons.pointer, nullptr);
  TelemetrySource source(node.library(), node.place(), kAlways);
  geomsu_telemetry now{};
  source.read(now);
  EXPECT_EQ(now.throttle, GEOMSU_THROTTLE_POWER);
}

TEST(Counters, OfErrorsGrow) {
  const auto growing = [](const char* key) { return set(key, "{start: 4, per_read: 1}"); };
  Source ecc("dgx-h100", both(growing("ecc_corrected"), growing("ecc_uncorrected")));
  const auto a = ecc.read(), b = ecc.read();
  EXPECT_EQ(b.ecc_corrected, a.ecc_corrected + 1);
  EXPECT_EQ(b.ecc_uncorrected, a.ecc_uncorrected + 1);
  for (const char* key :
       {"pcie_replays", "nvlink_replays", "nvlink_recoveries", "nvlink_crc_flit", "nvlink_crc_data"}) {
    Source links("dgx-h100", growing(key));
    const auto first = links.read(), second = links.read();
    EXPECT_EQ(second.link_replays, first.link_replays + 1) << key;
  }
}

TEST(Counters, OfLinksAreAddedUpLinkByLinkWhereThereAreNoTotals) {
  Source source("dgx-h100", both(set("nvlink_recoveries", "11"), fault("nvmlDeviceGetFieldValues", 3)));
  EXPECT_EQ(source.read().link_replays, 11U);
}

TEST(Counters, HoldWhenASourceIsSilentForAMoment) {
  Source source("dgx-h100", both(set("pcie_replays", "5"), fault("nvmlDeviceGetPcieReplayCounter", 999, 2, false)));
  EXPECT_EQ(source.read().link_replays, 5U);
  EXPECT_EQ(source.read().link_replays, 5U);
}

TEST(Faults, AreXidsAsTheyCome) {
  Source source("dgx-h100", set("xids", "[{xid: 79, after_reads: 2}, {xid: 31, at_s: 4}]"));
  EXPECT_EQ((*source).last_xid(), std::nullopt);
  EXPECT_EQ(source.read().fault_events, 0U);
  EXPECT_EQ(source.read().fault_events, 1U);
  EXPECT_EQ((*source).last_xid(), 79U);
  EXPECT_EQ(source.read().fault_events, 1U);
  virtual_ns = 4'000'000'000;
  EXPECT_EQ(source.read().fault_events, 2U);
  EXPECT_EQ((*source).last_xid(), 31U);
  virtual_ns = 0;
}

TEST(Faults, AreRowsThatAreRemappedWhileMeasuring) {
  Source source("dgx-h100", set("remapped_uncorrected", "{start: 3, steps: [{after_reads: 2, value: 5}]}"));
  EXPECT_EQ(source.read().fault_events, 0U);
  EXPECT_EQ(source.read().fault_events, 2U);
}

TEST(Faults, AreUnknownWhereNeitherEventsNorRowsAreTold) {
  Source source("a4000-workstation", without("xids"));
  EXPECT_EQ(source.read().fault_events, GEOMSU_UNKNOWN);
  EXPECT_THAT((*source).absent(), HasSubstr("XIDs"));
}

TEST(ForeignLoad, IsWhatOthersTakeOfTheMultiprocessors) {
  Source source("dgx-h100",
                set("processes", "[{own: true, sm: 60}, {pid: 7, sm: 25}, {pid: 8, sm: 5, graphics: true}]"));
  EXPECT_DOUBLE_EQ(source.read().foreign_load, 0.30);
}

TEST(ForeignLoad, IsNeverAboveOne) {
  Source source("dgx-h100", set("processes", "[{own: true}, {pid: 7, sm: 90}, {pid: 8, sm: 90}]"));
  EXPECT_EQ(source.read().foreign_load, 1);
}

TEST(ForeignLoad, IsUnknownWhereThisProcessDoesNotSeeItself) {
  Source source("dgx-h100", set("processes", "[{pid: 7, sm: 25}]"));
  EXPECT_TRUE(std::isnan(source.read().foreign_load));
  EXPECT_THAT((*source).absent(), HasSubstr("foreign load"));
}

TEST(ForeignLoad, OfNobodySaysNothingWhereOthersCouldBeHidden) {
  const Sampling inside{.sees_every_process = false, .slow_period = std::chrono::nanoseconds(0)};
  Source nobody("dgx-h100", {}, inside);
  EXPECT_TRUE(std::isnan(nobody.read().foreign_load));
  Source somebody("dgx-h100", set("processes", "[{own: true}, {pid: 7, sm: 25}]"), inside);
  EXPECT_DOUBLE_EQ(somebody.read().foreign_load, 0.25);
}

TEST(ForeignLoad, WithoutCountsByProcessIsAllOrNothing) {
  const auto shared = both(set("processes", "[{own: true}, {pid: 7}]"), without("process_utilization"));
  Source idle("dgx-h100", shared);
  EXPECT_EQ(idle.read().foreign_load, 0);
  Source busy("dgx-h100", both(shared, set("utilization", "3")));
  EXPECT_EQ(busy.read().foreign_load, 1);
  Source blind("dgx-h100", both(shared, without("utilization")));
  EXPECT_TRUE(std::isnan(blind.read().foreign_load));
}

TEST(ForeignLoad, OfAMigInstanceIsUnknownAndItsMemoryIsItsOwn) {
  Source source("dgx-h100", set("mig",
                                "{enabled: true, instances: [{uuid: MIG-1, gpu_instance: 1, compute_instance: 0, "
                                "multiprocessors: 16, memory: 1000000, memory_used: 4096}]}"));
  const geomsu_telemetry now = source.read();
  EXPECT_TRUE(std::isnan(now.foreign_load));
  EXPECT_EQ(now.memory_used_bytes, 4096);
  EXPECT_EQ(now.power_w, 118);  // the whole GPU's
}

TEST(ForeignLoad, IsLookedAtAsSeldomAsTheSamplingSays) {
  const Sampling seldom{.sees_every_process = true, .slow_period = std::chrono::hours(1)};
  Source source("dgx-h100", fault("nvmlDeviceGetComputeRunningProcesses_v3", 999, 2), seldom);
  EXPECT_EQ(source.read().foreign_load, 0);  // the second look, which would fail, is an hour away
}

TEST(Telemetry, OfALostGpuFailsFromThenOnAndAsksNoMore) {
  Source source("dgx-h100", fault("nvmlDeviceGetPowerUsage", 15, 3, false));
  source.read();
  for (int i = 0; i < 3; ++i) {
    try {
      source.read();
      FAIL() << "no failure at reading " << i;
    } catch (const plugin::Failure& failure) {
      EXPECT_EQ(failure.code(), GEOMSU_DEVICE_LOST);
      EXPECT_THAT(failure.what(), HasSubstr("nvmlDeviceGetPowerUsage for 0000:1b:00.0"));
      EXPECT_THAT(failure.what(), HasSubstr("fallen off the bus"));
      EXPECT_THAT(failure.what(), HasSubstr("next: "));
    }
  }
}

TEST(Telemetry, MayBeReadFromSeveralThreads) {
  Source source("dgx-h100", set("energy_mj", "{start: 0, per_read: 1000}"));
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&source] {
      for (int j = 0; j < 20; ++j) source.read();
    });
  }
  threads.clear();
  EXPECT_EQ(source.read().energy_j, 81);
}

}  // namespace
}  // namespace geomsu::emulation::nvml
