#include "harness/judge/lot_decision.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/judge/planned_lot.hpp"

namespace geomsu {
namespace {

using Decision = LotVerdict::Decision;
using Items = std::map<std::string, LotItem>;

std::string some(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) shown.push_back(escape_terminal(names[i]));
  std::string text = fmt::format("{}", fmt::join(shown, ", "));
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

Items merged(std::span<const LotItem> items) {
  Items result;
  for (const LotItem& item : items) {
    const auto [at, fresh] = result.emplace(item.node, item);
    if (fresh) continue;
    LotItem& one = at->second;
    // Open only where no copy is nonconforming for good.
    one.open = (one.open || item.open) && (!one.nonconforming || one.open) && (!item.nonconforming || item.open);
    one.tested = one.tested && item.tested;
    one.nonconforming = one.nonconforming || item.nonconforming;
    if (one.figure != item.figure) one.figure.reset();
  }
  return result;
}

// What was found on a node; one that nobody brought is not tested.
LotItem item_of(const Items& items, const std::string& node) {
  const auto found = items.find(node);
  return found == items.end() ? LotItem{} : found->second;
}

// Of an item that was drawn.
bool counts(const LotItem& item) { return !item.tested || item.nonconforming || item.open; }

void decide_full(const Items& items, LotVerdict& verdict) {
  std::vector<std::string> untested, open;
  for (const std::string& node : verdict.drawn) {
    const LotItem item = item_of(items, node);
    if (!item.tested) {
      untested.push_back(node);
    } else if (item.open) {
      open.push_back(node);
    } else if (item.nonconforming) {
      verdict.nonconforming.push_back(node);
    }
  }
  if (!verdict.nonconforming.empty()) {
    verdict.decision = Decision::kRejected;
    verdict.words = fmt::format(
        "rejected: {} of {} nodes are nonconforming ({}){}; next: replace them and inspect again",
        verdict.nonconforming.size(), verdict.lot_size, some(verdict.nonconforming),
        untested.empty() ? std::string() : fmt::format("; {} are not tested: {}", untested.size(), some(untested)));
  } else if (verdict.drawn.empty()) {
    verdict.words = "undecided: there is no node; next: write the delivery list, or inspect one";
  } else if (!untested.empty() || !open.empty()) {
    verdict.words = fmt::format("undecided: of {} nodes {} are not tested{}{} and {} are open{}{}; next: inspect them",
                                verdict.lot_size, untested.size(), untested.empty() ? "" : ": ", some(untested),
                                open.size(), open.empty() ? "" : ": ", some(open));
  } else {
    verdict.decision = Decision::kAccepted;
    verdict.words = fmt::format("accepted: all {} nodes are tested and none is nonconforming", verdict.lot_size);
  }
}

void decide_single(const Items& items, std::uint32_t ac, LotVerdict& verdict) {
  std::size_t untested = 0;
  for (const std::string& node : verdict.drawn) {
    const LotItem item = item_of(items, node);
    if (!counts(item)) continue;
    verdict.nonconforming.push_back(node);
    untested += item.tested ? 0 : 1;
  }
  const std::size_t found = verdict.nonconforming.size();
  verdict.decision = found <= ac ? Decision::kAccepted : Decision::kRejected;
  verdict.words =
      fmt::format("{}: of {} nodes looked at {} are nonconforming{}, and the plan allows {}",
                  found <= ac ? "accepted" : "rejected", verdict.sample_size, found,
                  untested == 0 ? "" : fmt::format(" ({} of them because they were not tested)", untested), ac);
}

void decide_sequential(const Items& items, const stats::SequentialPlan& plan, const std::vector<std::string>& order,
                       LotVerdict& verdict) {
  std::size_t last_tested = 0;  // 1-based
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (item_of(items, order[i]).tested) last_tested = i + 1;
  }
  std::int32_t found = 0;
  std::size_t n = 0;
  verdict.drawn.clear();
  while (n < last_tested && verdict.decision == Decision::kUndecided) {
    const std::string& node = order[n++];
    verdict.drawn.push_back(node);
    if (counts(item_of(items, node))) {
      ++found;
      verdict.nonconforming.push_back(node);
    }
    if (found <= plan.accept[n]) verdict.decision = Decision::kAccepted;
    if (found >= plan.reject[n]) verdict.decision = Decision::kRejected;
  }
  verdict.sample_size = static_cast<std::uint32_t>(n);
  if (verdict.decision == Decision::kUndecided) {
    // How many conforming nodes in a row would decide.
    std::size_t until = n;
    while (until < plan.truncation && found > plan.accept[until]) ++until;
    const std::vector<std::string> next(order.begin() + static_cast<std::ptrdiff_t>(n),
                                        order.begin() + static_cast<std::ptrdiff_t>(std::min(until, order.size())));
    verdict.words = fmt::format(
        "undecided: after {} nodes {} are nonconforming, between the boundaries {} and {}; next: inspect the following "
        "of the "
        "draw: {}",
        n, found, plan.accept[n] < 0 ? std::string("none") : std::to_string(plan.accept[n]), plan.reject[n],
        some(next));
    return;
  }
  const bool accepted = verdict.decision == Decision::kAccepted;
  verdict.words = fmt::format("{} after {} nodes of at most {}: {} are nonconforming, and the boundary is {}",
                              accepted ? "accepted" : "rejected", n, plan.truncation, found,
                              accepted ? plan.accept[n] : plan.reject[n]);
  std::size_t later = 0;
  for (; n < order.size(); ++n) {
    const LotItem item = item_of(items, order[n]);
    if (!item.tested) continue;
    ++later;
    verdict.drawn.push_back(order[n]);
    if (counts(item)) verdict.nonconforming.push_back(order[n]);
  }
  if (later > 0)
    verdict.words += fmt::format("; {} node(s) drawn after that were tested all the same and change nothing", later);
}

void decide_variables(const Contract& contract, const Items& items, double k, LotVerdict& verdict) {
  const auto clause = std::find_if(contract.clauses.begin(), contract.clauses.end(),
                                   [&](const Clause& one) { return one.id == contract.sampling.clause; });
  std::vector<double> figures;
  std::vector<std::string> without;
  for (const std::string& node : verdict.drawn) {
    const LotItem item = item_of(items, node);
    if (counts(item)) verdict.nonconforming.push_back(node);
    if (item.tested && item.figure && std::isfinite(*item.figure)) {
      figures.push_back(*item.figure);
    } else {
      without.push_back(node);
    }
  }
  if (!without.empty()) {
    verdict.decision = Decision::kRejected;
    verdict.words = fmt::format(
        "rejected: {} of the {} drawn nodes have no figure of clause {} ({}), and a plan by variables has no number of "
        "those that it allows",
        without.size(), verdict.sample_size, escape_terminal(contract.sampling.clause), some(without));
    return;
  }
  // In the order of the draw, so that the order of the items changes no last digit; the mean from one of them, so that
  // of equal figures it is theirs and not a digit beside it.
  const auto n = static_cast<double>(figures.size());
  double over = 0, square = 0;
  for (const double x : figures) over += x - figures.front();
  const double mean = figures.front() + over / n;
  for (const double x : figures) square += (x - mean) * (x - mean);
  const double s = std::sqrt(square / (n - 1));
  const double margin = clause->at_least ? mean - clause->bar() : clause->bar() - mean;
  // As a product: equal figures have no spread to divide by.
  verdict.decision = margin >= k * s ? Decision::kAccepted : Decision::kRejected;
  verdict.words = fmt::format("{}: mean {} and standard deviation {} {} over {} nodes, {} / s = {} against k = {}",
                              verdict.decision == Decision::kAccepted ? "accepted" : "rejected",
                              format_in(mean, clause->bar_unit, 6), format_in(s, clause->bar_unit, 4), clause->bar_unit,
                              figures.size(), clause->at_least ? "(mean - bar)" : "(bar - mean)",
                              s > 0 ? fmt::format("{:.6g}", margin / s) : std::string("without end, for all are equal"),
                              shortest(k));
}

std::string draw_words(const Draw& draw) {
  return fmt::format(
      "{} of {} nodes (list {}) by the seed {} = SHA-256 of the buyer's secret (hash {}, agreed before delivery), the "
      "supplier's nonce '{}' and the public value '{}' of {}; `geomsu draw show draw.json` draws them again",
      draw.drawn.size(), draw.commitment.items.size(), draw.commitment.list_sha256, draw.seed,
      draw.commitment.secret_sha256, escape_terminal(draw.nonce), escape_terminal(draw.public_value), draw.public_date);
}

// Items that were not looked at. One that is known to be nonconforming all the same is accepted by nobody.
void dispose(const PlannedLot& lot, const Items& items, LotVerdict& verdict) {
  if (verdict.decision == Decision::kUndecided) return;
  const std::set<std::string> drawn(verdict.drawn.begin(), verdict.drawn.end());
  std::vector<std::string> known;
  for (const std::string& node : lot.items) {
    if (drawn.contains(node)) continue;
    const LotItem item = item_of(items, node);
    const bool red = item.tested && item.nonconforming && !item.open;
    if (red) known.push_back(node);
    verdict.dispositions.push_back({node, verdict.decision == Decision::kAccepted && !red});
  }
  if (!known.empty()) {
    verdict.notes.push_back(
        fmt::format("{} node(s) that were not drawn are nonconforming by what was found on them all the same: {}; they "
                    "change nothing in "
                    "the sample, are not accepted by the lot, and are to be replaced",
                    known.size(), some(known)));
  }
}

}  // namespace

