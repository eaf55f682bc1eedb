#include "kernels/cuda/workload.hpp"

#include <algorithm>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cuda/device.hpp"
#include "kernels/cuda/log.hpp"

namespace geomsu::cuda {

using plugin::Failure;
using plugin::Repeats;

void Workload::reseed(std::uint64_t seed) {
  device_.call([&] {
    const cudaStream_t stream = device_.stream();
    if (!warm_) {
      do_reseed(seed, stream);
      for (std::uint64_t repeat = 0; repeat < do_warm_up(); ++repeat) do_queue(repeat, stream);
      do_join(stream);
      device_.wait("the first repeats, untimed");
      warm_ = true;
    }
    do_reseed(seed, stream);
    device_.wait("filling the operands");
  });
  repeats_.reseeded();
}

void Workload::read(std::uint32_t tensor, std::uint64_t repeat, std::span<const std::uint64_t> indices, double* out) {
  const std::uint64_t elements = do_elements(tensor);
  repeats_.check(tensor, elements, repeat);
  Repeats::check_indices(tensor, elements, indices);
  device_.call([&] { do_read(tensor, repeat, indices, out); });
}

std::vector<double> Workload::project(std::uint32_t tensor, std::uint64_t repeat, std::uint64_t seed) {
  repeats_.check(tensor, do_elements(tensor), repeat);
  Repeats::check_projected(tensor);
  std::vector<double> result;
  device_.call([&] { result = do_project(repeat, seed); });
  return result;
}

std::uint64_t Workload::digest(std::uint32_t tensor, std::uint64_t repeat) {
  repeats_.check(tensor, do_elements(tensor), repeat);
  std::uint64_t sum = 0;
  device_.call([&] { sum = do_digest(tensor, repeat); });
  return sum;
}

std::uint64_t sets_that_fit(std::uint64_t bytes_per_set, std::uint64_t fixed_bytes, const Grant& grant) {
  const std::uint64_t most = grant.memory_bytes / 10 * 9;
  if (fixed_bytes > most || bytes_per_set > most - fixed_bytes) {
    throw Failure(GEOMSU_OUT_OF_MEMORY,
                  "one operand set needs " + std::to_string(bytes_per_set) + " bytes and " +
                      std::to_string(fixed_bytes) + " beside it, " + std::to_string(grant.memory_bytes) +
                      " are free on " + grant.device.facts().name +
                      " (90 % of them may be taken); next: see who holds the rest (nvidia-smi), or a smaller shape");
  }
  const std::uint64_t room = grant.memory_bytes / 10 * 6;
  const std::uint64_t sets = (room > fixed_bytes ? room - fixed_bytes : 0) / std::max<std::uint64_t>(bytes_per_set, 1);
  const std::uint64_t kept = std::clamp<std::uint64_t>(sets, 1, std::max<std::uint64_t>(grant.operand_sets, 1));
  log_info("memory planned on " + grant.device.facts().words() + ": " + std::to_string(kept) + " operand sets of " +
           std::to_string(bytes_per_set) + " bytes (" + std::to_string(grant.operand_sets) + " were asked for) and " +
           std::to_string(fixed_bytes) + " beside them, of " + std::to_string(grant.memory_bytes) + " free");
  return kept;
}

}  // namespace geomsu::cuda
