#include "harness/model/plan.hpp"

#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "harness/model/trial.hpp"

namespace geomsu {
namespace {

PlannedTrial trial(std::uint32_t blocks, std::int64_t block_ns, std::int64_t warmup_ns) {
  PlannedTrial result;
  result.units = {{"node", "a"}, {"node", "b"}};
  result.blocks = blocks;
  result.block_min_ns = block_ns;
  result.warmup_ns = warmup_ns;
  return result;
}

TEST(PlanExpectedTime, AddsSoakWarmupsAndBlocksAndCountsSimultaneousUnitsOnce) {
  Plan plan;
  EXPECT_EQ(plan.expected_ns(), 0);
  plan.soak_ns = 7;
  plan.trials = {trial(30, 500, 1000), trial(5, 10, 0)};
  EXPECT_EQ(plan.expected_ns(), 7 + 30 * 500 + 1000 + 5 * 10);
}

TEST(PlanExpectedTime, StaysAtTheTopInsteadOfWrapping) {
  Plan plan;
  plan.soak_ns = 1;
  plan.trials = {trial(std::numeric_limits<std::uint32_t>::max(), std::numeric_limits<std::int64_t>::max() / 2, 0),
                 trial(1, 1, 1)};
  EXPECT_EQ(plan.expected_ns(), std::numeric_limits<std::int64_t>::max());
}

DeviceInfo device() {
  return {.backend = "cpu",
          .name = "part",
          .vendor = "maker",
          .uuid = "u-1",
          .serial = "s-1",
          .pci_address = {},
          .driver = {},
          .firmware = "1.0",
          .partition = {},
          .memory_bytes = 1u << 30,
          .pcie_generation = {},
          .pcie_width = {},
          .attributes = {}};
}

TEST(SamePart, LooksAtWhatNamesThePartAlone) {
  const DeviceInfo before = device();
  DeviceInfo after = device();
  after.name += "x";
  after.driver.emplace("2");
  after.index = 3;
  after.attributes.emplace("clock", "1");
  EXPECT_TRUE(before.same_part(after));
}

TEST(SamePart, SeesEachOfUuidSerialFirmwareMemoryAndPartition) {
  const DeviceInfo before = device();
  const auto changed = [&](auto change) {
    DeviceInfo after = device();
    change(after);
    return !before.same_part(after) && !after.same_part(before);
  };
  EXPECT_TRUE(changed([](DeviceInfo& d) { d.uuid += "x"; }));
  EXPECT_TRUE(changed([](DeviceInfo& d) { *d.serial += "x"; }));
  EXPECT_TRUE(changed([](DeviceInfo& d) { d.serial.reset(); }));
  EXPECT_TRUE(changed([](DeviceInfo& d) { *d.firmware += "x"; }));
  EXPECT_TRUE(changed([](DeviceInfo& d) { d.memory_bytes = 1u << 29; }));
  EXPECT_TRUE(changed([](DeviceInfo& d) { d.memory_bytes.reset(); }));
  EXPECT_TRUE(changed([](DeviceInfo& d) { d.partition.emplace("mig-1"); }));
}

TEST(UnitId, IsTheSerialWhereThereIsOne) {
  EXPECT_EQ(device().unit_id(), "s-1");
  DeviceInfo info;
  info.uuid += "u-1";
  EXPECT_EQ(info.unit_id(), "u-1");
}

TEST(TrialTexts, ReadBackAndAreDistinct) {
  std::set<std::string_view> seen;
  for (int i = 0; i <= static_cast<int>(TrialStatus::kInvalid); ++i) {
    const auto status = static_cast<TrialStatus>(i);
    EXPECT_EQ(parse_trial_status(to_string(status)), status);
    EXPECT_TRUE(seen.insert(to_string(status)).second);
  }
  for (int i = 0; i <= static_cast<int>(ClockAudit::Verdict::kBroken); ++i) {
    const auto verdict = static_cast<ClockAudit::Verdict>(i);
    EXPECT_EQ(parse_clock_verdict(to_string(verdict)), verdict);
    EXPECT_TRUE(seen.insert(to_string(verdict)).second);
  }
  EXPECT_FALSE(parse_trial_status("OK"));
  EXPECT_FALSE(parse_clock_verdict("unknown"));
}

TEST(DeviceInfo, OnlyAVirtualHostsProcessorMayHaveOtherMemory) {
  DeviceInfo before;
  before.uuid = "u";
  before.memory_bytes = 1000;
  DeviceInfo after = before;
  after.memory_bytes = 2000;
  EXPECT_FALSE(before.same_part(after));
  before.attributes = after.attributes = {{"hypervisor", "yes"}};
  EXPECT_FALSE(before.same_part(after)) << "an accelerator in a virtual machine has the memory that it has";
  before.attributes = {{"hypervisor", "yes"}, {"kind", "host"}};
  EXPECT_FALSE(before.same_part(after)) << "one side alone says so";
  after.attributes = before.attributes;
  EXPECT_TRUE(before.same_part(after));
  after.uuid = "v";
  EXPECT_FALSE(before.same_part(after));
}

}  // namespace
}  // namespace geomsu
