#include "kernels/cuda/libraries.hpp"

#include <cstdlib>
#include <string_view>

#include <cublasLt.h>
#include <cuda_runtime_api.h>
#include <dlfcn.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cuda/check.hpp"

namespace geomsu::cuda {
namespace {

// CUDA counts 1000 * major + 10 * minor.
std::string cuda_version(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string file_of(const void* address) {
  Dl_info info{};
  return dladdr(address, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : "unknown file";
}

}  // namespace

void check_driver() {
  int runtime = 0, driver = 0;
  check(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  check(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  if (driver == 0) {
    throw plugin::Failure(GEOMSU_UNSUPPORTED,
                          "no NVIDIA driver is loaded on this node (cudaDriverGetVersion says 0); next: install the "
                          "driver that serves CUDA " +
                              cuda_version(runtime) +
                              ", load it (modprobe nvidia) and see that nvidia-smi lists the GPUs");
  }
  if (driver / 1000 < runtime / 1000) {
    throw plugin::Failure(GEOMSU_UNSUPPORTED,
                          "the NVIDIA driver serves CUDA " + cuda_version(driver) + ", this build wants " +
                              cuda_version(runtime) +
                              "; next: update the driver, or use a build of geomsu with the older toolkit");
  }
}

void check_environment() {
  const char* value = std::getenv("CUDA_LAUNCH_BLOCKING");
  if (value == nullptr || *value == 0 || std::string_view(value) == "0") return;
  throw plugin::Failure(GEOMSU_UNSUPPORTED,
                        "the environment sets CUDA_LAUNCH_BLOCKING=" + std::string(value) +
                            ", by which each launch waits for its end and no block is what a device does; next: unset "
                            "it where the worker is started");
}

std::vector<std::pair<std::string, std::string>> loaded_libraries() {
  int runtime = 0, driver = 0;
  check(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  check(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  const std::size_t lt = cublasLtGetVersion();
  return {
      {"library.cudart", cuda_version(runtime) + ", " + file_of(reinterpret_cast<const void*>(&cudaRuntimeGetVersion))},
      {"library.cublaslt", std::to_string(lt / 10000) + "." + std::to_string(lt % 10000 / 100) + "." +
                               std::to_string(lt % 100) + ", " +
                               file_of(reinterpret_cast<const void*>(&cublasLtGetVersion))},
      {"driver.cuda", cuda_version(driver)},
  };
}

}  // namespace geomsu::cuda
