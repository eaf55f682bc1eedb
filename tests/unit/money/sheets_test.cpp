#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "harness/contract/cost_sheet.hpp"
#include "harness/contract/cost_terms.hpp"
#include "harness/contract/damages_terms.hpp"
#include "harness/contract/law_sheet.hpp"
#include "harness/contract/settlement_sheet.hpp"

namespace geomsu {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(std::string(GEOMSU_SOURCE_DIR) + "/configs/" + name);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

// The text with its first `from` made `to`; a sheet that a test did not change would test nothing.
std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string all_of(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& one : diagnostics) out += one.text() + "\n";
  return out;
}

struct Case {
  const char *from, *to, *says;
};

TEST(CostSheet, OfTheExampleIsReadExactly) {
  const auto loaded = parse_cost_sheet(file("costs/example-buy-or-rent.yaml"), "sheet.yaml");
  ASSERT_TRUE(loaded.value) << all_of(loaded.diagnostics);
  const CostSheet& sheet = *loaded.value;
  EXPECT_TRUE(sheet.illustration);
  ASSERT_EQ(sheet.options.size(), 2u);
  const CostTerms& buy = sheet.options[0];
  EXPECT_EQ(buy.fx[0].won.value, Rational::of(2761, 2));
  EXPECT_EQ(buy.capex[0].each.amount, Rational(250'000));
  EXPECT_EQ(buy.capex[0].each.currency, "USD");
  EXPECT_EQ(buy.capex[1].each.amount, Rational(240'000'000));
  EXPECT_EQ(buy.energy->kilowatts.value, Rational::of(102, 10));
  EXPECT_EQ(buy.energy->load.value, Rational::of(8, 10));
  EXPECT_EQ(buy.energy->tariffs[1].won_per_kwh.value, Rational(190));
  EXPECT_EQ(buy.discount->value, Rational::of(45, 1000));
  EXPECT_EQ(buy.yearly[0].periods, 12u);
  EXPECT_EQ(buy.yearly[1].share_of_capex->value, Rational::of(1, 20));
  EXPECT_EQ(buy.counted_units(), 48u);
  EXPECT_EQ(sheet.options[1].rentals[0].hours_a_year.value, Rational(6000));
  EXPECT_TRUE(sheet.options[1].capex.empty());
  EXPECT_EQ(sheet.performances[1].utilisation->value, Rational::of(1, 2));
}

TEST(CostSheet, TellsEachMistakeWithItsPlace) {
  const Case cases[] = {
      {"years: 5", "years: 0", "sheet.yaml:8:8: error: 'years' is 0"},
      {"years: 5", "years: 51", "'years' is 51"},
      {"years: 5", "yeers: 5", "did you mean 'years'"},
      {"in_service: 2026-04-01", "in_service: 2026-04-31", "is no date"},
      {"prices: excluded", "prices: maybe", "'prices' cannot be 'maybe'"},
      {"basis: excluded", "#", "has no 'basis'"},
      {"a_node: 8", "a_node: 7", "make no whole nodes of 7"},
      {"state_use: 48, ", "", "nobody says how many"},
      {"state_use: 48", "state_use: 65", "65 of 64 units"},
      {"counted: state_use", "counted: some", "'counted' cannot be"},
      {"\"250,000 USD\"", "\"250,000 EUR\"", "there is no rate for it"},
      {"\"250,000 USD\"", "\"250,00 USD\"", "comma"},
      {"\"250,000 USD\"", "\"-5 USD\"", "negative"},
      {"count: 8, source", "count: 0, source", "'count' is 0"},
      {"power: 10.2 kW", "power: 10.2 kWh", "in no unit"},
      {"power: 10.2 kW", "power: 1e1 kW", "in no unit"},
      {"of: node ", "of: rack ", "'of' cannot be 'rack'"},
      {"of: node ", "of: wall ", "multiplied twice"},
      {"basis: declared", "basis: measured", "has no 'meter'"},
      {"load: 80 %", "load: 101 %", "must be from 0 to 1"},
      {"value: \"1.3\"", "value: \"0.9\"", "must be from 1 to 5"},
      {"from: 2026-01-01, price", "from: 2026-04-02, price", "no tariff is in force when service begins"},
      {"from: 2027-01-01", "from: 2025-01-01", "not in order"},
      {"price: 180원/kWh", "price: 180", "in no unit"},
      {"{share_of_capex: 5 %, source", "{share_of_capex: 5 %, sauce", "unknown key 'sauce'"},
      {"hours_a_year: 6000 h", "hours_a_year: 9000 h", "must be from 0 to 8,766"},
      {"id: rent", "id: buy", "stands twice"},
      {"upper: 720 TFLOP/s", "upper: 720 GFLOP/s", "'upper' in 'GFLOP/s'"},
      {"upper: 720 TFLOP/s", "upper: 699 TFLOP/s", "'lower' is above 'upper'"},
      {"    utilisation: 50 %\n", "", "has no 'utilisation'"},
      {"low: 140원/kWh", "low: 240원/kWh", "'low' is above 'high'"},
      {"term: pue", "term: pew", "'term' cannot be 'pew'"},
      {"count: 1, source", "count: 10000000, source", "does not fit 64 bits"},
  };
  const std::string good = with(file("costs/example-buy-or-rent.yaml"), "2억 4,000만원", "10,000억원");
  ASSERT_TRUE(parse_cost_sheet(good, "sheet.yaml").value);
  for (const Case& one : cases) {
    const auto loaded = parse_cost_sheet(with(good, one.from, one.to), "sheet.yaml");
    EXPECT_FALSE(loaded.value) << one.to;
    const std::string said = all_of(loaded.diagnostics);
    EXPECT_NE(said.find(one.says), std::string::npos) << one.to << " said: " << said;
    EXPECT_NE(said.find("sheet.yaml:"), std::string::npos);
  }
}

TEST(CostSheet, WithoutAnythingToPayForIsRefused) {
  std::string text = file("costs/example-buy-or-rent.yaml");
  const std::size_t rental = text.find("    rental:"), end = text.find("\nperformance:");
  text.erase(rental, end - rental);
  EXPECT_NE(all_of(parse_cost_sheet(text, "s").diagnostics).find("nothing is bought"), std::string::npos);
}

TEST(CostOfAContract, IsOneFlatMap) {
  const std::string text =
      "years: 5\nin_service: 2026-04-01\nprices: included\nbasis: excluded\nvat: {rate: 10 %, source: a}\n"
      "units: {all: 16, a_node: 8, counted: all}\ncapex: [{name: n, each: 1억원, count: 2, source: bid}]\n";
  Diagnostics diagnostics("contract.yaml");
  const auto node = read_yaml(text, diagnostics);
  ASSERT_TRUE(node);
  const CostTerms terms = read_cost(*node, diagnostics);
  EXPECT_FALSE(diagnostics.has_error()) << all_of(diagnostics.sorted());
  EXPECT_EQ(cost_of(terms).total.including_vat, Won{200'000'000});
  EXPECT_FALSE(terms.discount);
}

TEST(SettlementSheet, OfTheExampleIsReadAndSettles) {
  const auto loaded = parse_settlement_sheet(file("settlement/example-tranche.yaml"), "sheet.yaml");
  ASSERT_TRUE(loaded.value) << all_of(loaded.diagnostics);
  const auto law = parse_law(file("law/kr-state-contracts.yaml"), "law.yaml");
  ASSERT_TRUE(law.value) << all_of(law.diagnostics);
  EXPECT_EQ(settle(loaded.value->terms, *law.value).payable, Won{4'032'853'929});
}

TEST(SettlementSheet, TellsEachMistakeWithItsPlace) {
  const Case cases[] = {
      {"amount: 66억원", "amount: 65억원", "a difference of 100,000,000원"},
      {"amount: 66억원", "amount: 66억 엔", "is no amount of won"},
      {"vat: included", "vat: both", "'vat' cannot be 'both'"},
      {"kind: goods", "kind: good", "did you mean 'goods'"},
      {"order_day_counts: true", "order_day_counts: yes", "'order_day_counts' cannot be 'yes'"},
      {"  order_day_counts: true", "# ", "has no 'order_day_counts'"},
      {"2026-05-25]", "2026-02-30]", "'2026-02-30' is no date"},
      {"due: 2026-03-31", "dew: 2026-03-31", "unknown key 'dew'"},
      {"passed: 2026-04-10", "passed: 2026-03-26", "sheet.yaml:26:5: error: it passed before it was delivered"},
      {"passed: 2026-04-10", "passed: 2026-05-16", "a day after the day of reckoning"},
      {"corrective_order: 2026-04-06", "corrective_order: 2026-03-30", "add `redelivered"},
      {"to: 2026-04-05", "to: 2026-04-02", "'to' is before 'from'"},
      {"remedy: reduce", "remedy: discount", "'remedy' cannot be 'discount'"},
      {"at_least: 700 TFLOP/s", "at_most: 700 GFLOP/s", "the bar is in 'GFLOP/s'"},
      {"      at_least: 700 TFLOP/s\n", "", "wants one of 'at_least' and 'at_most'"},
      {"measured: 681.3 TFLOP/s", "measured: 0 TFLOP/s", "not above zero"},
      {"measured: 681.3 TFLOP/s", "measured: 600 TFLOP/s", "the contract rejects it"},
      {"most: 10 %", "most: 110 %", "must be from 0 to 1"},
      {"remedy: reduce", "remedy: replace", "unknown key 'most'"},
      {"source: 계약서 제11조 (예시)", "#", "has no 'source'"},
      {"law: kr-state-contracts", "#", "has no 'law'"},
  };
  const std::string good = file("settlement/example-tranche.yaml");
  for (const Case& one : cases) {
    const auto loaded = parse_settlement_sheet(with(good, one.from, one.to), "sheet.yaml");
    EXPECT_FALSE(loaded.value) << one.to;
    const std::string said = all_of(loaded.diagnostics);
    EXPECT_NE(said.find(one.says), std::string::npos) << one.to << " said: " << said;
  }
}

TEST(SettlementSheet, RefusesAnAcceptedPieceThatWasLateItself) {
  const std::string text = with(file("settlement/example-tranche.yaml"), "  - name: 2 nodes, corrected",
                                "    accepted: [{name: rack 1, amount: 1억원, on: 2026-04-01, source: x}]\n"
                                "  - name: 2 nodes, corrected");
  EXPECT_NE(all_of(parse_settlement_sheet(text, "s").diagnostics).find("make it a part"), std::string::npos);
  EXPECT_TRUE(parse_settlement_sheet(with(text, "on: 2026-04-01", "on: 2026-03-31"), "s").value);
}

TEST(ShortfallOfAContract, NamesABarAndNoMeasurement) {
  Diagnostics diagnostics("contract.yaml");
  const auto node = read_yaml("remedy: reject\nat_least: 700 TFLOP/s\nsource: clause 11\n", diagnostics);
  EXPECT_EQ(read_shortfall(*node, false, diagnostics).bar.value, Rational(700));
  EXPECT_FALSE(diagnostics.has_error());
  read_shortfall(*node, true, diagnostics);
  EXPECT_TRUE(diagnostics.has_error());
}

TEST(LawSheet, HasADayAnArticleAndACheckForEveryWord) {
  const std::string good = file("law/kr-state-contracts.yaml");
  for (const char* key :
       {"    from: ", "    article: ", "    checked: ", "    a_day: ", "  - number: ", "    date: "}) {
    const std::string text = with(good, key, std::string(key).substr(0, 4) + "was_" + std::string(key).substr(4));
    EXPECT_FALSE(parse_law(text, "law.yaml").value) << key;
  }
}

}  // namespace
}  // namespace geomsu
