#include <algorithm>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"
#include "harness/judge/judge.hpp"
#include "harness/judge/lot_files.hpp"
#include "harness/judge/lot_judge.hpp"
#include "harness/judge/side_by_side.hpp"

namespace geomsu {

Verification verify_lot(const std::filesystem::path& dir, unsigned threads) {
  const std::vector<std::filesystem::path> bundles = bundles_of(dir);
  std::vector<Verification> found(bundles.size());
  side_by_side(bundles.size(), threads_of(threads),
               [&](unsigned, std::size_t i) { found[i] = verify(dir / bundles[i]); });
  Verification result;
  std::size_t hold = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].ok) {
      ++hold;
      continue;
    }
    result.exit_code = std::max(result.exit_code, found[i].exit_code);
    result.lines.push_back(fmt::format("{}: {}", escape_terminal(bundles[i].generic_string()), found[i].lines.back()));
  }
  result.ok = hold == bundles.size() && !bundles.empty();
  result.lines.push_back(fmt::format(
      "bundles: {} of {} hold: files, rows, plan hashes, and verdicts recomputed from raw rows", hold, bundles.size()));
  try {
    LotOptions options;
    options.threads = threads;
    result.lines.push_back("lot: " + judge_lot(dir, options).verdict.sentence);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kBadData && error.code() != ErrorCode::kNoInput) throw;
    result.ok = false;
    result.exit_code = static_cast<int>(ErrorCode::kBadData);
    result.lines.push_back(fmt::format("REFUSED: {}: {}", error.where(), error.message()));
  }
  return result;
}

}  // namespace geomsu
