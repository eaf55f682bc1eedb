#include "harness/cli/lot_output.hpp"

#include <system_error>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/cli/bundle_path.hpp"
#include "harness/evidence/bundle.hpp"

namespace geomsu::cli {
namespace fs = std::filesystem;

LotOutput::LotOutput(const std::string& out, const fs::path& lot) {
  if (out.empty()) return;
  refuse_inside(out, lot, "--out");
  const fs::path path = out;
  std::error_code failed;
  if (path.extension() == ".json" && !fs::is_directory(path, failed)) {
    verdict_ = path;
    return;
  }
  fs::create_directories(path, failed);
  if (failed) {
    throw Error(ErrorCode::kCannotCreate, "cannot make the folder of the verdict: " + failed.message(), path.string(),
                "name another, or a file that ends in .json");
  }
  verdict_ = path / "verdict.json";
  unfinished_ = path / "verdict.jsonl.part";
  fs::remove(unfinished_, failed);
  rows_ = std::make_unique<AppendFile>(unfinished_);
}

LotOutput::~LotOutput() {
  std::error_code ignored;
  if (rows_) fs::remove(unfinished_, ignored);
}

void LotOutput::add_rows(std::string_view lines) { rows_->append(lines, false); }

void LotOutput::finish(const Verdict& verdict) {
  if (verdict_.empty()) return;
  write_file_atomic(verdict_, verdict_json(verdict));
  if (!rows_) return;
  rows_->append({}, true);
  rows_.reset();
  fs::path whole = unfinished_;
  fs::rename(unfinished_, whole.replace_extension());
}

Report lot_report(const fs::path& dir, const LotEvidence& lot) {
  Report report;
  report.verdict = lot.verdict;
  report.bundle_path = fs::absolute(dir).lexically_normal().filename().string();
  if (report.bundle_path.empty()) report.bundle_path = fs::canonical(dir).filename().string();
  report.started = lot.started;
  report.ended = lot.ended;
  std::size_t hold = 0;
  for (const LotBundle& bundle : lot.verdict.bundles) {
    if (bundle.refused.empty()) ++hold;
  }
  report.signature =
      lot.is_signed == 0 ? "unsigned" : fmt::format("{} of {} bundles signed, not verified here", lot.is_signed, hold);
  report.verdict.notes.push_back("evidence is " + report.signature);
  report.custody = "supplier-run";
  return report;
}

}  // namespace geomsu::cli
