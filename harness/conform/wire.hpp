// One process of a candidate and the lines to and from it. Everything that the candidate may break is told as Unmet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "harness/conform/rule.hpp"
#include "harness/measure/child.hpp"
#include "harness/measure/session.hpp"
#include "harness/protocol/framing.hpp"
#include "harness/protocol/messages.hpp"

namespace geomsu::conform {

class Wire {
 public:
  using Heard = std::variant<protocol::Result, protocol::RpcError>;

  // Error kUnavailable where the command cannot be started. patience_ns: how long an answer may take, in real time.
  Wire(const std::vector<std::string>& command, std::int64_t patience_ns);
  ~Wire();  // asks for an end, then kills
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // One request and its answer. Unmet where none comes, it is no message, or the process ends.
  Heard hear(const protocol::Request& request, std::int64_t extra_ns = 0);
  // A line of the caller's making; the answer must carry `id` and is read as one to the request of that index.
  Heard hear_line(std::string_view line, std::int64_t id, std::size_t index, std::int64_t extra_ns = 0);

  // The result, whatever its status; Unmet where a JSON-RPC error came.
  template <class Req>
  ResultOf<Req> ask(const Req& request, std::int64_t extra_ns = 0) {
    return std::get<ResultOf<Req>>(result_of(protocol::Request(request), hear(request, extra_ns)));
  }
  // The same, and its status must be ok.
  template <class Req>
  ResultOf<Req> ok(const Req& request, std::int64_t extra_ns = 0) {
    auto result = ask(request, extra_ns);
    if (!result.ok())
      throw Unmet{fmt::format("'{}' answered with status ok", protocol::method(request)), words(result)};
    return result;
  }
  // Must not be ok: a status with its reason, or a JSON-RPC error. Returns what was said.
  std::string refused(const protocol::Request& request, std::string_view because);

  // The process says one `log` line and ends: its level and text. Unmet where it does not.
  protocol::LogNote last_note();

  void expect_quiet();  // no second answer lies there
  // Closes stdin, or only waits where `close` is false; returns how the process ended. Unmet where it does not.
  std::string end(bool close);
  void send(std::string_view bytes);

  std::string take_stderr() { return child_.take_stderr(); }
  std::int64_t next_id() { return next_id_++; }
  bool scripted() const { return sim_now_.has_value(); }
  std::int64_t now_raw() const;   // the session's clock: scripted time as last told, else CLOCK_MONOTONIC_RAW
  std::int64_t now_mono() const;  // likewise; else CLOCK_MONOTONIC
  std::int64_t sent_raw() const { return sent_raw_; }
  std::int64_t received_raw() const { return received_raw_; }
  std::uint64_t patience() const { return static_cast<std::uint64_t>(patience_ns_); }  // a block's timeout
  std::int64_t extra() const { return patience_ns_; }  // what an answer to a block may take longer
  pid_t pid() const { return child_.pid(); }

  static std::string words(const protocol::Answer& answer);  // "status error: there is no workload 9"

 private:
  static protocol::Result result_of(const protocol::Request& request, Heard heard);
  Heard read_reply(std::int64_t id, std::size_t index, std::string_view name, std::int64_t deadline);
  std::optional<std::string> next_line(std::int64_t deadline);  // nullopt: the deadline, or closed_
  [[noreturn]] void died(std::string_view waited_for);

  Child child_;
  protocol::LineBuffer lines_{protocol::kMaxLineBytes};
  std::int64_t patience_ns_, next_id_ = 1, sent_raw_ = 0, received_raw_ = 0;
  std::optional<std::int64_t> sim_now_;
  bool ended_ = false, closed_ = false;
};

std::string status_words(protocol::Status status);

}  // namespace geomsu::conform
