#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "reports/exporters/messages.hpp"

namespace geomsu {
namespace {

std::vector<std::string> placeholders(std::string_view text) {
  std::vector<std::string> found;
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    found.emplace_back(text.substr(at, text.find('}', at) - at + 1));
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool has_hangul(std::string_view text) {
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {  // U+AC00..U+D7A3 in UTF-8
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0xEA && byte <= 0xED) return true;
  }
  return false;
}

TEST(Catalogue, HasEachMessageInBothLanguages) {
  for (const Message& message : kMessages) {
    EXPECT_FALSE(message.ko.empty()) << message.key;
    EXPECT_FALSE(message.en.empty()) << message.key;
  }
}

TEST(Catalogue, HasEachKeyOnce) {
  std::set<std::string_view> keys;
  for (const Message& message : kMessages) EXPECT_TRUE(keys.insert(message.key).second) << message.key;
}

TEST(Catalogue, TakesTheSamePlaceholdersInBothLanguages) {
  for (const Message& message : kMessages) EXPECT_EQ(placeholders(message.ko), placeholders(message.en)) << message.key;
}

TEST(Catalogue, HoldsNoMarkup) {
  for (const Message& message : kMessages) {
    EXPECT_EQ(message.ko.find_first_of("<>&\""), std::string_view::npos) << message.key;
    EXPECT_EQ(message.en.find_first_of("<>&\""), std::string_view::npos) << message.key;
  }
}

// A sentence copied into the other column would be in the wrong language for half of the readers.
TEST(Catalogue, SaysSentencesInTheLanguageOfTheirColumn) {
  for (const Message& message : kMessages) {
    if (message.key.starts_with("term.")) continue;  // English terms carry the Korean one on purpose
    EXPECT_FALSE(has_hangul(message.en)) << message.key;
    if (message.ko.size() > 20) {
      EXPECT_TRUE(has_hangul(message.ko)) << message.key;
    }
  }
}

TEST(Catalogue, NamesEveryOutcomeWithAWordOfItsOwn) {
  std::set<std::string_view> korean, english;
  for (const Outcome outcome : {Outcome::kPass, Outcome::kFail, Outcome::kInconclusive, Outcome::kInvalid,
                                Outcome::kNotRun, Outcome::kNotApplicable}) {
    EXPECT_TRUE(korean.insert(outcome_message(outcome).ko).second);
    EXPECT_TRUE(english.insert(outcome_message(outcome).en).second);
    EXPECT_EQ(outcome_message(outcome).en, to_string(outcome));
  }
}

TEST(Catalogue, HasAWordAndAnActionForEveryReason) {
  for (int i = 0; i <= static_cast<int>(Reason::kBadEvidence); ++i) {
    const auto reason = static_cast<Reason>(i);
    if (reason == Reason::kNone) continue;
    EXPECT_NE(reason_message(reason).en, reason_message(Reason::kNone).en) << to_string(reason);
    EXPECT_NE(action_message(reason).en, action_message(Reason::kNone).en) << to_string(reason);
  }
}

}  // namespace
}  // namespace geomsu
