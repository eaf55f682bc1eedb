#include <csignal>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/evidence/run_secret.hpp"
#include "tests/unit/evidence/sample_run.hpp"

namespace geomsu {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

std::unique_ptr<BundleWriter> create(const fs::path& dir) {
  return BundleWriter::create(dir, sample::plan(), sample::contract_yaml(), sample::suite_yaml(), sample::environment(),
                              sample::secret());
}

void write_two(const fs::path& dir) {
  const auto writer = create(dir);
  const std::vector<Trial> trials = sample::trials(sample::plan());
  writer->add_telemetry(sample::kFirst, sample::readings());
  for (std::size_t i = 0; i < 2; ++i) writer->add(trials[i], sample::ticks(trials[i]));
}

std::string refusal(const fs::path& dir, const Environment& now) {
  try {
    BundleWriter::resume(dir, now, nullptr);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadData);
    return error.message();
  }
  return "resumed";
}

TEST(Resume, KeepsFinishedTrialsAndWhatTheRunBeganWith) {
  const sample::TempDir temp;
  write_two(temp / "run");
  std::vector<std::string> notes;
  const auto writer = BundleWriter::resume(temp / "run", sample::environment(), &notes);
  EXPECT_THAT(notes, IsEmpty());
  ASSERT_EQ(writer->finished().size(), 2u);
  EXPECT_EQ(writer->finished()[1].unit, sample::kSecond);
  EXPECT_EQ(plan_json(writer->plan()), plan_json(sample::plan()));
  EXPECT_EQ(writer->secret(), sample::secret());
  EXPECT_EQ(writer->contract_yaml(), sample::contract_yaml());
  EXPECT_EQ(writer->suite_yaml(), sample::suite_yaml());
}

TEST(Resume, CutsALastLineThatIsTornAtAnyByteAndSaysSo) {
  const sample::TempDir temp;
  write_two(temp / "run");
  const std::string rows = sample::slurp(temp / "run/trials.jsonl"), ticks = sample::slurp(temp / "run/ticks.bin");
  const std::size_t first = rows.find('\n') + 1;
  for (std::size_t size = first; size < rows.size();
       size += size + 60 < rows.size() ? std::size_t{37} : std::size_t{1}) {
    sample::spill(temp / "run/trials.jsonl", rows.substr(0, size));
    sample::spill(temp / "run/ticks.bin", ticks);
    std::vector<std::string> notes;
    const auto writer = BundleWriter::resume(temp / "run", sample::environment(), &notes);
    ASSERT_EQ(writer->finished().size(), 1u) << size;
    EXPECT_EQ(size > first, !notes.empty() && notes.front().starts_with("trials.jsonl: a torn last line")) << size;
    EXPECT_THAT(notes, Contains(HasSubstr("ticks.bin")));
    EXPECT_EQ(sample::slurp(temp / "run/trials.jsonl"), rows.substr(0, first));
  }
}

TEST(Resume, AfterACutCountsEachTrialOnce) {
  const sample::TempDir temp;
  write_two(temp / "run");
  const std::string rows = sample::slurp(temp / "run/trials.jsonl");
  sample::spill(temp / "run/trials.jsonl", rows.substr(0, rows.size() - 10));
  const std::vector<Trial> trials = sample::trials(sample::plan());
  {
    const auto writer = BundleWriter::resume(temp / "run", sample::environment(), nullptr);
    for (std::size_t i = 1; i < 4; ++i) writer->add(trials[i], sample::ticks(trials[i]));
    EXPECT_THROW(writer->add(trials[0], {}), Error);
    writer->seal(Verdict{});
  }
  const Evidence evidence = read_bundle(temp / "run");
  ASSERT_EQ(evidence.trials.size(), 4u);
  for (const Trial& trial : evidence.trials) EXPECT_NO_THROW(read_ticks(temp / "run", trial));
}

