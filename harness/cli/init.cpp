// geomsu init: the draft of a contract from the device sheets.
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/clock.hpp"
#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/base/text.hpp"
#include "harness/cli/inputs.hpp"
#include "harness/cli/json_text.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/contract/calendar.hpp"
#include "harness/contract/draft.hpp"

namespace geomsu::cli {
namespace {

std::vector<DeviceSheet> chosen_sheets(const std::vector<std::string>& skus, const SheetLibrary& library) {
  std::vector<DeviceSheet> sheets;
  for (const std::string& sku : skus) {
    const DeviceSheet* sheet = library.find(sku);
    if (sheet == nullptr) {
      std::vector<std::string> known;
      for (const DeviceSheet& each : library.sheets) known.push_back(each.sku);
      const std::string near = closest(sku, known);
      throw Error(ErrorCode::kUsage,
                  fmt::format("there is no device sheet for sku '{}'{}", escape_terminal(sku),
                              near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
                  "--sku", fmt::format("sheets are there for {}", fmt::join(known, ", ")));
    }
    for (const DeviceSheet& other : sheets) {
      if (other.sku == sku)
        throw Error(ErrorCode::kUsage, fmt::format("sku '{}' is named twice", escape_terminal(sku)), "--sku",
                    "name each once");
    }
    sheets.push_back(*sheet);
  }
  return sheets;
}

int init(Context& context, const std::vector<std::string>& skus, const std::string& out) {
  if (skus.empty()) {
    throw Error(ErrorCode::kUsage, "no part is named", "init",
                "geomsu init --sku h100-sxm; configs/devices has the names");
  }
  const Search search(context.search);
  std::vector<Diagnostic> diagnostics;
  const SheetLibrary library = read_sheets(search, diagnostics);
  if (has_error(diagnostics)) {
    throw Error(ErrorCode::kBadData, "the device sheets cannot be used:\n" + diagnostics_text(diagnostics), "devices",
                "correct what is named above");
  }
  const std::vector<DeviceSheet> sheets = chosen_sheets(skus, library);
  SystemClock clock;
  const std::string text = draft_contract(sheets, seoul_date(clock.utc_ns()));
  if (!out.empty()) {
    std::error_code failed;
    if (std::filesystem::exists(out, failed)) {
      throw Error(ErrorCode::kCannotCreate, "exists already", out, "name a new file, or remove this one");
    }
    write_file_atomic(out, text);
  }
  Console& console = context.console;
  if (console.json()) {
    console.out(JsonObject().text("file", out).text("contract", text).str() + "\n");
    return 0;
  }
  if (out.empty()) {
    console.out(text);
  } else if (!console.options().quiet) {
    console.err(
        fmt::format("Written: {}\nnext: replace every TODO, and the bars by the proposal's figures; then geomsu "
                    "validate {}",
                    escape_terminal(out), escape_terminal(shell_quote(out))));
  }
  return 0;
}

}  // namespace

Action declare_init(Options& take) {
  struct InitFlags {
    std::vector<std::string> skus;
    std::string out;
  };
  const auto flags = std::make_shared<InitFlags>();
  take.texts("--sku", flags->skus, "Part that is bought, as configs/devices calls it; may be given again");
  take.text("-o,--output", flags->out, "Write the draft here (must not exist); else to stdout");
  return [flags](Context& context) { return init(context, flags->skus, flags->out); };
}

}  // namespace geomsu::cli
