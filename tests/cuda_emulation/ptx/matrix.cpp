#include "tests/cuda_emulation/ptx/decoder.hpp"
namespace geomsu::emulation::ptx {
std::span<const Opcode> matrix_opcodes() { return {}; }
}  // namespace geomsu::emulation::ptx
