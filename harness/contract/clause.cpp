#include "harness/contract/clause.hpp"

#include <fmt/format.h>

#include "harness/contract/bar.hpp"
#include "harness/contract/fields.hpp"
#include "harness/contract/map_reader.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

constexpr std::uint32_t kMostSessions = 100;
constexpr std::int64_t kLeastSpan = 1'000'000'000, kMostSpan = 24 * 3'600'000'000'000;

const Advice kBarAdvice{"a clause without a bar would always be green, and one with two has no single answer",
                        "write exactly one of `at_least:` and `at_most:`, like `at_least: 700 TFLOP/s`"};

const std::vector<Later>& later_keys() {
  static const std::vector<Later> table{
      {"between", "write two clauses, one with `at_least` and one with `at_most`"},
      {"severity", "remove it; every clause counts the same"},
      {"sessions", "write it inside `sustained: {sessions: 3, span: 300 s}`"},
      {"span", "write it inside `sustained: {sessions: 3, span: 300 s}`"},
      {"extension", "remove it; a clause is judged at one look"},
      {"reruns", "remove it; every attempt stays in the evidence and the worst counts"},
      {"of", "remove it; per-won figures sum the units' lower bounds"},
  };
  return table;
}

// "gemm.throughput" into its two names, both known.
void read_measure(MapReader& reader, Clause& clause, Diagnostics& diagnostics) {
  const YamlNode* node =
      reader.required_node("measure", {"nothing says what is judged", "write `measure: gemm.throughput`"});
  const auto text = node == nullptr ? std::nullopt : text_value(*node, "'measure'", diagnostics);
  if (!text) return;
  std::vector<std::string> known;
  for (const ops::Operation* operation : ops::all()) {
    for (const auto& spec : operation->quantities()) {
      known.push_back(fmt::format("{}.{}", operation->name(), spec.name));
      if (known.back() != *text) continue;
      clause.operation = operation->name();
      clause.quantity = spec.name;
      return;
    }
  }
  diagnostics.error(node->at, fmt::format("unknown measure {}{}", shown(*text), did_you_mean(*text, known)),
                    {"this version cannot measure it", "write " + list_of(known)});
}

bool higher_is_better(const Clause& clause) {
  const ops::Operation* operation = ops::find(clause.operation);
  for (const auto& spec : operation->quantities()) {
    if (spec.name == clause.quantity) return spec.higher_is_better;
  }
  return true;
}

std::string wanted_units(Dimension dimension) {
  switch (dimension) {
    case Dimension::kFlops:
      return "like 700 TFLOP/s";
    case Dimension::kBandwidth:
      return "like 2.8 TB/s (1 TB = 1e12 B)";
    case Dimension::kTime:
      return "like 15 us";
    case Dimension::kFlopsPerWon:
      return "like 900 TFLOP/s/억원";
    case Dimension::kBandwidthPerWon:
      return "like 2 TB/s/억원";
    default:
      return fmt::format("in {}", canonical_unit(dimension));
  }
}

void read_bar(MapReader& reader, ReadClause& read, Diagnostics& diagnostics) {
  const YamlNode* least = reader.optional_node("at_least");
  const YamlNode* most = reader.optional_node("at_most");
  if (!reader.is_map()) return;
  if (least == nullptr && most == nullptr) return diagnostics.error(reader.at(), "a clause has no bar", kBarAdvice);
  if (least != nullptr && most != nullptr) {
    return diagnostics.error(most->at, "a clause has both 'at_least' and 'at_most'", kBarAdvice);
  }
  const YamlNode& node = least != nullptr ? *least : *most;
  const std::string key = least != nullptr ? "at_least" : "at_most";
  read.bar_at = node.at;
  const auto text = text_value(node, "'" + key + "'", diagnostics);
  if (!text) return;
  Clause& clause = read.clause;
  const Dimension wanted = bar_dimension(clause.operation, clause.quantity, read.has_per);
  const Advice advice{fmt::format("{} is judged in {}", clause.measure(), canonical_unit(wanted)),
                      "write a bar " + wanted_units(wanted)};
  QuantityError problem;
  const auto quantity = parse_quantity(*text, &problem);
  if (!quantity) {
    const Advice plain{"a bar is a number and its unit", "write it like `at_least: 700 TFLOP/s`"};
    return diagnostics.error(node.at, fmt::format("'{}': {}", key, problem.message),
                             wanted == Dimension::kNone ? plain : advice);
  }
  if (!(quantity->value > 0)) {
    return diagnostics.error(
        node.at, fmt::format("the bar {} is not above zero", shown(*text)),
        {"a bar of nothing is no bar, everything passes it", "write the figure that the contract promises"});
  }
  if (wanted == Dimension::kNone) return;  // the measure is unknown, and that has been said
  if (quantity->dimension != wanted) {
    return diagnostics.error(node.at,
                             fmt::format("'{}' wants a {}, {} is a {}", key, dimension_name(wanted), shown(*text),
                                         dimension_name(quantity->dimension)),
                             advice);
  }
  (least != nullptr ? clause.at_least : clause.at_most) = *quantity;
  clause.bar_text = *text;
  clause.bar_unit = written_unit(*text);
  if (most != nullptr && higher_is_better(clause)) {
    diagnostics.warning(node.at, "'at_most' on " + clause.measure() + ", where more is better",
                        {"it fails the faster part", "check that `at_least` was not meant"});
  }
}

