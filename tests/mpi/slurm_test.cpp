// Inside an allocation of a real Slurm: four nodes, a rank on each, started by mpirun as
// configs/sites/slurm-mpirun.yaml says. With four slurmd on one host the nodes are one machine, and so are their
// clocks.
#include <cstdlib>

#include <gtest/gtest.h>
#include <signal.h>

#include "harness/base/files.hpp"
#include "harness/contract/contract.hpp"
#include "harness/measure/run.hpp"
#include "kernels/ops/collective.hpp"
#include "kernels/ops/collective_reference.hpp"
#include "tests/mpi/job.hpp"
#include "tests/mpi/slurm_cluster.hpp"

namespace geomsu::test {
namespace {

class Slurm : public testing::Test {
 protected:
  // One cluster for all: the tests run in one process where the program is run whole, and each has its own under ctest.
  void SetUp() override {
    if (const std::string none = SlurmCluster::missing();
        !none.empty() && std::getenv("GEOMSU_REQUIRE_SLURM") == nullptr)
      GTEST_SKIP() << "Slurm is not installed (" << none << "); ./check --all installs it";
    cluster_ = std::make_unique<SlurmCluster>();
    ASSERT_EQ(cluster_->why_not(), "");
    cluster_->enter_allocation();
    ASSERT_EQ(cluster_->why_not(), "");
    // An administrator's consent, in the environment and not in the site file.
    ::setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
    ::setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
    const std::string preset = std::string(GEOMSU_SOURCE_DIR) + "/configs/sites/slurm-mpirun.yaml";
    const auto loaded = parse_site(read_file(preset), preset);
    ASSERT_TRUE(loaded.value);
    site_ = *loaded.value;
    site_.plugins.at(0).backend.clear();
    site_.plugins.at(0).path = GEOMSU_MPI_PLUGIN;
    options_.launcher = site_.plugins[0].launcher;
    options_.ranks = 4;
  }
  void TearDown() override {
    ::unsetenv("OMPI_ALLOW_RUN_AS_ROOT");
    ::unsetenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM");
  }

  std::unique_ptr<SlurmCluster> cluster_;
  Site site_;
  JobOptions options_;
};

const Params kAllReduce{{"kind", "all_reduce"}, {"bytes", "65536"}, {"ranks", "4"}};

TEST_F(Slurm, RanksOnFourNodesAreOneGroupAndThePresetFindsThem) {
  Log log;
  const auto inventory = take_inventory(site_, GEOMSU_WORKER, {}, log);
  const auto& backend = inventory.backends.at(0);
  ASSERT_EQ(backend.fact.refused, "");
  EXPECT_TRUE(backend.launched);
  EXPECT_EQ(backend.devices.size(), 4u);

  Job job(options_);
  job.open();
  const std::uint64_t workload = job.prepare(kAllReduce, 2);
  ASSERT_TRUE(job.session().call(protocol::ReseedRequest{workload, 7}));
  const auto block = job.measure(workload, 2);
  ASSERT_TRUE(block) << block.fault().words;
  EXPECT_EQ(block->spans.size(), 4u);
  std::vector<ops::Problem> problems;
  const auto shape =
      ops::collective_shape(ops::collective().complete(ops::Params(kAllReduce.begin(), kAllReduce.end()), problems));
  for (std::uint32_t rank = 0; rank < 4; ++rank) {
    std::vector<double> rows, tolerances;
    ops::collective_reference(shape, {7, 2, 2, rank})->projection(1, 5, rows, tolerances);
    const auto projected = job.session().call(protocol::ProjectRequest{workload, 0, rank, 1, 5, 1});
    ASSERT_TRUE(projected) << projected.fault().words;
    EXPECT_EQ(projected->values, rows) << "rank " << rank;
  }
  const auto pids = job.rank_pids(4);
  job.session().shut_down();
  EXPECT_EQ(alive_after(pids, 10), "");
  EXPECT_EQ(job.watch().survivors(), "");
}

TEST_F(Slurm, AKilledRankIsNamedAndNobodyIsLeft) {
  Job job(options_);
  job.open();
  const auto pids = job.rank_pids(4);
  const std::string name = job.rank_name(2);
  const std::uint64_t workload = job.prepare(kAllReduce, 2);
  ASSERT_TRUE(job.session().call(protocol::ReseedRequest{workload, 7}));
  ::kill(pids[2], SIGKILL);
  const auto block = job.measure(workload, 100);
  ASSERT_FALSE(block);
  EXPECT_NE(block.fault().words.find(name + ": exited on signal 9"), std::string::npos) << block.fault().words;
  EXPECT_EQ(alive_after(pids, 15), "");
  EXPECT_EQ(job.watch().survivors(), "");
}

TEST_F(Slurm, AStoppedRankIsNamedAndNobodyIsLeft) {
  options_.patience = "3";
  Job job(options_);
  job.open();
  const auto pids = job.rank_pids(4);
  const std::string name = job.rank_name(3);
  const std::uint64_t workload = job.prepare(kAllReduce, 2);
  ASSERT_TRUE(job.session().call(protocol::ReseedRequest{workload, 7}));
  ::kill(pids[3], SIGSTOP);
  const auto block = job.measure(workload, 100, 1'000'000'000);
  ASSERT_FALSE(block);
  EXPECT_NE(block.fault().words.find(name + " gave no answer to 'measure'"), std::string::npos) << block.fault().words;
  EXPECT_EQ(alive_after(pids, 15), "") << "the stopped one too";
  EXPECT_EQ(job.watch().survivors(), "");
}

TEST_F(Slurm, AKilledLauncherTakesTheRanksOfAllNodesWithItTheStoppedOnesToo) {
  Job job(options_);
  job.open();
  const auto pids = job.rank_pids(4);
  ::kill(pids[1], SIGSTOP);
  ::kill(job.session().pid(), SIGKILL);
  const auto devices = job.session().call(protocol::DevicesRequest{});
  ASSERT_FALSE(devices);
  EXPECT_NE(devices.fault().words.find("killed by signal 9"), std::string::npos) << devices.fault().words;
  EXPECT_EQ(alive_after(pids, 15), "");
  EXPECT_EQ(job.watch().survivors(), "");
}

}  // namespace
}  // namespace geomsu::test
