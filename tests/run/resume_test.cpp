// The supervisor is ended at seeded instants, and the run is taken up again until it is sealed: the verdict is that of
// an undisturbed run, no finished trial is lost or counted twice, and no worker outlives its supervisor.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <signal.h>

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
