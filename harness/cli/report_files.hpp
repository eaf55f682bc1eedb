// The files of a report, and the last words on the terminal.
#pragma once

#include <filesystem>

#include "harness/cli/console.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/model/report.hpp"

namespace geomsu::cli {

// report.html, report.json and junit.xml into `dir`, which is made. Errors kCannotCreate, kIo.
void write_reports(const Report& report, const std::filesystem::path& dir);
// Only those that are not there.
void write_missing_reports(const Report& report, const std::filesystem::path& dir);
std::filesystem::path report_dir_of(std::filesystem::path bundle);  // DIR.report, whether or not DIR ends in a slash

// The report of a verdict; the bundle stands in it by its name alone, so that the same evidence gives the same bytes
// wherever it lies.
Report portable_report(const Evidence& evidence, const Verdict& verdict);

// The table, the verdict line and where the report lies; with --json the bytes of the judge's verdict.json instead.
void print_verdict(Console& console, const Verdict& verdict, const Report& report,
                   const std::filesystem::path& report_dir);

}  // namespace geomsu::cli
