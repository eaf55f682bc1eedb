// More kernels of kernels.cu: mathematics, integers, atomics, votes, barriers, order, coverage, threads.
#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <thread>

#include <gmock/gmock.h>

#include "tests/cuda_emulation/ptx/kernel_fixture.hpp"

namespace geomsu::emulation::ptx {
namespace {

using testing::HasSubstr;

class PtxKernelsMore : public KernelFixture {};
INSTANTIATE_TEST_SUITE_P(, PtxKernelsMore, testing::Values("least", "newest"));

TEST_P(PtxKernelsMore, ComputeTheMathematicsOfTheDeviceLibrary) {
  std::vector<float> in = noise(64, -8, 8);
  std::vector<double> wide(in.begin(), in.end());
  const std::uint64_t x = world_.add(in), out = world_.add(64 * 48, false), y = world_.add(wide),
                      wide_out = world_.add(64 * 32, false);
  launch("mathematics", {1, 1, 1}, {64, 1, 1}, Arguments() << x << out << y << wide_out);
  const auto got = world_.read<float>(out);
  const auto got_wide = world_.read<double>(wide_out);
  for (std::size_t i = 0; i < 64; ++i) {
    const double v = wide[i], a = std::fabs(v);
    const double want[12] = {std::exp(v),
                             std::log(a + 1e-3),
                             std::sin(v),
                             std::cos(v),
                             std::tanh(v),
                             std::pow(a + 0.1, 1.7),
                             std::sqrt(a),
                             1 / std::sqrt(a + 0.1),
                             1 / (v + 100.5),
                             std::erf(v),
                             std::exp(v),
                             v * v + std::floor(v) + std::round(v) + std::trunc(v) + std::nearbyint(v) + std::ceil(v) +
                                 std::fmod(v, static_cast<double>(0.7f))};
    for (std::size_t k = 0; k < 12; ++k)
      EXPECT_NEAR(static_cast<double>(got[12 * i + k]), want[k], 2e-6 * std::max(1.0, std::fabs(want[k])))
          << k << " of " << v;
    const double want_wide[4] = {std::exp(v), v / 3.7, std::sqrt(a), std::log(a + 0.25)};
    for (std::size_t k = 0; k < 4; ++k)
      EXPECT_NEAR(got_wide[4 * i + k], want_wide[k], 1e-15 * std::max(1.0, 4 * std::fabs(want_wide[k])))
          << k << " of " << v;
  }
}

int leading(std::uint32_t x) { return std::countl_zero(x); }

TEST_P(PtxKernelsMore, ComputeWithIntegersAsTheHostDoes) {
  std::mt19937_64 random(3);
  std::vector<std::int64_t> a, b;
  for (int i = 0; i < 64; ++i) {
    a.push_back(static_cast<std::int64_t>(random() >> (i % 5 * 13)));
    b.push_back(static_cast<std::int64_t>(random() >> (i % 7 * 9)) * (i % 2 == 0 ? 1 : -1));
  }
  const std::uint64_t x = world_.add(a), y = world_.add(b), out = world_.add(64 * 160, false);
  launch("integers", {1, 1, 1}, {64, 1, 1}, Arguments() << x << y << out);
  const auto got = world_.read<std::uint64_t>(out);
  __extension__ using Wide = __int128;
  __extension__ using Unsigned = unsigned __int128;
  const auto u64 = [](auto v) { return static_cast<std::uint64_t>(v); };
  for (std::size_t i = 0; i < 64; ++i) {
    const std::int64_t sx = a[i], sy = b[i];
    const std::uint64_t ux = u64(sx), uy = u64(sy);
    const auto ix = static_cast<std::int32_t>(ux), iy = static_cast<std::int32_t>(uy);
    const auto vx = static_cast<std::uint32_t>(ux), vy = static_cast<std::uint32_t>(uy);
    const std::uint64_t* to = got.data() + 20 * i;
    EXPECT_EQ(to[0], ux * uy);
    EXPECT_EQ(to[1], u64((static_cast<Wide>(sx) * sy) >> 64));
    EXPECT_EQ(to[2], u64((static_cast<Unsigned>(ux) * uy) >> 64));
    EXPECT_EQ(to[3], u64(sx / (sy | 1)));
    EXPECT_EQ(to[4], ux % (uy | 1));
    EXPECT_EQ(to[5], u64((std::int64_t{ix} * iy) >> 32));
    EXPECT_EQ(to[6], std::uint64_t{vx} * vy >> 32);
    EXPECT_EQ(to[7], u64(ix / (iy | 1) + ix % (iy | 1)));
    EXPECT_EQ(to[8], u64(std::countl_zero(ux) + leading(vx) + std::popcount(vx) + std::popcount(ux) +
                         __builtin_ffs(ix) + __builtin_ffsll(sx)));
    std::uint64_t reversed = 0;
    std::uint32_t reversed32 = 0;
    for (int k = 0; k < 64; ++k) reversed |= (ux >> k & 1) << (63 - k);
    for (int k = 0; k < 32; ++k) reversed32 |= (vx >> k & 1) << (31 - k);
    EXPECT_EQ(to[9], reversed ^ reversed32);
    const std::uint64_t both = std::uint64_t{vy} << 32 | vx;
    EXPECT_EQ(to[10], (static_cast<std::uint32_t>((both << (vx & 31)) >> 32) ^
                       static_cast<std::uint32_t>(both >> std::min(vy & 63, 32U))));
    std::uint32_t permuted = 0, dot_unsigned = 9;
    std::int32_t dot = 7;
    for (int k = 0; k < 4; ++k) {
      permuted |= static_cast<std::uint32_t>(both >> (8 * (vy >> (4 * k) & 7)) & 0xff) * 1U << (8 * k);
      dot += static_cast<std::int8_t>(vx >> (8 * k)) * static_cast<std::int8_t>(vy >> (8 * k));
      dot_unsigned += (vx >> (8 * k) & 0xff) * (vy >> (8 * k) & 0xff);
    }
    EXPECT_EQ(to[11], permuted);  // __byte_perm clears the bits that replicate signs
    EXPECT_EQ(to[12], u64(dot) + dot_unsigned);
    const auto apart = static_cast<std::uint32_t>(std::llabs(std::int64_t{ix} - iy)) + 3,
               apart_unsigned = (vx > vy ? vx - vy : vy - vx) + 5;
    EXPECT_EQ(to[13], static_cast<std::uint32_t>(apart + apart_unsigned));
    EXPECT_EQ(to[14], u64(sx >> (vy & 63)) ^ ux << (vx & 63) ^ ux >> (vy & 63));
    EXPECT_EQ(to[15], u64(std::max(ix, iy)) - u64(std::min(sx, sy)) + std::max(ux, uy));
    EXPECT_EQ(to[16], u64(ix < 0 ? static_cast<std::int32_t>(0 - vx) : ix) +
                          u64(static_cast<std::int16_t>(ix) * static_cast<std::int8_t>(iy)));
    EXPECT_EQ(to[17], u64((static_cast<Unsigned>(ux) * uy + ux) >> 64));
    EXPECT_EQ(to[18] & 0xffffffff, (u64(static_cast<std::int64_t>(static_cast<float>(sx))) ^
                                    std::bit_cast<std::uint32_t>(static_cast<float>(ux))) &
                                       0xffffffff);
    const std::uint64_t cases[] = {ux + 3, uy * 5, ux ^ uy, ux | 77, uy & ux, uy - ux, ux * 11, 1, 1};
    EXPECT_EQ(to[19], cases[vx % 9]);
  }
}

TEST_P(PtxKernelsMore, CountWithAtomicsWithoutBeingAccused) {
  std::vector<std::uint8_t> in(3000);
  std::mt19937 random(5);
  for (auto& value : in) value = static_cast<std::uint8_t>(random() % 200 + 7);
  const std::uint64_t from = world_.add(in), bins = world_.add(std::vector<std::uint32_t>(256)),
                      sum = world_.add(std::vector<float>(1));
  const std::uint64_t wide = world_.add(std::vector<double>(1)), extremes = world_.add(std::vector<int>{0, 1000});
  launch("histogram", {3, 1, 1}, {256, 1, 1}, Arguments() << from << 3000 << bins << sum << wide << extremes);
  for (std::uint32_t i = 0; i < 256; ++i)
    EXPECT_EQ(world_.read<std::uint32_t>(bins)[i], std::count(in.begin(), in.end(), static_cast<std::uint8_t>(i)));
  const int total = std::accumulate(in.begin(), in.end(), 0);
  EXPECT_EQ(world_.read<float>(sum)[0], static_cast<float>(total));
  EXPECT_EQ(world_.read<double>(wide)[0], total);
  EXPECT_THAT(world_.read<int>(extremes),
              testing::ElementsAre(*std::max_element(in.begin(), in.end()), *std::min_element(in.begin(), in.end())));
}

TEST_P(PtxKernelsMore, VoteMatchAndReduce) {
  std::vector<int> in(64);
  for (int i = 0; i < 64; ++i) in[static_cast<std::size_t>(i)] = i * 7 % 10;
  const std::uint64_t from = world_.add(in), to = world_.add(64 * 32, false);
  launch("votes", {1, 1, 1}, {64, 1, 1}, Arguments() << from << to);
  const auto got = world_.read<int>(to);
  const auto above = static_cast<int>(std::count_if(in.begin(), in.end(), [](int v) { return v > 3; }));
  for (std::size_t i = 0; i < 64; ++i) {
    const std::size_t warp = i / 32 * 32, lane = i % 32;
    std::uint32_t odd = 0, equal = 0;
    int sum = 0, most = 0, any = 0;
    for (std::size_t k = 0; k < 32; ++k) {
      const int v = in[warp + k];
      odd |= static_cast<std::uint32_t>(v & 1) << k;
      equal |= (v == in[i] ? 1U : 0U) << k;
      sum += v;
      most = std::max(most, v);
      any |= v > 6 ? 1 : 0;
    }
    const int* of = got.data() + 8 * i;
    EXPECT_EQ(of[0], above);
    EXPECT_EQ(of[1], 3);
    EXPECT_EQ(static_cast<std::uint32_t>(of[2]), odd);
    EXPECT_EQ(of[3], any + 2);
    EXPECT_EQ(static_cast<std::uint32_t>(of[4]), equal);
    EXPECT_EQ(of[5], sum + most);
    EXPECT_EQ(of[6], lane % 2 == 0 ? in[warp + 4] : lane < 2 ? in[i] : in[i - 2]);
    EXPECT_EQ(of[7], 0);  // all 32 lanes and the predicate: -1 + 1
  }
}

TEST_P(PtxKernelsMore, IndexArraysOfTheirOwn) {
  std::vector<int> in;
  for (int i = 0; i < 24; ++i) in.push_back(i * 5 % 24 + i);
  const std::uint64_t from = world_.add(in), to = world_.add(128, false);
  launch("local_array", {1, 1, 1}, {32, 1, 1}, Arguments() << from << to << 17);
  for (int t = 0; t < 32; ++t) {
    std::vector<int> values;
    for (const int v : in) values.push_back(v * t);
    for (std::size_t i = 0; i < 17; ++i) {
      const auto at = static_cast<std::size_t>(in[i]);
      values[at % 24] += values[(at + i) % 24];
    }
    EXPECT_EQ(world_.read<int>(to)[static_cast<std::size_t>(t)],
              values[17] + values[static_cast<std::size_t>(in[3]) % 24]);
  }
}

TEST_P(PtxKernelsMore, ThatNeverEndAreStopped) {
  const std::uint64_t flag = world_.add(std::vector<int>{0});
  const Arguments given = Arguments() << flag;
  EXPECT_THAT(fault_of(*module_, of("spin", {1, 1, 1}, {32, 1, 1}, given), world_), HasSubstr("it does not end"));
  const std::uint64_t set = world_.add(std::vector<int>{1});
  launch("spin", {1, 1, 1}, {32, 1, 1}, Arguments() << set);
}

TEST_P(PtxKernelsMore, ThatDivergeAroundABarrierAreStopped) {
  const std::uint64_t out = world_.add(256, false);
  const Arguments given = Arguments() << out;
  const std::string words = fault_of(*module_, of("only_half_syncs", {1, 1, 1}, {64, 1, 1}, given), world_);
  EXPECT_THAT(words, HasSubstr("__syncthreads() in divergent code"));
}

TEST_P(PtxKernelsMore, OrderTwoGroupsByNamedBarriersAndOnlyThem) {
  const std::uint64_t out = world_.add(512, false);
  const Arguments given = Arguments() << out;
  for (std::uint64_t seed = 1; seed < 9; ++seed) {
    run(*module_, of("named_barriers", {1, 1, 1}, {128, 1, 1}, given, seed), world_);
    for (int i = 0; i < 128; ++i)
      ASSERT_EQ(world_.read<int>(out)[static_cast<std::size_t>(i)], i / 64 * 64 + 63 - i % 64);
    EXPECT_THAT(fault_of(*module_, of("named_barriers_racing", {1, 1, 1}, {128, 1, 1}, given, seed), world_),
                testing::AnyOf(HasSubstr("race in byte"), HasSubstr("never written")));
  }
}

TEST_P(PtxKernelsMore, HaveSharedMemoryAsLongAsTheLaunchSays) {
  const std::uint64_t out = world_.add(256, false);
  const Arguments given = Arguments() << out;
  launch("dynamic_shared", {1, 1, 1}, {64, 1, 1}, given, 3, 256);
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(world_.read<float>(out)[i], static_cast<float>(63 - i + 10));
  EXPECT_EQ(find(*module_, "dynamic_shared")->static_shared_bytes, 12U);
  EXPECT_THAT(fault_of(*module_, of("dynamic_shared", {1, 1, 1}, {64, 1, 1}, given, 3, 252), world_),
              HasSubstr("of shared memory, which has 268 bytes"));
}

TEST_P(PtxKernelsMore, TakeStructuresByValue) {
  struct Options {
    int scale[5];
    double add;
  };
  const std::uint64_t out = world_.add(80, false);
  launch("by_value", {1, 1, 1}, {10, 1, 1}, Arguments() << Options{{1, 2, 3, 4, 5}, 0.5} << char{2} << out);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(world_.read<double>(out)[static_cast<std::size_t>(i)], (i % 5 + 1) * i + 2.5);
  EXPECT_EQ(find(*module_, "by_value")->parameters[2].offset, 40U);
  const Arguments few = Arguments() << 1;
  EXPECT_THAT(fault_of(*module_, of("by_value", {1, 1, 1}, {10, 1, 1}, few), world_), HasSubstr("48 are wanted"));
}

TEST_P(PtxKernelsMore, ReadTheClocksOfTheWorld) {
  const std::uint64_t out = world_.add(16, false);
  launch("clocks", {1, 1, 1}, {1, 1, 1}, Arguments() << out);
  EXPECT_THAT(world_.read<std::int64_t>(out), testing::ElementsAre(2, 2000));
}

TEST_P(PtxKernelsMore, DivergeAndMeetAgain) {
  const std::uint64_t out = world_.add(std::vector<int>(32, -1));
  launch("divergent", {1, 1, 1}, {32, 1, 1}, Arguments() << out);
  for (int t = 0; t < 32; ++t) {
    int sum = 0;
    for (int i = 0; i < t && sum <= 200; ++i) sum += i % 3 == 0 ? 0 : i;
    EXPECT_EQ(world_.read<int>(out)[static_cast<std::size_t>(t)], t % 5 == 4 ? -1 : sum);
  }
}

TEST_P(PtxKernelsMore, CountTheLinesThatRan) {
  const auto hits_in_source = [&] {
    std::uint64_t hits = 0;
    for (const LineHits& line : line_hits(*module_))
      if (line.file.find("kernels.cu") != std::string::npos) hits += line.hits;
    return hits;
  };
  EXPECT_EQ(hits_in_source(), 0U);
  const std::uint64_t out = world_.add(256, false);
  launch("dynamic_shared", {1, 1, 1}, {64, 1, 1}, Arguments() << out, 3, 256);
  const std::uint64_t once = hits_in_source();
  EXPECT_GT(once, 20U);
  launch("dynamic_shared", {1, 1, 1}, {64, 1, 1}, Arguments() << out, 3, 256);
  EXPECT_EQ(hits_in_source(), 2 * once);
}

TEST_P(PtxKernelsMore, RunInSeveralThreadsAtOnce) {
  const std::vector<float> in = noise(64 * 64);
  std::vector<int> bad(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < bad.size(); ++t)
    threads.emplace_back([&, t] {
      Buffers world;
      const std::uint64_t from = world.add(in), to = world.add(in.size() * 4, false);
      const Arguments given = Arguments() << from << to << 64;
      run(*module_, of("transpose", {2, 2, 1}, {32, 8, 1}, given, t + 1), world);
      const auto out = world.read<float>(to);
      for (std::size_t i = 0; i < in.size(); ++i) bad[t] += out[i] != in[i % 64 * 64 + i / 64] ? 1 : 0;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(bad, testing::Each(0));
}

}  // namespace
}  // namespace geomsu::emulation::ptx
