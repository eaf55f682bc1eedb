// Workers that die, hang or speak nonsense in the middle of a run: their trial says so, the next trial runs, and no
// process is left behind.
#include <atomic>
#include <string>

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/run/expectations.hpp"
#include "tests/run/processes.hpp"

namespace geomsu::test {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// One device; gemm meets the fault and triad must not.
RunResult watched(FakeRun& fake, ProcessWatch& watch) {
  fake.contract = contract_text({gemm_clause(), triad_clause()}, {"A-1"});
  const auto before = fake.on_progress;
  fake.on_progress = [&watch, before](const Progress& progress) {
    watch.look(::getpid());
    if (before) before(progress);
  };
  RunResult run = fake.run();
  watch.look(::getpid());
  return run;
}

void expect_fault(const RunResult& run, const ProcessWatch& watch, TrialStatus status, const std::string& words) {
  EXPECT_TRUE(run.whole);
  ASSERT_EQ(run.trials().size(), 2U);
  expect_row(run, "gemm", "A-1", Outcome::kInvalid, Reason::kDeviceError);
  expect_pass(run, "triad", "A-1");
  const Trial& trial = run.trial("gemm", "A-1");
  EXPECT_EQ(to_string(trial.status), to_string(status));
  EXPECT_NE(trial.reason.find(words), std::string::npos) << trial.reason;
  EXPECT_EQ(run.verdict.overall, Outcome::kInvalid);
  EXPECT_EQ(run.verdict.clauses_overall, Outcome::kInvalid);
  EXPECT_GE(watch.seen(), 2U) << "the worker that died and the one after it";
  EXPECT_EQ(watch.survivors(), "");
  EXPECT_TRUE(descendants(::getpid()).empty());
}

// Faults of the plug-in's own code. A gemm is prepared twice, a triad once, and a new worker counts from nothing.
RunResult in_prepare(const std::string& kind, ProcessWatch& watch, std::int64_t watchdog_ns = 60 * kSecond) {
  FakeRun fake;
  fake.script = script_text({device_text("A-1", "{kind: " + kind + ", slot: workload_prepare, at_call: 1}")});
  fake.suite = suite_text(8, 100, 0);
  fake.adjust = [watchdog_ns](RunOptions& options) { options.watchdog_ns = watchdog_ns; };
  return watched(fake, watch);
}

TEST(AWorkerThatIsKilled, GivesARowWithTheSignalAndTheRunGoesOn) {
  FakeRun fake;
  fake.script = script_text({device_text("A-1")});
  std::atomic<bool> killed = false;
  fake.on_progress = [&killed](const Progress& progress) {
    if (progress.phase != Progress::Phase::kBlocks || progress.trial != "t001" || progress.block != 3) return;
    for (const pid_t pid : descendants(::getpid())) ::kill(pid, SIGKILL);
    killed = true;
  };
  ProcessWatch watch;
  const RunResult run = watched(fake, watch);
  EXPECT_TRUE(killed);
  expect_fault(run, watch, TrialStatus::kError, "killed by signal 9");
  EXPECT_TRUE(run.trial("gemm", "A-1").block_ns.empty());
}

TEST(AWorkerThatIsKilled, LeavesTheOtherUnitOfItsTrialUnharmed) {
  FakeRun fake;
  std::atomic<bool> killed = false;
  fake.on_progress = [&killed](const Progress& progress) {
    if (progress.phase != Progress::Phase::kBlocks || progress.trial != "t001" || killed.exchange(true)) return;
    const auto workers = descendants(::getpid());
    if (!workers.empty()) ::kill(workers.front(), SIGKILL);
  };
  const RunResult run = fake.run();
  ASSERT_EQ(run.trials().size(), 4U);
  int invalid = 0;
  for (const std::string& serial : {kHealthy, kFaulty}) {
    expect_pass(run, "triad", serial);
    invalid += run.row("gemm", serial).outcome == Outcome::kInvalid ? 1 : 0;
  }
  EXPECT_EQ(invalid, 1);
  EXPECT_EQ(run.clause("gemm").passed, 1U);
  EXPECT_EQ(run.clause("gemm").outcome, Outcome::kInvalid);
}

// A worker built with a sanitizer would catch the signal itself and exit with a status of the sanitizer's.
void let_signals_be() {
  for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS"}) {
    const char* given = ::getenv(name);
    ::setenv(name, (std::string(given == nullptr ? "" : given) + ":handle_segv=0:handle_abort=0").c_str(), 1);
  }
}

TEST(AWorkerThatCrashes, SaysSegmentationFault) {
  let_signals_be();
  ProcessWatch watch;
  const RunResult run = in_prepare("segv", watch);
  expect_fault(run, watch, TrialStatus::kError, "signal 11");
}

TEST(AWorkerThatAborts, SaysSo) {
  let_signals_be();
  ProcessWatch watch;
  const RunResult run = in_prepare("abort", watch);
  expect_fault(run, watch, TrialStatus::kError, "signal 6");
}

