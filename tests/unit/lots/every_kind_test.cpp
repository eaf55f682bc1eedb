// What must hold of the decision on a lot, whatever its plan.
#include <cmath>
#include <map>
#include <optional>
#include <random>

#include <gtest/gtest.h>

#include "harness/judge/lot_decision.hpp"
#include "harness/judge/planned_lot.hpp"
#include "tests/unit/lots/lot.hpp"

namespace geomsu {
namespace {

using Decision = LotVerdict::Decision;

std::vector<Contract> every_kind() {
  return {lots::contract(60), lots::contract(60, lots::hypergeometric(0, 1, 0.1, 0.05)),
          lots::contract(60, lots::hypergeometric(0.05, 0.2, 0.2, 0.2)), lots::contract(60, lots::iso2859("4.0")),
          lots::contract(60, lots::sequential(0.05, 0.2, 0.2, 0.2))};
}

std::string text(const LotVerdict& verdict) {
  std::string all = fmt::format("{} {} {} {} {}", static_cast<int>(verdict.decision), verdict.plan, verdict.words,
                                verdict.sample_size, verdict.draw);
  for (const auto& name : verdict.drawn) all += " " + name;
  for (const auto& name : verdict.nonconforming) all += " " + name;
  for (const auto& one : verdict.dispositions) all += " " + one.item + one.text();
  for (const auto& note : verdict.notes) all += " " + note;
  for (const auto& point : verdict.characteristic) all += fmt::format(" {} {}", point.nonconforming, point.accepted);
  return all;
}

TEST(EveryKind, TurnsNoRejectionIntoAcceptanceWhenANodeIsRemovedOrTurnsRed) {
  std::mt19937_64 random(6);
  std::map<Decision, int> seen;
  for (const Contract& contract : every_kind()) {
    const PlannedLot plan = plan_lot(contract);
    ASSERT_EQ(plan.refused, "");
    for (int run = 0; run < 12; ++run) {
      std::optional<Draw> draw;
      if (plan.draws) draw = lots::draw(contract, std::to_string(run));
      std::set<std::string> bad;
      const auto count = random() % 14;
      for (std::uint64_t i = 0; i < count; ++i) bad.insert(lots::node(random() % 60));
      const auto items = lots::items(contract, bad);
      const Draw* drawn = draw ? &*draw : nullptr;
      const Decision before = decide_lot(contract, items, drawn).decision;
      ++seen[before];
      for (std::size_t i = 0; i < items.size(); ++i) {
        auto without = items, red = items, green = items;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        red[i].nonconforming = true;
        green[i].nonconforming = false;
        const Decision removed = decide_lot(contract, without, drawn).decision;
        const Decision reddened = decide_lot(contract, red, drawn).decision;
        const Decision greened = decide_lot(contract, green, drawn).decision;
        if (before != Decision::kAccepted) {
          EXPECT_NE(removed, Decision::kAccepted) << plan.plan << ' ' << items[i].node;
          EXPECT_NE(reddened, Decision::kAccepted) << plan.plan << ' ' << items[i].node;
        } else {
          EXPECT_EQ(greened, Decision::kAccepted) << plan.plan << ' ' << items[i].node;
        }
      }
    }
  }
  EXPECT_GT(seen[Decision::kAccepted], 10);
  EXPECT_GT(seen[Decision::kRejected], 10);
}

TEST(EveryKind, IsTheSameInEveryOrderOfItsItems) {
  std::mt19937_64 random(7);
  std::vector<Contract> kinds = every_kind();
  kinds.push_back(lots::by_variables(510));
  for (const Contract& contract : kinds) {
    const PlannedLot plan = plan_lot(contract);
    std::optional<Draw> draw;
    if (plan.draws) draw = lots::draw(contract);
    auto items = lots::items(contract, {"node0003", "node0017"});
    for (LotItem& item : items) item.figure = 7e14 + static_cast<double>(random() % 1000) * 1e9 / 3;
    const std::string one = text(decide_lot(contract, items, draw ? &*draw : nullptr));
    for (int run = 0; run < 5; ++run) {
      for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random() % i]);
      EXPECT_EQ(text(decide_lot(contract, items, draw ? &*draw : nullptr)), one);
    }
    Contract reordered = contract;
    std::reverse(reordered.delivery.units.begin(), reordered.delivery.units.end());
    EXPECT_EQ(text(decide_lot(reordered, items, draw ? &*draw : nullptr)), one);
  }
}

// Accepted as often as its characteristic says, over many draws of one lot.
TEST(EveryKind, AcceptsOverManyDrawsAsOftenAsItsCharacteristicSays) {
  constexpr int kDraws = 600;
  std::set<std::string> bad;
  for (std::size_t i = 0; i < 7; ++i) bad.insert(lots::node(8 * i));
  int tried = 0;
  for (const Contract& contract : every_kind()) {
    const PlannedLot plan = plan_lot(contract);
    if (!plan.draws) continue;
    double wanted = -1;
    for (const auto& point : plan.characteristic) {
      if (point.nonconforming == bad.size()) wanted = point.accepted;
    }
    ASSERT_GT(wanted, 0) << plan.plan;
    ++tried;
    const auto items = lots::items(contract, bad);
    int accepted = 0;
    for (int i = 0; i < kDraws; ++i) {
      const Draw draw = lots::draw(contract, std::to_string(i));
      accepted += decide_lot(contract, items, &draw).decision == Decision::kAccepted ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(accepted) / kDraws, wanted, 4 * std::sqrt(wanted * (1 - wanted) / kDraws))
        << plan.plan;
  }
  EXPECT_EQ(tried, 4);
}

// Clusters of 255 and 510 nodes, each judged on its own and both as one lot.
TEST(Clusters, OfTwoHundredAndFiftyFiveAndFiveHundredAndTenNodesAreJudgedOneByOneAndTogether) {
  for (const std::size_t nodes : {255u, 510u, 765u}) {
    const Contract all = lots::contract(nodes);
    // Node by node: each is a lot of its own, and exactly the bad one is rejected.
    const std::string bad = lots::node(nodes / 3);
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < nodes; ++i) {
      Contract one = lots::contract(1);
      for (DeliveredUnit& unit : one.delivery.units) unit.node = lots::node(i);
      const LotVerdict verdict = decide_lot(one, lots::items(one, {bad}), nullptr);
      EXPECT_EQ(verdict.decision == Decision::kRejected, lots::node(i) == bad);
      accepted += verdict.decision == Decision::kAccepted ? 1 : 0;
    }
    EXPECT_EQ(accepted, nodes - 1);
    // Together: screening rejects for it, and a drawn plan decides as its sample says.
    EXPECT_EQ(decide_lot(all, lots::items(all, {bad}), nullptr).nonconforming, std::vector<std::string>{bad});
    EXPECT_EQ(decide_lot(all, lots::items(all), nullptr).decision, Decision::kAccepted);
    const Contract drawn = lots::contract(nodes, lots::hypergeometric(0.005, 0.05, 0.04, 0.05));
    const Draw draw = lots::draw(drawn);
    const LotVerdict good = decide_lot(drawn, lots::items(drawn, {bad}), &draw);
    EXPECT_EQ(good.decision, Decision::kAccepted) << good.words;
    EXPECT_EQ(good.drawn.size() + good.dispositions.size(), nodes);
    std::set<std::string> many;
    for (std::size_t i = 0; i < nodes; i += 4) many.insert(lots::node(i));
    EXPECT_EQ(decide_lot(drawn, lots::items(drawn, many), &draw).decision, Decision::kRejected);
  }
}

}  // namespace
}  // namespace geomsu
