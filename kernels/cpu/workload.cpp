#include "kernels/cpu/workload.hpp"

#include <omp.h>

#include "kernels/ops/fill.hpp"

namespace geomsu::cpu {

using plugin::Repeats;

void Workload::reseed(std::uint64_t seed) {
  executor_.call([&] { do_reseed(seed); });
  repeats_.reseeded();
}

void Workload::read(std::uint32_t tensor, std::uint64_t repeat, std::span<const std::uint64_t> indices, double* out) {
  const std::uint64_t elements = do_elements(tensor);
  repeats_.check(tensor, elements, repeat);
  Repeats::check_indices(tensor, elements, indices);
  executor_.call([&] {
    for (std::size_t i = 0; i < indices.size(); ++i) out[i] = do_read(tensor, repeat, indices[i]);
  });
}

std::vector<double> Workload::project(std::uint32_t tensor, std::uint64_t repeat, std::uint64_t seed) {
  repeats_.check(tensor, do_elements(tensor), repeat);
  Repeats::check_projected(tensor);
  std::vector<double> result;
  executor_.call([&] { result = do_project(repeat, seed); });
  return result;
}

std::uint64_t Workload::digest(std::uint32_t tensor, std::uint64_t repeat) {
  repeats_.check(tensor, do_elements(tensor), repeat);
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
