#include "harness/contract/clause_against_suite.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

// Of a block, what its reseed, its questions and its being a little longer than planned take beside it.
constexpr double kBesideABlock = 1.4;
constexpr std::uint32_t kLeastOfASession = 5;  // fewer, and the chi-square of the comparison of sessions says nothing

// A group of one node and one over several nodes are two trials, whatever they run. The medians of single devices come
// from the devices' own trials, whatever they are a figure of.
bool over_nodes(const Clause& clause) { return clause.scope == Scope::kCluster && clause.of.empty(); }

bool same_trial(const Clause& a, const Clause& b) {
  return a.workload == b.workload && a.sustained == b.sustained && over_nodes(a) == over_nodes(b);
}

// Of the units' medians the statistic is an exact figure of all units, and wants no bound of its own.
bool is_tail(const Clause& clause) {
  return clause.of.empty() && (clause.statistic == "p05" || clause.statistic == "p95");
}

std::uint32_t wanted_blocks(const Suite& suite, const Clause& clause) {
  return is_tail(clause) && suite.tail_blocks > 0 ? suite.tail_blocks : suite.blocks;
}

// At the confidence of each look: the first judges `n` blocks, a second those and the extension. More blocks never take
// a bound away, but that is asked and not assumed.
void check_bounds(const ReadClause& read, std::uint32_t n, std::uint32_t shares, const Suite& suite,
                  BoundExists bound_exists, Diagnostics& diagnostics) {
  const Clause& clause = read.clause;
  const double confidence = shares > 1 ? 1 - (1 - clause.confidence) / shares : clause.confidence;
  const std::uint32_t extension = clause.sustained ? 0 : suite.extension_blocks;
  for (const std::uint32_t blocks : {n, n + extension}) {
    std::uint32_t needed = 0;
    if (bound_exists(clause.statistic, blocks, confidence, &needed)) continue;
    const std::string level =
        shares > 1 ? fmt::format("{:g} % ({:g} % over {} looks)", 100 * confidence, 100 * clause.confidence, shares)
                   : fmt::format("{:g} %", 100 * confidence);
    return diagnostics.error(
        read.statistic_at,
        fmt::format("no bound of the {} exists at {} from {} blocks", clause.statistic, level, blocks),
        {"nothing could be said at that confidence, whatever is measured",
         needed > 0 ? fmt::format("let suite '{}' take {} blocks or more (`{}: {}`), or lower the confidence",
                                  suite.name, needed, is_tail(clause) ? "tail_blocks" : "blocks", needed)
                    : "lower the confidence"});
  }
}

void check_schedule(const ReadClause& read, std::uint32_t judged, const Suite& suite, Diagnostics& diagnostics) {
  const Sustained& terms = *read.clause.sustained;
  const double blocks = static_cast<double>(judged) * suite.thin_of(read.clause.workload);
  const double wanted_s = kBesideABlock * blocks * static_cast<double>(suite.block_min_ns) * 1e-9;
  const double span_s = static_cast<double>(terms.span_ns) * 1e-9;
  if (wanted_s > span_s) {
    diagnostics.error(read.sustained_at, fmt::format("{:g} blocks do not fit into the span of {:g} s", blocks, span_s),
                      {fmt::format("at {:g} s each, with what stands beside a block, they take {:.0f} s",
                                   static_cast<double>(suite.block_min_ns) * 1e-9, wanted_s),
                       fmt::format("let the span be {:.0f} s or more, or suite '{}' take fewer or shorter blocks",
                                   wanted_s, suite.name)});
  }
  if (terms.sessions > 1 && judged < terms.sessions * kLeastOfASession) {
    diagnostics.error(
        read.sustained_at, fmt::format("{} blocks are too few for {} sessions", judged, terms.sessions),
        {fmt::format("whether sessions differ cannot be told of fewer than {} judged blocks each", kLeastOfASession),
         fmt::format("let suite '{}' take {} blocks or more, or let there be fewer sessions", suite.name,
                     terms.sessions * kLeastOfASession)});
  }
}

}  // namespace

std::vector<const Clause*> served_together(const Contract& contract, const Clause& clause) {
  std::vector<const Clause*> together;
  for (const Clause& other : contract.clauses) {
    if (same_trial(clause, other)) together.push_back(&other);
  }
  return together;
}

std::uint32_t judged_blocks(const Suite& suite, const Contract& contract, const Clause& clause) {
  std::uint32_t most = wanted_blocks(suite, clause);
  if (most >= std::max(suite.blocks, suite.tail_blocks)) return most;  // no other can want more
  for (const Clause* other : served_together(contract, clause)) most = std::max(most, wanted_blocks(suite, *other));
  return most;
}

std::uint32_t looks(const Contract& contract, std::uint32_t extension) {
  const auto& of = contract.reruns.of;
  const bool again = std::find(of.begin(), of.end(), Outcome::kInconclusive) != of.end();
  return (extension > 0 ? 2 : 1) * (again ? 1 + contract.reruns.most : 1);
}

void check_against_suite(const std::vector<ReadClause>& clauses, const Reruns& reruns, const Suite& suite,
                         BoundExists bound_exists, Diagnostics& diagnostics) {
  Contract whole;
  whole.reruns = reruns;
  for (const ReadClause& read : clauses) {
    if (read.whole) whole.clauses.push_back(read.clause);
  }
  for (const ReadClause& read : clauses) {
    if (!read.whole) continue;
    const std::uint32_t n = judged_blocks(suite, whole, read.clause);
    const std::uint32_t shares = looks(whole, read.clause.sustained ? 0 : suite.extension_blocks);
    const bool bounded = read.clause.of.empty() && !read.clause.statistic.empty();
    if (bound_exists != nullptr && bounded) check_bounds(read, n, shares, suite, bound_exists, diagnostics);
    if (read.clause.sustained) check_schedule(read, n, suite, diagnostics);
  }
}

void warn_of_medians(const std::vector<ReadClause>& clauses, Diagnostics& diagnostics) {
  const ReadClause* first = nullptr;
  std::string alone;
  for (const ReadClause& read : clauses) {
    if (!read.whole || read.has_per || read.clause.statistic != "median" || !read.clause.at_least) continue;
    if (!read.clause.of.empty()) continue;  // of the whole lot: no unit can hide in its own blocks there
    const bool has_tail = std::any_of(clauses.begin(), clauses.end(), [&read](const ReadClause& other) {
      return other.whole && !other.has_per && other.clause.of.empty() && same_trial(read.clause, other.clause) &&
             other.clause.at_least && (other.clause.statistic == "p05" || other.clause.statistic == "min");
    });
    if (has_tail) continue;
    if (first == nullptr) first = &read;
    alone += (alone.empty() ? "" : ", ") + read.clause.id;
  }
  if (first == nullptr) return;
  diagnostics.warning(
      first->statistic_at, fmt::format("throughput is judged by the median alone ({})", alone),
      {"a unit that throttles in a fifth of its blocks keeps its median",
       "add a clause of the same workload with `statistic: p05`, and let the suite say `tail_blocks: 59`"});
}

}  // namespace geomsu
