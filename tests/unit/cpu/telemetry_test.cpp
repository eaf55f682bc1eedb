// Telemetry of the CPU backend against machines written as texts (sysfs/README.md), and against this machine.
// Over 400 lines: one machine after the other on one fixture; split, each part would need the fixture again.
#include "kernels/cpu/telemetry.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/abi/geomsu_plugin.h"
#include "kernels/cpu/affinity.hpp"
#include "kernels/cpu/telemetry_files.hpp"

namespace {

using namespace geomsu::cpu;
using testing::HasSubstr;
namespace fs = std::filesystem;

// A machine's text unfolded under the system's temporary folder.
class Machine {
 public:
  explicit Machine(const std::string& name) {
    std::string folder = (fs::temp_directory_path() / "geomsu-sysfs-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp");
    root_ = folder;
    std::ifstream file(fs::path(GEOMSU_SYSFS_DIR) / name);
    if (!file) throw std::runtime_error("no machine " + name);
    for (std::string line; std::getline(file, line);) {
      if (line.empty() || line[0] == '#') continue;
      const std::size_t equals = line.find(" = ");
      if (equals == std::string::npos) throw std::runtime_error(name + ": " + line);
      unfold(line.substr(0, equals), line.substr(equals + 3));
    }
  }
  ~Machine() { fs::remove_all(root_); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  const std::string& root() const { return root_; }
  void write(const std::string& path, const std::string& text) const {
    fs::create_directories(fs::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text << "\n";
  }
  void remove(const std::string& path) const {
    if (fs::remove_all(root_ + path) == 0) throw std::runtime_error("there is no " + path);
  }
  // In the place of a file that may not be read: a folder, which root cannot read as a file either.
  void forbid(const std::string& path) const {
    remove(path);
    fs::create_directories(root_ + path);
  }

 private:
  void unfold(const std::string& path, std::string text) const {
    for (std::size_t at = 0; (at = text.find("\\n", at)) != std::string::npos;) text.replace(at, 2, "\n");
    const std::size_t open = path.find('{'), close = path.find('}');
    if (open == std::string::npos) return write(path, text);
    for (const int number : files::cpu_list(path.substr(open + 1, close - open - 1)))
      write(path.substr(0, open) + std::to_string(number) + path.substr(close + 1), text);
  }
  std::string root_;
};

std::string fact(const TelemetrySource& source, const std::string& key) {
  for (const auto& [name, value] : source.facts()) {
    if (name == key) return value;
  }
  return "";
}

const std::vector<int> kFirst{0, 1, 2, 3}, kSecond{4, 5, 6, 7}, kHalf{0, 1};
const char* const kIntel = "intel-two-sockets.txt";
const char* const kAmd = "amd-one-socket.txt";
const std::string kRapl = "/sys/class/powercap/intel-rapl:0";

TEST(CpuFiles, HoldANumberOrAreAbsent) {
  const Machine machine("virtual.txt");
  const auto read = [&](const std::string& text) {
    machine.write("/n", text);
    return files::number(machine.root() + "/n");
  };
  EXPECT_EQ(read("0"), 0);
  EXPECT_EQ(read("-12"), -12);
  EXPECT_EQ(read("65532610987 "), 65532610987);
  for (const char* text : {"", "nan", "12abc", "1.5", "0x10", "N/A", "1 2", "99999999999999999999999"})
    EXPECT_EQ(read(text), std::nullopt) << text;
  EXPECT_EQ(files::number(machine.root() + "/none"), std::nullopt);
  EXPECT_EQ(files::number(machine.root() + "/sys"), std::nullopt) << "a folder";
  machine.write("/n", "-1");
  EXPECT_EQ(files::count(machine.root() + "/n"), std::nullopt);
  EXPECT_EQ(files::cpu_list("0-2,8,10-11\n").size(), 0u);
  EXPECT_EQ(files::cpu_list("0-2,8,10-11"), (std::vector<int>{0, 1, 2, 8, 10, 11}));
  for (const char* text : {"", "a", "3-1", "-1", "0-99999999", "1,,2"})
    EXPECT_TRUE(files::cpu_list(text).empty()) << text;
}

TEST(AnIntelServer, IsReadByPackageAndEachCoreOnce) {
  const Machine machine(kIntel);
  TelemetrySource source(machine.root(), kFirst);
  EXPECT_EQ(source.absent(), "");
  const Reading r = source.read();
  EXPECT_DOUBLE_EQ(r.energy_j.value(), 184467.44 + 20000.56) << "package and its dram, psys not";
  EXPECT_EQ(r.temperature_c, 64) << "its own package's hottest; the disk is hotter, the other package too";
  EXPECT_EQ(r.clock_mhz, 2900);
  EXPECT_EQ(r.throttle_events, 3u + 2 + 0 + 0 + 7) << "a core once and its package once, not each thread";
  EXPECT_EQ(r.throttle, 0u);
  EXPECT_EQ(r.ecc_corrected, 5u) << "of socket 0's controllers alone";
  EXPECT_EQ(r.ecc_uncorrected, 1u);
  EXPECT_EQ(r.memory_used_bytes, 10'072'000.0 * 1024) << "of node 0; page cache is not used";
  EXPECT_EQ(fact(source, "energy.source"), "powercap package-0 and its dram");
  EXPECT_EQ(fact(source, "packages"), "0: 4 of 4 cores");
  EXPECT_EQ(fact(source, "numa.cores"), "0: cores 0-3");
  EXPECT_EQ(fact(source, "clock.base_mhz"), "2000");
  EXPECT_EQ(fact(source, "clock.max_mhz"), "3800");
  EXPECT_EQ(fact(source, "ecc.source"), "2 of the machine's 4 memory controllers");
  EXPECT_EQ(fact(source, "temperature.source"), "coretemp");
}

TEST(AnIntelServer, AsOneDeviceIsTheSumOfItsPackages) {
  const Machine machine(kIntel);
  TelemetrySource source(machine.root(), {0, 1, 2, 3, 4, 5, 6, 7});
  const Reading r = source.read();
  EXPECT_DOUBLE_EQ(r.energy_j.value(), 204468 + 100000);
  EXPECT_EQ(r.temperature_c, 71);
  EXPECT_EQ(r.ecc_corrected, 605u);
  EXPECT_EQ(r.throttle_events, 5u + 7 + 400 + 1000);
  EXPECT_EQ(fact(source, "numa.cores"), "0: cores 0-3; 1: cores 4-7");
}

TEST(APartOfAPackage, ClaimsNotThePackagesEnergy) {
  const Machine machine(kIntel);
  TelemetrySource source(machine.root(), kHalf);
  const Reading r = source.read();
  EXPECT_FALSE(r.energy_j || r.power_w);
  EXPECT_THAT(source.absent(), HasSubstr("2 of the 4 cores of package 0"));
  EXPECT_EQ(fact(source, "energy.source"), "");
  EXPECT_EQ(r.temperature_c, 61) << "its own cores' sensors: core 2 and the package are hotter";
  EXPECT_EQ(r.throttle_events, 3u + 2 + 7) << "the package's throttling is its too";
  // One whole package and a part of another: neither counter is the device's.
  TelemetrySource both(machine.root(), {0, 1, 2, 3, 4});
  EXPECT_FALSE(both.read().energy_j);
  EXPECT_THAT(both.absent(), HasSubstr("1 of the 4 cores of package 1"));
}

TEST(APackage, OfWhichCoresAreOfflineIsWholeByThoseThatAreThere) {
  const Machine machine(kIntel);
  for (const char* cpu : {"3", "11"}) machine.remove("/sys/devices/system/cpu/cpu" + std::string(cpu) + "/topology");
  TelemetrySource source(machine.root(), {0, 1, 2});
  EXPECT_EQ(fact(source, "packages"), "0: 3 of 3 cores");
  EXPECT_TRUE(source.read().energy_j);
}

TEST(AnEnergyCounter, WrapsAtItsRange) {
  const Machine machine(kIntel);
  TelemetrySource source(machine.root(), kFirst);
  machine.write(kRapl + "/energy_uj", "262000000000");
  const double before = source.read().energy_j.value();
  machine.write(kRapl + "/energy_uj", "1000000");  // 143.32885 J to the range's end, and one
  EXPECT_NEAR(source.read().energy_j.value() - before, 144.32885, 1e-6);
  machine.write(kRapl + ":0/energy_uj", "65712000000");
  const double later = source.read().energy_j.value();
  machine.write(kRapl + ":0/energy_uj", "2000000");  // dram has a range of its own
  EXPECT_NEAR(source.read().energy_j.value() - later, 2.999613, 1e-6);
}

TEST(AnEnergyCounter, ThatBeganAnewIsAbsentFromThenOn) {
  const Machine machine(kIntel);
  TelemetrySource source(machine.root(), {4, 5, 6, 7});
  ASSERT_TRUE(source.read().energy_j);
  machine.write("/sys/class/powercap/intel-rapl:1/energy_uj", "5");  // 90 kJ before, far from the range of 262 kJ
  EXPECT_FALSE(source.read().energy_j);
  machine.write("/sys/class/powercap/intel-rapl:1/energy_uj", "90000000001");
  EXPECT_FALSE(source.read().energy_j) << "what lay between is not known";
}

TEST(AnEnergyCounter, WithoutItsRangeCannotWrap) {
  const Machine machine(kIntel);
  machine.remove(kRapl + "/max_energy_range_uj");
  TelemetrySource source(machine.root(), kFirst);
  ASSERT_TRUE(source.read().energy_j);
  machine.write(kRapl + "/energy_uj", "7");
  EXPECT_FALSE(source.read().energy_j);
}

TEST(AnEnergyCounter, ThatMayNotBeReadIsAbsentAndSaysSo) {
  for (const bool dram : {false, true}) {
    const Machine machine(kIntel);
    machine.forbid(kRapl + (dram ? ":0/energy_uj" : "/energy_uj"));
    TelemetrySource source(machine.root(), kFirst);
    EXPECT_FALSE(source.read().energy_j) << "half of it would be another quantity";
    EXPECT_THAT(source.absent(), HasSubstr("root's alone"));
    EXPECT_EQ(fact(source, "energy.source"), "");
  }
}

TEST(AnEnergyCounter, OfPartsOfSeveralDiesIsTheirSum) {
  const Machine machine(kIntel);
  machine.write(kRapl + "/name", "package-0-die-0");
  machine.write("/sys/class/powercap/intel-rapl:3/name", "package-0-die-1");
  machine.write("/sys/class/powercap/intel-rapl:3/energy_uj", "5000000");
  machine.write("/sys/class/powercap/intel-rapl:3/max_energy_range_uj", "262143328850");
  TelemetrySource source(machine.root(), kFirst);
  EXPECT_DOUBLE_EQ(source.read().energy_j.value(), 204473);
}

TEST(AnEnergyCounter, IsAmdsSocketWhereThereIsNoPowercap) {
  const Machine machine(kAmd);
  machine.remove("/sys/class/powercap");
  machine.write("/sys/class/hwmon/hwmon7/name", "amd_energy");
  machine.write("/sys/class/hwmon/hwmon7/energy1_label", "Ecore000");
  machine.write("/sys/class/hwmon/hwmon7/energy1_input", "11000000");
  machine.write("/sys/class/hwmon/hwmon7/energy9_label", "Esocket0");
  machine.write("/sys/class/hwmon/hwmon7/energy9_input", "42000000");
  TelemetrySource source(machine.root(), {0, 1, 2, 3});
  EXPECT_EQ(source.read().energy_j, 42);
  EXPECT_EQ(fact(source, "energy.source"), "amd_energy Esocket0");
}

TEST(AnAmdServer, HasPowercapUnderIntelsNameAndCountsInItsRows) {
  const Machine machine(kAmd);
  TelemetrySource source(machine.root(), {0, 1, 2, 3});
  const Reading r = source.read();
  EXPECT_EQ(r.energy_j, 65000) << "the cores' zone lies within the package's";
  EXPECT_EQ(r.temperature_c, 58.5) << "Tctl is for fans where there is a Tdie";
  EXPECT_EQ(r.clock_mhz, 3700);
  EXPECT_EQ(r.ecc_corrected, 11u) << "csrows, and not ranks beside them";
  EXPECT_EQ(r.ecc_uncorrected, 0u) << "a counter that says 0 is not an absent one";
  EXPECT_FALSE(r.throttle || r.throttle_events) << "AMD has none";
  EXPECT_THAT(source.absent(), HasSubstr("throttling"));
  EXPECT_EQ(fact(source, "clock.base_mhz"), "") << "k10 tells none";
}

TEST(AnAmdServer, InNodesIsHalfAPackageEach) {
  const Machine machine(kAmd);
  TelemetrySource source(machine.root(), {2, 3});
  const Reading r = source.read();
  EXPECT_FALSE(r.energy_j);
  EXPECT_THAT(source.absent(), HasSubstr("2 of the 4 cores of package 0"));
  EXPECT_EQ(r.memory_used_bytes, 500.0 * 1024) << "node 1's alone";
  EXPECT_EQ(fact(source, "numa.cores"), "1: cores 2-3");
}

TEST(AVirtualMachine, GivesMemoryAndLoadAndNothingThatIsZero) {
  const Machine machine("virtual.txt");
  TelemetrySource source(machine.root(), {0, 1});
  source.read();
  machine.write("/proc/stat", "cpu0 150 0 0 950 0 0 0 0 0 0\ncpu1 100 0 0 1000 0 0 0 0 0 0");
  const Reading r = source.read();
  EXPECT_FALSE(r.power_w || r.energy_j || r.temperature_c || r.clock_mhz || r.throttle || r.throttle_events ||
               r.ecc_corrected || r.ecc_uncorrected);
  EXPECT_EQ(r.memory_used_bytes, 2'000'000.0 * 1024);
  EXPECT_NEAR(r.foreign_load.value(), 0.25, 0.05);
  for (const char* word : {"power and energy (no powercap", "temperature (no coretemp", "clock (", "throttling", "ECC"})
    EXPECT_THAT(source.absent(), HasSubstr(word));
  for (const char* word : {"memory used", "foreign load"}) EXPECT_THAT(source.absent(), Not(HasSubstr(word)));
  for (const char* key : {"energy.source", "temperature.source", "ecc.source", "clock.base_mhz", "clock.max_mhz"})
    EXPECT_EQ(fact(source, key), "") << key;
}

TEST(Thermometers, ThatNobodyPlacesAreNotTaken) {
  const Machine machine(kIntel);
  for (const char* folder : {"hwmon1", "hwmon2"}) machine.remove("/sys/class/hwmon/" + std::string(folder));
  TelemetrySource one(machine.root(), kFirst);
  EXPECT_FALSE(one.read().temperature_c) << "two x86_pkg_temp zones, and neither says which package's";
  EXPECT_THAT(one.absent(), HasSubstr("nothing tells which thermometer"));
  EXPECT_EQ(TelemetrySource(machine.root(), {0, 1, 2, 3, 4, 5, 6, 7}).read().temperature_c, 71) << "both are its own";
}

TEST(Thermometers, ThatGiveNoNumberAreLeftOut) {
  const Machine machine(kIntel);
  machine.write("/sys/class/hwmon/hwmon1/temp1_input", "garbage");
  machine.forbid("/sys/class/hwmon/hwmon1/temp4_input");
  EXPECT_EQ(TelemetrySource(machine.root(), kFirst).read().temperature_c, 61);
}

TEST(MemoryControllers, ThatNobodyPlacesCountForAll) {
  const Machine machine(kIntel);
  machine.write("/sys/devices/system/edac/mc/mc3/mc_name", "ghes_edac");
  TelemetrySource source(machine.root(), kFirst);
  EXPECT_EQ(source.read().ecc_corrected, 605u);
  EXPECT_THAT(fact(source, "ecc.source"), HasSubstr("nothing tells whose they are"));
}

TEST(MemoryControllers, OfWhichOneCannotBeReadGiveNoSum) {
  const Machine machine(kIntel);
  TelemetrySource source(machine.root(), kFirst);
  machine.write("/sys/devices/system/edac/mc/mc1/ce_count", "?");
  const Reading r = source.read();
  EXPECT_FALSE(r.ecc_corrected);
  EXPECT_EQ(r.ecc_uncorrected, 1u);
}

TEST(Throttling, IsABitOfTheReadingInWhichItBegan) {
  const Machine machine(kIntel);
  const std::string cpu9 = "/sys/devices/system/cpu/cpu9/thermal_throttle/";
  TelemetrySource source(machine.root(), kFirst);
  source.read();
  machine.write(cpu9 + "core_throttle_count", "2");  // its sibling has counted these already
  EXPECT_EQ(source.read().throttle, 0u);
  machine.write(cpu9 + "core_throttle_count", "3");
  Reading r = source.read();
  EXPECT_EQ(r.throttle, GEOMSU_THROTTLE_THERMAL);
  EXPECT_EQ(r.throttle_events, 13u);
  EXPECT_EQ(source.read().throttle, 0u);
  for (int cpu = 0; cpu < 4; ++cpu)
    machine.write("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/thermal_throttle/core_power_limit_count",
                  "0");
  source.read();
  machine.write("/sys/devices/system/cpu/cpu2/thermal_throttle/core_power_limit_count", "1");
  r = source.read();
  EXPECT_EQ(r.throttle, GEOMSU_THROTTLE_POWER);
  EXPECT_EQ(r.throttle_events, 13u) << "a power limit is no thermal event";
}

TEST(ACoreThatIsUnplugged, TakesWhatNeedsItAlong) {
  const Machine machine(kIntel);
  TelemetrySource source(machine.root(), kFirst);
  for (const char* cpu : {"3", "11"}) {
    machine.remove("/sys/devices/system/cpu/cpu" + std::string(cpu) + "/cpufreq");
    machine.remove("/sys/devices/system/cpu/cpu" + std::string(cpu) + "/thermal_throttle");
  }
  machine.write("/proc/stat", "cpu0 1 0 0 1 0 0 0 0\ncpu1 1 0 0 1 0 0 0 0\ncpu2 1 0 0 1 0 0 0 0\ncpu8 1 0 0 1 0 0 0 0");
  const Reading r = source.read();
  EXPECT_EQ(r.clock_mhz, 3000) << "the mean of those that are there";
  EXPECT_FALSE(r.throttle_events || r.throttle) << "a sum with one missing would fall";
  EXPECT_FALSE(r.foreign_load);
  EXPECT_TRUE(r.energy_j) << "the package's counter goes on";
}

std::string stat_line(int cpu, double busy, double idle) {
  return "cpu" + std::to_string(cpu) + " " + std::to_string(static_cast<long>(busy)) + " 0 0 " +
         std::to_string(static_cast<long>(idle)) + " 0 0 0 0 0 0\n";
}

TEST(ForeignLoad, OfTheSecondThreadOfACoreIsForeign) {
  const Machine machine(kIntel);
  TelemetrySource source(machine.root(), kFirst);
  // 100 s on: a neighbour held the second threads of all four cores; other cores' load is nobody's here.
  std::string stat;
  for (int cpu = 0; cpu < 16; ++cpu) {
    const bool second = cpu >= 8 && cpu < 12, first = cpu < 4, other = !second && !first;
    stat += stat_line(cpu, first ? 100 : second || other ? 10000 : 0, first ? 10900 : 1000);
  }
  machine.write("/proc/stat", stat);
  EXPECT_NEAR(source.read().foreign_load.value(), 0.5, 0.02);
}

TEST(ForeignLoad, IsUnknownWhereTheContainerHidesIt) {
  const Machine machine(kIntel);
  machine.write("/proc/self/mountinfo",
                "24 1 0:5 / / rw - ext4 /dev/vda rw\n31 24 0:44 /proc/stat /proc/stat rw - fuse.lxcfs lxcfs rw");
  TelemetrySource source(machine.root(), kFirst);
  std::string stat;
  for (int cpu = 0; cpu < 16; ++cpu) stat += stat_line(cpu, 9000, 9000);
  machine.write("/proc/stat", stat);
  EXPECT_FALSE(source.read().foreign_load);
  EXPECT_THAT(source.absent(), HasSubstr("the container's"));
}

TEST(MemoryUsed, ThatIsMalformedIsAbsent) {
  const Machine machine(kIntel);
  machine.write("/sys/devices/system/node/node0/meminfo", "Node 0 MemTotal: many kB\nNode 0 MemFree: 12 kB");
  TelemetrySource source(machine.root(), kFirst);
  EXPECT_FALSE(source.read().memory_used_bytes);
  EXPECT_THAT(source.absent(), HasSubstr("memory used"));
}

// This machine, whatever it is. Others work on it: only what holds beside them is asserted.
double cpu_seconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

class Child {  // spins on one core until this object dies
 public:
  explicit Child(int core) : pid_(fork()) {
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pin({core});
    for (;;) {
      const volatile int spin = 0;
      static_cast<void>(spin);
    }
  }
  ~Child() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  bool runs() const { return pid_ > 0; }

 private:
  pid_t pid_;
};

TEST(ThisMachine, SaysOfEachReadingThatItIsThereOrAbsent) {
  TelemetrySource source("", allowed_cores());
  source.read();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const Reading r = source.read();
  const auto there_or_named = [&](bool there, const char* word) {
    EXPECT_NE(there, source.absent().find(word) != std::string::npos) << word << ": " << source.absent();
  };
  there_or_named(r.energy_j.has_value(), "power and energy");
  there_or_named(r.temperature_c.has_value(), "temperature");
  there_or_named(r.clock_mhz.has_value(), "clock");
  there_or_named(r.memory_used_bytes.has_value(), "memory used");
  there_or_named(r.throttle_events.has_value(), "throttling");
  there_or_named(r.ecc_corrected.has_value(), "ECC");
  for (const auto& value : {r.temperature_c, r.clock_mhz, r.memory_used_bytes})
    EXPECT_NE(value, 0.0) << "0 is no reading";
  if (fs::exists("/proc/stat")) {
    EXPECT_TRUE(r.foreign_load) << source.absent();
  }
}

TEST(ThisMachine, HasMoreMemoryUsedOnceItIsTaken) {
  constexpr std::size_t kBytes = std::size_t{256} << 20;
  TelemetrySource source("", allowed_cores());
  if (!source.read().memory_used_bytes) GTEST_SKIP() << source.absent();
  // Others take and give back meanwhile, and what was just given back may not count as free yet: more is taken until
  // it shows.
  const double before = source.read().memory_used_bytes.value();
  std::vector<std::vector<char>> taken;
  double grown = 0;
  while (taken.size() < 4 && grown < 0.5 * kBytes) {
    taken.emplace_back(kBytes, 1);
    grown = source.read().memory_used_bytes.value() - before;
    EXPECT_EQ(taken.back()[kBytes / 2], 1);
  }
  EXPECT_GE(grown, 0.5 * kBytes);
}

TEST(ThisMachine, SeesTheLoadOfAnotherProcessAndNotItsOwn) {
  const std::vector<int> before = allowed_cores();
  const int core = before.back();
  {
    TelemetrySource source("", {core});
    if (!source.read().foreign_load && source.absent().find("foreign load") != std::string::npos)
      GTEST_SKIP() << source.absent();
    const Child child(core);
    ASSERT_TRUE(child.runs());
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    EXPECT_GT(source.read().foreign_load.value(), 0.4) << "the child held the core";
  }
  pin({core});
  TelemetrySource source("", {core});
  source.read();
  const double own = cpu_seconds();
  const auto began = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - began < std::chrono::milliseconds(1500)) {
  }
  const double foreign = source.read().foreign_load.value();
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const double share = (cpu_seconds() - own) / elapsed;
  pin(before);
  // Whatever this process had of the core, others cannot have had (beside a second thread of it, which counts half).
  EXPECT_LE(foreign, 1 - 0.5 * share + 0.1) << "own share " << share;
}

}  // namespace
