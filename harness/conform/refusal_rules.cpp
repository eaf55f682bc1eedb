// Requests that make no sense, and those at the edge of sense.
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/conform/rule.hpp"
#include "harness/conform/stand.hpp"

namespace geomsu::conform {
namespace {
using namespace protocol;

constexpr std::uint64_t kNobody = 987'654'321;
constexpr std::int64_t kSoonNs = 50'000'000, kTooFarNs = 120'000'000'000;

Outcome open_once(Stand& stand) {
  const auto wire = stand.opened();
  const std::string said = wire->refused(OpenRequest{{0}}, "a session opens one group, once");
  wire->ok(TelemetryRequest{});
  return pass(said);
}

Outcome unknown_device(Stand& stand) {
  const auto wire = stand.greeted();
  const auto count = wire->ok(DevicesRequest{}).devices.size();
  wire->refused(OpenRequest{{static_cast<std::uint32_t>(count)}}, "there is no such device");
  wire->refused(OpenRequest{{0, 0}}, "a device is named twice");
  wire->refused(OpenRequest{{}}, "no device is named");
  wire->ok(OpenRequest{{0}});
  return pass("a device too many, one twice and none are refused; a right one then opens");
}

Outcome unknown_workload(Stand& stand) {
  const auto wire = stand.opened();
  const auto because = "there is no such workload";
  wire->refused(ReseedRequest{kNobody, 1}, because);
  wire->refused(MeasureRequest{kNobody, 1, std::nullopt, wire->patience(), 0}, because);
  wire->refused(LoadRequest{kNobody, 1}, because);
  wire->refused(ReadRequest{kNobody, 0, 0, 0, {0}}, because);
  wire->refused(ProjectRequest{kNobody, 0, 0, 0, 1, 8}, because);
  wire->refused(DigestRequest{kNobody, 0, 0, 0}, because);
  wire->refused(ReleaseRequest{kNobody}, because);
  wire->ok(TelemetryRequest{});
  return pass("seven requests of a workload that was never prepared are refused");
}

// GENERATOR.md gives no operands before the first reseed: any answer will do, but for silence and death.
Outcome before_reseed(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = stand.prepare(*wire, stand.offers().front());
  const auto result = wire->ask(MeasureRequest{prepared.id, 1, std::nullopt, wire->patience(), 0}, wire->extra());
  wire->ask(ReadRequest{prepared.id, 0, 0, 0, {0}});
  wire->ok(ReseedRequest{prepared.id, 1});
  wire->ok(MeasureRequest{prepared.id, 1, std::nullopt, wire->patience(), 0}, wire->extra());
  return pass(fmt::format("measure before reseed: {}", Wire::words(result)));
}

Outcome empty_block(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = stand.ready(*wire);
  const auto result = wire->ok(MeasureRequest{prepared.id, 0, std::nullopt, wire->patience(), 0}, wire->extra());
  if (!result.spans.empty())
    throw Unmet{"no spans of an empty submission", fmt::format("{} span(s)", result.spans.size())};
  return pass("taken, without spans");
}

Outcome no_timeout(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = stand.ready(*wire);
  for (const std::uint64_t timeout : {std::uint64_t{0}, std::uint64_t{1} << 63})
    wire->refused(MeasureRequest{prepared.id, 1, std::nullopt, timeout, 0}, "timeout_ns is from 1 to 2^63-1");
  wire->ok(MeasureRequest{prepared.id, 1, std::nullopt, wire->patience(), 0}, wire->extra());
  return pass("0 and 2^63 are refused");
}

Outcome repeat_ticks(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = stand.ready(*wire);
  const auto result = wire->ok(MeasureRequest{prepared.id, 5, std::nullopt, wire->patience(), 64}, wire->extra());
  for (const Span& span : result.spans) {
    if (span.repeat_ends.size() > 5)
      throw Unmet{"at most one end for each of 5 repeats", fmt::format("{}", span.repeat_ends.size())};
  }
  wire->refused(MeasureRequest{prepared.id, 1, std::nullopt, wire->patience(), 65}, "repeat_ticks is at most 64");
  return pass("64 are taken, 65 refused");
}

Outcome start_at(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = stand.ready(*wire);
  const std::int64_t wanted = wire->now_mono() + kSoonNs;
  const auto result = wire->ok(MeasureRequest{prepared.id, 1, wanted, wire->patience(), 0}, wire->extra());
  if (result.started_mono_ns < wanted) {
    throw Unmet{fmt::format("a block that starts at {} by CLOCK_MONOTONIC or later", wanted),
                fmt::format("one that started at {}, {:.3f} ms early", result.started_mono_ns,
                            static_cast<double>(wanted - result.started_mono_ns) * 1e-6)};
  }
  if (result.started_mono_ns > wire->now_mono())
    throw Unmet{"a start before the answer", fmt::format("a start at {}, later than now", result.started_mono_ns)};
  wire->refused(MeasureRequest{prepared.id, 1, wire->now_mono() + kTooFarNs, wire->patience(), 0},
                "a start lies at most 60 s ahead");
  return pass(fmt::format("started {:.3f} ms after the time that was set",
                          static_cast<double>(result.started_mono_ns - wanted) * 1e-6));
}

Outcome while_loading(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = stand.ready(*wire);
  wire->ok(LoadRequest{prepared.id, 1});
  const auto because = "a load runs";
  wire->refused(DevicesRequest{}, because);
  wire->refused(ReseedRequest{prepared.id, 1}, because);
  wire->refused(MeasureRequest{prepared.id, 1, std::nullopt, wire->patience(), 0}, because);
  wire->refused(LoadRequest{prepared.id, 1}, because);
  wire->ok(StopRequest{});
  wire->ok(ReseedRequest{prepared.id, 1});
  return pass("devices, reseed, measure and load are refused until stop, and served after it");
}

Outcome read_limits(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = stand.ready(*wire);
  wire->ok(MeasureRequest{prepared.id, 1, std::nullopt, wire->patience(), 0}, wire->extra());
  const Offer& offer = stand.offers().front();
  const std::uint64_t elements = offer.operation->reference(offer.params, {1, 1, 1})->elements();
  wire->refused(ReadRequest{prepared.id, 0, 0, 0, {}}, "there is no index");
  wire->refused(ReadRequest{prepared.id, 0, 0, 0, {elements}}, "the index is out of range");
  wire->refused(ReadRequest{prepared.id, 0, 0, 0, {0, ~std::uint64_t{0}}}, "the index is out of range");
  wire->refused(ReadRequest{prepared.id, 0, 0, 0, std::vector<std::uint64_t>(200'001, 0)},
                "there are over 200,000 indices");
  wire->refused(ReadRequest{prepared.id, 99, 0, 0, {0}}, "there is no tensor 99");
  wire->refused(ReadRequest{prepared.id, 0, 1, 0, {0}}, "a group of one has no rank 1");
  wire->ok(ReadRequest{prepared.id, 0, 0, 0, {elements - 1}});
  return pass("six senseless reads are refused, the last element is read");
}

Outcome project_limits(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = stand.ready(*wire);
  wire->ok(MeasureRequest{prepared.id, 1, std::nullopt, wire->patience(), 0}, wire->extra());
  const Offer& offer = stand.offers().front();
  const std::uint64_t rows = offer.operation->reference(offer.params, {1, 1, 1})->projected();
  wire->refused(ProjectRequest{prepared.id, 0, 0, 0, 7, 0}, "there is room for no number");
  wire->refused(ProjectRequest{prepared.id, 0, 0, 0, 7, 500'001}, "room is at most 500,000");
  wire->refused(ProjectRequest{prepared.id, 0, 1, 0, 7, rows}, "a group of one has no rank 1");
  wire->refused(ProjectRequest{prepared.id, 99, 0, 0, 7, rows}, "there is no tensor 99");
  return pass("no room, too much room, a rank and a tensor too many are refused");
}

Outcome digest_limits(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = stand.ready(*wire);
  wire->ok(MeasureRequest{prepared.id, 1, std::nullopt, wire->patience(), 0}, wire->extra());
  wire->refused(DigestRequest{prepared.id, 0, 1, 0}, "a group of one has no rank 1");
  wire->refused(DigestRequest{prepared.id, 99, 0, 0}, "there is no tensor 99");
  return pass("a rank and a tensor too many are refused");
}

// Of the first offer, what cannot be: each must be refused with a reason, whatever status that is.
Outcome nonsense(Stand& stand) {
  const Offer& offer = stand.offers().front();
  const std::string op(offer.operation->name());
  const std::string size = op == "gemm" ? "m" : "bytes";
  std::vector<std::pair<std::string, Params>> wrong;
  for (const char* value : {"0", "-1", "1e9999", "", "0x10", "99999999999999999999", "nan", "1.5"}) {
    Params params = offer.params;
    params[size] = value;
    wrong.emplace_back(op, params);
  }
  Params without = offer.params;
  without.erase(size);
  wrong.emplace_back(op, without);
  Params dtype = offer.params;
  dtype["dtype"] = "fp7";
  wrong.emplace_back(op, dtype);
  Params unknown = offer.params;
  unknown["colour"] = "green";
  wrong.emplace_back(op, unknown);
  wrong.emplace_back("dance", offer.params);
  wrong.emplace_back("", offer.params);
  wrong.emplace_back(op, Params{});
  const auto wire = stand.opened();
  for (const auto& [name, params] : wrong) {
    std::string text;
    for (const auto& [key, value] : params) text += fmt::format(" {}='{}'", key, value);
    wire->refused(PrepareRequest{name, params, 1}, fmt::format("op '{}' with{}", name, text));
  }
  stand.prepare(*wire, offer);
  return pass(fmt::format("{} nonsense parameters are refused, and right ones then taken", wrong.size()));
}

Outcome too_large(Stand& stand) {
  const Offer& offer = stand.offers().front();
  Params params = offer.params;
  if (offer.operation->name() == "gemm") {
    params["m"] = params["n"] = params["k"] = "4000000";  // over 48 TB, whatever the dtype
  } else {
    params["bytes"] = "1099511627776";
  }
  const auto wire = stand.opened();
  const std::string said =
      wire->refused(PrepareRequest{std::string(offer.operation->name()), params, 1}, "no device has that much memory");
  stand.prepare(*wire, offer);
  return pass(said);
}

Outcome unsupported(Stand& stand) {
  const auto refused = stand.not_offered();
  for (const auto& [name, answer] : refused) {
    if (answer.status != Status::kUnsupported && answer.status != Status::kOutOfMemory)
      throw Unmet{fmt::format("status unsupported where {} is not offered", name), Wire::words(answer)};
  }
  return pass(refused.empty() ? std::string("all that was asked for is offered")
                              : fmt::format("{} workloads not offered, each said so", refused.size()));
}

}  // namespace

std::vector<Rule> refusal_rules() {
  return {
      {"open-once", "lines", "PROTOCOL.md, open", "one session, one group of devices", {"telemetry"}, open_once},
      {"unknown-device",
       "lines",
       "PROTOCOL.md, open and Answers",
       "a wrong index must not open another device",
       {"telemetry"},
       unknown_device},
      {"unknown-workload",
       "lines",
       "PROTOCOL.md, Answers",
       "a wrong id must not reach another workload's buffers",
       {"load", "read", "project", "digest", "release", "telemetry"},
       unknown_workload},
      {"before-reseed",
       "lines",
       "PROTOCOL.md, Answers",
       "requests out of order are answered, whatever the answer is",
       {"read"},
       before_reseed},
      {"empty-block",
       "lines",
       "PROTOCOL.md, measure",
       "0 repeats show what a submission costs",
       {"measure"},
       empty_block},
      {"no-timeout",
       "lines",
       "PROTOCOL.md, measure",
       "a block without a limit could hang for ever",
       {"measure"},
       no_timeout},
      {"repeat-ticks",
       "lines",
       "PROTOCOL.md, measure",
       "ends of single repeats are bounded, and never invented",
       {"measure"},
       repeat_ticks},
      {"start-at",
       "lines",
       "PROTOCOL.md, measure",
       "devices that are measured together start together",
       {"measure"},
       start_at},
      {"while-loading",
       "lines",
       "PROTOCOL.md, load",
       "nothing may disturb a load, and nothing be timed beside it",
       {"load"},
       while_loading},
      {"read-limits",
       "lines",
       "PROTOCOL.md, read",
       "an index too far must not read other memory",
       {"read"},
       read_limits},
      {"project-limits",
       "lines",
       "PROTOCOL.md, project",
       "room too small or too large is refused",
       {"project"},
       project_limits},
      {"digest-limits", "lines", "PROTOCOL.md, digest", "what does not exist has no digest", {"digest"}, digest_limits},
      {"nonsense",
       "lines",
       "PROTOCOL.md, prepare",
       "senseless parameters are refused, and never guessed at",
       {"prepare"},
       nonsense},
      {"too-large",
       "lines",
       "PROTOCOL.md, prepare",
       "what does not fit is an answer, and not a crash",
       {"prepare"},
       too_large},
      {"unsupported",
       "lines",
       "PROTOCOL.md, Answers",
       "not offered is an answer; an error would be a fault",
       {"prepare"},
       unsupported},
  };
}

}  // namespace geomsu::conform
