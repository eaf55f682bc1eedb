#include "harness/judge/holm_family.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/judge/against_bar.hpp"
#include "harness/stats/holm.hpp"

namespace geomsu {
namespace {

struct Member {
  const Clause* clause = nullptr;
  ClauseRow* row = nullptr;
};

void spare(std::span<const Member> family) {
  std::vector<double> p;
  for (const Member& member : family) p.push_back(*member.row->p_fail);
  const std::vector<bool> rejected = stats::holm_rejects(p, kHolmAlpha);
  const std::vector<double> adjusted = stats::holm_adjusted(p);
  for (std::size_t i = 0; i < family.size(); ++i) {
    ClauseRow& row = *family[i].row;
    if (row.reason != Reason::kTooSlow || rejected[i]) continue;
    const Clause& clause = *family[i].clause;
    row.outcome = undecided_outcome(clause);
    row.reason = Reason::kUndecided;
    row.words = fmt::format("{}; but over the unit's {} clause{} that is no FAIL at {:g} % (Holm: p = {:.3g}); {}",
                            row.words, family.size(), family.size() == 1 ? "" : "s", kHolmAlpha * 100, adjusted[i],
                            undecided_words(clause));
  }
}

}  // namespace

void spare_by_holm(const Contract& contract, std::span<std::vector<ClauseRow>> rows) {
  std::map<Unit, std::vector<Member>> families;
  for (std::size_t place = 0; place < rows.size(); ++place) {
    for (ClauseRow& row : rows[place]) {
      if (row.p_fail) families[row.unit].push_back({&contract.clauses[place], &row});
    }
  }
  for (const auto& [unit, family] : families) spare(family);
}

void FalseFails::add(const FalseFails& other) {
  rows += other.rows;
  units += other.units;
  raw += other.raw;
  units_hit += other.units_hit;
}

FalseFails false_fails(std::span<const std::vector<ClauseRow>> rows, std::span<const std::optional<double>> errors) {
  FalseFails expected;
  std::map<Unit, double> units;
  for (std::size_t place = 0; place < rows.size(); ++place) {
    if (!errors[place]) continue;
    for (const ClauseRow& row : rows[place]) {
      if (!row.p_fail) continue;
      ++expected.rows;
      expected.raw += *errors[place];
      units[row.unit] += *errors[place];
    }
  }
  expected.units = units.size();
  for (const auto& [unit, error] : units) expected.units_hit += std::min(error, kHolmAlpha);
  return expected;
}

}  // namespace geomsu
