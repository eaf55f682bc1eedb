// The library's handle: tied to the device that was current when it was made.
#pragma once

#include <cublasLt.h>

namespace geomsu::emulation::lt {

// False for NULL; dies for what is no handle, for one that was destroyed, and where another device is current.
bool is_live(cublasLtHandle_t handle, const char* who);

}  // namespace geomsu::emulation::lt
