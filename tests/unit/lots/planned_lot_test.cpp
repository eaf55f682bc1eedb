#include "harness/judge/planned_lot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/lots/lot.hpp"

namespace geomsu {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

double accepted_at(const PlannedLot& lot, std::uint32_t bad) {
  for (const auto& point : lot.characteristic) {
    if (point.nonconforming == bad) return point.accepted;
  }
  return -1;
}

TEST(PlannedLot, OfFullScreeningIsEveryNodeOfTheTranche) {
  Contract contract = lots::contract(5);
  DeliveredUnit later = contract.delivery.units.front();
  later.node = "elsewhere";
  contract.delivery.elsewhere.push_back(later);
  const PlannedLot lot = plan_lot(contract);
  EXPECT_EQ(lot.items.size(), 5u);
  EXPECT_FALSE(lot.draws);
  EXPECT_EQ(lot.sample_size, 5u);
  EXPECT_EQ(accepted_at(lot, 0), 1);
  EXPECT_EQ(accepted_at(lot, 1), 0);
}

TEST(PlannedLot, OfTwoPerCentOfFiveHundredAndTenLooksAtOneHundredAndTwentyOne) {
  const PlannedLot lot = plan_lot(lots::contract(510, lots::hypergeometric(0, 1, 0.02, 0.05)));
  EXPECT_EQ(lot.plan, "hypergeometric: 121 of 510 nodes, accepted with at most 0 nonconforming");
  EXPECT_EQ(lot.sample_size, 121u);
  EXPECT_TRUE(lot.draws);
  EXPECT_LE(accepted_at(lot, 11), 0.05);
  EXPECT_GT(accepted_at(lot, 10), 0.05);
  EXPECT_THAT(lot.notes, Contains(HasSubstr("one with 11 accepted with 0.0")));
}

TEST(PlannedLot, OfAnIso2859ContractSaysWhatTheTablesAreWorth) {
  const PlannedLot lot = plan_lot(lots::contract(510, lots::iso2859("1.0")));
  EXPECT_EQ(lot.sample_size, 80u);
  EXPECT_EQ(lot.acceptance_number, 2u);
  EXPECT_THAT(lot.plan, HasSubstr("normal inspection"));
  EXPECT_THAT(lot.notes, Contains(HasSubstr("bought KS Q ISO 2859-1")));
  EXPECT_THAT(lot.notes, Contains(HasSubstr("accepts a lot with 26 of 510 nonconforming with probability 0.195")));
  EXPECT_THAT(lot.notes, Contains(HasSubstr("one of 2 lot(s)")));
  EXPECT_NEAR(accepted_at(lot, 26), .195, 5e-4);
}

TEST(PlannedLot, AdvisesOtherPlansToTenLotsAndNotToEleven) {
  Contract contract = lots::contract(510, lots::iso2859("1.0", "AAAAAAAA"));  // 8 earlier and 2 tranches
  EXPECT_THAT(plan_lot(contract).notes, Contains(HasSubstr("take kind: hypergeometric")));
  contract.sampling.earlier.push_back({"another", true, false});
  EXPECT_THAT(plan_lot(contract).notes, Not(Contains(HasSubstr("take kind: hypergeometric"))));
  contract.delivery.tranches.clear();
  contract.sampling.earlier.clear();
  EXPECT_THAT(plan_lot(contract).notes, Contains(HasSubstr("one of 1 lot(s), an isolated one")));
}

TEST(PlannedLot, SwitchesOverTheEarlierLots) {
  EXPECT_EQ(plan_lot(lots::contract(510, lots::iso2859("1.0", "RR"))).acceptance_number, 1u);
  EXPECT_THAT(plan_lot(lots::contract(510, lots::iso2859("1.0", "RR"))).plan, HasSubstr("tightened inspection"));
  EXPECT_EQ(plan_lot(lots::contract(510, lots::iso2859("1.0", "RRAAAAA"))).acceptance_number, 2u);
  const PlannedLot lot = plan_lot(lots::contract(510, lots::iso2859("1.0", "RRRRRRR")));
  EXPECT_THAT(lot.refused, HasSubstr("discontinued"));
  EXPECT_THAT(lot.notes, Contains(HasSubstr("bought KS Q ISO 2859-1")));
  Contract again = lots::contract(510, lots::iso2859("1.0", "RR"));
  again.sampling.earlier[1].resubmitted = true;
  EXPECT_EQ(plan_lot(again).acceptance_number, 2u);
}

TEST(PlannedLot, OfAnArrowNamesBothLettersAndOffTheTableRefuses) {
  EXPECT_THAT(plan_lot(lots::contract(510, lots::iso2859("0.25"))).plan,
              HasSubstr("letter H by an arrow from J: 50 of 510"));
  Sampling plan = lots::iso2859("10");
  plan.level = "S-1";
  EXPECT_THAT(plan_lot(lots::contract(8, plan)).refused, HasSubstr("no plan"));
  EXPECT_THAT(plan_lot(lots::contract(8, lots::iso2859("3"))).refused, HasSubstr("AQL '3'"));
}

TEST(PlannedLot, OfASampleAsLargeAsTheLotInspectsAll) {
  const PlannedLot lot = plan_lot(lots::contract(10, lots::iso2859("0.65")));
  EXPECT_FALSE(lot.draws);
  EXPECT_EQ(lot.sample_size, 10u);
  EXPECT_FALSE(plan_lot(lots::contract(2, lots::hypergeometric(0, 1, 0.5, 0.05))).draws);
}

TEST(PlannedLot, ByVariablesWantsPriorDataOneBarAndAnotherLotThanItsSample) {
  Contract contract = lots::by_variables(510);
  PlannedLot lot = plan_lot(contract);
  EXPECT_EQ(lot.refused, "");
  EXPECT_FALSE(lot.acceptance_number);
  EXPECT_THAT(lot.plan, HasSubstr("(mean - 700.000 TFLOP/s) / s >= "));
  EXPECT_THAT(lot.notes, Contains(HasSubstr("skewed to the left")));
  EXPECT_GT(accepted_at(lot, 5), 0.95);
  EXPECT_LT(accepted_at(lot, 31), 0.10);
  contract.sampling.prior = "";
  EXPECT_THAT(plan_lot(contract).refused, HasSubstr("no prior data"));
  contract = lots::by_variables(510);
  contract.clauses[0].at_most = contract.clauses[0].at_least;
  EXPECT_THAT(plan_lot(contract).refused, HasSubstr("has not one bar"));
  contract = lots::by_variables(510);
  contract.sampling.clause = "gemn";
  EXPECT_THAT(plan_lot(contract).refused, HasSubstr("'gemn'"));
  EXPECT_THAT(plan_lot(lots::by_variables(20)).refused, HasSubstr("take kind: full"));
}

TEST(PlannedLot, OfASequentialPlanTellsItsExpectedNumber) {
  const PlannedLot lot = plan_lot(lots::contract(510, lots::sequential(0.01, 0.05, 0.05, 0.05)));
  ASSERT_TRUE(lot.sequential);
  EXPECT_TRUE(lot.draws);
  EXPECT_THAT(lot.plan, HasSubstr("the first crossing decides"));
  EXPECT_THAT(lot.notes, Contains(HasSubstr("nodes looked at on average")));
  for (const auto& point : lot.characteristic) EXPECT_TRUE(point.expected);
  EXPECT_THAT(plan_lot(lots::contract(510, lots::sequential(0.01, 0.05, 0.05, 0.05, 10))).refused,
              HasSubstr("truncation of 10"));
}

TEST(PlannedLotEdge, OfNoNodesOrOneWithoutAName) {
  Contract contract = lots::contract(0, lots::hypergeometric(0, 1, 0.02, 0.05));
  EXPECT_THAT(plan_lot(contract).refused, HasSubstr("lists no node"));
  EXPECT_EQ(plan_lot(lots::contract(0)).items.size(), 0u);
  contract = lots::contract(3, lots::hypergeometric(0, 1, 0.5, 0.05));
  contract.delivery.units[2].node = "";
  EXPECT_THAT(plan_lot(contract).refused, HasSubstr("S00002"));
}

}  // namespace
}  // namespace geomsu
