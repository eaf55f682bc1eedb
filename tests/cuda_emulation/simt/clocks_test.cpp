// The two kernels that read clocks, on a clock that the test winds.
#include <cstdint>

#include <gmock/gmock.h>

#include "kernels/cuda/clock_probe.cuh"
#include "kernels/cuda/spin.cuh"
#include "tests/cuda_emulation/simt/simt.hpp"

namespace geomsu::cuda {
namespace {

// A look costs 10 ns and 15 cycles (1.5 GHz); the timer shows whole steps.
struct ScriptedClock {
  static inline std::uint64_t true_ns = 0, step_ns = 1, looks = 0;
  static inline std::uint32_t* gate = nullptr;
  static inline std::uint64_t opens_after = 0;

  static void wind(std::uint64_t step, std::uint32_t* word = nullptr, std::uint64_t after = 0) {
    true_ns = 123'456'789;
    looks = 0;
    step_ns = step;
    gate = word;
    opens_after = after;
  }
  static std::uint64_t ns() {
    true_ns += 10;
    if (gate != nullptr && ++looks == opens_after) *gate = 1;
    return true_ns / step_ns * step_ns;
  }
  static std::uint64_t cycles() { return true_ns * 3 / 2; }
};
struct StandingClock {
  static std::uint64_t ns() { return 7; }
  static std::uint64_t cycles() { return 8; }
};
struct Probe {
  std::uint64_t first_cycle = 0, last_cycle = 0, first_ns = 0, last_ns = 0;
};

TEST(SimtHold, EndsWhenItsGateOpens) {
  std::uint32_t gate = 0;
  ScriptedClock::wind(1, &gate, 50);
  simt::Launcher{}(hold_kernel<ScriptedClock>, 1, 1, &gate, 1'000'000'000ULL);
  EXPECT_EQ(ScriptedClock::looks, 50U);
}

TEST(SimtHold, EndsByItselfWhereNobodyOpensItsGate) {
  std::uint32_t gate = 0;
  ScriptedClock::wind(1, &gate, 0);
  simt::Launcher{}(hold_kernel<ScriptedClock>, 1, 1, &gate, 5'000ULL);
  EXPECT_EQ(ScriptedClock::looks, 501U);
  EXPECT_EQ(gate, 0U);
}

TEST(SimtHold, LooksAtNoClockWhereItsGateIsOpen) {
  std::uint32_t gate = 1;
  ScriptedClock::wind(1, &gate, 0);
  simt::Launcher{}(hold_kernel<ScriptedClock>, 1, 1, &gate, 5'000ULL);
  EXPECT_EQ(ScriptedClock::looks, 1U);
}

// Between two looks at a timer of a microsecond's step up to a microsecond goes by unseen: read from step to step the
// rate is right all the same.
TEST(SimtProbe, FindsTheRateOnTimersOfAnyStep) {
  for (const std::uint64_t step : {1U, 32U, 1000U}) {
    ScriptedClock::wind(step);
    Probe probe;
    simt::Launcher{}(probe_kernel<ScriptedClock, Probe>, 1, 1, 50'000ULL, &probe);
    const std::uint64_t ns = probe.last_ns - probe.first_ns;
    EXPECT_GE(ns, 50'000U);
    EXPECT_LE(ns, 52'000U);
    EXPECT_NEAR(static_cast<double>(probe.last_cycle - probe.first_cycle) * 1e3 / static_cast<double>(ns), 1500, 1)
        << step;
  }
}

TEST(SimtProbe, EndsOnATimerThatStandsStillWithNoTimeGoneBy) {
  Probe probe{1, 1, 1, 1};
  simt::Launcher{}(probe_kernel<StandingClock, Probe>, 1, 1, 50'000ULL, &probe);
  EXPECT_EQ(probe.last_ns, probe.first_ns);
}

}  // namespace
}  // namespace geomsu::cuda
