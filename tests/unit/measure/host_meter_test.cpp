// The meter of the host's processors, on recorded lines of /proc and on this process; telemetry that falls silent; the
// count of accelerators on a recorded tree of sysfs.
#include "harness/measure/host_meter.hpp"

#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <time.h>
#include <unistd.h>

#include "harness/measure/pci_count.hpp"
#include "harness/measure/telemetry_watch.hpp"

namespace geomsu {
namespace {

namespace fs = std::filesystem;

class InScratch : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "geomsu-meter-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  void TearDown() override { fs::remove_all(dir_); }
  void write(const fs::path& path, const std::string& text) const {
    fs::create_directories((dir_ / path).parent_path());
    std::ofstream(dir_ / path) << text << "\n";
  }
  fs::path dir_;
};
using HostMeterOn = InScratch;
using PciCountOn = InScratch;

std::string stat_line(const std::string& name, int group, int user, int system, int waited) {
  return "7 (" + name + ") S 1 " + std::to_string(group) + " 7 0 -1 4194560 100 0 0 0 " + std::to_string(user) + " " +
         std::to_string(system) + " " + std::to_string(waited) + " 0 20 0 1 0 100 1000 10";
}

TEST(AProcessStat, IsReadBehindANameWithBracketsAndSpaces) {
  const auto times = parse_process_stat(stat_line("a) b (c", 42, 10, 5, 3));
  ASSERT_TRUE(times);
  EXPECT_EQ(times->group, 42);
  EXPECT_EQ(times->ticks, 18U);
  for (const char* bad : {"", "7 (x)", "7 (x) S 1 2", "nonsense"}) EXPECT_FALSE(parse_process_stat(bad)) << bad;
}

TEST_F(HostMeterOn, ATreeOfProcAddsUpTheGroupAndNobodyElse) {
  write("10/stat", stat_line("worker", 10, 100, 0, 0));
  write("11/stat", stat_line("its child", 10, 50, 50, 0));
  write("12/stat", stat_line("another", 12, 9999, 0, 0));
  write("self/stat", stat_line("a name, no number", 10, 9999, 0, 0));
  const auto cpu = group_cpu_ns(10, dir_);
  ASSERT_TRUE(cpu);
  EXPECT_EQ(*cpu, 200 * (1'000'000'000 / ::sysconf(_SC_CLK_TCK)));
  EXPECT_FALSE(group_cpu_ns(99, dir_));
  EXPECT_FALSE(group_cpu_ns(10, dir_ / "absent"));
}

TEST(AHostMeter, SeesThisProcessAndNothingOfAGroupThatIsNot) {
  EXPECT_TRUE(group_cpu_ns(::getpgrp()));
  HostMeter nobody(0x3fffffff);
  nobody.begin(0);
  nobody.end(1'000'000);
  EXPECT_FALSE(nobody.cores());
}

TEST(AHostMeter, CountsWhatThisProcessBurns) {
  const auto burnt = [] {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
  };
  const auto before = group_cpu_ns(::getpgrp());
  const std::int64_t began = burnt();
  while (burnt() - began < 100'000'000) {
  }
  const auto after = group_cpu_ns(::getpgrp());
  ASSERT_TRUE(before && after);
  EXPECT_GE(*after - *before, 50'000'000);  // half: it is counted in ticks
}

TEST(HostUse, IsAFindingAboveHalfACoreAndRefusedAboveFiveQuarters) {
  EXPECT_FALSE(judge_host_use(0.5));
  ASSERT_TRUE(judge_host_use(0.51));
  EXPECT_FALSE(judge_host_use(1.25)->invalid);
  EXPECT_TRUE(judge_host_use(1.26)->invalid);
}

TEST(Telemetry, ThatIsMissingAfterwardsIsNamed) {
  Telemetry before, after;
  before.power_w = 100;
  before.ecc_corrected = 0;
  after.power_w = 90;
  EXPECT_EQ(telemetry_missing(before, after), "corrected ECC errors could be read before the trial and not after it");
  after.ecc_corrected = 0;
  EXPECT_FALSE(telemetry_missing(before, after));
  EXPECT_TRUE(telemetry_missing(before, std::nullopt));
  EXPECT_FALSE(telemetry_missing(std::nullopt, after));
}

TEST(Telemetry, ThatStopsWhileBlocksRunIsSaid) {
  const std::int64_t s = 1'000'000'000;
  EXPECT_TRUE(telemetry_silent({10, s}, {0, s}));
  EXPECT_FALSE(telemetry_silent({10, s}, {1, s}));
  EXPECT_FALSE(telemetry_silent({10, s}, {0, s / 2})) << "five were due";
  EXPECT_FALSE(telemetry_silent({2, s}, {0, 100 * s})) << "no rate is known";
  EXPECT_FALSE(telemetry_silent({0, s}, {0, 100 * s})) << "it never sent any";
}

TEST_F(PciCountOn, ARecordedTreeCountsAcceleratorsAndNoDisplays) {
  const auto device = [this](const std::string& address, const std::string& kind, const std::string& vendor) {
    write(address + "/class", kind);
    write(address + "/vendor", vendor);
  };
  device("0000:17:00.0", "0x030200", "0x10de");  // an accelerator without display
  device("0000:65:00.0", "0x120000", "0x1da3");  // a processing accelerator
  device("0000:66:00.0", "0x030000", "0x10de");  // one that calls itself VGA
  device("0000:02:00.0", "0x030000", "0x1a03");  // the baseboard's display
  device("0000:00:02.0", "0x030000", "0x1234");  // a virtual machine's
  device("0000:01:00.0", "0x020000", "0x8086");  // network
  device("0000:65:00.1", "0x120000", "0x1da3");  // a virtual function of the second
  write("0000:65:00.1/physfn", "");
  EXPECT_EQ(count_pci_accelerators(dir_), 3U);
  EXPECT_FALSE(count_pci_accelerators(dir_ / "absent"));
}

}  // namespace
}  // namespace geomsu
