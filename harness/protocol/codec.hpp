// Messages <-> JSON lines. Pure: text in, values out. Lines carry no '\n'; the caller frames them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "harness/protocol/messages.hpp"

namespace geomsu::protocol {

std::string encode_request(std::int64_t id, const Request& request);
std::string encode_result(std::int64_t id, const Result& result);
std::string encode_error(std::optional<std::int64_t> id, const RpcError& error);
std::string encode_notification(const Notification& notification);

struct IncomingRequest {
  std::int64_t id = 0;
  Request request;
};
// Worker's side. An RpcError names what was wrong, with the id where one could be read.
struct BadRequest {
  std::optional<std::int64_t> id;
  RpcError error;
};
std::variant<IncomingRequest, BadRequest> decode_request(std::string_view line);

struct Reply {
  std::int64_t id = 0;
  std::variant<Result, RpcError> body;
};
struct Malformed {
  std::string why;   // "reply to request 7 while 9 is in flight", "not JSON: ...", "field 'spans' is missing"
  std::string text;  // the line's beginning, made printable
};
// Supervisor's side; strict: a missing or mistyped field is Malformed, an unknown one is ignored (newer minors add
// fields). `in_flight` is the index() of the request that waits for its answer, `id` its id.
std::variant<Reply, Notification, Malformed> decode_line(std::string_view line, std::size_t in_flight, std::int64_t id);

}  // namespace geomsu::protocol
