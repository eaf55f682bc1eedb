#include "kernels/ops/collective.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/ops/collective_reference.hpp"
#include "kernels/ops/params.hpp"
#include "kernels/ops/rounding.hpp"
#include "tests/unit/ops/naive_gemm.hpp"

namespace {

using namespace geomsu::ops;
using geomsu::ops::test::complete;

Params given(const std::string& kind, std::uint64_t bytes, std::uint64_t ranks, Params more = {}) {
  more.insert({{"kind", kind}, {"bytes", std::to_string(bytes)}, {"ranks", std::to_string(ranks)}});
  return more;
}
Params shape(const std::string& kind, std::uint64_t bytes, std::uint64_t ranks, Params more = {}) {
  return complete(collective(), given(kind, bytes, ranks, std::move(more)));
}

std::vector<std::string> refused_keys(const Params& params) {
  std::vector<Problem> problems;
  collective().complete(params, problems);
  std::vector<std::string> keys;
  for (const Problem& problem : problems) keys.push_back(problem.key);
  return keys;
}

// The definition, written the other way round: every rank hands out what it sends.
std::vector<std::vector<int>> exchanged(const CollectiveShape& s, std::uint64_t seed, std::uint64_t set) {
  std::vector<std::vector<int>> sent(s.ranks), got(s.ranks);
  for (std::uint32_t r = 0; r < s.ranks; ++r) {
    for (std::uint64_t j = 0; j < s.sent(r); ++j) sent[r].push_back(collective_element(s, seed, r, set, j));
  }
  const auto fold = [&](std::uint64_t j) {
    int x = sent[0][j];
    for (std::uint32_t r = 1; r < s.ranks; ++r) {
      const int y = sent[r][j];
      x = s.op == ReduceOp::kSum ? x + y : s.op == ReduceOp::kMax ? std::max(x, y) : std::min(x, y);
    }
    return x;
  };
  for (std::uint32_t to = 0; to < s.ranks; ++to) {
    switch (s.kind) {
      case CollectiveKind::kReduce:
        if (to != 0) break;
        [[fallthrough]];
      case CollectiveKind::kAllReduce:
        for (std::uint64_t j = 0; j < s.count; ++j) got[to].push_back(fold(j));
        break;
      case CollectiveKind::kReduceScatter:
        for (std::uint64_t j = to * s.chunk(); j < (to + 1) * s.chunk(); ++j) got[to].push_back(fold(j));
        break;
      case CollectiveKind::kAllGather:
        for (const auto& part : sent) got[to].insert(got[to].end(), part.begin(), part.end());
        break;
      case CollectiveKind::kAllToAll:
        for (const auto& all : sent) {
          const auto begin = all.begin() + static_cast<std::ptrdiff_t>(to * s.chunk());
          got[to].insert(got[to].end(), begin, begin + static_cast<std::ptrdiff_t>(s.chunk()));
        }
        break;
      case CollectiveKind::kBroadcast:
        got[to] = sent[0];
        break;
      case CollectiveKind::kSendRecv:
        got[(to + 1) % s.ranks] = sent[to];
        break;
    }
  }
  return got;
}

using Case = std::tuple<std::string, std::string, std::uint64_t>;
class CollectiveReferenceOf : public testing::TestWithParam<Case> {};

TEST_P(CollectiveReferenceOf, EveryElementOnEveryRank) {
  const auto& [kind, op, ranks] = GetParam();
  for (const std::string dtype : {"fp32", "fp64", "bf16", "int32"}) {
    Params more{{"dtype", dtype}};
    if (!op.empty()) more["op"] = op;
    const std::uint64_t count = ranks * (ranks < 50 ? 35 : 1);
    const Params params = shape(kind, count * find_dtype(dtype)->bytes, ranks, more);
    const CollectiveShape s = collective_shape(params);
    const auto expected = exchanged(s, 77, 1);
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      const auto reference = collective().reference(params, {77, 6, 4, rank});
      ASSERT_EQ(reference->elements(), expected[rank].size());
      double projected = 0;
      for (std::uint64_t j = 0; j < reference->elements(); ++j) {
        const Expected e = reference->element(j, 5);  // set 1
        EXPECT_EQ(e.value, expected[rank][j]) << kind << " rank " << rank << " element " << j;
        EXPECT_EQ(e.tolerance, 0);
        projected += e.value * sign_at(sign_stream(9), j);
        if (dtype != "int32") {
          EXPECT_EQ(round_to(*find_dtype(dtype), e.value), e.value) << "the dtype holds it";
        }
      }
      std::vector<double> values, tolerances;
      reference->projection(5, 9, values, tolerances);
      ASSERT_EQ(values.size(), reference->projected());
      EXPECT_EQ(values, std::vector<double>(reference->projected(), projected));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, CollectiveReferenceOf,
                         testing::Values(Case{"all_reduce", "", 2}, Case{"all_reduce", "max", 3},
                                         Case{"all_reduce", "min", 5}, Case{"all_reduce", "", 100},
                                         Case{"all_gather", "", 3}, Case{"reduce_scatter", "", 4},
                                         Case{"reduce_scatter", "max", 3}, Case{"all_to_all", "", 3},
                                         Case{"broadcast", "", 4}, Case{"reduce", "", 3}, Case{"send_recv", "", 2},
                                         Case{"send_recv", "", 5}),
                         [](const auto& kind_op_ranks) {
                           return std::get<0>(kind_op_ranks.param) + std::get<1>(kind_op_ranks.param) +
                                  std::to_string(std::get<2>(kind_op_ranks.param));
                         });

TEST(Collective, ALongProjectionIsThatOfItsElements) {
  for (const std::string kind : {"all_reduce", "all_gather", "all_to_all"}) {
    const Params params = shape(kind, 3 * 1500 * 4, 3);
    const auto reference = collective().reference(params, {5, 1, 1, 2});
    double sum = 0;
    for (std::uint64_t j = 0; j < reference->elements(); ++j)
      sum += reference->element(j, 0).value * sign_at(sign_stream(3), j);
    std::vector<double> values, tolerances;
    reference->projection(0, 3, values, tolerances);
    EXPECT_EQ(values.at(0), sum) << kind;
  }
}

TEST(Collective, EdgesAreBothSidesOfEachPart) {
  const auto reference = collective().reference(shape("all_gather", 3 * 8 * 4, 3), {1, 1, 1, 0});
  EXPECT_EQ(reference->edges(), (std::vector<std::uint64_t>{7, 8, 15, 16}));
  const auto many = collective().reference(shape("all_reduce", 4096 * 4, 1000), {1, 1, 1, 0});
  EXPECT_EQ(many->edges().size(), 32u);
  EXPECT_LT(many->edges().back(), 4096u);
  EXPECT_TRUE(collective().reference(shape("all_reduce", 4, 2), {1, 1, 1, 0})->edges().empty());
}

TEST(Collective, ValuesAreThoseOfNcclTests) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const auto of = [](const std::string& kind, const char* quantity) {
    return collective().value(shape(kind, 1024, 4), quantity, 10, kSecond);
  };
  for (const std::string kind :
       {"all_reduce", "all_gather", "reduce_scatter", "all_to_all", "broadcast", "reduce", "send_recv"}) {
    EXPECT_EQ(of(kind, "algbw"), 10240) << kind;
    EXPECT_EQ(of(kind, "time"), 0.1) << kind;
  }
  EXPECT_EQ(of("all_reduce", "busbw"), 15360);
  for (const std::string kind : {"all_gather", "reduce_scatter", "all_to_all"}) EXPECT_EQ(of(kind, "busbw"), 7680);
  for (const std::string kind : {"broadcast", "reduce", "send_recv"}) EXPECT_EQ(of(kind, "busbw"), 10240);
}

TEST(Collective, BadParametersAreNamed) {
  EXPECT_TRUE(refused_keys(given("all_reduce", 8, 2)).empty());
  EXPECT_EQ(refused_keys(given("all_reduce", 8, 1)), std::vector<std::string>{"ranks"});
  EXPECT_EQ(refused_keys(given("all_reduce", 8, 65537)), std::vector<std::string>{"ranks"});
  EXPECT_EQ(refused_keys(given("all_reduce", 6, 2)), std::vector<std::string>{"bytes"});
  EXPECT_EQ(refused_keys(given("all_gather", 8, 4)), std::vector<std::string>{"bytes"});
  EXPECT_EQ(refused_keys(given("all_reduce", (1ULL << 40) + 4, 2)), std::vector<std::string>{"bytes"});
  EXPECT_EQ(refused_keys(given("broadcast", 8, 2, {{"op", "sum"}})), std::vector<std::string>{"op"});
  EXPECT_EQ(refused_keys(given("all_reduce", 8, 2, {{"op", "none"}})), std::vector<std::string>{"op"});
  EXPECT_EQ(refused_keys(given("all_to_all", 8, 2, {{"in_place", "yes"}})), std::vector<std::string>{"in_place"});
  EXPECT_EQ(refused_keys(given("send_recv", 8, 2, {{"in_place", "yes"}})), std::vector<std::string>{"in_place"});
  EXPECT_EQ(refused_keys(given("all_reduce", 8, 2, {{"dtype", "fp8"}})), std::vector<std::string>{"dtype"});
}

TEST(Collective, InPlaceASetServesOnce) {
  const Params params = shape("all_reduce", 64, 2, {{"in_place", "yes"}});
  EXPECT_TRUE(collective().set_per_repeat(params));
  EXPECT_FALSE(collective().set_per_repeat(shape("all_reduce", 64, 2)));
  EXPECT_EQ(collective().bytes_per_set(params), 128u);
  EXPECT_EQ(collective().bytes_per_set(shape("all_reduce", 64, 2)), 256u);
  EXPECT_NO_THROW(collective().reference(params, {1, 4, 4, 0})->element(0, 3));
  EXPECT_THROW(collective().reference(params, {1, 5, 4, 0})->element(0, 3), std::out_of_range);
}

TEST(Collective, WhatIsNotThereIsRefused) {
  const Params params = shape("reduce", 64, 3);
  EXPECT_THROW(collective().reference(params, {1, 1, 1, 3}), std::out_of_range);
  EXPECT_EQ(collective().reference(params, {1, 1, 1, 1})->elements(), 0u);
  EXPECT_THROW(collective().reference(params, {1, 1, 1, 0})->element(16, 0), std::out_of_range);
  EXPECT_THROW(collective().reference(params, {1, 1, 1, 0})->element(0, 1), std::out_of_range);
}

}  // namespace
