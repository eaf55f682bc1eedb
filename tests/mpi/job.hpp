// A job of geomsu-worker-mpi on kernels/mpi, driven by the supervisor's own session.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <sys/types.h>

#include "harness/base/log.hpp"
#include "harness/measure/session.hpp"
#include "tests/run/processes.hpp"

namespace geomsu::test {

struct JobOptions {
  std::uint32_t ranks = 4;
  std::vector<std::string> launcher;  // empty: mpirun on this host
  std::string patience = "40";
  std::int64_t watchdog_ns = 30'000'000'000;
  std::vector<std::string> after;  // words after the worker's
};

std::vector<std::string> mpirun(std::uint32_t ranks);  // argv, for this host
std::vector<std::string> job_command(const JobOptions& options);

class Job {
 public:
  explicit Job(const JobOptions& options);

  Session& session() { return *session_; }
  // hello and open of all devices; a test failure where it does not go.
  void open();
  std::uint64_t prepare(const Params& params, std::uint64_t sets);
  Answered<protocol::MeasureResult> measure(std::uint64_t workload, std::uint64_t repeats,
                                            std::uint64_t timeout_ns = 20'000'000'000);

  // pids of the ranks as they told them; waits until `count` have.
  std::vector<pid_t> rank_pids(std::size_t count);
  std::string rank_name(std::uint32_t rank);  // "rank 1 on host, pid 7", as it told
  ProcessWatch& watch() { return watch_; }
  void look() { watch_.look(session_->pid()); }
  std::string log_text();

 private:
  JobOptions options_;
  std::mutex mutex_;
  std::string text_;
  Log log_;
  ProcessWatch watch_;
  std::unique_ptr<Session> session_;
};

// Of these pids, who still runs after at most `seconds`: empty is good.
std::string alive_after(const std::vector<pid_t>& pids, int seconds);

}  // namespace geomsu::test
