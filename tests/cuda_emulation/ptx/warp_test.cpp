// Shuffles and matrices: lanes against what the manual's pictures say.
#include <cmath>

#include <gmock/gmock.h>

#include "tests/cuda_emulation/ptx/support.hpp"

namespace geomsu::emulation::ptx {
namespace {

std::vector<std::uint64_t> lanes_of(const std::string& body) { return run_body(body, 32); }

TEST(PtxShuffle, MovesWithinItsSegment) {
  const auto up = lanes_of(
      "shfl.sync.up.b32 %r1|%p1, %r0, 3, 0x1800, -1; selp.b32 %r2, 1, 0, %p1; st.global.v2.u32 [%rd0], {%r1, %r2};");
  const auto down = lanes_of(
      "shfl.sync.down.b32 %r1|%p1, %r0, 3, 0x1807, -1; selp.b32 %r2, 1, 0, %p1; st.global.v2.u32 [%rd0], {%r1, %r2};");
  const auto butterfly = lanes_of("shfl.sync.bfly.b32 %r1, %r0, 5, 0x1f, -1; st.global.u32 [%rd0], %r1;");
  const auto index = lanes_of("shfl.sync.idx.b32 %r1, %r0, 11, 0x1807, -1; st.global.u32 [%rd0], %r1;");
  for (std::uint64_t i = 0; i < 32; ++i) {
    const bool above = i % 8 >= 3, below = i % 8 < 5;
    EXPECT_EQ(up[i], (above ? (i - 3) | 1ULL << 32 : i));
    EXPECT_EQ(down[i], (below ? (i + 3) | 1ULL << 32 : i));
    EXPECT_EQ(butterfly[i], i ^ 5);
    EXPECT_EQ(index[i], i / 8 * 8 + 3);
  }
}

TEST(PtxShuffle, WaitsForLanesOnTheOtherSideOfABranch) {
  const auto got = lanes_of(
      "mov.u32 %r1, 0; setp.lt.u32 %p1, %r0, 7; @%p1 bra low; mov.u32 %r1, 100; low: add.u32 %r1, %r1, %r0;"
      "shfl.sync.bfly.b32 %r2, %r1, 31, 31, -1; st.global.u32 [%rd0], %r2;");
  for (std::uint64_t i = 0; i < 32; ++i) EXPECT_EQ(got[i], 31 - i + (31 - i < 7 ? 0 : 100));
}

TEST(PtxShuffle, OfTwoGroupsWithMasksOfTheirOwnAtOneInstruction) {
  const auto got = lanes_of(
      "setp.lt.u32 %p1, %r0, 16; selp.b32 %r1, 0xffff, 0xffff0000, %p1; redux.sync.add.u32 %r2, %r0, %r1; "
      "st.global.u32 [%rd0], %r2;");
  for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(got[i], i < 16 ? 120U : 376U);
}

TEST(PtxWarp, TellsLanesApart) {
  const auto got = lanes_of(
      "mov.u32 %r1, %lanemask_lt; popc.b32 %r1, %r1; mov.u32 %r2, %lanemask_ge; popc.b32 %r2, %r2; elect.sync _|%p1, "
      "-1; selp.b32 %r3, 1000, 0, %p1;"
      "add.u32 %r2, %r2, %r3; st.global.v2.u32 [%rd0], {%r1, %r2};");
  for (std::uint64_t i = 0; i < 32; ++i) EXPECT_EQ(got[i], i | (32 - i + (i == 0 ? 1000 : 0)) << 32);
}

TEST(PtxWarp, MeetsAtDifferentWarpBarriers) {
  const auto got = lanes_of(
      "setp.lt.u32 %p1, %r0, 9; @%p1 bra other; bar.warp.sync -1; mov.u32 %r1, 1; bra join; other: mov.u32 %r1, 2; "
      "bar.warp.sync -1; join: st.global.u32 [%rd0], %r1;");
  EXPECT_EQ(got[0], 2U);
  EXPECT_EQ(got[31], 1U);
}

TEST(PtxWarp, JumpsByATable) {
  const auto got = lanes_of(
      "and.b32 %r1, %r0, 1; targets: .branchtargets even, odd; brx.idx %r1, targets; even: mov.u32 %r2, 8; bra join; "
      "odd: mov.u32 %r2, 9; join: st.global.u32 [%rd0], %r2;");
  for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(got[i], 8 + i % 2);
}

// One element of A and one of B are set, at places that the manual's formulas name; the product has one element.
struct Product {
  const char* types;
  int depth, per_register;    // columns of A, elements a register
  std::uint32_t one, result;  // bits of 1, and of 1 * 1
};
class PtxMatrix : public testing::TestWithParam<Product> {};

TEST_P(PtxMatrix, HasItsElementsWhereTheManualSays) {
  const Product& p = GetParam();
  const int registers = p.depth / (2 * p.per_register), bits = 32 / p.per_register;
  for (const int row : {0, 5, 11, 15})
    for (int k = 0; k < p.depth; k += 3)
      for (const int column : {0, 3, 7}) {
        const auto block = k / (4 * p.per_register), member = k % (4 * p.per_register) / p.per_register,
                   shift = bits * (k % p.per_register);
        std::string body, a, b;
        const auto put = [&](const std::string& reg, bool here, int lane) {
          body += "mov.b32 " + reg + ", 0; ";
          if (here)
            body += "setp.eq.u32 %p1, %r0, " + std::to_string(lane) + "; @%p1 mov.b32 " + reg + ", " +
                    std::to_string(p.one << shift) + "; ";
        };
        for (int r = 0; r < registers; ++r) {
          const std::string reg = "%r" + std::to_string(10 + r);
          put(reg, r == (row / 8) + 2 * block, row % 8 * 4 + member);
          a += (r != 0 ? "," : "") + reg;
        }
        for (int r = 0; r < registers / 2; ++r) {
          const std::string reg = "%r" + std::to_string(20 + r);
          put(reg, r == block, column * 4 + member);
          b += (r != 0 ? "," : "") + reg;
        }
        for (int half = 0; half < 2; ++half) {
          const std::string name =
              std::string("mma.sync.aligned.m16n8k") + std::to_string(p.depth) + ".row.col." + p.types;
          const auto got =
              lanes_of(body + "mov.b32 %r1, 0; " + name + " {%r30,%r31,%r32,%r33}, {" + a + "}, {" + b +
                       "}, {%r1,%r1,%r1,%r1}; " +
                       (half == 0 ? "st.global.v2.u32 [%rd0], {%r30,%r31};" : "st.global.v2.u32 [%rd0], {%r32,%r33};"));
          for (int lane = 0; lane < 32; ++lane)
            for (int i = 0; i < 2; ++i) {
              const bool here = lane / 4 + 8 * half == row && 2 * (lane % 4) + i == column;
              ASSERT_EQ(got[static_cast<std::size_t>(lane)] >> (32 * i) & 0xffffffff, here ? p.result : 0U)
                  << row << " " << k << " " << column;
            }
        }
      }
}
INSTANTIATE_TEST_SUITE_P(, PtxMatrix,
                         testing::Values(Product{"f32.bf16.bf16.f32", 16, 2, 0x3f80, 0x3f800000},
                                         Product{"f32.f16.f16.f32", 16, 2, 0x3c00, 0x3f800000},
                                         Product{"f32.bf16.bf16.f32", 8, 2, 0x3f80, 0x3f800000},
                                         Product{"f32.tf32.tf32.f32", 8, 1, 0x3f800000, 0x3f800000},
                                         Product{"s32.s8.s8.s32", 32, 4, 0xff, 1},
                                         Product{"satfinite.s32.u8.s8.s32", 32, 4, 1, 1}));

TEST(PtxMatrices, OfHalvesGivesHalves) {
  const auto got = lanes_of(
      "mov.b32 %r1, 0x3c003c00; mov.b32 %r2, 0x40004000; mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {%r3,%r4}, "
      "{%r1,%r1,%r1,%r1}, {%r2,%r2}, {%r1,%r1};"
      "st.global.v2.u32 [%rd0], {%r3,%r4};");
  for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(got[i], 0x5020502050205020U);  // 33
}

TEST(PtxMatrices, IsLoadedRowByRowOrTransposed) {
  const std::string fill =
      ".shared .align 16 .b8 tile[512]; mov.u32 %r1, tile; shl.b32 %r2, %r0, 4; add.u32 %r1, %r1, %r2; shl.b32 %r3, "
      "%r0, 8; add.u32 %r4, %r3, 0x00010000; add.u32 %r4, %r4, %r3;"
      "shl.b32 %r5, %r0, 24; or.b32 %r5, %r5, %r3; or.b32 %r6, %r5, 0x10000; or.b32 %r7, %r5, 0x30002; or.b32 %r8, "
      "%r5, 0x50004; or.b32 %r9, %r5, 0x70006;"
      "st.shared.v4.b32 [%r1], {%r6, %r7, %r8, %r9}; bar.warp.sync -1; ";
  const auto rows = lanes_of(
      fill +
      "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r10,%r11,%r12,%r13}, [%r1]; st.global.v2.u32 [%rd0], {%r10,%r13};");
  const auto columns = lanes_of(
      fill +
      "ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%r10,%r11}, [%r1]; st.global.v2.u32 [%rd0], {%r10,%r11};");
  const auto at = [](std::uint64_t row, std::uint64_t column) { return row << 8 | column; };
  for (std::uint64_t i = 0; i < 32; ++i) {
    const std::uint64_t x = i / 4, y = i % 4 * 2;
    EXPECT_EQ(rows[i], at(x, y) | at(x, y + 1) << 16 | at(24 + x, y) << 32 | at(24 + x, y + 1) << 48);
    EXPECT_EQ(columns[i], at(y, x) | at(y + 1, x) << 16 | at(8 + y, x) << 32 | at(8 + y + 1, x) << 48);
  }
}

}  // namespace
}  // namespace geomsu::emulation::ptx
