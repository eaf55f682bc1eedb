// What every computing plug-in must do, asked through the ABI alone and checked against kernels/ops.
// Over 400 lines: one list of what holds for all of them, each run on every candidate.
#include <algorithm>
#include <cmath>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/ops/fill.hpp"
#include "kernels/ops/operation.hpp"
#include "tests/unit/cpu/plugin_under_test.hpp"
#include "tests/unit/cpu/verified.hpp"

namespace {

using geomsu::test::Device;
using geomsu::test::Instance;
using geomsu::test::reference_of;
using geomsu::test::refusal;
using geomsu::test::Settings;
using geomsu::test::Work;
using testing::HasSubstr;

struct Candidate {
  std::string name, path;
  std::vector<std::string> dtypes;   // of gemm that are always offered
  std::vector<std::string> kinds;    // of memory
  std::vector<std::string> maybe{};  // dtypes of gemm that the processor decides on
};
void PrintTo(const Candidate& candidate, std::ostream* out) { *out << candidate.name; }

class Plugin : public testing::TestWithParam<Candidate> {
 protected:
  Settings gemm(const std::string& dtype, std::uint64_t m, std::uint64_t n, std::uint64_t k) const {
    Settings settings{{"m", std::to_string(m)}, {"n", std::to_string(n)}, {"k", std::to_string(k)}};
    const auto blank = dtype.find(' ');
    settings["dtype"] = dtype.substr(0, blank);
    if (blank != std::string::npos) settings["out"] = dtype.substr(blank + 1);
    return settings;
  }
  // What is offered here, out too: "bf16 fp32" is bf16 with out=fp32.
  std::vector<std::string> dtypes() {
    std::vector<std::string> all = GetParam().dtypes;
    for (const auto& dtype : GetParam().maybe) {
      if (refusal([&] { device.prepare("gemm", gemm(dtype, 8, 8, 8)); }) == 0) all.push_back(dtype);
    }
    return all;
  }

