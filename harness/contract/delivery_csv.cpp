#include "harness/contract/delivery_csv.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "harness/contract/csv_text.hpp"

namespace geomsu {
namespace {

constexpr std::size_t kMaxErrors = 50;  // of one list: who has mangled a column has mangled it in every row

struct Column {
  std::string_view name;
  UnitCell UnitCells::*cell;
};
constexpr std::array<Column, 7> kColumns{{{"serial", &UnitCells::serial},
                                          {"uuid", &UnitCells::uuid},
                                          {"node", &UnitCells::node},
                                          {"rack", &UnitCells::rack},
                                          {"sku", &UnitCells::sku},
                                          {"use", &UnitCells::use},
                                          {"tranche", &UnitCells::tranche}}};

std::vector<std::string> column_names() {
  std::vector<std::string> names;
  for (const Column& column : kColumns) names.emplace_back(column.name);
  return names;
}

const Column* find_column(std::string_view name) {
  const auto found = std::find_if(kColumns.begin(), kColumns.end(), [&](const Column& c) { return c.name == name; });
  return found == kColumns.end() ? nullptr : &*found;
}

Advice header_advice() {
  return {"the first line says which column is which",
          "write a first line like serial,node,rack; known columns are " + list_of(column_names())};
}

// The columns in the file's order, or nothing after an error.
std::optional<std::vector<const Column*>> read_header(const CsvRecord& header, Diagnostics& diagnostics) {
  const bool any = std::any_of(header.cells.begin(), header.cells.end(),
                               [](const CsvCell& cell) { return find_column(cell.text) != nullptr; });
  std::vector<const Column*> columns;
  bool good = true;
  for (const CsvCell& cell : header.cells) {
    const Column* column = find_column(cell.text);
    if (column == nullptr && any) {
      const std::string near = did_you_mean(cell.text, column_names());
      diagnostics.error(cell.at, fmt::format("unknown column {}{}", shown(cell.text), near),
                        {"nobody would read it",
                         near.empty() ? "known columns are " + list_of(column_names()) : "correct or remove it"});
      good = false;
    } else if (column != nullptr && std::find(columns.begin(), columns.end(), column) != columns.end()) {
      diagnostics.error(cell.at, fmt::format("the column {} stands twice", shown(cell.text)),
                        {"they may say two things of one unit", "remove one of them"});
      good = false;
    }
    columns.push_back(column);
  }
  if (!any) {
    diagnostics.error(header.at, "the first line names no known column", header_advice());
    return std::nullopt;
  }
  const bool named = std::any_of(columns.begin(), columns.end(), [](const Column* column) {
    return column != nullptr && (column->name == "serial" || column->name == "uuid");
  });
  if (!named) {
    diagnostics.error(header.at, "the list has neither a column 'serial' nor 'uuid'",
                      {"a unit is found by it", header_advice().next});
    good = false;
  }
  return good ? std::optional(columns) : std::nullopt;
}

std::optional<ListedUnit> read_row(const CsvRecord& record, const std::vector<const Column*>& columns,
                                   Diagnostics& diagnostics) {
  if (record.cells.size() != columns.size()) {
    diagnostics.error(
        record.at,
        fmt::format("the row has {} cells, and the first line names {} columns", record.cells.size(), columns.size()),
        {"which cell is which column is not known", "write an empty cell (,,) where nothing is to be said"});
    return std::nullopt;
  }
  UnitCells cells;
  cells.at = record.at;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    cells.*(columns[i]->cell) = UnitCell{record.cells[i].text, record.cells[i].at};
  }
  return listed_unit(cells, diagnostics);
}

}  // namespace

std::vector<ListedUnit> read_delivery_csv(std::string_view bytes, Diagnostics& diagnostics) {
  Diagnostics all(diagnostics.file());
  std::vector<ListedUnit> units;
  const auto records = read_csv(bytes, all);
  if (records && records->empty() && !all.has_error()) {
    all.error({}, "the list is empty", {"an empty scope is never accepted", header_advice().next});
  } else if (records && !records->empty()) {
    if (const auto columns = read_header(records->front(), all)) {
      if (records->size() == 1 && !all.has_error()) {
        all.error(records->front().at, "the list has a first line and no units",
                  {"an empty scope is never accepted", "write a row for each unit that was delivered"});
      }
      units.reserve(records->size() - 1);
      for (std::size_t i = 1; i < records->size(); ++i) {
        if (auto unit = read_row((*records)[i], *columns, all)) units.push_back(std::move(*unit));
      }
    }
  }
  diagnostics.append_clipped(all, kMaxErrors);
  return units;
}

}  // namespace geomsu
