#include "kernels/ops/params.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/ops/gemm.hpp"
#include "kernels/ops/memory.hpp"

namespace {

using namespace geomsu::ops;
using testing::HasSubstr;

std::string problems_of(const Operation& operation, const Params& given) {
  std::vector<Problem> problems;
  operation.complete(given, problems);
  std::string text;
  for (const auto& problem : problems) text += problem.key + ": " + problem.rule + "\n";
  return text;
}

const Params kGemm{{"dtype", "fp32"}, {"m", "4"}, {"n", "5"}, {"k", "6"}};

Params with(Params params, const std::string& key, const std::string& value) {
  params[key] = value;
  return params;
}

TEST(Params, FillsInDefaultsByDtype) {
  std::vector<Problem> problems;
  const Params params = gemm().complete(kGemm, problems);
  EXPECT_TRUE(problems.empty());
  const Params expected{{"dtype", "fp32"}, {"accumulate", "fp32"}, {"out", "fp32"},  {"m", "4"},        {"n", "5"},
                        {"k", "6"},        {"batch", "1"},         {"layout", "nn"}, {"data", "normal"}};
  EXPECT_EQ(params, expected);
  EXPECT_EQ(gemm().complete(with(kGemm, "dtype", "fp8_e4m3"), problems).at("out"), "bf16");
  EXPECT_EQ(gemm().complete(with(kGemm, "dtype", "int8"), problems).at("accumulate"), "int32");
  EXPECT_EQ(gemm().complete(with(kGemm, "dtype", "tf32"), problems).at("out"), "fp32");
  EXPECT_TRUE(problems.empty());
}

TEST(Params, AreTheSameTextHoweverANumberWasWritten) {
  std::vector<Problem> problems;
  EXPECT_EQ(gemm().complete(with(kGemm, "m", "0004"), problems), gemm().complete(kGemm, problems));
}

TEST(Params, CompletingTwiceChangesNothing) {
  const std::map<std::string_view, Params> given{
      {"gemm", kGemm},
      {"memory", {{"kind", "copy"}, {"bytes", "4096"}}},
      {"collective", {{"kind", "reduce"}, {"bytes", "4096"}, {"ranks", "2"}}},
      {"transfer", {{"direction", "p2p"}, {"bytes", "4096"}, {"peer", "0"}}},
  };
  for (const auto* operation : all()) {
    std::vector<Problem> problems;
    const Params once = operation->complete(given.at(operation->name()), problems);
    EXPECT_EQ(operation->complete(once, problems), once) << operation->name();
    EXPECT_TRUE(problems.empty()) << operation->name();
  }
}

TEST(Params, SayWhatIsWrongWithEachKeyAtOnce) {
  const std::string text =
      problems_of(gemm(), {{"dtype", "fp31"}, {"m", "0"}, {"n", "-3"}, {"k", "1e3"}, {"colour", "red"}});
  EXPECT_THAT(text, HasSubstr("dtype must be one of fp64, fp32"));
  EXPECT_THAT(text, HasSubstr("m must be an integer from 1 to 2^31-1, got '0'"));
  EXPECT_THAT(text, HasSubstr("n must be an integer from 1 to 2^31-1, got '-3'"));
  EXPECT_THAT(text, HasSubstr("k must be an integer from 1 to 2^31-1, got '1e3'"));
  EXPECT_THAT(text, HasSubstr("there is no parameter 'colour'"));
}

TEST(Params, MustBeGivenWhereThereIsNoDefault) {
  const std::string text = problems_of(gemm(), {});
  for (const char* key : {"dtype", "m", "n", "k"}) EXPECT_THAT(text, HasSubstr(std::string(key) + " must be given"));
}

TEST(Params, RefuseCombinationsThatNoDeviceMeans) {
  EXPECT_THAT(problems_of(gemm(), with(kGemm, "accumulate", "int32")),
              HasSubstr("accumulate of dtype fp32 must be one of fp32, fp64, tf32_in"));
  EXPECT_THAT(problems_of(gemm(), with(kGemm, "out", "bf16")), HasSubstr("out of dtype fp32 must be one of fp32"));
  EXPECT_EQ(problems_of(gemm(), with(with(kGemm, "dtype", "bf16"), "out", "fp32")), "");
}

TEST(Params, RefuseProductsThatDoNotFit) {
  const std::string most = "2147483647";
  const Params huge{{"dtype", "fp32"}, {"m", most}, {"n", most}, {"k", most}};
  EXPECT_THAT(problems_of(gemm(), huge), HasSubstr("2^63"));
  EXPECT_THAT(problems_of(gemm(), {{"dtype", "fp32"}, {"m", most}, {"n", "1"}, {"k", most}}), HasSubstr("2^63"));
  EXPECT_EQ(problems_of(gemm(), {{"dtype", "fp32"}, {"m", most}, {"n", "1"}, {"k", "1"}}), "");
}

TEST(Params, HoldBytesToTheirRule) {
  const auto memory_of = [](const std::string& bytes) {
    return problems_of(memory(), {{"kind", "copy"}, {"bytes", bytes}});
  };
  for (const char* good : {"4096", "4608", "1000000000", "1099511627776"}) EXPECT_EQ(memory_of(good), "") << good;
  for (const char* bad : {"0", "512", "4095", "4100", "1099511628288", "18446744073709551616", "", " 4096", "4 GiB"})
    EXPECT_NE(memory_of(bad), "") << bad;
}

TEST(Params, KnowTheKindsOfMemoryAndNoOther) {
  for (const auto& kind : memory_kinds()) EXPECT_EQ(problems_of(memory(), {{"kind", kind}, {"bytes", "4096"}}), "");
  EXPECT_THAT(problems_of(memory(), {{"kind", "shuffle"}, {"bytes", "4096"}}), HasSubstr("kind must be one of"));
}

TEST(Table, FindsEachOperationByItsName) {
  EXPECT_EQ(find("gemm"), &gemm());
  EXPECT_EQ(find("memory"), &memory());
  EXPECT_EQ(find("gem"), nullptr);
  EXPECT_EQ(find(""), nullptr);
  EXPECT_TRUE(gemm().refill_every_block());
  EXPECT_FALSE(memory().refill_every_block());
}

}  // namespace
