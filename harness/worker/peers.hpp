// The other processes of a job, as a session sees them.
#pragma once

#include <cstdint>
#include <functional>

namespace geomsu::worker {

struct Peers {
  std::uint32_t process = 0, processes = 1;
  // Of the group, known when it is opened: this process brings ranks from first_rank on.
  std::uint32_t first_rank = 0, ranks = 0;
  // Each brings `bytes` and finds all in `all`, in the processes' order. False: not all came in time.
  std::function<bool(const void* mine, std::uint64_t bytes, void* all)> all_gather;
  // Ends when all processes are in it: no block begins before. False: not all came in time.
  std::function<bool()> barrier;
  std::uint64_t load_timeout_ns = 0;  // how long a chunk of untimed load may take
};

}  // namespace geomsu::worker
