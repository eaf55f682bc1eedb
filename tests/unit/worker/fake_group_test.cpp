// Groups of fakes: right answers of every collective, spans and speeds a rank each, and what goes wrong on one rank.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/ops/collective.hpp"
#include "tests/unit/worker/group_rig.hpp"

namespace geomsu::worker::test {
namespace {
using namespace protocol;

const std::vector<std::string> kKinds = {"all_reduce", "all_gather", "reduce_scatter", "all_to_all",
                                         "broadcast",  "reduce",     "send_recv"};
bool reduces(const std::string& kind) { return kind == "all_reduce" || kind == "reduce_scatter" || kind == "reduce"; }

ops::CollectiveShape shape_of(const Params& params) {
  std::vector<ops::Problem> problems;
  return ops::collective_shape(ops::find("collective")->complete(params, problems));
}

constexpr std::uint64_t kBytes = 3 * 5 * 8 * 8;  // whole parts of 2, 3 and 5 ranks in every dtype

TEST(FakeGroup, GivesEveryCollectiveThatEveryCheckPasses) {
  for (const std::uint32_t ranks : {2u, 3u, 5u}) {
    GroupRig rig(GroupRig::healthy(ranks));
    for (const std::string& kind : kKinds) {
      for (const char* dtype : {"fp32", "fp64", "bf16", "int32"}) {
        for (const char* op : {"sum", "max", "min"}) {
          if (!reduces(kind) && std::string(op) != "sum") continue;
          Params params = collective(kind, 2 * kBytes, ranks, {{"dtype", dtype}});
          if (reduces(kind)) params["op"] = op;
          const auto workload = rig.run(params, 3, 7);
          for (std::uint32_t rank = 0; rank < ranks; ++rank) {
            for (const std::uint64_t repeat : {0u, 2u, 6u}) {
              EXPECT_TRUE(rig.check(workload, params, {5, 7, 3, rank}, repeat).none())
                  << kind << dtype << op << " rank " << rank << " of " << ranks << " repeat " << repeat;
            }
          }
        }
      }
    }
  }
}

TEST(FakeGroup, GivesEveryCollectiveInPlaceAsLongAsEachRepeatHasItsSet) {
  GroupRig rig(GroupRig::healthy(3));
  for (const std::string& kind : kKinds) {
    if (kind == "all_to_all" || kind == "send_recv") continue;
    const Params params = collective(kind, kBytes, 3, {{"in_place", "yes"}});
    const auto workload = rig.run(params, 4, 4);
    for (std::uint32_t rank = 0; rank < 3; ++rank) {
      for (const std::uint64_t repeat : {0u, 3u})
        EXPECT_TRUE(rig.check(workload, params, {5, 4, 4, rank}, repeat).none()) << kind << rank << repeat;
    }
  }
}

TEST(FakeGroup, ASumInPlaceGrowsWhereARepeatMeetsItsSetAgain) {
  GroupRig rig(GroupRig::healthy(3));
  for (const std::string kind : {"all_reduce", "reduce_scatter", "reduce"}) {
    const Params params = collective(kind, kBytes, 3, {{"in_place", "yes"}});
    const auto workload = rig.run(params, 1, 2);
    const auto twice = rig.read(workload, 0, 0, 8);
    rig.get<ReseedResult>(ReseedRequest{workload, 5});
    rig.measure(workload, 1);
    const auto once = rig.read(workload, 0, 0, 8);
    EXPECT_NE(twice, once) << kind;
    const auto shape = shape_of(params);
    for (std::uint64_t i = 0; i < 8; ++i) {
      const double own = ops::collective_element(shape, 5, 0, 0, i);  // of rank 0, whose part is the first
      EXPECT_EQ(twice[i], kind == "all_reduce" ? 3 * once[i] : own + 2 * (once[i] - own)) << kind << i;
    }
  }
}

TEST(FakeGroup, ReadsWhatEachRankSends) {
  GroupRig rig(GroupRig::healthy(3));
  const Params params = collective("reduce_scatter", kBytes, 3);
  const auto workload = rig.run(params, 2, 1);
  const auto shape = shape_of(params);
  for (std::uint32_t rank = 0; rank < 3; ++rank) {
    const auto sent = rig.read(workload, rank, 1, shape.sent(rank), 1);
    for (std::uint64_t i = 0; i < sent.size(); ++i)
      ASSERT_EQ(sent[i], ops::collective_element(shape, 5, rank, 1, i)) << rank << " " << i;
  }
  EXPECT_FALSE(rig.ask<ReadResult>(ReadRequest{workload, 1, 0, 0, {shape.sent(0)}}).ok());
  EXPECT_FALSE(rig.ask<ReadResult>(ReadRequest{workload, 2, 0, 0, {0}}).ok());
}

TEST(FakeGroup, InPlaceWhatWasSentIsWhatStandsThere) {
  GroupRig rig(GroupRig::healthy(2));
  const auto workload = rig.run(collective("reduce_scatter", 64, 2, {{"in_place", "yes"}}), 1, 1);
  const auto buffer = rig.read(workload, 1, 0, 16, 1), part = rig.read(workload, 1, 0, 8);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), buffer.begin() + 8));
}

