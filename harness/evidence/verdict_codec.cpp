#include <optional>

#include "harness/evidence/bundle.hpp"
#include "harness/evidence/codecs.hpp"

namespace geomsu {
namespace {

void write_bounds(JsonWriter& json, const std::optional<double>& lower, const std::optional<double>& estimate,
                  const std::optional<double>& upper) {
  json.number("lower", lower).number("estimate", estimate).number("upper", upper);
}

void write_dependence(JsonWriter& json, const Dependence& dependence) {
  json.key("dependence").begin_object().count("sessions", std::uint64_t{dependence.sessions});
  json.integer("span_ns", dependence.span_ns).number("lag1", dependence.lag1);
  json.number("kruskal_h", dependence.kruskal_h).number("kruskal_p", dependence.kruskal_p);
  json.number("drift", dependence.drift).number("drift_p", dependence.drift_p);
  json.count("throttled", std::uint64_t{dependence.throttled}).boolean("dependent", dependence.dependent);
  json.end_object();
}

void write_row(JsonWriter& json, const ClauseRow& row) {
  json.begin_object().text("clause", row.clause);
  json.key("unit");
  write_unit(json, row.unit);
  json.text("outcome", to_string(row.outcome)).text("reason", to_string(row.reason)).text("words", row.words);
  write_bounds(json, row.lower, row.estimate, row.upper);
  json.count("n", std::uint64_t{row.n}).count("attempt", std::uint64_t{row.attempt}).text("trial", row.trial);
  if (row.look != 1) json.count("look", std::uint64_t{row.look});
  if (row.p_fail) json.number("p_fail", *row.p_fail);
  if (row.dependence) write_dependence(json, *row.dependence);
  json.end_object();
}

// What a clause says beyond the defaults; a key that stands there for every clause would only be read past.
void write_terms(JsonWriter& json, const ClauseSummary& clause) {
  const ClauseSummary plain;
  if (clause.severity != plain.severity) json.text("severity", clause.severity);
  if (clause.inspection != plain.inspection) json.text("inspection", clause.inspection);
  if (clause.outliers != plain.outliers) json.text("outliers", clause.outliers);
  if (!clause.sku.empty()) json.text("sku", clause.sku);
  if (!clause.of.empty()) json.text("of", clause.of);
  if (clause.looks != 1) json.count("looks", std::uint64_t{clause.looks}).number("look_level", clause.look_level);
}

void write_summary(JsonWriter& json, const ClauseSummary& clause) {
  json.begin_object().text("clause", clause.clause).text("paper_clause", clause.paper_clause);
  json.text("measure", clause.measure).text("workload", clause.workload).text("statistic", clause.statistic);
  json.text("scope", clause.scope).text("bar_text", clause.bar_text).text("unit_text", clause.unit_text);
  json.text("dimension", dimension_name(clause.dimension));
  json.number("at_least", clause.at_least).number("at_most", clause.at_most);
  json.number("tolerance", clause.tolerance).text("tolerance_text", clause.tolerance_text);
  json.number("confidence", clause.confidence).number("level", clause.level);
  json.text("provenance", clause.provenance);
  json.text("outcome", to_string(clause.outcome)).text("reason", to_string(clause.reason));
  json.key("weakest");
  write_unit(json, clause.weakest);
  write_bounds(json, clause.lower, clause.estimate, clause.upper);
  json.count("units", std::uint64_t{clause.units}).count("passed", std::uint64_t{clause.passed});
  json.count("n", std::uint64_t{clause.n}).text("words", clause.words).text("repro", clause.repro);
  write_terms(json, clause);
  if (clause.sustained) write_sustained(json, *clause.sustained);
  if (clause.dependence) write_dependence(json, *clause.dependence);
  json.end_object();
}

void write_per_won(JsonWriter& json, const PerWon& figure) {
  json.begin_object().text("clause", figure.clause).text("kind", figure.kind);
  json.integer("price_won", figure.price_won).text("price_text", figure.price_text);
  json.text("vat", figure.vat).text("counted", figure.counted);
  json.number("floor", figure.floor).number("ceiling", figure.ceiling);
  json.number("per_won_floor", figure.per_won_floor).number("per_won_ceiling", figure.per_won_ceiling);
  json.integer("break_even_won", figure.break_even_won).end_object();
}

void write_reconciliation(JsonWriter& json, const Reconciliation& serials) {
  json.begin_object().texts("contracted", serials.contracted).texts("found", serials.found);
  json.texts("tested", serials.tested).texts("accepted", serials.accepted).texts("missing", serials.missing);
  json.texts("uncontracted", serials.uncontracted).end_object();
}

std::optional<std::uint64_t> wide(const std::optional<std::uint32_t>& value) {
  return value ? std::optional<std::uint64_t>(*value) : std::nullopt;
}

void write_lot(JsonWriter& json, const LotVerdict& lot) {
  json.key("lot").begin_object().text("decision", to_string(lot.decision)).text("tranche", lot.tranche);
  json.text("kind", lot.kind).text("plan", lot.plan).text("words", lot.words);
  json.count("lot_size", std::uint64_t{lot.lot_size}).count("sample_size", std::uint64_t{lot.sample_size});
  json.count("inspected", std::uint64_t{lot.inspected});
  json.count("acceptance_number", wide(lot.acceptance_number));
  json.texts("drawn", lot.drawn).texts("nonconforming", lot.nonconforming).text("draw", lot.draw);
  json.key("characteristic").begin_array();
  for (const LotPoint& point : lot.characteristic) {
    json.begin_object().count("nonconforming", std::uint64_t{point.nonconforming});
    json.number("accepted", point.accepted).end_object();
  }
  json.end_array();
  json.key("dispositions").begin_array();
  for (const Disposition& item : lot.dispositions) {
    json.begin_object().text("item", item.item).text("disposition", item.text()).end_object();
  }
  json.end_array();
  json.texts("notes", lot.notes).end_object();
}

void write_fleet(JsonWriter& json, const std::vector<FleetFigure>& fleet) {
  json.key("fleet").begin_array();
  for (const FleetFigure& figure : fleet) {
    json.begin_object().text("clause", figure.clause).count("units", std::uint64_t{figure.units});
    json.number("median", figure.median).number("mad", figure.mad);
    json.number("least", figure.least).number("most", figure.most).key("medoid");
    write_unit(json, figure.medoid);
    json.key("outliers").begin_array();
    for (const FleetOutlier& outlier : figure.outliers) {
      json.begin_object().key("unit");
      write_unit(json, outlier.unit);
      json.number("median", outlier.median).number("robust_z", outlier.robust_z);
      json.number("distance", outlier.distance).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

void write_bundles(JsonWriter& json, const std::vector<LotBundle>& bundles) {
  json.key("bundles").begin_array();
  for (const LotBundle& bundle : bundles) {
    json.begin_object().text("path", bundle.path).text("node", bundle.node);
    json.text("plan_sha256", bundle.plan_sha256).text("started", bundle.started);
    json.text("outcome", to_string(bundle.outcome)).text("refused", bundle.refused).end_object();
  }
  json.end_array();
}

}  // namespace

std::string verdict_json(const Verdict& verdict) {
  JsonWriter json(JsonWriter::Layout::kIndented);
  json.begin_object().integer("judge_rules", std::int64_t{verdict.rules});
  json.text("contract_id", verdict.contract_id).text("contract_title", verdict.contract_title);
  json.text("supplier", verdict.supplier).text("buyer", verdict.buyer);
  json.text("contract_sha256", verdict.contract_sha256).text("plan_sha256", verdict.plan_sha256);
  json.boolean("demonstration", verdict.demonstration).text("simulated", verdict.simulated);
  if (verdict.adaptive) json.boolean("adaptive", true);
  json.text("overall", to_string(verdict.overall)).text("clauses_overall", to_string(verdict.clauses_overall));
  json.integer("exit_code", std::int64_t{verdict.exit_code}).text("sentence", verdict.sentence);
  json.key("clauses").begin_array();
  for (const ClauseSummary& clause : verdict.clauses) write_summary(json, clause);
  json.end_array();
  json.key("rows_not_pass").begin_array();
  for (const ClauseRow& row : verdict.rows) {
    if (row.outcome != Outcome::kPass) write_row(json, row);
  }
  json.end_array();
  if (verdict.rows_left_out != 0) json.count("rows_left_out", verdict.rows_left_out);
  json.key("reconciliation");
  write_reconciliation(json, verdict.reconciliation);
  json.key("per_won").begin_array();
  for (const PerWon& figure : verdict.per_won) write_per_won(json, figure);
  json.end_array();
  if (verdict.lot) write_lot(json, *verdict.lot);
  if (!verdict.fleet.empty()) write_fleet(json, verdict.fleet);
  if (!verdict.bundles.empty()) write_bundles(json, verdict.bundles);
  json.key("findings").begin_array();
  for (const Finding& finding : verdict.findings) {
    json.begin_object().text("code", finding.code).text("text", finding.text).end_object();
  }
  json.end_array();
  json.texts("notes", verdict.notes);
  return json.end_object().str() + "\n";
}

std::string verdict_jsonl(const Verdict& verdict) {
  std::string text;
  for (const ClauseRow& row : verdict.rows) {
    JsonWriter json;
    write_row(json, row);
    text += json.str() + "\n";
  }
  return text;
}

RecordedOutcomes parse_outcomes(std::string_view verdict_text) {
  const JsonDocument document(verdict_text, "verdict.json");
  JsonObject root = document.root();
  RecordedOutcomes recorded;
  const std::int64_t rules = root.integer("judge_rules");
  if (rules < 1 || rules > 1'000'000) root.refuse("judge_rules", "must be an integer from 1");
  recorded.rules = static_cast<int>(rules);
  const auto outcome_of = [](JsonObject& object, std::string_view key) {
    const std::optional<Outcome> outcome = parse_outcome(object.text(key));
    if (!outcome) object.refuse(key, "is none of the six outcomes");
    return *outcome;
  };
  recorded.overall = outcome_of(root, "overall");
  for (JsonObject& clause : root.objects("clauses")) {
    const std::string id = clause.text("clause");
    recorded.clauses.emplace_back(id, outcome_of(clause, "outcome"));
  }
  return recorded;
}

}  // namespace geomsu
