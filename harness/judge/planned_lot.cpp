#include "harness/judge/planned_lot.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/base/units.hpp"
#include "harness/stats/hypergeometric.hpp"
#include "harness/stats/iso2859.hpp"
#include "harness/stats/lot_plan.hpp"
#include "harness/stats/variables_plan.hpp"

namespace geomsu {
namespace {

constexpr std::size_t kFewLots = 10;  // no continuing series

stats::PlanRisks risks_of(const Sampling& plan) { return {plan.p0, plan.alpha, plan.p1, plan.beta}; }

std::string percent(double share) { return shortest(stats::twelve_digits(share * 100)) + " %"; }

std::string risk_words(std::uint32_t good, double rejected, std::uint32_t bad, double accepted) {
  return fmt::format(
      "exact risks: a lot with {} nonconforming is rejected with probability {:.3g}, one with {} accepted with {:.3g}",
      good, rejected, bad, accepted);
}

std::string asked(const Sampling& plan) {
  return fmt::format("accept {}, alpha {}, reject {}, beta {}", percent(plan.p0), percent(plan.alpha), percent(plan.p1),
                     percent(plan.beta));
}

std::string no_plan(const PlannedLot& lot, const Sampling& plan, std::string_view next) {
  return fmt::format("there is no {} plan for {} nodes with {}; next: {}", to_string(lot.kind), lot.items.size(),
                     asked(plan), next);
}

// A single plan by attributes: n drawn, at most ac of them nonconforming.
void settle_single(PlannedLot& lot, std::uint32_t n, std::uint32_t ac, std::span<const std::uint32_t> always) {
  lot.sample_size = std::min(n, lot.lot_size());
  lot.draws = lot.sample_size < lot.lot_size();
  lot.acceptance_number = ac;
  const std::uint32_t items = lot.lot_size(), drawn = lot.sample_size;
  const auto at = [items, drawn, ac](std::uint32_t bad) {
    return stats::CharacteristicPoint{bad, stats::hypergeometric_cdf({items, bad, drawn}, ac), {}};
  };
  lot.characteristic = stats::characteristic(items, at, always);
}

void plan_full(PlannedLot& lot) {
  settle_single(lot, lot.lot_size(), 0, {});
  lot.plan = fmt::format("full: all {} nodes, accepted with none nonconforming", lot.items.size());
}

void plan_exact(const Sampling& terms, PlannedLot& lot) {
  const auto plan = stats::exact_plan(risks_of(terms), lot.lot_size());
  if (!plan) {
    lot.refused = no_plan(lot, terms, "choose shares with a whole number of nodes between them, or inspect all");
    return;
  }
  const std::uint32_t always[] = {plan->good, plan->bad};
  settle_single(lot, plan->n, plan->ac, always);
  lot.plan = fmt::format("hypergeometric: {} of {} nodes, accepted with at most {} nonconforming", lot.sample_size,
                         lot.items.size(), plan->ac);
  lot.notes.push_back(risk_words(plan->good, plan->producer_risk, plan->bad, plan->consumer_risk));
}

void plan_iso2859(const Contract& contract, PlannedLot& lot) {
  const Sampling& terms = contract.sampling;
  lot.notes.emplace_back(stats::kIso2859Note);
  std::vector<stats::IsoLot> earlier;
  for (const Sampling::Earlier& one : terms.earlier) earlier.push_back({one.accepted, one.resubmitted});
  const stats::IsoState state = stats::iso2859_state(earlier);
  const std::string stage =
      fmt::format("{} inspection after {} earlier lot(s) that count", to_string(state.stage), state.counted);
  if (state.stage == stats::IsoStage::kDiscontinued) {
    lot.refused =
        "acceptance by ISO 2859-1 is discontinued: five lots were rejected on tightened inspection; next: inspect "
        "every node (kind: full), or agree what has been corrected and begin a new series";
    return;
  }
  const auto letter = stats::code_letter(lot.lot_size(), terms.level);
  const auto aql = stats::aql_index(terms.aql);
  if (!letter || !aql) {
    lot.refused = fmt::format("level '{}' or AQL '{}' is not of ISO 2859-1; next: write those of the standard's series",
                              escape_terminal(terms.level), escape_terminal(terms.aql));
    return;
  }
  const auto plan = stats::iso2859_plan(*letter, *aql, state.stage);
  if (!plan) {
    lot.refused = fmt::format(
        "no plan: an arrow leads off the table of {} inspection at letter {} and AQL {} %; next: take another AQL or "
        "level, or kind: hypergeometric",
        to_string(state.stage), *letter, stats::kAqls[*aql]);
    return;
  }
  const std::uint32_t good[] = {stats::most_within(stats::aql_share(*aql), lot.lot_size())};
  settle_single(lot, plan->n, plan->ac, good);
  lot.plan = fmt::format(
      "iso2859: level {}, AQL {} %, {}, letter {}{}: {} of {} nodes, accepted with at most {} nonconforming",
      terms.level, stats::kAqls[*aql], stage, plan->letter,
      plan->letter == *letter ? "" : fmt::format(" by an arrow from {}", *letter), lot.sample_size, lot.items.size(),
      plan->ac);
  const stats::Lot at_aql{lot.lot_size(), good[0], lot.sample_size};
  const auto at = [&lot](std::uint32_t bad) {
    return stats::CharacteristicPoint{
        bad, stats::hypergeometric_cdf({lot.lot_size(), bad, lot.sample_size}, *lot.acceptance_number), {}};
  };
  if (const auto bad = stats::least_accepted_within(lot.lot_size(), at, 0.1)) {
    lot.notes.push_back(risk_words(good[0], stats::hypergeometric_tail(at_aql, plan->ac), *bad, at(*bad).accepted));
  }
  // Five per cent is where a reader sees what an AQL does not promise.
  const std::uint32_t twentieth = stats::least_reaching(0.05, lot.lot_size());
  const std::size_t lots = std::max<std::size_t>(1, contract.delivery.tranches.size()) + state.counted;
  if (lots <= kFewLots) {
    lot.notes.push_back(fmt::format(
        "ISO 2859-1 is for a continuing series, and this is one of {} lot(s){}: this plan accepts a lot with {} of {} "
        "nonconforming with probability {:.3g}; for ten lots or fewer take kind: hypergeometric, or ISO 2859-2",
        lots, lots == 1 ? ", an isolated one" : "", twentieth, lot.items.size(), at(twentieth).accepted));
  }
}

void plan_variables(const Contract& contract, PlannedLot& lot) {
  const Sampling& terms = contract.sampling;
  if (terms.prior.empty()) {
    lot.refused =
        "a plan by variables presumes a normal distribution, and the contract names no prior data that shows it; next: "
        "write `prior:`, or kind: hypergeometric";
    return;
  }
  const auto clause = std::find_if(contract.clauses.begin(), contract.clauses.end(),
                                   [&terms](const Clause& one) { return one.id == terms.clause; });
  if (clause == contract.clauses.end() || clause->between() || (!clause->at_least && !clause->at_most)) {
    lot.refused = fmt::format(
        "the plan by variables judges clause '{}', which is not there or has not one bar; next: name "
        "a clause with at_least or at_most",
        escape_terminal(terms.clause));
    return;
  }
  const auto plan = stats::variables_plan(risks_of(terms));
  if (!plan || plan->n >= lot.lot_size()) {
    lot.refused = no_plan(lot, terms,
                          plan ? fmt::format("it wants {} nodes; take kind: full, or wider risks", plan->n)
                               : "choose 0 < accept < reject < 50 % and risks below 50 %");
    return;
  }
  lot.sample_size = plan->n;
  lot.draws = true;
  lot.k = plan->k;
  const bool floor = clause->at_least.has_value();
  const std::string bar = fmt::format("{} {}", format_in(clause->bar(), clause->bar_unit, 6), clause->bar_unit);
  lot.plan = fmt::format("variables: {} of {} nodes, accepted where {} / s >= {} over the nodes' figures of clause {}",
                         plan->n, lot.items.size(), floor ? "(mean - " + bar + ")" : "(" + bar + " - mean)",
                         shortest(plan->k), escape_terminal(terms.clause));
  const double items = lot.lot_size();
  const std::uint32_t good = stats::most_within(terms.p0, lot.lot_size()),
                      bad = stats::least_reaching(terms.p1, lot.lot_size());
  const std::uint32_t always[] = {good, bad};
  const auto at = [&](std::uint32_t count) {
    return stats::CharacteristicPoint{count, stats::variables_accepted(plan->n, plan->k, count / items), {}};
  };
  lot.characteristic = stats::characteristic(lot.lot_size(), at, always);
  lot.notes.push_back(
      fmt::format("risks of a normal lot without end: of {} beyond the bar rejected with probability {:.3g}, of {} "
                  "accepted with {:.3g}",
                  percent(terms.p0), plan->producer_risk, percent(terms.p1), plan->consumer_risk));
  lot.notes.push_back(
      fmt::format("the plan by variables holds for a normal distribution only, which rests on the declared prior data "
                  "({}): throughput "
                  "of parts that throttle is skewed to the left, and is then accepted too often",
                  escape_terminal(terms.prior)));
}

void plan_sequential(const Sampling& terms, PlannedLot& lot) {
  auto plan = stats::sequential_plan(risks_of(terms), lot.lot_size(), terms.truncation);
  if (!plan) {
    lot.refused = no_plan(lot, terms,
                          terms.truncation == 0
                              ? std::string("choose shares with a whole number of nodes between them, or kind: "
                                            "hypergeometric")
                              : fmt::format("a truncation of {} items keeps not both risks; raise it, or leave it out",
                                            terms.truncation));
    return;
  }
  lot.sample_size = plan->truncation;
  lot.draws = true;
  lot.acceptance_number = static_cast<std::uint32_t>(std::max(0, plan->accept.back()));
  const auto at = [&plan](std::uint32_t bad) {
    const stats::SequentialPoint point = stats::sequential_point(*plan, bad);
    return stats::CharacteristicPoint{bad, point.accepted, point.expected};
  };
  const std::uint32_t always[] = {plan->good, plan->bad};
  lot.characteristic = stats::characteristic(lot.lot_size(), at, always);
  const auto first =
      std::find_if(plan->accept.begin(), plan->accept.end(), [](std::int32_t most) { return most >= 0; });
  lot.plan = fmt::format(
      "sequential: at most {} of {} nodes in the order of the draw, accepted from {} on where none is nonconforming, "
      "at the "
      "truncation with at most {}; the first crossing decides, and what was drawn after it counts for nothing",
      plan->truncation, lot.items.size(), first - plan->accept.begin(), plan->accept.back());
  lot.notes.push_back(risk_words(plan->good, plan->producer_risk, plan->bad, plan->consumer_risk));
  lot.notes.push_back(
      fmt::format("nodes looked at on average: {:.1f} of a lot with {} nonconforming, {:.1f} of one with {}",
                  *at(plan->good).expected, plan->good, *at(plan->bad).expected, plan->bad));
  lot.sequential = std::move(plan);
}

}  // namespace

std::string_view to_string(Sampling::Kind kind) {
  switch (kind) {
    case Sampling::Kind::kFull:
      return "full";
    case Sampling::Kind::kHypergeometric:
      return "hypergeometric";
    case Sampling::Kind::kIso2859:
      return "iso2859";
    case Sampling::Kind::kVariables:
      return "variables";
    case Sampling::Kind::kSequential:
      return "sequential";
  }
  return "unknown";
}

PlannedLot plan_lot(const Contract& contract, std::span<const std::string> found) {
  PlannedLot lot;
  lot.kind = contract.sampling.kind;
  std::set<std::string> nodes;
  std::string homeless;
  for (const DeliveredUnit& unit : contract.delivery.units) {
    if (!unit.node.empty()) {
      nodes.insert(unit.node);
    } else if (homeless.empty()) {
      homeless = unit.serial;
    }
  }
  const bool full = lot.kind == Sampling::Kind::kFull;
  if (full && (contract.delivery.discover || !homeless.empty())) nodes.insert(found.begin(), found.end());
  lot.items.assign(nodes.begin(), nodes.end());
  if (!full && (lot.items.empty() || !homeless.empty())) {
    lot.refused = homeless.empty() ? std::string("the contract lists no node to draw from; next: write a delivery list")
                                   : fmt::format(
                                         "unit {} of the delivery list has no node, and an item that is drawn is "
                                         "a node; next: write `node:` in each unit",
                                         escape_terminal(homeless));
    return lot;
  }
  switch (lot.kind) {
    case Sampling::Kind::kFull:
      plan_full(lot);
      break;
    case Sampling::Kind::kHypergeometric:
      plan_exact(contract.sampling, lot);
      break;
    case Sampling::Kind::kIso2859:
      plan_iso2859(contract, lot);
      break;
    case Sampling::Kind::kVariables:
      plan_variables(contract, lot);
      break;
    case Sampling::Kind::kSequential:
      plan_sequential(contract.sampling, lot);
      break;
  }
  return lot;
}

}  // namespace geomsu
