#include "harness/base/clock.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>

#include <fmt/format.h>

namespace geomsu {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kSpinNs = 200'000;

std::int64_t read_clock(clockid_t id) {
  timespec ts{};
  clock_gettime(id, &ts);
  return static_cast<std::int64_t>(ts.tv_sec) * kNsPerSecond + ts.tv_nsec;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

std::int64_t SystemClock::raw_ns() { return read_clock(CLOCK_MONOTONIC_RAW); }
std::int64_t SystemClock::mono_ns() { return read_clock(CLOCK_MONOTONIC); }
std::int64_t SystemClock::utc_ns() { return read_clock(CLOCK_REALTIME); }

void SystemClock::sleep_until_mono(std::int64_t mono_ns) {
  const std::int64_t wake = mono_ns - kSpinNs;
  if (wake > read_clock(CLOCK_MONOTONIC)) {
    timespec ts{};
    ts.tv_sec = static_cast<time_t>(wake / kNsPerSecond);
    ts.tv_nsec = static_cast<long>(wake % kNsPerSecond);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, nullptr) == EINTR) {
    }
  }
  while (read_clock(CLOCK_MONOTONIC) < mono_ns) {
  }
}

FakeClock::FakeClock(std::int64_t start_ns, std::int64_t utc_offset_ns)
    : now_ns_(start_ns), utc_offset_ns_(utc_offset_ns) {}

std::int64_t FakeClock::raw_ns() {
  const std::lock_guard lock(mutex_);
  return now_ns_;
}

std::int64_t FakeClock::mono_ns() { return raw_ns(); }

std::int64_t FakeClock::utc_ns() {
  const std::lock_guard lock(mutex_);
  return now_ns_ + utc_offset_ns_;
}

void FakeClock::sleep_until_mono(std::int64_t mono_ns) { advance_to(mono_ns); }

void FakeClock::advance(std::int64_t ns) {
  const std::lock_guard lock(mutex_);
  now_ns_ += std::max<std::int64_t>(ns, 0);
}

void FakeClock::advance_to(std::int64_t ns) {
  const std::lock_guard lock(mutex_);
  now_ns_ = std::max(now_ns_, ns);
}

// Days to a date of the proleptic Gregorian calendar, counted from 0000-03-01 so that the leap day ends a year.
std::string utc_text(std::int64_t utc_ns) {
  const std::int64_t seconds = floor_div(utc_ns, kNsPerSecond);
  const std::int64_t millis = (utc_ns - seconds * kNsPerSecond) / 1'000'000;
  const std::int64_t day = floor_div(seconds, kSecondsPerDay);
  const std::int64_t second_of_day = seconds - day * kSecondsPerDay;

  const std::int64_t shifted = day + 719'468;
  const std::int64_t era = floor_div(shifted, 146'097);
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::int64_t day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const std::int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", year, month, day_of_month, second_of_day / 3600,
                     second_of_day / 60 % 60, second_of_day % 60, millis);
}

}  // namespace geomsu
