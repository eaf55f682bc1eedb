#include <clocale>
#include <cmath>
#include <limits>
#include <locale>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "harness/evidence/json_reader.hpp"
#include "harness/evidence/json_writer.hpp"

namespace geomsu {
namespace {

std::string refusal(const std::string& text) {
  try {
    const JsonDocument document(text, "file.json:7");
    JsonObject root = document.root();
    root.count("n");
    root.finish();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadData);
    EXPECT_EQ(error.where(), "file.json:7");
    return error.message();
  }
  return "accepted";
}

TEST(JsonWriter, WritesKeysInTheOrderGivenAndAbsentAsNull) {
  JsonWriter json;
  json.begin_object().integer("b", std::int64_t{-1}).number("a", std::optional<double>()).maybe_text("c", std::nullopt);
  EXPECT_EQ(json.end_object().str(), R"({"b":-1,"a":null,"c":null})");
}

TEST(JsonWriter, IndentsDocumentsButKeepsPlainListsOnTheirLine) {
  JsonWriter json(JsonWriter::Layout::kIndented);
  json.begin_object().integers("n", {1, 2}).key("list").begin_array().begin_object().end_object().end_array();
  EXPECT_EQ(json.end_object().str(), "{\n  \"n\": [1,2],\n  \"list\": [\n    {}\n  ]\n}");
}

TEST(JsonWriter, EscapesWhatWouldBreakALineOrTheText) {
  JsonWriter json;
  json.begin_object().text("k",
                           "a\"b\\c\nd\te\x01\x7f"
                           "검\xff");
  EXPECT_EQ(json.end_object().str(), "{\"k\":\"a\\\"b\\\\c\\nd\\te\\u0001\\u007f검\xEF\xBF\xBD\"}");
}

TEST(JsonWriter, PrintsDoublesShortestAndIntegersInFull) {
  JsonWriter json;
  json.begin_object().number("x", 0.1).number("y", 1.0 / 3).number("z", 1e300);
  json.count("max", std::numeric_limits<std::uint64_t>::max()).integer("min", std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(json.end_object().str(),
            R"({"x":0.1,"y":0.3333333333333333,"z":1e+300,"max":18446744073709551615,"min":-9223372036854775808})");
}

TEST(Json, CarriesInfinityAndNanWhichAreNotAbsent) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  JsonWriter json;
  json.begin_object().number("a", kInf).number("b", -kInf).number("c", std::numeric_limits<double>::quiet_NaN());
  const JsonDocument document(json.end_object().str(), "x");
  JsonObject root = document.root();
  EXPECT_EQ(root.number("a"), kInf);
  EXPECT_EQ(root.maybe_number("b"), -kInf);
  EXPECT_TRUE(std::isnan(root.number("c")));
}

TEST(JsonReader, RefusesWhatIsNotJustThatNumberAndSaysWhichField) {
  EXPECT_EQ(refusal(R"({"n":18446744073709551615})"), "accepted");
  EXPECT_EQ(refusal(R"({})"), "field 'n': is missing");
  for (const char* value : {"-1", "1.0", "\"1\"", "null", "18446744073709551616", "[1]", "true"}) {
    EXPECT_THAT(refusal(std::string("{\"n\":") + value + "}"), testing::StartsWith("field 'n': must be")) << value;
  }
  EXPECT_EQ(refusal(R"({"n":1,"m":2})"), "field 'm': is unknown to this schema version");
  EXPECT_EQ(refusal(R"({"n":1,"n":2})"), "field 'n' is there twice");
  EXPECT_EQ(refusal(R"([1])"), "must be one JSON object");
  for (const char* text : {"", "{", "{\"n\":1}x", "{\"n\":1}{\"n\":1}", "{n:1}", "{\"n\":01}", "\xff", "{\"n\":NaN}",
                           "{\"n\":1 // c\n}"}) {
    EXPECT_THAT(refusal(text), testing::StartsWith("is no JSON")) << text;
  }
}

TEST(JsonReader, RefusesDeepNestingWithoutDescendingIntoIt) {
  std::string deep = "{\"n\":";
  for (int i = 0; i < 100'000; ++i) deep += '[';
  EXPECT_THAT(refusal(deep), testing::HasSubstr("nested deeper"));
}

TEST(JsonReader, NamesTheWholePathOfAField) {
  const JsonDocument document(R"({"a":[{"b":{"c":1}},{"b":{"c":"x"}}]})", "f");
  JsonObject root = document.root();
  std::vector<JsonObject> entries = root.objects("a");
  try {
    entries[1].object("b").integer("c");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "field 'a[1].b.c': must be an integer");
  }
}

struct CommaNumbers : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(Json, IsTheSameUnderALocaleThatWritesADecimalComma) {
  const std::string c_before = std::setlocale(LC_ALL, nullptr);
  const std::locale cpp_before = std::locale::global(std::locale(std::locale::classic(), new CommaNumbers));
  for (const char* name : {"C", "de_DE.UTF-8", "fr_FR.UTF-8", "ko_KR.UTF-8"}) {
    std::setlocale(LC_ALL, name);  // those that this machine has
    JsonWriter json;
    json.begin_object().number("x", 1234567.5).count("n", std::uint64_t{1234567});
    EXPECT_EQ(json.end_object().str(), R"({"x":1234567.5,"n":1234567})");
    const JsonDocument document(R"({"x":0.5})", "f");
    JsonObject root = document.root();
    EXPECT_EQ(root.number("x"), 0.5);
  }
  std::locale::global(cpp_before);
  std::setlocale(LC_ALL, c_before.c_str());
}

}  // namespace
}  // namespace geomsu
