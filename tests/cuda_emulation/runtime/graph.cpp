#include "tests/cuda_emulation/runtime/graph.hpp"

#include <utility>

#include "tests/cuda_emulation/runtime/entry.hpp"
#include "tests/cuda_emulation/runtime/process.hpp"

namespace geomsu::emulation {
namespace {

struct Executable {
  Graph graph;
  OperationPtr last;  // launches of one executable come behind each other
};

HandleTable<cudaGraph_t, Graph>& graphs() {
  static auto& all = *std::make_unique<HandleTable<cudaGraph_t, Graph>>("graph", 0x7300000000U).release();
  return all;
}

HandleTable<cudaGraphExec_t, Executable>& executables() {
  static auto& all =
      *std::make_unique<HandleTable<cudaGraphExec_t, Executable>>("executable graph", 0x7400000000U).release();
  return all;
}

// Whether every node comes before the end of the stream that the capture began on.
bool is_joined(const Capture& capture) {
  std::vector<bool> seen(capture.graph.nodes.size(), false);
  std::vector<std::size_t> open = capture.origin->captured;
  while (!open.empty()) {
    const std::size_t node = open.back();
    open.pop_back();
    if (seen[node]) continue;
    seen[node] = true;
    open.insert(open.end(), capture.graph.nodes[node].behind.begin(), capture.graph.nodes[node].behind.end());
  }
  for (const bool node : seen) {
    if (!node) return false;
  }
  return true;
}

cudaError_t end_capture(Stream& stream, cudaGraph_t* out) {
  if (!stream.capture) return cudaErrorIllegalState;
  const auto capture = stream.capture;
  if (capture->origin != &stream) return cudaErrorStreamCaptureUnmatched;
  const bool joined = is_joined(*capture);
  for (const auto& [handle, other] : streams().all()) {
    if (other->capture != capture) continue;
    other->capture = nullptr;
    other->captured.clear();
  }
  *out = nullptr;
  if (capture->invalid) return cudaErrorStreamCaptureInvalidated;
  if (!joined) return cudaErrorStreamCaptureUnjoined;
  *out = graphs().add(std::make_unique<Graph>(std::move(capture->graph)));
  return cudaSuccess;
}

cudaError_t launch(Lock& lock, Executable& executable, Stream& stream) {
  if (stream.capture) die("cudaGraphLaunch into a stream that is captured is not emulated");
  const auto start = end_of(lock, stream);
  std::vector<OperationPtr> operations;
  for (const GraphNode& node : executable.graph.nodes) {
    std::vector<OperationPtr> behind = {start, executable.last};
    for (const std::size_t before : node.behind) behind.push_back(operations[before]);
    operations.push_back(queue(lock, node.device, node.work, std::move(behind)));
  }
  operations.push_back(start);
  operations.push_back(executable.last);
  executable.last = queue(lock, stream.device, {"a graph's end", 0, nullptr, true}, std::move(operations));
  stream.last = executable.last;
  maybe_run_early(lock, stream.device);
  return cudaSuccess;
}

}  // namespace

}  // namespace geomsu::emulation

using namespace geomsu::emulation;  // NOLINT: entry points of CUDA stand outside any namespace

extern "C" {

cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode) {
  return enter("cudaStreamBeginCapture", Needs::kContext, [&](Lock&) {
    Stream* const stream = stream_of(handle, "cudaStreamBeginCapture");
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    if (stream->legacy) return cudaErrorStreamCaptureUnsupported;
    if (stream->capture) return cudaErrorIllegalState;
    stream->capture = std::make_shared<Capture>();
    stream->capture->origin = stream;
    stream->capture->mode = mode;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamIsCapturing(cudaStream_t handle, cudaStreamCaptureStatus* status) {
  return enter("cudaStreamIsCapturing", Needs::kContext, [&](Lock&) {
    const Stream* const stream = stream_of(handle, "cudaStreamIsCapturing");
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    *status = !stream->capture           ? cudaStreamCaptureStatusNone
              : stream->capture->invalid ? cudaStreamCaptureStatusInvalidated
                                         : cudaStreamCaptureStatusActive;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* out) {
  return enter("cudaStreamEndCapture", Needs::kContext, [&](Lock&) {
    Stream* const stream = stream_of(handle, "cudaStreamEndCapture");
    return stream == nullptr ? cudaErrorInvalidResourceHandle : end_capture(*stream, out);
  });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* out, cudaGraph_t handle, unsigned long long flags) {
  return enter("cudaGraphInstantiate", Needs::kContext, [&](Lock&) {
    const Graph* const graph = graphs().find(handle, "cudaGraphInstantiate");
    if (out == nullptr || graph == nullptr) return cudaErrorInvalidValue;
    if (flags != 0) die("cudaGraphInstantiate: flags are not emulated");
    *out = executables().add(std::make_unique<Executable>(Executable{*graph, nullptr}));
    return cudaSuccess;
  });
}

cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* out, cudaGraph_t graph, unsigned long long flags) {
  return cudaGraphInstantiate(out, graph, flags);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t handle, cudaStream_t stream_handle) {
  return enter("cudaGraphLaunch", Needs::kContext, [&](Lock& lock) {
    Executable* const executable = executables().find(handle, "cudaGraphLaunch");
    Stream* const stream = stream_of(stream_handle, "cudaGraphLaunch");
    if (executable == nullptr || stream == nullptr) return cudaErrorInvalidValue;
    return launch(lock, *executable, *stream);
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t handle) {
  return enter("cudaGraphDestroy", Needs::kContext, [&](Lock&) {
    if (graphs().find(handle, "cudaGraphDestroy") == nullptr) return cudaErrorInvalidValue;
    graphs().take(handle);
    return cudaSuccess;
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t handle) {
  return enter("cudaGraphExecDestroy", Needs::kContext, [&](Lock&) {
    if (executables().find(handle, "cudaGraphExecDestroy") == nullptr) return cudaErrorInvalidValue;
    executables().take(handle);
    return cudaSuccess;
  });
}

}  // extern "C"