TEST(AWorkerThatExits, SaysItsStatus) {
  ProcessWatch watch;
  const RunResult run = in_prepare("exit", watch);
  expect_fault(run, watch, TrialStatus::kError, "exited with status 3");
}

TEST(AWorkerThatHangs, IsKilledByTheWatchdog) {
  ProcessWatch watch;
  const RunResult run = in_prepare("hang", watch, 3 * kSecond);
  expect_fault(run, watch, TrialStatus::kTimeout, "no answer to 'prepare'");
}

TEST(AVendorLibraryThatPrints, HarmsNothing) {
  FakeRun fake;
  fake.script = script_text({device_text("A-1", "{kind: prints, slot: submit}, {kind: prints, slot: describe}")});
  ProcessWatch watch;
  const RunResult run = watched(fake, watch);
  expect_pass(run, "gemm", "A-1");
  expect_pass(run, "triad", "A-1");
  EXPECT_EQ(watch.survivors(), "");
  bool logged = false;
  for (const std::string& line : run.log) logged = logged || line.find("hello from stdout") != std::string::npos;
  EXPECT_TRUE(logged) << "what a vendor's library prints belongs into the log";
}

// Faults on the line between worker and supervisor. The soak makes some two dozen measurements, and only the first
// worker soaks: the 34th is a timed block of the gemm, and no later worker gets so far.
RunResult on_the_line(const std::string& mode, ProcessWatch& watch, std::int64_t watchdog_ns = 60 * kSecond) {
  FakeRun fake;
  fake.script = script_text({device_text("A-1")});
  fake.through = {fake_adapter().string(), mode, "measure:34"};
  fake.adjust = [watchdog_ns](RunOptions& options) { options.watchdog_ns = watchdog_ns; };
  return watched(fake, watch);
}

TEST(Garbage, OnTheLineIsARowThatKeepsItsText) {
  ProcessWatch watch;
  const RunResult run = on_the_line("garbage", watch);
  expect_fault(run, watch, TrialStatus::kError, "this is no JSON");
  EXPECT_EQ(run.trial("gemm", "A-1").reason.find('\x1b'), std::string::npos) << "escaped before anybody shows it";
}

TEST(ALineOfTwentyMebibytes, IsRefusedWithoutBeingKept) {
  ProcessWatch watch;
  const RunResult run = on_the_line("oversized", watch);
  expect_fault(run, watch, TrialStatus::kError, "16 MiB");
  EXPECT_LT(run.trial("gemm", "A-1").reason.size(), 1000U);
}

TEST(AReply, ToAnotherRequestOrWithoutItsFieldsBreaksTheProtocol) {
  for (const char* mode : {"wrong_id", "mistyped", "twice", "prints"}) {
    SCOPED_TRACE(mode);
    ProcessWatch watch;
    const RunResult run = on_the_line(mode, watch);
    expect_fault(run, watch, TrialStatus::kError, "broke the protocol");
  }
}

TEST(AnEndInTheMiddleOfALine, IsAnEarlyExit) {
  for (const char* mode : {"truncated", "exits"}) {
    SCOPED_TRACE(mode);
    ProcessWatch watch;
    const RunResult run = on_the_line(mode, watch);
    expect_fault(run, watch, TrialStatus::kError, "exited with status 3");
  }
}

TEST(ACrashOfAnAdapter, TakesTheWorkerBehindItAlong) {
  ProcessWatch watch;
  const RunResult run = on_the_line("segv", watch);
  expect_fault(run, watch, TrialStatus::kError, "signal 11");
}

TEST(Silence, OnTheLineIsATimeout) {
  FakeRun fake;
  fake.script = script_text({device_text("A-1")});
  fake.through = {fake_adapter().string(), "silence", "prepare:3"};  // the soak's, then the gemm's two
  fake.adjust = [](RunOptions& options) { options.watchdog_ns = 3 * kSecond; };
  ProcessWatch watch;
  const RunResult run = watched(fake, watch);
  expect_fault(run, watch, TrialStatus::kTimeout, "no answer to 'prepare'");
}

TEST(AWorkerThatCannotGreet, IsRefusedWithItsReasonAndMeasuresNothing) {
  FakeRun fake;
  fake.script = script_text({device_text("A-1")});
  fake.contract = contract_text({gemm_clause()}, {"A-1"});
  fake.through = {fake_adapter().string(), "garbage", "hello"};
  const RunResult run = fake.run();
  ASSERT_EQ(run.inventory.backends.size(), 1U);
  EXPECT_NE(run.inventory.backends[0].fact.refused.find("no JSON"), std::string::npos);
  EXPECT_TRUE(run.trials().empty());
  expect_row(run, "gemm", "A-1", Outcome::kNotRun, Reason::kNotFound);
  EXPECT_EQ(run.verdict.exit_code, 2);
}

}  // namespace
}  // namespace geomsu::test
