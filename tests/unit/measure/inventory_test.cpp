// What the inventory says of who serves is read by the supervisor itself; workers here are scripts that lie.
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/base/hash.hpp"
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

}  // namespace
}  // namespace geomsu
