// The parts of the CPU backend that need no device: texts of /proc and /sys, streams, splitting, the executor.
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cpu/affinity.hpp"
#include "kernels/cpu/buffer.hpp"
#include "kernels/cpu/executor.hpp"
#include "kernels/cpu/identity.hpp"
#include "kernels/cpu/onednn.hpp"
#include "kernels/cpu/processor.hpp"
#include "kernels/cpu/stream.hpp"
#include "kernels/cpu/telemetry.hpp"
#include "kernels/cpu/workload.hpp"

namespace {

using namespace geomsu::cpu;
using testing::HasSubstr;
namespace fs = std::filesystem;
namespace ops = geomsu::ops;

// A recorded machine under the system's temporary folder.
class Tree {
 public:
  Tree() {
    std::string name = (fs::temp_directory_path() / "geomsu-cpu-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    root_ = name;
  }
  ~Tree() { fs::remove_all(root_); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  void write(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ + path).substr(0, (root_ + path).rfind('/')));
    std::ofstream(root_ + path) << text;
  }
  const std::string& root() const { return root_; }

 private:
  std::string root_;
};

TEST(Ranges, AreShortAndSorted) {
  EXPECT_EQ(ranges({}), "");
  EXPECT_EQ(ranges({4}), "4");
  EXPECT_EQ(ranges({3, 1, 2, 8, 10, 9, 20}), "1-3,8-10,20");
}

TEST(PartOf, CoversEverythingOnceInWholeUnits) {
  for (const std::uint64_t count : std::initializer_list<std::uint64_t>{0, 1, 63, 64, 65, 1000, 4096}) {
    for (const int parts : {1, 2, 3, 7, 64}) {
      std::uint64_t next = 0;
      for (int part = 0; part < parts; ++part) {
        const Part p = part_of(count, 64, part, parts);
        EXPECT_EQ(p.first, next);
        EXPECT_LE(p.first, p.last);
        EXPECT_TRUE(p.first % 64 == 0 || p.first == count);
        next = p.last;
      }
      EXPECT_EQ(next, count);
    }
  }
}

template <typename T>
void streams_alike() {
  const std::uint64_t count = 64 * 5;
  Buffer a(count * sizeof(T)), b(count * sizeof(T)), out(count * sizeof(T));
  ops::fill(a.as<T>(), ops::Data::kNormal, 1, 1, 0);
  ops::fill(b.as<T>(), ops::Data::kNormal, 2, 2, 0);
  for (const ops::Isa isa : ops::isas_here()) {
    triad_part(isa, out.as<T>().data(), a.as<T>().data(), b.as<T>().data(), static_cast<T>(-0.75), count);
    for (std::uint64_t j = 0; j < count; ++j) {
      // 18 bits times 2 bits: exact, fused or not.
      ASSERT_EQ(out.as<T>()[j], a.as<T>()[j] + static_cast<T>(-0.75) * b.as<T>()[j]) << ops::to_string(isa) << " " << j;
    }
    copy_part(isa, out.as<T>().data(), b.as<T>().data(), count);
    for (std::uint64_t j = 0; j < count; ++j) ASSERT_EQ(out.as<T>()[j], b.as<T>()[j]);
    scale_part(isa, out.as<T>().data(), a.as<T>().data(), static_cast<T>(-0.5), count);
    for (std::uint64_t j = 0; j < count; ++j) ASSERT_EQ(out.as<T>()[j], a.as<T>()[j] * static_cast<T>(-0.5)) << j;
    for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{64}, (std::uint64_t{1} << 33) + 64}) {
      write_part(isa, out.as<T>().data(), 0xFEDCBA98U, first, count);
      for (std::uint64_t j = 0; j < count; ++j) {
        ASSERT_EQ(static_cast<double>(out.as<T>()[j]), ops::write_sum(0xFEDCBA98U, first + j) * 0x1p-15)
            << ops::to_string(isa) << " " << first << " + " << j;
      }
    }
    const auto words = std::span(reinterpret_cast<const std::uint32_t*>(a.as<T>().data()), count * sizeof(T) / 4);
    ops::ReadSums sums{5}, wanted{5};
    read_part(isa, sums, words.data(), words.size(), 0x89ABCDEFU);
    for (std::size_t w = 0; w < words.size(); ++w) wanted[w % 16] += words[w] ^ 0x89ABCDEFU;
    ASSERT_EQ(sums, wanted) << ops::to_string(isa);
    triad_part(isa, out.as<T>().data(), a.as<T>().data(), b.as<T>().data(), T{1}, count);
    copy_part(isa, out.as<T>().data(), b.as<T>().data(), count);
    triad_part(isa, out.as<T>().data(), a.as<T>().data(), b.as<T>().data(), T{1}, 0);  // none is none
    ASSERT_EQ(out.as<T>()[0], b.as<T>()[0]);
  }
}
TEST(Stream, IsTheSameOnEveryInstructionSetHere) {
  streams_alike<float>();
  streams_alike<double>();
}

