// Several processes as one worker: who is asked, and one answer of many. No MPI here.
#include "harness/worker/merge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace geomsu::worker {
namespace {
using namespace protocol;
using testing::ElementsAre;
using testing::HasSubstr;

Process process(std::uint32_t rank) { return {rank, "n" + std::to_string(rank + 1), 100 + rank}; }

template <class R>
std::vector<ProcessAnswer> answers(std::vector<R> results) {
  std::vector<ProcessAnswer> all;
  for (auto& result : results) all.push_back({process(static_cast<std::uint32_t>(all.size())), std::move(result)});
  return all;
}
template <class R>
R merged(const Request& request, std::vector<R> results) {
  return std::get<R>(merge(request, answers(std::move(results))));
}
template <class R>
R failed(Status status, std::string reason) {
  R result;
  result.status = status;
  result.reason = std::move(reason);
  return result;
}

TEST(Merge, TheWorstStatusCountsAndNamesItsRank) {
  const auto result =
      merged<ReseedResult>(ReseedRequest{}, {failed<ReseedResult>(Status::kOutOfMemory, "no room"), ReseedResult{},
                                             failed<ReseedResult>(Status::kDeviceLost, "fell off"),
                                             failed<ReseedResult>(Status::kTimeout, "waited in vain")});
  EXPECT_EQ(result.status, Status::kDeviceLost);
  EXPECT_EQ(result.reason,
            "rank 2 on n3, pid 102: fell off; rank 3 on n4, pid 103: timeout: waited in vain; rank 0 on n1, pid 100: "
            "out_of_memory: no room");
}

TEST(Merge, EveryPairOfStatusesGivesTheWorse) {
  const std::vector<Status> worse_and_worse{Status::kOk,    Status::kUnsupported, Status::kOutOfMemory,
                                            Status::kError, Status::kTimeout,     Status::kDeviceLost};
  for (std::size_t a = 0; a < worse_and_worse.size(); ++a) {
    for (std::size_t b = 0; b < worse_and_worse.size(); ++b) {
      const auto result = merged<LoadResult>(
          LoadRequest{}, {failed<LoadResult>(worse_and_worse[a], "a"), failed<LoadResult>(worse_and_worse[b], "b")});
      EXPECT_EQ(result.status, worse_and_worse[std::max(a, b)]) << a << " and " << b;
    }
  }
}

TEST(Merge, WhatAllSayIsSaidOnce) {
  const auto no = failed<PrepareResult>(Status::kUnsupported, "no gemm here");
  const auto result = merged<PrepareResult>(PrepareRequest{}, {no, no, no});
  EXPECT_EQ(result.status, Status::kUnsupported);
  EXPECT_EQ(result.reason, "every rank: no gemm here");
}

TEST(Merge, AFailedResultAnswersItsRequest) {
  for (const Request& request : {Request(HelloRequest{}), Request(MeasureRequest{}), Request(ShutdownRequest{})}) {
    const Result result = failed_result(request, Status::kTimeout, "why");
    EXPECT_EQ(result.index(), request.index());
    std::visit(
        [](const auto& r) {
          EXPECT_EQ(r.status, Status::kTimeout);
          EXPECT_EQ(r.reason, "why");
        },
        result);
  }
}

TEST(Merge, SeveralProcessesCannotScriptTime) {
  HelloResult hello;
  hello.scripted_time = true;
  EXPECT_TRUE(merged<HelloResult>(HelloRequest{}, {hello}).ok());
  EXPECT_EQ(merged<HelloResult>(HelloRequest{}, {hello, hello}).status, Status::kUnsupported);
}

TEST(Merge, ManyThatFailAreCounted) {
  std::vector<ReseedResult> results(9, failed<ReseedResult>(Status::kError, "no"));
  results.emplace_back();
  const auto result = merged<ReseedResult>(ReseedRequest{}, results);
  EXPECT_THAT(result.reason, HasSubstr("rank 3 on n4, pid 103: no; and 5 more"));
  EXPECT_THAT(result.reason, testing::Not(HasSubstr("rank 4")));
}

DeviceInfo device(const std::string& uuid) {
  DeviceInfo info;
  info.uuid = uuid;
  return info;
}

TEST(Merge, DevicesAreNumberedThroughAndTellNodeAndRank) {
  DevicesResult first, second;
  first.devices = {device("a"), device("b")};
  second.devices = {device("c")};
  second.devices[0].attributes["node"] = "told by the plug-in";
  const auto result = merged<DevicesResult>(DevicesRequest{}, {first, second});
  ASSERT_TRUE(result.ok()) << result.reason;
  ASSERT_EQ(result.devices.size(), 3u);
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(result.devices[i].index, i);
  EXPECT_EQ(result.devices[1].attributes.at("node"), "n1");
  EXPECT_EQ(result.devices[1].attributes.at("rank"), "0");
  EXPECT_EQ(result.devices[2].attributes.at("node"), "told by the plug-in");
  EXPECT_EQ(result.devices[2].attributes.at("rank"), "1");
}

TEST(Merge, OnePartBroughtTwiceIsRefused) {
  DevicesResult one;
  one.devices = {device("a")};
  const auto result = merged<DevicesResult>(DevicesRequest{}, {one, one});
  EXPECT_EQ(result.status, Status::kError);
  EXPECT_THAT(result.reason, HasSubstr("rank 0 on n1, pid 100 and rank 1 on n2, pid 101 both bring the device 'a'"));
}

TEST(Merge, OpenWantsOneClock) {
  OpenResult a, b;
  a.devices = {device("a")};
  b.devices = {device("b")};
  a.clock_domain = b.clock_domain = "host";
  a.ticks_per_second = b.ticks_per_second = 1000;
  const auto alike = merged<OpenResult>(OpenRequest{}, {a, b});
  EXPECT_EQ(alike.devices.size(), 2u);
  EXPECT_EQ(alike.devices[1].index, 1u);
  EXPECT_EQ(alike.ticks_per_second, 1000u);
  b.ticks_per_second = 1001;
  const auto other = merged<OpenResult>(OpenRequest{}, {a, b});
  EXPECT_EQ(other.status, Status::kError);
  EXPECT_THAT(other.reason, HasSubstr("rank 1 on n2, pid 101 has the clock 'host, 1001 ticks a second, 64 bits'"));
}

TEST(Merge, HelloWantsOnePlugInFile) {
  HelloResult a, b;
  a.plugin.sha256 = b.plugin.sha256 = "aa";
  a.pid = 1;
  EXPECT_EQ(merged<HelloResult>(HelloRequest{}, {a, b}).pid, 1);
  b.plugin.sha256 = "bb";
  const auto other = merged<HelloResult>(HelloRequest{}, {a, b});
  EXPECT_EQ(other.status, Status::kError);
  EXPECT_THAT(other.reason, HasSubstr("rank 1 on n2, pid 101 has the plug-in file of SHA-256 'bb'"));
}

TEST(Merge, ARefusedPlugInKeepsItsFactsInTheGreeting) {
  HelloResult refused = failed<HelloResult>(Status::kUnsupported, "the plug-in is refused: no MPI");
  refused.plugin.backend = "mpi";
  refused.refused = {refused.plugin};
  const auto result = merged<HelloResult>(HelloRequest{}, {refused, refused});
  EXPECT_EQ(result.status, Status::kUnsupported);
  EXPECT_EQ(result.plugin.backend, "mpi");
  EXPECT_EQ(result.refused.size(), 1u);
}

TEST(Merge, PrepareSumsMemoryAndWantsEqualSets) {
  PrepareResult a, b;
  a.workload = b.workload = 3;
  a.memory_bytes = 10;
  b.memory_bytes = 5;
  a.operand_sets = b.operand_sets = 4;
  a.deterministic = true;
  const auto result = merged<PrepareResult>(PrepareRequest{}, {a, b});
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.memory_bytes, 15u);
  EXPECT_EQ(result.operand_sets, 4u);
  EXPECT_FALSE(result.deterministic) << "only where all are";
  b.operand_sets = 2;
  EXPECT_THAT(merged<PrepareResult>(PrepareRequest{}, {a, b}).reason, HasSubstr("'2 operand sets"));
  b.operand_sets = 4;
  b.workload = 4;
  EXPECT_EQ(merged<PrepareResult>(PrepareRequest{}, {a, b}).status, Status::kError);
}

