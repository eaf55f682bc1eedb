#include "tests/run/kill_instants.hpp"

#include <cstdio>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/run/processes.hpp"

namespace geomsu::test {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr unsigned kSeed = 20260102;

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

// The last that a run does.
bool reported(const fs::path& bundle) {
  return sealed(bundle) && fs::exists(fs::path(bundle.string() + ".report") / "junit.xml");
}

void resume_until_reported(const CommandLine& line, std::mt19937& random, microseconds took) {
  for (int attempt = 0; attempt < 5 && !reported(line.bundle()); ++attempt) {
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

}  // namespace

bool until(Program& program, const std::function<bool()>& ready) {
  while (!ready()) {
    if (program.ended()) return ready();
    std::this_thread::sleep_for(microseconds(50));
  }
  return true;
}

bool begun(const fs::path& bundle) { return fs::exists(bundle / "trials.jsonl"); }
bool sealing(const fs::path& bundle) { return fs::exists(bundle / "verdict.json"); }
bool sealed(const fs::path& bundle) { return fs::exists(bundle / "manifest.json"); }

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
    if (!sealed(line.bundle())) {
      EXPECT_NO_THROW(read_bundle(line.bundle(), true)) << "what was written stays readable";
    }
    ASSERT_NO_FATAL_FAILURE(resume_until_reported(line, random, wanted.took));
    ASSERT_TRUE(reported(line.bundle()));
    EXPECT_FALSE(fs::exists(line.bundle().string() + ".secret"));
    expect_same(outcomes_of(line.bundle()), wanted.outcomes);
    expect_whole(line.bundle(), rows);
  }
  std::printf("%d kills landed, %d with finished trials, %d while sealing\n", landed, midway, at_seal);
  EXPECT_EQ(landed, instants);
  EXPECT_GE(midway, instants / 3);
}

}  // namespace geomsu::test