// A ratio written with its %, from `least` and under 100 %.
void read_ratio(MapReader& reader, const std::string& key, double least, const Advice& advice, double& value,
                std::string& text, Diagnostics& diagnostics) {
  const auto quantity = reader.required_quantity(key, Dimension::kRatio, advice);
  if (!quantity) return;
  const YamlNode* node = reader.optional_node(key);
  if (quantity->value < least || quantity->value >= 1 || (quantity->value == 0 && node->text.starts_with('-'))) {
    return diagnostics.error(
        node->at, fmt::format("'{}' must be from {:.0f} % to under 100 %, not {}", key, 100 * least, shown(node->text)),
        advice);
  }
  value = quantity->value;
  text = node->text;
}

// What wants several devices in one group is a figure of the node or of the cluster, and only that may be.
void read_scope(MapReader& reader, Clause& clause, Diagnostics& diagnostics) {
  const Advice advice{"it says whose figure is judged",
                      "write `scope: device`, `node`, `cluster` (several nodes at once) or, with `per`, `lot`"};
  const auto scope = reader.required_choice<Scope>(
      "scope", {{"device", Scope::kDevice}, {"node", Scope::kNode}, {"cluster", Scope::kCluster}, {"lot", Scope::kLot}},
      advice);
  clause.scope = scope.value_or(Scope::kDevice);
  const ops::Operation* operation = ops::find(clause.operation);
  if (!scope || operation == nullptr || clause.workload.op.empty()) return;
  const std::uint32_t ranks = operation->ranks(clause.workload.params);
  const Mark at = reader.optional_node("scope")->at;
  if (ranks > 1 && *scope != Scope::kNode && *scope != Scope::kCluster) {
    diagnostics.error(at, fmt::format("'scope' of a {} over {} devices", clause.operation, ranks),
                      {"the devices work together, and no single one has a figure",
                       "write `scope: node`, or `cluster` where they stand in several nodes"});
  } else if (ranks == 1 && *scope == Scope::kCluster) {
    diagnostics.error(at, fmt::format("'scope: cluster' of {}, which runs on one device", clause.operation),
                      {"a cluster's figure needs a workload that its devices share",
                       "write `scope: device`, or `node` for the worst device of each node"});
  }
}

void read_provenance(MapReader& clause_reader, Clause& clause, Diagnostics& diagnostics) {
  const YamlNode* node = clause_reader.required_node(
      "provenance", {"a bar that nobody can trace was set from one measurement or copied from the last contract",
                     "write `provenance: {source: ..., date: YYYY-MM-DD, by: ..., concurrency: alone}`"});
  if (node == nullptr) return;
  MapReader reader(*node, "the provenance", diagnostics);
  Provenance& from = clause.provenance;
  from.source =
      reader.required_text("source", {"it says where the bar comes from", "write the page, proposal or test report"})
          .value_or("");
  from.date = required_date(reader, "date", {"bars go stale", "write `date: YYYY-MM-DD`"}, diagnostics).value_or("");
  from.by =
      reader.required_text("by", {"somebody answers for the figure", "write who measured or proposed it"}).value_or("");
  const auto concurrency = reader.required_choice<std::string>(
      "concurrency", {{"alone", "alone"}, {"node", "node"}, {"rack", "rack"}, {"hall", "hall"}, {"unknown", "unknown"}},
      {"most public figures are taken with everything else idle", "write `concurrency: alone`, `node` or `unknown`"});
  from.concurrency = concurrency.value_or("");
  reader.finish();
}

// Zero operands toggle fewer transistors: one H200 read 894 TFLOP/s on them and 788 on random data.
void read_clause_workload(MapReader& reader, ReadClause& read, Diagnostics& diagnostics) {
  const YamlNode* node = reader.required_node(
      "workload", {"nothing says what is run", "write `workload: {dtype: ..., concurrency: node}`"});
  if (node == nullptr) return;
  if (read.clause.operation.empty()) return;  // its keys mean nothing without the operation
  const auto workload = read_workload(*node, read.clause.operation, diagnostics);
  for (const YamlEntry& entry : node->entries) {
    if (entry.key != "data" || entry.value.text != "zeros") continue;
    diagnostics.warning(entry.value.at, "operands of zeros",
                        {"constant data inflates throughput by a tenth and more", "write `data: normal`"});
  }
  if (workload) read.clause.workload = *workload;
}

