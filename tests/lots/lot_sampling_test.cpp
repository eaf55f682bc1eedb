// A lot with a sampling plan: who was drawn decides, and whoever was not has a disposition and no row.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "harness/base/hash.hpp"
#include "harness/judge/draw.hpp"
#include "tests/lots/lot_case.hpp"

namespace geomsu::lots {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Decision = LotVerdict::Decision;

const std::string kSecret(64, 'b');
constexpr std::uint32_t kNodes = 12;

LotShape sampled() {
  LotShape shape = small(kNodes, 0);
  shape.extra_yaml = fmt::format(
      "sampling: {{kind: hypergeometric, accept: 0 %, alpha: 5 %, reject: 40 %, beta: 10 %, counts: [critical], "
      "secret_sha256: {}}}\n",
      sha256_hex(kSecret));
  shape.each_clause = "    inspection: sampled\n";
  return shape;
}

class Sampled : public LotCase {
 public:
  Sampled() : LotCase(sampled()), contract_(read_terms(read_bundle(bundle(0))).contract) {}

  Draw draw(const std::string& nonce = "one") const {
    Draw made = open_draw(commit_draw(contract_, "2026-11-20"), kSecret, nonce, "12 34 56", "2026-11-21");
    std::ofstream(dir() / "draw.json", std::ios::binary) << draw_json(made);
    return made;
  }
  static std::uint32_t number(const std::string& node) {
    return static_cast<std::uint32_t>(std::stoul(node.substr(1)));
  }
  // One that was drawn, and one that was not.
  std::pair<std::uint32_t, std::uint32_t> of_both(const Draw& made) const {
    const std::set<std::string> drawn(made.drawn.begin(), made.drawn.end());
    std::uint32_t undrawn = 0;
    while (drawn.contains(node_name(undrawn))) ++undrawn;
    return {number(made.drawn.front()), undrawn};
  }
  // A slow device on this node, whichever it is: a bundle of the shape's seed that has it there.
  void make_slow(std::uint32_t node) const {
    LotShape slow = shape();
    slow.slow_node = node;
    fs::remove_all(bundle(node));
    make_bundle(slow, node, bundle(node));
  }

