// The kernels of kernels/cuda/memory_kernels.cuh after some repeats against the reference of kernels/ops.
#include "kernels/ops/memory.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "kernels/cuda/memory_kernels.cuh"
#include "kernels/ops/fill.hpp"
#include "kernels/ops/params.hpp"
#include "tests/cuda_emulation/simt/simt.hpp"

namespace geomsu::cuda {
namespace {

constexpr std::uint64_t kSeed = 0xFEDCBA9876543210;

ops::Params params_of(const std::string& kind, const std::string& dtype, std::uint64_t bytes) {
  std::vector<ops::Problem> problems;
  const ops::Params params =
      ops::memory().complete({{"kind", kind}, {"dtype", dtype}, {"bytes", std::to_string(bytes)}}, problems);
  EXPECT_TRUE(problems.empty());
  return params;
}

// The arrays of one workload as a reseed leaves them.
template <typename T>
struct Bench {
  Bench(const ops::MemoryShape& of, std::uint64_t seed) : shape(of) {
    arrays.kind = static_cast<MemoryKind>(
        std::find(ops::memory_kinds().begin(), ops::memory_kinds().end(), shape.kind) - ops::memory_kinds().begin());
    arrays.single = sizeof(T) == 4;
    arrays.bytes = shape.bytes;
    arrays.state = state.data();
    for (std::uint64_t i = 0; i < shape.arrays; ++i) {
      x[i].resize(shape.elements);
      ops::fill(std::span(x[i]), shape.data, ops::stream(seed, ops::tensor_id(0, i + 1)), ops::tensor_id(0, i + 1), 0);
      arrays.x[i] = x[i].data();
    }
    state.fill(0);
    if (arrays.kind == MemoryKind::kWrite) state[0] = ops::write_first_key(seed);
  }

  void run(std::uint64_t repeats, unsigned blocks) {
    for (; done < repeats; ++done) launch_repeat<T>(simt::Launcher{done + blocks}, arrays, done, blocks);
  }
  std::vector<double> output() const {
    if (arrays.kind == MemoryKind::kRead) {
      const auto first = state.begin() + static_cast<std::ptrdiff_t>(sums_at(done));
      std::vector<double> sums;
      std::transform(first, first + ops::kReadLanes, std::back_inserter(sums),
                     [](std::uint32_t sum) { return static_cast<double>(static_cast<std::int32_t>(sum)); });
      return sums;
    }
    const std::vector<T>& last = x[shape.arrays == 3 ? (done - 1) % 3 : done % shape.arrays];
    return {last.begin(), last.end()};
  }

  ops::MemoryShape shape;
  std::array<std::vector<T>, 3> x;
  alignas(16) std::array<std::uint32_t, kStateWords> state{};
  MemoryArrays arrays;
  std::uint64_t done = 0;
};

template <typename T>
void expect_reference(const std::string& kind, std::uint64_t bytes, unsigned blocks) {
  const ops::Params params = params_of(kind, sizeof(T) == 4 ? "fp32" : "fp64", bytes);
  Bench<T> bench(ops::memory_shape(params), kSeed);
  for (const std::uint64_t repeats : {1U, 2U, 3U, 4U, 7U, 13U}) {
    bench.run(repeats, blocks);
    const auto reference = ops::memory().reference(params, {.seed = kSeed, .repeats = repeats});
    const std::vector<double> got = bench.output();
    ASSERT_EQ(got.size(), reference->elements());
    for (std::uint64_t j = 0; j < got.size(); ++j) {
      const ops::Expected expected = reference->element(j, repeats - 1);
      ASSERT_LE(std::fabs(got[j] - expected.value), expected.tolerance)
          << kind << ' ' << bytes << " bytes, " << blocks << " blocks, " << repeats << " repeats, element " << j;
      ASSERT_TRUE(kind == "triad" || expected.tolerance == 0);
    }
  }
}

class SimtMemory : public testing::TestWithParam<const char*> {};

// 4096 bytes are one block's piece; 18944 go round the unrolled loop and its rest; 16896 have a rest alone for some.
TEST_P(SimtMemory, IsTheReferenceAfterEveryRepeatInBothTypesForAnyGrid) {
  for (const std::uint64_t bytes : {4096U, 4608U, 16896U, 18944U}) {
    for (const unsigned blocks : {1U, 2U, 5U}) {
      expect_reference<float>(GetParam(), bytes, blocks);
      expect_reference<double>(GetParam(), bytes, blocks);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, SimtMemory, testing::Values("copy", "scale", "add", "triad", "read", "write"),
                         [](const auto& kind) { return std::string(kind.param); });

// A repeat that did not run is known by all after it.
TEST(SimtMemoryState, ReadsSumsAndWritesKeysDependOnEveryRepeatBefore) {
  for (const std::string kind : {"read", "write"}) {
    const ops::Params params = params_of(kind, "fp64", 8192);
    Bench<double> all(ops::memory_shape(params), kSeed), skipped(ops::memory_shape(params), kSeed);
    all.run(6, 2);
    skipped.run(3, 2);
    skipped.done = 4;  // the fourth is left out, and its state handed on as it is
    if (kind == "read")
      std::copy_n(skipped.state.begin() + sums_at(3), ops::kReadLanes, skipped.state.begin() + sums_at(4));
    if (kind == "read") std::fill_n(skipped.state.begin() + sums_at(5), ops::kReadLanes, 0U);
    if (kind == "write") skipped.state[0] = skipped.state[1];
    skipped.run(6, 2);
    EXPECT_NE(all.output(), skipped.output()) << kind;
  }
}

TEST(SimtMemoryState, WritesNextKeyIsMadeOfTheElementAsItStandsInTheArray) {
  Bench<float> bench(ops::memory_shape(params_of("write", "fp32", 4096)), kSeed);
  bench.run(1, 1);
  const std::uint32_t key = ops::write_first_key(kSeed);
  const std::uint64_t place = ops::write_place(key, 0, bench.shape.elements);
  const auto sum = static_cast<std::int32_t>(bench.x[0][place] * 0x1p15F);
  EXPECT_EQ(bench.state[1], ops::write_next_key(key, sum));
  EXPECT_EQ(bench.state[0], key);
}

TEST(SimtMemoryState, ReadsSumsAreTheLanesOfOneRepeatAddedUpByHand) {
  Bench<double> bench(ops::memory_shape(params_of("read", "fp64", 4608)), kSeed);
  std::vector<std::uint32_t> words(bench.shape.bytes / 4);
  std::memcpy(words.data(), bench.x[0].data(), bench.shape.bytes);
  ops::ReadSums sums{};
  for (std::uint64_t repeat = 0; repeat < 5; ++repeat) {
    const std::uint32_t key = ops::read_key(sums, repeat);
    for (std::size_t q = 0; q < words.size(); ++q) sums[q % ops::kReadLanes] += words[q] ^ key;
    bench.run(repeat + 1, 2);
    for (std::size_t lane = 0; lane < sums.size(); ++lane)
      ASSERT_EQ(bench.state[sums_at(repeat + 1) + lane], sums[lane]) << repeat << ' ' << lane;
  }
}

TEST(SimtMemoryState, TheRampOfWriteIsTheSameInBothTypesForEveryValue) {
  for (std::int32_t sum = -131072; sum < 131072; ++sum) {
    ASSERT_EQ(ramp_value<double>(sum), std::ldexp(sum, -15)) << sum;
    ASSERT_EQ(static_cast<double>(ramp_value<float>(sum)), std::ldexp(sum, -15)) << sum;
  }
}

}  // namespace
}  // namespace geomsu::cuda
