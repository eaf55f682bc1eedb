#include "harness/measure/plan.hpp"

#include <gtest/gtest.h>

namespace geomsu {
namespace {

DeviceInfo device(const std::string& serial, std::uint32_t index) {
  DeviceInfo info;
  info.index = index;
  info.backend = "fake";
  info.serial = serial;
  info.uuid = "uuid-" + serial;
  return info;
}

Clause clause(const std::string& id, const std::string& m, Concurrency concurrency = Concurrency::kNode) {
  Clause result;
  result.id = id;
  result.operation = "gemm";
  result.quantity = "throughput";
  result.workload = {"gemm", {{"m", m}}, concurrency};
  return result;
}

struct Input {
  Contract contract;
  Suite suite;
  PlanInput input;
  Input() {
    suite.blocks = 7;
    suite.soak_ns = 5;
    input.contract = &contract;
    input.suite = &suite;
    input.node = "n1";
  }
};

TEST(MakePlan, ContractedSerialsThatAreMissingStayAndAreNotMeasured) {
  Input in;
  in.contract.delivery.units = {{"S2", ""}, {"S1", ""}, {"S9", ""}};
  in.contract.clauses = {clause("a", "64")};
  in.input.devices = {device("S1", 0), device("S2", 1), device("S3", 2)};
  const Plan plan = make_plan(in.input);
  ASSERT_EQ(plan.units.size(), 4U);
  EXPECT_EQ(plan.units[0].unit.device, "S1");
  EXPECT_TRUE(plan.units[0].found && plan.units[0].contracted);
  EXPECT_EQ(plan.units[1].index, 1U);
  EXPECT_EQ(plan.units[2].unit.device, "S9");
  EXPECT_FALSE(plan.units[2].found);
  EXPECT_EQ(plan.units[3].unit.device, "S3");
  EXPECT_FALSE(plan.units[3].contracted);
  ASSERT_EQ(plan.trials.size(), 1U);
  EXPECT_EQ(plan.trials[0].units, (std::vector<Unit>{{"n1", "S1"}, {"n1", "S2"}}));
}

Clause group_clause(const std::string& id, const std::string& ranks, Scope scope = Scope::kNode) {
  Clause result = clause(id, "1");
  result.operation = "collective";
  result.quantity = "busbw";
  result.scope = scope;
  result.workload = {"collective", {{"kind", "all_reduce"}, {"bytes", "64"}, {"ranks", ranks}}, Concurrency::kNode};
  return result;
}

TEST(MakePlan, AGroupIsTheFirstContractedDevicesOfOneBackend) {
  Input in;
  in.contract.delivery.units = {{"S3", ""}, {"S2", ""}, {"S1", ""}};
  in.contract.clauses = {group_clause("two", "2"), group_clause("three", "3"), group_clause("four", "4")};
  in.input.devices = {device("S0", 0), device("S1", 1), device("S2", 2), device("S3", 3)};
  const Plan plan = make_plan(in.input);
  ASSERT_EQ(plan.trials.size(), 2U) << "there are no four contracted devices";
  EXPECT_EQ(plan.trials[0].units, (std::vector<Unit>{{"n1", ""}}));
  EXPECT_EQ(plan.trials[0].members, (std::vector<Unit>{{"n1", "S1"}, {"n1", "S2"}}));
  EXPECT_EQ(plan.trials[1].members.size(), 3U);
  in.input.devices[2].backend = "other";
  EXPECT_EQ(make_plan(in.input).trials.size(), 1U) << "devices of two backends are no group of three";
}

TEST(MakePlan, RanksOfALauncherAreMembersAndNeverUnits) {
  Input in;
  in.contract.delivery.discover = true;
  in.contract.clauses = {clause("a", "64"), group_clause("all", "2", Scope::kCluster)};
  in.input.devices = {device("S1", 0), device("R0", 0), device("R1", 1)};
  in.input.devices[1].backend = in.input.devices[2].backend = "mpi";
  in.input.devices[2].attributes["node"] = "n2";
  in.input.launched = {"mpi"};
  const Plan plan = make_plan(in.input);
  ASSERT_EQ(plan.trials.size(), 2U);
  EXPECT_EQ(plan.trials[0].units, (std::vector<Unit>{{"n1", "S1"}})) << "gemm is measured on devices only";
  EXPECT_EQ(plan.trials[1].units, (std::vector<Unit>{kClusterUnit}));
  EXPECT_EQ(plan.trials[1].members, (std::vector<Unit>{{"n1", "R0"}, {"n2", "R1"}}));
  EXPECT_TRUE(plan.units.back().launched && !plan.units.back().contracted);
}

TEST(MakePlan, OnePartUnderTwoSerialsIsOnePart) {
  Input in;
  in.contract.delivery.units = {{"S1", ""}, {"S2", ""}};
  in.contract.clauses = {clause("a", "64")};
  in.input.devices = {device("S1", 0), device("S2", 1)};
  in.input.devices[1].uuid = in.input.devices[0].uuid;
  const Plan plan = make_plan(in.input);
  ASSERT_EQ(plan.units.size(), 2U);
  EXPECT_TRUE(plan.units[0].found);
  EXPECT_FALSE(plan.units[1].found) << "S2 is S1 again";
  EXPECT_EQ(plan.trials.at(0).units.size(), 1U);
  in.input.devices[1].partition = "MIG 2";
  EXPECT_TRUE(make_plan(in.input).units[1].found) << "another partition of the part is another unit";
}

TEST(MakePlan, TakesTheDensePeakOfTheSheetWhereItIsSure) {
  Input in;
  in.contract.delivery.discover = true;
  in.contract.clauses = {clause("a", "64"), clause("b", "128")};
  in.contract.clauses[0].workload.params = {{"accumulate", "fp32"}, {"dtype", "fp32"}};
  in.contract.clauses[1].workload.params = {{"accumulate", "int32"}, {"dtype", "int8"}};
  in.input.devices = {device("S1", 0)};
  EXPECT_EQ(make_plan(in.input).trials.at(0).peak, std::nullopt) << "no sheet";
  DeviceSheet sheet;
  sheet.peaks = {{"fp32", 67e12}, {"int8", 1979e12}};
  sheet.check = {"int8"};
  in.input.sheet = &sheet;
  const Plan plan = make_plan(in.input);
  EXPECT_EQ(plan.trials.at(0).peak, 67e12);
  EXPECT_EQ(plan.trials.at(1).peak, std::nullopt) << "its sources differ";
}

TEST(MakePlan, OneWorkloadIsMeasuredOnceForAllClausesThatAskForIt) {
  Input in;
  in.contract.delivery.discover = true;
  in.contract.clauses = {clause("a", "64"), clause("b", "128"), clause("c", "64")};
  in.input.devices = {device("S1", 0)};
  const Plan plan = make_plan(in.input);
  ASSERT_EQ(plan.trials.size(), 2U);
  EXPECT_EQ(plan.trials[0].clauses, (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(plan.trials[0].id, "t001");
  EXPECT_EQ(plan.trials[1].id, "t002");
  EXPECT_EQ(plan.trials[0].blocks, 7U);
  EXPECT_EQ(plan.soak_ns, 5);
}

TEST(MakePlan, AWorkloadThatIsAlsoSustainedIsAnotherTrialWithItsOwnBlocks) {
  Input in;
  in.contract.delivery.discover = true;
  in.contract.clauses = {clause("a", "64"), clause("b", "64"), clause("c", "64"), clause("d", "64")};
  in.contract.clauses[1].sustained = Sustained{3, 300};
  in.contract.clauses[2].statistic = "p05";
  in.contract.clauses[3].sustained = Sustained{3, 300};
  in.suite.tail_blocks = 59;
  in.suite.thin = {{"gemm", 2}};
  in.suite.adaptive_min_blocks = 5;
  in.suite.budget_ns = 77;
  in.input.devices = {device("S1", 0)};
  const Plan plan = make_plan(in.input);
  ASSERT_EQ(plan.trials.size(), 2U);
  EXPECT_EQ(plan.trials[0].clauses, (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(plan.trials[0].blocks, 59U) << "as many as the p05 wants, and the median is judged from all of them";
  EXPECT_FALSE(plan.trials[0].sustained);
  EXPECT_EQ(plan.trials[0].thin, 1U);
  EXPECT_EQ(plan.trials[1].clauses, (std::vector<std::string>{"b", "d"}));
  EXPECT_EQ(plan.trials[1].sustained, (Sustained{3, 300}));
  EXPECT_EQ(plan.trials[1].blocks, 14U) << "7 judged, each second";
  EXPECT_EQ(plan.trials[1].judged(), 7U);
  EXPECT_EQ(plan.adaptive_min_blocks, 5U);
  EXPECT_EQ(plan.budget_ns, 77);
}

TEST(MakePlan, AloneGivesEachUnitItsOwnTrial) {
  Input in;
  in.contract.delivery.discover = true;
  in.contract.clauses = {clause("a", "64", Concurrency::kAlone)};
  in.input.devices = {device("S1", 0), device("S2", 1)};
  const Plan plan = make_plan(in.input);
  ASSERT_EQ(plan.trials.size(), 2U);
  EXPECT_EQ(plan.trials[0].units, (std::vector<Unit>{{"n1", "S1"}}));
  EXPECT_EQ(plan.trials[1].units, (std::vector<Unit>{{"n1", "S2"}}));
}

TEST(MakePlan, UnitsOfOtherNodesAreNotOfThisPlan) {
  Input in;
  in.contract.delivery.units = {{"S1", "n2"}, {"S2", "n1"}, {"S3", "n1"}, {"S4"}};
  in.contract.clauses = {clause("a", "64")};
  in.input.devices = {device("S1", 0), device("S2", 1)};
  const Plan plan = make_plan(in.input);
  std::vector<std::string> names;
  for (const PlannedUnit& unit : plan.units) names.push_back(unit.unit.name() + (unit.found ? " found" : " missing"));
  EXPECT_EQ(names, (std::vector<std::string>{"n1/S4 missing", "n1/S2 found", "n1/S3 missing", "n1/S1 found"}));
  EXPECT_FALSE(plan.units[3].contracted) << "the list has it in another node";
  EXPECT_EQ(plan.trials.at(0).units, (std::vector<Unit>{{"n1", "S2"}}));
}

TEST(MakePlan, TheSuitesExtensionIsOfEveryTrialThatIsNotSustained) {
  Input in;
  in.suite.extension_blocks = 30;
  in.contract.delivery.discover = true;
  in.contract.clauses = {clause("a", "64"), clause("b", "64")};
  in.contract.clauses[1].sustained = Sustained{3, 300};
  in.input.devices = {device("S1", 0)};
  const Plan plan = make_plan(in.input);
  ASSERT_EQ(plan.trials.size(), 2U);
  EXPECT_EQ(plan.trials[0].extension, 30U);
  EXPECT_EQ(plan.trials[1].extension, 0U);
}

TEST(MakePlan, RackAndHallArePlannedAsThisNodesPart) {
  Input in;
  in.contract.delivery.discover = true;
  in.contract.clauses = {clause("a", "64", Concurrency::kRack), clause("b", "64", Concurrency::kHall),
                         clause("c", "64")};
  in.input.devices = {device("S1", 0), device("S2", 1)};
  const Plan plan = make_plan(in.input);
  ASSERT_EQ(plan.trials.size(), 3U) << "what else was busy is part of the workload";
  for (const PlannedTrial& trial : plan.trials) EXPECT_EQ(trial.units.size(), 2U);
  EXPECT_EQ(plan.trials[1].workload.concurrency, Concurrency::kHall);
}

struct TwoSkus : Input {
  TwoSkus() {
    contract.sku = "a";
    contract.skus = {"a", "b"};
    contract.delivery.units = {{"S1", "n1", "", "", "a"}, {"S2", "n1", "", "", "b"}, {"S3", "n1", "", "", "b"}};
    input.devices = {device("S1", 0), device("S2", 1), device("S3", 2)};
  }
};

TEST(MakePlan, AClauseOfOneSkuIsMeasuredOnUnitsOfItOnly) {
  TwoSkus in;
  in.contract.clauses = {clause("a", "64"), clause("b", "128"), clause("both", "256")};
  in.contract.clauses[0].sku = "a";
  in.contract.clauses[1].sku = "b";
  const Plan plan = make_plan(in.input);
  ASSERT_EQ(plan.trials.size(), 3U);
  EXPECT_EQ(plan.trials[0].units, (std::vector<Unit>{{"n1", "S1"}}));
  EXPECT_EQ(plan.trials[1].units, (std::vector<Unit>{{"n1", "S2"}, {"n1", "S3"}}));
  EXPECT_EQ(plan.trials[2].units.size(), 3U);
}

TEST(MakePlan, EqualWorkloadsOfTwoSkusAreOneTrialOfTheNodeAndTheirOwnWhereAlone) {
  TwoSkus in;
  in.contract.clauses = {clause("a", "64"), clause("b", "64")};
  in.contract.clauses[0].sku = "a";
  in.contract.clauses[1].sku = "b";
  Plan plan = make_plan(in.input);
  ASSERT_EQ(plan.trials.size(), 1U) << "else the node would not be busy as a whole";
  EXPECT_EQ(plan.trials[0].units.size(), 3U);
  EXPECT_EQ(plan.trials[0].clauses, (std::vector<std::string>{"a", "b"}));
  for (Clause& each : in.contract.clauses) each.workload.concurrency = Concurrency::kAlone;
  plan = make_plan(in.input);
  ASSERT_EQ(plan.trials.size(), 3U);
  EXPECT_EQ(plan.trials[0].clauses, (std::vector<std::string>{"a"}));
  EXPECT_EQ(plan.trials[1].clauses, (std::vector<std::string>{"b"}));
}

TEST(MakePlan, AGroupIsOfOneSku) {
  TwoSkus in;
  in.contract.clauses = {group_clause("a", "2"), group_clause("b", "2"), group_clause("any", "2")};
  in.contract.clauses[0].sku = "a";
  in.contract.clauses[1].sku = "b";
  const Plan plan = make_plan(in.input);
  ASSERT_EQ(plan.trials.size(), 2U) << "there is one unit of a";
  EXPECT_EQ(plan.trials[0].clauses, (std::vector<std::string>{"b"}));
  EXPECT_EQ(plan.trials[0].members, (std::vector<Unit>{{"n1", "S2"}, {"n1", "S3"}}));
  EXPECT_EQ(plan.trials[1].members, (std::vector<Unit>{{"n1", "S1"}, {"n1", "S2"}}));
}

TEST(MakePlan, ThePeakIsThatOfTheUnitsOwnSheetsAndOfSeveralTheHighest) {
  TwoSkus in;
  in.contract.clauses = {clause("a", "64"), clause("b", "128"), clause("both", "256")};
  for (Clause& each : in.contract.clauses) {
    each.workload.params["accumulate"] = "fp32";
    each.workload.params["dtype"] = "fp32";
  }
  in.contract.clauses[0].sku = "a";
  in.contract.clauses[1].sku = "b";
  SheetLibrary library;
  library.sheets.resize(2);
  library.sheets[0].sku = "a";
  library.sheets[0].peaks = {{"fp32", 3e12}};
  library.sheets[1].sku = "b";
  library.sheets[1].peaks = {{"fp32", 2e12}};
  in.input.sheet = library.sheets.data();
  in.input.sheets = &library;
  Plan plan = make_plan(in.input);
  EXPECT_EQ(plan.trials.at(0).peak, 3e12);
  EXPECT_EQ(plan.trials.at(1).peak, 2e12);
  EXPECT_EQ(plan.trials.at(2).peak, 3e12);
  library.sheets[1].peaks.clear();
  plan = make_plan(in.input);
  EXPECT_EQ(plan.trials.at(0).peak, 3e12);
  EXPECT_EQ(plan.trials.at(2).peak, std::nullopt) << "of one of its units nobody knows it";
}

TEST(MakePlan, TwoDevicesThatShowOneSerialAreTwoUnits) {
  Input in;
  in.contract.delivery.discover = true;
  in.contract.clauses = {clause("a", "64")};
  in.input.devices = {device("S1", 0), device("S1", 1)};
  in.input.devices[1].uuid = "uuid-other";
  const Plan plan = make_plan(in.input);
  ASSERT_EQ(plan.units.size(), 2U);
  EXPECT_EQ(plan.units[0].unit.device, "S1");
  EXPECT_EQ(plan.units[1].unit.device, "S1#2");
  EXPECT_EQ(plan.units[1].index, 1U);
}

TEST(MakePlan, OneSerialCannotBeFoundTwice) {
  Input in;
  in.contract.delivery.units = {{"S1", ""}, {"S1", ""}};
  in.contract.clauses = {clause("a", "64")};
  in.input.devices = {device("S1", 0)};
  const Plan plan = make_plan(in.input);
  ASSERT_EQ(plan.units.size(), 2U);
  EXPECT_TRUE(plan.units[0].found);
  EXPECT_FALSE(plan.units[1].found);
}

}  // namespace
}  // namespace geomsu
