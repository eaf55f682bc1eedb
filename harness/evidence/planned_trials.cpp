#include "harness/evidence/planned_trials.hpp"

#include <limits>
#include <string>
#include <utility>

#include <simdjson.h>

namespace geomsu {
namespace {

namespace json = simdjson::dom;

struct Unexpected {};  // never leaves this file

void expect(bool holds) {
  if (!holds) throw Unexpected{};
}

// Every member that is asked for, and no other: finish() counts them, so that none is there twice or unknown.
class Members {
 public:
  explicit Members(json::element element) : object_(element.get_object()) {}

  json::element take(std::string_view name) {
    ++taken_;
    return object_.at_key(name);
  }
  std::optional<json::element> maybe(std::string_view name) {
    json::element element;
    if (object_.at_key(name).get(element) != simdjson::SUCCESS) return std::nullopt;
    ++taken_;
    return element;
  }
  void finish() const { expect(object_.size() == taken_); }

 private:
  json::object object_;
  std::size_t taken_ = 0;
};

std::string text(json::element element) { return std::string(std::string_view(element.get_string())); }

std::int64_t integer(json::element element) { return element.get_int64(); }

std::uint32_t count32(json::element element) {
  const std::uint64_t value = element.get_uint64();
  expect(value <= std::numeric_limits<std::uint32_t>::max());
  return static_cast<std::uint32_t>(value);
}

std::vector<Unit> units(json::element element) {
  std::vector<Unit> all;
  for (const json::element one : element.get_array()) {
    Members in(one);
    Unit& unit = all.emplace_back();
    unit.node = text(in.take("node"));
    unit.device = text(in.take("device"));
    in.finish();
  }
  return all;
}

Sustained sustained(json::element element) {
  Members in(element);
  Sustained sustained;
  sustained.sessions = count32(in.take("sessions"));
  sustained.span_ns = integer(in.take("span_ns"));
  expect(sustained.sessions > 0 && sustained.span_ns > 0);
  in.finish();
  return sustained;
}

PlannedTrial planned_trial(json::element element) {
  Members in(element);
  PlannedTrial trial;
  trial.id = text(in.take("id"));
  const std::string name = text(in.take("workload"));
  std::optional<Workload> workload = Workload::parse(name);
  expect(workload && workload->name() == name);
  trial.workload = *std::move(workload);
  trial.units = units(in.take("units"));
  if (const auto members = in.maybe("members")) trial.members = units(*members);
  trial.blocks = count32(in.take("blocks"));
  trial.block_min_ns = integer(in.take("block_min_ns"));
  trial.warmup_ns = integer(in.take("warmup_ns"));
  for (const json::element clause : in.take("clauses").get_array()) trial.clauses.push_back(text(clause));
  if (const auto peak = in.maybe("peak")) trial.peak = double(peak->get_double());
  if (const auto session = in.maybe("sustained")) trial.sustained = sustained(*session);
  if (const auto extension = in.maybe("extension")) trial.extension = count32(*extension);
  if (const auto thin = in.maybe("thin")) trial.thin = count32(*thin);
  expect(trial.thin > 0);
  in.finish();
  return trial;
}

// The slow reader refuses -0 as a count, and here it would be 0.
bool has_minus_zero(std::string_view array) {
  constexpr std::string_view kBefore = " \t\r\n:[,";
  for (std::size_t at = array.find("-0"); at != std::string_view::npos; at = array.find("-0", at + 1)) {
    if (at > 0 && kBefore.find(array[at - 1]) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

std::optional<std::vector<PlannedTrial>> quick_planned_trials(std::string_view array) {
  if (has_minus_zero(array)) return std::nullopt;
  try {
    json::parser parser;
    std::vector<PlannedTrial> trials;
    for (const json::element trial : parser.parse(array.data(), array.size()).get_array())
      trials.push_back(planned_trial(trial));
    return trials;
  } catch (const simdjson::simdjson_error&) {
    return std::nullopt;
  } catch (const Unexpected&) {
    return std::nullopt;
  }
}

}  // namespace geomsu
