// Lines of money as people and programs read them: amounts, then how each came about, by which rule and from where.
#pragma once

#include <string>
#include <vector>

#include "harness/base/error.hpp"
#include "harness/cli/console.hpp"
#include "harness/cli/inputs.hpp"
#include "harness/money/line.hpp"

namespace geomsu::cli {

const std::string& in(Language language, const Words& words);
std::string words_json(const Words& words);
std::string line_json(const MoneyLine& line);
std::string won_json(Won won);

// "3. = floor(...)", then rule and source; a rule and a source that an earlier line has are said by its number.
std::string workings_text(const std::vector<const MoneyLine*>& lines, Language language);

// A table that is never cut: a figure with an end missing is another figure.
inline constexpr int kUncut = 10'000;

// The value that was read. Error kBadData with all diagnostics where there is an error; warnings go to stderr.
template <class T>
T read_sheet_or_throw(Console& console, Loaded<T> loaded, const std::string& what) {
  if (loaded.value) {
    if (!loaded.diagnostics.empty()) console.err(diagnostics_text(loaded.diagnostics));
    return std::move(*loaded.value);
  }
  throw Error(ErrorCode::kBadData, what + " cannot be used:\n" + diagnostics_text(loaded.diagnostics), loaded.path,
              "correct what is named above");
}

}  // namespace geomsu::cli
