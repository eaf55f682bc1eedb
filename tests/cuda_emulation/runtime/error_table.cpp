// Run while building, with the real library: prints each status with its name and text for error_names.cpp.
#include <cstdio>
#include <string_view>

#include <cuda_runtime_api.h>

int main() {
  constexpr int kMost = 1100;  // cudaErrorUnknown is 999
  for (int status = 0; status < kMost; ++status) {
    const char* const name = cudaGetErrorName(static_cast<cudaError_t>(status));
    if (std::string_view(name) == "unrecognized error code") continue;
    std::printf("{%d, \"%s\", \"%s\"},\n", status, name, cudaGetErrorString(static_cast<cudaError_t>(status)));
  }
}
