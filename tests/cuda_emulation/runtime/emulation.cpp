// What the other emulated libraries and the plug-in get beside CUDA's own functions, and the report at the end.
#include "tests/cuda_emulation/runtime/emulation.hpp"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include <unistd.h>

#include "tests/cuda_emulation/runtime/event.hpp"
#include "tests/cuda_emulation/runtime/fat_binary.hpp"
#include "tests/cuda_emulation/runtime/process.hpp"
#include "tests/cuda_emulation/runtime/stream.hpp"

extern "C" void __gcov_dump() __attribute__((weak));  // NOLINT: gcov's name; there under coverage alone

namespace geomsu::emulation {

void die(const std::string& words) {
  std::fprintf(stderr, "CUDA emulation: %s\n", words.c_str());
  std::fflush(nullptr);
  if (__gcov_dump != nullptr) __gcov_dump();
  std::abort();
}

int planned_fault(const char* function) { return emulated_process().faults().next(function, current_device()); }

void enqueue(cudaStream_t handle, const char* what, std::uint64_t cost, std::function<void()> work) {
  Lock lock(emulated_process().mutex());
  Stream* const stream = stream_of(handle, what);
  if (stream == nullptr) die(std::string(what) + ": no stream has this handle");
  if (stream->device != current_device()) {
    die(std::string(what) + ": a stream of device " + std::to_string(stream->device) + " while device " +
        std::to_string(current_device()) + " is current");
  }
  put(lock, *stream, {what, cost, std::move(work), true});
}

namespace {

std::uint64_t now_ns() {
  const Lock lock(emulated_process().mutex());
  return emulated_process().now_ns();
}

void advance_ns(std::uint64_t ns) {
  const Lock lock(emulated_process().mutex());
  emulated_process().move_now_to(emulated_process().now_ns() + ns);
}

// What was not freed, but for devices that were lost, whose memory cannot be.
std::size_t report_leaks(Process& process) {
  std::size_t leaks = 0;
  const auto lost = [&process](int device) {
    return process.has(device) && process.device(device).lost != cudaSuccess;
  };
  for (const Range& range : process.space().live()) {
    if (lost(range.device)) continue;
    ++leaks;
    std::fprintf(stderr, "CUDA emulation: leak: %llu bytes of %s at %s, device %d\n",
                 static_cast<unsigned long long>(range.last - range.first),
                 range.pinned ? "pinned host memory" : "device memory", address_text(range.first).c_str(),
                 range.device);
  }
  for (const auto& [handle, stream] : streams().all()) {
    if (lost(stream->device)) continue;
    ++leaks;
    std::fprintf(stderr, "CUDA emulation: leak: a stream of device %d\n", stream->device);
  }
  for (const auto& [handle, event] : events().all()) {
    if (lost(event->device)) continue;
    ++leaks;
    std::fprintf(stderr, "CUDA emulation: leak: an event of device %d\n", event->device);
  }
  return leaks;
}

// After the destructors of whatever was linked against this library.
__attribute__((destructor)) void report_at_exit() {
  if (!has_emulated_process()) return;  // loaded, never used
  Process& process = emulated_process();
  const Lock lock(process.mutex());
  for (const std::string& fault : process.faults().not_met()) {
    std::fprintf(stderr, "CUDA emulation: a planned fault never came: %s\n", fault.c_str());
  }
  if (!process.configuration().calls.empty()) process.faults().append_calls(process.configuration().calls);
  if (!process.configuration().kernel_hits.empty()) write_line_hits(process.configuration().kernel_hits);
  const std::size_t leaks = report_leaks(process);
  if (leaks == 0 || !process.configuration().leaks_fail) return;
  std::fflush(nullptr);
  if (__gcov_dump != nullptr) __gcov_dump();
  _exit(kLeakStatus);
}

}  // namespace
}  // namespace geomsu::emulation

extern "C" const geomsu_cuda_emulation geomsu_cuda_emulation_marker = {
    sizeof(geomsu_cuda_emulation), geomsu::emulation::now_ns, geomsu::emulation::advance_ns};
