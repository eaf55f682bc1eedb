// What the operations share when they check their parameters. Text in, text out: plug-ins get parameters as text too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/ops/generator.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::ops {

inline constexpr std::uint64_t kMaxExtent = 2147483647;             // 2^31 - 1, what BLAS interfaces take
inline constexpr std::uint64_t kMaxCount = 9223372036854775807ULL;  // 2^63 - 1: bounds FLOP, bytes and elements

// Decimal digits only: no sign, no blanks, no 0x; absent where it does not fit 64 bits.
std::optional<std::uint64_t> parse_count(std::string_view text);

// a * b, absent where it is beyond kMaxCount.
std::optional<std::uint64_t> product(std::optional<std::uint64_t> a, std::optional<std::uint64_t> b);

// Takes `given` through `specs`: unknown keys, missing values, values outside choices and integers outside 1..2^31-1
// become problems, the rest is returned with defaults. A default in parentheses, "(by dtype)", is left out for the
// operation to fill.
Params complete_by(const std::vector<ParamSpec>& specs, const Params& given, std::vector<Problem>& problems);

bool contains(const std::vector<std::string>& list, std::string_view item);
std::string join(const std::vector<std::string>& list);

// Of complete parameters; throws std::invalid_argument, naming the key, where they are not.
const std::string& text_of(const Params& params, std::string_view key);
std::uint64_t count_of(const Params& params, std::string_view key);
Data data_of(const Params& params);
const std::vector<std::string>& data_names();  // in the order of enum Data

}  // namespace geomsu::ops
