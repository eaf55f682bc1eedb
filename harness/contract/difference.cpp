#include "harness/contract/difference.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/text.hpp"

namespace geomsu {
namespace {

using Side = ContractChange::Side;

std::string test_text(const Precondition& condition) {
  switch (condition.test) {
    case Precondition::Test::kEqual:
      return condition.wanted;
    case Precondition::Test::kAtLeast:
      return "at least " + condition.wanted;
    case Precondition::Test::kAtMost:
      return "at most " + condition.wanted;
  }
  return condition.wanted;
}

using Texts = std::map<std::string, std::string>;

// What stands in one of them only, or differs. `what` names an entry: "the precondition".
void compare_texts(const std::string& what, const Texts& before, const Texts& after, ChangeList& changes) {
  for (const auto& [key, text] : before) {
    const auto found = after.find(key);
    if (found == after.end()) {
      changes.add(Side::kWorse, fmt::format("{} {} is removed (it was {})", what, key, text));
    } else {
      changes.compare(fmt::format("{} {}", what, key), text, found->second);
    }
  }
  for (const auto& [key, text] : after) {
    if (!before.contains(key)) changes.add(Side::kBetter, fmt::format("{} {} is new: {}", what, key, text));
  }
}

Texts preconditions(const Contract& contract) {
  Texts texts;
  for (const Precondition& condition : contract.preconditions) {
    const std::string sku = condition.sku.empty() ? "" : fmt::format(" ({})", condition.sku);
    texts[fmt::format("{}.{}{}", condition.setting ? "settings" : "software", condition.key, sku)] =
        test_text(condition);
  }
  return texts;
}

Texts site_limits(const Contract& contract) {
  Texts texts;
  for (const SiteLimit& limit : contract.site_limits) {
    texts[limit.key] = fmt::format("{}, {} is responsible", limit.text, limit.supplier ? "the supplier" : "the buyer");
  }
  return texts;
}

std::string price_text(const Contract& contract) {
  if (!contract.price) return "";
  return fmt::format("{}, VAT {}, {} units counted", contract.price->text,
                     contract.price->vat_included ? "included" : "excluded",
                     contract.price->counted_units == "all" ? "all" : "the State's");
}

// A higher price is worse only where the rest of it is the same.
void compare_prices(const Contract& before, const Contract& after, ChangeList& changes) {
  Side side = Side::kOpen;
  if (before.price && after.price && before.price->won && after.price->won &&
      before.price->vat_included == after.price->vat_included &&
      before.price->counted_units == after.price->counted_units) {
    side = *after.price->won > *before.price->won ? Side::kWorse : Side::kBetter;
  }
  changes.compare("the price", price_text(before), price_text(after), side);
}

std::string severity_text(Severity severity) {
  return severity == Severity::kCritical ? "critical" : severity == Severity::kMajor ? "major" : "minor";
}

std::string sampling_text(const Sampling& plan) {
  if (!plan.named) return "";
  static constexpr std::string_view kKinds[] = {"full", "hypergeometric", "iso2859", "variables", "sequential"};
  std::vector<std::string> counts, earlier;
  for (const Severity severity : plan.counts) counts.push_back(severity_text(severity));
  for (const Sampling::Earlier& lot : plan.earlier) {
    earlier.push_back(fmt::format("{} {}{}", lot.tranche, lot.accepted ? "accepted" : "rejected",
                                  lot.resubmitted ? " (resubmitted)" : ""));
  }
  return fmt::format(
      "{}, counting {}, p0 {} alpha {} p1 {} beta {}, truncation {}, level {}, AQL {}, earlier lots [{}], clause {}, "
      "prior {}, secret {}",
      kKinds[static_cast<std::size_t>(plan.kind)], fmt::join(counts, "+"), shortest(plan.p0), shortest(plan.alpha),
      shortest(plan.p1), shortest(plan.beta), plan.truncation, plan.level, plan.aql.empty() ? "-" : plan.aql,
      fmt::join(earlier, ", "), plan.clause.empty() ? "-" : plan.clause, plan.prior.empty() ? "-" : plan.prior,
      plan.secret_sha256.empty() ? "-" : plan.secret_sha256);
}

std::string reruns_text(const Reruns& reruns) {
  if (reruns.most == 0) return "";
  std::vector<std::string> of;
  for (const Outcome outcome : reruns.of) of.emplace_back(to_string(outcome));
  return fmt::format("at most {} after {}", reruns.most, fmt::join(of, ", "));
}

}  // namespace

void ChangeList::compare(const std::string& what, const std::string& before, const std::string& after, Side side) {
  if (before == after) return;
  const auto told = [](const std::string& text) { return text.empty() ? "not stated" : text; };
  add(side, fmt::format("{} is {}, and was {}", what, told(after), told(before)));
}

std::vector<ContractChange> ChangeList::sorted() const {
  std::vector<ContractChange> list = list_;
  std::stable_sort(list.begin(), list.end(),
                   [](const ContractChange& a, const ContractChange& b) { return a.side < b.side; });
  return list;
}

std::vector<ContractChange> contract_changes(const Contract& before, const Contract& after) {
  ChangeList changes;
  if (before.demonstration != after.demonstration) {
    changes.add(after.demonstration ? Side::kWorse : Side::kBetter,
                after.demonstration ? "the contract is a demonstration now, and accepts nothing"
                                    : "the contract is no demonstration any more");
  }
  compare_clauses(before.clauses, after.clauses, changes);
  compare_deliveries(before.delivery, after.delivery, changes);
  compare_texts("the precondition", preconditions(before), preconditions(after), changes);
  compare_texts("the site limit", site_limits(before), site_limits(after), changes);
  compare_prices(before, after, changes);
  const bool more_reruns = after.reruns.most > before.reruns.most;
  changes.compare("the rule of reruns", reruns_text(before.reruns), reruns_text(after.reruns),
                  more_reruns ? Side::kWorse : Side::kOpen);
  changes.compare("the sampling plan", sampling_text(before.sampling), sampling_text(after.sampling));
  changes.compare("what an outlier is",
                  fmt::format("|robust z| over {}, distance over {}", shortest(before.fleet.robust_z),
                              shortest(before.fleet.distance)),
                  fmt::format("|robust z| over {}, distance over {}", shortest(after.fleet.robust_z),
                              shortest(after.fleet.distance)));
  changes.compare("the suite", before.suite, after.suite);
  changes.compare("the suite's sha256", before.suite_sha256, after.suite_sha256,
                  after.suite_sha256.empty() ? Side::kWorse : Side::kOpen);
  changes.compare("the sku", fmt::format("{}", fmt::join(before.skus, ", ")),
                  fmt::format("{}", fmt::join(after.skus, ", ")));
  changes.compare("the supplier", before.supplier, after.supplier);
  changes.compare("the buyer", before.buyer, after.buyer);
  changes.compare("the date (Asia/Seoul)", before.date, after.date);
  changes.compare("the title", before.title, after.title);
  changes.compare("the id", before.id, after.id);
  return changes.sorted();
}

}  // namespace geomsu
