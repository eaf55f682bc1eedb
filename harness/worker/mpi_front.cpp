#include "harness/worker/mpi_front.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/base/clock.hpp"
#include "harness/protocol/codec.hpp"
#include "harness/worker/mpi_rank.hpp"

namespace geomsu::worker {
namespace {
using namespace protocol;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kNoRequest = static_cast<std::size_t>(-1);
constexpr std::chrono::milliseconds kBeat{100};
constexpr std::chrono::seconds kQuiet{2};              // without a sign of life a process counts as stalled
constexpr std::chrono::seconds kGraceAfterEnd{5};      // a request is finished, but not for ever, after the input ended
constexpr std::int64_t kAfterBlockNs = 5'000'000'000;  // beyond a block's own timeout
constexpr int kBadData = 65;

// Signs of life of all processes, and one telemetry note of their readings ten times a second.
class Beats {
 public:
  Beats(Link& link, LineWriter& out)
      : link_(link), out_(out), heard_(link.size(), SteadyClock::now()), last_(link.size()) {
    thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
  }

  void send_notes() {
    const std::lock_guard lock(mutex_);
    notes_ = true;
  }
  std::chrono::duration<double> quiet(std::uint32_t process) {
    const std::lock_guard lock(mutex_);
    return SteadyClock::now() - heard_[process];
  }

 private:
  void run(std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    auto next = SteadyClock::now();
    while (!stop.stop_requested()) {
      while (auto beat = link_.try_receive(Tag::kBeat)) take(*beat);
      if (const auto note = merged()) out_.write(encode_notification(*note));
      const auto now = SteadyClock::now();
      while (next <= now) next += kBeat;
      std::unique_lock lock(mutex);
      never.wait_until(lock, stop, next, [] { return false; });
    }
  }

  void take(const Link::Received& beat) {
    const auto message = decode_line(beat.bytes, kNoRequest, 0);
    const auto* notification = std::get_if<Notification>(&message);
    const std::lock_guard lock(mutex_);
    heard_[beat.from] = SteadyClock::now();
    if (notification != nullptr) last_[beat.from] = std::get<TelemetryNote>(*notification).readings;
  }

  // Another host's CLOCK_MONOTONIC means nothing here: its readings get the time at which they came.
  std::optional<TelemetryNote> merged() {
    const std::lock_guard lock(mutex_);
    if (!notes_) return std::nullopt;
    TelemetryNote note;
    for (std::uint32_t p = 0; p < last_.size(); ++p) {
      if (last_[p].empty()) return std::nullopt;  // not all have read yet
      for (Telemetry reading : last_[p]) {
        if (SteadyClock::now() - heard_[p] > kQuiet) {
          reading = Telemetry{};  // nothing is known of it now
          reading.utc_ns = clock_.utc_ns();
        }
        if (reading.mono_ns == 0 || link_.processes()[p].host != link_.processes()[0].host)
          reading.mono_ns = clock_.mono_ns();
        note.readings.push_back(reading);
      }
    }
    return note;
  }

  Link& link_;
  LineWriter& out_;
  SystemClock clock_;
  std::mutex mutex_;
  std::vector<SteadyClock::time_point> heard_;
  std::vector<std::vector<Telemetry>> last_;
  bool notes_ = false;
  std::jthread thread_;  // last: it uses the rest
};

class Front {
 public:
  Front(Link& link, LineQueue& in, LineWriter& out, std::int64_t patience_ns)
      : link_(link), in_(in), out_(out), patience_ns_(patience_ns), beats_(link, out) {}

  FrontEnd run() {
    while (!finished_) {
      auto line = load_ ? in_.try_pop() : in_.pop();
      if (line) {
        if (!serve(*line)) break;
      } else if (in_.ended()) {
        if (!in_.overflowed()) return ended(0);
        out_.write(encode_error(std::nullopt,
                                {-32600, fmt::format("a line is over {} bytes: the worker ends", kMaxLineBytes)}));
        return ended(kBadData);
      } else {
        load_chunk();
      }
    }
    return ended(0);
  }

 private:
  using Answers = std::vector<ProcessAnswer>;

  FrontEnd ended(int status) {
    if (!silent_.empty()) return {status, false};
    if (!finished_) command(everyone(), [](std::uint32_t) { return std::string(); }, {.kind = CommandKind::kEnd});
    return {status, true};
  }

  std::vector<std::uint32_t> everyone() const {
    std::vector<std::uint32_t> all(link_.size());
    for (std::uint32_t p = 0; p < all.size(); ++p) all[p] = p;
    return all;
  }

