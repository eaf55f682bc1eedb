// The host's clocks. Everything that waits or times takes a Clock&, so that tests run on FakeClock, instantly and
// exactly.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

namespace geomsu {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t raw_ns() = 0;   // CLOCK_MONOTONIC_RAW: what durations are taken with
  virtual std::int64_t mono_ns() = 0;  // CLOCK_MONOTONIC: what can be slept on and shared between processes
  virtual std::int64_t utc_ns() = 0;   // CLOCK_REALTIME since 1970: for people, never for durations
  virtual void sleep_until_mono(std::int64_t mono_ns) = 0;
};

// The machine's own clocks. sleep_until_mono sleeps to 200 us before and spins the rest.
class SystemClock final : public Clock {
 public:
  std::int64_t raw_ns() override;
  std::int64_t mono_ns() override;
  std::int64_t utc_ns() override;
  void sleep_until_mono(std::int64_t mono_ns) override;
};

// Time that moves only when told; sleeping moves it. Thread-safe. `advance_to` never goes back.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(std::int64_t start_ns = 1'000'000'000, std::int64_t utc_offset_ns = 1'772'000'000'000'000'000);
  std::int64_t raw_ns() override;
  std::int64_t mono_ns() override;
  std::int64_t utc_ns() override;
  void sleep_until_mono(std::int64_t mono_ns) override;
  void advance(std::int64_t ns);
  void advance_to(std::int64_t ns);

 private:
  std::mutex mutex_;
  std::int64_t now_ns_, utc_offset_ns_;
};

std::string utc_text(std::int64_t utc_ns);  // "2026-11-22T00:35:57.123Z", independent of locale and TZ

}  // namespace geomsu
