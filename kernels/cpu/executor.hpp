// The one thread of a device on which all its work runs: OpenMP and OpenBLAS keep a pool for each thread that starts a
// parallel region, so there must be only one such thread, and it is pinned with its pool, a thread a core.
#pragma once

#include <vector>

#include "harness/abi/plugin_executor.hpp"

namespace geomsu::cpu {

using plugin::Job;

class Executor : public plugin::Executor {
 public:
  // Starts the thread and its pool on `cores`; Failure where OpenMP gives fewer threads (OMP_THREAD_LIMIT).
  explicit Executor(std::vector<int> cores);

  int threads() const { return static_cast<int>(cores_.size()); }

 private:
  void start_pool();

  std::vector<int> cores_;
};

}  // namespace geomsu::cpu
