#include "harness/contract/csv_text.hpp"

#include <fmt/format.h>

#include "harness/base/utf8.hpp"
#include "harness/contract/source_text.hpp"

namespace geomsu {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
const Advice kQuotes{
    "a quoted cell is closed by the quote before its comma or line end, and a quote inside it is doubled",
    "write \"...\" around the whole cell, and \"\" for a quote inside it; or no quotes at all"};

// One line, without its end. Cells of a well-formed line, or nothing after an error.
class LineReader {
 public:
  LineReader(std::string_view line, int number, Diagnostics& diagnostics)
      : line_(line), at_{number, 1}, diagnostics_(diagnostics) {}

  std::optional<CsvRecord> record() {
    CsvRecord record{at_, {}};
    while (true) {
      auto cell = !rest().empty() && rest().front() == '"' ? quoted() : bare();
      if (!cell) return std::nullopt;
      if (cell->text.size() > kCsvMaxCell) {
        diagnostics_.error(cell->at,
                           fmt::format("the cell has {} bytes, the limit is {}", cell->text.size(), kCsvMaxCell),
                           {"no honest name is that long", "check that this is the right file"});
        return std::nullopt;
      }
      record.cells.push_back(std::move(*cell));
      if (rest().empty()) return record;
      next();  // the comma
    }
  }

 private:
  std::string_view rest() const { return line_.substr(offset_); }

  // The character there, as its bytes.
  std::string_view next() {
    const Decoded decoded = decode_utf8(rest());
    const std::string_view bytes = rest().substr(0, decoded.size);
    offset_ += decoded.size;
    ++at_.column;
    return bytes;
  }

  // An error and false where the character may not stand in a list.
  bool allowed(std::string_view character, Mark at) {
    const Decoded decoded = decode_utf8(character);
    if (character == "\t") {
      diagnostics_.error(at, "a tab in a cell", {"it looks like blanks, and compares as another thing", "remove it"});
      return false;
    }
    const auto name = forbidden_character(*decoded.code);
    if (!name) return true;
    diagnostics_.error(at, *name,
                       {*decoded.code == U'\r' ? "line ends are LF or CRLF, and a lone CR is neither"
                                               : "it makes a reader see other words than the program reads",
                        *decoded.code == U'\r' ? "save the file with Windows or Unix line ends" : "remove it"});
    return false;
  }

  std::optional<CsvCell> bare() {
    CsvCell cell{{}, at_};
    while (!rest().empty() && rest().front() != ',') {
      const Mark at = at_;
      const std::string_view character = next();
      if (character == "\"") {
        diagnostics_.error(at, "a quote inside a cell that does not begin with one", kQuotes);
        return std::nullopt;
      }
      if (!allowed(character, at)) return std::nullopt;
      cell.text += character;
    }
    return cell;
  }

  std::optional<CsvCell> quoted() {
    CsvCell cell{{}, at_};
    next();
    while (!rest().empty()) {
      const Mark at = at_;
      const std::string_view character = next();
      if (character != "\"") {
        if (!allowed(character, at)) return std::nullopt;
        cell.text += character;
        continue;
      }
      if (rest().empty() || rest().front() == ',') return cell;
      if (rest().front() != '"') {
        diagnostics_.error(at_, "characters after the closing quote of a cell", kQuotes);
        return std::nullopt;
      }
      cell.text += next();
    }
    diagnostics_.error(cell.at, "the quote that opens here is not closed on its line",
                       {"no cell of a delivery list holds a line end", kQuotes.next});
    return std::nullopt;
  }

