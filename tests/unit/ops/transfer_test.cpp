#include "kernels/ops/transfer.hpp"

#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/ops/transfer_reference.hpp"
#include "tests/unit/ops/naive_gemm.hpp"

namespace {

using namespace geomsu::ops;
using geomsu::ops::test::complete;
using testing::ElementsAre;

TransferShape shape(const std::string& direction, std::uint64_t bytes, Params more = {}) {
  more.insert({{"direction", direction}, {"bytes", std::to_string(bytes)}});
  return transfer_shape(complete(transfer(), more));
}

std::vector<std::string> refused_keys(const Params& params) {
  std::vector<Problem> problems;
  transfer().complete(params, problems);
  std::vector<std::string> keys;
  for (const Problem& problem : problems) keys.push_back(problem.key);
  return keys;
}

// The definition, copy by copy; `skipped` is left out.
std::vector<double> copied(const TransferShape& s, std::uint64_t seed, std::uint64_t repeats, std::uint64_t way = 0,
                           std::uint64_t skipped = UINT64_MAX) {
  std::vector<double> source(s.source_elements()), target(s.target_elements(), 0.0);
  const std::uint64_t tensor = tensor_id(0, way + 1);
  for (std::uint64_t j = 0; j < source.size(); ++j) source[j] = value(s.data, stream(seed, tensor), tensor, j);
  for (std::uint64_t i = 0; i < repeats; ++i) {
    if (i == skipped) continue;
    for (std::uint64_t j = 0; j < s.elements; ++j) target[8 * (i % 65536) + j] = source[8 * (i / 65536 % 8) + j];
  }
  return target;
}

double projected(const std::vector<double>& x, std::uint64_t sign_seed) {
  double sum = 0;
  for (std::uint64_t j = 0; j < x.size(); ++j) sum += x[j] * sign_at(sign_stream(sign_seed), j);
  return sum;
}

double projection_of(const TransferShape& s, std::uint64_t seed, std::uint64_t repeats, std::uint64_t sign_seed,
                     std::uint64_t way = 0) {
  std::vector<double> values, tolerances;
  transfer_reference(s, {seed, repeats})->projection(repeats - 1, sign_seed, values, tolerances);
  EXPECT_EQ(values.size(), s.ways());
  EXPECT_EQ(tolerances.at(way), 0);
  return values.at(way);
}

// Sizes below, at and over a line; the last repeats of a round and the first of the next.
TEST(TransferReference, IsWhatCopyAfterCopyLeaves) {
  for (const std::uint64_t n : {1u, 7u, 8u, 9u, 100u, 1031u}) {
    for (const std::uint64_t repeats : {1u, 2u, 5u, 130u, 65535u, 65536u, 65537u, 65700u, 131073u}) {
      if (n > 100 && repeats > 200) continue;
      const auto s = shape("h2d", 8 * n);
      const auto expected = copied(s, 3, repeats);
      const auto reference = transfer_reference(s, {3, repeats});
      ASSERT_EQ(reference->elements(), expected.size());
      for (std::uint64_t j = 0; j < expected.size(); j += j < 3000 || j + 3000 > expected.size() ? 1u : 61u) {
        ASSERT_EQ(reference->element(j, repeats - 1).value, expected[j])
            << n << " elements, " << repeats << " repeats, element " << j;
      }
      EXPECT_EQ(projection_of(s, 3, repeats, 5), projected(expected, 5)) << n << " elements, " << repeats;
    }
  }
}

TEST(TransferReference, NoRepeatOfTheLastRoundCanBeLeftOutUnseen) {
  for (const std::uint64_t n : {1u, 8u, 300u}) {
    const auto s = shape("d2h", 8 * n);
    for (const std::uint64_t repeats : {40u, 65600u}) {
      const double right = projection_of(s, 9, repeats, 1);
      for (const std::uint64_t skipped : {repeats - 1, repeats - 2, repeats - 20, repeats - 40}) {
        EXPECT_NE(projected(copied(s, 9, repeats, 0, skipped), 1), right)
            << n << " elements, repeat " << skipped << " of " << repeats;
      }
      EXPECT_EQ(projected(copied(s, 9, repeats), 1), right);
    }
  }
}

TEST(TransferReference, HasBothWaysOneAfterTheOther) {
  const auto s = shape("bidirectional", 8 * 77);
  const auto reference = transfer_reference(s, {4, 10});
  const std::uint64_t half = s.target_elements();
  ASSERT_EQ(reference->elements(), 2 * half);
  ASSERT_EQ(reference->projected(), 2u);
  for (const std::uint64_t way : {0u, 1u}) {
    const auto expected = copied(s, 4, 10, way);
    for (std::uint64_t j = 0; j < 400; ++j)
      EXPECT_EQ(reference->element(way * half + j, 9).value, expected[j]) << way << " " << j;
    EXPECT_EQ(projection_of(s, 4, 10, 2, way), projected(expected, 2));
  }
  EXPECT_NE(projection_of(s, 4, 10, 2, 0), projection_of(s, 4, 10, 2, 1));
  for (const std::uint64_t edge : reference->edges()) EXPECT_LT(edge, reference->elements());
  EXPECT_THAT(reference->edges(), testing::IsSupersetOf({std::uint64_t{71}, std::uint64_t{72}, std::uint64_t{148},
                                                         std::uint64_t{149}, half - 1, half}));
}

TEST(TransferReference, RefusesWhatThereIsNot) {
  const auto s = shape("h2d", 64);
  EXPECT_THROW(transfer_reference(s, {1, 0}), std::out_of_range);
  EXPECT_THROW(transfer_reference(s, {1, 1})->element(s.target_elements(), 0), std::out_of_range);
}

TEST(Transfer, ChecksItsParametersAndNamesTheKey) {
  EXPECT_THAT(refused_keys({{"direction", "h2d"}, {"bytes", "8"}}), ElementsAre());
  EXPECT_THAT(refused_keys({{"direction", "p2p"}, {"bytes", "1099511627776"}, {"peer", "0"}}), ElementsAre());
  EXPECT_THAT(refused_keys({{"direction", "bidirectional"}, {"bytes", "64"}, {"peer", "1"}}), ElementsAre());
  EXPECT_THAT(refused_keys({{"direction", "bidirectional"}, {"bytes", "64"}, {"pinned", "no"}}), ElementsAre());
  EXPECT_THAT(refused_keys({{"bytes", "64"}}), ElementsAre("direction"));
  EXPECT_THAT(refused_keys({{"direction", "up"}, {"bytes", "64"}}), ElementsAre("direction"));
  EXPECT_THAT(refused_keys({{"direction", "h2d"}, {"bytes", "12"}}), ElementsAre("bytes"));
  EXPECT_THAT(refused_keys({{"direction", "h2d"}, {"bytes", "0"}}), ElementsAre("bytes"));
  EXPECT_THAT(refused_keys({{"direction", "h2d"}, {"bytes", "1099511627784"}}), ElementsAre("bytes"));
  EXPECT_THAT(refused_keys({{"direction", "p2p"}, {"bytes", "64"}}), ElementsAre("peer"));
  EXPECT_THAT(refused_keys({{"direction", "p2p"}, {"bytes", "64"}, {"peer", "-1"}}), ElementsAre("peer"));
  EXPECT_THAT(refused_keys({{"direction", "p2p"}, {"bytes", "64"}, {"peer", "65536"}}), ElementsAre("peer"));
  EXPECT_THAT(refused_keys({{"direction", "d2h"}, {"bytes", "64"}, {"peer", "1"}}), ElementsAre("peer"));
  EXPECT_THAT(refused_keys({{"direction", "p2p"}, {"bytes", "64"}, {"peer", "1"}, {"pinned", "no"}}),
              ElementsAre("pinned"));
}

TEST(Transfer, CountsBytesOfAllWaysAndTimeOfARepeat) {
  const auto one = complete(transfer(), {{"direction", "d2h"}, {"bytes", "4096"}});
  const auto both = complete(transfer(), {{"direction", "bidirectional"}, {"bytes", "4096"}});
  EXPECT_EQ(transfer().work(one), 4096u);
  EXPECT_EQ(transfer().work(both), 8192u);
  EXPECT_DOUBLE_EQ(transfer().value(both, "bandwidth", 10, 1000), 8192.0 * 10 * 1e6);
  EXPECT_DOUBLE_EQ(transfer().value(both, "latency", 10, 1000), 1e-7);
  for (const auto& quantity : transfer().quantities())
    EXPECT_EQ(quantity.higher_is_better, quantity.name == "bandwidth");
  EXPECT_EQ(transfer().bytes_per_set(both), 2 * transfer().bytes_per_set(one));
  EXPECT_EQ(one.at("pinned"), "yes");
}

}  // namespace
