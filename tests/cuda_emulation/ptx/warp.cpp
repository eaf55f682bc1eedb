// One warp: which lanes run, and what its instructions may touch.
#include <algorithm>

#include "tests/cuda_emulation/ptx/block.hpp"

namespace geomsu::emulation::ptx {
namespace {

std::string three(std::uint64_t x, std::uint64_t y, std::uint64_t z) {
  return "(" + std::to_string(x) + "," + std::to_string(y) + "," + std::to_string(z) + ")";
}

// The other registers of constants keep from block to block what no instruction can write.
bool differs_by_block(Given given) {
  return given == Given::kCtaidX || given == Given::kCtaidY || given == Given::kCtaidZ;
}

}  // namespace

Warp::Warp(Block& block, std::uint32_t number)
    : block_(block),
      number_(number),
      registers_(static_cast<std::size_t>(block.kernel.registers) * kWarp, 0xdeadbeefdeadbeefULL),
      written_(static_cast<std::size_t>(block.kernel.registers)) {
  const std::uint32_t lanes = std::min(kWarp, block.threads_ - number * kWarp);
  all_ = static_cast<Lanes>(mask_of(4) >> (kWarp - lanes));
}

void Warp::start() {
  std::fill(written_.begin(), written_.end(), 0);
  written_[0] = kAllLanes;
  for (const Kernel::Constant& constant : block_.kernel.constants) {
    if (!started_ || differs_by_block(constant.given))
      for (std::uint32_t lane = 0; lane < kWarp; ++lane)
        reg(constant.reg)[lane] = block_.given(constant, number_, lane);
    written_[static_cast<std::size_t>(constant.reg)] = kAllLanes;
  }
  started_ = true;
  live_ = all_;
  barred_ = held_ = 0;
  pc_.fill(0);
}

void Warp::fault(const Instruction& at, std::uint32_t lane, const std::string& why) {
  const SourceLine& line = block_.module_.lines[at.hit];
  const Dim& size = block_.launch.block;
  const std::uint64_t thread = std::uint64_t{number_} * kWarp + lane;
  std::string where = line.file.empty() ? "" : ", " + line.file + ":" + std::to_string(line.line);
  throw Fault("kernel " + block_.kernel.facts.name + where + ", `" + at.source + "` (PTX line " +
              std::to_string(at.line) + "), block " + three(block_.index_.x, block_.index_.y, block_.index_.z) +
              ", thread " + three(thread % size.x, thread / size.x % size.y, thread / size.x / size.y) + ": " + why);
}

Warp::Group Warp::group() const {
  Group found;
  found.pc = ~0U;
  each_lane(runnable(), [&](std::uint32_t lane) { found.pc = std::min(found.pc, pc_[lane]); });
  each_lane(runnable(), [&](std::uint32_t lane) {
    if (pc_[lane] == found.pc)
      found.lanes |= 1U << lane;
    else
      found.meet = std::min(found.meet, pc_[lane]);
  });
  return found;
}

void Warp::set_pc(Lanes lanes, std::uint32_t pc) {
  each_lane(lanes, [&](std::uint32_t lane) { pc_[lane] = pc; });
}

void Warp::check_written(const Instruction& at, Lanes lanes) {
  for (const int index : at.in)
    if (const Lanes missing = lanes & ~written_[static_cast<std::size_t>(index)])
      fault(at, static_cast<std::uint32_t>(__builtin_ctz(missing)), "it reads a register that was never written");
}

Lanes Warp::guarded(const Instruction& at, Lanes lanes) {
  if (at.guard < 0) return lanes;
  if (const Lanes missing = lanes & ~written_[static_cast<std::size_t>(at.guard)])
    fault(at, static_cast<std::uint32_t>(__builtin_ctz(missing)), "its guard was never written");
  const std::uint64_t* guard = reg(at.guard);
  Lanes yes = 0;
  each_lane(lanes, [&](std::uint32_t lane) { yes |= static_cast<Lanes>(guard[lane] & 1) << lane; });
  return at.negated ? lanes & ~yes : yes;
}

void Warp::execute(const Instruction& at, Lanes lanes) {
  check_written(at, lanes);
  at.execute(*this, at, lanes);
  for (const int index : at.out) written_[static_cast<std::size_t>(index)] |= lanes;
}

std::uint64_t Warp::run(std::uint64_t slice) {
  const Instruction* code = block_.kernel.code.data();
  std::uint64_t ran = 0;
  while (ran < slice) {
    if (runnable() == 0) {
      if (held_ == 0) return ran;
      const auto lane = static_cast<std::uint32_t>(__builtin_ctz(held_));
      fault(code[pc_[lane]], lane,
            "it waits for lanes that its member mask names and that never come here (they wait elsewhere)");
    }
    const Group now = group();
    std::uint32_t pc = now.pc;
    for (bool together = true; together;) {
      const Instruction& at = code[pc];
      const Lanes lanes = guarded(at, now.lanes);
      ++ran;
      if (lanes != 0) ++block_.hits_[pc];
      switch (at.flow) {
        case Instruction::Flow::kPlain:
          if (lanes != 0) execute(at, lanes);
          ++pc;
          break;
        case Instruction::Flow::kBranch: {
          const auto target = static_cast<std::uint32_t>(at.targets[0]);
          if (lanes == now.lanes && now.meet == ~0U) {
            pc = target;
            together = ran < slice;
          } else if (lanes == 0) {
            ++pc;
          } else {
            set_pc(lanes, target);
            set_pc(now.lanes & ~lanes, pc + 1);
            together = false;
            continue;
          }
          break;
        }
        case Instruction::Flow::kTable:
          check_written(at, lanes);
          set_pc(now.lanes & ~lanes, pc + 1);
          each_lane(lanes, [&](std::uint32_t lane) {
            const std::uint64_t index = in(at, 0)[lane];
            if (index >= at.targets.size()) fault(at, lane, "the index is beyond its table of branches");
            pc_[lane] = static_cast<std::uint32_t>(at.targets[index]);
          });
          together = false;
          continue;
        case Instruction::Flow::kExit:
          live_ &= ~lanes;
          set_pc(now.lanes, pc + 1);
          for (bool more = held_ != 0; more;) {  // those that waited for them wait no more
            more = false;
            each_lane(held_, [&](std::uint32_t lane) { more = more || release(pc_[lane]); });
            more = more && held_ != 0;
          }
          together = false;
          continue;
        case Instruction::Flow::kBarrier:
          check_written(at, lanes);
          if (lanes != 0) at.execute(*this, at, lanes);
          set_pc(now.lanes & ~lanes, pc + 1);
          set_pc(lanes, pc);
          barred_ |= lanes;
          together = false;
          continue;
        case Instruction::Flow::kConverge:
        case Instruction::Flow::kSyncWarp:
          if (all_are_here(at, lanes)) {
            if (at.flow == Instruction::Flow::kConverge) execute(at, lanes);
            ++pc;
            break;
          }
          check_written(at, lanes);
          set_pc(now.lanes & ~lanes, pc + 1);
          converge(at, pc, lanes);
          together = false;
          continue;
      }
      together = together && pc < now.meet && ran < slice;
      if (!together) set_pc(now.lanes, pc);
    }
  }
  return ran;
}

// Every lane that lives has come with a mask that names them all: nobody is waited for. What is wrong, converge() says.
bool Warp::all_are_here(const Instruction& at, Lanes lanes) {
  if (lanes != live_ || (held_ | barred_) != 0) return false;
  if (at.members < 0) return all_ == kAllLanes;
  if ((lanes & ~written_[static_cast<std::size_t>(at.members)]) != 0) return false;
  const std::uint64_t* members = reg(at.members);
  const std::uint64_t first = members[__builtin_ctz(lanes)];
  bool alike = (first & lanes) == lanes;
  each_lane(lanes, [&](std::uint32_t lane) { alike = alike && members[lane] == first; });
  return alike;
}

void Warp::converge(const Instruction& at, std::uint32_t pc, Lanes lanes) {
  set_pc(lanes, pc);
  held_ |= lanes;
  if (at.members >= 0) {
    const std::uint64_t* members = reg(at.members);
    each_lane(lanes, [&](std::uint32_t lane) {
      if ((written_[static_cast<std::size_t>(at.members)] >> lane & 1) == 0)
        fault(at, lane, "its member mask was never written");
      if ((members[lane] >> lane & 1) == 0) fault(at, lane, "its member mask does not name the lane itself");
    });
  } else if (lanes != 0 && all_ != kAllLanes) {
    fault(at, static_cast<std::uint32_t>(__builtin_ctz(lanes)), "it wants a warp of 32 threads");
  }
  while (release(pc)) {
  }
}

// Lets one group go whose members are all here. Members that have ended are not waited for.
bool Warp::release(std::uint32_t pc) {
  const Instruction* code = block_.kernel.code.data();
  const Instruction& at = code[pc];
  const bool sync = at.flow == Instruction::Flow::kSyncWarp;
  const auto members_of = [&](std::uint32_t lane) {
    const int index = code[pc_[lane]].members;
    return index < 0 ? kAllLanes : static_cast<Lanes>(reg(index)[lane]);
  };
  Lanes candidates = 0;
  each_lane(held_, [&](std::uint32_t lane) {
    if (pc_[lane] == pc || (sync && code[pc_[lane]].flow == Instruction::Flow::kSyncWarp)) candidates |= 1U << lane;
  });
  while (candidates != 0) {
    const Lanes members = members_of(static_cast<std::uint32_t>(__builtin_ctz(candidates)));
    Lanes group = 0;
    each_lane(candidates, [&](std::uint32_t lane) {
      if (members_of(lane) == members) group |= 1U << lane;
    });
    if (group == (members & live_)) {
      if (!sync) execute(at, group);
      held_ &= ~group;
      each_lane(group, [&](std::uint32_t lane) { ++pc_[lane]; });
      return true;
    }
    candidates &= ~group;
  }
  return false;
}

}  // namespace geomsu::emulation::ptx
