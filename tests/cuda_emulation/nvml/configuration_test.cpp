// The emulation itself: what it refuses to read.
#include <fstream>

#include <gmock/gmock.h>

#include "tests/cuda_emulation/nvml/emulated_node.hpp"
#include "tests/cuda_emulation/nvml/facts.hpp"

namespace geomsu::emulation::nvml {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

std::string refusal(const Change& change, const Change& whole = {}) {
  const EmulatedNode node("gh200", change, whole);
  try {
    read_facts(read_configuration(node.folder().string()));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "nothing";
}

TEST(Facts, OfAllNodesAreRead) {
  for (const char* name : {"dgx-h100", "dgx-b200", "a4000-workstation", "gh200"}) {
    const EmulatedNode node(name);
    const NvmlFacts facts = read_facts(read_configuration(node.folder().string()));
    EXPECT_FALSE(facts.devices.empty());
    EXPECT_GT(facts.devices.front().numbers.size(), 30U) << name;
    EXPECT_EQ(facts.devices.front().texts.size(), 4U) << name;
  }
}

TEST(Facts, ThatNobodyKnowsAreRefusedWithTheirLine) {
  EXPECT_THAT(refusal(set("power_w", "7")),
              AllOf(ContainsRegex("node.yaml:[0-9]+: "), HasSubstr("unknown key 'power_w' under 'nvml'")));
  EXPECT_THAT(refusal({}, [](YAML::Node& map) { map["nvml"]["driver"] = 1; }), HasSubstr("unknown key 'driver'"));
  EXPECT_THAT(refusal(set("mig", "{enabled: true, slices: 2}")), HasSubstr("unknown key 'slices'"));
  EXPECT_THAT(refusal(set("energy_mj", "{start: 0, grows: 2}")), HasSubstr("unknown key 'grows'"));
}

TEST(Facts, ThatDoNotReadAreRefused) {
  EXPECT_THAT(refusal(set("power_mw", "much")), HasSubstr("a number is wanted here"));
  EXPECT_THAT(refusal(set("energy_mj", "{steps: [{value: 2}]}")), HasSubstr("'after_reads' or 'at_s'"));
  EXPECT_THAT(refusal(set("processes", "[{name: x}]")), HasSubstr("a 'pid' or is our 'own'"));
  EXPECT_THAT(refusal(set("xids", "[{xid: 4}]")), HasSubstr("'after_reads' or 'at_s'"));
  EXPECT_THAT(refusal(set("nvlink_to", "moon")), HasSubstr("switch or gpu"));
  EXPECT_THAT(refusal(set("nvlink_down", "x")), HasSubstr("'nvlink_down' does not read"));
  EXPECT_THAT(refusal(fault("cudaMalloc", 2)), HasSubstr("a name of NVML"));
  EXPECT_THAT(refusal(fault("nvmlInit_v2", 0)), HasSubstr("status' 0 is no fault"));
}

TEST(FactsDeathTest, ThatAreMissingEndTheProcessInWords) {
  const EmulatedNode node("gh200");
  std::filesystem::remove(node.folder() / "emulation.yaml");
  EXPECT_DEATH(node.library(), "CUDA emulation: NVML: .*emulation.yaml.*next: put an emulation.yaml");
}

TEST(Start, IsWantedBeforeAnythingIsAnswered) {
  const EmulatedNode node("gh200");
  const auto library = node.library();
  const auto gpu = node.gpu();
  const auto& f = library->functions();
  while (f.shutdown() == cuda::nvml::kSuccess) {
  }
  unsigned milliwatts = 0;
  EXPECT_EQ(f.power(gpu.handle(), &milliwatts), cuda::nvml::kUninitialized);
  EXPECT_EQ(library->driver_version(), "");
}

TEST(Faults, OfTheProcessAreTakenByNameCallAndDevice) {
  const EmulatedNode node("dgx-h100");
  YAML::Node map = YAML::LoadFile((node.folder() / "emulation.yaml").string());
  map["faults"] = YAML::Load(
      "[{function: cudaMalloc, call: 1, status: 2}, {function: nvmlDeviceGetPowerUsage, call: 2, status: 999, device: "
      "1}]");
  std::ofstream(node.folder() / "emulation.yaml") << map;
  const auto zero = node.gpu(0), one = node.gpu(1);
  const auto& power = zero.functions().power;
  EXPECT_EQ(zero.number(power), 118000U);
  EXPECT_EQ(zero.number(power), 118000U);
  EXPECT_EQ(one.number(power), 118000U);
  EXPECT_EQ(one.number(power), std::nullopt);
  EXPECT_EQ(one.number(power), 118000U);
}

}  // namespace
}  // namespace geomsu::emulation::nvml
