// Warps between barriers: what is accused and what is not, and what never ends.
#include <set>

#include <gmock/gmock.h>

#include "tests/cuda_emulation/ptx/support.hpp"

namespace geomsu::emulation::ptx {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

std::string fault_in(const std::string& body, std::uint32_t threads, std::uint64_t seed = 1) {
  const auto module = parse(kernel_text(body));
  Buffers world;
  Arguments arguments;
  arguments << world.add(std::vector<std::uint64_t>(threads));
  return fault_of(*module,
                  {.kernel = "k",
                   .grid = {},
                   .block = {threads, 1, 1},
                   .parameters = arguments.bytes(),
                   .seed = seed,
                   .most_instructions = 100000},
                  world);
}

constexpr const char* kShared =
    ".shared .align 8 .b8 s[1024]; mov.u32 %r1, s; shl.b32 %r2, %r0, 2; add.u32 %r3, %r1, %r2; xor.b32 %r4, %r2, 128; "
    "add.u32 %r4, %r1, %r4; ";

struct Race {
  const char* body;
  const char* words;  // "" where there is no race
};
void PrintTo(const Race& of, std::ostream* to) { *to << as_name(of.body); }
class PtxRace : public testing::TestWithParam<Race> {};
TEST_P(PtxRace, IsFoundWhateverTheOrder) {
  for (std::uint64_t seed = 1; seed < 12; ++seed) {
    const std::string words = fault_in(std::string(kShared) + GetParam().body, 64, seed);
    if (*GetParam().words == '\0')
      EXPECT_EQ(words, "");
    else
      EXPECT_THAT(words, HasSubstr(GetParam().words));
  }
}
INSTANTIATE_TEST_SUITE_P(
    , PtxRace,
    testing::Values(
        Race{"st.shared.u32 [%r3], 1; bar.sync 0; ld.shared.u32 %r5, [%r4];", ""},
        Race{"st.shared.u32 [s], %r0;", "race in byte 0 of shared memory"},
        Race{"st.shared.u32 [%r3], 1; bar.sync 0; ld.shared.u32 %r5, [%r4]; st.shared.u32 [%r3], 2;",
             "with no barrier between"},
        Race{"st.shared.u32 [%r3], 1; bar.sync 0; ld.shared.u32 %r5, [%r4]; bar.sync 0; st.shared.u32 [%r3], 2; "
             "ld.shared.u32 %r5, [%r3];",
             ""},
        Race{"add.u32 %r5, %r1, %r0; st.shared.u8 [%r5], 1; ld.shared.u8 %r6, [%r5]; st.shared.u8 [%r5], 2;", ""},
        Race{"st.shared.u32 [%r3], 1; bar.warp.sync -1; membar.cta; bar.sync 0; st.shared.u32 [%r4], 2; bar.sync 0; "
             "ld.shared.u32 %r5, [%r3];",
             ""},
        Race{"st.shared.u32 [%r3], 0; bar.sync 0; atom.shared.add.u32 %r5, [s], 1; red.shared.add.u32 [s], 1;", ""},
        Race{"st.shared.u32 [%r3], 0; bar.sync 0; red.shared.add.u32 [s], 1; ld.shared.u32 %r5, [s];",
             "race in byte 0"},
        Race{"st.shared.u32 [%r3], 0; bar.sync 0; red.shared.add.u32 [s], 1; bar.sync 0; ld.shared.u32 %r5, [s];", ""},
        Race{"st.shared.u32 [%r3], 0; bar.sync 0; setp.lt.u32 %p1, %r0, 32; @%p1 red.shared.add.u32 [s+64], 1; @!%p1 "
             "st.shared.u32 [s+64], 1;",
             "race in byte 64"},
        Race{"st.shared.u32 [%r3], 0; bar.sync 0; ld.volatile.shared.u32 %r5, [s]; st.volatile.shared.u32 [s], 1;", ""},
        Race{"setp.lt.u32 %p1, %r0, 32; @%p1 st.shared.u32 [%r3], 1; barrier.sync 3, 64; @!%p1 ld.shared.u32 %r5, "
             "[%r4];",
             ""}));

TEST(PtxOrder, DependsOnTheSeed) {
  const auto module =
      parse(kernel_text("ld.param.u64 %rd1, [out]; atom.global.add.u64 %rd2, [%rd1], 1; setp.eq.u32 %p1, %r0, 0; @!%p1 "
                        "st.global.u64 [%rd0], %rd2;"));
  std::set<std::vector<std::uint64_t>> seen;
  std::vector<std::uint64_t> first;
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    Buffers world;
    const std::uint64_t out = world.add(std::vector<std::uint64_t>(256));
    Arguments arguments;
    arguments << out;
    const Launch launch{.kernel = "k", .grid = {}, .block = {256, 1, 1}, .parameters = arguments.bytes(), .seed = seed};
    run(*module, launch, world);
    const auto order = world.read<std::uint64_t>(out);
    seen.insert(order);
    Buffers again;
    ASSERT_EQ(again.add(std::vector<std::uint64_t>(256)), out);
    run(*module, launch, again);
    EXPECT_EQ(again.read<std::uint64_t>(out), order) << "the same seed gives the same order";
  }
  EXPECT_GT(seen.size(), 15U);
}

