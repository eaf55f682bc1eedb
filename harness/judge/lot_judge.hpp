// A lot: a directory of bundles, read and judged in bulk, and folded into one verdict.
//
// A bundle is the evidence of its plan's node. It is judged as if it were alone, but for what only the lot knows: units
// of the delivery list that no bundle has are NOT_RUN; a unit that is listed on one node and found on another is judged
// where it was found; a serial that two nodes show is INVALID on both.
//
// - A bundle that is not sealed, is damaged, or is of another contract or suite makes its node's units INVALID (bad
//   evidence), and the whole at least that: it is never dropped. Its node is what its plan says, if that can be read.
// - Several bundles of one node are attempts, in the order in which their plans were made. The first is judged, unless
//   the contract's `reruns` let a later one stand in, row by row; the row's words then say so.
// - Racks and halls: together_doubts (judgement.hpp) on the UTC windows of all bundles.
//
// Neither names nor order of directories, nor the number of threads, can change more than the paths that are listed.
//
// Memory: rows that PASS are added up and let go. Others are kept up to kKeptRows a clause, the worst; how many were
// left out, the verdict says. With `rows` every row is written as it comes, in a pass of its own, by node.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "harness/contract/contract.hpp"
#include "harness/model/verdict.hpp"

namespace geomsu {

inline constexpr std::size_t kKeptRows = 1000;  // of a clause

struct LotOptions {
  unsigned threads = 0;  // 0: as many as the machine has
  // The contract that bundles are held against. Absent: the one that most of them have.
  std::optional<std::filesystem::path> contract;
  std::function<void(std::string_view)> rows;  // lines of verdict.jsonl
};

struct LotEvidence {
  Verdict verdict;
  std::string started, ended;  // UTC, of all bundles
  std::size_t is_signed = 0;   // bundles that have a signature, which nobody verified here
};

// Errors: kNoInput where the lot has no bundle or the contract is missing; kBadData where draw.json or the contract
// does not parse, or no bundle says what the contract is.
LotEvidence judge_lot(const std::filesystem::path& dir, const LotOptions& options = {});

}  // namespace geomsu
