#include "harness/judge/draw.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/stats/dependence.hpp"
#include "tests/unit/lots/lot.hpp"

namespace geomsu {
namespace {

using testing::HasSubstr;

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadData);
    EXPECT_FALSE(error.next().empty()) << error.what();
    EXPECT_FALSE(error.where().empty()) << error.what();
    return error.what();
  }
  return "not refused";
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::vector<std::string> names(std::size_t count) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back(lots::node(i));
  return result;
}

DrawCommitment commitment() { return commit_draw(lots::contract(40, lots::hypergeometric(0, 1, 0.1, 0.05))); }
Draw opened() { return open_draw(commitment(), lots::kSecret, "한글 nonce", "0012 8450 3311", "2026-04-02"); }

// vector.json was made without this code; replay_test.py draws it again with Python's standard library alone.
TEST(Draw, IsTheKnownOneByteByByte) {
  const std::string bytes = read_file(std::string(GEOMSU_SOURCE_DIR) + "/tests/unit/lots/vector.json");
  EXPECT_EQ(draw_json(opened()), bytes);
  EXPECT_EQ(parse_draw(bytes, "vector.json").drawn, opened().drawn);
}

TEST(Draw, TakesDifferentItemsOfTheListAndAlwaysTheSame) {
  const Draw draw = opened();
  const std::set<std::string> drawn(draw.drawn.begin(), draw.drawn.end()),
      all(draw.commitment.items.begin(), draw.commitment.items.end());
  EXPECT_EQ(drawn.size(), draw.commitment.sample_size);
  EXPECT_TRUE(std::includes(all.begin(), all.end(), drawn.begin(), drawn.end()));
  EXPECT_EQ(opened().drawn, draw.drawn);
  EXPECT_EQ(opened().seed, draw.seed);
}

TEST(Draw, IsAnotherOneWhenAnyOfItsFourPartsChangesByOneByte) {
  const auto items = names(200);
  const auto drawn = [&](const char* secret, const char* nonce, const char* value, const char* date) {
    return drawn_items(items, 20, joint_seed(secret, nonce, value, date));
  };
  const auto one = drawn("s", "n", "v", "2026-04-02");
  EXPECT_EQ(drawn("s", "n", "v", "2026-04-02"), one);
  EXPECT_NE(drawn("t", "n", "v", "2026-04-02"), one);
  EXPECT_NE(drawn("s", "o", "v", "2026-04-02"), one);
  EXPECT_NE(drawn("s", "n", "w", "2026-04-02"), one);
  EXPECT_NE(drawn("s", "n", "v", "2026-04-03"), one);
  // No part can lend a byte to its neighbour.
  EXPECT_NE(joint_seed("s", "nv", "", "d"), joint_seed("s", "n", "v", "d"));
  EXPECT_NE(joint_seed("sn", "", "v", "d"), joint_seed("s", "n", "v", "d"));
}

TEST(Draw, OfFewerIsTheBeginningOfTheDrawOfMore) {
  const std::string seed = joint_seed("s", "n", "v", "d");
  const auto many = drawn_items(names(100), 60, seed), few = drawn_items(names(100), 7, seed);
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
}

