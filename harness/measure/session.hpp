// One worker over one device set, seen from the supervisor: requests with watchdogs, answers as values, faults as
// words.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "harness/base/clock.hpp"
#include "harness/base/log.hpp"
#include "harness/measure/child.hpp"
#include "harness/measure/rank_roll.hpp"
#include "harness/model/outcome.hpp"
#include "harness/model/trial.hpp"
#include "harness/protocol/framing.hpp"
#include "harness/protocol/messages.hpp"

namespace geomsu {

// Why a call gave no result. `dead`: the session is of no more use and its process is gone.
struct Fault {
  TrialStatus status = TrialStatus::kError;
  Reason reason = Reason::kDeviceError;
  std::string words;
  bool dead = false;
};

template <class R>
class Answered {
 public:
  Answered(R result) : value_(std::move(result)) {}
  Answered(Fault fault) : value_(std::move(fault)) {}
  explicit operator bool() const { return std::holds_alternative<R>(value_); }
  const R& operator*() const { return std::get<R>(value_); }
  const R* operator->() const { return &std::get<R>(value_); }
  const Fault& fault() const { return std::get<Fault>(value_); }

 private:
  std::variant<R, Fault> value_;
};

namespace detail {
template <class T, class Variant>
struct IndexOf;
template <class T, class... Rest>
struct IndexOf<T, std::variant<T, Rest...>> : std::integral_constant<std::size_t, 0> {};
template <class T, class First, class... Rest>
struct IndexOf<T, std::variant<First, Rest...>>
    : std::integral_constant<std::size_t, 1 + IndexOf<T, std::variant<Rest...>>::value> {};
}  // namespace detail
template <class Req>
using ResultOf = std::variant_alternative_t<detail::IndexOf<Req, protocol::Request>::value, protocol::Result>;

inline constexpr std::int64_t kInterruptGraceNs = 2'000'000'000;

class Session {
 public:
  using TelemetrySink = std::function<void(const std::vector<Telemetry>&)>;
  // watchdog_ns: how long any request but a measurement may take, in real time.
  // interrupted: once true, a request in flight has kInterruptGraceNs to end before the worker is killed; may be null.
  Session(const std::vector<std::string>& command, std::int64_t watchdog_ns, Log& log,
          const std::atomic<bool>* interrupted = nullptr);
  ~Session();  // asks for an orderly end, then kills

  // Sends and waits. A fault with `dead` false is an answer (unsupported, out of memory); after a dead one every call
  // returns the same fault. extra_ns is added to the watchdog.
  template <class Req>
  Answered<ResultOf<Req>> call(const Req& request, std::int64_t extra_ns = 0) {
    auto result = exchange(protocol::Request(request), extra_ns);
    if (auto* fault = std::get_if<Fault>(&result)) return *fault;
    return std::get<ResultOf<Req>>(std::move(std::get<protocol::Result>(result)));
  }
  // Takes in notifications until `mono_ns` of this session's clock, or until `wake` returns true (asked every 20 ms).
  std::optional<Fault> idle_until(std::int64_t mono_ns, const std::function<bool()>& wake);

  // Host clock of this session: the machine's, or scripted time where the worker is simulated.
  Clock& clock() { return *clock_; }
  bool scripted() const { return scripted_ != nullptr; }
  // When the last request left and its answer came, by clock().raw_ns().
  std::int64_t sent_raw_ns() const { return sent_raw_ns_; }
  std::int64_t received_raw_ns() const { return received_raw_ns_; }
  std::int64_t sent_mono_ns() const { return sent_mono_ns_; }
  void on_telemetry(TelemetrySink sink) { sink_ = std::move(sink); }
  bool dead() const { return dead_.has_value(); }
  const std::optional<Fault>& death() const { return dead_; }
  pid_t pid() const { return child_->pid(); }
  void shut_down();

 private:
  std::variant<protocol::Result, Fault> exchange(const protocol::Request& request, std::int64_t extra_ns);
  // Reads until a reply, the deadline or the end. nullopt: the deadline.
  std::optional<std::variant<protocol::Result, Fault>> await_reply(std::size_t in_flight,
                                                                   std::int64_t deadline_real_ns);
  std::optional<Fault> take_line(const std::string& line, std::size_t in_flight,
                                 std::optional<std::variant<protocol::Result, Fault>>& reply);
  Fault die(TrialStatus status, std::string words);
  void take_sim_time(std::optional<std::int64_t> now_ns);
  std::string pump_stderr();  // to the log; its last line comes back

  std::unique_ptr<Child> child_;
  protocol::LineBuffer lines_{protocol::kMaxLineBytes};
  SystemClock system_;
  std::unique_ptr<FakeClock> scripted_;
  Clock* clock_ = &system_;
  std::int64_t watchdog_ns_;
  std::int64_t next_id_ = 1;
  std::int64_t sent_raw_ns_ = 0, received_raw_ns_ = 0, sent_mono_ns_ = 0;
  std::optional<Fault> dead_;
  TelemetrySink sink_;
  Log& log_;
  const std::atomic<bool>* interrupted_;
  std::uint64_t notes_ = 0;
  RankRoll roll_;  // of a launched job; empty for a worker of one process
};

}  // namespace geomsu
