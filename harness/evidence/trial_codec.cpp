#include <utility>

#include "harness/evidence/bundle.hpp"
#include "harness/evidence/codecs.hpp"

namespace geomsu {
namespace {

void write_clock(JsonWriter& json, const ClockAudit& clock) {
  json.begin_object().text("verdict", to_string(clock.verdict)).text("reason", clock.reason);
  json.number("rate_ppm", clock.rate_ppm).integer("baseline_ns", clock.baseline_ns);
  json.integer("uncertainty_ns", clock.uncertainty_ns).text("domain", clock.domain).end_object();
}

ClockAudit read_clock(JsonObject object) {
  ClockAudit clock;
  const std::optional<ClockAudit::Verdict> verdict = parse_clock_verdict(object.text("verdict"));
  if (!verdict) object.refuse("verdict", "must be proved, unproved or broken");
  clock.verdict = *verdict;
  clock.reason = object.text("reason");
  clock.rate_ppm = object.maybe_number("rate_ppm");
  clock.baseline_ns = object.maybe_integer("baseline_ns");
  clock.uncertainty_ns = object.maybe_integer("uncertainty_ns");
  clock.domain = object.text("domain");
  object.finish();
  return clock;
}

void write_check(JsonWriter& json, const Check& check) {
  json.begin_object().text("name", check.name).boolean("passed", check.passed).count("compared", check.compared);
  json.number("worst", check.worst).text("detail", check.detail).end_object();
}

Check read_check(JsonObject object) {
  Check check;
  check.name = object.text("name");
  check.passed = object.boolean("passed");
  check.compared = object.count("compared");
  check.worst = object.maybe_number("worst");
  check.detail = object.text("detail");
  object.finish();
  return check;
}

void write_reading(JsonWriter& json, std::string_view name, const std::optional<Telemetry>& reading) {
  json.key(name);
  if (!reading) {
    json.null();
    return;
  }
  json.begin_object();
  write_telemetry(json, *reading);
  json.end_object();
}

std::optional<Telemetry> read_reading(JsonObject& object, std::string_view name) {
  auto reading = object.maybe_object(name);
  if (!reading) return std::nullopt;
  Telemetry telemetry = read_telemetry_members(*reading);
  reading->finish();
  return telemetry;
}

void write_watch(JsonWriter& json, const Watch& watch) {
  json.key("watch").begin_object().number("host_cpu", watch.host_cpu).integer("replay_ns", watch.replay_ns);
  json.count("window_block", watch.window_block).integer("window_ns", watch.window_ns).end_object();
}

Watch read_watch(JsonObject object) {
  Watch watch;
  watch.host_cpu = object.maybe_number("host_cpu");
  watch.replay_ns = object.maybe_integer("replay_ns");
  watch.window_block = object.maybe_count("window_block");
  watch.window_ns = object.maybe_integer("window_ns");
  object.finish();
  return watch;
}

void write_times(JsonWriter& json, const Trial& trial) {
  json.integers("block_ns", trial.block_ns).integers("device_ns", trial.device_ns).integers("wall_ns", trial.wall_ns);
  if (!trial.rank_ns.empty()) {
    json.key("rank_ns").begin_array();
    for (const auto& rank : trial.rank_ns) json.begin_object().integers("ns", rank).end_object();
    json.end_array();
  }
  json.boolean("judged_by_device", trial.judged_by_device).integer("empty_submit_ns", trial.empty_submit_ns);
  json.integer("start_at_mono_ns", trial.start_at_mono_ns).integer("late_ns", trial.late_ns);
}

void read_times(JsonObject& root, Trial& trial) {
  trial.block_ns = root.integers("block_ns");
  trial.device_ns = root.integers("device_ns");
  trial.wall_ns = root.integers("wall_ns");
  if (root.has("rank_ns")) {
    for (JsonObject& rank : root.objects("rank_ns")) {
      trial.rank_ns.push_back(rank.integers("ns"));
      rank.finish();
    }
  }
  trial.judged_by_device = root.boolean("judged_by_device");
  trial.empty_submit_ns = root.integer("empty_submit_ns");
  trial.start_at_mono_ns = root.maybe_integer("start_at_mono_ns");
  trial.late_ns = root.maybe_integer("late_ns");
}

}  // namespace

std::string trial_json(const Trial& trial) {
  JsonWriter json;
  json.begin_object().text("id", trial.id);
  json.key("unit");
  write_unit(json, trial.unit);
  json.count("attempt", std::uint64_t{trial.attempt});
  if (trial.sitting != 1) json.count("sitting", std::uint64_t{trial.sitting});
  json.text("workload", trial.workload);
  json.text("status", to_string(trial.status)).text("reason_code", trial.reason_code).text("reason", trial.reason);
  json.integer("started_utc_ns", trial.started_utc_ns).integer("ended_utc_ns", trial.ended_utc_ns);
  json.count("work_per_repeat", trial.work_per_repeat).count("repeats", trial.repeats);
  json.count("operand_sets", trial.operand_sets).text("algorithm", trial.algorithm);
  json.boolean("deterministic", trial.deterministic).count("memory_bytes", trial.memory_bytes);
  write_times(json, trial);
  json.key("clock");
  write_clock(json, trial.clock);
  json.key("checks").begin_array();
  for (const Check& check : trial.checks) write_check(json, check);
  json.end_array().texts("digests", trial.digests);
  write_reading(json, "before", trial.before);
  write_reading(json, "after", trial.after);
  if (trial.watch) write_watch(json, *trial.watch);
  json.key("findings").begin_array();
  for (const Finding& finding : trial.findings) {
    json.begin_object().text("code", finding.code).text("text", finding.text).end_object();
  }
  json.end_array();
  json.integer("warmup_ns", trial.warmup_ns).integer("reseed_ns", trial.reseed_ns);
  json.integer("verify_ns", trial.verify_ns).integer("total_ns", trial.total_ns);
  json.count("ticks_offset", trial.ticks_offset).count("ticks_bytes", trial.ticks_bytes);
  json.text("ticks_sha256", trial.ticks_sha256);
  return json.end_object().str();
}

Trial parse_trial_at(std::string_view line, std::string where) {
  const JsonDocument document(line, std::move(where));
  JsonObject root = document.root();
  Trial trial;
  trial.id = root.text("id");
  trial.unit = read_unit(root.object("unit"));
  trial.attempt = root.count32("attempt");
  if (trial.attempt == 0) root.refuse("attempt", "counts from 1");
  if (root.has("sitting")) trial.sitting = root.count32("sitting");
  if (trial.sitting == 0) root.refuse("sitting", "counts from 1");
  trial.workload = root.text("workload");
  const std::optional<TrialStatus> status = parse_trial_status(root.text("status"));
  if (!status) root.refuse("status", "is no status of a trial");
  trial.status = *status;
  trial.reason_code = root.text("reason_code");
  trial.reason = root.text("reason");
  trial.started_utc_ns = root.integer("started_utc_ns");
  trial.ended_utc_ns = root.integer("ended_utc_ns");
  trial.work_per_repeat = root.count("work_per_repeat");
  trial.repeats = root.count("repeats");
  trial.operand_sets = root.count("operand_sets");
  trial.algorithm = root.text("algorithm");
  trial.deterministic = root.boolean("deterministic");
  trial.memory_bytes = root.count("memory_bytes");
  read_times(root, trial);
  trial.clock = read_clock(root.object("clock"));
  for (JsonObject& check : root.objects("checks")) trial.checks.push_back(read_check(std::move(check)));
  trial.digests = root.texts("digests");
  trial.before = read_reading(root, "before");
  trial.after = read_reading(root, "after");
  if (root.has("watch")) trial.watch = read_watch(root.object("watch"));
  for (JsonObject& entry : root.objects("findings")) {
    Finding finding;
    finding.code = entry.text("code");
    finding.text = entry.text("text");
    entry.finish();
    trial.findings.push_back(std::move(finding));
  }
  trial.warmup_ns = root.integer("warmup_ns");
  trial.reseed_ns = root.integer("reseed_ns");
  trial.verify_ns = root.integer("verify_ns");
  trial.total_ns = root.integer("total_ns");
  trial.ticks_offset = root.count("ticks_offset");
  trial.ticks_bytes = root.count("ticks_bytes");
  trial.ticks_sha256 = root.text("ticks_sha256");
  root.finish();
  return trial;
}

Trial parse_trial(std::string_view line) { return parse_trial_at(line, "trials.jsonl"); }

}  // namespace geomsu
