// Which lines of CUDA source ran.
#include "tests/cuda_emulation/ptx/module.hpp"

namespace geomsu::emulation::ptx {

// What stands before the first .loc has no line, and is left out.
std::vector<LineHits> line_hits(const Module& module) {
  std::vector<LineHits> lines;
  for (std::size_t i = 0; i < module.lines.size(); ++i)
    if (!module.lines[i].file.empty())
      lines.push_back({module.lines[i].file, module.lines[i].line, module.hits[i].load(std::memory_order_relaxed)});
  return lines;
}

}  // namespace geomsu::emulation::ptx
