#include "kernels/cuda/identity.hpp"

#include <cstdlib>

#include <gmock/gmock.h>

#include "harness/abi/plugin_table.hpp"
#include "kernels/cuda/describe.hpp"
#include "tests/cuda_emulation/nvml/emulated_node.hpp"

namespace geomsu::emulation::nvml {
namespace {

using cuda::Description;
using cuda::Facts;
using cuda::nvml::Gpu;
using cuda::nvml::identify;
using cuda::nvml::Identity;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

Identity identity_of(const EmulatedNode& node, std::size_t ordinal = 0) {
  Gpu gpu(node.library(), node.place(ordinal));
  return identify(gpu);
}

Facts facts_of(const EmulatedNode& node, const std::string& uuid = {}) {
  Facts facts;
  facts.name = "EMULATED (CPU)";
  facts.major = 9;
  facts.multiprocessors = 132;
  facts.memory_bytes = 1ULL << 30U;
  facts.pci_address = node.place().pci_address;
  facts.uuid = uuid;
  return facts;
}

geomsu_description put(const Description& description) {
  geomsu_description to{};
  to.struct_size = sizeof to;
  description.put(to);
  return to;
}

TEST(Identity, OfAnH100IsAsItsNodeSays) {
  const EmulatedNode node("dgx-h100");
  const Identity id = identity_of(node, 3);
  EXPECT_EQ(id.name, "EMULATED (CPU) NVIDIA H100 80GB HBM3");
  EXPECT_THAT(id.uuid, StartsWith("GPU-"));
  EXPECT_EQ(id.uuid.size(), 40U);
  EXPECT_EQ(id.serial, "1654023001123");
  EXPECT_EQ(id.part_number, "692-2G520-0200-000");
  EXPECT_EQ(id.vbios, "96.00.74.00.1A");
  EXPECT_EQ(id.inforom, "G520.0200.00.05");
  EXPECT_EQ(id.driver, "580.95.05");
  EXPECT_EQ(id.brand, "NVIDIA");
  EXPECT_EQ(id.architecture, "Hopper");
  EXPECT_EQ(id.memory_bytes, 85899345920U);
  EXPECT_EQ(id.pcie_generation, 5U);
  EXPECT_EQ(id.pcie_max_width, 16U);
  EXPECT_EQ(id.power_limit_w, 700.0);
  EXPECT_EQ(id.power_min_limit_w, 200.0);
  EXPECT_EQ(id.clock_max_sm_mhz, 1980U);
  EXPECT_EQ(id.clock_max_memory_mhz, 2619U);
  EXPECT_EQ(id.ecc_current, true);
  EXPECT_EQ(id.persistence, true);
  EXPECT_EQ(id.mig_enabled, false);
  EXPECT_EQ(id.compute_mode, 0U);
  EXPECT_EQ(id.remapped_uncorrected, 0U);
  EXPECT_EQ(id.retired_single_bit, std::nullopt);  // rows are remapped instead
  EXPECT_EQ(id.numa_node, std::nullopt);
  EXPECT_TRUE(id.others && id.others->empty());
}

TEST(Identity, OfAnH100HasItsNvlinksAndItsFabric) {
  const EmulatedNode node("dgx-h100");
  const Identity id = identity_of(node);
  ASSERT_EQ(id.link_count, 18U);
  ASSERT_EQ(id.links.size(), 18U);
  EXPECT_TRUE(id.links[17].active);
  EXPECT_EQ(id.links[17].version, 6U);
  EXPECT_EQ(id.links[17].mbps, 26562U);
  EXPECT_EQ(id.links[5].remote, "switch 00000000:08:00.0");
  ASSERT_TRUE(id.fabric);
  EXPECT_EQ(id.fabric->state, cuda::nvml::kFabricCompleted);
  EXPECT_EQ(id.fabric->cluster, "00000000-0000-0000-0000-000000000001");
}

TEST(Identity, OfEachNodeIsItsOwn) {
  const EmulatedNode b200("dgx-b200"), a4000("a4000-workstation"), gh200("gh200");
  EXPECT_EQ(identity_of(b200, 7).architecture, "Blackwell");
  EXPECT_EQ(identity_of(b200, 7).links.size(), 18U);
  EXPECT_EQ(identity_of(b200).power_limit_w, 1000.0);
  const Identity small = identity_of(a4000);
  EXPECT_EQ(small.brand, "NVIDIA RTX");
  EXPECT_EQ(small.link_count, std::nullopt);
  EXPECT_EQ(small.mig_enabled, std::nullopt);
  EXPECT_FALSE(small.fabric);
  ASSERT_EQ(small.others->size(), 1U);
  EXPECT_EQ(small.others->front().name, "/usr/lib/xorg/Xorg");
  EXPECT_EQ(small.others->front().memory_bytes, 62914560U);
  const Identity grace = identity_of(gh200);
  EXPECT_EQ(grace.numa_node, 1U);
  EXPECT_EQ(grace.link_count, 0U);
  EXPECT_EQ(grace.power_max_limit_w, 900.0);
}

TEST(Identity, OfEveryDeviceOfANodeDiffers) {
  const EmulatedNode node("dgx-h100");
  EXPECT_NE(identity_of(node, 0).uuid, identity_of(node, 1).uuid);
  EXPECT_NE(identity_of(node, 0).serial, identity_of(node, 1).serial);
}

TEST(Identity, TakesTheOldFabricFunctionWhereTheNewOneIsNotThere) {
  const EmulatedNode node("dgx-h100", fault("nvmlDeviceGetGpuFabricInfoV", 13));
  const Identity id = identity_of(node);
  ASSERT_TRUE(id.fabric);
  EXPECT_EQ(id.fabric->state, cuda::nvml::kFabricCompleted);
  EXPECT_EQ(id.fabric->health, std::nullopt);
}

TEST(Identity, CountsTheLinksThatAnswerWhereNoFieldHasTheirNumber) {
  const EmulatedNode node("dgx-h100", fault("nvmlDeviceGetFieldValues", 3));
  const Identity id = identity_of(node);
  EXPECT_EQ(id.link_count, 18U);
  EXPECT_EQ(id.links[0].mbps, std::nullopt);
}

constexpr const char* kMig =
    "{enabled: true, instances: ["
    "{uuid: MIG-11111111-2222-3333-4444-555555555555, gpu_instance: 1, compute_instance: 0, multiprocessors: 60, "
    "memory: 42949672960, memory_used: 1048576},"
    "{uuid: MIG-aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, gpu_instance: 9, compute_instance: 0, multiprocessors: 16, "
    "memory: 10334765056}]}";

TEST(Mig, AnInstanceIsDescribedAsTheSliceThatItIs) {
  const EmulatedNode node("dgx-h100", set("mig", kMig));
  const Description description(facts_of(node, "MIG-AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee"), node.library());
  EXPECT_EQ(description.partition(),
            "MIG instance MIG-aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, GPU instance 9, compute instance 0, "
            "16 multiprocessors, 9856 MiB");
  EXPECT_EQ(description.uuid(), "MIG-aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");
  const geomsu_description to = put(description);
  EXPECT_STREQ(to.serial, "1654023001120");
  EXPECT_EQ(to.memory_bytes, 1ULL << 30U);  // as the runtime says: NVML's is the whole GPU's
}

TEST(Mig, SeveralInstancesWithoutAUuidAreNotGuessedAmong) {
  const EmulatedNode node("dgx-h100", set("mig", kMig));
  const Description description(facts_of(node), node.library());
  EXPECT_EQ(description.partition(), "a MIG instance, one of 2; which one cannot be said");
}

TEST(Description, HandsOutFactsAndFindings) {
  const EmulatedNode node("a4000-workstation");
  const Description description(facts_of(node), node.library());
  const geomsu_description to = put(description);
  EXPECT_STREQ(to.name, "EMULATED (CPU)");
  EXPECT_STREQ(to.vendor, "NVIDIA");
  EXPECT_STREQ(to.serial, "1324421077215");
  EXPECT_STREQ(to.driver, "580.95.05");
  EXPECT_STREQ(to.firmware, "94.04.5C.00.02");
  EXPECT_STREQ(to.pci_address, "0000:65:00.0");
  EXPECT_EQ(to.partition, nullptr);
  EXPECT_EQ(to.memory_bytes, 17179869184U);
  EXPECT_EQ(to.pcie_generation, 1U);
  EXPECT_EQ(to.pcie_width, 16U);
  const auto& list = description.attributes();
  EXPECT_THAT(list, Contains(Pair("part_number", "900-5G190-2200-000")));
  EXPECT_THAT(list, Contains(Pair("pcie.max_generation", "4")));
  EXPECT_THAT(list, Contains(Pair("power.default_limit_w", "140")));
  EXPECT_THAT(list, Contains(Pair("ecc.mode", "off")));
  EXPECT_THAT(list, Contains(Pair("persistence", "off")));
  EXPECT_THAT(list, Contains(Pair("compute_mode", "default")));
  EXPECT_THAT(list, Contains(Pair("compute_capability", "9.0")));
  EXPECT_THAT(list, Contains(Pair("multiprocessors", "132")));
  EXPECT_THAT(list, Contains(Pair("clock.max_sm_mhz", "2100")));
  EXPECT_THAT(list, Not(Contains(Pair("nvlink.links", testing::_))));
  EXPECT_THAT(list, Contains(Pair("finding.ecc_off", HasSubstr("ECC is off (GPU 0000:65:00.0)"))));
  EXPECT_THAT(list, Contains(Pair("nvml.unanswered", HasSubstr("nvmlDeviceGetMigMode: NVML_ERROR_NOT_SUPPORTED"))));
  EXPECT_THAT(list, Contains(Pair("telemetry.absent", HasSubstr("memory temperature"))));
  ASSERT_EQ(to.attribute_count, list.size());
  EXPECT_EQ(to.attributes[0].key, list[0].first.c_str());
}

TEST(Description, OfAnH100NamesItsLinks) {
  const EmulatedNode node("dgx-h100");
  const Description description(facts_of(node), node.library());
  EXPECT_THAT(description.attributes(), Contains(Pair("nvlink.links", "18")));
  EXPECT_THAT(description.attributes(), Contains(Pair("nvlink.active", "18")));
  EXPECT_THAT(description.attributes(), Contains(Pair("nvlink.version", "4.0")));
  EXPECT_THAT(description.attributes(), Contains(Pair("nvlink.mb_per_s", "26562")));
  EXPECT_THAT(description.attributes(), Contains(Pair("nvlink.remotes", HasSubstr("17: switch 00000000:08:00.0"))));
  EXPECT_THAT(description.attributes(), Contains(Pair("fabric.state", "completed")));
  EXPECT_THAT(description.attributes(), Contains(Pair("mig.mode", "off")));
}

TEST(Description, WithoutNvmlIsTheRuntimesAndSaysWhatIsMissing) {
  const EmulatedNode node("dgx-h100", {}, [](YAML::Node& map) {
    map["nvml"]["faults"] = YAML::Load("[{function: nvmlInit_v2, status: 9}]");
  });
  const Description description(facts_of(node, "GPU-1"), node.library());
  const geomsu_description to = put(description);
  EXPECT_STREQ(to.uuid, "GPU-1");
  EXPECT_EQ(to.serial, nullptr);
  EXPECT_EQ(to.driver, nullptr);
  EXPECT_EQ(to.memory_bytes, 1ULL << 30U);
  EXPECT_EQ(to.pcie_generation, GEOMSU_UNKNOWN);
  EXPECT_EQ(to.pcie_width, GEOMSU_UNKNOWN);
  EXPECT_THAT(description.attributes(),
              Contains(Pair("finding.nvml", testing::AllOf(HasSubstr("DRIVER_NOT_LOADED"), HasSubstr("modprobe nvidia"),
                                                           HasSubstr("serial, power")))));
}

// The real name, first on the loader's path: a process of its own, since the path is read when a process starts.
TEST(Library, IsFoundByItsSonameOnTheLoadersPath) {
  if (std::getenv("GEOMSU_EMULATED_PATH_CHILD") != nullptr) {
    const cuda::nvml::Library library;
    ASSERT_EQ(library.why(), "");
    EXPECT_EQ(library.driver_version(), "111.22");
    return;
  }
  const EmulatedNode node("gh200", {}, [](YAML::Node& map) { map["nvml"]["driver_version"] = "111.22"; });
  const std::filesystem::path links = node.folder() / "links";
  std::filesystem::create_directory(links);
  std::filesystem::create_symlink(GEOMSU_EMULATED_NVML, links / "libnvidia-ml.so.1");
  std::filesystem::copy_file(node.folder() / "node.yaml", links / "node.yaml");
  std::filesystem::copy_file(node.folder() / "emulation.yaml", links / "emulation.yaml");
  const std::string command = "GEOMSU_EMULATED_PATH_CHILD=1 LD_LIBRARY_PATH='" + links.string() + "' '" +
                              std::filesystem::read_symlink("/proc/self/exe").string() +
                              "' --gtest_filter=Library.IsFoundByItsSonameOnTheLoadersPath >/dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace geomsu::emulation::nvml