 private:
  Contract contract_;
};

// A draw that holds, of a contract with one node less.
void put_foreign_draw(const fs::path& dir) {
  LotShape other = sampled();
  other.nodes -= 1;
  const LotCase stranger(other);
  const Contract contract = read_terms(read_bundle(stranger.bundle(0))).contract;
  const Draw made = open_draw(commit_draw(contract, "2026-11-20"), kSecret, "one", "12 34 56", "2026-11-21");
  std::ofstream(dir / "draw.json", std::ios::binary) << draw_json(made);
}

TEST(LotSampling, AcceptsByTheDrawnOnesAndDisposesOfTheOthers) {
  const Sampled lot;
  const Draw draw = lot.draw();
  ASSERT_LT(draw.drawn.size(), kNodes);
  ASSERT_GT(draw.drawn.size(), 1U);
  for (std::uint32_t node = 0; node < kNodes; ++node) {  // nobody measures what was not drawn
    if (std::find(draw.drawn.begin(), draw.drawn.end(), node_name(node)) == draw.drawn.end())
      fs::remove_all(lot.bundle(node));
  }
  const auto [verdict, rows] = lot.judged_with_rows();
  ASSERT_TRUE(verdict.lot);
  EXPECT_EQ(verdict.lot->decision, Decision::kAccepted) << verdict.lot->words;
  EXPECT_EQ(verdict.overall, Outcome::kPass) << verdict.sentence;
  EXPECT_EQ(verdict.exit_code, 0);
  EXPECT_EQ(verdict.lot->drawn.size(), draw.drawn.size());
  EXPECT_THAT(verdict.lot->dispositions, SizeIs(kNodes - draw.drawn.size()));
  for (const Disposition& one : verdict.lot->dispositions) {
    EXPECT_TRUE(one.accepted) << one.item;
    EXPECT_THAT(rows, testing::Not(HasSubstr(one.item)));
    EXPECT_THAT(rows_of(verdict, one.item), IsEmpty());
  }
  for (const std::string& node : draw.drawn) EXPECT_THAT(rows, HasSubstr(node));
  for (const ClauseSummary& clause : verdict.clauses) EXPECT_EQ(clause.units, 2 * draw.drawn.size());
}

TEST(LotSampling, RejectsByADrawnNodeThatIsRed) {
  const Sampled lot;
  const Draw draw = lot.draw();
  lot.make_slow(lot.of_both(draw).first);
  const Verdict verdict = lot.judged();
  EXPECT_EQ(verdict.lot->decision, Decision::kRejected) << verdict.lot->words;
  EXPECT_EQ(verdict.overall, Outcome::kFail);
  EXPECT_EQ(verdict.exit_code, 1);
  EXPECT_THAT(verdict.lot->nonconforming, testing::ElementsAre(draw.drawn.front()));
  for (const Disposition& one : verdict.lot->dispositions) EXPECT_FALSE(one.accepted) << one.item;
}

TEST(LotSampling, RejectsByADrawnNodeThatNobodyMeasured) {
  const Sampled lot;
  const Draw draw = lot.draw();
  fs::remove_all(lot.bundle(lot.of_both(draw).first));
  const Verdict verdict = lot.judged();
  EXPECT_EQ(verdict.lot->decision, Decision::kRejected) << verdict.lot->words;
  EXPECT_EQ(verdict.overall, Outcome::kFail);
  EXPECT_EQ(verdict.exit_code, 1);
}

TEST(LotSampling, RejectsByADrawnNodeWhoseBundleIsRefused) {
  const Sampled lot;
  const Draw draw = lot.draw();
  change_a_digit(lot.bundle(lot.of_both(draw).first) / "trials.jsonl", "block_ns");
  const Verdict verdict = lot.judged();
  EXPECT_EQ(verdict.lot->decision, Decision::kRejected) << verdict.lot->words;
  EXPECT_EQ(verdict.exit_code, 1);
}

TEST(LotSampling, HoldsARedNodeThatWasNotDrawnAgainstNoSample) {
  const Sampled lot;
  const Draw draw = lot.draw();
  const std::uint32_t undrawn = lot.of_both(draw).second;
  lot.make_slow(undrawn);
  const auto [verdict, rows] = lot.judged_with_rows();
  EXPECT_EQ(verdict.lot->decision, Decision::kAccepted) << verdict.lot->words;
  EXPECT_THAT(rows, testing::Not(HasSubstr(node_name(undrawn))));
}

TEST(LotSampling, WithoutItsDrawIsUndecidedAndNotGreen) {
  const Sampled lot;
  const Verdict verdict = lot.judged();
  EXPECT_EQ(verdict.lot->decision, Decision::kUndecided);
  EXPECT_THAT(verdict.lot->words, HasSubstr("draw.json"));
  EXPECT_EQ(verdict.overall, Outcome::kInconclusive);
  EXPECT_EQ(verdict.clauses_overall, Outcome::kPass);
  EXPECT_EQ(verdict.exit_code, 2);
}

TEST(LotSampling, WithAnotherContractsDrawIsUndecidedAndAllAreDue) {
  const Sampled lot;
  put_foreign_draw(lot.dir());
  const Verdict verdict = lot.judged();
  EXPECT_EQ(verdict.lot->decision, Decision::kUndecided);
  EXPECT_THAT(verdict.lot->words, HasSubstr("not this contract's"));
  EXPECT_EQ(verdict.exit_code, 2);
  EXPECT_EQ(verdict.clauses.front().units, 2 * kNodes) << "a foreign draw lets nobody off";
}

TEST(LotSampling, OfFullScreeningReadsNoDraw) {
  LotShape shape = small(kNodes, 0);
  shape.extra_yaml = "sampling: {kind: full, counts: [critical]}\n";
  shape.each_clause = "    inspection: sampled\n";
  for (std::uint32_t node = 0; node < kNodes; ++node) {
    shape.slow_node = node;
    const LotCase lot(shape);
    put_foreign_draw(lot.dir());
    const Verdict verdict = lot.judged();
    EXPECT_EQ(verdict.exit_code, 1) << node << ' ' << verdict.sentence;
    EXPECT_EQ(verdict.clauses.front().units, 2 * kNodes);
  }
}

TEST(LotSampling, RefusesADrawThatWasChanged) {
  const Sampled lot;
  lot.draw();
  change_a_digit(lot.dir() / "draw.json", "\"drawn\": [\"n000");
  EXPECT_THROW(lot.judged(), Error);
}

}  // namespace
}  // namespace geomsu::lots
