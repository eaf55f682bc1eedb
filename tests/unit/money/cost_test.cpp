#include "harness/money/cost.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

constexpr Day kStart{20543};  // 2026-03-31

Figure figure(const char* text) { return {*Rational::parse(text), text, "source"}; }
Quoted won(std::int64_t amount) { return {Rational(amount), "KRW", {}}; }

CostTerms purchase() {
  CostTerms terms;
  terms.in_service = kStart;
  terms.units = 16;
  terms.units_a_node = 8;
  terms.state_units = 12;
  terms.vat = figure("0.1");
  terms.capex.push_back({"node", "bid", won(500'000'003), 2});
  return terms;
}

EnergyTerms energy() {
  EnergyTerms energy;
  energy.kilowatts = figure("14.3");
  energy.basis = PowerBasis::kNode;
  energy.load = figure("0.8");
  energy.pue = figure("1.3");
  energy.tariffs.push_back({kStart, figure("180")});
  return energy;
}

CostTerms whole() {
  CostTerms terms = purchase();
  terms.fx.push_back({"USD", figure("1,380.5"), "2026-01-15"});
  terms.capex.push_back({"card", "bid", {*Rational::parse("31,000.253"), "USD", {}}, 16});
  terms.energy = energy();
  terms.yearly.push_back({YearlyKind::kHosting, "rack", "quote", won(1'200'001), {}, 2, 12, 1});
  terms.yearly.push_back({YearlyKind::kMaintenance, "support", "quote", {}, figure("5/100"), 1, 1, 4});
  terms.residual = Residual{figure("0.07"), {}, "estimate"};
  terms.discount = figure("0.045");
  return terms;
}

Won sum(const Cost& cost, Won CostLine::*column) {
  return std::accumulate(cost.lines.begin(), cost.lines.end(), Won{},
                         [&](Won so_far, const CostLine& line) { return so_far + line.*column; });
}

