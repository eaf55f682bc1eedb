// The kernels of data.hpp, and which of them each of its functions runs with what. Included by nvcc and, with the
// fibres of tests/cuda_emulation/simt before it, by the host's compiler.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "kernels/cuda/stored.hpp"
#include "kernels/ops/generator.hpp"

namespace geomsu::cuda {

inline constexpr unsigned kDataThreads = 256;
inline constexpr unsigned kDataBlocks = 4096;  // at most: enough for any GPU, and no figure depends on which it is

__device__ inline std::uint64_t first_item() { return std::uint64_t{blockIdx.x} * kDataThreads + threadIdx.x; }
__device__ inline std::uint64_t all_threads() { return std::uint64_t{gridDim.x} * kDataThreads; }

// The sum over a block, in an order that never changes; thread 0 has it. Every thread of the block comes by.
template <typename T>
__device__ T block_sum(T mine) {
  constexpr unsigned kWarps = kDataThreads / 32;
  __shared__ T of_warp[kWarps];
  for (int apart = 16; apart > 0; apart /= 2) mine += __shfl_xor_sync(0xFFFFFFFFU, mine, apart);
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = mine;
  __syncthreads();
  T sum = 0;
  if (threadIdx.x == 0) {
    for (unsigned warp = 0; warp < kWarps; ++warp) sum += of_warp[warp];
  }
  __syncthreads();  // the next sum writes where this one reads
  return sum;
}

// Logical index of the element that lies at `place` of matrices that are stored columns x rows.
__device__ inline std::uint64_t logical_index(std::uint64_t place, std::uint64_t rows, std::uint64_t columns) {
  const std::uint64_t within = place % (rows * columns);
  return place - within + within % rows * columns + within / rows;
}

// A thread stores 4 bytes at once, 8 of fp64: a warp fills whole cache lines. Floor: bytes written / bandwidth or some
// 25 integer operations an element (two products of 64 bits) / peak, which is more for 4 bytes and less.
template <typename S>
__global__ void __launch_bounds__(kDataThreads)
    fill_kernel(void* out, std::uint64_t elements, std::uint64_t rows, std::uint64_t columns, std::uint32_t transposed,
                ops::Data data, std::uint64_t key, std::uint64_t tensor) {
  using Element = typename S::Word;
  using Unit = std::conditional_t<sizeof(Element) == 8, std::uint64_t, std::uint32_t>;
  constexpr std::uint64_t kPerUnit = sizeof(Unit) / sizeof(Element);
  for (std::uint64_t unit = first_item(); unit * kPerUnit < elements; unit += all_threads()) {
    const std::uint64_t first = unit * kPerUnit;
    Unit word = 0;
#pragma unroll
    for (unsigned i = 0; i < kPerUnit; ++i) {
      const std::uint64_t index = transposed != 0 ? logical_index(first + i, rows, columns) : first + i;
      word |= static_cast<Unit>(static_cast<Unit>(S::encode(generated(data, key, tensor, index)))
                                << (8 * sizeof(Element) * i));
    }
    if (first + kPerUnit <= elements) {
      static_cast<Unit*>(out)[unit] = word;
    } else {
      for (unsigned i = 0; first + i < elements; ++i)
        static_cast<Element*>(out)[first + i] = static_cast<Element>(word >> (8 * sizeof(Element) * i));
    }
  }
}

// Floor: a cache line an element / bandwidth; some hundreds of elements, so it is the launch.
__global__ void __launch_bounds__(kDataThreads)
    gather_kernel(Element element, const void* from, const std::uint64_t* indices, std::uint64_t count, double* out) {
  for (std::uint64_t i = first_item(); i < count; i += all_threads()) {
    out[i] = with_stored(element, [from, index = indices[i]](auto stored) {
      using S = decltype(stored);
      return S::decode(static_cast<const typename S::Word*>(from)[index]);
    });
  }
}

// out[p] of piece p: rows are cut into `pieces` of `piece` columns each, the last may be shorter. Floor: bytes read /
// bandwidth or some 20 integer operations an element / peak.
template <typename S>
__global__ void __launch_bounds__(kDataThreads)
    project_kernel(const typename S::Word* from, std::uint64_t rows, std::uint64_t columns, std::uint64_t pieces,
                   std::uint64_t piece, std::uint64_t sign_key, double* out) {
  for (std::uint64_t p = blockIdx.x; p < rows * pieces; p += gridDim.x) {
    const typename S::Word* row = from + p / pieces * columns;
    const std::uint64_t first = p % pieces * piece, last = std::min(first + piece, columns);
    double sum = 0;
    for (std::uint64_t column = first + threadIdx.x; column < last; column += kDataThreads)
      sum += S::decode(row[column]) * ops::sign_at(sign_key, column);
    sum = block_sum(sum);
    if (threadIdx.x == 0) out[p] = sum;
  }
}

// Adds to *out, which is 0 beforehand: a sum of integers, the same in any order. Floor: bytes read / bandwidth.
__global__ void __launch_bounds__(kDataThreads)
    digest_kernel(const void* from, std::uint64_t bytes, std::uint64_t first_word, unsigned long long* out) {
  unsigned long long sum = 0;
  const std::uint64_t pairs = bytes / 16;
  for (std::uint64_t pair = first_item(); pair < pairs; pair += all_threads()) {
    const ulonglong2 words = __ldcs(static_cast<const ulonglong2*>(from) + pair);
    sum += ops::digest_word(words.x, first_word + 2 * pair) + ops::digest_word(words.y, first_word + 2 * pair + 1);
  }
  if (first_item() == 0) {  // what is left: up to 15 bytes, the last word padded with zeros
    const auto* tail = static_cast<const unsigned char*>(from) + 16 * pairs;
    for (std::uint64_t begin = 0; begin < bytes % 16; begin += 8) {
      std::uint64_t word = 0;
      for (std::uint64_t i = begin; i < std::min<std::uint64_t>(begin + 8, bytes % 16); ++i)
        word |= std::uint64_t{tail[i]} << (8 * (i - begin));
      sum += ops::digest_word(word, first_word + 2 * pairs + begin / 8);
    }
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) atomicAdd(out, sum);
}

// Blocks for so many items of one thread each.
constexpr unsigned blocks_for(std::uint64_t items) {
  return static_cast<unsigned>(
      std::clamp<std::uint64_t>((items + kDataThreads - 1) / kDataThreads, 1, std::uint64_t{kDataBlocks}));
}

// Below, `launch(kernel, blocks, threads, arguments...)` starts a kernel.
template <typename Launch>
void launch_fill(Launch&& launch, Element element, void* out, std::uint64_t elements, std::uint64_t rows,
                 std::uint64_t columns, bool transposed, ops::Data data, std::uint64_t seed, std::uint64_t tensor) {
  with_stored(element, [&](auto stored) {
    using S = decltype(stored);
    const std::uint64_t per_unit = std::max<std::uint64_t>(4 / sizeof(typename S::Word), 1);
    launch(fill_kernel<S>, blocks_for((elements + per_unit - 1) / per_unit), kDataThreads, out, elements, rows, columns,
           std::uint32_t{transposed}, data, ops::stream(seed, tensor), tensor);
  });
}

template <typename Launch>
void launch_project(Launch&& launch, Element element, const void* from, std::uint64_t rows, std::uint64_t columns,
                    std::uint64_t piece, std::uint64_t sign_seed, double* out) {
  with_stored(element, [&](auto stored) {
    using S = decltype(stored);
    const std::uint64_t pieces = std::max<std::uint64_t>((columns + piece - 1) / piece, 1);
    launch(project_kernel<S>, static_cast<unsigned>(std::min<std::uint64_t>(rows * pieces, kDataBlocks)), kDataThreads,
           static_cast<const typename S::Word*>(from), rows, columns, pieces, piece, ops::sign_stream(sign_seed), out);
  });
}

}  // namespace geomsu::cuda
