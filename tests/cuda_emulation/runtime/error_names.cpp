// cudaGetErrorName and cudaGetErrorString, in the real library's words (error_table.cpp).
#include <iterator>

#include <cuda_runtime_api.h>

namespace {

struct Words {
  int status;
  const char *name, *text;
};
constexpr Words kWords[] = {
#include "error_table.inc"
};

}  // namespace

extern "C" {

const char* cudaGetErrorName(cudaError_t status) {
  for (const Words& words : kWords) {
    if (words.status == status) return words.name;
  }
  return "unrecognized error code";
}

const char* cudaGetErrorString(cudaError_t status) {
  for (const Words& words : kWords) {
    if (words.status == status) return words.text;
  }
  return "unrecognized error code";
}

}  // extern "C"
