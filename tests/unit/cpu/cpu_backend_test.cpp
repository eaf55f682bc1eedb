// What is the CPU backend's own, through the ABI: devices, identity, pinning, OpenBLAS, the library file.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/cpu/affinity.hpp"
#include "kernels/cpu/processor.hpp"
#include "tests/unit/cpu/plugin_under_test.hpp"

namespace {

using geomsu::cpu::allowed_cores;
using geomsu::test::Instance;
using geomsu::test::refusal;
using geomsu::test::Settings;
using testing::HasSubstr;
using testing::MatchesRegex;

const geomsu_plugin* api() { return geomsu::test::load(GEOMSU_CPU_SO); }

std::string attribute(const geomsu_description& description, const std::string& key) {
  for (std::uint64_t i = 0; i < description.attribute_count; ++i) {
    if (description.attributes[i].key == key) return description.attributes[i].value;
  }
  return "";
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  std::array<char, 4096> buffer{};
  while (pipe && std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe.get()) != nullptr)
    text += buffer.data();
  return text;
}

TEST(CpuBackend, IsNamedCpuAndReal) {
  EXPECT_STREQ(api()->name, "cpu");
  EXPECT_EQ(api()->simulated, nullptr);
}

TEST(CpuBackend, DescribesItselfWithIdentityPeakAndWhatItCannotRead) {
  Instance instance(api());
  const auto d = instance.describe(0);
  EXPECT_THAT(d.uuid, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_THAT(d.serial, MatchesRegex("cpu-[0-9a-f]{12}"));
  EXPECT_THAT(attribute(d, "serial.source"), HasSubstr("hash of /"));
  std::ifstream file("/etc/machine-id");
  std::string machine;
  ASSERT_TRUE(file >> machine);
  EXPECT_EQ(std::string(d.uuid).find(machine.substr(0, 8)), std::string::npos) << "the name itself stays here";
  EXPECT_GT(std::stod(attribute(d, "peak.fp32")), 1e9);
  EXPECT_DOUBLE_EQ(std::stod(attribute(d, "peak.fp32")), 2 * std::stod(attribute(d, "peak.fp64")));
  EXPECT_THAT(attribute(d, "peak.source"), HasSubstr("FMA"));
  EXPECT_EQ(attribute(d, "peak.bandwidth"), "") << "nobody knows it here";
  EXPECT_NE(attribute(d, "cores"), "");
  EXPECT_NE(d.memory_bytes, 0u);
  EXPECT_EQ(d.pci_address, nullptr);
  EXPECT_EQ(d.pcie_generation, GEOMSU_UNKNOWN);
}

TEST(CpuBackend, SplitsItsCoresEvenlyIntoDevicesOfTheirOwnIdentity) {
  const std::size_t cores = allowed_cores().size();
  Instance whole(api(), {{"devices", "1"}});
  ASSERT_EQ(whole.devices(), 1u);
  const std::size_t physical = std::stoul(attribute(whole.describe(0), "cores"));
  EXPECT_LE(physical, cores);
  Instance each(api(), {{"devices", std::to_string(physical)}});
  ASSERT_EQ(each.devices(), physical);
  EXPECT_EQ(attribute(each.describe(0), "cores"), "1");
  if (physical > 1) {
    EXPECT_STRNE(each.describe(0).uuid, each.describe(1).uuid);
    EXPECT_STRNE(each.describe(0).uuid, whole.describe(0).uuid) << "half a processor is not the whole";
    EXPECT_STREQ(each.describe(1).partition, ("2 of " + std::to_string(physical)).c_str());
  }
  std::string words;
  EXPECT_EQ(refusal(
                [&] {
                  Instance(api(), {{"devices", std::to_string(physical + 1)}});
                },
                &words),
            GEOMSU_INVALID_ARGUMENT);
  EXPECT_THAT(words, HasSubstr("evenly"));
  EXPECT_EQ(refusal([&] { Instance(api(), {{"devices", "0"}}); }), GEOMSU_INVALID_ARGUMENT);
  EXPECT_EQ(refusal([&] { Instance(api(), {{"devices", "two"}}); }), GEOMSU_INVALID_ARGUMENT);
  EXPECT_EQ(refusal([&] { Instance(api(), {{"colour", "red"}}); }, &words), GEOMSU_INVALID_ARGUMENT);
  EXPECT_THAT(words, HasSubstr("colour"));
}

TEST(CpuBackend, ServesGemmAndMemoryOnlyWhereOneDeviceIsOpen) {
  const std::string cores = attribute(Instance(api()).describe(0), "cores");
  if (std::stoul(cores) < 2) GTEST_SKIP() << "one core makes one device";
  const Settings memory{{"kind", "copy"}, {"bytes", "4096"}};
  Instance instance(api(), {{"devices", cores}});
  auto first = instance.open(0);
  std::string words;
  EXPECT_EQ(refusal([&] { instance.open(0); }), GEOMSU_INVALID_ARGUMENT) << "it is open already";
  EXPECT_EQ(refusal([&] { instance.open(9999); }), GEOMSU_INVALID_ARGUMENT);
  {
    auto second = instance.open(1);
    EXPECT_EQ(refusal([&] { second.prepare("memory", memory); }, &words), GEOMSU_UNSUPPORTED);
    EXPECT_THAT(words, HasSubstr("one worker a device"));
    EXPECT_EQ(refusal([&] {
                first.prepare("gemm", {{"dtype", "fp32"}, {"m", "8"}, {"n", "8"}, {"k", "8"}});
              }),
              GEOMSU_UNSUPPORTED);
  }
  EXPECT_EQ(refusal([&] { first.prepare("memory", memory); }), 0u);
}

TEST(CpuBackend, PinsTheSubmittingThreadAndLetsItGo) {
  const std::vector<int> before = allowed_cores();
  Instance each(api(), {{"devices", std::to_string(std::stoul(attribute(Instance(api()).describe(0), "cores")))}});
  {
    auto device = each.open(each.devices() - 1);
    EXPECT_EQ(allowed_cores().size(), 1u);
  }
  EXPECT_EQ(allowed_cores(), before);
}

TEST(CpuBackend, ComputesTheSameOnOneCoreAsOnAll) {
  const Settings settings{{"kind", "triad"}, {"bytes", "65536"}};
  const auto digest_with = [&](const Settings& site) {
    Instance instance(api(), site);
    auto device = instance.open();
    auto work = device.prepare("memory", settings);
    work.reseed(7);
    work.run(11);
    return work.digest(0, 10);
  };
  const std::string cores = attribute(Instance(api()).describe(0), "cores");
  EXPECT_EQ(digest_with({{"devices", "1"}}), digest_with({{"devices", cores}}));
}

TEST(CpuBackend, NamesTheLibraryThatComputed) {
  Instance instance(api());
  auto device = instance.open();
  auto work = device.prepare("gemm", {{"dtype", "fp32"}, {"m", "8"}, {"n", "8"}, {"k", "8"}});
  EXPECT_THAT(work.info().algorithm, HasSubstr("OpenBLAS"));
  EXPECT_THAT(work.info().algorithm, HasSubstr("libopenblas"));
  EXPECT_THAT(work.info().algorithm, HasSubstr("threads"));
}

TEST(CpuBackend, RefusesALibraryThatIsNotOpenBlasAndSaysWhatToInstall) {
  for (const char* path : {"/nowhere/libopenblas.so.0", "libm.so.6"}) {
    Instance instance(api(), {{"openblas", path}});
    auto device = instance.open();
    std::string words;
    EXPECT_EQ(refusal(
                  [&] {
                    device.prepare("gemm", {{"dtype", "fp32"}, {"m", "8"}, {"n", "8"}, {"k", "8"}});
                  },
                  &words),
              GEOMSU_UNSUPPORTED);
    EXPECT_THAT(words, HasSubstr(path));
    EXPECT_THAT(words, HasSubstr("libopenblas0-openmp"));
    EXPECT_EQ(refusal([&] {
                device.prepare("memory", {{"kind", "copy"}, {"bytes", "4096"}});
              }),
              0u)
        << "memory needs none";
  }
}

TEST(CpuBackend, NeedsOneDnnForNarrowDtypesAndSaysWhatToInstall) {
  for (const char* path : {"/nowhere/libdnnl.so.2", "libm.so.6"}) {
    Instance instance(api(), {{"onednn", path}});
    auto device = instance.open();
    std::string words;
    EXPECT_EQ(refusal(
                  [&] {
                    device.prepare("gemm", {{"dtype", "int8"}, {"m", "8"}, {"n", "8"}, {"k", "8"}});
                  },
                  &words),
              GEOMSU_UNSUPPORTED);
    EXPECT_THAT(words, HasSubstr("oneDNN 2"));
    EXPECT_THAT(words, HasSubstr("install libdnnl"));
#if defined(GEOMSU_WITH_ONEDNN)
    EXPECT_THAT(words, HasSubstr(path));
#endif
    for (const char* dtype : {"fp32", "fp64"}) {
      EXPECT_EQ(refusal([&] {
                  device.prepare("gemm", {{"dtype", dtype}, {"m", "8"}, {"n", "8"}, {"k", "8"}});
                }),
                0u)
          << dtype << " needs none";
    }
  }
}

#if defined(GEOMSU_WITH_ONEDNN)
TEST(CpuBackend, OffersBf16AndFp16OnlyByTheProcessorsOwnInstructions) {
  std::ifstream file("/proc/cpuinfo");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto flags = geomsu::cpu::parse_cpuinfo(text).flags;
  Instance instance(api());
  auto device = instance.open();
  const bool bf16 = flags.contains("avx512_bf16") || flags.contains("amx_bf16");
  const bool fp16 = flags.contains("avx512_fp16") || flags.contains("amx_fp16");
  for (const char* out : {"bf16", "fp32"}) {
    std::string words;
    const Settings settings{{"dtype", "bf16"}, {"out", out}, {"m", "33"}, {"n", "65"}, {"k", "17"}};
    EXPECT_EQ(refusal([&] { device.prepare("gemm", settings); }, &words), bf16 ? 0u : GEOMSU_UNSUPPORTED) << words;
    if (!bf16) {
      EXPECT_THAT(words, HasSubstr("avx512_bf16"));
      continue;
    }
    EXPECT_THAT(device.prepare("gemm", settings).info().algorithm, HasSubstr("bf16"));
  }
  std::string words;
  const std::uint32_t code = refusal(
      [&] {
        device.prepare("gemm", {{"dtype", "fp16"}, {"m", "8"}, {"n", "8"}, {"k", "8"}});
      },
      &words);
  if (!fp16) {
    EXPECT_EQ(code, GEOMSU_UNSUPPORTED);
    EXPECT_THAT(words, HasSubstr("avx512_fp16"));
  } else {
    EXPECT_TRUE(code == 0 || code == GEOMSU_UNSUPPORTED) << words;  // oneDNN 2.6 has no kernel, a later one may
  }
}
#endif

// What each call must refuse before it takes memory: the largest shapes that can be written down, and their like.
TEST(CpuBackend, RefusesShapesThatCannotBeNamingTheParameterAndTakesNothing) {
  const std::string most = "2147483647", beyond = "2147483648", wraps = "18446744073709551617";
  struct Case {
    const char* op;
    Settings settings;
    std::uint32_t code;
    const char* words;
  };
  std::vector<Case> cases{
      {"memory", {{"kind", "read"}, {"bytes", "9223372036854775296"}}, GEOMSU_INVALID_ARGUMENT, "bytes must be"},
      {"memory", {{"kind", "write"}, {"bytes", "9223372036854775808"}}, GEOMSU_INVALID_ARGUMENT, "bytes must be"},
      {"memory", {{"kind", "add"}, {"bytes", wraps}}, GEOMSU_INVALID_ARGUMENT, "bytes must be"},
      {"memory", {{"kind", "scale"}, {"bytes", "0"}}, GEOMSU_INVALID_ARGUMENT, "bytes must be"},
      {"memory", {{"kind", "scale"}, {"bytes", "3584"}}, GEOMSU_INVALID_ARGUMENT, "bytes must be"},
      {"memory", {{"kind", "read"}, {"bytes", "4097"}}, GEOMSU_INVALID_ARGUMENT, "multiple of 512"},
      {"memory", {{"kind", "read"}, {"bytes", "-4096"}}, GEOMSU_INVALID_ARGUMENT, "bytes must be"},
      {"memory", {{"kind", "peek"}, {"bytes", "4096"}}, GEOMSU_INVALID_ARGUMENT, "kind must be"},
      {"memory", {{"kind", "read"}, {"bytes", "4096"}, {"dtype", "int8"}}, GEOMSU_INVALID_ARGUMENT, "dtype must be"},
      {"memory", {{"kind", "read"}}, GEOMSU_INVALID_ARGUMENT, "bytes must be given"},
  };
  for (const char* kind : {"copy", "scale", "add", "triad", "read", "write"})
    cases.push_back({"memory", {{"kind", kind}, {"bytes", "1099511627776"}}, GEOMSU_OUT_OF_MEMORY, "bytes"});
  for (const char* dtype : {"fp64", "fp32", "int8"}) {
    const auto gemm = [&](const std::string& m, const std::string& n, const std::string& k) {
      return Settings{{"dtype", dtype}, {"m", m}, {"n", n}, {"k", k}};
    };
    cases.push_back({"gemm", gemm(most, most, most), GEOMSU_INVALID_ARGUMENT, "2^63"});
    cases.push_back({"gemm", gemm(most, "1", most), GEOMSU_INVALID_ARGUMENT, "2^63"});  // 2^62 elements of A
    cases.push_back({"gemm", gemm("0", "1", "1"), GEOMSU_INVALID_ARGUMENT, "m must be"});
    cases.push_back({"gemm", gemm("1", beyond, "1"), GEOMSU_INVALID_ARGUMENT, "n must be"});
    cases.push_back({"gemm", gemm("1", "1", wraps), GEOMSU_INVALID_ARGUMENT, "k must be"});
    cases.push_back({"gemm", gemm("1", "1", "-1"), GEOMSU_INVALID_ARGUMENT, "k must be"});
    cases.push_back({"gemm", gemm("500000000", "500000000", "1"), GEOMSU_OUT_OF_MEMORY, "operand set"});
    cases.push_back({"gemm", gemm(most, "400000000", "1"), GEOMSU_INVALID_ARGUMENT, "2^63"});  // C near 2^63 bytes
  }
  Instance instance(api());
  auto device = instance.open();
  const auto peak_kib = [] {
    std::ifstream file("/proc/self/status");
    for (std::string word; file >> word;) {
      std::uint64_t kib = 0;
      if (word == "VmSize:" && file >> kib) return kib;
    }
    return std::uint64_t{0};
  };
  {
    const auto first = device.prepare("gemm", {{"dtype", "fp32"}, {"m", "1"}, {"n", "1"}, {"k", "1"}});
  }  // its threads
  const std::uint64_t before = peak_kib();
  for (const auto& c : cases) {
    std::string words, shown = c.op;
    for (const auto& [key, value] : c.settings) shown += " " + key + "=" + value;
    EXPECT_EQ(refusal([&] { device.prepare(c.op, c.settings); }, &words), c.code) << shown << ": " << words;
    EXPECT_THAT(words, HasSubstr(c.words)) << shown;
  }
  EXPECT_LT(peak_kib(), before + 64 * 1024) << "address space was taken and kept";
}

TEST(CpuBackend, KeepsFewerSetsWhereMoreDoNotFit) {
  Instance instance(api());
  auto device = instance.open();
  // A tenth of the memory a set: six fit into 60 %. Inputs that are never filled take no pages.
  std::uint64_t available_kib = 0;
  std::ifstream file("/proc/meminfo");
  for (std::string word; file >> word;) {
    if (word == "MemAvailable:") file >> available_kib;
  }
  const std::uint64_t k = available_kib * 1024 / 10 / 8;
  auto work = device.prepare(
      "gemm", {{"dtype", "fp32"}, {"m", "1"}, {"n", "1"}, {"k", std::to_string(k)}, {"operand_sets", "1000000"}});
  const auto info = work.info();
  EXPECT_GE(info.operand_sets, 1u);
  EXPECT_LE(info.operand_sets, 8u);
  EXPECT_LE(info.memory_bytes, available_kib * 1024 * 7 / 10);
  EXPECT_EQ(info.refill, GEOMSU_REFILL_BLOCK);
}

TEST(CpuBackend, SaysNothingOfForeignLoadAtFirstAndAShareAfterwards) {
  Instance instance(api());
  auto device = instance.open();
  auto work = device.prepare("gemm", {{"dtype", "fp64"}, {"m", "512"}, {"n", "512"}, {"k", "512"}});
  work.reseed(1);
  work.run(20);
  const auto reading = device.telemetry();
  if (!std::isnan(reading.foreign_load)) {
    EXPECT_GE(reading.foreign_load, 0);
    EXPECT_LE(reading.foreign_load, 1);
  }
}

TEST(CpuBackend, ExportsTheOneFunctionAndCarriesNoSearchPath) {
  for (const char* path : {GEOMSU_CPU_SO, GEOMSU_TEMPLATE_SO}) {
    const std::string symbols = output_of(std::string("nm -D --defined-only '") + path + "'");
    EXPECT_THAT(symbols, HasSubstr(" T geomsu_plugin_query"));
    EXPECT_EQ(std::count(symbols.begin(), symbols.end(), '\n'), 1) << symbols;
  }
  const std::string dynamic = output_of("readelf -d '" GEOMSU_CPU_SO "'");
  EXPECT_THAT(dynamic, HasSubstr("NEEDED"));
  EXPECT_THAT(dynamic, HasSubstr("libgomp"));
  EXPECT_THAT(dynamic, testing::Not(HasSubstr("libopenblas"))) << "it is chosen when run";
  if (dynamic.find("PATH") != std::string::npos) ADD_FAILURE() << dynamic;
}

}  // namespace
