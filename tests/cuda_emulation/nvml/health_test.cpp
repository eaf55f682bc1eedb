#include "kernels/cuda/health.hpp"

#include <ostream>

#include <gmock/gmock.h>

#include "tests/cuda_emulation/nvml/emulated_node.hpp"

namespace geomsu::emulation::nvml {
namespace {

using cuda::nvml::Finding;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<Finding> found(const std::string& node, const Change& change = {}, const Change& whole = {}) {
  const EmulatedNode emulated(node, change, whole);
  cuda::nvml::Gpu gpu = emulated.gpu();
  return cuda::nvml::findings(cuda::nvml::identify(gpu), emulated.place().pci_address);
}

std::vector<std::string> codes(const std::vector<Finding>& list) {
  std::vector<std::string> out;
  for (const Finding& finding : list) out.push_back(finding.code);
  return out;
}

TEST(Health, OfMachinesAsTheyAreDeliveredHasNothingToSay) {
  EXPECT_THAT(codes(found("dgx-h100")), ElementsAre());
  EXPECT_THAT(codes(found("dgx-b200")), ElementsAre());
  EXPECT_THAT(codes(found("gh200")), ElementsAre());
}

TEST(Health, OfAWorkstationIsWhatAWorkstationIs) {
  EXPECT_THAT(codes(found("a4000-workstation")),
              ElementsAre("pcie_generation", "ecc_off", "persistence_off", "other_processes"));
}

struct Case {
  const char* name;
  Change change;
  const char* code;
  const char* what;
  const char* next;
};

void PrintTo(const Case& one, std::ostream* to) { *to << one.name; }

class Finds : public testing::TestWithParam<Case> {};

// One change to an H100 that has nothing to say: one finding, which names the device, the cause and what to do.
TEST_P(Finds, OneThingWithItsCauseAndWhatNext) {
  const auto list = found("dgx-h100", GetParam().change);
  ASSERT_THAT(codes(list), ElementsAre(GetParam().code));
  EXPECT_THAT(list[0].words,
              AllOf(HasSubstr(GetParam().what), HasSubstr(GetParam().next), HasSubstr("(GPU 0000:1b:00.0): ")));
}

const std::vector<Case> kCases{
    {"link_generation", set("pcie_generation", "3"), "pcie_generation", "generation 3 of 5", "may rise under load"},
    {"slot", both(set("pcie_max_generation", "4"), set("pcie_generation", "4")), "pcie_slot",
     "the slot allows PCIe generation 4, the GPU 5", "another slot"},
    {"link_width", set("pcie_width", "8"), "pcie_width", "8 of 16 lanes", "seat the board anew"},
    {"ecc_off", both(set("ecc_mode", "0"), set("ecc_pending", "0")), "ecc_off", "ECC is off", "nvidia-smi -e 1"},
    {"ecc_pending", set("ecc_pending", "0"), "ecc_pending", "ECC is on and will be off", "restart the machine"},
    {"ecc_uncorrected", set("ecc_uncorrected", "2"), "ecc_uncorrected", "2 uncorrected errors", "ask the maker"},
    {"remapped", set("remapped_corrected", "4"), "remapped_rows", "4 memory rows are remapped", "maker's limit"},
    {"remap_pending", set("remap_pending", "1"), "remap_pending", "waits to be remapped", "--gpu-reset"},
    {"remap_failed", set("remap_failed", "1"), "remap_failed", "remapping of a memory row failed", "exchanged"},
    {"retired", both(set("retired_single_bit", "3"), set("retired_double_bit", "1")), "retired_pages",
     "4 memory pages are retired", "maker's limit"},
    {"retired_pending", set("retired_pending", "1"), "retired_pending", "wait to be retired", "restart the machine"},
    {"inforom", fault("nvmlDeviceValidateInforom", 14), "inforom", "InfoROM is corrupted", "exchange"},
    {"power_limit", both(set("power_limit_mw", "350000"), set("power_enforced_limit_mw", "350000")), "power_limit",
     "power limit is 350 W, the part's default 700 W", "nvidia-smi -pl 700"},
    {"power_enforced", set("power_enforced_limit_mw", "500000"), "power_enforced", "enforces 500 W", "BMC"},
    {"application_clocks", set("application_sm_mhz", "1200"), "application_clocks", "1200 MHz", "nvidia-smi -rac"},
    {"application_clocks_below_max",
     both(set("clock_reasons", "3"),
          both(set("application_sm_mhz", "1200"), set("default_application_sm_mhz", "1200"))),
     "application_clocks", "below its 1980", "nvidia-smi -rac"},
    {"throttled_idle", set("clock_reasons", "0x41"), "throttled_idle", "HW thermal slowdown", "check cooling"},
    {"persistence", set("persistence", "0"), "persistence_off", "persistence mode is off", "nvidia-persistenced"},
    {"nvlink", set("nvlink_down", "[7]"), "nvlink_down", "17 of 18 NVLinks are active (down: 7)", "nvlink -s"},
    {"fabric_not_started", set("fabric", "{state: 1}"), "fabric", "registration not started", "nvidia-fabricmanager"},
    {"fabric_failed", set("fabric", "{state: 3, status: 999}"), "fabric", "NVML_ERROR_UNKNOWN",
     "log of nvidia-fabricmanager"},
    {"fabric_degraded", set("fabric", "{state: 3, health: 0xA9}"), "fabric_health", "bandwidth is degraded",
     "log of nvidia-fabricmanager"},
    {"others", set("processes", "[{own: true}, {pid: 4711, name: python3, memory: 1073741824}]"), "other_processes",
     "4711 python3 (1024 MiB)", "drained"},
    {"mig",
     set("mig",
         "{enabled: true, instances: [{uuid: MIG-7, gpu_instance: 1, compute_instance: 0, "
         "multiprocessors: 16, memory: 1000000}]}"),
     "mig", "a slice, not the GPU (MIG-7)", "contract the slice"},
    {"mig_pending", set("mig", "{enabled: false, pending: true}"), "mig_pending", "MIG will be on", "reset the GPU"},
};

INSTANTIATE_TEST_SUITE_P(All, Finds, testing::ValuesIn(kCases),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Health, SevenOfEightLinksAreOneTooFew) {
  const auto list = found("dgx-h100", both(set("nvlinks", "8"), set("nvlink_down", "[0]")));
  ASSERT_THAT(codes(list), ElementsAre("nvlink_down"));
  EXPECT_THAT(list[0].words, HasSubstr("7 of 8 NVLinks are active (down: 0)"));
  EXPECT_THAT(list[0].words, HasSubstr("XID 74"));
}

TEST(Health, NoLinkAtAllMayBeABridgeThatWasNotBought) {
  const auto list = found("dgx-h100", both(set("nvlinks", "2"), set("nvlink_down", "[0, 1]")));
  ASSERT_THAT(codes(list), ElementsAre("nvlink_down"));
  EXPECT_THAT(list[0].words, HasSubstr("right for a board without a bridge"));
}

TEST(Health, ComputeModesOtherThanTheDefaultAreSaid) {
  const auto mode = [](const char* word) {
    return found("gh200", {}, [word](YAML::Node& map) { map["devices"][0]["compute_mode"] = word; });
  };
  const auto prohibited = mode("prohibited"), exclusive = mode("exclusive_process");
  ASSERT_THAT(codes(prohibited), ElementsAre("compute_mode"));
  EXPECT_THAT(prohibited[0].words, AllOf(HasSubstr("prohibited"), HasSubstr("nvidia-smi -c 0")));
  ASSERT_THAT(codes(exclusive), ElementsAre("compute_mode"));
  EXPECT_THAT(exclusive[0].words, HasSubstr("a second rank is refused"));
}

TEST(Health, WhatIsUnknownIsNoFinding) {
  const auto nothing = [](YAML::Node& nvml) { nvml = YAML::Load("{serial: x}"); };
  EXPECT_THAT(codes(found("dgx-h100", {},
                          [&](YAML::Node& map) {
                            YAML::Node nvml;
                            nothing(nvml);
                            map["devices"][0]["nvml"] = nvml;
                          })),
              ElementsAre());
}

TEST(Health, AnXidIsNamedWithItsMeaning) {
  const Finding known = cuda::nvml::xid_finding(79, "0000:1b:00.0");
  EXPECT_EQ(known.code, "xid");
  EXPECT_THAT(known.words, AllOf(HasSubstr("XID 79 (GPU 0000:1b:00.0)"), HasSubstr("fallen off the bus"),
                                 HasSubstr("next: check power")));
  EXPECT_THAT(cuda::nvml::xid_finding(12345, "x").words, HasSubstr("NVIDIA's list of XIDs"));
}

TEST(Health, ReasonsAreNamed) {
  EXPECT_EQ(cuda::nvml::reason_names(0), "none");
  EXPECT_EQ(cuda::nvml::reason_names(0x5), "idle, SW power cap");
  EXPECT_EQ(cuda::nvml::reason_names(0x1000), "another (bits 4096)");
}

}  // namespace
}  // namespace geomsu::emulation::nvml
