// A bundle's directory, opened once; its files are opened beneath it by bare name. Nothing in it is trusted: no
// symbolic link is followed (openat2 with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS, else O_NOFOLLOW), only regular files
// are opened, and a FIFO cannot make us wait.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace geomsu {

inline constexpr std::string_view kManifestName = "manifest.json", kSignatureName = "manifest.json.minisig";
// Every file that a manifest lists, in its order.
inline constexpr std::array<std::string_view, 11> kBundleFiles{
    "plan.json",       "contract.yaml", "suite.yaml",   "environment.json", "trials.jsonl",  "ticks.bin",
    "telemetry.jsonl", "run.log",       "verdict.json", "verdict.jsonl",    "run_secret.hex"};
// After them, where the contract names delivery lists: their bytes, in the order in which it names them.
inline constexpr std::size_t kMaxLists = 64;
std::string list_file_name(std::size_t number);   // from 1: "delivery-1.csv"
bool counts_lines(std::string_view name);         // .jsonl and run.log: rows are lines
std::uint64_t size_limit(std::string_view name);  // bytes that a reader accepts
inline constexpr std::uint64_t kMaxLineBytes = 16u << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void reset();

 private:
  int fd_;
};

// Memory that a whole file is read into, used again from file to file: it grows and never shrinks.
class ReadBuffer {
 public:
  static constexpr std::size_t kPadding = 64;  // bytes behind the file that may be looked at (trial_line.hpp)

  char* at_least(std::size_t bytes);  // room for so many and the padding; what was in it is lost

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t room_ = 0;
};

struct FileDigest {
  std::string sha256;
  std::uint64_t bytes = 0, lines = 0;
  bool torn = false;  // the last line has no end
};

class BundleDir {
 public:
  // Error kNoInput where there is none, kBadData where it is no directory.
  explicit BundleDir(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::string where(std::string_view name) const { return (path_ / name).string(); }
  std::vector<std::string> names() const;  // sorted, without . and ..
  bool has(std::string_view name) const;   // anything of that name, a dangling link included
  // Errors kBadData: missing, a link, no regular file, over its limit.
  std::string read(std::string_view name) const;
  // The same into memory that is there; good until the buffer is used again.
  std::string_view read(std::string_view name, ReadBuffer& buffer) const;
  std::string read(std::string_view name, std::uint64_t offset, std::uint64_t bytes) const;
  FileDigest digest(std::string_view name) const;  // streams
  std::uint64_t size(std::string_view name) const;
  // The same text for the same unchanged file, under whatever name: device, inode, size, times of change.
  std::string identity(std::string_view name) const;

 private:
  Descriptor open(std::string_view name, std::uint64_t* size) const;

  std::filesystem::path path_;
  Descriptor fd_;
};

// Calls with each line and its number from 1. `where` is the file. Error kBadData: a line over kMaxLineBytes, or a last
// one that has no end, unless `partial`, where that is left out.
template <class Visit>
void for_each_line(std::string_view text, const std::string& where, bool partial, Visit visit);

[[noreturn]] void refuse_line(const std::string& where, std::uint64_t line, std::string_view why);

template <class Visit>
void for_each_line(std::string_view text, const std::string& where, bool partial, Visit visit) {
  for (std::uint64_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos && partial) return;
    if (end == std::string_view::npos) refuse_line(where, number, "is torn: it has no end");
    if (end > kMaxLineBytes) refuse_line(where, number, "is over 16 MiB");
    visit(text.substr(0, end), number);
    text.remove_prefix(end + 1);
  }
}

}  // namespace geomsu
