// What all fuzz targets share: a demand that holds in every build, and the shape of a diagnostic that helps.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "harness/contract/contract.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace geomsu::fuzz {

inline void demand(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "DEMAND BROKEN: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Every refusal says where, what, why and what next; a value comes back just where there is no error.
inline void demand_helpful(const std::vector<Diagnostic>& diagnostics, bool has_value, std::string_view text) {
  const auto lines = 2 + std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r');
  bool errors = false;
  for (const Diagnostic& diagnostic : diagnostics) {
    errors = errors || diagnostic.severity == Diagnostic::Severity::kError;
    demand(!diagnostic.what.empty() && !diagnostic.why.empty() && !diagnostic.next.empty(), "a refusal without words");
    demand(!diagnostic.file.empty() && diagnostic.line >= 1 && diagnostic.column >= 1, "a refusal without a place");
    demand(diagnostic.line <= lines, "a place beyond the file");
  }
  demand(errors != has_value, "a value beside an error, or neither");
}

}  // namespace geomsu::fuzz
