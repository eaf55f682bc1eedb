#include "harness/money/cost_figure.hpp"

#include <random>

#include <gtest/gtest.h>

#include "harness/money/sensitivity.hpp"

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

TEST(CostPerWon, IsDividedExactlyByWhatPricesAreMultipliedWith) {
  std::mt19937_64 random(3);
  const Performance performance{"gemm", "training", "TFLOP/s", figure("701.5"), figure("720"), {}, {}, "bundle"};
  for (int i = 0; i < 200; ++i) {
    CostTerms terms = purchase();
    const std::int64_t price = static_cast<std::int64_t>(random() % 1'000'000'000) + 1;
    const std::int64_t k = static_cast<std::int64_t>(random() % 1000) + 1;
    terms.capex = {{"x", "y", won(price), 1}};
    const PerWonFigure one = per_won_figure(terms, cost_of(terms), performance);
    terms.capex[0].each = won(price * k);
    const PerWonFigure many = per_won_figure(terms, cost_of(terms), performance);
    EXPECT_EQ(many.per_capex->lower * Rational(k), one.per_capex->lower);
    EXPECT_EQ(many.per_total->upper * Rational(k), one.per_total->upper);
  }
}

TEST(CostPerWon, CountsAllUnitsOrThoseOfTheState) {
  CostTerms terms = purchase();
  terms.capex = {{"x", "y", won(100'000'000), 1}};
  const Performance performance{"gemm", "training", "TFLOP/s", figure("700"), figure("720"), {}, {}, "bundle"};
  EXPECT_EQ(per_won_figure(terms, cost_of(terms), performance).per_capex->lower, Rational(11'200));
  terms.counts_state_units = true;
  const PerWonFigure figure = per_won_figure(terms, cost_of(terms), performance);
  EXPECT_EQ(figure.per_capex->lower, Rational(8'400));
  EXPECT_EQ(figure.per_capex->upper, Rational(8'640));
  EXPECT_EQ(figure.working_capex.text(), "12 × 700 × 100,000,000 ÷ 100,000,000");
  EXPECT_FALSE(figure.tokens_per_won);
}

TEST(CostPerWon, IsJudgedOnTheBasisThatTheTermsName) {
  CostTerms terms = purchase();
  terms.capex = {{"x", "y", won(100'000'000), 1}};
  terms.judged_with_vat = true;
  const Performance performance{"gemm", "training", "TFLOP/s", figure("700"), figure("700"), {}, {}, "bundle"};
  EXPECT_EQ(per_won_figure(terms, cost_of(terms), performance).per_capex->lower, Rational::of(112'000, 11));
}

TEST(CostPerWon, GivesTokensOverTheYears) {
  CostTerms terms = purchase();
  terms.capex = {{"x", "y", won(1'000'000'000), 1}};
  const Performance performance{"decode",       "decode",       "tokens/s",    figure("1000"),
                                figure("1100"), figure("0.99"), figure("0.5"), "bundle"};
  const PerWonFigure figure = per_won_figure(terms, cost_of(terms), performance);
  EXPECT_EQ(figure.tokens_per_won->lower, Rational(16 * 1000) * Rational(8766 * 3600) * Rational(5) *
                                              Rational::of(99, 100) * Rational::of(1, 2) / Rational(1'000'000'000));
}

TEST(CostPerWon, GivesNoTokensThatTheRentedHoursCannotMake) {
  CostTerms terms = purchase();
  terms.capex.clear();
  terms.rentals.push_back({"cloud", "list", won(4'500), 16, figure("4,383")});
  Performance performance{"decode",       "decode",    "tokens/s",    figure("1000"),
                          figure("1100"), figure("1"), figure("0.5"), "bundle"};
  EXPECT_TRUE(per_won_figure(terms, cost_of(terms), performance).tokens_per_won);
  performance.utilisation = figure("0.501");
  const PerWonFigure none = per_won_figure(terms, cost_of(terms), performance);
  EXPECT_FALSE(none.tokens_per_won);
  EXPECT_TRUE(none.too_few_hours);
}

TEST(CostPerWonEdges, AreAbsentWhereNothingIsPaid) {
  CostTerms terms = purchase();
  terms.capex.clear();
  const Performance performance{"gemm", "training", "TFLOP/s", figure("700"), figure("700"), {}, {}, "bundle"};
  const PerWonFigure figure = per_won_figure(terms, cost_of(terms), performance);
  EXPECT_FALSE(figure.per_capex);
  EXPECT_FALSE(figure.per_total);
}

TEST(BreakEvenHours, AreTheLastAtWhichRentingIsNotDearer) {
  const CostTerms buy = whole();
  CostTerms rent = purchase();
  rent.capex.clear();
  rent.discount = buy.discount;
  rent.rentals.push_back({"cloud", "list", won(4'500), 16, figure("8,766")});
  const std::optional<Won> hours = break_even_hours(buy, rent);
  ASSERT_TRUE(hours);
  const auto rented = [&](std::int64_t at) {
    rent.rentals[0].hours_a_year = {Rational(at), {}, {}};
    return cost_of(rent).exact;
  };
  EXPECT_LE(rented(hours->value), cost_of(buy).exact);
  EXPECT_GT(rented(hours->value + 1), cost_of(buy).exact);
  EXPECT_FALSE(break_even_hours(buy, buy));
}

TEST(Sensitivity, IsWidestFirstAndMovesOneTermAlone) {
  const CostTerms terms = whole();
  const std::vector<TornadoRow> rows = sensitivity(terms, {{Term::kPue, figure("1.1"), figure("1.6"), "range"},
                                                           {Term::kTariff, figure("140"), figure("220"), "range"},
                                                           {Term::kHours, figure("1"), figure("2"), "no rental here"}});
  ASSERT_EQ(rows.size(), 3u);  // and the exchange rate, which nobody named
  for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_GE(rows[i - 1].swing(), rows[i].swing());
  EXPECT_EQ(rows[0].term, Term::kFx);
  EXPECT_EQ(rows[0].low, "-10 %");
  EXPECT_EQ(rows[0].high, "+10 %");
  CostTerms moved = terms;
  moved.energy->tariffs[0].won_per_kwh = figure("140");
  EXPECT_EQ(rows[2].term, Term::kPue);
  EXPECT_EQ(rows[1].at_low, cost_of(moved).total_judged(moved));
}

TEST(Sensitivity, OfWonAloneHasNoExchangeRate) {
  CostTerms terms = purchase();
  terms.fx.push_back({"USD", figure("1,380.5"), "2026-01-15"});  // which no amount uses
  EXPECT_TRUE(sensitivity(terms, {}).empty());
}

}  // namespace
}  // namespace geomsu
