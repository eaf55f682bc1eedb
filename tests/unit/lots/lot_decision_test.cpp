#include "harness/judge/lot_decision.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judge/planned_lot.hpp"
#include "tests/unit/lots/lot.hpp"

namespace geomsu {
namespace {

using Decision = LotVerdict::Decision;
using lots::first;
using testing::Contains;
using testing::HasSubstr;

std::size_t accepted_dispositions(const LotVerdict& verdict) {
  return static_cast<std::size_t>(std::count_if(verdict.dispositions.begin(), verdict.dispositions.end(),
                                                [](const Disposition& one) { return one.accepted; }));
}

LotItem& of(std::vector<LotItem>& items, const std::string& node) {
  return *std::find_if(items.begin(), items.end(), [&](const LotItem& item) { return item.node == node; });
}

void remove(std::vector<LotItem>& items, const std::string& node) {
  std::erase_if(items, [&](const LotItem& item) { return item.node == node; });
}

TEST(FullScreening, AcceptsWhatIsTestedAndConforming) {
  const Contract contract = lots::contract(12);
  const LotVerdict verdict = decide_lot(contract, lots::items(contract), nullptr);
  EXPECT_EQ(verdict.decision, Decision::kAccepted);
  EXPECT_EQ(verdict.kind, "full");
  EXPECT_EQ(verdict.drawn.size(), 12u);
  EXPECT_TRUE(verdict.dispositions.empty());
  EXPECT_EQ(verdict.characteristic.size(), 2u);
  EXPECT_EQ(verdict.words, "accepted: all 12 nodes are tested and none is nonconforming");
  EXPECT_EQ(verdict.inspected, 12u);
}

TEST(FullScreening, RejectsOneNonconformingNodeAndNamesIt) {
  const Contract contract = lots::contract(12);
  const LotVerdict verdict = decide_lot(contract, lots::items(contract, {"node0007"}), nullptr);
  EXPECT_EQ(verdict.decision, Decision::kRejected);
  EXPECT_EQ(verdict.nonconforming, std::vector<std::string>{"node0007"});
  EXPECT_THAT(verdict.words, HasSubstr("node0007"));
}

TEST(FullScreening, TellsWhoIsNotTestedBesideWhoIsNonconforming) {
  const Contract contract = lots::contract(12);
  auto items = lots::items(contract, {"node0007"});
  remove(items, "node0003");
  const LotVerdict verdict = decide_lot(contract, items, nullptr);
  EXPECT_EQ(verdict.decision, Decision::kRejected);
  EXPECT_EQ(verdict.inspected, 11u);
  EXPECT_THAT(verdict.words, HasSubstr("(node0007); 1 are not tested: node0003; next:"));
}

TEST(FullScreening, IsUndecidedWhileANodeIsNotTestedOrOpen) {
  const Contract contract = lots::contract(12);
  auto items = lots::items(contract);
  remove(items, "node0003");
  LotVerdict verdict = decide_lot(contract, items, nullptr);
  EXPECT_EQ(verdict.decision, Decision::kUndecided);
  EXPECT_THAT(verdict.words, HasSubstr("1 are not tested: node0003"));
  EXPECT_EQ(verdict.inspected, 11u);
  items = lots::items(contract);
  of(items, "node0004") = {"node0004", true, true, {}, true};
  verdict = decide_lot(contract, items, nullptr);
  EXPECT_EQ(verdict.decision, Decision::kUndecided);
  EXPECT_THAT(verdict.words, HasSubstr("1 are open: node0004"));
  of(items, "node0005").nonconforming = true;  // and beside it one that fails
  EXPECT_EQ(decide_lot(contract, items, nullptr).decision, Decision::kRejected);
}

TEST(FullScreening, OfNothingAcceptsNothing) {
  EXPECT_EQ(decide_lot(lots::contract(0), {}, nullptr).decision, Decision::kUndecided);
  EXPECT_EQ(decide_lot(lots::contract(3), {}, nullptr).decision, Decision::kUndecided);
}

TEST(FullScreening, TakesTheNodesItMeetsWhereTheListDoesNotSayWhereUnitsStand) {
  Contract contract = lots::contract(1);
  for (DeliveredUnit& unit : contract.delivery.units) unit.node.clear();
  const std::vector<LotItem> met{{"here", true, false, {}, false}, {"there", true, true, {}, false}};
  const LotVerdict verdict = decide_lot(contract, met, nullptr);
  EXPECT_EQ(verdict.lot_size, 2u);
  EXPECT_EQ(verdict.decision, Decision::kRejected);
  EXPECT_EQ(decide_lot(contract, std::span(met).first(1), nullptr).decision, Decision::kAccepted);
}

TEST(ADrawnLot, WithoutItsDrawIsUndecidedAndSaysTheNextStep) {
  const Contract contract = lots::contract(510, lots::hypergeometric(0, 1, 0.02, 0.05));
  const LotVerdict verdict = decide_lot(contract, lots::items(contract), nullptr);
  EXPECT_EQ(verdict.decision, Decision::kUndecided);
  EXPECT_TRUE(verdict.dispositions.empty());
  EXPECT_THAT(verdict.words, HasSubstr("geomsu draw commit"));
  EXPECT_FALSE(verdict.characteristic.empty());
}

TEST(ADrawnLot, WithADrawOfAnotherContractIsUndecided) {
  const Contract contract = lots::contract(510, lots::hypergeometric(0, 1, 0.02, 0.05));
  const Contract longer = lots::contract(511, lots::hypergeometric(0, 1, 0.02, 0.05));
  const Draw draw = lots::draw(longer);
  const LotVerdict verdict = decide_lot(contract, lots::items(contract), &draw);
  EXPECT_EQ(verdict.decision, Decision::kUndecided);
  EXPECT_THAT(verdict.words, HasSubstr("another list"));
}

TEST(ADrawnLot, IsDecidedByTheDrawnNodesAndDisposesOfTheRest) {
  const Contract contract = lots::contract(510, lots::hypergeometric(0, 1, 0.02, 0.05));
  const Draw draw = lots::draw(contract);
  LotVerdict verdict = decide_lot(contract, lots::items(contract), &draw);
  EXPECT_EQ(verdict.decision, Decision::kAccepted);
  EXPECT_EQ(verdict.drawn.size(), 121u);
  EXPECT_TRUE(std::is_sorted(verdict.drawn.begin(), verdict.drawn.end()));
  EXPECT_EQ(verdict.dispositions.size(), 389u);
  EXPECT_EQ(accepted_dispositions(verdict), 389u);
  EXPECT_EQ(verdict.dispositions.front().text(), "ACCEPTED_BY_LOT");
  EXPECT_THAT(verdict.draw, HasSubstr(draw.seed));
  EXPECT_EQ(verdict.words, "accepted: of 121 nodes looked at 0 are nonconforming, and the plan allows 0");
  verdict = decide_lot(contract, lots::items(contract, {draw.drawn[50]}), &draw);
  EXPECT_EQ(verdict.decision, Decision::kRejected);
  EXPECT_EQ(accepted_dispositions(verdict), 0u);
  EXPECT_EQ(verdict.dispositions.front().text(), "REJECTED_BY_LOT");
  EXPECT_EQ(verdict.nonconforming, std::vector<std::string>{draw.drawn[50]});
}

TEST(ADrawnLot, CountsADrawnNodeThatIsNotTestedOrOpenAsNonconforming) {
  const Contract contract = lots::contract(510, lots::iso2859("1.0"));  // 80 drawn, two allowed
  const Draw draw = lots::draw(contract);
  auto items = lots::items(contract);
  remove(items, draw.drawn[0]);
  of(items, draw.drawn[1]).tested = false;
  LotVerdict verdict = decide_lot(contract, items, &draw);
  EXPECT_EQ(verdict.decision, Decision::kAccepted);
  EXPECT_EQ(verdict.nonconforming.size(), 2u);
  EXPECT_THAT(verdict.words, HasSubstr("2 of them because they were not tested"));
  of(items, draw.drawn[2]) = {draw.drawn[2], true, true, {}, true};
  verdict = decide_lot(contract, items, &draw);
  EXPECT_EQ(verdict.decision, Decision::kRejected);
  EXPECT_EQ(verdict.nonconforming.size(), 3u);
}

TEST(ADrawnLot, ListsNonconformingNodesForReplacementThoughItIsAccepted) {
  const Contract contract = lots::contract(510, lots::iso2859("1.0"));
  const Draw draw = lots::draw(contract);
  const LotVerdict verdict = decide_lot(contract, lots::items(contract, first(draw.drawn, 2)), &draw);
  EXPECT_EQ(verdict.decision, Decision::kAccepted);
  EXPECT_EQ(verdict.nonconforming.size(), 2u);
  EXPECT_EQ(decide_lot(contract, lots::items(contract, first(draw.drawn, 3)), &draw).decision, Decision::kRejected);
  EXPECT_THAT(verdict.notes, Contains(HasSubstr("bought KS Q ISO 2859-1")));
}

TEST(ADrawnLot, DoesNotAcceptAnUndrawnNodeThatIsKnownToBeBad) {
  const Contract contract = lots::contract(510, lots::iso2859("1.0"));
  const Draw draw = lots::draw(contract);
  std::string undrawn;
  for (const std::string& node : draw.commitment.items) {
    if (std::find(draw.drawn.begin(), draw.drawn.end(), node) == draw.drawn.end()) undrawn = node;
  }
  const LotVerdict verdict = decide_lot(contract, lots::items(contract, {undrawn}), &draw);
  EXPECT_EQ(verdict.decision, Decision::kAccepted);
  EXPECT_TRUE(verdict.nonconforming.empty());
  for (const Disposition& one : verdict.dispositions) EXPECT_EQ(one.accepted, one.item != undrawn) << one.item;
  EXPECT_THAT(verdict.notes, Contains(HasSubstr(undrawn)));
}

TEST(ADrawnLot, LeavesOutNodesThatTheListDoesNotHave) {
  const Contract contract = lots::contract(510, lots::iso2859("1.0"));
  const Draw draw = lots::draw(contract);
  auto items = lots::items(contract, first(draw.drawn, 3));
  items.push_back({"stranger", true, false, {}, false});
  const LotVerdict verdict = decide_lot(contract, items, &draw);
  EXPECT_EQ(verdict.lot_size, 510u);
  EXPECT_EQ(verdict.decision, Decision::kRejected);
  EXPECT_THAT(verdict.notes, Contains(HasSubstr("stranger")));
}

TEST(ADrawnLot, TakesTheWorseOfTwoRecordsOfANode) {
  const Contract contract = lots::contract(510, lots::hypergeometric(0, 1, 0.02, 0.05));
  const Draw draw = lots::draw(contract);
  auto items = lots::items(contract);
  items.push_back({draw.drawn[0], true, true, {}, false});
  EXPECT_EQ(decide_lot(contract, items, &draw).decision, Decision::kRejected);
  const Contract all = lots::contract(3);
  std::vector<LotItem> twice = lots::items(all);
  twice.push_back({"node0001", true, true, {}, true});
  EXPECT_EQ(decide_lot(all, twice, nullptr).decision, Decision::kUndecided);
  twice.push_back({"node0001", true, true, {}, false});
  EXPECT_EQ(decide_lot(all, twice, nullptr).decision, Decision::kRejected);
}

TEST(AnIsoLot, OfFewerNodesThanTheSampleInspectsAllAndNeedsNoDraw) {
  const Contract contract = lots::contract(10, lots::iso2859("0.65"));  // an arrow leads to n = 20
  auto items = lots::items(contract);
  const LotVerdict verdict = decide_lot(contract, items, nullptr);
  EXPECT_EQ(verdict.decision, Decision::kAccepted);
  EXPECT_EQ(verdict.sample_size, 10u);
  EXPECT_TRUE(verdict.dispositions.empty());
  items.pop_back();
  EXPECT_EQ(decide_lot(contract, items, nullptr).decision, Decision::kRejected);
}

TEST(AnIsoLot, OnDiscontinuedInspectionIsUndecidedHoweverGoodItIs) {
  const Contract contract = lots::contract(510, lots::iso2859("1.0", "RRRRRRR"));
  const LotVerdict verdict = decide_lot(contract, lots::items(contract), nullptr);
  EXPECT_EQ(verdict.decision, Decision::kUndecided);
  EXPECT_THAT(verdict.words, HasSubstr("discontinued"));
}

// By variables

// Figures about `mean` with a spread of `s` to both sides in turn.
std::vector<LotItem> figures(const Contract& contract, const Draw& draw, double mean, double s) {
  auto items = lots::items(contract);
  for (LotItem& item : items) item.figure = mean;
  for (std::size_t i = 0; i < draw.drawn.size(); ++i)
    of(items, draw.drawn[i]).figure = i % 2 == 0 ? mean + s : mean - s;
  return items;
}

TEST(AVariablesLot, IsAcceptedFromKStandardDeviationsOn) {
  const Contract contract = lots::by_variables(510);
  const Draw draw = lots::draw(contract);
  const PlannedLot plan = plan_lot(contract);
  const double n = plan.sample_size, half = std::floor(n / 2) / n, up = 1 - half;
  // Of `up` at m + s and `half` at m - s.
  const double shift = up - half, deviation = std::sqrt(4 * up * half * n / (n - 1));
  const double s = 5e12, at_k = 700e12 + (*plan.k * deviation - shift) * s;
  const LotVerdict accepted = decide_lot(contract, figures(contract, draw, at_k + 1e9, s), &draw);
  EXPECT_EQ(accepted.decision, Decision::kAccepted);
  EXPECT_FALSE(accepted.acceptance_number);
  EXPECT_THAT(accepted.words, HasSubstr("against k = "));
  EXPECT_EQ(decide_lot(contract, figures(contract, draw, at_k - 1e9, s), &draw).decision, Decision::kRejected);
}

TEST(AVariablesLot, OfAnUpperBarLooksTheOtherWay) {
  Contract contract = lots::by_variables(510);
  std::swap(contract.clauses[0].at_least, contract.clauses[0].at_most);
  const Draw draw = lots::draw(contract);
  EXPECT_EQ(decide_lot(contract, figures(contract, draw, 600e12, 5e12), &draw).decision, Decision::kAccepted);
  EXPECT_EQ(decide_lot(contract, figures(contract, draw, 800e12, 5e12), &draw).decision, Decision::kRejected);
}

TEST(AVariablesLot, OfEqualFiguresIsDecidedByTheBarAlone) {
  const Contract contract = lots::by_variables(510);
  const Draw draw = lots::draw(contract);
  EXPECT_EQ(decide_lot(contract, figures(contract, draw, 700e12, 0), &draw).decision, Decision::kAccepted);
  EXPECT_EQ(decide_lot(contract, figures(contract, draw, 699e12, 0), &draw).decision, Decision::kRejected);
}

TEST(AVariablesLot, IsRejectedByADrawnNodeWithoutAFigure) {
  const Contract contract = lots::by_variables(510);
  const Draw draw = lots::draw(contract);
  const auto good = figures(contract, draw, 900e12, 5e12);
  for (int how = 0; how < 4; ++how) {
    auto items = good;
    if (how == 0) remove(items, draw.drawn[3]);
    if (how == 1) of(items, draw.drawn[3]).figure.reset();
    if (how == 2) of(items, draw.drawn[3]).figure = std::numeric_limits<double>::quiet_NaN();
    if (how == 3) of(items, draw.drawn[3]).tested = false;
    const LotVerdict verdict = decide_lot(contract, items, &draw);
    EXPECT_EQ(verdict.decision, Decision::kRejected) << how;
    EXPECT_THAT(verdict.words, HasSubstr(draw.drawn[3])) << how;
  }
  EXPECT_EQ(decide_lot(contract, good, &draw).decision, Decision::kAccepted);
}

// One after the other

TEST(ASequentialLot, IsDecidedAtTheFirstCrossingInTheOrderOfTheDraw) {
  const Contract contract = lots::contract(510, lots::sequential(0.01, 0.05, 0.05, 0.05));
  const Draw draw = lots::draw(contract);
  const auto plan = *plan_lot(contract).sequential;
  std::size_t clean = 1;
  while (plan.accept[clean] < 0) ++clean;
  LotVerdict verdict = decide_lot(contract, lots::items(contract), &draw);
  EXPECT_EQ(verdict.decision, Decision::kAccepted);
  EXPECT_EQ(verdict.sample_size, clean);
  // All bad from the start: rejected as soon as the boundary allows.
  verdict = decide_lot(contract, lots::items(contract, first(draw.drawn, 30)), &draw);
  EXPECT_EQ(verdict.decision, Decision::kRejected);
  EXPECT_LE(verdict.sample_size, 5u);
  EXPECT_EQ(verdict.sample_size, static_cast<std::uint32_t>(plan.reject[verdict.sample_size]));
}

TEST(ASequentialLot, IsNotTurnedByWhatWasDrawnAfterTheCrossing) {
  const Contract contract = lots::contract(510, lots::sequential(0.01, 0.05, 0.05, 0.05));
  const Draw draw = lots::draw(contract);
  const std::uint32_t n = decide_lot(contract, lots::items(contract), &draw).sample_size;
  const std::set<std::string> later(draw.drawn.begin() + n, draw.drawn.end());
  LotVerdict verdict = decide_lot(contract, lots::items(contract, later), &draw);
  EXPECT_EQ(verdict.decision, Decision::kAccepted);
  EXPECT_EQ(verdict.nonconforming.size(), later.size());  // to be replaced
  EXPECT_THAT(verdict.words, HasSubstr("change nothing"));
  // Nodes after the crossing need no test, and are disposed of by the lot.
  auto few = lots::items(contract);
  for (const std::string& node : later) remove(few, node);
  verdict = decide_lot(contract, few, &draw);
  EXPECT_EQ(verdict.decision, Decision::kAccepted);
  EXPECT_EQ(verdict.drawn.size(), n);
  EXPECT_EQ(verdict.dispositions.size(), 510u - n);
}

TEST(ASequentialLot, NamesTheNextNodesWhileItIsUndecided) {
  const Contract contract = lots::contract(510, lots::sequential(0.01, 0.05, 0.05, 0.05));
  const Draw draw = lots::draw(contract);
  std::vector<LotItem> items;
  LotVerdict verdict = decide_lot(contract, items, &draw);
  EXPECT_EQ(verdict.decision, Decision::kUndecided);
  EXPECT_THAT(verdict.words, HasSubstr(draw.drawn[0]));
  EXPECT_TRUE(verdict.dispositions.empty());
  for (std::size_t i = 0; i < 10; ++i) items.push_back({draw.drawn[i], true, false, {}, false});
  verdict = decide_lot(contract, items, &draw);
  EXPECT_EQ(verdict.decision, Decision::kUndecided);
  EXPECT_THAT(verdict.words, HasSubstr(draw.drawn[10]));
  EXPECT_TRUE(verdict.nonconforming.empty());
  // A gap counts as nonconforming as soon as a later one was tested.
  items.erase(items.begin() + 4);
  verdict = decide_lot(contract, items, &draw);
  EXPECT_EQ(verdict.nonconforming, std::vector<std::string>{draw.drawn[4]});
}

TEST(ASequentialLot, DependsOnTheOrderOfTheDraw) {
  const Contract contract = lots::contract(510, lots::sequential(0.01, 0.05, 0.05, 0.05));
  std::map<std::uint32_t, int> sizes;
  std::set<std::string> bad;
  for (std::size_t i = 0; i < 510; i += 30) bad.insert(lots::node(i));
  for (int i = 0; i < 8; ++i) {
    const Draw draw = lots::draw(contract, std::to_string(i));
    ++sizes[decide_lot(contract, lots::items(contract, bad), &draw).sample_size];
  }
  EXPECT_GT(sizes.size(), 2u);
}

}  // namespace
}  // namespace geomsu
