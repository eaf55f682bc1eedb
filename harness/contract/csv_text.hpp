// A CSV file (RFC 4180) as records of cells with places. Pure; knows nothing of what the columns mean.
//
// Traps: Excel's plain "CSV" of a Korean Windows is CP949, not UTF-8, and which of the two it is decides what a name
// says: nothing is guessed, CP949 is refused in words. A German or a French Excel separates by semicolons. A quote that
// is not closed swallows all that follows: no cell of ours holds a line end, so a quote ends with its line at the
// latest.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/contract/diagnostics.hpp"

namespace geomsu {

inline constexpr std::size_t kCsvMaxBytes = std::size_t{16} << 20;
inline constexpr std::size_t kCsvMaxRecords = 500'000;
inline constexpr std::size_t kCsvMaxCell = 1024;  // bytes

struct CsvCell {
  std::string text;
  Mark at;
};

struct CsvRecord {
  Mark at;
  std::vector<CsvCell> cells;
};

// The records in the file's order; lines without a character are none. Nothing where the bytes cannot be read as text
// at all: another encoding, NUL, over the limits. A record that is not well formed is an error and left out.
std::optional<std::vector<CsvRecord>> read_csv(std::string_view bytes, Diagnostics& diagnostics);

// Whether bytes that are no UTF-8 can be CP949 (of which EUC-KR is a part): every byte over 0x7F leads a pair of it.
bool looks_like_cp949(std::string_view bytes);

}  // namespace geomsu
