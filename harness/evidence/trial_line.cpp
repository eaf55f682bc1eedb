#include "harness/evidence/trial_line.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include <simdjson.h>

namespace geomsu {
namespace {

namespace json = simdjson::ondemand;

struct Unexpected {};  // never leaves this file

void expect(bool holds) {
  if (!holds) throw Unexpected{};
}

std::int64_t integer(json::value value) { return value.get_int64(); }
std::uint64_t count(json::value value) { return value.get_uint64(); }
bool boolean(json::value value) { return value.get_bool(); }
void text(json::value value, std::string& to) { to.assign(std::string_view(value.get_string())); }

std::uint32_t count32(json::value value) {
  const std::uint64_t wide = count(value);
  expect(wide <= std::numeric_limits<std::uint32_t>::max());
  return static_cast<std::uint32_t>(wide);
}

// Infinities and NaN are text ("inf"): rare enough for the slow way. So is -0, which the slow reader takes for 0.
double number(json::value value) {
  const double read = value.get_double();
  expect(read != 0 || !std::signbit(read));
  return read;
}

template <class Read>
auto maybe(json::value value, Read read) -> std::optional<decltype(read(value))> {
  if (value.is_null()) return std::nullopt;
  return read(value);
}

// Most bytes of a row are these, so that they are read from the text itself: as the writer puts them, without spaces.
void integers(json::value value, std::vector<std::int64_t>& to) {
  constexpr std::ptrdiff_t kDigits = 18;  // so many always fit
  to.clear();
  const std::string_view raw = json::array(value.get_array()).raw_json();
  expect(raw.size() >= 2 && raw.front() == '[' && raw.back() == ']');
  if (raw.size() == 2) return;
  const char* at = raw.data();
  const char* const last = at + raw.size() - 1;
  while (at != last) {
    expect(*at == (to.empty() ? '[' : ','));
    const char* const from = ++at;
    if (*at == '-') ++at;
    const char* const first = at;
    std::int64_t digits = 0;
    for (; *at >= '0' && *at <= '9'; ++at) {
      if (at - first < kDigits) digits = digits * 10 + (*at - '0');
    }
    expect(at != first && (*first != '0' || at - from == 1));
    if (first != from) digits = -digits;
    if (at - first > kDigits) expect(std::from_chars(from, at, digits).ec == std::errc());
    to.push_back(digits);
  }
}

// The members of an object in the order in which the writer puts them. A value must be read before the next is asked
// for.
class Members {
 public:
  explicit Members(json::object object) : object_(object), here_(object_.begin()), end_(object_.end()) { load(); }

  // Whether the next member has this name; then next() gives it.
  bool at(std::string_view name) {
    if (used_) {
      ++here_;
      load();
    }
    return there_ && field_.key().unsafe_is_equal(name);
  }
  json::value next() {
    used_ = true;
    return field_.value();
  }
  json::value take(std::string_view name) {
    expect(at(name));
    return next();
  }
  void finish() {
    at("");  // an empty name is no member of ours
    expect(!there_);
  }

 private:
  void load() {
    used_ = false;
    there_ = here_ != end_;
    if (there_) field_ = *here_;
  }

