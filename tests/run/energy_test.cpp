// Energy per unit of work, from the script of a device to the page: the figure is held against what the script took.
#include <numeric>

#include <gtest/gtest.h>

#include "reports/exporters/exporters.hpp"
#include "reports/exporters/figures.hpp"
#include "tests/run/expectations.hpp"

namespace geomsu::test {
namespace {

constexpr double kBusyW = 300;

// What the script's device took in the judged blocks: its power times their length by its own clock.
double truth(const Trial& trial) {
  return kBusyW *
         static_cast<double>(std::accumulate(trial.device_ns.begin(), trial.device_ns.end(), std::int64_t{0})) * 1e-9;
}

// The device under test is the second; the first tells power and energy as ever.
const Trial& gemm_of(const RunResult& run) {
  expect_the_rest_went_on(run);
  expect_pass(run, "gemm", kFaulty);
  expect_pass(run, "triad", kFaulty);
  return run.trial("gemm", kFaulty);
}

std::string why(const Trial& trial) { return trial.energy ? trial.energy->why : "no energy at all"; }

TEST(EnergyOfARun, IsTheCountersOverTheBlocks) {
  const RunResult run = with_faults("", "meter: counter, telemetry: {power_w: 300, idle_power_w: 100}").run();
  for (const char* clause : {"gemm", "triad"}) {
    const Trial& trial = run.trial(clause, kFaulty);
    ASSERT_TRUE(trial.energy && trial.energy->joules) << why(trial);
    EXPECT_EQ(trial.energy->source, "counter");
    EXPECT_LE(trial.energy->least, truth(trial));
    EXPECT_GE(trial.energy->most, truth(trial));
    // The wait for the agreed start, 30 ms at a third of the power, is shared out evenly with the first block.
    EXPECT_NEAR(*trial.energy->joules, truth(trial), 0.03 * truth(trial)) << clause;
    EXPECT_GE(trial.energy->readings, trial.block_ns.size() + 1);
    EXPECT_FALSE(has_finding(trial, "energy_counter"));
  }
  gemm_of(run);
}

TEST(EnergyOfARun, StandsInThePageAndInTheJson) {
  const RunResult run = with_faults("", "meter: power").run();
  const Report report = make_report(run.evidence, run.verdict);
  const std::string page = report_html(report), json = report_json(report);
  for (const auto& [clause, unit] : {std::pair{"gemm", " J/TFLOP ["}, {"triad", " J/GB ["}}) {
    const Trial& trial = run.trial(clause, kFaulty);
    const std::string figure = energy_figure(trial);
    EXPECT_NE(figure.find(unit), std::string::npos) << figure;
    EXPECT_NE(page.find(figure), std::string::npos) << figure;
    // 300 W over the speed that the script gives, 5 MFLOP/s or 1 GB/s: 6e7 J/TFLOP, 0.3 J/GB.
    const auto energy = energy_per_work(trial);
    ASSERT_TRUE(energy);
    const double wanted = std::string_view(clause) == "gemm" ? kBusyW / 5e6 * 1e12 : kBusyW / 1e9 * 1e9;
    EXPECT_NEAR(energy->value, wanted, 0.01 * wanted);
  }
  EXPECT_NE(page.find("integrated power samples"), std::string::npos);
  EXPECT_NE(json.find("\"source\": \"power\""), std::string::npos);
  EXPECT_NE(json.find("\"per_work_unit\": \"J/GB\""), std::string::npos);
}

TEST(EnergyOfARun, IsIntegratedWhereThereIsOnlyPower) {
  const RunResult run = with_faults("", "meter: power").run();
  const Trial& trial = gemm_of(run);
  ASSERT_TRUE(trial.energy && trial.energy->joules) << why(trial);
  EXPECT_EQ(trial.energy->source, "power");
  EXPECT_NEAR(*trial.energy->joules, truth(trial), 0.001 * truth(trial));
}

TEST(EnergyOfARun, IsNoGuessWhereTheCounterBeganAnew) {
  const RunResult run = with_faults("", "meter: counter, telemetry: {power_w: 300, energy_wraps_j: 50}").run();
  const Trial& trial = gemm_of(run);
  ASSERT_GT(truth(trial), 50) << "or it need not have wrapped";
  ASSERT_TRUE(trial.energy);
  EXPECT_FALSE(trial.energy->joules);
  EXPECT_NE(why(trial).find("began anew"), std::string::npos) << why(trial);
  EXPECT_TRUE(has_finding(trial, "energy_counter"));
  EXPECT_FALSE(has_finding(run.trial("gemm", kHealthy), "energy_counter"));
}

TEST(EnergyOfARun, FallsBackToPowerWhereTheCounterBeganAnew) {
  const RunResult run = with_faults("", "telemetry: {power_w: 300, energy_wraps_j: 50}").run();
  const Trial& trial = gemm_of(run);
  ASSERT_TRUE(trial.energy && trial.energy->joules) << why(trial);
  EXPECT_EQ(trial.energy->source, "power");
  EXPECT_NEAR(*trial.energy->joules, truth(trial), 0.001 * truth(trial));
  EXPECT_TRUE(has_finding(trial, "energy_counter"));
}

TEST(EnergyOfARun, IsAbsentWhereTheDeviceTellsNeither) {
  const RunResult run = with_faults("", "telemetry: {temperature_c: 55}").run();
  EXPECT_FALSE(gemm_of(run).energy);
  EXPECT_TRUE(run.trial("gemm", kHealthy).energy);
}

TEST(EnergyOfARun, IsThatOfTheJudgedBlocksAlone) {
  // Throttling doubles the time of every block: the energy doubles with it, and the verdict is of the times alone.
  const RunResult run = with_faults("{kind: throttles, op: gemm, factor: 0.5, after_s: 1}").run();
  const Trial &slow = run.trial("gemm", kFaulty), &fast = run.trial("gemm", kHealthy);
  ASSERT_TRUE(slow.energy && slow.energy->joules && fast.energy && fast.energy->joules);
  const auto per_work = [](const Trial& trial) {
    return *trial.energy->joules /
           (static_cast<double>(trial.work_per_repeat * trial.repeats) * static_cast<double>(trial.block_ns.size()));
  };
  EXPECT_NEAR(per_work(slow) / per_work(fast), 2, 0.05);
}

}  // namespace
}  // namespace geomsu::test
