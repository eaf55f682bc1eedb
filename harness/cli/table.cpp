#include "harness/cli/table.hpp"

#include <algorithm>

#include "harness/base/text.hpp"

namespace geomsu::cli {
namespace {

constexpr std::size_t kGap = 2, kNarrowest = 6;

}  // namespace

TextTable::TextTable(std::vector<std::string> titles, std::vector<bool> numbers) : numbers_(std::move(numbers)) {
  numbers_.resize(titles.size());
  row(std::move(titles));
}

void TextTable::row(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = escape_terminal(valid_utf8(cell));
  cells.resize(numbers_.size());
  rows_.push_back(std::move(cells));
}

// Where the columns do not fit, the widest is cut first: short ones carry the numbers.
std::string TextTable::str(int columns) const {
  std::vector<std::size_t> widths(numbers_.size(), 0);
  for (const auto& cells : rows_) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], display_width(cells[i]));
  }
  const auto room = static_cast<std::size_t>(std::max(columns, 20));
  const auto total = [&] {
    std::size_t sum = kGap * (widths.size() - 1);
    for (const std::size_t width : widths) sum += width;
    return sum;
  };
  while (total() > room) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kNarrowest) break;
    --*widest;
  }
  std::string out;
  for (const auto& cells : rows_) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string cell = clip(cells[i], widths[i]);
      if (i > 0) line.append(kGap, ' ');
      line.append(numbers_[i] ? pad_left(cell, widths[i]) : pad_right(cell, widths[i]));
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out.append(line).append("\n");
  }
  return out;
}

std::string wrap_words(const std::string& text, int columns) {
  const auto room = static_cast<std::size_t>(std::max(columns, 20));
  const std::string shown = escape_terminal(valid_utf8(text));
  std::string out, line = shown.substr(0, std::min(shown.find_first_not_of(' '), shown.size()));
  std::size_t words = 0;
  for (std::size_t begin = line.size(); begin < shown.size();) {
    const std::size_t end = std::min(shown.find(' ', begin), shown.size());
    const std::string word = shown.substr(begin, end - begin);
    if (words > 0 && display_width(line) + 1 + display_width(word) > room) {
      out.append(line).append("\n");
      line = "    ";
      words = 0;
    }
    if (words++ > 0) line += ' ';
    line += word;
    begin = end + 1;
  }
  return out.append(line).append("\n");
}

}  // namespace geomsu::cli
