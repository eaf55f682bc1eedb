#include "harness/contract/contradictions.hpp"

#include <map>

#include <fmt/format.h>

namespace geomsu {
namespace {

// Where a statistic stands in the order of quantiles of one distribution; observed extremes have an order of their own.
int place_of(const std::string& statistic) {
  static const std::map<std::string, int> places{{"p05", 1}, {"median", 2}, {"p95", 3}, {"min", 11}, {"max", 12}};
  const auto found = places.find(statistic);
  return found == places.end() ? 0 : found->second;
}

// Whether the figure of `low` can never be above that of `high`: p05 <= median <= p95, min <= max.
bool never_above(const std::string& low, const std::string& high) {
  const int a = place_of(low), b = place_of(high);
  return low == high || (a > 0 && a < b && (a > 10) == (b > 10));
}

// What two clauses must share before their bars can be compared, but for the statistic.
bool same_figure(const Clause& a, const Clause& b) {
  const bool skus_meet = a.sku.empty() || b.sku.empty() || a.sku == b.sku;
  return skus_meet && a.scope == b.scope && a.per == b.per && a.quantity == b.quantity && a.workload == b.workload &&
         a.of == b.of && a.sustained == b.sustained;
}

void check_against(const ReadClause& read, const ReadClause& other, Diagnostics& diagnostics) {
  const Clause &low = read.clause, &high = other.clause;
  if (!low.at_least || !high.at_most || !never_above(low.statistic, high.statistic)) return;
  const Advice advice{fmt::format("clause '{}' in line {} holds the same figure from above", high.id, high.line),
                      "correct one of the two bars"};
  const Mark at = low.line > high.line ? read.low_at : other.high_at;
  const std::string bars =
      fmt::format("the {} of '{}' is at least {} and the {} of '{}' at most {}", low.statistic, low.id,
                  format_quantity(low.at_least->value, low.at_least->dimension), high.statistic, high.id,
                  format_quantity(high.at_most->value, high.at_most->dimension));
  if (*low.low_bar() > *high.high_bar()) {
    diagnostics.error(at, "contradiction: " + bars, {"no unit can keep both: " + advice.why, advice.next});
  } else if (low.at_least->value > high.at_most->value) {
    diagnostics.warning(at, "only the tolerance lets both hold: " + bars,
                        {"as written, no unit can keep both: " + advice.why, advice.next});
  }
}

// Two bars of one direction on one figure: the laxer one is no bar.
void check_repetition(const ReadClause& first, const ReadClause& second, bool low, Diagnostics& diagnostics) {
  const Clause &a = first.clause, &b = second.clause;
  if (a.statistic != b.statistic || a.sku != b.sku) return;
  const auto bar_a = low ? a.low_bar() : a.high_bar(), bar_b = low ? b.low_bar() : b.high_bar();
  if (!bar_a || !bar_b) return;
  const bool equal = *bar_a == *bar_b;
  if (equal && a.confidence != b.confidence) return;  // two levels of one bar: one of them may be what is agreed
  const bool a_stricter = low ? *bar_a > *bar_b : *bar_a < *bar_b;
  diagnostics.warning(low ? second.low_at : second.high_at,
                      fmt::format("clauses '{}' and '{}' hold the same figure from the same side", a.id, b.id),
                      {equal ? std::string("they have the same bar")
                             : fmt::format("'{}' is the stricter, and '{}' says nothing beside it",
                                           a_stricter ? a.id : b.id, a_stricter ? b.id : a.id),
                       "keep one of them, or correct its workload or statistic"});
}

}  // namespace

void check_contradictions(const std::vector<ReadClause>& clauses, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    if (!clauses[i].whole) continue;
    for (std::size_t j = i + 1; j < clauses.size(); ++j) {
      if (!clauses[j].whole || !same_figure(clauses[i].clause, clauses[j].clause)) continue;
      check_against(clauses[i], clauses[j], diagnostics);
      check_against(clauses[j], clauses[i], diagnostics);
      check_repetition(clauses[i], clauses[j], true, diagnostics);
      check_repetition(clauses[i], clauses[j], false, diagnostics);
    }
  }
}

}  // namespace geomsu