TEST(FakeGroup, ARootAloneHasTheReducedAndTheRestHaveNothing) {
  GroupRig rig(GroupRig::healthy(3));
  const auto workload = rig.run(collective("reduce", kBytes, 3), 1, 1);
  EXPECT_NE(rig.ask<ReadResult>(ReadRequest{workload, 0, 1, 0, {0}}).reason.find("which has 0"), std::string::npos);
  EXPECT_TRUE(rig.get<ProjectResult>(ProjectRequest{workload, 0, 1, 0, 1, 1}).values.empty());
  EXPECT_EQ(rig.get<DigestResult>(DigestRequest{workload, 0, 1, 0}).digest, 0u);
}

TEST(FakeGroup, AMeasurementHasASpanARankAndEachRankIsRead) {
  Session session(load_plugin(fake_plugin()), {{"devices", "4"}});
  session.handle(HelloRequest{});
  const auto open = std::get<OpenResult>(session.handle(OpenRequest{{0, 1, 2}}));
  ASSERT_TRUE(open.ok()) << open.reason;
  const auto prepared =
      std::get<PrepareResult>(session.handle(PrepareRequest{"collective", collective("all_gather", kBytes, 3), 2}));
  ASSERT_TRUE(prepared.ok()) << prepared.reason;
  EXPECT_TRUE(prepared.refill_every_block);
  EXPECT_EQ(prepared.operand_sets, 2u);
  EXPECT_EQ(prepared.memory_bytes, 2 * (3 * kBytes + kBytes)) << "of all ranks: what each has and what each sends";
  session.handle(ReseedRequest{prepared.workload, 1});
  const auto block =
      std::get<MeasureResult>(session.handle(MeasureRequest{prepared.workload, 9, std::nullopt, 1'000'000'000, 2}));
  ASSERT_TRUE(block.ok()) << block.reason;
  ASSERT_EQ(block.spans.size(), 3u);
  for (const Span& span : block.spans) {
    EXPECT_GT(span.last, span.first);
    EXPECT_EQ(span.repeat_ends.size(), 2u);
  }
  for (std::uint32_t rank = 0; rank < 4; ++rank) {
    const std::vector<Answer> answers = {
        std::get<ReadResult>(session.handle(ReadRequest{prepared.workload, 0, rank, 0, {0}})),
        std::get<ProjectResult>(session.handle(ProjectRequest{prepared.workload, 0, rank, 0, 1, 1})),
        std::get<DigestResult>(session.handle(DigestRequest{prepared.workload, 0, rank, 0}))};
    for (const Answer& answer : answers) {
      EXPECT_EQ(answer.ok(), rank < 3) << rank;
      if (rank == 3) {
        EXPECT_NE(answer.reason.find("rank 3 of a group of 3"), std::string::npos) << answer.reason;
      }
    }
  }
}

TEST(FakeGroup, ItsSizeIsTheRanksOfTheCollective) {
  GroupRig rig(GroupRig::healthy(3));
  const auto refused = rig.ask<PrepareResult>(PrepareRequest{"collective", collective("all_reduce", kBytes, 2), 1});
  EXPECT_EQ(refused.status, Status::kError);
  EXPECT_NE(refused.reason.find("collective of 2 ranks; this group has 3"), std::string::npos) << refused.reason;
  EXPECT_EQ(rig.ask<PrepareResult>(PrepareRequest{"gemm", kGemm32, 1}).status, Status::kUnsupported);
  EXPECT_NE(
      rig.ask<PrepareResult>(PrepareRequest{"collective", collective("all_to_all", 4, 3), 1}).reason.find("bytes"),
      std::string::npos);
  Rig one;
  EXPECT_FALSE(one.ask<PrepareResult>(PrepareRequest{"collective", collective("all_reduce", kBytes, 2), 1}).ok());
}

TEST(FakeGroup, SizesOfGibibytesCostWhatIsReadOfThem) {
  GroupRig rig(GroupRig::healthy(4));
  const std::uint64_t bytes = 8ULL << 30, last = bytes / 4 - 1;
  const Params params = collective("all_reduce", bytes, 4);
  const auto workload = rig.run(params, 2, 5);
  std::vector<ops::Problem> problems;
  const auto reference =
      ops::find("collective")->reference(ops::find("collective")->complete(params, problems), {5, 5, 2, 3});
  EXPECT_EQ(rig.get<ReadResult>(ReadRequest{workload, 0, 3, 4, {last}}).values.at(0),
            reference->element(last, 4).value);
  EXPECT_EQ(rig.get<DigestResult>(DigestRequest{workload, 0, 3, 4}).digest,
            rig.get<DigestResult>(DigestRequest{workload, 0, 0, 0}).digest)
      << "equal outputs, equal digests";
  EXPECT_NE(rig.get<DigestResult>(DigestRequest{workload, 0, 3, 4}).digest,
            rig.get<DigestResult>(DigestRequest{workload, 0, 3, 3}).digest);
}

TEST(FakeGroup, RanksThatHoldOtherThingsHaveOtherDigests) {
  GroupRig rig(GroupRig::healthy(2));
  for (const std::uint64_t bytes : {std::uint64_t{1024}, std::uint64_t{1} << 30}) {
    const auto scattered = rig.run(collective("reduce_scatter", bytes, 2), 1, 1);
    EXPECT_NE(rig.get<DigestResult>(DigestRequest{scattered, 0, 0, 0}).digest,
              rig.get<DigestResult>(DigestRequest{scattered, 0, 1, 0}).digest);
  }
}

TEST(FakeGroup, ARepeatTakesItsLatencyAndItsBytesByItsRate) {
  const std::string exact = "jitter: 0, overhead_s: 0, ";
  GroupRig rig({"{" + exact +
                    "speed: {collective: 1 GB/s, collective.all_gather: 2 GB/s, collective.all_reduce@3840: 4 GB/s}, " +
                    "latency: {collective: 1e-6, collective.all_reduce: 5e-6, collective@960: 7e-6}}",
                "{" + exact + "speed: {collective: 0.6 GB/s}}"});
  const auto ns = [&rig](const std::string& kind, std::uint64_t bytes) {
    const auto lengths = rig.lengths(rig.run(collective(kind, bytes, 2), 1, 1), 10);
    EXPECT_EQ(lengths.size(), 2u);
    EXPECT_NEAR(lengths.at(1), 10 * static_cast<double>(bytes) / 0.6, 2) << kind << bytes << ": rank 1 is a slow one";
    return lengths.at(0) / 10;
  };
  EXPECT_NEAR(ns("broadcast", 1920), 1000 + 1920, 1);
  EXPECT_NEAR(ns("all_gather", 1920), 1000 + 1920 / 2.0, 1);
  EXPECT_NEAR(ns("all_reduce", 1920), 5000 + 1920, 1);
  EXPECT_NEAR(ns("all_reduce", 3840), 5000 + 3840 / 4.0, 1);
  EXPECT_NEAR(ns("all_gather", 960), 7000 + 960 / 2.0, 1);
}

TEST(FakeGroup, TheBlockEndsWithTheSlowestRankAndEachTellsItsOwnEnd) {
  GroupRig rig({"{jitter: 0, speed: {collective: 2 GB/s}}", "{jitter: 0, speed: {collective: 1 GB/s}}"});
  const auto workload = rig.run(collective("all_reduce", kBytes, 2), 1, 1);
  const auto block = rig.measure(workload, 1'000'000);
  ASSERT_EQ(block.spans.size(), 2u);
  const auto length = [&](std::size_t rank) {
    return static_cast<double>(block.spans[rank].last - block.spans[rank].first);
  };
  EXPECT_EQ(block.spans[0].first, block.spans[1].first);
  EXPECT_NEAR(length(1) / length(0), 2, 1e-6);
  EXPECT_NEAR(static_cast<double>(block.worker_raw_ns), length(1), 10'000);
}

TEST(FakeGroupFaults, AnOutputIsWrongOnTheFaultsRankAlone) {
  const std::vector<std::string> faults = {
      "{kind: wrong_element, index: 17}",  "{kind: bit_flip, index: 17}",
      "{kind: missing_tile, columns: 5}",  "{kind: missing_rank}",
      "{kind: missing_rank, rank: 0}",     "{kind: swapped_rows, a: 1, b: 3}",
      "{kind: skipped_repeat, repeat: 0}", "{kind: cheaper_dtype}",
  };
  for (const std::string& fault : faults) {
    for (const char* dtype : {"fp32", "bf16", "int32"}) {
      GroupRig rig({"{}", "{}", "{faults: [" + fault + "]}", "{}"});
      const Params params = collective("all_reduce", 1024, 4, {{"dtype", dtype}});
      const auto workload = rig.run(params, 2, 2);
      for (std::uint32_t rank = 0; rank < 4; ++rank) {
        const auto wrong = rig.check(workload, params, {5, 2, 2, rank});
        EXPECT_EQ(!wrong.indices.empty(), rank == 2) << fault << dtype << rank;
        EXPECT_EQ(wrong.projection, rank == 2) << fault << dtype << rank;
      }
    }
  }
}

TEST(FakeGroupFaults, AWrongElementIsTheOneThatTheScriptNames) {
  GroupRig rig({"{}", "{faults: [{kind: wrong_element, index: 17}]}"});
  const Params params = collective("broadcast", 1024, 2);
  const auto workload = rig.run(params, 1, 1);
  EXPECT_EQ(rig.check(workload, params, {5, 1, 1, 1}).indices, std::vector<std::uint64_t>{17});
}

TEST(FakeGroupFaults, SwappedRowsAreTheChunksOfTheRanks) {
  GroupRig rig({"{}", "{}", "{}", "{faults: [{kind: swapped_rows, a: 1, b: 3}]}"});
  const auto workload = rig.run(collective("all_gather", 4 * 8 * 4, 4), 1, 1);
  const auto right = rig.read(workload, 0, 0, 32), swapped = rig.read(workload, 3, 0, 32);
  EXPECT_TRUE(std::equal(right.begin(), right.begin() + 8, swapped.begin()));
  EXPECT_TRUE(std::equal(right.begin() + 8, right.begin() + 16, swapped.begin() + 24));
  EXPECT_TRUE(std::equal(right.begin() + 24, right.end(), swapped.begin() + 8));
}

TEST(FakeGroupFaults, AMissingRankIsTakenOutOfTheSumOrLeavesItsPartEmpty) {
  GroupRig rig({"{}", "{}", "{faults: [{kind: missing_rank, rank: 1}]}"});
  const Params params = collective("all_reduce", 48, 3);
  const auto shape = shape_of(params);
  const auto sums = rig.read(rig.run(params, 1, 1), 2, 0, 12);
  const auto gathered = rig.read(rig.run(collective("all_gather", 48, 3), 1, 1), 2, 0, 12);
  for (std::uint64_t i = 0; i < 12; ++i) {
    EXPECT_EQ(sums[i], ops::collective_element(shape, 5, 0, 0, i) + ops::collective_element(shape, 5, 2, 0, i));
    if (i / 4 == 1) {
      EXPECT_EQ(gathered[i], 0);
    }
  }
}

TEST(FakeGroupFaults, ASkippedRepeatLeavesWhatStoodThere) {
  for (const char* place : {"no", "yes"}) {
    GroupRig rig({"{}", "{faults: [{kind: skipped_repeat, repeat: 1, at_block: 1}]}"});
    const Params params = collective("all_gather", 64, 2, {{"in_place", place}});
    const auto workload = rig.run(params, 2, 2);
    const auto before = rig.read(workload, 1, 1, 16);
    rig.get<ReseedResult>(ReseedRequest{workload, 6});
    rig.measure(workload, 2);
    EXPECT_TRUE(rig.check(workload, params, {6, 2, 2, 1}, 0).none()) << "another set";
    const auto stale = rig.read(workload, 1, 1, 16), right = rig.read(workload, 0, 1, 16);
    EXPECT_TRUE(std::equal(stale.begin(), stale.begin() + 8, before.begin())) << "rank 0's part is the earlier seed's";
    const auto& own = std::string(place) == "yes" ? right : before;  // in place its own part was refilled
    EXPECT_TRUE(std::equal(stale.begin() + 8, stale.end(), own.begin() + 8)) << place;
  }
}

TEST(FakeGroupFaults, OneRankThatStallsHoldsAllOfThem) {
  GroupRig rig({"{}", "{}", "{faults: [{kind: never_completes, at_block: 1}]}"});
  const auto workload = rig.run(collective("all_reduce", kBytes, 3), 1, 1);
  const auto stalled = rig.ask<MeasureResult>(MeasureRequest{workload, 1, std::nullopt, 1'000'000'000, 0});
  EXPECT_EQ(stalled.status, Status::kTimeout);
  EXPECT_TRUE(stalled.spans.empty());
}

TEST(FakeGroupFaults, ALostRankIsNamedAndTheGroupIsGone) {
  GroupRig rig({"{}", "{serial: SN-B, faults: [{kind: device_lost, at_block: 2}]}", "{}"});
  const auto workload = rig.run(collective("all_reduce", kBytes, 3), 1, 1);
  rig.measure(workload, 1);
  const auto lost = rig.ask<MeasureResult>(MeasureRequest{workload, 1, std::nullopt, 1'000'000'000, 0});
  EXPECT_EQ(lost.status, Status::kDeviceLost);
  EXPECT_NE(lost.reason.find("SN-B"), std::string::npos) << lost.reason;
  EXPECT_EQ(rig.ask<ReseedResult>(ReseedRequest{workload, 1}).status, Status::kDeviceLost);
  EXPECT_EQ(rig.ask<ReadResult>(ReadRequest{workload, 0, 1, 0, {0}}).status, Status::kDeviceLost);
}

TEST(FakeGroupFaults, OneRanksClockIsOffByWhatTheScriptSays) {
  const std::string exact = "{jitter: 0, speed: {collective: 1 GB/s}";
  GroupRig rig(
      {exact + "}", exact + ", faults: [{kind: clock_3x}]}", exact + ", faults: [{kind: clock_rate, ppm: 5000}]}"});
  const auto lengths = rig.lengths(rig.run(collective("all_reduce", kBytes, 3), 1, 1), 1'000'000);
  ASSERT_EQ(lengths.size(), 3u);
  EXPECT_NEAR(lengths[1] / lengths[0], 1 / 3.0, 1e-4);
  EXPECT_NEAR(lengths[2] / lengths[0], 1.005, 1e-4);
}

TEST(FakeGroupFaults, ASlotStrikesOnItsOwnRankAlone) {
  GroupRig rig({"{}", "{faults: [{kind: error, slot: read, code: internal}]}"});
  const auto workload = rig.run(collective("all_reduce", kBytes, 2), 1, 1);
  EXPECT_TRUE(rig.ask<ReadResult>(ReadRequest{workload, 0, 0, 0, {0}}).ok());
  EXPECT_FALSE(rig.ask<ReadResult>(ReadRequest{workload, 0, 1, 0, {0}}).ok());
}

TEST(FakeGroup, MemoryIsTakenOnEachRankAndGivenBack) {
  GroupRig rig({"{}", "{memory_bytes: 2000}"});
  const auto used = [&rig](std::size_t rank) {
    return rig.get<TelemetryResult>(TelemetryRequest{}).readings.at(rank).memory_used_bytes.value_or(-1);
  };
  const auto prepared = rig.get<PrepareResult>(PrepareRequest{"collective", collective("broadcast", 400, 2), 100});
  EXPECT_EQ(prepared.operand_sets, 5u) << "what fits the smaller one";
  EXPECT_EQ(used(0), 5 * 800) << "the root sends and has";
  EXPECT_EQ(used(1), 5 * 400);
  rig.get<ReleaseResult>(ReleaseRequest{prepared.workload});
  EXPECT_EQ(used(0) + used(1), 0);
  const auto large = rig.ask<PrepareResult>(PrepareRequest{"collective", collective("all_reduce", 1024, 2), 1});
  EXPECT_EQ(large.status, Status::kOutOfMemory);
}

}  // namespace
}  // namespace geomsu::worker::test
