#include "harness/measure/verify.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/ops/collective.hpp"
#include "kernels/ops/gemm.hpp"

namespace geomsu {
namespace {

// A small fp32 product, computed in fp32 with the operands of the generator, as an honest device would.
class Product {
 public:
  explicit Product(ops::BlockState state, std::optional<std::uint64_t> skipped = std::nullopt)
      : state_(state), sets_(state.operand_sets, std::vector<float>(48 * 40)) {
    std::vector<ops::Problem> problems;
    params_ = ops::gemm().complete({{"dtype", "fp32"}, {"m", "48"}, {"n", "40"}, {"k", "64"}}, problems);
    EXPECT_TRUE(problems.empty());
    for (std::uint64_t repeat = 0; repeat < state.repeats; ++repeat) {
      if (repeat != skipped) run(repeat);
    }
  }
  std::vector<float>& set(std::uint64_t index) { return sets_[index]; }
  DrawnAnswers answer(const Draw& draw) const {
    DrawnAnswers answers{draw, {}, {}};
    for (const auto& drawn : draw.repeats) {
      std::vector<double> values;
      for (const auto index : drawn.indices) values.push_back(sets_[drawn.repeat % state_.operand_sets][index]);
      answers.elements.push_back(values);
    }
    const auto signs = ops::sign_stream(draw.sign_seed);
    for (std::uint64_t i = 0; i < 48; ++i) {
      double sum = 0;
      for (std::uint64_t j = 0; j < 40; ++j) {
        sum += static_cast<double>(sets_[draw.projected_repeat % state_.operand_sets][i * 40 + j]) *
               ops::sign_at(signs, j);
      }
      answers.projection.push_back(sum);
    }
    return answers;
  }
  std::vector<Check> check(const Draw& draw) const { return check_answers(ops::gemm(), params_, state_, answer(draw)); }
  const ops::Params& params() const { return params_; }

 private:
  void run(std::uint64_t repeat) {
    const ops::OperandPair pair = ops::operand_pair(repeat, state_.operand_sets);
    const auto a = ops::tensor_id(pair.a, ops::kRoleA), b = ops::tensor_id(pair.b, ops::kRoleB);
    const auto value = [this](std::uint64_t tensor, std::uint64_t index) {
      return static_cast<float>(ops::value(ops::Data::kNormal, ops::stream(state_.seed, tensor), tensor, index));
    };
    for (std::uint64_t i = 0; i < 48; ++i) {
      for (std::uint64_t j = 0; j < 40; ++j) {
        float sum = 0;
        for (std::uint64_t p = 0; p < 64; ++p) sum += value(a, i * 64 + p) * value(b, p * 40 + j);
        sets_[repeat % state_.operand_sets][i * 40 + j] += sum;
      }
    }
  }

