// Branches, ends, barriers of a block, fences.
#include <atomic>
#include <thread>

#include "tests/cuda_emulation/ptx/decoder.hpp"
#include "tests/cuda_emulation/ptx/lanes.hpp"

namespace geomsu::emulation::ptx {
namespace {

using Flow = Instruction::Flow;

void decode_bra(Decoder& d) {
  d.take("uni");
  d.instruction.flow = Flow::kBranch;
  d.labels.push_back(d.operand(0).name);
}

void decode_brx(Decoder& d) {
  d.one_of("that it goes by index", {"idx"});
  d.take("uni");
  d.instruction.flow = Flow::kTable;
  d.in(0, Type::kU32);
  d.labels = d.table(d.operand(1).name);
}

void decode_end(Decoder& d) { d.instruction.flow = Flow::kExit; }

void decode_trap(Decoder& d) {
  d.execute([](Warp& warp, const Instruction& at, Lanes lanes) {
    warp.fault(at, static_cast<std::uint32_t>(__builtin_ctz(lanes)), "the kernel trapped (a failed assertion?)");
  });
}

// Checks what a lane brings to a barrier; that it waits is the block's part.
void arrive(Warp& warp, const Instruction& at, Lanes lanes) {
  each_lane(lanes, [&](std::uint32_t lane) {
    if (warp.in(at, 0)[lane] > 15) warp.fault(at, lane, "barriers are numbered 0 to 15");
    if (at.option2 == 0) return;
    const std::uint64_t count = warp.in(at, 1)[lane];
    if (count == 0 || count % kWarp != 0) warp.fault(at, lane, "a barrier's count of threads is a multiple of 32");
  });
}

// bar.sync a{, b}; bar.red.popc.u32 d, a{, b}, {!}c. Option: the reduction; option2: 1 where there is a count; bytes: 1
// where all lanes of a warp must be at the same instruction.
void decode_bar(Decoder& d) {
  Instruction& made = d.instruction;
  if (d.opcode() == "bar" && d.take("warp")) {
    d.one_of("what it does", {"sync"});
    made.flow = Flow::kSyncWarp;
    made.members = d.read(d.operand(0), Type::kB32);
    return;
  }
  d.take("cta");
  const std::size_t what = d.one_of("what it does", {"sync", "red"});
  std::size_t first = 0, last = d.operands();
  if (what == 1) {
    made.option = 1 + static_cast<std::uint32_t>(d.one_of("the reduction", {"popc", "and", "or"}));
    const Type type = d.type();
    if (type != (made.option == 1 ? Type::kU32 : Type::kPred)) d.refuse("this type is not known here");
    d.out(0, type);
    first = 1;
    --last;
  }
  made.bytes = (d.opcode() == "bar" || d.take("aligned")) ? 1 : 0;
  made.flow = Flow::kBarrier;
  made.execute = arrive;
  d.in(first, Type::kU32);
  if (last > first + 1) {
    d.in(first + 1, Type::kU32);
    made.option2 = 1;
  }
  if (what == 1) d.in(last, Type::kPred);
}

// One order of memory for all: whatever runs in one thread of the emulator is in order, and what crosses threads goes
// through atomics.
void decode_fence(Decoder& d) {
  if (d.opcode() == "membar") {
    d.one_of("the scope", {"cta", "gl", "sys"});
  } else {
    d.any_of({"sc", "acq_rel", "acquire", "release"});
    d.one_of("the scope", {"cta", "cluster", "gpu", "sys"});
  }
  d.execute([](Warp&, const Instruction&, Lanes) { std::atomic_thread_fence(std::memory_order_seq_cst); });
}

void decode_nanosleep(Decoder& d) {
  d.in(0, d.type_among({Type::kU32}));
  d.execute([](Warp&, const Instruction&, Lanes) { std::this_thread::yield(); });
}

constexpr Opcode kOpcodes[] = {{"bra", decode_bra},      {"brx", decode_brx},
                               {"ret", decode_end},      {"exit", decode_end},
                               {"trap", decode_trap},    {"bar", decode_bar},
                               {"barrier", decode_bar},  {"fence", decode_fence},
                               {"membar", decode_fence}, {"nanosleep", decode_nanosleep}};

}  // namespace

std::span<const Opcode> control_opcodes() { return kOpcodes; }

}  // namespace geomsu::emulation::ptx
