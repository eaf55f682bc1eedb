// Report -> bytes. Pure functions: no files, no clock, no locale.
#pragma once

#include <string>

#include "harness/model/report.hpp"

namespace geomsu {

enum class Language { kKorean, kEnglish };

std::string report_html(const Report& report);   // self-contained, no network, no script; Korean and English
std::string report_json(const Report& report);   // configs/schema/report.schema.json
std::string report_junit(const Report& report);  // one testcase a clause and unit

// The table for a terminal: at most `columns` wide; `colour` only where the caller has found a terminal and no
// NO_COLOR.
std::string report_text(const Report& report, int columns, bool colour, Language language = Language::kEnglish);

}  // namespace geomsu
