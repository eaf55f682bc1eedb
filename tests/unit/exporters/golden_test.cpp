// Bytes of each exporter against files. After a wanted change, write them anew and read the difference:
//   GEOMSU_UPDATE_GOLDEN=1 build/<preset>/tests/geomsu_test_unit_exporters --gtest_filter='Golden.*'
#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "reports/exporters/exporters.hpp"
#include "tests/unit/exporters/sample_report.hpp"

namespace geomsu {
namespace {

void expect_golden(const std::string& name, const std::string& bytes) {
  const std::filesystem::path path = std::filesystem::path(GEOMSU_SOURCE_DIR) / "tests/unit/exporters/golden" / name;
  if (std::getenv("GEOMSU_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << bytes;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path << " is missing";
  std::ostringstream wanted;
  wanted << file.rdbuf();
  EXPECT_EQ(bytes, wanted.str()) << "differs from " << path;
}

TEST(Golden, ThePageIsByteForByteTheSame) { expect_golden("report.html", report_html(test::sample_report())); }
TEST(Golden, TheJsonIsByteForByteTheSame) { expect_golden("report.json", report_json(test::sample_report())); }
TEST(Golden, TheJunitFileIsByteForByteTheSame) { expect_golden("junit.xml", report_junit(test::sample_report())); }
TEST(Golden, TheEnglishTableIsByteForByteTheSame) {
  expect_golden("table.en.txt", report_text(test::sample_report(), 100, false, Language::kEnglish));
}
TEST(Golden, TheKoreanTableIsByteForByteTheSame) {
  expect_golden("table.ko.txt", report_text(test::sample_report(), 100, false, Language::kKorean));
}

TEST(Golden, ThePageOfALotIsByteForByteTheSame) { expect_golden("lot.html", report_html(test::lot_report())); }
TEST(Golden, TheJsonOfALotIsByteForByteTheSame) { expect_golden("lot.json", report_json(test::lot_report())); }
TEST(Golden, TheJunitFileOfALotIsByteForByteTheSame) {
  expect_golden("lot.junit.xml", report_junit(test::lot_report()));
}
TEST(Golden, TheEnglishTableOfALotIsByteForByteTheSame) {
  expect_golden("lot.en.txt", report_text(test::lot_report(), 100, false, Language::kEnglish));
}
TEST(Golden, TheKoreanTableOfALotIsByteForByteTheSame) {
  expect_golden("lot.ko.txt", report_text(test::lot_report(), 100, false, Language::kKorean));
}

TEST(Golden, NoExporterReadsTheLocale) {
  const std::string html = report_html(test::sample_report()), json = report_json(test::sample_report());
  const char* const found = std::setlocale(LC_ALL, "de_DE.UTF-8");
  if (found == nullptr) std::setlocale(LC_ALL, "C.UTF-8");
  EXPECT_EQ(report_html(test::sample_report()), html);
  EXPECT_EQ(report_json(test::sample_report()), json);
  std::setlocale(LC_ALL, "C");
}

}  // namespace
}  // namespace geomsu