TEST(Draw, TakesEachItemAtEachPlaceEquallyOftenOverManySeeds) {
  constexpr std::size_t kItems = 19, kDrawn = 5, kSeeds = 20'000;
  const auto items = names(kItems);
  std::map<std::string, double> taken, first;
  std::map<std::pair<std::string, std::string>, double> pairs;
  for (std::size_t seed = 0; seed < kSeeds; ++seed) {
    const auto drawn = drawn_items(items, kDrawn, joint_seed(lots::kSecret, std::to_string(seed), "v", "2026-04-02"));
    for (const std::string& item : drawn) ++taken[item];
    ++first[drawn[0]];
    ++pairs[{drawn[0], drawn[1]}];
  }
  double inclusion = 0, leading = 0, following = 0;
  for (const auto& item : items) {
    const double want = kSeeds * kDrawn / static_cast<double>(kItems), lead = kSeeds / static_cast<double>(kItems);
    inclusion += (taken[item] - want) * (taken[item] - want) / want;
    leading += (first[item] - lead) * (first[item] - lead) / lead;
  }
  inclusion *= (kItems - 1.0) / (kItems - kDrawn);  // without replacement the counts spread less
  const double cells = kItems * (kItems - 1), each = kSeeds / cells;
  EXPECT_EQ(pairs.size(), cells);
  for (const auto& [pair, count] : pairs) following += (count - each) * (count - each) / each;
  EXPECT_GT(stats::chi_square_tail(inclusion, kItems - 1), 1e-3);
  EXPECT_GT(stats::chi_square_tail(leading, kItems - 1), 1e-3);
  EXPECT_GT(stats::chi_square_tail(following, static_cast<unsigned>(cells) - 1), 1e-3);
  // Nor more even than chance makes them.
  EXPECT_LT(stats::chi_square_tail(inclusion, kItems - 1), 0.999);
  EXPECT_LT(stats::chi_square_tail(following, static_cast<unsigned>(cells) - 1), 0.999);
}

TEST(Unbiased, PassesOverTheWordsThatWouldFavourSmallNumbers) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();  // 2^64 = 1 mod 3, and 2^64 - 1 = 0 mod 3
  std::vector<std::uint64_t> words{kMost, kMost, kMost - 1};
  std::size_t used = 0;
  EXPECT_EQ(unbiased(3, [&] { return words[used++]; }), 2u);
  EXPECT_EQ(used, 3u);
  used = 0;
  words = {kMost - 6, kMost - 5, 5};  // 2^64 = 6 mod 10: the last six words are passed over
  EXPECT_EQ(unbiased(10, [&] { return words[used++]; }), 9u);
  EXPECT_EQ(used, 1u);
  used = 1;
  EXPECT_EQ(unbiased(10, [&] { return words[used++]; }), 5u);
  EXPECT_EQ(used, 3u);
  used = 0;
  words = {kMost};
  EXPECT_EQ(unbiased(1, [&] { return words[used++]; }), 0u);
  used = 0;
  EXPECT_EQ(unbiased(std::uint64_t{1} << 32, [&] { return words[used++]; }), 0xFFFFFFFFu);  // nothing is left over
}

TEST(DrawEdge, OfNothingOneAndMoreThanThereAre) {
  const std::string seed = joint_seed("s", "n", "v", "d");
  EXPECT_TRUE(drawn_items({}, 5, seed).empty());
  EXPECT_TRUE(drawn_items(names(5), 0, seed).empty());
  EXPECT_EQ(drawn_items(names(1), 1, seed), names(1));
  auto all = drawn_items(names(30), 99, seed);
  EXPECT_NE(all, names(30));
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, names(30));
}

TEST(Commitment, HoldsTheListSortedAndHashed) {
  const DrawCommitment made = commitment();
  EXPECT_EQ(made.items, names(40));
  std::string lines;
  for (const std::string& item : made.items) lines += item + "\n";
  EXPECT_EQ(made.list_sha256, sha256_hex(lines));
  EXPECT_EQ(made.delivered, "2026-03-31");
  EXPECT_EQ(made.tranche, "1차");
  EXPECT_EQ(parse_commitment(commitment_json(made), "c.json").items, made.items);
}