TEST(Merge, MeasureKeepsSpansInOrderAndNoClockButTheFirsts) {
  MeasureResult a, b;
  a.spans = {{1, 2, {2}}};
  b.spans = {{900, 950, {}}, {901, 951, {}}};
  a.started_mono_ns = 7;
  b.started_mono_ns = 5'000'000;
  a.worker_raw_ns = 3;
  b.worker_raw_ns = 60;
  const auto result = merged<MeasureResult>(MeasureRequest{}, {a, b});
  ASSERT_EQ(result.spans.size(), 3u);
  EXPECT_EQ(result.spans[0].first, 1u);
  EXPECT_THAT(result.spans[0].repeat_ends, ElementsAre(2u));
  EXPECT_EQ(result.spans[1].first, 900u);
  EXPECT_EQ(result.spans[2].last, 951u);
  EXPECT_EQ(result.started_mono_ns, 7);
  EXPECT_EQ(result.worker_raw_ns, 60);
}

TEST(Merge, ALoadThatRanUnequallyIsAnError) {
  StopResult a, b;
  a.repeats = b.repeats = 8;
  EXPECT_EQ(merged<StopResult>(StopRequest{}, {a, b}).repeats, 8u);
  b.repeats = 4;
  EXPECT_EQ(merged<StopResult>(StopRequest{}, {a, b}).status, Status::kError);
}

