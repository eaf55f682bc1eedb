// The kernels of memory's kinds (kernels/ops/memory.hpp), and which of them a repeat runs on what. Included by nvcc
// and, with the fibres of tests/cuda_emulation/simt before it, by the host's compiler.
//
// All move 16 bytes a thread and access, neighbours side by side, marked as met once (.cs: evicted first), four in
// flight a thread. Rotations are by whole 16 bytes. Floor of each: bytes of the repeat / bandwidth of the memory.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "kernels/cuda/memory_arrays.hpp"
#include "kernels/ops/memory.hpp"

namespace geomsu::cuda {

inline constexpr unsigned kMemoryThreads = 256;
inline constexpr unsigned kInFlight = 4;

template <typename T>
struct Vector16;
template <>
struct Vector16<float> {
  using Type = float4;
};
template <>
struct Vector16<double> {
  using Type = double2;
};

template <typename F>
__device__ float4 each(float4 a, float4 b, F f) {
  return {f(a.x, b.x), f(a.y, b.y), f(a.z, b.z), f(a.w, b.w)};
}
template <typename F>
__device__ double2 each(double2 a, double2 b, F f) {
  return {f(a.x, b.x), f(a.y, b.y)};
}

// Calls load(v) for all 16 byte pieces v of [0, pieces) that are this thread's, kInFlight of them before the first
// store(v, loaded).
template <typename Load, typename Store>
__device__ void stream_over(std::uint64_t pieces, Load load, Store store) {
  const std::uint64_t stride = std::uint64_t{gridDim.x} * kMemoryThreads;
  std::uint64_t v = std::uint64_t{blockIdx.x} * kMemoryThreads + threadIdx.x;
  for (; v + (kInFlight - 1) * stride < pieces; v += kInFlight * stride) {
    decltype(load(v)) loaded[kInFlight];
#pragma unroll
    for (unsigned i = 0; i < kInFlight; ++i) loaded[i] = load(v + i * stride);
#pragma unroll
    for (unsigned i = 0; i < kInFlight; ++i) store(v + i * stride, loaded[i]);
  }
  for (; v < pieces; v += stride) store(v, load(v));
}

// Where the piece that lands at `to` comes from, `shift` pieces before it, round the end.
__device__ inline std::uint64_t piece_before(std::uint64_t to, std::uint64_t shift, std::uint64_t pieces) {
  return to >= shift ? to - shift : to + pieces - shift;
}

__global__ void __launch_bounds__(kMemoryThreads)
    copy_kernel(uint4* to, const uint4* from, std::uint64_t pieces, std::uint64_t shift) {
  stream_over(
      pieces, [=](std::uint64_t v) { return __ldcs(from + piece_before(v, shift, pieces)); },
      [=](std::uint64_t v, uint4 x) { __stcs(to + v, x); });
}

template <typename T>
__global__ void __launch_bounds__(kMemoryThreads)
    scale_kernel(typename Vector16<T>::Type* to, const typename Vector16<T>::Type* from, std::uint64_t pieces,
                 std::uint64_t shift, T factor) {
  using V = typename Vector16<T>::Type;
  stream_over(
      pieces, [=](std::uint64_t v) { return __ldcs(from + piece_before(v, shift, pieces)); },
      [=](std::uint64_t v, V x) { __stcs(to + v, each(x, x, [factor](T a, T) { return factor * a; })); });
}

template <typename V>
struct Pair {
  V newer, older;
};

template <typename T>
__global__ void __launch_bounds__(kMemoryThreads)
    add_kernel(typename Vector16<T>::Type* to, const typename Vector16<T>::Type* newer,
               const typename Vector16<T>::Type* older, std::uint64_t pieces, std::uint64_t shift) {
  using V = typename Vector16<T>::Type;
  stream_over(
      pieces,
      [=](std::uint64_t v) {
        return Pair<V>{__ldcs(newer + piece_before(v, shift, pieces)),
                       __ldcs(older + piece_before(v, 2 * shift, pieces))};
      },
      [=](std::uint64_t v, Pair<V> x) { __stcs(to + v, each(x.newer, x.older, [](T a, T b) { return a - b; })); });
}

template <typename T>
__global__ void __launch_bounds__(kMemoryThreads)
    triad_kernel(typename Vector16<T>::Type* to, const typename Vector16<T>::Type* newer,
                 const typename Vector16<T>::Type* older, std::uint64_t pieces, T scalar) {
  using V = typename Vector16<T>::Type;
  stream_over(
      pieces,
      [=](std::uint64_t v) {
        return Pair<V>{__ldcs(newer + v), __ldcs(older + v)};
      },
      [=](std::uint64_t v, Pair<V> x) {
        __stcs(to + v, each(x.newer, x.older, [scalar](T a, T b) { return a + scalar * b; }));
      });
}

// The sums so far lie in `before`; `after` is all zero and has them, and this repeat's, at the end: integers, the same
// in any order. `next` is zeroed for the repeat to come. Blocks are whole warps and pieces go round by multiples of
// four, so a thread meets the same four lanes always.
__global__ void __launch_bounds__(kMemoryThreads)
    read_kernel(const uint4* from, std::uint64_t pieces, std::uint64_t repeat, const std::uint32_t* before,
                std::uint32_t* after, std::uint32_t* next) {
  constexpr unsigned kWarps = kMemoryThreads / 32, kLanes = ops::kReadLanes;
  __shared__ std::uint32_t of_warp[kWarps * kLanes];
  ops::ReadSums so_far;
#pragma unroll
  for (unsigned lane = 0; lane < kLanes; ++lane) so_far[lane] = before[lane];
  const std::uint32_t key = ops::read_key(so_far, repeat);
  uint4 sum{0, 0, 0, 0};
  stream_over(
      pieces, [=](std::uint64_t v) { return __ldcs(from + v); },
      [&sum, key](std::uint64_t, uint4 words) {
        sum.x += words.x ^ key;
        sum.y += words.y ^ key;
        sum.z += words.z ^ key;
        sum.w += words.w ^ key;
      });
#pragma unroll
  for (int apart = 16; apart >= 4; apart /= 2) {
    sum.x += __shfl_xor_sync(0xFFFFFFFFU, sum.x, apart);
    sum.y += __shfl_xor_sync(0xFFFFFFFFU, sum.y, apart);
    sum.z += __shfl_xor_sync(0xFFFFFFFFU, sum.z, apart);
    sum.w += __shfl_xor_sync(0xFFFFFFFFU, sum.w, apart);
  }
  const unsigned lane = threadIdx.x % 32;
  if (lane < 4) {
    std::uint32_t* mine = of_warp + threadIdx.x / 32 * kLanes + 4 * lane;
    mine[0] = sum.x;
    mine[1] = sum.y;
    mine[2] = sum.z;
    mine[3] = sum.w;
  }
  __syncthreads();
  if (threadIdx.x >= kLanes) return;
  std::uint32_t total = blockIdx.x == 0 ? before[threadIdx.x] : 0;
#pragma unroll
  for (unsigned warp = 0; warp < kWarps; ++warp) total += of_warp[warp * kLanes + threadIdx.x];
  atomicAdd(after + threadIdx.x, total);
  if (blockIdx.x == 0) next[threadIdx.x] = 0;
}

// sum * 2^-15. As double by integers: fp64 units of some GPUs are slower than their memory.
template <typename T>
__device__ T ramp_value(std::int32_t sum) {
  const float value = static_cast<float>(sum) * 0x1p-15F;  // exact
  if constexpr (sizeof(T) == 4) return value;
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint64_t magnitude = bits & 0x7FFFFFFFU, sign = bits >> 31;
  const std::uint64_t wide = magnitude == 0 ? 0 : (magnitude << 29) + (std::uint64_t{1023 - 127} << 52);
  return static_cast<T>(std::bit_cast<double>(wide | sign << 63));
}

template <typename T>
__device__ typename Vector16<T>::Type ramp_piece(std::uint32_t key, std::uint64_t piece) {
  const auto at = [key](std::uint64_t j) { return ramp_value<T>(ops::write_sum(key, j)); };
  if constexpr (sizeof(T) == 4) {
    return {at(4 * piece), at(4 * piece + 1), at(4 * piece + 2), at(4 * piece + 3)};
  } else {
    return {at(2 * piece), at(2 * piece + 1)};
  }
}

// The key of this repeat lies in *key; the thread that wrote the element at the drawn place loads it back and makes the
// next key of it. No other may: blocks that start late still want this key, and the next repeat writes over the
// element.
template <typename T>
__global__ void __launch_bounds__(kMemoryThreads)
    write_kernel(typename Vector16<T>::Type* to, std::uint64_t pieces, std::uint64_t repeat, const std::uint32_t* key,
                 std::uint32_t* next_key) {
  using V = typename Vector16<T>::Type;
  constexpr std::uint64_t kPerPiece = sizeof(V) / sizeof(T);
  const std::uint32_t mine = *key;
  const std::uint64_t stride = std::uint64_t{gridDim.x} * kMemoryThreads;
  const std::uint64_t first = std::uint64_t{blockIdx.x} * kMemoryThreads + threadIdx.x;
#pragma unroll 4
  for (std::uint64_t v = first; v < pieces; v += stride) __stcs(to + v, ramp_piece<T>(mine, v));
  const std::uint64_t place = ops::write_place(mine, repeat, pieces * kPerPiece);
  if (place / kPerPiece % stride != first) return;
  const T element = reinterpret_cast<const volatile T*>(to)[place];
  *next_key = ops::write_next_key(mine, static_cast<std::int32_t>(element * static_cast<T>(0x1p15)));
}

// Calls `body` with the kernel of a kind and type.
template <typename T, typename Body>
void with_memory_kernel(MemoryKind kind, Body&& body) {
  switch (kind) {
    case MemoryKind::kCopy:
      return body(copy_kernel);
    case MemoryKind::kScale:
      return body(scale_kernel<T>);
    case MemoryKind::kAdd:
      return body(add_kernel<T>);
    case MemoryKind::kTriad:
      return body(triad_kernel<T>);
    case MemoryKind::kRead:
      return body(read_kernel);
    case MemoryKind::kWrite:
      return body(write_kernel<T>);
  }
}

// Runs repeat i, counted since the last reseed, by launch(kernel, blocks, threads, arguments...).
template <typename T, typename Launch>
void launch_repeat(Launch&& launch, const MemoryArrays& arrays, std::uint64_t i, unsigned blocks) {
  using V = typename Vector16<T>::Type;
  const std::uint64_t pieces = arrays.bytes / 16, shift = ops::kCopyShift * sizeof(T) / 16;
  const auto x = [&arrays](std::uint64_t number) { return static_cast<V*>(arrays.x[number]); };
  switch (arrays.kind) {
    case MemoryKind::kCopy:
      return launch(copy_kernel, blocks, kMemoryThreads, static_cast<uint4*>(arrays.x[(i + 1) % 2]),
                    static_cast<const uint4*>(arrays.x[i % 2]), pieces, shift);
    case MemoryKind::kScale:
      return launch(scale_kernel<T>, blocks, kMemoryThreads, x((i + 1) % 2), x(i % 2), pieces, shift,
                    static_cast<T>(ops::scale_factor(i)));
    case MemoryKind::kAdd:
      return launch(add_kernel<T>, blocks, kMemoryThreads, x(i % 3), x((i + 2) % 3), x((i + 1) % 3), pieces, shift);
    case MemoryKind::kTriad:
      return launch(triad_kernel<T>, blocks, kMemoryThreads, x(i % 3), x((i + 2) % 3), x((i + 1) % 3), pieces,
                    static_cast<T>(ops::kTriadScalar));
    case MemoryKind::kRead:
      return launch(read_kernel, blocks, kMemoryThreads, static_cast<const uint4*>(arrays.x[0]), pieces, i,
                    arrays.state + sums_at(i), arrays.state + sums_at(i + 1), arrays.state + sums_at(i + 2));
    case MemoryKind::kWrite:
      return launch(write_kernel<T>, blocks, kMemoryThreads, x(0), pieces, i, arrays.state + i % 2,
                    arrays.state + (i + 1) % 2);
  }
}

}  // namespace geomsu::cuda
