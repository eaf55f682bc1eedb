#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/contract/delivery_text.hpp"

namespace geomsu::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string only_error(const Loaded<Contract>& loaded) {
  const auto found = errors(loaded.diagnostics);
  return found.size() == 1 ? found[0] : "not one error: " + ::testing::PrintToString(found);
}

std::vector<std::string> serials(const std::vector<DeliveredUnit>& units) {
  std::vector<std::string> list;
  for (const DeliveredUnit& unit : units) list.push_back(unit.serial);
  return list;
}

const std::string kFirst = "serial,node,use\nA1,n1,state\nA2,n1,own\n";

std::string two_tranches(const std::string& second, const std::string& inspected = "1차",
                         const std::string& sha256 = sha256_hex(kFirst)) {
  return "delivery:\n  inspected: " + inspected +
         "\n  tranches:\n    - {name: 1차, due: 2026-03-31, list: lists/1.csv, sha256: " + sha256 + "}\n    - " +
         second;
}

TEST(Delivery, OfTranchesHasTheInspectedUnitsAndThoseElsewhere) {
  const auto loaded = parse_delivery(two_tranches("{name: 2차, due: 2026-06-30, units: [{serial: B1, rack: R7}, B2]}"),
                                     {{"lists/1.csv", kFirst}});
  ASSERT_THAT(errors(loaded.diagnostics), IsEmpty());
  const Delivery& delivery = loaded.value->delivery;
  EXPECT_EQ(delivery.tranche, "1차");
  ASSERT_THAT(delivery.units, SizeIs(2));
  EXPECT_EQ(delivery.units[0], (DeliveredUnit{"A1", "n1", "", "", "h100-sxm", "1차", true}));
  EXPECT_EQ(delivery.elsewhere[0], (DeliveredUnit{"B1", "", "R7", "", "h100-sxm", "2차", false}));
  EXPECT_THAT(serials(delivery.elsewhere), ElementsAre("B1", "B2"));
  ASSERT_THAT(delivery.tranches, SizeIs(2));
  EXPECT_EQ(delivery.tranches[1].name, "2차");
  EXPECT_EQ(delivery.tranches[1].due, "2026-06-30");
  ASSERT_THAT(delivery.files, SizeIs(1));
  EXPECT_EQ(delivery.files[0].path, "lists/1.csv");
  EXPECT_EQ(delivery.files[0].sha256, sha256_hex(kFirst));
  EXPECT_TRUE(delivery.states_use);
}

TEST(Delivery, InspectsTheTrancheThatTheContractNames) {
  const auto loaded = parse_delivery(two_tranches("{name: 2차, units: [B1]}", "2차"), {{"lists/1.csv", kFirst}});
  ASSERT_TRUE(loaded.value);
  EXPECT_THAT(serials(loaded.value->delivery.units), ElementsAre("B1"));
  EXPECT_THAT(serials(loaded.value->delivery.elsewhere), ElementsAre("A1", "A2"));
  EXPECT_FALSE(loaded.value->delivery.states_use) << "nobody of the inspected tranche says who uses it";
}

TEST(Delivery, OfOneListIsWhatItWasAndMayNameItsTrancheAndDay) {
  const auto plain = parse_delivery("delivery: {units: [S1, {uuid: GPU-2, node: n1}]}");
  ASSERT_TRUE(plain.value);
  EXPECT_THAT(plain.value->delivery.tranches, IsEmpty());
  EXPECT_EQ(plain.value->delivery.units[1], (DeliveredUnit{"GPU-2", "n1", "", "GPU-2", "h100-sxm", "", false}));
  const auto named = parse_delivery("delivery: {tranche: 1차, due: 2026-03-31, units: [S1]}");
  ASSERT_TRUE(named.value);
  EXPECT_EQ(named.value->delivery.tranches.at(0).due, "2026-03-31");
}

TEST(Delivery, OneListServesSeveralTranchesByItsColumn) {
  const std::string list = "serial,tranche\nA1,1차\nB1,2차\nA2,1차\n";
  const std::string head = "delivery:\n  inspected: 1차\n  tranches:\n";
  const std::string first = "    - {name: 1차, list: all.csv, sha256: " + sha256_hex(list) + "}";
  const auto both = parse_delivery(
      head + first + "\n    - {name: 2차, list: all.csv, sha256: " + sha256_hex(list) + "}", {{"all.csv", list}});
  ASSERT_THAT(errors(both.diagnostics), IsEmpty());
  EXPECT_THAT(serials(both.value->delivery.units), ElementsAre("A1", "A2"));
  EXPECT_THAT(serials(both.value->delivery.elsewhere), ElementsAre("B1"));
  EXPECT_THAT(both.value->delivery.files, SizeIs(1)) << "one file, read once";
  EXPECT_THAT(only_error(parse_delivery(head + first, {{"all.csv", list}})),
              HasSubstr("dir/all.csv:3:1: error: the unit 'B1' is of tranche '2차', and no tranche of that name"));
  EXPECT_THAT(only_error(parse_delivery(head + first + "\n    - {name: 3차, list: all.csv, sha256: " +
                                            sha256_hex("serial,tranche\nA1,1차\n") + "}",
                                        {{"all.csv", list}})),
              HasSubstr("'all.csv' has another sha256 in line 11"));
}

