// The plainest triad: a thread a pair of doubles, as many threads as there are pairs.
#include <string>

#include "bench/cuda/bare_work.hpp"
#include "bench/cuda/toolkit.hpp"

namespace geomsu::bench {
namespace {

constexpr unsigned kThreads = 256;

__global__ void __launch_bounds__(kThreads) triad(double2* a, const double2* b, const double2* c, std::uint64_t pairs) {
  const std::uint64_t i = std::uint64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (i >= pairs) return;
  const double2 x = b[i], y = c[i];
  a[i] = {x.x + 3 * y.x, x.y + 3 * y.y};
}

class Triad final : public BareWork {
 public:
  Triad(std::uint64_t bytes, cudaStream_t stream)
      : pairs_(bytes / 16), arrays_{on_device(bytes), on_device(bytes), on_device(bytes)} {
    for (const DeviceMemory& array : arrays_)
      must(cudaMemsetAsync(array.get(), 0x3F, bytes, stream), "cudaMemsetAsync");
    must(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
    per_repeat_ = 3 * bytes;
    words_ = "triad fp64, three arrays of " + std::to_string(bytes) + " bytes";
  }

 protected:
  // Arrays change places, so that none is only read.
  void do_queue(std::uint64_t repeat, cudaStream_t stream) override {
    const auto array = [&](std::uint64_t i) { return static_cast<double2*>(arrays_[(repeat + i) % 3].get()); };
    triad<<<static_cast<unsigned>((pairs_ + kThreads - 1) / kThreads), kThreads, 0, stream>>>(array(0), array(1),
                                                                                              array(2), pairs_);
    must(cudaGetLastError(), "the triad's launch");
  }

 private:
  std::uint64_t pairs_;
  DeviceMemory arrays_[3];
};

}  // namespace

std::unique_ptr<BareWork> make_bare_triad(std::uint64_t bytes, cudaStream_t stream) {
  if (bytes == 0 || bytes % 16 != 0) throw std::runtime_error("--bytes must be a multiple of 16");
  return std::make_unique<Triad>(bytes, stream);
}

}  // namespace geomsu::bench
