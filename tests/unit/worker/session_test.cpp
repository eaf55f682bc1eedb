// What a session serves, in which order, and what it refuses in words.
#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/worker/rig.hpp"

namespace geomsu::worker::test {
namespace {
using namespace protocol;

#define EXPECT_REFUSED(answer, words)                                                         \
  do {                                                                                        \
    const auto refused_answer = (answer);                                                     \
    EXPECT_EQ(refused_answer.status, Status::kError);                                         \
    EXPECT_NE(refused_answer.reason.find(words), std::string::npos) << refused_answer.reason; \
  } while (false)

TEST(Session, GreetsWithWhatTheEvidenceNeeds) {
  Rig rig({}, {}, false);
  const auto hello = rig.get<HelloResult>(HelloRequest{});
  EXPECT_EQ(hello.major, kMajor);
  EXPECT_TRUE(hello.worker.starts_with("geomsu-worker "));
  EXPECT_EQ(hello.plugin.backend, "fake");
  EXPECT_EQ(hello.plugin.path, fake_plugin().string());
  EXPECT_EQ(hello.plugin.sha256.size(), 64u);
  EXPECT_EQ(hello.plugin.simulated, "fake");
  EXPECT_EQ(hello.simulated, "fake");
  EXPECT_TRUE(hello.refused.empty());
  EXPECT_TRUE(hello.scripted_time);
  EXPECT_EQ(hello.boot_id.size(), 36u);
  EXPECT_TRUE(hello.time_namespace.starts_with("time:[")) << hello.time_namespace;
  EXPECT_GT(hello.pid, 0);
}

TEST(Session, AnotherMajorOfTheProtocolIsUnsupported) {
  Rig rig({}, {}, false);
  const auto hello = rig.ask<HelloResult>(HelloRequest{kMajor + 1, 0, "later"});
  EXPECT_EQ(hello.status, Status::kUnsupported);
  EXPECT_NE(hello.reason.find("protocol 2.0"), std::string::npos);
  EXPECT_REFUSED(rig.ask<DevicesResult>(DevicesRequest{}), "before 'hello'");
  EXPECT_TRUE(rig.ask<HelloResult>(HelloRequest{kMajor, 99, "newer minor"}).ok());
}

TEST(Session, ServesNothingBeforeHelloAndNoWorkBeforeOpen) {
  Rig rig({}, {}, false);
  EXPECT_REFUSED(rig.ask<DevicesResult>(DevicesRequest{}), "'devices' before 'hello'");
  EXPECT_REFUSED(rig.ask<OpenResult>(OpenRequest{{0}}), "before 'hello'");
  rig.get<HelloResult>(HelloRequest{});
  rig.get<DevicesResult>(DevicesRequest{});
  EXPECT_REFUSED(rig.ask<PrepareResult>(PrepareRequest{"gemm", kGemm32, 1}), "'prepare' before 'open'");
  EXPECT_REFUSED(rig.ask<ClockResult>(ClockRequest{}), "before 'open'");
  EXPECT_REFUSED(rig.ask<TelemetryResult>(TelemetryRequest{}), "before 'open'");
}

TEST(Session, OpensEachDeviceOnceAndOnlyThoseThatAreThere) {
  Rig rig({}, {}, false);
  rig.get<HelloResult>(HelloRequest{});
  EXPECT_REFUSED(rig.ask<OpenResult>(OpenRequest{{}}), "empty");
  EXPECT_REFUSED(rig.ask<OpenResult>(OpenRequest{{1}}), "device 1 of 1");
  EXPECT_REFUSED(rig.ask<OpenResult>(OpenRequest{{0, 0}}), "twice");
  EXPECT_EQ(rig.get<OpenResult>(OpenRequest{{0}}).devices.at(0).serial, "SN-1");
  EXPECT_REFUSED(rig.ask<OpenResult>(OpenRequest{{0}}), "open already");
}

TEST(Session, AGroupOfSeveralDevicesAnswersWorkloadsThatItCannotRun) {
  Session session(load_plugin(fake_plugin()), {{"devices", "4"}});
  session.handle(HelloRequest{});
  const auto open = std::get<OpenResult>(session.handle(OpenRequest{{3, 1}}));
  ASSERT_TRUE(open.ok()) << open.reason;
  EXPECT_EQ(open.devices.at(0).index, 3u);
  EXPECT_EQ(std::get<TelemetryResult>(session.handle(TelemetryRequest{})).readings.size(), 2u);
  EXPECT_EQ(std::get<PrepareResult>(session.handle(PrepareRequest{"gemm", kGemm32, 1})).status, Status::kUnsupported);
}

TEST(Session, PreparationIsTheCapabilityQuestion) {
  Rig rig;
  EXPECT_EQ(rig.ask<PrepareResult>(PrepareRequest{"levitate", {}, 1}).status, Status::kUnsupported);
  EXPECT_REFUSED(rig.ask<PrepareResult>(PrepareRequest{"", {}, 1}), "'op' is empty");
  EXPECT_REFUSED(rig.ask<PrepareResult>(PrepareRequest{"gemm", kGemm32, 0}), "at least 1");
  EXPECT_REFUSED(rig.ask<PrepareResult>(PrepareRequest{"gemm", {{"m", "0"}}, 1}), "workload_prepare: ");
  const auto prepared = rig.get<PrepareResult>(PrepareRequest{"gemm", kGemm32, 3});
  EXPECT_EQ(prepared.operand_sets, 3u);
  EXPECT_EQ(prepared.memory_bytes, 3u * 4 * (48 * 32 + 32 * 40 + 48 * 40));
  EXPECT_TRUE(prepared.deterministic);
  EXPECT_TRUE(prepared.refill_every_block);
  EXPECT_FALSE(prepared.algorithm.empty());
  EXPECT_FALSE(rig.get<PrepareResult>(PrepareRequest{"memory", kTriad, 3}).refill_every_block);
}

TEST(Session, WorkloadsThatAreNotThereAreNamed) {
  Rig rig;
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.get<ReleaseResult>(ReleaseRequest{workload});
  for (const std::uint64_t id : {workload, std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max()}) {
    const std::string words = "no workload " + std::to_string(id);
    EXPECT_REFUSED(rig.ask<ReseedResult>(ReseedRequest{id, 1}), words);
    EXPECT_REFUSED(rig.ask<MeasureResult>(MeasureRequest{id, 1, std::nullopt, 1, 0}), words);
    EXPECT_REFUSED(rig.ask<LoadResult>(LoadRequest{id, 1}), words);
    EXPECT_REFUSED(rig.ask<ReadResult>(ReadRequest{id, 0, 0, 0, {0}}), words);
    EXPECT_REFUSED(rig.ask<ProjectResult>(ProjectRequest{id, 0, 0, 0, 1, 1}), words);
    EXPECT_REFUSED(rig.ask<DigestResult>(DigestRequest{id, 0, 0, 0}), words);
    EXPECT_REFUSED(rig.ask<ReleaseResult>(ReleaseRequest{id}), words);
  }
  EXPECT_NE(rig.prepare("gemm", kGemm32), workload) << "ids are not used again";
}

TEST(Session, RequestsBeyondTheirBoundsAreRefusedInWords) {
  Rig rig;
  const auto w = rig.prepare("gemm", kGemm32);
  rig.reseed(w, 1);
  EXPECT_REFUSED(rig.ask<MeasureResult>(MeasureRequest{w, 1, std::nullopt, 0, 0}), "timeout_ns");
  EXPECT_REFUSED(rig.ask<MeasureResult>(MeasureRequest{w, 1, std::nullopt, 1ULL << 63, 0}), "timeout_ns");
  EXPECT_REFUSED(rig.ask<MeasureResult>(MeasureRequest{w, 1, std::nullopt, 1, 65}), "repeat_ticks");
  EXPECT_REFUSED(rig.ask<MeasureResult>(MeasureRequest{w, 1, std::numeric_limits<std::int64_t>::max(), 1, 0}),
                 "start_at");
  EXPECT_REFUSED(rig.ask<LoadResult>(LoadRequest{w, 0}), "chunk");
  EXPECT_REFUSED(rig.ask<ReadResult>(ReadRequest{w, 0, 0, 0, {}}), "0 indices");
  EXPECT_REFUSED(rig.ask<ReadResult>(ReadRequest{w, 0, 0, 0, std::vector<std::uint64_t>(kMostIndices + 1)}),
                 "200001 indices");
  EXPECT_REFUSED(rig.ask<ReadResult>(ReadRequest{w, 0, 0, 0, {48 * 40}}), "element 1920");
  EXPECT_REFUSED(rig.ask<ReadResult>(ReadRequest{w, 0, 1, 0, {0}}), "rank 1 of a group of 1");
  EXPECT_REFUSED(rig.ask<ProjectResult>(ProjectRequest{w, 0, 0, 0, 1, 0}), "'room' is 0");
  EXPECT_REFUSED(rig.ask<ProjectResult>(ProjectRequest{w, 0, 0, 0, 1, kMostProjected + 1}), "'room'");
  EXPECT_REFUSED(rig.ask<ProjectResult>(ProjectRequest{w, 0, 0, 0, 1, 47}), "48 numbers");
  EXPECT_REFUSED(rig.ask<ProjectResult>(ProjectRequest{w, 0, 9, 0, 1, 48}), "rank 9");
  EXPECT_REFUSED(rig.ask<DigestResult>(DigestRequest{w, 0, 1, 0}), "rank 1");
}

TEST(Session, AnEmptyMeasurementHasNoSpansAndCostsItsOverhead) {
  Rig rig({}, "    overhead_s: 0.000007\n");
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  const auto empty = rig.measure(workload, 0, 64);
  EXPECT_TRUE(empty.spans.empty());
  EXPECT_EQ(empty.worker_raw_ns, 7000);
}

TEST(Session, AStartThatIsAgreedOnIsMetInScriptedTime) {
  Rig rig;
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  const auto now = *rig.measure(workload, 1).sim_now_ns;
  const auto later = rig.get<MeasureResult>(MeasureRequest{workload, 1, now + 20'000'000, 1'000'000'000, 0});
  EXPECT_EQ(later.started_mono_ns, now + 20'000'000);
  const auto past = rig.get<MeasureResult>(MeasureRequest{workload, 1, now, 1'000'000'000, 0});
  EXPECT_EQ(past.started_mono_ns, *later.sim_now_ns) << "a start in the past is late, not refused";
}

TEST(Session, AClockPairLiesWithinItsHostReadings) {
  Rig rig;
  const ClockPair pair = rig.get<ClockResult>(ClockRequest{}).pair;
  EXPECT_LE(pair.host_before_ns, pair.host_after_ns);
  EXPECT_GT(pair.ticks, 0u);
}

TEST(Session, AScriptedLoadRunsWholeChunksToTheInstantOfItsStop) {
  Rig rig;
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  rig.get<LoadResult>(LoadRequest{workload, 1000});
  EXPECT_FALSE(rig.session().load_wants_chunk());
  const auto begun = *rig.ask<StopResult>(StopRequest{}).sim_now_ns;
  rig.get<LoadResult>(LoadRequest{workload, 1000});
  const auto stop = rig.get<StopResult>(StopRequest{begun + 60'000'000'000});
  EXPECT_EQ(stop.repeats % 1000, 0u);
  EXPECT_GE(*stop.sim_now_ns, begun + 60'000'000'000);
  EXPECT_LT(*stop.sim_now_ns, begun + 61'000'000'000);
}

TEST(Session, WhileALoadRunsOnlyStopIsServed) {
  Rig rig;
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  EXPECT_EQ(rig.get<StopResult>(StopRequest{}).repeats, 0u) << "no load runs";
  rig.get<LoadResult>(LoadRequest{workload, 7});
  EXPECT_REFUSED(rig.ask<LoadResult>(LoadRequest{workload, 7}), "while a load runs");
  EXPECT_REFUSED(rig.ask<MeasureResult>(MeasureRequest{workload, 1, std::nullopt, 1000, 0}), "while a load runs");
  EXPECT_REFUSED(rig.ask<ReleaseResult>(ReleaseRequest{workload}), "while a load runs");
  EXPECT_REFUSED(rig.ask<ShutdownResult>(ShutdownRequest{}), "while a load runs");
  EXPECT_EQ(rig.get<StopResult>(StopRequest{}).repeats, 7u);
  rig.measure(workload, 1);
}

TEST(Session, ALoadThatFailsIsToldByItsStop) {
  Rig rig({"{kind: device_lost, at_sample: 0}"});
  const auto workload = rig.prepare("gemm", kGemm32);
  rig.reseed(workload, 1);
  rig.get<LoadResult>(LoadRequest{workload, 7});
  EXPECT_EQ(rig.ask<StopResult>(StopRequest{}).status, Status::kDeviceLost);
  EXPECT_TRUE(rig.ask<StopResult>(StopRequest{}).ok()) << "the load is over";
}

TEST(Session, EveryAnswerCarriesScriptedTimeAndItNeverGoesBack) {
  Rig rig;
  std::int64_t last = 0;
  const auto later = [&last](const Answer& answer) {
    ASSERT_TRUE(answer.sim_now_ns.has_value());
    EXPECT_GE(*answer.sim_now_ns, last);
    last = *answer.sim_now_ns;
  };
  later(rig.ask<HelloResult>(HelloRequest{}));
  later(rig.ask<DevicesResult>(DevicesRequest{}));
  const auto workload = rig.prepare("gemm", kGemm32);
  later(rig.ask<ReseedResult>(ReseedRequest{workload, 1}));
  later(rig.measure(workload, 5));
  later(rig.ask<ReadResult>(ReadRequest{workload, 0, 0, 0, {0}}));
  later(rig.ask<DigestResult>(DigestRequest{workload, 0, 0, 0}));
  later(rig.ask<MeasureResult>(MeasureRequest{99, 5, std::nullopt, 1, 0}));
  later(rig.ask<ShutdownResult>(ShutdownRequest{}));
  EXPECT_TRUE(rig.session().finished());
}

}  // namespace
}  // namespace geomsu::worker::test