  ops::BlockState state_;
  ops::Params params_;
  std::vector<std::vector<float>> sets_;
};

constexpr ops::BlockState kState{42, 3, 3};

bool passed(const std::vector<Check>& checks, const std::string& name) {
  for (const Check& check : checks) {
    if (check.name == name) return check.passed;
  }
  ADD_FAILURE() << "no check " << name;
  return false;
}

bool all_passed(const std::vector<Check>& checks) {
  for (const Check& check : checks) {
    if (!check.passed) return false;
  }
  return !checks.empty();
}

Draw draw() { return draw_positions(7, 48 * 40, 3); }

TEST(Draw, TakesTheFirstAndTheLastElementAndAllFewRepeats) {
  const Draw positions = draw_positions(1, 1'000'000, 3);
  ASSERT_EQ(positions.repeats.size(), 3U);
  std::set<std::uint64_t> repeats;
  for (const auto& drawn : positions.repeats) {
    repeats.insert(drawn.repeat);
    EXPECT_GE(drawn.indices.size(), kDrawnElements / 4);
    EXPECT_EQ(drawn.indices[0], 0U);
    EXPECT_EQ(drawn.indices[1], 999'999U);
    for (const auto index : drawn.indices) EXPECT_LT(index, 1'000'000U);
  }
  EXPECT_EQ(repeats.size(), 3U);
  EXPECT_LT(positions.projected_repeat, 3U);
}

TEST(Draw, IsReplayableAndDiffersWithTheSeed) {
  EXPECT_EQ(draw_positions(9, 5000, 100).repeats[1].indices, draw_positions(9, 5000, 100).repeats[1].indices);
  EXPECT_NE(draw_positions(9, 5000, 100).repeats[1].indices, draw_positions(10, 5000, 100).repeats[1].indices);
  EXPECT_NE(draw_positions(9, 5000, 100).sign_seed, draw_positions(10, 5000, 100).sign_seed);
}

TEST(Draw, EdgeGroup) {
  EXPECT_TRUE(draw_positions(1, 0, 5).repeats.empty());
  EXPECT_TRUE(draw_positions(1, 5, 0).repeats.empty());
  const Draw one = draw_positions(1, 1, 1);
  ASSERT_EQ(one.repeats.size(), 1U);
  EXPECT_EQ(one.repeats[0].indices, std::vector<std::uint64_t>{0});
}

TEST(CheckAnswers, AnHonestDevicePasses) {
  const Product product(kState);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto checks = product.check(draw_positions(seed, 48 * 40, 3));
    EXPECT_TRUE(all_passed(checks)) << seed;
    EXPECT_EQ(checks.size(), 3U);
  }
}

TEST(CheckAnswers, AMissingTileIsSeenByTheProjection) {
  Product product(kState);
  for (std::uint64_t set = 0; set < 3; ++set) {
    for (std::size_t i = 8; i < 12; ++i)
      std::fill_n(product.set(set).begin() + static_cast<std::ptrdiff_t>(i * 40 + 8), 4, 0.0F);
  }
  EXPECT_FALSE(passed(product.check(draw()), "projection"));
}

TEST(CheckAnswers, SwappedRowsAreSeenByElementsAndProjection) {
  Product product(kState);
  for (std::uint64_t set = 0; set < 3; ++set) {
    std::swap_ranges(product.set(set).begin(), product.set(set).begin() + 40, product.set(set).end() - 40);
  }
  EXPECT_FALSE(passed(product.check(draw()), "elements"));
  EXPECT_FALSE(passed(product.check(draw()), "projection"));
}

TEST(CheckAnswers, OneWrongElementAnywhereIsSeenByTheProjectionOfItsRepeat) {
  Product product(kState);
  for (std::uint64_t set = 0; set < 3; ++set) product.set(set)[777] += 0.5F;
  EXPECT_FALSE(passed(product.check(draw()), "projection"));
}

TEST(CheckAnswers, AStaleOutputIsSeen) {
  Product stale({41, 3, 3});
  const auto checks = check_answers(ops::gemm(), stale.params(), kState, stale.answer(draw()));
  EXPECT_FALSE(passed(checks, "elements"));
  EXPECT_FALSE(passed(checks, "projection"));
}

TEST(CheckAnswers, ASkippedRepeatOfAnAccumulatingSetIsSeen) {
  const ops::BlockState accumulated{42, 7, 3};  // set 0 is met three times
  const Draw positions = draw_positions(3, 48 * 40, 3);
  EXPECT_TRUE(all_passed(Product(accumulated).check(positions)));
  for (const std::uint64_t skipped : {0U, 3U, 6U}) {
    EXPECT_FALSE(passed(Product(accumulated, skipped).check(positions), "elements")) << "repeat " << skipped;
  }
}

TEST(CheckAnswers, NaNNeverPasses) {
  Product product(kState);
  for (std::uint64_t set = 0; set < 3; ++set) product.set(set)[0] = std::numeric_limits<float>::quiet_NaN();
  const auto checks = product.check(draw());
  EXPECT_FALSE(passed(checks, "elements"));
  EXPECT_FALSE(passed(checks, "rms"));
  EXPECT_FALSE(passed(checks, "projection"));
}

TEST(CheckAnswers, OperandsRoundedToACheaperTypeAreSeenByTheRms) {
  // TF32 keeps 10 bits of the significand: every operand is rounded, the sum is in fp32.
  Product product(kState);
  for (std::uint64_t set = 0; set < 3; ++set) {
    const auto a = ops::stream(42, ops::tensor_id(set, ops::kRoleA));
    const auto b = ops::stream(42, ops::tensor_id(set, ops::kRoleB));
    const auto cheap = [](double value) {
      return static_cast<float>(
          std::ldexp(std::nearbyint(std::ldexp(value, 10 - std::ilogb(value))), std::ilogb(value) - 10));
    };
    for (std::uint64_t i = 0; i < 48; ++i) {
      for (std::uint64_t j = 0; j < 40; ++j) {
        float sum = 0;
        for (std::uint64_t p = 0; p < 64; ++p) {
          sum += cheap(ops::value(ops::Data::kNormal, a, 0, i * 64 + p)) *
                 cheap(ops::value(ops::Data::kNormal, b, 0, p * 40 + j));
        }
        product.set(set)[i * 40 + j] = sum;
      }
    }
  }
  EXPECT_FALSE(passed(product.check(draw()), "rms"));
}

TEST(CheckAnswers, TooFewNumbersOfAProjectionFail) {
  const Product product(kState);
  DrawnAnswers answers = product.answer(draw());
  answers.projection.pop_back();
  EXPECT_FALSE(passed(check_answers(ops::gemm(), product.params(), kState, answers), "projection"));
}

// What one rank of a collective has, as an honest group would leave it; the answers of a device are made of it.
class Gathered {
 public:
  Gathered(const char* kind, std::uint64_t bytes, std::uint32_t ranks, std::uint32_t rank) : state_{42, 3, 3, rank} {
    std::vector<ops::Problem> problems;
    params_ = ops::collective().complete(
        {{"kind", kind}, {"bytes", std::to_string(bytes)}, {"ranks", std::to_string(ranks)}}, problems);
    EXPECT_TRUE(problems.empty());
    reference_ = ops::collective().reference(params_, state_);
    for (std::uint64_t set = 0; set < 3; ++set) {
      for (std::uint64_t i = 0; i < reference_->elements(); ++i)
        sets_[set].push_back(reference_->element(i, set).value);
    }
  }
  // Takes a rank's share out of every element, by what that rank sent.
  void without(std::uint32_t rank) {
    const ops::CollectiveShape shape = ops::collective_shape(params_);
    for (std::uint64_t set = 0; set < 3; ++set) {
      for (std::uint64_t i = 0; i < sets_[set].size(); ++i)
        sets_[set][i] -= ops::collective_element(shape, state_.seed, rank, set, i);
    }
  }
  double& at(std::uint64_t set, std::uint64_t index) { return sets_[set][index]; }
  const ops::Reference& reference() const { return *reference_; }
  std::vector<Check> check(std::uint64_t seed) const {
    DrawnAnswers answers{draw_positions(seed, *reference_, 3), {}, {}};
    for (const auto& drawn : answers.draw.repeats) {
      std::vector<double>& values = answers.elements.emplace_back();
      for (const auto index : drawn.indices) values.push_back(sets_[drawn.repeat][index]);
    }
    const auto signs = ops::sign_stream(answers.draw.sign_seed);
    double sum = 0;
    const auto& projected = sets_[answers.draw.projected_repeat];
    for (std::uint64_t i = 0; i < projected.size(); ++i) sum += projected[i] * ops::sign_at(signs, i);
    answers.projection.push_back(sum);
    return check_answers(ops::collective(), params_, state_, answers);
  }