  void command(const std::vector<std::uint32_t>& whom, const std::function<std::string(std::uint32_t)>& line_for,
               Head head) {
    head.serial = ++serial_;
    for (const std::uint32_t process : whom) {
      if (head.kind == CommandKind::kRequest && !shares_.count.empty()) {
        head.first_rank = shares_.first_rank[process];
        head.ranks = shares_.ranks;
      }
      link_.send(process, Tag::kCommand, packed(head, line_for(process)));
    }
  }

  // Hands each answer of the last command to `take` until all of `whom` have answered; else silent_ says who has not.
  bool collect(std::vector<std::uint32_t> whom, const std::string& what, std::int64_t within_ns,
               const std::function<void(std::uint32_t, const Head&, std::string_view)>& take) {
    const auto begun = SteadyClock::now();
    const auto deadline = begun + std::chrono::nanoseconds(within_ns);
    std::optional<SteadyClock::time_point> input_ended;
    for (std::uint64_t turn = 0; !whom.empty(); ++turn) {
      if (const auto received = link_.try_receive(Tag::kAnswer)) {
        std::string_view line;
        const Head head = unpacked(received->bytes, line);
        if (head.serial != serial_) continue;  // too late
        std::erase(whom, received->from);
        take(received->from, head, line);
        continue;
      }
      const auto now = SteadyClock::now();
      if (!input_ended && in_.ended()) input_ended = now;
      if (now >= deadline || (input_ended && now - *input_ended > kGraceAfterEnd)) {
        silent_ = silence(whom, what, std::chrono::duration<double>(now - begun).count());
        return false;
      }
      // A collective ends at about the same time everywhere: until our own process has answered nobody is looked for.
      if (std::find(whom.begin(), whom.end(), 0u) != whom.end()) {
        link_.wait_for_own(std::chrono::milliseconds(5));
        turn = 0;
      } else {
        std::this_thread::sleep_for(turn < 1000 ? std::chrono::microseconds(50) : std::chrono::microseconds(500));
      }
    }
    return true;
  }

  // Where some show no sign of life at all, the others wait for them.
  std::string silence(const std::vector<std::uint32_t>& whom, const std::string& what, double seconds) {
    std::vector<std::uint32_t> stalled;
    for (const std::uint32_t process : whom) {
      if (beats_.quiet(process) > kQuiet) stalled.push_back(process);
    }
    std::string words;
    for (const std::uint32_t process : stalled.empty() ? whom : stalled) {
      words += fmt::format("{}{}", words.empty() ? "" : " and ", link_.processes()[process].name());
    }
    words += fmt::format(" gave no answer to '{}' within {:.1f} s", what, seconds);
    if (!stalled.empty()) {
      words += fmt::format(", and no sign of life for {:.1f} s: is the process stopped or the node gone?",
                           beats_.quiet(stalled.front()).count());
    }
    return words;
  }

  std::optional<Answers> ask(const Request& request, const std::vector<std::uint32_t>& whom,
                             const std::function<Request(std::uint32_t)>& request_for, std::int64_t within_ns) {
    Answers answers;
    command(whom, [&](std::uint32_t p) { return encode_request(1, request_for(p)); }, {.id = 1});
    const bool all = collect(whom, std::string(method(request)), within_ns,
                             [&](std::uint32_t from, const Head& head, std::string_view line) {
                               auto message = decode_line(line, request.index(), head.id);
                               auto& reply = std::get<Reply>(message);
                               answers.push_back({link_.processes()[from], std::get<Result>(std::move(reply.body))});
                               wants_chunk_ = head.wants_chunk != 0;
                             });
    if (!all) return std::nullopt;
    std::sort(answers.begin(), answers.end(), [](const auto& a, const auto& b) { return a.from.rank < b.from.rank; });
    return answers;
  }

  std::int64_t time_for(const Request& request) {
    const auto* block = std::get_if<MeasureRequest>(&request);
    if (block == nullptr) return patience_ns_;
    const std::int64_t until_start =
        block->start_at_mono_ns
            ? std::clamp<std::int64_t>(*block->start_at_mono_ns - clock_.mono_ns(), 0, kFarthestStartNs)
            : 0;
    const auto most = static_cast<std::uint64_t>(INT64_MAX / 2);
    return until_start + static_cast<std::int64_t>(std::min(block->timeout_ns, most)) +
           std::min(patience_ns_, kAfterBlockNs);
  }

