#include "harness/conform/wire.hpp"

#include <algorithm>
#include <utility>

#include "harness/base/text.hpp"
#include "harness/protocol/codec.hpp"

namespace geomsu::conform {
namespace {

constexpr std::int64_t kQuietNs = 20'000'000, kGoodbyeNs = 2'000'000'000;
constexpr std::size_t kKeptWords = 240;

std::string last_words(const std::string& text) {
  std::string trimmed = text;
  while (!trimmed.empty() && (trimmed.back() == '\n' || trimmed.back() == ' ')) trimmed.pop_back();
  const std::size_t begin = trimmed.find_last_of('\n');
  std::string line = begin == std::string::npos ? trimmed : trimmed.substr(begin + 1);
  if (line.size() > kKeptWords) line.resize(kKeptWords);
  return line.empty() ? std::string() : fmt::format("; on stderr: {}", escape_terminal(valid_utf8(line)));
}

std::optional<std::int64_t> sim_now(const protocol::Result& result) {
  return std::visit([](const auto& r) { return static_cast<const protocol::Answer&>(r).sim_now_ns; }, result);
}

}  // namespace

std::string status_words(protocol::Status status) { return std::string(protocol::to_string(status)); }

Wire::Wire(const std::vector<std::string>& command, std::int64_t patience_ns)
    : child_(command), patience_ns_(patience_ns) {}

Wire::~Wire() {
  if (ended_) return;
  const std::int64_t deadline = real_mono_ns() + std::min(patience_ns_, kGoodbyeNs);
  const std::string line = protocol::encode_request(next_id_++, protocol::ShutdownRequest{}) + "\n";
  if (child_.write(line, deadline)) child_.wait_exit(deadline);
}

std::string Wire::words(const protocol::Answer& answer) {
  return answer.ok() ? std::string("status ok") : fmt::format("status {}: {}", to_string(answer.status), answer.reason);
}

std::int64_t Wire::now_raw() const { return sim_now_ ? *sim_now_ : SystemClock().raw_ns(); }
std::int64_t Wire::now_mono() const { return sim_now_ ? *sim_now_ : SystemClock().mono_ns(); }

void Wire::send(std::string_view bytes) { child_.write(bytes, real_mono_ns() + patience_ns_); }

void Wire::died(std::string_view waited_for) {
  const std::string how = child_.end_words();
  ended_ = how != "still running";
  throw Unmet{fmt::format("an answer to {}", waited_for),
              ended_ ? fmt::format("the process {}{}", how.starts_with("killed") ? "was " + how : how,
                                   last_words(child_.take_stderr()))
                     : std::string("stdout was closed")};
}

std::optional<std::string> Wire::next_line(std::int64_t deadline) {
  for (;;) {
    if (auto line = lines_.pop()) return line;
    if (lines_.overflowed()) {
      throw Unmet{fmt::format("lines of at most {} bytes", protocol::kMaxLineBytes), "a longer one"};
    }
    std::string bytes;
    switch (child_.read(bytes, deadline)) {
      case Child::Ready::kData:
        lines_.push(bytes);
        break;
      case Child::Ready::kTimeout:
        return std::nullopt;
      case Child::Ready::kClosed:
        if (!lines_.partial().empty()) {
          throw Unmet{"whole lines, each ended by a newline",
                      fmt::format("the process {} amid the line '{}'", child_.end_words(),
                                  escape_terminal(valid_utf8(lines_.partial().substr(0, kKeptWords))))};
        }
        closed_ = true;
        return std::nullopt;
    }
  }
}

Wire::Heard Wire::read_reply(std::int64_t id, std::size_t index, std::string_view name, std::int64_t deadline) {
  for (;;) {
    const auto line = next_line(deadline);
    if (closed_) died(name);
    if (!line) {
      throw Unmet{fmt::format("an answer to {}", name),
                  fmt::format("none within {:.1f} s", static_cast<double>(patience_ns_) * 1e-9)};
    }
    received_raw_ = SystemClock().raw_ns();
    auto decoded = protocol::decode_line(*line, index, id);
    if (const auto* bad = std::get_if<protocol::Malformed>(&decoded)) {
      throw Unmet{fmt::format("an answer to {} as it is written, and nothing else on stdout", name),
                  fmt::format("a line that is none ({}): {}", bad->why, bad->text)};
    }
    if (const auto* note = std::get_if<protocol::Notification>(&decoded)) {
      const auto* telemetry = std::get_if<protocol::TelemetryNote>(note);
      if (telemetry != nullptr && telemetry->sim_now_ns) sim_now_ = telemetry->sim_now_ns;
      continue;
    }
    auto& reply = std::get<protocol::Reply>(decoded);
    if (auto* error = std::get_if<protocol::RpcError>(&reply.body)) return std::move(*error);
    auto result = std::move(std::get<protocol::Result>(reply.body));
    if (const auto now = sim_now(result)) {
      sim_now_ = now;
      received_raw_ = *now;
    }
    return result;
  }
}

Wire::Heard Wire::hear_line(std::string_view line, std::int64_t id, std::size_t index, std::int64_t extra_ns) {
  const std::int64_t deadline = real_mono_ns() + patience_ns_ + extra_ns;
  const std::string name =
      fmt::format("the line '{}'", line.size() > 80 ? std::string(line.substr(0, 80)) + "..." : std::string(line));
  sent_raw_ = now_raw();
  if (!child_.write(std::string(line) + "\n", deadline)) died(name);
  return read_reply(id, index, name, deadline);
}

Wire::Heard Wire::hear(const protocol::Request& request, std::int64_t extra_ns) {
  const std::int64_t deadline = real_mono_ns() + patience_ns_ + extra_ns;
  const std::int64_t id = next_id_++;
  const std::string name = fmt::format("'{}'", protocol::method(request));
  const std::string line = protocol::encode_request(id, request) + "\n";
  sent_raw_ = now_raw();
  if (!child_.write(line, deadline)) died(name);
  return read_reply(id, request.index(), name, deadline);
}

protocol::Result Wire::result_of(const protocol::Request& request, Heard heard) {
  if (const auto* error = std::get_if<protocol::RpcError>(&heard)) {
    throw Unmet{fmt::format("a result of '{}'", protocol::method(request)),
                fmt::format("JSON-RPC error {}: {}", error->code, error->message)};
  }
  return std::move(std::get<protocol::Result>(heard));
}

std::string Wire::refused(const protocol::Request& request, std::string_view because) {
  auto heard = hear(request);
  if (const auto* error = std::get_if<protocol::RpcError>(&heard))
    return fmt::format("JSON-RPC error {}: {}", error->code, error->message);
  const protocol::Answer answer =
      std::visit([](const auto& r) -> protocol::Answer { return r; }, std::get<protocol::Result>(heard));
  if (answer.ok()) throw Unmet{fmt::format("'{}' refused: {}", protocol::method(request), because), "status ok"};
  return words(answer);
}

void Wire::expect_quiet() {
  const std::int64_t deadline = real_mono_ns() + kQuietNs;
  while (const auto line = next_line(deadline)) {
    const auto decoded = protocol::decode_line(*line, static_cast<std::size_t>(-1), 0);
    if (const auto* bad = std::get_if<protocol::Malformed>(&decoded))
      throw Unmet{"one answer to a request, and nothing else on stdout", fmt::format("{}: {}", bad->why, bad->text)};
  }
}

protocol::LogNote Wire::last_note() {
  const std::int64_t deadline = real_mono_ns() + patience_ns_;
  const auto line = next_line(deadline);
  if (closed_) died("the rule");
  ended_ = true;  // nothing is asked of it any more
  if (!line) {
    throw Unmet{"an end of the rule", fmt::format("none within {:.1f} s", static_cast<double>(patience_ns_) * 1e-9)};
  }
  const auto decoded = protocol::decode_line(*line, static_cast<std::size_t>(-1), 0);
  const auto* note = std::get_if<protocol::Notification>(&decoded);
  if (note == nullptr || !std::holds_alternative<protocol::LogNote>(*note))
    throw Unmet{"a worker that tells what came of the rule", *line};
  return std::get<protocol::LogNote>(*note);
}

std::string Wire::end(bool close) {
  if (close) child_.close_input();
  const std::int64_t deadline = real_mono_ns() + patience_ns_;
  // What still comes is read, so that nobody waits for room in a pipe.
  while (next_line(deadline)) {
  }
  if (!child_.wait_exit(deadline)) {
    throw Unmet{"the end of the process",
                fmt::format("it still runs after {:.1f} s", static_cast<double>(patience_ns_) * 1e-9)};
  }
  ended_ = true;
  return child_.end_words();
}

}  // namespace geomsu::conform
