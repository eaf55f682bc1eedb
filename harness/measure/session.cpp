#include "harness/measure/session.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/protocol/codec.hpp"

namespace geomsu {
namespace {

constexpr std::size_t kNoRequest = static_cast<std::size_t>(-1);
constexpr std::int64_t kInterruptTickNs = 100'000'000;
constexpr std::int64_t kShutdownNs = 5'000'000'000;
constexpr std::uint64_t kMaxNotesBetweenReplies = 200'000;  // a flood: 10 Hz would need five hours

TrialStatus trial_status(protocol::Status status) {
  switch (status) {
    case protocol::Status::kOk:
      return TrialStatus::kOk;
    case protocol::Status::kUnsupported:
      return TrialStatus::kUnsupported;
    case protocol::Status::kOutOfMemory:
      return TrialStatus::kOutOfMemory;
    case protocol::Status::kDeviceLost:
      return TrialStatus::kDeviceLost;
    case protocol::Status::kTimeout:
      return TrialStatus::kTimeout;
    case protocol::Status::kError:
      return TrialStatus::kError;
  }
  return TrialStatus::kError;
}

}  // namespace

Session::Session(const std::vector<std::string>& command, std::int64_t watchdog_ns, Log& log,
                 const std::atomic<bool>* interrupted)
    : child_(std::make_unique<Child>(command)), watchdog_ns_(watchdog_ns), log_(log), interrupted_(interrupted) {}

Session::~Session() { shut_down(); }

void Session::shut_down() {
  if (!dead_) {
    const std::string line = protocol::encode_request(next_id_++, protocol::ShutdownRequest{}) + "\n";
    const std::int64_t deadline = real_mono_ns() + std::min(watchdog_ns_, kShutdownNs);
    if (child_->write(line, deadline)) child_->wait_exit(deadline);
    dead_ = Fault{TrialStatus::kError, Reason::kDeviceError, "the session has ended", true};
  }
  pump_stderr();
  child_->kill_group();
}

std::string Session::pump_stderr() {
  std::string text = child_->take_stderr(), last;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) {
      roll_.take(text.substr(0, end));
      std::string line = escape_terminal(valid_utf8(text.substr(0, end)));
      log_.info(fmt::format("worker {}: {}", child_->pid(), line));
      if (line.find_first_not_of("-= ") != std::string::npos) last = std::move(line);  // a ruled line says nothing
    }
    text.erase(0, end + 1);
  }
  return clip(last, 200);
}

Fault Session::die(TrialStatus status, std::string words) {
  if (!dead_) {
    const std::string last = pump_stderr();
    const std::string roll = !roll_.lost_words().empty() ? roll_.lost_words() : roll_.absent_words();
    if (!roll.empty()) words += "; " + escape_terminal(valid_utf8(roll));
    if (!last.empty() && roll.empty()) words += "; its last words: " + last;
    child_->kill_group();
    dead_ = Fault{status, Reason::kDeviceError, std::move(words), true};
    log_.warning(dead_->words);
  }
  return *dead_;
}

void Session::take_sim_time(std::optional<std::int64_t> now_ns) {
  if (scripted_ && now_ns) scripted_->advance_to(*now_ns);
}

