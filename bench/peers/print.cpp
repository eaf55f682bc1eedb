#include "bench/peers/print.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/evidence/json_writer.hpp"
#include "harness/stats/order.hpp"

namespace geomsu::bench {
namespace {

const SideResult* side_of(const PairResult& result, std::string_view name) {
  for (const SideResult& side : result.sides) {
    if (side.side == name) return &side;
  }
  return nullptr;
}

double rate(const PairResult& result, const SideResult& side) {
  return result.work * static_cast<double>(result.repeats) * 1e9 / stats::median(side.ns);
}

void write_side(JsonWriter& json, const PairResult& result, const SideResult& side) {
  json.begin_object().text("side", side.side).text("words", side.words);
  json.maybe_text("left_out", side.left_out.empty() ? std::nullopt : std::optional(side.left_out));
  json.number("median_rate", side.ns.empty() ? std::nullopt : std::optional(rate(result, side)));
  json.key("ns").begin_array();
  for (const double ns : side.ns) json.number(ns);
  json.end_array().end_object();
}

}  // namespace

std::string table_head() {
  return fmt::format("{:<22} {:<7} {:>7}  {:<17} {:>5}  {:>7} {:>7}  {:>9} {:>9}  {}\n", "pair", "ours", "ratio",
                     "95 % interval", "pairs", "wanted", "reached", "peer", "ours", "unit");
}

std::string table_rows(const PairResult& result) {
  std::string text;
  for (const Comparison& comparison : result.comparisons) {
    const auto& [ratio, lower, upper, pairs] = comparison.ratio;
    text += fmt::format("{:<22} {:<7} {:>7.3f}  {:<17} {:>5}  {:>7} {:>7}  {:>9.2f} {:>9.2f}  G{}\n", result.name,
                        comparison.side, ratio, fmt::format("{:.3f} .. {:.3f}", lower, upper), pairs,
                        fmt::format(">= {:.2f}", result.goal), to_string(reached(comparison.ratio, result.goal)),
                        rate(result, *side_of(result, "peer")) / 1e9,
                        rate(result, *side_of(result, comparison.side)) / 1e9, result.unit);
  }
  for (const SideResult& side : result.sides) {
    if (!side.left_out.empty())
      text += fmt::format("{:<22} {:<7} left out: {}\n", result.name, side.side, side.left_out);
  }
  if (!result.failed.empty()) text += fmt::format("{:<22} failed: {}\n", result.name, result.failed);
  return text;
}

std::string table_foot(const RunFacts& facts) {
  return fmt::format(
      "\nratio: the peer's time over ours, median of the pairs; above 1 ours is the faster. Blocks of {} ms and more, "
      "{} "
      "a\nside, in drawn turns (seed {}). Load average {:.2f} before, {:.2f} after. {}, {}.\n{}\n",
      shortest(facts.block_ms), facts.rounds, facts.seed, facts.load_before, facts.load_after, facts.processor,
      facts.started_utc, facts.command);
}

std::string json_of(const std::vector<PairResult>& results, const RunFacts& facts) {
  JsonWriter json(JsonWriter::Layout::kIndented);
  json.begin_object().text("command", facts.command).text("started_utc", facts.started_utc);
  json.text("processor", facts.processor).number("load_before", facts.load_before);
  json.number("load_after", facts.load_after).count("rounds", facts.rounds).number("block_ms", facts.block_ms);
  json.count("seed", facts.seed).number("confidence", kConfidence).key("pairs").begin_array();
  for (const PairResult& result : results) {
    json.begin_object().text("name", result.name).text("peer", result.peer).text("workload", result.workload);
    json.text("unit", result.unit).number("goal", result.goal).count("operand_sets", result.operand_sets);
    json.count("repeats", result.repeats);
    json.maybe_text("failed", result.failed.empty() ? std::nullopt : std::optional(result.failed));
    json.key("comparisons").begin_array();
    for (const Comparison& comparison : result.comparisons) {
      json.begin_object().text("side", comparison.side).number("ratio", comparison.ratio.ratio);
      json.number("lower", comparison.ratio.lower).number("upper", comparison.ratio.upper);
      json.count("pairs", comparison.ratio.pairs);
      json.text("reached", to_string(reached(comparison.ratio, result.goal))).end_object();
    }
    json.end_array().key("sides").begin_array();
    for (const SideResult& side : result.sides) write_side(json, result, side);
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return json.str() + "\n";
}

}  // namespace geomsu::bench
