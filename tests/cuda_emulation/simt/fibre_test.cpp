// The fibres themselves: what they must find in a wrong kernel.
#include <array>
#include <vector>

#include <gmock/gmock.h>

#include "tests/cuda_emulation/simt/simt.hpp"

namespace geomsu::simt {
namespace {

template <bool kWithBarrier>
__global__ void reverse(unsigned* out) {
  __shared__ unsigned words[64];
  words[threadIdx.x] = 64 * blockIdx.x + threadIdx.x;
  if constexpr (kWithBarrier) __syncthreads();
  out[64 * blockIdx.x + threadIdx.x] = words[63 - threadIdx.x];
}

std::vector<unsigned> reversed_by(void (*kernel)(unsigned*)) {
  std::vector<unsigned> out(3 * 64);
  Launcher{5}(kernel, 3, 64, out.data());
  return out;
}

TEST(Simt, AKernelWithItsBarrierIsRightAndWithoutItIsWrong) {
  std::vector<unsigned> expected;
  for (unsigned block = 0; block < 3; ++block) {
    for (unsigned i = 0; i < 64; ++i) expected.push_back(64 * block + 63 - i);
  }
  EXPECT_EQ(reversed_by(reverse<true>), expected);
  EXPECT_NE(reversed_by(reverse<false>), expected);
}

__global__ void half_a_barrier(int) {
  if (threadIdx.x < 32) __syncthreads();
}
__global__ void half_a_shuffle(int) {
  if (threadIdx.x % 2 == 0) __shfl_xor_sync(0xFFFFFFFFU, 1, 1);
}
__global__ void misaligned(const unsigned char* bytes) { __ldcs(reinterpret_cast<const uint4*>(bytes + 4)); }

TEST(Simt, ABarrierOrShuffleThatNotAllReachIsAnErrorNotAHang) {
  EXPECT_THROW(Launcher{}(half_a_barrier, 1, 64, 0), std::logic_error);
  EXPECT_THROW(Launcher{}(half_a_shuffle, 1, 64, 0), std::logic_error);
}

TEST(Simt, AMisalignedAccessIsAnError) {
  const std::array<uint4, 4> room{};
  EXPECT_THROW(Launcher{}(misaligned, 1, 1, reinterpret_cast<const unsigned char*>(room.data())), std::logic_error);
}

__global__ void butterfly(unsigned* out) { out[threadIdx.x] = __shfl_xor_sync(0xFFFFFFFFU, threadIdx.x * 3, 5); }

TEST(Simt, AShuffleBringsTheOtherLanesWordOfTheSameWarp) {
  std::vector<unsigned> out(64);
  Launcher{9}(butterfly, 1, 64, out.data());
  for (unsigned i = 0; i < 64; ++i) EXPECT_EQ(out[i], (i ^ 5U) * 3);
}

}  // namespace
}  // namespace geomsu::simt