  json::object object_;
  simdjson::simdjson_result<json::object_iterator> here_, end_;
  json::field field_;
  bool there_ = false, used_ = false;
};

void read_unit(json::value value, Unit& unit) {
  Members in(value.get_object());
  text(in.take("node"), unit.node);
  text(in.take("device"), unit.device);
  in.finish();
}

Sustained read_sustained(json::value value) {
  Members in(value.get_object());
  Sustained sustained;
  sustained.sessions = count32(in.take("sessions"));
  sustained.span_ns = integer(in.take("span_ns"));
  expect(sustained.sessions > 0 && sustained.span_ns > 0);
  in.finish();
  return sustained;
}

void read_times(Members& in, Trial& trial) {
  integers(in.take("block_ns"), trial.block_ns);
  integers(in.take("device_ns"), trial.device_ns);
  integers(in.take("wall_ns"), trial.wall_ns);
  if (in.at("rank_ns")) {
    for (json::value entry : in.next().get_array()) {
      Members rank(entry.get_object());
      integers(rank.take("ns"), trial.rank_ns.emplace_back());
      rank.finish();
    }
  }
  trial.judged_by_device = boolean(in.take("judged_by_device"));
  trial.empty_submit_ns = integer(in.take("empty_submit_ns"));
  trial.start_at_mono_ns = maybe(in.take("start_at_mono_ns"), integer);
  trial.late_ns = maybe(in.take("late_ns"), integer);
}

void read_blocks(Members& in, Trial& trial) {
  if (in.at("block_at_ns")) integers(in.next(), trial.block_at_ns);
  if (in.at("block_session")) integers(in.next(), trial.block_session);
  if (in.at("block_throttle")) integers(in.next(), trial.block_throttle);
  if (!in.at("block_counters")) return;
  Members counters(in.next().get_object());
  std::vector<std::string_view> names(kBlockCounters.begin(), kBlockCounters.end());
  std::sort(names.begin(), names.end());  // a map's order: the writer's
  for (const std::string_view name : names) {
    if (counters.at(name)) integers(counters.next(), trial.block_counters[std::string(name)]);
  }
  counters.finish();
}

ClockAudit read_clock(json::value value) {
  Members in(value.get_object());
  ClockAudit clock;
  const auto verdict = parse_clock_verdict(std::string_view(in.take("verdict").get_string()));
  expect(verdict.has_value());
  clock.verdict = *verdict;
  text(in.take("reason"), clock.reason);
  clock.rate_ppm = maybe(in.take("rate_ppm"), number);
  clock.baseline_ns = maybe(in.take("baseline_ns"), integer);
  clock.uncertainty_ns = maybe(in.take("uncertainty_ns"), integer);
  text(in.take("domain"), clock.domain);
  in.finish();
  return clock;
}

void read_check(json::value value, Check& check) {
  Members in(value.get_object());
  text(in.take("name"), check.name);
  check.passed = boolean(in.take("passed"));
  check.compared = count(in.take("compared"));
  check.worst = maybe(in.take("worst"), number);
  text(in.take("detail"), check.detail);
  in.finish();
}

Telemetry read_telemetry(json::value value) {
  Members in(value.get_object());
  Telemetry reading;
  reading.mono_ns = integer(in.take("mono_ns"));
  reading.utc_ns = integer(in.take("utc_ns"));
  reading.power_w = maybe(in.take("power_w"), number);
  reading.energy_j = maybe(in.take("energy_j"), number);
  reading.temperature_c = maybe(in.take("temperature_c"), number);
  reading.memory_temperature_c = maybe(in.take("memory_temperature_c"), number);
  reading.clock_mhz = maybe(in.take("clock_mhz"), number);
  reading.memory_clock_mhz = maybe(in.take("memory_clock_mhz"), number);
  reading.memory_used_bytes = maybe(in.take("memory_used_bytes"), number);
  reading.foreign_load = maybe(in.take("foreign_load"), number);
  reading.throttle = maybe(in.take("throttle"), count);
  reading.throttle_events = maybe(in.take("throttle_events"), count);
  reading.ecc_corrected = maybe(in.take("ecc_corrected"), count);
  reading.ecc_uncorrected = maybe(in.take("ecc_uncorrected"), count);
  reading.link_replays = maybe(in.take("link_replays"), count);
  reading.fault_events = maybe(in.take("fault_events"), count);
  in.finish();
  return reading;
}

Watch read_watch(json::value value) {
  Members in(value.get_object());
  Watch watch;
  watch.host_cpu = maybe(in.take("host_cpu"), number);
  watch.replay_ns = maybe(in.take("replay_ns"), integer);
  watch.window_block = maybe(in.take("window_block"), count);
  watch.window_ns = maybe(in.take("window_ns"), integer);
  in.finish();
  return watch;
}

Energy read_energy(json::value value) {
  Members in(value.get_object());
  Energy energy;
  energy.joules = maybe(in.take("joules"), number);
  energy.least = number(in.take("least"));
  energy.most = number(in.take("most"));
  text(in.take("source"), energy.source);
  expect(energy.joules ? energy.source == "counter" || energy.source == "power" : energy.source.empty());
  energy.readings = count(in.take("readings"));
  text(in.take("why"), energy.why);
  in.finish();
  return energy;
}

void read_audits(Members& in, Trial& trial) {
  trial.clock = read_clock(in.take("clock"));
  for (json::value check : in.take("checks").get_array()) read_check(check, trial.checks.emplace_back());
  for (json::value digest : in.take("digests").get_array()) text(digest, trial.digests.emplace_back());
  trial.before = maybe(in.take("before"), read_telemetry);
  trial.after = maybe(in.take("after"), read_telemetry);
  if (in.at("watch")) trial.watch = read_watch(in.next());
  if (in.at("energy")) trial.energy = read_energy(in.next());
  for (json::value entry : in.take("findings").get_array()) {
    Members finding(entry.get_object());
    text(finding.take("code"), trial.findings.emplace_back().code);
    text(finding.take("text"), trial.findings.back().text);
    finding.finish();
  }
}

void read_row(json::object root, Trial& trial) {
  Members in(root);
  text(in.take("id"), trial.id);
  read_unit(in.take("unit"), trial.unit);
  trial.attempt = count32(in.take("attempt"));
  if (in.at("sitting")) trial.sitting = count32(in.next());
  expect(trial.attempt > 0 && trial.sitting > 0);
  text(in.take("workload"), trial.workload);
  if (in.at("sustained")) trial.sustained = read_sustained(in.next());
  const auto status = parse_trial_status(std::string_view(in.take("status").get_string()));
  expect(status.has_value());
  trial.status = *status;
  text(in.take("reason_code"), trial.reason_code);
  text(in.take("reason"), trial.reason);
  trial.started_utc_ns = integer(in.take("started_utc_ns"));
  trial.ended_utc_ns = integer(in.take("ended_utc_ns"));
  trial.work_per_repeat = count(in.take("work_per_repeat"));
  trial.repeats = count(in.take("repeats"));
  trial.operand_sets = count(in.take("operand_sets"));
  text(in.take("algorithm"), trial.algorithm);
  trial.deterministic = boolean(in.take("deterministic"));
  trial.memory_bytes = count(in.take("memory_bytes"));
  read_times(in, trial);
  read_blocks(in, trial);
  read_audits(in, trial);
  trial.warmup_ns = integer(in.take("warmup_ns"));
  trial.reseed_ns = integer(in.take("reseed_ns"));
  trial.verify_ns = integer(in.take("verify_ns"));
  trial.total_ns = integer(in.take("total_ns"));
  trial.ticks_offset = count(in.take("ticks_offset"));
  trial.ticks_bytes = count(in.take("ticks_bytes"));
  text(in.take("ticks_sha256"), trial.ticks_sha256);
  in.finish();
}

}  // namespace

struct TrialLineReader::State {
  json::parser parser;
};

TrialLineReader::TrialLineReader() : state_(std::make_unique<State>()) {}
TrialLineReader::~TrialLineReader() = default;

bool TrialLineReader::read(std::string_view line, Trial& trial) {
  static_assert(kPadding >= simdjson::SIMDJSON_PADDING);
  try {
    json::document document = state_->parser.iterate(line.data(), line.size(), line.size() + kPadding);
    read_row(document.get_object(), trial);
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS;  // nothing after it
  } catch (const simdjson::simdjson_error&) {
    return false;
  } catch (const Unexpected&) {
    return false;
  }
}

}  // namespace geomsu
