// A fake device without faults: right answers of every kind, and time that follows its script.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/ops/generator.hpp"
#include "tests/unit/worker/rig.hpp"

namespace geomsu::worker::test {
namespace {
using namespace protocol;

TEST(HealthyFake, GivesGemmThatEveryCheckPasses) {
  for (const char* dtype : {"fp64", "fp32", "tf32", "bf16", "fp16", "fp8_e4m3", "fp8_e5m2", "int8"}) {
    Rig rig;
    const Params params = {{"dtype", dtype}, {"m", "48"}, {"n", "40"}, {"k", "32"}, {"batch", "2"}};
    const auto workload = rig.prepare("gemm", params, 3);
    rig.reseed(workload, 5);
    rig.measure(workload, 7);  // sets 0 is met three times, 1 and 2 twice
    for (const std::uint64_t repeat : {0u, 1u, 5u, 6u}) {
      const auto wrong = rig.check(workload, "gemm", params, {5, 7, 3}, repeat);
      EXPECT_EQ(wrong.elements, 0u) << dtype << " repeat " << repeat << " worst " << wrong.worst;
      EXPECT_EQ(wrong.rows, 0u) << dtype << " repeat " << repeat;
      EXPECT_FALSE(wrong.rms_beyond_limit) << dtype;
    }
  }
}

TEST(HealthyFake, GivesMemoryThatEveryCheckPasses) {
  for (const Params& params : {kTriad, kCopy}) {
    for (const char* dtype : {"fp64", "fp32"}) {
      Rig rig;
      Params typed = params;
      typed["dtype"] = dtype;
      const auto workload = rig.prepare("memory", typed);
      rig.reseed(workload, 5);
      std::uint64_t repeats = 0;
      for (const std::uint64_t more : {1u, 2u, 3u, 994u}) {
        rig.measure(workload, more);
        repeats += more;
        const auto wrong = rig.check(workload, "memory", typed, {5, repeats, 1});
        EXPECT_EQ(wrong.elements, 0u) << params.at("kind") << dtype << repeats << " worst " << wrong.worst;
        EXPECT_EQ(wrong.rows, 0u) << params.at("kind") << dtype << repeats;
      }
    }
  }
}

TEST(HealthyFake, ReadsItsOperandsAsTheGeneratorMadeThem) {
  Rig rig;
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 5);
  const auto a = rig.get<ReadResult>(ReadRequest{workload, 1, 0, 1, {9}}).values.at(0);
  const std::uint64_t tensor = ops::tensor_id(1, 1);
  EXPECT_EQ(a, ops::value(ops::Data::kNormal, ops::stream(5, tensor), tensor, 9));
  EXPECT_FALSE(rig.ask<ReadResult>(ReadRequest{workload, 3, 0, 0, {0}}).ok());
}

TEST(HealthyFake, EqualInputsGiveEqualDigestsOnTwoDevices) {
  Rig one, other({}, "    jitter: 0.1\n");
  for (const auto& [op, params] : {std::pair{"gemm", kGemm32}, {"memory", kTriad}}) {
    const auto a = one.prepare(op, params), b = other.prepare(op, params);
    for (const std::uint64_t seed : {1u, 2u, 1u}) {
      one.reseed(a, seed);
      other.reseed(b, seed);
      one.measure(a, 4);
      other.measure(b, 4);
      EXPECT_EQ(one.digest(a), other.digest(b));
    }
    const auto before = one.digest(a);
    one.reseed(a, 3);
    one.measure(a, 4);
    EXPECT_NE(one.digest(a), before);
  }
}

TEST(HealthyFake, TheDigestOfASmallOutputIsTheDigestOfItsBytes) {
  Rig rig;
  const auto workload = rig.prepare("gemm", kGemm64, 1);
  rig.reseed(workload, 5);
  rig.measure(workload, 1);
  std::vector<std::uint64_t> indices(48 * 40);
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
  const auto values = rig.get<ReadResult>(ReadRequest{workload, 0, 0, 0, indices}).values;
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    expected += ops::digest_word(std::bit_cast<std::uint64_t>(values[i]), i);
  }
  EXPECT_EQ(rig.digest(workload), expected);
}

