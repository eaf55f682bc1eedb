// report.json: the whole report for machines, in the shape of configs/schema/report.schema.json. Absent is null.
#include <nlohmann/json.hpp>

#include "reports/exporters/exporters.hpp"
#include "reports/exporters/figures.hpp"

namespace geomsu {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json nullable(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json unit_json(const Unit& unit) { return {{"node", unit.node}, {"device", unit.device}}; }

Json findings_json(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings) list.push_back({{"code", finding.code}, {"text", finding.text}});
  return list;
}

Json sustained_json(const Sustained& sustained) {
  return {{"sessions", sustained.sessions}, {"span_ns", sustained.span_ns}};
}

Json dependence_json(const Dependence& dependence) {
  return {{"sessions", dependence.sessions},
          {"span_ns", dependence.span_ns},
          {"lag1", nullable(dependence.lag1)},
          {"kruskal_h", nullable(dependence.kruskal_h)},
          {"kruskal_p", nullable(dependence.kruskal_p)},
          {"drift", nullable(dependence.drift)},
          {"drift_p", nullable(dependence.drift_p)},
          {"throttled", dependence.throttled},
          {"dependent", dependence.dependent}};
}

// A clause's terms beyond the defaults: absent where they are those.
void add_terms(Json& json, const ClauseSummary& clause) {
  const ClauseSummary plain;
  if (clause.severity != plain.severity) json["severity"] = clause.severity;
  if (clause.inspection != plain.inspection) json["inspection"] = clause.inspection;
  if (clause.outliers != plain.outliers) json["outliers"] = clause.outliers;
  if (!clause.sku.empty()) json["sku"] = clause.sku;
  if (!clause.of.empty()) json["of"] = clause.of;
  if (clause.looks == 1) return;
  json["looks"] = clause.looks;
  json["look_level"] = nullable(clause.look_level);
}

Json clause_json(const ClauseSummary& clause) {
  Json json = {{"clause", clause.clause},
               {"paper_clause", clause.paper_clause},
               {"measure", clause.measure},
               {"workload", clause.workload},
               {"statistic", clause.statistic},
               {"scope", clause.scope},
               {"bar", clause.bar_text},
               {"unit", clause.unit_text},
               {"dimension", dimension_name(clause.dimension)},
               {"at_least", nullable(clause.at_least)},
               {"at_most", nullable(clause.at_most)},
               {"tolerance", clause.tolerance},
               {"tolerance_text", clause.tolerance_text},
               {"confidence", clause.confidence},
               {"level", nullable(clause.level)},
               {"provenance", clause.provenance},
               {"outcome", to_string(clause.outcome)},
               {"reason", to_string(clause.reason)},
               {"weakest", unit_json(clause.weakest)},
               {"lower", nullable(clause.lower)},
               {"upper", nullable(clause.upper)},
               {"estimate", nullable(clause.estimate)},
               {"units", clause.units},
               {"passed", clause.passed},
               {"n", clause.n},
               {"words", clause.words},
               {"repro", clause.repro}};
  add_terms(json, clause);
  if (clause.sustained) json["sustained"] = sustained_json(*clause.sustained);
  if (clause.dependence) json["dependence"] = dependence_json(*clause.dependence);
  return json;
}

Json row_json(const ClauseRow& row) {
  Json json = {{"clause", row.clause},
               {"unit", unit_json(row.unit)},
               {"outcome", to_string(row.outcome)},
               {"reason", to_string(row.reason)},
               {"words", row.words},
               {"lower", nullable(row.lower)},
               {"upper", nullable(row.upper)},
               {"estimate", nullable(row.estimate)},
               {"n", row.n},
               {"attempt", row.attempt},
               {"trial", row.trial}};
  if (row.look != 1) json["look"] = row.look;
  if (row.p_fail) json["p_fail"] = *row.p_fail;
  if (row.dependence) json["dependence"] = dependence_json(*row.dependence);
  return json;
}

Json per_won_json(const PerWon& per_won) {
  return {{"clause", per_won.clause},
          {"kind", per_won.kind},
          {"price_won", nullable(per_won.price_won)},
          {"price_text", per_won.price_text},
          {"vat", per_won.vat},
          {"counted", per_won.counted},
          {"floor", nullable(per_won.floor)},
          {"ceiling", nullable(per_won.ceiling)},
          {"per_won_floor", nullable(per_won.per_won_floor)},
          {"per_won_ceiling", nullable(per_won.per_won_ceiling)},
          {"break_even_won", nullable(per_won.break_even_won)}};
}

Json lot_json(const LotVerdict& lot) {
  Json characteristic = Json::array(), dispositions = Json::array();
  for (const LotPoint& point : lot.characteristic)
    characteristic.push_back({{"nonconforming", point.nonconforming}, {"accepted", point.accepted}});
  for (const Disposition& item : lot.dispositions)
    dispositions.push_back({{"item", item.item}, {"disposition", item.text()}});
  return {{"decision", to_string(lot.decision)},
          {"tranche", lot.tranche},
          {"kind", lot.kind},
          {"plan", lot.plan},
          {"words", lot.words},
          {"lot_size", lot.lot_size},
          {"sample_size", lot.sample_size},
          {"inspected", lot.inspected},
          {"acceptance_number", nullable(lot.acceptance_number)},
          {"drawn", lot.drawn},
          {"nonconforming", lot.nonconforming},
          {"draw", lot.draw},
          {"characteristic", characteristic},
          {"dispositions", dispositions},
          {"notes", lot.notes}};
}

Json fleet_json(const FleetFigure& figure) {
  Json outliers = Json::array();
  for (const FleetOutlier& outlier : figure.outliers) {
    outliers.push_back({{"unit", unit_json(outlier.unit)},
                        {"median", outlier.median},
                        {"robust_z", nullable(outlier.robust_z)},
                        {"distance", nullable(outlier.distance)}});
  }
  return {{"clause", figure.clause},
          {"units", figure.units},
          {"median", figure.median},
          {"mad", figure.mad},
          {"least", figure.least},
          {"most", figure.most},
          {"medoid", unit_json(figure.medoid)},
          {"outliers", outliers}};
}

void add_lot(Json& json, const Verdict& verdict) {
  if (verdict.lot) json["lot"] = lot_json(*verdict.lot);
  for (const FleetFigure& figure : verdict.fleet) json["fleet"].push_back(fleet_json(figure));
  for (const LotBundle& bundle : verdict.bundles) {
    json["bundles"].push_back({{"path", bundle.path},
                               {"node", bundle.node},
                               {"plan_sha256", bundle.plan_sha256},
                               {"started", bundle.started},
                               {"outcome", to_string(bundle.outcome)},
                               {"refused", bundle.refused}});
  }
  if (verdict.rows_left_out != 0) json["rows_left_out"] = verdict.rows_left_out;
}

Json verdict_part(const Verdict& verdict) {
  Json clauses = Json::array(), rows = Json::array(), per_won = Json::array();
  for (const ClauseSummary& clause : verdict.clauses) clauses.push_back(clause_json(clause));
  for (const ClauseRow& row : verdict.rows) rows.push_back(row_json(row));
  for (const PerWon& figure : verdict.per_won) per_won.push_back(per_won_json(figure));
  const Reconciliation& recon = verdict.reconciliation;
  Json json = {{"judge_rules", verdict.rules},
               {"contract",
                {{"id", verdict.contract_id},
                 {"title", verdict.contract_title},
                 {"supplier", verdict.supplier},
                 {"buyer", verdict.buyer},
                 {"sha256", verdict.contract_sha256}}},
               {"plan_sha256", verdict.plan_sha256},
               {"demonstration", verdict.demonstration},
               {"simulated", verdict.simulated},
               {"overall", to_string(verdict.overall)},
               {"clauses_overall", to_string(verdict.clauses_overall)},
               {"exit_code", verdict.exit_code},
               {"sentence", verdict.sentence},
               {"clauses", clauses},
               {"rows", rows},
               {"reconciliation",
                {{"contracted", recon.contracted},
                 {"found", recon.found},
                 {"tested", recon.tested},
                 {"accepted", recon.accepted},
                 {"missing", recon.missing},
                 {"uncontracted", recon.uncontracted}}},
               {"per_won", per_won},
               {"findings", findings_json(verdict.findings)},
               {"notes", verdict.notes}};
  if (verdict.adaptive) json["adaptive"] = true;
  add_lot(json, verdict);
  return json;
}

Json telemetry_json(const std::optional<Telemetry>& telemetry) {
  if (!telemetry) return nullptr;
  const Telemetry& t = *telemetry;
  return {{"mono_ns", t.mono_ns},
          {"utc_ns", t.utc_ns},
          {"power_w", nullable(t.power_w)},
          {"energy_j", nullable(t.energy_j)},
          {"temperature_c", nullable(t.temperature_c)},
          {"memory_temperature_c", nullable(t.memory_temperature_c)},
          {"clock_mhz", nullable(t.clock_mhz)},
          {"memory_clock_mhz", nullable(t.memory_clock_mhz)},
          {"memory_used_bytes", nullable(t.memory_used_bytes)},
          {"foreign_load", nullable(t.foreign_load)},
          {"throttle", nullable(t.throttle)},
          {"throttle_events", nullable(t.throttle_events)},
          {"ecc_corrected", nullable(t.ecc_corrected)},
          {"ecc_uncorrected", nullable(t.ecc_uncorrected)},
          {"link_replays", nullable(t.link_replays)},
          {"fault_events", nullable(t.fault_events)}};
}

Json energy_json(const Trial& trial) {
  if (!trial.energy) return nullptr;
  const Energy& energy = *trial.energy;
  const auto per_work = energy_per_work(trial);
  return {{"joules", nullable(energy.joules)},
          {"least", energy.least},
          {"most", energy.most},
          {"source", energy.source},
          {"readings", energy.readings},
          {"why", energy.why},
          {"per_work", per_work ? Json(per_work->value) : Json(nullptr)},
          {"per_work_unit", energy_unit(trial)}};
}

Json trial_part(const Trial& trial) {
  Json checks = Json::array();
  for (const Check& check : trial.checks) {
    checks.push_back({{"name", check.name},
                      {"passed", check.passed},
                      {"compared", check.compared},
                      {"worst", nullable(check.worst)},
                      {"detail", check.detail}});
  }
  Json json = {{"id", trial.id},
               {"unit", unit_json(trial.unit)},
               {"attempt", trial.attempt},
               {"workload", trial.workload},
               {"status", to_string(trial.status)},
               {"reason_code", trial.reason_code},
               {"reason", trial.reason},
               {"started_utc_ns", trial.started_utc_ns},
               {"ended_utc_ns", trial.ended_utc_ns},
               {"work_per_repeat", trial.work_per_repeat},
               {"repeats", trial.repeats},
               {"operand_sets", trial.operand_sets},
               {"algorithm", trial.algorithm},
               {"deterministic", trial.deterministic},
               {"memory_bytes", trial.memory_bytes},
               {"block_ns", trial.block_ns},
               {"device_ns", trial.device_ns},
               {"wall_ns", trial.wall_ns},
               {"judged_by", trial.judged_by_device ? "device" : "wall"},
               {"empty_submit_ns", trial.empty_submit_ns},
               {"late_ns", nullable(trial.late_ns)},
               {"clock",
                {{"verdict", to_string(trial.clock.verdict)},
                 {"reason", trial.clock.reason},
                 {"rate_ppm", nullable(trial.clock.rate_ppm)},
                 {"baseline_ns", nullable(trial.clock.baseline_ns)},
                 {"uncertainty_ns", nullable(trial.clock.uncertainty_ns)},
                 {"domain", trial.clock.domain}}},
               {"checks", checks},
               {"digests", trial.digests},
               {"before", telemetry_json(trial.before)},
               {"after", telemetry_json(trial.after)},
               {"energy", energy_json(trial)},
               {"findings", findings_json(trial.findings)},
               {"warmup_ns", trial.warmup_ns},
               {"reseed_ns", trial.reseed_ns},
               {"verify_ns", trial.verify_ns},
               {"total_ns", trial.total_ns}};
  if (trial.sustained) json["sustained"] = sustained_json(*trial.sustained);
  if (!trial.rank_ns.empty()) json["rank_ns"] = trial.rank_ns;
  if (!trial.block_at_ns.empty()) json["block_at_ns"] = trial.block_at_ns;
  if (!trial.block_session.empty()) json["block_session"] = trial.block_session;
  if (!trial.block_throttle.empty()) json["block_throttle"] = trial.block_throttle;
  if (!trial.block_counters.empty()) json["block_counters"] = trial.block_counters;
  return json;
}

// A lot of bundles has no plan of its own: each of them has one.
Json plan_part(const Report& report) {
  const Plan& plan = report.plan;
  if (!report.verdict.bundles.empty() && plan.created.empty()) return nullptr;
  Json units = Json::array(), trials = Json::array();
  for (const PlannedUnit& planned : plan.units) {
    Json device = nullptr;
    if (planned.device) {
      device = {{"name", planned.device->name},
                {"vendor", planned.device->vendor},
                {"uuid", planned.device->uuid},
                {"serial", nullable(planned.device->serial)},
                {"driver", nullable(planned.device->driver)},
                {"firmware", nullable(planned.device->firmware)},
                {"memory_bytes", nullable(planned.device->memory_bytes)},
                {"attributes", planned.device->attributes}};
    }
    units.push_back({{"unit", unit_json(planned.unit)},
                     {"backend", planned.backend},
                     {"found", planned.found},
                     {"contracted", planned.contracted},
                     {"device", device}});
  }
  for (const PlannedTrial& planned : plan.trials) {
    Json of = Json::array();
    for (const Unit& unit : planned.units) of.push_back(unit_json(unit));
    Json trial = {{"id", planned.id},          {"workload", planned.workload.name()},  {"units", of},
                  {"blocks", planned.blocks},  {"block_min_ns", planned.block_min_ns}, {"warmup_ns", planned.warmup_ns},
                  {"clauses", planned.clauses}};
    if (planned.sustained) trial["sustained"] = sustained_json(*planned.sustained);
    if (planned.thin != 1) trial["thin"] = planned.thin;
    if (planned.extension != 0) trial["extension"] = planned.extension;
    trials.push_back(std::move(trial));
  }
  Json json = {{"schema", plan.schema},
               {"created", plan.created},
               {"tool", plan.tool},
               {"node", plan.node},
               {"contract_sha256", plan.contract_sha256},
               {"suite_sha256", plan.suite_sha256},
               {"secret_sha256", plan.secret_sha256},
               {"simulated", plan.simulated},
               {"soak_ns", plan.soak_ns},
               {"units", units},
               {"trials", trials}};
  if (plan.adaptive_min_blocks) json["adaptive_min_blocks"] = *plan.adaptive_min_blocks;
  if (plan.budget_ns) json["budget_ns"] = *plan.budget_ns;
  return json;
}

Json environment_part(const Environment& environment) {
  Json plugins = Json::array();
  for (const PluginFact& plugin : environment.plugins) {
    plugins.push_back({{"backend", plugin.backend},
                       {"path", plugin.path},
                       {"sha256", plugin.sha256},
                       {"build_id", plugin.build_id},
                       {"version", plugin.version},
                       {"simulated", plugin.simulated},
                       {"refused", plugin.refused}});
  }
  return {{"node", environment.node},
          {"boot_id", environment.boot_id},
          {"tool", environment.tool},
          {"tool_build", environment.tool_build},
          {"utc_synchronised", environment.utc_synchronised},
          {"utc_source", environment.utc_source},
          {"facts", environment.facts},
          {"plugins", plugins}};
}

}  // namespace

std::string report_json(const Report& report) {
  Json trials = Json::array();
  for (const Trial& trial : report.trials) trials.push_back(trial_part(trial));
  const Overhead& overhead = report.overhead;
  const Json document = {{"schema", 1},
                         {"verdict", verdict_part(report.verdict)},
                         {"plan", plan_part(report)},
                         {"environment", environment_part(report.environment)},
                         {"trials", trials},
                         {"overhead",
                          {{"timed_ns", overhead.timed},
                           {"soak_ns", overhead.soak},
                           {"verify_ns", overhead.verify},
                           {"other_ns", overhead.other},
                           {"wall_ns", overhead.wall}}},
                         {"bundle", report.bundle_path},
                         {"started", report.started},
                         {"ended", report.ended},
                         {"signature", report.signature},
                         {"custody", report.custody}};
  // Device text that is no UTF-8 becomes U+FFFD; NaN and infinity become null.
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace geomsu
