// The same evidence gives the same bytes of verdict, whatever the locale, the time zone, the threads or the order.
#include <algorithm>
#include <locale>

#include <gtest/gtest.h>

#include "harness/base/files.hpp"
#include "tests/run/kill_instants.hpp"

namespace geomsu::test {
namespace {

TEST(AVerdict, IsTheSameBytesUnderAnotherLocaleAndTimeZone) {
  const CommandLine line = many_trials(3);
  {
    Program program(line.run(), line.scratch().path());
    ASSERT_EQ(program.wait(), kSimulated) << program.output();
  }
  const std::string recorded = read_file(line.bundle() / "verdict.json");
  const auto out = line.scratch().path() / "again.json";
  const std::vector<std::map<std::string, std::string>> environments = {
      {{"LC_ALL", "C"}, {"TZ", "UTC"}},
      {{"LC_ALL", "ko_KR.UTF-8"}, {"LANG", "ko_KR.UTF-8"}, {"TZ", "Asia/Seoul"}},
      {{"LC_ALL", "de_DE.UTF-8"}, {"LC_NUMERIC", "de_DE.UTF-8"}, {"TZ", "America/St_Johns"}},
      {{"LC_ALL", "tr_TR.UTF-8"}, {"OMP_NUM_THREADS", "7"}},
  };
  for (const auto& environment : environments) {
    SCOPED_TRACE(environment.at("LC_ALL"));
    ProgramOptions options;
    options.environment = environment;
    Program program(line.geomsu({"judge", line.bundle().string(), "--out", out.string()}), line.scratch().path(),
                    options);
    EXPECT_EQ(program.wait(), kSimulated) << program.output();
    EXPECT_EQ(read_file(out), recorded);
    std::filesystem::remove(out);
  }
}

// A decimal comma and grouped digits, which no installed locale is needed for.
class Commas : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(AVerdict, IsTheSameBytesWhereNumbersAreWrittenWithCommas) {
  FakeRun fake;
  const RunResult run = fake.run();
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Commas));
  const std::string under_commas = verdict_json(judge(read_bundle(fake.path())));
  const Verification verified = verify(fake.path());
  std::locale::global(before);
  EXPECT_EQ(under_commas, *run.evidence.verdict_json);
  EXPECT_TRUE(verified.ok);
}

TEST(AVerdict, IsTheSameBytesInAnyOrderOfUnitsAndTrials) {
  FakeRun fake;
  fake.script =
      script_text({device_text("A-1", "{kind: ecc}"), device_text("A-2", "{kind: throttles}"), device_text("A-3")});
  fake.contract = contract_text({gemm_clause(), triad_clause()}, {"A-1", "A-2", "A-3", "A-4"});
  const RunResult run = fake.run();
  Evidence other = run.evidence;
  std::reverse(other.trials.begin(), other.trials.end());
  std::reverse(other.plan.units.begin(), other.plan.units.end());
  for (PlannedTrial& trial : other.plan.trials) std::reverse(trial.units.begin(), trial.units.end());
  EXPECT_EQ(verdict_json(judge(other)), verdict_json(run.verdict));
  EXPECT_EQ(verdict_jsonl(judge(other)), verdict_jsonl(run.verdict));
}

}  // namespace
}  // namespace geomsu::test
