// The program geomsu-worker as a supervisor meets it, and the bad adapter.
#include <array>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/clock.hpp"
#include "tests/unit/worker/child.hpp"
#include "tests/unit/worker/rig.hpp"

namespace geomsu::worker::test {
namespace {
using namespace protocol;

std::vector<std::string> command(const std::string& script = {}) {
  std::vector<std::string> words = {worker_program().string(), "--plugin", fake_plugin().string()};
  if (!script.empty()) words.insert(words.end(), {"--param", "script=" + script});
  return words;
}

struct Faulty {
  explicit Faulty(const std::string& faults)
      : script(directory.write("script.yaml", "devices:\n  - faults: [" + faults + "]\n")),
        child(command(script.string())) {}
  TempDir directory;
  std::filesystem::path script;
  Child child;
};

// To a workload that is ready to be measured; its id.
std::uint64_t get_ready(Child& child) {
  EXPECT_TRUE(std::get<HelloResult>(child.ask(HelloRequest{})).ok());
  EXPECT_TRUE(std::get<OpenResult>(child.ask(OpenRequest{{0}})).ok());
  const auto prepared = std::get<PrepareResult>(child.ask(PrepareRequest{"gemm", kGemm32, 1}));
  EXPECT_TRUE(prepared.ok()) << prepared.reason;
  EXPECT_TRUE(std::get<ReseedResult>(child.ask(ReseedRequest{prepared.workload, 1})).ok());
  return prepared.workload;
}
MeasureRequest block(std::uint64_t workload) { return {workload, 100, std::nullopt, 1'000'000'000, 0}; }

TEST(Worker, ServesASessionAndEndsInOrder) {
  Child child(command());
  const auto workload = get_ready(child);
  const auto hello = std::get<HelloResult>(child.ask(HelloRequest{}));
  EXPECT_EQ(hello.pid, child.pid());
  EXPECT_EQ(std::get<MeasureResult>(child.ask(block(workload))).spans.size(), 1u);
  EXPECT_EQ(child.notifications(), 1) << "scripted time: one telemetry a block";
  EXPECT_TRUE(std::get<ShutdownResult>(child.ask(ShutdownRequest{})).ok());
  EXPECT_EQ(child.line(), std::nullopt);
  const int status = child.wait();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

TEST(Worker, TheEndOfItsInputIsAnOrderlyEndEvenWhileALoadRuns) {
  for (const bool loaded : {false, true}) {
    Child child(command());
    const auto workload = get_ready(child);
    if (loaded) child.ask(LoadRequest{workload, 100});
    child.close_input();
    const int status = child.wait();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
}

TEST(Worker, WhatAPluginPrintsGoesToStderr) {
  Faulty faulty(
      "{kind: prints, slot: instance_create, text: chatter at start}, {kind: prints, slot: submit, text: chatter at "
      "work}");
  const auto workload = get_ready(faulty.child);
  EXPECT_TRUE(std::get<MeasureResult>(faulty.child.ask(block(workload))).ok());
  EXPECT_NE(faulty.child.errors().find("chatter at start"), std::string::npos);
  EXPECT_NE(faulty.child.errors().find("chatter at work"), std::string::npos);
}

TEST(Worker, GarbageIsAnsweredWithAnErrorAndTheSessionGoesOn) {
  Child child(command());
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"garbage", "-32700"},
      {R"({"jsonrpc":"2.0","id":3,"method":"dance"})", "-32601"},
      {R"({"jsonrpc":"2.0","id":3,"method":"open","params":{"devices":"all"}})", "-32602"},
      {R"({"jsonrpc":"2.0","method":"hello"})", "-32600"},
      {std::string(1'000'000, '['), "-32700"},
      {"", "-32700"},
  };
  for (const auto& [line, code] : cases) {
    child.send(line + "\n");
    const auto answer = child.line();
    ASSERT_TRUE(answer.has_value());
    EXPECT_NE(answer->find("\"error\":{\"code\":" + code), std::string::npos) << *answer;
  }
  EXPECT_TRUE(std::get<HelloResult>(child.ask(HelloRequest{})).ok());
}

TEST(Worker, AnOversizedRequestEndsIt) {
  Child child(command());
  child.send(std::string((16u << 20) + 1, 'x') + "\n");
  const auto answer = child.line();
  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(answer->find("16777216"), std::string::npos) << *answer;
  const int status = child.wait();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 65) << status;
}

TEST(Worker, RequestsMayArriveInPiecesAndTogether) {
  Child child(command());
  const std::string hello = encode_request(1, HelloRequest{}) + "\n",
                    devices = encode_request(2, DevicesRequest{}) + "\n";
  child.send(hello.substr(0, 10));
  child.send(hello.substr(10) + devices);
  EXPECT_NE(child.line()->find("\"id\":1"), std::string::npos);
  EXPECT_NE(child.line()->find("\"id\":2"), std::string::npos);
}

TEST(Worker, ACrashOfThePluginIsTheWorkersOwn) {
  for (const auto& [kind, signal] : {std::pair{"segv", SIGSEGV}, {"abort", SIGABRT}}) {
    Faulty faulty(std::string("{kind: ") + kind + ", slot: submit, at_call: 1}");
    const auto workload = get_ready(faulty.child);
    EXPECT_TRUE(std::get<MeasureResult>(faulty.child.ask(block(workload))).ok());
    faulty.child.send(encode_request(90, block(workload)) + "\n");
    while (faulty.child.line()) {
    }
    const int status = faulty.child.wait();
    // Sanitizers turn a signal into an exit status of their own.
    EXPECT_TRUE(WIFSIGNALED(status) ? WTERMSIG(status) == signal : WEXITSTATUS(status) != 0) << kind << " " << status;
  }
}

TEST(Worker, AnExitOfThePluginEndsTheWorkerWithItsStatus) {
  Faulty faulty("{kind: exit, slot: read, status: 7}");
  const auto workload = get_ready(faulty.child);
  faulty.child.send(encode_request(90, ReadRequest{workload, 0, 0, 0, {0}}) + "\n");
  while (faulty.child.line()) {
  }
  const int status = faulty.child.wait();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7) << status;
}

TEST(Worker, AHangOfThePluginAnswersNothingAndDiesByKill) {
  Faulty faulty("{kind: hang, slot: event_wait}");
  const auto workload = get_ready(faulty.child);
  faulty.child.send(encode_request(90, block(workload)) + "\n");
  pollfd waiting = {};
  EXPECT_EQ(poll(&waiting, 0, 300), 0);
  EXPECT_EQ(waitpid(faulty.child.pid(), nullptr, WNOHANG), 0) << "it is alive and hangs";
  kill(faulty.child.pid(), SIGKILL);
  const int status = faulty.child.wait();
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(Worker, ABlockThatTimedOutDoesNotKeepItFromEnding) {
  Faulty faulty("{kind: never_completes}");
  const auto workload = get_ready(faulty.child);
  EXPECT_EQ(std::get<MeasureResult>(faulty.child.ask(block(workload))).status, Status::kTimeout);
  EXPECT_TRUE(std::get<ShutdownResult>(faulty.child.ask(ShutdownRequest{})).ok());
  const int status = faulty.child.wait();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

// The test keeps the worker's stdin open, so that only the signal of its dead parent can end it.
TEST(Worker, DiesWithItsParent) {
  std::array<int, 2> down{}, up{};
  ASSERT_EQ(pipe(down.data()), 0);
  ASSERT_EQ(pipe(up.data()), 0);
  const auto words = command();
  const pid_t parent = fork();
  if (parent == 0) {
    if (fork() == 0) {
      dup2(down[0], STDIN_FILENO);
      dup2(up[1], STDOUT_FILENO);
      for (const int end : {down[0], down[1], up[0], up[1]}) close(end);
      execl(words[0].c_str(), words[0].c_str(), words[1].c_str(), words[2].c_str(), nullptr);
      _exit(127);
    }
    for (const int end : {down[0], down[1], up[0], up[1]}) close(end);
    while (true) pause();
  }
  close(down[0]);
  close(up[1]);
  const std::string hello = encode_request(1, HelloRequest{}) + "\n";
  ASSERT_EQ(write(down[1], hello.data(), hello.size()), static_cast<ssize_t>(hello.size()));
  std::array<char, 65536> bytes{};
  ASSERT_GT(read(up[0], bytes.data(), bytes.size()), 0) << "it lives and serves";
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  pollfd ended = {up[0], POLLIN, 0};
  EXPECT_EQ(poll(&ended, 1, 60'000), 1);
  EXPECT_EQ(read(up[0], bytes.data(), bytes.size()), 0) << "its output is closed: it is gone";
  close(down[1]);
  close(up[0]);
}

TEST(Worker, ItsCommandLineIsExplainedAndChecked) {
  const auto run = [](const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {worker_program().string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    Child child(words);
    std::string output;
    while (auto line = child.line()) output += *line + "\n";
    return std::pair{WEXITSTATUS(child.wait()), output + child.errors()};
  };
  EXPECT_EQ(run({"--help"}).first, 0);
  EXPECT_NE(run({"--help"}).second.find("usage: geomsu-worker"), std::string::npos);
  EXPECT_NE(run({"--version"}).second.find("protocol 1.0"), std::string::npos);
  EXPECT_EQ(run({}).first, 64);
  EXPECT_NE(run({}).second.find("'--plugin PATH' is missing"), std::string::npos);
  EXPECT_EQ(run({"--plugin"}).first, 64);
  EXPECT_EQ(run({"--plugin", "a", "--plugin", "b"}).first, 64);
  EXPECT_EQ(run({"--plugin", "a", "--param", "novalue"}).first, 64);
  EXPECT_EQ(run({"--wat"}).first, 64);
}

TEST(BadAdapter, SpoilsTheReplyItWasToldAndNoOther) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"garbage", "not JSON"}, {"wrong_id", "while 2 is in flight"}, {"mistyped", "status"}, {"prints", "not JSON"}};
  for (const auto& [mode, words] : cases) {
    auto arguments = std::vector<std::string>{GEOMSU_FAKE_ADAPTER, mode, "devices"};
    for (const auto& word : command()) arguments.push_back(word);
    Child child(arguments);
    EXPECT_TRUE(std::get<HelloResult>(child.ask(HelloRequest{})).ok());
    child.send(encode_request(2, DevicesRequest{}) + "\n");
    const auto decoded = decode_line(child.line().value_or(""), 1, 2);
    ASSERT_TRUE(std::holds_alternative<Malformed>(decoded)) << mode;
    EXPECT_NE(std::get<Malformed>(decoded).why.find(words), std::string::npos) << std::get<Malformed>(decoded).why;
  }
}

TEST(BadAdapter, SendsTwentyMebibytesDiesOrFallsSilent) {
  const auto spoil = [](const std::string& mode) {
    auto arguments = std::vector<std::string>{GEOMSU_FAKE_ADAPTER, mode, "devices:2"};
    for (const auto& word : command()) arguments.push_back(word);
    auto child = std::make_unique<Child>(arguments);
    child->ask(HelloRequest{});
    EXPECT_TRUE(std::get<DevicesResult>(child->ask(DevicesRequest{})).ok()) << "the first is passed on";
    child->send(encode_request(3, DevicesRequest{}) + "\n");
    return child;
  };
  EXPECT_EQ(spoil("oversized")->line()->size(), 20u << 20);
  EXPECT_EQ(spoil("truncated")->line(), std::nullopt);
  auto exited = spoil("exits");
  EXPECT_EQ(exited->line(), std::nullopt);
  EXPECT_EQ(WEXITSTATUS(exited->wait()), 3);
  auto silent = spoil("silence");
  pollfd waiting = {};
  EXPECT_EQ(poll(&waiting, 0, 200), 0);
  EXPECT_EQ(waitpid(silent->pid(), nullptr, WNOHANG), 0);
}

}  // namespace
}  // namespace geomsu::worker::test
