// Each fault of the fake is really there: seen through a session, by the checks that are meant to catch it.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/worker/rig.hpp"

namespace geomsu::worker::test {
namespace {
using namespace protocol;

// One block of `repeats` in `sets` sets on a device with these faults, after one healthy block with another seed.
struct Block {
  Rig rig;
  std::uint64_t workload;
  Params params;
  ops::BlockState state;
  MeasureResult measured;

  Block(const std::vector<std::string>& faults, Params with, std::uint64_t repeats = 4, std::uint64_t sets = 2)
      : rig(faults), workload(rig.prepare("gemm", with, sets)), params(std::move(with)), state{22, repeats, sets} {
    rig.reseed(workload, 11);
    rig.measure(workload, repeats);
    rig.reseed(workload, 22);
    measured = rig.measure(workload, repeats);
  }
  Rig::Wrong check(std::uint64_t repeat = 0) { return rig.check(workload, "gemm", params, state, repeat); }
};

TEST(FakeFault, WrongElementIsOneElementAndOneRow) {
  Block block({"{kind: wrong_element, at_block: 1}"}, kGemm32);
  EXPECT_EQ(block.check().elements, 1u);
  EXPECT_EQ(block.check().rows, 1u);
}

TEST(FakeFault, WrongElementOfMemoryIsSeenByItsProjection) {
  Rig rig({"{kind: wrong_element, index: 77}"});
  const auto workload = rig.prepare("memory", kTriad);
  rig.reseed(workload, 5);
  rig.measure(workload, 3);
  const auto wrong = rig.check(workload, "memory", kTriad, {5, 3, 1});
  EXPECT_EQ(wrong.elements, 1u);
  EXPECT_EQ(wrong.rows, 1u);
}

TEST(FakeFault, ABitFlipIsBelowToleranceAndOnlyAReplaySeesIt) {
  Block block({"{kind: bit_flip, at_block: 1}"}, kGemm32);
  EXPECT_EQ(block.check().elements, 0u);
  EXPECT_EQ(block.check().rows, 0u);
  EXPECT_FALSE(block.check().rms_beyond_limit);
  const auto flipped = block.rig.digest(block.workload);
  block.rig.reseed(block.workload, 22);
  block.rig.measure(block.workload, 4);
  EXPECT_NE(block.rig.digest(block.workload), flipped);
  Block healthy({}, kGemm32);
  EXPECT_EQ(block.rig.digest(block.workload), healthy.rig.digest(healthy.workload));
}

TEST(FakeFault, ABitFlipInEveryBlockNeverRepeatsItself) {
  Block block({"{kind: bit_flip}"}, kGemm32);
  const auto first = block.rig.digest(block.workload);
  block.rig.reseed(block.workload, 22);
  block.rig.measure(block.workload, 4);
  EXPECT_NE(block.rig.digest(block.workload), first);
}

TEST(FakeFault, ABitFlipChangesTheDigestOfAVirtualProductToo) {
  const Params huge = {{"dtype", "bf16"}, {"m", "8192"}, {"n", "8192"}, {"k", "8192"}};
  Block block({"{kind: bit_flip, at_block: 1}"}, huge), healthy({}, huge);
  EXPECT_NE(block.rig.digest(block.workload), healthy.rig.digest(healthy.workload));
  block.rig.reseed(block.workload, 22);
  block.rig.measure(block.workload, 4);
  EXPECT_EQ(block.rig.digest(block.workload), healthy.rig.digest(healthy.workload));
}

TEST(FakeFault, AMissingTileIsATileOfZeros) {
  Block block({"{kind: missing_tile, rows: 8, columns: 4}"}, kGemm32);
  EXPECT_EQ(block.check().elements, 32u);
  EXPECT_EQ(block.check().rows, 8u);
}

TEST(FakeFault, SwappedRowsAreTwoRows) {
  Block block({"{kind: swapped_rows, a: 3, b: 9}"}, kGemm32);
  const auto wrong = block.check();
  EXPECT_GT(wrong.elements, 70u);
  EXPECT_LE(wrong.elements, 80u);
  EXPECT_EQ(wrong.rows, 2u);
}

TEST(FakeFault, ASkippedRepeatIsMissedByItsSetAlone) {
  Block block({"{kind: skipped_repeat, repeat: 3, at_block: 1}"}, kGemm32);
  EXPECT_EQ(block.check(0).elements, 0u);
  EXPECT_GT(block.check(1).elements, 1800u);
  EXPECT_EQ(block.check(1).rows, 48u);
}

TEST(FakeFault, ASetThatWasNeverComputedHoldsWhatWasThereBefore) {
  Block block({"{kind: skipped_repeat, repeat: 1, at_block: 1}"}, kGemm32, 2, 2);
  EXPECT_EQ(block.check(0).elements, 0u);
  EXPECT_GT(block.check(1).elements, 1800u);
  EXPECT_EQ(block.rig.check(block.workload, "gemm", kGemm32, {11, 2, 2}, 1).elements, 0u);
}

TEST(FakeFault, ASkippedRepeatOfMemoryShowsInEveryElement) {
  for (const Params& params : {kTriad, kCopy}) {
    Rig rig({"{kind: skipped_repeat, at_block: 0}"});
    const auto workload = rig.prepare("memory", params);
    rig.reseed(workload, 5);
    rig.measure(workload, 5);
    EXPECT_GT(rig.check(workload, "memory", params, {5, 5, 1}).elements, 8000u);
  }
}

TEST(FakeFault, StaleOutputIsTheAnswerToThePreviousSeed) {
  Block block({"{kind: stale_output}"}, kGemm32);
  EXPECT_GT(block.check().elements, 1800u);
  EXPECT_EQ(block.check().rows, 48u);
  EXPECT_EQ(block.rig.check(block.workload, "gemm", kGemm32, {11, 4, 2}).elements, 0u);
}

TEST(FakeFault, FrozenOutputIsAlwaysTheAnswerToTheFirstSeed) {
  Block block({"{kind: frozen_output}"}, kGemm32);
  const auto frozen = block.rig.digest(block.workload);
  block.rig.reseed(block.workload, 33);
  block.rig.measure(block.workload, 4);
  EXPECT_EQ(block.rig.digest(block.workload), frozen);
  EXPECT_EQ(block.rig.check(block.workload, "gemm", kGemm32, {11, 4, 2}).elements, 0u);
  EXPECT_GT(block.rig.check(block.workload, "gemm", kGemm32, {33, 4, 2}).elements, 1800u);
}

TEST(FakeFault, CheaperDtypesAreCaughtByElementsOrByTheirRms) {
  for (const auto& [fault, params] :
       {std::pair{"{kind: cheaper_dtype}", kGemm64},
        {"{kind: cheaper_dtype, dtype: tf32}", kGemm32},
        {"{kind: cheaper_dtype, dtype: bf16}", kGemm32},
        {"{kind: cheaper_dtype, dtype: bf16}", Params{{"dtype", "tf32"}, {"m", "48"}, {"n", "40"}, {"k", "32"}}}}) {
    Block block({fault}, params);
    const auto wrong = block.check();
    EXPECT_TRUE(wrong.elements > 0 || wrong.rms_beyond_limit) << fault << " rms " << wrong.rms;
  }
}

TEST(FakeFault, CompletesEarlySkipsWorkAndSaysSoInTheSpan) {
  Block block({"{kind: completes_early, fraction: 0.25, at_block: 1}"}, kGemm32, 4, 4), healthy({}, kGemm32, 4, 4);
  EXPECT_EQ(block.check(0).elements, 0u);
  for (const std::uint64_t repeat : {1u, 2u, 3u}) EXPECT_GT(block.check(repeat).elements, 1800u);
  EXPECT_LT(block.measured.worker_raw_ns, healthy.measured.worker_raw_ns);
}

std::uint64_t length(const Span& span) { return span.last - span.first; }

TEST(FakeFault, AShortSpanIsALieAboutTheWallTime) {
  Block block({"{kind: short_span, fraction: 0.5, at_block: 1}"}, kGemm32, 1'000'000, 2),
      healthy({}, kGemm32, 1'000'000, 2);
  EXPECT_EQ(block.measured.worker_raw_ns, healthy.measured.worker_raw_ns);
  EXPECT_NEAR(static_cast<double>(length(block.measured.spans.at(0))),
              static_cast<double>(length(healthy.measured.spans.at(0))) / 2, 2);
  EXPECT_EQ(block.check().elements, 0u);
}

TEST(FakeFault, AClockOfThreeTimesRealSpeedCountsAThird) {
  Block block({"{kind: clock_3x}"}, kGemm32, 1'000'000, 2), healthy({}, kGemm32, 1'000'000, 2);
  EXPECT_EQ(block.measured.worker_raw_ns, healthy.measured.worker_raw_ns);
  EXPECT_NEAR(static_cast<double>(length(block.measured.spans.at(0))),
              static_cast<double>(length(healthy.measured.spans.at(0))) / 3, 2);
}

double ppm(Rig& rig, std::uint64_t workload) {
  const ClockPair before = rig.get<ClockResult>(ClockRequest{}).pair;
  rig.measure(workload, 10'000'000'000);
  const ClockPair after = rig.get<ClockResult>(ClockRequest{}).pair;
  const auto host = static_cast<double>(after.host_before_ns - before.host_before_ns);
  return (static_cast<double>(after.ticks - before.ticks) / host - 1) * 1e6;
}

TEST(FakeFault, AClockRateIsOffByItsPartsPerMillionFromItsSampleOn) {
  Rig rig({"{kind: clock_rate, ppm: 10000, from_sample: 1}"});
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  EXPECT_NEAR(ppm(rig, workload), 0, 1);
  EXPECT_NEAR(ppm(rig, workload), 10'000, 1);
}

TEST(FakeFault, AClockThatStepsBackEndsBeforeItBegan) {
  Rig rig({"{kind: clock_backward, at_block: 1, ticks: 1000000000}"}, "    clock: {start_ticks: 5000000000}\n");
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  const Span good = rig.measure(workload, 1000).spans.at(0), bad = rig.measure(workload, 1000).spans.at(0);
  EXPECT_GT(good.last, good.first);
  EXPECT_LT(bad.last, bad.first);
  EXPECT_LT(rig.get<ClockResult>(ClockRequest{}).pair.ticks, bad.first);
}

TEST(FakeFault, AClockThatWrapsBeyondItsBitsDeclaresMoreThanItHas) {
  Rig rig({"{kind: clock_wraps, bits: 30}"}, "    clock: {valid_bits: 64}\n");
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  rig.measure(workload, 10'000'000'000);  // over 10 s at 1 GHz
  EXPECT_LT(rig.get<ClockResult>(ClockRequest{}).pair.ticks, std::uint64_t{1} << 30);
}

TEST(FakeFault, ABlockThatNeverCompletesTimesOutAfterItsScriptedTimeoutAndWedgesTheWorker) {
  Rig rig({"{kind: never_completes, at_sample: 1}"});
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  const auto before = *rig.measure(workload, 1).sim_now_ns;
  const auto stuck = rig.ask<MeasureResult>(MeasureRequest{workload, 1, std::nullopt, 3'000'000'000, 0});
  EXPECT_EQ(stuck.status, Status::kTimeout);
  EXPECT_NEAR(static_cast<double>(*stuck.sim_now_ns - before), 3e9, 1e5);
  EXPECT_TRUE(rig.session().wedged());
  EXPECT_EQ(rig.ask<ReseedResult>(ReseedRequest{workload, 2}).status, Status::kTimeout);
  EXPECT_TRUE(rig.ask<TelemetryResult>(TelemetryRequest{}).ok());
  EXPECT_TRUE(rig.ask<ShutdownResult>(ShutdownRequest{}).ok());
}

TEST(FakeFault, ALostDeviceStaysLost) {
  Rig rig({"{kind: device_lost, at_sample: 2}"});
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  rig.measure(workload, 1);
  rig.measure(workload, 1);
  for (int i = 0; i < 2; ++i) {
    const auto lost = rig.ask<MeasureResult>(MeasureRequest{workload, 1, std::nullopt, 1'000'000'000, 0});
    EXPECT_EQ(lost.status, Status::kDeviceLost);
    EXPECT_NE(lost.reason.find("SN-1"), std::string::npos);
  }
  EXPECT_EQ(rig.ask<ReadResult>(ReadRequest{workload, 0, 0, 0, {0}}).status, Status::kDeviceLost);
  EXPECT_EQ(rig.ask<PrepareResult>(PrepareRequest{"gemm", kGemm32, 1}).status, Status::kDeviceLost);
}

TEST(FakeFault, AnUnsupportedOperationIsAnAnswer) {
  Rig rig({"{kind: unsupported, op: memory}"});
  const auto refused = rig.ask<PrepareResult>(PrepareRequest{"memory", kTriad, 1});
  EXPECT_EQ(refused.status, Status::kUnsupported);
  EXPECT_FALSE(refused.reason.empty());
  rig.prepare("gemm", kGemm32);
}

TEST(FakeFault, OutOfMemoryIsTold) {
  Rig rig({"{kind: out_of_memory, op: gemm}"});
  EXPECT_EQ(rig.ask<PrepareResult>(PrepareRequest{"gemm", kGemm32, 1}).status, Status::kOutOfMemory);
}

TEST(FakeFault, AFullDeviceKeepsFewerSetsAndThenNone) {
  Rig rig({}, "    memory_bytes: 100000\n");
  const auto kept = rig.get<PrepareResult>(PrepareRequest{"gemm", kGemm32, 100});
  EXPECT_EQ(kept.operand_sets, 100'000u / (4 * (48 * 32 + 32 * 40 + 48 * 40)));
  EXPECT_EQ(rig.ask<PrepareResult>(PrepareRequest{"gemm", kGemm32, 100}).status, Status::kOutOfMemory);
  rig.get<ReleaseResult>(ReleaseRequest{kept.workload});
  rig.prepare("gemm", kGemm32);
}

TEST(FakeFault, ALeakKeepsWhatWasReleased) {
  Rig leaky({"{kind: leaks}"}), healthy;
  for (Rig* rig : {&leaky, &healthy}) {
    rig->get<ReleaseResult>(ReleaseRequest{rig->prepare("gemm", kGemm32)});
  }
  EXPECT_GT(*leaky.telemetry().memory_used_bytes, 0);
  EXPECT_EQ(*healthy.telemetry().memory_used_bytes, 0);
}

TEST(FakeFault, ThrottlingSlowsAfterItsSecondsAndSetsItsBit) {
  Rig rig({"{kind: throttles, after_s: 20, factor: 0.5}"}, "    jitter: 0\n");
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  const std::uint64_t repeats = 10'000'000'000;  // 12.3 s
  const auto cold = length(rig.measure(workload, repeats).spans.at(0));
  EXPECT_EQ(rig.telemetry().throttle, 0u);
  EXPECT_NEAR(static_cast<double>(length(rig.measure(workload, repeats).spans.at(0))), static_cast<double>(cold), 2);
  const auto hot = length(rig.measure(workload, repeats).spans.at(0));
  EXPECT_NEAR(static_cast<double>(hot), 2 * static_cast<double>(cold), 2);
  EXPECT_EQ(rig.telemetry().throttle, GEOMSU_THROTTLE_THERMAL);
  EXPECT_EQ(rig.telemetry().throttle_events, 1u);
}

TEST(FakeFault, AFifthOfTheBlocksCanBeSlower) {
  Rig rig({"{kind: throttle_fraction, every: 5, factor: 0.5, silent: true}"}, "    jitter: 0\n");
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  std::vector<std::uint64_t> lengths;
  for (int i = 0; i < 10; ++i) lengths.push_back(length(rig.measure(workload, 1'000'000).spans.at(0)));
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_NEAR(static_cast<double>(lengths[i]), static_cast<double>(lengths[0]) * (i % 5 == 4 ? 2 : 1), 2) << i;
  }
  EXPECT_EQ(rig.telemetry().throttle, 0u);
}

TEST(FakeFault, ALostLinkGoesFromTheDescriptionAndCountsAFault) {
  Rig rig({"{kind: loses_nvlink, from_sample: 1}"}, "    attributes: {nvlink.links: '18', peak.fp32: '67e12'}\n");
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  rig.measure(workload, 1);
  const auto attributes = [&] { return rig.get<DevicesResult>(DevicesRequest{}).devices.at(0).attributes; };
  EXPECT_EQ(attributes().at("nvlink.links"), "18");
  EXPECT_EQ(rig.telemetry().fault_events, 0u);
  rig.measure(workload, 1);
  rig.measure(workload, 1);
  EXPECT_FALSE(attributes().contains("nvlink.links"));
  EXPECT_TRUE(attributes().contains("peak.fp32"));
  EXPECT_EQ(rig.telemetry().fault_events, 1u);
}

TEST(FakeFault, AnotherSerialMidwayIsAnotherPart) {
  Rig rig({"{kind: other_serial, at_sample: 1, serial: SN-9}"});
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  const auto part = [&] { return rig.get<DevicesResult>(DevicesRequest{}).devices.at(0); };
  const DeviceInfo before = part();
  rig.measure(workload, 1);
  EXPECT_TRUE(part().same_part(before));
  rig.measure(workload, 1);
  rig.measure(workload, 1);
  EXPECT_EQ(part().serial, "SN-9");
  EXPECT_FALSE(part().same_part(before));
}

TEST(FakeFault, ASlowPreparationTakesItsScriptedSeconds) {
  Rig rig({"{kind: slow_prepare, seconds: 45}"});
  const auto before = *rig.get<TelemetryResult>(TelemetryRequest{}).sim_now_ns;
  const auto after = *rig.get<PrepareResult>(PrepareRequest{"gemm", kGemm32, 1}).sim_now_ns;
  EXPECT_GT(after - before, 45'000'000'000);
}

TEST(FakeFault, ForeignLoadIsThereFromTheStartOrForItsBlocks) {
  Rig always({"{kind: foreign_load, value: 0.4}"}), once({"{kind: foreign_load, at_sample: 1}"});
  EXPECT_EQ(always.telemetry().foreign_load, 0.4);
  const auto workload = once.prepare("gemm", kGemm32);
  once.reseed(workload, 1);
  std::vector<double> seen;
  for (int i = 0; i < 3; ++i) {
    once.measure(workload, 1);
    seen.push_back(*once.telemetry().foreign_load);
  }
  EXPECT_EQ(seen, (std::vector<double>{0, 0.5, 0}));
}

TEST(FakeFault, EccCountersGrowWithTheirBlocks) {
  Rig rig({"{kind: ecc, corrected: 2, uncorrected: 1, from_sample: 1}"});
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  for (int i = 0; i < 3; ++i) rig.measure(workload, 1);
  EXPECT_EQ(rig.telemetry().ecc_corrected, 4u);
  EXPECT_EQ(rig.telemetry().ecc_uncorrected, 2u);
}

TEST(FakeFault, AnExceptionInASlotComesBackAsAnError) {
  for (const char* slot : {"describe", "device_open", "clock_info"}) {
    Rig rig({std::string("{kind: throws, slot: ") + slot + "}"}, {}, false);
    rig.get<HelloResult>(HelloRequest{});
    const auto open = rig.ask<OpenResult>(OpenRequest{{0}});
    EXPECT_EQ(open.status, Status::kError);
    EXPECT_NE(open.reason.find(std::string(slot) + ": scripted fault in " + slot), std::string::npos) << open.reason;
  }
  Rig rig({"{kind: throws, slot: read, at_call: 1}"});
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  rig.measure(workload, 1);
  EXPECT_TRUE(rig.ask<ReadResult>(ReadRequest{workload, 0, 0, 0, {0}}).ok());
  EXPECT_EQ(rig.ask<ReadResult>(ReadRequest{workload, 0, 0, 0, {0}}).status, Status::kError);
  EXPECT_TRUE(rig.ask<ReadResult>(ReadRequest{workload, 0, 0, 0, {0}}).ok());
}

TEST(FakeFault, EveryErrorCodeBecomesItsStatus) {
  for (const auto& [code, status] : {std::pair{"invalid_argument", Status::kError},
                                     {"unsupported", Status::kUnsupported},
                                     {"out_of_memory", Status::kOutOfMemory},
                                     {"device_lost", Status::kDeviceLost},
                                     {"timeout", Status::kTimeout},
                                     {"internal", Status::kError}}) {
    Rig rig({std::string("{kind: error, slot: workload_prepare, code: ") + code + "}"});
    EXPECT_EQ(rig.ask<PrepareResult>(PrepareRequest{"gemm", kGemm32, 1}).status, status) << code;
  }
}

TEST(FakeFault, AFaultThatIsBoundToAnOperationSparesTheOthers) {
  Rig rig({"{kind: wrong_element, op: memory}"});
  const auto workload = rig.prepare("gemm", kGemm32, 1);
  rig.reseed(workload, 5);
  rig.measure(workload, 1);
  EXPECT_EQ(rig.check(workload, "gemm", kGemm32, {5, 1, 1}).elements, 0u);
}

}  // namespace
}  // namespace geomsu::worker::test
