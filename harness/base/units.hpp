// Quantities with a dimension. Text is converted once, here; inside, every value is in the SI unit of its dimension
// (FLOP/s, B/s, s, W, °C, won, FLOP/s per won ...) and G = 1e9, T = 1e12, Gi = 2^30. 1억 = 1e8 won.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace geomsu {

enum class Dimension {
  kNone,         // a plain number
  kFlops,        // FLOP/s, and OP/s of integer products
  kBandwidth,    // B/s
  kTokens,       // tokens/s
  kTime,         // s
  kBytes,        // B
  kPower,        // W
  kTemperature,  // °C
  kFrequency,    // Hz
  kRatio,        // 1; "5 %" is 0.05
  kWon,          // won; integer values are read by money/, this is for figures
  kFlopsPerWon,  // FLOP/s per won; "TFLOP/s/억원"
  kBandwidthPerWon,
  kTokensPerWon,      // tokens/s per won; "tokens/s/억원"
  kTokenCountPerWon,  // tokens per won, over a life; "tokens/원": another thing than a rate per won
};

struct Quantity {
  double value = 0;
  Dimension dimension = Dimension::kNone;
};

struct QuantityError {
  std::string message;  // "unknown unit 'TFLOPS'; did you mean 'TFLOP/s'?"
};

// Reads "700 TFLOP/s", "3.35 TB/s", "95 %", "1e3 GB/s", "-5 °C". Locale-independent; a number without a unit is kNone.
// No hexadecimal, no NaN, no infinity, no digits grouped by commas.
std::optional<Quantity> parse_quantity(std::string_view text, QuantityError* error);

std::string_view dimension_name(Dimension dimension);  // "throughput in FLOP/s"
std::string_view canonical_unit(Dimension dimension);  // "FLOP/s"
// Prints with the prefix that leaves 1..999 before the point and the wanted significant digits: "141.2 GFLOP/s", "–"
// for NaN.
std::string format_quantity(double value, Dimension dimension, int digits = 4);
// As above in one given unit, so that a bar and a measurement stand in the same unit: format_in(1.4e11, "GFLOP/s") =
// "140.0".
std::string format_in(double value, std::string_view unit, int digits = 4);

}  // namespace geomsu
