// The fat binary that nvcc puts into a library, and the kernels that the library registers from it. Machine code in it
// is passed over; PTX is parsed when it is registered, so that what the interpreter does not know shows at load.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/cuda_emulation/ptx/ptx.hpp"

namespace geomsu::emulation {

class FatBinary {
 public:
  // `wrapper`: what __cudaRegisterFatBinary gets. Ends the process where it is not understood.
  explicit FatBinary(const void* wrapper);

  // The newest PTX not above the capability (10 * major + minor); nullptr where there is none.
  const ptx::Module* module_for(int capability) const;

 private:
  std::map<int, std::shared_ptr<const ptx::Module>> modules_;  // by capability
};

struct Kernel {
  std::string name;  // mangled
  const FatBinary* binary = nullptr;
  std::map<int, int> most_dynamic_shared;  // by device, where it was set
};

// With the lock. nullptr where no kernel is known by this host function.
Kernel* kernel_of(const void* host_function);

}  // namespace geomsu::emulation
