#include "kernels/cuda/tuned.hpp"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/ops/fill.hpp"

namespace geomsu::cuda {
namespace {

using plugin::Failure;

constexpr std::string_view kHead = "geomsu tuned algorithm 1";

std::string hex(std::uint64_t value) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 0; i < 16; ++i) text[15 - i] = digits[value >> (4 * i) & 15];
  return text;
}

std::uint64_t digest_of(std::string_view text) {
  return ops::digest(std::as_bytes(std::span(text.data(), text.size())));
}

[[noreturn]] void refuse(const std::string& where, std::size_t line, const std::string& what) {
  throw Failure(GEOMSU_INVALID_ARGUMENT,
                where + ":" + std::to_string(line) + ": " + what +
                    "; it is not tuned anew silently, since a lot must be measured with one algorithm; next: take the "
                    "lot's own file, or remove it and inspect the whole lot again");
}

// Walks over the lines of a file.
class Lines {
 public:
  Lines(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  std::string_view next() {
    ++line_;
    const std::size_t end = text_.find('\n', at_);
    if (end == std::string_view::npos) refuse(where_, line_, "the file ends here, in the midst of it");
    const std::string_view line = text_.substr(at_, end - at_);
    at_ = end + 1;
    return line;
  }
  std::string_view value(std::string_view key) {
    const std::string_view line = next();
    if (!line.starts_with(key) || !line.substr(key.size()).starts_with(": ")) {
      refuse(where_, line_, "'" + std::string(key) + ": ' is expected here, got '" + std::string(line) + "'");
    }
    return line.substr(key.size() + 2);
  }
  std::uint64_t number(std::string_view text, int base) const {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size()) {
      refuse(where_, line_, "'" + std::string(text) + "' is no number");
    }
    return value;
  }
  std::size_t at() const { return at_; }
  std::size_t line() const { return line_; }
  bool done() const { return at_ == text_.size(); }

 private:
  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0, line_ = 0;
};

std::string words_of(int error) { return std::error_code(error, std::generic_category()).message(); }

// The name of a file of this process alone, which is gone when this ends.
class Draft {
 public:
  explicit Draft(const std::string& path) {
    static std::atomic<std::uint64_t> count{0};
    path_ = path + "." + std::to_string(::getpid()) + "-" + std::to_string(++count) + ".new";
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() { static_cast<void>(::unlink(path_.c_str())); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

std::string tuned_text(const Tuned& tuned) {
  std::string text = std::string(kHead) + "\ndevice: " + tuned.device + "\ncublaslt: " + std::to_string(tuned.library) +
                     "\nproblem: " + tuned.problem + "\nalgorithm:";
  for (const std::uint64_t word : tuned.algorithm) text += " " + hex(word);
  text += "\nids: " + tuned.ids + "\n";
  return text + "check: " + hex(digest_of(text)) + "\n";
}

Tuned parse_tuned(std::string_view text, const std::string& where) {
  Lines lines(text, where);
  if (const std::string_view head = lines.next(); head != kHead) {
    refuse(where, 1, "'" + std::string(kHead) + "' is expected here, got '" + std::string(head.substr(0, 80)) + "'");
  }
  Tuned tuned;
  tuned.device = lines.value("device");
  tuned.library = lines.number(lines.value("cublaslt"), 10);
  tuned.problem = lines.value("problem");
  std::string_view words = lines.value("algorithm");
  if (words.size() != tuned.algorithm.size() * 17 - 1) {
    refuse(where, lines.line(), "eight words of sixteen hexadecimal digits are expected here");
  }
  for (std::size_t i = 0; i < tuned.algorithm.size(); ++i) {
    tuned.algorithm[i] = lines.number(words.substr(17 * i, 16), 16);
  }
  tuned.ids = lines.value("ids");
  const std::string_view before = text.substr(0, lines.at());
  const std::uint64_t claimed = lines.number(lines.value("check"), 16);
  if (claimed != digest_of(before)) refuse(where, lines.line(), "the file was changed since it was written");
  if (!lines.done()) refuse(where, lines.line() + 1, "nothing more is expected here");
  return tuned;
}

void require_same_tuned(const Tuned& found, const Tuned& wanted, const std::string& where) {
  if (found.device != wanted.device) {
    refuse(where, 2, "it is of '" + found.device + "', this device is '" + wanted.device + "'");
  }
  if (found.library != wanted.library) {
    refuse(where, 3,
           "it is of cuBLASLt " + std::to_string(found.library) + ", loaded is " + std::to_string(wanted.library) +
               ", which reads its words otherwise");
  }
  if (found.problem != wanted.problem) {
    refuse(where, 4, "it is of '" + found.problem + "', wanted is '" + wanted.problem + "'");
  }
}

std::string tuned_file_name(std::string_view device, std::string_view problem) {
  std::string name;
  for (const char c : device) {
    const bool kept = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (kept) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!kept && !name.empty() && name.back() != '-') name += '-';
  }
  name.resize(std::min<std::size_t>(name.size(), 80));
  // What a name cannot hold is told apart by the digest.
  return name + "." + hex(digest_of(std::string(device) + "\n" + std::string(problem))) + ".tuned";
}

std::optional<std::string> read_tuned(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return std::nullopt;
  if (file < 0) {
    throw Failure(GEOMSU_INVALID_ARGUMENT,
                  path + ": cannot be read: " + words_of(errno) + "; next: see its rights, or set another tuned_dir");
  }
  ::close(file);
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw Failure(GEOMSU_INVALID_ARGUMENT, path + ": cannot be read; next: see its rights and the disk");
  return text.str();
}

bool keep_tuned(const std::string& path, const std::string& text) {
  std::error_code made;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), made);
  const Draft draft(path);
  std::ofstream out(draft.path(), std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  if (!out) {
    throw Failure(GEOMSU_INVALID_ARGUMENT, draft.path() + ": cannot be written: " + words_of(errno) +
                                               "; next: see the rights of tuned_dir, or set another");
  }
  // A link fails where the name is taken, a rename would replace what another process kept meanwhile.
  if (::link(draft.path().c_str(), path.c_str()) == 0) return true;
  if (errno == EEXIST) return false;
  throw Failure(GEOMSU_INVALID_ARGUMENT, path + ": cannot be written: " + words_of(errno) +
                                             "; next: set tuned_dir to a folder of a file system that has hard links");
}

}  // namespace geomsu::cuda
