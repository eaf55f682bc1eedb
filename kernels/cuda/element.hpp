// Elements of tensors as they lie in device memory.
#pragma once

#include <cstdint>
#include <string_view>

namespace geomsu::cuda {

// kTf32: fp32 in memory, its low 13 bits zero.
enum class Element : std::uint32_t { kFp64, kFp32, kTf32, kBf16, kFp16, kFp8E4M3, kFp8E5M2, kInt8, kInt32 };

Element element_of(std::string_view dtype);  // std::invalid_argument for a name that kernels/ops does not know
std::uint64_t bytes_of(Element element);

}  // namespace geomsu::cuda