  const geomsu_plugin* api = geomsu::test::load(GetParam().path);
  Instance instance{api};
  Device device = instance.open();
};

// Elements (all, or 200 drawn), RMS and projection of one repeat's output.
void expect_right(const std::string& op, const Settings& settings, Work& work, std::uint64_t seed,
                  std::uint64_t repeats, std::uint64_t repeat) {
  EXPECT_EQ(geomsu::test::what_is_wrong(op, settings, work, seed, repeats, repeat), "");
}

TEST_P(Plugin, ComputesGemmInEveryLayoutAndOddSize) {
  const std::uint64_t shapes[][3] = {{1, 1, 1},    {1, 7, 3},      {13, 1, 5},    {17, 19, 23},
                                     {64, 48, 96}, {131, 67, 257}, {1, 1, 1031},  {1, 1031, 1},
                                     {1031, 1, 1}, {65, 65, 65},   {129, 33, 385}};
  for (const auto& dtype : dtypes()) {
    for (const char* layout : {"nn", "nt", "tn", "tt"}) {
      for (const auto& [m, n, k] : shapes) {
        SCOPED_TRACE(dtype + " " + layout + " " + std::to_string(m) + "x" + std::to_string(n) + "x" +
                     std::to_string(k));
        Settings settings = gemm(dtype, m, n, k);
        settings["layout"] = layout;
        Work work = device.prepare("gemm", settings);
        work.reseed(41);
        work.run(1);
        expect_right("gemm", settings, work, 41, 1, 0);
      }
    }
  }
}

TEST_P(Plugin, ComputesEveryKindOfDataAndABatch) {
  for (const auto& dtype : dtypes()) {
    for (const char* data : {"normal", "uniform", "trig", "zeros"}) {
      SCOPED_TRACE(dtype + " " + data);
      Settings settings = gemm(dtype, 33, 29, 31);
      settings["batch"] = "3";
      settings["data"] = data;
      settings["layout"] = "tn";
      Work work = device.prepare("gemm", settings);
      work.reseed(5);
      work.run(1);
      expect_right("gemm", settings, work, 5, 1, 0);
    }
  }
}

TEST_P(Plugin, AccumulatesWhereAnOperandSetIsMetAgain) {
  for (const auto& dtype : dtypes()) {
    for (const auto& [layout, batch] : {std::pair{"nn", "1"}, {"tt", "1"}, {"nt", "2"}}) {
      SCOPED_TRACE(dtype + " " + layout);
      Settings settings = gemm(dtype, 40, 24, 56);
      settings["layout"] = layout;
      settings["batch"] = batch;
      settings["operand_sets"] = "3";
      Work work = device.prepare("gemm", settings);
      settings.erase("operand_sets");
      const std::uint64_t sets = work.info().operand_sets;
      EXPECT_GE(sets, 1u);
      EXPECT_LE(sets, 3u);
      work.reseed(9);
      work.run(2);
      work.run(5);  // numbered on from the submission before
      for (std::uint64_t repeat = 0; repeat < 7; ++repeat) expect_right("gemm", settings, work, 9, 7, repeat);
      work.reseed(10);  // starts anew: nothing of the old sums is left
      work.run(2);
      for (std::uint64_t repeat = 0; repeat < 2; ++repeat) expect_right("gemm", settings, work, 10, 2, repeat);
    }
  }
}

TEST_P(Plugin, SumsInt8ExactlyBeyondWhatAFloatHoldsAndWraps) {
  if (std::find(GetParam().dtypes.begin(), GetParam().dtypes.end(), "int8") == GetParam().dtypes.end()) return;
  for (const char* layout : {"nn", "nt", "tn", "tt"}) {
    Settings settings = gemm("int8", 9, 7, 64);
    settings["layout"] = layout;
    Work work = device.prepare("gemm", settings);
    // One product, added ever again: beyond 2^24 after thousands of repeats, beyond 2^31 after a million.
    for (const std::uint64_t repeats : std::initializer_list<std::uint64_t>{20'000, 1'500'000}) {
      if (repeats > 1'000'000 && layout != std::string("tn")) continue;  // once is enough: it takes seconds
      SCOPED_TRACE(std::string(layout) + " x" + std::to_string(repeats));
      work.reseed(6);
      work.run(repeats);
      expect_right("gemm", settings, work, 6, repeats, 0);
    }
    const auto reference = reference_of("gemm", settings, 6, 1, 1);
    double largest = 0;
    for (std::uint64_t i = 0; i < 63; ++i) largest = std::max(largest, std::fabs(reference->element(i, 0).value));
    EXPECT_GT(largest * 1'500'000, 0x1p31) << "else nothing wrapped";
    EXPECT_GT(largest * 20'000, 0x1p24) << "else a float would do";
  }
}

TEST_P(Plugin, StreamsAsTheRecurrencesSay) {
  for (const auto& kind : GetParam().kinds) {
    for (const char* dtype : {"fp32", "fp64"}) {
      for (const char* bytes : {"4096", "4608", "65536", "66048", "101888"}) {
        const Settings settings{{"kind", kind}, {"dtype", dtype}, {"bytes", bytes}};
        Work work = device.prepare("memory", settings);
        for (const std::uint64_t repeats : std::initializer_list<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 50}) {
          SCOPED_TRACE(kind + " " + dtype + " " + bytes + " x" + std::to_string(repeats));
          work.reseed(3);
          work.run(repeats);
          expect_right("memory", settings, work, 3, repeats, repeats - 1);
        }
      }
    }
  }
}

TEST_P(Plugin, KeepsTheStreamsStateOverSubmissions) {
  for (const auto& kind : GetParam().kinds) {
    SCOPED_TRACE(kind);
    const Settings settings{{"kind", kind}, {"bytes", "8192"}};
    Work work = device.prepare("memory", settings);
    EXPECT_EQ(work.info().refill, GEOMSU_REFILL_TRIAL);
    work.reseed(3);
    work.run(4);
    work.run(0);
    work.run(7);
    expect_right("memory", settings, work, 3, 11, 10);
    const std::uint64_t digest = work.digest(0, 10);
    work.reseed(4);
    work.run(11);
    EXPECT_NE(work.digest(0, 10), digest);
    work.reseed(3);
    work.run(11);
    EXPECT_EQ(work.digest(0, 10), digest) << "in one submission or in two";
  }
}

TEST_P(Plugin, DigestsTheVeryBytesThatItReads) {
  Settings settings = gemm("fp32", 15, 7, 20);  // 105 floats: the last word is half empty
  Work work = device.prepare("gemm", settings);
  work.reseed(77);
  work.run(1);
  std::vector<std::uint64_t> all(105);
  for (std::uint64_t i = 0; i < all.size(); ++i) all[i] = i;
  const auto values = work.read(0, 0, all);
  const std::vector<float> stored(values.begin(), values.end());
  EXPECT_EQ(work.digest(0, 0), geomsu::ops::digest(std::as_bytes(std::span(stored))));
}

TEST_P(Plugin, GivesEqualDigestsWhenASeedIsRunAgain) {
  Settings settings = gemm("fp32", 200, 120, 90);
  settings["operand_sets"] = "2";
  Work work = device.prepare("gemm", settings);
  work.reseed(1);
  work.run(5);
  const std::uint64_t first = work.digest(0, 0), second = work.digest(0, 1);
  work.reseed(2);
  work.run(5);
  EXPECT_NE(work.digest(0, 0), first);
  work.reseed(1);
  work.run(5);
  EXPECT_EQ(work.digest(0, 0), first);
  EXPECT_EQ(work.digest(0, 1), second);
}

TEST_P(Plugin, HoldsTheGeneratorsOperands) {
  Settings settings = gemm("fp32", 6, 5, 4);
  settings["layout"] = "tt";
  Work work = device.prepare("gemm", settings);
  work.reseed(8);
  const std::uint64_t key = geomsu::ops::stream(8, geomsu::ops::tensor_id(0, 1));
  const auto got = work.read(1, 0, {0, 1, 7, 23});
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint64_t index = std::vector<std::uint64_t>{0, 1, 7, 23}[i];
    EXPECT_EQ(got[i], geomsu::ops::value(geomsu::ops::Data::kNormal, key, 17 - 16, index));
  }
}

TEST_P(Plugin, AnswersUnsupportedWithAReason) {
  std::string words;
  EXPECT_EQ(refusal([&] { device.prepare("gemm", gemm("fp8_e4m3", 8, 8, 8)); }, &words), GEOMSU_UNSUPPORTED);
  EXPECT_THAT(words, HasSubstr("fp8_e4m3"));
  for (const char* dtype : {"bf16", "fp16"}) {
    const std::uint32_t code = refusal([&] { device.prepare("gemm", gemm(dtype, 8, 8, 8)); }, &words);
    if (code == 0) continue;  // the processor has it
    EXPECT_EQ(code, GEOMSU_UNSUPPORTED) << words;
    EXPECT_THAT(words, HasSubstr(dtype));
  }
  for (const char* kind : {"copy", "scale", "add", "triad", "read", "write"}) {
    const auto& offered = GetParam().kinds;
    if (std::find(offered.begin(), offered.end(), kind) != offered.end()) continue;
    EXPECT_EQ(refusal(
                  [&] {
                    device.prepare("memory", {{"kind", kind}, {"bytes", "4096"}});
                  },
                  &words),
              GEOMSU_UNSUPPORTED);
    EXPECT_THAT(words, HasSubstr(kind));
  }
  EXPECT_EQ(refusal([&] { device.prepare("collective", {{"kind", "all_reduce"}}); }, &words), GEOMSU_UNSUPPORTED);
  EXPECT_THAT(words, HasSubstr("collective"));
}

TEST_P(Plugin, RefusesShapesThatAreNone) {
  std::string words;
  EXPECT_EQ(refusal([&] { device.prepare("gemm", gemm("fp32", 0, 8, 8)); }, &words), GEOMSU_INVALID_ARGUMENT);
  EXPECT_THAT(words, HasSubstr("m must be"));
  EXPECT_EQ(refusal([&] { device.prepare("gemm", gemm("fp32", 2147483647, 2147483647, 2147483647)); }),
            GEOMSU_INVALID_ARGUMENT);
  EXPECT_EQ(refusal([&] { device.prepare("memory", {{"kind", "copy"}, {"bytes", "1000"}}); }), GEOMSU_INVALID_ARGUMENT);
  EXPECT_EQ(refusal(
                [&] {
                  device.prepare("gemm", {{"dtype", "fp32"}, {"m", "8"}, {"n", "8"}});
                },
                &words),
            GEOMSU_INVALID_ARGUMENT);
  EXPECT_THAT(words, HasSubstr("k must be given"));
}

TEST_P(Plugin, RefusesMoreMemoryThanThereIsBeforeTakingIt) {
  std::string words;
  EXPECT_EQ(refusal(
                [&] {
                  device.prepare("memory", {{"kind", "triad"}, {"bytes", "1099511627776"}});
                },
                &words),
            GEOMSU_OUT_OF_MEMORY);
  EXPECT_THAT(words, HasSubstr("3298534883328"));
  EXPECT_EQ(refusal([&] { device.prepare("gemm", gemm("fp32", 2000000, 2000000, 8)); }), GEOMSU_OUT_OF_MEMORY);
}

TEST_P(Plugin, TimesOutWithoutLosingTheWork) {
  const Settings settings = gemm("fp32", 128, 128, 128);
  Work work = device.prepare("gemm", settings);
  // As much work as it takes to be caught unfinished, whatever the device's speed and this thread's luck.
  for (std::uint64_t repeats = 4; repeats <= (1u << 16); repeats *= 4) {
    work.reseed(4);
    auto event = work.submit(repeats);
    const bool timed_out = refusal([&] { event.wait(0); }) == GEOMSU_TIMEOUT;
    event.wait();
    event.wait(0);  // done stays done
    expect_right("gemm", settings, work, 4, repeats, 0);
    if (timed_out) return;
  }
  ADD_FAILURE() << "event_wait never timed out";
}

TEST_P(Plugin, SpansLieWithinTheHostsOwnReadings) {
  Work work = device.prepare("gemm", gemm("fp32", 256, 256, 256));
  work.reseed(4);
  const std::uint64_t before = device.clock();
  auto event = work.submit(5);
  event.wait();
  const std::uint64_t after = device.clock();
  std::vector<std::uint64_t> ends(3);
  const auto span = event.span(&ends);
  EXPECT_LE(before, span.first);
  EXPECT_LT(span.first, span.last);
  EXPECT_LE(span.last, after);
  if (span.repeat_count > 0) {
    ASSERT_EQ(span.repeat_count, 3u);
    EXPECT_LE(span.first, ends[0]);
    EXPECT_TRUE(std::is_sorted(ends.begin(), ends.end()));
    EXPECT_LE(ends[2], span.last);
  }
}

TEST_P(Plugin, SpansMayBeAskedForOnlyOnceTheWorkIsDone) {
  Work work = device.prepare("gemm", gemm("fp32", 64, 64, 64));
  work.reseed(4);
  auto event = work.submit(1);
  event.wait();
  EXPECT_EQ(refusal([&] { event.span(); }), 0u);
  geomsu_span span{};
  span.struct_size = sizeof(span);
  EXPECT_EQ(refusal([&] { geomsu::test::check(api, api->event_span(event.get(), 1, &span)); }),
            GEOMSU_INVALID_ARGUMENT);
}

TEST_P(Plugin, TakesAnEmptySubmissionAndDoesNothing) {
  for (const auto& [op, settings] : {std::pair<std::string, Settings>{"gemm", gemm("fp32", 8, 8, 8)},
                                     {"memory", Settings{{"kind", "triad"}, {"bytes", "8192"}}}}) {
    Work work = device.prepare(op, settings);
    work.reseed(1);
    auto event = work.submit(0);
    event.wait();
    const auto empty = event.span();
    EXPECT_LE(empty.first, empty.last);
    EXPECT_GT(empty.first, 0u);
    work.run(2);
    expect_right(op, settings, work, 1, 2, 1);
  }
}

TEST_P(Plugin, RefusesWhatWasNotRun) {
  Work work = device.prepare("gemm", gemm("fp32", 8, 8, 8));
  EXPECT_EQ(refusal([&] { work.submit(1); }), GEOMSU_INVALID_ARGUMENT);  // before reseed
  work.reseed(1);
  EXPECT_EQ(refusal([&] { work.digest(0, 0); }), GEOMSU_INVALID_ARGUMENT);
  work.run(1);
  EXPECT_EQ(refusal([&] { work.read(0, 1, {0}); }), GEOMSU_INVALID_ARGUMENT);
  EXPECT_EQ(refusal([&] { work.read(0, 0, {64}); }), GEOMSU_INVALID_ARGUMENT);
  EXPECT_EQ(refusal([&] { work.read(5, 0, {0}); }), GEOMSU_INVALID_ARGUMENT);
  EXPECT_EQ(refusal([&] { work.project(0, 1, 7); }), GEOMSU_INVALID_ARGUMENT);  // eight rows into room for seven
}

TEST_P(Plugin, GivesTelemetryToASecondThreadWhileItWorks) {
  Work work = device.prepare("gemm", gemm("fp32", 160, 160, 160));
  work.reseed(4);
  auto event = work.submit(40);
  std::vector<geomsu_telemetry> readings;
  std::thread second([&] {
    for (int i = 0; i < 20; ++i) {
      geomsu_telemetry reading{};
      reading.struct_size = sizeof(reading);
      geomsu_error* error = api->telemetry(device.get(), &reading);
      if (error == nullptr) readings.push_back(reading);
      api->error_destroy(error);
    }
  });
  event.wait();
  second.join();
  ASSERT_EQ(readings.size(), 20u);
  for (const auto& reading : readings) {
    // Present or absent, never a zero that stands for unknown.
    for (const double value : {reading.power_w, reading.temperature_c, reading.clock_mhz, reading.memory_used_bytes}) {
      EXPECT_TRUE(std::isnan(value) || value > 0) << value;
    }
    EXPECT_TRUE(std::isnan(reading.foreign_load) || (reading.foreign_load >= 0 && reading.foreign_load <= 1));
  }
}

TEST_P(Plugin, KnowsItsDeviceByAStableIdentity) {
  ASSERT_GE(instance.devices(), 1u);
  const auto first = instance.describe(0);
  Instance again(api);
  const auto second = again.describe(0);
  EXPECT_STREQ(first.uuid, second.uuid);
  EXPECT_GT(std::string(first.name).size(), 0u);
  EXPECT_EQ(refusal([&] { instance.describe(instance.devices()); }), GEOMSU_INVALID_ARGUMENT);
}

TEST_P(Plugin, RefusesAnotherMajorAndATruncatedHost) {
  void* library = dlopen(GetParam().path.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr);
  const auto query = reinterpret_cast<geomsu_plugin_query_fn>(dlsym(library, "geomsu_plugin_query"));
  geomsu_host host{sizeof(geomsu_host), nullptr, GEOMSU_ABI_MAJOR + 1, 0, nullptr, nullptr};
  EXPECT_EQ(query(&host), nullptr);
  host.abi_major = GEOMSU_ABI_MAJOR;
  host.struct_size = GEOMSU_HOST_MIN_SIZE - 8;
  EXPECT_EQ(query(&host), nullptr);
  EXPECT_EQ(query(nullptr), nullptr);
  host.struct_size = sizeof(geomsu_host) + 64;  // a later host, with fields we do not know
  host.abi_minor = 7;
  EXPECT_NE(query(&host), nullptr);
  dlclose(library);
}

// int8 goes without saying where oneDNN was built in and has kernels for the processor.
std::vector<std::string> always() {
  std::vector<std::string> dtypes{"fp32", "fp64"};
#if defined(GEOMSU_WITH_ONEDNN) && defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) dtypes.emplace_back("int8");
#endif
  return dtypes;
}

INSTANTIATE_TEST_SUITE_P(Backends, Plugin,
                         testing::Values(Candidate{"cpu",
                                                   GEOMSU_CPU_SO,
                                                   always(),
                                                   {"copy", "scale", "add", "triad", "read", "write"},
                                                   {"bf16", "bf16 fp32", "fp16", "fp16 fp32"}},
                                         Candidate{"template", GEOMSU_TEMPLATE_SO, {"fp32"}, {"copy", "triad"}}),
                         [](const auto& candidate) { return candidate.param.name; });

}  // namespace
