// What scenarios share: each is a C function of a library that is linked against CUDA as a plug-in is. It throws where
// it sees what it must not see, and the program that called it then ends with 1.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include <cuda_runtime_api.h>

namespace scenarios {

inline void want(cudaError_t status, cudaError_t wanted, const char* call) {
  if (status == wanted) return;
  throw std::runtime_error(std::string(call) + " gives " + cudaGetErrorName(status) + ", wanted " +
                           cudaGetErrorName(wanted));
}
inline void ok(cudaError_t status, const char* call) { want(status, cudaSuccess, call); }

inline void want(bool held, const char* words) {
  if (!held) throw std::runtime_error(words);
}

inline int* device_ints(int count) {
  void* pointer = nullptr;
  ok(cudaMalloc(&pointer, static_cast<std::size_t>(count) * sizeof(int)), "cudaMalloc");
  return static_cast<int*>(pointer);
}

inline int* pinned_ints(int count) {
  void* pointer = nullptr;
  ok(cudaHostAlloc(&pointer, static_cast<std::size_t>(count) * sizeof(int), cudaHostAllocMapped), "cudaHostAlloc");
  return static_cast<int*>(pointer);
}

inline void to_device(int* to, const std::vector<int>& from) {
  ok(cudaMemcpy(to, from.data(), from.size() * sizeof(int), cudaMemcpyHostToDevice), "cudaMemcpy");
}

inline std::vector<int> to_host(const int* from, int count) {
  std::vector<int> out(static_cast<std::size_t>(count));
  ok(cudaMemcpy(out.data(), from, out.size() * sizeof(int), cudaMemcpyDeviceToHost), "cudaMemcpy");
  return out;
}

struct NewStream {
  explicit NewStream(unsigned flags = cudaStreamNonBlocking) {
    ok(cudaStreamCreateWithFlags(&handle, flags), "cudaStreamCreateWithFlags");
  }
  ~NewStream() { cudaStreamDestroy(handle); }
  NewStream(const NewStream&) = delete;
  NewStream& operator=(const NewStream&) = delete;
  cudaStream_t handle = nullptr;
};

struct NewEvent {
  explicit NewEvent(unsigned flags = cudaEventDefault) {
    ok(cudaEventCreateWithFlags(&handle, flags), "cudaEventCreateWithFlags");
  }
  ~NewEvent() { cudaEventDestroy(handle); }
  NewEvent(const NewEvent&) = delete;
  NewEvent& operator=(const NewEvent&) = delete;
  cudaEvent_t handle = nullptr;
};

}  // namespace scenarios