  std::string_view line_;
  std::size_t offset_ = 0;
  Mark at_;
  Diagnostics& diagnostics_;
};

// Where the first byte stands that is no UTF-8; nothing where there is none.
std::optional<Mark> not_utf8(std::string_view bytes) {
  Mark at;
  while (!bytes.empty()) {
    const Decoded next = decode_utf8(bytes);
    if (!next.code) return at;
    bytes.remove_prefix(next.size);
    ++at.column;
    if (*next.code == U'\n') at = {at.line + 1, 1};
  }
  return std::nullopt;
}

bool is_text(std::string_view bytes, Diagnostics& diagnostics) {
  const std::string save = "in Excel save it as \"CSV UTF-8 (쉼표로 분리)\"";
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    diagnostics.error({}, "the file is UTF-16",
                      {"a spreadsheet's \"Unicode text\" is that, and separates by tabs",
                       save + ", then write its new sha256 into the contract"});
    return false;
  }
  const auto at = not_utf8(bytes);
  if (!at) return true;
  if (looks_like_cp949(bytes)) {
    diagnostics.error(*at, "the file looks like EUC-KR (CP949), and not like UTF-8",
                      {"Excel's plain \"CSV (쉼표로 분리)\" is saved so, and no guess is made at what a name says",
                       save + ", or iconv -f CP949 -t UTF-8; then write its new sha256 into the contract"});
    return false;
  }
  diagnostics.error(*at, "the file is no UTF-8",
                    {"it was saved in another encoding", save + ", then write its new sha256 into the contract"});
  return false;
}

// The first line decides: without a comma and with another separator it has one column, whose name nobody knows.
bool is_separated_by_commas(std::string_view line, int number, Diagnostics& diagnostics) {
  const bool semicolons = line.find(';') != std::string_view::npos, tabs = line.find('\t') != std::string_view::npos;
  if (line.find(',') != std::string_view::npos || (!semicolons && !tabs)) return true;
  diagnostics.error(
      {number, 1}, fmt::format("the columns are separated by {}", semicolons ? "semicolons" : "tabs"),
      {"in CSV they are separated by commas, and who guesses splits names",
       semicolons
           ? "set the comma as the list separator of the system and save again, or replace every ; by ,"
           : "save it as \"CSV UTF-8 (쉼표로 분리)\", not as text; then write its new sha256 into the contract"});
  return false;
}

}  // namespace

bool looks_like_cp949(std::string_view bytes) {
  bool pair = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    if (lead == 0) return false;
    if (lead < 0x80) continue;
    if (lead == 0x80 || lead == 0xFF || i + 1 == bytes.size()) return false;
    const auto trail = static_cast<unsigned char>(bytes[++i]);
    const bool letter = (trail >= 0x41 && trail <= 0x5A) || (trail >= 0x61 && trail <= 0x7A);
    if (!letter && (trail < 0x81 || trail == 0xFF)) return false;
    pair = true;
  }
  return pair;
}

std::optional<std::vector<CsvRecord>> read_csv(std::string_view bytes, Diagnostics& diagnostics) {
  if (bytes.size() > kCsvMaxBytes) {
    diagnostics.error({}, fmt::format("the file has {} bytes, the limit is {}", bytes.size(), kCsvMaxBytes),
                      {"that is hundreds of thousands of units", "check that this is the right file"});
    return std::nullopt;
  }
  if (!is_text(bytes, diagnostics)) return std::nullopt;
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  std::vector<CsvRecord> records;
  for (int number = 1; !bytes.empty(); ++number) {
    const std::size_t end = bytes.find('\n');
    std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    if (line.ends_with('\r') && end != std::string_view::npos) line.remove_suffix(1);
    if (line.empty()) continue;
    if (records.size() == kCsvMaxRecords) {
      diagnostics.error({number, 1}, fmt::format("more than {} rows", kCsvMaxRecords),
                        {"that is no delivery", "check that this is the right file"});
      return std::nullopt;
    }
    const bool first = records.empty();
    if (first && !is_separated_by_commas(line, number, diagnostics)) return std::nullopt;
    if (auto record = LineReader(line, number, diagnostics).record()) records.push_back(std::move(*record));
    if (first && records.empty()) return std::nullopt;  // which column is which is not known
  }
  return records;
}

}  // namespace geomsu
