// Suites, sites and datasheets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.hpp"
#include "harness/base/hash.hpp"
#include "tests/unit/contract/contract_text.hpp"

namespace geomsu::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kConfigs = std::string(GEOMSU_SOURCE_DIR) + "/configs/";
const std::string kSuite = "name: s\nblocks: 30\nblock_min: 500 ms\nwarmup: 1 s\nsoak: 60 s\n";

TEST(Suite, GivesItsTimesInNanoseconds) {
  const auto loaded = parse_suite(kSuite, "s.yaml");
  ASSERT_TRUE(loaded.value);
  EXPECT_THAT(loaded.diagnostics, IsEmpty());
  EXPECT_EQ(loaded.value->blocks, 30u);
  EXPECT_EQ(loaded.value->block_min_ns, 500'000'000);
  EXPECT_EQ(loaded.value->warmup_ns, 1'000'000'000);
  EXPECT_EQ(loaded.value->soak_ns, 60'000'000'000);
  EXPECT_FALSE(loaded.value->soak);
}

TEST(Suite, TakesAWorkloadForItsSoak) {
  const auto loaded =
      parse_suite(kSuite + "soak_workload: {op: memory, kind: copy, bytes: 4096, concurrency: node}\n", "s.yaml");
  ASSERT_TRUE(loaded.value) << ::testing::PrintToString(errors(loaded.diagnostics));
  EXPECT_EQ(loaded.value->soak->name(), "memory:bytes=4096,data=normal,dtype=fp64,kind=copy@node");
  EXPECT_THAT(errors(parse_suite(kSuite + "soak_workload: {op: memcpy, concurrency: node}\n", "s.yaml").diagnostics),
              Contains(HasSubstr("s.yaml:6:21: error: unknown operation 'memcpy'")));
  EXPECT_THAT(errors(parse_suite(kSuite + "soak_workload: {concurrency: node}\n", "s.yaml").diagnostics),
              Contains(HasSubstr("s.yaml:6:16: error: the workload has no 'op'")));
}

TEST(Suite, RefusesWhatIsNoNumberOfBlocks) {
  for (const std::string blocks : {"0", "10001", "-1", "1e2", "030", "thirty", "3.5", "99999999999999999999"}) {
    const std::string text = "name: s\nblocks: " + blocks + "\nblock_min: 500 ms\nwarmup: 1 s\nsoak: 60 s\n";
    const auto loaded = parse_suite(text, "s.yaml");
    EXPECT_FALSE(loaded.value) << blocks;
    EXPECT_THAT(errors(loaded.diagnostics), ElementsAre(HasSubstr("s.yaml:2:9: error: 'blocks' must be")));
  }
}

TEST(Suite, RefusesTimesOutOfRangeOrInOtherUnits) {
  const auto loaded = parse_suite("name: s\nblocks: 30\nblock_min: 1 us\nwarmup: 2 h\nsoak: 100000 s\n", "s.yaml");
  EXPECT_THAT(errors(loaded.diagnostics),
              ElementsAre(HasSubstr("s.yaml:3:12: error: 'block_min' must be from 1.000 ms"),
                          HasSubstr("s.yaml:4:9: error: 'warmup': unknown unit 'h'"),
                          HasSubstr("s.yaml:5:7: error: 'soak' must be from")));
  EXPECT_THAT(errors(parse_suite("name: s\n", "s.yaml").diagnostics), SizeIs(4));
}

TEST(Suite, WarnsOfASoakInWhichNoClockCanProveItself) {
  const auto loaded = parse_suite("name: s\nblocks: 30\nblock_min: 500 ms\nwarmup: 0 s\nsoak: 0 s\n", "s.yaml");
  EXPECT_TRUE(loaded.value);
  EXPECT_THAT(warnings(loaded.diagnostics), ElementsAre(HasSubstr("s.yaml:5:7: warning: a soak shorter than 5 s")));
}

TEST(ShippedSuites, AreReadWithoutAWord) {
  for (const std::string name : {"demo", "acceptance", "smoke", "soak", "nightly", "two-looks"}) {
    const auto loaded = parse_suite(read_file(kConfigs + "suites/" + name + ".yaml"), name);
    EXPECT_THAT(loaded.diagnostics, IsEmpty()) << name;
    ASSERT_TRUE(loaded.value);
    EXPECT_EQ(loaded.value->name, name);
    std::uint32_t needed = 0;
    EXPECT_TRUE(median_bound_exists("median", loaded.value->blocks, 0.95, &needed));
  }
}

TEST(ShippedSuites, KeepTheLimitsThatTheyAreFor) {
  const auto suite = [](const std::string& name) {
    return parse_suite(read_file(kConfigs + "suites/" + name + ".yaml"), name).value.value();
  };
  EXPECT_EQ(suite("smoke").budget_ns, 30'000'000'000);
  EXPECT_GE(suite("smoke").block_min_ns, 100'000'000);
  EXPECT_EQ(suite("acceptance").budget_ns, 900'000'000'000);
  EXPECT_GE(suite("acceptance").soak_ns, 60'000'000'000);
  EXPECT_GE(suite("acceptance").block_min_ns, 500'000'000);
  EXPECT_FALSE(suite("acceptance").adaptive_min_blocks);
  EXPECT_EQ(suite("acceptance").tail_blocks, 59U);
  EXPECT_EQ(suite("nightly").adaptive_min_blocks, 10U);
}

TEST(Suite, ReadsAnExtensionAndKnowsItsOwnBytes) {
  EXPECT_EQ(parse_suite(kSuite, "s.yaml").value.value().extension_blocks, 0U);
  const auto extended = parse_suite(kSuite + "extension: 30\n", "s.yaml");
  ASSERT_TRUE(extended.value);
  EXPECT_EQ(extended.value->extension_blocks, 30U);
  EXPECT_EQ(extended.value->sha256, sha256_hex(kSuite + "extension: 30\n"));
  EXPECT_THAT(errors(parse_suite(kSuite + "extension: 0\n", "s.yaml").diagnostics),
              ElementsAre(HasSubstr("s.yaml:6:12: error: 'extension' must be from 1 to 10000, not '0'")));
  EXPECT_THAT(errors(parse_suite(kSuite + "adaptive: {min_blocks: 10}\nextension: 30\n", "s.yaml").diagnostics),
              ElementsAre(HasSubstr("s.yaml:7:12: error: 'extension' beside 'adaptive'")));
}

TEST(Suite, ReadsBlocksForTheTailThinningAdaptiveStoppingAndABudget) {
  const std::string base = "name: s\nblocks: 30\nblock_min: 500 ms\nwarmup: 1 s\nsoak: 60 s\n";
  const auto plain = parse_suite(base, "s.yaml");
  ASSERT_TRUE(plain.value);
  EXPECT_EQ(plain.value->tail_blocks, 0U);
  EXPECT_FALSE(plain.value->adaptive_min_blocks || plain.value->budget_ns);
  const auto full =
      parse_suite(base + "tail_blocks: 59\nthin: {gemm: 3}\nadaptive: {min_blocks: 10}\nbudget: 900 s\n", "s.yaml");
  ASSERT_TRUE(full.value) << ::testing::PrintToString(errors(full.diagnostics));
  EXPECT_EQ(full.value->tail_blocks, 59U);
  EXPECT_EQ(full.value->thin_of({"gemm", {}, Concurrency::kNode}), 3U);
  EXPECT_EQ(full.value->thin_of({"memory", {}, Concurrency::kNode}), 1U);
  EXPECT_EQ(full.value->adaptive_min_blocks, 10U);
  EXPECT_EQ(full.value->budget_ns, 900'000'000'000);
  const auto wrong =
      parse_suite(base + "tail_blocks: 0\nthin: {gem: 2}\nadaptive: {min_blocks: 31}\nbudget: 15\n", "s.yaml");
  EXPECT_THAT(errors(wrong.diagnostics),
              ElementsAre(HasSubstr("s.yaml:6:14: error: 'tail_blocks' must be from 1 to 10000, not '0'"),
                          HasSubstr("unknown key 'gem'"),
                          HasSubstr("'min_blocks' must be from 2 to the 30 blocks of the suite, not 31"),
                          HasSubstr("'budget' wants a time in s")));
  EXPECT_THAT(errors(parse_suite(base + "thin: 2\nadaptive: yes\n", "s.yaml").diagnostics),
              ElementsAre(HasSubstr("'thin' must be a map"), HasSubstr("'adaptive' must be a map")));
}

TEST(Site, NamesPlugInsByBackendPathOrCommand) {
  const auto loaded = parse_site(
      "node: n1\nplugins:\n  - backend: cpu\n    params: {devices: 2}\n  - path: /opt/x.so\n  - command: [/opt/a, "
      "--b]\n",
      "l.yaml");
  ASSERT_TRUE(loaded.value) << ::testing::PrintToString(errors(loaded.diagnostics));
  EXPECT_EQ(loaded.value->node, "n1");
  ASSERT_THAT(loaded.value->plugins, SizeIs(3));
  EXPECT_EQ(loaded.value->plugins[0].backend, "cpu");
  EXPECT_EQ(loaded.value->plugins[0].params.at("devices"), "2");
  EXPECT_EQ(loaded.value->plugins[1].path, "/opt/x.so");
  EXPECT_THAT(loaded.value->plugins[2].command, ElementsAre("/opt/a", "--b"));
}

TEST(Site, RefusesProgramsThatItCannotPinDown) {
  const auto loaded = parse_site(
      "plugins:\n  - backend: ../evil\n  - path: x.so\n  - command: [python3, a.py]\n  - command: /bin/sh -c id\n"
      "  - {}\n  - {backend: cpu, path: /x.so}\n  - {backend: cpu, params: [a]}\n  - cpu\n  - {bakend: cpu}\n",
      "l.yaml");
  EXPECT_THAT(errors(loaded.diagnostics),
              ElementsAre(HasSubstr("l.yaml:2:14: error: '../evil' is no name of a backend"),
                          HasSubstr("l.yaml:3:11: error: 'x.so' is no absolute path"),
                          HasSubstr("l.yaml:4:15: error: 'python3' is no absolute path"),
                          HasSubstr("l.yaml:5:14: error: 'command' must be a list"),
                          HasSubstr("l.yaml:6:5: error: a plug-in has none of"),
                          HasSubstr("l.yaml:7:5: error: a plug-in has more than one"),
                          HasSubstr("l.yaml:8:28: error: 'params' must be a map"),
                          HasSubstr("l.yaml:9:5: error: a plug-in must be a map"),
                          HasSubstr("l.yaml:10:5: error: a plug-in has none of"),
                          HasSubstr("l.yaml:10:6: error: unknown key 'bakend' in a plug-in; did you mean 'backend'?")));
}

TEST(Site, NamesALauncherAndItsRanks) {
  const auto loaded = parse_site(
      "plugins:\n  - backend: mpi\n    launcher: [/usr/bin/mpirun, --bind-to, none, -n, 4]\n    ranks: 4\n", "l.yaml");
  ASSERT_TRUE(loaded.value) << ::testing::PrintToString(errors(loaded.diagnostics));
  EXPECT_THAT(loaded.value->plugins[0].launcher, ElementsAre("/usr/bin/mpirun", "--bind-to", "none", "-n", "4"));
  EXPECT_EQ(loaded.value->plugins[0].ranks, 4u);
}

TEST(Site, RefusesLaunchersThatItCannotCount) {
  const auto loaded = parse_site(
      "plugins:\n  - {backend: a, launcher: [/m]}\n  - {backend: b, ranks: 2}\n"
      "  - {backend: c, launcher: [mpirun], ranks: 2}\n  - {backend: d, launcher: /m -n 2, ranks: 2}\n"
      "  - {backend: e, launcher: [/m], ranks: 0}\n  - {command: [/a], launcher: [/m], ranks: 2}\n",
      "l.yaml");
  EXPECT_THAT(errors(loaded.diagnostics),
              ElementsAre(HasSubstr("l.yaml:2:28: error: 'launcher' and 'ranks' stand together"),
                          HasSubstr("l.yaml:3:25: error: 'launcher' and 'ranks' stand together"),
                          HasSubstr("l.yaml:4:29: error: 'mpirun' is no absolute path"),
                          HasSubstr("l.yaml:5:28: error: 'launcher' must be a list"),
                          HasSubstr("l.yaml:6:41: error: 'ranks' is '0', and must be from 1 to 65536"),
                          HasSubstr("l.yaml:7:5: error: 'launcher' stands beside 'command'")));
}

TEST(ShippedSites, AreReadWithoutAWord) {
  for (const std::string name : {"local", "two-cpus", "mpirun", "slurm-mpirun", "srun"}) {
    const auto loaded = parse_site(read_file(kConfigs + "sites/" + name + ".yaml"), name);
    EXPECT_THAT(loaded.diagnostics, IsEmpty());
    EXPECT_TRUE(loaded.value);
  }
}

const std::string kSheet =
    "sheets:\n  - {sku: x1, vendor: V, source: s, training: offered, fp64: unknown, fp32: 67 TFLOP/s, tf32: unknown, "
    "bf16: 989 "
    "TFLOP/s, fp16: unknown, fp8: unknown, fp4: unknown, int8: 1979 TOP/s, bandwidth: 3.35 TB/s, memory: 80 GB, tdp: "
    "700 W, "
    "check: [tdp]}\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(Sheets, GiveTheirPeaksInSiUnitsAndLeaveTheUnknownOut) {
  const auto loaded = parse_sheets(kSheet, "d.yaml");
  ASSERT_TRUE(loaded.value) << ::testing::PrintToString(errors(loaded.diagnostics));
  const DeviceSheet* sheet = loaded.value->find("x1");
  ASSERT_NE(sheet, nullptr);
  EXPECT_EQ(loaded.value->find("x2"), nullptr);
  EXPECT_EQ(sheet->peaks.at("bf16"), 989e12);
  EXPECT_EQ(sheet->peaks.at("int8"), 1979e12);
  EXPECT_EQ(sheet->peaks.at("bandwidth"), 3.35e12);
  EXPECT_EQ(sheet->peaks.count("fp64"), 0u);
  EXPECT_EQ(sheet->peaks.count("memory"), 0u);
  EXPECT_EQ(sheet->memory_bytes, 80e9);
  EXPECT_EQ(sheet->tdp_w, 700);
  EXPECT_EQ(sheet->training, "offered");
  EXPECT_THAT(sheet->check, ElementsAre("tdp"));
}

TEST(Sheets, RefuseZeroForUnknownAndCellsLeftOut) {
  EXPECT_THAT(errors(parse_sheets(replaced(kSheet, "fp64: unknown", "fp64: 0 TFLOP/s"), "d.yaml").diagnostics),
              ElementsAre(HasSubstr("'fp64' is not above zero")));
  EXPECT_THAT(errors(parse_sheets(replaced(kSheet, "fp64: unknown, ", ""), "d.yaml").diagnostics),
              ElementsAre(HasSubstr("a sheet has no 'fp64'")));
  EXPECT_THAT(errors(parse_sheets(replaced(kSheet, "80 GB", "80 GB/s"), "d.yaml").diagnostics),
              ElementsAre(HasSubstr("'memory' wants a size in B")));
  EXPECT_THAT(errors(parse_sheets(replaced(kSheet, "check: [tdp]", "check: [power]"), "d.yaml").diagnostics),
              ElementsAre(HasSubstr("'check' names no cell: 'power'")));
  EXPECT_THAT(errors(parse_sheets(replaced(kSheet, "tdp: 700 W", "tdp: 700 W, price: 1"), "d.yaml").diagnostics),
              ElementsAre(HasSubstr("unknown key 'price' in a sheet")));
  EXPECT_THAT(errors(parse_sheets(kSheet + kSheet.substr(8), "d.yaml").diagnostics),
              ElementsAre(HasSubstr("d.yaml:3:5: error: the sku 'x1' stands twice")));
}

TEST(ShippedSheets, AreReadWithoutAWordAndKeepWhatIsUnknown) {
  const auto loaded = parse_sheets(read_file(kConfigs + "devices/sheets.yaml"), "sheets.yaml");
  EXPECT_THAT(loaded.diagnostics, IsEmpty());
  ASSERT_TRUE(loaded.value);
  EXPECT_THAT(loaded.value->sheets, SizeIs(17));
  const DeviceSheet* b200 = loaded.value->find("b200-sxm");
  ASSERT_NE(b200, nullptr);
  EXPECT_EQ(b200->peaks.at("bf16"), 2250e12);
  EXPECT_THAT(b200->check, ElementsAre("memory"));
  EXPECT_FALSE(loaded.value->find("gh200-96")->tdp_w);
  EXPECT_EQ(loaded.value->find("rngd")->peaks.count("fp32"), 0u);
  EXPECT_EQ(loaded.value->find("rngd")->training, "not_offered");
}

}  // namespace
}  // namespace geomsu::test
