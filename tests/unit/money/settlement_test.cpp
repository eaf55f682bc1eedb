#include "harness/money/settlement.hpp"

#include <functional>
#include <random>

#include <gtest/gtest.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

constexpr Day kDue{20543};  // 2026-03-31
constexpr Day kSigned{20454};

Figure figure(const char* text) { return {*Rational::parse(text), text, std::string("source of ") + text}; }

// Not the law: figures of a test.
DamagesLaw law() {
  DamagesLaw law;
  law.id = "test";
  law.name = {"시험", "test"};
  const LawSource old{kSigned.plus(-3000), "article 1", "made up"}, now{kSigned.plus(-100), "article 2", "made up"};
  law.rates = {{DamagesKind::kGoods, {"물품", "goods"}, figure("1.5/1000"), old},
               {DamagesKind::kGoods, {"물품", "goods"}, figure("0.75/1000"), now},
               {DamagesKind::kServices, {"용역", "services"}, figure("1.25/1000"), now}};
  law.caps = {{figure("30/100"), now}};
  law.delays = {{DelayBranch::kLate, {{}, "conditions 24", "made up"}}};
  law.rulings = {{"2020다1", "대법원", kSigned.plus(-50), {"무효", "void"}, {"지방", "local"}, "page"}};
  return law;
}

Part part(std::int64_t amount, std::optional<long> delivered, std::optional<long> passed) {
  Part part;
  part.name = "lot";
  part.source = "annex 1";
  part.amount = Won{amount};
  part.dates.due = kDue;
  if (delivered) part.dates.delivered = kDue.plus(*delivered);
  if (passed) part.dates.passed = kDue.plus(*passed);
  return part;
}

SettlementTerms terms(std::vector<Part> parts) {
  SettlementTerms terms;
  terms.signed_on = kSigned;
  terms.as_of = kDue.plus(60);
  terms.vat = figure("0.1");
  terms.damages = DamagesTerms{};
  terms.damages->source = "clause 9";
  for (const Part& one : parts) terms.amount = terms.amount + one.amount;
  terms.parts = std::move(parts);
  return terms;
}

const MoneyLine& line(const Settlement& settlement, const std::string& key) {
  for (const MoneyLine& one : settlement.lines) {
    if (one.key == key) return one;
  }
  throw Error(ErrorCode::kInternal, "no line " + key);
}

bool has(const Settlement& settlement, const std::string& key) {
  return std::any_of(settlement.lines.begin(), settlement.lines.end(),
                     [&](const MoneyLine& one) { return one.key == key; });
}

