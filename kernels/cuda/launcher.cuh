// Starts kernels on a stream; Failure as check() throws it where the runtime refuses the launch.
#pragma once

#include <cuda_runtime.h>

#include "kernels/cuda/check.hpp"

namespace geomsu::cuda {

struct Launcher {
  cudaStream_t stream;
  const char* name;  // for the words of a failure

  template <typename... Parameters, typename... Arguments>
  void operator()(void (*kernel)(Parameters...), unsigned blocks, unsigned threads, Arguments... arguments) const {
    static_cast<void>(cudaGetLastError());  // of a call that nobody asked about: it is not this launch's
    kernel<<<blocks, threads, 0, stream>>>(static_cast<Parameters>(arguments)...);
    check(cudaGetLastError(), "cudaLaunchKernel", name);
  }
};

}  // namespace geomsu::cuda
