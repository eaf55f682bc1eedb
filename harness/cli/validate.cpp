// geomsu validate: every mistake of a file at once.
#include <memory>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/base/text.hpp"
#include "harness/cli/inputs.hpp"
#include "harness/cli/json_text.hpp"
#include "harness/cli/verbs.hpp"

namespace geomsu::cli {
namespace {

// Which of the four kinds a file is: the top-level key that only that kind has. A contract where none is found, so that
// whoever forgets the clauses is told so.
std::string_view kind_of(std::string_view bytes) {
  std::size_t begin = 0;
  while (begin < bytes.size()) {
    const std::size_t end = std::min(bytes.find('\n', begin), bytes.size());
    const std::string_view line = bytes.substr(begin, end - begin);
    if (line.starts_with("clauses:")) return "contract";
    if (line.starts_with("plugins:")) return "site";
    if (line.starts_with("sheets:")) return "sheets";
    if (line.starts_with("blocks:") || line.starts_with("block_min:")) return "suite";
    begin = end + 1;
  }
  return "contract";
}

std::vector<Diagnostic> diagnose(const std::string& file, const Search& search, std::string_view& kind) {
  const std::filesystem::path path = search.config("contracts", file);
  const std::string bytes = read_file(path, 16u << 20);
  kind = kind_of(bytes);
  if (kind == "site") return parse_site(bytes, path.string()).diagnostics;
  if (kind == "sheets") return parse_sheets(bytes, path.string()).diagnostics;
  if (kind == "suite") return parse_suite(bytes, path.string()).diagnostics;
  return read_contract(file, search).diagnostics;
}

std::string diagnostic_json(const Diagnostic& diagnostic) {
  return JsonObject()
      .text("severity", diagnostic.severity == Diagnostic::Severity::kError ? "error" : "warning")
      .text("file", diagnostic.file)
      .number("line", diagnostic.line)
      .number("column", diagnostic.column)
      .text("what", diagnostic.what)
      .text("why", diagnostic.why)
      .text("next", diagnostic.next)
      .str();
}

int validate(Context& context, const std::vector<std::string>& files) {
  const Search search(context.search);
  std::vector<std::string> documents;
  std::size_t errors = 0, warnings = 0, missing = 0;
  for (const std::string& file : files) {
    std::string_view kind = "unknown";
    std::vector<Diagnostic> diagnostics;
    try {
      diagnostics = diagnose(file, search, kind);
    } catch (const Error& error) {  // one missing file hides nothing of the others
      if (error.code() != ErrorCode::kNoInput || files.size() == 1) throw;
      context.console.err(fmt::format("geomsu: {}", error.what()));
      ++missing;
      continue;
    }
    std::vector<std::string> items;
    for (const Diagnostic& diagnostic : diagnostics) {
      (diagnostic.severity == Diagnostic::Severity::kError ? errors : warnings) += 1;
      items.push_back(diagnostic_json(diagnostic));
    }
    if (context.console.json()) {
      documents.push_back(JsonObject()
                              .text("file", file)
                              .text("kind", kind)
                              .boolean("valid", !has_error(diagnostics))
                              .raw("diagnostics", json_array(items))
                              .str());
    } else {
      context.console.out(diagnostics_text(diagnostics));
      if (!has_error(diagnostics)) context.console.out(fmt::format("{}: a valid {}\n", escape_terminal(file), kind));
    }
  }
  if (context.console.json()) {
    context.console.out(JsonObject()
                            .boolean("valid", errors == 0 && missing == 0)
                            .number("errors", static_cast<std::int64_t>(errors))
                            .number("warnings", static_cast<std::int64_t>(warnings))
                            .raw("files", json_array(documents))
                            .str() +
                        "\n");
  } else if (errors + warnings > 0) {
    context.console.out(fmt::format("{} error(s), {} warning(s)\n", errors, warnings));
  }
  if (missing > 0) return static_cast<int>(ErrorCode::kNoInput);
  return errors > 0 ? static_cast<int>(ErrorCode::kBadData) : 0;
}

}  // namespace

Action declare_validate(Options& take) {
  const auto files = std::make_shared<std::vector<std::string>>();
  take.texts("FILE", *files, "Contracts, suites, sites or device sheets", true);
  return [files](Context& context) { return validate(context, *files); };
}

}  // namespace geomsu::cli
