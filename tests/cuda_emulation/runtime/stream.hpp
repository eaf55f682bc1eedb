// Streams. Stream 0 is the legacy default stream of the current device: its work comes behind that of every stream made
// without cudaStreamNonBlocking, and theirs behind its own.
#pragma once

#include <memory>
#include <vector>

#include <cuda_runtime_api.h>

#include "tests/cuda_emulation/runtime/handle_table.hpp"
#include "tests/cuda_emulation/runtime/operation.hpp"

namespace geomsu::emulation {

struct Capture;  // graph.hpp

struct Stream {
  int device = 0;
  unsigned flags = cudaStreamDefault;
  int priority = 0;
  bool legacy = false;
  OperationPtr last;
  std::vector<OperationPtr> waits;  // events that the next operation comes behind
  std::shared_ptr<Capture> capture;
  std::vector<std::size_t> captured;  // nodes that the next captured operation comes behind
};

HandleTable<cudaStream_t, Stream>& streams();  // with the lock

// nullptr where the handle is no stream's; the default stream is the current device's.
Stream* stream_of(cudaStream_t handle, const char* who);

// Puts work at the stream's end: queued, or taken into the graph that is captured; nullptr then.
OperationPtr put(Lock& lock, Stream& stream, Work work);
// The same without a chance for queued work to run early, which lets go of the lock.
OperationPtr append(Lock& lock, Stream& stream, Work work);

// Everything queued on the stream so far; nullptr where that is nothing.
OperationPtr end_of(Lock& lock, Stream& stream);

void finish_device(Lock& lock, int device);
void finish_stream(Lock& lock, Stream& stream);

// What a call that waits or allocates returns while something is captured: cudaSuccess where nothing is.
cudaError_t refuse_in_capture();
cudaError_t refuse_in_capture(Stream& stream);

}  // namespace geomsu::emulation