 private:
  ops::BlockState state_;
  ops::Params params_;
  std::unique_ptr<ops::Reference> reference_;
  std::array<std::vector<double>, 3> sets_;
};

TEST(Draw, HoldsEveryEdgeOfEveryRepeatAndDrawsBesideThem) {
  const std::vector<std::uint64_t> edges = {99, 100, 7'777, 7'778, 1'000'000};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const auto& drawn : draw_positions(seed, 1'000'000, 100, edges).repeats) {
      const std::set<std::uint64_t> indices(drawn.indices.begin(), drawn.indices.end());
      for (const std::uint64_t edge : {0U, 99U, 100U, 7'777U, 7'778U, 999'999U}) EXPECT_TRUE(indices.contains(edge));
      EXPECT_LT(*indices.rbegin(), 1'000'000U) << "an edge beyond the output is left out";
      EXPECT_EQ(drawn.indices.size(), kDrawnElements / kDrawnRepeats);
    }
  }
  std::vector<std::uint64_t> many(200);
  std::iota(many.begin(), many.end(), std::uint64_t{5'000});
  for (const auto& drawn : draw_positions(1, 1'000'000, 100, many).repeats)
    EXPECT_GE(drawn.indices.size(), many.size() + kDrawnElements / kDrawnRepeats / 2);
}

TEST(CheckAnswers, AnHonestCollectivePasses) {
  for (const char* kind : {"all_reduce", "all_gather", "reduce_scatter", "all_to_all"}) {
    for (std::uint32_t rank = 0; rank < 5; ++rank) {
      for (std::uint64_t seed = 0; seed < 5; ++seed)
        EXPECT_TRUE(all_passed(Gathered(kind, 5 * 4000, 5, rank).check(seed))) << kind << rank;
    }
  }
}

TEST(CheckAnswers, AFlippedElementAtTheEdgeOfAChunkIsAlwaysRead) {
  for (const char* kind : {"all_reduce", "all_gather"}) {
    Gathered gathered(kind, 5 * 4000, 5, 2);
    const auto edges = gathered.reference().edges();
    ASSERT_EQ(edges.size(), 8U);  // both sides of the four inner edges of 1000-element chunks
    for (const std::uint64_t edge : edges) {
      for (std::uint64_t set = 0; set < 3; ++set) {
        gathered.at(set, edge) += 1;
        for (std::uint64_t seed = 0; seed < 20; ++seed)
          EXPECT_FALSE(passed(gathered.check(seed), "elements")) << kind << " edge " << edge << " set " << set;
        gathered.at(set, edge) -= 1;
      }
    }
  }
}

TEST(CheckAnswers, ARankThatIsLeftOutOfASumIsSeenByTheProjection) {
  for (std::uint32_t skipped = 0; skipped < 4; ++skipped) {
    Gathered gathered("all_reduce", 4096 * 4, 4, 1);
    gathered.without(skipped);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto checks = gathered.check(seed);
      EXPECT_FALSE(passed(checks, "projection")) << skipped;
      EXPECT_FALSE(passed(checks, "elements")) << skipped;
    }
  }
}

}  // namespace
}  // namespace geomsu
