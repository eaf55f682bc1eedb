// What NVML refuses, in words with cause and next step; and what it does not know, which is unknown and never 0.
#include <cmath>

#include <gmock/gmock.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cuda/identity.hpp"
#include "kernels/cuda/telemetry.hpp"
#include "tests/cuda_emulation/nvml/emulated_node.hpp"

namespace geomsu::emulation::nvml {
namespace {

using cuda::nvml::Gpu;
using cuda::nvml::identify;
using cuda::nvml::Identity;
using cuda::nvml::Library;
using cuda::nvml::Sampling;
using cuda::nvml::TelemetrySource;
using testing::AllOf;
using testing::HasSubstr;

constexpr Sampling kAlways{.sees_every_process = true, .slow_period = std::chrono::nanoseconds(0)};

std::string why_of_init(int status) {
  const EmulatedNode node("gh200", {}, [status](YAML::Node& map) {
    map["nvml"]["faults"] = YAML::Load("[{function: nvmlInit_v2, status: " + std::to_string(status) + "}]");
  });
  const auto library = node.library();
  EXPECT_FALSE(library->available());
  EXPECT_EQ(library->driver_version(), "");
  return library->why();
}

TEST(Refusal, OfADriverThatIsNotLoaded) {
  EXPECT_THAT(why_of_init(9), AllOf(HasSubstr("nvmlInit_v2 answered NVML_ERROR_DRIVER_NOT_LOADED (9)"),
                                    HasSubstr("kernel module of the NVIDIA driver is not loaded"),
                                    HasSubstr("next: load it (`modprobe nvidia`)")));
}

TEST(Refusal, OfALibraryThatIsNotTheDrivers) {
  EXPECT_THAT(why_of_init(18),
              AllOf(HasSubstr("NVML_ERROR_LIB_RM_VERSION_MISMATCH (18)"), HasSubstr("different versions"),
                    HasSubstr("next: reboot"), HasSubstr("after a driver update")));
}

TEST(Refusal, OfAUserWithoutPermission) {
  EXPECT_THAT(why_of_init(4), AllOf(HasSubstr("NVML_ERROR_NO_PERMISSION (4)"), HasSubstr("/dev/nvidia*")));
}

TEST(Refusal, OfABlockedControlDevice) {
  EXPECT_THAT(why_of_init(17), AllOf(HasSubstr("/dev/nvidiactl"), HasSubstr("cgroup"), HasSubstr("next: ")));
}

TEST(Refusal, OfAStatusThatNobodyKnowsGivesItsNumber) {
  EXPECT_THAT(why_of_init(1234), AllOf(HasSubstr("1234"), HasSubstr("does not know"), HasSubstr("next: ")));
}

TEST(Refusal, OfALibraryThatIsNotThere) {
  const Library library("/nowhere/libnvidia-ml.so.1");
  EXPECT_FALSE(library.available());
  EXPECT_THAT(library.why(), AllOf(HasSubstr("/nowhere/libnvidia-ml.so.1"), HasSubstr("No such file"),
                                   HasSubstr("next: install the driver"), HasSubstr("capability `utility`")));
  const auto shared = std::make_shared<const Library>("/nowhere/libnvidia-ml.so.1");
  try {
    const Gpu gpu(shared, {.pci_address = "0000:01:00.0", .uuid = ""});
    FAIL();
  } catch (const plugin::Failure& failure) {
    EXPECT_EQ(failure.code(), GEOMSU_UNSUPPORTED);
    EXPECT_THAT(failure.what(), HasSubstr("NVML cannot be asked: "));
  }
}

struct Refused {
  int status;
  std::uint32_t code;
  const char* cause;
  const char* next;
};

class Handle : public testing::TestWithParam<Refused> {};

TEST_P(Handle, OfADeviceThatCannotBeHadIsAFailureWithCauseAndNextStep) {
  const EmulatedNode node("gh200", fault("nvmlDeviceGetHandleByPciBusId_v2", GetParam().status));
  try {
    const Gpu gpu = node.gpu();
    FAIL();
  } catch (const plugin::Failure& failure) {
    EXPECT_EQ(failure.code(), GetParam().code);
    EXPECT_THAT(failure.what(), AllOf(HasSubstr("nvmlDeviceGetHandleByPciBusId_v2 for 0009:01:00.0"),
                                      HasSubstr(GetParam().cause), HasSubstr("next: "), HasSubstr(GetParam().next)));
  }
}

INSTANTIATE_TEST_SUITE_P(All, Handle,
                         testing::Values(Refused{4, GEOMSU_UNSUPPORTED, "this user may not", "run as root"},
                                         Refused{6, GEOMSU_UNSUPPORTED, "no such device", "nvidia-smi -L"},
                                         Refused{8, GEOMSU_UNSUPPORTED, "power cable", "seat the board's"},
                                         Refused{10, GEOMSU_TIMEOUT, "did not answer in time", "dmesg"},
                                         Refused{11, GEOMSU_INTERNAL, "interrupt", "/proc/interrupts"},
                                         Refused{15, GEOMSU_DEVICE_LOST, "fallen off the bus", "79"},
                                         Refused{16, GEOMSU_DEVICE_LOST, "reset", "--gpu-reset"},
                                         Refused{20, GEOMSU_OUT_OF_MEMORY, "memory", "free host memory"},
                                         Refused{999, GEOMSU_INTERNAL, "internal driver error", "dmesg"}),
                         [](const auto& one) { return "Status" + std::to_string(one.param.status); });

TEST(Handle, OfAnAddressThatIsNotThereIsFoundByTheUuidOfTheRuntime) {
  const EmulatedNode node("gh200");
  Gpu known = node.gpu();
  const std::string uuid = identify(known).uuid;
  Gpu again(node.library(), {.pci_address = "0000:99:00.0", .uuid = uuid.substr(4)});
  EXPECT_EQ(identify(again).serial, "165172300871");
}

TEST(Lost, MidwayIsStickyForAllFunctions) {
  const EmulatedNode node("dgx-h100", set("lost_after", "5"));
  Gpu gpu = node.gpu();
  try {
    identify(gpu);
    FAIL();
  } catch (const plugin::Failure& failure) {
    EXPECT_EQ(failure.code(), GEOMSU_DEVICE_LOST);
    EXPECT_THAT(failure.what(), AllOf(HasSubstr("NVML_ERROR_GPU_IS_LOST (15)"), HasSubstr("0000:1b:00.0"),
                                      HasSubstr("before it is accepted")));
  }
  EXPECT_THROW(gpu.check_alive(), plugin::Failure);
}

// The words stay those of the first call that met it, though NVML would answer again.
TEST(Lost, StaysLostThoughNvmlAnswersAgain) {
  const EmulatedNode node("dgx-h100", fault("nvmlDeviceGetSerial", 15, 1, false));
  const Gpu gpu = node.gpu();
  EXPECT_THROW(gpu.text(gpu.functions().serial), plugin::Failure);
  EXPECT_THROW(gpu.text(gpu.functions().serial), plugin::Failure);
  EXPECT_THROW(gpu.number(gpu.functions().power), plugin::Failure);
}

TEST(Lost, WhenAResetIsWanted) {
  const EmulatedNode node("dgx-h100", fault("nvmlDeviceGetPowerUsage", 16));
  const Gpu gpu = node.gpu();
  EXPECT_THROW(gpu.number(gpu.functions().power), plugin::Failure);
}

struct Telling {
  const char* function;
  bool (*known)(const geomsu_telemetry& now);
  Change also = {};
};

bool is(double value) { return !std::isnan(value); }
bool is(std::uint64_t value) { return value != GEOMSU_UNKNOWN; }

geomsu_telemetry read(const Change& change) {
  const EmulatedNode node("dgx-h100", change);
  TelemetrySource source(node.library(), node.place(), kAlways);
  geomsu_telemetry to{};
  source.read(to);
  return to;
}

const std::vector<Telling> kTelemetry{
    {"nvmlDeviceGetPowerUsage", [](const auto& t) { return is(t.power_w); }},
    {"nvmlDeviceGetTotalEnergyConsumption", [](const auto& t) { return is(t.energy_j); }},
    {"nvmlDeviceGetTemperature", [](const auto& t) { return is(t.temperature_c); }},
    {"nvmlDeviceGetFieldValues", [](const auto& t) { return is(t.memory_temperature_c); }},
    {"nvmlDeviceGetClockInfo", [](const auto& t) { return is(t.clock_mhz) || is(t.memory_clock_mhz); }},
    {"nvmlDeviceGetMemoryInfo", [](const auto& t) { return is(t.memory_used_bytes); }},
    {"nvmlDeviceGetComputeRunningProcesses_v3", [](const auto& t) { return is(t.foreign_load); }},
    {"nvmlDeviceGetCurrentClocksEventReasons", [](const auto& t) { return is(t.throttle); }},
    {"nvmlDeviceGetTotalEccErrors", [](const auto& t) { return is(t.ecc_corrected) || is(t.ecc_uncorrected); }},
};

TEST(Unknown, IsATelemetryFieldWhoseFunctionDoesNotAnswer) {
  const geomsu_telemetry all = read({});
  for (const auto& [function, known, also] : kTelemetry) {
    EXPECT_TRUE(known(all)) << function;
    for (const int status : {3, 4, 13, 999}) EXPECT_FALSE(known(read(fault(function, status)))) << function << status;
  }
}

TEST(Unknown, AreCountersWithoutAnySource) {
  const auto none = [](std::initializer_list<const char*> functions) {
    Change all = [](YAML::Node&) {};
    for (const char* function : functions) all = both(all, fault(function, 3));
    return all;
  };
  EXPECT_EQ(
      read(none({"nvmlDeviceGetPcieReplayCounter", "nvmlDeviceGetFieldValues", "nvmlDeviceGetNvLinkErrorCounter"}))
          .link_replays,
      GEOMSU_UNKNOWN);
  EXPECT_EQ(read(none({"nvmlDeviceRegisterEvents", "nvmlDeviceGetRemappedRows"})).fault_events, GEOMSU_UNKNOWN);
  EXPECT_EQ(read(none({"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetViolationStatus"})).throttle_events,
            GEOMSU_UNKNOWN);
}

struct Fact {
  const char* function;
  bool (*known)(const Identity& id);
};

const std::vector<Fact> kFacts{
    {"nvmlDeviceGetName", [](const auto& id) { return !id.name.empty(); }},
    {"nvmlDeviceGetUUID", [](const auto& id) { return !id.uuid.empty(); }},
    {"nvmlDeviceGetSerial", [](const auto& id) { return !id.serial.empty(); }},
    {"nvmlDeviceGetBoardPartNumber", [](const auto& id) { return !id.part_number.empty(); }},
    {"nvmlDeviceGetVbiosVersion", [](const auto& id) { return !id.vbios.empty(); }},
    {"nvmlDeviceGetInforomImageVersion", [](const auto& id) { return !id.inforom.empty(); }},
    {"nvmlDeviceGetBrand", [](const auto& id) { return !id.brand.empty(); }},
    {"nvmlDeviceGetArchitecture", [](const auto& id) { return !id.architecture.empty(); }},
    {"nvmlDeviceGetNumaNodeId", [](const auto& id) { return id.numa_node.has_value(); }},
    {"nvmlDeviceGetComputeMode", [](const auto& id) { return id.compute_mode.has_value(); }},
    {"nvmlDeviceGetPersistenceMode", [](const auto& id) { return id.persistence.has_value(); }},
    {"nvmlDeviceGetMemoryInfo", [](const auto& id) { return id.memory_bytes.has_value(); }},
    {"nvmlDeviceGetEccMode", [](const auto& id) { return id.ecc_current || id.ecc_pending; }},
    {"nvmlDeviceGetCurrPcieLinkGeneration", [](const auto& id) { return id.pcie_generation.has_value(); }},
    {"nvmlDeviceGetMaxPcieLinkGeneration", [](const auto& id) { return id.pcie_max_generation.has_value(); }},
    {"nvmlDeviceGetGpuMaxPcieLinkGeneration", [](const auto& id) { return id.pcie_gpu_generation.has_value(); }},
    {"nvmlDeviceGetCurrPcieLinkWidth", [](const auto& id) { return id.pcie_width.has_value(); }},
    {"nvmlDeviceGetMaxPcieLinkWidth", [](const auto& id) { return id.pcie_max_width.has_value(); }},
    {"nvmlDeviceGetPowerManagementLimit", [](const auto& id) { return id.power_limit_w.has_value(); }},
    {"nvmlDeviceGetPowerManagementDefaultLimit", [](const auto& id) { return id.power_default_limit_w.has_value(); }},
    {"nvmlDeviceGetEnforcedPowerLimit", [](const auto& id) { return id.power_enforced_limit_w.has_value(); }},
    {"nvmlDeviceGetPowerManagementLimitConstraints",
     [](const auto& id) { return id.power_min_limit_w || id.power_max_limit_w; }},
    {"nvmlDeviceGetMaxClockInfo", [](const auto& id) { return id.clock_max_sm_mhz || id.clock_max_memory_mhz; }},
    {"nvmlDeviceGetApplicationsClock", [](const auto& id) { return id.application_sm_mhz.has_value(); }},
    {"nvmlDeviceGetDefaultApplicationsClock", [](const auto& id) { return id.default_application_sm_mhz.has_value(); }},
    {"nvmlDeviceGetCurrentClocksEventReasons", [](const auto& id) { return id.clock_reasons.has_value(); }},
    {"nvmlDeviceGetMigMode", [](const auto& id) { return id.mig_enabled || id.mig_pending; }},
    {"nvmlDeviceGetRetiredPagesPendingStatus", [](const auto& id) { return id.retired_pending.has_value(); }},
    {"nvmlDeviceGetRetiredPages", [](const auto& id) { return id.retired_single_bit || id.retired_double_bit; }},
    {"nvmlDeviceGetRemappedRows", [](const auto& id) { return id.remapped_corrected || id.remap_failed; }},
    {"nvmlDeviceGetTotalEccErrors", [](const auto& id) { return id.ecc_corrected || id.ecc_uncorrected; }},
    {"nvmlDeviceGetNvLinkState", [](const auto& id) { return !id.links.empty(); }},
};

Identity identity(const Change& change) {
  const auto all = both(both(set("numa_node", "0"), set("retired_pending", "0")),
                        both(set("retired_single_bit", "0"), set("retired_double_bit", "0")));
  const EmulatedNode node("dgx-h100", change ? both(all, change) : all);
  Gpu gpu = node.gpu();
  return identify(gpu);
}

TEST(Unknown, IsAFactWhoseFunctionDoesNotAnswer) {
  const Identity all = identity({});
  for (const auto& [function, known] : kFacts) {
    EXPECT_TRUE(known(all)) << function;
    for (const int status : {3, 13}) {
      const Identity id = identity(fault(function, status));
      EXPECT_FALSE(known(id)) << function << " " << status;
      EXPECT_EQ(id.unanswered.at(function), status);
    }
  }
}

TEST(Unknown, AreOtherProcessesThatCannotBeListed) {
  const Identity id = identity(
      both(fault("nvmlDeviceGetComputeRunningProcesses_v3", 3), fault("nvmlDeviceGetGraphicsRunningProcesses_v3", 3)));
  EXPECT_FALSE(id.others);
}

TEST(Unknown, IsNearlyAllOfADriverThatHasNearlyNothing) {
  const EmulatedNode node("dgx-h100", {}, {}, GEOMSU_EMULATED_NVML_SMALL);
  Gpu gpu = node.gpu();
  const Identity id = identify(gpu);
  EXPECT_FALSE(id.uuid.empty());
  EXPECT_EQ(id.name, "");
  EXPECT_EQ(id.driver, "");
  EXPECT_FALSE(id.others);
  EXPECT_FALSE(id.link_count);
  EXPECT_FALSE(id.fabric);
  EXPECT_EQ(id.unanswered.at("nvmlDeviceGetSerial"), cuda::nvml::kFunctionNotFound);
  TelemetrySource source(node.library(), node.place(), kAlways);
  geomsu_telemetry now{};
  source.read(now);
  for (const double value : {now.power_w, now.energy_j, now.temperature_c, now.memory_temperature_c, now.clock_mhz,
                             now.memory_clock_mhz, now.memory_used_bytes, now.foreign_load})
    EXPECT_TRUE(std::isnan(value));
  for (const std::uint64_t count :
       {now.throttle, now.throttle_events, now.ecc_corrected, now.ecc_uncorrected, now.link_replays, now.fault_events})
    EXPECT_EQ(count, GEOMSU_UNKNOWN);
}

TEST(Library, IsShutDownAsOftenAsItWasStarted) {
  const EmulatedNode node("gh200");
  const auto first = node.library();
  {
    const auto second = node.library();
    EXPECT_EQ(second->driver_version(), "580.95.05");
  }
  EXPECT_EQ(first->driver_version(), "580.95.05");  // the other's end did not end ours
}

}  // namespace
}  // namespace geomsu::emulation::nvml
