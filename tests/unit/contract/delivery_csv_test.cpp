#include "harness/contract/delivery_csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/contract/csv_text.hpp"
#include "tests/unit/contract/delivery_text.hpp"

namespace geomsu::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Read {
  std::vector<ListedUnit> units;
  std::vector<std::string> errors, warnings;
};

Read read(std::string_view bytes) {
  Diagnostics diagnostics("1.csv");
  Read result;
  result.units = read_delivery_csv(bytes, diagnostics);
  result.errors = test::errors(diagnostics.sorted());
  result.warnings = test::warnings(diagnostics.sorted());
  return result;
}

std::string only_error(std::string_view bytes) {
  const Read result = read(bytes);
  return result.errors.size() == 1 ? result.errors[0] : "not one error: " + ::testing::PrintToString(result.errors);
}

TEST(DeliveryCsv, ReadsEveryColumnInAnyOrder) {
  const Read list = read("use,rack,serial,tranche,uuid,sku,node\nstate,R1,S1,1차,GPU-1,h100-sxm,gpu001\nown,,S2,,,,\n");
  ASSERT_THAT(list.errors, IsEmpty());
  ASSERT_THAT(list.units, SizeIs(2));
  EXPECT_EQ(list.units[0].unit, (DeliveredUnit{"S1", "gpu001", "R1", "GPU-1", "h100-sxm", "1차", true}));
  EXPECT_EQ(list.units[1].unit, (DeliveredUnit{"S2", "", "", "", "", "", false}));
  EXPECT_TRUE(list.units[1].use_told);
  EXPECT_EQ(list.units[1].at.line, 3);
  EXPECT_EQ(list.units[1].at.column, 6);
}

TEST(DeliveryCsv, ReadsAByteOrderMarkEitherLineEndAndALastLineWithoutOne) {
  for (const std::string bytes : {"serial,node\nS1,n1\nS2,n2\n", "serial,node\r\nS1,n1\r\nS2,n2\r\n",
                                  "\xEF\xBB\xBFserial,node\r\nS1,n1\nS2,n2", "serial,node\n\nS1,n1\n\r\nS2,n2\n\n\n"}) {
    const Read list = read(bytes);
    EXPECT_THAT(list.errors, IsEmpty()) << bytes;
    ASSERT_THAT(list.units, SizeIs(2)) << bytes;
    EXPECT_EQ(list.units[0].unit, (DeliveredUnit{"S1", "n1"}));
    EXPECT_EQ(list.units[1].unit, (DeliveredUnit{"S2", "n2"}));
  }
}

TEST(DeliveryCsv, ReadsQuotedCellsAsRfc4180Says) {
  const Read list = read("\"serial\",rack\n\"S1\",\"가, \"\"나\"\" 동\"\nS2,\"\"\n");
  ASSERT_THAT(list.errors, IsEmpty());
  EXPECT_EQ(list.units.at(0).unit.rack, "가, \"나\" 동");
  EXPECT_EQ(list.units.at(1).unit.rack, "");
}

TEST(DeliveryCsv, AUnitWithoutASerialIsKnownByItsUuid) {
  const Read list = read("uuid,node\nGPU-1,n1\n");
  EXPECT_EQ(list.units.at(0).unit, (DeliveredUnit{"GPU-1", "n1", "", "GPU-1"}));
}

TEST(DeliveryCsv, RefusesWhatIsNoListInWords) {
  EXPECT_THAT(only_error(""), HasSubstr("1.csv:1:1: error: the list is empty: an empty scope is never accepted"));
  EXPECT_THAT(only_error("\n\r\n"), HasSubstr("the list is empty"));
  EXPECT_THAT(only_error("serial,node\n"), HasSubstr("1.csv:1:1: error: the list has a first line and no units"));
  EXPECT_THAT(only_error("S1,n1\nS2,n2\n"), HasSubstr("1.csv:1:1: error: the first line names no known column"));
  EXPECT_THAT(only_error("node,rack\nn1,R1\n"), HasSubstr("neither a column 'serial' nor 'uuid'"));
  EXPECT_THAT(only_error("serial,nodes\nS1,n1\n"),
              HasSubstr("1.csv:1:8: error: unknown column 'nodes'; did you mean 'node'?"));
  EXPECT_THAT(only_error("serial,node,serial\nS1,n1,S1\n"), HasSubstr("1.csv:1:13: error: the column 'serial' stands"));
  EXPECT_THAT(only_error("serial;node\nS1;n1\n"),
              HasSubstr("1.csv:1:1: error: the columns are separated by semicolons"));
  EXPECT_THAT(only_error("serial\tnode\nS1\tn1\n"), HasSubstr("1.csv:1:1: error: the columns are separated by tabs"));
  EXPECT_THAT(only_error("serial,node\nS1\n"),
              HasSubstr("1.csv:2:1: error: the row has 1 cells, and the first line names 2 columns"));
  EXPECT_THAT(only_error("serial,node\nS1,n1,x\n"), HasSubstr("the row has 3 cells"));
  EXPECT_THAT(only_error("serial,node\n,n1\n"), HasSubstr("1.csv:2:1: error: a unit without a serial"));
}

