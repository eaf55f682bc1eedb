// Ranks that die, stall or never come, launchers that are not there, supervisors that are killed: each is named, and
// nobody is left.
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/measure/run.hpp"
#include "tests/mpi/job.hpp"
#include "tests/run/scratch_dir.hpp"

namespace geomsu::test {
namespace {

JobOptions with_patience(std::uint32_t ranks, const std::string& seconds) {
  JobOptions options;
  options.ranks = ranks;
  options.patience = seconds;
  return options;
}

// A workload that is ready to run.
std::uint64_t ready(Job& job, std::uint32_t ranks) {
  const std::uint64_t workload = job.prepare(
      {{"kind", "all_reduce"}, {"bytes", std::to_string(4096 * ranks)}, {"ranks", std::to_string(ranks)}}, 2);
  EXPECT_TRUE(job.session().call(protocol::ReseedRequest{workload, 1}));
  return workload;
}

void expect_in(const std::string& words, const std::string& wanted) {
  EXPECT_NE(words.find(wanted), std::string::npos) << "wanted: " << wanted << "\nwords:  " << words;
}

TEST(Ranks, AKilledOneIsNamedWithHostAndPid) {
  Job job(with_patience(3, "20"));
  job.open();
  const auto pids = job.rank_pids(3);
  const std::string name = job.rank_name(2);
  const std::uint64_t workload = ready(job, 3);
  ::kill(pids[2], SIGKILL);
  const auto block = job.measure(workload, 100);
  ASSERT_FALSE(block);
  EXPECT_TRUE(block.fault().dead);
  expect_in(block.fault().words, name + ": exited on signal 9");
  EXPECT_EQ(alive_after(pids, 10), "");
  EXPECT_EQ(job.watch().survivors(), "");
}

TEST(Ranks, AStoppedOneIsNamedInABlock) {
  Job job(with_patience(3, "3"));
  job.open();
  const auto pids = job.rank_pids(3);
  const std::string name = job.rank_name(1);
  const std::uint64_t workload = ready(job, 3);
  ::kill(pids[1], SIGSTOP);
  const auto block = job.measure(workload, 100, 1'000'000'000);
  ASSERT_FALSE(block);
  EXPECT_TRUE(block.fault().dead);
  EXPECT_EQ(block.fault().status, TrialStatus::kTimeout);
  expect_in(block.fault().words, name + " gave no answer to 'measure' within");
  expect_in(block.fault().words, "no sign of life");
  EXPECT_EQ(block.fault().words.find(job.rank_name(0) + " "), std::string::npos) << block.fault().words;
  EXPECT_EQ(alive_after(pids, 10), "") << "a stopped process must go too";
  EXPECT_EQ(job.watch().survivors(), "");
}

TEST(Ranks, AStoppedOneIsNamedWhereItAloneIsAsked) {
  Job job(with_patience(2, "3"));
  job.open();
  const auto pids = job.rank_pids(2);
  const std::uint64_t workload = ready(job, 2);
  ASSERT_TRUE(job.measure(workload, 1));
  ::kill(pids[1], SIGSTOP);
  const auto digest = job.session().call(protocol::DigestRequest{workload, 0, 1, 0});
  ASSERT_FALSE(digest);
  expect_in(digest.fault().words, job.rank_name(1) + " gave no answer to 'digest' within");
  EXPECT_EQ(alive_after(pids, 10), "");
}

TEST(Ranks, AStoppedOneIsNamedWhereALoadRuns) {
  Job job(with_patience(2, "2"));
  job.open();
  const auto pids = job.rank_pids(2);
  const std::uint64_t workload = ready(job, 2);
  ASSERT_TRUE(job.session().call(protocol::LoadRequest{workload, 8}));
  ::kill(pids[1], SIGSTOP);
  const auto stopped = job.session().call(protocol::StopRequest{});
  ASSERT_FALSE(stopped);
  expect_in(stopped.fault().words, job.rank_name(1) + " gave no answer to ");
  EXPECT_EQ(alive_after(pids, 10), "");
}

TEST(Ranks, OneThatNeverComesIsNamedWithThoseWhoAreHere) {
  JobOptions options = with_patience(1, "20");
  options.watchdog_ns = 2'000'000'000;
  options.after = {":", "-n", "1", "/bin/sleep", "1000"};
  Job job(options);
  job.session().idle_until(job.session().clock().mono_ns() + 1'000'000'000, {});
  job.look();
  const auto hello = job.session().call(protocol::HelloRequest{});
  ASSERT_FALSE(hello);
  EXPECT_TRUE(hello.fault().dead);
  expect_in(hello.fault().words, "no answer to 'hello' within 2.0 s");
  expect_in(hello.fault().words, "rank 1 of 2 never came; here: " + job.rank_name(0));
  EXPECT_GE(job.watch().seen(), 1u);
  EXPECT_EQ(job.watch().survivors(), "") << "not even the one that never came";
}

TEST(Launcher, ThatIsMissingOrMiscountsIsSaidInWords) {
  Site site;
  SitePlugin& plugin = site.plugins.emplace_back();
  plugin.path = GEOMSU_MPI_PLUGIN;
  plugin.launcher = {"/nonexistent/mpirun", "-n", "2"};
  plugin.ranks = 2;
  Log log;
  auto inventory = take_inventory(site, GEOMSU_WORKER, {}, log);
  expect_in(inventory.backends.at(0).fact.refused, "the launcher /nonexistent/mpirun is not there");

  plugin.launcher = mpirun(2);
  inventory = take_inventory(site, GEOMSU_WORKER, {}, log);
  const auto& backend = inventory.backends.at(0);
  EXPECT_EQ(backend.fact.refused, "");
  EXPECT_TRUE(backend.launched);
  ASSERT_EQ(backend.devices.size(), 2u);
  EXPECT_EQ(backend.devices[1].attributes.at("rank"), "1");
  EXPECT_FALSE(backend.devices[1].attributes.at("node").empty());
  EXPECT_NE(backend.devices[0].uuid, backend.devices[1].uuid);

  plugin.ranks = 3;
  inventory = take_inventory(site, GEOMSU_WORKER, {}, log);
  expect_in(inventory.backends.at(0).fact.refused, "devices came from 2 rank(s), and the site file says 'ranks: 3'");
}

TEST(Plugin, WithoutALauncherRefusesWithTheReason) {
  Site site;
  site.plugins.emplace_back().path = GEOMSU_MPI_PLUGIN;
  Log log;
  const auto inventory = take_inventory(site, GEOMSU_WORKER, {}, log);
  expect_in(inventory.backends.at(0).fact.refused, "run in geomsu-worker-mpi only, and this process has no MPI");
}

// A supervisor of its own, in a process that can be killed. Returns when a job is open; `pids` are the ranks'.
pid_t start_supervisor(const ScratchDir& dir, std::vector<pid_t>& pids) {
  const pid_t child = ::fork();
  if (child == 0) {
    Job job(with_patience(3, "20"));
    job.open();
    std::ofstream list(dir.path() / "list.new");
    for (const pid_t pid : job.rank_pids(3)) list << pid << '\n';
    list.close();
    ::rename((dir.path() / "list.new").c_str(), (dir.path() / "list").c_str());
    for (;;) ::pause();
  }
  for (int turn = 0; turn < 1000 && pids.empty(); ++turn) {
    ::usleep(20'000);
    std::ifstream list(dir.path() / "list");
    for (pid_t pid = 0; list >> pid;) pids.push_back(pid);
  }
  EXPECT_EQ(pids.size(), 3u);
  return child;
}

TEST(Supervisor, KilledTakesAllWithIt) {
  for (const bool stop_one : {false, true}) {
    const ScratchDir dir;
    std::vector<pid_t> pids;
    const pid_t supervisor = start_supervisor(dir, pids);
    ProcessWatch watch;
    watch.look(supervisor);
    EXPECT_GE(watch.seen(), 4u) << "mpirun and its ranks";
    if (stop_one) ::kill(pids.at(1), SIGSTOP);
    ::kill(supervisor, SIGKILL);
    ::waitpid(supervisor, nullptr, 0);
    EXPECT_EQ(alive_after(pids, 10), "") << (stop_one ? "one was stopped" : "");
    EXPECT_EQ(watch.survivors(), "");
  }
}

TEST(Launcher, KilledTakesAllWithIt) {
  Job job(with_patience(3, "20"));
  job.open();
  const auto pids = job.rank_pids(3);
  ::kill(pids[2], SIGSTOP);
  ::kill(job.session().pid(), SIGKILL);
  const auto devices = job.session().call(protocol::DevicesRequest{});
  ASSERT_FALSE(devices);
  EXPECT_TRUE(devices.fault().dead);
  expect_in(devices.fault().words, "killed by signal 9");
  EXPECT_EQ(alive_after(pids, 10), "");
}

}  // namespace
}  // namespace geomsu::test
