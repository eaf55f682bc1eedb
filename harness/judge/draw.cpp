#include "harness/judge/draw.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/hash.hpp"
#include "harness/base/text.hpp"
#include "harness/contract/calendar.hpp"
#include "harness/judge/planned_lot.hpp"

namespace geomsu {
namespace {

constexpr std::size_t kSecretDigits = 64, kWordDigits = 16;

[[noreturn]] void refuse(std::string message, std::string next, std::string where = "the draw") {
  throw Error(ErrorCode::kBadData, std::move(message), std::move(where), std::move(next));
}

// One line of text: what is hashed line by line can then be read in one way only.
bool is_line(std::string_view text) {
  return !text.empty() && valid_utf8(text) == text && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
}

bool is_digits(std::string_view text) {
  return text.size() == kSecretDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void need_line(std::string_view text, const char* what) {
  if (!is_line(text))
    refuse(fmt::format("the {} is empty or no line of text", what), "write it without control characters");
}

// The stream of words that a seed gives.
class Words {
 public:
  explicit Words(std::string_view seed) : seed_(seed) {}
  std::uint64_t next() {
    const std::string digest = sha256_hex(fmt::format("{} {}\n", seed_, counter_++));
    std::uint64_t word = 0;
    for (const char c : std::string_view(digest).substr(0, kWordDigits))
      word = word * 16 + static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    return word;
  }

 private:
  std::string seed_;
  std::uint64_t counter_ = 0;
};

}  // namespace

std::string list_sha256(const std::vector<std::string>& sorted_items) {
  Sha256 hash;
  for (const std::string& item : sorted_items) {
    hash.update(item);
    hash.update("\n");
  }
  return hash.finish_hex();
}

std::string joint_seed(std::string_view secret, std::string_view nonce, std::string_view public_value,
                       std::string_view public_date) {
  return sha256_hex(fmt::format("geomsu draw 1\n{}\n{}\n{}\n{}\n", secret, nonce, public_value, public_date));
}

std::uint64_t unbiased(std::uint64_t m, const std::function<std::uint64_t()>& next) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t left_over = (kMost % m + 1) % m;  // 2^64 mod m
  for (;;) {
    const std::uint64_t word = next();
    if (word <= kMost - left_over) return word % m;
  }
}

std::vector<std::string> drawn_items(std::vector<std::string> sorted_items, std::uint32_t n, std::string_view seed) {
  Words words(seed);
  const std::size_t count = std::min<std::size_t>(n, sorted_items.size());
  for (std::size_t j = 0; j < count; ++j) {
    const std::uint64_t step = unbiased(sorted_items.size() - j, [&words] { return words.next(); });
    std::swap(sorted_items[j], sorted_items[j + step]);
  }
  sorted_items.resize(count);
  return sorted_items;
}

DrawCommitment commit_draw(const Contract& contract, const std::string& delivered) {
  PlannedLot lot = plan_lot(contract);
  if (!lot.refused.empty()) refuse(lot.refused, "correct the contract's `sampling:`");
  if (!lot.draws) refuse("nothing is drawn: " + lot.plan, "inspect every node");
  if (!is_digits(contract.sampling.secret_sha256)) {
    refuse(
        "the contract does not hold the hash of the buyer's secret, so the buyer could choose one now",
        "make a secret before delivery (geomsu draw commit --new-secret FILE) and agree on its hash in the contract");
  }
  for (const std::string& item : lot.items) need_line(item, "name of a node");
  need_line(contract.id, "contract's id");
  DrawCommitment commitment;
  commitment.contract = contract.id;
  commitment.tranche = contract.delivery.tranche;
  commitment.plan = lot.plan;
  commitment.sample_size = lot.sample_size;
  commitment.delivered = delivered;
  if (delivered.empty()) {
    for (const Tranche& tranche : contract.delivery.tranches) {
      if (tranche.name == commitment.tranche) commitment.delivered = tranche.due;
    }
  }
  if (!parse_date(commitment.delivered)) {
    refuse(commitment.delivered.empty() ? std::string("nothing says on which day the lot was delivered")
                                        : fmt::format("'{}' is no day", escape_terminal(commitment.delivered)),
           "write the day of delivery as YYYY-MM-DD (--delivered), or `due:` in the tranche");
  }
  commitment.secret_sha256 = contract.sampling.secret_sha256;
  commitment.list_sha256 = list_sha256(lot.items);
  commitment.items = std::move(lot.items);
  return commitment;
}

Draw open_draw(const DrawCommitment& commitment, std::string_view secret, std::string_view nonce,
               std::string_view public_value, std::string_view public_date) {
  if (!is_digits(secret))
    refuse("the secret is not 64 hexadecimal digits in lower case", "take the file that --new-secret wrote");
  if (sha256_hex(secret) != commitment.secret_sha256) {
    refuse(fmt::format("the secret is not the agreed one: its hash is {} and the contract's is {}", sha256_hex(secret),
                       commitment.secret_sha256),
           "open the secret whose hash stands in the contract");
  }
  need_line(nonce, "supplier's nonce");
  need_line(public_value, "public value");
  const auto public_day = parse_date(public_date), delivered = parse_date(commitment.delivered);
  if (!public_day || !delivered) refuse("the day of the public value or of delivery is none", "write it as YYYY-MM-DD");
  if (*public_day <= *delivered) {
    refuse(fmt::format("the public value is of {}, which is not after delivery on {}: who delivered could know it",
                       public_date, commitment.delivered),
           "take a value of a later day");
  }
  Draw draw;
  draw.commitment = commitment;
  draw.commitment_sha256 = sha256_hex(commitment_json(commitment));
  draw.secret = secret;
  draw.nonce = nonce;
  draw.public_value = public_value;
  draw.public_date = public_date;
  draw.seed = joint_seed(secret, nonce, public_value, public_date);
  draw.drawn = drawn_items(commitment.items, commitment.sample_size, draw.seed);
  return draw;
}

std::string draw_mismatch(const Contract& contract, const DrawCommitment& commitment) {
  if (commitment.contract != contract.id)
    return fmt::format("it is of contract '{}'", escape_terminal(commitment.contract));
  if (commitment.tranche != contract.delivery.tranche)
    return fmt::format("it is of tranche '{}', and '{}' is inspected", escape_terminal(commitment.tranche),
                       escape_terminal(contract.delivery.tranche));
  if (commitment.secret_sha256 != contract.sampling.secret_sha256)
    return "its secret is not the one whose hash stands in the contract";
  const PlannedLot lot = plan_lot(contract);
  if (!lot.refused.empty()) return lot.refused;
  if (commitment.list_sha256 != list_sha256(lot.items) || commitment.items != lot.items)
    return fmt::format("it was drawn from another list: {} nodes of hash {}, and the contract lists {} of hash {}",
                       commitment.items.size(), commitment.list_sha256, lot.items.size(), list_sha256(lot.items));
  if (commitment.sample_size != lot.sample_size)
    return fmt::format("it draws {} nodes, and the plan {}", commitment.sample_size, lot.sample_size);
  return {};
}

}  // namespace geomsu
