#include "tests/cuda_emulation/runtime/operation.hpp"

#include <algorithm>
#include <utility>

#include "tests/cuda_emulation/ptx/ptx.hpp"
#include "tests/cuda_emulation/runtime/emulation.hpp"
#include "tests/cuda_emulation/runtime/process.hpp"

namespace geomsu::emulation {
namespace {

constexpr std::uint64_t kClockStepNs = 32;  // a look at the clock inside a kernel
constexpr std::size_t kMostLookedAt = 256;  // of queued operations, for a random choice

thread_local const Operation* t_running = nullptr;
thread_local std::uint64_t t_clock_ns = 0;

bool is_ready(const Operation& operation) {
  return operation.state == Operation::State::kQueued &&
         std::all_of(operation.behind.begin(), operation.behind.end(),
                     [](const OperationPtr& other) { return other->state == Operation::State::kDone; });
}

// Drops what is done: chains of finished work would keep each other alive.
void forget_done(Operation& operation) {
  for (const OperationPtr& other : operation.behind) operation.start_ns = std::max(operation.start_ns, other->end_ns);
  std::erase_if(operation.behind, [](const OperationPtr& other) { return other->state == Operation::State::kDone; });
}

void run(Lock& lock, const OperationPtr& operation) {
  Process& process = emulated_process();
  Device& device = process.device(operation->device);
  operation->start_ns = std::max(operation->start_ns, operation->queued_ns);
  forget_done(*operation);
  operation->state = Operation::State::kRunning;
  device.executing = true;
  std::string fault;
  std::uint64_t clock_ns = operation->start_ns;
  if (device.lost == cudaSuccess && operation->work) {
    lock.unlock();
    const Operation* const outer = std::exchange(t_running, operation.get());
    const std::uint64_t outer_clock_ns = std::exchange(t_clock_ns, operation->start_ns);
    const int outer_device = exchange_current_device(operation->device);
    try {
      operation->work();
    } catch (const ptx::Fault& error) {
      fault = error.what();
    } catch (const std::exception& error) {
      die(operation->what + ": " + error.what());
    }
    exchange_current_device(outer_device);
    clock_ns = std::exchange(t_clock_ns, outer_clock_ns);
    t_running = outer;
    lock.lock();
  }
  if (!fault.empty()) {
    if (!process.configuration().kernel_faults_are_errors) die(fault);
    device.lost = cudaErrorIllegalAddress;
  }
  operation->end_ns = std::max(operation->start_ns + operation->cost_ns, clock_ns);
  operation->state = Operation::State::kDone;
  operation->work = nullptr;
  operation->behind.clear();
  device.executing = false;
  device.queued.erase(operation->number);
  process.changed().notify_all();
}

// One of the device's operations that are ready, by its random numbers; nullptr where none is.
OperationPtr random_ready(Device& device, bool early) {
  std::vector<OperationPtr> ready;
  std::size_t looked_at = 0;
  for (const auto& [number, operation] : device.queued) {
    if (++looked_at > kMostLookedAt) break;
    if (is_ready(*operation) && (operation->early || !early)) ready.push_back(operation);
  }
  if (ready.empty() || device.executing) return nullptr;
  return ready[device.random() % ready.size()];
}

}  // namespace

OperationPtr queue(Lock&, int device, Work work, std::vector<OperationPtr> behind) {
  Process& process = emulated_process();
  auto operation = std::make_shared<Operation>();
  operation->number = process.next_number();
  operation->what = std::move(work.what);
  operation->device = device;
  operation->early = work.early;
  operation->queued_ns = process.now_ns();
  operation->cost_ns = work.cost_ns;
  operation->work = std::move(work.run);
  operation->behind = std::move(behind);
  std::erase(operation->behind, nullptr);
  operation->start_ns = operation->queued_ns;
  forget_done(*operation);
  operation->end_ns = operation->start_ns + operation->cost_ns;
  process.device(device).queued[operation->number] = operation;
  return operation;
}

void finish(Lock& lock, const OperationPtr& target) {
  Process& process = emulated_process();
  const bool random = process.configuration().order == Order::kRandom;
  std::vector<OperationPtr> path = {target};  // each needs the one behind it
  while (!path.empty()) {
    const OperationPtr top = path.back();
    if (top->state == Operation::State::kDone) {
      path.pop_back();
      continue;
    }
    if (top->state == Operation::State::kRunning) {
      if (running_operation() == top.get()) die(top->what + " waits for itself");
      process.changed().wait(lock);
      continue;
    }
    if (random && process.device(target->device).random() % 2 == 0) {
      if (const auto other = random_ready(process.device(target->device), true)) {
        run(lock, other);
        continue;
      }
    }
    const auto missing = std::find_if(top->behind.begin(), top->behind.end(), [](const OperationPtr& other) {
      return other->state != Operation::State::kDone;
    });
    if (missing != top->behind.end()) {
      path.push_back(*missing);
    } else if (process.device(top->device).executing) {
      process.changed().wait(lock);
    } else {
      run(lock, top);
    }
  }
  process.move_now_to(target->end_ns);
}

bool poll(Lock& lock, const OperationPtr& target) {
  Process& process = emulated_process();
  if (target->state != Operation::State::kDone && target->end_ns <= process.now_ns()) {
    const std::uint64_t now = process.now_ns();
    finish(lock, target);
    return target->end_ns <= now;
  }
  if (target->state == Operation::State::kDone && target->end_ns <= process.now_ns()) return true;
  process.move_now_to(process.now_ns() + process.poll_step_ns());
  return false;
}

void maybe_run_early(Lock& lock, int device_ordinal) {
  Process& process = emulated_process();
  if (process.configuration().order != Order::kRandom) return;
  Device& device = process.device(device_ordinal);
  if (device.random() % 4 != 0) return;
  if (const auto operation = random_ready(device, true)) run(lock, operation);
}

const Operation* running_operation() { return t_running; }

std::uint64_t look_at_clock() {
  t_clock_ns += kClockStepNs;
  return t_clock_ns;
}

}  // namespace geomsu::emulation