TEST(Narrow, IsOfferedByTheProcessorsFlags) {
  const std::set<std::string> old{"sse4_2"}, avx2{"avx2", "fma"}, zen4{"avx2", "avx512f", "avx512_vnni", "avx512_bf16"},
      granite{"avx2", "avx512f", "avx512_fp16", "amx_bf16"};
  EXPECT_THAT(narrow_refusal("int8", old), HasSubstr("avx2"));
  EXPECT_EQ(narrow_refusal("int8", avx2), "");
  EXPECT_THAT(narrow_refusal("bf16", avx2), HasSubstr("avx512_bf16"));
  EXPECT_EQ(narrow_refusal("bf16", zen4), "");
  EXPECT_EQ(narrow_refusal("bf16", granite), "");
  EXPECT_THAT(narrow_refusal("fp16", zen4), HasSubstr("avx512_fp16"));
  EXPECT_EQ(narrow_refusal("fp16", granite), "");
}

TEST(Processor, IsReadFromCpuinfo) {
  const Processor p = parse_cpuinfo(
      "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC 9654\n"
      "microcode\t: 0xa101148\ncpu MHz\t\t: 2400.000\nflags\t\t: fpu avx2 fma avx512f hypervisor\n\nprocessor\t: "
      "1\nmodel name\t: other\n");
  EXPECT_EQ(p.vendor, "AMD");
  EXPECT_EQ(p.model, "AMD EPYC 9654");
  EXPECT_EQ(p.microcode, "0xa101148");
  EXPECT_EQ(p.family, 25);
  EXPECT_TRUE(p.has("hypervisor"));
  EXPECT_FALSE(p.has("avx"));
}

TEST(Peak, FollowsLanesAndUnits) {
  const auto peak = [](const std::string& vendor, int family, const std::string& model,
                       const std::set<std::string>& flags) {
    Processor p;
    p.vendor = vendor;
    p.family = family;
    p.model = model;
    p.flags = flags;
    return peak_per_clock(p);
  };
  EXPECT_EQ(peak("Intel", 6, "Intel Xeon Platinum", {"avx512f", "avx2", "fma"})->fp32_per_clock, 64);
  EXPECT_EQ(peak("Intel", 6, "11th Gen Core", {"avx512f", "avx2", "fma"})->fp32_per_clock, 32);
  EXPECT_EQ(peak("AMD", 25, "EPYC 9654", {"avx512f", "avx2", "fma"})->fp32_per_clock, 32);
  EXPECT_EQ(peak("AMD", 26, "EPYC 9755", {"avx512f", "avx2", "fma"})->fp64_per_clock, 32);
  EXPECT_EQ(peak("Intel", 6, "Core", {"avx2", "fma"})->fp64_per_clock, 16);
  EXPECT_EQ(peak("Arm", 0, "Neoverse V2", {"asimd", "sve2"})->fp64_per_clock, 16);
  EXPECT_FALSE(peak("Other", 0, "old", {"sse2"}).has_value()) << "unknown is absent, not 0";
}

