// Evidence of an emulated device: its clauses are judged as ever, the whole is INVALID, every report says so, and
// nobody gets it accepted by rewriting, mixing or resuming.
#include <algorithm>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/evidence/manifest.hpp"
#include "reports/exporters/exporters.hpp"
#include "tests/run/expectations.hpp"

namespace geomsu::test {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;

FakeRun emulated() {
  FakeRun run;
  run.plugin = fake_plugin_emulated();
  return run;
}

// The device of the fake as if it were real: what an emulated bundle would be mixed with.
void call_it_real(Plan& plan, Environment& environment) {
  plan.simulated.clear();
  for (PluginFact& plugin : environment.plugins) plugin.simulated.clear();
}

std::string slurp(const fs::path& path) { return read_file(path, 1U << 26); }

// Every occurrence; the test fails where there is none.
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  EXPECT_NE(text.find(from), std::string::npos) << from;
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

using Change = std::function<std::string(std::string)>;

Change replacing(const std::string& from, const std::string& to) {
  return [=](std::string text) { return replaced(std::move(text), from, to); };
}

void change(const fs::path& file, const Change& how) {
  const std::string bytes = how(slurp(file));
  fs::permissions(file, fs::perms::owner_all);
  write_file_atomic(file, bytes);
}

// As one makes who wants to deceive: the manifest is right about every file as it now stands.
void make_manifest_right(const fs::path& bundle) {
  Manifest manifest = parse_manifest(slurp(bundle / "manifest.json"), "manifest.json");
  for (ManifestFile& file : manifest.files) {
    const std::string bytes = slurp(bundle / file.name);
    file.sha256 = sha256_hex(bytes);
    file.bytes = bytes.size();
    if (file.name.ends_with(".jsonl"))
      file.rows = static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
  }
  change(bundle / "manifest.json", [&](const std::string&) { return manifest_json(manifest); });
}

std::string refusal(const fs::path& bundle) {
  const Verification result = verify(bundle);
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.exit_code, 65);
  return result.lines.empty() ? "" : result.lines.back();
}

TEST(EmulatedEvidence, KeepsItsClauseOutcomesAndIsInvalidAsAWhole) {
  FakeRun fake = emulated();
  const RunResult run = fake.run();
  EXPECT_EQ(run.evidence.plan.simulated, "emulated");
  EXPECT_EQ(run.evidence.environment.plugins.at(0).simulated, "emulated");
  for (const std::string& serial : {kHealthy, kFaulty}) {
    expect_pass(run, "gemm", serial);
    expect_pass(run, "triad", serial);
  }
  EXPECT_EQ(run.verdict.simulated, "emulated");
  EXPECT_EQ(run.verdict.clauses_overall, Outcome::kPass);
  EXPECT_EQ(run.verdict.overall, Outcome::kInvalid);
  EXPECT_EQ(run.verdict.exit_code, 2);
  EXPECT_TRUE(run.verdict.reconciliation.accepted.empty());
  EXPECT_THAT(run.verdict.sentence, HasSubstr("simulated evidence (emulated) proves nothing of a device"));
  EXPECT_THAT(run.verdict.notes, Contains(HasSubstr("SIMULATED (emulated): no device was measured")));
  EXPECT_TRUE(verify(fake.path()).ok);
}

TEST(EmulatedEvidence, KeepsAFailOfItsClauses) {
  FakeRun fake = with_faults("{kind: wrong_element, op: gemm}");
  fake.plugin = fake_plugin_emulated();
  const RunResult run = fake.run();
  expect_row(run, "gemm", kFaulty, Outcome::kFail, Reason::kWrongAnswer);
  EXPECT_EQ(run.verdict.clauses_overall, Outcome::kFail);
  EXPECT_EQ(run.verdict.overall, Outcome::kInvalid);
  EXPECT_EQ(run.verdict.exit_code, 2);
}

TEST(EmulatedEvidence, IsSaidByEveryReport) {
  const RunResult run = emulated().run();
  const Report report = make_report(run.evidence, run.verdict);
  const std::string page = report_html(report);
  EXPECT_THAT(page, HasSubstr("class=\"watermark\""));
  EXPECT_THAT(page, HasSubstr("<span>SIMULATED · 모의</span>"));
  EXPECT_THAT(page, HasSubstr("<div class=\"verdict invalid\">"));
  EXPECT_THAT(page, HasSubstr("The evidence comes from a simulated device (emulated)"));
  EXPECT_THAT(page, HasSubstr("모의 장치(emulated)의 증거이므로 판정은 무효입니다"));
  const std::string junit = report_junit(report);
  EXPECT_THAT(junit, HasSubstr("<testcase classname=\"verdict\" name=\"overall\">\n      <error type=\"INVALID\" "
                               "message=\"simulated\">"));
  EXPECT_THAT(junit, testing::Not(HasSubstr("errors=\"0\" skipped=\"0\">\n  <testsuite name=\"gemm\"")));
  EXPECT_THAT(report_json(report), HasSubstr("\"simulated\": \"emulated\""));
  const std::string text = report_text(report, 100, false);
  EXPECT_THAT(text, HasSubstr("Verdict: INVALID"));
  EXPECT_THAT(text, HasSubstr("SIMULATED (emulated)"));
}

