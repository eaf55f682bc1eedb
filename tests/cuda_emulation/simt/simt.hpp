// A block of CUDA threads as fibres of one thread: the kernels' own source, compiled by the host's compiler. A second
// opinion beside the PTX that nvcc makes of it. Test only; a .cuh wants it before (CMakeLists.txt: -include). A warp
// runs as far as it comes without the others, in an order drawn from a seed, so that a missing barrier shows as wrong
// numbers; blocks run one after the other, in a drawn order as well. What it cannot see: races between blocks, memory
// never written (the PTX emulation sees both).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <stdexcept>

// NOLINTBEGIN(readability-identifier-naming, bugprone-reserved-identifier, cert-*): the names are CUDA's.

// What the language has and C++ has not. Shared memory is the process's: blocks run one at a time.
#define __global__
#define __device__
#define __shared__ static
#define __launch_bounds__(...)

struct SimtIndex {
  unsigned x = 0, y = 0, z = 0;
};
inline SimtIndex threadIdx, blockIdx;
inline SimtIndex blockDim, gridDim;

struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(16) double2 {
  double x, y;
};
struct alignas(16) ulonglong2 {
  unsigned long long x, y;
};

// NOLINTEND(readability-identifier-naming, bugprone-reserved-identifier, cert-*)

namespace geomsu::simt {

// Runs `kernel` for every thread of every block. std::logic_error where fibres wait for each other for ever: a barrier
// or shuffle that not all reach.
void run(unsigned blocks, unsigned threads, std::uint64_t seed, const std::function<void()>& kernel);

void barrier();
// The 8 bytes of lane `from` of this fibre's warp; all 32 lanes must come.
std::uint64_t exchange(std::uint64_t mine, unsigned from);
unsigned lane();

// As the kernels' launch functions want it: launch(kernel, blocks, threads, arguments...).
struct Launcher {
  std::uint64_t seed = 1;

  template <typename... Parameters, typename... Arguments>
  void operator()(void (*kernel)(Parameters...), unsigned blocks, unsigned threads, Arguments... arguments) const {
    run(blocks, threads, seed, [&] { kernel(static_cast<Parameters>(arguments)...); });
  }
};

template <typename T>
T exchange_of(T mine, unsigned from) {
  static_assert(sizeof(T) <= 8);
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, &mine, sizeof(T));
  bytes = exchange(bytes, from);
  std::memcpy(&mine, &bytes, sizeof(T));
  return mine;
}

inline void want_full(unsigned mask) {
  if (mask != 0xFFFFFFFFU) throw std::logic_error("simt: only whole warps shuffle here");
}

template <typename T>
const T* aligned(const T* pointer) {
  if (std::bit_cast<std::uintptr_t>(pointer) % sizeof(T) != 0) throw std::logic_error("simt: misaligned access");
  return pointer;
}

}  // namespace geomsu::simt

// NOLINTBEGIN(readability-identifier-naming, bugprone-reserved-identifier, cert-*)
inline void __syncthreads() { geomsu::simt::barrier(); }
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int apart) {
  geomsu::simt::want_full(mask);
  return geomsu::simt::exchange_of(value, geomsu::simt::lane() ^ static_cast<unsigned>(apart));
}
template <typename T>
T atomicAdd(T* to, T value) {
  const T before = *to;
  *to += value;
  return before;
}
template <typename T>
T __ldcs(const T* from) {
  return *geomsu::simt::aligned(from);
}
template <typename T>
void __stcs(T* to, T value) {
  *const_cast<T*>(geomsu::simt::aligned(to)) = value;
}
// NOLINTEND(readability-identifier-naming, bugprone-reserved-identifier, cert-*)
