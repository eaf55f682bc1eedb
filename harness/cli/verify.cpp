// geomsu verify: is the bundle, or every bundle of the lot, whole, and does its verdict follow from its numbers?
#include <memory>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/cli/bundle_path.hpp"
#include "harness/cli/json_text.hpp"
#include "harness/cli/table.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/judge/judge.hpp"
#include "harness/judge/lot_files.hpp"

namespace geomsu::cli {

Action declare_verify(Options& take) {
  const auto dir = std::make_shared<std::string>();
  take.text("DIR", *dir, "Bundle, or lot: a directory of bundles", true);
  return [dir](Context& context) {
    const bool lot = is_lot(existing_bundle(*dir));
    const Verification result = lot ? verify_lot(*dir) : verify(*dir);
    Console& console = context.console;
    if (console.json()) {
      std::vector<std::string> lines;
      for (const std::string& line : result.lines) lines.push_back(json_quote(line));
      console.out(JsonObject()
                      .boolean("ok", result.ok)
                      .number("exit_code", result.exit_code)
                      .raw("lines", json_array(lines))
                      .str());
      console.out("\n");
      return result.exit_code;
    }
    for (const std::string& line : result.lines) console.out(wrap_words(line, console.columns()));
    console.out(fmt::format("The {} {}.\n", lot ? "lot" : "bundle", result.ok ? "holds" : "does not hold"));
    return result.exit_code;
  };
}

}  // namespace geomsu::cli