TEST(Delivery, ASerialInTwoTranchesIsRefusedWithBothPlaces) {
  EXPECT_THAT(only_error(parse_delivery(two_tranches("{name: 2차, units: [B1, A2]}"), {{"lists/1.csv", kFirst}})),
              AllOf(HasSubstr("dir/c.yaml:12:30: error: the serial 'A2' stands in two tranches"),
                    HasSubstr("'1차' (dir/lists/1.csv:3) and '2차' (dir/c.yaml:12)")));
  EXPECT_THAT(only_error(parse_delivery(
                  "delivery:\n  inspected: 1차\n  tranches:\n    - {name: 1차, units: [{serial: A1, uuid: U1}]}\n"
                  "    - {name: 2차, units: [{serial: B1, uuid: U1}]}")),
              HasSubstr("the uuid 'U1' stands in two tranches"));
  EXPECT_THAT(only_error(parse_delivery("delivery: {units: [{serial: A1, uuid: U1}, U1]}")),
              HasSubstr("the serial 'U1' stands twice"));
  EXPECT_THAT(
      only_error(parse_list("serial,node\nS1,n1\nS1,n1\n")),
      HasSubstr("dir/1.csv:3:1: error: the serial 'S1' stands twice, in two equal rows: it already stands in line 2"));
}

TEST(Delivery, ATrancheOfZeroUnitsIsRefused) {
  EXPECT_THAT(
      only_error(parse_delivery(
          "delivery:\n  inspected: 1차\n  tranches:\n    - {name: 1차, units: []}\n    - {name: 2차, units: [B1]}")),
      HasSubstr("dir/c.yaml:11:25: error: the delivery list is empty"));
  EXPECT_THAT(only_error(parse_delivery(
                  "delivery:\n  inspected: 1차\n  tranches:\n    - {name: 1차}\n    - {name: 2차, units: [B1]}")),
              HasSubstr("the tranche '1차' has no units"));
  EXPECT_THAT(only_error(parse_delivery("delivery: {tranche: 1차, tranches: []}")),
              HasSubstr("both 'tranches' and one list"));
  EXPECT_THAT(only_error(parse_delivery("delivery: {tranches: []}")),
              HasSubstr("'tranches' must be a list with at least"));
  EXPECT_THAT(only_error(parse_list("serial\n")), HasSubstr("the list has a first line and no units"));
  EXPECT_THAT(only_error(parse_list("serial,tranche\nS1,2차\n")), HasSubstr("has no unit of tranche '1차'"));
}

TEST(Delivery, NamesAreOneTrancheEachAndInspectedIsOneOfThem) {
  EXPECT_THAT(only_error(parse_delivery(two_tranches("{name: 1차, units: [B1]}"), {{"lists/1.csv", kFirst}})),
              HasSubstr("dir/c.yaml:12:14: error: two tranches are called '1차': the first stands in line 11"));
  EXPECT_THAT(only_error(parse_delivery(two_tranches("{name: 2차, units: [B1]}", "3차"), {{"lists/1.csv", kFirst}})),
              AllOf(HasSubstr("dir/c.yaml:9:14: error: 'inspected' names no tranche: '3차'"), HasSubstr("1차 or 2차")));
  EXPECT_THAT(only_error(parse_delivery(
                  "delivery:\n  tranches:\n    - {name: 1차, units: [A1]}\n    - {name: 2차, units: [B1]}")),
              HasSubstr("does not say which tranche is inspected"));
  EXPECT_TRUE(parse_delivery("delivery:\n  tranches:\n    - {name: 1차, units: [A1]}").value);
  EXPECT_THAT(only_error(parse_delivery("delivery: {inspected: 1차, units: [A1]}")),
              HasSubstr("'inspected' without 'tranches'"));
}

TEST(Delivery, ImpossibleDatesAreRefusedAndUnlikelyOnesWarnedOf) {
  EXPECT_THAT(only_error(parse_delivery("delivery: {tranche: 1차, due: 2026-02-30, units: [A1]}")),
              AllOf(HasSubstr("'due' is no date: '2026-02-30'"), HasSubstr("Asia/Seoul")));
  const auto early = parse_delivery("delivery: {tranche: 1차, due: 2026-01-31, units: [A1]}");
  EXPECT_THAT(warnings(early.diagnostics),
              ::testing::Contains(HasSubstr("'1차' is due 2026-01-31, before the contract's date 2026-02-01")));
  const auto same_day = parse_delivery("delivery: {tranche: 1차, due: 2026-02-01, units: [A1]}");
  EXPECT_THAT(warnings(same_day.diagnostics), ::testing::Not(::testing::Contains(HasSubstr("is due"))));
  const auto order =
      parse_delivery(two_tranches("{name: 2차, due: 2026-03-30, units: [B1]}"), {{"lists/1.csv", kFirst}});
  EXPECT_TRUE(order.value);
  EXPECT_THAT(warnings(order.diagnostics),
              ::testing::Contains(HasSubstr("'2차' is due 2026-03-30, before '1차' (2026-03-31)")));
}

