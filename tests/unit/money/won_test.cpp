#include "harness/money/won.hpp"

#include <limits>
#include <random>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

TEST(ParseWon, ReadsWhatContractsWrite) {
  const std::pair<const char*, std::int64_t> all[] = {
      {"1조 4,590억원", 1'459'000'000'000},
      {"1조4590억원", 1'459'000'000'000},
      {"1조 4,590억", 1'459'000'000'000},
      {"1억 2,345만원", 123'450'000},
      {"1억 2,345만 6,789원", 123'456'789},
      {"62,000,000", 62'000'000},
      {"62,000,000원", 62'000'000},
      {"62000000 원", 62'000'000},
      {"  62,000,000원\t", 62'000'000},
      {"1.5억원", 150'000'000},
      {"1.111억원", 111'100'000},
      {"0.62억원", 62'000'000},
      {"0.00000001억원", 1},
      {"1.50000000000억원", 150'000'000},
      {"0.0001만원", 1},
      {"1조 0.5억원", 1'000'050'000'000},
      {"0", 0},
      {"0원", 0},
      {"999", 999},
      {"1억 0만원", 100'000'000},
      {"9,999만 9,999원", 99'999'999},
      {"20,000만원", 200'000'000},
      {"8,600억", 860'000'000'000},
  };
  for (const auto& [text, won] : all) {
    std::string error;
    const auto read = parse_won(text, &error);
    ASSERT_TRUE(read) << text << ": " << error;
    EXPECT_EQ(read->value, won) << text;
  }
}

TEST(ParseWon, RefusesNonsenseWithItsReason) {
  const std::pair<const char*, const char*> all[] = {
      {"", "missing"},
      {"   ", "missing"},
      {"원", "missing"},
      {"만", "missing"},
      {"억원", "missing"},
      {"-5억원", "negative"},
      {"−5억원", "negative"},
      {"+5억원", "missing"},
      {"1억 2억", "fall"},
      {"1만 2억", "fall"},
      {"1 2만", "neither"},
      {"1억 20,000만원", "less than the unit"},
      {"1조 10,000억", "less than the unit"},
      {"1억 2만 10,000원", "less than the unit"},
      {"1,23", "comma"},
      {"1,23,456", "comma"},
      {"1,2345", "comma"},
      {"1234,567", "comma"},
      {",123", "missing"},
      {"1,,000", "comma"},
      {"1,000,", "comma"},
      {"1,00만원", "comma"},
      {"007", "begins with 0"},
      {"0,100", "begins with 0"},
      {"62.000", "decimals"},
      {"62.5원", "decimals"},
      {"1.5", "decimals"},
      {"1.만원", "decimal point"},
      {"1.00001만원", "no whole won"},
      {"0.000000001억원", "no whole won"},
      {"1.5억 2만원", "last group"},
      {"1.5.5억", "decimals"},
      {"1억억", "neither"},
      {"1억만원", "neither"},
      {"5천만원", "neither"},
      {"62,000,000 KRW", "neither"},
      {"₩62,000,000", "missing"},
      {"1e9", "neither"},
      {"0x10", "neither"},
      {"1억원 2만원", "neither"},
      {"1억 원원", "neither"},
      {"\xff", "missing"},
  };
  for (const auto& [text, word] : all) {
    std::string error;
    EXPECT_FALSE(parse_won(text, &error)) << text;
    EXPECT_NE(error.find(word), std::string::npos) << text << " said: " << error;
    EXPECT_FALSE(parse_won(text, nullptr)) << text;
  }
}

TEST(ParseWon, ShowsWhatItRefusesWithoutItsControlCharacters) {
  std::string error;
  EXPECT_FALSE(parse_won("1\x1b[31m", &error));
  EXPECT_EQ(error.find('\x1b'), std::string::npos);
}

TEST(ParseWon, StopsAtTenToTheEighteenth) {
  EXPECT_EQ(parse_won("1,000,000,000,000,000,000원", nullptr), kMostWon);
  EXPECT_EQ(parse_won("1,000,000조", nullptr), kMostWon);
  EXPECT_EQ(parse_won("999,999조 9,999억 9,999만 9,999원", nullptr)->value, kMostWon.value - 1);
  for (const char* text : {"1,000,000,000,000,000,001", "1,000,000조 1원", "1,000,001조",
                           "99999999999999999999999999999조", "1000000.000000000001조"}) {
    std::string error;
    EXPECT_FALSE(parse_won(text, &error)) << text;
    EXPECT_NE(error.find("10^18"), std::string::npos) << error;
  }
}

TEST(PrintWon, GivesHundredthsOfAnEokAndTheExactWon) {
  EXPECT_EQ(print_won(Won{1'459'000'000'000}), "14,590.00억원 (1,459,000,000,000원)");
  EXPECT_EQ(print_won(Won{62'000'000}), "0.62억원 (62,000,000원)");
  EXPECT_EQ(print_won(Won{0}), "0.00억원 (0원)");
  EXPECT_EQ(print_won(Won{1}), "0.00억원 (1원)");
  EXPECT_EQ(print_won(kMostWon), "10,000,000,000.00억원 (1,000,000,000,000,000,000원)");
}

TEST(PrintWon, RoundsHalfUpInIntegers) {
  EXPECT_EQ(print_won(Won{499'999}), "0.00억원 (499,999원)");
  EXPECT_EQ(print_won(Won{500'000}), "0.01억원 (500,000원)");
  EXPECT_EQ(print_won(Won{99'499'999}), "0.99억원 (99,499,999원)");
  EXPECT_EQ(print_won(Won{99'500'000}), "1.00억원 (99,500,000원)");
  EXPECT_EQ(print_won(Won{-500'000}), "-0.01억원 (-500,000원)");
  EXPECT_EQ(print_won(Won{-1}), "0.00억원 (-1원)");
}

TEST(PrintWon, HoldsAtTheEndsOfItsInteger) {
  EXPECT_EQ(print_won(Won{kMax}), "92,233,720,368.55억원 (9,223,372,036,854,775,807원)");
  EXPECT_EQ(print_won(Won{kMin}), "-92,233,720,368.55억원 (-9,223,372,036,854,775,808원)");
}

TEST(WonWords, SayTheAmountExactly) {
  EXPECT_EQ(won_words(Won{1'459'000'000'000}), "1조 4,590억원");
  EXPECT_EQ(won_words(Won{123'450'000}), "1억 2,345만원");
  EXPECT_EQ(won_words(Won{123'456'789}), "1억 2,345만 6,789원");
  EXPECT_EQ(won_words(Won{1'000'000'000'001}), "1조 1원");
  EXPECT_EQ(won_words(Won{0}), "0원");
  EXPECT_EQ(won_words(Won{-10'000}), "-1만원");
}

TEST(WonWords, ReadBackToTheSameWonAsDoTheDigits) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    // Every size, and amounts with empty groups.
    std::int64_t won = static_cast<std::int64_t>(random() % 1'000'000'000'000'000'000u) >> (random() % 60);
    if (i % 3 == 0) won -= won % 10'000;
    if (i % 7 == 0) won -= won % 100'000'000;
    EXPECT_EQ(parse_won(won_words(Won{won}), nullptr), Won{won}) << won;
    EXPECT_EQ(parse_won(won_digits(Won{won}), nullptr), Won{won}) << won;
  }
}

TEST(WonArithmetic, IsExactAndRefusesToWrap) {
  EXPECT_EQ(Won{2} + Won{3}, Won{5});
  EXPECT_EQ(Won{2} - Won{3}, Won{-1});
  EXPECT_EQ(Won{2} * 3, Won{6});
  EXPECT_EQ(kMostWon * 9, Won{9'000'000'000'000'000'000});
  EXPECT_LT(Won{1}, Won{2});
  const auto refused = [](auto compute) {
    try {
      compute();
      return false;
    } catch (const Error& error) {
      return error.code() == ErrorCode::kBadData;
    }
  };
  EXPECT_TRUE(refused([] { return Won{kMax} + Won{1}; }));
  EXPECT_TRUE(refused([] { return Won{kMin} + Won{-1}; }));
  EXPECT_TRUE(refused([] { return Won{kMin} - Won{1}; }));
  EXPECT_TRUE(refused([] { return kMostWon * 10; }));
  EXPECT_TRUE(refused([] { return Won{kMin} * -1; }));
}

}  // namespace
}  // namespace geomsu