TEST(Merge, TelemetryIsOneReadingADevice) {
  TelemetryResult a, b;
  a.readings.resize(1);
  b.readings.resize(2);
  b.readings[1].power_w = 7;
  const auto result = merged<TelemetryResult>(TelemetryRequest{}, {a, b});
  ASSERT_EQ(result.readings.size(), 3u);
  EXPECT_EQ(result.readings[2].power_w, 7);
}

TEST(Merge, AnAnswerToAnotherRequestIsNoAnswer) {
  EXPECT_THROW(merge(ReseedRequest{}, answers<LoadResult>({LoadResult{}})), std::logic_error);
}

TEST(WhichProcess, IsTheOneThatOwnsTheRank) {
  const Shares shares{{0, 2, 3}, {2, 1, 2}, 5};
  const std::vector<std::uint32_t> owners{0, 0, 1, 2, 2};
  for (std::uint32_t rank = 0; rank < 5; ++rank) {
    EXPECT_EQ(which_process(ReadRequest{1, 0, rank, 0, {}}, shares), owners[rank]) << rank;
    EXPECT_EQ(which_process(DigestRequest{1, 0, rank, 0}, shares), owners[rank]) << rank;
    EXPECT_EQ(which_process(ProjectRequest{1, 0, rank, 0, 0, 0}, shares), owners[rank]) << rank;
  }
  EXPECT_EQ(which_process(DigestRequest{1, 0, 5, 0}, shares), 0u) << "the first refuses it";
  EXPECT_EQ(which_process(ClockRequest{}, shares), 0u);
  EXPECT_EQ(which_process(MeasureRequest{}, shares), std::nullopt);
  EXPECT_EQ(which_process(TelemetryRequest{}, shares), std::nullopt);
}

OpenParts parts_of(std::vector<std::uint32_t> devices, const std::vector<std::uint32_t>& found) {
  const auto split = split_open({std::move(devices)}, found);
  EXPECT_TRUE(std::holds_alternative<OpenParts>(split)) << std::get<std::string>(split);
  return std::get<OpenParts>(split);
}
std::string refusal_of(std::vector<std::uint32_t> devices, const std::vector<std::uint32_t>& found) {
  const auto split = split_open({std::move(devices)}, found);
  EXPECT_TRUE(std::holds_alternative<std::string>(split));
  return std::holds_alternative<std::string>(split) ? std::get<std::string>(split) : "";
}

TEST(SplitOpen, EachProcessOpensItsShareByItsOwnNumbers) {
  const OpenParts parts = parts_of({1, 0, 2, 5}, {2, 1, 3});
  EXPECT_THAT(parts.requests[0].devices, ElementsAre(1u, 0u));
  EXPECT_THAT(parts.requests[1].devices, ElementsAre(0u));
  EXPECT_THAT(parts.requests[2].devices, ElementsAre(2u));
  EXPECT_THAT(parts.shares.first_rank, ElementsAre(0u, 2u, 3u));
  EXPECT_THAT(parts.shares.count, ElementsAre(2u, 1u, 1u));
  EXPECT_EQ(parts.shares.ranks, 4u);
}

TEST(SplitOpen, SaysWhatIsWrong) {
  EXPECT_THAT(refusal_of({0, 3}, {1, 1}), HasSubstr("device 3 of 2"));
  EXPECT_THAT(refusal_of({0}, {1, 1}), HasSubstr("no device of rank 1"));
  EXPECT_THAT(refusal_of({0}, {1, 0}), HasSubstr("no device of rank 1"));
  EXPECT_THAT(refusal_of({1, 0}, {1, 1}), HasSubstr("device 0 is rank 0's and stands after a device of rank 1"));
}

}  // namespace
}  // namespace geomsu::worker
