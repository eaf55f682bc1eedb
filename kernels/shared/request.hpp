// What a host asks for when it prepares a workload, checked by the operation itself.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/ops/operation.hpp"
#include "kernels/ops/params.hpp"

namespace geomsu::plugin {

struct Request {
  const ops::Operation* operation = nullptr;
  ops::Params params;              // complete
  std::uint64_t operand_sets = 1;  // wanted
};

// A setting that counts, from `least` on.
inline std::uint64_t count_setting(std::string_view key, const std::string& text, std::uint64_t least = 1) {
  const auto number = ops::parse_count(text);
  if (!number || *number < least) {
    throw Failure(GEOMSU_INVALID_ARGUMENT,
                  std::string(key) + " must be a count from " + std::to_string(least) + ", got '" + text + "'");
  }
  return *number;
}

// Failure UNSUPPORTED where `op` is none of what `backend` offers, INVALID_ARGUMENT for parameters that it does not
// take.
inline Request request_of(std::string_view backend, const std::vector<std::string>& offered, const std::string& op,
                          Params params) {
  Request request;
  request.operation = ops::find(op);
  if (request.operation == nullptr || std::find(offered.begin(), offered.end(), op) == offered.end()) {
    std::string list;
    for (std::size_t i = 0; i < offered.size(); ++i)
      list += (i == 0 ? "" : i + 1 == offered.size() ? " and " : ", ") + offered[i];
    throw Failure(GEOMSU_UNSUPPORTED, "the " + std::string(backend) + " backend offers " + list + ", not '" + op + "'");
  }
  if (const auto text = take(params, "operand_sets")) request.operand_sets = count_setting("operand_sets", *text);
  std::vector<ops::Problem> problems;
  request.params = request.operation->complete(params, problems);
  if (!problems.empty()) {
    std::string rules;
    for (const auto& problem : problems) rules += (rules.empty() ? "" : "; ") + problem.rule;
    throw Failure(GEOMSU_INVALID_ARGUMENT, op + ": " + rules);
  }
  return request;
}

}  // namespace geomsu::plugin
