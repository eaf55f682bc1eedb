#include "kernels/cuda/element.hpp"

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

#include "kernels/ops/rounding.hpp"

namespace geomsu::cuda {
namespace {

constexpr std::array<std::pair<std::string_view, Element>, 9> kNames{{
    {"fp64", Element::kFp64},
    {"fp32", Element::kFp32},
    {"tf32", Element::kTf32},
    {"bf16", Element::kBf16},
    {"fp16", Element::kFp16},
    {"fp8_e4m3", Element::kFp8E4M3},
    {"fp8_e5m2", Element::kFp8E5M2},
    {"int8", Element::kInt8},
    {"int32", Element::kInt32},
}};

}  // namespace

Element element_of(std::string_view dtype) {
  for (const auto& [name, element] : kNames) {
    if (name == dtype) return element;
  }
  throw std::invalid_argument("no element is called '" + std::string(dtype) + "'");
}

std::uint64_t bytes_of(Element element) {
  for (const auto& [name, known] : kNames) {
    if (known == element) return ops::find_dtype(name)->bytes;
  }
  throw std::invalid_argument("an element without a name");
}

}  // namespace geomsu::cuda