TEST(Delivery, AListIsHeldAgainstItsHash) {
  const std::string other(64, '0');
  EXPECT_THAT(
      only_error(parse_delivery(two_tranches("{name: 2차, units: [B1]}", "1차", other), {{"lists/1.csv", kFirst}})),
      AllOf(HasSubstr("has SHA-256 " + sha256_hex(kFirst)), HasSubstr("the contract says " + other)));
  EXPECT_THAT(only_error(parse_delivery("delivery: {list: 1.csv}", {{"1.csv", kFirst}})),
              AllOf(HasSubstr("has no 'sha256' beside it"), HasSubstr("write `sha256: " + sha256_hex(kFirst) + "`")));
  EXPECT_THAT(only_error(parse_delivery("delivery: {list: 1.csv, sha256: abc}", {{"1.csv", kFirst}})),
              HasSubstr("'abc' is no SHA-256"));
  EXPECT_THAT(only_error(parse_delivery("delivery: {sha256: " + other + ", units: [A1]}")),
              HasSubstr("'sha256' without 'list'"));
  EXPECT_THAT(only_error(parse_delivery("delivery: {list: 2.csv, sha256: " + other + "}")),
              HasSubstr("the list '2.csv' was not found"));
  EXPECT_THAT(only_error(parse_delivery("delivery: {list: 1.csv, units: [A1], sha256: " + other + "}")),
              HasSubstr("both 'units' and 'list'"));
}

TEST(Delivery, AListLiesBelowItsContract) {
  for (const char* path : {"/etc/passwd", "../1.csv", "lists/../../1.csv", "./1.csv", "lists/"}) {
    const auto loaded = parse_delivery(
        std::string("delivery: {list: ") + path + ", sha256: " + sha256_hex(kFirst) + "}", {{path, kFirst}});
    EXPECT_THAT(only_error(loaded), HasSubstr("is no path below the contract's folder")) << path;
  }
}

TEST(Delivery, MixedUnitsSayTheirSku) {
  EXPECT_THAT(
      only_error(parse_delivery("delivery: {units: [{serial: A1, sku: b200-sxm}]}")),
      AllOf(HasSubstr("dir/c.yaml:8:29: error: the unit 'A1' is of sku 'b200-sxm', which the contract does not"),
            HasSubstr("write h100-sxm")));
  const std::string two = "skus: [h100-sxm, b200-sxm]";
  EXPECT_THAT(only_error(parse_delivery("delivery: {units: [{serial: A1, sku: b200-sxm}, A2, A3]}", {}, two)),
              HasSubstr("the unit 'A2' has no sku, and 1 more have none: the contract names several"));
  const auto told =
      parse_delivery("delivery: {units: [{serial: A1, sku: b200-sxm}, {serial: A2, sku: h100-sxm}]}", {}, two);
  ASSERT_TRUE(told.value) << ::testing::PrintToString(errors(told.diagnostics));
  EXPECT_EQ(told.value->delivery.units[0].sku, "b200-sxm");
  const std::string list = "serial,sku\nA1,b200-sxm\nA2,\n";
  EXPECT_THAT(
      only_error(parse_delivery("delivery: {list: 1.csv, sha256: " + sha256_hex(list) + "}", {{"1.csv", list}}, two)),
      HasSubstr("dir/1.csv:3:1: error: the unit 'A2' has no sku:"));
}

TEST(Delivery, AllUnitsOfATrancheSayWhoUsesThemOrNone) {
  EXPECT_THAT(only_error(parse_list("serial,use\nA1,state\nA2,\n")),
              HasSubstr("dir/1.csv:3:1: error: the unit 'A2' does not say who uses it"));
  const auto loaded = parse_delivery("delivery: {units: [{serial: A1, use: state}, {serial: A2, use: own}]}");
  ASSERT_TRUE(loaded.value);
  EXPECT_TRUE(loaded.value->delivery.units[0].state_use);
  EXPECT_FALSE(loaded.value->delivery.units[1].state_use);
}

TEST(Delivery, OfSeveralSkusDiscoversNothing) {
  EXPECT_THAT(
      only_error(parse_delivery("delivery: {discover: true}", {}, "demonstration: true\nskus: [h100-sxm, b200-sxm]")),
      HasSubstr("'discover: true' in a contract of several skus"));
  EXPECT_THAT(only_error(parse_delivery("delivery: {discover: true, list: 1.csv}", {}, "demonstration: true")),
              HasSubstr("both 'discover: true' and 'list'"));
}

}  // namespace
}  // namespace geomsu::test
