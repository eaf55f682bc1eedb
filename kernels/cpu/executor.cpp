#include "kernels/cpu/executor.hpp"

#include <exception>
#include <string>
#include <utility>

#include <omp.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cpu/affinity.hpp"

namespace geomsu::cpu {

Executor::Executor(std::vector<int> cores) : cores_(std::move(cores)) {
  call([this] { start_pool(); });
}

void Executor::start_pool() {
  omp_set_dynamic(0);
  omp_set_num_threads(threads());
  int team = 0;
  std::exception_ptr failure;
#pragma omp parallel
  {
    try {
      pin({cores_[static_cast<std::size_t>(omp_get_thread_num())]});
    } catch (...) {
#pragma omp critical
      failure = std::current_exception();
    }
#pragma omp single
    team = omp_get_num_threads();
  }
  if (failure) std::rethrow_exception(failure);
  if (team != threads()) {
    throw plugin::Failure(GEOMSU_INTERNAL, "OpenMP gives " + std::to_string(team) + " threads for " +
                                               std::to_string(threads()) + " cores; next: unset OMP_THREAD_LIMIT");
  }
}

}  // namespace geomsu::cpu
