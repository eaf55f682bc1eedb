// Several processes that answer as one worker: which process a request is for, what each is asked, and one answer of
// their answers. Pure: no MPI, no clock, no lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/protocol/messages.hpp"

namespace geomsu::worker {

// One process of the job. A process is called a rank here only in words for people; the ranks of the group are devices.
struct Process {
  std::uint32_t rank = 0;  // its place in the job, from 0
  std::string host;
  std::int64_t pid = 0;
  std::string name() const;  // "rank 2 on n3, pid 4711"
};

// What one process answered. Its result answers the request, i.e. has the request's index().
struct ProcessAnswer {
  Process from;
  protocol::Result result;
};

// One answer of them all, in the order of the processes, at least one. Those that were asked: all, or the one that
// which_process() names. The worst status counts, with the name of each process that says it (device_lost, timeout,
// error, out_of_memory, unsupported); so do answers that must be alike and are not (plug-in, clocks, operand sets).
//   devices, open    one after the other, numbered anew; attributes "node" and "rank" are added where there are none
//   prepare          memory is the sum
//   measure, telemetry  spans and readings one after the other; started_mono_ns of the first process, by whose clock
//                    start_at was; worker_raw_ns the longest. Clocks of processes are never compared.
//   hello, clock, read, project, digest  the first's
protocol::Result merge(const protocol::Request& request, std::vector<ProcessAnswer> answers);

// An answer to `request` that is not ok, with nothing else in it.
protocol::Result failed_result(const protocol::Request& request, protocol::Status status, std::string reason);

// The ranks of the group that each process brought, from `open` on.
struct Shares {
  std::vector<std::uint32_t> first_rank, count;  // a process each
  std::uint32_t ranks = 0;
};

// The one process that answers `request` alone; nothing where all do. A rank that there is not is the first's to
// refuse.
std::optional<std::uint32_t> which_process(const protocol::Request& request, const Shares& shares);

// `open` of all, split: `found[p]` devices of process p, numbered through all processes as `devices` answered them.
// Each process must bring at least one, in the order of the processes, since ranks of the group follow them; else what
// is wrong.
struct OpenParts {
  std::vector<protocol::OpenRequest> requests;
  Shares shares;
};
std::variant<OpenParts, std::string> split_open(const protocol::OpenRequest& open,
                                                const std::vector<std::uint32_t>& found);

}  // namespace geomsu::worker