TEST(Settlement, OfATimelyDeliveryPaysItAll) {
  const Settlement paid = settle(terms({part(1'000'000'000, 0, 10)}), law());
  EXPECT_EQ(paid.payable, Won{1'000'000'000});
  EXPECT_EQ(line(paid, "part-1.damages").won, Won{0});
  EXPECT_TRUE(paid.notices.empty());
}

TEST(Settlement, ReckonsDamagesByDaysAndFloors) {
  const Settlement late = settle(terms({part(1'000'000'001, 5, 12)}), law());
  EXPECT_EQ(line(late, "part-1.damages").won, Won{-9'000'000});  // of 9,000,000.009
  EXPECT_EQ(line(late, "part-1.damages").working.text(),
            "min(floor(1,000,000,001 × 0.75 ÷ 1000 × 12), floor(1,000,000,001 × 30 ÷ 100))");
  EXPECT_EQ(late.payable, Won{991'000'001});
  EXPECT_EQ(late.damages, Won{9'000'000});
}

TEST(Settlement, SaysWhereTheRuleOfADelayStands) {
  const Settlement late = settle(terms({part(1'000'000, 5, 12)}), law());
  EXPECT_NE(line(late, "part-1.damages").source.find("conditions 24 (시행일 미확인"), std::string::npos);
  const Settlement timely = settle(terms({part(1'000'000, 0, 12)}), law());
  EXPECT_EQ(line(timely, "part-1.damages").source, "clause 9");
}

TEST(Settlement, CapsDamagesAtThirtyPerCentOnTheFourHundredthDay) {
  for (const auto& [days, damages] : {std::pair{399L, 299'250'000}, {400L, 300'000'000}, {401L, 300'000'000}}) {
    EXPECT_EQ(settle(terms({part(1'000'000'000, 1, days)}), law()).damages, Won{damages}) << days;
  }
}

TEST(Settlement, TakesTheRateThatWasInForceOnTheContractsDate) {
  SettlementTerms old = terms({part(1'000'000, 1, 10)});
  old.signed_on = kSigned.plus(-101);
  EXPECT_EQ(settle(old, law()).damages, Won{15'000});
  old.signed_on = kSigned.plus(-100);
  EXPECT_EQ(settle(old, law()).damages, Won{7'500});
  old.signed_on = kSigned.plus(-4000);
  EXPECT_THROW(settle(old, law()), Error);
}

TEST(Settlement, KnowsTheKindsApartAndRefusesOneWithoutARate) {
  SettlementTerms one = terms({part(1'000'000, 1, 10)});
  one.damages->kind = DamagesKind::kServices;
  EXPECT_EQ(settle(one, law()).damages, Won{12'500});
  one.damages->kind = DamagesKind::kDesignedGoods;
  EXPECT_THROW(settle(one, law()), Error);
  one.damages->a_day = figure("0.5/1000");
  EXPECT_EQ(settle(one, law()).damages, Won{5'000});
}

TEST(Settlement, LeavesAcceptedPiecesOutOfTheBase) {
  Part one = part(1'000'000'000, 5, 10);
  one.accepted = {{"rack 1", "certificate 1", Won{600'000'000}, kDue.plus(-3)}};
  const Settlement late = settle(terms({one}), law());
  EXPECT_EQ(late.damages, Won{3'000'000});
  EXPECT_NE(line(late, "part-1.damages").source.find("certificate 1"), std::string::npos);
  one.accepted[0].amount = Won{1'000'000'001};
  EXPECT_THROW(settle(terms({one}), law()), Error);
}

TEST(Settlement, WithholdsWhatHasNotPassedAndPaysWhatWasAccepted) {
  Part one = part(1'000'000'000, std::nullopt, std::nullopt);
  one.accepted = {{"rack 1", "certificate 1", Won{600'000'000}, kDue.plus(-3)}};
  SettlementTerms open = terms({one});
  open.damages.reset();
  const Settlement settlement = settle(open, law());
  EXPECT_EQ(settlement.withheld, Won{400'000'000});
  EXPECT_EQ(settlement.payable, Won{600'000'000});
}

TEST(Settlement, HasNoDamagesWhereTheContractHasNone) {
  SettlementTerms none = terms({part(1'000'000, 1, 100)});
  none.damages.reset();
  EXPECT_FALSE(has(settle(none, law()), "part-1.damages"));
  EXPECT_EQ(settle(none, law()).payable, Won{1'000'000});
}

Shortfall shortfall(Remedy remedy, const char* measured) {
  return {remedy, true, figure("700"), figure(measured), "TFLOP/s", figure("1"), {}, {}, "clause 11"};
}

TEST(Shortfall, ReducesInProportionAndFloors) {
  Part one = part(100'000'000, 0, 5);
  one.shortfall = shortfall(Remedy::kReduce, "665");
  EXPECT_EQ(settle(terms({one}), law()).reduced, Won{5'000'000});
  one.shortfall = shortfall(Remedy::kReduce, "699.9");  // 1/7000
  const Settlement settlement = settle(terms({one}), law());
  EXPECT_EQ(settlement.reduced, Won{14'285});
  EXPECT_EQ(line(settlement, "part-1.reduced").working.text(), "floor(100,000,000 × (700 − 699.9) ÷ 700)");
}

TEST(Shortfall, TakesNothingWhereTheBarIsMet) {
  Part one = part(100'000'000, 0, 5);
  for (const char* measured : {"700", "701"}) {
    for (const Remedy remedy : {Remedy::kReject, Remedy::kReduce, Remedy::kReplace}) {
      one.shortfall = shortfall(remedy, measured);
      EXPECT_EQ(settle(terms({one}), law()).payable, Won{100'000'000}) << measured;
    }
  }
}

TEST(Shortfall, OfAnUpperBarIsTheOtherWayRound) {
  Part one = part(100'000'000, 0, 5);
  one.shortfall = shortfall(Remedy::kReduce, "735");
  one.shortfall->at_least = false;
  EXPECT_EQ(settle(terms({one}), law()).reduced, Won{5'000'000});
}

TEST(Shortfall, HasAFactorACapAndALineBeyondWhichItIsRejected) {
  Part one = part(100'000'000, 0, 5);
  one.shortfall = shortfall(Remedy::kReduce, "665");
  one.shortfall->factor = figure("2");
  EXPECT_EQ(settle(terms({one}), law()).reduced, Won{10'000'000});
  one.shortfall->most = figure("0.08");
  EXPECT_EQ(settle(terms({one}), law()).reduced, Won{8'000'000});
  one.shortfall->reject_beyond = figure("0.05");  // it is at 5 %, not beyond
  EXPECT_EQ(settle(terms({one}), law()).reduced, Won{8'000'000});
  one.shortfall->measured = figure("664.9");
  EXPECT_THROW(settle(terms({one}), law()), Error);  // it cannot have passed
  one.dates.passed.reset();
  const Settlement rejected = settle(terms({one}), law());
  EXPECT_EQ(rejected.reduced, Won{100'000'000});
  EXPECT_TRUE(has(rejected, "part-1.rejected"));
}

TEST(Shortfall, IsPaidForOnlyOnceItsReplacementHasPassed) {
  Part one = part(100'000'000, 0, std::nullopt);
  one.shortfall = shortfall(Remedy::kReplace, "600");
  Settlement settlement = settle(terms({one}), law());
  EXPECT_EQ(settlement.withheld, Won{100'000'000});
  EXPECT_NE(line(settlement, "part-1.withheld").rule.en.find("replacement"), std::string::npos);
  one.dates.passed = kDue.plus(20);
  one.dates.order = kDue.plus(5);
  settlement = settle(terms({one}), law());
  EXPECT_EQ(settlement.payable, Won{100'000'000 - 1'200'000});  // 16 days from the order on
}

TEST(Settlement, WarnsOfARateAboveTheStatutoryOneAndNamesTheRuling) {
  SettlementTerms high = terms({part(1'000'000, 1, 10)});
  high.damages->a_day = figure("0.75/1000");
  EXPECT_TRUE(settle(high, law()).notices.empty());
  high.damages->a_day = figure("0.76/1000");
  const Settlement settlement = settle(high, law());
  ASSERT_EQ(settlement.notices.size(), 2u);
  EXPECT_NE(settlement.notices[0].what.en.find("above the statutory"), std::string::npos);
  EXPECT_NE(settlement.notices[1].what.ko.find("2020다1"), std::string::npos);
  EXPECT_EQ(settlement.damages, Won{7'600});  // the contract's is reckoned; what is void is not ours to say
  high.damages->cap = figure("0.31");
  EXPECT_EQ(settle(high, law()).notices.size(), 3u);
}

TEST(Settlement, SubtractsWhatWasPaidAndMayBecomeAClaim) {
  SettlementTerms paid = terms({part(1'000'000'000, 1, 100)});
  paid.paid = {{"선금", "receipt", Won{950'000'000}, kDue}};
  const Settlement settlement = settle(paid, law());
  EXPECT_EQ(line(settlement, "paid-1").won, Won{-950'000'000});
  EXPECT_EQ(settlement.payable, Won{-25'000'000});
}

TEST(Settlement, RefusesPartsThatDoNotAddUp) {
  SettlementTerms odd = terms({part(1'000'000, 1, 10)});
  odd.amount = Won{1'000'001};
  EXPECT_THROW(settle(odd, law()), Error);
}

TEST(Settlement, SplitsTheContractsVat) {
  SettlementTerms one = terms({part(1'100'000, 0, 1)});
  one.with_vat = true;
  EXPECT_EQ(settle(one, law()).excluding_vat, Won{1'000'000});
  EXPECT_EQ(settle(one, law()).vat, Won{100'000});
}

TEST(Settlement, AlwaysAddsUpToTheWon) {
  std::mt19937_64 random(29);
  for (int i = 0; i < 500; ++i) {
    std::vector<Part> parts;
    for (std::uint64_t n = random() % 5 + 1; n > 0; --n) {
      const long came = static_cast<long>(random() % 40) - 20;
      Part one =
          part(static_cast<std::int64_t>(random() % 10'000'000'000), came, came + static_cast<long>(random() % 500));
      if (random() % 3 == 0) one.dates.passed.reset();
      if (random() % 3 == 0) one.shortfall = shortfall(one.dates.passed ? Remedy::kReduce : Remedy::kReject, "681.3");
      parts.push_back(one);
    }
    const SettlementTerms all = terms(parts);
    const Settlement settlement = settle(all, law());
    Won sum;
    for (const MoneyLine& one : settlement.lines) {
      sum = sum + one.won;
      EXPECT_FALSE(one.source.empty());
      EXPECT_FALSE(one.rule.ko.empty());
      EXPECT_EQ(one.working.value(), Rational(one.minus ? Won{} - one.won : one.won));
    }
    EXPECT_EQ(settlement.payable, sum);
    EXPECT_EQ(settlement.payable, all.amount - settlement.withheld - settlement.damages - settlement.reduced);
    EXPECT_LE(settlement.damages.value, all.amount.value * 3 / 10);
  }
}

TEST(SettlementEdges, HoldAtTenToTheEighteenth) {
  EXPECT_EQ(settle(terms({part(kMostWon.value, 1, 400)}), law()).damages, Won{kMostWon.value / 10 * 3});
  EXPECT_EQ(settle(terms({part(0, 1, 400)}), law()).payable, Won{0});
  EXPECT_EQ(settle(terms({part(1, 1, 400)}), law()).damages, Won{0});
  SettlementTerms many = terms({part(kMostWon.value, 0, 1)});
  for (int i = 0; i < 9; ++i) many.parts.push_back(many.parts.front());
  EXPECT_THROW(settle(many, law()), Error);
}

}  // namespace
}  // namespace geomsu
