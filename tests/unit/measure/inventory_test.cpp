// What the inventory says of who serves is read by the supervisor itself; workers here are scripts that lie.
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/base/files.hpp"
#include "harness/base/hash.hpp"
#include "harness/measure/child.hpp"
#include "harness/measure/run.hpp"

namespace geomsu {
namespace {

namespace fs = std::filesystem;

class InventoryTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(dir_); }
  void TearDown() override { fs::remove_all(dir_); }

  // An executable that answers `hello` with this hash, then `devices` with one device.
  fs::path worker(const std::string& sha256) const {
    const fs::path path = dir_ / "worker";
    std::ofstream(path) << fmt::format(
        R"(#!/bin/sh
while read -r line; do
  case $line in
    *'"hello"'*) echo '{{"jsonrpc":"2.0","id":1,"result":{{"status":"ok","major":1,"minor":0,"worker":"w",'\
'"plugin":{{"backend":"b","version":"1","path":"/told","sha256":"{}"}},"boot_id":"","time_namespace":"",'\
'"pid":"1","scripted_time":false}}}}' ;;
    *'"devices"'*) echo '{{"jsonrpc":"2.0","id":2,"result":{{"status":"ok","devices":[{{"index":0,'\
'"backend":"b","name":"n","vendor":"v","uuid":"u","attributes":{{}}}}]}}}}' ;;
    *) exit 0 ;;
  esac
done
)",
        sha256);
    fs::permissions(path, fs::perms::owner_all);
    return path;
  }
  fs::path file(const std::string& name, const std::string& text) const {
    std::ofstream(dir_ / name) << text;
    return dir_ / name;
  }
  static Inventory::Backend only(const Site& site, const fs::path& worker) {
    Log log;
    const Inventory inventory = take_inventory(site, worker, {}, log);
    EXPECT_EQ(inventory.backends.size(), 1u);
    return inventory.backends.empty() ? Inventory::Backend{} : inventory.backends.front();
  }

  fs::path dir_ = fs::path(testing::TempDir()) / fmt::format("geomsu-inventory-{}", ::getpid());
};

Site with_plugin(const fs::path& path) {
  Site site;
  site.plugins.emplace_back().path = path.string();
  return site;
}

Site with_command(std::vector<std::string> command) {
  Site site;
  site.plugins.emplace_back().command = std::move(command);
  return site;
}

TEST_F(InventoryTest, APluginIsKnownByTheFileThatWeHashed) {
  const fs::path plugin = file("geomsu_b.so", "bytes of a plug-in");
  const auto backend = only(with_plugin(plugin), worker(sha256_hex("bytes of a plug-in")));
  EXPECT_EQ(backend.fact.refused, "");
  EXPECT_EQ(backend.fact.sha256, sha256_hex("bytes of a plug-in"));
  EXPECT_EQ(backend.fact.path, plugin.string());
}

TEST_F(InventoryTest, AWorkerThatTellsAnotherHashThanTheFilesIsRefused) {
  const auto backend = only(with_plugin(file("geomsu_b.so", "other bytes")), worker(sha256_hex("approved bytes")));
  EXPECT_NE(backend.fact.refused.find(sha256_hex("approved bytes")), std::string::npos) << backend.fact.refused;
  EXPECT_TRUE(backend.devices.empty());
}

TEST_F(InventoryTest, AnAdapterIsKnownByEveryFileOfItsCommandWhateverItTells) {
  const std::string told = sha256_hex("approved bytes");
  const fs::path program = worker(told);
  const auto alone = only(with_command({program.string()}), "/nonexistent");
  EXPECT_EQ(alone.fact.refused, "");
  EXPECT_EQ(alone.fact.sha256, sha256_file_hex(program));
  EXPECT_NE(alone.fact.sha256, told);

  const fs::path model = file("model.bin", "weights");
  const auto several = only(with_command({program.string(), "--model", model.string()}), "/nonexistent");
  EXPECT_EQ(several.fact.path, fmt::format("{} --model {}", program.string(), model.string()));
  EXPECT_EQ(several.fact.sha256, sha256_hex(fmt::format("{}  {}\n{}  {}\n", sha256_file_hex(program), program.string(),
                                                        sha256_hex("weights"), model.string())));
  file("model.bin", "other weights");
  EXPECT_NE(only(with_command({program.string(), "--model", model.string()}), "/nonexistent").fact.sha256,
            several.fact.sha256);
}

// A launcher that starts what follows its `-n N`, once.
Site with_launcher(const fs::path& launcher, const fs::path& plugin, std::uint32_t ranks) {
  Site site = with_plugin(plugin);
  site.plugins.front().launcher = {launcher.string(), "-n", "1"};
  site.plugins.front().ranks = ranks;
  site.plugins.front().params = {{"k", "v"}};
  return site;
}

