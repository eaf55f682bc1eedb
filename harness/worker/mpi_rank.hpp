// What every process of a job does, rank 0 too: commands in, its session, answers out; and a sign of life ten times a
// second, with the readings of its devices.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/worker/mpi_link.hpp"
#include "harness/worker/session.hpp"

namespace geomsu::worker {

enum class CommandKind : std::uint32_t { kRequest = 1, kChunk, kEnd };

// Before each command's and answer's line. `serial` numbers the commands, so that a late answer is none to a later one.
struct Head {
  CommandKind kind = CommandKind::kRequest;
  std::uint32_t first_rank = 0, ranks = 0;  // kRequest of `open`
  std::uint32_t wants_chunk = 0;            // of an answer: whether the load goes on
  std::uint64_t serial = 0;
  std::int64_t id = 0;  // the request's
};
std::string packed(const Head& head, std::string_view line);
Head unpacked(std::string_view bytes, std::string_view& line);

// Until `shutdown` or kEnd. From the submission thread.
void run_rank(Link& link, Session& session, std::int64_t patience_ns);

}  // namespace geomsu::worker
