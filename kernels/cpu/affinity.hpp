// Which cores a thread may run on. Core numbers are the kernel's.
#pragma once

#include <string>
#include <vector>

namespace geomsu::cpu {

std::vector<int> allowed_cores();                   // of the calling thread
void pin(const std::vector<int>& cores);            // the calling thread; Failure where the kernel refuses
std::string ranges(const std::vector<int>& cores);  // "0-3,8": sorted

}  // namespace geomsu::cpu