TEST(EmulatedEvidence, ThatWasRewrittenBreaksTheManifest) {
  for (const auto& [name, from, to] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"plan.json", "\"simulated\": \"emulated\"", "\"simulated\": \"\""},
           {"environment.json", "\"simulated\": \"emulated\"", "\"simulated\": \"\""},
           {"verdict.json", "\"simulated\": \"emulated\"", "\"simulated\": \"\""},
           {"contract.yaml", "buyer: B", "buyer: C"}}) {
    SCOPED_TRACE(name);
    FakeRun fake = emulated();
    fake.run();
    change(fake.path() / name, replacing(from, to));
    EXPECT_THAT(refusal(fake.path()), HasSubstr(name));
    EXPECT_THROW(read_bundle(fake.path()), Error);
  }
}

TEST(EmulatedEvidence, ThatWasRewrittenUnderARightManifestContradictsItself) {
  FakeRun fake = emulated();
  fake.run();
  const fs::path bundle = fake.path();
  // The verdict alone: it is not what the raw rows give.
  change(bundle / "verdict.json", replacing("\"simulated\": \"emulated\"", "\"simulated\": \"\""));
  make_manifest_right(bundle);
  EXPECT_THAT(refusal(bundle), HasSubstr("verdict.json is not what its raw rows give"));
  // The plan as well: environment.json holds its hash.
  const std::string before = sha256_hex(slurp(bundle / "plan.json"));
  change(bundle / "plan.json", replacing("\"simulated\": \"emulated\"", "\"simulated\": \"\""));
  make_manifest_right(bundle);
  EXPECT_THAT(refusal(bundle), HasSubstr("environment.json says " + before));
  // That hash as well: the environment still names the plug-in for what it was.
  change(bundle / "environment.json", replacing(before, sha256_hex(slurp(bundle / "plan.json"))));
  make_manifest_right(bundle);
  EXPECT_THAT(refusal(bundle),
              HasSubstr("is of real devices, and environment.json says that plug-in fake is emulated"));
  // From here on only a signature tells: everything in the bundle is the forger's own word.
}

TEST(EmulatedEvidence, JudgedByAnotherContractIsInvalidStill) {
  FakeRun fake = emulated();
  const RunResult run = fake.run();
  const Loaded<Suite> suite = parse_suite(run.evidence.suite_yaml, "suite.yaml");
  ClauseText lower = gemm_clause();
  lower.bar = "at_least: 1 MFLOP/s";
  const std::string other = contract_text({lower}, {kHealthy, kFaulty});
  const Loaded<Contract> contract = parse_contract(other, "contract.yaml", &*suite.value, nullptr, &bound_exists);
  const Verdict verdict = judge(*contract.value, run.evidence.plan, run.evidence.plan_sha256, run.evidence.trials);
  EXPECT_EQ(verdict.clauses_overall, Outcome::kPass);
  EXPECT_EQ(verdict.overall, Outcome::kInvalid);
  EXPECT_EQ(verdict.exit_code, 2);
  // And within the bundle: the plan holds the hash of the contract that was measured for.
  change(fake.path() / "contract.yaml", [&](const std::string&) { return other; });
  make_manifest_right(fake.path());
  EXPECT_THAT(refusal(fake.path()), HasSubstr("contract.yaml"));
}

