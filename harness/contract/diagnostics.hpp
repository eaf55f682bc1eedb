// Collects what is wrong with one file, so that all of it is said at once, in the order of the file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/contract/contract.hpp"

namespace geomsu {

// A place in a file, 1-based. Columns count characters (code points), as editors do, not bytes.
struct Mark {
  int line = 1, column = 1;
};

// "why" and "next" of a message: what the rule is for, and what the reader can write instead.
struct Advice {
  std::string why, next;
};

class Diagnostics {
 public:
  explicit Diagnostics(std::string file) : file_(std::move(file)) {}
  void error(Mark at, std::string what, Advice advice);
  void warning(Mark at, std::string what, Advice advice);
  void append(const Diagnostics& other);
  // The first `most` of them by place, and how many more there are.
  void append_clipped(const Diagnostics& other, std::size_t most);
  bool has_error() const;
  const std::string& file() const { return file_; }
  // By place, this file's own first; what was said first comes first where places are equal.
  std::vector<Diagnostic> sorted() const;

 private:
  void add(Diagnostic::Severity severity, Mark at, std::string what, Advice advice);
  std::string file_;
  std::vector<Diagnostic> list_;
};

std::string shown(std::string_view text);                    // 'text', made safe for a terminal and clipped
std::string list_of(const std::vector<std::string>& words);  // "a, b or c"
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);  // "; did you mean 'x'?" or ""

}  // namespace geomsu