TEST(Clock, IsCpufreqsWhereThereIsOneElseMeasured) {
  const Tree tree;
  tree.write("/sys/devices/system/cpu/cpu3/cpufreq/cpuinfo_max_freq", "3800000\n");
  EXPECT_EQ(highest_clock(tree.root(), 3).hz, 3.8e9);
  const Clock measured = highest_clock(tree.root(), 4);
  EXPECT_GT(measured.hz, 2e8);
  EXPECT_LT(measured.hz, 1e10);
  EXPECT_EQ(std::fmod(measured.hz, 1e8), 0);
  EXPECT_THAT(measured.source, HasSubstr("measured"));
}

TEST(Identity, IsStableAndOfTheMachineAndThePart) {
  const Tree one, other, none;
  one.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
  other.write("/etc/machine-id", "uninitialized\n");
  other.write("/sys/class/dmi/id/product_uuid", "4c4c4544-0043-4a10-8052-b9c04f4e4b32\n");
  EXPECT_EQ(identify(one.root(), 0, 2).uuid, identify(one.root(), 0, 2).uuid);
  EXPECT_NE(identify(one.root(), 0, 2).uuid, identify(one.root(), 1, 2).uuid);
  EXPECT_NE(identify(one.root(), 0, 2).uuid, identify(one.root(), 0, 1).uuid);
  EXPECT_NE(identify(one.root(), 0, 2).uuid, identify(other.root(), 0, 2).uuid);
  EXPECT_THAT(identify(other.root(), 0, 1).source, HasSubstr("product_uuid"));
  try {
    identify(none.root(), 0, 1);
    ADD_FAILURE() << "a device without identity";
  } catch (const geomsu::plugin::Failure& failure) {
    EXPECT_EQ(failure.code(), GEOMSU_UNSUPPORTED);
    EXPECT_THAT(failure.what(), HasSubstr("machine-id"));
  }
}

// A server as recorded: two packages, of which core 0 and 1 are the first's.
void record(const Tree& tree) {
  for (const int core : {0, 1, 2}) {
    const std::string cpu = "/sys/devices/system/cpu/cpu" + std::to_string(core);
    tree.write(cpu + "/topology/physical_package_id", core < 2 ? "0\n" : "1\n");
    tree.write(cpu + "/cpufreq/scaling_cur_freq", std::to_string(2000000 + core * 500000) + "\n");
    tree.write(cpu + "/thermal_throttle/core_throttle_count", std::to_string(core + 1) + "\n");
  }
  for (const int package : {0, 1}) {
    const std::string hwmon = "/sys/class/hwmon/hwmon" + std::to_string(package), p = std::to_string(package);
    tree.write(hwmon + "/name", "coretemp\n");
    tree.write(hwmon + "/temp1_label", "Package id " + p + "\n");
    tree.write(hwmon + "/temp1_input", package == 0 ? "61000\n" : "99000\n");
    tree.write(hwmon + "/temp2_input", package == 0 ? "63000\n" : "98000\n");
    const std::string rapl = "/sys/class/powercap/intel-rapl:" + p;
    tree.write(rapl + "/name", "package-" + p + "\n");
    tree.write(rapl + "/energy_uj", "900000\n");
    tree.write(rapl + "/max_energy_range_uj", "1000000\n");
  }
  tree.write("/sys/devices/system/edac/mc/mc0/ce_count", "5\n");
  tree.write("/sys/devices/system/edac/mc/mc0/ue_count", "0\n");
  tree.write("/proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 400 kB\n");
  tree.write(
      "/proc/stat",
      "cpu  9 9 9 9 9 9 9 9\ncpu0 100 0 0 900 0 0 0 0 0 0\ncpu1 100 0 0 900 0 0 0 0 0 0\ncpu2 0 0 0 5 0 0 0 0 0 0\n");
}

