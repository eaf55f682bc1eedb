// Every family of opcodes with bits worked out by hand from the PTX manual: edges, ties, NaN, subnormals, carries.
#include <gmock/gmock.h>

#include "tests/cuda_emulation/ptx/support.hpp"

namespace geomsu::emulation::ptx {
namespace {

// The result lies in register 9 of a kind: %rs9, %r9, %rd9, %f9, %fd9 or %p9.
struct Line {
  const char* code;
  std::uint64_t want;
};
void PrintTo(const Line& of, std::ostream* to) { *to << as_name(of.code); }

std::uint64_t result_of(const std::string& code) {
  const auto stores = [&]() -> std::string {
    if (code.find("%p9") != std::string::npos) return "selp.b32 %r39, 1, 0, %p9; st.global.u32 [%rd0], %r39;";
    for (const char* kind : {"%rs9,", "%rd9,", "%fd9,", "%f9,", "%r9,"})
      if (code.find(kind) != std::string::npos) {
        const std::string name(kind, std::strlen(kind) - 1);
        const char* type = name == "%rs9" ? "b16" : name == "%rd9" || name == "%fd9" ? "b64" : "b32";
        return std::string("st.global.") + type + " [%rd0], " + name + ";";
      }
    return "no result";
  }();
  return run_body(code + " " + stores)[0];
}

class PtxArithmetic : public testing::TestWithParam<Line> {};
TEST_P(PtxArithmetic, GivesTheBitsOfTheManual) {
  EXPECT_EQ(result_of(GetParam().code), GetParam().want) << GetParam().code;
}

INSTANTIATE_TEST_SUITE_P(
    Integers, PtxArithmetic,
    testing::Values(
        Line{"add.s32 %r9, 0x7fffffff, 1;", 0x80000000}, Line{"add.sat.s32 %r9, 0x7fffffff, 1;", 0x7fffffff},
        Line{"sub.sat.s32 %r9, -2147483648, 1;", 0x80000000}, Line{"sub.u16 %rs9, 0, 1;", 0xffff},
        Line{"sub.s64 %rd9, 0, 1;", ~0ULL}, Line{"mul.lo.s32 %r9, 0x10001, 0x10001;", 0x20001},
        Line{"mul.hi.s32 %r9, -2, 3;", 0xffffffff}, Line{"mul.hi.u32 %r9, 0xffffffff, 0xffffffff;", 0xfffffffe},
        Line{"mul.hi.u64 %rd9, -1, -1;", ~0ULL - 1}, Line{"mul.hi.s64 %rd9, -1, -1;", 0},
        Line{"mul.hi.s16 %rs9, -300, 300;", 0xfffe}, Line{"mul.wide.s16 %r9, -300, 300;", 0xfffea070},
        Line{"mul.wide.u16 %r9, 0xffff, 0xffff;", 0xfffe0001}, Line{"mul.wide.s32 %rd9, -1, 5;", ~0ULL - 4},
        Line{"mul.wide.u32 %rd9, 0xffffffff, 5;", 0x4fffffffbULL}, Line{"mad.lo.s32 %r9, 3, -4, 5;", 0xfffffff9},
        Line{"mad.hi.u32 %r9, 0x80000000, 6, 7;", 10}, Line{"mad.wide.s32 %rd9, -3, 4, 100;", 88},
        Line{"mul24.lo.s32 %r9, 0xffffff, 2;", 0xfffffffe}, Line{"mul24.hi.u32 %r9, 0xffffff, 0xffffff;", 0xfffffe00},
        Line{"mad24.lo.u32 %r9, 0x1000003, 4, 1;", 13}, Line{"sad.s32 %r9, -5, 6, 100;", 111},
        Line{"sad.u32 %r9, 0xffffffff, 1, 1;", 0xffffffff}, Line{"abs.s32 %r9, -7;", 7},
        Line{"abs.s32 %r9, -2147483648;", 0x80000000}, Line{"neg.s64 %rd9, 5;", ~0ULL - 4},
        Line{"neg.s16 %rs9, 1;", 0xffff}, Line{"min.s32 %r9, -1, 1;", 0xffffffff}, Line{"min.u32 %r9, -1, 1;", 1},
        Line{"max.u64 %rd9, -1, 1;", ~0ULL}, Line{"max.s16 %rs9, -1, 1;", 1}, Line{"div.s32 %r9, -7, 2;", 0xfffffffd},
        Line{"rem.s32 %r9, -7, 2;", 0xffffffff}, Line{"div.s32 %r9, -2147483648, -1;", 0x80000000},
        Line{"rem.s64 %rd9, -7, -1;", 0}, Line{"div.u32 %r9, 7, 0;", 0xffffffff}, Line{"rem.u32 %r9, 7, 0;", 7},
        Line{"div.u64 %rd9, -1, 16;", ~0ULL >> 4}, Line{"dp4a.s32.s32 %r9, 0xff010203, 0x02030405, 1;", 25},
        Line{"dp4a.u32.u32 %r9, 0xff000000, 0x02000000, 1;", 511},
        Line{"dp4a.u32.s32 %r9, 0xff000000, 0xfe000000, 1;", 0xfffffe03}));

INSTANTIATE_TEST_SUITE_P(
    Carries, PtxArithmetic,
    testing::Values(Line{"add.cc.u32 %r1, 0xffffffff, 1; addc.u32 %r9, 2, 3;", 6},
                    Line{"add.cc.u32 %r1, 0xfffffffe, 1; addc.u32 %r9, 2, 3;", 5},
                    Line{"add.cc.u32 %r1, -1, 1; addc.cc.u32 %r2, -1, 0; addc.u32 %r9, 0, 0;", 1},
                    Line{"sub.cc.u32 %r1, 0, 1; subc.u32 %r9, 5, 2;", 2},
                    Line{"sub.cc.u32 %r1, 1, 1; subc.u32 %r9, 5, 2;", 3},
                    Line{"sub.cc.u64 %rd1, 0, 1; subc.cc.u64 %rd2, 0, 0; subc.u64 %rd9, 0, 0;", ~0ULL},
                    Line{"mad.lo.cc.u32 %r1, 0x10000, 0x10000, -1; madc.hi.u32 %r9, 0x10000, 0x10000, 0;", 1},
                    Line{"mad.lo.cc.u32 %r1, 0x10001, 0xffff, 1; madc.hi.u32 %r9, 0x10001, 0xffff, 0;", 1},
                    Line{"add.cc.u32 %r1, -1, 1; madc.lo.u32 %r9, 3, 4, 5;", 18},
                    Line{"add.cc.u64 %rd1, -1, 1; addc.u64 %rd9, 0, 0;", 1},
                    Line{"add.cc.s32 %r1, 0x7fffffff, 1; addc.s32 %r9, 0, 0;", 0},
                    Line{"mad.hi.cc.s32 %r1, -1, 1, 1; addc.u32 %r9, 0, 0;", 1}));

INSTANTIATE_TEST_SUITE_P(
    Bits, PtxArithmetic,
    testing::Values(
        Line{"and.b32 %r9, 0xf0f0, 0xff00;", 0xf000}, Line{"or.b64 %rd9, 1, 0x8000000000000000;", 0x8000000000000001},
        Line{"xor.b16 %rs9, 0xffff, 0x0f0f;", 0xf0f0}, Line{"not.b16 %rs9, 1;", 0xfffe}, Line{"cnot.b32 %r9, 0;", 1},
        Line{"cnot.b32 %r9, 7;", 0}, Line{"mov.pred %p1, 1; not.pred %p9, %p1;", 0},
        Line{"setp.eq.s32 %p1, 1, 1; setp.eq.s32 %p2, 1, 2; xor.pred %p9, %p1, %p2;", 1},
        Line{"lop3.b32 %r9, 0xf0, 0xcc, 0xaa, 0x96;", 0x96},
        Line{"lop3.b32 %r9, 0xf0f0f0f0, 0xcccccccc, 0xaaaaaaaa, 0xe8;", 0xe8e8e8e8},
        Line{"shl.b32 %r9, 1, 31;", 0x80000000}, Line{"shl.b32 %r9, 1, 32;", 0}, Line{"shl.b64 %rd9, 1, 64;", 0},
        Line{"shl.b32 %r9, 1, 0xffffffff;", 0}, Line{"shl.b16 %rs9, 0x8001, 1;", 2}, Line{"shr.u32 %r9, -1, 32;", 0},
        Line{"shr.s32 %r9, -8, 1;", 0xfffffffc}, Line{"shr.s32 %r9, -8, 99;", 0xffffffff},
        Line{"shr.s64 %rd9, -8, 64;", ~0ULL}, Line{"shr.s16 %rs9, 0x8000, 3;", 0xf000},
        Line{"shr.u16 %rs9, 0x8000, 3;", 0x1000}, Line{"shf.l.wrap.b32 %r9, 0x80000000, 1, 33;", 3},
        Line{"shf.l.clamp.b32 %r9, 5, 1, 40;", 5}, Line{"shf.r.wrap.b32 %r9, 2, 1, 1;", 0x80000001},
        Line{"shf.r.clamp.b32 %r9, 2, 7, 32;", 7}, Line{"prmt.b32 %r9, 0x33221100, 0x77665544, 0x7250;", 0x77225500},
        Line{"prmt.b32 %r9, 0x00008000, 0, 0x0009;", 0x000000ff},
        Line{"prmt.b32.f4e %r9, 0x33221100, 0x77665544, 1;", 0x44332211},
        Line{"prmt.b32.b4e %r9, 0x33221100, 0x77665544, 1;", 0x66770011},
        Line{"prmt.b32.rc8 %r9, 0x33221100, 0, 2;", 0x22222222},
        Line{"prmt.b32.ecl %r9, 0x33221100, 0, 1;", 0x33221111},
        Line{"prmt.b32.ecr %r9, 0x33221100, 0, 1;", 0x11111100},
        Line{"prmt.b32.rc16 %r9, 0x33221100, 0, 1;", 0x33223322}, Line{"bfe.u32 %r9, 0xabcd1234, 8, 8;", 0x12},
        Line{"bfe.s32 %r9, 0x0000f000, 8, 8;", 0xfffffff0}, Line{"bfe.s32 %r9, 0x80000000, 28, 16;", 0xfffffff8},
        Line{"bfe.u32 %r9, -1, 4, 0;", 0}, Line{"bfe.u64 %rd9, -1, 60, 10;", 15},
        Line{"bfi.b32 %r9, 0xff, 0, 8, 4;", 0xf00}, Line{"bfi.b32 %r9, 0xff, 5, 8, 0;", 5},
        Line{"bfi.b64 %rd9, -1, 0, 60, 9;", 0xf000000000000000}, Line{"brev.b32 %r9, 1;", 0x80000000},
        Line{"brev.b64 %rd9, 2;", 0x4000000000000000}, Line{"clz.b32 %r9, 0;", 32}, Line{"clz.b64 %r9, 1;", 63},
        Line{"popc.b64 %r9, -1;", 64}, Line{"bfind.u32 %r9, 0;", 0xffffffff}, Line{"bfind.u32 %r9, 0x80;", 7},
        Line{"bfind.s32 %r9, -1;", 0xffffffff}, Line{"bfind.s32 %r9, -256;", 7},
        Line{"bfind.shiftamt.u32 %r9, 0x80;", 24}, Line{"bfind.s64 %r9, 0x100000000;", 32},
        Line{"szext.clamp.s32 %r9, 0x80, 8;", 0xffffff80}, Line{"szext.wrap.u32 %r9, 0x1ff, 40;", 0xff},
        Line{"szext.clamp.s32 %r9, 0x80, 40;", 0x80}, Line{"isspacep.global %p9, %rd0;", 1},
        Line{"isspacep.shared %p9, %rd0;", 0}));

INSTANTIATE_TEST_SUITE_P(
    Floats, PtxArithmetic,
    testing::Values(
        Line{"add.f32 %f9, 0f7F7FFFFF, 0f7F7FFFFF;", 0x7f800000},
        Line{"add.rz.f32 %f9, 0f7F7FFFFF, 0f7F7FFFFF;", 0x7f7fffff},
        Line{"add.f32 %f9, 0f7F800000, 0fFF800000;", 0x7fffffff},
        Line{"add.f32 %f9, 0f3F800000, 0f33800000;", 0x3f800000},
        Line{"add.f32 %f9, 0f3F800001, 0f33800000;", 0x3f800002},
        Line{"add.rp.f32 %f9, 0f3F800000, 0f00000001;", 0x3f800001},
        Line{"add.rm.f32 %f9, 0f3F800000, 0f80000001;", 0x3f7fffff},
        Line{"sub.rm.f32 %f9, 0f3F800000, 0f3F800000;", 0x80000000}, Line{"sub.f32 %f9, 0f3F800000, 0f3F800000;", 0},
        Line{"add.ftz.f32 %f9, 0f00000001, 0f00000001;", 0}, Line{"add.f32 %f9, 0f00000001, 0f00000001;", 2},
        Line{"add.sat.f32 %f9, 0f3F800000, 0f3F800000;", 0x3f800000},
        Line{"add.sat.f32 %f9, 0f7FC00000, 0f3F800000;", 0}, Line{"mul.f32 %f9, 0f00800000, 0f3F000000;", 0x00400000},
        Line{"mul.ftz.f32 %f9, 0f80800000, 0f3F000000;", 0x80000000},
        Line{"mul.rn.f32 %f9, 0f3F800001, 0f3F800001;", 0x3f800002},
        Line{"mul.rp.f32 %f9, 0f3F800001, 0f3F800001;", 0x3f800003},
        Line{"fma.rn.f32 %f9, 0f3F800001, 0f3F800001, 0fBF800002;", 0x28800000},
        Line{"fma.rz.f32 %f9, 0f3F800000, 0f3F800000, 0f80000001;", 0x3f7fffff},
        Line{"fma.rm.f32 %f9, 0f3F800000, 0f3F800000, 0f80000001;", 0x3f7fffff},
        Line{"fma.rp.f32 %f9, 0f3F800000, 0f3F800000, 0f80000001;", 0x3f800000},
        Line{"min.f32 %f9, 0f7FC00000, 0f3F800000;", 0x3f800000},
        Line{"min.NaN.f32 %f9, 0f7FC00000, 0f3F800000;", 0x7fffffff},
        Line{"min.f32 %f9, 0f00000000, 0f80000000;", 0x80000000}, Line{"max.f32 %f9, 0f80000000, 0f00000000;", 0},
        Line{"max.f32 %f9, 0f7FC00000, 0fFFC00000;", 0x7fffffff},
        Line{"max.f32 %f9, 0f3F800000, 0f40000000, 0f40400000;", 0x40400000},
        Line{"min.ftz.f32 %f9, 0f00000001, 0f3F800000;", 0}, Line{"neg.f32 %f9, 0f00000000;", 0x80000000},
        Line{"abs.f32 %f9, 0fC0000000;", 0x40000000}, Line{"abs.ftz.f32 %f9, 0f80000001;", 0},
        Line{"copysign.f32 %f9, 0fBF800000, 0f40000000;", 0xc0000000}, Line{"testp.subnormal.f32 %p9, 0f00000001;", 1},
        Line{"testp.finite.f32 %p9, 0f7F800000;", 0}, Line{"testp.notanumber.f64 %p9, 0d7FF8000000000000;", 1},
        Line{"div.rn.f32 %f9, 0f3F800000, 0f40400000;", 0x3eaaaaab},
        Line{"div.rn.f32 %f9, 0f3F800000, 0f80000000;", 0xff800000},
        Line{"div.full.f32 %f9, 0f40C00000, 0f40000000;", 0x40400000},
        Line{"div.approx.ftz.f32 %f9, 0f40C00000, 0f40000000;", 0x40400000},
        Line{"sqrt.rn.f32 %f9, 0f40000000;", 0x3fb504f3}, Line{"sqrt.rn.f32 %f9, 0fBF800000;", 0x7fffffff},
        Line{"rcp.rn.f32 %f9, 0f40800000;", 0x3e800000}, Line{"rcp.approx.ftz.f32 %f9, 0f00000001;", 0x7f800000},
        Line{"rsqrt.approx.f32 %f9, 0f40800000;", 0x3f000000}, Line{"ex2.approx.ftz.f32 %f9, 0f40400000;", 0x41000000},
        Line{"ex2.approx.ftz.f32 %f9, 0fC3020000;", 0}, Line{"lg2.approx.f32 %f9, 0f41000000;", 0x40400000},
        Line{"sin.approx.f32 %f9, 0f00000000;", 0}, Line{"cos.approx.f32 %f9, 0f00000000;", 0x3f800000},
        Line{"tanh.approx.f32 %f9, 0f7F800000;", 0x3f800000},
        Line{"add.f64 %fd9, 0d3FF0000000000000, 0d3CA0000000000000;", 0x3ff0000000000000},
        Line{"fma.rn.f64 %fd9, 0d3FF0000000000001, 0d3FF0000000000001, 0dBFF0000000000002;", 0x3970000000000000},
        Line{"div.rn.f64 %fd9, 0d3FF0000000000000, 0d4008000000000000;", 0x3fd5555555555555},
        Line{"sqrt.rn.f64 %fd9, 0d4010000000000000;", 0x4000000000000000},
        Line{"neg.f64 %fd9, 0d3FF0000000000000;", 0xbff0000000000000},
        Line{"max.f64 %fd9, 0d3FF0000000000000, 0d7FF8000000000000;", 0x3ff0000000000000}));

INSTANTIATE_TEST_SUITE_P(
    Halves, PtxArithmetic,
    testing::Values(
        Line{"add.f16 %rs9, 0x3c00, 0x3c00;", 0x4000}, Line{"add.rn.f16 %rs9, 0x6800, 0x3c00;", 0x6800},
        Line{"add.f16 %rs9, 0x6801, 0x3c00;", 0x6802}, Line{"add.f16 %rs9, 0x7bff, 0x7bff;", 0x7c00},
        Line{"mul.f16 %rs9, 0x0001, 0x3800;", 0}, Line{"mul.f16 %rs9, 0x0003, 0x3800;", 2},
        Line{"fma.rn.f16 %rs9, 0x3c01, 0x3c01, 0xbc02;", 0x0010},
        Line{"fma.rn.relu.f16 %rs9, 0x3c00, 0xbc00, 0x0000;", 0},
        Line{"fma.rn.f16 %rs9, 0x3c00, 0x7e00, 0x0000;", 0x7fff},
        Line{"add.f16x2 %r9, 0x3c004000, 0x3c003c00;", 0x40004200},
        Line{"fma.rn.f16x2 %r9, 0x40004000, 0x40004200, 0x3c003c00;", 0x45004700},
        Line{"add.bf16 %rs9, 0x3f80, 0x3f80;", 0x4000}, Line{"fma.rn.bf16 %rs9, 0x3f80, 0x4000, 0x3f80;", 0x4040},
        Line{"fma.rn.bf16 %rs9, 0x3f80, 0x3f80, 0x3b80;", 0x3f80},
        Line{"fma.rn.bf16 %rs9, 0x3f81, 0x3f80, 0x3b80;", 0x3f82},
        Line{"mul.bf16x2 %r9, 0x40003f80, 0x40404040;", 0x40c04040},
        Line{"max.f16x2 %r9, 0x7e00bc00, 0x3c003c00;", 0x3c003c00}, Line{"max.NaN.bf16 %rs9, 0x7fc0, 0x3f80;", 0x7fff},
        Line{"min.bf16x2 %r9, 0x3f804000, 0x40003f80;", 0x3f803f80}, Line{"neg.bf16x2 %r9, 0x3f80bf80;", 0xbf803f80},
        Line{"abs.f16x2 %r9, 0xbc00bc00;", 0x3c003c00}, Line{"ex2.approx.f16 %rs9, 0x4200;", 0x4800},
        Line{"tanh.approx.bf16x2 %r9, 0x7f800000;", 0x3f800000},
        Line{"add.rn.f32x2 %rd9, 0x3f80000040000000, 0x3f8000003f800000;", 0x4000000040400000}));

INSTANTIATE_TEST_SUITE_P(
    Comparisons, PtxArithmetic,
    testing::Values(
        Line{"setp.lt.s32 %p9, -1, 0;", 1}, Line{"setp.lt.u32 %p9, -1, 0;", 0}, Line{"setp.lo.u32 %p9, 0, -1;", 1},
        Line{"setp.hs.u64 %p9, -1, 1;", 1}, Line{"setp.eq.b16 %p9, 3, 3;", 1}, Line{"setp.le.s32 %p9, 3, 3;", 1},
        Line{"setp.le.s32 %p9, 4, 3;", 0}, Line{"setp.lt.s64 %p9, 3, 3;", 0}, Line{"setp.ge.s64 %p9, -1, -1;", 1},
        Line{"setp.ge.s64 %p9, -2, -1;", 0}, Line{"setp.gt.u32 %p9, 3, 3;", 0}, Line{"setp.gt.u32 %p9, -1, 3;", 1},
        Line{"setp.ne.u64 %p9, 3, 3;", 0}, Line{"setp.ne.s16 %p9, 3, -3;", 1},
        Line{"setp.lt.f32 %p9, 0f7FC00000, 0f00000000;", 0}, Line{"setp.ltu.f32 %p9, 0f7FC00000, 0f00000000;", 1},
        Line{"setp.ne.f32 %p9, 0f7FC00000, 0f00000000;", 0}, Line{"setp.neu.f32 %p9, 0f7FC00000, 0f00000000;", 1},
        Line{"setp.equ.f32 %p9, 0f7FC00000, 0f00000000;", 1}, Line{"setp.num.f32 %p9, 0f7FC00000, 0f00000000;", 0},
        Line{"setp.nan.f64 %p9, 0d7FF8000000000000, 0d0000000000000000;", 1},
        Line{"setp.eq.f32 %p9, 0f80000000, 0f00000000;", 1}, Line{"setp.eq.ftz.f32 %p9, 0f00000001, 0f00000000;", 1},
        Line{"setp.eq.f32 %p9, 0f00000001, 0f00000000;", 0}, Line{"setp.gt.bf16 %p9, 0x4000, 0x3f80;", 1},
        Line{"setp.lt.f16 %p9, 0xbc00, 0x3c00;", 1}, Line{"mov.pred %p1, 1; setp.eq.and.s32 %p9, 1, 1, !%p1;", 0},
        Line{"mov.pred %p1, 1; setp.eq.or.s32 %p9, 1, 2, %p1;", 1},
        Line{"mov.pred %p1, 1; setp.eq.xor.s32 %p9|%p2, 1, 1, %p1;", 0}, Line{"setp.eq.s32 %p2|%p9, 1, 2;", 1},
        Line{"mov.pred %p1, 0; setp.eq.and.s32 %p2|%p9, 1, 2, %p1;", 0},
        Line{"setp.lt.f16x2 %p2|%p9, 0x3c000000, 0x40000000;", 1}, Line{"set.lt.u32.s32 %r9, -1, 0;", 0xffffffff},
        Line{"set.lt.f32.s32 %f9, -1, 0;", 0x3f800000},
        Line{"set.eq.f16x2.f16x2 %r9, 0x3c000000, 0x3c003c00;", 0x3c000000},
        Line{"set.gtu.u32.bf16x2 %r9, 0x7fc00000, 0x3f803f80;", 0xffff0000},
        Line{"setp.eq.s32 %p1, 1, 1; selp.f32 %f9, 0f3F800000, 0f40000000, %p1;", 0x3f800000},
        Line{"slct.s32.s32 %r9, 5, 6, -1;", 6}, Line{"slct.b64.f32 %rd9, 5, 6, 0f80000000;", 5},
        Line{"slct.u32.f32 %r9, 5, 6, 0f7FC00000;", 6}));

INSTANTIATE_TEST_SUITE_P(
    Conversions, PtxArithmetic,
    testing::Values(
        Line{"mov.u32 %r1, 0x1ff; cvt.s32.s8 %r9, %r1;", 0xffffffff},
        Line{"mov.u32 %r1, 0x1ff; cvt.u32.u8 %r9, %r1;", 0xff}, Line{"mov.b32 %r1, -1; cvt.s64.s32 %rd9, %r1;", ~0ULL},
        Line{"mov.b32 %r1, -1; cvt.u64.u32 %rd9, %r1;", 0xffffffff},
        Line{"mov.b32 %r1, -5; cvt.sat.u16.s32 %rs9, %r1;", 0},
        Line{"mov.b32 %r1, 70000; cvt.sat.u16.s32 %rs9, %r1;", 0xffff},
        Line{"mov.b32 %r1, -70000; cvt.sat.s16.s32 %rs9, %r1;", 0x8000},
        Line{"mov.b64 %rd1, -1; cvt.sat.s32.u64 %r9, %rd1;", 0x7fffffff},
        Line{"mov.u32 %r1, 0x180; cvt.s8.u32 %rs9, %r1;", 0xff80}, Line{"cvt.rzi.s32.f32 %r9, 0f4F800000;", 0x7fffffff},
        Line{"cvt.rzi.u32.f32 %r9, 0fBF800000;", 0}, Line{"cvt.rzi.s32.f32 %r9, 0f7FC00000;", 0},
        Line{"cvt.rzi.s64.f32 %rd9, 0f7FC00000;", 0x8000000000000000},
        Line{"cvt.rzi.s32.f64 %r9, 0d7FF8000000000000;", 0x80000000}, Line{"cvt.rni.s32.f32 %r9, 0f40200000;", 2},
        Line{"cvt.rni.s32.f32 %r9, 0f40600000;", 4}, Line{"cvt.rmi.s32.f32 %r9, 0fBF000000;", 0xffffffff},
        Line{"cvt.rpi.s32.f32 %r9, 0f3F000000;", 1},
        Line{"cvt.rzi.u64.f64 %rd9, 0d43EFFFFFFFFFFFFF;", 0xfffffffffffff800},
        Line{"cvt.rzi.s64.f64 %rd9, 0dC3E0000000000000;", 0x8000000000000000},
        Line{"cvt.rzi.s64.f64 %rd9, 0d43E0000000000000;", 0x7fffffffffffffff},
        Line{"cvt.rzi.s8.f32 %rs9, 0fC3480000;", 0xff80}, Line{"cvt.rpi.ftz.s32.f32 %r9, 0f00000001;", 0},
        Line{"cvt.rpi.s32.f32 %r9, 0f00000001;", 1},
        Line{"mov.b32 %r1, 16777217; cvt.rn.f32.s32 %f9, %r1;", 0x4b800000},
        Line{"mov.b32 %r1, 16777217; cvt.rp.f32.s32 %f9, %r1;", 0x4b800001},
        Line{"mov.b32 %r1, 16777219; cvt.rz.f32.u32 %f9, %r1;", 0x4b800001},
        Line{"mov.b64 %rd1, -1; cvt.rn.f32.u64 %f9, %rd1;", 0x5f800000},
        Line{"mov.b64 %rd1, -1; cvt.rz.f32.u64 %f9, %rd1;", 0x5f7fffff},
        Line{"mov.b64 %rd1, 0x0100000100000001; cvt.rn.f32.s64 %f9, %rd1;", 0x5b800001},
        Line{"mov.b64 %rd1, 0x0100000100000000; cvt.rn.f32.s64 %f9, %rd1;", 0x5b800000},
        Line{"mov.b64 %rd1, 0x0100008000000000; cvt.rn.f32.s64 %f9, %rd1;", 0x5b800040},
        Line{"mov.b64 %rd1, -1; cvt.rn.f64.s64 %fd9, %rd1;", 0xbff0000000000000},
        Line{"mov.b64 %rd1, -1; cvt.rn.f64.u64 %fd9, %rd1;", 0x43f0000000000000},
        Line{"cvt.rn.f32.f64 %f9, 0d3FF0000010000000;", 0x3f800000},
        Line{"cvt.rn.f32.f64 %f9, 0d3FF0000010000001;", 0x3f800001},
        Line{"cvt.rn.f32.f64 %f9, 0d3FF0000030000000;", 0x3f800002},
        Line{"cvt.rm.f32.f64 %f9, 0dBFF0000000000001;", 0xbf800001},
        Line{"cvt.rn.f32.f64 %f9, 0d7FEFFFFFFFFFFFFF;", 0x7f800000},
        Line{"cvt.rz.f32.f64 %f9, 0d7FEFFFFFFFFFFFFF;", 0x7f7fffff},
        Line{"cvt.rn.ftz.f32.f64 %f9, 0d3800000000000000;", 0},
        Line{"cvt.f64.f32 %fd9, 0f00000001;", 0x36a0000000000000}, Line{"cvt.ftz.f64.f32 %fd9, 0f00000001;", 0},
        Line{"cvt.sat.f32.f32 %f9, 0f40000000;", 0x3f800000}, Line{"cvt.sat.f32.f32 %f9, 0f7FC00000;", 0},
        Line{"cvt.rni.f32.f32 %f9, 0f40200000;", 0x40000000}, Line{"cvt.rmi.f32.f32 %f9, 0fBF000000;", 0xbf800000},
        Line{"cvt.rpi.f32.f32 %f9, 0fBF000000;", 0x80000000},
        Line{"cvt.rzi.f64.f64 %fd9, 0d3FF8000000000000;", 0x3ff0000000000000}));

INSTANTIATE_TEST_SUITE_P(
    SmallFormats, PtxArithmetic,
    testing::Values(
        Line{"cvt.rn.f16.f32 %rs9, 0f477FF000;", 0x7c00}, Line{"cvt.rz.f16.f32 %rs9, 0f477FF000;", 0x7bff},
        Line{"cvt.rn.f16.f32 %rs9, 0f33000000;", 0}, Line{"cvt.rn.f16.f32 %rs9, 0f33000001;", 1},
        Line{"cvt.rn.bf16.f32 %rs9, 0f3F808000;", 0x3f80}, Line{"cvt.rn.bf16.f32 %rs9, 0f3F818000;", 0x3f82},
        Line{"cvt.rz.bf16.f32 %rs9, 0f3F81FFFF;", 0x3f81}, Line{"cvt.rn.bf16.f32 %rs9, 0f7F7FFFFF;", 0x7f80},
        Line{"cvt.rn.bf16.f32 %rs9, 0fFFC00001;", 0x7fff}, Line{"cvt.rn.relu.bf16.f32 %rs9, 0fBF800000;", 0},
        Line{"mov.b16 %rs1, 0x3c01; cvt.f32.f16 %f9, %rs1;", 0x3f802000},
        Line{"mov.b16 %rs1, 1; cvt.f32.f16 %f9, %rs1;", 0x33800000},
        Line{"mov.b16 %rs1, 0x3f81; cvt.f32.bf16 %f9, %rs1;", 0x3f810000},
        Line{"cvt.rn.bf16x2.f32 %r9, 0f3F800000, 0f40000000;", 0x3f804000},
        Line{"cvt.rn.f16x2.f32 %r9, 0f3F800000, 0f40000000;", 0x3c004000},
        Line{"cvt.rn.relu.f16x2.f32 %r9, 0fBF800000, 0f40000000;", 0x00004000},
        Line{"cvt.rn.satfinite.e4m3x2.f32 %rs9, 0f3F800000, 0fC4000000;", 0x38fe},
        Line{"cvt.rn.satfinite.e5m2x2.f32 %rs9, 0f7F800000, 0f7FC00000;", 0x7b7f},
        Line{"cvt.rn.satfinite.relu.e4m3x2.f32 %rs9, 0f3F800000, 0fC4000000;", 0x3800},
        Line{"mov.b32 %r1, 0x3c00c000; cvt.rn.satfinite.e4m3x2.f16x2 %rs9, %r1;", 0x38c0},
        Line{"mov.b16 %rs1, 0x38c0; cvt.rn.f16x2.e4m3x2 %r9, %rs1;", 0x3c00c000},
        Line{"mov.b16 %rs1, 0x017f; cvt.rn.f16x2.e4m3x2 %r9, %rs1;", 0x18007fff},
        Line{"mov.b16 %rs1, 0x3cfc; cvt.rn.f16x2.e5m2x2 %r9, %rs1;", 0x3c00fc00},
        Line{"cvt.rna.tf32.f32 %r9, 0f3F801000;", 0x3f802000}, Line{"cvt.rna.tf32.f32 %r9, 0f3F800FFF;", 0x3f800000},
        Line{"mov.b16 %rs1, 0x4100; cvt.rni.s32.f16 %r9, %rs1;", 2},
        Line{"mov.b16 %rs1, 0x4300; cvt.rzi.u16.bf16 %rs9, %rs1;", 128},
        Line{"mov.b16 %rs1, 2049; cvt.rn.f16.u16 %rs9, %rs1;", 0x6800},
        Line{"mov.b16 %rs1, 0x4100; cvt.rni.f16.f16 %rs9, %rs1;", 0x4000}));

}  // namespace
}  // namespace geomsu::emulation::ptx
