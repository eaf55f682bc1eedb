#include "harness/protocol/codec.hpp"

#include <limits>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/text.hpp"
#include "harness/protocol/fields.hpp"
#include "harness/protocol/json_io.hpp"

namespace geomsu::protocol {
namespace {
using Json = nlohmann::json;
using Out = nlohmann::ordered_json;
using json::Bad;
using json::Reader;
using json::Writer;

constexpr std::int64_t kParseError = -32700, kInvalidRequest = -32600, kUnknownMethod = -32601, kInvalidParams = -32602,
                       kInternal = -32603;
constexpr std::size_t kKeptText = 400;

Out envelope() {
  Out out;
  out["jsonrpc"] = "2.0";
  return out;
}

// Text from a device may be no UTF-8: replaced, never thrown at.
std::string line_of(const Out& out) { return out.dump(-1, ' ', false, Out::error_handler_t::replace); }

template <class Variant, std::size_t... I>
Variant make_alternative(std::size_t index, std::index_sequence<I...>) {
  Variant made;
  ((I == index ? (void)made.template emplace<I>() : (void)0), ...);
  return made;
}
template <class Variant>
Variant alternative(std::size_t index) {
  return make_alternative<Variant>(index, std::make_index_sequence<std::variant_size_v<Variant>>());
}

std::optional<std::int64_t> id_of(const Json& message) {
  const auto found = message.find("id");
  if (found == message.end() || !found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() &&
      found->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  return found->get<std::int64_t>();
}

void check_envelope(const Json& message) {
  if (!message.is_object()) throw Bad{fmt::format("a message must be an object, got {}", message.type_name())};
  const auto version = message.find("jsonrpc");
  if (version == message.end() || *version != "2.0") throw Bad{"field 'jsonrpc' must be \"2.0\""};
}

std::string printable(std::string_view line) {
  const bool cut = line.size() > kKeptText;
  std::string text = escape_terminal(valid_utf8(line.substr(0, kKeptText)));
  return cut ? text + fmt::format("... ({} bytes)", line.size()) : text;
}

std::string text_field(const Json& object, const char* key, std::string_view where) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) throw Bad{fmt::format("field '{}{}' must be text", where, key)};
  return found->get<std::string>();
}

Result read_result(const Json& body, std::size_t index) {
  Result result = alternative<Result>(index);
  Reader reader(body, "result");
  std::visit(
      [&reader](auto& m) {
        describe(reader, static_cast<Answer&>(m));
        if (!m.ok() && m.reason.empty()) {
          throw Bad{fmt::format("status '{}' without a reason in words", to_string(m.status))};
        }
        describe_body(reader, m);
      },
      result);
  return result;
}

RpcError read_error(const Json& body) {
  if (!body.is_object()) throw Bad{"field 'error' must be an object"};
  const auto code = body.find("code");
  if (code == body.end() || !code->is_number_integer()) throw Bad{"field 'error.code' must be an integer"};
  return {code->get<std::int64_t>(), text_field(body, "message", "error.")};
}

Reply read_reply(const Json& message, std::size_t in_flight, std::int64_t id) {
  const auto body = message.find("result");
  const auto error = message.find("error");
  if ((body == message.end()) == (error == message.end())) {
    throw Bad{"a message must have one of 'method', 'result' and 'error'"};
  }
  auto got = id_of(message);
  const auto sent = message.find("id");
  if (!got && error != message.end() && sent != message.end() && sent->is_null())
    got = id;  // the request was unreadable
  if (!got) throw Bad{"field 'id' must be the integer id of the request"};
  if (in_flight >= std::variant_size_v<Request>) {
    throw Bad{fmt::format("reply to request {} while none is in flight", *got)};
  }
  if (*got != id) throw Bad{fmt::format("reply to request {} while {} is in flight", *got, id)};
  if (error != message.end()) return {*got, read_error(*error)};
  return {*got, read_result(*body, in_flight)};
}

Notification read_notification(const Json& message) {
  const std::string name = text_field(message, "method", "");
  if (message.contains("id")) throw Bad{fmt::format("a worker sends no requests: '{}' has an id", name)};
  const auto params = message.find("params");
  if (params == message.end()) throw Bad{"field 'params' is missing"};
  Reader reader(*params, "params");
  if (name == "telemetry") {
    TelemetryNote note;
    describe(reader, note);
    return note;
  }
  if (name == "log") {
    LogNote note;
    describe(reader, note);
    return note;
  }
  throw Bad{fmt::format("unknown notification '{}'", valid_utf8(name))};
}

std::variant<IncomingRequest, BadRequest> read_request(const Json& message) {
  const auto id = id_of(message);
  const auto bad = [&id](std::int64_t code, std::string why) { return BadRequest{id, {code, std::move(why)}}; };
  try {
    check_envelope(message);
    if (!id) throw Bad{"field 'id' must be an integer of 64 bits"};
    const std::string name = text_field(message, "method", "");
    const auto index = method_index(name);
    if (!index) return bad(kUnknownMethod, fmt::format("unknown method '{}'", printable(name)));
    Request request = alternative<Request>(*index);
    const auto params = message.find("params");
    static const Json kNone = Json::object();
    try {
      Reader reader(params == message.end() ? kNone : *params, "params");
      std::visit([&reader](auto& m) { describe(reader, m); }, request);
    } catch (const Bad& error) {
      return bad(kInvalidParams, fmt::format("{}: {}", name, error.why));
    }
    return IncomingRequest{*id, std::move(request)};
  } catch (const Bad& error) {
    return bad(kInvalidRequest, error.why);
  }
}
}  // namespace

