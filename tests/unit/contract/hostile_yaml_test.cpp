// YAML that means harm, or means something else than it shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/contract/source_text.hpp"
#include "harness/contract/yaml_node.hpp"
#include "tests/unit/contract/contract_text.hpp"

namespace geomsu::test {
namespace {

using namespace std::string_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Tree {
  std::optional<YamlNode> root;
  std::vector<std::string> errors;
};

Tree read(std::string_view text) {
  Diagnostics diagnostics("y.yaml");
  Tree tree;
  tree.root = read_yaml(text, diagnostics);
  tree.errors = errors(diagnostics.sorted());
  return tree;
}

TEST(Yaml, KeepsScalarsAsTheTextThatStandsThere) {
  const Tree tree = read("a: 010\nb: no\nc: 1_000\nd: 0x10\ne: .5\nf: 2026-02-01\n");
  ASSERT_TRUE(tree.root);
  EXPECT_THAT(tree.errors, IsEmpty());
  std::string all;
  for (const YamlEntry& entry : tree.root->entries) all += entry.key + "=" + entry.value.text + ";";
  EXPECT_EQ(all, "a=010;b=no;c=1_000;d=0x10;e=.5;f=2026-02-01;");
}

TEST(Yaml, CountsColumnsInCharactersAndNotInBytes) {
  const Tree tree = read("{가나다: 라마, b: {c: c, c: d}}\n");
  EXPECT_THAT(tree.errors, Contains(HasSubstr("y.yaml:1:21: error: the key 'c' stands twice")));
}

TEST(Yaml, PutsAnEmptyValueWhereItsKeyStands) {
  const Tree tree = read("a: 1\nb:\nc: 2\n");
  ASSERT_TRUE(tree.root);
  EXPECT_EQ(tree.root->entries[1].value.kind, YamlNode::Kind::kNull);
  EXPECT_EQ(tree.root->entries[1].value.at.line, 2);
}

TEST(Yaml, RefusesAnchorsAliasesTagsAndMergeKeys) {
  EXPECT_THAT(read("a: &x 1\nb: 2\n").errors, Contains(HasSubstr("y.yaml:1:4: error: an anchor (&)")));
  const Tree alias = read("a: &x 1\nb: *x\n");
  EXPECT_THAT(alias.errors, Contains(HasSubstr("y.yaml:2:4: error: an alias (*)")));
  EXPECT_THAT(alias.errors, SizeIs(2));
  EXPECT_THAT(read("a: !!str 1\n").errors, Contains(HasSubstr("y.yaml:1:4: error: a tag (!)")));
  EXPECT_THAT(read("a: !python/object:os.system x\n").errors, Contains(HasSubstr("a tag (!)")));
  EXPECT_THAT(read("a: ! x\n").errors, Contains(HasSubstr("a tag (!)")));
  EXPECT_THAT(read("a: !!map {b: c}\n").errors, Contains(HasSubstr("a tag (!)")));
  EXPECT_THAT(read("a: &m {b: c}\nd:\n  <<: *m\n").errors, Contains(HasSubstr("y.yaml:3:3: error: a merge key (<<)")));
  EXPECT_THAT(read("a: *nowhere\n").errors, SizeIs(1));
}

TEST(Yaml, RefusesASecondDocument) {
  const Tree tree = read("a: 1\n---\na: 2\n");
  EXPECT_FALSE(tree.root);
  EXPECT_THAT(tree.errors, Contains(HasSubstr("a second document in the file")));
}

TEST(Yaml, RefusesDuplicateKeysAtEveryDepth) {
  const Tree tree = read("a: {b: 1, b: 2}\nc:\n  - d: 1\n    d: 2\na: 3\n");
  EXPECT_THAT(tree.errors, SizeIs(3));
  EXPECT_THAT(tree.errors[0], HasSubstr("y.yaml:1:11: error: the key 'b' stands twice"));
  EXPECT_THAT(tree.errors[1], HasSubstr("y.yaml:4:5: error: the key 'd' stands twice"));
  EXPECT_THAT(tree.errors[2], HasSubstr("y.yaml:5:1: error: the key 'a' stands twice"));
}

TEST(Yaml, RefusesKeysThatAreNoWords) {
  EXPECT_THAT(read("? [a, b]\n: c\n").errors, Contains(HasSubstr("a key that is not a word")));
  EXPECT_THAT(read("{a: b}: c\n").errors, Contains(HasSubstr("a key that is not a word")));
  EXPECT_THAT(read("~: c\n").errors, Contains(HasSubstr("a key that is not a word")));
}

TEST(Yaml, SaysWhereTheSyntaxBreaks) {
  const Tree tabs = read("a:\n\tb: 1\n");
  EXPECT_FALSE(tabs.root);
  ASSERT_THAT(tabs.errors, SizeIs(1));
  EXPECT_THAT(tabs.errors[0], HasSubstr("y.yaml:2:"));
  EXPECT_THAT(tabs.errors[0], HasSubstr("spaces, no tabs"));
  EXPECT_THAT(read("a: [1, 2\n").errors, SizeIs(1));
  EXPECT_THAT(read("a: b: c\n").errors, SizeIs(1));
  EXPECT_THAT(read("a: \"\\ud800\"\n").errors, SizeIs(1));
  EXPECT_THAT(read("%YAML 9.9\n---\na: b\n").errors, SizeIs(1));
}

// yaml-cpp reads on to the end of the file and is content.
TEST(Yaml, RefusesAQuoteThatIsNotClosed) {
  EXPECT_THAT(read("b: c\na: \"open\nd: e\n").errors,
              Contains(HasSubstr("y.yaml:2:4: error: a quote that is not closed")));
  EXPECT_THAT(read("a: 'open''\n").errors, SizeIs(1));
  EXPECT_THAT(read("a: \"open\\\"\n").errors, SizeIs(1));
  EXPECT_THAT(read("a: \"open").errors, SizeIs(1));
  EXPECT_THAT(read("a: 'it''s'\nb: \"a\\\"b\"\nc: it's\n").errors, IsEmpty());
}

TEST(Yaml, SaysThatAnEmptyFileIsEmpty) {
  for (const std::string& text : {""s, "\n\n"s, "# words\n"s, "---\n"s, "~\n"s, "\xEF\xBB\xBF"s}) {
    EXPECT_THAT(read(text).errors, Contains(HasSubstr("the file is empty"))) << text;
  }
}

TEST(Yaml, RefusesTheBillionLaughsInFewWords) {
  std::string text = "a: &a [x, x]\n";
  for (char name = 'b'; name <= 'z'; ++name) {
    const char before = static_cast<char>(name - 1);
    text += std::string(1, name) + ": &" + name + " [*" + before + ", *" + before + "]\n";
  }
  const Tree tree = read(text);
  EXPECT_THAT(tree.errors, Contains(HasSubstr("an alias (*)")));
}

TEST(Yaml, StopsAtItsLimits) {
  EXPECT_THAT(read(std::string(kYamlMaxBytes + 1, 'a')).errors, Contains(HasSubstr("the limit is 1048576")));
  EXPECT_THAT(read("a: " + std::string(kYamlMaxScalar + 1, 'x')).errors, Contains(HasSubstr("a text of 4097 bytes")));
  EXPECT_THAT(read("a: " + std::string(kYamlMaxScalar, 'x')).errors, IsEmpty());
  EXPECT_THAT(read(std::string(64, '[') + std::string(64, ']')).errors, IsEmpty());
  EXPECT_THAT(read(std::string(65, '[') + std::string(65, ']')).errors, Contains(HasSubstr("nested deeper than 64")));
  EXPECT_THAT(read(std::string(100'000, '[')).errors, Contains(HasSubstr("nested deeper than 64")));
  EXPECT_THAT(read(std::string(100'000, '{')).errors, SizeIs(1));
  std::string many = "[";
  for (int i = 0; i < 100'001; ++i) many += "a,";
  EXPECT_THAT(read(many + "]").errors, Contains(HasSubstr("more than 100000 values")));
}

TEST(Yaml, RefusesOtherEncodingsInWords) {
  EXPECT_THAT(read("a: \xB0\xCB\xBC\xF6\n").errors, Contains(HasSubstr("y.yaml:1:4: error: byte 0xB0 is no UTF-8")));
  EXPECT_THAT(read("\xFF\xFE"
                   "a\0:\0"s)
                  .errors,
              Contains(HasSubstr("is no UTF-8")));
  EXPECT_THAT(read("a: \xC0\xAF\n").errors, Contains(HasSubstr("is no UTF-8")));
  EXPECT_THAT(read("a: b\0c\n"s).errors, Contains(HasSubstr("y.yaml:1:5: error: a NUL character")));
}

TEST(Yaml, ReadsWindowsLineEndsAndAByteOrderMark) {
  const Tree tree = read(
      "\xEF\xBB\xBF"
      "a: b\r\nc: d\r\n");
  ASSERT_TRUE(tree.root);
  EXPECT_THAT(tree.errors, IsEmpty());
  EXPECT_EQ(tree.root->entries[1].value.text, "d");
  EXPECT_EQ(tree.root->entries[1].key_at.line, 2);
  EXPECT_EQ(tree.root->entries[1].key_at.column, 1);
  std::string crlf;
  for (const std::string& line : base_lines()) crlf += line + "\r\n";
  EXPECT_TRUE(parse(crlf).value);
}

TEST(Yaml, RefusesWhatHidesFromTheEye) {
  EXPECT_THAT(read("a: x\xE2\x80\xAEy\n").errors,
              Contains(HasSubstr("y.yaml:1:5: error: bidirectional control U+202E")));
  EXPECT_THAT(read("a: x # \xE2\x81\xA6\n").errors, Contains(HasSubstr("bidirectional control U+2066")));
  EXPECT_THAT(read("a: x\xD8\x9Cy\n").errors, Contains(HasSubstr("bidirectional control U+061C")));
  EXPECT_THAT(read("a: x\xE2\x80\x8By\n").errors, Contains(HasSubstr("invisible character U+200B")));
  EXPECT_THAT(read("a: x\x1B[31m\n").errors, Contains(HasSubstr("control character U+001B")));
  EXPECT_THAT(read("a: x\ry\n").errors, Contains(HasSubstr("control character U+000D")));
  EXPECT_THAT(read("a: \"x\\u202ey\"\n").errors,
              Contains(HasSubstr("y.yaml:1:4: error: bidirectional control U+202E in a text")));
  EXPECT_THAT(read("a: \"x\\0y\"\n").errors, Contains(HasSubstr("control character U+0000 in a text")));
  EXPECT_THAT(read("a: \"x\\ny\"\n").errors, Contains(HasSubstr("control character U+000A in a text")));
  EXPECT_THAT(read("a: \"\\x1b[2J\"\n").errors, Contains(HasSubstr("control character U+001B in a text")));
}

TEST(Yaml, NeverPrintsWhatItRefuses) {
  const Tree tree = read("\"\\e[31m\": 1\n\"\\e[31m\": 2\n");
  ASSERT_FALSE(tree.errors.empty());
  for (const std::string& text : tree.errors) EXPECT_EQ(text.find('\x1B'), std::string::npos) << text;
}

TEST(Yaml, ReadsFoldedTextAsOneLine) {
  const Tree tree = read("a: >\n  one\n  line\nb: plain\n  folded\n");
  ASSERT_TRUE(tree.root);
  EXPECT_THAT(tree.errors, IsEmpty());
  EXPECT_EQ(tree.root->entries[0].value.text, "one line");
  EXPECT_EQ(tree.root->entries[1].value.text, "plain folded");
}

}  // namespace
}  // namespace geomsu::test
