// The same work through geomsu: a worker process, the protocol, the CPU backend's own spans, as they are judged.
#pragma once

#include <cstdint>
#include <string>

#include "harness/base/log.hpp"
#include "harness/measure/session.hpp"

namespace geomsu::bench {

class ThroughWorker {
 public:
  ThroughWorker(const std::string& op, const Params& params, std::uint64_t sets);  // Error where anything is refused
  double block_ns(std::uint64_t repeats);                                          // the device's span
  double wall_ns() const { return wall_ns_; }                                      // of the last block, by this process
  void reseed(std::uint64_t seed);

 private:
  Log log_;
  Session session_;
  std::uint64_t workload_ = 0;
  double wall_ns_ = 0;
};

}  // namespace geomsu::bench
