// The server's loop over pipes, with a device that takes real time: load, telemetry, the end of the input.
#include "harness/worker/server.hpp"

#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include "harness/base/clock.hpp"
#include "harness/protocol/codec.hpp"
#include "harness/protocol/framing.hpp"
#include "tests/unit/worker/rig.hpp"

namespace geomsu::worker::test {
namespace {
using namespace protocol;

// A server in a thread of its own, on a fake in real time: 1 us a repeat of kGemm32.
class Served {
 public:
  explicit Served(const std::string& faults = {}) {
    const auto script = directory_.write(
        "script.yaml", "devices:\n  - {jitter: 0, speed: {gemm: 122.88 GFLOP/s}, faults: [" + faults + "]}\n");
    session_ =
        std::make_unique<Session>(load_plugin(fake_plugin()), Params{{"script", script.string()}, {"time", "real"}});
    EXPECT_EQ(pipe2(down_.data(), O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(up_.data(), O_CLOEXEC), 0);
    thread_ = std::thread([this] {
      status_ = serve(down_[0], up_[1], *session_);
      close(up_[1]);
    });
  }
  ~Served() {
    end_input();
    thread_.join();
    close(down_[0]);
    close(up_[0]);
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  void end_input() {
    if (down_[1] >= 0) close(down_[1]);
    down_[1] = -1;
  }
  int ended() {
    while (line()) {
    }
    return status_;
  }
  std::optional<std::string> line() {
    while (true) {
      if (auto found = lines_.pop()) return found;
      pollfd waiting = {up_[0], POLLIN, 0};
      if (poll(&waiting, 1, 60'000) <= 0) return std::nullopt;
      std::array<char, 65536> bytes{};
      const ssize_t got = read(up_[0], bytes.data(), bytes.size());
      if (got <= 0) return std::nullopt;
      lines_.push({bytes.data(), static_cast<std::size_t>(got)});
    }
  }
  template <class R>
  R ask(const Request& request) {
    const std::string text = encode_request(++id_, request) + "\n";
    EXPECT_EQ(write(down_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    while (auto got = line()) {
      const auto decoded = decode_line(*got, request.index(), id_);
      if (const auto* note = std::get_if<Notification>(&decoded)) {
        notes_.push_back(std::get<TelemetryNote>(*note));
      } else if (const auto* reply = std::get_if<Reply>(&decoded)) {
        return std::get<R>(std::get<Result>(reply->body));
      } else {
        ADD_FAILURE() << std::get<Malformed>(decoded).why;
      }
    }
    ADD_FAILURE() << method(request) << " was not answered";
    return {};
  }
  std::uint64_t get_ready() {
    EXPECT_TRUE(ask<HelloResult>(HelloRequest{}).ok());
    EXPECT_TRUE(ask<OpenResult>(OpenRequest{{0}}).ok());
    const auto prepared = ask<PrepareResult>(PrepareRequest{"gemm", kGemm32, 1});
    EXPECT_TRUE(prepared.ok()) << prepared.reason;
    EXPECT_TRUE(ask<ReseedResult>(ReseedRequest{prepared.workload, 1}).ok());
    return prepared.workload;
  }
  const std::vector<TelemetryNote>& notes() const { return notes_; }

 private:
  TempDir directory_;
  std::unique_ptr<Session> session_;
  std::array<int, 2> down_{}, up_{};
  std::thread thread_;
  std::atomic<int> status_ = -1;
  LineBuffer lines_{kMaxLineBytes};
  std::int64_t id_ = 0;
  std::vector<TelemetryNote> notes_;
};

TEST(Server, ALoadRunsUntilItsStopAndNothingElseIsServedMeanwhile) {
  Served served;
  const auto workload = served.get_ready();
  EXPECT_TRUE(served.ask<LoadResult>(LoadRequest{workload, 10}).ok());
  const auto refused = served.ask<MeasureResult>(MeasureRequest{workload, 1, std::nullopt, 1'000'000'000, 0});
  EXPECT_EQ(refused.status, Status::kError);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto stop = served.ask<StopResult>(StopRequest{});
  EXPECT_TRUE(stop.ok());
  EXPECT_GT(stop.repeats, 10u) << "many chunks ran";
  EXPECT_EQ(stop.repeats % 10, 0u);
  EXPECT_TRUE(served.ask<MeasureResult>(MeasureRequest{workload, 1, std::nullopt, 1'000'000'000, 0}).ok());
}

TEST(Server, TelemetryComesOfItselfWhileABlockRuns) {
  Served served;
  const auto workload = served.get_ready();
  const auto before = served.notes().size();
  EXPECT_TRUE(
      served.ask<MeasureResult>(MeasureRequest{workload, 1'000'000, std::nullopt, 60'000'000'000, 0}).ok());  // 1 s
  EXPECT_GE(served.notes().size(), before + 3);
  for (const TelemetryNote& note : served.notes()) {
    ASSERT_EQ(note.readings.size(), 1u);
    EXPECT_EQ(note.readings[0].power_w, 300);
    EXPECT_GT(note.readings[0].utc_ns, 1'700'000'000'000'000'000);
    EXPECT_EQ(note.sim_now_ns, std::nullopt);
  }
}

TEST(Server, ARealBlockTakesItsTimeOnEveryClock) {
  Served served;
  const auto workload = served.get_ready();
  SystemClock clock;
  const auto begun = clock.raw_ns();
  const auto block = served.ask<MeasureResult>(MeasureRequest{workload, 50'000, std::nullopt, 60'000'000'000, 0});
  const auto wall = clock.raw_ns() - begun;
  ASSERT_EQ(block.spans.size(), 1u);
  const auto span = static_cast<std::int64_t>(block.spans[0].last - block.spans[0].first);
  EXPECT_GE(span, 49'000'000);
  EXPECT_LE(span, block.worker_raw_ns);
  EXPECT_LE(block.worker_raw_ns, wall);
}

TEST(Server, AnAgreedStartIsNeverEarly) {
  Served served;
  const auto workload = served.get_ready();
  SystemClock clock;
  for (int i = 0; i < 5; ++i) {
    const std::int64_t start = clock.mono_ns() + 20'000'000;
    const auto block = served.ask<MeasureResult>(MeasureRequest{workload, 10, start, 60'000'000'000, 0});
    EXPECT_GE(block.started_mono_ns, start);
  }
}

TEST(Server, AClockPairHoldsTheDevicesReadingWithinTheHosts) {
  Served served;
  served.get_ready();
  const auto pair = served.ask<ClockResult>(ClockRequest{}).pair;
  EXPECT_LE(pair.host_before_ns, static_cast<std::int64_t>(pair.ticks));  // this device counts host nanoseconds
  EXPECT_LE(static_cast<std::int64_t>(pair.ticks), pair.host_after_ns);
}

TEST(Server, TheEndOfTheInputEndsALoad) {
  Served served;
  const auto workload = served.get_ready();
  EXPECT_TRUE(served.ask<LoadResult>(LoadRequest{workload, 10}).ok());
  served.end_input();
  EXPECT_EQ(served.ended(), 0);
}

TEST(Server, ALoadWhoseDeviceIsLostWaitsForItsStop) {
  Served served("{kind: device_lost, from_sample: 3}");
  const auto workload = served.get_ready();
  EXPECT_TRUE(served.ask<LoadResult>(LoadRequest{workload, 10}).ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(served.ask<StopResult>(StopRequest{}).status, Status::kDeviceLost);
}

TEST(Server, ShutdownIsAnsweredAndEndsTheLoop) {
  Served served;
  served.get_ready();
  EXPECT_TRUE(served.ask<ShutdownResult>(ShutdownRequest{}).ok());
  EXPECT_EQ(served.ended(), 0);
}

}  // namespace
}  // namespace geomsu::worker::test
