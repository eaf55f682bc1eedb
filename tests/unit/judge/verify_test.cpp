#include <algorithm>
#include <functional>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/base/error.hpp"
#include "harness/evidence/bundle_dir.hpp"
#include "harness/evidence/manifest.hpp"
#include "tests/unit/judge/judged.hpp"

namespace geomsu {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;

class Verify : public testing::Test {
 protected:
  Verify() {
    const Plan plan = sample::plan();
    const auto writer = BundleWriter::create(dir, plan, sample::contract_yaml(), sample::suite_yaml(),
                                             sample::environment(), sample::secret());
    writer->add_telemetry(sample::kFirst, sample::readings());
    for (const Trial& trial : sample::trials(plan)) writer->add(trial, sample::ticks(trial));
    writer->log("a line");
    writer->log("another");
    writer->seal(judge(read_bundle(dir, true)));
  }
  // A changed file under a manifest that is right about it.
  void forge(const std::string& name, const std::function<std::string(std::string)>& change) const {
    const std::string bytes = change(sample::slurp(dir / name));
    sample::spill(dir / name, bytes);
    Manifest manifest = parse_manifest(sample::slurp(dir / "manifest.json"), "manifest.json");
    for (ManifestFile& file : manifest.files) {
      if (file.name != name) continue;
      file.sha256 = sha256_hex(bytes);
      file.bytes = bytes.size();
      if (counts_lines(name)) file.rows = static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    }
    sample::spill(dir / "manifest.json", manifest_json(manifest));
  }
  void expect_refused(const std::string& because) const {
    const Verification result = verify(dir);
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(result.exit_code, 65);
    EXPECT_THAT(result.lines, Contains(HasSubstr(because)));
  }

  sample::TempDir temp;
  fs::path dir = temp / "run";
};

TEST_F(Verify, RecomputesAGoodBundlesVerdictToTheByte) {
  const Verification result = verify(dir);
  EXPECT_TRUE(result.ok);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.lines, Contains(HasSubstr("recomputed from the raw rows")));
  EXPECT_THAT(result.lines, Contains("signature: unsigned"));
  EXPECT_EQ(verify(dir).lines, result.lines);
}

TEST_F(Verify, RefusesAnyByteThatWasChangedInAnyFile) {
  std::mt19937_64 random(20261122);
  for (const std::string& name : BundleDir(dir).names()) {
    const std::string bytes = sample::slurp(dir / name);
    std::vector<std::size_t> places = {0, bytes.size() / 2, bytes.size() - 1};
    for (int i = 0; i < 25; ++i) places.push_back(random() % bytes.size());
    for (const std::size_t at : places) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (1 << (random() % 8)));
      sample::spill(dir / name, changed);
      const Verification result = verify(dir);
      ASSERT_FALSE(result.ok) << name << " byte " << at;
      ASSERT_EQ(result.exit_code, 65);
      ASSERT_THAT(result.lines.back(), HasSubstr("REFUSED: ")) << name;
    }
    sample::spill(dir / name, bytes);
  }
  EXPECT_TRUE(verify(dir).ok);
}

TEST_F(Verify, RefusesLinesThatWereSwappedDroppedOrDoubled) {
  for (const std::string name : {"trials.jsonl", "telemetry.jsonl", "verdict.jsonl", "run.log"}) {
    const std::string bytes = sample::slurp(dir / name);
    const std::size_t first = bytes.find('\n') + 1, second = bytes.find('\n', first) + 1;
    const std::string a = bytes.substr(0, first), b = bytes.substr(first, second - first), rest = bytes.substr(second);
    for (const std::string& changed : {b + a + rest, b + rest, a + a + b + rest, bytes + a}) {
      sample::spill(dir / name, changed);
      EXPECT_FALSE(verify(dir).ok) << name;
    }
    sample::spill(dir / name, bytes);
  }
  EXPECT_TRUE(verify(dir).ok);
}

