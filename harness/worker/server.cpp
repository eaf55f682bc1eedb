#include "harness/worker/server.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "harness/protocol/codec.hpp"
#include "harness/worker/line_queue.hpp"
#include "harness/worker/line_writer.hpp"

namespace geomsu::worker {
namespace {
using namespace protocol;

constexpr std::chrono::milliseconds kTelemetryPeriod{100};
constexpr int kBadData = 65;

// Reads every period, on a schedule that a slow reading does not shift; a reading that was missed is not caught up.
void send_telemetry(std::stop_token stop, Session& session, LineWriter& out) {
  std::mutex mutex;
  std::condition_variable_any never;
  auto next = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    if (!out.write(encode_notification(session.telemetry_note()))) return;
    const auto now = std::chrono::steady_clock::now();
    while (next <= now) next += kTelemetryPeriod;
    std::unique_lock lock(mutex);
    never.wait_until(lock, stop, next, [] { return false; });
  }
}

class Server {
 public:
  Server(LineQueue& in, LineWriter& out, Session& session) : in_(in), out_(out), session_(session) {}

  int run() {
    while (!session_.finished()) {
      auto line = session_.load_wants_chunk() ? in_.try_pop() : in_.pop();
      if (line) {
        if (!reply_to(*line)) return 0;
      } else if (in_.ended()) {
        return after_the_end();
      } else {
        session_.load_chunk();
      }
    }
    return 0;
  }

 private:
  bool reply_to(const std::string& line) {
    auto decoded = decode_request(line);
    if (const auto* bad = std::get_if<BadRequest>(&decoded)) return out_.write(encode_error(bad->id, bad->error));
    const auto& [id, request] = std::get<IncomingRequest>(decoded);
    const Result result = session_.handle(request);
    const bool block = std::holds_alternative<MeasureRequest>(request) || std::holds_alternative<StopRequest>(request);
    if (session_.scripted() && session_.devices_open() && block) {
      out_.write(encode_notification(session_.telemetry_note()));
    }
    const bool sent = out_.write(encode_result(id, result));
    if (session_.devices_open() && !session_.scripted() && !telemetry_.joinable()) {
      telemetry_ = std::jthread([this](std::stop_token stop) { send_telemetry(std::move(stop), session_, out_); });
    }
    return sent;
  }

  int after_the_end() {
    if (!in_.overflowed()) return 0;
    out_.write(
        encode_error(std::nullopt, {-32600, fmt::format("a line is over {} bytes: the worker ends", kMaxLineBytes)}));
    return kBadData;
  }

  LineQueue& in_;
  LineWriter& out_;
  Session& session_;
  std::jthread telemetry_;  // ends before the session does
};
}  // namespace

int serve(int input, int output, Session& session) {
  LineWriter out(output);
  LineQueue in(input);
  return Server(in, out, session).run();
}

}  // namespace geomsu::worker