std::optional<Fault> Session::take_line(const std::string& line, std::size_t in_flight,
                                        std::optional<std::variant<protocol::Result, Fault>>& reply) {
  auto message = protocol::decode_line(line, in_flight, next_id_ - 1);
  if (auto* bad = std::get_if<protocol::Malformed>(&message)) {
    return die(TrialStatus::kError, fmt::format("the worker broke the protocol: {}; it wrote: {}", bad->why,
                                                clip(escape_terminal(valid_utf8(bad->text)), 200)));
  }
  if (auto* note = std::get_if<protocol::Notification>(&message)) {
    if (++notes_ > kMaxNotesBetweenReplies)
      return die(TrialStatus::kError, "the worker floods the supervisor with notifications");
    if (auto* telemetry = std::get_if<protocol::TelemetryNote>(note)) {
      take_sim_time(telemetry->sim_now_ns);
      if (sink_) sink_(telemetry->readings);
    } else {
      const auto& text = std::get<protocol::LogNote>(*note);
      log_.write(static_cast<LogLevel>(std::clamp(text.level, 0, 3)), escape_terminal(text.text));
    }
    return std::nullopt;
  }
  notes_ = 0;
  auto& body = std::get<protocol::Reply>(message).body;
  if (auto* error = std::get_if<protocol::RpcError>(&body)) {
    return die(TrialStatus::kError, fmt::format("the worker refused a request as malformed ({}): {}", error->code,
                                                escape_terminal(error->message)));
  }
  auto& result = std::get<protocol::Result>(body);
  const auto& answer = std::visit([](const auto& r) -> const protocol::Answer& { return r; }, result);
  if (const auto* hello = std::get_if<protocol::HelloResult>(&result); hello && hello->scripted_time && !scripted_) {
    scripted_ = std::make_unique<FakeClock>(hello->sim_now_ns.value_or(0));
    clock_ = scripted_.get();
  }
  take_sim_time(answer.sim_now_ns);
  if (answer.ok()) {
    reply = std::move(result);
    return std::nullopt;
  }
  Fault fault{trial_status(answer.status),
              answer.status == protocol::Status::kUnsupported ? Reason::kUnsupported : Reason::kDeviceError,
              fmt::format("{}: {}", protocol::to_string(answer.status), escape_terminal(answer.reason)), false};
  // After these nobody knows what the device still does: the process goes.
  if (answer.status == protocol::Status::kTimeout || answer.status == protocol::Status::kDeviceLost) {
    fault = die(fault.status, fault.words);
  }
  reply = std::move(fault);
  return std::nullopt;
}

std::optional<std::variant<protocol::Result, Fault>> Session::await_reply(std::size_t in_flight,
                                                                          std::int64_t deadline) {
  std::optional<std::variant<protocol::Result, Fault>> reply;
  std::optional<std::int64_t> give_up;
  for (;;) {
    std::string bytes;
    const auto ready = child_->read(bytes, std::min(deadline, real_mono_ns() + kInterruptTickNs));
    received_raw_ns_ = clock_->raw_ns();
    lines_.push(bytes);
    while (auto line = lines_.pop()) {
      if (auto fault = take_line(*line, reply ? kNoRequest : in_flight, reply)) return *fault;
    }
    if (lines_.overflowed()) {
      return die(TrialStatus::kError,
                 fmt::format("the worker wrote a line of more than {} MiB", protocol::kMaxLineBytes >> 20));
    }
    if (reply) {
      if (scripted_) received_raw_ns_ = clock_->raw_ns();
      return reply;
    }
    if (ready == Child::Ready::kClosed) {
      return die(TrialStatus::kError, fmt::format("the worker ended without an answer: {}", child_->end_words()));
    }
    const std::int64_t now = real_mono_ns();
    if (ready == Child::Ready::kTimeout && now >= deadline) return std::nullopt;
    if (in_flight == kNoRequest || interrupted_ == nullptr || !interrupted_->load()) continue;
    if (!give_up) give_up = now + kInterruptGraceNs;
    if (now >= *give_up) return die(TrialStatus::kError, "interrupted while a request was in flight");
  }
}

std::variant<protocol::Result, Fault> Session::exchange(const protocol::Request& request, std::int64_t extra_ns) {
  if (dead_) return *dead_;
  const std::int64_t id = next_id_++;
  const std::string line = protocol::encode_request(id, request) + "\n";
  const std::int64_t deadline = real_mono_ns() + watchdog_ns_ + extra_ns;
  sent_mono_ns_ = clock_->mono_ns();
  sent_raw_ns_ = clock_->raw_ns();
  if (!child_->write(line, deadline)) {
    return die(TrialStatus::kError, fmt::format("the worker took no request: {}", child_->end_words()));
  }
  auto reply = await_reply(request.index(), deadline);
  pump_stderr();
  if (!reply) {
    return die(TrialStatus::kTimeout,
               fmt::format("no answer to '{}' within {:.1f} s: the worker was killed", protocol::method(request),
                           static_cast<double>(watchdog_ns_ + extra_ns) * 1e-9));
  }
  return std::move(*reply);
}

std::optional<Fault> Session::idle_until(std::int64_t mono_ns, const std::function<bool()>& wake) {
  while (!dead_ && clock_->mono_ns() < mono_ns && !(wake && wake())) {
    const std::int64_t left = std::min<std::int64_t>(mono_ns - clock_->mono_ns(), 20'000'000);
    if (auto fault = await_reply(kNoRequest, real_mono_ns() + left)) {
      if (std::holds_alternative<Fault>(*fault)) return std::get<Fault>(*fault);
    }
  }
  return dead_;
}

}  // namespace geomsu
