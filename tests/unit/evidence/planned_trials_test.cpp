// Both ways into plan.json against each other: the quick one is taken where the trials stand as the writer puts them;
// one blank more before them, and the slow one reads it all.
#include "harness/evidence/planned_trials.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/evidence/bundle.hpp"

namespace geomsu {
namespace {

constexpr std::string_view kHead = "\n  \"trials\": ", kTail = "\n}\n";

std::string golden_plan() {
  return read_file(std::filesystem::path(GEOMSU_SOURCE_DIR) / "tests/golden/bundle-1.0-rules-2/plan.json");
}

// A plan whose trials hold every member that one can have.
Plan full_plan() {
  Plan plan = parse_plan(golden_plan());
  PlannedTrial trial = plan.trials.front();
  trial.id = "t099";
  trial.members = {{"n1", "S1"}, {"n2", "S2 \"quoted\" \u00e9"}};
  trial.peak = 9.89e14;
  trial.extension = 30;
  plan.trials.push_back(trial);
  trial.id = "t100";
  trial.extension = 0;
  trial.peak.reset();
  trial.sustained = Sustained{3, 300'000'000'000};
  trial.thin = 2;
  plan.trials.push_back(trial);
  return plan;
}

std::string read_as(const std::string& text) {
  try {
    return plan_json(parse_plan(text));
  } catch (const Error& error) {
    return "refused: " + error.message();
  }
}

std::string slowly(std::string text) {
  const std::size_t head = text.find(kHead);
  if (head != std::string::npos) text.insert(head + kHead.size(), " ");
  return read_as(text);
}

TEST(PlannedTrials, AreReadQuicklyAsTheWriterPutsThem) {
  const std::string text = plan_json(full_plan());
  const std::size_t from = text.find(kHead) + kHead.size();
  const auto quick = quick_planned_trials(std::string_view(text).substr(from, text.size() - kTail.size() - from));
  ASSERT_TRUE(quick.has_value());
  EXPECT_EQ(quick->size(), full_plan().trials.size());
  EXPECT_EQ(read_as(text), text);
  EXPECT_EQ(slowly(text), text);
}

TEST(PlannedTrials, AreTheSameBothWaysWhateverByteIsCutDoubledOrChanged) {
  const std::string text = plan_json(full_plan());
  const std::size_t from = text.find(kHead) + kHead.size();
  std::size_t refused = 0, read = 0;
  for (std::size_t at = from; at < text.size(); ++at) {
    std::string cut = text, twice = text;
    cut.erase(at, 1);
    twice.insert(at, 1, text[at]);
    std::vector<std::string> bent{cut, twice};
    for (const char other : {'0', '-', '"', 'x', ' ', '\\'}) {
      bent.push_back(text);
      bent.back()[at] = other;
    }
    for (const std::string& one : bent) {
      const std::string fast = read_as(one);
      EXPECT_EQ(fast, slowly(one)) << "byte " << at;
      (fast.starts_with("refused") ? refused : read) += 1;
    }
  }
  EXPECT_GT(refused, 1000U);
  EXPECT_GT(read, 1000U);
}

TEST(PlannedTrials, AreLeftToTheSlowReaderWhereTheyAreUnusual) {
  EXPECT_FALSE(quick_planned_trials("").has_value());
  EXPECT_FALSE(quick_planned_trials("[{}]").has_value());
  EXPECT_FALSE(quick_planned_trials("[] []").has_value());
  EXPECT_TRUE(quick_planned_trials("[]").has_value());
}

}  // namespace
}  // namespace geomsu