class LaunchedInventoryTest : public InventoryTest {
 protected:
  void SetUp() override {
    InventoryTest::SetUp();
    plugin_ = file("geomsu_b.so", "bytes");
    worker_ = worker(sha256_hex("bytes"));
    launcher_ = file("launch", "#!/bin/sh\nshift 2\nexec \"$@\"\n");
    fs::permissions(launcher_, fs::perms::owner_all);
    // The worker of a job says which rank brought a device.
    std::string script = read_file(worker_);
    script.replace(script.find(R"("attributes":{)"), 14, R"("attributes":{"rank":"0")");
    fs::permissions(file("geomsu-worker-mpi", script), fs::perms::owner_all);
  }
  fs::path plugin_, worker_, launcher_;
};

TEST_F(LaunchedInventoryTest, TheLauncherStartsTheWorkerOfSeveralProcesses) {
  const auto backend = only(with_launcher(launcher_, plugin_, 1), worker_);
  EXPECT_EQ(backend.fact.refused, "");
  EXPECT_TRUE(backend.launched);
  EXPECT_EQ(backend.launcher, launcher_.string());
  EXPECT_EQ(backend.launcher_sha256, sha256_file_hex(launcher_));
  const std::vector<std::string> command{
      launcher_.string(), "-n",      "1",  (dir_ / "geomsu-worker-mpi").string(), "--plugin",
      plugin_.string(),   "--param", "k=v"};
  EXPECT_EQ(backend.command, command);
  EXPECT_EQ(backend.fact.sha256, sha256_hex("bytes")) << "the plug-in's, not the launcher's";
  EXPECT_EQ(backend.devices.size(), 1u);
  Log log;
  const auto environment =
      describe_environment(take_inventory(with_launcher(launcher_, plugin_, 1), worker_, {}, log), "n", "t", "b");
  EXPECT_EQ(environment.facts.at("launcher.b.sha256"), sha256_file_hex(launcher_));
  EXPECT_TRUE(environment.facts.at("launcher.b").starts_with(launcher_.string() + " -n 1 "));
}

TEST_F(LaunchedInventoryTest, RanksThatNeverCameAreMissed) {
  const auto backend = only(with_launcher(launcher_, plugin_, 3), worker_);
  EXPECT_EQ(backend.fact.refused,
            "devices came from 1 rank(s), and the site file says 'ranks: 3'; correct it or the launcher's -n");
}

TEST_F(LaunchedInventoryTest, AMissingLauncherOrWorkerIsSaidInWords) {
  const auto none = only(with_launcher("/nonexistent/mpirun", plugin_, 1), worker_);
  EXPECT_NE(none.fact.refused.find("the launcher /nonexistent/mpirun is not there; install it"), std::string::npos)
      << none.fact.refused;
  EXPECT_TRUE(none.launched);
  fs::remove(dir_ / "geomsu-worker-mpi");
  const auto bare = only(with_launcher(launcher_, plugin_, 1), worker_);
  EXPECT_NE(bare.fact.refused.find("geomsu-worker-mpi is not there: this build is without MPI"), std::string::npos)
      << bare.fact.refused;
}

TEST_F(InventoryTest, APlugInWithoutALauncherIsNotLaunched) {
  EXPECT_FALSE(only(with_plugin(file("geomsu_b.so", "b")), worker(sha256_hex("b"))).launched);
}

TEST(ChildEnvironment, HandsOnWhatALauncherNeedsOfItsJobAndNothingElse) {
  ::setenv("SLURM_JOB_ID", "7", 1);
  ::setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
  ::setenv("PMIX_SERVER_URI", "x", 1);
  ::setenv("LD_PRELOAD_X", "x", 1);
  const auto environment = child_environment();
  const auto facts = describe_environment({}, "n", "t", "b").facts;
  for (const char* name : {"SLURM_JOB_ID", "OMPI_ALLOW_RUN_AS_ROOT", "PMIX_SERVER_URI", "LD_PRELOAD_X"})
    ::unsetenv(name);
  EXPECT_EQ(environment.at("SLURM_JOB_ID"), "7");
  EXPECT_EQ(environment.at("OMPI_ALLOW_RUN_AS_ROOT"), "1");
  EXPECT_EQ(environment.count("PMIX_SERVER_URI"), 1u);
  EXPECT_EQ(environment.count("LD_PRELOAD_X"), 0u);
  EXPECT_EQ(facts.at("env.SLURM_JOB_ID"), "7");
  EXPECT_EQ(facts.count("env.PMIX_SERVER_URI"), 0u);
}

TEST(Environment, HasTheSitesReadingsAsFacts) {
  Site site;
  site.readings = {
      {"inlet_temperature", {24.1, Dimension::kTemperature}, "24.1 °C", "BMS rack 12", "김검수", "2026-11-24"}};
  Environment environment;
  add_site_readings(environment, site);
  const std::map<std::string, std::string> wanted{{"site.inlet_temperature", "24.1 °C"},
                                                  {"site.inlet_temperature.by", "김검수"},
                                                  {"site.inlet_temperature.date", "2026-11-24"},
                                                  {"site.inlet_temperature.meter", "BMS rack 12"}};
  EXPECT_EQ(environment.facts, wanted);
}

}  // namespace
}  // namespace geomsu
