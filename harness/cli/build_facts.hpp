// Who this program is: what --version prints and what a bundle records.
#pragma once

#include <string>

namespace geomsu::cli {

std::string tool_name();   // "geomsu 0.1.0 (0123456789ab)"
std::string tool_build();  // compiler, build type, flags, commit: must match when a run is resumed
std::string version_text();
std::string cuda_absent();  // why geomsu_cuda.so is not in this build and what to do; empty where it was built

}  // namespace geomsu::cli