TEST_F(Verify, RefusesRowsThatWereChangedUnderARightManifest) {
  forge("trials.jsonl", [](std::string rows) {
    const std::size_t at = rows.find("\"block_ns\":[") + 12;
    return rows.replace(at, 1, rows[at] == '1' ? "2" : "1");
  });
  expect_refused("verdict.json is not what its raw rows give");
}

TEST_F(Verify, RefusesAVerdictThatWasChangedUnderARightManifest) {
  forge("verdict.json", [](std::string json) {
    json.replace(json.find("\"passed\": 2"), 11, "\"passed\": 3");
    return json;
  });
  expect_refused("recorded '      \"passed\": 3,', recomputed '      \"passed\": 2,'");
}

TEST_F(Verify, RefusesVerdictRowsThatWereChangedUnderARightManifest) {
  forge("verdict.jsonl", [](std::string rows) { return rows.substr(rows.find("\n") + 1); });
  expect_refused("verdict.jsonl is not what its raw rows give");
}

TEST_F(Verify, RefusesATrialThatWasDoubledUnderARightManifest) {
  forge("trials.jsonl", [](std::string rows) { return rows + rows.substr(0, rows.find("\n") + 1); });
  expect_refused("is there twice");
}

TEST_F(Verify, RefusesTelemetryThatIsNone) {
  forge("telemetry.jsonl", [](std::string rows) { return rows + "{}\n"; });
  expect_refused("telemetry.jsonl:3");
}

TEST_F(Verify, ComparesOutcomesWhereTheBundleWasJudgedUnderOtherRules) {
  const auto rules = [](int from, int to) {
    return [from, to](std::string json) {
      const std::string old = fmt::format("\"judge_rules\": {}", from);
      return json.replace(json.find(old), old.size(), fmt::format("\"judge_rules\": {}", to));
    };
  };
  forge("verdict.json", rules(kJudgeRules, kJudgeRules + 1));
  expect_refused("verify with a newer one");
  forge("verdict.json", rules(kJudgeRules + 1, kJudgeRules));
  EXPECT_TRUE(verify(dir).ok);
}

TEST_F(Verify, RefusesAnUnfinishedBundleAndWordsForWhatIsNotThere) {
  fs::remove(dir / "manifest.json");
  expect_refused("manifest.json: is missing");
  EXPECT_THROW(verify(temp / "nothing"), Error);
}

TEST(JudgeEvidence, RefusesAPlanThatIsNotOfItsSuite) {
  Evidence evidence;
  evidence.contract_yaml = sample::contract_yaml();
  evidence.suite_yaml = sample::suite_yaml();
  evidence.plan = sample::plan();
  EXPECT_NO_THROW(judge(evidence));
  evidence.plan.trials[1].blocks = 5;
  EXPECT_THROW(judge(evidence), Error);
}

TEST_F(Verify, GivesAReportWhoseTimesAddUp) {
  const Evidence evidence = read_bundle(dir);
  const Report report = make_report(evidence, judge(evidence));
  EXPECT_EQ(report.overhead.wall, 13'000'000'000);
  EXPECT_EQ(report.overhead.soak, 1'000'000'000);
  EXPECT_EQ(report.overhead.verify, 80'000'000) << "units of a trial run side by side";
  EXPECT_GT(report.overhead.timed, 2'000'000'000);
  EXPECT_EQ(report.overhead.timed + report.overhead.soak + report.overhead.verify + report.overhead.other,
            report.overhead.wall);
  EXPECT_EQ(report.signature, "unsigned");
  EXPECT_EQ(report.custody, "supplier-run");
  EXPECT_FALSE(report.verdict.signed_evidence);
  EXPECT_EQ(report.trials.size(), 4u);
}

TEST(Report, OfNoTrialHasNoTimes) {
  const Report report = make_report(Evidence{}, Verdict{});
  EXPECT_EQ(report.overhead.wall, 0);
  EXPECT_EQ(report.overhead.timed, 0);
}

}  // namespace
}  // namespace geomsu