TEST(HealthyFake, AVirtualProductOfAnySizeCostsWhatIsRead) {
  Rig rig;
  const Params huge = {{"dtype", "bf16"}, {"m", "65536"}, {"n", "65536"}, {"k", "4096"}};
  const auto workload = rig.prepare("gemm", huge, 2);
  rig.reseed(workload, 5);
  rig.measure(workload, 2);
  std::vector<ops::Problem> problems;
  const auto reference = ops::find("gemm")->reference(ops::find("gemm")->complete(huge, problems), {5, 2, 2});
  const std::uint64_t last = 65536ULL * 65536 - 1;
  const auto value = rig.get<ReadResult>(ReadRequest{workload, 0, 0, 1, {last}}).values.at(0);
  const auto expected = reference->element(last, 1);
  EXPECT_NEAR(value, expected.value, expected.tolerance);
  EXPECT_EQ(rig.digest(workload), rig.digest(workload));
}

TEST(HealthyFake, ARepeatTakesAsLongAsItsSpeedSays) {
  Rig rig({}, "    jitter: 0\n    overhead_s: 0\n    speed: {gemm.fp32: 1 GFLOP/s, gemm: 1 TFLOP/s, memory: 2 GB/s}\n");
  const auto single = rig.prepare("gemm", kGemm32), dual = rig.prepare("gemm", kGemm64),
             triad = rig.prepare("memory", kTriad);
  const std::uint64_t flop = 2 * 48 * 40 * 32;
  for (const auto workload : {single, dual, triad}) rig.reseed(workload, 1);
  const auto length = [&](std::uint64_t workload, std::uint64_t repeats) {
    const Span span = rig.measure(workload, repeats).spans.at(0);
    return static_cast<double>(span.last - span.first);
  };
  EXPECT_NEAR(length(single, 10), 10.0 * flop, 2);            // ns at 1 FLOP/ns
  EXPECT_NEAR(length(dual, 1000), flop, 2);                   // 1000 FLOP/ns
  EXPECT_NEAR(length(triad, 100), 100 * 3 * 65536 / 2.0, 2);  // 2 B/ns
}

TEST(HealthyFake, JitterSpreadsBlocksAndIsTheSameInEveryRun) {
  const auto lengths = [] {
    Rig rig({}, "    jitter: 0.05\n");
    const auto workload = rig.prepare("gemm", kGemm32);
    rig.reseed(workload, 1);
    std::vector<double> all;
    for (int i = 0; i < 200; ++i) {
      const Span span = rig.measure(workload, 1'000'000).spans.at(0);
      all.push_back(static_cast<double>(span.last - span.first));
    }
    return all;
  };
  const auto first = lengths();
  EXPECT_EQ(first, lengths());
  double mean = 0, square = 0;
  for (const double x : first) mean += x / 200;
  for (const double x : first) square += (x - mean) * (x - mean) / 199;
  EXPECT_NEAR(std::sqrt(square) / mean, 0.05, 0.015);
}

