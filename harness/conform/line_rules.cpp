// What a line may be, and what becomes of one that is none.
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/conform/rule.hpp"
#include "harness/conform/stand.hpp"

namespace geomsu::conform {
namespace {
using namespace protocol;

constexpr std::int64_t kParseError = -32700, kInvalidRequest = -32600, kUnknownMethod = -32601, kInvalidParams = -32602;

std::size_t index_of(std::string_view name) { return method_index(name).value_or(0); }

// The line must be answered with this code, and the next request as if nothing had been.
void expect_code(Wire& wire, const std::string& line, std::int64_t id, std::int64_t code) {
  const auto heard = wire.hear_line(line, id, 0);
  const auto* error = std::get_if<RpcError>(&heard);
  if (error == nullptr) throw Unmet{fmt::format("JSON-RPC error {} to '{}'", code, line), "a result"};
  if (error->code != code)
    throw Unmet{fmt::format("JSON-RPC error {} to '{}'", code, line),
                fmt::format("error {}: {}", error->code, error->message)};
  wire.ok(DevicesRequest{});
}

Outcome other_minor(Stand& stand) {
  for (const std::uint32_t minor : {kMinor + 41, 0u}) {
    const auto wire = stand.start();
    const auto result = wire->ok(HelloRequest{kMajor, minor, "geomsu conform"});
    if (result.major != kMajor) throw Unmet{fmt::format("major {}", kMajor), fmt::format("major {}", result.major)};
  }
  return pass(fmt::format("minors {} and 0 are served", kMinor + 41));
}

Outcome other_major(Stand& stand) {
  const auto wire = stand.start();
  const auto result = wire->ask(HelloRequest{kMajor + 1, 0, "geomsu conform"});
  if (result.status != Status::kUnsupported)
    throw Unmet{fmt::format("status unsupported to a supervisor of major {}", kMajor + 1), Wire::words(result)};
  return pass(result.reason);
}

Outcome before_hello(Stand& stand) {
  const auto wire = stand.start();
  const std::string said = wire->refused(DevicesRequest{}, "'hello' is always the first request");
  wire->ok(HelloRequest{kMajor, kMinor, "geomsu conform"});
  return pass(said);
}

Outcome before_open(Stand& stand) {
  const auto wire = stand.greeted();
  wire->refused(Stand::request_of(stand.offers().front(), 1), "no device is open");
  wire->refused(TelemetryRequest{}, "no device is open");
  wire->refused(ClockRequest{}, "no device is open");
  wire->ok(OpenRequest{{0}});
  return pass("prepare, telemetry and clock before open are refused, open then served");
}

Outcome bad_json(Stand& stand) {
  const auto wire = stand.greeted();
  for (const char* line : {"this is no JSON", "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"devices\"", "}{"})
    expect_code(*wire, line, wire->next_id(), kParseError);
  return pass(fmt::format("error {} three times, and it goes on", kParseError));
}

Outcome no_request(Stand& stand) {
  const auto wire = stand.greeted();
  const std::int64_t id = wire->next_id();
  expect_code(*wire, "42", id, kInvalidRequest);
  expect_code(*wire, "[]", id, kInvalidRequest);
  expect_code(*wire, fmt::format("{{\"jsonrpc\":\"2.0\",\"id\":{}}}", id), id, kInvalidRequest);
  expect_code(*wire, fmt::format("{{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":5,\"params\":{{}}}}", id), id,
              kInvalidRequest);
  return pass(fmt::format("error {} four times, and it goes on", kInvalidRequest));
}

Outcome unknown_method(Stand& stand) {
  const auto wire = stand.greeted();
  const std::int64_t id = wire->next_id();
  expect_code(*wire, fmt::format("{{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"dance\",\"params\":{{}}}}", id), id,
              kUnknownMethod);
  return pass(fmt::format("error {}, and it goes on", kUnknownMethod));
}

Outcome bad_params(Stand& stand) {
  const auto wire = stand.opened();
  const std::vector<std::pair<const char*, const char*>> wrong = {
      {"open", "{}"},                                                        // a field is missing
      {"open", "{\"devices\":\"0\"}"},                                       // text for a list
      {"reseed", "{\"workload\":1,\"seed\":\"1\"}"},                         // a number for a 64-bit integer
      {"reseed", "{\"workload\":\"1\",\"seed\":\"+1\"}"},                    // a sign
      {"reseed", "{\"workload\":\"1\",\"seed\":\"18446744073709551616\"}"},  // beyond 64 bits
      {"read", "{\"workload\":\"1\",\"tensor\":0,\"rank\":0,\"repeat\":\"0\",\"indices\":[0]}"},
      {"prepare", "{\"op\":\"gemm\",\"params\":{\"m\":3},\"operand_sets\":\"1\"}"}};
  for (const auto& [method, params] : wrong) {
    const std::int64_t id = wire->next_id();
    expect_code(*wire,
                fmt::format("{{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"{}\",\"params\":{}}}", id, method, params),
                id, kInvalidParams);
  }
  return pass(fmt::format("error {} to {} lines, and it goes on", kInvalidParams, wrong.size()));
}

Outcome unknown_field(Stand& stand) {
  const auto wire = stand.greeted();
  const std::int64_t id = wire->next_id();
  const std::string line = fmt::format(
      "{{\"jsonrpc\":\"2.0\",\"later\":true,\"id\":{},\"method\":\"devices\",\"params\":{{\"of_a_newer_minor\":[1]}}}}",
      id);
  const auto heard = wire->hear_line(line, id, index_of("devices"));
  if (const auto* error = std::get_if<RpcError>(&heard))
    throw Unmet{"an unknown field ignored", fmt::format("JSON-RPC error {}: {}", error->code, error->message)};
  return pass("ignored");
}

Outcome wide_id(Stand& stand) {
  const auto wire = stand.greeted();
  for (const std::int64_t id : {std::int64_t{2'000'000'000'000}, std::int64_t{77}}) {
    const std::string line =
        fmt::format("{{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"devices\",\"params\":{{}}}}", id);
    wire->hear_line(line, id, index_of("devices"));
  }
  return pass("the request's id comes back, whatever number it is");
}

Outcome long_line(Stand& stand) {
  const auto wire = stand.opened();
  std::string line = "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"devices\",\"params\":{\"padding\":\"";
  line.append(kMaxLineBytes, 'x').append("\"}}\n");
  wire->send(line);
  const std::string how = wire->end(false);
  if (how != "exited with status 65")
    throw Unmet{fmt::format("an end with status 65 after a line over {} bytes", kMaxLineBytes), how};
  return pass("ended with status 65");
}

Outcome end_of_input(Stand& stand) {
  const auto wire = stand.opened();
  const std::string how = wire->end(true);
  if (how != "exited with status 0") throw Unmet{"an end with status 0 when the input ends", how};
  return pass("ended with status 0");
}

}  // namespace

std::vector<Rule> line_rules() {
  return {
      {"other-minor",
       "lines",
       "PROTOCOL.md, hello",
       "tool and device are not renewed on one day",
       {"hello"},
       other_minor},
      {"other-major",
       "lines",
       "PROTOCOL.md, hello",
       "two that cannot understand each other must say so at once",
       {"hello"},
       other_major},
      {"before-hello",
       "lines",
       "PROTOCOL.md, hello",
       "nothing is asked before the versions are agreed on",
       {"devices"},
       before_hello},
      {"before-open",
       "lines",
       "PROTOCOL.md, Answers and open",
       "a request that makes no sense now is status error",
       {"prepare", "telemetry", "clock"},
       before_open},
      {"bad-json",
       "lines",
       "PROTOCOL.md, Lines and Answers",
       "a worker answers a malformed line and goes on",
       {"devices"},
       bad_json},
      {"no-request",
       "lines",
       "PROTOCOL.md, Answers",
       "JSON that is no request has a code of its own",
       {"devices"},
       no_request},
      {"unknown-method",
       "lines",
       "PROTOCOL.md, Answers",
       "a newer supervisor learns that it asks too much",
       {"devices"},
       unknown_method},
      {"bad-params",
       "lines",
       "PROTOCOL.md, Lines and Answers",
       "a mistyped field is refused and never guessed at",
       {"read"},
       bad_params},
      {"unknown-field", "lines", "PROTOCOL.md, Lines", "newer minors add fields", {"devices"}, unknown_field},
      {"request-id",
       "lines",
       "PROTOCOL.md, Lines",
       "an answer belongs to its request by the id alone",
       {"devices"},
       wide_id},
      {"long-line",
       "lines",
       "PROTOCOL.md, Lines",
       "nothing after a line that is too long can be trusted",
       {"telemetry"},
       long_line},
      {"end-of-input",
       "lines",
       "PROTOCOL.md, shutdown",
       "a supervisor that is gone leaves no process behind",
       {"telemetry"},
       end_of_input},
  };
}

}  // namespace geomsu::conform
