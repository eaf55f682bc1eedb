// The pieces of the terminal's page, whose text is never wider than told and never carries a device's control
// characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/verdict.hpp"
#include "reports/exporters/exporters.hpp"

namespace geomsu {

class Painter {
 public:
  explicit Painter(bool colour) : colour_(colour) {}
  std::string paint(Outcome outcome, const std::string& text) const;  // in the outcome's colour
  std::string bold(const std::string& text) const;

 private:
  bool colour_;
};

std::string shown_text(std::string_view text);  // control characters made visible, what is no UTF-8 replaced
// Words broken at spaces (and inside a word that is wider than the line), each line begun by `indent` spaces.
std::string wrap(std::string_view text, std::size_t indent, std::size_t columns);

std::string listed(const std::vector<std::string>& names, Language language);  // "a, b, c and 4 more"

// The lot's decision, what becomes of its nodes, its bundles, and the units that a person should look at first; empty
// of a single bundle without a sampling plan.
std::string text_lot(const Verdict& verdict, std::size_t columns, const Painter& painter, Language language);

}  // namespace geomsu
