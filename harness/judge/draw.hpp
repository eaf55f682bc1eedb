// Who of a lot is looked at, so that nobody can choose it and anyone can replay it.
//
// Before delivery the contract holds the hash of the buyer's secret. After delivery the list of items is hashed, in a
// commitment that both sides hold; only then is the secret opened. The supplier adds a nonce, and both take a value
// that becomes public on a day after delivery. Neither side knew all of it while it could still choose anything.
//
// Replay, with nothing but a shell:
//   list    one item a line, `LC_ALL=C sort`; list_sha256 = sha256sum of that file
//   seed    printf '%s\n' 'geomsu draw 1' "$secret" "$nonce" "$public" "$public_date" | sha256sum
//   word i  the first 16 digits of: printf '%s %d\n' "$seed" "$i" | sha256sum, as a number of 64 bits; i = 0, 1, 2 ...
//   draw    for j = 0 .. n-1: m = lot - j; take words until one lies under the largest multiple of m up to 2^64; swap
//           item j of the list with item j + word mod m. The first n items are drawn, in that order.
// No value holds a control character, so that the lines cannot be read in two ways.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/contract/contract.hpp"

namespace geomsu {

// What is fixed before the secret is opened.
struct DrawCommitment {
  std::string contract, tranche;  // ids as in the contract
  std::string plan;               // in words, which bind nothing: another version may put them otherwise
  std::uint32_t sample_size = 0;
  std::string delivered;      // YYYY-MM-DD, Asia/Seoul
  std::string secret_sha256;  // of the secret's 64 digits, as in the contract
  std::string list_sha256;
  std::vector<std::string> items;  // sorted
};

struct Draw {
  DrawCommitment commitment;
  std::string commitment_sha256;  // of commitment_json
  std::string secret, nonce, public_value, public_date;
  std::string seed;                // 64 digits
  std::vector<std::string> drawn;  // in the order of the draw
};

std::string list_sha256(const std::vector<std::string>& sorted_items);
std::string joint_seed(std::string_view secret, std::string_view nonce, std::string_view public_value,
                       std::string_view public_date);
// A number of 0 .. m-1, each as probable as the other, from words of 64 bits that `next` gives. m >= 1.
std::uint64_t unbiased(std::uint64_t m, const std::function<std::uint64_t()>& next);
// n of the items (all of them where n is more), in the order of the draw.
std::vector<std::string> drawn_items(std::vector<std::string> sorted_items, std::uint32_t n, std::string_view seed);

// Of a contract whose plan draws. `delivered`: empty for the day on which the tranche is due. Errors kBadData: no such
// plan, no secret agreed, no date, a list that cannot be written one a line.
DrawCommitment commit_draw(const Contract& contract, const std::string& delivered = {});
// Errors kBadData: not the secret that was committed to, a public date that is not after delivery, a value with control
// characters.
Draw open_draw(const DrawCommitment& commitment, std::string_view secret, std::string_view nonce,
               std::string_view public_value, std::string_view public_date);
// Where a commitment is not of this contract: another id or tranche, another list, n, plan or secret. Empty where it
// is.
std::string draw_mismatch(const Contract& contract, const DrawCommitment& commitment);

std::string commitment_json(const DrawCommitment& commitment);
std::string draw_json(const Draw& draw);
// Nothing in them is believed: every hash, the seed and the draw are made again. Errors kBadData that name what
// differs.
DrawCommitment parse_commitment(std::string_view bytes, const std::string& where);
Draw parse_draw(std::string_view bytes, const std::string& where);

}  // namespace geomsu
