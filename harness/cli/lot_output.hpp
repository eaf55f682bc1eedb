// What `geomsu judge LOT --out` writes, and the report of a lot.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "harness/base/files.hpp"
#include "harness/judge/lot_judge.hpp"
#include "harness/model/report.hpp"

namespace geomsu::cli {

// FILE.json: verdict.json alone. Anything else is a folder, which is made: verdict.json, and verdict.jsonl with every
// row. Files appear under their names when they are whole.
class LotOutput {
 public:
  // Empty: nothing is written. Errors: kUsage where it lies in the lot, kCannotCreate.
  LotOutput(const std::string& out, const std::filesystem::path& lot);
  ~LotOutput();
  LotOutput(const LotOutput&) = delete;
  LotOutput& operator=(const LotOutput&) = delete;
  bool wants_rows() const { return rows_ != nullptr; }
  void add_rows(std::string_view lines);  // Error kIo
  void finish(const Verdict& verdict);

 private:
  std::filesystem::path verdict_, unfinished_;
  std::unique_ptr<AppendFile> rows_;
};

// Without a plan, an environment and trials: those are its bundles'.
Report lot_report(const std::filesystem::path& dir, const LotEvidence& lot);

}  // namespace geomsu::cli
