#include "harness/base/files.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "geomsu-files-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }

  fs::path directory_;
};

// No file of this process grows over `bytes` while it lives: what a full disk does, on any disk and without root.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now = before_;
    now.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

template <typename Act>
std::optional<Error> error_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

TEST_F(Files, AreReadWhole) {
  const std::string bytes("a\0b\n", 4);
  write_file_atomic(directory_ / "f", bytes);
  EXPECT_EQ(read_file(directory_ / "f"), bytes);
  write_file_atomic(directory_ / "f", "");
  EXPECT_EQ(read_file(directory_ / "f"), "");
  const std::string large(300'000, 'z');
  write_file_atomic(directory_ / "f", large);
  EXPECT_EQ(read_file(directory_ / "f"), large);
}

TEST_F(Files, ThatAreMissingUnreadableOrTooLargeAreToldApart) {
  const auto missing = error_of([&] { read_file(directory_ / "none"); });
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->code(), ErrorCode::kNoInput);
  EXPECT_EQ(missing->where(), (directory_ / "none").string());
  EXPECT_THAT(missing->message(), HasSubstr("No such file"));

  const auto folder = error_of([&] { read_file(directory_); });
  ASSERT_TRUE(folder);
  EXPECT_EQ(folder->code(), ErrorCode::kIo);

  write_file_atomic(directory_ / "f", "12345");
  EXPECT_EQ(read_file(directory_ / "f", 5), "12345");
  const auto large = error_of([&] { read_file(directory_ / "f", 4); });
  ASSERT_TRUE(large);
  EXPECT_EQ(large->code(), ErrorCode::kBadData);
}

TEST_F(Files, AreReplacedWholeWithTheModeAskedFor) {
  const fs::path path = directory_ / "secret";
  write_file_atomic(path, "old", 0600);
  write_file_atomic(path, "new", 0600);
  EXPECT_EQ(read_file(path), "new");
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, KeepTheirOldContentOnAFullDiskAndNothingStaysBeside) {
  const fs::path path = directory_ / "report.json";
  write_file_atomic(path, "old");
  std::optional<Error> error;
  {
    const FileSizeLimit full(1000);
    error = error_of([&] { write_file_atomic(path, std::string(5000, 'n')); });
  }
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::kIo);
  EXPECT_EQ(error->where(), path.string());
  EXPECT_THAT(error->message(), HasSubstr("File too large"));
  EXPECT_FALSE(error->next().empty());
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, CannotBeCreatedWhereThereIsNoDirectory) {
  const auto error = error_of([&] { write_file_atomic(directory_ / "no" / "f", "x"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::kCannotCreate);
  EXPECT_THAT(error->message(), HasSubstr("No such file or directory"));
  const auto append = error_of([&] { AppendFile file(directory_ / "no" / "f"); });
  ASSERT_TRUE(append);
  EXPECT_EQ(append->code(), ErrorCode::kCannotCreate);
}

TEST_F(Files, NeverReplaceWhatIsNoRegularFile) {
  const fs::path pipe = directory_ / "pipe", folder = directory_ / "folder";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  fs::create_directory(folder);
  for (const fs::path& path : {pipe, folder}) {
    const auto error = error_of([&] { write_file_atomic(path, "x"); });
    ASSERT_TRUE(error) << path;
    EXPECT_EQ(error->code(), ErrorCode::kCannotCreate);
    EXPECT_EQ(entries(), 2u);
  }
  EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST_F(Files, AreWrittenThroughASymbolicLinkThatStays) {
  write_file_atomic(directory_ / "real", "old");
  fs::create_symlink("real", directory_ / "link");
  write_file_atomic(directory_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(directory_ / "link"));
  EXPECT_EQ(read_file(directory_ / "real"), "new");
}

TEST_F(Files, GetAppendedToFromTheirEnd) {
  const fs::path path = directory_ / "log";
  {
    AppendFile file(path);
    EXPECT_EQ(file.size(), 0u);
    file.append("one\n");
    file.append("two\n", false);
    EXPECT_EQ(file.size(), 8u);
  }
  AppendFile file(path);
  EXPECT_EQ(file.size(), 8u);
  file.append("three\n");
  EXPECT_EQ(read_file(path), "one\ntwo\nthree\n");
}

TEST_F(Files, EndWithAWholeRecordAfterAShortWrite) {
  const fs::path path = directory_ / "log";
  AppendFile file(path);
  file.append(std::string(900, 'a'));
  std::optional<Error> error;
  {
    const FileSizeLimit full(1000);
    error = error_of([&] { file.append(std::string(500, 'b')); });
  }
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::kIo);
  EXPECT_EQ(error->where(), path.string());
  EXPECT_EQ(read_file(path), std::string(900, 'a'));
  EXPECT_EQ(file.size(), 900u);
  file.append("c");  // room again: what was taken back is no obstacle
  EXPECT_EQ(read_file(path), std::string(900, 'a') + "c");
}

TEST_F(Files, RefuseEveryLaterAppendWhereAHalfRecordCannotBeTakenBack) {
  AppendFile file("/dev/full");  // writes give ENOSPC, and a device cannot be truncated
  const auto first = error_of([&] { file.append("x"); });
  ASSERT_TRUE(first);
  EXPECT_EQ(first->code(), ErrorCode::kIo);
  EXPECT_THAT(first->message(), HasSubstr("No space left on device"));
  EXPECT_EQ(file.size(), 0u);
  const auto second = error_of([&] { file.append("x"); });
  ASSERT_TRUE(second);
  EXPECT_THAT(second->message(), HasSubstr("earlier write failed"));
}

}  // namespace
}  // namespace geomsu