  Result answer_to(const Request& request) {
    if (!silent_.empty()) return failed_result(request, Status::kTimeout, silent_);
    auto request_for = std::function<Request(std::uint32_t)>([&](std::uint32_t) { return request; });
    OpenParts parts;
    if (const auto* open = std::get_if<OpenRequest>(&request)) {
      const Request devices = DevicesRequest{};
      const auto found = ask(
          devices, everyone(), [&](std::uint32_t) { return devices; }, patience_ns_);
      if (!found) return failed_result(request, Status::kTimeout, silent_);
      const auto all = std::get<DevicesResult>(merge(devices, *found));
      if (!all.ok()) return failed_result(request, all.status, all.reason);
      std::vector<std::uint32_t> counts;
      for (const auto& one : *found)
        counts.push_back(static_cast<std::uint32_t>(std::get<DevicesResult>(one.result).devices.size()));
      auto split = split_open(*open, counts);
      if (const auto* wrong = std::get_if<std::string>(&split)) return failed_result(request, Status::kError, *wrong);
      parts = std::move(std::get<OpenParts>(split));
      if (!open_) shares_ = parts.shares;
      request_for = [&](std::uint32_t p) { return Request(parts.requests[p]); };
    } else if (const auto* block = std::get_if<MeasureRequest>(&request)) {
      // The start is by rank 0's clock, which then lets the others off at the barrier.
      request_for = [block](std::uint32_t p) {
        MeasureRequest one = *block;
        if (p != 0) one.start_at_mono_ns.reset();
        return Request(one);
      };
    }
    const auto one = which_process(request, shares_);
    const auto answers = ask(request, one ? std::vector{*one} : everyone(), request_for, time_for(request));
    if (!answers) return failed_result(request, Status::kTimeout, silent_);
    Result result = merge(request, *answers);
    if (const auto* opened = std::get_if<OpenResult>(&result); opened != nullptr && opened->ok()) open_ = true;
    if (std::holds_alternative<PrepareResult>(result)) take_back(std::get<PrepareResult>(result), *answers);
    return result;
  }

  // What some prepared and others could not is given back.
  void take_back(const PrepareResult& merged, const Answers& answers) {
    if (merged.ok()) return;
    std::vector<std::uint32_t> who;
    std::uint64_t workload = 0;
    for (const ProcessAnswer& answer : answers) {
      const auto& one = std::get<PrepareResult>(answer.result);
      if (!one.ok()) continue;
      who.push_back(answer.from.rank);
      workload = one.workload;
    }
    const Request release = ReleaseRequest{workload};
    if (!who.empty())
      ask(
          release, who, [&](std::uint32_t) { return release; }, patience_ns_);
  }

  bool serve(const std::string& line) {
    auto decoded = decode_request(line);
    if (const auto* bad = std::get_if<BadRequest>(&decoded)) return out_.write(encode_error(bad->id, bad->error));
    const auto& [id, request] = std::get<IncomingRequest>(decoded);
    const Result result = answer_to(request);
    const bool ok = std::visit([](const auto& r) { return r.ok(); }, result);
    if (std::holds_alternative<LoadRequest>(request) && ok) load_ = wants_chunk_;
    if (std::holds_alternative<StopRequest>(request)) load_ = false;
    const bool sent = out_.write(encode_result(id, result));
    if (std::holds_alternative<OpenRequest>(request) && ok) beats_.send_notes();
    finished_ = std::holds_alternative<ShutdownRequest>(request) && ok;
    return sent && !finished_;
  }

  // The same chunks in all: between two of them rank 0 alone decides whether there is another.
  void load_chunk() {
    bool goes_on = true;
    command(everyone(), [](std::uint32_t) { return std::string(); }, {.kind = CommandKind::kChunk});
    const bool all =
        collect(everyone(), "load", patience_ns_ + std::min(patience_ns_, kAfterBlockNs),
                [&](std::uint32_t, const Head& head, std::string_view) { goes_on = goes_on && head.wants_chunk != 0; });
    load_ = all && goes_on;
  }

  Link& link_;
  LineQueue& in_;
  LineWriter& out_;
  std::int64_t patience_ns_;
  SystemClock clock_;
  Shares shares_;
  std::uint64_t serial_ = 0;
  bool open_ = false, load_ = false, wants_chunk_ = false, finished_ = false;
  std::string silent_;  // who did not answer; nothing is asked of anybody after that
  Beats beats_;         // last: its thread ends first
};

}  // namespace

FrontEnd run_front(Link& link, LineQueue& in, LineWriter& out, std::int64_t patience_ns) {
  return Front(link, in, out, patience_ns).run();
}

}  // namespace geomsu::worker