// `sustained: {}` has the defaults; both keys may be given.
void read_sustained(MapReader& clause_reader, ReadClause& read, Diagnostics& diagnostics) {
  const YamlNode* node = clause_reader.optional_node("sustained");
  if (node == nullptr) return;
  read.sustained_at = node->at;
  const Advice advice{"it says over how many fresh workers and how long the blocks are spread",
                      "write `sustained: {}` for 3 sessions over 300 s, or `sustained: {sessions: 3, span: 300 s}`"};
  if (node->kind != YamlNode::Kind::kMap) return diagnostics.error(node->at, "'sustained' must be a map", advice);
  MapReader reader(*node, "'sustained'", diagnostics);
  Sustained terms;
  if (const YamlNode* sessions = reader.optional_node("sessions")) {
    const auto count = reader.required_count("sessions", advice);
    if (count && (*count < 1 || *count > kMostSessions)) {
      diagnostics.error(sessions->at,
                        fmt::format("'sessions' must be from 1 to {}, not {}", kMostSessions, shown(sessions->text)),
                        advice);
    }
    terms.sessions = count.value_or(terms.sessions);
  }
  if (reader.optional_node("span") != nullptr) {
    terms.span_ns =
        required_duration(reader, "span", kLeastSpan, kMostSpan, advice, diagnostics).value_or(terms.span_ns);
  }
  reader.finish();
  read.clause.sustained = terms;
}

}  // namespace

std::optional<double> Clause::low_bar() const {
  return at_least ? std::optional(at_least->value * (1 - tolerance)) : std::nullopt;
}

std::optional<double> Clause::high_bar() const {
  return at_most ? std::optional(at_most->value * (1 + tolerance)) : std::nullopt;
}

double Clause::bar() const { return low_bar().value_or(high_bar().value_or(0)); }

ReadClause read_clause(const YamlNode& node, Diagnostics& diagnostics) {
  Diagnostics own(diagnostics.file());
  ReadClause read;
  Clause& clause = read.clause;
  clause.line = node.at.line;
  MapReader reader(node, "a clause", own);
  clause.id = required_id(reader, "id", own).value_or("");
  if (const YamlNode* id = reader.optional_node("id")) read.id_at = id->at;
  clause.paper_clause = reader
                            .required_text("clause", {"an evaluator looks it up in the paper contract",
                                                      "write `clause: \"별표 2 제3항\"`"})
                            .value_or("");
  read_measure(reader, clause, own);
  if (const YamlNode* per = reader.optional_node("per")) {
    read.has_per = true;
    read.per_at = per->at;
  }
  clause.per = reader
                   .optional_choice<std::string>("per", {{"capex", "capex"}},
                                                 {{"tco_5y", "write `per: capex`; running costs come later"}})
                   .value_or("");
  read_clause_workload(reader, read, own);
  read_scope(reader, clause, own);
  clause.statistic =
      reader
          .required_choice<std::string>(
              "statistic", {{"median", "median"}, {"p05", "p05"}, {"p95", "p95"}, {"min", "min"}, {"max", "max"}},
              {"a bar means nothing without the statistic that is held against it",
               "write `statistic: median`, p05, p95, min or max"})
          .value_or("");
  if (const YamlNode* statistic = reader.optional_node("statistic")) read.statistic_at = statistic->at;
  read_sustained(reader, read, own);
  read_bar(reader, read, own);
  read_ratio(reader, "tolerance", 0, {"there is no slack that is not written down", "write `tolerance: 0 %`"},
             clause.tolerance, clause.tolerance_text, own);
  std::string confidence_text;
  read_ratio(reader, "confidence", 0.5,
             {"PASS and FAIL are said at a level that the parties agreed on", "write `confidence: 95 %`"},
             clause.confidence, confidence_text, own);
  clause.if_unsupported =
      reader
          .required_choice<IfUnsupported>(
              "if_unsupported", {{"fail", IfUnsupported::kFail}, {"not_applicable", IfUnsupported::kNotApplicable}},
              {"a device that does not offer the operation must not pass by silence",
               "write `if_unsupported: fail` or `not_applicable`"})
          .value_or(IfUnsupported::kFail);
  clause.if_inconclusive =
      reader
          .required_choice<IfInconclusive>("if_inconclusive",
                                           {{"reinspect", IfInconclusive::kReinspect},
                                            {"reject", IfInconclusive::kReject},
                                            {"conditional", IfInconclusive::kConditional}},
                                           {"the parties must agree on it before they know the answer",
                                            "write `if_inconclusive: reinspect`, `reject` or `conditional`"})
          .value_or(IfInconclusive::kReinspect);
  clause.exclusive = reader.optional_flag("exclusive").value_or(false);
  read_provenance(reader, clause, own);
  reader.finish(later_keys());
  read.whole = !own.has_error();
  diagnostics.append(own);
  return read;
}

}  // namespace geomsu
