#include "kernels/ops/operation.hpp"

#include "kernels/ops/collective.hpp"
#include "kernels/ops/gemm.hpp"
#include "kernels/ops/memory.hpp"
#include "kernels/ops/transfer.hpp"

namespace geomsu::ops {

double Operation::value(const Params& params, std::string_view, std::uint64_t repeats, std::int64_t ns) const {
  __extension__ using Wide = unsigned __int128;
  const Wide all = static_cast<Wide>(work(params)) * repeats;
  return static_cast<double>(all) * 1e9 / static_cast<double>(ns);
}

const std::vector<const Operation*>& all() {
  static const std::vector<const Operation*> table{&gemm(), &memory(), &collective(), &transfer()};
  return table;
}

const Operation* find(std::string_view name) {
  for (const Operation* operation : all()) {
    if (operation->name() == name) return operation;
  }
  return nullptr;
}

}  // namespace geomsu::ops
