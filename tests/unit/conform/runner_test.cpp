// The order of rules, what stands in whose way, exit statuses; with rules made for it, so that no process runs.
#include "harness/conform/runner.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/conform/report.hpp"
#include "harness/conform/stand.hpp"

namespace geomsu::conform {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Outcome holds(Stand&) { return pass("seen"); }
Outcome breaks(Stand&) { throw Unmet{"<this>", "that & \x01"}; }
Outcome has_no_say(Stand&) { return not_applicable("no clock"); }

Rule rule(std::string_view id, std::vector<std::string_view> needs, Outcome (*run)(Stand&)) {
  return {id, "lines", "PROTOCOL.md", "why", std::move(needs), run};
}

std::vector<std::string> marks(const std::vector<Row>& rows) {
  std::vector<std::string> all;
  for (const Row& row : rows) all.push_back(std::string(row.rule->id) + " " + std::string(to_string(row.outcome.mark)));
  return all;
}

class Runner : public ::testing::Test {
 protected:
  std::vector<Row> run(const std::vector<std::string>& chosen = {}) { return run_rules(rules, chosen, stand); }
  std::vector<Rule> rules;
  Stand stand{Candidate{}, Settings{}};
};

TEST_F(Runner, DoesNotRunWhatRestsOnAFailedRuleHoweverFar) {
  rules = {rule("a", {}, breaks), rule("b", {"a"}, holds), rule("c", {"b"}, holds), rule("d", {}, holds)};
  const auto rows = run();
  EXPECT_THAT(marks(rows), ElementsAre("a fail", "b not_run", "c not_run", "d pass"));
  EXPECT_EQ(rows[1].outcome.seen, "needs a, which failed");
  EXPECT_EQ(rows[2].outcome.seen, "needs b, which was not run");
  EXPECT_EQ(rows[0].outcome.expected, "<this>");
}

TEST_F(Runner, RunsWhatRestsOnARuleThatDoesNotApply) {
  rules = {rule("a", {}, has_no_say), rule("b", {"a"}, holds)};
  EXPECT_THAT(marks(run()), ElementsAre("a not_applicable", "b pass"));
}

TEST_F(Runner, RunsAChosenRuleAfterAllThatItNeeds) {
  rules = {rule("a", {}, holds), rule("b", {"a"}, holds), rule("c", {}, holds), rule("d", {"b"}, holds)};
  EXPECT_THAT(marks(run({"d"})), ElementsAre("a pass", "b pass", "d pass"));
}

TEST_F(Runner, NamesARuleThatIsNeededButStandsNowhere) {
  rules = {rule("a", {"z"}, holds)};
  EXPECT_THAT(run().front().outcome.seen, HasSubstr("z"));
  EXPECT_EQ(run().front().outcome.mark, Mark::kNotRun);
}

TEST_F(Runner, EndsWith0Only_WhereOneRulePassedAndNoneIsOpen) {
  rules = {rule("a", {}, holds), rule("b", {}, has_no_say)};
  EXPECT_EQ(exit_status(run()), 0);
  rules = {rule("b", {}, has_no_say)};
  EXPECT_EQ(exit_status(run()), 2);
  rules = {rule("a", {}, holds), rule("b", {"z"}, holds)};
  EXPECT_EQ(exit_status(run()), 2);
  rules = {rule("a", {}, breaks), rule("b", {"a"}, holds), rule("c", {}, holds)};
  EXPECT_EQ(exit_status(run()), 1);
  EXPECT_EQ(exit_status({}), 2);
}

TEST_F(Runner, WritesJUnitWhereAFailureIsAFailureAndWhatIsNotRunAnError) {
  rules = {rule("a", {}, breaks), rule("b", {"a"}, holds), rule("c", {}, has_no_say), rule("d", {}, holds)};
  const std::string text = junit("acme <1>", run());
  EXPECT_THAT(text,
              HasSubstr("<testsuites name=\"geomsu conform acme &lt;1&gt;\" tests=\"4\" failures=\"1\" errors=\"1\" "
                        "skipped=\"1\">"));
  EXPECT_THAT(text, HasSubstr("expected: &lt;this&gt;\ncame: that &amp; \xEF\xBF\xBD\nwritten in: PROTOCOL.md"));
  EXPECT_THAT(text, HasSubstr("<testcase classname=\"lines\" name=\"d\"/>"));
  EXPECT_EQ(count_words(run()), "1 passed, 1 failed, 1 do not apply, 1 not run");
}

TEST(Table, NamesEachRuleOnceAndAfterThoseItNeeds) {
  std::vector<std::string_view> before;
  for (const Rule& rule : all_rules()) {
    for (const std::string_view need : rule.needs) EXPECT_THAT(before, ::testing::Contains(need)) << rule.id;
    EXPECT_THAT(before, ::testing::Not(::testing::Contains(rule.id)));
    before.push_back(rule.id);
  }
  EXPECT_EQ(find_rule("hello")->id, "hello");
  EXPECT_EQ(find_rule("dance"), nullptr);
}

}  // namespace
}  // namespace geomsu::conform
