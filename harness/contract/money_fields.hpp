// Fields of money that sheets and contracts share: amounts, rates, days, each exact and each with its place in
// messages. A field that is wrong is reported and comes back as a harmless value, so that all of a file is read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/contract/map_reader.hpp"
#include "harness/money/cost.hpp"

namespace geomsu {

// A unit that a number may be written in, and what it is multiplied by. Without a unit: an empty text.
struct ExactUnit {
  std::string text;
  Rational factor;
};

struct ExactRange {
  std::optional<Rational> least, most;
};

class MoneyReader {
 public:
  // All must outlive it. `currencies`: what may stand after an amount beside won.
  MoneyReader(MapReader& reader, Diagnostics& diagnostics, std::vector<std::string> currencies = {})
      : reader_(reader), diagnostics_(diagnostics), currencies_(std::move(currencies)) {}

  bool has(const std::string& key) { return reader_.optional_node(key) != nullptr; }
  std::string text(const std::string& key, const std::string& why);
  std::string source();  // `source:`, without which no figure stands
  Day day(const std::string& key);
  std::optional<Day> optional_day(const std::string& key);
  std::uint32_t count(const std::string& key, std::uint32_t least, std::uint32_t most);
  Won won(const std::string& key);
  Quoted price(const std::string& key);  // "1.5억원", "4,512.5원", "31,000 USD"; not negative
  // A number in one of the units, exactly; `example` is shown where it is none.
  Figure exact(const std::string& key, const std::vector<ExactUnit>& units, const ExactRange& range,
               const std::string& example);
  // "30 %", "0.75/1000", "0.3".
  Figure ratio(const std::string& key, const ExactRange& range = {Rational(0), Rational(1)});
  std::optional<Figure> optional_ratio(const std::string& key, const ExactRange& range = {Rational(0), Rational(1)});
  // "700 TFLOP/s": any unit, kept as it is written; above zero.
  Figure with_unit(const std::string& key, std::string& unit);
  // The items of a list under `key`, or none where it is absent; a thing that is no list is reported.
  std::vector<const YamlNode*> items(const std::string& key);
  Words words(const std::string& key);  // {ko: ..., en: ...}
  bool vat_included(const std::string& key);

 private:
  const YamlNode* scalar(const std::string& key, const Advice& advice, std::string& text);

  MapReader& reader_;
  Diagnostics& diagnostics_;
  std::vector<std::string> currencies_;
};

std::optional<bool> illustration_of(MapReader& reader);  // `illustration: true`: no real prices, and said so

}  // namespace geomsu
