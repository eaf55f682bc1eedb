// Messages between the processes of an MPI job: whole texts with a tag, never waited for without an end. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <mpi.h>

#include "harness/worker/merge.hpp"
#include "harness/worker/peers.hpp"

namespace geomsu::worker {

enum class Tag : int { kCommand = 1, kAnswer, kBeat };

class Link {
 public:
  // Tells on stderr that this process is here (announcement()), then joins the job. Error kUnavailable where MPI cannot
  // serve several threads.
  Link(int& argc, char**& argv);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  std::uint32_t rank() const { return rank_; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(processes_.size()); }
  const std::vector<Process>& processes() const { return processes_; }

  void send(std::uint32_t to, Tag tag, std::string bytes);  // never waits
  struct Received {
    std::uint32_t from = 0;
    std::string bytes;
  };
  std::optional<Received> try_receive(Tag tag);  // one thread a tag

  // Sleeps until this process has sent itself something, at most `most`: nothing of MPI's is touched meanwhile, which
  // would disturb a block.
  void wait_for_own(std::chrono::microseconds most);

  // Of all processes; give up after patience_ns.
  Peers peers(std::int64_t patience_ns);

  void finish();                        // with all others; nothing may be under way
  [[noreturn]] void abort(int status);  // ends every process of the job

 private:
  struct Pending {
    MPI_Request request = MPI_REQUEST_NULL;
    std::string bytes;
  };
  bool wait(MPI_Request& request, std::int64_t patience_ns);
  void gather_processes();

  std::uint32_t rank_ = 0;
  std::vector<Process> processes_;
  MPI_Comm lines_ = MPI_COMM_NULL, together_ = MPI_COMM_NULL;  // messages; barrier and all_gather
  std::mutex mutex_;
  std::list<Pending> pending_;
  std::condition_variable own_sent_;
  std::uint64_t own_ = 0, own_seen_ = 0;  // messages to itself, and those that wait_for_own() has ended for
};

// "rank 2 of 4 on n3, pid 4711 is here", by what the launcher put into the environment: before MPI is asked anything,
// since MPI_Init waits for those who never come. The supervisor keeps the roll (harness/measure/rank_roll.hpp).
std::string announcement();

}  // namespace geomsu::worker
