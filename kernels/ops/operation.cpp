#include "kernels/ops/operation.hpp"

#include "kernels/ops/gemm.hpp"
#include "kernels/ops/memory.hpp"

namespace geomsu::ops {

const std::vector<const Operation*>& all() {
  static const std::vector<const Operation*> table{&gemm(), &memory()};
  return table;
}

const Operation* find(std::string_view name) {
  for (const Operation* operation : all()) {
    if (operation->name() == name) return operation;
  }
  return nullptr;
}

}  // namespace geomsu::ops
