#include <algorithm>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/evidence/codecs.hpp"
#include "tests/unit/evidence/sample_run.hpp"

namespace geomsu {
namespace {

using testing::HasSubstr;

std::string trial_refusal(const std::string& line) {
  try {
    parse_trial(line);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadData);
    return error.message();
  }
  return "accepted";
}

TEST(PlanJson, ReadsBackWhatWasWritten) {
  Plan plan = sample::plan();
  plan.units.push_back({{"node01", "S-003"}, "", 0, false, true, std::nullopt});
  const std::string text = plan_json(plan);
  const Plan again = parse_plan(text);
  EXPECT_EQ(plan_json(again), text);
  EXPECT_EQ(again.units[0].device, plan.units[0].device);
  EXPECT_EQ(again.units[2].device, std::nullopt);
  EXPECT_EQ(again.trials[0].workload, plan.trials[0].workload);
  EXPECT_EQ(again.trials[0].units, plan.trials[0].units);
  EXPECT_EQ(again.soak_ns, plan.soak_ns);
}

TEST(PlanJson, ReadsBackASustainedTrialAndAnAdaptiveSuite) {
  Plan plan = sample::plan();
  EXPECT_THAT(plan_json(plan), Not(HasSubstr("sustained")))
      << "plans without it are the bytes that every version reads";
  plan.trials[0].sustained = Sustained{4, 600'000'000'000};
  plan.trials[0].thin = 3;
  plan.adaptive_min_blocks = 10;
  plan.budget_ns = 900'000'000'000;
  const Plan again = parse_plan(plan_json(plan));
  EXPECT_EQ(again.trials[0].sustained, (Sustained{4, 600'000'000'000}));
  EXPECT_EQ(again.trials[0].thin, 3U);
  EXPECT_EQ(again.trials[1].sustained, std::nullopt);
  EXPECT_EQ(again.adaptive_min_blocks, 10U);
  EXPECT_EQ(again.budget_ns, 900'000'000'000);
}

TEST(PlanJson, RefusesAWorkloadWhoseNameIsNotTheOneItWouldPrint) {
  std::string text = plan_json(sample::plan());
  text.replace(text.find("gemm:accumulate=fp32,"), 21, "gemm:");
  text.replace(text.find("k=1024,"), 7, "k=1024,accumulate=fp32,");
  EXPECT_THROW(parse_plan(text), Error);
}

TEST(TrialJson, ReadsBackEveryField) {
  Trial trial = sample::trial(sample::plan(), "t001", sample::kFirst, 120e9);
  trial.attempt = 3;
  trial.sitting = 2;
  trial.status = TrialStatus::kInvalid;
  trial.reason_code = "clock";
  trial.reason = "line one\nline two \"quoted\" 검수 \x1b[31m";
  trial.sustained = Sustained{2, 60'000'000'000};
  trial.block_at_ns = {0, 30'000'000'000};
  trial.block_session = {1, 2};
  trial.block_throttle = {0, 5};
  trial.block_counters = {{"ecc_corrected", {0, 7}}, {"throttle_events", {1, 2}}};
  trial.findings = {{"ecc", "1 corrected"}, {"throttled", ""}};
  trial.checks.push_back({"projection", false, 1024, std::numeric_limits<double>::infinity(), "row 7"});
  trial.before->ecc_uncorrected = std::numeric_limits<std::uint64_t>::max();
  trial.clock = {ClockAudit::Verdict::kBroken, "backward", -12.5, std::nullopt, std::nullopt, "device"};
  trial.late_ns = std::nullopt;
  trial.ticks_offset = 1;
  trial.ticks_bytes = 2;
  trial.ticks_sha256 = "ab";
  trial.energy = Energy{12.5, 12.25, 13, "power", 41, ""};
  EXPECT_EQ(parse_trial(trial_json(trial)), trial);
  trial.energy = Energy{{}, 0, 0, "", 0, "2 readings of power; 3 at least are wanted"};
  EXPECT_EQ(parse_trial(trial_json(trial)), trial);
  EXPECT_EQ(trial_json(trial).find('\n'), std::string::npos) << "a row is one line";
}

TEST(TrialJson, ReadsBackATrialThatHasNothing) { EXPECT_EQ(parse_trial(trial_json(Trial{})), Trial{}); }

TEST(TrialJson, RefusesSessionsAndCountersThatCannotBe) {
  Trial trial = sample::trial(sample::plan(), "t001", sample::kFirst, 120e9);
  trial.sustained = Sustained{0, 5};
  EXPECT_THROW(parse_trial(trial_json(trial)), Error);
  trial.sustained = Sustained{1, 0};
  EXPECT_THROW(parse_trial(trial_json(trial)), Error);
  trial.sustained.reset();
  trial.block_counters = {{"wishes", {1}}};
  EXPECT_THROW(parse_trial(trial_json(trial)), Error);
}

// So that rows of the first sitting are the bytes that every version reads.
TEST(TrialJson, NamesASittingOnlyAfterTheFirst) {
  EXPECT_THAT(trial_json(Trial{}), Not(HasSubstr("sitting")));
  Trial trial;
  trial.sitting = 2;
  EXPECT_THAT(trial_json(trial), HasSubstr(R"("attempt":1,"sitting":2,)"));
}

TEST(TrialJson, RefusesAnEnergyWithoutItsSource) {
  Trial trial;
  trial.energy = Energy{12.5, 12.25, 13, "", 41, ""};
  EXPECT_THAT(trial_refusal(trial_json(trial)), HasSubstr("source"));
  trial.energy = Energy{{}, 0, 0, "power", 0, "why"};
  EXPECT_THAT(trial_refusal(trial_json(trial)), HasSubstr("source"));
  EXPECT_THAT(trial_json(Trial{}), Not(HasSubstr("\"energy\":")));
}

TEST(TrialJson, KeepsAbsentApartFromZero) {
  Trial trial;
  trial.before = Telemetry{};
  trial.before->power_w = 0.0;
  const std::string line = trial_json(trial);
  EXPECT_THAT(line, HasSubstr(R"("power_w":0,"energy_j":null)"));
  const Trial again = parse_trial(line);
  EXPECT_EQ(again.before->power_w, 0.0);
  EXPECT_EQ(again.before->energy_j, std::nullopt);
  EXPECT_EQ(again.after, std::nullopt);
}

TEST(TrialJson, NamesEachFieldThatIsMissing) {
  const std::string line = trial_json(Trial{});
  int fields = 0;
  for (std::size_t at = line.find('"'); at != std::string::npos; at = line.find("\"", at)) {
    const std::size_t end = line.find('"', at + 1);
    if (line[end + 1] == ':') {
      const std::string key = line.substr(at + 1, end - at - 1);
      std::string renamed = line;
      renamed.replace(at + 1, key.size(), "x" + key);
      EXPECT_THAT(trial_refusal(renamed), HasSubstr(key)) << key;
      ++fields;
    }
    at = end + 1;
  }
  EXPECT_GT(fields, 35);
}

TEST(TrialJson, RefusesValuesThatNoTrialHas) {
  const auto with = [](const std::string& from, const std::string& to) {
    std::string line = trial_json(Trial{});
    line.replace(line.find(from), from.size(), to);
    return trial_refusal(line);
  };
  EXPECT_EQ(with(R"("status":"ok")", R"("status":"fine")"), "field 'status': is no status of a trial");
  EXPECT_EQ(with(R"("attempt":1)", R"("attempt":0)"), "field 'attempt': counts from 1");
  EXPECT_EQ(with(R"("attempt":1)", R"("attempt":1,"sitting":0)"), "field 'sitting': counts from 1");
  EXPECT_EQ(with(R"("attempt":1)", R"("attempt":4294967296)"), "field 'attempt': is beyond 2^32 - 1");
  EXPECT_EQ(with(R"("block_ns":[])", R"("block_ns":[1,1.5])"),
            "field 'block_ns': entry 1 must be an integer below 2^63");
  EXPECT_EQ(with(R"("block_ns":[])", R"("block_ns":[9223372036854775808])"),
            "field 'block_ns': entry 0 must be an integer below 2^63");
  EXPECT_EQ(with(R"("verdict":"unproved")", R"("verdict":"good")"),
            "field 'clock.verdict': must be proved, unproved or broken");
}

TEST(Environment, ReadsBackWhatWasWrittenWithThePlansHash) {
  const RecordedEnvironment recorded{sample::environment(), "c0ffee"};
  const RecordedEnvironment again = parse_environment_at(environment_json(recorded), "environment.json");
  EXPECT_EQ(again.environment, recorded.environment);
  EXPECT_EQ(again.plan_sha256, "c0ffee");
}

TEST(TelemetryJson, ReadsBackWhatWasWritten) {
  for (const Telemetry& reading : sample::readings()) {
    const auto [unit, again] = parse_telemetry_at(telemetry_json(sample::kFirst, reading), "telemetry.jsonl:1");
    EXPECT_EQ(unit, sample::kFirst);
    EXPECT_EQ(again, reading);
  }
}

TEST(VerdictJson, HoldsEveryRowThatIsNotPassAndTheLinesHoldAll) {
  Verdict verdict;
  verdict.rows.resize(3);
  verdict.rows[0].outcome = Outcome::kPass;
  verdict.rows[0].clause = "passes";
  verdict.rows[1].outcome = Outcome::kFail;
  verdict.rows[1].clause = "fails";
  verdict.rows[2].outcome = Outcome::kNotApplicable;
  verdict.rows[2].clause = "does-not-apply";
  const std::string json = verdict_json(verdict), lines = verdict_jsonl(verdict);
  EXPECT_EQ(json.find("\"passes\""), std::string::npos);
  EXPECT_NE(json.find("\"fails\""), std::string::npos);
  EXPECT_NE(json.find("\"does-not-apply\""), std::string::npos);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 3);
}

TEST(VerdictJson, OfABundleOnItsOwnHasNoKeyOfLotsOrOfTermsThatAreTheDefaults) {
  Verdict verdict;
  verdict.clauses.resize(1);
  verdict.rows.resize(1);
  const std::string json = verdict_json(verdict) + verdict_jsonl(verdict);
  for (const char* key : {"lot", "fleet", "bundles", "rows_left_out", "severity", "inspection", "outliers", "sku", "of",
                          "looks", "look_level", "look", "p_fail"}) {
    EXPECT_THAT(json, testing::Not(testing::HasSubstr('"' + std::string(key) + "\":"))) << key;
  }
}

TEST(VerdictJson, HoldsTheLotTheFleetTheBundlesAndTheLooks) {
  Verdict verdict;
  verdict.clauses.resize(1);
  verdict.clauses[0].severity = "minor";
  verdict.clauses[0].looks = 2;
  verdict.clauses[0].look_level = 0.975;
  verdict.rows.resize(1);
  verdict.rows[0].look = 2;
  verdict.rows[0].p_fail = 0.1;
  verdict.lot = LotVerdict{};
  verdict.lot->decision = LotVerdict::Decision::kRejected;
  verdict.lot->characteristic = {{0, 1.0}, {1, 0.1}};
  verdict.lot->dispositions = {{"n3", false}, {"n4", true}};
  FleetFigure figure;
  figure.outliers = {{{"n1", "S1"}, 1.5, std::nullopt, 0.25}};
  verdict.fleet = {figure};
  verdict.bundles = {{"a", "n1", "", "", Outcome::kNotRun, "no manifest"}};
  verdict.rows_left_out = 7;
  std::string json = verdict_json(verdict);
  std::erase_if(json, [](char c) { return c == '\n' || c == ' '; });
  for (const char* part :
       {R"("severity":"minor")", R"("looks":2,"look_level":0.975)", R"("look":2,"p_fail":0.1)",
        R"("lot":{"decision":"REJECTED")", R"("acceptance_number":null)", R"({"nonconforming":1,"accepted":0.1})",
        R"({"item":"n3","disposition":"REJECTED_BY_LOT"},{"item":"n4","disposition":"ACCEPTED_BY_LOT"})",
        R"("robust_z":null,"distance":0.25)", R"("refused":"nomanifest")", R"("rows_left_out":7)"}) {
    EXPECT_THAT(json, testing::HasSubstr(part));
  }
}

TEST(VerdictJson, GivesItsRulesAndOutcomesBack) {
  Verdict verdict;
  verdict.overall = Outcome::kInvalid;
  verdict.clauses.resize(2);
  verdict.clauses[0].clause = "a";
  verdict.clauses[0].outcome = Outcome::kPass;
  verdict.clauses[1].clause = "b";
  verdict.clauses[1].outcome = Outcome::kInconclusive;
  const RecordedOutcomes recorded = parse_outcomes(verdict_json(verdict));
  EXPECT_EQ(recorded.rules, kJudgeRules);
  EXPECT_EQ(recorded.overall, Outcome::kInvalid);
  ASSERT_EQ(recorded.clauses.size(), 2u);
  EXPECT_EQ(recorded.clauses[1], std::pair(std::string("b"), Outcome::kInconclusive));
}

TEST(VerdictJson, LeavesOutWhoSignedSinceTheJudgeCannotKnow) {
  Verdict unsigned_one, signed_one;
  signed_one.signed_evidence = true;
  EXPECT_EQ(verdict_json(unsigned_one), verdict_json(signed_one));
}

}  // namespace
}  // namespace geomsu
