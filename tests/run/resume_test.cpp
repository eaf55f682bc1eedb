// The supervisor is ended at seeded instants, and the run is taken up again until it is sealed: the verdict is that of
// an undisturbed run, no finished trial is lost or counted twice, and no worker outlives its supervisor.
#include <filesystem>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "harness/base/files.hpp"
#include "harness/base/hash.hpp"
#include "kernels/ops/generator.hpp"
#include "tests/run/kill_instants.hpp"
#include "tests/run/processes.hpp"

namespace geomsu::test {
namespace {

TEST(Resume, AfterAKillAtEachOfEightInstantsEndsInTheUndisturbedVerdict) { kill_at_instants(8); }

TEST(Resume, AfterCtrlCEndsInTheUndisturbedVerdict) {
  const Undisturbed wanted = undisturbed(many_trials());
  const CommandLine line = many_trials();
  std::string rows;
  {
    Program program(line.run(), line.scratch().path());
    ASSERT_TRUE(until(program, [&] { return !finished_rows(line.bundle()).empty(); }));
    ProcessWatch watch;
    watch.look(program.pid());
    program.signal(SIGINT);
    EXPECT_EQ(program.wait(), 130) << program.output();
    EXPECT_NE(program.output().find("--resume"), std::string::npos) << "says how to go on: " << program.output();
    EXPECT_EQ(watch.survivors(), "");
    EXPECT_FALSE(sealed(line.bundle()));
    rows = finished_rows(line.bundle());
  }
  Program program(line.resume(), line.scratch().path());
  ASSERT_EQ(program.wait(), kSimulated) << program.output();
  expect_same(outcomes_of(line.bundle()), wanted.outcomes);
  expect_whole(line.bundle(), rows);
  EXPECT_FALSE(std::filesystem::exists(line.bundle().string() + ".secret")) << "the seal holds it now";
}

// The repeat whose digest was taken of the block that the replay drew, from the evidence alone.
std::string drawn_for_replay(const Secret& secret, const Trial& row, std::uint32_t sitting) {
  const auto draw = [&](std::string_view purpose, std::uint64_t block, std::uint64_t choices) {
    const std::uint64_t seed =
        derive_seed(secret, seed_name(row.id, row.unit.name(), purpose, sitting), row.attempt, block);
    return ops::at(ops::stream(seed, 0), 0) % choices;
  };
  // From five blocks on it stands after a drawn one, and is of an earlier one than that.
  const std::uint64_t blocks = row.digests.size(), last = blocks >= 5 ? 1 + draw("decoy", 0, blocks - 2) : blocks - 1;
  const std::uint64_t block = draw("replay", 0, std::max<std::uint64_t>(1, last));
  return fmt::format("block {}, repeat {}:", block, draw("digest", block, row.repeats));
}

TEST(Resume, AfterAKillDrawsNewSeedsThatTheEvidenceGivesAgain) {
  const CommandLine line = many_trials();
  {
    Program program(line.run(), line.scratch().path());
    ASSERT_TRUE(until(program, [&] { return !finished_rows(line.bundle()).empty(); }));
    program.signal(SIGKILL);
    program.wait();
  }
  const std::size_t before = read_bundle(line.bundle(), true).trials.size();
  Program program(line.resume(), line.scratch().path());
  ASSERT_EQ(program.wait(), kSimulated) << program.output();
  const Evidence evidence = read_bundle(line.bundle());
  ASSERT_GT(evidence.trials.size(), before + 4);
  const Secret secret = secret_from_hex(read_file(line.bundle() / "run_secret.hex", 64));
  std::size_t differ = 0, replayed = 0;
  for (std::size_t i = 0; i < evidence.trials.size(); ++i) {
    const Trial& row = evidence.trials[i];
    SCOPED_TRACE(row.id + " on " + row.unit.name());
    EXPECT_EQ(row.sitting, i < before ? 1U : 2U);
    if (!row.workload.starts_with("gemm")) continue;
    for (const Check& check : row.checks) {
      if (check.name != "replay") continue;
      ++replayed;
      EXPECT_TRUE(check.detail.starts_with(drawn_for_replay(secret, row, row.sitting))) << check.detail;
      differ += check.detail.starts_with(drawn_for_replay(secret, row, 3 - row.sitting)) ? 0U : 1U;
    }
  }
  EXPECT_GT(replayed, 4U);
  EXPECT_GT(differ, replayed / 2) << "the other sitting would have drawn the same";
}

// The fake's counters begin anew with its worker, at less than the last row has: growth in the second soak is seen.
TEST(Resume, CountsWhatGrowsInItsOwnSoak) {
  const CommandLine line = many_trials();
  line.scratch().file("script.yaml",
                      script_text({device_text("A-1", "{kind: ecc, at_sample: 2, corrected: 3}"), device_text("A-2")}));
  {
    Program program(line.run(), line.scratch().path());
    ASSERT_TRUE(until(program, [&] { return !finished_rows(line.bundle()).empty(); }));
    program.signal(SIGKILL);
    program.wait();
  }
  Program program(line.resume(), line.scratch().path());
  ASSERT_EQ(program.wait(), kSimulated) << program.output();
  std::map<std::uint32_t, int> told;  // by sitting
  for (const Trial& row : read_bundle(line.bundle()).trials) {
    for (const Finding& finding : row.findings) {
      if (finding.code != "ecc") continue;
      EXPECT_EQ(row.unit.device, "A-1");
      EXPECT_NE(finding.text.find("grew from 0 to 3 before the trial"), std::string::npos) << finding.text;
      ++told[row.sitting];
    }
  }
  EXPECT_EQ(told[2], 1);
}

TEST(Resume, OfASealedRunMakesWhatReportsAreMissingAndGivesItsVerdict) {
  const CommandLine line = many_trials(2);
  {
    Program program(line.run(), line.scratch().path());
    ASSERT_EQ(program.wait(), kSimulated) << program.output();
  }
  const std::filesystem::path bundle = line.bundle(), reports = bundle.string() + ".report";
  const std::string page = read_file(reports / "report.html", 1U << 24), rows = finished_rows(bundle);
  std::filesystem::remove(reports / "report.html");
  line.scratch().file("bundle.report/junit.xml", "mine");
  line.scratch().file("bundle.secret", read_file(bundle / "run_secret.hex", 64));
  line.scratch().file("script.yaml", script_text({device_text("B-7")}));  // no device is asked
  Program program(line.resume(), line.scratch().path());
  EXPECT_EQ(program.wait(), kSimulated);
  EXPECT_NE(program.output().find("already complete"), std::string::npos) << program.output();
  EXPECT_NE(program.output().find("Verdict: INVALID"), std::string::npos) << program.output();
  EXPECT_EQ(read_file(reports / "report.html", 1U << 24), page);
  EXPECT_EQ(read_file(reports / "junit.xml", 64), "mine") << "what is there stays";
  EXPECT_FALSE(std::filesystem::exists(bundle.string() + ".secret"));
  expect_whole(bundle, rows);
}

TEST(Resume, CutsATornLastLine) {
  const CommandLine line = many_trials();
  std::string rows;
  {
    Program program(line.run(), line.scratch().path());
    ASSERT_TRUE(until(program, [&] { return !finished_rows(line.bundle()).empty(); }));
    program.signal(SIGKILL);
    program.wait();
    rows = finished_rows(line.bundle());
  }
  std::ofstream(line.bundle() / "trials.jsonl", std::ios::app | std::ios::binary)
      << rows.substr(0, rows.find('\n') / 2);
  Program program(line.resume(), line.scratch().path());
  ASSERT_EQ(program.wait(), kSimulated) << program.output();
  expect_whole(line.bundle(), rows);
}

TEST(Resume, RefusesAnotherDevice) {
  const CommandLine line = many_trials();
  {
    Program program(line.run(), line.scratch().path());
    ASSERT_TRUE(until(program, [&] { return begun(line.bundle()); }));
    program.signal(SIGKILL);
    program.wait();
  }
  line.scratch().file("script.yaml", script_text({device_text("A-1"), device_text("B-7")}));
  Program program(line.resume(), line.scratch().path());
  EXPECT_EQ(program.wait(), 65);
  EXPECT_NE(program.output().find("A-2"), std::string::npos) << program.output();
}

TEST(Resume, RefusesASecondSupervisor) {
  const CommandLine line = many_trials(30);
  Program program(line.run(), line.scratch().path());
  ASSERT_TRUE(until(program, [&] { return begun(line.bundle()); }));
  ScratchDir elsewhere;
  Program second(line.resume(), elsewhere.path());
  EXPECT_EQ(second.wait(), 73) << second.output();
  EXPECT_NE(second.output().find("another geomsu"), std::string::npos) << second.output();
  EXPECT_EQ(program.wait(), kSimulated) << program.output();
  expect_whole(line.bundle(), "");
}

}  // namespace
}  // namespace geomsu::test
