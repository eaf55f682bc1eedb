// What is not known is refused when a module is parsed, with the line: nothing is ever skipped.
#include <gmock/gmock.h>

#include "tests/cuda_emulation/ptx/support.hpp"

namespace geomsu::emulation::ptx {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Refusal {
  const char* body;
  const char* words;
};
class PtxRefusal : public testing::TestWithParam<Refusal> {};
TEST_P(PtxRefusal, NamesTheLineAndWhatIsNotKnown) {
  EXPECT_THAT(refusal_of(kernel_text(GetParam().body)), AllOf(HasSubstr("PTX line 11"), HasSubstr(GetParam().words)));
}

INSTANTIATE_TEST_SUITE_P(
    Instructions, PtxRefusal,
    testing::Values(Refusal{"frobnicate.b32 %r1, %r2;", "opcode \"frobnicate\" is not known"},
                    Refusal{"add.frob.s32 %r1, %r2, %r3;", "modifier \".frob\" is not known here"},
                    Refusal{"add.s32 %r1, %r2, %r3, %r4;", "operand 4 is not known here"},
                    Refusal{"add.s32 %r1, %r2;", "operand 3 is missing"},
                    Refusal{"add.s32 %r1, %r2, %q;", "\"%q\" is no register"},
                    Refusal{"add.s32 %r1, %r2, %rd3;", "register %rd3 has another width"},
                    Refusal{"add.s32 %r1, %r2, 0x1ffffffff;", "the number does not fit the type"},
                    Refusal{"add.f32 %f1, %f2, 1;", "a floating-point number is wanted"},
                    Refusal{"add.f32 %f1, %f2, 0d3FF0000000000000;", "the number does not fit the type"},
                    Refusal{"min.b8 %rs1, %rs2, %rs3;", "register %rs1 has another width"},
                    Refusal{"add.f16x2.b32 %r1, %r2, %r3;", "modifier \".b32\""},
                    Refusal{"add.rm.f64 %fd1, %fd2, %fd3;", "this rounding is not known here"},
                    Refusal{"fma.f32 %f1, %f2, %f3, %f1;", "a rounding is wanted"},
                    Refusal{"cvt.s32.f32 %r1, %f2;", "a rounding to an integer is wanted"},
                    Refusal{"cvt.f32.s32 %f1, %r2;", "a rounding is wanted"},
                    Refusal{"cvt.rn.e4m3x2.f32 %rs1, %f1, %f2;", "satfinite"},
                    Refusal{"setp.equ.s32 %p1, %r1, %r2;", "integers are always ordered"},
                    Refusal{"mov.u32 %r1, %envreg3;", "\"%envreg3\" is no register, special register"},
                    Refusal{"mov.u32 %r1, %clusterid.x;", "\"%clusterid.x\""},
                    Refusal{"mov.u64 %rd1, %tid.x;", "has 32 bits"}, Refusal{"bra nowhere;", "there is no such label"},
                    Refusal{"call foo, (1);", "calls are not supported"},
                    Refusal{"call (%r1), vprintf, (%rd1);", "calls are not supported"},
                    Refusal{"cp.async.ca.shared.global [%r1], [%rd1], 16;", "opcode \"cp\" is not known"},
                    Refusal{"wgmma.fence.sync.aligned;", "opcode \"wgmma\" is not known"},
                    Refusal{"mbarrier.init.shared.b64 [%rd1], 1;", "opcode \"mbarrier\""},
                    Refusal{"ld.global.v3.u32 {%r1, %r2, %r3}, [%rd1];", "as many registers as elements"},
                    Refusal{"ld.global.v2.u32 {%r1, %r2, %r3}, [%rd1];", "as many registers as elements"},
                    Refusal{"st.param.u32 [out], %r1;", "lies in another space"},
                    Refusal{"st.global.nc.u32 [%rd1], %r1;", "modifier \".nc\""},
                    Refusal{"ld.shared.u32 %r1, [out];", "lies in another space"},
                    Refusal{"atom.global.and.f32 %f1, [%rd1], %f2;", "this type is not known here"},
                    Refusal{"red.global.exch.b32 [%rd1], %r2;", "red has no such operation"},
                    Refusal{"shfl.bfly.b32 %r1, %r2, 1, 31;", "that lanes wait for each other"},
                    Refusal{"bar.arrive 0, 64;", "what it does"},
                    Refusal{"mma.sync.aligned.m16n8k4.row.col.f32.tf32.tf32.f32 {%r1,%r2,%r3,%r4}, {%r1,%r2}, {%r1}, "
                            "{%r1,%r2,%r3,%r4};",
                            "the shape"},
                    Refusal{"mma.sync.aligned.m16n8k16.row.col.f32.bf16.f16.f32 {%r1,%r2,%r3,%r4}, {%r1,%r2,%r3,%r4}, "
                            "{%r1,%r2}, {%r1,%r2,%r3,%r4};",
                            "these types"},
                    Refusal{"wmma.mma.sync.aligned.row.col.m32n8k16.f32.f32 {%r1}, {%r1}, {%r1}, {%r1};", "the shape"},
                    Refusal{".frob 3;", "opcode"}, Refusal{".reg .b12 %x;", "is no type of a register"},
                    Refusal{".pragma \"frob\";", "pragma \"frob\" is not known"},
                    Refusal{"{ .reg .b32 %in; } mov.b32 %in, 1;", "register \"%in\" is not declared"}));

struct Top {
  const char* text;
  const char* words;
};
class PtxModuleRefusal : public testing::TestWithParam<Top> {};
TEST_P(PtxModuleRefusal, NamesTheDirective) {
  EXPECT_THAT(refusal_of(GetParam().text), AllOf(HasSubstr("PTX line "), HasSubstr(GetParam().words)));
}
INSTANTIATE_TEST_SUITE_P(
    , PtxModuleRefusal,
    testing::Values(Top{".func f() { ret; }", "\".func\" is not supported"},
                    Top{".visible .func f() { ret; }", "\".func\""}, Top{".extern .func f();", "\".shared\" is wanted"},
                    Top{".target sm_80, debug", "options of .target"}, Top{".address_size 32", "64 bits"},
                    Top{".alias a, b;", "\".alias\""}, Top{".section .text { }", "section .text"},
                    Top{".visible .entry k() .maxclusterrank 2 { ret; }", "\".maxclusterrank\""},
                    Top{".visible .entry k() { ret; } .visible .entry k() { ret; }", "stands there twice"},
                    Top{".global .b64 p[1] = {generic(q)};", "no number"},
                    Top{".global .u8 p[1] = {1, 2};", "more initial values"},
                    Top{".visible .entry k(.reg .b32 %a) { ret; }", "\".param\" is wanted"},
                    Top{".visible .entry k() { ret;", "end of text"}, Top{"/* open", "does not end"},
                    Top{".shared .b8 a[];", "only external"},
                    Top{".entry k() {\n.loc 1 2 3\nret; }", "there is no .file 1"}));

TEST(PtxModule, ListsItsKernelsAndTheirParameters) {
  const auto module = parse(
      ".version 9.0\n.target sm_80\n.address_size 64\n.extern .shared .align 16 .b8 dynamic[];\n.shared .align 8 .b8 "
      "both[24];\n"
      ".visible .entry a(.param .u8 x, .param .align 16 .b8 y[20], .param .u64 .ptr .global .align 1 z)\n.maxntid 64, "
      "2, 1\n.minnctapersm 2\n{ .reg .b32 %r<2>; mov.u32 %r1, both; ret; }\n"
      ".weak .entry b() { ret; }\n");
  EXPECT_THAT(kernels(*module), testing::ElementsAre("a", "b"));
  const KernelFacts* facts = find(*module, "a");
  ASSERT_NE(facts, nullptr);
  EXPECT_EQ(facts->parameters[1].offset, 16U);
  EXPECT_EQ(facts->parameters[2].offset, 40U);
  EXPECT_EQ(facts->parameter_bytes, 48U);
  EXPECT_EQ(facts->max_threads, 128U);
  EXPECT_EQ(facts->static_shared_bytes, 24U);
  EXPECT_EQ(find(*module, "b")->static_shared_bytes, 0U);
  EXPECT_EQ(find(*module, "c"), nullptr);
}

TEST(PtxModule, ReadsARegisterThatTheCompilerChoseNotToDefine) {
  EXPECT_EQ(run_body("// implicit-def: %r5\nadd.s32 %r6, %r5, 1; st.global.u32 [%rd0], 7;")[0], 7U);
}

TEST(PtxModule, CountsTheInnermostLine) {
  const auto module = parse(
      ".file 1 \"outer.cu\"\n.file 2 \"inner.h\"\n" +
      kernel_text(
          ".loc 1 5 0\nmov.u32 %r1, 1;\n.loc 2 9 3, function_name $L__info0, inlined_at 1 6 2\nmov.u32 %r2, "
          "2;\nmov.u32 %r3, 3;\n"
          ".loc 1 7 0\nsetp.eq.s32 %p1, %r1, 2;\n@%p1 bra over;\n.loc 1 8 0\n.loc 1 9 0\n@%p1 mov.u32 %r4, 1;\nover:"));
  Buffers world;
  Arguments arguments;
  arguments << world.add(std::size_t{64});
  run(*module, {.kernel = "k", .grid = {2, 1, 1}, .block = {32, 1, 1}, .parameters = arguments.bytes()}, world);
  std::vector<std::string> lines;
  for (const LineHits& line : line_hits(*module))
    lines.push_back(line.file + ":" + std::to_string(line.line) + "=" + std::to_string(line.hits));
  EXPECT_THAT(lines, testing::ElementsAre("outer.cu:5=2", "inner.h:9=4", "outer.cu:7=2", "outer.cu:9=2"));
}

}  // namespace
}  // namespace geomsu::emulation::ptx
