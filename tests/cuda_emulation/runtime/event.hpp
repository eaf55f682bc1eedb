// Events: the end of a stream when they were recorded, in virtual time.
#pragma once

#include <memory>
#include <vector>

#include <cuda_runtime_api.h>

#include "tests/cuda_emulation/runtime/handle_table.hpp"
#include "tests/cuda_emulation/runtime/operation.hpp"

namespace geomsu::emulation {

struct Capture;

struct Event {
  int device = 0;
  unsigned flags = cudaEventDefault;
  OperationPtr recorded;             // nullptr: never recorded, or recorded while captured
  std::shared_ptr<Capture> capture;  // in which it was recorded last
  std::vector<std::size_t> captured;
};

HandleTable<cudaEvent_t, Event>& events();  // with the lock

}  // namespace geomsu::emulation
