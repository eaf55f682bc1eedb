#include "kernels/cuda/look.hpp"

#include <numeric>
#include <vector>

#include "kernels/cuda/check.hpp"
#include "kernels/cuda/data.hpp"
#include "kernels/cuda/device.hpp"

namespace geomsu::cuda {
namespace {

// From device memory, once all that was queued before is done.
template <typename T>
void fetch(Device& device, std::span<T> to, const T* from, const char* doing) {
  check(cudaMemcpyAsync(to.data(), from, to.size_bytes(), cudaMemcpyDeviceToHost, device.stream()), "cudaMemcpyAsync",
        doing);
  device.wait(doing);
}

}  // namespace

void look_at(Device& device, Element element, const void* from, std::span<const std::uint64_t> indices, double* out) {
  if (indices.empty()) return;
  auto* places = static_cast<std::uint64_t*>(device.scratch(2 * indices.size_bytes()));
  auto* values = reinterpret_cast<double*>(places + indices.size());
  check(cudaMemcpyAsync(places, indices.data(), indices.size_bytes(), cudaMemcpyHostToDevice, device.stream()),
        "cudaMemcpyAsync", "reading elements");
  gather(element, from, places, indices.size(), values, device.stream());
  fetch(device, std::span(out, indices.size()), values, "reading elements");
}

double signed_sum(Device& device, Element element, const void* from, std::uint64_t elements, std::uint64_t sign_seed) {
  std::vector<double> parts(project_parts(elements));
  if (parts.empty()) return 0;
  auto* sums = static_cast<double*>(device.scratch(parts.size() * sizeof(double)));
  project_pieces(element, from, elements, sign_seed, sums, device.stream());
  fetch(device, std::span(parts), sums, "projecting a tensor");
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}

std::uint64_t digest_of(Device& device, const void* from, std::uint64_t bytes, std::uint64_t first_word) {
  std::uint64_t sum = 0;
  auto* out = static_cast<std::uint64_t*>(device.scratch(sizeof(sum)));
  digest(from, bytes, out, device.stream(), first_word);
  fetch(device, std::span(&sum, 1), out, "taking a digest");
  return sum;
}

}  // namespace geomsu::cuda
