#include "kernels/cuda/element.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "kernels/cuda/stored.hpp"

namespace geomsu::cuda {
namespace {

constexpr std::array<std::string_view, 9> kNames{"fp64",     "fp32",     "tf32", "bf16", "fp16",
                                                 "fp8_e4m3", "fp8_e5m2", "int8", "int32"};  // in the order of Element

}  // namespace

Element element_of(std::string_view dtype) {
  const auto* found = std::find(kNames.begin(), kNames.end(), dtype);
  if (found == kNames.end()) throw std::invalid_argument("no element type is called '" + std::string(dtype) + "'");
  return static_cast<Element>(found - kNames.begin());
}

std::uint64_t bytes_of(Element element) {
  return with_stored(element, [](auto stored) { return std::uint64_t{sizeof(typename decltype(stored)::Word)}; });
}

}  // namespace geomsu::cuda
