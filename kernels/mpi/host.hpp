// What this process is, for people and for the delivery list: its share of the node's cores, its place in the job.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace geomsu::mpi {

// Why collectives cannot run in this process; empty where they can.
std::string why_not_here();

struct Host {
  std::string node, name, uuid, driver;
  std::uint32_t rank = 0, ranks = 1;              // of the job
  std::uint32_t local_rank = 0, local_ranks = 1;  // on this node
  std::uint32_t cores = 0;                        // on which this process may run
  std::uint64_t memory_bytes = 0;                 // the node's, shared equally
};
// Together with all processes of the job. Failure where the node cannot be told apart from others.
Host find_host();

// What may still be taken on this node, in bytes; 0 where the kernel does not say.
std::uint64_t available_memory();

}  // namespace geomsu::mpi