TEST(DeliveryCsv, RefusesBrokenQuotesAtTheirPlaceAndReadsOn) {
  EXPECT_THAT(only_error("serial,node\n\"S1,n1\nS2,n2\n"),
              HasSubstr("1.csv:2:1: error: the quote that opens here is not closed on its line"));
  EXPECT_THAT(only_error("serial,rack\nS1,\"두\nS2,n2\n"), HasSubstr("1.csv:2:4: error: the quote that opens here"));
  EXPECT_THAT(only_error("serial\nS\"1\n"), HasSubstr("1.csv:2:2: error: a quote inside a cell"));
  EXPECT_THAT(only_error("serial,node\n\"가\"x,n1\n"),
              HasSubstr("1.csv:2:4: error: characters after the closing quote"));
  EXPECT_THAT(read("serial,node\n\"S1,n1\nS2,n2\n").units, SizeIs(1));
  EXPECT_THAT(only_error("\"serial,node\nS1,n1\n"), HasSubstr("1.csv:1:1: error: the quote that opens here"));
}

TEST(DeliveryCsv, RefusesOtherEncodingsAndSaysHowToSaveTheFile) {
  const std::string cp949 = "serial,rack\nS1,\xB0\xA1\xB5\xBF\n";  // "가동"
  EXPECT_THAT(only_error(cp949), AllOf(HasSubstr("1.csv:2:4: error: the file looks like EUC-KR (CP949)"),
                                       HasSubstr("CSV UTF-8"), HasSubstr("iconv -f CP949 -t UTF-8")));
  // Letters of CP949 that EUC-KR lacks have trail bytes that are ASCII letters: 0x8C 0x63 is "똠".
  EXPECT_THAT(only_error("serial,rack\nS1,\x8C\x63\n"), HasSubstr("looks like EUC-KR"));
  EXPECT_THAT(only_error("serial,rack\nS1,\xB0\n"), HasSubstr("1.csv:2:4: error: the file is no UTF-8"));
  EXPECT_THAT(only_error("serial,rack\nS1,\xFF\xFE\n"), HasSubstr("the file is no UTF-8"));
  EXPECT_THAT(only_error(std::string_view("\xFF\xFEs\0e\0", 6)), HasSubstr("the file is UTF-16"));
}

TEST(DeliveryCsv, TellsCp949FromOtherBytes) {
  EXPECT_FALSE(looks_like_cp949(""));
  EXPECT_FALSE(looks_like_cp949("plain"));
  EXPECT_TRUE(looks_like_cp949("\xB0\xA1"));
  EXPECT_FALSE(looks_like_cp949("\xB0"));
  EXPECT_FALSE(looks_like_cp949("\xB0 "));
  EXPECT_FALSE(looks_like_cp949("\x80\xA1"));
  EXPECT_FALSE(looks_like_cp949(std::string_view("a\0\xB0\xA1", 4)));
}

TEST(DeliveryCsv, RefusesWhatASpreadsheetMadeOfASerial) {
  for (const char* serial : {"1.65012E+12", "1E+05", "1.65012e+12", "12.E-3"}) {
    EXPECT_THAT(only_error(std::string("serial\n") + serial + "\n"),
                AllOf(HasSubstr("1.csv:2:1: error: '"), HasSubstr("taken the serial for a number")));
  }
  for (const char* serial : {"=1650123", "\"=\"\"1650123\"\"\"", "+S1", "-S1", "@S1"}) {
    EXPECT_THAT(only_error(std::string("serial\n") + serial + "\n"), HasSubstr("takes it for a formula"));
  }
  EXPECT_THAT(only_error("serial\n\"1,650,123\"\n"), HasSubstr("put commas between the digits"));
  EXPECT_THAT(only_error("serial\n####\n"), HasSubstr("too narrow"));
  EXPECT_THAT(only_error("serial,node\nS1,=A1\n"), HasSubstr("1.csv:2:4: error: '=A1' cannot be a node"));
  for (const char* serial : {"1650123000001", "E+12", "1E5", "1.65E", "1234,567", "1E+", "1.2.3E+4"}) {
    EXPECT_THAT(read(std::string("serial\n\"") + serial + "\"\n").errors, IsEmpty()) << serial;
  }
}