TEST(Commitment, IsRefusedWithoutWhatBindsIt) {
  Contract contract = lots::contract(40, lots::hypergeometric(0, 1, 0.1, 0.05));
  const auto commit = [&] { return refusal([&] { commit_draw(contract); }); };
  contract.sampling.secret_sha256 = "";
  EXPECT_THAT(commit(), HasSubstr("hash of the buyer's secret"));
  contract.sampling.secret_sha256 = std::string(64, 'G');
  EXPECT_THAT(commit(), HasSubstr("hash of the buyer's secret"));
  contract.sampling.secret_sha256 = sha256_hex(lots::kSecret);
  contract.delivery.tranches[0].due = "";
  EXPECT_THAT(commit(), HasSubstr("on which day"));
  EXPECT_THAT(refusal([&] { commit_draw(contract, "2026-02-30"); }), HasSubstr("'2026-02-30' is no day"));
  EXPECT_EQ(commit_draw(contract, "2026-03-02").delivered, "2026-03-02");
  contract.delivery.units[3].node = "a\nb";
  EXPECT_THAT(refusal([&] { commit_draw(contract, "2026-03-02"); }), HasSubstr("no line of text"));
  contract.delivery.units[3].node = "";
  EXPECT_THAT(refusal([&] { commit_draw(contract, "2026-03-02"); }), HasSubstr("has no node"));
  contract = lots::contract(40);
  EXPECT_THAT(commit(), HasSubstr("nothing is drawn"));
  contract = lots::contract(40, lots::hypergeometric(0.1, 0.05, 0.1, 0.05));
  EXPECT_THAT(commit(), HasSubstr("there is no hypergeometric plan"));
}

TEST(Opening, IsRefusedWithAnotherSecretAnEarlyDateOrUnclearText) {
  const DrawCommitment made = commitment();
  const auto open = [&](const std::string& secret, const std::string& nonce, const std::string& value,
                        const std::string& date) {
    return refusal([&] { open_draw(made, secret, nonce, value, date); });
  };
  EXPECT_THAT(open(std::string(64, 'b'), "n", "v", "2026-04-02"), HasSubstr("not the agreed one"));
  EXPECT_THAT(open(std::string(63, 'a'), "n", "v", "2026-04-02"), HasSubstr("64 hexadecimal digits"));
  EXPECT_THAT(open(std::string(64, 'A'), "n", "v", "2026-04-02"), HasSubstr("lower case"));
  EXPECT_THAT(open(lots::kSecret, "n", "v", "2026-03-31"), HasSubstr("not after delivery on 2026-03-31"));
  EXPECT_THAT(open(lots::kSecret, "n", "v", "2026-03-30"), HasSubstr("not after delivery"));
  EXPECT_EQ(open(lots::kSecret, "n", "v", "2026-04-01"), "not refused");
  EXPECT_THAT(open(lots::kSecret, "n", "v", "2026-04-31"), HasSubstr("YYYY-MM-DD"));
  EXPECT_THAT(open(lots::kSecret, "", "v", "2026-04-02"), HasSubstr("nonce is empty"));
  EXPECT_THAT(open(lots::kSecret, "n\nv", "v", "2026-04-02"), HasSubstr("nonce"));
  EXPECT_THAT(open(lots::kSecret, "n", "v\x7F", "2026-04-02"), HasSubstr("public value"));
  EXPECT_THAT(open(lots::kSecret, "n\xFF", "v", "2026-04-02"), HasSubstr("nonce"));
}