TEST(HealthyFake, RepeatEndsLieWithinTheSpanInOrder) {
  Rig rig;
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  const Span all = rig.measure(workload, 5, 64).spans.at(0);
  ASSERT_EQ(all.repeat_ends.size(), 5u);
  EXPECT_EQ(all.repeat_ends.back(), all.last);
  const Span some = rig.measure(workload, 500'000, 64).spans.at(0);
  ASSERT_EQ(some.repeat_ends.size(), 64u);
  EXPECT_GT(some.repeat_ends.front(), some.first);
  EXPECT_TRUE(std::is_sorted(some.repeat_ends.begin(), some.repeat_ends.end()));
}

TEST(HealthyFake, TheClockCountsAsItDeclares) {
  Rig rig({}, "    clock: {ticks_per_second: 1000000, valid_bits: 40, start_ticks: 5, rate_ppm: 200}\n", false);
  rig.get<HelloResult>(HelloRequest{});
  const auto open = rig.get<OpenResult>(OpenRequest{{0}});
  EXPECT_EQ(open.clock_domain, "device");
  EXPECT_EQ(open.ticks_per_second, 1'000'000u);
  EXPECT_EQ(open.valid_bits, 40u);
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  const ClockPair before = rig.get<ClockResult>(ClockRequest{}).pair;
  rig.measure(workload, 10'000'000'000);
  const ClockPair after = rig.get<ClockResult>(ClockRequest{}).pair;
  const double host = static_cast<double>(after.host_before_ns - before.host_before_ns) * 1e-9;
  ASSERT_GT(host, 5);
  EXPECT_NEAR((static_cast<double>(after.ticks - before.ticks) / (host * 1e6) - 1) * 1e6, 200, 1);
}

TEST(HealthyFake, AClockWrapsWithinItsBitsWhenItIsFull) {
  Rig rig({}, "    clock: {valid_bits: 32, start_ticks: 4294967000}\n");
  const auto workload = rig.prepare("gemm", kGemm32);
  EXPECT_LT(rig.get<ClockResult>(ClockRequest{}).pair.ticks, 4294967000u);
  rig.reseed(workload, 1);
  const Span span = rig.measure(workload, 1'000'000).spans.at(0);
  EXPECT_LT(span.last, std::uint64_t{1} << 32);
}

TEST(HealthyFake, WhatTheScriptDoesNotGiveIsAbsent) {
  Rig rig({}, "    telemetry: {power_w: 410}\n");
  const Telemetry reading = rig.telemetry();
  EXPECT_EQ(reading.power_w, 410);
  EXPECT_EQ(reading.temperature_c, std::nullopt);
  EXPECT_EQ(reading.ecc_corrected, std::nullopt);
  EXPECT_EQ(reading.throttle, 0u);
}

TEST(FakeScript, WithoutOneThereAreAsManyHealthyDevicesAsAskedFor) {
  Session session(load_plugin(fake_plugin()), {{"devices", "3"}});
  ASSERT_TRUE(std::get<HelloResult>(session.handle(HelloRequest{})).ok());
  const auto devices = std::get<DevicesResult>(session.handle(DevicesRequest{})).devices;
  ASSERT_EQ(devices.size(), 3u);
  EXPECT_EQ(devices[2].serial, "FAKE-0003");
  EXPECT_NE(devices[0].uuid, devices[1].uuid);
}

TEST(FakeScript, MistakesAreRefusedWithTheirPlace) {
  const TempDir directory;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"seed: x\n", ":1:7: a whole number"},
      {"sead: 1\n", ":1:1: the script has no key 'sead'"},
      {"seed: 1\nseed: 2\n", ":2:1: key 'seed' stands twice"},
      {"devices:\n  - {speed: {gemm: 100 TFLOPS}}\n", "100 TFLOP/s"},
      {"devices:\n  - {faults: [{kind: sulks}]}\n", "unknown fault 'sulks'"},
      {"devices:\n  - {speed: {collective@1MiB: 1 GB/s}}\n", ":2:14: a size in bytes is wanted after the @"},
      {"devices:\n  - {latency: {collective@: 1e-6}}\n", "of 'collective@'"},
      {"devices:\n  - {latency: {collective: fast}}\n", "a number is wanted, got 'fast'"},
      {"devices:\n  - {latency: {collective: -1}}\n", "a latency must not be negative"},
      {"devices:\n  - {faults: [{kind: missing_rank, index: 3}]}\n", "has no key 'index'"},
      {"devices:\n  - {faults: [{kind: hang, ppm: 3}]}\n", "has no key 'ppm'"},
      {"devices:\n  - {clock: {valid_bits: 65}}\n", "from 1 to 64"},
      {"devices:\n  - {serial: A, count: 2}\n", "cannot share"},
      {"devices:\n  - {telemetry: {power: 3}}\n", "no 'power'"},
      {"devices: 3\n", "must be a list"},
      {"[1\n", "script.yaml"},
  };
  for (const auto& [text, words] : cases) {
    const auto path = directory.write("script.yaml", text);
    Session session(load_plugin(fake_plugin()), {{"script", path.string()}});
    const auto hello = std::get<HelloResult>(session.handle(HelloRequest{}));
    EXPECT_EQ(hello.status, Status::kUnsupported);
    EXPECT_NE(hello.reason.find(words), std::string::npos) << hello.reason;
    EXPECT_NE(hello.reason.find("script.yaml"), std::string::npos) << hello.reason;
  }
}

}  // namespace
}  // namespace geomsu::worker::test
