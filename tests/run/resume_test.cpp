// The supervisor is ended at seeded instants, and the run is taken up again until it is sealed: the verdict is that of
// an undisturbed run, no finished trial is lost or counted twice, and no worker outlives its supervisor.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/run/many_trials.hpp"
#include "tests/run/processes.hpp"

namespace geomsu::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr int kSimulated = 2;
constexpr unsigned kSeed = 20260102;

// Waits until `ready` or the program's end; false for the latter.
template <class Ready>
bool until(Program& program, Ready ready) {
  while (!ready()) {
    if (program.ended()) return ready();
    std::this_thread::sleep_for(microseconds(50));
  }
  return true;
}

bool begun(const fs::path& bundle) { return fs::exists(bundle / "trials.jsonl"); }
bool sealed(const fs::path& bundle) { return fs::exists(bundle / "manifest.json"); }
bool sealing(const fs::path& bundle) { return fs::exists(bundle / "verdict.json"); }

struct Undisturbed {
  Outcomes outcomes;
  microseconds took{0};  // from the first file to the seal
};

Undisturbed undisturbed(const CommandLine& line) {
  Program program(line.run(), line.scratch().path());
  until(program, [&] { return begun(line.bundle()); });
  const auto start = Clock::now();
  EXPECT_EQ(program.wait(), kSimulated) << program.output();
  Undisturbed result;
  result.took = std::chrono::duration_cast<microseconds>(Clock::now() - start);
  result.outcomes = outcomes_of(line.bundle());
  return result;
}

// Kills the supervisor `after` it has begun (or has begun to seal) and looks for workers left behind.
// Returns false where it had ended by itself.
bool killed(const CommandLine& line, Program& program, bool while_sealing, microseconds after) {
  until(program, [&] { return while_sealing ? sealing(line.bundle()) : begun(line.bundle()); });
  ProcessWatch watch;
  watch.look(program.pid());
  const auto instant = Clock::now() + after;
  while (Clock::now() < instant && !program.ended()) std::this_thread::sleep_for(microseconds(20));
  watch.look(program.pid());
  program.signal(SIGKILL);
  const bool by_us = program.wait() == 128 + SIGKILL;
  EXPECT_EQ(watch.survivors(), "") << "workers outlived their supervisor";
  return by_us;
}

void resume_until_sealed(const CommandLine& line, std::mt19937& random, microseconds took) {
  for (int attempt = 0; attempt < 5 && !sealed(line.bundle()); ++attempt) {
    Program program(line.resume(), line.scratch().path());
    if (attempt == 0 && random() % 3 == 0) {  // a third are killed a second time
      const auto after = microseconds(random() % static_cast<unsigned>(took.count()));
      std::this_thread::sleep_for(after);
      program.signal(SIGKILL);
      program.wait();
      continue;
    }
    ASSERT_EQ(program.wait(), kSimulated) << program.output();
  }
}

// Each instant is a run of its own. A kill that came after the end is told and made up for.
void kill_at_instants(int instants) {
  const Undisturbed wanted = undisturbed(many_trials());
  std::mt19937 random(kSeed);
  int landed = 0, midway = 0, at_seal = 0;
  for (int i = 0; landed < instants && i < 3 * instants; ++i) {
    SCOPED_TRACE("instant " + std::to_string(i));
    const CommandLine line = many_trials();
    const bool while_sealing = i % 4 == 3;
    const auto after = while_sealing ? microseconds(random() % 3000)
                                     : microseconds(random() % static_cast<unsigned>(wanted.took.count()));
    std::string rows;
    {
      Program program(line.run(), line.scratch().path());
      if (!killed(line, program, while_sealing, after)) continue;
      rows = finished_rows(line.bundle());
    }
    ++landed;
    midway += rows.empty() ? 0 : 1;
    at_seal += while_sealing ? 1 : 0;
    if (!sealed(line.bundle())) EXPECT_NO_THROW(read_bundle(line.bundle(), true)) << "what was written stays readable";
    ASSERT_NO_FATAL_FAILURE(resume_until_sealed(line, random, wanted.took));
    ASSERT_TRUE(sealed(line.bundle()));
    expect_same(outcomes_of(line.bundle()), wanted.outcomes);
    expect_whole(line.bundle(), rows);
  }
  std::printf("%d kills landed, %d with finished trials, %d while sealing\n", landed, midway, at_seal);
  EXPECT_EQ(landed, instants);
  EXPECT_GE(midway, instants / 3);
}

TEST(Resume, AfterAKillAtEachOfEightInstantsEndsInTheUndisturbedVerdict) { kill_at_instants(8); }

TEST(ResumeLong, AfterAKillAtEachOfFiftyInstantsEndsInTheUndisturbedVerdict) { kill_at_instants(50); }

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
  std::ofstream(line.bundle() / "trials.jsonl", std::ios::app | std::ios::binary) << rows.substr(0, rows.size() / 2);
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