TEST(DrawRecord, RefusesEveryChange) {
  const std::string bytes = draw_json(opened());
  const auto parse = [&](const std::string& from, const std::string& to) {
    return refusal([&] { parse_draw(replaced(bytes, from, to), "draw.json"); });
  };
  EXPECT_NO_THROW(parse_draw(bytes, "draw.json"));
  EXPECT_THAT(parse(lots::kSecret, std::string(64, 'b')), HasSubstr("not the agreed one"));
  EXPECT_THAT(parse("한글 nonce", "한글 nonse"), HasSubstr("the seed is"));
  EXPECT_THAT(parse("0012 8450", "0012 8451"), HasSubstr("the seed is"));
  EXPECT_THAT(parse("2026-04-02", "2026-04-03"), HasSubstr("the seed is"));
  EXPECT_THAT(parse("2026-04-02", "2026-03-31"), HasSubstr("not after delivery"));
  EXPECT_THAT(parse("2026-03-31", "2026-03-30"), HasSubstr("commitment's hash"));
  EXPECT_THAT(parse("\"node0007\"", "\"node0007x\""), HasSubstr("the list was changed"));
  EXPECT_THAT(parse("\"node0000\",", ""), HasSubstr("39 items are listed"));
  EXPECT_THAT(parse("\"node0000\",\"node0001\"", "\"node0001\",\"node0000\""), HasSubstr("not sorted"));
  EXPECT_THAT(parse("\"node0000\",\"node0001\"", "\"node0000\",\"node0000\""), HasSubstr("stands twice"));
  EXPECT_THAT(parse("\"sample_size\": ", "\"sample_size\": 1"),
              testing::AnyOf(HasSubstr("cannot be drawn"), HasSubstr("hash")));
  EXPECT_THAT(parse("\"sample_size\": ", "\"sample_size\": -"), HasSubstr("sample_size"));
  EXPECT_THAT(parse("geomsu-draw-1", "geomsu-draw-2"), HasSubstr("schema"));
  EXPECT_THAT(parse("geomsu-commitment-1", "geomsu-commitment-0"), HasSubstr("schema"));
  EXPECT_THAT(parse("\"contract\": \"lot-test\"", "\"contract\": \"lot-tesT\""), HasSubstr("commitment's hash"));
  EXPECT_THAT(parse("\"drawn\": [", "\"drawn\": [\"node0000\","), HasSubstr("not those that it lists"));
  EXPECT_THAT(parse("\"nonce\"", "\"once\""), HasSubstr("nonce"));
  EXPECT_THAT(refusal([&] { parse_draw(bytes.substr(0, bytes.size() / 2), "draw.json"); }), HasSubstr("draw.json"));
  EXPECT_THAT(refusal([&] { parse_draw("", "draw.json"); }), HasSubstr("draw.json"));
}

TEST(CommitmentRecord, RefusesOtherBytesOfTheSameMeaning) {
  const std::string bytes = commitment_json(commitment());
  EXPECT_NO_THROW(parse_commitment(bytes, "c.json"));
  EXPECT_THAT(refusal([&] { parse_commitment(replaced(bytes, "  \"contract\"", " \"contract\""), "c.json"); }),
              HasSubstr("not as it was written"));
  EXPECT_THAT(refusal([&] { parse_commitment(replaced(bytes, "node0001", "node001"), "c.json"); }),
              HasSubstr("sorted"));
}

TEST(Mismatch, NamesWhatIsNotOfTheContract) {
  const Contract contract = lots::contract(40, lots::hypergeometric(0, 1, 0.1, 0.05));
  const DrawCommitment made = commit_draw(contract);
  EXPECT_EQ(draw_mismatch(contract, made), "");
  Contract other = contract;
  other.id = "another";
  EXPECT_THAT(draw_mismatch(other, made), HasSubstr("of contract 'lot-test'"));
  other = contract;
  other.delivery.tranche = "2차";
  EXPECT_THAT(draw_mismatch(other, made), HasSubstr("of tranche '1차'"));
  other = contract;
  other.sampling.secret_sha256 = std::string(64, '0');
  EXPECT_THAT(draw_mismatch(other, made), HasSubstr("secret"));
  other = contract;
  other.delivery.units.front().node = "node0000b";
  EXPECT_THAT(draw_mismatch(other, made), HasSubstr("another list"));
  other = contract;
  other.sampling.p1 = 0.2;
  EXPECT_THAT(draw_mismatch(other, made), HasSubstr("and the plan"));
  DrawCommitment smaller = made;
  smaller.sample_size -= 1;
  EXPECT_THAT(draw_mismatch(contract, smaller), HasSubstr("it draws 20 nodes, and the plan 21"));
}

}  // namespace
}  // namespace geomsu