TEST(Cost, OfAPurchaseIsCountTimesPrice) {
  const Cost cost = cost_of(purchase());
  ASSERT_EQ(cost.lines.size(), 1u);
  EXPECT_EQ(cost.lines[0].line.won, Won{1'000'000'006});
  EXPECT_EQ(cost.lines[0].line.working.text(), "2 × 500,000,003");
  EXPECT_EQ(cost.total.excluding_vat, Won{1'000'000'006});
  EXPECT_EQ(cost.total.vat, Won{100'000'000});
  EXPECT_EQ(cost.total.including_vat, Won{1'100'000'006});
}

TEST(Cost, TakesForeignMoneyAtTheContractDatesRateAndFloorsOnce) {
  CostTerms terms = whole();
  const Cost cost = cost_of(terms);
  EXPECT_EQ(cost.lines[1].line.working.text(), "floor(16 × 31,000.253 × 1,380.5)");
  EXPECT_EQ(cost.lines[1].line.won, Won{684'733'588});
  EXPECT_NE(cost.lines[1].line.source.find("2026-01-15"), std::string::npos);
  terms.fx.clear();
  EXPECT_THROW(cost_of(terms), Error);
}

TEST(Cost, OfElectricityIsPowerTimesHoursTimesTariffTimesPue) {
  CostTerms terms = purchase();
  terms.energy = energy();
  terms.years = 1;
  const MoneyLine line = cost_of(terms).lines[1].line;
  EXPECT_EQ(line.working.text(), "floor(14.3 × 2 × 0.8 × 1.3 × 8,766 × 180)");
  EXPECT_EQ(line.won, Won{46'932'462});  // 46,932,462.72
  terms.energy->basis = PowerBasis::kWall;
  EXPECT_EQ(cost_of(terms).lines[1].line.working.text(), "floor(14.3 × 0.8 × 8,766 × 180)");
  terms.energy->basis = PowerBasis::kUnit;
  EXPECT_EQ(cost_of(terms).lines[1].line.working.text(), "floor(14.3 × 16 × 0.8 × 1.3 × 8,766 × 180)");
}

TEST(Cost, SplitsAYearAtTheDayOfANewTariff) {
  CostTerms terms = purchase();
  terms.energy = energy();
  terms.years = 1;
  terms.energy->tariffs.push_back({kStart.plus(100), figure("190")});
  terms.energy->tariffs.push_back({kStart.plus(365), figure("500")});  // after the year
  const Cost cost = cost_of(terms);
  ASSERT_EQ(cost.lines.size(), 3u);
  EXPECT_EQ(cost.lines[1].line.working.text(), "floor(14.3 × 2 × 0.8 × 1.3 × 8,766 × 100 ÷ 365 × 180)");
  EXPECT_EQ(cost.lines[2].line.working.text(), "floor(14.3 × 2 × 0.8 × 1.3 × 8,766 × 265 ÷ 365 × 190)");
  // A tariff that changes nothing changes the cost by a floor at most.
  terms.energy->tariffs[1].won_per_kwh = figure("180");
  EXPECT_EQ(cost_of(terms).exact - Rational(1'000'000'006), Rational::of(4693246272, 100));
}

TEST(Cost, RefusesATermOfServiceThatBeginsWithoutATariff) {
  CostTerms terms = purchase();
  terms.energy = energy();
  terms.energy->tariffs.front().from = kStart.plus(1);
  EXPECT_THROW(cost_of(terms), Error);
}

TEST(Cost, SaysWhetherPowerWasMeasuredOrDeclared) {
  CostTerms terms = purchase();
  terms.energy = energy();
  EXPECT_NE(cost_of(terms).lines[1].line.rule.en.find("declared power, not measured"), std::string::npos);
  set_measured_power(*terms.energy, 700.1, PowerBasis::kUnit, "class 0.5", "bundle t003");
  const MoneyLine line = cost_of(terms).lines[1].line;
  EXPECT_NE(line.rule.en.find("measured power, meter class 0.5"), std::string::npos);
  EXPECT_EQ(terms.energy->kilowatts.value * Rational(1000), Rational::exactly(700.1));
  EXPECT_NE(terms.energy->kilowatts.value, Rational::of(7001, 10000));
}

TEST(Cost, DiscountsByExactPowersAtTheEndOfEachYear) {
  CostTerms terms = purchase();
  terms.discount = figure("0.1");
  terms.yearly.push_back({YearlyKind::kOther, "x", "y", won(1'331'000), {}, 1, 1, 1});
  terms.years = 3;
  const Cost cost = cost_of(terms);
  EXPECT_EQ(cost.lines[0].line.won, Won{1'000'000'006});  // the purchase is not
  EXPECT_EQ(cost.lines[1].line.won, Won{1'210'000});
  EXPECT_EQ(cost.lines[2].line.won, Won{1'100'000});
  EXPECT_EQ(cost.lines[3].line.won, Won{1'000'000});
  EXPECT_EQ(cost.lines[3].line.working.text(), "1 × 1,331,000 ÷ (1 + 0.1)^3");
}

TEST(Cost, SubtractsWhatIsLeftFlooredInTheBuyersDisfavour) {
  CostTerms terms = purchase();
  terms.residual = Residual{figure("0.1"), {}, "estimate"};
  const Cost cost = cost_of(terms);
  EXPECT_EQ(cost.lines.back().line.won, Won{-100'000'000});  // of 100,000,000.6
  EXPECT_EQ(cost.lines.back().vat, Won{-10'000'000});
  EXPECT_EQ(cost.total.excluding_vat, Won{900'000'006});
}

TEST(Cost, OfARentalIsByTheHour) {
  CostTerms terms = purchase();
  terms.capex.clear();
  terms.rentals.push_back({"cloud", "list", {*Rational::parse("4,512.5"), "KRW", {}}, 16, figure("2,000")});
  terms.years = 2;
  const Cost cost = cost_of(terms);
  ASSERT_EQ(cost.lines.size(), 2u);
  EXPECT_EQ(cost.lines[0].line.won, Won{144'400'000});
  EXPECT_FALSE(cost.capex_judged(terms));
}

TEST(Cost, PricesWithVatGiveBothFiguresThatAddUp) {
  CostTerms terms = whole();
  terms.prices_with_vat = true;
  const Cost with = cost_of(terms);
  EXPECT_EQ(with.lines[0].including_vat, Won{1'000'000'006});
  EXPECT_EQ(with.lines[0].vat, Won{90'909'091});
  for (const CostLine& line : with.lines) EXPECT_EQ(line.excluding_vat + line.vat, line.including_vat);
  for (const std::int64_t amount : {0, 1, 9, 10, 11, 12345, 999'999'999}) {  // there and back is the same
    terms = purchase();
    terms.capex = {{"x", "y", won(amount), 1}};
    const Won including = cost_of(terms).total.including_vat;
    terms.prices_with_vat = true;
    terms.capex = {{"x", "y", won(including.value), 1}};
    EXPECT_EQ(cost_of(terms).total.excluding_vat, Won{amount}) << amount;
  }
}

TEST(Cost, EveryTotalIsTheSumOfItsLines) {
  const CostTerms terms = whole();
  const Cost cost = cost_of(terms);
  EXPECT_EQ(cost.total.excluding_vat, sum(cost, &CostLine::excluding_vat));
  EXPECT_EQ(cost.total.vat, sum(cost, &CostLine::vat));
  EXPECT_EQ(cost.total.including_vat, sum(cost, &CostLine::including_vat));
  EXPECT_EQ(cost.total.including_vat, cost.total.excluding_vat + cost.total.vat);
  for (const CostLine& line : cost.lines) EXPECT_EQ(line.line.won, line.excluding_vat);
  for (const std::uint32_t of : {1u, 8u, 16u}) {
    const std::vector<CostLine> share = share_of(terms, cost, of);
    const CostTotal total = total_of(share);
    EXPECT_EQ(total.including_vat, total.excluding_vat + total.vat);
    EXPECT_LE(total.excluding_vat.value * (16 / of), cost.total.excluding_vat.value + 16);
    EXPECT_GE(total.excluding_vat.value * (16 / of),
              cost.total.excluding_vat.value - 16 * static_cast<std::int64_t>(share.size()));
  }
  EXPECT_EQ(total_of(share_of(terms, cost, 16)).excluding_vat, cost.total.excluding_vat);
}

// Every price times k; what is no price (power, shares, hours) stays.
CostTerms scaled(CostTerms terms, std::int64_t k) {
  for (CapexItem& item : terms.capex) item.each.amount = item.each.amount * Rational(k);
  for (YearlyItem& item : terms.yearly) {
    if (item.each) item.each->amount = item.each->amount * Rational(k);
  }
  for (Rental& item : terms.rentals) item.each_hour.amount = item.each_hour.amount * Rational(k);
  if (terms.energy) {
    for (Tariff& tariff : terms.energy->tariffs) tariff.won_per_kwh.value = tariff.won_per_kwh.value * Rational(k);
  }
  return terms;
}

TEST(Cost, ScalesExactlyWithItsPricesAndByAFloorALineInPrint) {
  const CostTerms terms = whole();
  const Cost one = cost_of(terms);
  for (const std::int64_t k : {2, 3, 7, 10, 1000}) {
    const Cost many = cost_of(scaled(terms, k));
    EXPECT_EQ(many.exact, one.exact * Rational(k));
    EXPECT_LE(std::abs(many.total.excluding_vat.value - k * one.total.excluding_vat.value),
              k * static_cast<std::int64_t>(one.lines.size()));
  }
}

TEST(CostEdges, HoldAtTenToTheEighteenthAndRefuseAboveIt) {
  CostTerms terms = purchase();
  terms.capex = {{"x", "y", won(kMostWon.value), 8}};
  const Cost cost = cost_of(terms);
  EXPECT_EQ(cost.total.including_vat, Won{8'800'000'000'000'000'000});
  terms.capex[0].count = 9;  // 9.9 * 10^18 with VAT
  EXPECT_THROW(cost_of(terms), Error);
  terms.capex[0].count = 1;
  terms.discount = figure("0.123456789012345678901234567890");
  terms.yearly.push_back({YearlyKind::kOther, "x", "y", won(kMostWon.value / 10), {}, 1, 1, 1});
  terms.years = 50;
  EXPECT_GT(cost_of(terms).total.excluding_vat, kMostWon);
}

TEST(CostEdges, RefuseUnitsThatMakeNoWholeNodes) {
  CostTerms terms = purchase();
  for (const std::uint32_t units : {0u, 1u, 9u}) {
    terms.units = units;
    EXPECT_THROW(cost_of(terms), Error) << units;
  }
}

}  // namespace
}  // namespace geomsu
