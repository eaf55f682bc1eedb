// Where the disk is full or the directory read-only: a clear error, the documented status, and what was written stays.
#include <algorithm>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/run/kill_instants.hpp"
#include "tests/run/processes.hpp"

namespace geomsu::test {
namespace {

namespace fs = std::filesystem;

void expect_readable_and_resumable(const CommandLine& line) {
  const Evidence partial = read_bundle(line.bundle(), true);
  EXPECT_FALSE(partial.sealed);
  EXPECT_FALSE(partial.trials.empty()) << "the disk should fill in the middle of the run";
  EXPECT_LT(partial.trials.size(), 22U);
  const std::string rows = finished_rows(line.bundle());
  Program again(line.resume(), line.scratch().path());
  ASSERT_EQ(again.wait(), kSimulated) << again.output();
  expect_whole(line.bundle(), rows);
}

TEST(AFullDisk, EndsWithStatus74AndTheBundleStaysReadableAndGoesOn) {
  const CommandLine whole = many_trials();
  {
    Program program(whole.run(), whole.scratch().path());
    ASSERT_EQ(program.wait(), kSimulated) << program.output();
  }
  const auto planned = fs::file_size(whole.bundle() / "plan.json");
  const auto largest =
      std::max(fs::file_size(whole.bundle() / "trials.jsonl"), fs::file_size(whole.bundle() / "telemetry.jsonl"));
  ASSERT_LT(planned * 2, largest) << "the limit must let the plan through and stop what grows";
  const CommandLine line = many_trials();
  ProgramOptions options;
  options.file_size_limit = largest * 6 / 10;
  {
    Program program(line.run(), line.scratch().path(), options);
    EXPECT_EQ(program.wait(), 74) << program.output();
    EXPECT_NE(program.output().find(line.bundle().string()), std::string::npos) << program.output();
    EXPECT_NE(program.output().find("next: "), std::string::npos) << program.output();
    EXPECT_TRUE(descendants(::getpid()).empty());
  }
  expect_readable_and_resumable(line);
}

// A file system of its own that fills up, where this user may mount one.
TEST(AFullDisk, OfAFileSystemWithoutSpaceIsTheSame) {
  const CommandLine line = many_trials();
  const fs::path mount_point = line.bundle().parent_path() / "small";
  fs::create_directory(mount_point);
  if (::mount("tmpfs", mount_point.c_str(), "tmpfs", 0, "size=96k") != 0) {
    GTEST_SKIP() << "a small tmpfs cannot be mounted here: " << std::generic_category().message(errno);
  }
  const fs::path bundle = mount_point / "bundle";
  std::vector<std::string> argv = line.run();
  std::replace(argv.begin(), argv.end(), line.bundle().string(), bundle.string());
  {
    Program program(argv, line.scratch().path());
    EXPECT_EQ(program.wait(), 74) << program.output();
    EXPECT_NE(program.output().find("No space left"), std::string::npos) << program.output();
  }
  EXPECT_NO_THROW({
    const Evidence partial = read_bundle(bundle, true);
    EXPECT_FALSE(partial.sealed);
  });
  ::umount2(mount_point.c_str(), MNT_DETACH);
}

TEST(AReadOnlyDirectory, EndsWithStatus73BeforeAnythingIsMeasured) {
  const CommandLine line = many_trials();
  const fs::path closed = line.scratch().path() / "closed";
  fs::create_directory(closed);
  fs::permissions(closed, fs::perms::owner_read | fs::perms::owner_exec);
  std::vector<std::string> argv = line.run();
  std::replace(argv.begin(), argv.end(), line.bundle().string(), (closed / "bundle").string());
  ProgramOptions options;
  options.obey_permissions = true;
  Program program(argv, line.scratch().path(), options);
  EXPECT_EQ(program.wait(), 73) << program.output();
  EXPECT_NE(program.output().find((closed / "bundle").string()), std::string::npos) << program.output();
  EXPECT_TRUE(fs::is_empty(closed));
}

TEST(ADirectoryThatIsNotEmpty, IsNeverWrittenInto) {
  const CommandLine line = many_trials();
  fs::create_directory(line.bundle());
  line.scratch().file("bundle/mine.txt", "mine");
  Program program(line.run(), line.scratch().path());
  EXPECT_EQ(program.wait(), 73) << program.output();
  EXPECT_EQ(std::distance(fs::directory_iterator(line.bundle()), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace geomsu::test