TEST(PtxOrder, OfBlocksIsShuffledWhereItIsWanted) {
  const auto module =
      parse(kernel_text("ld.param.u64 %rd1, [out]; atom.global.add.u64 %rd2, [%rd1], 1; mov.u32 %r1, %ctaid.x; "
                        "mul.wide.u32 %rd3, %r1, 8; add.u64 %rd3, %rd3, %rd1;"
                        "st.global.u64 [%rd3+8], %rd2;"));
  const auto order = [&](bool shuffle) {
    Buffers world;
    const std::uint64_t out = world.add(std::vector<std::uint64_t>(17));
    Arguments arguments;
    arguments << out;
    run(*module,
        {.kernel = "k", .grid = {4, 2, 2}, .block = {}, .parameters = arguments.bytes(), .seed = 3, .shuffle = shuffle},
        world);
    return world.read<std::uint64_t>(out);
  };
  EXPECT_EQ(order(false)[4], 15U);
  EXPECT_NE(order(false), order(true));
}

TEST(PtxOrder, FindsWhatWaitsForever) {
  EXPECT_THAT(fault_in("setp.lt.u32 %p1, %r0, 32; @%p1 bar.sync 1; @!%p1 bar.sync 2;", 64),
              HasSubstr("barrier that not all threads reach"));
  EXPECT_THAT(fault_in("setp.lt.u32 %p1, %r0, 32; @%p1 bar.sync 1, 96;", 64),
              testing::Eq(""));  // the others have ended
  EXPECT_THAT(fault_in("setp.lt.u32 %p1, %r0, 8; @%p1 bar.sync 0; @!%p1 bar.warp.sync -1;", 32),
              HasSubstr("never come here"));
  EXPECT_THAT(fault_in("setp.lt.u32 %p1, %r0, 8; @%p1 shfl.sync.idx.b32 %r1, %r0, 0, 31, -1; @!%p1 shfl.sync.idx.b32 "
                       "%r2, %r0, 0, 31, -1;",
                       32),
              HasSubstr("never come here"));
  EXPECT_THAT(fault_in("on: bra on;", 32), HasSubstr("it does not end"));
  EXPECT_THAT(fault_in("bar.sync 16;", 32), HasSubstr("numbered 0 to 15"));
  EXPECT_THAT(fault_in("bar.sync 1, 33;", 64), HasSubstr("multiple of 32"));
}

TEST(PtxOrder, LetsThreadsEndBeforeABarrier) {
  EXPECT_EQ(fault_in("setp.lt.u32 %p1, %r0, 40; @%p1 exit; bar.sync 0; shfl.sync.bfly.b32 %r1, %r0, 1, 31, -1;", 64),
            "");
}

TEST(PtxOrder, FindsLanesThatTakeNoPart) {
  EXPECT_THAT(fault_in("shfl.sync.down.b32 %r1, %r0, 1, 31, 0xffff;", 32), HasSubstr("does not name the lane itself"));
  EXPECT_THAT(fault_in("shfl.sync.idx.b32 %r1, %r0, 0, 31, %r7;", 1), HasSubstr("its member mask was never written"));
  EXPECT_THAT(fault_in("shfl.sync.bfly.b32 %r1, %r0, 16, 31, -1;", 24), HasSubstr("which takes no part"));
  EXPECT_THAT(fault_in("setp.lt.u32 %p1, %r0, 8; @%p1 exit; shfl.sync.idx.b32 %r1, %r0, 0, 31, -1;", 32),
              HasSubstr("reads lane 0, which takes no part"));
  EXPECT_THAT(fault_in("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r1}, [0];", 16), HasSubstr("a warp of 32 threads"));
  EXPECT_THAT(fault_in("setp.lt.u32 %p1, %r0, 8; @%p1 exit; .shared .align 16 .b8 t[512]; "
                       "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r1}, [t];",
                       32),
              HasSubstr("all 32 lanes"));
}

TEST(PtxOrder, SaysWhereAFaultLies) {
  const auto module =
      parse(".file 1 \"here.cu\"\n" + kernel_text(".loc 1 42 0\nmov.u32 %r1, %ctaid.y; setp.eq.u32 %p1, %r1, 1; "
                                                  "setp.eq.and.u32 %p1, %r0, 3, %p1; @%p1 st.global.u32 [%rd0+1], 0;"));
  Buffers world;
  Arguments arguments;
  arguments << world.add(std::size_t{640});
  const std::string words =
      fault_of(*module, {.kernel = "k", .grid = {1, 2, 1}, .block = {2, 2, 1}, .parameters = arguments.bytes()}, world);
  EXPECT_EQ(words, "");  // %tid.x never is 3
  const std::string found =
      fault_of(*module, {.kernel = "k", .grid = {1, 2, 1}, .block = {5, 2, 1}, .parameters = arguments.bytes()}, world);
  EXPECT_THAT(found, HasSubstr("kernel k, here.cu:42, `@%p1 st.global.u32 [%rd0+1], 0;` (PTX line "));
  EXPECT_THAT(found, HasSubstr("block (0,1,0), thread (3,"));
}

}  // namespace
}  // namespace geomsu::emulation::ptx
