// Sessions against workers that misbehave: each is a line of shell, so that nothing of ours helps it.
#include "harness/measure/session.hpp"

#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "harness/base/error.hpp"
#include "harness/measure/process_tree.hpp"

namespace geomsu {
namespace {

constexpr std::int64_t kWatchdogNs = 2'000'000'000;

std::vector<std::string> shell(const std::string& script) { return {"/bin/sh", "-c", script}; }

Fault hello_fault(const std::string& script, std::int64_t watchdog_ns = kWatchdogNs) {
  Log log;
  Session session(shell(script), watchdog_ns, log);
  const auto answer = session.call(protocol::HelloRequest{});
  EXPECT_FALSE(answer);
  EXPECT_TRUE(session.dead());
  return answer ? Fault{} : answer.fault();
}

bool alive(pid_t pid) {
  std::ifstream stat(fmt::format("/proc/{}/stat", pid));
  std::string text;
  return std::getline(stat, text) && text.find(") Z ") == std::string::npos;
}

TEST(Session, ProcessesInGroupsOfTheirOwnGoWithTheWorker) {
  Log log;
  Session session(shell("setsid sleep 600 & echo $! >&2; read line; sleep 600"), 300'000'000, log);
  std::vector<pid_t> tree;
  for (int turn = 0; turn < 100 && tree.empty(); ++turn) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    tree = process_tree(session.pid());
  }
  ASSERT_FALSE(tree.empty());
  ASSERT_FALSE(session.call(protocol::HelloRequest{}));
  for (const pid_t pid : tree) {
    for (int turn = 0; turn < 500 && alive(pid); ++turn) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_FALSE(alive(pid)) << pid;
  }
}

TEST(Session, GarbageIsAFaultWithItsText) {
  const Fault fault = hello_fault("read line; echo 'Segmentation probability: low'; sleep 5");
  EXPECT_TRUE(fault.dead);
  EXPECT_EQ(fault.status, TrialStatus::kError);
  EXPECT_NE(fault.words.find("Segmentation probability: low"), std::string::npos) << fault.words;
}

TEST(Session, AnEarlyEndSaysTheStatus) {
  EXPECT_NE(hello_fault("exit 3").words.find("exited with status 3"), std::string::npos);
  EXPECT_NE(hello_fault("read line; kill -SEGV $$").words.find("signal 11"), std::string::npos);
  EXPECT_NE(hello_fault("kill -KILL $$").words.find("signal 9"), std::string::npos);
}

TEST(Session, SilenceEndsWithTheWatchdog) {
  const Fault fault = hello_fault("sleep 600", 200'000'000);
  EXPECT_EQ(fault.status, TrialStatus::kTimeout);
  EXPECT_NE(fault.words.find("hello"), std::string::npos);
}

TEST(Session, AnInterruptDoesNotWaitForTheWatchdogOfAHungWorker) {
  Log log;
  std::atomic<bool> interrupted = true;
  Session session(shell("sleep 600"), 600'000'000'000, log, &interrupted);
  const auto answer = session.call(protocol::HelloRequest{});
  ASSERT_FALSE(answer);
  EXPECT_TRUE(session.dead());
  EXPECT_NE(answer.fault().words.find("interrupted"), std::string::npos);
}

TEST(Session, ALineOfTwentyMebibytesIsRefused) {
  const Fault fault = hello_fault("read line; head -c 20971520 /dev/zero | tr '\\0' 'x'; sleep 5", 20'000'000'000);
  EXPECT_NE(fault.words.find("16 MiB"), std::string::npos) << fault.words;
}

TEST(Session, AReplyToAnotherRequestIsRefused) {
  const Fault fault = hello_fault(R"(read line; echo '{"jsonrpc":"2.0","id":99,"result":{"status":"ok"}}'; sleep 5)");
  EXPECT_NE(fault.words.find("broke the protocol"), std::string::npos) << fault.words;
}

TEST(Session, AMissingProgramSaysWhatToDo) {
  Log log;
  try {
    Session session({"/nonexistent/worker"}, kWatchdogNs, log);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    EXPECT_EQ(error.where(), "/nonexistent/worker");
    EXPECT_NE(error.next(), "");
  }
}

TEST(Session, NothingOfTheWorkersGroupOutlivesIt) {
  Log log;
  const std::string file = testing::TempDir() + fmt::format("/geomsu-session-{}", ::getpid());
  {
    Session session(shell(fmt::format("sleep 600 & echo $! > {0}.tmp; mv {0}.tmp {0}; exec sleep 600", file)),
                    300'000'000, log);
    EXPECT_FALSE(session.call(protocol::HelloRequest{}));
  }
  pid_t grandchild = 0;
  std::ifstream(file) >> grandchild;
  ::unlink(file.c_str());
  ASSERT_GT(grandchild, 0);
  for (int i = 0; i < 100 && alive(grandchild); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_FALSE(alive(grandchild));
}

TEST(Session, TheEnvironmentIsTheAllowListAndNoMore) {
  ::setenv("GEOMSU_TEST_SECRET", "must not pass", 1);
  EXPECT_FALSE(child_environment().contains("GEOMSU_TEST_SECRET"));
  EXPECT_TRUE(child_environment().contains("PATH"));
  std::vector<std::string> lines;
  Log log([&](LogLevel, std::string_view line) { lines.emplace_back(line); });
  {
    Session session(shell("env >&2; exit 0"), kWatchdogNs, log);
    EXPECT_FALSE(session.call(protocol::HelloRequest{}));
  }
  ::unsetenv("GEOMSU_TEST_SECRET");
  bool path = false;
  for (const std::string& line : lines) {
    EXPECT_EQ(line.find("GEOMSU_TEST_SECRET"), std::string::npos);
    path = path || line.find("PATH=") != std::string::npos;
  }
  EXPECT_TRUE(path);
}

TEST(Session, WhatAWorkerWritesToStderrIsLoggedAndEscaped) {
  std::vector<std::string> lines;
  Log log([&](LogLevel, std::string_view line) { lines.emplace_back(line); });
  {
    EXPECT_FALSE(
        Session(shell("printf 'red \\033[31m alert\\n' >&2; exit 1"), kWatchdogNs, log).call(protocol::HelloRequest{}));
  }
  bool seen = false;
  for (const std::string& line : lines) {
    EXPECT_EQ(line.find('\033'), std::string::npos);
    seen = seen || line.find("alert") != std::string::npos;
  }
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace geomsu
