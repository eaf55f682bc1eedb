// The files of a report, and the last words on the terminal.
#pragma once

#include <filesystem>

#include "harness/cli/console.hpp"
#include "harness/model/report.hpp"

namespace geomsu::cli {

// report.html, report.json and junit.xml into `dir`, which is made. Errors kCannotCreate, kIo.
void write_reports(const Report& report, const std::filesystem::path& dir);
std::filesystem::path report_dir_of(std::filesystem::path bundle);  // DIR.report, whether or not DIR ends in a slash

// The table, the verdict line and where the report lies; with --json the bytes of verdict.json instead.
void print_verdict(Console& console, const Report& report, const std::filesystem::path& report_dir);

}  // namespace geomsu::cli
