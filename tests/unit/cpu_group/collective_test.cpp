#include "kernels/cpu/collective.hpp"

#include <bit>
#include <cstring>
#include <functional>
#include <tuple>

#include <gmock/gmock.h>

#include "kernels/ops/params.hpp"
#include "tests/unit/cpu_group/under_test.hpp"

namespace {

using namespace geomsu;
using namespace geomsu::cpu::test;
using cpu::Collective;
using cpu::Crew;
using testing::HasSubstr;

constexpr bool kTsan =
#ifdef __SANITIZE_THREAD__
    true;
#else
    false;
#endif

using Case = std::tuple<std::string, std::uint32_t, std::uint32_t>;  // kind, ranks, threads of each
class CollectiveOf : public testing::TestWithParam<Case> {};

// Every dtype, reduction and place, at counts of one element a part, primes, and one over a line, a piece, a message.
TEST_P(CollectiveOf, GivesEveryRankWhatTheReferenceSays) {
  const auto& [kind, ranks, width] = GetParam();
  Crew crew(cores_for(ranks, width));
  const bool reduces = kind == "all_reduce" || kind == "reduce_scatter" || kind == "reduce";
  const bool in_parts = kind == "all_gather" || kind == "reduce_scatter" || kind == "all_to_all";
  const bool has_place = kind != "all_to_all" && kind != "send_recv";
  for (const std::string dtype : {"fp32", "fp64", "bf16", "int32"}) {
    for (const std::string& op :
         reduces ? std::vector<std::string>{"sum", "max", "min"} : std::vector<std::string>{""}) {
      for (const bool in_place : has_place ? std::vector{false, true} : std::vector{false}) {
        for (const std::uint64_t part : {1u, 7u, 65u, 1031u, 5003u}) {
          if (kTsan && part > 2000) continue;  // the same paths, a hundred times slower
          const std::uint64_t count = in_parts ? part * ranks : part;
          SCOPED_TRACE(kind + " " + dtype + " " + op + (in_place ? " in place " : " ") + std::to_string(count));
          const auto shape = shape_of(kind, count, ranks, dtype, op, in_place);
          Collective work(shape, crew, {1u << 30, 3});
          ASSERT_EQ(work.operand_sets(), 3u);
          work.reseed(41);
          const std::uint64_t repeats = in_place ? 3 : 4;  // beyond the sets where inputs outlive a repeat
          run(work, 2);
          run(work, repeats - 2);
          for (std::uint64_t repeat = 0; repeat < repeats; ++repeat) {
            ASSERT_EQ(wrong_elements(shape, work, 41, repeats, repeat), 0u) << "repeat " << repeat;
            ASSERT_EQ(wrong_projections(shape, work, 41, repeats, repeat), 0u) << "repeat " << repeat;
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, CollectiveOf,
                         testing::Combine(testing::Values("all_reduce", "all_gather", "reduce_scatter", "all_to_all",
                                                          "broadcast", "reduce", "send_recv"),
                                          testing::Values(2u, 3u, 4u), testing::Values(1u, 2u)),
                         [](const auto& of) {
                           return std::get<0>(of.param) + "_" + std::to_string(std::get<1>(of.param)) + "x" +
                                  std::to_string(std::get<2>(of.param));
                         });

TEST(Rendezvous, ShowsEveryThreadWhatAllWroteBefore) {
  Crew crew(cores_for(3, 2));
  cpu::Rendezvous meeting({2, 2, 2}, crew.cores_are_shared());
  std::vector<std::uint64_t> written(crew.seats(), 0), wrong(crew.seats(), 0);  // plain: only the meeting orders them
  crew.call([&](const cpu::Seat& seat) {
    for (std::uint64_t turn = 1; turn <= 200; ++turn) {
      written[seat.index] = turn;
      meeting.meet(seat.rank, seat.place);
      for (const std::uint64_t other : written) wrong[seat.index] += other != turn ? 1u : 0u;
      meeting.meet(seat.rank, seat.place);
    }
  });
  for (const std::uint64_t count : wrong) EXPECT_EQ(count, 0u);
}

TEST(CpuCollective, IsRightPastTheCachesWithPartsThatBeginAnywhere) {
  Crew crew(cores_for(3, 1));
  for (const char* kind : {"all_reduce", "all_gather", "reduce_scatter", "all_to_all", "broadcast", "reduce"}) {
    for (const std::string dtype : {"bf16", "fp32"}) {
      for (const std::string place : {"no", "yes"}) {
        if (place == "yes" && std::string(kind) == "all_to_all") continue;
        const std::uint64_t count = 3 * (kTsan ? 1009 : 400009);  // a prime of elements a part
        const auto shape = shape_of(kind, count, 3, dtype, "", place == "yes");
        SCOPED_TRACE(std::string(kind) + " " + dtype + " " + place);
        Collective work(shape, crew, {1u << 30, 2});
        if (!kTsan) {
          EXPECT_THAT(work.algorithm(), HasSubstr("non-temporal"));
        }
        work.reseed(3);
        run(work, 2);
        EXPECT_EQ(wrong_projections(shape, work, 3, 2, 1), 0u);
      }
    }
  }
}

TEST(CpuCollective, ComputesTheSameOnEveryInstructionSet) {
  Crew crew(cores_for(2, 1));
  const auto shape = shape_of("all_reduce", 5003, 2, "bf16");
  std::vector<std::uint64_t> digests;
  for (const ops::Isa isa : ops::isas_here()) {
    Collective work(shape, crew, {1u << 30, 1, isa});
    work.reseed(8);
    run(work, 1);
    EXPECT_EQ(work.digest(0, 0, 0), work.digest(0, 1, 0)) << "ranks of an all_reduce agree";
    digests.push_back(work.digest(0, 0, 0));
  }
  for (const std::uint64_t digest : digests) EXPECT_EQ(digest, digests[0]);
}

TEST(CpuCollective, DigestsTheBytesInLogicalOrder) {
  Crew crew(cores_for(2, 2));
  const auto shape = shape_of("all_gather", 2 * 333, 2, "bf16");
  Collective work(shape, crew, {1u << 30, 1});
  work.reseed(8);
  run(work, 1);
  std::vector<std::byte> bytes(shape.bytes);
  const auto reference = ops::collective_reference(shape, {8, 1, 1, 1});
  for (std::uint64_t i = 0; i < shape.count; ++i) {
    const auto upper = static_cast<std::uint16_t>(
        std::bit_cast<std::uint32_t>(static_cast<float>(reference->element(i, 0).value)) >> 16);
    std::memcpy(bytes.data() + 2 * i, &upper, 2);
  }
  EXPECT_EQ(work.digest(0, 1, 0), ops::digest(bytes));
}

TEST(CpuCollective, ShowsWhatIsSentUntilItIsGone) {
  Crew crew(cores_for(3, 1));
  for (const bool in_place : {false, true}) {
    const auto shape = shape_of("all_reduce", 100, 3, "fp32", "", in_place);
    Collective work(shape, crew, {1u << 30, 2});
    work.reseed(5);
    double got = 0;
    const std::vector<std::uint64_t> index{99};
    for (const std::uint64_t set : {0u, 1u}) {
      work.read(1, 2, set, index, &got);
      EXPECT_EQ(got, ops::collective_element(shape, 5, 2, set, 99));
    }
    run(work, 1);
    work.read(1, 2, 1, index, &got);
    EXPECT_EQ(got, ops::collective_element(shape, 5, 2, 1, 99));
    if (in_place) {
      EXPECT_THROW(work.read(1, 2, 0, index, &got), plugin::Failure);
    } else {
      work.read(1, 2, 0, index, &got);
      EXPECT_EQ(got, ops::collective_element(shape, 5, 2, 0, 99));
    }
  }
}

// What is asked in vain: the code, and a word of why.
void expect_refusal(std::uint32_t code, const std::string& word, const std::function<void()>& body) {
  try {
    body();
    ADD_FAILURE() << "nothing was refused; expected: " << word;
  } catch (const plugin::Failure& failure) {
    EXPECT_EQ(failure.code(), code) << failure.what();
    EXPECT_THAT(failure.what(), HasSubstr(word));
  }
}

TEST(CpuCollective, RefusesWhatItCannotDoBeforeTakingMemory) {
  Crew crew(cores_for(2, 1));
  const auto prepare = [&](const ops::CollectiveShape& shape, std::uint64_t memory = 1u << 30) {
    Collective work(shape, crew, {memory, 1});
  };
  expect_refusal(GEOMSU_INVALID_ARGUMENT, "ranks is 3, the group has 2",
                 [&] { prepare(shape_of("reduce", 9, 3, "fp32")); });
  expect_refusal(GEOMSU_OUT_OF_MEMORY, "68719476736 bytes",
                 [&] { prepare(shape_of("all_reduce", 1ull << 32, 2, "fp32")); });
  expect_refusal(GEOMSU_OUT_OF_MEMORY, "1000 are free", [&] { prepare(shape_of("all_reduce", 100, 2, "fp64"), 1000); });
  auto ring = shape_of("all_reduce", 9, 2, "fp32");
  ring.algorithm = "ring";
  expect_refusal(GEOMSU_UNSUPPORTED, "ring", [&] { prepare(ring); });
}

TEST(CpuCollective, RefusesToShowWhatThereIsNot) {
  Crew crew(cores_for(2, 1));
  double got = 0;
  const std::vector<std::uint64_t> first{0}, beyond{64};
  Collective reduce(shape_of("reduce", 64, 2, "fp32"), crew, {1u << 30, 2});
  expect_refusal(GEOMSU_INVALID_ARGUMENT, "before reseed", [&] { Collective::Run run(reduce, 1); });
  reduce.reseed(1);
  expect_refusal(GEOMSU_INVALID_ARGUMENT, "repeat 0 was not run", [&] { reduce.digest(0, 0, 0); });
  run(reduce, 1);
  expect_refusal(GEOMSU_INVALID_ARGUMENT, "no tensor 0 of rank 1", [&] { reduce.read(0, 1, 0, first, &got); });
  expect_refusal(GEOMSU_INVALID_ARGUMENT, "no tensor 0 of rank 1", [&] { reduce.project(0, 1, 0, 7); });
  expect_refusal(GEOMSU_INVALID_ARGUMENT, "no tensor 0 of rank 1", [&] { reduce.digest(0, 1, 0); });
  expect_refusal(GEOMSU_INVALID_ARGUMENT, "index 64", [&] { reduce.read(0, 0, 0, beyond, &got); });
  expect_refusal(GEOMSU_INVALID_ARGUMENT, "no rank 2", [&] { reduce.read(0, 2, 0, first, &got); });
  expect_refusal(GEOMSU_INVALID_ARGUMENT, "no tensor 2", [&] { reduce.read(2, 0, 0, first, &got); });
  expect_refusal(GEOMSU_UNSUPPORTED, "tensor 0", [&] { reduce.project(1, 0, 0, 7); });
  Collective broadcast(shape_of("broadcast", 64, 2, "fp32"), crew, {1u << 30, 1});
  broadcast.reseed(1);
  expect_refusal(GEOMSU_INVALID_ARGUMENT, "no tensor 1 of rank 1", [&] { broadcast.digest(1, 1, 0); });
}

TEST(CpuCollective, KeepsFewerSetsWhereMoreDoNotFit) {
  Crew crew(cores_for(2, 1));
  Collective work(shape_of("all_reduce", 1024, 2, "fp32"), crew, {10 * 16384, 100});
  EXPECT_EQ(work.operand_sets(), 6u) << "60 % of what is free";
  EXPECT_EQ(work.memory_bytes(), 6u * 16384);
}

TEST(CpuCollective, TakesAnEmptySubmissionAndQueuesSeveral) {
  Crew crew(cores_for(2, 1));
  for (const std::uint64_t count : {2u, 3000u}) {
    const auto shape = shape_of("all_reduce", count, 2, "fp64");
    Collective work(shape, crew, {1u << 30, 4});
    work.reseed(2);
    Collective::Run empty(work, 0), first(work, 1), second(work, 3);
    for (auto* one : {&empty, &first, &second}) work.post(*one);
    for (auto* one : {&second, &first, &empty}) EXPECT_TRUE(work.wait(*one, UINT64_MAX));
    for (std::uint32_t rank = 0; rank < 2; ++rank) {
      EXPECT_LE(empty.span(rank).first, empty.span(rank).last);
      EXPECT_GT(empty.span(rank).first, 0u);
      EXPECT_LE(empty.span(rank).last, first.span(rank).first);
      EXPECT_LE(first.span(rank).last, second.span(rank).first);
    }
    for (std::uint64_t repeat = 0; repeat < 4; ++repeat) EXPECT_EQ(wrong_elements(shape, work, 2, 4, repeat), 0u);
  }
}

}  // namespace
