// Which of CUDA's libraries this process has loaded: results are compared among equal ones only.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace geomsu::cuda {

// {"library.cudart", "13.0.0, /usr/local/cuda/lib64/libcudart.so.13"}, the same of cublasLt, and the driver's CUDA.
std::vector<std::pair<std::string, std::string>> loaded_libraries();

}  // namespace geomsu::cuda
