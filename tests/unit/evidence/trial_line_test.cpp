// Both ways into trials.jsonl against each other: what the quick one accepts is what the slow one reads, and what the
// quick one leaves is refused, or read, in the slow one's words.
#include "harness/evidence/trial_line.hpp"

#include <filesystem>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/evidence/codecs.hpp"
#include "harness/evidence/trial_rows.hpp"
#include "tests/unit/evidence/sample_run.hpp"

namespace geomsu {
namespace {

// The line in memory of its own, with the padding behind it full of what must not be read as part of it.
class Padded {
 public:
  explicit Padded(const std::string& line) : bytes_(line + std::string(TrialLineReader::kPadding, '}')) {
    line_ = std::string_view(bytes_).substr(0, line.size());
  }
  std::string_view line() const { return line_; }

 private:
  std::string bytes_;
  std::string_view line_;
};

std::optional<Trial> quick(const std::string& line) {
  static TrialLineReader reader;  // used again, as it is meant
  Trial trial;
  if (!reader.read(Padded(line).line(), trial)) return std::nullopt;
  return trial;
}

std::optional<Trial> slow(const std::string& line) {
  try {
    return parse_trial(line);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// NaN is equal to nothing: bytes again, then.
void expect_agreement(const std::string& line) {
  const std::optional<Trial> fast = quick(line);
  if (!fast) return;
  const std::optional<Trial> sure = slow(line);
  ASSERT_TRUE(sure.has_value()) << "the quick reader alone accepts " << line;
  EXPECT_EQ(*fast, *sure) << line;
  EXPECT_EQ(trial_json(*fast), trial_json(*sure)) << line;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

Trial full_trial() {
  Trial trial = sample::trial(sample::plan(), "t001", sample::kFirst, 120e9);
  trial.attempt = 3;
  trial.sitting = 2;
  trial.status = TrialStatus::kInvalid;
  trial.reason_code = "clock";
  trial.reason = "line one\nline two \"quoted\" \\ 검수 \x1b[31m\t";
  trial.sustained = Sustained{2, 60'000'000'000};
  trial.rank_ns = {{1, 2}, {}, {3, std::numeric_limits<std::int64_t>::max()}};
  trial.block_at_ns = {0, 30'000'000'000};
  trial.block_session = {1, 2};
  trial.block_throttle = {0, 5};
  for (const std::string_view name : kBlockCounters) trial.block_counters[std::string(name)] = {0, 7, -1};
  trial.findings = {{"ecc", "1 corrected"}, {"throttled", ""}};
  trial.before->ecc_uncorrected = std::numeric_limits<std::uint64_t>::max();
  trial.before->power_w = 5e-324;
  trial.after->temperature_c = 1.7976931348623157e308;
  trial.clock = {ClockAudit::Verdict::kBroken, "backward", -12.5, 6, std::nullopt, "device"};
  trial.late_ns = std::numeric_limits<std::int64_t>::min();
  trial.watch = Watch{0.5, 12, 3, std::nullopt};
  trial.energy = Energy{12.5, 12.25, 13, "power", 41, ""};
  trial.ticks_sha256 = "ab";
  return trial;
}

TEST(TrialLine, IsReadQuicklyJustAsItWasWritten) {
  for (const Trial& trial : {full_trial(), Trial(), sample::trial(sample::plan(), "t002", sample::kSecond, 25e9)}) {
    const std::string line = trial_json(trial);
    const std::optional<Trial> fast = quick(line);
    ASSERT_TRUE(fast.has_value()) << "a row that this program wrote is to be read quickly: " << line;
    EXPECT_EQ(*fast, trial);
  }
}

TEST(TrialLine, OfAGoldenBundleIsReadQuickly) {
  int lines = 0;
  for (const auto& entry : std::filesystem::directory_iterator(GEOMSU_SOURCE_DIR "/tests/golden")) {
    if (!entry.is_directory()) continue;
    for (const std::string& line : lines_of(sample::slurp(entry.path() / "trials.jsonl"))) {
      const std::optional<Trial> fast = quick(line);
      ASSERT_TRUE(fast.has_value()) << entry.path() << ": " << line;
      EXPECT_EQ(*fast, parse_trial(line));
      ++lines;
    }
  }
  EXPECT_GE(lines, 4);
}

TEST(TrialLine, ThatIsNotAsWrittenIsLeftToTheSlowReader) {
  const std::string line = trial_json(full_trial());
  const auto with = [&line](const std::string& from, const std::string& to) {
    std::string changed = line;
    const std::size_t at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    changed.replace(at, from.size(), to);
    return changed;
  };
  for (const std::string& odd : {std::string(),
                                 std::string("{}"),
                                 std::string("[]"),
                                 line + line,
                                 line + " {}",
                                 line + "}",
                                 line + ",",
                                 line.substr(0, line.size() - 1),
                                 with("\"id\":", "\"id\":1,\"id\":"),
                                 with("\"attempt\":3", "\"attempt\":0"),
                                 with("\"sitting\":2", "\"sitting\":0"),
                                 with("\"attempt\":3", "\"attempt\":4294967296"),
                                 with("\"sessions\":2", "\"sessions\":0"),
                                 with("\"span_ns\":60000000000", "\"span_ns\":0"),
                                 with("\"source\":\"power\"", "\"source\":\"\""),
                                 with("\"status\":\"invalid\"", "\"status\":\"fine\""),
                                 with("\"verdict\":\"broken\"", "\"verdict\":\"whole\""),
                                 with("\"ecc_corrected\":[0", "\"wishes\":[0"),
                                 with("\"judged_by_device\":true", "\"judged_by_device\":1"),
                                 with("\"rate_ppm\":-12.5", "\"rate_ppm\":\"inf\""),
                                 with("\"rate_ppm\":-12.5", "\"rate_ppm\":1e999"),
                                 with("\"rate_ppm\":-12.5", "\"rate_ppm\":-0"),
                                 with("\"repeats\":", "\"repeats\":-"),
                                 with("\"repeats\":", "\"repeats\":0"),
                                 with("\"total_ns\":3000000000", "\"total_ns\":9223372036854775808"),
                                 with("\"total_ns\":3000000000", "\"total_ns\":3e9"),
                                 with("\"total_ns\":3000000000", "\"total_ns\":3000000000,\"x\":1"),
                                 with("\"reason\":\"line", "\"reason\":\"\\ud800line"),
                                 with("\"reason\":\"line", "\"reason\":\"\xff line"),
                                 with("\"reason\":\"line", "\"reason\":\"\x01line")}) {
    EXPECT_FALSE(quick(odd).has_value()) << odd;
  }
  // Another order and blanks are good JSON: the slow reader takes them.
  const std::string other =
      with("\"warmup_ns\":100000000,\"reseed_ns\":2000000", "\"reseed_ns\":2000000, \"warmup_ns\":100000000");
  EXPECT_FALSE(quick(other).has_value());
  EXPECT_EQ(slow(other), full_trial());
}

// Every byte of a row cut, doubled and changed into what JSON is made of.
TEST(TrialLine, ChangedAnywhereIsNeverReadOtherwiseThanTheSlowReaderDoes) {
  for (const Trial& trial : {full_trial(), Trial()}) {
    const std::string line = trial_json(trial);
    for (std::size_t at = 0; at < line.size(); ++at) {
      std::string cut = line, doubled = line;
      cut.erase(at, 1);
      doubled.insert(at, 1, line[at]);
      expect_agreement(cut);
      expect_agreement(doubled);
      for (const char c :
           {'"', ',', ':', '{', '}', '[', ']', '0', '9', '-', '.', 'e', ' ', '\\', 'n', '\t', '\0', '\xc3'}) {
        std::string changed = line;
        changed[at] = c;
        expect_agreement(changed);
      }
    }
  }
}

TEST(TrialLine, OfRandomContentIsReadAlike) {
  std::mt19937_64 random(7);
  const auto some = [&random] { return static_cast<std::int64_t>(random() >> (random() % 64)); };
  const auto list = [&] {
    std::vector<std::int64_t> values(random() % 40);
    for (std::int64_t& value : values) value = some();
    return values;
  };
  const auto text = [&] {
    std::string bytes(random() % 20, ' ');
    for (char& c : bytes) c = static_cast<char>(random() % 128);
    return bytes;
  };
  const auto number = [&]() -> std::optional<double> {
    if (random() % 3 == 0) return std::nullopt;
    return std::ldexp(static_cast<double>(some()), static_cast<int>(random() % 200) - 100);
  };
  for (int i = 0; i < 800; ++i) {
    Trial trial = full_trial();
    trial.id = text();
    trial.reason = text();
    trial.block_ns = list();
    trial.wall_ns = list();
    trial.device_ns = list();
    trial.block_at_ns = list();
    trial.clock.rate_ppm = number();
    trial.before->power_w = number();
    trial.before->throttle = random();
    trial.digests = {text(), text()};
    trial.checks = {{text(), random() % 2 == 0, random(), number(), text()}};
    if (random() % 2 == 0) trial.sustained.reset();
    if (random() % 2 == 0) trial.watch.reset();
    if (random() % 2 == 0) trial.after.reset();
    if (random() % 2 == 0) trial.block_counters.clear();
    if (random() % 2 == 0) trial.energy.reset();
    const std::string line = trial_json(trial);
    ASSERT_TRUE(quick(line).has_value() || line.find("\":-0,") != std::string::npos) << line;
    expect_agreement(line);
  }
}

// Rows read into rows that held others: nothing of theirs may be left.
TEST(TrialRows, ReadIntoUsedMemoryAreThoseOfFreshMemory) {
  const Plan plan = sample::plan();
  std::string full, bare;
  for (Trial trial : sample::trials(plan)) {
    bare += trial_json(trial) + "\n";
    trial.findings = {{"throttled", "much"}};
    trial.watch = Watch{1, 2, 3, 4};
    trial.energy = Energy{12.5, 12.25, 13, "power", 41, ""};
    trial.rank_ns = {{1}};
    trial.block_at_ns = {1};
    trial.block_counters = {{"ecc_corrected", {1}}};
    full += trial_json(trial) + "\n";
  }
  TrialLineReader reader;
  std::vector<Trial> trials;
  for (const std::string& text : {full, bare, full, bare}) {
    const Padded padded(text);
    parse_trial_rows(padded.line(), "trials.jsonl", plan, false, 0, &reader, trials);
    EXPECT_EQ(trials, parse_trial_rows(text, "trials.jsonl", plan, false));
  }
}

TEST(TrialRows, AreRefusedQuicklyInTheSlowReadersWords) {
  const Plan plan = sample::plan();
  const std::vector<Trial> good = sample::trials(plan);
  const auto refusal = [&plan](const std::string& text, TrialLineReader* reader) -> std::string {
    std::vector<Trial> trials;
    try {
      parse_trial_rows(Padded(text).line(), "trials.jsonl", plan, false, 0, reader, trials);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  const auto line = [](Trial trial, auto change) {
    change(trial);
    return trial_json(trial) + "\n";
  };
  std::string no_field = trial_json(good[1]) + "\n";
  no_field.replace(no_field.find("\"repeats\""), 9, "\"repeated\"");
  TrialLineReader reader;
  for (const std::string& second :
       {no_field, std::string("{\n"), trial_json(good[1]), trial_json(good[0]) + "\n",
        line(good[1], [](Trial& t) { t.id = "t009"; }), line(good[1], [](Trial& t) { t.unit.device = "S-009"; }),
        line(good[1], [](Trial& t) { t.workload = "gemm@node"; }),
        line(good[1], [](Trial& t) { t.sustained = Sustained{}; }),
        line(good[1], [](Trial& t) { t.ticks_bytes = t.ticks_offset = 9; }),
        line(good[1], [](Trial& t) { t.ticks_bytes = 1ULL << 60; })}) {
    const std::string text = trial_json(good[0]) + "\n" + second;
    const std::string words = refusal(text, &reader);
    EXPECT_NE(words, "accepted") << second;
    EXPECT_NE(words.find("trials.jsonl:2"), std::string::npos) << words;
    EXPECT_EQ(words, refusal(text, nullptr));
  }
}

// A plan that names a unit twice is no way to have a row twice.
TEST(TrialRows, AreThereOnceEvenWhereThePlanNamesAUnitTwice) {
  Plan plan = sample::plan();
  plan.trials[0].units = {sample::kFirst, sample::kFirst};
  const std::string row = trial_json(sample::trials(plan)[0]) + "\n";
  EXPECT_THROW(parse_trial_rows(row + row, "trials.jsonl", plan, false), Error);
}

}  // namespace
}  // namespace geomsu
