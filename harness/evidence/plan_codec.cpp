#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/error.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/evidence/codecs.hpp"
#include "harness/evidence/planned_trials.hpp"

namespace geomsu {
namespace {

void write_planned_unit(JsonWriter& json, const PlannedUnit& unit) {
  json.begin_object();
  json.key("unit");
  write_unit(json, unit.unit);
  json.text("backend", unit.backend).count("index", std::uint64_t{unit.index});
  json.boolean("found", unit.found).boolean("contracted", unit.contracted);
  if (unit.launched) json.boolean("launched", true);
  json.key("device");
  if (unit.device) {
    write_device(json, *unit.device);
  } else {
    json.null();
  }
  json.end_object();
}

PlannedUnit read_planned_unit(JsonObject object) {
  PlannedUnit unit;
  unit.unit = read_unit(object.object("unit"));
  unit.backend = object.text("backend");
  unit.index = object.count32("index");
  unit.found = object.boolean("found");
  unit.contracted = object.boolean("contracted");
  if (object.has("launched")) unit.launched = object.boolean("launched");
  if (auto device = object.maybe_object("device")) unit.device = read_device(*device);
  object.finish();
  return unit;
}

void write_planned_trial(JsonWriter& json, const PlannedTrial& trial) {
  json.begin_object();
  json.text("id", trial.id).text("workload", trial.workload.name());
  json.key("units").begin_array();
  for (const Unit& unit : trial.units) write_unit(json, unit);
  json.end_array();
  if (!trial.members.empty()) {
    json.key("members").begin_array();
    for (const Unit& unit : trial.members) write_unit(json, unit);
    json.end_array();
  }
  json.count("blocks", std::uint64_t{trial.blocks}).integer("block_min_ns", trial.block_min_ns);
  json.integer("warmup_ns", trial.warmup_ns).texts("clauses", trial.clauses);
  if (trial.peak) json.number("peak", trial.peak);
  if (trial.sustained) write_sustained(json, *trial.sustained);
  if (trial.extension != 0) json.count("extension", std::uint64_t{trial.extension});
  if (trial.thin != 1) json.count("thin", std::uint64_t{trial.thin});
  json.end_object();
}

PlannedTrial read_planned_trial(JsonObject object) {
  PlannedTrial trial;
  trial.id = object.text("id");
  const std::string name = object.text("workload");
  std::optional<Workload> workload = Workload::parse(name);
  if (!workload || workload->name() != name) {
    object.refuse("workload", "must be like 'gemm:dtype=fp32,k=1024,m=1024,n=1024@node', keys in order");
  }
  trial.workload = *std::move(workload);
  for (JsonObject& unit : object.objects("units")) trial.units.push_back(read_unit(std::move(unit)));
  if (object.has("members")) {
    for (JsonObject& unit : object.objects("members")) trial.members.push_back(read_unit(std::move(unit)));
  }
  trial.blocks = object.count32("blocks");
  trial.block_min_ns = object.integer("block_min_ns");
  trial.warmup_ns = object.integer("warmup_ns");
  trial.clauses = object.texts("clauses");
  if (object.has("peak")) trial.peak = object.number("peak");
  if (object.has("sustained")) trial.sustained = read_sustained(object.object("sustained"));
  if (object.has("extension")) trial.extension = object.count32("extension");
  if (object.has("thin")) trial.thin = object.count32("thin");
  if (trial.thin == 0) object.refuse("thin", "counts from 1");
  object.finish();
  return trial;
}

// The plan without its trials where they stand as the writer puts them, last, and its trials. Strings of JSON hold no
// bare newline, so that what is found is no part of one; in another object the field would be unknown there.
struct Parts {
  std::string rest;
  std::optional<std::vector<PlannedTrial>> trials;
};
Parts split(std::string_view text) {
  constexpr std::string_view kHead = "\n  \"trials\": ", kTail = "\n}\n";
  const std::size_t head = text.find(kHead);
  if (head == std::string_view::npos || !text.ends_with(kTail)) return {};
  const std::size_t from = head + kHead.size(), to = text.size() - kTail.size();
  if (from >= to) return {};
  Parts parts{"", quick_planned_trials(text.substr(from, to - from))};
  if (parts.trials) parts.rest = std::string(text.substr(0, from)) + "[]" + std::string(kTail);
  return parts;
}

}  // namespace

std::string plan_json(const Plan& plan) {
  JsonWriter json(JsonWriter::Layout::kIndented);
  json.begin_object();
  json.integer("schema", std::int64_t{plan.schema}).text("created", plan.created).text("tool", plan.tool);
  json.text("node", plan.node).text("contract_sha256", plan.contract_sha256);
  json.text("suite_sha256", plan.suite_sha256).text("secret_sha256", plan.secret_sha256);
  json.text("simulated", plan.simulated).integer("soak_ns", plan.soak_ns);
  if (plan.adaptive_min_blocks) json.count("adaptive_min_blocks", std::uint64_t{*plan.adaptive_min_blocks});
  if (plan.budget_ns) json.integer("budget_ns", *plan.budget_ns);
  if (!plan.suite_instead.empty()) json.text("suite_instead", plan.suite_instead);
  json.key("units").begin_array();
  for (const PlannedUnit& unit : plan.units) write_planned_unit(json, unit);
  json.end_array();
  json.key("trials").begin_array();
  for (const PlannedTrial& trial : plan.trials) write_planned_trial(json, trial);
  json.end_array();
  return json.end_object().str() + "\n";
}

namespace {

Plan read_plan(std::string_view text, std::string where) {
  const JsonDocument document(text, std::move(where));
  JsonObject root = document.root();
  Plan plan;
  const std::int64_t schema = root.integer("schema");
  if (schema != kPlanSchema) root.refuse("schema", "is not a version that this geomsu reads");
  plan.schema = static_cast<int>(schema);
  plan.created = root.text("created");
  plan.tool = root.text("tool");
  plan.node = root.text("node");
  plan.contract_sha256 = root.text("contract_sha256");
  plan.suite_sha256 = root.text("suite_sha256");
  plan.secret_sha256 = root.text("secret_sha256");
  plan.simulated = root.text("simulated");
  if (plan.simulated != "" && plan.simulated != "fake" && plan.simulated != "emulated") {
    root.refuse("simulated", "must be empty, 'fake' or 'emulated'");
  }
  plan.soak_ns = root.integer("soak_ns");
  if (root.has("adaptive_min_blocks")) plan.adaptive_min_blocks = root.count32("adaptive_min_blocks");
  if (root.has("budget_ns")) plan.budget_ns = root.integer("budget_ns");
  if (root.has("suite_instead")) plan.suite_instead = root.text("suite_instead");
  for (JsonObject& unit : root.objects("units")) plan.units.push_back(read_planned_unit(std::move(unit)));
  for (JsonObject& trial : root.objects("trials")) plan.trials.push_back(read_planned_trial(std::move(trial)));
  root.finish();
  return plan;
}

}  // namespace

Plan parse_plan_at(std::string_view text, std::string where) {
  Parts parts = split(text);
  if (!parts.trials) return read_plan(text, std::move(where));
  try {
    Plan plan = read_plan(parts.rest, where);
    plan.trials = *std::move(parts.trials);
    return plan;
  } catch (const Error&) {
    return read_plan(text, std::move(where));  // says it of the whole text
  }
}

Plan parse_plan(std::string_view json) { return parse_plan_at(json, "plan.json"); }

}  // namespace geomsu