TEST(EmulatedEvidence, MixedIntoAnotherBundleOfTheSameSerialsIsRefused) {
  // The bundle of the same serials calls itself real on its every page; the worker behind it does not.
  FakeRun real = emulated();
  real.adjust_plan = call_it_real;
  const RunResult refused = real.run();
  FakeRun fake = emulated();
  fake.run();
  EXPECT_EQ(refused.verdict.clauses_overall, Outcome::kInvalid);
  const fs::path bundle = real.path();
  for (const char* name : {"trials.jsonl", "ticks.bin", "telemetry.jsonl"}) {
    SCOPED_TRACE(name);
    const std::string own = slurp(bundle / name), other = slurp(fake.path() / name);
    ASSERT_NE(own, other);
    change(bundle / name, [&](const std::string&) { return other; });
    EXPECT_THAT(refusal(bundle), HasSubstr(name));
    change(bundle / name, [&](const std::string&) { return own; });
  }
  for (const char* name : {"trials.jsonl", "ticks.bin"})
    change(bundle / name, [&](const std::string&) { return slurp(fake.path() / name); });
  const Manifest theirs = parse_manifest(slurp(fake.path() / "manifest.json"), "manifest.json");
  change(bundle / "manifest.json", [&](const std::string& text) {
    Manifest manifest = parse_manifest(text, "manifest.json");
    manifest.end = theirs.end;
    for (ManifestFile& file : manifest.files) {
      if (file.name == "trials.jsonl" || file.name == "ticks.bin") file = *theirs.find(file.name);
    }
    return manifest_json(manifest);
  });
  EXPECT_THAT(refusal(bundle), HasSubstr("verdict.json is not what its raw rows give"));
  // Whole files of the real one in the emulated one: the hashes of plan, contract and secret hold each other.
  for (const char* name : {"plan.json", "environment.json", "run_secret.hex"}) {
    SCOPED_TRACE(name);
    FakeRun mixed = emulated();
    mixed.run();
    change(mixed.path() / name, [&](const std::string&) { return slurp(bundle / name); });
    EXPECT_THAT(refusal(mixed.path()), HasSubstr(name));
    make_manifest_right(mixed.path());
    EXPECT_THAT(refusal(mixed.path()), testing::AnyOf(HasSubstr("has SHA-256"), HasSubstr("is not the secret")));
  }
}

TEST(APlanOfRealDevices, GetsNoRowFromAnEmulatedWorker) {
  FakeRun fake = emulated();
  fake.adjust_plan = call_it_real;
  const RunResult run = fake.run();
  ASSERT_FALSE(run.trials().empty());
  for (const Trial& trial : run.trials()) {
    EXPECT_EQ(trial.status, TrialStatus::kInvalid);
    EXPECT_TRUE(trial.block_ns.empty());
    EXPECT_THAT(trial.reason, HasSubstr("the worker is simulated, the plan was not"));
  }
  for (const std::string& serial : {kHealthy, kFaulty})
    expect_row(run, "gemm", serial, Outcome::kInvalid, Reason::kSimulated);
  EXPECT_EQ(run.verdict.exit_code, 2);
  EXPECT_TRUE(run.verdict.reconciliation.accepted.empty());
}

TEST(APlanOfRealDevices, OverAnEnvironmentThatSaysEmulatedIsNoEvidence) {
  FakeRun fake = emulated();
  fake.adjust_plan = [](Plan& plan, Environment&) { plan.simulated.clear(); };
  EXPECT_THROW(
      {
        try {
          fake.run();
        } catch (const Error& error) {
          EXPECT_THAT(error.what(), HasSubstr("is of real devices, and environment.json says that plug-in fake is "
                                              "emulated"));
          throw;
        }
      },
      Error);
}

// The same file of a plug-in over another runtime: its SHA-256 is equal, and what it says of itself is not.
TEST(AnUnfinishedRun, IsResumedByNoWorkerOfAnotherKind) {
  struct Kind {
    std::string then, now, words;
  };
  for (const Kind& kind : {Kind{"", "emulated", "plug-in fake is emulated, and was of real devices"},
                           Kind{"emulated", "", "plug-in fake is of real devices, and was emulated"},
                           Kind{"fake", "emulated", "plug-in fake is emulated, and was fake"}}) {
    SCOPED_TRACE(kind.words);
    FakeRun fake = emulated();
    Environment environment;
    fake.adjust_plan = [&](Plan& plan, Environment& recorded) {
      plan.simulated = kind.then;
      for (PluginFact& plugin : recorded.plugins) plugin.simulated = kind.then;
      environment = recorded;
    };
    fs::path unfinished;
    std::string refused = "resumed";
    fake.instead_of_run = [&](BundleWriter& bundle, const RunOptions&) {
      unfinished = fake.scratch().path() / "unfinished";
      fs::copy(bundle.path(), unfinished);
      fs::copy(bundle.path().string() + ".secret", unfinished.string() + ".secret");
      try {
        BundleWriter::resume(unfinished, environment, nullptr);
      } catch (const Error& error) {
        refused = error.message();
      }
      EXPECT_EQ(refused, "resumed") << "nothing differs yet";
      for (PluginFact& plugin : environment.plugins) plugin.simulated = kind.now;
      try {
        BundleWriter::resume(unfinished, environment, nullptr);
      } catch (const Error& error) {
        refused = error.message();
      }
    };
    fake.run();
    EXPECT_THAT(refused, HasSubstr(kind.words));
  }
}

}  // namespace
}  // namespace geomsu::test
