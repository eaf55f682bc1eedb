// What is measured of each operation: the one table. An operation without a row in it shows as a skipped case that says
// so, and fails a test.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/ops/operation.hpp"

namespace geomsu::bench {

struct Case {
  std::string size;          // "small", "edge", "large": part of the case's name, to be selected by
  ops::Params params;        // as given: defaults are left to the operation
  bool all_devices = false;  // one group of all of the plug-in's devices; else each device by itself
};

struct OperationCases {
  std::string_view operation;
  std::vector<Case> cases;
};

const std::vector<OperationCases>& case_table();

}  // namespace geomsu::bench
