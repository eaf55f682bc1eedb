// What launchers say of their processes, and the roll of those that are here.
#include "harness/measure/rank_roll.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/measure/session.hpp"

namespace geomsu {
namespace {

TEST(RankEnd, OpenMpiNamesRankPidNodeAndSignal) {
  const auto end =
      read_rank_end("mpirun noticed that process rank 1 with PID 12345 on node n2 exited on signal 9 (Killed).");
  ASSERT_TRUE(end);
  EXPECT_EQ(end->rank, 1u);
  EXPECT_EQ(end->pid, 12345);
  EXPECT_EQ(end->host, "n2");
  EXPECT_EQ(end->how, "exited on signal 9 (Killed)");
}

TEST(RankEnd, OpenMpiNamesAProcessThatExited) {
  const auto end = read_rank_end("  Process name: [[41242,1],3]");
  ASSERT_TRUE(end);
  EXPECT_EQ(end->rank, 3u);
}

TEST(RankEnd, SlurmNamesNodeAndTask) {
  const auto killed = read_rank_end("srun: error: n2: task 1: Killed");
  ASSERT_TRUE(killed);
  EXPECT_EQ(killed->rank, 1u);
  EXPECT_EQ(killed->host, "n2");
  EXPECT_EQ(killed->how, "Killed");
  const auto several = read_rank_end("srun: error: node-7: tasks 4-6: Exited with exit code 1");
  ASSERT_TRUE(several);
  EXPECT_EQ(several->rank, 4u);
  EXPECT_EQ(several->how, "Exited with exit code 1");
}

TEST(RankEnd, OtherWordsAreNoEnd) {
  for (const char* line :
       {"", "mpirun noticed that process rank", "mpirun noticed that process rank x with PID 1 on node n exited",
        "Process name: [[41242,1]", "srun: error: n2: Unable to create job", "srun: error: n2: task x: Killed",
        "all is well on rank 1 with PID 12345 on node n2"}) {
    EXPECT_FALSE(read_rank_end(line)) << line;
  }
}

RankRoll roll_of(std::initializer_list<const char*> lines) {
  RankRoll roll;
  for (const char* line : lines) roll.take(line);
  return roll;
}

TEST(RankRoll, NamesThoseWhoNeverCame) {
  const auto roll = roll_of({"geomsu-worker-mpi: rank 2 of 4 on n3, pid 30 is here", "chatter",
                             "[n1] geomsu-worker-mpi: rank 0 of 4 on n1, pid 10 is here"});
  EXPECT_EQ(roll.absent_words(), "rank 1, rank 3 of 4 never came; here: rank 0 on n1, pid 10; rank 2 on n3, pid 30");
  EXPECT_EQ(roll.lost_words(), "");
}

TEST(RankRoll, SaysNothingWhereAllAreHereOrNobodyCalled) {
  EXPECT_EQ(roll_of({"geomsu-worker-mpi: rank 0 of 1 on n1, pid 10 is here"}).absent_words(), "");
  EXPECT_EQ(roll_of({"some library: rank 0 of 2 on n1"}).absent_words(), "");
  EXPECT_EQ(roll_of({"srun: error: n2: task 1: Killed"}).lost_words(), "") << "no job of ours";
  EXPECT_EQ(roll_of({"geomsu-worker-mpi: rank 7 of 4 on n1, pid 10 is here"}).absent_words(), "") << "nonsense";
  EXPECT_EQ(roll_of({"geomsu-worker-mpi: rank 0 of 4294967295 on n1, pid 10 is here"}).absent_words(), "");
}

TEST(RankRoll, ALostRankIsNamedWithThePidThatItTold) {
  const auto roll =
      roll_of({"geomsu-worker-mpi: rank 0 of 2 on n1, pid 10 is here",
               "geomsu-worker-mpi: rank 1 of 2 on n2, pid 20 is here", "srun: error: n2: task 1: Killed"});
  EXPECT_EQ(roll.lost_words(), "rank 1 on n2, pid 20: Killed");
}

TEST(RankRoll, StandsInTheWordsOfASessionThatDies) {
  Log log;
  Session silent({"/bin/sh", "-c", "echo 'geomsu-worker-mpi: rank 0 of 2 on n1, pid 10 is here' >&2; sleep 60"},
                 500'000'000, log);
  const auto answer = silent.call(protocol::HelloRequest{});
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.fault().words.find("rank 1 of 2 never came; here: rank 0 on n1, pid 10"), std::string::npos)
      << answer.fault().words;
  Session killed({"/bin/sh", "-c",
                  "echo 'geomsu-worker-mpi: rank 0 of 1 on n1, pid 10 is here' >&2; read line; echo 'mpirun noticed "
                  "that process rank 0 with PID 10 on node n1 exited on signal 9 (Killed).' >&2; exit 137"},
                 2'000'000'000, log);
  const auto other = killed.call(protocol::HelloRequest{});
  ASSERT_FALSE(other);
  EXPECT_NE(other.fault().words.find("rank 0 on n1, pid 10: exited on signal 9 (Killed)"), std::string::npos)
      << other.fault().words;
}

}  // namespace
}  // namespace geomsu
