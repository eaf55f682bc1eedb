#include "harness/base/unit_table.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "harness/base/text.hpp"

namespace geomsu {
namespace {

struct Prefix {
  std::string_view text;
  int power = 0;
};

constexpr std::array<Prefix, 7> kDecimal{{{"", 0}, {"k", 3}, {"M", 6}, {"G", 9}, {"T", 12}, {"P", 15}, {"E", 18}}};
constexpr std::array<Prefix, 4> kBinary{{{"Ki", 10}, {"Mi", 20}, {"Gi", 30}, {"Ti", 40}}};
constexpr std::array<Prefix, 4> kWon{{{"원", 0}, {"만원", 4}, {"억원", 8}, {"조원", 12}}};

using Table = std::vector<UnitEntry>;

void add(Table& table, std::string text, Dimension dimension, int ten, int two = 0, bool printed = true) {
  table.push_back({std::move(text), dimension, ten, two, printed});
}

// `steps` decimal prefixes, from none upwards.
void add_decimal(Table& table, const std::string& unit, Dimension dimension, std::size_t steps, bool printed = true) {
  for (std::size_t i = 0; i < steps; ++i) {
    add(table, std::string(kDecimal[i].text) + unit, dimension, kDecimal[i].power, 0, printed);
  }
}

void add_binary(Table& table, const std::string& unit, Dimension dimension) {
  for (const Prefix& prefix : kBinary) {
    add(table, std::string(prefix.text) + unit, dimension, 0, prefix.power, false);
  }
}

// Figures per won are printed per 억원, with a prefix on the figure: per won they would be unreadable.
void add_per_won(Table& table, const std::string& unit, Dimension dimension, std::size_t steps) {
  for (const Prefix& won : kWon) {
    for (std::size_t i = 0; i < steps; ++i) {
      add(table, std::string(kDecimal[i].text) + unit + "/" + std::string(won.text), dimension,
          kDecimal[i].power - won.power, 0, won.power == 8);
    }
  }
}

Table build() {
  Table table;
  add_decimal(table, "FLOP/s", Dimension::kFlops, 7);
  add_decimal(table, "OP/s", Dimension::kFlops, 7, false);
  add_decimal(table, "B/s", Dimension::kBandwidth, 6);
  add_binary(table, "B/s", Dimension::kBandwidth);
  add_decimal(table, "tokens/s", Dimension::kTokens, 1);
  for (const Prefix& step : {Prefix{"ns", -9}, Prefix{"us", -6}, Prefix{"ms", -3}, Prefix{"s", 0}}) {
    add(table, std::string(step.text), Dimension::kTime, step.power);
  }
  add_decimal(table, "B", Dimension::kBytes, 5);
  add_binary(table, "B", Dimension::kBytes);
  add_decimal(table, "W", Dimension::kPower, 3);
  add(table, "°C", Dimension::kTemperature, 0);
  add_decimal(table, "Hz", Dimension::kFrequency, 4);
  add(table, "%", Dimension::kRatio, -2);
  for (const Prefix& won : kWon) add(table, std::string(won.text), Dimension::kWon, won.power);
  add_per_won(table, "FLOP/s", Dimension::kFlopsPerWon, 7);
  add_per_won(table, "B/s", Dimension::kBandwidthPerWon, 6);
  add_per_won(table, "tokens/s", Dimension::kTokensPerWon, 1);
  for (const Prefix& won : kWon) {
    add(table, "tokens/" + std::string(won.text), Dimension::kTokenCountPerWon, -won.power, 0, won.power == 0);
  }
  return table;
}

// What people write where no edit distance would lead them to ours.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kHabits{{{"℃", "°C"},
                                                                                 {"C", "°C"},
                                                                                 {"µs", "us"},
                                                                                 {"μs", "us"},
                                                                                 {"sec", "s"},
                                                                                 {"seconds", "s"},
                                                                                 {"percent", "%"},
                                                                                 {"won", "원"},
                                                                                 {"KRW", "원"},
                                                                                 {"tok/s", "tokens/s"},
                                                                                 {"TOPS", "TOP/s"},
                                                                                 {"GOPS", "GOP/s"}}};

bool ends_with_bits(std::string_view text) {
  return text.ends_with("bit/s") || text.ends_with("bps") || text.ends_with("b/s");
}

}  // namespace

const std::vector<UnitEntry>& unit_table() {
  static const std::vector<UnitEntry> table = build();
  return table;
}

const UnitEntry* find_unit(std::string_view text) {
  for (const UnitEntry& unit : unit_table()) {
    if (unit.text == text) return &unit;
  }
  return nullptr;
}

std::string unknown_unit_message(std::string_view text) {
  const std::string message = fmt::format("unknown unit '{}'", clip(escape_terminal(text), 60));
  if (ends_with_bits(text)) return message + "; rates are read in bytes, write 'GB/s' for 8 times 1e9 bits a second";
  for (const auto& [habit, ours] : kHabits) {
    if (text == habit) return message + "; did you mean '" + std::string(ours) + "'?";
  }
  const std::string with_won = std::string(text) + "원";
  if (find_unit(with_won) != nullptr) return fmt::format("{}; did you mean '{}'?", message, with_won);
  std::vector<std::string> names;
  for (const UnitEntry& unit : unit_table()) names.push_back(unit.text);
  const std::string near = text.size() > 64 ? std::string() : closest(text, names);
  if (!near.empty()) return message + "; did you mean '" + near + "'?";
  return message + "; units are like 'TFLOP/s', 'GB/s', 'tokens/s', 'W', '°C', '%', '억원', 'TFLOP/s/억원'";
}

}  // namespace geomsu
