#include "harness/contract/clause.hpp"

#include <fmt/format.h>

#include "harness/contract/bar.hpp"
#include "harness/contract/clause_scope.hpp"
#include "harness/contract/fields.hpp"
#include "harness/contract/map_reader.hpp"
#include "harness/contract/provenance.hpp"
#include "harness/contract/sustained_terms.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

// What stands in a clause elsewhere in the design, and where it stands here.
const std::vector<Later>& later_keys() {
  static const std::vector<Later> table{
      {"sessions", "write it inside `sustained: {sessions: 3, span: 300 s}`"},
      {"span", "write it inside `sustained: {sessions: 3, span: 300 s}`"},
      {"extension", "the suite says it: `extension: 30` there"},
      {"reruns", "the contract says it once for all clauses: `reruns: {most: 1, of: [INVALID]}`"},
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
  read_clause_workload(reader, read, own);
  read_scope(reader, read, own);
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
  clause.severity =
      reader
          .optional_choice<Severity>(
              "severity", {{"critical", Severity::kCritical}, {"major", Severity::kMajor}, {"minor", Severity::kMinor}})
          .value_or(Severity::kCritical);
  clause.exclusive = reader.optional_flag("exclusive").value_or(false);
  read_provenance(reader, read, own);
  reader.finish(later_keys());
  read.whole = !own.has_error();
  diagnostics.append(own);
  return read;
}

}  // namespace geomsu
