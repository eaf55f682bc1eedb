// A table of words for the terminal: columns as wide as they need, the last one clipped so that no line is wider than
// told.
#pragma once

#include <string>
#include <vector>

namespace geomsu::cli {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> titles, std::vector<bool> numbers = {});
  void row(std::vector<std::string> cells);  // escaped here
  std::string str(int columns) const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<bool> numbers_;
};

// Broken at spaces to lines of at most `columns`, each after the first indented by two. Escaped here.
std::string wrap_words(const std::string& text, int columns);

}  // namespace geomsu::cli
