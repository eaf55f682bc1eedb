#include "tests/cuda_emulation/ptx/decoder.hpp"
namespace geomsu::emulation::ptx {
std::span<const Opcode> warp_opcodes() { return {}; }
}  // namespace geomsu::emulation::ptx
