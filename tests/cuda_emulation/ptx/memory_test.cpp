#include <gmock/gmock.h>

#include "tests/cuda_emulation/ptx/support.hpp"

namespace geomsu::emulation::ptx {
namespace {

using testing::HasSubstr;

TEST(PtxMemory, StoresWhatItLoads) {
  EXPECT_EQ(run_body("mov.u64 %rd1, 81985529216486895; st.global.u64 [%rd0], %rd1;", 3),
            std::vector<std::uint64_t>(3, 0x123456789abcdef));
}

TEST(PtxMemory, SignedLoadsFillTheRegisterAndUnsignedOnesDoNot) {
  const std::string store = "mov.u64 %rd1, 0xff80; st.global.u64 [%rd0], %rd1; ";
  EXPECT_EQ(run_body(store + "ld.global.s8 %r1, [%rd0]; st.global.u32 [%rd0], %r1;")[0], 0xffffff80U);
  EXPECT_EQ(run_body(store + "ld.global.u8 %r1, [%rd0]; st.global.u32 [%rd0], %r1;")[0], 0x80U);
  EXPECT_EQ(run_body(store + "ld.global.s16 %rd1, [%rd0]; st.global.u64 [%rd0], %rd1;")[0], 0xffffffffffffff80U);
  EXPECT_EQ(run_body(store + "ld.global.s8 %rs1, [%rd0+1]; st.global.u16 [%rd0+2], %rs1;")[0], 0xffffff80U);
}

TEST(PtxMemory, AddressesHaveOffsetsOfBothSigns) {
  EXPECT_EQ(run_body("{ .reg.b64 up; add.u64 up, %rd0, 4; st.global.u32 [up+-4], 5; st.global.u32 [up], 6; "
                     "ld.global.u32 %r1, [up-4]; st.global.u32 [up+0], %r1; }")[0],
            0x500000005U);
}

TEST(PtxMemory, VectorsLieInOrder) {
  EXPECT_EQ(run_body("mov.u32 %r1, 1; mov.u32 %r2, 2; st.global.v2.u32 [%rd0], {%r1, %r2};")[0], 0x200000001U);
  EXPECT_EQ(run_body("mov.u64 %rd1, 0x4000300020001; st.global.u64 [%rd0], %rd1;"
                     "ld.global.v4.u16 {%rs1, %rs2, %rs3, %rs4}, [%rd0]; mov.b64 %rd2, {%rs4, %rs3, %rs2, %rs1};"
                     "st.global.cs.b64 [%rd0], %rd2;")[0],
            0x1000200030004U);
}

TEST(PtxMemory, LocalMemoryBelongsToItsThread) {
  const auto got = run_body(
      ".local .align 8 .b8 depot[16]; mov.u64 %rd1, depot; cvta.local.u64 %rd1, %rd1; st.local.u32 [%rd1+8], %r0;"
      "bar.warp.sync -1; ld.u32 %r1, [%rd1+8]; st.global.u32 [%rd0], %r1;",
      32);
  for (std::uint32_t i = 0; i < 32; ++i) EXPECT_EQ(got[i], i);
}

TEST(PtxMemory, ModuleVariablesHaveTheirInitialValues) {
  const std::string text = kernel_text(
      "ld.const.f32 %f1, [table+4]; mov.u64 %rd1, counts; ld.global.u16 %rs1, [%rd1+2]; cvt.u32.u16 %r1, %rs1;"
      "mov.b32 %r2, %f1; st.global.v2.u32 [%rd0], {%r1, %r2};");
  const auto module =
      parse(".const .align 4 .b8 table[8] = {0, 0, 128, 63, 0, 0, 0, 64};\n.global .u16 counts[3] = {7, 9};\n" + text);
  Buffers world;
  const std::uint64_t out = world.add(std::vector<std::uint64_t>(1));
  Arguments arguments;
  arguments << out;
  run(*module, {.kernel = "k", .grid = {}, .block = {}, .parameters = arguments.bytes()}, world);
  EXPECT_EQ(world.read<std::uint64_t>(out)[0], 0x4000000000000009U);
}

// An atomic on a word of 12 (or its float): what it leaves in the low half, what it gave back in the high one.
struct Atomic {
  const char* body;
  std::uint64_t left, old;
};
void PrintTo(const Atomic& of, std::ostream* to) { *to << as_name(of.body); }
class PtxAtomic : public testing::TestWithParam<Atomic> {};

TEST_P(PtxAtomic, LeavesTheNewValueAndGivesBackTheOld) {
  const std::string start = "mov.u32 %r9, 99; st.global.u32 [%rd0], 12; ";
  const auto got =
      run_body(start + GetParam().body + " ld.global.u32 %r8, [%rd0]; st.global.v2.u32 [%rd0], {%r8, %r9};");
  EXPECT_EQ(got[0], GetParam().left | GetParam().old << 32);
}

INSTANTIATE_TEST_SUITE_P(
    , PtxAtomic,
    testing::Values(
        Atomic{"atom.global.add.s32 %r9, [%rd0], -13;", 0xffffffff, 12},
        Atomic{"atom.global.min.s32 %r9, [%rd0], -1;", 0xffffffff, 12},
        Atomic{"atom.global.min.u32 %r9, [%rd0], -1;", 12, 12}, Atomic{"atom.global.max.s32 %r9, [%rd0], -1;", 12, 12},
        Atomic{"atom.max.u32 %r9, [%rd0], -1;", 0xffffffff, 12},
        Atomic{"atom.relaxed.gpu.global.exch.b32 %r9, [%rd0], 7;", 7, 12},
        Atomic{"atom.global.cas.b32 %r9, [%rd0], 12, 5;", 5, 12},
        Atomic{"atom.global.cas.b32 %r9, [%rd0], 13, 5;", 12, 12}, Atomic{"atom.global.and.b32 %r9, [%rd0], 6;", 4, 12},
        Atomic{"atom.global.or.b32 %r9, [%rd0], 3;", 15, 12}, Atomic{"atom.global.xor.b32 %r9, [%rd0], 5;", 9, 12},
        Atomic{"atom.global.inc.u32 %r9, [%rd0], 12;", 0, 12}, Atomic{"atom.global.inc.u32 %r9, [%rd0], 13;", 13, 12},
        Atomic{"atom.global.dec.u32 %r9, [%rd0], 12;", 11, 12}, Atomic{"atom.global.dec.u32 %r9, [%rd0], 11;", 11, 12},
        Atomic{"red.release.sys.global.add.u32 [%rd0], 1;", 13, 99},
        Atomic{"st.global.b32 [%rd0], 0f3F800000; atom.global.add.f32 %f1, [%rd0], 0f3F000000; mov.b32 %r9, %f1;",
               0x3fc00000, 0x3f800000},
        Atomic{"st.global.b32 [%rd0], 0x3f804000; atom.global.add.noftz.bf16x2 %r9, [%rd0], 0x3f803f80;", 0x40004040,
               0x3f804000},
        Atomic{"st.global.b32 [%rd0], 0x3c004000; red.global.add.noftz.f16x2 [%rd0], 0x3c003c00;", 0x40004200, 99},
        Atomic{"atom.global.cas.b16 %rs1, [%rd0], 12, 3; cvt.u32.u16 %r9, %rs1;", 3, 12}));

TEST(PtxMemory, LanesMayReadParametersApart) {
  const auto bytes = run_body(
      "mov.u64 %rd1, out; cvt.u64.u32 %rd2, %r0; add.u64 %rd1, %rd1, %rd2; ld.param.u8 %r2, [%rd1]; "
      "cvt.u64.u32 %rd3, %r2; st.global.u64 [%rd0], %rd3;",
      8);
  const auto whole = run_body("ld.param.u64 %rd3, [out]; st.global.u64 [%rd0], %rd3;", 8);  // the same address
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(bytes[i], whole[0] >> (8 * i) & 0xff);
}

struct Case {
  const char* body;
  const char* words;
};
void PrintTo(const Case& of, std::ostream* to) { *to << as_name(of.body); }
class PtxMemoryFault : public testing::TestWithParam<Case> {};

TEST_P(PtxMemoryFault, SaysWhatIsWrong) {
  const auto module = parse(kernel_text(GetParam().body));
  Buffers world;
  const std::uint64_t out = world.add(std::size_t{64}, false);
  Arguments arguments;
  arguments << out;
  EXPECT_THAT(fault_of(*module, {.kernel = "k", .grid = {}, .block = {}, .parameters = arguments.bytes()}, world),
              HasSubstr(GetParam().words));
}

INSTANTIATE_TEST_SUITE_P(
    , PtxMemoryFault,
    testing::Values(Case{"st.global.u32 [%rd0+64], %r0;", "no allocation holds this address"},
                    Case{"st.global.u64 [%rd0+60], %rd0;", "misaligned"},
                    Case{"st.global.u32 [%rd0+2], %r0;", "misaligned"},
                    Case{"ld.global.u32 %r1, [%rd0];", "never written (byte 0 of its allocation)"},
                    Case{"st.global.u8 [%rd0+1], %r0; ld.global.u16 %rs1, [%rd0];", "never written (byte 0"},
                    Case{"st.global.u8 [%rd0], %r0; ld.global.u16 %rs1, [%rd0];", "never written (byte 1"},
                    Case{"add.s32 %r1, %r2, 1;", "a register that was never written"},
                    Case{"@%p1 mov.u32 %r1, 1;", "its guard was never written"},
                    Case{".shared .align 4 .b8 s[8]; mov.u32 %r1, s; st.shared.u32 [%r1+8], %r0;",
                         "of shared memory, which has 8 bytes"},
                    Case{".shared .align 4 .b8 s[8]; ld.shared.u32 %r1, [s];", "which was never written"},
                    Case{".shared .align 4 .b8 s[8]; st.shared.u8 [s], %r0; ld.shared.u16 %rs1, [s];",
                         "byte 1 of shared memory, which was never written"},
                    Case{".shared .align 4 .b8 s[8]; mov.u64 %rd1, s; st.global.u32 [%rd1], %r0;",
                         "lies in shared memory, the instruction wants global"},
                    Case{"st.shared.u32 [%rd0], %r0;", "lies in global memory, the instruction wants shared"},
                    Case{".local .b8 l[4]; mov.u64 %rd1, l; st.local.u8 [%rd1+4], %r0;",
                         "out of bounds of the thread's local memory"},
                    Case{".local .b8 l[4]; mov.u64 %rd1, l; ld.local.u8 %r1, [%rd1];",
                         "local memory at offset 0, which was never written"},
                    Case{"trap;", "trapped"}));

}  // namespace
}  // namespace geomsu::emulation::ptx
