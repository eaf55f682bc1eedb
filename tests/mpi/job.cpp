#include "tests/mpi/job.hpp"

#include <chrono>
#include <regex>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace geomsu::test {

std::vector<std::string> mpirun(std::uint32_t ranks) {
  std::vector<std::string> words{"/usr/bin/mpirun"};
  if (::geteuid() == 0) words.emplace_back("--allow-run-as-root");
  for (const char* word : {"--oversubscribe", "--bind-to", "none", "-n"}) words.emplace_back(word);
  words.push_back(std::to_string(ranks));
  return words;
}

std::vector<std::string> job_command(const JobOptions& options) {
  std::vector<std::string> words = options.launcher.empty() ? mpirun(options.ranks) : options.launcher;
  for (const std::string& word : {std::string(GEOMSU_WORKER_MPI), std::string("--plugin"),
                                  std::string(GEOMSU_MPI_PLUGIN), std::string("--patience"), options.patience}) {
    words.push_back(word);
  }
  words.insert(words.end(), options.after.begin(), options.after.end());
  return words;
}

Job::Job(const JobOptions& options)
    : options_(options), log_([this](LogLevel, std::string_view line) {
        const std::lock_guard lock(mutex_);
        text_.append(line).append("\n");
      }) {
  session_ = std::make_unique<Session>(job_command(options_), options_.watchdog_ns, log_);
}

void Job::open() {
  const auto hello = session_->call(protocol::HelloRequest{});
  ASSERT_TRUE(hello) << hello.fault().words << "\n" << log_text();
  protocol::OpenRequest all;
  for (std::uint32_t i = 0; i < options_.ranks; ++i) all.devices.push_back(i);
  const auto opened = session_->call(all);
  ASSERT_TRUE(opened) << opened.fault().words;
  ASSERT_EQ(opened->devices.size(), options_.ranks);
  look();
}

std::uint64_t Job::prepare(const Params& params, std::uint64_t sets) {
  const auto made = session_->call(protocol::PrepareRequest{"collective", params, sets});
  EXPECT_TRUE(made) << made.fault().words;
  return made ? made->workload : 0;
}

Answered<protocol::MeasureResult> Job::measure(std::uint64_t workload, std::uint64_t repeats,
                                               std::uint64_t timeout_ns) {
  protocol::MeasureRequest request;
  request.workload = workload;
  request.repeats = repeats;
  request.timeout_ns = timeout_ns;
  return session_->call(request, static_cast<std::int64_t>(timeout_ns));
}

std::string Job::log_text() {
  const std::lock_guard lock(mutex_);
  return text_;
}

namespace {
struct Told {
  std::uint32_t rank;
  std::string host;
  pid_t pid;
};
std::vector<Told> told_in(const std::string& text) {
  static const std::regex pattern("rank ([0-9]+) of [0-9]+ on ([^ ,]+), pid ([0-9]+) is here");
  std::vector<Told> told;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
    told.push_back({static_cast<std::uint32_t>(std::stoul((*at)[1])), (*at)[2], std::stoi((*at)[3])});
  }
  return told;
}
}  // namespace

std::vector<pid_t> Job::rank_pids(std::size_t count) {
  std::vector<pid_t> pids;
  for (int turn = 0; turn < 200; ++turn) {
    session_->idle_until(session_->clock().mono_ns() + 1'000'000, {});
    session_->call(protocol::DevicesRequest{});  // any request: what came on stderr is logged with it
    const auto told = told_in(log_text());
    if (told.size() >= count) {
      pids.resize(told.size());
      for (const Told& one : told) pids.at(one.rank) = one.pid;
      return pids;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ADD_FAILURE() << count << " ranks did not say that they are here: " << log_text();
  return pids;
}

std::string Job::rank_name(std::uint32_t rank) {
  for (const Told& one : told_in(log_text())) {
    if (one.rank == rank) return fmt::format("rank {} on {}, pid {}", rank, one.host, one.pid);
  }
  return fmt::format("a rank {} that told its name", rank);
}

std::string alive_after(const std::vector<pid_t>& pids, int seconds) {
  std::string names;
  for (int turn = 0; turn <= seconds * 50; ++turn) {
    names.clear();
    for (const pid_t pid : pids) {
      if (is_alive(pid)) names += fmt::format("{} ", pid);
    }
    if (names.empty()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return names;
}

}  // namespace geomsu::test
