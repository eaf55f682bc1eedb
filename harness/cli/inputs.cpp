#include "harness/cli/inputs.hpp"

#include <algorithm>
#include <map>
#include <system_error>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/base/text.hpp"
#include "harness/judge/judge.hpp"

namespace geomsu::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kConfigBytes = 16u << 20;

void append(std::vector<Diagnostic>& to, const std::vector<Diagnostic>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

// The lists beside a contract, each read once, so that what is kept is what was hashed.
class ListFolder {
 public:
  explicit ListFolder(fs::path folder) : folder_(std::move(folder)) {}
  std::optional<std::string> read(const std::string& path) {
    const auto known = lists_.find(path);
    if (known != lists_.end()) return known->second;
    std::error_code failed;
    if (!fs::exists(folder_ / path, failed)) return std::nullopt;
    return lists_.emplace(path, read_file(folder_ / path, kConfigBytes)).first->second;
  }

 private:
  fs::path folder_;
  std::map<std::string, std::string> lists_;
};

}  // namespace

std::string diagnostics_text(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    std::string text = diagnostic.text();
    while (!text.empty() && text.back() == '\n') text.pop_back();
    std::size_t begin = 0;
    while (begin <= text.size()) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      out.append(escape_terminal(valid_utf8(std::string_view(text).substr(begin, end - begin)))).append("\n");
      begin = end + 1;
    }
  }
  return out;
}

bool has_error(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& diagnostic) { return diagnostic.severity == Diagnostic::Severity::kError; });
}

SheetLibrary read_sheets(const Search& search, std::vector<Diagnostic>& diagnostics) {
  SheetLibrary library;
  for (const fs::path& path : search.all_configs("devices")) {
    const Loaded<SheetLibrary> loaded = parse_sheets(read_file(path, kConfigBytes), path.string());
    append(diagnostics, loaded.diagnostics);
    if (!loaded.value) continue;
    for (const DeviceSheet& sheet : loaded.value->sheets) {
      if (library.find(sheet.sku) == nullptr) library.sheets.push_back(sheet);
    }
  }
  return library;
}

ContractInput read_contract(const std::string& name, const Search& search, const std::string& suite) {
  const fs::path path = search.config("contracts", name);
  const std::string bytes = read_file(path, kConfigBytes);
  ContractInput input;
  input.sheets = read_sheets(search, input.diagnostics);
  ListFolder lists(path.parent_path());
  const auto parse = [&](const Suite* found) {
    return parse_contract(bytes, path.string(), found, &input.sheets, bound_exists,
                          [&lists](const std::string& list) { return lists.read(list); });
  };
  // The contract names its suite, and the suite decides which bounds exist: read once for the name, then for good.
  input.contract = parse(nullptr);
  if (input.contract.value) {
    const fs::path suite_path = suite.empty() ? search.config("suites", input.contract.value->suite, path.parent_path())
                                              : search.config("suites", suite);
    const std::string suite_bytes = read_file(suite_path, kConfigBytes);
    input.suite = parse_suite(suite_bytes, suite_path.string());
    input.suite.bytes = suite_bytes;
    input.suite.path = suite_path.string();
    if (input.suite.value) input.suite.value->instead = !suite.empty();
    append(input.diagnostics, input.suite.diagnostics);
    if (input.suite.value) input.contract = parse(&*input.suite.value);
  }
  if (input.contract.value) {
    if (const DeviceSheet* sheet = input.sheets.find(input.contract.value->sku)) input.sheet = *sheet;
    for (const DeliveryFile& file : input.contract.value->delivery.files) {
      input.lists.push_back(lists.read(file.path).value_or(""));
    }
  }
  input.contract.bytes = bytes;
  input.contract.path = path.string();
  append(input.diagnostics, input.contract.diagnostics);
  return input;
}

ContractInput read_good_contract(const std::string& name, const Search& search, const std::string& suite) {
  ContractInput input = read_contract(name, search, suite);
  if (has_error(input.diagnostics) || !input.ok()) {
    throw Error(ErrorCode::kBadData, "the contract cannot be used:\n" + diagnostics_text(input.diagnostics),
                input.contract.path, "correct what is named above and run `geomsu validate` on it");
  }
  return input;
}

}  // namespace geomsu::cli
