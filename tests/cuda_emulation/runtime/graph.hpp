// Graphs, made by capture alone.
#pragma once

#include <memory>
#include <vector>

#include <cuda_runtime_api.h>

#include "tests/cuda_emulation/runtime/handle_table.hpp"
#include "tests/cuda_emulation/runtime/operation.hpp"
#include "tests/cuda_emulation/runtime/stream.hpp"

namespace geomsu::emulation {

struct GraphNode {
  int device = 0;
  Work work;
  std::vector<std::size_t> behind;
};

struct Graph {
  std::vector<GraphNode> nodes;
};

struct Capture {
  Graph graph;
  Stream* origin = nullptr;
  cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  bool invalid = false;
};

}  // namespace geomsu::emulation
