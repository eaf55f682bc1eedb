// Every small change of the shipped contracts either parses or is answered by a message with a place, and never a
// crash.
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "harness/base/files.hpp"
#include "tests/unit/contract/contract_text.hpp"

namespace geomsu::test {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void expect_answer(const std::string& text) {
  const auto loaded = parse(text);
  const auto lines = static_cast<int>(lines_of(text).size());
  bool refused = false;
  for (const Diagnostic& item : loaded.diagnostics) {
    EXPECT_GE(item.line, 1);
    EXPECT_LE(item.line, std::max(lines, 1) + 1) << item.text();
    EXPECT_GE(item.column, 1);
    EXPECT_FALSE(item.what.empty());
    EXPECT_FALSE(item.why.empty()) << item.text();
    EXPECT_FALSE(item.next.empty()) << item.text();
    refused = refused || item.severity == Diagnostic::Severity::kError;
  }
  EXPECT_NE(loaded.value.has_value(), refused) << text;
}

class Mutation : public ::testing::TestWithParam<std::string> {
 protected:
  std::vector<std::string> lines() const {
    return lines_of(read_file(std::string(GEOMSU_SOURCE_DIR) + "/configs/contracts/" + GetParam() + ".yaml"));
  }
};

TEST_P(Mutation, OfOneDeletedLineIsAnswered) {
  const auto whole = lines();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto mutant = whole;
    mutant.erase(mutant.begin() + static_cast<std::ptrdiff_t>(i));
    expect_answer(joined(mutant));
  }
}

TEST_P(Mutation, OfOneDoubledLineIsAnswered) {
  const auto whole = lines();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto mutant = whole;
    mutant.insert(mutant.begin() + static_cast<std::ptrdiff_t>(i), whole[i]);
    expect_answer(joined(mutant));
  }
}

TEST_P(Mutation, OfOneCutLineIsAnswered) {
  const auto whole = lines();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const std::size_t part : {3u, 2u}) {
      auto mutant = whole;
      mutant[i] = mutant[i].substr(0, mutant[i].size() / part);
      expect_answer(joined(mutant));
    }
  }
}

TEST_P(Mutation, OfOneSwappedUnitIsRefused) {
  const std::string text = joined(lines());
  const std::vector<std::pair<std::string, std::string>> units{
      {" GFLOP/s\n", " GB/s\n"}, {" TFLOP/s\n", " TB/s\n"}, {" GB/s ", " GFLOP/s "}, {"TFLOP/s/억원", "TFLOP/s"},
      {": 0 %", ": 0 s"},        {": 95 %", ": 95 W"},      {"만원", "달러"}};
  for (const auto& [from, to] : units) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + 1)) {
      if (text.rfind('#', at) != std::string::npos && text.find('\n', text.rfind('#', at)) > at)
        continue;  // in a comment
      std::string mutant = text;
      mutant.replace(at, from.size(), to);
      EXPECT_FALSE(parse(mutant).value) << from << " at byte " << at;
      expect_answer(mutant);
    }
  }
}

TEST_P(Mutation, OfSeededBytesIsAnswered) {
  const std::string text = joined(lines());
  std::mt19937 random(20261122);
  using namespace std::string_literals;
  const std::string bytes = "\0\t\n\r :-,[]{}&*!|>'\"%@`#?~\\\x80\xFF\xE2<09az"s;
  for (int round = 0; round < 150; ++round) {
    std::string mutant = text;
    for (unsigned i = 0; i < 1 + random() % 4; ++i) mutant[random() % mutant.size()] = bytes[random() % bytes.size()];
    const auto loaded = parse(mutant);
    bool refused = false;
    for (const Diagnostic& item : loaded.diagnostics) {
      EXPECT_GE(item.line, 1);
      EXPECT_GE(item.column, 1);
      refused = refused || item.severity == Diagnostic::Severity::kError;
    }
    EXPECT_NE(loaded.value.has_value(), refused);
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, Mutation, ::testing::Values("demo-cpu", "example-hgx-h100", "example-lot"),
                         [](const auto& row) {
                           std::string name = row.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace geomsu::test
