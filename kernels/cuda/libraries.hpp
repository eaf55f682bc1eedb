// Which of CUDA's libraries this process has loaded: results are compared among equal ones only.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace geomsu::cuda {

// {"library.cudart", "13.0.0, /usr/local/cuda/lib64/libcudart.so.13"}, the same of cublasLt, and the driver's CUDA.
std::vector<std::pair<std::string, std::string>> loaded_libraries();

// Failure UNSUPPORTED with cause and next step where there is no driver, or one that does not serve this runtime:
// within a major version of CUDA an older driver serves a newer runtime, across majors it does not (CUDA Compatibility,
// NVIDIA).
void check_driver();

// Failure UNSUPPORTED where the environment makes CUDA wait for each kernel: a block would time the host's launches.
void check_environment();

}  // namespace geomsu::cuda
