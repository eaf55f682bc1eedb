// T16: the same bundles give the same bytes, whatever their directories are called and however many threads read them.
#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/lots/lot_case.hpp"

namespace geomsu::lots {
namespace {

namespace fs = std::filesystem;

// Without what names alone may change: each bundle's path, and the order by it.
std::string nameless(Verdict verdict) {
  for (LotBundle& bundle : verdict.bundles) bundle.path.clear();
  std::sort(verdict.bundles.begin(), verdict.bundles.end(), [](const LotBundle& a, const LotBundle& b) {
    return std::tie(a.node, a.started, a.plan_sha256, a.refused) <
           std::tie(b.node, b.started, b.plan_sha256, b.refused);
  });
  return verdict_json(verdict);
}

// All defects, a damaged bundle and a node with two.
struct Motley : LotCase {
  Motley() : LotCase(small(17)) {
    change_a_digit(bundle(9) / "trials.jsonl", "block_ns");
    make_bundle(shape(), 10, dir() / "again", 3);
  }
};

TEST(T16, OfALotSaysTheSameBytesForAnyNumberOfThreads) {
  const Motley lot;
  const auto [verdict, rows] = lot.judged_with_rows(1);
  const std::string json = verdict_json(verdict);
  EXPECT_NE(rows, "");
  for (const unsigned threads : {1U, 2U, 5U}) {
    const auto [other, other_rows] = lot.judged_with_rows(threads);
    EXPECT_EQ(verdict_json(other), json) << threads;
    EXPECT_EQ(other_rows, rows) << threads;
    EXPECT_EQ(verdict_json(lot.judged(threads)), json) << threads << " without rows";
  }
}

TEST(T16, OfALotReadsNothingInTheNamesOfDirectories) {
  const Motley lot;
  const auto [verdict, rows] = lot.judged_with_rows();
  const std::string before = nameless(verdict);
  // Backwards, so that the order by name is another one, of the attempts of node 10 too.
  for (std::uint32_t node = 0; node < 17; ++node) {
    if (fs::exists(lot.bundle(node))) fs::rename(lot.bundle(node), lot.dir() / fmt::format("z{:03}", 100 - node));
  }
  const auto [renamed, renamed_rows] = lot.judged_with_rows();
  EXPECT_EQ(nameless(renamed), before);
  EXPECT_EQ(renamed_rows, rows);
  EXPECT_NE(verdict_json(renamed), verdict_json(verdict)) << "the paths are listed";
}

TEST(T16, OfALotFindsBundlesInFoldersOfAnyDepth) {
  const Motley lot;
  const std::string before = nameless(lot.judged());
  for (std::uint32_t node = 0; node < 17; ++node) {
    if (!fs::exists(lot.bundle(node))) continue;
    const fs::path folder = lot.dir() / fmt::format("{}{}", "xyz"[node % 3], node % 2 == 0 ? "" : "/deep/deeper");
    fs::create_directories(folder);
    fs::rename(lot.bundle(node), folder / fmt::format("b{}", 40 - node));
  }
  const Verdict moved = lot.judged();
  EXPECT_EQ(nameless(moved), before);
  EXPECT_EQ(bundle_at(moved, "x/b40").node, node_name(0));
  EXPECT_EQ(bundle_at(moved, "y/deep/deeper/b39").node, node_name(1));
}

}  // namespace
}  // namespace geomsu::lots