TEST(DeliveryCsv, WarnsOfLongNumbersThatEndInZerosWhereASpreadsheetRounds) {
  EXPECT_THAT(read("serial\n1650123000001230\n").warnings,
              ElementsAre(HasSubstr("only zeros after its first 15 digits")));
  EXPECT_THAT(read("serial\n1650123000001231\n").warnings, IsEmpty());
  EXPECT_THAT(read("serial\n165012300000000\n").warnings, IsEmpty()) << "15 digits are all kept";
}

TEST(DeliveryCsv, RefusesCharactersThatShowWhatIsNotThere) {
  EXPECT_THAT(only_error("serial\nS\xE2\x80\x8B"
                         "1\n"),
              HasSubstr("1.csv:2:2: error: invisible character U+200B"));
  EXPECT_THAT(only_error("serial,node\nS1,\"n\t1\"\n"), HasSubstr("1.csv:2:6: error: a tab in a cell"));
  EXPECT_THAT(only_error("serial\rS1\rS2\r"), HasSubstr("control character U+000D: line ends are LF or CRLF"));
  EXPECT_THAT(only_error("serial,node\nS 1,n1\n"), HasSubstr("'S 1' cannot be a serial"));
  EXPECT_THAT(only_error("serial,node\nS1, n1\n"), HasSubstr("1.csv:2:4: error: ' n1' cannot be a node"));
  EXPECT_THAT(only_error("serial,use\nS1,stat\n"), HasSubstr("1.csv:2:4: error: 'use' cannot be 'stat'; did you mean"));
}

TEST(DeliveryCsv, HasLimitsThatASheetOfAnyDeliveryIsUnder) {
  EXPECT_THAT(only_error("serial\n" + std::string(kCsvMaxBytes, 'S')), HasSubstr("the limit is 16777216"));
  EXPECT_THAT(only_error("serial,rack\nS1," + std::string(kCsvMaxCell + 1, 'r') + "\n"),
              HasSubstr("1.csv:2:4: error: the cell has 1025 bytes"));
  EXPECT_THAT(only_error("serial,rack\nS1," + std::string(257, 'r') + "\n"), HasSubstr("cannot be a rack"));
  EXPECT_THAT(only_error("serial\n" + std::string(129, 'S') + "\n"), HasSubstr("at most 128 characters"));
}

TEST(DeliveryCsv, SaysTheFirstOfManyErrorsAndCountsTheRest) {
  std::string bytes = "serial\n";
  for (int i = 0; i < 1000; ++i) bytes += "1.65012E+12\n";
  const Read list = read(bytes);
  ASSERT_THAT(list.errors, SizeIs(51));
  EXPECT_THAT(list.errors.back(), HasSubstr("1.csv:52:1: error: and 950 more of this file"));
}

TEST(DeliveryCsv, ReadsThirteenRacksOfFourThousandWithoutTheLimitsOfYaml) {
  std::string bytes = "serial,uuid,node,rack,sku,use,tranche\n";
  for (int i = 0; i < 52'000; ++i) {
    const std::string n = std::to_string(1'000'000 + i);
    bytes += "16501230" + n + ",GPU-" + n + ",gpu" + std::to_string(i / 8) + ",R" + std::to_string(i / 64) +
             ",h100-sxm,state,1차\n";
  }
  const auto loaded = parse_list(bytes);
  EXPECT_THAT(errors(loaded.diagnostics), IsEmpty());
  ASSERT_TRUE(loaded.value.has_value());
  EXPECT_THAT(loaded.value->delivery.units, SizeIs(52'000));
  EXPECT_EQ(loaded.value->delivery.units.back().node, "gpu6499");
}

}  // namespace
}  // namespace geomsu::test