TEST(Resume, CutsTornTelemetryAndLogs) {
  const sample::TempDir temp;
  write_two(temp / "run");
  const std::string telemetry = sample::slurp(temp / "run/telemetry.jsonl");
  sample::spill(temp / "run/telemetry.jsonl", telemetry + "{\"unit\"");
  sample::spill(temp / "run/run.log", "whole\nto");
  sample::spill(temp / "run/.manifest.json.1.0.tmp", "{");
  sample::spill(temp / "run/verdict.json", "{}");
  std::vector<std::string> notes;
  BundleWriter::resume(temp / "run", sample::environment(), &notes)->seal(Verdict{});
  EXPECT_EQ(notes.size(), 4u);
  EXPECT_EQ(sample::slurp(temp / "run/telemetry.jsonl"), telemetry);
  EXPECT_EQ(sample::slurp(temp / "run/run.log"), "whole\n");
  EXPECT_NO_THROW(read_bundle(temp / "run"));
}

TEST(Resume, IsASittingOfItsOwnFromBeforeItsFirstSeedOn) {
  const sample::TempDir temp;
  EXPECT_EQ(create(temp / "run")->sitting(), 1u);
  Environment other = sample::environment();
  other.boot_id = "b1";
  EXPECT_THAT(refusal(temp / "run", other), HasSubstr("boot id"));
  for (const std::uint32_t sitting : {2u, 3u, 4u}) {  // each ends without a row, as one that is killed early
    EXPECT_EQ(BundleWriter::resume(temp / "run", sample::environment(), nullptr)->sitting(), sitting);
  }
  BundleWriter::resume(temp / "run/", sample::environment(), nullptr)->seal(Verdict{});
  EXPECT_EQ(sample::slurp(temp / "run/run_secret.hex"), to_hex(sample::secret()));
  EXPECT_FALSE(fs::exists(temp / "run.secret"));
}

TEST(Resume, RefusesASecretThatHoldsMoreThanItsMarks) {
  const sample::TempDir temp;
  write_two(temp / "run");
  sample::spill(temp / "run.secret", to_hex(sample::secret()) + "+\n");
  EXPECT_THAT(refusal(temp / "run", sample::environment()), HasSubstr("marks of sittings"));
}

TEST(SpentSecret, OfASealedRunGoesAndThatOfAnotherStays) {
  const sample::TempDir temp;
  create(temp / "run")->seal(Verdict{});
  sample::spill(temp / "run.secret", to_hex(sample::secret()) + "++");
  remove_spent_secret(temp / "run/");
  EXPECT_FALSE(fs::exists(temp / "run.secret"));
  remove_spent_secret(temp / "run");
  sample::spill(temp / "run.secret", std::string(64, '7'));
  remove_spent_secret(temp / "run");
  EXPECT_TRUE(fs::exists(temp / "run.secret"));
}

TEST(Resume, RefusesAnotherMachineBootPartOrProgramByName) {
  const sample::TempDir temp;
  write_two(temp / "run");
  const auto with = [&](auto&& change) {
    Environment now = sample::environment();
    change(now);
    return refusal(temp / "run", now);
  };
  EXPECT_THAT(with([](Environment& e) { e.node = "node02"; }), HasSubstr("node is 'node02', and was 'node01'"));
  EXPECT_THAT(with([](Environment& e) { e.boot_id = "b1"; }), HasSubstr("boot id"));
  EXPECT_THAT(with([](Environment& e) { e.tool_build = "other"; }), HasSubstr("tool build"));
  EXPECT_THAT(with([](Environment& e) { e.plugins[0].sha256 = "bb"; }), HasSubstr("plug-in sample has SHA-256 bb"));
  EXPECT_THAT(with([](Environment& e) { e.plugins[0].refused = "crashed"; }),
              HasSubstr("plug-in sample no longer serves"));
  EXPECT_THAT(with([](Environment& e) { e.devices[1].serial = "S-009"; }), HasSubstr("device node01/S-002 is gone"));
  EXPECT_THAT(with([](Environment& e) { e.devices[1].firmware = "1.1"; }),
              HasSubstr("device node01/S-002 is another part"));
  EXPECT_THAT(with([](Environment& e) { e.devices.clear(); }), HasSubstr("is gone"));
  EXPECT_EQ(with([](Environment& e) { e.facts["load"] = "high"; }), "resumed");
}

