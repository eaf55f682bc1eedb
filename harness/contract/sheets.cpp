#include <algorithm>
#include <array>
#include <unordered_map>

#include <fmt/format.h>

#include "harness/contract/contract.hpp"
#include "harness/contract/fields.hpp"
#include "harness/contract/map_reader.hpp"
#include "harness/contract/yaml_node.hpp"

namespace geomsu {
namespace {

struct Cell {
  std::string_view key;
  Dimension dimension;
  std::string_view example;
};

// Every sheet has every cell: a figure with its unit, or `unknown`. What is left out was forgotten.
constexpr std::array<Cell, 11> kCells{{{"fp64", Dimension::kFlops, "67 TFLOP/s"},
                                       {"fp32", Dimension::kFlops, "67 TFLOP/s"},
                                       {"tf32", Dimension::kFlops, "494.5 TFLOP/s"},
                                       {"bf16", Dimension::kFlops, "989 TFLOP/s"},
                                       {"fp16", Dimension::kFlops, "989 TFLOP/s"},
                                       {"fp8", Dimension::kFlops, "1979 TFLOP/s"},
                                       {"fp4", Dimension::kFlops, "9000 TFLOP/s"},
                                       {"int8", Dimension::kFlops, "1979 TOP/s"},
                                       {"bandwidth", Dimension::kBandwidth, "3.35 TB/s"},
                                       {"memory", Dimension::kBytes, "80 GB"},
                                       {"tdp", Dimension::kPower, "700 W"}}};

std::optional<double> read_cell(MapReader& reader, const Cell& cell, Diagnostics& diagnostics) {
  const Advice advice{"a cell that is left out cannot be told from one that nobody knows",
                      fmt::format("write `{}: {}` or `{}: unknown`", cell.key, cell.example, cell.key)};
  const std::string key(cell.key);
  const YamlNode* node = reader.required_node(key, advice);
  if (node == nullptr || node->text == "unknown") return std::nullopt;
  const auto quantity = reader.required_quantity(key, cell.dimension, advice);
  if (!quantity) return std::nullopt;
  if (quantity->value > 0) return quantity->value;
  diagnostics.error(node->at, fmt::format("'{}' is not above zero", key), advice);
  return std::nullopt;
}

void read_check(MapReader& reader, DeviceSheet& sheet, Diagnostics& diagnostics) {
  const Advice advice{"it lists the cells without a sure source", "write `check: []`, or the names of such cells"};
  const YamlNode* node = reader.required_node("check", advice);
  if (node == nullptr) return;
  if (node->kind != YamlNode::Kind::kSequence) return diagnostics.error(node->at, "'check' must be a list", advice);
  for (const YamlNode& item : node->items) {
    const auto text = text_value(item, "a name in 'check'", diagnostics);
    if (!text) continue;
    const bool known = std::any_of(kCells.begin(), kCells.end(), [&](const Cell& cell) { return cell.key == *text; });
    if (!known) diagnostics.error(item.at, fmt::format("'check' names no cell: {}", shown(*text)), advice);
    sheet.check.push_back(*text);
  }
}

DeviceSheet read_sheet(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "a sheet", diagnostics);
  DeviceSheet sheet;
  sheet.sku = required_id(reader, "sku", diagnostics).value_or("");
  sheet.vendor =
      reader.required_text("vendor", {"generations are compared within a vendor", "write `vendor: ...`"}).value_or("");
  sheet.source =
      reader
          .required_text("source", {"a figure without a source is no datasheet figure", "write the page it stands on"})
          .value_or("");
  sheet.training =
      reader
          .required_choice<std::string>(
              "training", {{"offered", "offered"}, {"not_offered", "not_offered"}, {"experimental", "experimental"}},
              {"an inference part cannot fail a training clause the same way", "write `training: offered`"})
          .value_or("");
  for (const Cell& cell : kCells) {
    const auto value = read_cell(reader, cell, diagnostics);
    if (cell.key == "memory") {
      sheet.memory_bytes = value;
    } else if (cell.key == "tdp") {
      sheet.tdp_w = value;
    } else if (value) {
      sheet.peaks[std::string(cell.key)] = *value;
    }
  }
  read_check(reader, sheet, diagnostics);
  reader.finish();
  return sheet;
}

SheetLibrary read_sheets(const YamlNode& root, Diagnostics& diagnostics) {
  MapReader reader(root, "the file of sheets", diagnostics);
  SheetLibrary library;
  const Advice advice{"this file holds datasheets", "write `sheets:` and a list of them"};
  const YamlNode* sheets = reader.required_node("sheets", advice);
  reader.finish();
  if (sheets == nullptr) return library;
  if (sheets->kind != YamlNode::Kind::kSequence || sheets->items.empty()) {
    diagnostics.error(sheets->at, "'sheets' must be a list with at least one of them", advice);
    return library;
  }
  std::unordered_map<std::string, int> seen;
  for (const YamlNode& item : sheets->items) {
    DeviceSheet sheet = read_sheet(item, diagnostics);
    const auto [first, fresh] = seen.emplace(sheet.sku, item.at.line);
    if (!fresh && !sheet.sku.empty()) {
      diagnostics.error(item.at, fmt::format("the sku {} stands twice", shown(sheet.sku)),
                        {fmt::format("it already stands in line {}", first->second), "keep one of them"});
    }
    library.sheets.push_back(std::move(sheet));
  }
  return library;
}

}  // namespace

std::optional<double> DeviceSheet::sure_peak(const std::string& key) const {
  const auto found = peaks.find(key);
  if (found == peaks.end() || std::find(check.begin(), check.end(), key) != check.end()) return std::nullopt;
  return found->second;
}

Loaded<SheetLibrary> parse_sheets(std::string_view yaml, const std::string& name) {
  Diagnostics diagnostics(name);
  Loaded<SheetLibrary> loaded;
  loaded.bytes = yaml;
  loaded.path = name;
  if (const auto root = read_yaml(yaml, diagnostics)) {
    SheetLibrary library = read_sheets(*root, diagnostics);
    if (!diagnostics.has_error()) loaded.value = std::move(library);
  }
  loaded.diagnostics = diagnostics.sorted();
  return loaded;
}

}  // namespace geomsu
