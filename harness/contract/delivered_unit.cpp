#include "harness/contract/delivered_unit.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/contract/source_text.hpp"

namespace geomsu {
namespace {

constexpr std::size_t kMaxSerialBytes = 128;
constexpr std::size_t kMaxNameBytes = 256;
constexpr std::size_t kSpreadsheetDigits = 15;  // a spreadsheet keeps so many of a number and writes zeros after them

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits_at(std::string_view text, std::size_t from) {
  std::size_t end = from;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - from;
}

// "1.65012E+12", and "1E+05" likewise.
bool is_scientific(std::string_view text) {
  std::size_t at = digits_at(text, 0);
  if (at == 0) return false;
  if (at < text.size() && text[at] == '.') at += 1 + digits_at(text, at + 1);
  if (at + 1 >= text.size() || (text[at] != 'E' && text[at] != 'e') || (text[at + 1] != '+' && text[at + 1] != '-')) {
    return false;
  }
  const std::size_t exponent = digits_at(text, at + 2);
  return exponent > 0 && at + 2 + exponent == text.size();
}

// "1,650,123,000,001"
bool is_grouped(std::string_view text) {
  std::size_t at = digits_at(text, 0);
  if (at == 0 || at > 3 || at == text.size()) return false;
  while (at < text.size()) {
    if (text[at] != ',' || digits_at(text, at + 1) != 3) return false;
    at += 4;
  }
  return true;
}

// A serial is compared byte by byte with what the device says, so nothing that looks like another byte may stand in it.
bool is_serial(std::string_view text) {
  return text.size() <= kMaxSerialBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

bool check_identity(std::string_view what, const UnitCell& cell, Diagnostics& diagnostics) {
  if (cell.text.empty()) return true;
  if (const auto damage = spreadsheet_damage(cell.text)) {
    diagnostics.error(cell.at, fmt::format("{} cannot be a {}", shown(cell.text), what), *damage);
    return false;
  }
  if (!is_serial(cell.text)) {
    diagnostics.error(
        cell.at, fmt::format("{} cannot be a {}", shown(cell.text), what),
        {"it is compared byte by byte with what the device says",
         fmt::format("copy it from `geomsu devices`: ASCII, no blanks, at most {} characters", kMaxSerialBytes)});
    return false;
  }
  const std::size_t digits = digits_at(cell.text, 0);
  if (digits == cell.text.size() && digits > kSpreadsheetDigits &&
      cell.text.find_first_not_of('0', kSpreadsheetDigits) == std::string::npos) {
    diagnostics.warning(
        cell.at,
        fmt::format("the {} {} has only zeros after its first {} digits", what, shown(cell.text), kSpreadsheetDigits),
        {"a spreadsheet keeps no more digits of a number than these",
         "compare it with `geomsu devices`; format the column as text before the serials are pasted into it"});
  }
  return true;
}

bool check_name(std::string_view what, const UnitCell& cell, Diagnostics& diagnostics) {
  if (cell.text.empty()) return true;
  const bool blank_ends = cell.text.front() == ' ' || cell.text.back() == ' ';
  if (blank_ends || cell.text.size() > kMaxNameBytes || forbidden_in(cell.text)) {
    diagnostics.error(cell.at, fmt::format("{} cannot be a {}", shown(cell.text), what),
                      {"it is compared character by character with what is found",
                       fmt::format("write it without blanks around it, in at most {} bytes", kMaxNameBytes)});
    return false;
  }
  if (const auto damage = spreadsheet_damage(cell.text); damage && !is_digit(cell.text.front())) {
    diagnostics.error(cell.at, fmt::format("{} cannot be a {}", shown(cell.text), what), *damage);
    return false;
  }
  return true;
}

}  // namespace

std::optional<Advice> spreadsheet_damage(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text.front() == '=' || text.front() == '+' || text.front() == '-' || text.front() == '@') {
    return Advice{"a spreadsheet takes it for a formula, and shows and saves something else than stands there",
                  "write the bare text, without = + - @ before it"};
  }
  if (is_scientific(text)) {
    return Advice{"a spreadsheet has taken the serial for a number and thrown digits away",
                  "format the column as text (텍스트), paste the serials again from their source, and save anew"};
  }
  if (is_grouped(text)) {
    return Advice{"a spreadsheet has put commas between the digits of a serial",
                  "format the column as text (텍스트), paste the serials again from their source, and save anew"};
  }
  if (text.find_first_not_of('#') == std::string_view::npos) {
    return Advice{"a spreadsheet shows # where a column is too narrow for a number",
                  "format the column as text (텍스트), paste the serials again from their source, and save anew"};
  }
  return std::nullopt;
}

std::optional<ListedUnit> listed_unit(const UnitCells& cells, Diagnostics& diagnostics) {
  ListedUnit listed;
  listed.file = diagnostics.file();
  if (cells.serial.text.empty() && cells.uuid.text.empty()) {
    diagnostics.error(cells.at, "a unit without a serial",
                      {"it could never be found, and never be missed", "write its `serial` (or `uuid`), or remove it"});
    return std::nullopt;
  }
  const UnitCell& name = cells.serial.text.empty() ? cells.uuid : cells.serial;
  listed.at = name.at;
  bool good = check_identity("serial", cells.serial, diagnostics);
  good = check_identity("uuid", cells.uuid, diagnostics) && good;
  good = check_name("node", cells.node, diagnostics) && good;
  good = check_name("rack", cells.rack, diagnostics) && good;
  good = check_name("sku", cells.sku, diagnostics) && good;
  good = check_name("tranche", cells.tranche, diagnostics) && good;
  listed.use_told = !cells.use.text.empty();
  if (listed.use_told && cells.use.text != "state" && cells.use.text != "own") {
    diagnostics.error(
        cells.use.at,
        fmt::format("'use' cannot be {}{}", shown(cells.use.text), did_you_mean(cells.use.text, {"state", "own"})),
        {"it decides which units are counted per won", "write state (국가 활용) or own (the provider's)"});
    good = false;
  }
  if (!good) return std::nullopt;
  listed.unit.serial = name.text;
  listed.unit.node = cells.node.text;
  listed.unit.rack = cells.rack.text;
  listed.unit.uuid = cells.uuid.text;
  listed.unit.sku = cells.sku.text;
  listed.unit.tranche = cells.tranche.text;
  listed.unit.state_use = cells.use.text == "state";
  return listed;
}

std::string place_text(const ListedUnit& unit) {
  return fmt::format("{}:{}", escape_terminal(unit.file), unit.at.line);
}

}  // namespace geomsu