TEST(Resume, SaysWhereSerialsCouldNotBeCompared) {
  const sample::TempDir temp;
  Environment bare = sample::environment();
  bare.devices.clear();
  BundleWriter::create(temp / "run", sample::plan(), sample::contract_yaml(), sample::suite_yaml(), bare,
                       sample::secret());
  std::vector<std::string> notes;
  BundleWriter::resume(temp / "run", bare, &notes);
  EXPECT_THAT(notes, Contains(HasSubstr("serials were not compared")));
}

TEST(Resume, RefusesAPlanContractOrSecretThatWasChanged) {
  for (const std::string name : {"run/plan.json", "run/contract.yaml", "run/suite.yaml", "run.secret"}) {
    const sample::TempDir temp;
    write_two(temp / "run");
    std::string bytes = sample::slurp(temp / name);
    const std::size_t at = name == "run/plan.json" ? bytes.find("\"blocks\": 10") + 10 : bytes.size() - 1;
    bytes[at] = name == "run/plan.json" ? '3' : bytes[at] == '5' ? '6' : name == "run.secret" ? '5' : ' ';
    sample::spill(temp / name, bytes);
    EXPECT_THAT(refusal(temp / "run", sample::environment()), HasSubstr("cannot go on")) << name;
  }
}

TEST(Resume, RefusesRowsOrTicksThatWereChanged) {
  const sample::TempDir temp;
  write_two(temp / "run");
  const std::string rows = sample::slurp(temp / "run/trials.jsonl"), ticks = sample::slurp(temp / "run/ticks.bin");
  sample::spill(temp / "run/trials.jsonl", rows + rows);
  EXPECT_THAT(refusal(temp / "run", sample::environment()), HasSubstr("there twice"));
  sample::spill(temp / "run/trials.jsonl", rows);
  sample::spill(temp / "run/ticks.bin", ticks.substr(0, ticks.size() - 1));
  EXPECT_THAT(refusal(temp / "run", sample::environment()), HasSubstr("ends at byte"));
  std::string flipped = ticks;
  flipped[3] = static_cast<char>(flipped[3] ^ 1);
  sample::spill(temp / "run/ticks.bin", flipped);
  EXPECT_THAT(refusal(temp / "run", sample::environment()), HasSubstr("SHA-256"));
}

TEST(Resume, RefusesWhatIsNoRun) {
  const sample::TempDir temp;
  EXPECT_THROW(BundleWriter::resume(temp / "nothing", sample::environment(), nullptr), Error);
  fs::create_directory(temp / "empty");
  EXPECT_THAT(refusal(temp / "empty", sample::environment()), HasSubstr("is missing"));
}

TEST(Resume, AfterSigkillAtAnyInstantLosesNoRowAndCountsNoneTwice) {
  const std::vector<Trial> trials = sample::trials(sample::plan());
  for (int round = 0; round < 25; ++round) {
    const sample::TempDir temp;
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto writer = create(temp / "run");
      for (std::uint32_t attempt = 1; attempt < 1000; ++attempt) {
        for (Trial trial : trials) {
          trial.attempt = attempt;
          writer->add(trial, sample::ticks(trial));
          if (::write(pipe_ends[1], "x", 1) != 1) ::_exit(1);  // told only after the row is on the disk
        }
      }
      ::_exit(0);
    }
    ::close(pipe_ends[1]);
    char told = 0;
    std::size_t rows = 0;
    for (int wanted = round % 7 + 1; wanted > 0 && ::read(pipe_ends[0], &told, 1) == 1; --wanted) ++rows;
    std::this_thread::sleep_for(std::chrono::microseconds(131 * round));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    while (::read(pipe_ends[0], &told, 1) == 1) ++rows;
    ::close(pipe_ends[0]);

    std::vector<std::string> notes;
    const auto writer = BundleWriter::resume(temp / "run", sample::environment(), &notes);
    const std::size_t kept = writer->finished().size();
    EXPECT_GE(kept, rows) << "a row that was told of is lost";
    EXPECT_LE(kept, rows + 1);
    for (std::size_t i = 0; i < kept; ++i) {
      EXPECT_EQ(writer->finished()[i].attempt, i / 4 + 1);
      EXPECT_EQ(writer->finished()[i].unit, trials[i % 4].unit);
    }
    writer->seal(Verdict{});
    EXPECT_EQ(read_bundle(temp / "run").trials.size(), kept);
  }
}

}  // namespace
}  // namespace geomsu