LotVerdict decide_lot(const Contract& contract, std::span<const LotItem> given, const Draw* draw) {
  const Items items = merged(given);
  std::vector<std::string> strangers;
  for (const auto& [node, item] : items) strangers.push_back(node);
  const PlannedLot lot = plan_lot(contract, strangers);
  std::erase_if(strangers, [&lot](const std::string& node) {
    return std::binary_search(lot.items.begin(), lot.items.end(), node);
  });
  LotVerdict verdict;
  verdict.tranche = contract.delivery.tranche;
  verdict.kind = to_string(lot.kind);
  verdict.notes = lot.notes;
  verdict.plan = lot.plan;
  verdict.lot_size = lot.lot_size();
  verdict.sample_size = lot.sample_size;
  verdict.acceptance_number = lot.acceptance_number;
  for (const stats::CharacteristicPoint& point : lot.characteristic)
    verdict.characteristic.push_back({point.nonconforming, point.accepted});
  if (!strangers.empty()) {
    verdict.notes.push_back(fmt::format("{} node(s) that the delivery list does not have are no part of the lot: {}",
                                        strangers.size(), some(strangers)));
  }
  if (!lot.refused.empty()) {
    verdict.words = "undecided: " + lot.refused;
    return verdict;
  }
  std::vector<std::string> order = lot.items;
  if (lot.draws) {
    if (draw == nullptr) {
      verdict.words = fmt::format(
          "undecided: {} nodes must be drawn and no draw is there; next: geomsu draw commit, then geomsu draw open, "
          "and put "
          "draw.json beside the bundles",
          lot.sample_size);
      return verdict;
    }
    if (const std::string why = draw_mismatch(contract, draw->commitment); !why.empty()) {
      verdict.words =
          fmt::format("undecided: the draw is not this contract's: {}; next: commit and open it again", why);
      return verdict;
    }
    verdict.draw = draw_words(*draw);
    order = draw->drawn;
  }
  verdict.drawn = order;
  switch (lot.kind) {
    case Sampling::Kind::kFull:
      decide_full(items, verdict);
      break;
    case Sampling::Kind::kHypergeometric:
    case Sampling::Kind::kIso2859:
      decide_single(items, *lot.acceptance_number, verdict);
      break;
    case Sampling::Kind::kVariables:
      decide_variables(contract, items, *lot.k, verdict);
      break;
    case Sampling::Kind::kSequential:
      decide_sequential(items, *lot.sequential, order, verdict);
      break;
  }
  verdict.inspected = static_cast<std::uint32_t>(
      std::count_if(verdict.drawn.begin(), verdict.drawn.end(),
                    [&items](const std::string& node) { return item_of(items, node).tested; }));
  std::sort(verdict.drawn.begin(), verdict.drawn.end());
  std::sort(verdict.nonconforming.begin(), verdict.nonconforming.end());
  dispose(lot, items, verdict);
  return verdict;
}

}  // namespace geomsu
