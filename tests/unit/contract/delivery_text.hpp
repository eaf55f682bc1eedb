// Contracts whose delivery is handed in, and lists that stand beside them.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "harness/base/hash.hpp"
#include "tests/unit/contract/contract_text.hpp"

namespace geomsu::test {

using Lists = std::map<std::string, std::string>;

// The small contract with `delivery` in the place of its own, read with these lists beside it. `before`: lines that
// stand before it.
inline Loaded<Contract> parse_delivery(const std::string& delivery, const Lists& lists = {},
                                       const std::string& before = "sku: h100-sxm") {
  const std::string text = edited({{7, before}, {8, delivery}, {9, "-"}, {10, "-"}, {11, "-"}});
  const Suite suite = suite_of(30);
  const SheetLibrary library = sheets();
  return parse_contract(text, "dir/c.yaml", &suite, &library, median_bound_exists,
                        [&lists](const std::string& path) -> std::optional<std::string> {
                          const auto found = lists.find(path);
                          return found == lists.end() ? std::nullopt : std::optional(found->second);
                        });
}

// `delivery: {list: 1.csv, sha256: ...}` of one list in a file.
inline Loaded<Contract> parse_list(const std::string& bytes) {
  return parse_delivery("delivery: {tranche: 1차, list: 1.csv, sha256: " + sha256_hex(bytes) + "}", {{"1.csv", bytes}});
}

}  // namespace geomsu::test
