#include "tests/cuda_emulation/cublaslt/tests/desk.hpp"

#include <cstring>

#include <cuda_runtime_api.h>

#include "tests/cuda_emulation/runtime/emulation.hpp"

namespace geomsu::desk {
namespace {

std::unique_ptr<Desk>& current() {
  static auto the = std::make_unique<Desk>();
  return the;
}

}  // namespace

Desk& desk() { return *current(); }
void reset_desk() { current() = std::make_unique<Desk>(); }

void* allocate(std::uint64_t bytes) {
  const std::uint64_t address = desk().next_address;
  desk().next_address += (bytes + 1023) / 512 * 512;  // a gap behind each
  desk().memory[address] = {std::vector<std::byte>(bytes, std::byte{0xFF}), std::vector<bool>(bytes, false)};
  return reinterpret_cast<void*>(address);
}

void write(void* address, const void* from, std::size_t bytes) {
  std::memcpy(emulation::device_bytes(address, bytes, true, "test"), from, bytes);
}
void read(const void* address, void* to, std::size_t bytes) {
  std::memcpy(to, emulation::device_bytes(address, bytes, false, "test"), bytes);
}

void run_queue() {
  const auto queue = std::exchange(desk().queue, {});
  for (const auto& [cost, work] : queue) {
    desk().now_ns += cost;
    work();
  }
}

}  // namespace geomsu::desk

namespace geomsu::emulation {

void die(const std::string& words) { throw desk::Died(words); }

int planned_fault(const char* function) {
  const int call = ++geomsu::desk::desk().calls[function];
  const auto found = geomsu::desk::desk().faults.find(function);
  if (found == geomsu::desk::desk().faults.end() || found->second.first != call) return 0;
  return found->second.second;
}

void enqueue(cudaStream_t, const char*, std::uint64_t cost, std::function<void()> work) {
  geomsu::desk::desk().queue.emplace_back(cost, std::move(work));
}

std::byte* device_bytes(const void* pointer, std::size_t bytes, bool write, const char* who) {
  const auto address = reinterpret_cast<std::uint64_t>(pointer);
  auto& memory = geomsu::desk::desk().memory;
  auto found = memory.upper_bound(address);
  if (found == memory.begin()) die(std::string(who) + ": no device memory there");
  --found;
  const std::uint64_t offset = address - found->first;
  desk::Allocation& allocation = found->second;
  if (offset + bytes > allocation.bytes.size()) die(std::string(who) + ": beyond its memory");
  for (std::size_t i = offset; i < offset + bytes; ++i) {
    if (write) allocation.written[i] = true;
    if (!allocation.written[i]) die(std::string(who) + ": never written");
  }
  return allocation.bytes.data() + offset;
}

std::uint64_t cost_ns(double flop, double) { return static_cast<std::uint64_t>(flop) + 1000; }

}  // namespace geomsu::emulation

using geomsu::desk::desk;
using geomsu::emulation::planned_fault;

struct CUevent_st {
  std::uint64_t ns = 0;
};
struct CUstream_st {};

extern "C" {

cudaError_t cudaGetDevice(int* device) {
  *device = desk().device;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  desk().device = device;
  return cudaSuccess;
}
cudaError_t cudaSetDeviceFlags(unsigned) { return cudaSuccess; }
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  *value = 132;
  if (attribute == cudaDevAttrComputeCapabilityMajor) *value = desk().capability / 10;
  if (attribute == cudaDevAttrComputeCapabilityMinor) *value = desk().capability % 10;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {};
  desk().name.copy(static_cast<char*>(properties->name), sizeof properties->name - 1);
  properties->major = desk().capability / 10;
  properties->minor = desk().capability % 10;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetPCIBusId(char* to, int bytes, int) {
  std::strncpy(to, "0000:17:00.0", static_cast<std::size_t>(bytes));
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  *free = *total = desk().free_bytes;
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** to, std::size_t bytes) {
  if (const int status = planned_fault(__func__)) return static_cast<cudaError_t>(status);
  *to = geomsu::desk::allocate(bytes);
  return cudaSuccess;
}
cudaError_t cudaFree(void* pointer) {
  desk().memory.erase(reinterpret_cast<std::uint64_t>(pointer));
  return cudaSuccess;
}
cudaError_t cudaHostAlloc(void** to, std::size_t bytes, unsigned) {
  *to = ::operator new(bytes);
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* pointer) {
  ::operator delete(pointer);
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t) {
  if (kind == cudaMemcpyHostToDevice) {
    const auto* first = static_cast<const std::byte*>(from);
    desk().queue.emplace_back(0, [to, staged = std::vector<std::byte>(first, first + bytes)] {
      geomsu::desk::write(to, staged.data(), staged.size());
    });
  } else {
    desk().queue.emplace_back(0, [=] { geomsu::desk::read(from, to, bytes); });
  }
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = std::make_unique<CUstream_st>().release();
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const std::unique_ptr<CUstream_st> gone(stream);
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t) {
  geomsu::desk::run_queue();
  return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = std::make_unique<CUevent_st>().release();
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const std::unique_ptr<CUevent_st> gone(event);
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t) {
  desk().queue.emplace_back(0, [event] { event->ns = desk().now_ns; });
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t) {
  geomsu::desk::run_queue();
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t first, cudaEvent_t last) {
  *ms = static_cast<float>(last->ns - first->ns) * 1e-6F;
  return cudaSuccess;
}

cudaError_t cudaGetLastError() { return cudaSuccess; }
const char* cudaGetErrorName(cudaError_t) { return "cudaError"; }
const char* cudaGetErrorString(cudaError_t) { return "an error"; }

}  // extern "C"
