#include "kernels/cpu/workload.hpp"

#include <omp.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/ops/fill.hpp"

namespace geomsu::cpu {

using plugin::Failure;

void Workload::reseed(std::uint64_t seed) {
  executor_.call([&] { do_reseed(seed); });
  repeats_ = 0;
  seeded_ = true;
}

std::uint64_t Workload::book(std::uint64_t count) {
  if (!seeded_) throw Failure(GEOMSU_INVALID_ARGUMENT, "submit before reseed: the inputs hold nothing yet");
  const std::uint64_t first = repeats_;
  repeats_ += count;
  return first;
}

void Workload::check(std::uint32_t tensor, std::uint64_t repeat) const {
  if (do_elements(tensor) == 0) {
    throw Failure(GEOMSU_INVALID_ARGUMENT, "there is no tensor " + std::to_string(tensor) + " in this operation");
  }
  if (tensor == GEOMSU_TENSOR_OUTPUT && repeat >= repeats_) {
    throw Failure(GEOMSU_INVALID_ARGUMENT, "repeat " + std::to_string(repeat) + " was not run: " +
                                               std::to_string(repeats_) + " were since the last reseed");
  }
}

void Workload::read(std::uint32_t tensor, std::uint64_t repeat, std::span<const std::uint64_t> indices, double* out) {
  check(tensor, repeat);
  const std::uint64_t elements = do_elements(tensor);
  for (const std::uint64_t index : indices) {
    if (index < elements) continue;
    throw Failure(GEOMSU_INVALID_ARGUMENT, "index " + std::to_string(index) + " of tensor " + std::to_string(tensor) +
                                               ", which has " + std::to_string(elements) + " elements");
  }
  executor_.call([&] {
    for (std::size_t i = 0; i < indices.size(); ++i) out[i] = do_read(tensor, repeat, indices[i]);
  });
}

std::vector<double> Workload::project(std::uint32_t tensor, std::uint64_t repeat, std::uint64_t seed) {
  check(tensor, repeat);
  if (tensor != GEOMSU_TENSOR_OUTPUT) throw Failure(GEOMSU_UNSUPPORTED, "only the output (tensor 0) is projected");
  std::vector<double> result;
  executor_.call([&] { result = do_project(repeat, seed); });
  return result;
}

std::uint64_t Workload::digest(std::uint32_t tensor, std::uint64_t repeat) {
  check(tensor, repeat);
  std::uint64_t sum = 0;
  executor_.call([&] { sum = do_digest(tensor, repeat); });
  return sum;
}

std::uint64_t Workload::do_digest(std::uint32_t tensor, std::uint64_t repeat) const {
  return digest_of(do_bytes(tensor, repeat), 0);
}

std::uint64_t Workload::digest_of(std::span<const std::byte> bytes, std::uint64_t first_word) {
  std::uint64_t sum = 0;
#pragma omp parallel reduction(+ : sum)
  {
    const Part part = part_of(bytes.size(), 64, omp_get_thread_num(), omp_get_num_threads());
    sum += ops::digest(bytes.subspan(part.first, part.size()), first_word + part.first / 8);
  }
  return sum;
}

}  // namespace geomsu::cpu
