#include "harness/cli/report_files.hpp"

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/base/text.hpp"
#include "harness/judge/judge.hpp"
#include "reports/exporters/exporters.hpp"

namespace geomsu::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::pair<const char*, std::string (*)(const Report&)> kFiles[] = {
    {"report.html", report_html}, {"report.json", report_json}, {"junit.xml", report_junit}};

void make_folder(const fs::path& dir) {
  std::error_code failed;
  fs::create_directories(dir, failed);
  if (failed) {
    throw Error(ErrorCode::kCannotCreate, "cannot make the folder of the report: " + failed.message(), dir.string(),
                "name another with `geomsu report BUNDLE -o DIR`; the evidence is whole");
  }
}

}  // namespace

fs::path report_dir_of(fs::path bundle) {
  if (!bundle.has_filename()) bundle = bundle.parent_path();
  bundle += ".report";
  return bundle;
}

void write_reports(const Report& report, const fs::path& dir) {
  make_folder(dir);
  for (const auto& [name, make] : kFiles) write_file_atomic(dir / name, make(report));
}

void write_missing_reports(const Report& report, const fs::path& dir) {
  make_folder(dir);
  for (const auto& [name, make] : kFiles) {
    if (!fs::exists(dir / name)) write_file_atomic(dir / name, make(report));
  }
}

Report portable_report(const Evidence& evidence, const Verdict& verdict) {
  Report report = make_report(evidence, verdict);
  report.bundle_path = fs::absolute(evidence.path).lexically_normal().filename().string();
  if (report.bundle_path.empty()) report.bundle_path = fs::canonical(evidence.path).filename().string();
  return report;
}

void print_verdict(Console& console, const Verdict& verdict, const Report& report, const fs::path& report_dir) {
  if (console.json()) {
    const std::string json = verdict_json(verdict);
    console.out(json);
    if (!json.ends_with('\n')) console.out("\n");
    return;
  }
  console.out(report_text(report, console.columns(), console.colour(), console.language()));
  if (!report_dir.empty()) {
    console.out(fmt::format("{}: {}\n", console.language() == Language::kKorean ? "보고서" : "Report",
                            escape_terminal((report_dir / "report.html").string())));
  }
}

}  // namespace geomsu::cli