std::string encode_request(std::int64_t id, const Request& request) {
  Out out = envelope();
  out["id"] = id;
  out["method"] = method(request);
  Out& params = out["params"] = Out::object();
  Writer writer(params);
  std::visit([&writer](const auto& m) { describe(writer, m); }, request);
  return line_of(out);
}

std::string encode_result(std::int64_t id, const Result& result) {
  Out out = envelope();
  out["id"] = id;
  Out& body = out["result"] = Out::object();
  Writer writer(body);
  std::visit(
      [&writer](const auto& m) {
        describe(writer, static_cast<const Answer&>(m));
        describe_body(writer, m);
      },
      result);
  return line_of(out);
}

std::string encode_error(std::optional<std::int64_t> id, const RpcError& error) {
  Out out = envelope();
  out["id"] = id ? Out(*id) : Out(nullptr);
  out["error"] = {{"code", error.code}, {"message", error.message}};
  return line_of(out);
}

std::string encode_notification(const Notification& notification) {
  Out out = envelope();
  out["method"] = std::holds_alternative<TelemetryNote>(notification) ? "telemetry" : "log";
  Out& params = out["params"] = Out::object();
  Writer writer(params);
  std::visit([&writer](const auto& m) { describe(writer, m); }, notification);
  return line_of(out);
}

std::variant<IncomingRequest, BadRequest> decode_request(std::string_view line) {
  try {
    return read_request(json::parse(line));
  } catch (const Bad& error) {
    return BadRequest{std::nullopt, {kParseError, error.why}};
  } catch (const std::exception& error) {
    return BadRequest{std::nullopt, {kInternal, fmt::format("cannot be read: {}", error.what())}};
  }
}

std::variant<Reply, Notification, Malformed> decode_line(std::string_view line, std::size_t in_flight,
                                                         std::int64_t id) {
  try {
    const Json message = json::parse(line);
    check_envelope(message);
    if (message.contains("method")) return read_notification(message);
    return read_reply(message, in_flight, id);
  } catch (const Bad& error) {
    return Malformed{error.why, printable(line)};
  } catch (const std::exception& error) {
    return Malformed{fmt::format("cannot be read: {}", error.what()), printable(line)};
  }
}

}  // namespace geomsu::protocol
