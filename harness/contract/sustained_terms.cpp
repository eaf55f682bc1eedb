#include "harness/contract/sustained_terms.hpp"

#include <fmt/format.h>

#include "harness/contract/fields.hpp"

namespace geomsu {
namespace {

constexpr std::uint32_t kMostSessions = 100;
constexpr std::int64_t kLeastSpan = 1'000'000'000, kMostSpan = 24 * 3'600'000'000'000;

}  // namespace

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

}  // namespace geomsu