TEST(Telemetry, ReadsARecordedServer) {
  const Tree tree;
  record(tree);
  TelemetrySource source(tree.root(), {0, 1});
  EXPECT_EQ(source.absent(), "");
  const Reading r = source.read();
  EXPECT_EQ(r.clock_mhz, 2250);
  EXPECT_EQ(r.temperature_c, 63) << "the hottest of the own package";
  EXPECT_DOUBLE_EQ(r.energy_j.value(), 0.9);
  EXPECT_EQ(r.memory_used_bytes, 600 * 1024);
  EXPECT_EQ(r.throttle_events, 3u);
  EXPECT_EQ(r.throttle, 0u);
  EXPECT_EQ(r.ecc_corrected, 5u);
  EXPECT_EQ(r.ecc_uncorrected, 0u) << "a counter that says 0 is not an absent one";
}

TEST(Telemetry, UndoesAWrapOfTheEnergyCounterAndSeesThrottlingBegin) {
  const Tree tree;
  record(tree);
  TelemetrySource source(tree.root(), {0, 1});
  source.read();
  tree.write("/sys/class/powercap/intel-rapl:0/energy_uj", "100000\n");
  tree.write("/sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "9\n");
  const Reading r = source.read();
  EXPECT_DOUBLE_EQ(r.energy_j.value(), 1.1);
  EXPECT_GT(r.power_w.value(), 0);
  EXPECT_EQ(r.throttle, GEOMSU_THROTTLE_THERMAL);
  EXPECT_EQ(source.read().throttle, 0u);
}

TEST(Telemetry, CountsOnlyWhatOthersTook) {
  const Tree tree;
  record(tree);
  TelemetrySource source(tree.root(), {0, 1});
  // Both cores pass 100 s, one of them fully taken, stolen time included; this process took next to nothing meanwhile.
  tree.write("/proc/stat", "cpu0 5100 0 0 900 0 0 0 5000 0 0\ncpu1 100 0 0 10900 0 0 0 0 0 0\n");
  EXPECT_NEAR(source.read().foreign_load.value(), 0.5, 0.01);
}

TEST(Telemetry, NamesWhatAMachineDoesNotGive) {
  const Tree bare;
  TelemetrySource source(bare.root(), {0});
  const Reading r = source.read();
  EXPECT_FALSE(r.power_w || r.energy_j || r.temperature_c || r.clock_mhz || r.memory_used_bytes || r.foreign_load ||
               r.throttle || r.throttle_events || r.ecc_corrected || r.ecc_uncorrected);
  for (const char* word : {"power", "temperature", "clock", "throttling", "ECC", "foreign load"}) {
    EXPECT_THAT(source.absent(), HasSubstr(word));
  }
}

TEST(Telemetry, DoesNotTakeAConstantForAReading) {
  const Tree tree;  // a virtual machine: "cpu MHz" is what the boot said
  tree.write("/proc/cpuinfo", "processor : 0\ncpu MHz : 2000.000\nflags : fpu avx2\n");
  EXPECT_FALSE(TelemetrySource(tree.root(), {0}).read().clock_mhz);
  tree.write("/proc/cpuinfo", "processor : 0\ncpu MHz : 2000.000\nflags : fpu aperfmperf avx2\n");
  EXPECT_EQ(TelemetrySource(tree.root(), {0}).read().clock_mhz, 2000);
}

TEST(Executor, RunsInOrderAndCarriesExceptionsOut) {
  const std::vector<int> one{allowed_cores().front()};
  Executor executor(one);
  std::string order;
  executor.call([&] { order += 'a'; });
  EXPECT_THROW(executor.call([] { throw std::runtime_error("broken"); }), std::runtime_error);
  executor.call([&] { order += 'b'; });
  EXPECT_EQ(order, "ab");
}

TEST(Executor, PinsItsPoolAThreadACore) {
  const std::vector<int> before = allowed_cores();
  Executor executor(before);
  std::vector<int> inside;
  executor.call([&] { inside = allowed_cores(); });
  EXPECT_EQ(inside, std::vector<int>{before.front()});
  EXPECT_EQ(allowed_cores(), before) << "the caller keeps its own";
}

TEST(Buffer, IsAlignedToHugePagesAndZero) {
  const Buffer buffer(5000);
  const auto bytes = buffer.as<unsigned char>();
  EXPECT_EQ(bytes.size(), 5000u);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data()) % (2u << 20), 0u);
  EXPECT_EQ(bytes[4999], 0);
}

}  // namespace
